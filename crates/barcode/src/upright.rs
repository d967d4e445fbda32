//! The place of a symbol, projected onto an upright square.

use crate::geometry::{Place, Quad};
use crate::picture::GreyImage;

/// Sides of the square in pixels: five for each module of a version 10 symbol, enough for every
/// health code and for what is photographed small.
pub(crate) const SIDE: u32 = 344;

/// Pixels around the outline, for the quiet zone.
const MARGIN: f32 = 30.0;

/// The way between a symbol's outline and the square.
pub(crate) struct Upright(Homography);

impl Upright {
    pub(crate) fn of(quad: &Quad) -> Self {
        Self(Homography::from_square(quad))
    }

    /// The square of the picture that the symbol takes up, with a margin.
    pub(crate) fn picture(&self, image: &GreyImage) -> GreyImage {
        GreyImage::from_fn(SIDE, SIDE, |x, y| {
            let (x, y) = self.back((x as f32 + 0.5, y as f32 + 0.5));
            image.between(x, y) as u8
        })
    }

    /// Where a place in the square is in the picture.
    pub(crate) fn back(&self, (x, y): Place) -> Place {
        let inner = SIDE as f32 - 2.0 * MARGIN;
        self.0.apply((x - MARGIN) / inner, (y - MARGIN) / inner)
    }
}

/// The projection of the unit square onto a quadrilateral (Heckbert 1989).
struct Homography([f32; 8]);

impl Homography {
    fn from_square(quad: &Quad) -> Self {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = *quad;
        let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let determinant = dx1 * dy2 - dx2 * dy1;
        let (g, h) = if determinant.abs() < f32::EPSILON {
            (0.0, 0.0)
        } else {
            ((sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant)
        };
        Self([x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h])
    }

    fn apply(&self, u: f32, v: f32) -> (f32, f32) {
        let [a, b, c, d, e, f, g, h] = self.0;
        let depth = g * u + h * v + 1.0;
        ((a * u + b * v + c) / depth, (d * u + e * v + f) / depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_the_square() {
        let quad = [(100.0, 50.0), (220.0, 80.0), (200.0, 190.0), (90.0, 170.0)];
        let far = SIDE as f32 - MARGIN;
        let corners = [(MARGIN, MARGIN), (far, MARGIN), (far, far), (MARGIN, far)];
        for (corner, expected) in corners.into_iter().zip(quad) {
            let (x, y) = Upright::of(&quad).back(corner);
            assert!((x - expected.0).hypot(y - expected.1) < 0.01, "{corner:?} gave {x}, {y}");
        }
    }
}
