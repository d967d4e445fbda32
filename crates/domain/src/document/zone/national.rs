//! The zones that are the mainland's own: GA/T 704.14, GA/T 704.15 and what came before.

use super::names::{chinese, latin};
use super::scan::{Alphabet, Scan};
use super::{Zone, ZoneError, ZoneField, ZoneLayout, known};
use crate::document::DocumentType;

/// 往来港澳通行证 (`CS`) and 往来台湾通行证 (`CD`): one line, no name.
pub(super) fn exit_permit(text: &[u8]) -> Result<Zone, ZoneError> {
    let mut scan = Scan::new(text);
    let document_type = match scan.byte(1) {
        Some(b'D') => DocumentType::ExitTaiwan,
        _ => DocumentType::ExitHkMacau,
    };
    scan.expect((2, 3), Alphabet::Letters, ZoneField::Number)?;
    scan.expect((4, 11), Alphabet::Digits, ZoneField::Number)?;
    scan.check(&[(2, 11)], 11, ZoneField::Number)?;
    let expiry = scan.date(13, ZoneField::Expiry)?;
    let birth = scan.date(21, ZoneField::Birth)?;
    scan.check(&[(2, 12), (13, 20), (21, 28)], 29, ZoneField::Composite)?;
    let number = scan.words(2, 11);
    Ok(Zone {
        layout: ZoneLayout::ExitPermit,
        kind: [b'C', scan.byte(1).unwrap_or_default()],
        issuer: "CHN".to_owned(),
        nationality: None,
        document: known(document_type, &number),
        number,
        latin: None,
        chinese: None,
        name_is_cut: false,
        birth,
        expiry,
        sex: None,
        issue_count: None,
        optional: None,
        doubtful: scan.doubtful(),
        mended: scan.finish(),
    })
}

/// 回乡证 of 2012 (`CR`), 台胞证 (`CT`), and the 回乡证 of other nationals (`CF`).
pub(super) fn entry_permit(text: &[u8]) -> Result<Zone, ZoneError> {
    let mut scan = Scan::new(text);
    let kind = scan.byte(1).unwrap_or_default();
    // The places of the digits in the number, which no letter can stand in.
    let digits = match kind {
        b'T' => (2, 10),
        b'F' => (4, 11),
        _ => (3, 11),
    };
    scan.expect(digits, Alphabet::Digits, ZoneField::Number)?;
    scan.check(&[(2, 11)], 11, ZoneField::Number)?;
    scan.expect((12, 14), Alphabet::Digits, ZoneField::IssueCount)?;
    scan.check(&[(12, 14)], 14, ZoneField::IssueCount)?;
    let expiry = scan.date(15, ZoneField::Expiry)?;
    let sex = scan.sex(22)?;
    let birth = scan.date(23, ZoneField::Birth)?;
    if kind == b'R' {
        scan.check(&[(49, 58)], 58, ZoneField::Optional)?;
    }
    composite(&mut scan)?;
    let name_end = if kind == b'F' { 42 } else { 46 };
    let nationality =
        if kind == b'F' { Some(scan.state(45, ZoneField::Nationality)?) } else { None };
    scan.expect((60, 86), Alphabet::Letters, ZoneField::Name)?;
    let document_type = match kind {
        b'T' => DocumentType::MainlandTaiwan,
        _ => DocumentType::HomeReturn,
    };
    let number = scan.words(2, 11);
    // Where the layout of other nationals counts left-out characters is not published: a
    // name that fills its field may have lost some.
    let omitted = match kind {
        b'F' => scan.byte(41).map(|last| if last == b'<' { b'A' } else { b'B' }),
        _ => scan.byte(46),
    };
    let optional = if kind == b'R' { scan.words(49, 58) } else { scan.words(49, 59) };
    Ok(Zone {
        layout: ZoneLayout::EntryPermit,
        kind: [b'C', kind],
        issuer: "CHN".to_owned(),
        nationality,
        document: known(document_type, &number),
        number,
        latin: latin(scan.at(60, 86)),
        chinese: chinese(scan.at(30, name_end), omitted),
        name_is_cut: kind != b'F' && !matches!(scan.byte(47), Some(b'A' | b'<')),
        birth: birth.in_century(match scan.byte(48) {
            Some(b'A') => Some(18),
            Some(b'B') => Some(19),
            Some(b'C') => Some(20),
            _ => None,
        }),
        expiry,
        sex,
        issue_count: scan.words(12, 14).parse().ok(),
        optional: Some(optional).filter(|optional| !optional.is_empty()),
        doubtful: scan.doubtful(),
        mended: scan.finish(),
    })
}

/// The specimens leave the issue count out of the composite; some writers take it in.
fn composite(scan: &mut Scan) -> Result<(), ZoneError> {
    scan.expect((59, 60), Alphabet::Digits, ZoneField::Composite)?;
    let tail = [(15, 22), (23, 30), (49, 59)];
    let without = [&[(2, 12)][..], &tail].concat();
    let with = [&[(2, 15)][..], &tail].concat();
    (scan.holds(&without, 59) || scan.holds(&with, 59))
        .then_some(())
        .ok_or(ZoneError::CheckDigit(ZoneField::Composite))
}

/// The 回乡证 of 1999 (`C<CHN`). Its Chinese name is in telegraph codes, which are not read;
/// over which characters the check digits at the ends of its lines go is not published, so
/// number and dates are checked each by their own.
pub(super) fn home_return_1999(text: &[u8]) -> Result<Zone, ZoneError> {
    let mut scan = Scan::new(text);
    let birth = scan.date(30, ZoneField::Birth)?;
    let sex = scan.sex(37)?;
    let expiry = scan.date(38, ZoneField::Expiry)?;
    scan.expect((46, 56), Alphabet::Digits, ZoneField::Number)?;
    scan.check(&[(45, 56)], 56, ZoneField::Number)?;
    scan.expect((60, 90), Alphabet::Letters, ZoneField::Name)?;
    let number = scan.words(45, 56);
    let century = |at| match scan.byte(at) {
        Some(digit @ b'0'..=b'2') => Some(18 + digit - b'0'),
        _ => None,
    };
    let (birth, expiry) = (birth.in_century(century(57)), expiry.in_century(century(58)));
    Ok(Zone {
        layout: ZoneLayout::HomeReturn1999,
        kind: [b'C', b'<'],
        issuer: "CHN".to_owned(),
        nationality: None,
        document: known(DocumentType::HomeReturn, &number),
        number,
        latin: latin(scan.at(60, 90)),
        chinese: None,
        name_is_cut: scan.byte(89) != Some(b'<'),
        birth,
        expiry,
        sex,
        issue_count: None,
        optional: None,
        doubtful: scan.doubtful(),
        mended: scan.finish(),
    })
}
