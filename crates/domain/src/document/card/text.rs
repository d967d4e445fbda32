//! The 256-byte text block of a chip: UTF-16LE fields at fixed places, padded with spaces.
//!
//! | byte | resident | `J` | `I` | `Y` |
//! |---|---|---|---|---|
//! | name | 0, 30 | 0, 30 | 158, 30 | 0, 30 |
//! | Latin name | | | 0, 120 | 52, 70 and 220, 22 |
//! | sex | 30, 2 | 30, 2 | 120, 2 | 30, 2 |
//! | birth | 36, 16 | 36, 16 | 220, 16 | 36, 16 |
//! | number | 122, 36 | 122, 36 | 122, 30 | 122, 36 |
//! | from | 188, 16 | 188, 16 | 188, 16 | 188, 16 |
//! | to | 204, 16 | 204, 16 | 204, 16 | 204, 16 |
//! | mark | | 248, 2 | 248, 2 | 248, 2 |
//!
//! (offset, length, in bytes.) Source: the readers' published module manual; the open
//! drivers agree with it.

use jiff::civil::Date;

use super::{CardError, CardField, CardLayout, ChipCard};
use crate::document::{DocumentNumber, DocumentType, Sex};
use crate::name::HolderName;

/// A place in the block: offset and length in bytes.
pub(super) type Place = (usize, usize);

pub(super) const MARK: Place = (248, 2);
pub(super) const FROM: Place = (188, 16);
pub(super) const TO: Place = (204, 16);

/// "Without end", in place of the last day.
pub(super) const LONG_TERM: &str = "长期";

/// The places that differ between the layouts.
pub(super) struct Places {
    pub(super) name: Place,
    /// One text, in the parts it is cut into.
    pub(super) latin_name: &'static [Place],
    pub(super) sex: Place,
    pub(super) birth: Place,
    pub(super) number: Place,
}

impl CardLayout {
    pub(super) fn places(self) -> Places {
        match self {
            Self::Resident | Self::ResidencePermit => Places {
                name: (0, 30),
                latin_name: &[],
                sex: (30, 2),
                birth: (36, 16),
                number: (122, 36),
            },
            Self::Permanent2017 => Places {
                name: (158, 30),
                latin_name: &[(0, 120)],
                sex: (120, 2),
                birth: (220, 16),
                number: (122, 30),
            },
            Self::Permanent2023 => Places {
                name: (0, 30),
                latin_name: &[(52, 70), (220, 22)],
                sex: (30, 2),
                birth: (36, 16),
                number: (122, 36),
            },
        }
    }

    /// The type of document the layout is for. Hong Kong, Macau and Taiwan share one, and
    /// the number tells them apart.
    fn document_type(self, number: &str) -> DocumentType {
        match self {
            Self::Resident => DocumentType::ResidentId,
            Self::ResidencePermit if number.starts_with("83") => DocumentType::TaiwanResidence,
            Self::ResidencePermit => DocumentType::HkMacauResidence,
            Self::Permanent2017 | Self::Permanent2023 => DocumentType::PermanentResidence,
        }
    }
}

impl ChipCard {
    /// Reads the card from its text block.
    ///
    /// # Errors
    /// [`CardError::Text`] with the field that cannot be read, [`CardError::Number`] when
    /// the number is not valid for the card.
    pub fn parse_text(block: &[u8; 256]) -> Result<Self, CardError> {
        let layout = match decode(block, &[MARK]).as_deref() {
            Some("J") => CardLayout::ResidencePermit,
            Some("I") => CardLayout::Permanent2017,
            Some("Y") => CardLayout::Permanent2023,
            _ => CardLayout::Resident,
        };
        let places = layout.places();
        let field = |field, parts: &[Place]| decode(block, parts).ok_or(CardError::Text(field));

        let number = field(CardField::Number, &[places.number])?;
        let number = DocumentNumber::parse(layout.document_type(&number), &number)?;

        let latin_name = field(CardField::LatinName, places.latin_name)?;
        let latin_name = name(CardField::LatinName, &latin_name)?;
        let own_name = field(CardField::Name, &[places.name])?;
        let name = name(CardField::Name, &own_name)?
            .or_else(|| latin_name.clone())
            .ok_or(CardError::Text(CardField::Name))?;

        let sex = sex(&field(CardField::Sex, &[places.sex])?)?;
        let birth = date(CardField::Birth, &field(CardField::Birth, &[places.birth])?)?;
        let from = date(CardField::From, &field(CardField::From, &[FROM])?)?;
        let to = match field(CardField::To, &[TO])?.as_str() {
            LONG_TERM => None,
            text => Some(date(CardField::To, text)?),
        };
        if to.is_some_and(|to| to < from) {
            return Err(CardError::Text(CardField::To));
        }
        Ok(Self { layout, number, name, latin_name, sex, birth, from, to })
    }
}

/// The text at the given places, one after the other, without the padding around it; `None`
/// when it is not UTF-16.
fn decode(block: &[u8; 256], parts: &[Place]) -> Option<String> {
    let bytes: Vec<u8> = parts
        .iter()
        .flat_map(|(offset, length)| block.iter().skip(*offset).take(*length).copied())
        .collect();
    let units = bytes
        .chunks_exact(2)
        .map(|pair| pair.iter().rev().fold(0, |unit, b| unit << 8 | u16::from(*b)));
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    Some(text.trim().to_owned())
}

/// The name in a field; `None` when the field is empty.
fn name(field: CardField, text: &str) -> Result<Option<HolderName>, CardError> {
    if text.is_empty() {
        return Ok(None);
    }
    HolderName::parse(text).map(Some).map_err(|_| CardError::Text(field))
}

/// The codes of GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 unstated.
fn sex(text: &str) -> Result<Option<Sex>, CardError> {
    match text {
        "1" => Ok(Some(Sex::Male)),
        "2" => Ok(Some(Sex::Female)),
        "0" | "9" => Ok(None),
        _ => Err(CardError::Text(CardField::Sex)),
    }
}

/// A date of eight digits, `yyyymmdd`.
fn date(field: CardField, text: &str) -> Result<Date, CardError> {
    let digits = (text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse::<i32>().ok())
        .flatten();
    digits
        .and_then(|n| {
            let year = i16::try_from(n / 10_000).ok()?;
            let month = i8::try_from(n / 100 % 100).ok()?;
            let day = i8::try_from(n % 100).ok()?;
            Date::new(year, month, day).ok()
        })
        .ok_or(CardError::Text(field))
}
