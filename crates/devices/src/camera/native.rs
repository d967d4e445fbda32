//! Real cameras, through nokhwa: V4L2 on Linux, Media Foundation on Windows, AVFoundation on
//! macOS. Seen on real devices, and the reason for most of what follows: `frame()` of a stalled
//! device never returns; dropping a camera may panic; nodes for metadata look like cameras and
//! fail when opened; a camera in use opens well and only fails to stream; asking for its controls
//! may panic, so they are asked for only when somebody wants them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, CameraInfo, FrameFormat, RequestedFormat,
    RequestedFormatType,
};
use nokhwa::{Camera as NokhwaDevice, NokhwaError};
use yanma_barcode::GreyImage;

use super::controls::{self, CameraControl, ControlError, ControlSetting};
use super::format::{FOR_CODES, FOR_PAGES, READABLE, Size, ranked};
use super::frame::{Frame, Raw, content_number};
use super::{Camera, CameraError, CameraStream, native_controls};
use crate::event::DeviceId;

/// How many of its formats a camera may refuse before it is given up.
const FORMATS_TRIED: usize = 6;

/// A camera of this machine, known by its name and the place where it is plugged in. Its number
/// says neither: after a restart, or when another was plugged in, it may be another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NokhwaCamera {
    /// The number that it has, or had when it was there.
    index: u32,
    /// Empty for a number under which there was nothing.
    name: String,
    /// The USB port and interface on Linux, what the system calls it elsewhere; may be empty.
    place: String,
}

impl NokhwaCamera {
    /// The camera that has a number now; whatever has it later, when there is none.
    #[must_use]
    pub fn new(index: u32) -> Self {
        let mut named = nodes().into_iter().filter(|camera| camera.index == index);
        let none = || Self { index, name: String::new(), place: String::new() };
        named.next().unwrap_or_else(none)
    }

    /// The camera of an id, plugged in or not; `None` for the id of another device. The id of
    /// [`Camera::id`] is meant, or `camera:` with a number.
    #[must_use]
    pub fn of(id: &DeviceId) -> Option<Self> {
        let identity = id.as_str().strip_prefix("camera:")?;
        if let Ok(index) = identity.parse() {
            return Some(Self::new(index));
        }
        let (name, place) = identity.rsplit_once('@').unwrap_or((identity, ""));
        // No camera has this number.
        Some(Self { index: u32::MAX, name: name.to_owned(), place: place.to_owned() })
    }

    /// The cameras of this machine by rising number; none when there are none or the driver fails.
    /// May take as long as the driver wants.
    #[must_use]
    pub fn list() -> Vec<Self> {
        let nodes = nodes();
        nodes
            .into_iter()
            .filter(|camera| !is_secondary(camera.index) || delivers(camera.index))
            .collect()
    }

    /// Its number; no camera's when it was never seen.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its name; empty when it is not attached.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What can be set at it, by whoever watches it or not; nothing when it is not there. Where it
    /// is watched here, [`CameraPanel::controls`](super::CameraPanel::controls) is to be asked.
    #[must_use]
    pub fn controls(&self) -> Vec<CameraControl> {
        self.unopened().map(|device| native_controls::list(&device)).unwrap_or_default()
    }

    /// Sets it, until it is unplugged or somebody else sets it, whoever watches it. Where it is
    /// watched here, [`CameraPanel::set`](super::CameraPanel::set) keeps it.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn set_control(&self, setting: ControlSetting) -> Result<(), ControlError> {
        let mut device = self.unopened().ok_or(ControlError::Away)?;
        controls::check(&native_controls::list(&device), setting)?;
        native_controls::set(&mut device, setting)
    }

    /// The device, without a stream of frames.
    fn unopened(&self) -> Option<NokhwaDevice> {
        let open = |index| catch_unwind(|| device(index).ok()).ok().flatten();
        self.candidates(&nodes()).into_iter().find_map(open)
    }

    /// Where it is plugged in; empty where that is not known.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether both ids may be one camera's: of one name, and at one place if both say where.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        let somewhere = [&self.place, &other.place].iter().any(|place| place.is_empty());
        let named = !self.name.is_empty() && self.name == other.name;
        self == other || (named && (somewhere || self.place == other.place))
    }

    /// Under which numbers to try it, best first: a camera of its name at its place, else one of
    /// its name anywhere, since it may have been plugged in elsewhere. Never one of another name.
    fn candidates(&self, nodes: &[Self]) -> Vec<u32> {
        if self.name.is_empty() {
            return vec![self.index];
        }
        let named = |node: &&Self| node.name == self.name;
        let is_at_its_place = nodes.iter().filter(named).any(|node| node.place == self.place);
        let at_place = |node: &&Self| !is_at_its_place || node.place == self.place;
        let mut found: Vec<u32> =
            nodes.iter().filter(named).filter(at_place).map(|node| node.index).collect();
        found.sort_unstable();
        found
    }
}

impl Camera for NokhwaCamera {
    fn id(&self) -> DeviceId {
        match (self.name.as_str(), self.place.as_str()) {
            ("", _) => DeviceId::camera(&self.index.to_string()),
            (name, "") => DeviceId::camera(name),
            (name, place) => DeviceId::camera(&format!("{name}@{place}")),
        }
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        self.open_near(FOR_CODES)
    }
}

/// A camera that looks down on pages, which is opened at more pixels: their letters are small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageCamera(pub NokhwaCamera);

impl Camera for PageCamera {
    fn id(&self) -> DeviceId {
        self.0.id()
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        self.0.open_near(FOR_PAGES)
    }
}

impl NokhwaCamera {
    fn open_near(&self, size: Size) -> Result<Box<dyn CameraStream>, CameraError> {
        let mut reason = CameraError::Lost;
        for index in self.candidates(&nodes()) {
            match catch_unwind(|| open_node(index, size)).unwrap_or(Err(CameraError::Lost)) {
                Ok(stream) => return Ok(Box::new(stream)),
                // A busy camera is the better news beside its metadata node that refuses.
                Err(CameraError::Busy) => reason = CameraError::Busy,
                Err(error) if reason == CameraError::Lost => reason = error,
                Err(_) => {}
            }
        }
        Err(reason)
    }
}

/// Everything that the system calls a camera.
fn nodes() -> Vec<NokhwaCamera> {
    let queried = catch_unwind(|| nokhwa::query(ApiBackend::Auto).unwrap_or_default());
    let mut nodes: Vec<NokhwaCamera> = queried
        .unwrap_or_default()
        .iter()
        .filter_map(|info| {
            let index = info.index().as_index().ok()?;
            Some(NokhwaCamera { index, name: info.human_name(), place: place(index, info) })
        })
        // On Linux a path stands for the name that a node does not have in its first moment.
        .filter(|camera| !camera.name.starts_with("/dev/"))
        .collect();
    nodes.sort_by_key(|camera| camera.index);
    nodes
}

/// Where it is plugged in: for a USB camera the interface of a port, such as `1-2:1.0`, as the
/// kernel names it in sysfs (Documentation/ABI/testing/sysfs-bus-usb).
#[cfg(target_os = "linux")]
fn place(index: u32, _info: &CameraInfo) -> String {
    let device = std::fs::canonicalize(format!("/sys/class/video4linux/video{index}/device"));
    let name = |path: std::path::PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
    device.ok().and_then(name).unwrap_or_default()
}

/// Media Foundation's symbolic link, AVFoundation's unique id.
#[cfg(not(target_os = "linux"))]
fn place(_index: u32, info: &CameraInfo) -> String {
    info.misc()
}

/// Whether this is not the first node of its device: probably its metadata.
#[cfg(target_os = "linux")]
fn is_secondary(index: u32) -> bool {
    let place = format!("/sys/class/video4linux/video{index}/index");
    std::fs::read_to_string(place).is_ok_and(|number| number.trim() != "0")
}

#[cfg(not(target_os = "linux"))]
fn is_secondary(_index: u32) -> bool {
    false
}

fn delivers(index: u32) -> bool {
    let formats = catch_unwind(|| formats_of(index)).unwrap_or(Err(CameraError::Lost));
    formats.is_ok_and(|formats| !ranked(&formats, FOR_CODES).is_empty())
}

fn device(index: u32) -> Result<NokhwaDevice, CameraError> {
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &READABLE);
    NokhwaDevice::new(CameraIndex::Index(index), any).map_err(|error| reason(&error))
}

fn formats_of(index: u32) -> Result<Vec<CameraFormat>, CameraError> {
    device(index)?.compatible_camera_formats().map_err(|error| reason(&error))
}

fn open_node(index: u32, near: Size) -> Result<NativeStream, CameraError> {
    let mut refusal = CameraError::Refused;
    for format in ranked(&formats_of(index)?, near).into_iter().take(FORMATS_TRIED) {
        let kinds = [format.format()];
        let exact = RequestedFormat::with_formats(RequestedFormatType::Exact(format), &kinds);
        let opened = NokhwaDevice::new(CameraIndex::Index(index), exact)
            .and_then(|mut device| device.open_stream().map(|()| device));
        match opened.map_err(|error| reason(&error)) {
            Ok(device) => {
                tracing::info!(index, %format, "camera opened");
                return Ok(NativeStream { device, showing: content_number() });
            }
            Err(CameraError::Busy) => return Err(CameraError::Busy),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// The numbers are Linux's: EPERM, ENOENT, ENXIO, EACCES, EBUSY, ENODEV. nokhwa hands errors on as
/// text only; the number in it is the operating system's and does not depend on the language.
fn reason(error: &NokhwaError) -> CameraError {
    let text = error.to_string();
    let number = text
        .rsplit_once("(os error ")
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(number, _)| number.parse().ok());
    match number {
        Some(16) => CameraError::Busy,
        Some(2 | 6 | 19) => CameraError::Lost,
        Some(1 | 13) => CameraError::Refused,
        Some(_) | None => match error {
            NokhwaError::ReadFrameError(_) => CameraError::Lost,
            _ => CameraError::Refused,
        },
    }
}

struct NativeStream {
    device: NokhwaDevice,
    /// Of all its frames: opened again, it shows everything anew.
    showing: u64,
}

impl CameraStream for NativeStream {
    fn next(&mut self) -> Result<Frame, CameraError> {
        let taken = catch_unwind(AssertUnwindSafe(|| self.device.frame()));
        let buffer = taken.map_err(|_| CameraError::Lost)?.map_err(|error| reason(&error))?;
        let content = content_number();
        let (width, height) = (buffer.resolution().width(), buffer.resolution().height());
        let bytes = buffer.buffer();
        let raw = match buffer.source_frame_format() {
            FrameFormat::MJPEG => Raw::Jpeg(without_tail(bytes).to_vec()),
            FrameFormat::YUYV => Raw::Yuyv(bytes.to_vec()),
            FrameFormat::NV12 => Raw::Nv12(bytes.to_vec()),
            FrameFormat::RAWRGB => Raw::Rgb(bytes.to_vec()),
            FrameFormat::RAWBGR => Raw::Bgr(bytes.to_vec()),
            FrameFormat::GRAY => {
                let count = (width as usize).saturating_mul(height as usize);
                let pixels = bytes.get(..count).ok_or(CameraError::Skipped(None))?.to_vec();
                let grey = GreyImage::new(width, height, pixels);
                let grey = grey.map_err(|_| CameraError::Skipped(None))?;
                return Ok(Frame::from_grey(grey, content, self.showing));
            }
        };
        Ok(Frame { showing: self.showing, ..Frame::from_raw(width, height, raw, content)? })
    }

    fn controls(&mut self) -> Vec<CameraControl> {
        native_controls::list(&self.device)
    }

    fn set_control(&mut self, setting: ControlSetting) -> Result<(), ControlError> {
        native_controls::set(&mut self.device, setting)
    }
}

/// A JPEG up to its end mark: the buffer is a mapped one, and behind the end lies what an earlier,
/// larger frame left. Within the scan an end mark cannot occur, so the first one is the real one.
fn without_tail(buffer: &[u8]) -> &[u8] {
    let mark = |bytes: &[u8], mark: u8| bytes.windows(2).position(|pair| pair == [0xFF, mark]);
    let end = mark(buffer, 0xDA).and_then(|scan| {
        let end = mark(buffer.get(scan..)?, 0xD9)?;
        buffer.get(..scan + end + 2)
    });
    end.unwrap_or(buffer)
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::jpeg;
    use super::*;

    #[test]
    fn the_tail_of_an_earlier_frame_is_cut_off() {
        let (small, large) = (jpeg(64, 48, |x, _| x as u8), jpeg(640, 480, |x, y| (x * y) as u8));
        let buffer = [small.as_slice(), &large[small.len()..]].concat();
        assert_eq!(without_tail(&buffer), small);
        assert_eq!(without_tail(&small), small);
        assert_eq!(without_tail(b"no picture at all"), b"no picture at all");
        assert_eq!(without_tail(&[]), b"");
    }

    #[test]
    fn reasons_are_told_by_number_and_not_by_language() {
        let stream = |text: &str| NokhwaError::OpenStreamError(text.into());
        let cases = [
            (stream("Device or resource busy (os error 16)"), CameraError::Busy),
            (stream("设备忙 (os error 16)"), CameraError::Busy),
            (stream("Permission denied (os error 13)"), CameraError::Refused),
            (NokhwaError::ReadFrameError("No such device (os error 19)".into()), CameraError::Lost),
            (NokhwaError::OpenDeviceError("0".into(), "x (os error 2)".into()), CameraError::Lost),
            (NokhwaError::ReadFrameError("something else".into()), CameraError::Lost),
            (NokhwaError::GeneralError("Failed to Fufill".into()), CameraError::Refused),
        ];
        for (error, expected) in cases {
            assert_eq!(reason(&error), expected, "{error}");
        }
    }

    fn node(index: u32, name: &str, place: &str) -> NokhwaCamera {
        NokhwaCamera { index, name: name.into(), place: place.into() }
    }

    #[test]
    fn a_camera_is_known_by_name_and_place_and_never_by_its_number() {
        let of = |id: &str| NokhwaCamera::of(&DeviceId::from_text(id));
        let chosen = node(0, "HD Webcam", "1-2:1.0");
        assert_eq!(chosen.id().as_str(), "camera:HD Webcam@1-2:1.0");
        let remembered = of("camera:HD Webcam@1-2:1.0").unwrap();
        assert_eq!((remembered.name(), remembered.id()), ("HD Webcam", chosen.id()));
        let other = node(0, "Other", "1-2:1.0");
        let (moved, twin) = (node(4, "HD Webcam", "1-3:1.0"), node(6, "HD Webcam", "1-4:1.0"));
        let back = node(8, "HD Webcam", "1-2:1.0");
        assert_eq!(remembered.candidates(std::slice::from_ref(&other)), Vec::<u32>::new());
        assert_eq!(remembered.candidates(&[other.clone(), moved.clone()]), [4]);
        assert_eq!(remembered.candidates(&[twin.clone(), moved.clone()]), [4, 6]);
        assert_eq!(remembered.candidates(&[other, moved, twin, back]), [8]);

        assert!(remembered.may_be(&chosen) && remembered.may_be(&of("camera:HD Webcam").unwrap()));
        let [twin, other] = ["camera:HD Webcam@1-4:1.0", "camera:Other@1-2:1.0"].map(of);
        assert!(!remembered.may_be(&twin.unwrap()) && !remembered.may_be(&other.unwrap()));

        let nowhere = of("camera:A@B").unwrap();
        assert_eq!((nowhere.name.as_str(), nowhere.place.as_str()), ("A", "B"));
        let placeless = of("camera:Front camera").unwrap();
        assert_eq!(placeless.candidates(&[node(3, "Front camera", "")]), [3]);
        assert_eq!(placeless.id().as_str(), "camera:Front camera");
        assert_eq!(of("serial:/dev/ttyACM0"), None);
    }

    #[test]
    fn a_camera_that_is_not_there_is_lost_and_listing_does_not_panic() {
        let _ = NokhwaCamera::list();
        let absent = NokhwaCamera::new(4_711);
        assert_eq!((absent.index(), absent.name()), (4_711, ""));
        assert_eq!(absent.id().as_str(), "camera:4711", "as it was set before there was any");
        assert_eq!(NokhwaCamera::of(&absent.id()), Some(absent.clone()));
        assert_eq!(absent.open().err(), Some(CameraError::Lost));
    }
}
