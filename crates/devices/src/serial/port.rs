//! Opens a port, listens, and opens it again when it went away.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serial2::SerialPort;

use super::assemble::{Assembler, IDLE, SerialReading};
use super::options::SerialDevice;
use super::speeds::{Heard, Speeds};
use crate::event::{DeviceEvent, DeviceId, DeviceState, Notice, Seen, SeenKind, Sink};
use crate::threads::{Crew, Line};

/// What scanners are set to when they leave the factory: 9600 baud, 8 bits, no parity, one stop
/// bit, no flow control. USB ones take any.
pub const DEFAULT_BAUD: u32 = 9600;

/// How long one look at the port may last: shorter than the pause that ends a reading.
const LOOK: Duration = Duration::from_millis(20);

/// How long the rest of what came at a wrong speed is waited for: the longest reading at 4800 baud.
const REST: Duration = Duration::from_secs(18);

/// How long to wait before a lost port is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// How long stopping waits for the thread.
const STOP: Duration = Duration::from_secs(1);

/// An open port.
pub trait ByteStream {
    /// Waits a little for bytes. [`ErrorKind::TimedOut`] says that none came; 0 or any other
    /// error says that the port is gone.
    ///
    /// # Errors
    /// See above.
    fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Listens at another speed from now on.
    ///
    /// # Errors
    /// When the port has no such speed.
    fn set_speed(&mut self, _baud: u32) -> io::Result<()> {
        Ok(())
    }
}

impl ByteStream for SerialPort {
    fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read(buffer)
    }

    fn set_speed(&mut self, baud: u32) -> io::Result<()> {
        let mut settings = self.get_configuration()?;
        settings.set_baud_rate(baud)?;
        self.set_configuration(&settings)
    }
}

/// A way to open a port: the real one, and what tests put in its place.
pub trait SerialSource: Send + 'static {
    /// Its id.
    fn id(&self) -> DeviceId;

    /// Opens it, now or again.
    ///
    /// # Errors
    /// Whatever the operating system says; it is tried again later in any case.
    fn open(&mut self) -> io::Result<Box<dyn ByteStream>>;

    /// Whether its speed is not known: then it is found by what comes.
    fn finds_speed(&self) -> bool {
        false
    }
}

impl SerialSource for SerialDevice {
    fn id(&self) -> DeviceId {
        self.id()
    }

    fn open(&mut self) -> io::Result<Box<dyn ByteStream>> {
        let mut port = SerialPort::open(&self.port, self.baud.unwrap_or(DEFAULT_BAUD))?;
        port.set_read_timeout(LOOK)?;
        // Some scanners only speak to a host that says it is ready. Those without the line, and
        // ports without it, do not matter.
        let _ = port.set_dtr(true);
        // What a scanner said before anybody listened is nobody's code any more.
        let _ = port.discard_input_buffer();
        Ok(Box::new(port))
    }

    fn finds_speed(&self) -> bool {
        self.baud.is_none()
    }
}

/// The ports of this machine, those that scanners use first. On Linux the built-in ports without
/// hardware behind them are left out.
#[must_use]
pub fn list_ports() -> Vec<String> {
    let mut ports: Vec<String> = SerialPort::available_ports()
        .unwrap_or_default()
        .iter()
        .filter(|path| has_hardware(path))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let built_in = |port: &String| port.contains("ttyS");
    ports.sort_by(|a, b| (built_in(a), a).cmp(&(built_in(b), b)));
    ports
}

#[cfg(target_os = "linux")]
fn has_hardware(port: &Path) -> bool {
    let Some(name) = port.file_name() else { return false };
    if !name.to_string_lossy().starts_with("ttyS") {
        return true;
    }
    // Type 0 is a built-in port that the kernel made room for and found nothing at; kernels
    // without such hardware have no types at all.
    let kind = Path::new("/sys/class/tty").join(name).join("type");
    std::fs::read_to_string(kind).is_ok_and(|kind| kind.trim() != "0")
}

#[cfg(not(target_os = "linux"))]
fn has_hardware(_port: &Path) -> bool {
    true
}

/// Listens to a device until stopped. Each reading arrives as [`DeviceEvent::Seen`]; a port that
/// goes away is told as lost and opened again when it comes back.
pub fn run(source: impl SerialSource, sink: Sink) -> SerialHandle {
    let line = Line::new(source.id(), sink);
    let crew = Crew::default();
    let (mine, mut source) = (line.clone(), source);
    let started = crew.start("yanma-serial", move || {
        let mut speeds = source.finds_speed().then(Speeds::default);
        mine.state(DeviceState::Opening);
        while !mine.stopped() {
            match source.open() {
                Ok(mut port) => listen(&mine, port.as_mut(), speeds.as_mut()),
                Err(error) => mine.state(state_of(&error)),
            }
            if !mine.pause(RETRY) {
                return;
            }
        }
    });
    if !started {
        line.state(DeviceState::Lost);
    }
    SerialHandle { line, crew }
}

/// A device that is being listened to. Dropping it stops it.
pub struct SerialHandle {
    line: Arc<Line>,
    crew: Crew,
}

impl SerialHandle {
    /// The state that was told last.
    #[must_use]
    pub fn state(&self) -> DeviceState {
        self.line.last_state()
    }

    /// Stops listening and closes the port; returns within a second.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for SerialHandle {
    fn drop(&mut self) {
        self.line.stop();
        if self.crew.wait(STOP) > 0 {
            tracing::warn!(device = %self.line.id, "the serial port did not close in time");
        }
    }
}

/// Opens a device once and waits for the first reading. `None`: nothing came within that time. It
/// must not be in use.
///
/// # Errors
/// Why it cannot be opened, or that it went away.
pub fn try_serial(device: &SerialDevice, within: Duration) -> io::Result<Option<SerialReading>> {
    let mut port = device.clone().open()?;
    let (mut assembler, mut buffer) = (Assembler::new(), [0; 512]);
    let mut speeds = device.finds_speed().then(Speeds::default);
    let until = Instant::now() + within;
    while Instant::now() < until {
        let readings = match port.read_some(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                let bytes = buffer.get(..count).unwrap_or(&buffer);
                assembler.bytes(bytes, Instant::now())
            }
            Err(error) if is_pause(&error) => assembler.idle(Instant::now()).into_iter().collect(),
            Err(error) => return Err(error),
        };
        let Some(reading) = readings.into_iter().next() else { continue };
        if let Some(speeds) = speeds.as_mut()
            && speeds.hear(&reading) != Heard::Reading
        {
            assembler = Assembler::new();
            next_speed(port.as_mut(), speeds, || Instant::now() >= until);
            continue;
        }
        return Ok(Some(reading));
    }
    Ok(assembler.end())
}

fn listen(line: &Line, port: &mut dyn ByteStream, mut speeds: Option<&mut Speeds>) {
    if let Some(speeds) = speeds.as_mut() {
        speeds.opened();
        set_speed(port, speeds);
    }
    line.state(DeviceState::Working);
    let mut assembler = Assembler::new();
    let mut buffer = [0; 512];
    let mut told = false;
    while !line.stopped() {
        let readings = match port.read_some(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                let bytes = buffer.get(..count).unwrap_or(&buffer);
                assembler.bytes(bytes, Instant::now())
            }
            Err(error) if is_pause(&error) => assembler.idle(Instant::now()).into_iter().collect(),
            Err(error) => {
                tracing::info!(device = %line.id, kind = ?error.kind(), "the serial port is gone");
                break;
            }
        };
        for reading in readings {
            match speeds.as_mut().map_or(Heard::Reading, |speeds| speeds.hear(&reading)) {
                Heard::Reading => hand_on(line, reading),
                Heard::Stray => {}
                Heard::WrongSpeed => {
                    assembler = Assembler::new();
                    if let Some(speeds) = speeds.as_mut() {
                        next_speed(port, speeds, || line.stopped());
                    }
                    if !std::mem::replace(&mut told, true) {
                        let notice = Notice::WrongSpeed;
                        line.tell(DeviceEvent::Notice { id: line.id.clone(), notice });
                    }
                    break;
                }
            }
        }
    }
    // Half a code is handed on like any other: the desk says that it is half a code.
    if let Some(reading) = assembler.end() {
        hand_on(line, reading);
    }
    line.state(DeviceState::Lost);
}

/// Listens at the next speed, once the rest of what came at the wrong one is over: its end would be
/// taken for something that came at this one.
fn next_speed(port: &mut dyn ByteStream, speeds: &Speeds, stopped: impl Fn() -> bool) {
    let (begun, mut last) = (Instant::now(), Instant::now());
    let mut buffer = [0; 512];
    while last.elapsed() < IDLE && begun.elapsed() < REST && !stopped() {
        match port.read_some(&mut buffer) {
            Ok(0) => return,
            Ok(_) => last = Instant::now(),
            Err(error) if is_pause(&error) => {}
            // The next look says so again.
            Err(_) => return,
        }
    }
    set_speed(port, speeds);
}

fn set_speed(port: &mut dyn ByteStream, speeds: &Speeds) {
    let baud = speeds.baud();
    if let Err(error) = port.set_speed(baud) {
        tracing::info!(baud, kind = ?error.kind(), "the serial port does not take this speed");
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn state_of(error: &io::Error) -> DeviceState {
    match error.kind() {
        ErrorKind::PermissionDenied => DeviceState::Refused,
        ErrorKind::ResourceBusy => DeviceState::Busy,
        _ => DeviceState::Lost,
    }
}

fn hand_on(line: &Line, reading: SerialReading) {
    line.tell(match reading {
        SerialReading::TooLong => {
            DeviceEvent::Notice { id: line.id.clone(), notice: Notice::ReadingTooLong }
        }
        SerialReading::Bytes(bytes) => DeviceEvent::Seen(Seen {
            source: line.id.clone(),
            kind: SeenKind::Serial,
            symbology: None,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
            corners: None,
            frame_size: None,
        }),
    });
}
