//! The optics coach: why a code that is there could not be read, in words a guest can act on.

use yanma_zxing::Finder;

use crate::geometry::{self, Place, Quad};
use crate::picture::GreyImage;
use crate::prepare;
use crate::read::Looked;

/// Why a code in view is not read. Only said when a symbol was seen, never of an empty desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Its modules are too small in the picture: hold it closer.
    TooFar,
    /// It hardly fits the picture: hold it farther away.
    TooClose,
    /// A part of it is outside of the picture: move it to the middle.
    CutOff,
    /// Light is reflected in it, or it is far too bright: tilt it.
    Glare,
    /// It is too dark: raise the brightness of the screen.
    TooDark,
    /// It is out of focus or moves: hold it still.
    Blur,
    /// None of these: it is damaged or covered, or its screen is cracked.
    Unclear,
}

impl Hint {
    /// The stable name for JSON and screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooFar => "too-far",
            Self::TooClose => "too-close",
            Self::CutOff => "cut-off",
            Self::Glare => "glare",
            Self::TooDark => "too-dark",
            Self::Blur => "blur",
            Self::Unclear => "unclear",
        }
    }
}

/// Grey levels and shares by which the reasons are told apart; set on the generated desk frames.
mod threshold {
    /// The brightest part of the code is darker than this.
    pub(super) const DARK: u8 = 70;
    /// From here on light is clipped.
    pub(super) const CLIPPED: u8 = 250;
    /// A cell of a code is never all white: more of them than this share is glare.
    pub(super) const GLARE: f32 = 0.12;
    /// Pixels a module needs.
    pub(super) const MODULE_PX: f32 = 2.0;
    /// The steepest step of a sharp code, as a share of its contrast.
    pub(super) const STEEP: f32 = 0.42;
}

/// The reason, when something was seen and nothing was read.
pub(crate) fn of(image: &GreyImage, looked: &Looked) -> Option<Hint> {
    if !looked.symbols.is_empty() {
        return None;
    }
    let size = |quad: &Quad| geometry::perimeter(quad);
    let largest = looked.damaged.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
    let finders = corners_of_one(&looked.finders);
    match (largest, finders.as_slice()) {
        (Some(quad), _) => Some(of_place(image, quad, &finders)),
        (None, [a, rest @ ..])
            if !geometry::has_three_of_a_kind(&finders)
                && rest.iter().any(|b| third_is_outside(image, a, b)) =>
        {
            Some(Hint::CutOff)
        }
        (None, [_, _, ..]) => Some(of_place(image, &around(&finders), &finders)),
        // A single one may be chance, unless it is large and its code cannot fit beside it.
        (None, [one]) if one.width * 4.0 > side(image) => Some(Hint::TooClose),
        _ => None,
    }
}

fn side(image: &GreyImage) -> f32 {
    image.width().min(image.height()) as f32
}

/// Two or three finder patterns that are alike in size.
fn corners_of_one(finders: &[Finder]) -> Vec<Finder> {
    let alike = |a: &Finder, b: &Finder| a.width.max(b.width) <= 1.5 * a.width.min(b.width);
    let groups = finders.iter().map(|one| finders.iter().filter(|other| alike(one, other)));
    let largest = groups.max_by_key(|group| group.clone().count());
    largest.map(|group| group.copied().collect()).unwrap_or_default()
}

/// Whether the corner that is missing to two would be outside of the picture, on either side.
fn third_is_outside(image: &GreyImage, a: &Finder, b: &Finder) -> bool {
    let (along, across) = (b.x - a.x, b.y - a.y);
    let outside = |x: f32, y: f32| {
        x < 0.0 || y < 0.0 || x > image.width() as f32 || y > image.height() as f32
    };
    outside(a.x - across, a.y + along) || outside(a.x + across, a.y - along)
}

/// The place that finder patterns lie in, with their own halves.
fn around(finders: &[Finder]) -> Quad {
    let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
    for finder in finders {
        let half = finder.width / 2.0;
        low = (low.0.min(finder.x - half), low.1.min(finder.y - half));
        high = (high.0.max(finder.x + half), high.1.max(finder.y + half));
    }
    [low, (high.0, low.1), high, (low.0, high.1)]
}

fn of_place(image: &GreyImage, quad: &Quad, finders: &[Finder]) -> Hint {
    let [low, _, high, _] = geometry::bounds(quad, image);
    let (part, _) = prepare::crop(image, low, high);
    let (dark, light) = (share_of(&part, 0.05), share_of(&part, 0.95));
    let contrast = f32::from(light.saturating_sub(dark)).max(1.0);
    if light < threshold::DARK {
        return Hint::TooDark;
    }
    let (width, height) = (image.width() as f32, image.height() as f32);
    let outside = |(x, y): Place| x < 1.0 || y < 1.0 || x > width - 2.0 || y > height - 2.0;
    if high.0 - low.0 > 0.9 * width.min(height) || high.1 - low.1 > 0.95 * height {
        return Hint::TooClose;
    }
    if quad.iter().any(|corner| outside(*corner)) {
        return Hint::CutOff;
    }
    if white_cells(&part) > threshold::GLARE {
        return Hint::Glare;
    }
    let widths: f32 = finders.iter().map(|finder| finder.width).sum();
    let module = if finders.is_empty() {
        // A health code has 41 modules a side.
        geometry::perimeter(quad) / 4.0 / 41.0
    } else {
        widths / finders.len() as f32 / 7.0
    };
    if module < threshold::MODULE_PX {
        return Hint::TooFar;
    }
    if steepest(&part) / contrast < threshold::STEEP { Hint::Blur } else { Hint::Unclear }
}

/// The grey that this share of the pixels does not exceed.
fn share_of(part: &GreyImage, share: f32) -> u8 {
    let mut counts = [0usize; 256];
    part.pixels().iter().for_each(|grey| counts[usize::from(*grey)] += 1);
    let (mut left, mut grey) = ((share * part.pixels().len() as f32) as usize, 0u8);
    for (level, count) in (0u8..=255).zip(counts) {
        grey = level;
        if count > left {
            break;
        }
        left -= count;
    }
    grey
}

/// The share of cells, eight across, in which all is clipped.
fn white_cells(part: &GreyImage) -> f32 {
    const CELLS: u32 = 8;
    let (width, height) = (part.width() / CELLS, part.height() / CELLS);
    if width == 0 || height == 0 {
        return 0.0;
    }
    let white = |cell: &(u32, u32)| {
        (0..height).all(|y| {
            (0..width).all(|x| {
                let (x, y) = (cell.0 * width + x, cell.1 * height + y);
                part.at(i64::from(x), i64::from(y)) >= threshold::CLIPPED
            })
        })
    };
    let cells = (0..CELLS).flat_map(|y| (0..CELLS).map(move |x| (x, y)));
    cells.filter(white).count() as f32 / (CELLS * CELLS) as f32
}

/// The step between neighbours that only one pair in fifty exceeds.
fn steepest(part: &GreyImage) -> f32 {
    let mut counts = [0usize; 256];
    for row in part.pixels().chunks_exact(part.width() as usize) {
        row.windows(2).for_each(|pair| counts[usize::from(pair[0].abs_diff(pair[1]))] += 1);
    }
    let mut left = part.pixels().len() / 50;
    let steps = (0u8..=255).rev().find(|step| {
        let count = counts[usize::from(*step)];
        let enough = count > left;
        left = left.saturating_sub(count);
        enough
    });
    f32::from(steps.unwrap_or(0))
}
