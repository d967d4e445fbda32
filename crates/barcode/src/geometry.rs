//! Outlines from the points that engines give.

use yanma_zxing::Finder;

use crate::picture::GreyImage;

pub(crate) type Place = (f32, f32);
pub(crate) type Quad = [Place; 4];

/// How much of a finder-to-finder distance lies between a finder's centre and the symbol's edge:
/// 3.5 modules of 14 at version 1, of 34 at version 6. The small end, as codes are rarely tiny.
const FINDER_MARGIN: f32 = 0.11;

fn plus((ax, ay): Place, (bx, by): Place, times: f32) -> Place {
    (ax + bx * times, ay + by * times)
}

fn minus((ax, ay): Place, (bx, by): Place) -> Place {
    (ax - bx, ay - by)
}

/// The outline of a QR of which three finder centres are known.
pub(crate) fn from_finders(bottom_left: Place, top_left: Place, top_right: Place) -> Quad {
    let (across, down) = (minus(top_right, top_left), minus(bottom_left, top_left));
    let corner = |x: f32, y: f32| plus(plus(top_left, across, x), down, y);
    let (near, far) = (-FINDER_MARGIN, 1.0 + FINDER_MARGIN);
    [corner(near, near), corner(far, near), corner(far, far), corner(near, far)]
}

/// Four points in clockwise order on the screen, beginning nearest the top left.
pub(crate) fn clockwise(mut points: Quad) -> Quad {
    let middle = points.iter().fold((0.0, 0.0), |sum, point| plus(sum, *point, 0.25));
    let angle = |point: &Place| {
        let (x, y) = minus(*point, middle);
        y.atan2(x)
    };
    points.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    let sum = |point: &Place| point.0 + point.1;
    let first = (0..4).min_by(|a, b| sum(&points[*a]).total_cmp(&sum(&points[*b]))).unwrap_or(0);
    points.rotate_left(first);
    points
}

/// Four points in clockwise order on the screen, beginning with the one given first.
pub(crate) fn clockwise_from(points: Quad) -> Quad {
    let mut turned = clockwise(points);
    let first = turned.iter().position(|point| *point == points[0]).unwrap_or(0);
    turned.rotate_left(first);
    turned
}

/// The upright rectangle around any number of points; none gives the whole picture.
pub(crate) fn bounds(points: &[Place], image: &GreyImage) -> Quad {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let Some(first) = points.first() else {
        return [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    };
    let (mut low, mut high) = (*first, *first);
    for (x, y) in points {
        low = (low.0.min(*x), low.1.min(*y));
        high = (high.0.max(*x), high.1.max(*y));
    }
    [low, (high.0, low.1), high, (low.0, high.1)]
}

/// The outline of a linear symbol of which one line across is known: walks to both sides for as
/// long as the bars go on.
pub(crate) fn from_line(image: &GreyImage, from: Place, to: Place) -> Quad {
    let along = minus(to, from);
    let length = along.0.hypot(along.1);
    if length < 2.0 {
        return bounds(&[from, to], image);
    }
    let across = (-along.1 / length, along.0 / length);
    let bars = Bars::new(image, from, along, length);
    let up = bars.reach(across, -1.0);
    let down = bars.reach(across, 1.0);
    clockwise([plus(from, up, 1.0), plus(to, up, 1.0), plus(to, down, 1.0), plus(from, down, 1.0)])
}

struct Bars<'a> {
    image: &'a GreyImage,
    from: Place,
    along: Place,
    samples: usize,
    threshold: u8,
    pattern: Vec<bool>,
}

impl<'a> Bars<'a> {
    /// Lines that may differ before the bars are over: a scratch, a fold.
    const GAP: u16 = 3;

    fn new(image: &'a GreyImage, from: Place, along: Place, length: f32) -> Self {
        let samples = (length as usize).clamp(2, 1024);
        let mut bars = Self { image, from, along, samples, threshold: 0, pattern: Vec::new() };
        let greys = bars.line((0.0, 0.0));
        let (low, high) = (greys.iter().min().copied(), greys.iter().max().copied());
        bars.threshold = low.unwrap_or(0).midpoint(high.unwrap_or(0));
        bars.pattern = greys.iter().map(|grey| *grey < bars.threshold).collect();
        bars
    }

    fn line(&self, offset: Place) -> Vec<u8> {
        let at = |n: usize| {
            let place = plus(self.from, self.along, n as f32 / self.samples as f32);
            let (x, y) = plus(place, offset, 1.0);
            self.image.at(x.round() as i64, y.round() as i64)
        };
        (0..self.samples).map(at).collect()
    }

    /// How far the same bars go on, as a way from the first line. A code that lies askew is
    /// followed: each line may be shifted by a pixel against the one before.
    fn reach(&self, across: Place, direction: f32) -> Place {
        let (mut reached, mut missed, mut shift) = ((0.0, 0.0), 0, 0.0);
        let length = self.along.0.hypot(self.along.1);
        let unit = (self.along.0 / length, self.along.1 / length);
        let limit = u16::try_from(self.image.width().max(self.image.height())).unwrap_or(u16::MAX);
        for step in 1..limit {
            let straight = plus((0.0, 0.0), across, direction * f32::from(step));
            let shifts = [shift, shift - 1.0, shift + 1.0];
            let alike = |shift: &f32| self.alike(plus(straight, unit, *shift));
            let best = shifts.iter().max_by_key(|shift| alike(shift)).copied().unwrap_or(shift);
            if alike(&best) * 4 >= self.samples * 3 {
                shift = best;
                (reached, missed) = (plus(straight, unit, shift), 0);
            } else {
                missed += 1;
                if missed > Self::GAP {
                    break;
                }
            }
        }
        reached
    }

    /// How many samples of a line beside the first agree with it.
    fn alike(&self, offset: Place) -> usize {
        let same = |(grey, dark): &(&u8, &bool)| (**grey < self.threshold) == **dark;
        self.line(offset).iter().zip(&self.pattern).filter(same).count()
    }
}

/// How far the middle of an outline is from the middle of the picture.
pub(crate) fn from_middle(quad: &Quad, image: &GreyImage) -> f32 {
    let middle = quad.iter().fold((0.0, 0.0), |sum, point| plus(sum, *point, 0.25));
    let (x, y) = minus(middle, (image.width() as f32 / 2.0, image.height() as f32 / 2.0));
    x.hypot(y)
}

/// The length of an outline.
pub(crate) fn perimeter(quad: &Quad) -> f32 {
    (0..4).map(|n| minus(quad[(n + 1) % 4], quad[n])).map(|(x, y)| x.hypot(y)).sum()
}

/// Unit vectors along the upper edge of an outline, and down its left one.
pub(crate) fn directions(quad: &Quad) -> (Place, Place) {
    let unit = |(x, y): Place| {
        let length = x.hypot(y).max(f32::MIN_POSITIVE);
        (x / length, y / length)
    };
    (unit(minus(quad[1], quad[0])), unit(minus(quad[3], quad[0])))
}

/// Whether an outline may be that of a symbol of modules: no crumb, no sliver, not crossed.
pub(crate) fn is_plausible(quad: &Quad) -> bool {
    const SHORTEST: f32 = 16.0;
    let edges = [0, 1, 2, 3].map(|n| minus(quad[(n + 1) % 4], quad[n]));
    let lengths = edges.map(|(x, y)| x.hypot(y));
    let (short, long) =
        lengths.iter().fold((f32::MAX, 0.0f32), |(low, high), one| (low.min(*one), high.max(*one)));
    let turns = [0, 1, 2, 3].map(|n| {
        let (a, b) = (edges[n], edges[(n + 1) % 4]);
        a.0 * b.1 - a.1 * b.0
    });
    let convex = turns.iter().all(|turn| *turn > 0.0) || turns.iter().all(|turn| *turn < 0.0);
    short >= SHORTEST && long <= 2.5 * short && convex
}

/// Whether three finder patterns may belong to one QR: alike in size, apart as its corners are.
pub(crate) fn has_three_of_a_kind(finders: &[Finder]) -> bool {
    let first = finders.get(..finders.len().min(24)).unwrap_or_default();
    let alike = |a: &Finder, b: &Finder| {
        let apart = (a.x - b.x).hypot(a.y - b.y) / a.width.max(b.width);
        a.width.max(b.width) <= 1.6 * a.width.min(b.width) && (1.6..30.0).contains(&apart)
    };
    let far = |a: &Finder, b: &Finder| (a.x - b.x).hypot(a.y - b.y);
    first.iter().enumerate().any(|(n, a)| {
        let later = &first[n + 1..];
        later.iter().enumerate().filter(|(_, b)| alike(a, b)).any(|(m, b)| {
            later[m + 1..].iter().filter(|c| alike(a, c) && alike(b, c)).any(|c| {
                let sides = [far(a, b), far(b, c), far(a, c)];
                let (low, high) = sides
                    .iter()
                    .fold((f32::MAX, 0.0f32), |(low, high), s| (low.min(*s), high.max(*s)));
                high <= 2.2 * low
            })
        })
    })
}

/// Where a QR may be of which two or three finder patterns of one size were seen.
pub(crate) fn region(finders: &[Finder]) -> Option<Quad> {
    let first = finders.get(..finders.len().min(24)).unwrap_or_default();
    let alike = |a: &Finder, b: &Finder| {
        let (small, large) = (a.width.min(b.width), a.width.max(b.width));
        large <= 1.6 * small && (a.x - b.x).hypot(a.y - b.y) < 30.0 * large
    };
    let groups = first.iter().map(|one| first.iter().filter(move |other| alike(one, other)));
    let largest = groups.max_by_key(|group| group.clone().count())?;
    if largest.clone().count() < 2 {
        return None;
    }
    let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
    for Finder { x, y, width } in largest {
        low = (low.0.min(x - width), low.1.min(y - width));
        high = (high.0.max(x + width), high.1.max(y + width));
    }
    // Beside two on one side of it the rest may be on either.
    let side = (high.0 - low.0).max(high.1 - low.1);
    let grown = |from: f32, to: f32| {
        if to - from < 0.6 * side { (from - side, to + side) } else { (from, to) }
    };
    let ((left, right), (top, bottom)) = (grown(low.0, high.0), grown(low.1, high.1));
    Some([(left, top), (right, top), (right, bottom), (left, bottom)])
}

/// Whether two outlines cover the same place: the middle of one lies within the other's bounds.
pub(crate) fn overlap(a: &Quad, b: &Quad) -> bool {
    let within = |inner: &Quad, outer: &Quad| {
        let (x, y) = inner.iter().fold((0.0, 0.0), |sum, point| plus(sum, *point, 0.25));
        let span = |pick: fn(&Place) -> f32| {
            let all = outer.iter().map(pick);
            all.fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(v), high.max(v)))
        };
        let ((left, right), (top, bottom)) = (span(|p| p.0), span(|p| p.1));
        (left..=right).contains(&x) && (top..=bottom).contains(&y)
    };
    within(a, b) || within(b, a)
}

/// The picture with one outline painted over, so that the next look finds something else.
pub(crate) fn erase(image: &GreyImage, quad: &Quad) -> GreyImage {
    const MARGIN: f32 = 2.0;
    let (width, height) = (image.width(), image.height());
    let mut pixels = image.pixels().to_vec();
    let middle = quad.iter().fold((0.0, 0.0), |sum, point| plus(sum, *point, 0.25));
    let outward = |point: &Place| {
        let away = minus(*point, middle);
        let length = away.0.hypot(away.1).max(1.0);
        plus(*point, away, MARGIN / length)
    };
    let quad = clockwise(quad.map(|point| outward(&point)));
    let [low, _, high, _] = bounds(&quad, image);
    let rows = (low.1.max(0.0) as u32)..(high.1.max(0.0) as u32 + 1).min(height);
    for y in rows {
        let columns = (low.0.max(0.0) as u32)..(high.0.max(0.0) as u32 + 1).min(width);
        for x in columns {
            if inside(&quad, (x as f32, y as f32)) {
                pixels[y as usize * width as usize + x as usize] = u8::MAX;
            }
        }
    }
    GreyImage::new(width, height, pixels).unwrap_or_else(|_| image.clone())
}

fn inside(quad: &Quad, point: Place) -> bool {
    (0..4).all(|n| {
        let (edge, to) = (minus(quad[(n + 1) % 4], quad[n]), minus(point, quad[n]));
        edge.0 * to.1 - edge.1 * to.0 >= 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: Quad = [(10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0)];

    #[test]
    fn points_in_any_order_become_clockwise() {
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            assert_eq!(clockwise(order.map(|n| SQUARE[n])), SQUARE, "{order:?}");
        }
    }

    #[test]
    fn finders_are_extended_to_the_edge() {
        let quad = from_finders((100.0, 200.0), (100.0, 100.0), (200.0, 100.0));
        assert_eq!(quad, [(89.0, 89.0), (211.0, 89.0), (211.0, 211.0), (89.0, 211.0)]);
    }

    #[test]
    fn a_line_grows_to_the_height_of_its_bars() {
        let image = GreyImage::from_fn(120, 80, |x, y| {
            let bars = (20..100).contains(&x) && (30..50).contains(&y);
            if bars && x % 8 < 4 { 0 } else { 255 }
        });
        let [top_left, _, bottom_right, _] = from_line(&image, (20.0, 40.0), (100.0, 40.0));
        assert_eq!((top_left.0, bottom_right.0), (20.0, 100.0));
        assert!((29.0..=31.0).contains(&top_left.1), "{top_left:?}");
        assert!((48.0..=50.0).contains(&bottom_right.1), "{bottom_right:?}");
    }

    #[test]
    fn erasing_whitens_the_outline_and_nothing_else() {
        let image = GreyImage::from_fn(40, 40, |_, _| 0);
        let erased = erase(&image, &SQUARE);
        assert_eq!([erased.at(10, 10), erased.at(20, 20), erased.at(30, 30)], [255; 3]);
        assert_eq!([erased.at(5, 5), erased.at(20, 5), erased.at(35, 20)], [0; 3]);
    }

    #[test]
    fn two_corners_of_one_size_tell_where_the_rest_may_be() {
        let finder = |x: f32, y: f32, width: f32| Finder { x, y, width };
        assert_eq!(region(&[]), None);
        assert_eq!(region(&[finder(50.0, 50.0, 14.0), finder(90.0, 50.0, 40.0)]), None);
        let three =
            [finder(50.0, 50.0, 14.0), finder(150.0, 50.0, 15.0), finder(50.0, 150.0, 14.0)];
        let [low, _, high, _] = region(&three).unwrap();
        assert_eq!((low, high), ((36.0, 35.0), (165.0, 164.0)));
        let [low, _, high, _] = region(&three[..2]).unwrap();
        assert!(low.1 < -50.0 && high.1 > 150.0, "above or below: {low:?} {high:?}");
    }

    #[test]
    fn overlap_is_symmetric_and_local() {
        let far = SQUARE.map(|point| plus(point, (50.0, 0.0), 1.0));
        let inner = SQUARE.map(|(x, y)| (x / 2.0 + 7.0, y / 2.0 + 7.0));
        for (a, b, expected) in [(SQUARE, inner, true), (inner, SQUARE, true), (SQUARE, far, false)]
        {
            assert_eq!(overlap(&a, &b), expected);
        }
    }
}
