//! The one picture type of the house: grey, eight bits, row by row.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::load::{MAX_PIXELS, MAX_SIDE};

/// Why bytes are not a picture that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The bytes are neither PNG nor JPEG, whatever the file is called.
    #[error("not a picture: only PNG and JPEG are read")]
    NotAPicture,
    /// It begins like a picture, but its content is damaged or ends too early.
    #[error("the picture is damaged or incomplete")]
    Damaged,
    /// Wider, higher or heavier than [`MAX_SIDE`], [`MAX_PIXELS`] or
    /// [`MAX_FILE_BYTES`](crate::MAX_FILE_BYTES) allow. Scale it down and show it again.
    #[error("the picture is too large: {width}×{height} pixels in {bytes} bytes")]
    TooLarge {
        /// Width in pixels as the file states it; 0 when the file was refused before reading it.
        width: u32,
        /// Height in pixels, likewise.
        height: u32,
        /// Size of the file in bytes; 0 when the picture did not come from a file.
        bytes: usize,
    },
    /// Width, height and number of pixels do not agree, or one of them is zero.
    #[error("{pixels} pixels do not make {width}×{height}")]
    WrongSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Number of pixels given.
        pixels: usize,
    },
}

/// A grey picture. Never empty, never above [`MAX_PIXELS`]; 0 is black. Clones share the pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct GreyImage {
    width: u32,
    height: u32,
    pixels: Arc<Vec<u8>>,
}

impl GreyImage {
    /// Takes pixels row by row, from the top left.
    ///
    /// # Errors
    /// [`PictureError::WrongSize`] when `pixels` is not exactly `width × height` long or a side is
    /// zero, [`PictureError::TooLarge`] beyond [`MAX_SIDE`] or [`MAX_PIXELS`].
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PictureError> {
        let expected = u64::from(width) * u64::from(height);
        if expected == 0 || expected != pixels.len() as u64 {
            return Err(PictureError::WrongSize { width, height, pixels: pixels.len() });
        }
        if width > MAX_SIDE || height > MAX_SIDE || expected > MAX_PIXELS {
            return Err(PictureError::TooLarge { width, height, bytes: 0 });
        }
        Ok(Self { width, height, pixels: Arc::new(pixels) })
    }

    /// For pictures whose size was just computed here. A size that breaks the rules gives one
    /// white pixel instead of a panic.
    pub(crate) fn from_fn(width: u32, height: u32, grey: impl Fn(u32, u32) -> u8) -> Self {
        let mut pixels = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            pixels.extend((0..width).map(|x| grey(x, y)));
        }
        Self::new(width, height, pixels).unwrap_or_else(|_| Self {
            width: 1,
            height: 1,
            pixels: Arc::new(vec![u8::MAX]),
        })
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All pixels, row by row from the top left; 0 is black.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixel at a place, or white outside of the picture.
    #[must_use]
    pub fn at(&self, x: i64, y: i64) -> u8 {
        let inside =
            (0..i64::from(self.width)).contains(&x) && (0..i64::from(self.height)).contains(&y);
        let place = y.saturating_mul(i64::from(self.width)).saturating_add(x);
        match usize::try_from(place) {
            Ok(place) if inside => self.pixels.get(place).copied().unwrap_or(u8::MAX),
            _ => u8::MAX,
        }
    }

    /// A pixel, the one to its right, the one below, and the one below that.
    fn square(&self, left: i64, top: i64) -> [u8; 4] {
        let inside = (0..i64::from(self.width) - 1).contains(&left)
            && (0..i64::from(self.height) - 1).contains(&top);
        let place = top.saturating_mul(i64::from(self.width)).saturating_add(left);
        let place = usize::try_from(place).unwrap_or(0);
        let rows = (self.pixels.get(place..), self.pixels.get(place + self.width as usize..));
        match rows {
            (Some([grey, right, ..]), Some([below, beyond, ..])) if inside => {
                [*grey, *right, *below, *beyond]
            }
            // Far outside, where places end, there is white in any direction.
            _ => {
                let (right, below) = (left.saturating_add(1), top.saturating_add(1));
                [
                    self.at(left, top),
                    self.at(right, top),
                    self.at(left, below),
                    self.at(right, below),
                ]
            }
        }
    }

    /// The grey at a place between pixels, linearly; the middle of the first pixel is at
    /// (0.5, 0.5).
    pub(crate) fn between(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (right_part, lower_part) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let [grey, right, below, beyond] = self.square(left, top).map(f32::from);
        let upper = grey + (right - grey) * right_part;
        let lower = below + (beyond - below) * right_part;
        upper + (lower - upper) * lower_part
    }

    /// The pixels, copied only when a clone still shares them.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.pixels)
    }
}

impl fmt::Debug for GreyImage {
    /// Only the size: a picture of a code is a code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GreyImage({}×{})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_pixels_must_agree() {
        let cases = [(2, 3, 6, true), (2, 3, 5, false), (2, 3, 7, false), (0, 3, 0, false)];
        for (width, height, pixels, good) in cases {
            let made = GreyImage::new(width, height, vec![0; pixels]);
            assert_eq!(made.is_ok(), good, "{width}×{height} of {pixels}");
        }
    }

    #[test]
    fn the_longest_side_is_a_limit_on_both_sides() {
        assert!(GreyImage::new(MAX_SIDE, 1, vec![0; MAX_SIDE as usize]).is_ok());
        assert!(matches!(
            GreyImage::new(MAX_SIDE + 1, 1, vec![0; MAX_SIDE as usize + 1]),
            Err(PictureError::TooLarge { .. })
        ));
    }

    #[test]
    fn between_pixels_grey_is_between_theirs() {
        let image = GreyImage::new(2, 2, vec![0, 100, 200, 100]).unwrap();
        let cases =
            [((0.5, 0.5), 0.0), ((1.5, 0.5), 100.0), ((1.0, 0.5), 50.0), ((1.0, 1.0), 100.0)];
        for ((x, y), grey) in cases {
            assert!((image.between(x, y) - grey).abs() < 0.001, "{x}, {y}");
        }
    }

    #[test]
    fn outside_of_the_picture_is_white() {
        let image = GreyImage::new(2, 1, vec![7, 9]).unwrap();
        assert_eq!([image.at(0, 0), image.at(1, 0)], [7, 9]);
        for (x, y) in [(-1, 0), (2, 0), (0, 1), (0, -1), (i64::MAX, i64::MAX)] {
            assert_eq!(image.at(x, y), u8::MAX, "{x},{y}");
        }
    }

    #[test]
    fn infinitely_far_away_is_white() {
        let image = GreyImage::from_fn(3, 3, |_, _| 0);
        for far in [f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30] {
            assert_eq!(image.square(far as i64, 1), [255; 4]);
            assert_eq!(image.square(1, far as i64), [255; 4]);
        }
        assert_eq!(image.square(1, 1), [0; 4]);
        assert_eq!(image.square(2, 2), [0, 255, 255, 255]);
    }
}
