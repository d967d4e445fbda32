//! Rows of equally spaced marks, and the grids of cells they lie on.

use super::ink::Mark;

/// A line of cells: where the foot of the first cell's middle stands, and the step to the
/// next, both in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) step: (f32, f32),
    pub(super) cells: usize,
}

/// Fewer marks in a row are no line of a zone.
const FEWEST: usize = 18;

/// The line lengths of zones, with how many lines each has.
const SHAPES: [(usize, usize); 4] = [(44, 2), (36, 2), (30, 3), (30, 1)];

/// Every group of lines that has the shape of a zone.
pub(super) fn grids(marks: &[Mark]) -> Vec<Vec<Grid>> {
    let mut lines: Vec<Grid> = chains(marks).iter().filter_map(|chain| fit(chain)).collect();
    lines.sort_by(|one, other| one.y.total_cmp(&other.y));
    let mut zones = Vec::new();
    for (cells, count) in SHAPES {
        for group in lines.windows(count) {
            zones.extend(zone(group, cells));
        }
    }
    zones
}

/// Follows each mark to its neighbour on the right for as long as they look like letters of
/// one line.
fn chains(marks: &[Mark]) -> Vec<Vec<Mark>> {
    let mut next = vec![None; marks.len()];
    let mut has_before = vec![false; marks.len()];
    for (at, mark) in marks.iter().enumerate() {
        let height = mark.height();
        let fits = |other: &Mark| {
            let (dx, dy) = (other.middle() - mark.middle(), other.centre() - mark.centre());
            dx > 0.5 * height
                && dy.abs() < 0.25 * height + 0.2 * dx
                && (0.7..1.45).contains(&(other.height() / height))
        };
        let near = marks.iter().enumerate().skip(at + 1);
        let mut near = near.take_while(|(_, o)| o.middle() - mark.middle() < 3.0 * height);
        if let Some((to, _)) = near.find(|(to, other)| !has_before[*to] && fits(other)) {
            next[at] = Some(to);
            has_before[to] = true;
        }
    }
    let starts = (0..marks.len()).filter(|at| !has_before[*at]);
    starts
        .map(|start| {
            let steps = std::iter::successors(Some(start), |at| next[*at]);
            steps.map(|at| marks[at]).collect::<Vec<_>>()
        })
        .filter(|chain| chain.len() >= FEWEST)
        .collect()
}

/// Fits a grid through the marks of a chain; `None` when they are not equally spaced.
fn fit(chain: &[Mark]) -> Option<Grid> {
    let mut gaps: Vec<f32> =
        chain.windows(2).map(|pair| pair[1].middle() - pair[0].middle()).collect();
    gaps.sort_by(f32::total_cmp);
    let mut pitch = gaps[gaps.len() / 2];
    let first = chain[0].middle();
    let mut places: Vec<f32> = Vec::new();
    // Places are counted from mark to mark, so that an error of the pitch does not add up.
    for _ in 0..2 {
        places = vec![0.0];
        for pair in chain.windows(2) {
            let steps = ((pair[1].middle() - pair[0].middle()) / pitch).round().max(1.0);
            places.push(places[places.len() - 1] + steps);
        }
        let span = places[places.len() - 1];
        pitch = (chain[chain.len() - 1].middle() - first) / span;
    }
    let xs: Vec<f32> = chain.iter().map(Mark::middle).collect();
    let feet: Vec<f32> = chain.iter().map(|mark| mark.bottom as f32 + 1.0).collect();
    let (x, step_x) = straight(&places, &xs)?;
    let (y, step_y) = straight(&places, &feet)?;
    let off = |at: usize| (xs[at] - x - step_x * places[at]).abs() / step_x;
    let regular = (0..chain.len()).filter(|at| off(*at) < 0.25).count();
    let cells = places[places.len() - 1] as usize + 1;
    (regular * 4 > chain.len() * 3).then_some(Grid { x, y, step: (step_x, step_y), cells })
}

/// The straight line through most of the points: fitted twice, the second time without those
/// that lie off the first.
fn straight(places: &[f32], values: &[f32]) -> Option<(f32, f32)> {
    let all: Vec<(f32, f32)> = places.iter().copied().zip(values.iter().copied()).collect();
    let (from, step) = least_squares(&all)?;
    let off = |(place, value): &(f32, f32)| (value - from - step * place).abs();
    let spread = all.iter().map(off).sum::<f32>() / all.len() as f32;
    let near: Vec<_> =
        all.iter().copied().filter(|point| off(point) <= 1.5 * spread + 0.01).collect();
    least_squares(&near)
}

fn least_squares(points: &[(f32, f32)]) -> Option<(f32, f32)> {
    let count = points.len() as f32;
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let over = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f32>();
    let under = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f32>();
    (under > 0.0).then(|| (mean_y - over / under * mean_x, over / under))
}

/// Takes lines together as one zone of so many cells each, if they lie below one another at
/// one pitch. A line that lost a letter at an end gets its cell from the others.
fn zone(lines: &[Grid], cells: usize) -> Option<Vec<Grid>> {
    let first = lines.first()?;
    let pitch = first.step.0;
    let fits = lines.windows(2).all(|pair| {
        let (above, below) = (pair[0], pair[1]);
        let apart = (below.y - above.y) / pitch;
        (below.step.0 / pitch - 1.0).abs() < 0.06
            && (below.step.1 - above.step.1).abs() < 0.04 * pitch
            && (1.1..3.2).contains(&apart)
    });
    if !fits {
        return None;
    }
    // The left edge leans with the lines: a line further down begins further left or right.
    let slope = first.step.1 / pitch;
    let lean = |line: &Grid| line.x + slope * (line.y - first.y);
    let starts: Vec<f32> =
        lines.iter().map(|line| ((lean(line) - first.x) / pitch).round()).collect();
    let left = starts.iter().copied().fold(f32::INFINITY, f32::min);
    let ends = starts.iter().zip(lines).map(|(start, line)| start + line.cells as f32);
    let right = ends.fold(f32::NEG_INFINITY, f32::max);
    if (right - left) as usize != cells {
        return None;
    }
    let moved = starts.iter().zip(lines).map(|(start, line)| {
        let back = start - left;
        let (x, y) = (line.x - back * line.step.0, line.y - back * line.step.1);
        Grid { x, y, step: line.step, cells }
    });
    Some(moved.collect())
}
