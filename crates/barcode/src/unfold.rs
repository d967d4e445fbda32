//! A QR on paper or cloth that is not flat: its modules are followed place by place.
//!
//! An engine lays one straight grid over a symbol, and a fold moves modules by more than half of
//! their width. But edges between modules lie on the lines of the grid, wherever the grid is:
//! around each place the edges tell, by their phase against the expected lines, how far the grid
//! is shifted there. What is several modules away is followed from the finder patterns outwards.

use std::collections::BinaryHeap;
use std::f32::consts::TAU;

use crate::geometry::{Place, Quad};
use crate::picture::GreyImage;
use crate::prepare;
use crate::upright::Upright;
use crate::zxing_engine;

/// Pixels a module while the grid is followed.
const MODULE: usize = 5;

/// Modules around the symbol.
const QUIET: usize = 4;

/// How often the grid is followed anew from where it was found before.
const ROUNDS: usize = 2;

/// From one module to the next the grid is shifted by less than this share of a module; what
/// tells of more is no edge of the grid.
const STEEPEST: f32 = 0.35;

/// Versions 1 to 20: larger ones are no codes of a desk, and cost too much.
const SIDES: std::ops::RangeInclusive<usize> = 21..=97;

/// A symbol laid flat.
pub(crate) struct Unfolded {
    /// The picture, straightened.
    pub(crate) straight: GreyImage,
    /// Its modules alone, each black or white.
    pub(crate) modules: GreyImage,
}

/// Lays what is in `quad` flat, with as many modules as its finder patterns suggest; nothing
/// when there are no three of them.
pub(crate) fn unfold(image: &GreyImage, quad: &Quad) -> Option<Unfolded> {
    let frame = Frame::of(image, quad)?;
    let mut grid = Grid::flat(frame.side);
    for _ in 0..ROUNDS {
        let laid = grid.lay(image, &frame);
        grid.follow(&prepare::flatten(&laid, 2 * MODULE));
    }
    let straight = grid.lay(image, &frame);
    let modules = grid.modules(&prepare::flatten(&straight, 3 * MODULE));
    Some(Unfolded { straight, modules })
}

/// Where the modules would be if everything were flat.
struct Frame {
    upright: Upright,
    /// Modules a side.
    side: usize,
    /// The middle of the upper left finder pattern in the upright square, and the steps of one
    /// module across and down.
    corner: Place,
    across: Place,
    down: Place,
}

impl Frame {
    fn of(image: &GreyImage, quad: &Quad) -> Option<Self> {
        let upright = Upright::of(quad);
        let square = upright.picture(image);
        let (width, height) = (square.width() as f32, square.height() as f32);
        let finders = zxing_engine::finders(&square, 1.0);
        let nearest = |x: f32, y: f32| {
            let far = |x0: f32, y0: f32| (x0 - x).hypot(y0 - y);
            let near = finders.iter().min_by(|a, b| far(a.x, a.y).total_cmp(&far(b.x, b.y)))?;
            (far(near.x, near.y) < width / 2.5).then_some(near)
        };
        let (top_left, top_right, bottom_left) =
            (nearest(0.0, 0.0)?, nearest(width, 0.0)?, nearest(0.0, height)?);
        let module = (top_left.width + top_right.width + bottom_left.width) / 21.0;
        let (right, below) = (
            (top_right.x - top_left.x, top_right.y - top_left.y),
            (bottom_left.x - top_left.x, bottom_left.y - top_left.y),
        );
        let between = f32::midpoint(right.0.hypot(right.1), below.0.hypot(below.1)) / module;
        let version = ((between + 7.0 - 17.0) / 4.0).round();
        let side = 17 + 4 * version.clamp(0.0, 40.0) as usize;
        if !SIDES.contains(&side) {
            return None;
        }
        let steps = (side - 7) as f32;
        Some(Self {
            upright,
            side,
            corner: (top_left.x, top_left.y),
            across: (right.0 / steps, right.1 / steps),
            down: (below.0 / steps, below.1 / steps),
        })
    }

    /// Where a place, in modules from the symbol's upper left, is in the picture.
    fn place(&self, u: f32, v: f32) -> Place {
        let (u, v) = (u - 3.5, v - 3.5);
        let x = self.corner.0 + u * self.across.0 + v * self.down.0;
        let y = self.corner.1 + u * self.across.1 + v * self.down.1;
        self.upright.back((x, y))
    }
}

/// A shift of the grid, in modules.
type Shift = [f32; 2];

/// How far the grid is shifted in the middle of each module, the quiet zone's among them.
struct Grid {
    side: usize,
    shifts: Vec<Shift>,
}

impl Grid {
    fn flat(side: usize) -> Self {
        let cells = side + 2 * QUIET;
        Self { side, shifts: vec![[0.0; 2]; cells * cells] }
    }

    fn cells(&self) -> usize {
        self.side + 2 * QUIET
    }

    /// Where the middle of each module is in the picture.
    fn middles(&self, frame: &Frame) -> Vec<Place> {
        let middle = |(cell, [right, down]): (usize, &Shift)| {
            let (x, y) = (cell % self.cells(), cell / self.cells());
            let from_corner = |at: usize| at as f32 + 0.5 - QUIET as f32;
            frame.place(from_corner(x) + right, from_corner(y) + down)
        };
        self.shifts.iter().enumerate().map(middle).collect()
    }

    /// The picture as it would be with the grid straight: places are found for the middles of
    /// modules, and lie evenly between them.
    fn lay(&self, image: &GreyImage, frame: &Frame) -> GreyImage {
        let (cells, middles) = (self.cells(), self.middles(frame));
        // The module before a pixel, and how far towards the next one it is; a little less than
        // nothing or more than all of it at the rim.
        let between = |pixel: usize| {
            let at = (pixel as f32 + 0.5) / MODULE as f32 - 0.5;
            let before = (at.max(0.0) as usize).min(cells - 2);
            (before, at - before as f32)
        };
        let mix =
            |a: Place, b: Place, part: f32| (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part);
        let columns: Vec<(usize, f32)> = (0..cells * MODULE).map(between).collect();
        let mut pixels = Vec::with_capacity(columns.len() * columns.len());
        let mut row = Vec::with_capacity(cells);
        for y in 0..columns.len() {
            let (above, part) = columns[y];
            let lines = middles[above * cells..].iter().zip(&middles[(above + 1) * cells..]);
            row.clear();
            row.extend(lines.take(cells).map(|(a, b)| mix(*a, *b, part)));
            pixels.extend(columns.iter().map(|(before, part)| {
                let (x, y) = mix(row[*before], row[before + 1], *part);
                image.between(x, y) as u8
            }));
        }
        let side = u32::try_from(columns.len()).unwrap_or(1);
        GreyImage::new(side, side, pixels).unwrap_or_else(|_| image.clone())
    }

    /// Shifts the grid to where the edges of the laid picture say it is.
    fn follow(&mut self, laid: &GreyImage) {
        let cells = self.cells();
        let edges = Edges::of(laid, cells);
        let mut known: Vec<Option<Shift>> = vec![None; cells * cells];
        // How certain, which module, and from which beside it: the most certain comes first.
        let mut next = BinaryHeap::new();
        let middle = QUIET + 3;
        let far = QUIET + self.side - 4;
        for (x, y) in [(middle, middle), (far, middle), (middle, far)] {
            let cell = y * cells + x;
            next.push((u32::MAX, cell, cell));
        }
        while let Some((_, cell, beside)) = next.pop() {
            if known[cell].is_some() {
                continue;
            }
            let from = known[beside].unwrap_or_default();
            let phase = edges.phase(cell);
            let shift = [0, 1].map(|way| {
                let shift = phase[way] + (from[way] - phase[way]).round();
                if (shift - from[way]).abs() > STEEPEST { from[way] } else { shift }
            });
            known[cell] = Some(shift);
            let (x, y) = (cell % cells, cell / cells);
            for (right, down) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                let (x, y) = (x.wrapping_add_signed(right), y.wrapping_add_signed(down));
                let other = y.wrapping_mul(cells).wrapping_add(x);
                if x < cells && y < cells && known[other].is_none() {
                    next.push((edges.certainty(other), other, cell));
                }
            }
        }
        let found: Vec<Shift> = known.into_iter().map(Option::unwrap_or_default).collect();
        let smooth = smooth(&found, cells);
        for (shift, more) in self.shifts.iter_mut().zip(smooth) {
            shift[0] += more[0];
            shift[1] += more[1];
        }
    }

    /// The modules of a straight picture with its light taken out.
    fn modules(&self, straight: &GreyImage) -> GreyImage {
        const PIXELS: u32 = 4;
        let cells = u32::try_from(self.cells()).unwrap_or(1);
        let dark = |u: u32, v: u32| {
            let quiet = QUIET as u32;
            let symbol = quiet..cells - quiet;
            if !symbol.contains(&u) || !symbol.contains(&v) {
                return false;
            }
            let module = MODULE as u32;
            let inner = [2, 3];
            let sum: u32 = inner
                .iter()
                .flat_map(|y| inner.iter().map(move |x| (u * module + x, v * module + y)))
                .map(|(x, y)| u32::from(straight.at(i64::from(x), i64::from(y))))
                .sum();
            sum < 4 * 128
        };
        GreyImage::from_fn(cells * PIXELS, cells * PIXELS, |x, y| {
            if dark(x / PIXELS, y / PIXELS) { 0 } else { u8::MAX }
        })
    }
}

/// The edges in each module, across and down: how strong, and at which phase of the grid, as a
/// complex number.
struct Edges(Vec<[(f32, f32); 2]>);

impl Edges {
    fn of(laid: &GreyImage, cells: usize) -> Self {
        let waves: Vec<(f32, f32)> = (0..MODULE)
            .map(|x| {
                let (sin, cos) = (TAU * (x as f32 + 0.5) / MODULE as f32).sin_cos();
                (cos, sin)
            })
            .collect();
        let mut own = vec![[(0.0f32, 0.0f32); 2]; cells * cells];
        let width = cells * MODULE;
        let grey = |x: usize, y: usize| f32::from(laid.pixels()[y * width + x]);
        for y in 1..width - 1 {
            for x in 1..width - 1 {
                let sum = &mut own[y / MODULE * cells + x / MODULE];
                let across = (grey(x + 1, y) - grey(x - 1, y)).abs();
                let down = (grey(x, y + 1) - grey(x, y - 1)).abs();
                for (way, strength, wave) in
                    [(0, across, waves[x % MODULE]), (1, down, waves[y % MODULE])]
                {
                    sum[way].0 += strength * wave.0;
                    sum[way].1 += strength * wave.1;
                }
            }
        }
        Self(around(&own, cells))
    }

    /// The shift that the edges around a module tell, within half a module.
    fn phase(&self, cell: usize) -> Shift {
        self.0[cell].map(|(cos, sin)| sin.atan2(cos) / TAU)
    }

    /// How certainly they tell it.
    fn certainty(&self, cell: usize) -> u32 {
        let [across, down] = self.0[cell].map(|(cos, sin)| cos.hypot(sin));
        (across.min(down) * 1_000.0) as u32
    }
}

/// Each cell with those around it, the nearer ones more.
fn around(own: &[[(f32, f32); 2]], cells: usize) -> Vec<[(f32, f32); 2]> {
    const WEIGHTS: [f32; 5] = [0.4, 0.8, 1.0, 0.8, 0.4];
    let pass = |from: &[[(f32, f32); 2]], step: usize, place: fn(usize, usize) -> usize| {
        (0..cells * cells)
            .map(|cell| {
                let at = place(cell, cells);
                let mut sum = [(0.0, 0.0); 2];
                for (n, weight) in WEIGHTS.iter().enumerate() {
                    let Some(other) = (at + n).checked_sub(2).filter(|other| *other < cells) else {
                        continue;
                    };
                    let other = &from[cell + other * step - at * step];
                    for way in 0..2 {
                        sum[way].0 += other[way].0 * weight;
                        sum[way].1 += other[way].1 * weight;
                    }
                }
                sum
            })
            .collect::<Vec<_>>()
    };
    let across = pass(own, 1, |cell, cells| cell % cells);
    pass(&across, cells, |cell, cells| cell / cells)
}

/// Each shift as the mean of those of its neighbours and its own.
fn smooth(shifts: &[Shift], cells: usize) -> Vec<Shift> {
    let at = |x: usize, y: usize| shifts[y.min(cells - 1) * cells + x.min(cells - 1)];
    let mean = |x: usize, y: usize| {
        let mut sum = [0.0; 2];
        for down in 0..3 {
            for right in 0..3 {
                let shift = at((x + right).saturating_sub(1), (y + down).saturating_sub(1));
                sum[0] += shift[0] / 9.0;
                sum[1] += shift[1] / 9.0;
            }
        }
        sum
    };
    (0..cells * cells).map(|cell| mean(cell % cells, cell / cells)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw;
    use crate::symbol::Formats;
    use yanma_zxing::Effort;

    const TEXT: &str = "HTTPS://YM.TEST/31415926535897932384626433832795028841971693993751058209";

    /// A code on cloth: lines that were straight are waves of up to `wave` pixels.
    fn bent(wave: f32) -> (GreyImage, Quad) {
        let flat = draw::qr_for_code(TEXT).unwrap().to_grey(7, 8);
        let side = flat.width();
        let image = GreyImage::from_fn(side, side, |x, y| {
            let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
            let to = (x + wave * (y / 31.0).sin(), y + wave * (x / 37.0).sin());
            flat.between(to.0, to.1) as u8
        });
        let (low, high) = (8.0 * 7.0, side as f32 - 8.0 * 7.0);
        (image, [(low, low), (high, low), (high, high), (low, high)])
    }

    fn texts(image: &GreyImage) -> Vec<String> {
        let effort = Effort { harder: true, ..Effort::default() };
        let seen = zxing_engine::look(image, Formats::CODES, effort, "test");
        seen.symbols.into_iter().map(|symbol| symbol.text).collect()
    }

    #[test]
    fn what_an_engine_cannot_read_for_its_folds_is_laid_flat() {
        if !yanma_zxing::AVAILABLE {
            return;
        }
        let (image, quad) = bent(5.0);
        assert_eq!(texts(&image), Vec::<String>::new(), "else this test shows nothing");
        let unfolded = unfold(&image, &quad).unwrap();
        assert_eq!(texts(&unfolded.modules), [TEXT]);
        assert_eq!(texts(&unfolded.straight), [TEXT]);
    }

    #[test]
    fn what_is_flat_stays_flat() {
        if !yanma_zxing::AVAILABLE {
            return;
        }
        let (image, quad) = bent(0.0);
        let unfolded = unfold(&image, &quad).unwrap();
        assert_eq!(texts(&unfolded.modules), [TEXT]);
    }

    #[test]
    fn where_no_code_is_nothing_is_unfolded_and_nothing_falls_over() {
        let desk = GreyImage::from_fn(90, 70, |x, y| ((x * 7 + y * 13) % 251) as u8);
        let quads = [
            [(0.0, 0.0); 4],
            [(10.0, 10.0), (60.0, 12.0), (58.0, 50.0), (9.0, 48.0)],
            [(-900.0, -900.0), (900.0, -900.0), (900.0, 900.0), (-900.0, 900.0)],
            [(f32::NAN, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)],
        ];
        for quad in quads {
            assert!(unfold(&desk, &quad).is_none(), "{quad:?}");
        }
    }
}
