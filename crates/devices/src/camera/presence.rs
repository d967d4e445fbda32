//! Whether anybody is there. A camera's noise makes every frame new, so that an empty desk would
//! be read thirty times a second for ever: where nothing moved and nothing was seen for a while the
//! watch dozes, and looks a few times a second only. Whatever moves wakes it with that very frame.
//!
//! The measure is the mean grey of 32×18 cells against a background that follows. Its limits were
//! chosen on frames of 1280×720 with seeded noise, taken through a JPEG of quality 70, of a desk
//! with white paper and a black corner. So many cells of 576 were off by more than 4 levels, at
//! most in 150 frames where nobody was:
//!
//! | noise, sigma | light still, ±3 %, bands of ±3 %, dawn in a minute | dawn from one side |
//! | --- | --- | --- |
//! | 2, 4 or 6 levels | 0 | 0 |
//! | 10 levels | 0 | 1 |
//!
//! and when something is laid over 1, 2 or 5 % of the picture, with light that is still:
//!
//! | noise, sigma | brighter by 6 levels | by 15 levels |
//! | --- | --- | --- |
//! | 2 levels | 5, 11, 26 | 8, 15, 32 |
//! | 6 levels | 4, 10, 25 | 8, 15, 32 |
//!
//! Where a lamp flickers, what differs from the desk by less than the lamp does is seen by its next
//! frames only. A frame takes 0.02 to 0.05 ms.

use std::time::{Duration, Instant};

use yanma_barcode::GreyImage;

use super::frame::Frame;

/// Cells of the coarse picture.
const ACROSS: usize = 32;
const DOWN: usize = 18;

/// Rows of a cell that are looked at: enough against noise, and a quarter of a 720p frame.
const ROWS: usize = 10;

/// How far a cell may be from the background, in grey levels.
const STRAYS: f32 = 4.0;

/// How much brighter or darker a lamp's flicker makes a row of cells.
const FLICKER: f32 = 0.1;

/// So many cells off their background are something that moves: 0.7 % of the picture.
const MOVED: usize = 4;

/// How fast the background follows the picture.
const FOLLOWS: Duration = Duration::from_secs(3);

/// How often a dozing watch looks.
const GLANCE: Duration = Duration::from_millis(250);

type Cells = [[f32; ACROSS]; DOWN];

/// Remembers what the desk looks like, and when there was a sign of somebody. It has no clock.
pub(crate) struct Presence {
    dozes_after: Duration,
    scene: Option<Scene>,
    last_sign: Option<Instant>,
    last_look: Option<Instant>,
}

/// The desk as it usually looks.
struct Scene {
    of: (u32, u32, u64),
    background: Cells,
    at: Instant,
}

impl Presence {
    pub(crate) fn new(dozes_after: Duration) -> Self {
        Self { dozes_after, scene: None, last_sign: None, last_look: None }
    }

    /// Takes the next frame, and says whether to look at it: at each, and while dozing at one
    /// every quarter of a second and at what moves.
    pub(crate) fn frame(&mut self, frame: &Frame, now: Instant) -> bool {
        if self.moves(frame, now) {
            self.sign(now);
        }
        let since = |last: Option<Instant>| last.map(|last| now.saturating_duration_since(last));
        let dozes = since(self.last_sign).is_some_and(|since| since >= self.dozes_after);
        let looks = !dozes || since(self.last_look).is_none_or(|since| since >= GLANCE);
        if looks {
            self.last_look = Some(now);
        }
        looks
    }

    /// There is somebody: a symbol was seen, or advice given.
    pub(crate) fn sign(&mut self, now: Instant) {
        self.last_sign = Some(now);
    }

    /// Whether something is not as it usually is. A frame of another kind is something new.
    fn moves(&mut self, frame: &Frame, now: Instant) -> bool {
        let of = (frame.grey.width(), frame.grey.height(), frame.showing);
        let cells = cells(&frame.grey);
        match &mut self.scene {
            Some(scene) if scene.of == of => {
                let moves = strays(&cells, &scene.background) >= MOVED;
                scene.follow(&cells, now);
                moves
            }
            _ => {
                self.scene = Some(Scene { of, background: cells, at: now });
                true
            }
        }
    }
}

impl Scene {
    fn follow(&mut self, cells: &Cells, now: Instant) {
        let since = now.saturating_duration_since(self.at).as_secs_f32();
        let share = since / (since + FOLLOWS.as_secs_f32());
        for (background, cell) in self.background.iter_mut().flatten().zip(cells.iter().flatten()) {
            *background += (cell - *background) * share;
        }
        self.at = now;
    }
}

/// The mean grey of each cell.
fn cells(grey: &GreyImage) -> Cells {
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let span = |n: usize, of: usize, size: usize| {
        let from = (n * size / of).min(size - 1);
        from..((n + 1) * size / of).max(from + 1)
    };
    let mut cells = [[0.0; ACROSS]; DOWN];
    for (down, row) in cells.iter_mut().enumerate() {
        let lines = span(down, DOWN, height);
        let step = (lines.len() / ROWS).max(1);
        let lines: Vec<&[u8]> = lines
            .step_by(step)
            .filter_map(|y| grey.pixels().get(y * width..(y + 1) * width))
            .collect();
        for (across, cell) in row.iter_mut().enumerate() {
            let columns = span(across, ACROSS, width);
            let of_line = |line: &&[u8]| -> u32 {
                let pixels = line.get(columns.clone()).unwrap_or_default();
                pixels.iter().map(|pixel| u32::from(*pixel)).sum()
            };
            let sum: u32 = lines.iter().map(of_line).sum();
            *cell = sum as f32 / (lines.len() * columns.len()) as f32;
        }
    }
    cells
}

/// How many cells are off their background. Lamps flicker and a rolling shutter makes bands of it:
/// what most cells of a row do together, within limits, is light.
fn strays(cells: &Cells, background: &Cells) -> usize {
    let mut strays = 0;
    for (cells, background) in cells.iter().zip(background) {
        let mut ratios = [1.0; ACROSS];
        for ((ratio, cell), background) in ratios.iter_mut().zip(cells).zip(background) {
            *ratio = (cell + 1.0) / (background + 1.0);
        }
        ratios.sort_unstable_by(f32::total_cmp);
        let light = ratios[ACROSS / 2].clamp(1.0 - FLICKER, 1.0 + FLICKER);
        let off = |(cell, background): (&f32, &f32)| {
            // Not all of a picture flickers: a screen does not, nor what is white already.
            let lit = background * light;
            *cell < background.min(lit) - STRAYS || *cell > background.max(lit) + STRAYS
        };
        strays += cells.iter().zip(background).filter(|pair| off(*pair)).count();
    }
    strays
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 320;
    const HEIGHT: u32 = 180;

    const DOZES_AFTER: Duration = Duration::from_secs(5);
    const FRAME: Duration = Duration::from_millis(33);

    /// A desk before a camera: its noise, its light, and what lies on it.
    struct Desk {
        noise: f32,
        /// The light at a height in the picture from 0 to 1, and a time in seconds.
        light: fn(f32, f32) -> f32,
        /// How much brighter than the desk, over which part of the picture.
        thing: Option<(f32, f32)>,
        seed: u64,
        frames: u32,
    }

    impl Desk {
        fn new(noise: f32, light: fn(f32, f32) -> f32) -> Self {
            Self { noise, light, thing: None, seed: 0x9E37_79B9_7F4A_7C15, frames: 0 }
        }

        /// About a normal distribution of deviation 1: the sum of eight even ones.
        fn random(&mut self) -> f32 {
            self.seed ^= self.seed << 13;
            self.seed ^= self.seed >> 7;
            self.seed ^= self.seed << 17;
            let sum: u32 = self.seed.to_le_bytes().into_iter().map(u32::from).sum();
            (sum as f32 - 1020.0) / 209.0
        }

        fn frame(&mut self) -> Frame {
            let seconds = self.frames as f32 * FRAME.as_secs_f32();
            self.frames += 1;
            let side = self.thing.map_or(0.0, |(_, share)| share.sqrt());
            let mut pixels = Vec::new();
            for (y, x) in (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x))) {
                let (across, down) = (x as f32 / WIDTH as f32, y as f32 / HEIGHT as f32);
                let mut grey = match (across, down) {
                    (0.1..0.3, 0.2..0.6) => 250.0,
                    (0.8.., 0.7..) => 6.0,
                    _ => 90.0 + 60.0 * across,
                };
                let is_under = |at: f32| (0.4..0.4 + side).contains(&at);
                if let (Some((brighter, _)), true, true) =
                    (self.thing, is_under(across), is_under(down))
                {
                    grey += brighter;
                }
                let grey = grey * (self.light)(down, seconds) + self.noise * self.random();
                pixels.push(grey.round().clamp(0.0, 255.0) as u8);
            }
            let grey = GreyImage::new(WIDTH, HEIGHT, pixels).unwrap();
            Frame::from_grey(grey, u64::from(self.frames), 0)
        }
    }

    /// Takes frames for a time; how many there were, and how many were looked at.
    fn watch(
        presence: &mut Presence,
        desk: &mut Desk,
        now: &mut Instant,
        time: Duration,
    ) -> (usize, usize) {
        let until = *now + time;
        let (mut frames, mut looked) = (0, 0);
        while *now < until {
            looked += usize::from(presence.frame(&desk.frame(), *now));
            frames += 1;
            *now += FRAME;
        }
        (frames, looked)
    }

    const STILL: fn(f32, f32) -> f32 = |_, _| 1.0;
    const FLICKER: fn(f32, f32) -> f32 = |_, seconds| 1.0 + 0.03 * (14.5 * seconds).sin();
    const BANDS: fn(f32, f32) -> f32 =
        |down, seconds| 1.0 + 0.03 * (14.5 * seconds + 19.0 * down).sin();
    const DAWN: fn(f32, f32) -> f32 = |_, seconds| 0.3 + 0.7 * seconds / 60.0;

    #[test]
    fn an_empty_desk_dozes_whatever_noise_and_light_do() {
        for (light, name) in
            [(STILL, "still"), (FLICKER, "flicker"), (BANDS, "bands"), (DAWN, "dawn")]
        {
            for noise in [0.0, 2.0, 6.0] {
                let mut desk = Desk::new(noise, light);
                let (mut presence, mut now) = (Presence::new(DOZES_AFTER), Instant::now());
                let (frames, looked) = watch(&mut presence, &mut desk, &mut now, DOZES_AFTER);
                assert_eq!(looked, frames, "{name}, noise {noise}: awake at first");
                let (_, looked) = watch(&mut presence, &mut desk, &mut now, DOZES_AFTER);
                // Every eighth of the frames, which is as near to a quarter of a second as they come.
                assert!((18..=20).contains(&looked), "{name}, noise {noise}: {looked} in 5 s");
            }
        }
    }

    #[test]
    fn what_comes_in_wakes_with_its_first_frame_and_is_watched_as_before() {
        let cases = [
            (STILL, 6.0, 0.05),
            (FLICKER, -15.0, 0.05),
            (FLICKER, 15.0, 0.02),
            (FLICKER, 60.0, 0.01),
        ];
        for (light, brighter, share) in cases {
            for noise in [2.0, 6.0] {
                let mut desk = Desk::new(noise, light);
                let (mut presence, mut now) = (Presence::new(DOZES_AFTER), Instant::now());
                watch(&mut presence, &mut desk, &mut now, 2 * DOZES_AFTER);
                while !presence.frame(&desk.frame(), now) {
                    now += FRAME;
                }
                // Just looked: the next look is due seven frames from here.
                desk.thing = Some((brighter, share));
                now += FRAME;
                let case = format!("{brighter} over {share}, noise {noise}");
                assert!(presence.frame(&desk.frame(), now), "{case}");
                now += FRAME;
                let (frames, looked) = watch(&mut presence, &mut desk, &mut now, DOZES_AFTER);
                assert_eq!(looked, frames, "{case}");
                // What stays where it is belongs to the desk after a while.
                watch(&mut presence, &mut desk, &mut now, 4 * DOZES_AFTER);
                let (_, looked) = watch(&mut presence, &mut desk, &mut now, DOZES_AFTER);
                assert!(looked <= 20, "{case}: {looked} in 5 s");
            }
        }
    }

    #[test]
    fn a_sign_and_another_picture_wake_and_some_never_doze() {
        let dozing = || {
            let mut desk = Desk::new(2.0, STILL);
            let (mut presence, mut now) = (Presence::new(DOZES_AFTER), Instant::now());
            watch(&mut presence, &mut desk, &mut now, 2 * DOZES_AFTER);
            while !presence.frame(&desk.frame(), now) {
                now += FRAME;
            }
            (presence, desk, now + FRAME)
        };
        let (mut presence, mut desk, now) = dozing();
        assert!(!presence.frame(&desk.frame(), now), "it dozes");
        presence.sign(now);
        assert!(presence.frame(&desk.frame(), now));
        let (mut presence, mut desk, now) = dozing();
        assert!(presence.frame(&Frame { showing: 1, ..desk.frame() }, now), "placed in a folder");
        let (mut presence, _, now) = dozing();
        let other = GreyImage::new(64, 48, vec![90; 64 * 48]).unwrap();
        assert!(presence.frame(&Frame::from_grey(other, 1, 0), now), "another size");

        let (mut presence, mut now) = (Presence::new(Duration::MAX), Instant::now());
        let (frames, looked) =
            watch(&mut presence, &mut Desk::new(2.0, STILL), &mut now, 2 * DOZES_AFTER);
        assert_eq!(looked, frames);
    }

    #[test]
    fn pictures_of_every_shape_have_their_cells() {
        for (width, height) in [(1, 1), (1, 900), (900, 1), (33, 19), (1280, 720)] {
            let grey = GreyImage::new(width, height, vec![77; (width * height) as usize]).unwrap();
            assert_eq!(cells(&grey), [[77.0; ACROSS]; DOWN], "{width}×{height}");
        }
    }
}
