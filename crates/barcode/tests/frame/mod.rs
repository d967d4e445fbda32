//! Frames as a camera would see them: a desk with codes on it, turned, noisy, inverted.

use std::time::Duration;

use yanma_barcode::{Budget, GreyImage};

/// A camera's budget, with the time that it takes beside other tests.
pub(crate) const LIVE: Budget = Budget { time: Duration::from_secs(5), ..Budget::LIVE };

/// A small generator of repeatable noise; quality does not matter here.
pub(crate) struct Noise(u64);

impl Noise {
    /// The next number below `below`.
    pub(crate) fn below(&mut self, below: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % below
    }
}

/// A desk without any code: light falling off to one side, edges of papers, noise.
pub(crate) fn desk(width: u32, height: u32, seed: u64) -> GreyImage {
    let mut noise = Noise(seed | 1);
    let mut pixels = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let light = 90 + 100 * x / width;
            let paper = if (x / 170 + y / 130) % 3 == 0 { 40 } else { 0 };
            pixels.push((light + paper + noise.below(9)).min(255) as u8);
        }
    }
    GreyImage::new(width, height, pixels).expect("as many pixels as the size says")
}

/// Lays a picture on a frame with its middle at a place, turned clockwise by some degrees.
pub(crate) fn lay(
    frame: &GreyImage,
    on: &GreyImage,
    middle: (f32, f32),
    degrees: f32,
) -> GreyImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (half_width, half_height) = (on.width() as f32 / 2.0, on.height() as f32 / 2.0);
    let mut pixels = frame.pixels().to_vec();
    for y in 0..frame.height() {
        for x in 0..frame.width() {
            let (dx, dy) = (x as f32 + 0.5 - middle.0, y as f32 + 0.5 - middle.1);
            let (u, v) = (dx * cos + dy * sin + half_width, dy * cos - dx * sin + half_height);
            if u >= 0.0 && v >= 0.0 && u < on.width() as f32 && v < on.height() as f32 {
                pixels[(y * frame.width() + x) as usize] = on.at(u as i64, v as i64);
            }
        }
    }
    GreyImage::new(frame.width(), frame.height(), pixels).expect("as many pixels as the size says")
}

/// Adds noise of up to `strength` grey levels to every pixel.
pub(crate) fn noisy(frame: &GreyImage, strength: u32, seed: u64) -> GreyImage {
    let mut noise = Noise(seed | 1);
    let mut shaken = |grey: &u8| {
        let shift = noise.below(2 * strength + 1) as i32 - strength as i32;
        (i32::from(*grey) + shift).clamp(0, 255) as u8
    };
    let pixels = frame.pixels().iter().map(&mut shaken).collect();
    GreyImage::new(frame.width(), frame.height(), pixels).expect("as many pixels as the size says")
}

/// Black and white exchanged, as a phone in dark mode shows it.
pub(crate) fn inverted(image: &GreyImage) -> GreyImage {
    let pixels = image.pixels().iter().map(|grey| 255 - grey).collect();
    GreyImage::new(image.width(), image.height(), pixels).expect("as many pixels as the size says")
}
