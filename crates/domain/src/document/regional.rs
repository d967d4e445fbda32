//! The numbers of identity cards of Hong Kong, Macau and Taiwan. No health code is issued
//! under them, so they are no [`DocumentNumber`](super::DocumentNumber)s; a desk that is given
//! one says so, and asks for the permit or the residence permit.

use std::fmt;

use super::OtherDocument;
use crate::width;

/// Why a text is no such number. Never carries the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionalError {
    /// It has not the shape of one.
    #[error("this is no identity number of Hong Kong, Macau or Taiwan")]
    Shape,
    /// The check digit is wrong.
    #[error("the check digit is wrong")]
    CheckDigit,
}

/// A number of one of the three cards; its check digit is right where it has one (Macau's
/// is not published).
///
/// `Debug` and `Display` are masked.
#[derive(Clone, PartialEq, Eq)]
pub struct RegionalNumber {
    kind: OtherDocument,
    text: String,
}

/// The letters of Taiwan's numbers in the order of their values, from 10.
const TAIWAN_LETTERS: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";

impl RegionalNumber {
    /// Recognises a number that nothing else could be: Hong Kong's and Macau's with the check
    /// digit in brackets, as the cards print it, and Taiwan's.
    ///
    /// # Errors
    /// [`RegionalError::Shape`] for other texts, [`RegionalError::CheckDigit`] for a slip.
    pub fn recognise(text: &str) -> Result<Self, RegionalError> {
        let plain = normalise(text);
        if plain.ends_with(b")") {
            let bare: Vec<u8> =
                plain.iter().copied().filter(|byte| !matches!(byte, b'(' | b')')).collect();
            let bracketed = plain.len() == bare.len() + 2
                && plain.len().checked_sub(3).and_then(|at| plain.get(at)) == Some(&b'(');
            return match bracketed {
                true if is_hong_kong(&bare) => Self::hong_kong(&bare),
                true if is_macau(&bare) => Ok(Self::new(OtherDocument::MacauId, &bare)),
                _ => Err(RegionalError::Shape),
            };
        }
        if is_taiwan(&plain) {
            return Self::taiwan(&plain);
        }
        Err(RegionalError::Shape)
    }

    /// Which of the three cards a text may be the number of, brackets or not. Without
    /// brackets it may be something else as well.
    #[must_use]
    pub fn candidates(text: &str) -> Vec<OtherDocument> {
        let bare: Vec<u8> =
            normalise(text).into_iter().filter(|byte| !matches!(byte, b'(' | b')')).collect();
        let hong_kong = is_hong_kong(&bare) && Self::hong_kong(&bare).is_ok();
        let taiwan = is_taiwan(&bare) && Self::taiwan(&bare).is_ok();
        [
            (hong_kong, OtherDocument::HongKongId),
            (is_macau(&bare), OtherDocument::MacauId),
            (taiwan, OtherDocument::TaiwanId),
        ]
        .into_iter()
        .filter_map(|(may_be, kind)| may_be.then_some(kind))
        .collect()
    }

    /// One or two letters, six digits, and a check character from 0–9 and A. Two letters
    /// weigh 9 and 8; in front of one a space counts 36. The sum is divisible by 11.
    fn hong_kong(bare: &[u8]) -> Result<Self, RegionalError> {
        let space = [b' '];
        let padded = space.iter().take(9 - bare.len()).chain(bare);
        let sum: u32 = padded
            .zip([9, 8, 7, 6, 5, 4, 3, 2, 1])
            .map(|(byte, weight)| weight * value(*byte))
            .sum();
        if !sum.is_multiple_of(11) {
            return Err(RegionalError::CheckDigit);
        }
        Ok(Self::new(OtherDocument::HongKongId, bare))
    }

    /// A letter worth two digits, and nine digits: weights 1, 9, 8 … 1, 1 modulo 10.
    fn taiwan(plain: &[u8]) -> Result<Self, RegionalError> {
        let letter = plain
            .first()
            .and_then(|first| TAIWAN_LETTERS.iter().position(|letter| letter == first));
        let letter =
            letter.and_then(|at| u32::try_from(at + 10).ok()).ok_or(RegionalError::Shape)?;
        let digits = plain.iter().skip(1).zip([8, 7, 6, 5, 4, 3, 2, 1, 1]);
        let sum: u32 = digits.map(|(byte, weight)| weight * value(*byte)).sum();
        if !(letter / 10 + letter % 10 * 9 + sum).is_multiple_of(10) {
            return Err(RegionalError::CheckDigit);
        }
        Ok(Self::new(OtherDocument::TaiwanId, plain))
    }

    fn new(kind: OtherDocument, text: &[u8]) -> Self {
        Self { kind, text: text.iter().copied().map(char::from).collect() }
    }

    /// Which card it is on.
    #[must_use]
    pub fn kind(&self) -> OtherDocument {
        self.kind
    }

    /// The number without brackets. Never for a log or an error message.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The first and the last two characters, and stars between.
    #[must_use]
    pub fn masked(&self) -> String {
        let last = self.text.len() - 2;
        let star = |(at, c)| if at == 0 || at >= last { c } else { '*' };
        self.text.chars().enumerate().map(star).collect()
    }
}

impl fmt::Debug for RegionalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegionalNumber({:?} {self})", self.kind)
    }
}

impl fmt::Display for RegionalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.masked())
    }
}

fn normalise(text: &str) -> Vec<u8> {
    text.trim()
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{A0}' | '\u{3000}'))
        .map(width::half)
        .map(|c| u8::try_from(c.to_ascii_uppercase()).unwrap_or(b'?'))
        .collect()
}

fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 36,
    }
}

fn is_hong_kong(bare: &[u8]) -> bool {
    let letters = bare.len().saturating_sub(7);
    matches!(letters, 1 | 2)
        && bare.iter().take(letters).all(u8::is_ascii_uppercase)
        && bare.iter().skip(letters).take(6).all(u8::is_ascii_digit)
        && bare.last().is_some_and(|last| last.is_ascii_digit() || *last == b'A')
}

fn is_macau(bare: &[u8]) -> bool {
    bare.len() == 8
        && matches!(bare.first(), Some(b'1' | b'5' | b'7'))
        && bare.iter().take(7).all(u8::is_ascii_digit)
        && bare.last().is_some_and(u8::is_ascii_alphanumeric)
}

fn is_taiwan(plain: &[u8]) -> bool {
    plain.len() == 10
        && plain.first().is_some_and(u8::is_ascii_uppercase)
        && matches!(plain.get(1), Some(b'1' | b'2' | b'8' | b'9'))
        && plain.iter().skip(1).all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<OtherDocument, RegionalError>) {
        assert_eq!(RegionalNumber::recognise(text).map(|number| number.kind()), expect, "{text}");
    }

    #[test]
    fn check_digits_of_hong_kong_and_taiwan() {
        use OtherDocument::*;
        for good in ["G123456(A)", "L555555(0)", "AB987654(3)", "C123456(9)", "g123456（ａ）"] {
            check(good, Ok(HongKongId));
        }
        check("AY987654(A)", Err(RegionalError::CheckDigit));
        check("G123456(B)", Err(RegionalError::Shape));
        check("G12345(6)", Err(RegionalError::Shape));
        check("G123456A", Err(RegionalError::Shape));
        check("1123456(7)", Ok(MacauId));
        check("5123456(A)", Ok(MacauId));
        check("2123456(7)", Err(RegionalError::Shape));
        check("A123456789", Ok(TaiwanId));
        check("B142610160", Ok(TaiwanId));
        check("Q155304680", Err(RegionalError::CheckDigit));
        check("A323456789", Err(RegionalError::Shape));
        check("", Err(RegionalError::Shape));
        check(")", Err(RegionalError::Shape));
        check("()", Err(RegionalError::Shape));
        check("(((G123456A)", Err(RegionalError::Shape));
    }

    #[test]
    fn bare_numbers_are_candidates_only() {
        use OtherDocument::*;
        assert_eq!(RegionalNumber::candidates("G123456A"), [HongKongId]);
        assert_eq!(RegionalNumber::candidates("AB9876543"), [HongKongId]);
        assert_eq!(RegionalNumber::candidates("11234567"), [MacauId]);
        assert_eq!(RegionalNumber::candidates("G1234567"), []);
    }

    #[test]
    fn the_middle_is_masked() {
        let number = RegionalNumber::recognise("G123456(A)").unwrap();
        assert_eq!(format!("{number}"), "G*****6A");
        assert_eq!(number.reveal(), "G123456A");
    }
}
