//! Reading from a camera: frame after frame of the same desk.
//!
//! A code that no frame shows well enough may still be readable in several laid over each other:
//! noise, smear and reflections change from frame to frame, the code does not. Each frame in which
//! a symbol was seen and not read gives its place, turned upright; their mean is read again. Where
//! no symbol is seen either, the busiest place is followed as it moves, and may turn out to be one.

use std::time::{Duration, Instant};

use yanma_zxing::Effort;

use crate::geometry::{self, Quad};
use crate::hint::{self, Hint};
use crate::parts::{Joined, Missing, Parts};
use crate::picture::GreyImage;
use crate::read::{self, Budget, Looked};
use crate::symbol::{Formats, Symbol};
use crate::upright::Upright;
use crate::{prepare, upright, zxing_engine};

/// Frames without a sign of the symbol after which another may have taken its place.
const FORGET_AFTER: u32 = 5;

/// How long after a part of a longer text its other parts are waited for.
const PARTS_WITHIN: Duration = Duration::from_secs(20);

/// After so many frames half of what they weigh is taken away: hands and screens change.
const MOST_FRAMES: u32 = 12;

/// Light from here on is reflection, and hides what other frames may show.
const CLIPPED: u8 = 250;

/// What a frame gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// The symbols in it, the one nearest the middle first. What is one part of a longer text is
    /// held back until all parts were shown, and then comes as one symbol.
    pub symbols: Vec<Symbol>,
    /// What is still to be shown of the text that a part in this frame belongs to.
    pub missing: Option<Missing>,
    /// Why a code that is there could not be read.
    pub hint: Option<Hint>,
}

/// Reads the frames of one camera, and remembers what earlier ones showed.
#[derive(Debug)]
pub struct Reader {
    formats: Formats,
    budget: Budget,
    heap: Option<Heap>,
    missed: u32,
    parts: Parts,
    last_part: Option<Instant>,
}

impl Reader {
    /// A reader that has seen nothing yet. The budget is for each frame.
    #[must_use]
    pub fn new(formats: Formats, budget: Budget) -> Self {
        let parts = Parts::default();
        Self { formats, budget, heap: None, missed: 0, parts, last_part: None }
    }

    /// Forgets what was seen: another desk, another camera.
    pub fn forget(&mut self) {
        self.forget_frames();
        self.parts.forget();
    }

    /// The next frame shows something else; it may be another part of the same text.
    pub fn forget_frames(&mut self) {
        self.heap = None;
    }

    /// Reads the next frame. A symbol that only several frames together showed has the attempt
    /// `"frames"`, and the place where the last of them saw it.
    #[must_use]
    pub fn frame(&mut self, image: &GreyImage) -> Sight {
        let deadline = Instant::now() + self.budget.time;
        let mut looked = read::look(image, &self.formats, self.budget);
        if looked.symbols.is_empty() {
            looked.symbols = self.add(image, &looked, deadline);
        } else {
            self.heap = None;
        }
        let hint = hint::of(image, &looked);
        let (symbols, missing) = self.joined(looked.symbols);
        Sight { symbols, missing, hint }
    }

    /// Reads a frame that did not change since the last one as a picture file is read: every look,
    /// without a hurry. A still picture is worth that, and parts in it count as before.
    #[must_use]
    pub fn again(&mut self, image: &GreyImage) -> Sight {
        let looked = read::look(image, &self.formats, Budget::PATIENT);
        let hint = hint::of(image, &looked);
        let (symbols, missing) = self.joined(looked.symbols);
        Sight { symbols, missing, hint }
    }

    /// The symbols with those that are parts taken out, and put together where all were shown.
    fn joined(&mut self, symbols: Vec<Symbol>) -> (Vec<Symbol>, Option<Missing>) {
        if self.last_part.is_some_and(|last| last.elapsed() > PARTS_WITHIN) {
            self.parts.forget();
        }
        let (mut whole, mut missing) = (Vec::with_capacity(symbols.len()), None);
        for symbol in symbols {
            let Some(joined) = self.parts.add(&symbol) else {
                whole.push(symbol);
                continue;
            };
            self.last_part = Some(Instant::now());
            match joined {
                Joined::Whole(symbol) => {
                    // Two of its parts in one frame say the same.
                    missing = None;
                    if !whole.iter().any(|one: &Symbol| one.bytes == symbol.bytes) {
                        whole.push(symbol);
                    }
                }
                Joined::Some(some) => missing = Some(some),
                Joined::Contradiction => {}
            }
        }
        (whole, missing)
    }

    /// Lays the frame over the earlier ones, and reads what comes of it.
    fn add(&mut self, image: &GreyImage, looked: &Looked, deadline: Instant) -> Vec<Symbol> {
        let far = |quad: &Quad| geometry::from_middle(quad, image);
        let nearest =
            |quads: &[Quad]| quads.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)));
        let damaged = nearest(&looked.damaged);
        let elsewhere =
            |heap: &mut Heap| damaged.is_some_and(|quad| !geometry::overlap(&heap.last, &quad));
        self.heap.take_if(elsewhere);
        let place = match (&self.heap, damaged) {
            (Some(heap), Some(quad)) if !heap.followed => Some(quad),
            (Some(heap), _) => match heap.follow(image) {
                // No hand is so still. Print on the desk is, and is not read again and again.
                Some((-1..=1, -1..=1)) => return Vec::new(),
                step => step.map(|(x, y)| heap.last.map(|at| (at.0 + x as f32, at.1 + y as f32))),
            },
            (None, damaged) => damaged.or_else(|| Some(grown(&nearest(&looked.busy)?))),
        };
        let Some(quad) = place else {
            self.missed += 1;
            if self.missed > FORGET_AFTER {
                self.heap = None;
            }
            return Vec::new();
        };
        self.missed = 0;
        let heap = self.heap.get_or_insert_with(|| Heap::new(quad, damaged.is_none()));
        heap.add(image, &quad);
        if heap.frames < 2 {
            return Vec::new();
        }
        let symbols = heap.read(self.formats, deadline);
        if !symbols.is_empty() {
            self.heap = None;
        }
        symbols
    }
}

/// A busy place and what is around it.
fn grown(quad: &Quad) -> Quad {
    let [low, _, high, _] = *quad;
    let (across, down) = ((high.0 - low.0) / 8.0, (high.1 - low.1) / 8.0);
    let (left, top, right, bottom) = (low.0 - across, low.1 - down, high.0 + across, high.1 + down);
    [(left, top), (right, top), (right, bottom), (left, bottom)]
}

/// Frames of one symbol, turned upright and summed.
#[derive(Debug)]
struct Heap {
    /// Where the symbol was seen last.
    last: Quad,
    /// Whether its outline is not known, only a place that is followed from frame to frame.
    followed: bool,
    frames: u32,
    sums: Vec<u32>,
    weights: Vec<u32>,
}

type Prepared = (fn(&GreyImage) -> GreyImage, bool);

impl Heap {
    /// How the mean is looked at.
    const LOOKS: [Prepared; 7] = [
        (GreyImage::clone, false),
        (|mean| prepare::sharpen(mean, 3, 10), false),
        (|mean| prepare::flatten(mean, 16), false),
        (|mean| prepare::deblur(mean, 2), false),
        (|mean| prepare::deblur(mean, 3), true),
        (|mean| prepare::sharpen(mean, 5, 12), false),
        (|mean| prepare::deblur(mean, 4), false),
    ];

    fn new(last: Quad, followed: bool) -> Self {
        let pixels = (upright::SIDE * upright::SIDE) as usize;
        Self { last, followed, frames: 0, sums: vec![0; pixels], weights: vec![0; pixels] }
    }

    /// How far the place has moved since the last frame, if it is seen at all.
    fn follow(&self, image: &GreyImage) -> Option<(i64, i64)> {
        /// Pixels between what is compared in the square.
        const APART: usize = 11;
        let upright = Upright::of(&self.last);
        let inner = (APART / 2..upright::SIDE as usize).step_by(APART);
        let places: Vec<_> = inner
            .clone()
            .flat_map(|y| inner.clone().map(move |x| (x, y)))
            .map(|(x, y)| {
                let (across, down) = upright.back((x as f32 + 0.5, y as f32 + 0.5));
                ((across as i64, down as i64), self.grey(y * upright::SIDE as usize + x))
            })
            .collect();
        let difference = |(dx, dy): &(i64, i64)| -> u64 {
            let one = |((x, y), grey): &((i64, i64), u8)| {
                u64::from(image.at(x + dx, y + dy).abs_diff(*grey))
            };
            places.iter().map(one).sum()
        };
        let steps = |(x, y): (i64, i64), reach: i64, step: usize| {
            let along = move |at: i64| (at - reach..=at + reach).step_by(step);
            along(y).flat_map(move |dy| along(x).map(move |dx| (dx, dy)))
        };
        let wide: Vec<_> = steps((0, 0), 20, 2).map(|step| (difference(&step), step)).collect();
        let usual = wide.iter().map(|(sum, _)| sum).sum::<u64>() / wide.len() as u64;
        let (_, coarse) = *wide.iter().min_by_key(|(sum, _)| *sum)?;
        let best = steps(coarse, 1, 1).min_by_key(difference)?;
        (difference(&best) * 20 < usual * 19).then_some(best)
    }

    fn add(&mut self, image: &GreyImage, quad: &Quad) {
        if self.frames >= MOST_FRAMES {
            self.frames /= 2;
            self.sums.iter_mut().chain(&mut self.weights).for_each(|value| *value /= 2);
        }
        let mut upright = Upright::of(quad).picture(image);
        self.last = *quad;
        if self.frames > 0 {
            // The outline of a symbol that could not be read is off by a module or so.
            // A place that is followed was only moved, and not turned.
            for _ in 0..=u8::from(self.followed) {
                self.last = self.settled(&upright, &self.last);
                upright = Upright::of(&self.last).picture(image);
            }
        }
        self.frames += 1;
        let cells = self.sums.iter_mut().zip(&mut self.weights);
        for (grey, (sum, weight)) in upright.pixels().iter().zip(cells) {
            let counts = if *grey >= CLIPPED { 1 } else { 16 };
            *sum += u32::from(*grey) * counts;
            *weight += counts;
        }
    }

    /// The outline moved so that each quarter of the symbol lies where the earlier frames have it.
    fn settled(&self, upright: &GreyImage, quad: &Quad) -> Quad {
        let mean = self.mean();
        let far = upright::SIDE - upright::SIDE / 2;
        let corners = [(0, 0), (far, 0), (far, far), (0, far)];
        let mut settled = *quad;
        for (corner, (left, top)) in settled.iter_mut().zip(corners) {
            let (x, y) = shift(&mean, upright, left, top);
            // A step in the square is as long as the outline's scale; near enough for a correction.
            let scale = geometry::perimeter(quad) / 4.0 / upright::SIDE as f32;
            let (along, down) = geometry::directions(quad);
            corner.0 += (x * along.0 + y * down.0) * scale;
            corner.1 += (x * along.1 + y * down.1) * scale;
        }
        settled
    }

    fn mean(&self) -> Vec<u8> {
        (0..self.sums.len()).map(|at| self.grey(at)).collect()
    }

    fn grey(&self, at: usize) -> u8 {
        (self.sums[at] / self.weights[at].max(1)).min(255) as u8
    }

    fn read(&self, formats: Formats, deadline: Instant) -> Vec<Symbol> {
        let Ok(mean) = GreyImage::new(upright::SIDE, upright::SIDE, self.mean()) else {
            return Vec::new();
        };
        // What is only followed may be anything: each frame it is looked at in some of the ways.
        let looks = Self::LOOKS.iter().cycle().skip(4 * self.frames as usize);
        let looks = looks.take(if self.followed { 4 } else { Self::LOOKS.len() });
        for (prepare, global_threshold) in looks.copied() {
            if Instant::now() >= deadline {
                break;
            }
            let effort =
                Effort { harder: true, invert: true, global_threshold, ..Effort::default() };
            let mut seen = zxing_engine::look(&prepare(&mean), formats, effort, "frames").symbols;
            if !seen.is_empty() {
                let upright = Upright::of(&self.last);
                for symbol in &mut seen {
                    symbol.corners = symbol.corners.map(|place| upright.back(place));
                }
                return seen;
            }
        }
        Vec::new()
    }
}

/// How far a quarter of `upright`, beginning at a place, has to look to find what `mean` has there:
/// the shift, within a module or two, at which the two agree best.
fn shift(mean: &[u8], upright: &GreyImage, left: u32, top: u32) -> (f32, f32) {
    const REACH: i64 = 9;
    let (side, half) = (i64::from(upright::SIDE), i64::from(upright::SIDE / 2));
    let (left, top) = (i64::from(left), i64::from(top));
    let difference = |dx: i64, dy: i64| -> u64 {
        let mut sum = 0;
        for y in ((top + REACH)..(top + half - REACH)).step_by(4) {
            for x in ((left + REACH)..(left + half - REACH)).step_by(3) {
                let there = mean.get((y * side + x) as usize).copied().unwrap_or(0);
                sum += u64::from(upright.at(x + dx, y + dy).abs_diff(there));
            }
        }
        sum
    };
    let steps = (-REACH..=REACH).flat_map(|dy| (-REACH..=REACH).map(move |dx| (dx, dy)));
    let best = steps.min_by_key(|(dx, dy)| difference(*dx, *dy)).unwrap_or((0, 0));
    (best.0 as f32, best.1 as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw;
    use std::time::Duration;

    /// A code in noise that hides it; the seed makes another noise of the same strength.
    fn noisy(code: &GreyImage, mut seed: u64) -> GreyImage {
        let mut shaken = |grey: &u8| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let noise = (seed >> 33) as i32 % 271 - 135;
            (i32::from(*grey) / 2 + 64 + noise).clamp(0, 249) as u8
        };
        let pixels = code.pixels().iter().map(&mut shaken).collect();
        GreyImage::new(code.width(), code.height(), pixels).unwrap()
    }

    #[test]
    fn frames_of_which_none_is_readable_are_readable_together() {
        let text = "HTTPS://YM.TEST/31415926535897932384626433832795028841971693993751";
        let code = draw::qr_for_code(text).unwrap().to_grey(4, 4);
        let (low, high) = (16.0, code.width() as f32 - 16.0);
        let quad = [(low, low), (high, low), (high, high), (low, high)];
        let later = Instant::now() + Duration::from_secs(60);
        let mut heap = Heap::new(quad, false);
        let mut first = None;
        for seed in 1..=12 {
            let frame = noisy(&code, seed * 7_919);
            let mut alone = Heap::new(quad, false);
            alone.add(&frame, &quad);
            assert_eq!(alone.read(Formats::CODES, later), [], "frame {seed} alone");
            heap.add(&frame, &quad);
            let texts: Vec<_> =
                heap.read(Formats::CODES, later).into_iter().map(|one| one.text).collect();
            if first.is_none() && !texts.is_empty() {
                assert_eq!(texts, [text]);
                first = Some(seed);
            }
        }
        assert!(first.is_some(), "twelve frames together were not readable");
    }
}
