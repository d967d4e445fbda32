//! Whatever the file or the picture is: it is read in time, or refused, and nothing falls over.

use std::time::{Duration, Instant};

use yanma_barcode::{
    Budget, Formats, GreyImage, MAX_PIXELS, MAX_SIDE, Reader, Symbology, load, mrz,
};

/// Looks end when they are done, not by the clock: the same input does the same again.
const BUDGET: Budget = Budget { time: Duration::from_secs(60), exhaustive: false };

/// Takes the input as a picture file.
pub(crate) fn loader(data: &[u8]) {
    let Ok(image) = load(data) else { return };
    let (width, height) = (image.width(), image.height());
    assert!((1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height));
    let pixels = u64::from(width) * u64::from(height);
    assert!(pixels <= MAX_PIXELS && pixels == image.pixels().len() as u64);
}

/// Takes the input as a grey picture: the first byte says whether what follows is pixels or
/// modules of one bit, the second what to look for, the third how wide it is.
pub(crate) fn decoder(data: &[u8]) {
    let [how, kinds, width, rest @ ..] = data else { return };
    let width = usize::from(*width) + 1;
    let image = if how & 1 == 0 {
        pixels(width, rest)
    } else {
        modules(width, usize::from(how >> 1 & 3) + 1, how & 8 != 0, rest)
    };
    let Some(image) = image else { return };
    let formats = match kinds {
        0 => Formats::of(&Symbology::ALL),
        1 => Formats::DESK,
        _ => Formats::of(&[Symbology::ALL[usize::from(*kinds) % Symbology::ALL.len()]]),
    };
    let begun = Instant::now();
    let mut reader = Reader::new(formats, BUDGET);
    // The second time what was not read is laid over the first.
    for sight in [reader.frame(&image), reader.frame(&image)] {
        for symbol in sight.symbols {
            assert!(formats.contains(symbol.symbology), "{}", symbol.symbology);
            assert!(symbol.corners.iter().all(|(x, y)| x.is_finite() && y.is_finite()));
        }
    }
    if how & 0x80 != 0 {
        let _ = mrz::read_zone(&image, |_| false);
    }
    assert!(begun.elapsed() < BUDGET.time, "{}×{}", image.width(), image.height());
}

fn pixels(width: usize, rest: &[u8]) -> Option<GreyImage> {
    let height = rest.len() / width;
    let pixels = rest.get(..width * height)?.to_vec();
    GreyImage::new(u32::try_from(width).ok()?, u32::try_from(height).ok()?, pixels).ok()
}

/// Bits with a margin of four around them, each `size` pixels wide; dark on light or light on dark.
fn modules(width: usize, size: usize, inverted: bool, rest: &[u8]) -> Option<GreyImage> {
    const QUIET: usize = 4;
    let height = (rest.len() * 8 / width).min(400);
    let (across, down) = ((width + 2 * QUIET) * size, (height + 2 * QUIET) * size);
    let grey = |at: usize| {
        let (x, y) = (at % across / size, at / across / size);
        let inside = (QUIET..QUIET + width).contains(&x) && (QUIET..QUIET + height).contains(&y);
        let bit = inside
            .then(|| (y - QUIET) * width + x - QUIET)
            .filter(|bit| rest.get(bit / 8).is_some_and(|byte| byte << (bit % 8) & 0x80 != 0));
        if bit.is_some() == inverted { 255 } else { 0 }
    };
    let pixels = (0..across * down).map(grey).collect();
    GreyImage::new(u32::try_from(across).ok()?, u32::try_from(down).ok()?, pixels).ok()
}
