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
    // Weights a quarter pixel to the left and to the right of a pixel's middle, in 1/128.
    const NEAR: [i32; 4] = [-3, 29, 111, -9];
    let tap = |values: [u8; 4], weights: [i32; 4]| {
        let sum: i32 = values.iter().zip(weights).map(|(v, w)| i32::from(*v) * w).sum();
        ((sum + 64) >> 7).clamp(0, 255) as u8
    };
    let far = [NEAR[3], NEAR[2], NEAR[1], NEAR[0]];
    let mut wide = Vec::with_capacity(2 * width * height);
    for row in image.pixels().chunks_exact(width) {
        let at = |x: usize| row[x.min(width - 1)];
        for x in 0..width {
            let before = [at(x.saturating_sub(2)), at(x.saturating_sub(1)), at(x), at(x + 1)];
            let after = [at(x.saturating_sub(1)), at(x), at(x + 1), at(x + 2)];
            wide.push(tap(before, NEAR));
            wide.push(tap(after, far));
        }
    }
    let row = |y: usize| &wide[y.min(height - 1) * 2 * width..][..2 * width];
    let mut pixels = Vec::with_capacity(4 * width * height);
    for y in 0..height {
        let (a, b) = (row(y.saturating_sub(2)), row(y.saturating_sub(1)));
        let (c, d, e) = (row(y), row(y + 1), row(y + 2));
        pixels.extend((0..2 * width).map(|x| tap([a[x], b[x], c[x], d[x]], NEAR)));
        pixels.extend((0..2 * width).map(|x| tap([b[x], c[x], d[x], e[x]], far)));
    }
    made(2 * width, 2 * height, pixels, image)
}

/// The mean of the square of `2 × reach + 1` pixels around every pixel, smaller at the edges.
pub(crate) fn mean(image: &GreyImage, reach: usize) -> GreyImage {
    let (width, height) = sides(image);
    // Divisions as multiplications by 1/count in 1/65,536.
    let shares: Vec<u32> =
        (0..=2 * reach + 1).map(|count| (1 << 16) / count.max(1) as u32).collect();
    let divided = |sum: u32, share: u32| ((sum * share + (1 << 15)) >> 16).min(255) as u8;
    let mut across = Vec::with_capacity(width * height);
    let inner = (reach + 1).min(width)..width.saturating_sub(reach).max(reach + 1).min(width);
    for row in image.pixels().chunks_exact(width) {
        let mut sum: u32 = row.iter().take(reach).map(|grey| u32::from(*grey)).sum();
        let at_the_edge = |x: usize, sum: &mut u32| {
            *sum += row.get(x + reach).map_or(0, |enters| u32::from(*enters));
            *sum -= x.checked_sub(reach + 1).map_or(0, |leaves| u32::from(row[leaves]));
            let count = (x + reach).min(width - 1) - x.saturating_sub(reach) + 1;
            divided(*sum, shares[count])
        };
        across.extend((0..inner.start).map(|x| at_the_edge(x, &mut sum)));
        let (leave, enter) = (row.iter(), row.get(inner.start + reach..).unwrap_or_default());
        across.extend(leave.zip(enter).take(inner.len()).map(|(leaves, enters)| {
            sum = sum + u32::from(*enters) - u32::from(*leaves);
            divided(sum, shares[2 * reach + 1])
        }));
        across.extend((inner.end..width).map(|x| at_the_edge(x, &mut sum)));
    }
    let mut sums = vec![0u32; width];
    let row = |y: usize| &across[y * width..][..width];
    for y in 0..reach.min(height) {
        sums.iter_mut().zip(row(y)).for_each(|(sum, grey)| *sum += u32::from(*grey));
    }
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        if y + reach < height {
            sums.iter_mut().zip(row(y + reach)).for_each(|(sum, grey)| *sum += u32::from(*grey));
        }
        if y > reach {
            let leaves = row(y - reach - 1);
            sums.iter_mut().zip(leaves).for_each(|(sum, grey)| *sum -= u32::from(*grey));
        }
        let count = (y + reach).min(height - 1) - y.saturating_sub(reach) + 1;
        pixels.extend(sums.iter().map(|sum| divided(*sum, shares[count])));
    }
    made(width, height, pixels, image)
}

/// Edges made steeper: the difference to the mean around, times `amount` quarters, is added.
pub(crate) fn sharpen(image: &GreyImage, reach: usize, amount: i32) -> GreyImage {
    let (width, height) = sides(image);
    let smooth = mean(image, reach);
    let pixels = image.pixels().iter().zip(smooth.pixels());
    let pixels = pixels.map(|(grey, around)| {
        let (grey, around) = (i32::from(*grey), i32::from(*around));
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
