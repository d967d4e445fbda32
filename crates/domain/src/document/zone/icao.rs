//! The five layouts of ICAO Doc 9303, parts 4 to 7.

use super::names::{chinese, latin};
use super::scan::{Alphabet, Scan};
use super::{OtherDocument, Zone, ZoneDocument, ZoneError, ZoneField, ZoneLayout, passport};

/// TD2, TD3, MRV-A and MRV-B: the name above, everything else below.
///
/// Places count from the beginning of the first line.
pub(super) fn two_lines(layout: ZoneLayout, text: &[u8]) -> Result<Zone, ZoneError> {
    let length = text.len() / 2;
    let below = |from: usize, to: usize| (length + from, length + to);
    let mut scan = Scan::new(text);
    scan.expect((0, 1), Alphabet::Letters, ZoneField::Kind)?;
    match layout {
        ZoneLayout::Td3 => scan.expect((1, 2), Alphabet::Letters, ZoneField::Kind)?,
        _ => scan.doubt(1, ZoneField::Kind),
    }
    let issuer = scan.state(2, ZoneField::Issuer)?;
    scan.expect((5, length), Alphabet::Letters, ZoneField::Name)?;
    // Every passport of the mainland, Hong Kong and Macau ends with seven digits.
    if issuer == "CHN" && layout == ZoneLayout::Td3 {
        scan.expect(below(2, 9), Alphabet::Digits, ZoneField::Number)?;
    }
    let (number, rest) = number(
        &mut scan,
        below(0, 9),
        match layout {
            ZoneLayout::Td2 => Some(below(28, 35)),
            _ => None,
        },
    )?;
    let nationality = scan.state(length + 10, ZoneField::Nationality)?;
    let birth = scan.date(length + 13, ZoneField::Birth)?;
    let sex = scan.sex(length + 20)?;
    let expiry = scan.date(length + 21, ZoneField::Expiry)?;
    let composite = |end: usize| [below(0, 10), below(13, 20), below(21, end)];
    match layout {
        ZoneLayout::Td3 => {
            optional_check(&mut scan, below(28, 42))?;
            scan.check(&composite(43), length + 43, ZoneField::Composite)?;
        }
        ZoneLayout::Td2 => scan.check(&composite(35), length + 35, ZoneField::Composite)?,
        _ => {}
    }
    let optional_end = match layout {
        ZoneLayout::Td3 => 42,
        ZoneLayout::Td2 => 35,
        _ => length,
    };
    let optional = scan.words(length + 28 + rest, length + optional_end);
    let from_chip_of_china = issuer == "CHN" && layout == ZoneLayout::Td3;
    let kind = scan.byte(0).unwrap_or_default();
    let document = match (layout, kind) {
        (ZoneLayout::VisaA | ZoneLayout::VisaB, _) => ZoneDocument::Other(OtherDocument::Visa),
        (ZoneLayout::Td3, _) | (_, b'P') => passport(&issuer, &number),
        _ => identity_card(&issuer),
    };
    Ok(Zone {
        layout,
        kind: [kind, scan.byte(1).unwrap_or_default()],
        issuer,
        nationality: Some(nationality),
        document,
        number,
        latin: latin(scan.at(5, length)),
        chinese: from_chip_of_china
            .then(|| chinese(scan.at(length + 28, length + 40), scan.byte(length + 40)))
            .flatten(),
        name_is_cut: scan.byte(length - 1) != Some(b'<'),
        birth,
        expiry,
        sex,
        issue_count: None,
        optional: Some(optional).filter(|optional| !optional.is_empty()),
        doubtful: scan.doubtful(),
        mended: scan.finish(),
    })
}

/// TD1: number, dates, name, a line each.
pub(super) fn three_lines(text: &[u8]) -> Result<Zone, ZoneError> {
    let mut scan = Scan::new(text);
    scan.expect((0, 1), Alphabet::Letters, ZoneField::Kind)?;
    // The cards of residents of the United States do have a digit here, `C1` and `C2`.
    scan.doubt(1, ZoneField::Kind);
    let issuer = scan.state(2, ZoneField::Issuer)?;
    let (number, rest) = number(&mut scan, (5, 14), Some((15, 30)))?;
    let birth = scan.date(30, ZoneField::Birth)?;
    let sex = scan.sex(37)?;
    let expiry = scan.date(38, ZoneField::Expiry)?;
    let nationality = scan.state(45, ZoneField::Nationality)?;
    scan.check(&[(5, 30), (30, 37), (38, 45), (48, 59)], 59, ZoneField::Composite)?;
    scan.expect((60, 90), Alphabet::Letters, ZoneField::Name)?;
    let parts = [scan.words(15 + rest, 30), scan.words(48, 59)];
    let optional = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let document = identity_card(&issuer);
    Ok(Zone {
        layout: ZoneLayout::Td1,
        kind: [scan.byte(0).unwrap_or_default(), scan.byte(1).unwrap_or_default()],
        issuer,
        nationality: Some(nationality),
        document,
        number,
        latin: latin(scan.at(60, 90)),
        chinese: None,
        name_is_cut: scan.byte(89) != Some(b'<'),
        birth,
        expiry,
        sex,
        issue_count: None,
        optional: Some(optional).filter(|optional| !optional.is_empty()),
        doubtful: scan.doubtful(),
        mended: scan.finish(),
    })
}

/// No document of the mainland under which codes are issued has an international card zone.
fn identity_card(issuer: &str) -> ZoneDocument {
    ZoneDocument::Other(match issuer {
        "CHN" => OtherDocument::TravelDocument,
        _ => OtherDocument::ForeignIdCard,
    })
}

/// The number with its check digit; of a number longer than nine characters the rest and the
/// check digit begin the optional field, and a filler stands in the check digit's place.
///
/// Returns the number and how many characters of the optional field belong to it.
fn number(
    scan: &mut Scan,
    (from, to): (usize, usize),
    optional: Option<(usize, usize)>,
) -> Result<(String, usize), ZoneError> {
    let long = optional.filter(|_| scan.byte(to) == Some(b'<') && scan.byte(to - 1) != Some(b'<'));
    let Some((start, end)) = long else {
        let number = scan.words(from, to);
        if number.is_empty() {
            return Err(ZoneError::Alphabet(ZoneField::Number));
        }
        scan.check(&[(from, to)], to, ZoneField::Number)?;
        return Ok((number, 0));
    };
    let field = scan.at(start, end);
    let used = field.iter().position(|byte| *byte == b'<').unwrap_or(field.len());
    if used < 2 {
        return Err(ZoneError::CheckDigit(ZoneField::Number));
    }
    let check_digit = start + used - 1;
    scan.check(&[(from, to), (start, check_digit)], check_digit, ZoneField::Number)?;
    Ok((scan.words(from, to) + &scan.words(start, check_digit), used))
}

/// The optional field of a passport: without content its check digit may be a filler or 0.
fn optional_check(scan: &mut Scan, (from, to): (usize, usize)) -> Result<(), ZoneError> {
    let empty = scan.at(from, to).iter().all(|byte| *byte == b'<');
    if empty && scan.byte(to) == Some(b'<') {
        return Ok(());
    }
    scan.check(&[(from, to)], to, ZoneField::Optional)
}
