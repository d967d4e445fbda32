//! Dark marks on lighter paper: every connected piece of ink with its box.

use crate::GreyImage;

/// A connected piece of ink.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
}

impl Mark {
    pub(super) fn height(&self) -> f32 {
        (self.bottom - self.top + 1) as f32
    }

    pub(super) fn width(&self) -> f32 {
        (self.right - self.left + 1) as f32
    }

    pub(super) fn middle(&self) -> f32 {
        (self.left + self.right) as f32 / 2.0
    }

    pub(super) fn centre(&self) -> f32 {
        (self.top + self.bottom) as f32 / 2.0
    }
}

/// Heights in pixels that letters of a zone may have.
const HEIGHTS: std::ops::RangeInclusive<u32> = 8..=80;

/// Ink is darker than this share of the grey around it, in 1/256 …
const SHARE: u32 = 224;
/// … and by at least so many grey levels.
const LEAST_STEP: u32 = 8;

/// The marks that have the size of a letter, from left to right.
pub(super) fn marks(picture: &GreyImage) -> Vec<Mark> {
    let ink = ink(picture);
    let mut marks = connected(&ink, picture.width() as usize);
    marks.retain(|mark| {
        HEIGHTS.contains(&(mark.bottom - mark.top + 1)) && mark.width() < 2.0 * mark.height()
    });
    marks.sort_by_key(|mark| mark.left + mark.right);
    marks
}

/// Which pixels are darker than what surrounds them, within a square.
fn ink(picture: &GreyImage) -> Vec<bool> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let reach = (width / 50).clamp(12, 40);
    let pixels = picture.pixels();
    // Sums of columns over the rows in reach, kept up row by row.
    let mut columns = vec![0u32; width];
    for y in 0..reach.min(height) {
        add(&mut columns, &pixels[y * width..][..width]);
    }
    let mut before = vec![0u32; width + 1];
    let mut ink = vec![false; width * height];
    for y in 0..height {
        if y + reach < height {
            add(&mut columns, &pixels[(y + reach) * width..][..width]);
        }
        if y > reach {
            let row = &pixels[(y - reach - 1) * width..][..width];
            columns.iter_mut().zip(row).for_each(|(sum, grey)| *sum -= u32::from(*grey));
        }
        let rows = (y + reach + 1).min(height) - y.saturating_sub(reach);
        let mut sum = 0;
        for (at, column) in columns.iter().enumerate() {
            sum += column;
            before[at + 1] = sum;
        }
        let row = pixels[y * width..][..width].iter().zip(&mut ink[y * width..][..width]);
        for (x, (grey, ink)) in row.enumerate() {
            let (from, to) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let count = (rows * (to - from)) as u32;
            let around = (before[to] - before[from]) / count;
            let grey = u32::from(*grey);
            *ink = grey * 256 < around * SHARE && grey + LEAST_STEP < around;
        }
    }
    ink
}

fn add(columns: &mut [u32], row: &[u8]) {
    columns.iter_mut().zip(row).for_each(|(sum, grey)| *sum += u32::from(*grey));
}

/// A run of ink in one row, and the piece it belongs to.
struct Run {
    from: u32,
    to: u32,
    piece: usize,
}

/// Joins runs of ink that touch, also at corners.
fn connected(ink: &[bool], width: usize) -> Vec<Mark> {
    let mut pieces: Vec<(usize, Mark)> = Vec::new();
    let mut above: Vec<Run> = Vec::new();
    for (y, row) in ink.chunks_exact(width).enumerate() {
        let mut runs: Vec<Run> = Vec::new();
        let mut x = 0;
        let mut candidate = 0;
        while let Some(start) = row[x..].iter().position(|ink| *ink) {
            let from = x + start;
            let length = row[from..].iter().position(|ink| !*ink).unwrap_or(width - from);
            let to = from + length - 1;
            x = from + length;
            let mark =
                Mark { left: from as u32, right: to as u32, top: y as u32, bottom: y as u32 };
            let mut piece = None;
            while candidate < above.len() && (above[candidate].to as usize) + 1 < from {
                candidate += 1;
            }
            for run in above.iter().skip(candidate) {
                if run.from as usize > to + 1 {
                    break;
                }
                let other = root(&mut pieces, run.piece);
                piece = Some(match piece {
                    None => other,
                    Some(mine) => join(&mut pieces, mine, other),
                });
            }
            let piece = match piece {
                Some(piece) => {
                    pieces[piece].1 = union(pieces[piece].1, mark);
                    piece
                }
                None => {
                    pieces.push((pieces.len(), mark));
                    pieces.len() - 1
                }
            };
            runs.push(Run { from: from as u32, to: to as u32, piece });
        }
        above = runs;
    }
    let roots = pieces.iter().enumerate().filter(|(at, (root, _))| at == root);
    roots.map(|(_, (_, mark))| *mark).collect()
}

fn root(pieces: &mut [(usize, Mark)], mut at: usize) -> usize {
    while pieces[at].0 != at {
        pieces[at].0 = pieces[pieces[at].0].0;
        at = pieces[at].0;
    }
    at
}

fn join(pieces: &mut [(usize, Mark)], one: usize, other: usize) -> usize {
    if one != other {
        pieces[one].1 = union(pieces[one].1, pieces[other].1);
        pieces[other].0 = one;
    }
    one
}

fn union(one: Mark, other: Mark) -> Mark {
    Mark {
        left: one.left.min(other.left),
        top: one.top.min(other.top),
        right: one.right.max(other.right),
        bottom: one.bottom.max(other.bottom),
    }
}
