//! What a camera delivers, and how it becomes grey.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};

use yanma_barcode::{GreyImage, MAX_PIXELS, MAX_SIDE};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::CameraError;

/// One frame: grey for reading, and as it came for the picture on the screen.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The frame in grey, full size.
    pub grey: GreyImage,
    /// The frame as the camera delivered it.
    pub raw: Raw,
    /// Numbers the content, see [`content_number`]: a frame with the number of the one before is
    /// the same picture, and need not be read again when it was read well.
    pub content: u64,
    /// Numbers the showing: when it changes, everything counts as shown anew. Each
    /// opening of a camera is a showing, and each file placed in a picture folder.
    pub showing: u64,
}

/// A number that no content had before, also not that of another camera or of the same one before
/// it was opened again.
#[must_use]
pub fn content_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// Pixels as cameras deliver them.
#[derive(Clone)]
pub enum Raw {
    /// A JPEG.
    Jpeg(Vec<u8>),
    /// Two pixels in four bytes: Y U Y V.
    Yuyv(Vec<u8>),
    /// All of Y, then U and V in turn for each square of four pixels.
    Nv12(Vec<u8>),
    /// Red, green, blue.
    Rgb(Vec<u8>),
    /// Blue, green, red.
    Bgr(Vec<u8>),
    /// Grey, which is already there.
    Grey,
}

impl std::fmt::Debug for Raw {
    /// Only what it is: a picture of a code is a code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jpeg(_) => "Jpeg",
            Self::Yuyv(_) => "Yuyv",
            Self::Nv12(_) => "Nv12",
            Self::Rgb(_) => "Rgb",
            Self::Bgr(_) => "Bgr",
            Self::Grey => "Grey",
        })
    }
}

impl Frame {
    /// Makes a frame from pixels of a camera. A JPEG states its own size; for the others the size
    /// is the caller's, and surplus bytes at the end are ignored, as drivers hand on whole buffers.
    ///
    /// # Errors
    /// [`CameraError::Skipped`] when the pixels are damaged or too few.
    pub fn from_raw(width: u32, height: u32, raw: Raw, content: u64) -> Result<Self, CameraError> {
        let count = (width as usize).saturating_mul(height as usize);
        let luma = |red: u8, green: u8, blue: u8| {
            let sum = u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29;
            u8::try_from(sum >> 8).unwrap_or(u8::MAX)
        };
        let grey = match &raw {
            Raw::Jpeg(bytes) => return Self::from_jpeg(bytes.clone(), content),
            Raw::Yuyv(bytes) => bytes.iter().step_by(2).take(count).copied().collect(),
            Raw::Nv12(bytes) => bytes.iter().take(count).copied().collect(),
            Raw::Rgb(bytes) => {
                bytes.chunks_exact(3).take(count).map(|p| luma(p[0], p[1], p[2])).collect()
            }
            Raw::Bgr(bytes) => {
                bytes.chunks_exact(3).take(count).map(|p| luma(p[2], p[1], p[0])).collect()
            }
            Raw::Grey => return Err(CameraError::Skipped(None)),
        };
        let grey = GreyImage::new(width, height, grey).map_err(|_| CameraError::Skipped(None))?;
        Ok(Self { grey, raw, content, showing: 0 })
    }

    /// Makes a frame from grey pixels.
    #[must_use]
    pub fn from_grey(grey: GreyImage, content: u64, showing: u64) -> Self {
        Self { grey, raw: Raw::Grey, content, showing }
    }

    fn from_jpeg(bytes: Vec<u8>, content: u64) -> Result<Self, CameraError> {
        let (width, height, grey) =
            decode_jpeg(&bytes, ColorSpace::Luma).ok_or(CameraError::Skipped(None))?;
        let grey = GreyImage::new(width, height, grey).map_err(|_| CameraError::Skipped(None))?;
        Ok(Self { grey, raw: Raw::Jpeg(bytes), content, showing: 0 })
    }
}

/// Decodes a camera's JPEG; none when it is damaged. Webcams leave out tables that every decoder
/// of moving JPEG knows, which zune-jpeg fills in, and send damaged frames, on which some decoders
/// panic.
pub(crate) fn decode_jpeg(bytes: &[u8], colours: ColorSpace) -> Option<(u32, u32, Vec<u8>)> {
    // A frame without an end was cut off; its lower part would be grey.
    bytes.windows(2).rev().position(|pair| pair == [0xFF, 0xD9])?;
    let decoded = catch_unwind(|| {
        let side = MAX_SIDE as usize;
        let options = DecoderOptions::default()
            .jpeg_set_out_colorspace(colours)
            .set_max_width(side)
            .set_max_height(side);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        decoder.decode_headers().ok()?;
        let info = decoder.info()?;
        if u64::from(info.width) * u64::from(info.height) > MAX_PIXELS {
            return None;
        }
        let pixels = decoder.decode().ok()?;
        Some((u32::from(info.width), u32::from(info.height), pixels))
    });
    decoded.ok().flatten()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jpeg_encoder::{ColorType, Encoder};

    pub(crate) fn jpeg(width: u16, height: u16, grey: impl Fn(u32, u32) -> u8) -> Vec<u8> {
        let pixels: Vec<u8> = (0..u32::from(height))
            .flat_map(|y| (0..u32::from(width)).map(move |x| (x, y)))
            .flat_map(|(x, y)| [grey(x, y); 3])
            .collect();
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes, 90).encode(&pixels, width, height, ColorType::Rgb).unwrap();
        bytes
    }

    fn check(raw: Raw, expected: Result<[u8; 4], CameraError>) {
        let frame = Frame::from_raw(2, 2, raw.clone(), 1);
        let pixels = frame.map(|frame| <[u8; 4]>::try_from(frame.grey.pixels()).unwrap());
        assert_eq!(pixels, expected, "{raw:?}");
    }

    #[test]
    fn every_format_becomes_grey_and_stale_tails_are_ignored() {
        check(Raw::Yuyv(vec![10, 1, 20, 2, 30, 3, 40, 4, 99, 99]), Ok([10, 20, 30, 40]));
        check(Raw::Nv12(vec![10, 20, 30, 40, 128, 128, 99]), Ok([10, 20, 30, 40]));
        let rgb = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]].concat();
        check(Raw::Rgb(rgb.clone()), Ok([76, 149, 28, 255]));
        check(Raw::Bgr(rgb), Ok([28, 149, 76, 255]));
    }

    #[test]
    fn too_few_pixels_are_a_damaged_frame() {
        let damaged = Err(CameraError::Skipped(None));
        check(Raw::Yuyv(vec![10, 1, 20, 2, 30, 3]), damaged);
        check(Raw::Nv12(vec![10, 20, 30]), damaged);
        check(Raw::Rgb(vec![0; 11]), damaged);
        check(Raw::Jpeg(vec![]), damaged);
    }

    #[test]
    fn a_jpeg_with_a_stale_tail_is_read_and_a_cut_one_is_not() {
        let mut bytes = jpeg(64, 48, |x, y| (x * 2 + y) as u8);
        let whole = bytes.len();
        bytes.extend([0x55; 500]);
        let frame = Frame::from_raw(0, 0, Raw::Jpeg(bytes.clone()), 1).unwrap();
        assert_eq!((frame.grey.width(), frame.grey.height()), (64, 48));
        assert!((i32::from(frame.grey.at(20, 20)) - 60).abs() < 6);
        let cut = Frame::from_raw(0, 0, Raw::Jpeg(bytes[..whole / 2].to_vec()), 1);
        assert_eq!(cut.err(), Some(CameraError::Skipped(None)));
    }

    #[test]
    fn damaged_jpegs_do_not_panic() {
        let bytes = jpeg(64, 48, |x, y| (x * y) as u8);
        for place in 2..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0xFF;
            let _ = Frame::from_raw(0, 0, Raw::Jpeg(damaged), 1);
        }
    }
}
