//! The number of a document, which exists only if it is valid.

use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::check_digit::{icao_731, mod_11_2};
use super::{DocumentType, shape};
use crate::width;

/// Why a text is not the number of a document. Never carries the number or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// No number of this type has so many characters: look for a missing or doubled one, or
    /// another type.
    #[error("{found} characters is no length for this document")]
    Length {
        /// The characters found, spaces not counted.
        found: usize,
    },
    /// A character that cannot stand where it stands: a letter for a digit, or the beginning
    /// of another type's number.
    #[error("character {position} cannot stand there in this document's number")]
    Alphabet {
        /// The place of the character, counted from 1, spaces not counted.
        position: usize,
    },
    /// The date of birth in the number is not in the calendar, or in no century the type
    /// allows.
    #[error("the date of birth in the number does not exist")]
    Date,
    /// The number does not agree with its check digit: a character is wrong somewhere.
    #[error("the check digit is wrong")]
    CheckDigit,
}

/// The sex recorded in a number or on a chip (GB/T 2261.1 codes 1 and 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
}

/// Which edition of its type a number was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    /// The number stands as it was given.
    Current,
    /// A resident number of 15 digits, brought to 18. Such cards stopped being valid on
    /// 2013-01-01: good for looking a person up, not as a document.
    Fifteen,
    /// A home return permit of 1999 with two digits of issue count at its end, which are
    /// left out: the number before them is the holder's for life.
    Booklet,
}

/// A valid document number, normalised.
///
/// Guarantees: its shape is one of its type; where the type has them, the date of birth is
/// in the calendar and the check digit is right. Area codes are not looked at, since retired
/// ones stay on cards for life, and dates are not compared with today.
///
/// `Debug` and `Display` are masked and serde does not know the type; the digits come out
/// through [`reveal`](Self::reveal) only. Two numbers are equal when type and normalised
/// digits are, whatever edition they were typed from.
#[derive(Clone)]
pub struct DocumentNumber {
    document_type: DocumentType,
    /// ASCII, in one of the shapes of the type.
    text: String,
    edition: Edition,
    birth_date: Option<Date>,
    sex: Option<Sex>,
}

impl DocumentNumber {
    /// Takes a number whose document type is known.
    ///
    /// Accepted spellings: white space around it and spaces within it (also the wide ones)
    /// are left out, full-width characters become half-width, small letters capital. Nothing
    /// else is left out: hyphens and dots are errors. For foreign passports alone the filler
    /// `<` of a machine-readable zone is left out too. A resident number of 15 digits becomes
    /// one of 18 and an 11-character home return permit one of 9; [`edition`](Self::edition)
    /// remembers it.
    ///
    /// # Errors
    /// [`NumberError`]: length first, then characters, then the date, then the check digit.
    pub fn parse(document_type: DocumentType, text: &str) -> Result<Self, NumberError> {
        let text = normalise(document_type, text);
        shape::fit(document_type, &text)?;
        match (document_type, text.len()) {
            (DocumentType::ResidentId, 15) => {
                let long = lengthen(&text).ok_or(NumberError::CheckDigit)?;
                Self::resident(document_type, long, Edition::Fifteen, 18)
            }
            (DocumentType::ResidentId, _) => {
                Self::resident(document_type, text, Edition::Current, 18)
            }
            (DocumentType::PermanentResidence, 15) => Self::permanent_2017(text),
            (
                DocumentType::HkMacauResidence
                | DocumentType::TaiwanResidence
                | DocumentType::PermanentResidence,
                _,
            ) => Self::resident(document_type, text, Edition::Current, 19),
            (DocumentType::HomeReturn, 11) => {
                let mut lifelong = text;
                lifelong.truncate(9);
                Ok(Self::plain(document_type, &lifelong, Edition::Booklet))
            }
            _ => Ok(Self::plain(document_type, &text, Edition::Current)),
        }
    }

    /// The 18-character family of GB 11643: birth date at 7–14, an odd 17th digit for men,
    /// MOD 11-2 at the end.
    fn resident(
        document_type: DocumentType,
        text: Vec<u8>,
        edition: Edition,
        first_century: i16,
    ) -> Result<Self, NumberError> {
        let birth_date = digits(&text, 6, 4)
            .filter(|year| (first_century..=20).contains(&(year / 100)))
            .and_then(|year| date(year, &text, 10))
            .ok_or(NumberError::Date)?;
        if mod_11_2(text.get(..17).unwrap_or_default()).as_ref() != text.get(17) {
            return Err(NumberError::CheckDigit);
        }
        Ok(Self {
            birth_date: Some(birth_date),
            sex: digits(&text, 16, 1).map(odd_is_male),
            ..Self::plain(document_type, &text, edition)
        })
    }

    /// The permanent resident card of 2017: country, area, birth date with a two-digit year
    /// at 8–13, one sequence digit (odd for men), 7-3-1 over the first 14.
    fn permanent_2017(text: Vec<u8>) -> Result<Self, NumberError> {
        let year = digits(&text, 7, 2).ok_or(NumberError::Date)?;
        // The number does not tell the century, so the date is not given out. It must exist
        // in one of the two that holders were born in, and 20yy has every day of 19yy.
        date(2000 + year, &text, 9).ok_or(NumberError::Date)?;
        if icao_731(text.get(..14).unwrap_or_default()).as_ref() != text.get(14) {
            return Err(NumberError::CheckDigit);
        }
        Ok(Self {
            sex: digits(&text, 13, 1).map(odd_is_male),
            ..Self::plain(DocumentType::PermanentResidence, &text, Edition::Current)
        })
    }

    /// A number that tells nothing about its holder.
    fn plain(document_type: DocumentType, text: &[u8], edition: Edition) -> Self {
        Self {
            document_type,
            text: text.iter().copied().map(char::from).collect(),
            edition,
            birth_date: None,
            sex: None,
        }
    }

    /// The type of the document.
    #[must_use]
    pub fn document_type(&self) -> DocumentType {
        self.document_type
    }

    /// The normalised number: ASCII, 5 to 18 characters. Never for a log or an error message.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Which edition the number was written in.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// The date of birth, where the number tells it with its century: the 18-character
    /// family only.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        self.birth_date
    }

    /// The sex, where the number tells it: the cards with a check digit.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        self.sex
    }

    /// The number with its middle starred, as long as it was.
    ///
    /// Left to read: 4 + 4 of an 18-character number, 3 + 4 of a permanent resident card of
    /// 2017, 2 + 2 of a passport or permit, 1 + 1 of one shorter than 8 characters.
    #[must_use]
    pub fn masked(&self) -> String {
        let length = self.text.len();
        let (head, tail) = match length {
            18 => (4, 4),
            15 => (3, 4),
            8.. => (2, 2),
            _ => (1, 1),
        };
        let hidden = head..length - tail;
        self.text
            .chars()
            .enumerate()
            .map(|(i, c)| if hidden.contains(&i) { '*' } else { c })
            .collect()
    }
}

impl PartialEq for DocumentNumber {
    fn eq(&self, other: &Self) -> bool {
        self.document_type == other.document_type && self.text == other.text
    }
}

impl Eq for DocumentNumber {}

impl Hash for DocumentNumber {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.document_type.hash(state);
        self.text.hash(state);
    }
}

impl fmt::Debug for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentNumber({} {self})", self.document_type)
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.masked())
    }
}

/// Brings a spelling to the one the shapes are written in: see [`DocumentNumber::parse`].
///
/// One byte stands for each character; a character outside printable ASCII becomes `?`,
/// which fits no shape, so lengths and positions stay true.
pub(super) fn normalise(document_type: DocumentType, text: &str) -> Vec<u8> {
    text.trim()
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{A0}' | '\u{3000}'))
        .map(width::half)
        .filter(|c| !(document_type == DocumentType::ForeignPassport && *c == '<'))
        .map(|c| match u8::try_from(c) {
            Ok(byte) if byte.is_ascii_graphic() => byte.to_ascii_uppercase(),
            _ => b'?',
        })
        .collect()
}

/// A resident number of 15 digits as one of 18: `19` before the year, the check after.
/// `None` when a byte is no digit.
fn lengthen(text: &[u8]) -> Option<Vec<u8>> {
    let (area, rest) = text.split_at_checked(6)?;
    let mut long = [area, b"19", rest].concat();
    long.push(mod_11_2(&long)?);
    Some(long)
}

/// The number of up to four digits at an index.
fn digits(text: &[u8], index: usize, count: usize) -> Option<i16> {
    text.get(index..index + count)?.iter().try_fold(0i16, |sum, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        Some(sum * 10 + i16::try_from(digit).ok()?)
    })
}

/// The date of a year and the two digits each of month and day at an index.
fn date(year: i16, text: &[u8], index: usize) -> Option<Date> {
    let month = i8::try_from(digits(text, index, 2)?).ok()?;
    let day = i8::try_from(digits(text, index + 2, 2)?).ok()?;
    Date::new(year, month, day).ok()
}

fn odd_is_male(digit: i16) -> Sex {
    if digit % 2 == 1 { Sex::Male } else { Sex::Female }
}

#[cfg(test)]
mod tests;
