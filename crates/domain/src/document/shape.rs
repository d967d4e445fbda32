//! Which characters may stand where in the number of each document.

use super::{DocumentType, NumberError};

/// The shapes of every type but the foreign passport. In a shape, a small letter stands for
/// a class of characters and anything else for itself:
///
/// - `d` a digit, `r` a digit 1–6, `c` a digit or `X`;
/// - `l` a letter, `n` a letter other than `I` and `O`.
///
/// Sources: GB 11643; the issuing notices of the residence permits (2018), the permanent
/// resident cards (2017, 2023) and the exit-entry documents (National Immigration
/// Administration). The 18- and 15-character shapes exclude each other, so none of them
/// needs to be tried before another.
const SHAPES: [(DocumentType, &[&str]); 9] = [
    (DocumentType::ResidentId, &["rddddddddddddddddc", "rdddddddddddddd"]),
    (DocumentType::HkMacauResidence, &["810000dddddddddddc", "820000dddddddddddc"]),
    (DocumentType::TaiwanResidence, &["830000dddddddddddc"]),
    (DocumentType::PermanentResidence, &["9ddddddddddddddddc", "llldddddddddddd"]),
    (
        DocumentType::ChinesePassport,
        &[
            "Edddddddd",
            "Enddddddd",
            "Gdddddddd", // ordinary
            "DEddddddd",
            "SEddddddd",
            "PEddddddd", // diplomatic, service, public affairs
            "Kdddddddd",
            "KJddddddd",
            "Hdddddddd", // Hong Kong
            "MAddddddd",
            "MBddddddd", // Macau
            "14ddddddd",
            "15ddddddd", // older ordinary
        ],
    ),
    (DocumentType::ExitHkMacau, &["Cdddddddd", "Cnddddddd", "Wdddddddd"]),
    (DocumentType::ExitTaiwan, &["Ldddddddd", "Tdddddddd"]),
    (
        DocumentType::HomeReturn,
        &[
            "Hdddddddd",
            "Mdddddddd", // 2012
            "Hdddddddddd",
            "Mdddddddddd", // 1999: the same and two digits of issue count
            "HAddddddd",
            "MAddddddd", // 2024, holders of another nationality
        ],
    ),
    (DocumentType::MainlandTaiwan, &["dddddddd", "dddddddddd", "dddddddddd(l)"]),
];

/// Lengths of a foreign passport's number: ICAO Doc 9303 has room for 9 characters, and a
/// longer one, typed by hand, goes up to 12.
const FOREIGN: std::ops::RangeInclusive<usize> = 5..=12;

/// Whether the normalised text has a shape of the type.
///
/// # Errors
/// [`NumberError::Length`] when no shape has its length; otherwise
/// [`NumberError::Alphabet`] with the place where the best shape stops to fit.
pub(super) fn fit(document_type: DocumentType, text: &[u8]) -> Result<(), NumberError> {
    let length = NumberError::Length { found: text.len() };
    let Some((_, shapes)) = SHAPES.iter().find(|(t, _)| *t == document_type) else {
        return fit_foreign(text);
    };
    let mut furthest = None;
    for shape in shapes.iter().filter(|shape| shape.len() == text.len()) {
        let misfit = shape.bytes().zip(text).position(|(class, byte)| !stands_for(class, *byte));
        match misfit {
            None => return Ok(()),
            Some(index) => furthest = furthest.max(Some(index)),
        }
    }
    Err(furthest.map_or(length, |index| NumberError::Alphabet { position: index + 1 }))
}

/// A foreign passport has letters and digits in any order; states differ too much to say more.
fn fit_foreign(text: &[u8]) -> Result<(), NumberError> {
    if !FOREIGN.contains(&text.len()) {
        return Err(NumberError::Length { found: text.len() });
    }
    match text.iter().position(|b| !b.is_ascii_alphanumeric()) {
        None => Ok(()),
        Some(index) => Err(NumberError::Alphabet { position: index + 1 }),
    }
}

/// Whether the class of a shape stands for a character.
fn stands_for(class: u8, byte: u8) -> bool {
    match class {
        b'd' => byte.is_ascii_digit(),
        b'r' => matches!(byte, b'1'..=b'6'),
        b'c' => byte.is_ascii_digit() || byte == b'X',
        b'l' => byte.is_ascii_uppercase(),
        b'n' => byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'O'),
        literal => byte == literal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document_type: DocumentType, text: &str, expect: Result<(), NumberError>) {
        assert_eq!(fit(document_type, text.as_bytes()), expect, "{document_type} {text}");
    }

    fn length(found: usize) -> Result<(), NumberError> {
        Err(NumberError::Length { found })
    }

    fn at(position: usize) -> Result<(), NumberError> {
        Err(NumberError::Alphabet { position })
    }

    #[test]
    fn cards_with_check_digits() {
        use DocumentType::*;
        check(ResidentId, "11010519491231002X", Ok(()));
        check(ResidentId, "610104196209276908", Ok(()));
        check(ResidentId, "710000199001010010", at(1));
        check(ResidentId, "010105194912310021", at(1));
        check(ResidentId, "1101051949123100X1", at(17));
        check(ResidentId, "11010519491231002Y", at(18));
        check(ResidentId, "110105491231002", Ok(()));
        check(ResidentId, "11010549123100X", at(15));
        check(ResidentId, "1101051949123100", length(16));
        check(ResidentId, "11010519491231002", length(17));
        check(ResidentId, "1101051949123100211", length(19));
        check(HkMacauResidence, "810000199408230021", Ok(()));
        check(HkMacauResidence, "820000199408230021", Ok(()));
        check(HkMacauResidence, "830000199408230021", at(2));
        check(HkMacauResidence, "810001199408230021", at(6));
        check(TaiwanResidence, "830000199201300022", Ok(()));
        check(TaiwanResidence, "810000199408230021", at(2));
        check(PermanentResidence, "911398199012310021", Ok(()));
        check(PermanentResidence, "KAZ110090123105", Ok(()));
        check(PermanentResidence, "811398199012310021", at(1));
        check(PermanentResidence, "KA1110090123105", at(3));
    }

    #[test]
    fn passports() {
        use DocumentType::*;
        for good in [
            "E00000000",
            "EA0000001",
            "EH0000001",
            "EJ0000001",
            "EN0000001",
            "EP0000001",
            "EZ0000001",
            "G00000000",
            "DE0000000",
            "SE0000000",
            "PE0000000",
            "K00000000",
            "KJ0000000",
            "H00000000",
            "MA0000000",
            "MB0000000",
            "140000000",
            "150000000",
        ] {
            check(ChinesePassport, good, Ok(()));
        }
        check(ChinesePassport, "EI0000001", at(2));
        check(ChinesePassport, "EO0000001", at(2));
        check(ChinesePassport, "GA0000001", at(2));
        check(ChinesePassport, "MC0000001", at(2));
        check(ChinesePassport, "130000000", at(2));
        check(ChinesePassport, "160000000", at(2));
        check(ChinesePassport, "F00000000", at(1));
        check(ChinesePassport, "E0000000", length(8));
        check(ChinesePassport, "E000000000", length(10));
        check(ForeignPassport, "L898902C3", Ok(()));
        check(ForeignPassport, "1234", length(4));
        check(ForeignPassport, "12345", Ok(()));
        check(ForeignPassport, "123456789012", Ok(()));
        check(ForeignPassport, "1234567890123", length(13));
        check(ForeignPassport, "12-456", at(3));
    }

    #[test]
    fn permits() {
        use DocumentType::*;
        check(ExitHkMacau, "C00000000", Ok(()));
        check(ExitHkMacau, "CA0000001", Ok(()));
        check(ExitHkMacau, "CI0000001", at(2));
        check(ExitHkMacau, "CO0000001", at(2));
        check(ExitHkMacau, "W00000000", Ok(()));
        check(ExitHkMacau, "WA0000000", at(2));
        check(ExitHkMacau, "C0000000", length(8));
        check(ExitTaiwan, "L00000000", Ok(()));
        check(ExitTaiwan, "T00000000", Ok(()));
        check(ExitTaiwan, "LA0000000", at(2));
        check(HomeReturn, "H12345678", Ok(()));
        check(HomeReturn, "M12345678", Ok(()));
        check(HomeReturn, "H1234567", length(8));
        check(HomeReturn, "H123456780", length(10));
        check(HomeReturn, "H1234567801", Ok(()));
        check(HomeReturn, "H12345678012", length(12));
        check(HomeReturn, "HA0000001", Ok(()));
        check(HomeReturn, "MA0000001", Ok(()));
        check(HomeReturn, "HB0000001", at(2));
        check(HomeReturn, "K12345678", at(1));
        check(MainlandTaiwan, "0000000", length(7));
        check(MainlandTaiwan, "00000001", Ok(()));
        check(MainlandTaiwan, "000000001", length(9));
        check(MainlandTaiwan, "0000000001", Ok(()));
        check(MainlandTaiwan, "0000000001(B)", Ok(()));
        check(MainlandTaiwan, "0000000001(1)", at(12));
        check(MainlandTaiwan, "0000000001", Ok(()));
        check(MainlandTaiwan, "0000000A", at(8));
    }

    /// `recognise` relies on it: no text of 15 or 18 characters can be two documents.
    #[test]
    fn the_long_shapes_exclude_each_other() {
        let long: Vec<&str> = SHAPES
            .iter()
            .flat_map(|(_, shapes)| shapes.iter().copied())
            .filter(|shape| matches!(shape.len(), 15 | 18))
            .collect();
        assert_eq!(long.len(), 7);
        for (i, a) in long.iter().enumerate() {
            for b in long.iter().skip(i + 1).filter(|b| a.len() == b.len()) {
                let apart = a.bytes().zip(b.bytes()).any(|(a, b)| {
                    (0..=u8::MAX).all(|byte| !(stands_for(a, byte) && stands_for(b, byte)))
                });
                assert!(apart, "{a} and {b} have a number in common");
            }
        }
    }
}
