//! Why a code is not read.

#[expect(dead_code, reason = "shared with other tests")]
mod frame;

use yanma_barcode::{Budget, Formats, GreyImage, Hint, draw, read_or_hint};

const CODE: &str = "HTTPS://YM.TEST/314159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651328230664709384460955058223172535940812848111745028410270193852110555964462294895493038196442881097566";

/// Enough on a slow machine.
const BUDGET: Budget = Budget { time: std::time::Duration::from_secs(2), exhaustive: false };

fn code(module_px: u32) -> GreyImage {
    draw::qr_for_code(CODE).expect("a health code").to_grey(module_px, 4)
}

fn each(image: &GreyImage, grey: impl Fn(u32, u32, u8) -> u8) -> GreyImage {
    let (width, pixels) = (image.width(), image.pixels().iter());
    let pixels = pixels.zip(0..).map(|(one, at)| grey(at % width, at / width, *one)).collect();
    GreyImage::new(width, image.height(), pixels).expect("a picture")
}

/// The mean of so many pixels across and down.
fn smeared(image: &GreyImage, side: i64) -> GreyImage {
    each(image, |x, y, _| {
        let around = |n: i64| (n % side - side / 2, n / side - side / 2);
        let at = |(dx, dy): (i64, i64)| u32::from(image.at(i64::from(x) + dx, i64::from(y) + dy));
        let sum: u32 = (0..side * side).map(|n| at(around(n))).sum();
        (sum / (side * side) as u32) as u8
    })
}

/// A third of the size.
fn shrunk(image: &GreyImage) -> GreyImage {
    let (smooth, (width, height)) = (smeared(image, 3), (image.width() / 3, image.height() / 3));
    let at = |n: u32| smooth.at(i64::from(n % width * 3 + 1), i64::from(n / width * 3 + 1));
    GreyImage::new(width, height, (0..width * height).map(at).collect()).expect("a picture")
}

fn check(image: &GreyImage, expected: Option<Hint>, why: &str) {
    let (symbols, hint) = read_or_hint(image, &Formats::CODES, BUDGET);
    assert!(symbols.is_empty(), "{why}: it was meant to be unreadable");
    assert_eq!(hint, expected, "{why}");
}

#[test]
fn a_code_that_was_read_or_is_not_there_has_no_hint() {
    let desk = frame::desk(1280, 720, 1);
    check(&desk, None, "an empty desk");
    let laid = frame::lay(&desk, &code(4), (640.0, 360.0), 5.0);
    let (symbols, hint) = read_or_hint(&laid, &Formats::CODES, BUDGET);
    assert_eq!((symbols.len(), hint), (1, None));
}

#[test]
fn the_reason_is_told() {
    let desk = frame::desk(1280, 720, 1);
    let laid = frame::lay(&desk, &code(6), (640.0, 360.0), 5.0);
    // Middle of the code, without the finder patterns.
    let middle = |x: u32, y: u32| (x as f32 - 640.0).hypot(y as f32 - 360.0);
    let glare = each(&laid, |x, y, grey| if middle(x, y) < 85.0 { 255 } else { grey });
    check(&glare, Some(Hint::Glare), "a lamp in the middle");
    let torn = each(&laid, |x, y, grey| if middle(x, y) < 75.0 { 90 } else { grey });
    check(&torn, Some(Hint::Unclear), "a sticker in the middle");
    let dark = each(&torn, |_, _, grey| grey / 5);
    check(&dark, Some(Hint::TooDark), "the same in the dark");
    let beside = frame::lay(&desk, &code(6), (640.0, 680.0), 0.0);
    check(&beside, Some(Hint::CutOff), "half of it below the picture");
    let near = frame::lay(&desk, &code(17), (640.0, 360.0), 0.0);
    let near = each(&near, |x, y, grey| if middle(x, y) < 220.0 { 90 } else { grey });
    check(&near, Some(Hint::TooClose), "it hardly fits the picture");
}

#[test]
fn a_code_far_away_or_out_of_focus_is_told() {
    let desk = frame::desk(1280, 720, 1);
    let hole = |code: &GreyImage, radius: f32| {
        let middle = (code.width() as f32 / 2.0, code.height() as f32 / 2.0);
        let inside = |x: u32, y: u32| (x as f32 - middle.0).hypot(y as f32 - middle.1) < radius;
        each(code, |x, y, grey| if inside(x, y) { 128 } else { grey })
    };
    let far = frame::lay(&desk, &shrunk(&hole(&code(5), 60.0)), (640.0, 360.0), 0.0);
    check(&far, Some(Hint::TooFar), "modules of less than two pixels");
    let soft = smeared(&frame::lay(&desk, &code(6), (640.0, 360.0), 5.0), 11);
    check(&soft, Some(Hint::Blur), "nearly two modules run into each other");
}
