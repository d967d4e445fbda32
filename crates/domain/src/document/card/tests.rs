//! Cases that a table cannot say; the table is `tests/vectors/samv`.

use jiff::civil::date as day;
use proptest::prelude::*;

use super::*;
use crate::document::DocumentType;

const RESIDENT: &str = include_str!("../../../../../tests/vectors/samv/samv_resident.hex");
const J: &str = include_str!("../../../../../tests/vectors/samv/samv_J.hex");
const I: &str = include_str!("../../../../../tests/vectors/samv/samv_I.hex");
const Y: &str = include_str!("../../../../../tests/vectors/samv/samv_Y.hex");

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.trim()).unwrap()
}

/// An answer as a reader frames it.
fn framed(status: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 4).unwrap().to_be_bytes();
    let body = [&length[..], &[0, 0, status], data].concat();
    let checksum = body.iter().fold(0, |x, b| x ^ b);
    [&b"\xAA\xAA\xAA\x96\x69"[..], &body, &[checksum]].concat()
}

/// The text block of a vector.
fn block(hex_text: &str) -> [u8; 256] {
    bytes(hex_text)[14..270].try_into().unwrap()
}

/// The block with a text written at a byte offset.
fn with(mut block: [u8; 256], offset: usize, text: &str) -> [u8; 256] {
    for (i, unit) in text.encode_utf16().enumerate() {
        block[offset + 2 * i..][..2].copy_from_slice(&unit.to_le_bytes());
    }
    block
}

#[test]
fn the_permit_of_somebody_from_taiwan_is_another_document() {
    let taiwan = with(block(J), 122, "830000199001010039");
    let card = ChipCard::parse_text(&taiwan).unwrap();
    assert_eq!(card.number.document_type(), DocumentType::TaiwanResidence);
}

#[test]
fn a_foreigner_without_a_chinese_name_goes_by_the_latin_one() {
    for (vector, offset) in [(I, 158), (Y, 0)] {
        let card = ChipCard::parse_text(&with(block(vector), offset, "  ")).unwrap();
        assert_eq!(card.name.reveal(), "ERIKSSON, ANNA MARIA");
    }
}

#[test]
fn a_long_latin_name_is_joined_from_its_two_fields() {
    let first = "A".repeat(34);
    let long = with(with(block(Y), 52, &format!("{first} ")), 220, "BBBBBBBBBBB");
    let card = ChipCard::parse_text(&long).unwrap();
    let latin = card.latin_name.unwrap();
    assert_eq!(latin.reveal(), format!("{first} BBBBBBBBBBB"), "46 characters, its space kept");
}

#[test]
fn half_of_a_surrogate_pair_is_no_name() {
    let mut half = block(RESIDENT);
    half[..2].copy_from_slice(&[0x00, 0xD8]);
    assert_eq!(ChipCard::parse_text(&half).unwrap_err(), CardError::Text(CardField::Name));
}

#[test]
fn a_card_may_be_valid_for_a_single_day() {
    let card = ChipCard::parse_text(&with(block(RESIDENT), 204, "20200101")).unwrap();
    assert_eq!(card.to, Some(card.from));
}

#[test]
fn sex_may_be_unstated() {
    for code in ["0", "9"] {
        let card = ChipCard::parse_text(&with(block(RESIDENT), 30, code)).unwrap();
        assert_eq!(card.sex, None);
    }
}

#[test]
fn rare_characters_of_two_units_are_read() {
    let card = ChipCard::parse_text(&with(block(RESIDENT), 0, "𠮷田  ")).unwrap();
    assert_eq!(card.name.reveal(), "𠮷田");
}

#[test]
fn validity_counts_both_ends() {
    let card = ChipCard::parse_text(&block(J)).unwrap();
    for (on, expect) in [
        (day(2019, 12, 31), false),
        (day(2020, 1, 1), true),
        (day(2025, 1, 1), true),
        (day(2025, 1, 2), false),
    ] {
        assert_eq!(card.is_valid_on(on), expect, "{on}");
    }
    let endless = ChipCard::parse_text(&block(RESIDENT)).unwrap();
    assert!(endless.is_valid_on(day(9999, 12, 31)));
    assert!(!endless.is_valid_on(day(2019, 12, 31)));
}

#[track_caller]
fn check_frame(frame: &[u8], expect: CardError) {
    assert_eq!(ChipCard::parse_frame(frame).unwrap_err(), expect);
}

#[test]
fn each_fault_of_a_frame_is_told_apart() {
    use CardError::*;
    let good = bytes(RESIDENT);

    check_frame(&[], BadPreamble);
    check_frame(&good[1..], BadPreamble);
    check_frame(&good[..4], BadPreamble);
    check_frame(&[&[0x00], &good[..]].concat(), BadPreamble);
    for cut in 5..11 {
        check_frame(&good[..cut], Length { declared: 11, found: cut });
    }
    for cut in 11..1295 {
        check_frame(&good[..cut], Length { declared: 1295, found: cut });
    }
    check_frame(&[&good[..], &[0]].concat(), Length { declared: 1295, found: 1296 });
    check_frame(&good.repeat(2), Length { declared: 1295, found: 2590 });

    let mut longer = good.clone();
    longer[6] += 1;
    check_frame(&longer, Length { declared: 1296, found: 1295 });

    for status in [0x41, 0x66, 0x80, 0x81] {
        check_frame(&framed(status, &[]), Status(status));
    }
    // The first two status bytes are 0 in every answer the manual describes.
    let mut odd = good.clone();
    odd[7] ^= 1;
    odd[1294] ^= 1;
    check_frame(&odd, Parts);
    // Failures as the manual prints them.
    check_frame(&bytes("AAAAAA9669000400004145"), Status(0x41));
    check_frame(&bytes("AAAAAA9669000400008084"), Status(0x80));
    check_frame(&bytes("AAAAAA9669000400008185"), Status(0x81));
}

#[test]
fn every_flipped_byte_is_noticed() {
    let good = bytes(RESIDENT);
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x20;
        let error = ChipCard::parse_frame(&bad).unwrap_err();
        match place {
            0..5 => assert_eq!(error, CardError::BadPreamble),
            5..7 => assert!(matches!(error, CardError::Length { found: 1295, .. }), "{error}"),
            _ => assert_eq!(error, CardError::Checksum, "byte {place}"),
        }
    }
}

#[test]
fn the_parts_of_a_read_must_add_up() {
    let text = block(RESIDENT);
    let read = |lengths: &[u8], rest: usize| {
        let data = [lengths, &text[..], &vec![0; rest][..]].concat();
        ChipCard::parse_frame(&framed(0x90, &data)).map(|card| card.layout)
    };
    let whole = Ok(CardLayout::Resident);
    let parts = Err(CardError::Parts);
    assert_eq!(read(&[1, 0, 4, 0], 1024), whole);
    assert_eq!(read(&[1, 0, 4, 0], 1023), parts);
    assert_eq!(read(&[1, 0, 4, 0], 1025), parts);
    assert_eq!(read(&[1, 0, 4, 0, 4, 0], 2048), whole, "two fingerprints");
    assert_eq!(read(&[1, 0, 4, 0, 2, 0], 1536), whole, "one fingerprint");
    assert_eq!(read(&[1, 0, 4, 0, 0, 0], 1024), whole, "no fingerprint");
    assert_eq!(read(&[1, 0, 4, 0, 4, 0], 2047), parts);
    assert_eq!(read(&[0, 255, 4, 0], 1023), parts);
    assert_eq!(read(&[1, 1, 4, 0], 1025), parts);
    // Good answers to other commands: find, select, module number.
    check_frame(&framed(0x90, &[]), CardError::Parts);
    check_frame(&framed(0x90, &[0; 8]), CardError::Parts);
    check_frame(&framed(0x90, &[0; 16]), CardError::Parts);
    check_frame(&framed(0x9F, &[0; 4]), CardError::Status(0x9F));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(frame in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = ChipCard::parse_frame(&[&b"\xAA\xAA\xAA\x96\x69"[..], &frame].concat());
        prop_assert_eq!(
            ChipCard::parse_frame(&framed(0x90, &frame)).unwrap_err(),
            CardError::Parts
        );
    }

    #[test]
    fn a_damaged_block_is_a_card_or_an_error(place in 0usize..255, value: [u8; 2], which in 0usize..4) {
        let mut block = block([RESIDENT, J, I, Y][which]);
        block[place..place + 2].copy_from_slice(&value);
        if let Ok(card) = ChipCard::parse_text(&block) {
            prop_assert!(card.to.is_none_or(|to| card.from <= to));
        }
    }
}
