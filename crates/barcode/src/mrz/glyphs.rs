//! The 37 shapes of OCR-B, and which of them a cell looks like.
//!
//! `ocr-b.pgm` has them side by side, 16 × 22 each, drawn from Matthew Skala's public-domain
//! OCR-B after Norbert Schwarz (`tests/vectors/zone/pictures.py`): one pitch wide, and from
//! 19/16 of a pitch above the foot of the letters to 3/16 below.

use std::sync::LazyLock;

use super::lines::Grid;
use crate::GreyImage;

const LETTERS: &[u8; 37] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";
const WIDE: usize = 16;
const HIGH: usize = 22;
const AREA: usize = WIDE * HIGH;
/// Rows of a shape above the foot of the letters.
const ABOVE_FOOT: f32 = 19.0;

/// How far a letter may stand from its place, in sixteenths of a pitch.
const SHIFTS_X: [f32; 5] = [0.0, -1.0, 1.0, -2.0, 2.0];
const SHIFTS_Y: [f32; 3] = [0.0, -1.0, 1.0];

/// What a cell looks like.
pub(super) struct Cell {
    pub(super) best: u8,
    pub(super) second: u8,
    /// How like the best is: 1 for the same picture, 0 for none.
    pub(super) likeness: f32,
    /// How much less the second is.
    pub(super) margin: f32,
}

type Shape = [f32; AREA];

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let drawn = include_bytes!("ocr-b.pgm");
    let pixels = drawn.len() - LETTERS.len() * AREA;
    let row = LETTERS.len() * WIDE;
    (0..LETTERS.len())
        .map(|letter| {
            let mut shape = [0.0; AREA];
            for (at, value) in shape.iter_mut().enumerate() {
                let place = pixels + at / WIDE * row + letter * WIDE + at % WIDE;
                *value = f32::from(drawn[place]);
            }
            normal(shape)
        })
        .collect()
});

/// Reads every cell of a line.
pub(super) fn read_line(picture: &GreyImage, grid: &Grid) -> Vec<Cell> {
    (0..grid.cells).map(|cell| read_cell(picture, grid, cell as f32)).collect()
}

fn read_cell(picture: &GreyImage, grid: &Grid, cell: f32) -> Cell {
    let mut likeness = [f32::NEG_INFINITY; LETTERS.len()];
    for shift_y in SHIFTS_Y {
        for shift_x in SHIFTS_X {
            let seen = normal(sample(picture, grid, cell, (shift_x, shift_y)));
            for (best, shape) in likeness.iter_mut().zip(SHAPES.iter()) {
                let like: f32 = seen.iter().zip(shape).map(|(one, other)| one * other).sum();
                *best = best.max(like);
            }
        }
    }
    let (mut best, mut second) = (0, 1);
    if likeness[1] > likeness[0] {
        (best, second) = (1, 0);
    }
    for (at, like) in likeness.iter().enumerate().skip(2) {
        if *like > likeness[best] {
            (best, second) = (at, best);
        } else if *like > likeness[second] {
            second = at;
        }
    }
    Cell {
        best: LETTERS[best],
        second: LETTERS[second],
        likeness: likeness[best],
        margin: likeness[best] - likeness[second],
    }
}

/// The grey of a cell on the raster of the shapes, along the line's own axes.
fn sample(picture: &GreyImage, grid: &Grid, cell: f32, shift: (f32, f32)) -> Shape {
    let (step_x, step_y) = grid.step;
    // One sixteenth of a pitch to the right and downwards.
    let (unit_x, unit_y) = (step_x / WIDE as f32, step_y / WIDE as f32);
    let middle = (grid.x + cell * step_x, grid.y + cell * step_y);
    let mut shape = [0.0; AREA];
    for (at, value) in shape.iter_mut().enumerate() {
        let across = (at % WIDE) as f32 + 0.5 - WIDE as f32 / 2.0 + shift.0;
        let down = (at / WIDE) as f32 + 0.5 - ABOVE_FOOT + shift.1;
        let x = middle.0 + across * unit_x - down * unit_y;
        let y = middle.1 + across * unit_y + down * unit_x;
        *value = 255.0 - picture.between(x, y);
    }
    shape
}

/// Without its mean and of length 1, so that light and contrast say nothing.
fn normal(mut shape: Shape) -> Shape {
    let mean = shape.iter().sum::<f32>() / AREA as f32;
    shape.iter_mut().for_each(|value| *value -= mean);
    let length = shape.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-3);
    shape.iter_mut().for_each(|value| *value /= length);
    shape
}
