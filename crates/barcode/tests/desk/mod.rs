//! A seeded set of desk frames with the hardships of phones, paper and light: what a decoder is
//! developed with where photographs are few. The same seed makes the same pixels on every machine
//! that computes 32-bit sines alike.
//!
//! Included by tests, benches and the example `desk-set`.

mod light;
mod plane;

use light::Light;
use plane::{Plane, Pose};
use yanma_barcode::{GreyImage, draw};

/// Repeatable numbers; quality does not matter here.
#[derive(Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        // One round of splitmix, so that neighbouring seeds begin far apart.
        let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Self((z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) | 1)
    }

    pub(crate) fn below(&mut self, below: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % below
    }

    /// Evenly between two numbers.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.below(1 << 20) as f32 / (1 << 20) as f32
    }
}

/// What makes a frame hard to read. The last one has no code.
pub(crate) const HARDSHIPS: [&str; 18] = [
    "plain",
    "small",
    "defocus",
    "motion",
    "glare",
    "moire",
    "dim",
    "dark-mode",
    "coloured",
    "logo",
    "thumb",
    "cracked",
    "crumpled",
    "overexposed",
    "low-contrast",
    "steep",
    "shadow",
    "nothing",
];

const SIZES: [(u32, u32); 3] = [(640, 480), (1280, 720), (1920, 1080)];

/// One frame and the text of the code in it; no text where there is no code.
pub(crate) struct DeskFrame {
    pub(crate) image: GreyImage,
    pub(crate) text: Option<String>,
}

/// The `number`th frame of a hardship, in the set that begins with a seed. What is tuned is tuned
/// on the set 0; others are for looking whether it was tuned to these frames alone.
pub(crate) fn frame(hardship: &str, number: u32, set: u32) -> DeskFrame {
    let place = HARDSHIPS.iter().position(|name| *name == hardship).unwrap_or(0) as u64;
    let mut dice = Dice::new(u64::from(set) * 1_000_000 + place * 1_000 + u64::from(number));
    let (width, height) = SIZES[number as usize % SIZES.len()];
    let text = text(&mut dice);
    let mut plane = Plane::new(draw::qr_for_code(&text).expect("a health code").to_grey(1, 0));
    let mut light = Light::of_a_room(&mut dice);
    let mut pose = Pose::at_a_desk(&mut dice, width, height, plane.modules());
    spoil(hardship, &mut dice, &mut plane, &mut light, &mut pose);
    let text = (hardship != "nothing").then_some(text);
    let image = shoot(&mut dice, width, height, text.is_some().then_some((&plane, &pose)), &light);
    DeskFrame { image, text }
}

/// Successive frames of one code in an unsteady hand and poor light: the hand moves, and smears
/// each frame more or less; the light and the code stay. `noise` is the sensor's, as a share of white.
pub(crate) fn shaky(number: u32, frames: u32, noise: (f32, f32)) -> Vec<DeskFrame> {
    let mut dice = Dice::new(u64::from(number) + 500_000);
    let (width, height) = SIZES[0];
    let text = text(&mut dice);
    let plane = Plane::new(draw::qr_for_code(&text).expect("a health code").to_grey(1, 0));
    let light = Light::of_a_room(&mut dice);
    let mut pose = Pose::at_a_desk(&mut dice, width, height, plane.modules());
    pose.module_px = dice.between(2.4, 4.5);
    let one = |at| {
        let mut dice = Dice::new(u64::from(number) * 100 + u64::from(at) + 900_000);
        let (mut pose, mut light) = (pose.clone(), light.clone());
        pose.shake(&mut dice);
        light.shake(&mut dice, pose.module_px, noise);
        let image = shoot(&mut dice, width, height, Some((&plane, &pose)), &light);
        DeskFrame { image, text: Some(text.clone()) }
    };
    (0..frames).map(one).collect()
}

fn text(dice: &mut Dice) -> String {
    let digits: String = (0..223).map(|_| char::from(b'0' + dice.below(10) as u8)).collect();
    format!("HTTPS://YM.TEST/{digits}")
}

fn spoil(hardship: &str, dice: &mut Dice, plane: &mut Plane, light: &mut Light, pose: &mut Pose) {
    match hardship {
        "small" => pose.module_px = dice.between(1.35, 2.3),
        "defocus" => light.blur_px = pose.module_px * dice.between(0.28, 0.66),
        "motion" => light.motion_px = pose.module_px * dice.between(0.5, 1.5),
        "glare" => light.add_glare(dice, pose),
        "moire" => plane.add_screen_pixels(dice),
        "dim" => light.dim(dice),
        "dark-mode" => plane.invert(),
        "coloured" => plane.colour(dice),
        "logo" => plane.add_logo(dice),
        "thumb" => plane.add_thumb(dice),
        "cracked" => plane.crack(dice),
        "crumpled" => plane.crumple(dice),
        "overexposed" => light.overexpose(dice),
        "low-contrast" => light.veil(dice),
        "steep" => pose.tilt = dice.between(0.6, 0.98),
        "shadow" => light.add_shadow(dice, pose),
        _ => {}
    }
}

fn shoot(
    dice: &mut Dice,
    width: u32,
    height: u32,
    shown: Option<(&Plane, &Pose)>,
    light: &Light,
) -> GreyImage {
    let mut greys = plane::desk(dice, width, height);
    if let Some((plane, pose)) = shown {
        plane.lay(&mut greys, width, height, pose);
    }
    let pixels = light.expose(dice, greys, width, height);
    GreyImage::new(width, height, pixels).expect("as many pixels as the size says")
}
