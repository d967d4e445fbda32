//! From a text to what it is: nothing here says whether it is true.

use sha2::{Digest, Sha256};

use crate::code::{CodeError, DecodedCode, looks_like_code};
use crate::document::{DocumentNumber, DocumentType, NumberError, Recognised};
use crate::name::HolderName;

/// The longest text that is looked at, in bytes: more than any symbol holds (a QR code of
/// version 40 holds 7,089 digits).
pub const MAX_TEXT_BYTES: usize = 8 * 1024;

/// One reading, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A health code of our form; not verified.
    Code(Box<DecodedCode>),
    /// A health code of our form that is broken.
    BrokenCode(CodeError),
    /// A document, known by its number.
    Document(DocumentNumber),
    /// A document with a name that its chip or its machine-readable zone gave.
    NamedDocument(DocumentNumber, HolderName),
    /// A number that several kinds of document could have. Never guessed.
    AmbiguousNumber(Vec<DocumentType>),
    /// The number of one kind of document, but a wrong one.
    BrokenNumber(DocumentType, NumberError),
    /// Another system's code, by the name of that system.
    OtherSystem(&'static str),
    /// The code of a place.
    Place,
    /// Nothing known: only its length and hash are kept, because it may be anything.
    Unknown(Unknown),
}

/// What is kept of a text that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unknown {
    /// Its length in bytes.
    pub bytes: usize,
    /// The first eight bytes of its SHA-256, in hexadecimal: enough to tell whether the
    /// same thing was shown again.
    pub hash: String,
}

impl Evidence {
    /// Whether it says who somebody is, truly or not.
    pub fn names_somebody(&self) -> bool {
        matches!(self, Self::Code(_) | Self::Document(_) | Self::NamedDocument(..))
    }

    /// The word for it on the command line and in logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::BrokenCode(_) => "broken-code",
            Self::Document(_) | Self::NamedDocument(..) => "document",
            Self::AmbiguousNumber(_) => "ambiguous-number",
            Self::BrokenNumber(..) => "broken-number",
            Self::OtherSystem(_) => "other-system",
            Self::Place => "place",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Markers of codes of other systems, and the systems' names (`domain.md` §2).
const OTHER_SYSTEMS: [(&str, &str); 7] = [
    ("HTTPS://S.SH.GOV.CN/", "随申码"),
    ("DINGTALK.COM/HEALTHACT", "浙江健康码"),
    ("HC1:", "EU DCC"),
    ("SHC:/", "SMART Health Card"),
    ("NZCP:/", "NZ COVID Pass"),
    ("\"TYPE\":\"ICAO.", "VDS-NC"),
    ("ANSI 6", "AAMVA"),
];

/// Markers of the codes that hang at doors (`domain.md` §1.1, §2.5).
const PLACES: [&str; 2] = ["/QRCODE/TRAFFIC", "/PLACE/"];

/// Understands one text from any device.
///
/// The order is that of `domain.md` §6.1: a whole code of ours first, whatever its host;
/// then other systems and places, since some of theirs are long runs of digits too; then
/// parts of our code, and numbers. Full-width characters, which input methods make of a
/// scanner's keys, count as their plain forms.
pub fn read(text: &str) -> Evidence {
    if text.len() > MAX_TEXT_BYTES {
        return Evidence::Unknown(unknown(text));
    }
    let plain = half_width(text);
    let plain = plain.trim();
    let ours =
        (looks_like_code(plain) || is_start_of_code(plain)).then(|| DecodedCode::from_text(plain));
    if let Some(Ok(code)) = ours {
        return Evidence::Code(Box::new(code));
    }
    let upper = plain.to_ascii_uppercase();
    if let Some((_, system)) = OTHER_SYSTEMS.iter().find(|(marker, _)| upper.contains(marker)) {
        return Evidence::OtherSystem(system);
    }
    if PLACES.iter().any(|marker| upper.contains(marker)) {
        return Evidence::Place;
    }
    if let Some(Err(error)) = ours {
        return Evidence::BrokenCode(error);
    }
    match DocumentNumber::recognise(plain) {
        Recognised::One(number) => Evidence::Document(number),
        Recognised::Several(types) => Evidence::AmbiguousNumber(types),
        Recognised::Broken { document_type, error } => Evidence::BrokenNumber(document_type, error),
        Recognised::No => Evidence::Unknown(unknown(text)),
    }
}

/// A URL whose path is nothing but digits: the beginning of a code whose end got lost.
fn is_start_of_code(plain: &str) -> bool {
    let upper = plain.to_ascii_uppercase();
    let path = upper.strip_prefix("HTTPS://").and_then(|rest| rest.split_once('/'));
    path.is_some_and(|(_, path)| !path.is_empty() && path.chars().all(|c| c.is_ascii_digit()))
}

fn unknown(text: &str) -> Unknown {
    let digest = Sha256::digest(text.as_bytes());
    Unknown { bytes: text.len(), hash: hex::encode(digest.get(..8).unwrap_or_default()) }
}

/// Turns the full-width forms of ASCII (U+FF01–U+FF5E, U+3000) into ASCII.
fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xff01 + 0x21).unwrap_or(c),
            other => other,
        })
        .collect()
}
