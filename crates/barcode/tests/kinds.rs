//! Kinds of symbols and of texts beyond the usual.

#[expect(dead_code, reason = "shared with other tests")]
mod frame;

use qrcodegen::{QrCode, QrCodeEcc, QrSegment, QrSegmentMode};
use rxing::{BarcodeFormat, MultiFormatWriter, Writer};
use yanma_barcode::{Budget, Formats, GreyImage, Symbology, read};

fn qr(segments: &[QrSegment]) -> GreyImage {
    let code = QrCode::encode_segments(segments, QrCodeEcc::Medium).expect("it fits");
    let (size, px, quiet) = (code.size(), 5, 4);
    let side = ((size + 2 * quiet) * px) as u32;
    let grey = |at: u32| {
        let (x, y) = (at % side, at / side);
        let module = |at: u32| at as i32 / px - quiet;
        if code.get_module(module(x), module(y)) { 0 } else { 255 }
    };
    GreyImage::new(side, side, (0..side * side).map(grey).collect()).expect("a picture")
}

fn mirrored(image: &GreyImage) -> GreyImage {
    let row = |row: &[u8]| row.iter().rev().copied().collect::<Vec<_>>();
    let pixels = image.pixels().chunks_exact(image.width() as usize).flat_map(row).collect();
    GreyImage::new(image.width(), image.height(), pixels).expect("a picture")
}

fn check(image: &GreyImage, formats: &Formats, kind: Symbology, text: &str, why: &str) {
    for budget in [Budget { time: Budget::PATIENT.time, exhaustive: false }, Budget::PATIENT] {
        let found = read(image, formats, budget);
        let seen: Vec<_> = found.iter().map(|one| (one.symbology, one.text.as_str())).collect();
        assert_eq!(seen, [(kind, text)], "{why}");
    }
}

#[test]
fn character_sets_are_those_the_code_says() {
    let text = "验码 八闽健康码";
    // 验码 八闽健康码, in GBK.
    let gbk = b"\xD1\xE9\xC2\xEB \xB0\xCB\xC3\xF6\xBD\xA1\xBF\xB5\xC2\xEB";
    let gb18030 = [QrSegment::make_eci(32), QrSegment::make_bytes(gbk)];
    check(&qr(&gb18030), &Formats::CODES, Symbology::Qr, text, "ECI 32, GB 18030");
    let utf8 = [QrSegment::make_eci(26), QrSegment::make_bytes(text.as_bytes())];
    check(&qr(&utf8), &Formats::CODES, Symbology::Qr, text, "ECI 26, UTF-8");
    let bare = [QrSegment::make_bytes(text.as_bytes())];
    check(&qr(&bare), &Formats::CODES, Symbology::Qr, text, "UTF-8 without ECI");
    let found = read(&qr(&gb18030), &Formats::CODES, frame::LIVE);
    assert_eq!(found[0].bytes, gbk, "the payload is not converted");
}

#[test]
fn kanji_are_read() {
    // The example of ISO/IEC 18004, 7.4.6: 0x935F and 0xE4AA of Shift JIS, in 13 bits each.
    let bits = [0x0D9F_u32, 0x1AAA]
        .iter()
        .flat_map(|kanji| (0..13).rev().map(move |n| kanji >> n & 1 == 1));
    let kanji = [QrSegment::new(QrSegmentMode::Kanji, 2, bits.collect())];
    check(&qr(&kanji), &Formats::CODES, Symbology::Qr, "点茗", "kanji");
}

/// `YANMA 2020 OK` as Micro QR version M3, drawn by zint.
const MICRO: [&str; 15] = [
    "#######.#.#.#.#",
    "#.....#......#.",
    "#.###.#..##..##",
    "#.###.#....##.#",
    "#.###.#.#######",
    "#.....#.##.##..",
    "#######.#.###.#",
    "........#.....#",
    "####.##.....###",
    ".#..#..#..##...",
    "##.#.##.#.##.##",
    ".#..##.#..#.###",
    "#...##....###.#",
    "..#.###.##...##",
    "#.##..###..#..#",
];

#[test]
fn micro_qr_is_read_when_it_is_asked_for() {
    let (px, quiet) = (6, 2);
    let side = (MICRO.len() + 2 * quiet) * px;
    let grey = |at: usize| {
        let module = |at: usize| (at / px).wrapping_sub(quiet);
        let row = MICRO.get(module(at / side)).map_or(&b""[..], |row| row.as_bytes());
        if row.get(module(at % side)) == Some(&b'#') { 0 } else { 255 }
    };
    let drawn = (0..side * side).map(grey).collect();
    let drawn = GreyImage::new(side as u32, side as u32, drawn).expect("a picture");
    let (micro, text) = (Formats::of(&[Symbology::MicroQr]), "YANMA 2020 OK");
    for (degrees, picture) in
        [(0.0, drawn.clone()), (25.0, drawn.clone()), (190.0, frame::inverted(&drawn))]
    {
        let laid = frame::lay(&frame::desk(1280, 720, 7), &picture, (640.0, 360.0), degrees);
        check(&laid, &micro, Symbology::MicroQr, text, "askew, upside down, light on dark");
        assert_eq!(read(&laid, &Formats::CODES, Budget::LIVE), [], "not asked for");
    }
}

#[test]
fn a_mirrored_code_is_read() {
    let drawn = qr(&[QrSegment::make_bytes(b"HTTPS://YM.TEST/42")]);
    let laid = frame::lay(&frame::desk(640, 480, 3), &mirrored(&drawn), (320.0, 240.0), 20.0);
    check(&laid, &Formats::CODES, Symbology::Qr, "HTTPS://YM.TEST/42", "seen through a window");
}

#[test]
fn bars_of_trade_are_read_when_they_are_asked_for() {
    let kinds = [
        (BarcodeFormat::CODE_39, Symbology::Code39, "YANMA-2020"),
        (BarcodeFormat::ITF, Symbology::Itf, "30712345000010"),
        (BarcodeFormat::EAN_13, Symbology::Ean13, "6901234567892"),
        (BarcodeFormat::EAN_8, Symbology::Ean8, "96385074"),
        (BarcodeFormat::UPC_A, Symbology::UpcA, "036000291452"),
        (BarcodeFormat::UPC_E, Symbology::UpcE, "042100005264"),
    ];
    for (format, kind, text) in kinds {
        let drawn = if kind == Symbology::UpcE { "04252614" } else { text };
        let bits = MultiFormatWriter.encode(drawn, &format, 0, 0).expect("a symbol");
        let (scale, height) = (2, 120);
        let width = (bits.width() + 24) * scale;
        let grey = |at: u32| {
            let (x, y) = ((at % width / scale).wrapping_sub(12), at / width);
            let dark = (15..105).contains(&y) && x < bits.width() && bits.get(x, 0);
            if dark { 0 } else { 255 }
        };
        let drawn = GreyImage::new(width, height, (0..width * height).map(grey).collect()).unwrap();
        let laid = frame::lay(&frame::desk(1280, 720, 5), &drawn, (640.0, 360.0), 2.0);
        check(&laid, &Formats::of(&[kind]), kind, text, kind.name());
        assert_eq!(read(&laid, &Formats::CODES, Budget::LIVE), [], "{kind}, not asked for");
    }
}
