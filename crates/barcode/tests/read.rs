//! Reading from frames: turned, noisy, dark, several at once, of every kind, and of none.

mod frame;

use proptest::prelude::*;
use rxing::{BarcodeFormat, MultiFormatWriter, Writer};
use std::time::{Duration, Instant};
use yanma_barcode::{Budget, Formats, GreyImage, Symbology, draw, read};

const CODE: &str = "HTTPS://YM.TEST/314159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651328230664709384460955058223172535940812848111745028410270193852110555964462294895493038196442881097566";

fn code(module_px: u32) -> GreyImage {
    draw::qr_for_code(CODE).expect("a health code").to_grey(module_px, 4)
}

fn check(frame: &GreyImage, expected: &[&str], why: &str) {
    let mut texts: Vec<String> = read(frame, &Formats::DESK, Budget::PATIENT)
        .into_iter()
        .map(|symbol| symbol.text)
        .collect();
    texts.sort();
    assert_eq!(texts, expected, "{why}");
}

/// The frame must not be wider than the distance allowed for the outline.
fn check_outline(corners: [(f32, f32); 4], middle: (f32, f32), within: f32) {
    let sum = corners.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
    let (x, y) = (sum.0 / 4.0 - middle.0, sum.1 / 4.0 - middle.1);
    assert!(x.hypot(y) < within, "{corners:?} is not around {middle:?}");
    // Clockwise on the screen, and not crossed: every turn goes the same way.
    for at in 0..4 {
        let [a, b, c] = [0, 1, 2].map(|step| corners[(at + step) % 4]);
        let turn = (b.0 - a.0) * (c.1 - b.1) - (b.1 - a.1) * (c.0 - b.0);
        assert!(turn > 0.0, "{corners:?} is not clockwise at corner {at}");
    }
}

#[test]
fn a_code_is_read_at_any_angle() {
    let desk = frame::desk(1280, 720, 1);
    for degrees in [0, 17, 45, 90, 133, 180, 211, 270, 359] {
        let laid = frame::lay(&desk, &code(5), (700.0, 350.0), degrees as f32);
        check(&laid, &[CODE], &format!("at {degrees}°"));
    }
}

#[test]
fn the_first_corner_is_the_codes_own_top_left() {
    let desk = frame::desk(1280, 720, 1);
    for (degrees, right, down) in
        [(0, -1.0, -1.0), (90, 1.0, -1.0), (180, 1.0, 1.0), (270, -1.0, 1.0)]
    {
        let laid = frame::lay(&desk, &code(5), (640.0, 360.0), degrees as f32);
        let found = read(&laid, &Formats::CODES, frame::LIVE);
        let [first, ..] = found[0].corners;
        check_outline(found[0].corners, (640.0, 360.0), 6.0);
        let half = 41.0 * 5.0 / 2.0;
        let (x, y) = (640.0 + right * half - first.0, 360.0 + down * half - first.1);
        assert!(x.hypot(y) < 8.0, "{degrees}°: {first:?}");
    }
}

#[test]
fn noise_and_dark_mode_do_not_hide_a_code() {
    let desk = frame::desk(1280, 720, 2);
    let laid = frame::lay(&desk, &code(5), (600.0, 360.0), 8.0);
    check(&frame::noisy(&laid, 60, 3), &[CODE], "noise of a dim room");
    let dark = frame::lay(&desk, &frame::inverted(&code(5)), (600.0, 360.0), 8.0);
    check(&dark, &[CODE], "dark mode");
    let found = read(&dark, &Formats::CODES, frame::LIVE);
    assert_eq!(found[0].attempt, "half-inverted");
}

#[test]
fn every_code_in_view_is_found() {
    let mut laid = frame::desk(1280, 720, 4);
    let texts: Vec<String> =
        (1..=3).map(|n| format!("HTTPS://YM.TEST/{}", "123456789".repeat(n))).collect();
    for (text, x) in texts.iter().zip([200.0, 620.0, 1040.0]) {
        let drawn = draw::qr_for_code(text).unwrap().to_grey(6, 4);
        laid = frame::lay(&laid, &drawn, (x, 400.0), x / 60.0);
    }
    let mut expected: Vec<&str> = texts.iter().map(String::as_str).collect();
    expected.sort_unstable();
    check(&laid, &expected, "three side by side");
}

#[test]
fn a_large_code_does_not_hide_a_small_one_beside_it_from_a_camera() {
    for small_px in [3, 4] {
        let desk = frame::desk(1920, 1080, 8);
        let large = draw::qr_for_code("HTTPS://YM.TEST/1").unwrap().to_grey(12, 4);
        let small = draw::qr_for_code("HTTPS://YM.TEST/2").unwrap().to_grey(small_px, 4);
        let laid = frame::lay(&desk, &large, (500.0, 500.0), 5.0);
        let laid = frame::lay(&laid, &small, (1400.0, 500.0), -7.0);
        let mut texts: Vec<String> = read(&laid, &Formats::CODES, frame::LIVE)
            .into_iter()
            .map(|symbol| symbol.text)
            .collect();
        texts.sort();
        assert_eq!(texts, ["HTTPS://YM.TEST/1", "HTTPS://YM.TEST/2"], "{small_px} px a module");
    }
}

#[test]
fn a_bad_code_does_not_block_a_good_one_beside_it() {
    let mut laid = frame::lay(&frame::desk(1280, 720, 5), &code(5), (300.0, 360.0), 3.0);
    laid =
        frame::lay(&laid, &GreyImage::new(60, 120, vec![30; 7_200]).unwrap(), (300.0, 360.0), 0.0);
    laid = frame::lay(
        &laid,
        &draw::qr_for_code("HTTPS://YM.TEST/42").unwrap().to_grey(6, 4),
        (900.0, 360.0),
        0.0,
    );
    check(&laid, &["HTTPS://YM.TEST/42"], "a thumb on the left code");
}

#[test]
fn two_people_with_the_same_text_are_two_symbols() {
    let one = draw::qr_for_code("HTTPS://YM.TEST/42").unwrap().to_grey(6, 4);
    let laid = frame::lay(&frame::desk(1280, 720, 6), &one, (300.0, 360.0), 0.0);
    let laid = frame::lay(&laid, &one, (900.0, 360.0), 0.0);
    check(&laid, &["HTTPS://YM.TEST/42", "HTTPS://YM.TEST/42"], "same text, two places");
}

#[test]
fn text_that_is_not_ascii_is_kept() {
    let laid = frame::lay(
        &frame::desk(640, 480, 7),
        &draw::qr("场所码：验码酒店").unwrap().to_grey(6, 4),
        (320.0, 240.0),
        4.0,
    );
    let found = read(&laid, &Formats::CODES, frame::LIVE);
    assert_eq!(found[0].text, "场所码：验码酒店");
    assert_eq!(found[0].bytes, "场所码：验码酒店".as_bytes());
}

fn drawn(format: BarcodeFormat, text: &str, scale: u32) -> GreyImage {
    let bits = MultiFormatWriter.encode(text, &format, 0, 0).expect("a symbol");
    let quiet = 4;
    let (width, height) = (bits.width() + 2 * quiet, bits.height() + 2 * quiet);
    let mut pixels = Vec::new();
    for y in 0..height * scale {
        for x in 0..width * scale {
            let (x, y) = ((x / scale).wrapping_sub(quiet), (y / scale).wrapping_sub(quiet));
            let dark = x < bits.width() && y < bits.height() && bits.get(x, y);
            pixels.push(if dark { 0 } else { 255 });
        }
    }
    GreyImage::new(width * scale, height * scale, pixels).expect("a picture")
}

#[test]
fn the_other_kinds_are_read_turned_and_outlined() {
    let text = "M1ZHANG/SAN       EABC123 XMNPEKMF 8101";
    let kinds = [
        (BarcodeFormat::AZTEC, Symbology::Aztec, 5),
        (BarcodeFormat::DATA_MATRIX, Symbology::DataMatrix, 7),
        (BarcodeFormat::PDF_417, Symbology::Pdf417, 2),
    ];
    let desk = frame::desk(1280, 720, 8);
    for (format, symbology, scale) in kinds {
        for degrees in [0, 90, 180, 270] {
            let laid =
                frame::lay(&desk, &drawn(format, text, scale), (640.0, 360.0), degrees as f32);
            let found = read(&laid, &Formats::DESK, Budget::PATIENT);
            let seen: Vec<_> =
                found.iter().map(|symbol| (symbol.symbology, symbol.text.as_str())).collect();
            assert_eq!(seen, [(symbology, text)], "{symbology} at {degrees}°");
            // Of a PDF417 the engine may see one edge only, so the outline lies to one side.
            let within = if symbology == Symbology::Pdf417 { 140.0 } else { 12.0 };
            check_outline(found[0].corners, (640.0, 360.0), within);
        }
    }
}

#[test]
fn card_slips_are_read_across_and_upright() {
    let slip = draw::code128("35010219990101001X", 2).unwrap();
    let desk = frame::desk(1280, 720, 9);
    for degrees in [0, 3, -6, 90, 180] {
        let laid = frame::lay(&desk, &slip, (640.0, 360.0), degrees as f32);
        let found = read(&laid, &Formats::DESK, Budget::PATIENT);
        let seen: Vec<_> =
            found.iter().map(|symbol| (symbol.symbology, symbol.text.as_str())).collect();
        assert_eq!(seen, [(Symbology::Code128, "35010219990101001X")], "at {degrees}°");
        check_outline(found[0].corners, (640.0, 360.0), 12.0);
    }
}

#[test]
fn two_slips_one_above_the_other_are_both_found() {
    let desk = frame::desk(1280, 720, 10);
    let laid = frame::lay(&desk, &draw::code128("FIRST-0001", 3).unwrap(), (640.0, 250.0), 0.0);
    let laid = frame::lay(&laid, &draw::code128("SECOND-0002", 3).unwrap(), (640.0, 480.0), 0.0);
    check(&laid, &["FIRST-0001", "SECOND-0002"], "two slips");
}

#[test]
fn only_what_is_asked_for_is_read() {
    let laid = frame::lay(
        &frame::desk(1280, 720, 11),
        &draw::code128("FIRST-0001", 3).unwrap(),
        (640.0, 360.0),
        0.0,
    );
    assert_eq!(read(&laid, &Formats::CODES, Budget::PATIENT), []);
}

/// As a phone shows a family's: up to fourteen codes in one symbol, at about four pixels a module.
#[test]
fn a_familys_code_is_read_whole() {
    let digits = |seed: usize| -> String {
        (0..218).map(|at| char::from(b'0' + ((at * 7 + seed * 3 + 1) % 10) as u8)).collect()
    };
    for people in [2, 5, 14] {
        let codes: Vec<String> = (0..people).map(digits).collect();
        let text = format!("HTTPS://YM.TEST/{}", codes.join("/"));
        let symbol = draw::qr(&text).unwrap();
        let picture = symbol.to_grey(600 / symbol.size, 4);
        let laid = frame::lay(&frame::desk(1280, 720, 5), &picture, (640.0, 360.0), 4.0);
        let texts: Vec<_> =
            read(&laid, &Formats::CODES, frame::LIVE).into_iter().map(|found| found.text).collect();
        assert_eq!(texts, [text], "{people} people, version {}", symbol.version);
    }
}

#[test]
fn where_there_is_no_code_none_is_read() {
    for seed in 1..=6 {
        check(&frame::desk(1280, 720, seed), &[], "an empty desk");
    }
    let static_noise =
        frame::noisy(&GreyImage::new(640, 480, vec![128; 640 * 480]).unwrap(), 127, 3);
    check(&static_noise, &[], "pure noise");
    for grey in [0, 128, 255] {
        check(&GreyImage::new(640, 480, vec![grey; 640 * 480]).unwrap(), &[], "one grey");
    }
}

#[test]
fn the_deadline_holds_on_a_huge_picture() {
    let huge = frame::desk(6000, 4000, 12);
    let budget = Budget { time: Duration::from_millis(150), exhaustive: true };
    let begun = Instant::now();
    assert_eq!(read(&huge, &Formats::DESK, budget), []);
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What is drawn is read back, whatever the digits.
    #[test]
    fn drawing_and_reading_are_inverse(digits in "[0-9]{1,300}", host in "[A-Z0-9.-]{2,12}") {
        let text = format!("HTTPS://{host}/{digits}");
        let picture = draw::qr_for_code(&text).unwrap().to_grey(3, 4);
        let found = read(&picture, &Formats::CODES, Budget::PATIENT);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(&found[0].bytes, text.as_bytes());
        prop_assert_eq!(&found[0].text, &text);
    }

    /// Any shape of picture is answered, and noise is never a code.
    #[test]
    fn odd_pictures_are_answered(width in 1u32..90, height in 1u32..90, seed in any::<u64>()) {
        let grey = GreyImage::new(width, height, vec![128; (width * height) as usize]).unwrap();
        let noise = frame::noisy(&grey, 127, seed);
        prop_assert_eq!(read(&noise, &Formats::DESK, Budget::PATIENT), []);
    }
}
