//! Light, lens and sensor.

use std::f32::consts::{PI, TAU};

use super::Dice;
use super::plane::Pose;

/// How a scene is lit and taken.
#[derive(Clone)]
pub(crate) struct Light {
    gain: f32,
    lift: f32,
    /// How much brighter the right side is than the left.
    slope: f32,
    pub(crate) blur_px: f32,
    pub(crate) motion_px: f32,
    motion_angle: f32,
    noise: f32,
    /// Middle, radius and strength.
    glares: Vec<(f32, f32, f32, f32)>,
    /// A straight edge: normal, distance, how dark.
    shadow: Option<(f32, f32, f32)>,
}

impl Light {
    pub(crate) fn of_a_room(dice: &mut Dice) -> Self {
        Self {
            gain: dice.between(0.7, 0.95),
            lift: dice.between(0.02, 0.1),
            slope: dice.between(-0.25, 0.25),
            blur_px: dice.between(0.4, 0.8),
            motion_px: 0.0,
            motion_angle: dice.between(0.0, PI),
            noise: dice.between(0.01, 0.025),
            glares: Vec::new(),
            shadow: None,
        }
    }

    /// A hand that moves during the frame, more or less.
    pub(crate) fn shake(&mut self, dice: &mut Dice, module_px: f32, noise: (f32, f32)) {
        self.motion_angle = dice.between(0.0, PI);
        self.motion_px = module_px * dice.between(0.2, 1.3);
        self.gain *= 0.5;
        self.noise = dice.between(noise.0, noise.1);
    }

    pub(crate) fn add_glare(&mut self, dice: &mut Dice, pose: &Pose) {
        let side = pose.module_px * 41.0;
        for _ in 0..dice.below(2) + 1 {
            let (x, y) = (dice.between(-0.6, 0.6) * side, dice.between(-0.6, 0.6) * side);
            let radius = side * dice.between(0.1, 0.4);
            self.glares.push((
                pose.middle.0 + x,
                pose.middle.1 + y,
                radius,
                dice.between(0.5, 1.5),
            ));
        }
    }

    pub(crate) fn add_shadow(&mut self, dice: &mut Dice, pose: &Pose) {
        let angle = dice.between(0.0, TAU);
        let (sin, cos) = angle.sin_cos();
        let through = pose.middle.0 * cos + pose.middle.1 * sin;
        let aside = pose.module_px * dice.between(-15.0, 15.0);
        self.shadow = Some((angle, through + aside, dice.between(0.18, 0.5)));
    }

    pub(crate) fn dim(&mut self, dice: &mut Dice) {
        self.gain = dice.between(0.08, 0.3);
        self.lift = 0.02;
        self.noise = dice.between(0.01, 0.03);
    }

    pub(crate) fn overexpose(&mut self, dice: &mut Dice) {
        self.gain = dice.between(1.1, 2.0);
        self.lift = dice.between(0.1, 0.5);
        self.blur_px *= dice.between(1.2, 2.2);
    }

    /// A dirty window, a protective film.
    pub(crate) fn veil(&mut self, dice: &mut Dice) {
        self.gain = dice.between(0.06, 0.2);
        self.lift = dice.between(0.3, 0.7);
        self.noise = dice.between(0.008, 0.022);
    }

    /// What the sensor delivers: light, then lens, then noise, then eight bits.
    pub(crate) fn expose(
        &self,
        dice: &mut Dice,
        mut greys: Vec<f32>,
        width: u32,
        height: u32,
    ) -> Vec<u8> {
        for y in 0..height {
            for x in 0..width {
                let at = (y * width + x) as usize;
                let (px, py) = (x as f32, y as f32);
                let mut light = self.gain * (1.0 + self.slope * (px / width as f32 - 0.5));
                if let Some((angle, through, dark)) = self.shadow {
                    let (sin, cos) = angle.sin_cos();
                    let depth = ((px * cos + py * sin - through) / 6.0).clamp(0.0, 1.0);
                    light *= 1.0 - depth * (1.0 - dark);
                }
                greys[at] = self.lift + light * greys[at];
                for (gx, gy, radius, strength) in &self.glares {
                    let far = (px - gx).hypot(py - gy) / radius;
                    greys[at] += strength * (-far * far).exp();
                }
            }
        }
        let mut greys = blur(greys, width, height, self.blur_px);
        if self.motion_px > 0.3 {
            greys = smear(&greys, width, height, self.motion_px, self.motion_angle);
        }
        let mut shaken = |grey: &f32| {
            let sum: f32 = (0..4).map(|_| dice.between(-1.0, 1.0)).sum();
            ((grey + sum * 0.87 * self.noise) * 255.0).clamp(0.0, 255.0) as u8
        };
        greys.iter().map(&mut shaken).collect()
    }
}

/// A Gaussian, one direction after the other.
fn blur(greys: Vec<f32>, width: u32, height: u32, sigma: f32) -> Vec<f32> {
    let reach = (sigma * 2.6).ceil() as i64;
    let kernel: Vec<f32> =
        (-reach..=reach).map(|d| (-(d * d) as f32 / (2.0 * sigma * sigma)).exp()).collect();
    let total: f32 = kernel.iter().sum();
    let (w, h) = (i64::from(width), i64::from(height));
    let pass = |from: &[f32], dx: i64, dy: i64| -> Vec<f32> {
        let mut to = vec![0.0; from.len()];
        for y in 0..h {
            for x in 0..w {
                let sum: f32 = kernel
                    .iter()
                    .zip(-reach..)
                    .map(|(part, d)| {
                        let (x, y) = ((x + d * dx).clamp(0, w - 1), (y + d * dy).clamp(0, h - 1));
                        part * from[(y * w + x) as usize]
                    })
                    .sum();
                to[(y * w + x) as usize] = sum / total;
            }
        }
        to
    };
    pass(&pass(&greys, 1, 0), 0, 1)
}

fn smear(greys: &[f32], width: u32, height: u32, length: f32, angle: f32) -> Vec<f32> {
    let (sin, cos) = angle.sin_cos();
    let steps = (length * 2.0).ceil().max(2.0) as u32;
    let (w, h) = (i64::from(width), i64::from(height));
    let mut to = vec![0.0; greys.len()];
    for y in 0..h {
        for x in 0..w {
            let mut sum = 0.0;
            for step in 0..steps {
                let way = length * (step as f32 / (steps - 1) as f32 - 0.5);
                let (px, py) = (x as f32 + way * cos, y as f32 + way * sin);
                let (left, top) = (px.floor(), py.floor());
                let (fx, fy) = (px - left, py - top);
                let at = |dx: i64, dy: i64| {
                    let (x, y) =
                        ((left as i64 + dx).clamp(0, w - 1), (top as i64 + dy).clamp(0, h - 1));
                    greys[(y * w + x) as usize]
                };
                sum += (at(0, 0) * (1.0 - fx) + at(1, 0) * fx) * (1.0 - fy)
                    + (at(0, 1) * (1.0 - fx) + at(1, 1) * fx) * fy;
            }
            to[(y * w + x) as usize] = sum / steps as f32;
        }
    }
    to
}
