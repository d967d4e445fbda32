//! Where a picture is as busy as a code: dark and light by turns, across and down. Tells where to
//! look closely when no corner of a code was seen, which blur and noise hide first.

use crate::geometry::Quad;
use crate::picture::GreyImage;

/// Sides of the blocks that are called busy or not, in pixels.
const BLOCK: usize = 16;

/// Every so many lines of a block are looked at.
const LINES: usize = 4;

/// Pixels between what is compared: neighbours differ by noise alone.
const STEP: usize = 2;

/// A place goes on as long as its blocks are so busy, in hundredths of its busiest.
const STILL: u32 = 40;

/// The longer side of a place may be so many times the shorter.
const LONGEST: usize = 2;

/// Blocks that are begun at before giving up.
const MOST_SEEDS: usize = 8;

/// Up to `most` places, the busiest and nearest the middle first.
pub(super) fn places(image: &GreyImage, most: usize) -> Vec<Quad> {
    let mut blocks = Blocks::of(image);
    let mut places = Vec::new();
    for _ in 0..MOST_SEEDS {
        let Some(seed) = blocks.busiest() else { break };
        if let Some(place) = blocks.take(seed) {
            places.push(place);
            if places.len() == most {
                break;
            }
        }
    }
    places
}

struct Blocks {
    width: usize,
    height: usize,
    /// How busy each is: what neighbouring pixels differ by, across or down, whichever is less.
    busy: Vec<u32>,
    /// Half of all blocks are not busier.
    quiet: u32,
}

impl Blocks {
    fn of(image: &GreyImage) -> Self {
        let stride = image.width() as usize;
        let (width, height) = (stride / BLOCK, image.height() as usize / BLOCK);
        let mut differences = Vec::with_capacity(width * height);
        for rows in image.pixels().chunks_exact(stride * BLOCK) {
            differences.extend((0..width).map(|at| differ(rows, stride, at * BLOCK)));
        }
        let busy: Vec<u32> =
            (0..differences.len()).map(|at| around(&differences, width, height, at)).collect();
        let mut sorted = busy.clone();
        let middle = sorted.len() / 2;
        let quiet = if sorted.is_empty() { 0 } else { *sorted.select_nth_unstable(middle).1 };
        Self { width, height, busy, quiet }
    }

    /// The busiest block that is left; one at the edge of the picture counts half.
    fn busiest(&self) -> Option<usize> {
        let weight = |at: usize| {
            let (x, y) = (at % self.width, at / self.width);
            let off = |at: usize, all: usize| (2 * at + 1).abs_diff(all) * 100 / all;
            let far = off(x, self.width).max(off(y, self.height)) as u32;
            self.busy[at] * (200 - far.min(100))
        };
        let least = self.quiet + self.quiet / 2 + 1;
        (0..self.busy.len()).filter(|at| self.busy[*at] > least).max_by_key(|at| weight(*at))
    }

    /// Takes the blocks around one that are nearly as busy; their bounds, if a code may fill them.
    fn take(&mut self, seed: usize) -> Option<Quad> {
        let quiet = self.quiet.min(self.busy[seed]);
        let still = quiet + (self.busy[seed] - quiet) * STILL / 100;
        let (mut low, mut high) = ((self.width, self.height), (0, 0));
        let (mut taken, mut open) = (0, vec![seed]);
        while let Some(at) = open.pop() {
            if self.busy[at] <= still {
                continue;
            }
            self.busy[at] = 0;
            taken += 1;
            let (x, y) = (at % self.width, at / self.width);
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x + 1), high.1.max(y + 1));
            let neighbours = [
                (x > 0).then(|| at - 1),
                (x + 1 < self.width).then_some(at + 1),
                (y > 0).then(|| at - self.width),
                (y + 1 < self.height).then_some(at + self.width),
            ];
            open.extend(neighbours.into_iter().flatten());
        }
        let (across, down) = (high.0 - low.0, high.1 - low.1);
        let (short, long) = (across.min(down), across.max(down));
        let full = taken * 5 >= across * down * 2;
        if short < 2 || long > LONGEST * short + 1 || !full {
            return None;
        }
        let place = |(x, y): (usize, usize)| ((x * BLOCK) as f32, (y * BLOCK) as f32);
        let ((left, top), (right, bottom)) = (place(low), place(high));
        Some([(left, top), (right, top), (right, bottom), (left, bottom)])
    }
}

/// What pixels of a block differ by: across in each of its lines, and down.
type Differences = ([u32; BLOCK / LINES], u32);

/// Of the block that begins at `left`.
fn differ(rows: &[u8], stride: usize, left: usize) -> Differences {
    let row = |y: usize| rows.get(y * stride + left..).unwrap_or_default();
    let sum = |a: &[u8], b: &[u8]| -> u32 {
        a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum()
    };
    let (mut across, mut down) = ([0; BLOCK / LINES], 0);
    for (across, y) in across.iter_mut().zip((0..).step_by(LINES)) {
        let (here, below) = (row(y), row(y + STEP));
        let inner = here.get(..BLOCK).unwrap_or_default();
        *across = sum(inner, inner.get(STEP..).unwrap_or_default());
        down += sum(&inner[..inner.len().saturating_sub(STEP)], below);
    }
    (across, down)
}

/// How busy a block is with those around it: one alone is never even. Across, one of its quieter
/// lines counts: print leaves every other line empty, and a code none.
fn around(differences: &[Differences], width: usize, height: usize, at: usize) -> u32 {
    let (x, y) = (at % width, at / width);
    const ALL: usize = 3 * BLOCK / LINES;
    let (mut lines, mut down) = ([0; ALL], 0);
    for (n, y) in (y.saturating_sub(1)..(y + 2).min(height)).enumerate() {
        let beside = y * width + x.saturating_sub(1)..y * width + (x + 2).min(width);
        for (across, below) in &differences[beside] {
            lines[n * BLOCK / LINES..].iter_mut().zip(across).for_each(|(sum, one)| *sum += one);
            down += below;
        }
    }
    let across = *lines.select_nth_unstable(ALL / 2).1 * ALL as u32;
    across.min(down)
}
