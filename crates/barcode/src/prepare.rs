//! Preparations: other pictures of the same, which an engine may read where it could not read the
//! first. All keep a place in pixels computable: by a factor, an offset, or a homography.

use crate::picture::GreyImage;

fn made(width: usize, height: usize, pixels: Vec<u8>, of: &GreyImage) -> GreyImage {
    let sides = (u32::try_from(width).unwrap_or(0), u32::try_from(height).unwrap_or(0));
    GreyImage::new(sides.0, sides.1, pixels).unwrap_or_else(|_| of.clone())
}

fn sides(image: &GreyImage) -> (usize, usize) {
    (image.width() as usize, image.height() as usize)
}

/// Black and white exchanged.
pub(crate) fn invert(image: &GreyImage) -> GreyImage {
    let (width, height) = sides(image);
    made(width, height, image.pixels().iter().map(|grey| 255 - grey).collect(), image)
}

/// Every two by two pixels become one. A side of one stays as it is.
pub(crate) fn halve(image: &GreyImage) -> GreyImage {
    let (width, height) = sides(image);
    if width < 2 || height < 2 {
        return image.clone();
    }
    let mut pixels = Vec::with_capacity(width / 2 * (height / 2));
    for rows in image.pixels().chunks_exact(2 * width) {
        let (upper, lower) = rows.split_at(width);
        pixels.extend(upper.chunks_exact(2).zip(lower.chunks_exact(2)).map(|(above, below)| {
            let sum = u16::from(above[0]) + u16::from(above[1]);
            ((sum + u16::from(below[0]) + u16::from(below[1]) + 2) / 4) as u8
        }));
    }
    made(width / 2, height / 2, pixels, image)
}

/// Twice the size, by cubic interpolation: small modules need pixels between them.
pub(crate) fn double(image: &GreyImage) -> GreyImage {
    let (width, height) = sides(image);
    let mut wide = vec![0; 2 * width * height];
    let mut line = Vec::with_capacity(width + 4);
    for (row, wide) in image.pixels().chunks_exact(width).zip(wide.chunks_exact_mut(2 * width)) {
        line.clear();
        line.extend([row[0]; 2]);
        line.extend_from_slice(row);
        line.extend([row[width - 1]; 2]);
        for (pair, five) in wide.chunks_exact_mut(2).zip(line.windows(5)) {
            pair[0] = quarter(five[0], five[1], five[2], five[3]);
            pair[1] = quarter(five[4], five[3], five[2], five[1]);
        }
    }
    let row = |y: usize| &wide[y.min(height - 1) * 2 * width..][..2 * width];
    let mut pixels = Vec::with_capacity(4 * width * height);
    let mut between = |a: &[u8], b: &[u8], c: &[u8], d: &[u8]| {
        let rows = a.iter().zip(b).zip(c.iter().zip(d));
        pixels.extend(rows.map(|((a, b), (c, d))| quarter(*a, *b, *c, *d)));
    };
    for y in 0..height {
        let (a, b) = (row(y.saturating_sub(2)), row(y.saturating_sub(1)));
        let (c, d, e) = (row(y), row(y + 1), row(y + 2));
        between(a, b, c, d);
        between(e, d, c, b);
    }
    made(2 * width, 2 * height, pixels, image)
}

/// The value a quarter pixel from the middle of `c` towards `b`, of four pixels in a line: cubic,
/// with weights in 1/128.
fn quarter(a: u8, b: u8, c: u8, d: u8) -> u8 {
    let more = 29 * u16::from(b) + 111 * u16::from(c) + 64;
    let less = 3 * u16::from(a) + 9 * u16::from(d);
    (more.saturating_sub(less) >> 7).min(255) as u8
}

/// The sum of so many pixels fits 16 bits, which is why no mean reaches farther.
const FARTHEST: usize = 127;

/// A division by a number of pixels, as a multiplication.
#[derive(Clone, Copy)]
struct Share {
    half: u16,
    /// In 1/65,536.
    each: u16,
}

impl Share {
    /// Of the pixels that lie within `reach` of the one at `at`, of `all`.
    fn around(at: usize, reach: usize, all: usize) -> Self {
        let count = (at + reach).min(all - 1) - at.saturating_sub(reach) + 1;
        let each = ((1 << 16) / count).min(usize::from(u16::MAX));
        Self { half: (count / 2).max(1) as u16, each: each as u16 }
    }

    fn of(self, sum: u16) -> u8 {
        ((u32::from(sum + self.half) * u32::from(self.each)) >> 16) as u8
    }
}

/// The mean of the square of `2 × reach + 1` pixels around every pixel, smaller at the edges.
pub(crate) fn mean(image: &GreyImage, reach: usize) -> GreyImage {
    let ((width, height), reach) = (sides(image), reach.min(FARTHEST));
    let shares: Vec<Share> = (0..width).map(|x| Share::around(x, reach, width)).collect();
    let mut across = Vec::with_capacity(width * height);
    let mut lines = Lines::new(width, reach);
    for row in image.pixels().chunks_exact(width) {
        let sums = lines.sums(row).iter().zip(&shares);
        across.extend(sums.map(|(sum, share)| share.of(*sum)));
    }
    let row = |y: usize| &across[y * width..][..width];
    let mut sums = vec![0u16; width];
    for y in 0..reach.min(height) {
        sums.iter_mut().zip(row(y)).for_each(|(sum, grey)| *sum += u16::from(*grey));
    }
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        if y + reach < height {
            sums.iter_mut().zip(row(y + reach)).for_each(|(sum, grey)| *sum += u16::from(*grey));
        }
        if y > reach {
            let leaves = row(y - reach - 1);
            sums.iter_mut().zip(leaves).for_each(|(sum, grey)| *sum -= u16::from(*grey));
        }
        let share = Share::around(y, reach, height);
        pixels.extend(sums.iter().map(|sum| share.of(*sum)));
    }
    made(width, height, pixels, image)
}

/// Sums of neighbours in a line of pixels.
struct Lines {
    reach: usize,
    /// Sums of one, two, four, … pixels, from each on; there are zeros beyond the ends of a line.
    runs: Vec<u16>,
    doubled: Vec<u16>,
    sums: Vec<u16>,
}

impl Lines {
    fn new(width: usize, reach: usize) -> Self {
        let padded = vec![0; width + 2 * reach];
        Self { reach, runs: padded.clone(), doubled: padded, sums: vec![0; width] }
    }

    /// For each pixel the sum of those within reach: a window of seventeen is one of sixteen and
    /// one of one, so five additions do for all of it, and those of many pixels go side by side.
    fn sums(&mut self, row: &[u8]) -> &[u16] {
        self.runs.fill(0);
        let inner = self.runs[self.reach..].iter_mut().zip(row);
        inner.for_each(|(run, grey)| *run = u16::from(*grey));
        self.sums.fill(0);
        let (mut left, mut from, mut size) = (2 * self.reach + 1, 0, 1);
        loop {
            if left & 1 == 1 {
                let runs = self.sums.iter_mut().zip(&self.runs[from..]);
                runs.for_each(|(sum, run)| *sum += run);
                from += size;
            }
            left >>= 1;
            if left == 0 {
                return &self.sums;
            }
            // Runs that would end beyond the line are left as they were: none is asked for.
            let pairs = self.doubled.iter_mut().zip(self.runs.iter().zip(&self.runs[size..]));
            pairs.for_each(|(both, (run, later))| *both = run + later);
            std::mem::swap(&mut self.runs, &mut self.doubled);
            size *= 2;
        }
    }
}

/// Edges made steeper: the difference to the mean around, times `amount` quarters, is added.
pub(crate) fn sharpen(image: &GreyImage, reach: usize, amount: i16) -> GreyImage {
    let (width, height) = sides(image);
    let smooth = mean(image, reach);
    let pixels = image.pixels().iter().zip(smooth.pixels());
    let pixels = pixels.map(|(grey, around)| {
        let (grey, around) = (i16::from(*grey), i16::from(*around));
        (grey + (grey - around) * amount / 4).clamp(0, 255) as u8
    });
    made(width, height, pixels.collect(), image)
}

/// Light taken out: each pixel against the mean around it, in units of how much it varies there.
pub(crate) fn flatten(image: &GreyImage, reach: usize) -> GreyImage {
    /// Where nothing varies, noise must not become a pattern.
    const LEAST: i32 = 3;
    let (width, height) = sides(image);
    let around = mean(image, reach);
    let differences = image.pixels().iter().zip(around.pixels());
    let differences = differences.map(|(grey, around)| grey.abs_diff(*around)).collect();
    let spread = mean(&made(width, height, differences, image), reach);
    // 64 / spread, so that a division a pixel becomes a look.
    let scale: Vec<i32> = (0..256).map(|spread| (60 << 8) / (spread + LEAST)).collect();
    let pixels = image.pixels().iter().zip(around.pixels().iter().zip(spread.pixels()));
    let pixels = pixels.map(|(grey, (around, spread))| {
        let difference = i32::from(*grey) - i32::from(*around);
        (128 + ((difference * scale[usize::from(*spread)]) >> 8)).clamp(0, 255) as u8
    });
    made(width, height, pixels.collect(), image)
}

/// Every pixel becomes the darkest of the three by three around it: dark modules that light has
/// eaten into grow again.
pub(crate) fn darken(image: &GreyImage) -> GreyImage {
    let (width, height) = sides(image);
    let mut across = Vec::with_capacity(width * height);
    for row in image.pixels().chunks_exact(width) {
        across.extend(
            (0..width)
                .map(|x| row[x.saturating_sub(1)].min(row[x]).min(row[(x + 1).min(width - 1)])),
        );
    }
    let row = |y: usize| &across[y.min(height - 1) * width..][..width];
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let (above, here, below) = (row(y.saturating_sub(1)), row(y), row(y + 1));
        pixels.extend((0..width).map(|x| above[x].min(here[x]).min(below[x])));
    }
    made(width, height, pixels, image)
}

/// Undoes a blur of about `reach` pixels: what a blurred guess lacks against the picture is added
/// to the guess, four times over (Van Cittert 1931).
pub(crate) fn deblur(image: &GreyImage, reach: usize) -> GreyImage {
    let (width, height) = sides(image);
    let mut guess = image.clone();
    for _ in 0..4 {
        let blurred = mean(&mean(&guess, reach), reach);
        let pixels = guess.pixels().iter().zip(blurred.pixels().iter().zip(image.pixels()));
        let pixels = pixels.map(|(guess, (blurred, seen))| {
            (i32::from(*guess) + i32::from(*seen) - i32::from(*blurred)).clamp(0, 255) as u8
        });
        guess = made(width, height, pixels.collect(), image);
    }
    guess
}

/// A rectangle of the picture, cut to what there is, and its top left.
pub(crate) fn crop(
    image: &GreyImage,
    low: (f32, f32),
    high: (f32, f32),
) -> (GreyImage, (f32, f32)) {
    let (width, height) = sides(image);
    let place = |at: f32, most: usize| (at.max(0.0) as usize).min(most);
    let (left, top) = (place(low.0, width - 1), place(low.1, height - 1));
    let (right, bottom) = (place(high.0, width).max(left + 1), place(high.1, height).max(top + 1));
    let rows = image.pixels().chunks_exact(width).skip(top).take(bottom - top);
    let pixels = rows.flat_map(|row| &row[left..right]).copied().collect();
    (made(right - left, bottom - top, pixels, image), (left as f32, top as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grey of no pattern, the same every time.
    fn noise(width: u32, height: u32) -> GreyImage {
        GreyImage::from_fn(width, height, |x, y| {
            ((x * 7_919 + y * 104_729 + 13).wrapping_mul(2_654_435_761) >> 24) as u8
        })
    }

    #[test]
    fn a_mean_is_that_of_the_pixels_within_reach() {
        let sides = [(1, 1), (1, 9), (9, 1), (2, 3), (17, 5), (40, 33)];
        for ((width, height), reach) in
            sides.into_iter().flat_map(|of| [1, 2, 8, 16].map(|r| (of, r)))
        {
            let (image, far) = (noise(width, height), reach as i64);
            let smooth = mean(&image, reach);
            for (x, y) in
                (0..height).flat_map(|y| (0..width).map(move |x| (i64::from(x), i64::from(y))))
            {
                let within =
                    |at: i64, all: u32| (at - far).max(0)..(at + far + 1).min(i64::from(all));
                let pixels: Vec<f64> = within(y, height)
                    .flat_map(|y| within(x, width).map(move |x| (x, y)))
                    .map(|(x, y)| f64::from(image.at(x, y)))
                    .collect();
                let exact = pixels.iter().sum::<f64>() / pixels.len() as f64;
                let off = (f64::from(smooth.at(x, y)) - exact).abs();
                // Rounded twice, and down by one for a share that is cut off.
                assert!(off < 2.0, "{width}x{height}, reach {reach}, at {x} {y}: off by {off}");
            }
        }
    }

    #[test]
    fn what_is_even_stays_so() {
        for grey in [0, 1, 127, 254, 255] {
            let even = GreyImage::from_fn(50, 40, |_, _| grey);
            for reach in [1, 8, 16, FARTHEST, 300] {
                assert!(
                    mean(&even, reach).pixels().iter().all(|one| *one == grey),
                    "{grey}, {reach}"
                );
            }
            assert!(double(&even).pixels().iter().all(|one| *one == grey), "{grey}");
            assert!(sharpen(&even, 2, 20).pixels().iter().all(|one| *one == grey), "{grey}");
        }
    }

    #[test]
    fn doubled_it_is_the_same_picture() {
        let ramp = GreyImage::from_fn(20, 10, |x, y| (40 + 8 * x + y) as u8);
        let twice = double(&ramp);
        assert_eq!((twice.width(), twice.height()), (40, 20));
        for (x, y) in (8..32).flat_map(|x| (6..14).map(move |y| (x, y))) {
            // A quarter pixel to the left or right of the middle of pixel x / 2.
            let exact = 40.0 + 8.0 * (x as f64 / 2.0 - 0.25) + (y as f64 / 2.0 - 0.25);
            assert!((f64::from(twice.at(x, y)) - exact).abs() < 1.5, "at {x} {y}");
        }
    }
}
