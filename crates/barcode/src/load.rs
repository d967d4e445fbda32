//! Picture files to grey pixels, within limits that the file cannot stretch.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::error::{ImageError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::jpeg;
use crate::picture::{GreyImage, PictureError};

/// The most pixels a picture may have: 50 megapixels, a phone's largest photograph.
pub const MAX_PIXELS: u64 = 50_000_000;

/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// The largest file that is looked at, in bytes.
pub const MAX_FILE_BYTES: usize = 48 << 20;

/// What a picture may unpack to in colour, in bytes: a phone's 12 megapixels. Of larger JPEG only
/// the brightness is unpacked; larger PNG are refused.
const COLOUR_BYTES: u64 = 40 << 20;

/// What the brightness of a large JPEG may take, in bytes, with what its decoder keeps.
const GREY_BYTES: u64 = 56 << 20;

/// Beyond [`COLOUR_BYTES`], what each byte of a file may unpack to. Photographs as large come to 20;
/// what was made to fill memory to 100 as JPEG and to 1,000 as PNG.
const MOST_OF_A_BYTE: u64 = 40;

/// What colour profiles and remarks in a file may unpack to, in bytes: nothing here looks at them.
const MAX_EXTRAS: u64 = 2 << 20;

/// Reads a PNG or JPEG, by its content and not by its name. Colour becomes luma, transparency is
/// laid on white (a code drawn on nothing would otherwise be black on black), of an animation the
/// first picture is taken.
///
/// # Errors
/// [`PictureError::NotAPicture`], [`PictureError::TooLarge`] — decided from the header, before
/// any pixel is unpacked, and also of what would fill memory out of next to nothing — or [`PictureError::Damaged`].
pub fn load(bytes: &[u8]) -> Result<GreyImage, PictureError> {
    let format = image::guess_format(bytes).map_err(|_| PictureError::NotAPicture)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
        return Err(PictureError::NotAPicture);
    }
    if bytes.len() > MAX_FILE_BYTES {
        return Err(PictureError::TooLarge { width: 0, height: 0, bytes: bytes.len() });
    }
    // A decoder that panics on a hostile file must not take the desk with it.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(bytes, format)));
    let image = decoded.unwrap_or(Err(PictureError::Damaged))?;
    // The decoder fills up with grey what a JPEG lacks.
    let whole =
        format != ImageFormat::Jpeg || jpeg::Header::of(bytes).is_some_and(|header| header.ends());
    whole.then_some(image).ok_or(PictureError::Damaged)
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<GreyImage, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut extras = Limits::no_limits();
    extras.max_alloc = Some(MAX_EXTRAS);
    reader.limits(extras);
    let mut decoder =
        reader.into_decoder().map_err(|error| refusal(&error, (0, 0), bytes.len()))?;
    let (width, height) = decoder.dimensions();
    let too_large = PictureError::TooLarge { width, height, bytes: bytes.len() };
    let (unpacked, packed) = (decoder.total_bytes(), bytes.len() as u64);
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE
        || height > MAX_SIDE
        || pixels > MAX_PIXELS
        || unpacked > COLOUR_BYTES.max(packed * MOST_OF_A_BYTE)
    {
        return Err(too_large);
    }
    let header = (format == ImageFormat::Jpeg).then(|| jpeg::Header::of(bytes)).flatten();
    let kept = header.map(|header| header.kept(pixels));
    // Of a JPEG, the decoder has a copy of the file as well.
    if unpacked + kept.map_or(0, |kept| kept + packed) > COLOUR_BYTES {
        if kept.is_none_or(|kept| pixels + kept > GREY_BYTES) {
            return Err(too_large);
        }
        drop(decoder);
        let grey = jpeg::grey(bytes).ok_or(PictureError::Damaged)?;
        return GreyImage::new(width, height, grey);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(COLOUR_BYTES + (16 << 20));
    decoder.set_limits(limits).map_err(|_| too_large)?;
    let picture = DynamicImage::from_decoder(decoder)
        .map_err(|error| refusal(&error, (width, height), bytes.len()))?;
    GreyImage::new(width, height, luma(picture))
}

fn refusal(error: &ImageError, (width, height): (u32, u32), bytes: usize) -> PictureError {
    match error {
        ImageError::Limits(limit)
            if !matches!(limit.kind(), LimitErrorKind::Unsupported { .. }) =>
        {
            PictureError::TooLarge { width, height, bytes }
        }
        _ => PictureError::Damaged,
    }
}

fn luma(picture: DynamicImage) -> Vec<u8> {
    if !picture.color().has_alpha() {
        return picture.into_luma8().into_raw();
    }
    let over_white = |[grey, opacity]: [u8; 2]| {
        let (grey, opacity) = (u32::from(grey), u32::from(opacity));
        u8::try_from((grey * opacity + 255 * (255 - opacity)) / 255).unwrap_or(u8::MAX)
    };
    picture.into_luma_alpha8().pixels().map(|pixel| over_white(pixel.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, LumaA, Rgb, Rgba};

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    fn small() -> DynamicImage {
        DynamicImage::ImageLuma8(GrayImage::from_fn(40, 30, |x, y| image::Luma([(x * y) as u8])))
    }

    /// A PNG header that promises a size and delivers nothing.
    fn promise(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = file(&small(), ImageFormat::Png);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & 0u32.wrapping_sub(crc & 1))
            })
        })
    }

    fn check(bytes: &[u8], expected: Result<(u32, u32), PictureError>) {
        let loaded = load(bytes).map(|image| (image.width(), image.height()));
        assert_eq!(loaded, expected);
    }

    #[test]
    fn pictures_are_read_by_their_content() {
        check(&file(&small(), ImageFormat::Png), Ok((40, 30)));
        check(
            &file(&DynamicImage::ImageRgb8(small().into_rgb8()), ImageFormat::Jpeg),
            Ok((40, 30)),
        );
        check(
            &file(&DynamicImage::ImageRgb16(small().into_rgb16()), ImageFormat::Png),
            Ok((40, 30)),
        );
    }

    #[test]
    fn what_is_no_picture_is_said_to_be_none() {
        for bytes in [&b""[..], b"<html>", b"GIF89a\x01\x00\x01\x00", b"BM", &[0; 4096]] {
            check(bytes, Err(PictureError::NotAPicture));
        }
    }

    #[test]
    fn a_damaged_picture_is_an_error() {
        let png = file(&small(), ImageFormat::Png);
        for length in [8, 20, 33, png.len() / 2, png.len() - 13] {
            check(&png[..length], Err(PictureError::Damaged));
        }
        check(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 16], Err(PictureError::Damaged));
    }

    #[test]
    fn a_bomb_is_refused_from_its_header() {
        let cases = [(100_000, 1), (MAX_SIDE + 1, 1), (16_000, 16_000), (u32::MAX >> 1, 1 << 20)];
        for (width, height) in cases {
            let bytes = promise(width, height);
            assert!(
                matches!(load(&bytes), Err(PictureError::TooLarge { .. } | PictureError::Damaged)),
                "{width}×{height}"
            );
        }
        let bytes = promise(100_000, 1);
        let length = bytes.len();
        check(&bytes, Err(PictureError::TooLarge { width: 100_000, height: 1, bytes: length }));
    }

    #[test]
    fn colour_becomes_luma_and_nothing_becomes_white() {
        let green = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(4, 4, Rgb([0, 200, 0])));
        let loaded = load(&file(&green, ImageFormat::Png)).unwrap();
        assert!((100..180).contains(&loaded.at(1, 1)), "a green code is darker than its ground");
        let nothing =
            DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0])));
        assert_eq!(load(&file(&nothing, ImageFormat::Png)).unwrap().at(1, 1), 255);
        let half = image::ImageBuffer::from_pixel(4, 4, LumaA([0u8, 128]));
        let half = load(&file(&DynamicImage::ImageLumaA8(half), ImageFormat::Png)).unwrap();
        assert_eq!(half.at(1, 1), 127);
    }
}
