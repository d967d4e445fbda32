//! The desk, and the phone or paper that is held over it.

use std::f32::consts::TAU;

use yanma_barcode::GreyImage;

use super::Dice;

/// Modules of white around the code.
const QUIET: f32 = 3.0;

/// Samples across a pixel.
const FINE: u32 = 3;

/// How a phone is held.
#[derive(Clone)]
pub(crate) struct Pose {
    pub(crate) module_px: f32,
    /// Radians: away from the camera.
    pub(crate) tilt: f32,
    pub(crate) turn: f32,
    /// The direction in which it is tilted.
    pub(crate) tilt_axis: f32,
    pub(crate) middle: (f32, f32),
}

impl Pose {
    pub(crate) fn at_a_desk(dice: &mut Dice, width: u32, height: u32, modules: f32) -> Self {
        let (width, height) = (width as f32, height as f32);
        let largest = height * 0.8 / (modules + 2.0 * QUIET);
        let mut pose = Self {
            module_px: dice.between(2.2, largest.clamp(2.4, 6.5)),
            tilt: dice.between(0.0, 0.45),
            turn: dice.between(-0.5, 0.5),
            tilt_axis: dice.between(0.0, TAU),
            middle: (width * dice.between(0.42, 0.58), height * dice.between(0.46, 0.54)),
        };
        // Some hold it upside down.
        if dice.below(8) == 0 {
            pose.turn += 3.1;
        }
        pose
    }

    /// A hand, a moment later.
    pub(crate) fn shake(&mut self, dice: &mut Dice) {
        self.turn += dice.between(-0.03, 0.03);
        self.tilt = (self.tilt + dice.between(-0.03, 0.03)).max(0.0);
        self.middle.0 += dice.between(-9.0, 9.0);
        self.middle.1 += dice.between(-9.0, 9.0);
        self.module_px *= dice.between(0.985, 1.015);
    }

    /// From picture pixels to modules on the plane, the code's middle being (0, 0).
    fn to_plane(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        // The camera stands 70 modules above; the plane is tilted about an axis through its middle.
        const DISTANCE: f32 = 70.0;
        let (x, y) = ((x - self.middle.0) / self.module_px, (y - self.middle.1) / self.module_px);
        let (sin, cos) = self.tilt_axis.sin_cos();
        let (along, across) = (x * cos + y * sin, y * cos - x * sin);
        let (tilt_sin, tilt_cos) = self.tilt.sin_cos();
        let depth = tilt_cos - across / DISTANCE * tilt_sin;
        if depth < 0.05 {
            return None;
        }
        let across_plane = across / depth;
        let along_plane = along * (1.0 + across_plane * tilt_sin / DISTANCE);
        let (u, v) =
            (along_plane * cos - across_plane * sin, along_plane * sin + across_plane * cos);
        let (sin, cos) = self.turn.sin_cos();
        Some((u * cos + v * sin, v * cos - u * sin))
    }
}

/// From where, to where, how wide.
type Crack = ((f32, f32), (f32, f32), f32);

/// The screen or paper with the code on it. Greys from 0 to 1.
pub(crate) struct Plane {
    code: GreyImage,
    dark: f32,
    light: f32,
    /// Pixels of the screen per module; 0 on paper.
    screen_pixels: f32,
    logo: f32,
    thumb: Option<(f32, f32, f32)>,
    cracks: Vec<Crack>,
    waves: [(f32, f32, f32); 3],
}

impl Plane {
    pub(crate) fn new(code: GreyImage) -> Self {
        Self {
            code,
            dark: 0.06,
            light: 0.92,
            screen_pixels: 0.0,
            logo: 0.0,
            thumb: None,
            cracks: Vec::new(),
            waves: [(0.0, 1.0, 0.0); 3],
        }
    }

    pub(crate) fn modules(&self) -> f32 {
        self.code.width() as f32
    }

    pub(crate) fn invert(&mut self) {
        std::mem::swap(&mut self.dark, &mut self.light);
    }

    /// Luma of green, orange, red and yellow modules on white.
    pub(crate) fn colour(&mut self, dice: &mut Dice) {
        let lumas = [0.42, 0.58, 0.34, 0.66];
        self.dark = lumas[dice.below(4) as usize];
        self.light = 0.97;
    }

    pub(crate) fn add_logo(&mut self, dice: &mut Dice) {
        self.logo = self.modules() * dice.between(0.1, 0.165);
    }

    /// A thumb that comes in over one edge.
    pub(crate) fn add_thumb(&mut self, dice: &mut Dice) {
        let half = self.modules() / 2.0;
        let radius = dice.between(8.0, 13.0);
        let edge = half + radius - dice.between(-1.0, 4.5);
        let along = dice.between(-half, half);
        self.thumb = Some(match dice.below(4) {
            0 => (edge, along, radius),
            1 => (-edge, along, radius),
            2 => (along, edge, radius),
            _ => (along, -edge, radius),
        });
    }

    pub(crate) fn crack(&mut self, dice: &mut Dice) {
        let half = self.modules() / 2.0;
        let from = (dice.between(-half, half), dice.between(-half, half));
        for _ in 0..dice.below(5) + 3 {
            let to = (dice.between(-1.6, 1.6) * half, dice.between(-1.6, 1.6) * half);
            self.cracks.push((from, to, dice.between(0.08, 0.26)));
        }
    }

    pub(crate) fn crumple(&mut self, dice: &mut Dice) {
        for wave in &mut self.waves {
            *wave = (dice.between(0.1, 0.55), dice.between(14.0, 34.0), dice.between(0.0, TAU));
        }
    }

    pub(crate) fn add_screen_pixels(&mut self, dice: &mut Dice) {
        self.screen_pixels = dice.between(2.6, 7.0);
    }

    fn dark_module(&self, u: f32, v: f32) -> bool {
        self.code.at(u.floor() as i64, v.floor() as i64) < 128
    }

    /// The grey at a place on the plane, or none beside the phone.
    fn at(&self, mut u: f32, mut v: f32) -> Option<f32> {
        let [a, b, c] = self.waves;
        u += a.0 * (v * TAU / a.1 + a.2).sin() + c.0 * ((u + v) * TAU / c.1 + c.2).sin() * 0.5;
        v += b.0 * (u * TAU / b.1 + b.2).sin();
        let half = self.modules() / 2.0;
        let (across, down) = (u.abs(), (v + half * 0.45).abs());
        if across > half * 1.28 + 1.5 || down > half * 2.15 + 1.5 {
            return None;
        }
        if across > half * 1.28 || down > half * 2.15 {
            return Some(0.12);
        }
        if let Some((x, y, radius)) = self.thumb
            && ((u - x) / radius).hypot((v - y) / radius) < 1.0
        {
            return Some(0.52);
        }
        let mut grey = if u.abs() < half && v.abs() < half {
            if u.hypot(v) < self.logo * 1.15 {
                if u.hypot(v) < self.logo { 0.45 } else { self.light }
            } else if self.dark_module(u + half, v + half) {
                self.dark
            } else {
                self.light
            }
        } else if u.abs() < half + QUIET && v.abs() < half + QUIET {
            self.light
        } else if v < 0.0 && u.abs() < half * 0.9 && (v.rem_euclid(3.2) < 1.1) {
            // Lines of writing above the code.
            let letter = ((u * 1.7).floor() * 12.9 + (v / 3.2).floor() * 78.2).sin();
            if letter > 0.1 { self.dark } else { self.light }
        } else {
            self.light
        };
        if self.screen_pixels > 0.0 {
            let (x, y) = (
                (u * self.screen_pixels).rem_euclid(1.0),
                (v * self.screen_pixels).rem_euclid(1.0),
            );
            if x < 0.3 || y < 0.22 {
                grey *= 0.25;
            }
        }
        for (from, to, width) in &self.cracks {
            if near((u, v), *from, *to) < *width {
                grey = 0.75 - grey * 0.4;
            }
        }
        Some(grey)
    }

    /// Draws the plane over a desk.
    pub(crate) fn lay(&self, greys: &mut [f32], width: u32, height: u32, pose: &Pose) {
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut hits) = (0.0, 0.0);
                for fine in 0..FINE * FINE {
                    let (dx, dy) = ((fine % FINE) as f32 + 0.5, (fine / FINE) as f32 + 0.5);
                    let place = pose
                        .to_plane(x as f32 + dx / FINE as f32, y as f32 + dy / FINE as f32)
                        .and_then(|(u, v)| self.at(u, v));
                    if let Some(grey) = place {
                        sum += grey;
                        hits += 1.0;
                    } else if fine == 0 && pose.far_away(x as f32, y as f32, self.modules()) {
                        break;
                    }
                }
                if hits > 0.0 {
                    let part = hits / (FINE * FINE) as f32;
                    let at = (y * width + x) as usize;
                    greys[at] = greys[at] * (1.0 - part) + sum / hits * part;
                }
            }
        }
    }
}

impl Pose {
    fn far_away(&self, x: f32, y: f32, modules: f32) -> bool {
        (x - self.middle.0).hypot(y - self.middle.1) > modules * self.module_px * 2.6
    }
}

fn near(point: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx * dx + dy * dy;
    let (px, py) = (point.0 - from.0, point.1 - from.1);
    let along = if length > 0.0 { ((px * dx + py * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (px - along * dx).hypot(py - along * dy)
}

/// A desk: papers, edges, lines of print, a striped cloth.
pub(crate) fn desk(dice: &mut Dice, width: u32, height: u32) -> Vec<f32> {
    let ground = dice.between(0.25, 0.6);
    let mut greys = vec![ground; (width * height) as usize];
    for _ in 0..dice.below(6) + 2 {
        let (w, h) = (dice.below(width / 2) + width / 10, dice.below(height / 2) + height / 10);
        let (left, top) = (dice.below(width), dice.below(height));
        let shade = dice.between(0.1, 0.95);
        let print = dice.below(3);
        let size = dice.below(7) + 4;
        for y in top..(top + h).min(height) {
            for x in left..(left + w).min(width) {
                let line =
                    ((y - top) / size).is_multiple_of(2) && (x - left) % 97 > 8 && (y - top) > size;
                let letter = ((x - left) / (size / 3 + 1)).wrapping_mul(2_654_435_761)
                    ^ ((y - top) / size).wrapping_mul(40_503);
                let ink = match print {
                    1 => line && !(letter >> 7).is_multiple_of(3),
                    2 => ((x - left) / size).is_multiple_of(2),
                    _ => false,
                };
                greys[(y * width + x) as usize] = if ink { shade * 0.35 } else { shade };
            }
        }
    }
    greys
}
