//! Real cameras, through nokhwa: V4L2 on Linux, Media Foundation on Windows, AVFoundation on
//! macOS. Seen on real devices, and the reason for most of what follows: `frame()` of a stalled
//! device never returns; dropping a camera may panic; nodes for metadata look like cameras and
//! fail when opened; a camera in use opens well and only fails to stream; asking for its controls
//! may panic, so they are never asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType,
};
use nokhwa::{Camera as NokhwaDevice, NokhwaError};
use yanma_barcode::GreyImage;

use super::format::{READABLE, ranked};
use super::frame::{Frame, Raw, content_number};
use super::{Camera, CameraError, CameraStream};
use crate::event::DeviceId;

/// How many of its formats a camera may refuse before it is given up.
const FORMATS_TRIED: usize = 6;

/// A camera of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NokhwaCamera {
    index: u32,
    name: String,
}

impl NokhwaCamera {
    /// A camera by its number, whatever it is called.
    #[must_use]
    pub fn new(index: u32) -> Self {
        let mut named = Self::list().into_iter().filter(|camera| camera.index == index);
        named.next().unwrap_or(Self { index, name: String::new() })
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

    /// Its number.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its name; empty when it is not attached.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where to look for it: after it was plugged in again it may have another number, and its old
    /// number may be another camera's.
    fn candidates(&self) -> Vec<u32> {
        let namesakes = nodes().into_iter().filter(|node| node.name == self.name);
        let mut indexes: Vec<u32> = match self.name.as_str() {
            "" => Vec::new(),
            _ => namesakes.map(|node| node.index).collect(),
        };
        indexes.sort_by_key(|index| (*index != self.index, *index));
        if !indexes.contains(&self.index) {
            indexes.push(self.index);
        }
        indexes
    }
}

impl Camera for NokhwaCamera {
    fn id(&self) -> DeviceId {
        DeviceId::camera(self.index)
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        let mut reason = CameraError::Lost;
        for index in self.candidates() {
            match catch_unwind(|| open_node(index)).unwrap_or(Err(CameraError::Lost)) {
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
            Some(NokhwaCamera { index, name: info.human_name() })
        })
        .collect();
    nodes.sort_by_key(|camera| camera.index);
    nodes
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
    formats.is_ok_and(|formats| !ranked(&formats).is_empty())
}

fn formats_of(index: u32) -> Result<Vec<CameraFormat>, CameraError> {
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &READABLE);
    let mut device = NokhwaDevice::new(CameraIndex::Index(index), any).map_err(|e| reason(&e))?;
    device.compatible_camera_formats().map_err(|error| reason(&error))
}

fn open_node(index: u32) -> Result<NativeStream, CameraError> {
    let mut refusal = CameraError::Refused;
    for format in ranked(&formats_of(index)?).into_iter().take(FORMATS_TRIED) {
        let kinds = [format.format()];
        let exact = RequestedFormat::with_formats(RequestedFormatType::Exact(format), &kinds);
        let opened = NokhwaDevice::new(CameraIndex::Index(index), exact)
            .and_then(|mut device| device.open_stream().map(|()| device));
        match opened.map_err(|error| reason(&error)) {
            Ok(device) => {
                tracing::info!(index, %format, "camera opened");
                return Ok(NativeStream { device });
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
                return Ok(Frame::from_grey(grey, content, 0));
            }
        };
        Frame::from_raw(width, height, raw, content)
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

    #[test]
    fn a_camera_that_is_not_there_is_lost_and_listing_does_not_panic() {
        let _ = NokhwaCamera::list();
        let absent = NokhwaCamera::new(4_711);
        assert_eq!((absent.index(), absent.name()), (4_711, ""));
        assert_eq!(absent.open().err(), Some(CameraError::Lost));
    }
}
