//! The lines of a machine-readable zone in a picture: OCR-B at a fixed pitch.
//!
//! It finds rows of equally spaced marks, fits a grid of 30, 36 or 44 cells through them, and
//! compares each cell with the 37 shapes of OCR-B. What the characters mean it does not know:
//! whoever asks brings a question that check digits answer, and gets the first of a bounded
//! number of readings that passes it.

mod glyphs;
mod ink;
mod lines;

use crate::{GreyImage, Symbol, Symbology};
use glyphs::Cell;
use lines::Grid;

/// The most readings of one zone that are asked about.
pub const MOST_GUESSES: usize = 64;

/// How many doubtful cells are read otherwise, alone and in pairs: 1 + 10 + 45 readings.
const DOUBTFUL: usize = 10;

/// Cells that look less like their letter than this, on average, are no OCR-B.
const LEAST_LIKENESS: f32 = 0.55;

/// Reads the first machine-readable zone in a picture that `accept` takes, as a
/// [`Symbology::Zone`] whose lines are parted by line feeds.
///
/// `accept` should check the check digits: it is asked at most [`MOST_GUESSES`] times for each
/// group of lines, upright and upside down. The lines may be turned by up to 10° and should
/// have letters at least 10 pixels high.
pub fn read_zone(picture: &GreyImage, accept: impl Fn(&str) -> bool) -> Option<Symbol> {
    let upright = read_upright(picture, &accept);
    match upright {
        Found::Zone(symbol) => Some(symbol),
        Found::Nothing => None,
        Found::LinesOnly => match read_upright(&turned(picture), &accept) {
            Found::Zone(mut symbol) => {
                let (width, height) = (picture.width() as f32, picture.height() as f32);
                symbol.corners = symbol.corners.map(|(x, y)| (width - x, height - y));
                symbol.corners.rotate_left(2);
                Some(symbol)
            }
            _ => None,
        },
    }
}

enum Found {
    Zone(Symbol),
    /// There were rows of marks, which may stand on their heads.
    LinesOnly,
    Nothing,
}

fn read_upright(picture: &GreyImage, accept: &impl Fn(&str) -> bool) -> Found {
    let grids = lines::grids(&ink::marks(picture));
    let mut found = Found::Nothing;
    for zone in &grids {
        found = Found::LinesOnly;
        let cells: Vec<Vec<Cell>> =
            zone.iter().map(|grid| glyphs::read_line(picture, grid)).collect();
        let all = cells.iter().flatten();
        let likeness = all.clone().map(|cell| cell.likeness).sum::<f32>() / all.count() as f32;
        if likeness < LEAST_LIKENESS {
            continue;
        }
        if let Some(text) = guess(&cells, accept) {
            return Found::Zone(symbol(text, zone));
        }
    }
    found
}

fn symbol(text: String, zone: &[Grid]) -> Symbol {
    let first = zone.iter().take(1).chain(zone.iter().rev().take(1));
    let mut corners = [(0.0, 0.0); 4];
    for (grid, (start, end, up)) in first.zip([(0, 1, 1.2), (3, 2, -0.2)]) {
        // Upwards is a quarter turn from the way the line runs.
        let rise = (grid.step.1 * up, -grid.step.0 * up);
        let at = |cell: f32| {
            (grid.x + cell * grid.step.0 + rise.0, grid.y + cell * grid.step.1 + rise.1)
        };
        corners[start] = at(-0.5);
        corners[end] = at(grid.cells as f32 - 0.5);
    }
    let bytes = text.as_bytes().to_vec();
    Symbol { symbology: Symbology::Zone, text, bytes, corners, attempt: "ocr-b", part: None }
}

/// Asks about the likeliest reading first, then about those that differ in the cells where
/// two letters are nearly as like.
fn guess(cells: &[Vec<Cell>], accept: &impl Fn(&str) -> bool) -> Option<String> {
    let mut text: Vec<Vec<u8>> =
        cells.iter().map(|line| line.iter().map(|cell| cell.best).collect()).collect();
    let spell = |text: &[Vec<u8>]| {
        let lines = text.iter().map(|line| line.iter().copied().map(char::from).collect());
        lines.collect::<Vec<String>>().join("\n")
    };
    let mut doubtful: Vec<(usize, usize)> = Vec::new();
    for (row, line) in cells.iter().enumerate() {
        doubtful.extend((0..line.len()).map(|at| (row, at)));
    }
    let margin = |(row, at): &(usize, usize)| cells[*row][*at].margin;
    doubtful.sort_by(|one, other| margin(one).total_cmp(&margin(other)));
    doubtful.truncate(DOUBTFUL);
    let mut changes: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
    changes.extend(doubtful.iter().map(|cell| vec![*cell]));
    for (first, one) in doubtful.iter().enumerate() {
        changes.extend(doubtful.iter().skip(first + 1).map(|other| vec![*one, *other]));
    }
    changes.truncate(MOST_GUESSES);
    for change in changes {
        for (row, at) in &change {
            text[*row][*at] = cells[*row][*at].second;
        }
        let spelt = spell(&text);
        if accept(&spelt) {
            return Some(spelt);
        }
        for (row, at) in &change {
            text[*row][*at] = cells[*row][*at].best;
        }
    }
    None
}

/// The picture upside down.
fn turned(picture: &GreyImage) -> GreyImage {
    let pixels = picture.pixels().iter().rev().copied().collect();
    // As many pixels as before, so it is a picture again.
    GreyImage::new(picture.width(), picture.height(), pixels).unwrap_or_else(|_| picture.clone())
}
