//! One text in several QR (structured append): in one picture, and shown one after the other.

#[expect(dead_code, reason = "noise and dark mode are for other tests")]
mod frame;

use std::time::Duration;

use qrcodegen::{QrCode, QrCodeEcc, Version};
use yanma_barcode::{Budget, Formats, GreyImage, Joined, Missing, Parts, Reader, join, read};

const TEXT: &str = "场所码：长文本分成三个二维码 HTTPS://YM.TEST/LONG";

const LIVE: Budget = Budget { time: Duration::from_secs(20), exhaustive: false };

/// Bits, the first the highest of its byte.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn push(&mut self, value: u8, bits: u32) {
        self.0.extend((0..bits).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (n, bit)| byte | u8::from(*bit) << (7 - n))
        };
        self.0.chunks(8).map(byte).collect()
    }
}

/// One part as ISO/IEC 18004, 8 lays it out: 0011, place, last place, parity, then one byte segment.
fn part(bytes: &[u8], index: u8, of: u8, parity: u8) -> GreyImage {
    /// Of version 5 at level M.
    const DATA_CODEWORDS: usize = 86;
    let mut bits = Bits::default();
    for (value, length) in [(0b0011, 4), (index, 4), (of - 1, 4), (parity, 8), (0b0100, 4)] {
        bits.push(value, length);
    }
    bits.push(u8::try_from(bytes.len()).expect("as this test makes it"), 8);
    bytes.iter().for_each(|byte| bits.push(*byte, 8));
    bits.push(0, 4);
    let mut codewords = bits.bytes();
    let padding = [0xEC, 0x11].into_iter().cycle();
    let missing = DATA_CODEWORDS - codewords.len();
    codewords.extend(padding.take(missing));
    let code = QrCode::encode_codewords(Version::new(5), QrCodeEcc::Medium, &codewords, None);
    const MODULE: u32 = 5;
    let side = u32::try_from(code.size()).expect("as this test makes it") + 8;
    let grey = |at: u32| {
        let (x, y) = (at % (side * MODULE) / MODULE, at / (side * MODULE) / MODULE);
        let dark = code.get_module(x.cast_signed() - 4, y.cast_signed() - 4);
        if dark { 0 } else { 255 }
    };
    let pixels = (0..(side * MODULE).pow(2)).map(grey).collect();
    GreyImage::new(side * MODULE, side * MODULE, pixels).expect("as this test makes it")
}

/// The text in three, the first cut in the middle of a character.
fn three(text: &str, parity: u8) -> [GreyImage; 3] {
    let bytes = text.as_bytes();
    let cuts = [&bytes[..10], &bytes[10..40], &bytes[40..]];
    [0u8, 1, 2].map(|index| part(cuts[usize::from(index)], index, 3, parity))
}

fn parity() -> u8 {
    TEXT.bytes().fold(0, |parity, byte| parity ^ byte)
}

fn on_desk(code: &GreyImage) -> GreyImage {
    frame::lay(&frame::desk(1280, 720, 9), code, (640.0, 360.0), 4.0)
}

#[test]
fn in_one_picture_they_are_one_text() {
    let mut laid = frame::desk(1280, 720, 9);
    for (code, x) in three(TEXT, parity()).iter().zip([1040.0, 200.0, 620.0]) {
        laid = frame::lay(&laid, code, (x, 400.0), 3.0);
    }
    let found = read(&laid, &Formats::CODES, Budget::PATIENT);
    assert_eq!(found.len(), 3, "as they are, each says its place");
    let joined = join(found);
    let texts: Vec<&str> = joined.iter().map(|symbol| symbol.text.as_str()).collect();
    assert_eq!(texts, [TEXT]);
}

#[test]
fn shown_one_after_the_other_what_is_missing_is_said_and_then_the_text() {
    let codes = three(TEXT, parity());
    let mut reader = Reader::new(Formats::CODES, LIVE);
    let empty = frame::desk(1280, 720, 9);
    for (index, left) in [(2, vec![0, 1]), (0, vec![1])] {
        for again in 0..3 {
            let sight = reader.frame(&on_desk(&codes[index]));
            assert!(sight.symbols.is_empty(), "a part is no text");
            let read = 3 - u32::try_from(left.len()).expect("as this test makes it");
            let missing = Missing { read, of: 3, parts: left.clone() };
            assert_eq!(sight.missing, Some(missing), "part {index}, frame {again}");
        }
        assert_eq!(reader.frame(&empty).missing, None);
    }
    for again in 0..2 {
        let sight = reader.frame(&on_desk(&codes[1]));
        let texts: Vec<&str> = sight.symbols.iter().map(|symbol| symbol.text.as_str()).collect();
        assert_eq!((texts, sight.missing), (vec![TEXT], None), "frame {again}");
        assert_eq!(sight.symbols[0].attempt, "parts");
        assert_eq!(sight.symbols[0].bytes, TEXT.as_bytes());
    }
    reader.forget();
    let missing = reader.frame(&on_desk(&codes[0])).missing.map(|missing| missing.parts);
    assert_eq!(missing, Some(vec![1, 2]), "another guest begins anew");
}

#[test]
fn a_wrong_parity_is_no_text() {
    let mut parts = Parts::default();
    let told: Vec<Joined> = three(TEXT, parity() ^ 1)
        .iter()
        .flat_map(|code| read(&on_desk(code), &Formats::CODES, LIVE))
        .filter_map(|symbol| parts.add(&symbol))
        .collect();
    assert!(matches!(told[..], [Joined::Some(_), Joined::Some(_), Joined::Contradiction]));
}
