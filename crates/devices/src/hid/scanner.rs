//! Finds a scanner, listens, and opens it again when it went away.

use std::fmt;
use std::io::{self, ErrorKind};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hidapi::{DeviceInfo, HidApi, HidDevice, MAX_REPORT_DESCRIPTOR_SIZE};
use yanma_barcode::Symbology;

use super::descriptor;
use super::layout::{ReportLayout, layouts};
use super::stream::{HidReading, ReportStream};
use crate::event::{DeviceEvent, DeviceId, DeviceState, Notice, Seen, SeenKind, Sink};
use crate::threads::{Crew, Line};
use crate::wire::is_pause;

/// The usage page of bar code scanners.
const SCANNERS: u16 = 0x8C;

/// From here on usage pages are the makers' own.
const VENDORS_OWN: u16 = 0xFF00;

/// Honeywell's scanners tell nothing before this feature report was sent to them.
const HONEYWELL: u16 = 0x0C2E;
const HONEYWELL_WAKES: [u8; 2] = [0xFE, 0x01];

/// How long one look at the scanner may last: shorter than the pause that ends a reading.
const LOOK_MS: i32 = 20;

/// How long to wait before a lost scanner is looked for again.
const RETRY: Duration = Duration::from_millis(500);

/// How long stopping waits for the thread.
const STOP: Duration = Duration::from_secs(1);

/// Which scanner to listen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HidChoice {
    /// The first that is there in the mode HID POS.
    Any,
    /// This one: in the mode HID POS, or with reports on a page of its maker's own.
    One {
        /// USB vendor number.
        vendor: u16,
        /// USB product number.
        product: u16,
        /// Its serial number, where two of a kind must be told apart.
        serial: Option<String>,
    },
}

impl HidChoice {
    /// The device's id: `hid:any`, `hid:0c2e:0b61` or `hid:0c2e:0b61:SERIAL`.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        DeviceId::from_text(&format!("hid:{self}"))
    }

    fn takes(&self, device: &DeviceInfo) -> bool {
        match self {
            Self::Any => device.usage_page() == SCANNERS,
            Self::One { vendor, product, serial } => {
                (device.vendor_id(), device.product_id()) == (*vendor, *product)
                    && serial.as_deref().is_none_or(|serial| device.serial_number() == Some(serial))
                    && (device.usage_page() == SCANNERS || device.usage_page() >= VENDORS_OWN)
            }
        }
    }
}

impl fmt::Display for HidChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::One { vendor, product, serial } => {
                write!(f, "{vendor:04x}:{product:04x}")?;
                serial.as_ref().map_or(Ok(()), |serial| write!(f, ":{serial}"))
            }
        }
    }
}

/// A text that names no scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give `any`, or a scanner's USB numbers such as 0c2e:0b61, or 0c2e:0b61:SERIAL")]
pub struct HidChoiceError;

impl FromStr for HidChoice {
    type Err = HidChoiceError;

    /// Takes what [`HidChoice::id`] gives, with or without `hid:`.
    fn from_str(text: &str) -> Result<Self, HidChoiceError> {
        let text = text.trim();
        let text = text.strip_prefix("hid:").unwrap_or(text);
        if text == "any" {
            return Ok(Self::Any);
        }
        let number = |part: Option<&str>| {
            let part = part.filter(|part| (1..=4).contains(&part.len()))?;
            let hex = part.bytes().all(|byte| byte.is_ascii_hexdigit());
            u16::from_str_radix(part, 16).ok().filter(|_| hex)
        };
        let mut parts = text.splitn(3, ':');
        match (number(parts.next()), number(parts.next()), parts.next()) {
            (Some(_), Some(_), Some("")) => Err(HidChoiceError),
            (Some(vendor), Some(product), serial) => {
                Ok(Self::One { vendor, product, serial: serial.map(str::to_owned) })
            }
            _ => Err(HidChoiceError),
        }
    }
}

/// A scanner in the mode HID POS that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HidInfo {
    /// What chooses it.
    pub choice: HidChoice,
    /// Its name as the maker gives it, or its numbers.
    pub name: String,
}

/// The scanners in the mode HID POS that are plugged in.
#[must_use]
pub fn list() -> Vec<HidInfo> {
    let Ok(system) = HidApi::new() else { return Vec::new() };
    let mut scanners: Vec<HidInfo> = Vec::new();
    for device in system.device_list().filter(|device| HidChoice::Any.takes(device)) {
        let serial = device.serial_number().filter(|serial| !serial.is_empty());
        let choice = HidChoice::One {
            vendor: device.vendor_id(),
            product: device.product_id(),
            serial: serial.map(str::to_owned),
        };
        let named = device.product_string().map(str::trim).filter(|name| !name.is_empty());
        let name = named.map_or_else(|| choice.to_string(), str::to_owned);
        // A scanner may show several doors of one kind.
        if !scanners.iter().any(|scanner| scanner.choice == choice) {
            scanners.push(HidInfo { choice, name });
        }
    }
    scanners
}

/// An open scanner.
pub trait Reports {
    /// What stands where in its reports.
    fn layouts(&self) -> Vec<ReportLayout>;

    /// Waits a little for one report. [`ErrorKind::TimedOut`] says that none came; any other
    /// error says that the scanner is gone.
    ///
    /// # Errors
    /// See above.
    fn read_report(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A way to open a scanner: the real one, and what tests put in its place.
pub trait HidSource: Send + 'static {
    /// Its id.
    fn id(&self) -> DeviceId;

    /// Opens it, now or again.
    ///
    /// # Errors
    /// Whatever the operating system says; it is tried again later in any case.
    fn open(&mut self) -> io::Result<Box<dyn Reports>>;
}

/// A scanner on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HidScanner(pub HidChoice);

impl HidSource for HidScanner {
    fn id(&self) -> DeviceId {
        self.0.id()
    }

    fn open(&mut self) -> io::Result<Box<dyn Reports>> {
        let system = HidApi::new().map_err(io::Error::other)?;
        let mut fitting: Vec<_> =
            system.device_list().filter(|device| self.0.takes(device)).collect();
        // The door for scanners goes before those of the maker's own.
        fitting.sort_by_key(|device| device.usage_page() != SCANNERS);
        let about = fitting.first().ok_or(ErrorKind::NotFound)?;
        let device = about.open_device(&system).map_err(|error| refused_or(about, error))?;
        let mut descriptor = vec![0; MAX_REPORT_DESCRIPTOR_SIZE];
        let size = device.get_report_descriptor(&mut descriptor).unwrap_or(0);
        descriptor.truncate(size);
        let vendor = about.vendor_id();
        let wakes = vendor == HONEYWELL
            && descriptor::read(&descriptor).features.contains(&HONEYWELL_WAKES[0]);
        if wakes && device.send_feature_report(&HONEYWELL_WAKES).is_err() {
            tracing::info!(device = %self.id(), "the scanner does not take what wakes it");
        }
        let layouts = layouts(vendor, &descriptor);
        Ok(Box::new(Opened { device, layouts }))
    }
}

/// hidapi tells what went wrong in words only.
fn refused_or(device: &DeviceInfo, error: hidapi::HidError) -> io::Error {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};

        if access(device.path(), Access::READ_OK | Access::WRITE_OK)
            == Err(rustix::io::Errno::ACCESS)
        {
            return ErrorKind::PermissionDenied.into();
        }
    }
    #[cfg(not(unix))]
    let _ = device;
    io::Error::other(error)
}

struct Opened {
    device: HidDevice,
    layouts: Vec<ReportLayout>,
}

impl Reports for Opened {
    fn layouts(&self) -> Vec<ReportLayout> {
        self.layouts.clone()
    }

    fn read_report(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.device.read_timeout(buffer, LOOK_MS).map_err(io::Error::other)? {
            0 => Err(ErrorKind::TimedOut.into()),
            count => Ok(count),
        }
    }
}

/// Listens to a scanner until stopped. Each reading arrives as [`DeviceEvent::Seen`]; a scanner
/// that goes away is told as lost and opened again when it comes back.
pub fn run(source: impl HidSource, sink: Sink) -> HidHandle {
    let line = Line::new(source.id(), sink);
    let crew = Crew::default();
    let (mine, mut source) = (line.clone(), source);
    let started = crew.start("yanma-hid", move || {
        mine.state(DeviceState::Opening);
        while !mine.stopped() {
            match source.open() {
                Ok(mut scanner) => listen(&mine, scanner.as_mut()),
                Err(error) => mine.state(DeviceState::of(&error)),
            }
            if !mine.pause(RETRY) {
                return;
            }
        }
    });
    if !started {
        line.state(DeviceState::Lost);
    }
    HidHandle { line, crew }
}

/// A scanner that is being listened to. Dropping it stops it.
pub struct HidHandle {
    line: Arc<Line>,
    crew: Crew,
}

impl HidHandle {
    /// The state that was told last.
    #[must_use]
    pub fn state(&self) -> DeviceState {
        self.line.last_state()
    }

    /// Stops listening and closes the scanner; returns within a second.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for HidHandle {
    fn drop(&mut self) {
        self.line.stop();
        if self.crew.wait(STOP) > 0 {
            tracing::warn!(device = %self.line.id, "the scanner did not close in time");
        }
    }
}

fn listen(line: &Line, scanner: &mut dyn Reports) {
    line.state(DeviceState::Working);
    let mut stream = ReportStream::new(scanner.layouts());
    let mut buffer = [0; 4096];
    while !line.stopped() {
        let readings = match scanner.read_report(&mut buffer) {
            Ok(count) => stream.report(buffer.get(..count).unwrap_or_default(), Instant::now()),
            Err(error) if is_pause(&error) => stream.idle(Instant::now()).into_iter().collect(),
            Err(error) => {
                tracing::info!(device = %line.id, %error, "the scanner is gone");
                break;
            }
        };
        readings.into_iter().for_each(|reading| hand_on(line, reading));
    }
    stream.end().into_iter().for_each(|reading| hand_on(line, reading));
    line.state(DeviceState::Lost);
}

fn hand_on(line: &Line, reading: HidReading) {
    let notice = |notice| DeviceEvent::Notice { id: line.id.clone(), notice };
    line.tell(match reading {
        HidReading::TooLong => notice(Notice::ReadingTooLong),
        HidReading::Broken => notice(Notice::ReadingBroken),
        HidReading::Scan { bytes, aim } => DeviceEvent::Seen(Seen {
            source: line.id.clone(),
            kind: SeenKind::Hid,
            symbology: aim.and_then(symbology),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
            corners: None,
            frame_size: None,
        }),
    });
}

/// The kind of symbol of an AIM identifier, where it names one that cameras know as well.
/// Source: ISO/IEC 15424.
fn symbology(aim: [u8; 3]) -> Option<Symbology> {
    Some(match &aim[1..] {
        b"E4" => Symbology::Ean8,
        [b'E', _] => Symbology::Ean13,
        [b'Q', _] => Symbology::Qr,
        [b'L', _] => Symbology::Pdf417,
        [b'C', _] => Symbology::Code128,
        [b'd', _] => Symbology::DataMatrix,
        [b'z', _] => Symbology::Aztec,
        [b'A', _] => Symbology::Code39,
        [b'I', _] => Symbology::Itf,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, HidChoiceError>) {
        let choice: Result<HidChoice, _> = text.parse();
        assert_eq!(
            choice.map(|choice| choice.id().to_string()).as_deref(),
            expect.as_deref(),
            "{text}"
        );
    }

    #[test]
    fn choices_are_taken_as_they_are_told() {
        check(" any ", Ok("hid:any"));
        check("hid:any", Ok("hid:any"));
        check("0C2E:0b61", Ok("hid:0c2e:0b61"));
        check("hid:c2e:b61:S:1", Ok("hid:0c2e:0b61:S:1"));
        for bad in ["", "hid:", "0c2e", "0c2e:", "0c2e:0b61:", "0c2e0:1", "0c2g:1", "+c2e:1"] {
            check(bad, Err(HidChoiceError));
        }
    }

    #[test]
    fn identifiers_name_kinds_of_symbol() {
        assert_eq!(symbology(*b"]Q3"), Some(Symbology::Qr));
        assert_eq!(symbology(*b"]E4"), Some(Symbology::Ean8));
        assert_eq!(symbology(*b"]E0"), Some(Symbology::Ean13));
        assert_eq!(symbology(*b"]X0"), None);
    }

    #[test]
    fn listing_works_on_a_machine_without_scanners() {
        for scanner in list() {
            assert_ne!(scanner.choice, HidChoice::Any);
        }
    }
}
