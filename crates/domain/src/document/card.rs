//! The text on the chip of a second-generation card, and the reader's answer around it.
//!
//! A card reader with a SAM_V security module answers a read with one frame that carries a
//! 256-byte text block and a photo. The module has checked that the chip is genuine; here it
//! is checked that the bytes are whole and what they say. The photo, the address, the nation
//! and the issuing office are dropped unread: a desk needs none of them to decide who may
//! pass.

mod frame;
mod text;
mod write;

use jiff::civil::Date;

use super::{DocumentNumber, NumberError, Sex};
use crate::name::HolderName;

/// Which of the four cards a text block belongs to: the character at byte 248 says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardLayout {
    /// 居民身份证, no mark.
    Resident,
    /// 港澳居民居住证 and 台湾居民居住证, marked `J`.
    ResidencePermit,
    /// 外国人永久居留身份证 of 2017, marked `I`.
    Permanent2017,
    /// 外国人永久居留身份证 of 2023, marked `Y`.
    Permanent2023,
}

/// A field of the text block, to say in an error where it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardField {
    /// The name in Chinese, or the only one there is.
    Name,
    /// The name in Latin letters.
    LatinName,
    /// The sex.
    Sex,
    /// The date of birth.
    Birth,
    /// The number of the document.
    Number,
    /// The first day of validity.
    From,
    /// The last day of validity.
    To,
}

/// Why a reader's answer gave no card. Never carries anything read from the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The bytes do not begin with `AA AA AA 96 69`: not an answer of a SAM_V reader, or one
    /// that begins later in the stream.
    #[error("the answer does not begin with the reader's preamble")]
    BadPreamble,
    /// More or fewer bytes than the frame says it has: read again.
    #[error("the answer should have {declared} bytes and has {found}")]
    Length {
        /// The length of the whole frame by its own account, or the least a frame has.
        declared: usize,
        /// The bytes there are.
        found: usize,
    },
    /// The checksum does not fit: a byte changed on the way; read again.
    #[error("the checksum of the answer is wrong")]
    Checksum,
    /// The reader said why it read nothing: 0x41 reading failed (present the card again),
    /// 0x66 the module is not authorised (the reader needs service), 0x80 no card, 0x81 the
    /// card could not be selected, and others of the module's manual.
    #[error("the reader answered with status {0:#04x}")]
    Status(u8),
    /// A whole answer with a good status that is not text and photo: the answer to another
    /// command, or a reader this system does not know.
    #[error("the answer does not hold a card's text and photo")]
    Parts,
    /// A field is not what its layout says: not UTF-16, not a date, not a name.
    #[error("the chip's field {0:?} cannot be read")]
    Text(CardField),
    /// The number on the chip is not a valid number for its card.
    #[error("the chip's document number is wrong: {0}")]
    Number(#[from] NumberError),
}

/// What a desk keeps of a chip: who, and from when to when the card is valid.
///
/// Number and name are masked in `Debug`. Sex and date of birth are the chip's own fields;
/// whether they agree with the number is not asked, since a corrected record may differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipCard {
    /// Which of the four cards it is.
    pub layout: CardLayout,
    /// The number, with the document type that layout and number give.
    pub number: DocumentNumber,
    /// The Chinese name; the Latin one on a foreigner's card without a Chinese name.
    pub name: HolderName,
    /// The name in Latin letters, on a foreigner's card.
    pub latin_name: Option<HolderName>,
    /// The sex; `None` where the chip says unknown or unstated.
    pub sex: Option<Sex>,
    /// The date of birth.
    pub birth: Date,
    /// The first day on which the card is valid.
    pub from: Date,
    /// The last day on which the card is valid; `None` for 长期, without end.
    pub to: Option<Date>,
}

impl ChipCard {
    /// Whether the card is valid on a day; both ends count.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod write_tests;
