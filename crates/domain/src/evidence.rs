//! From a text to what it is: nothing here says whether it is true.

use sha2::{Digest, Sha256};

use crate::boarding_pass::{BoardingPass, PassError};
use crate::certificate::{CardPart, Certificate, CertificateError};
use crate::code::{CodeError, DecodedCode, FamilyCode, looks_like_code};
use crate::document::{
    DocumentNumber, DocumentType, NumberError, Recognised, RegionalError, RegionalNumber, Zone,
    ZoneDocument, ZoneError,
};
use crate::licence::{Licence, LicenceError};
use crate::name::HolderName;
use crate::width;

/// The longest text that is looked at, in bytes: more than any symbol holds (a QR code of
/// version 40 holds 7,089 digits, which an input method makes three bytes each).
pub const MAX_TEXT_BYTES: usize = 24 * 1024;

/// One reading, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A health code of our form; not verified.
    Code(Box<DecodedCode>),
    /// Health codes of our form of several people, in one symbol; not verified.
    Family(FamilyCode),
    /// A health code of our form that is broken, or several of which one is.
    BrokenCode(CodeError),
    /// A document, known by its number.
    Document(DocumentNumber),
    /// A document with a name that its chip or its machine-readable zone gave.
    NamedDocument(DocumentNumber, HolderName),
    /// A number that several kinds of document could have. Never guessed.
    AmbiguousNumber(Vec<DocumentType>),
    /// The number of one kind of document, but a wrong one.
    BrokenNumber(DocumentType, NumberError),
    /// A machine-readable zone whose check digits are right.
    Zone(Box<Zone>),
    /// The identity number of Hong Kong, Macau or Taiwan: no code is issued under one.
    Regional(RegionalNumber),
    /// A North American driving licence or identity card: no code is issued under one.
    Licence(Box<Licence>),
    /// A boarding pass: a name and flights, which identify nobody.
    BoardingPass(Box<BoardingPass>),
    /// A foreign health certificate: supporting evidence, not checked.
    Certificate(Box<Certificate>),
    /// One part of a foreign certificate that comes in several.
    CertificatePart(CardPart),
    /// One of these that was not read whole or not read right.
    Damaged(Damaged),
    /// Another system's code, by the name of that system.
    OtherSystem(&'static str),
    /// The code of a place.
    Place,
    /// Nothing known: only its length and hash are kept, because it may be anything.
    Unknown(Unknown),
}

/// What was damaged, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// A machine-readable zone.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// An identity number of Hong Kong, Macau or Taiwan.
    #[error(transparent)]
    Regional(#[from] RegionalError),
    /// A licence.
    #[error(transparent)]
    Licence(#[from] LicenceError),
    /// A boarding pass.
    #[error(transparent)]
    BoardingPass(#[from] PassError),
    /// A foreign health certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl Damaged {
    /// Whether a check digit gave it away: a character was misread or mistyped.
    pub fn by_check_digit(&self) -> bool {
        matches!(
            self,
            Self::Zone(ZoneError::CheckDigit(_)) | Self::Regional(RegionalError::CheckDigit)
        )
    }
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
        match self {
            Self::Code(_) | Self::Document(_) | Self::NamedDocument(..) => true,
            Self::Zone(zone) => matches!(zone.document(), ZoneDocument::Known(_)),
            _ => false,
        }
    }

    /// The word for it on the command line and in logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Family(_) => "family",
            Self::BrokenCode(_) => "broken-code",
            Self::Document(_) | Self::NamedDocument(..) => "document",
            Self::AmbiguousNumber(_) => "ambiguous-number",
            Self::BrokenNumber(..) => "broken-number",
            Self::Zone(_) => "zone",
            Self::Regional(_) => "regional-number",
            Self::Licence(_) => "licence",
            Self::BoardingPass(_) => "boarding-pass",
            Self::Certificate(_) => "certificate",
            Self::CertificatePart(_) => "certificate-part",
            Self::Damaged(Damaged::Zone(_)) => "broken-zone",
            Self::Damaged(Damaged::Regional(_)) => "broken-regional-number",
            Self::Damaged(Damaged::Licence(_)) => "broken-licence",
            Self::Damaged(Damaged::BoardingPass(_)) => "broken-boarding-pass",
            Self::Damaged(Damaged::Certificate(_)) => "broken-certificate",
            Self::OtherSystem(_) => "other-system",
            Self::Place => "place",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Markers of codes of other systems, and the systems' names (`domain.md` §2).
const OTHER_SYSTEMS: [(&str, &str); 2] =
    [("HTTPS://S.SH.GOV.CN/", "随申码"), ("DINGTALK.COM/HEALTHACT", "浙江健康码")];

/// Markers of the codes that hang at doors (`domain.md` §1.1, §2.5).
const PLACES: [&str; 2] = ["/QRCODE/TRAFFIC", "/PLACE/"];

/// Understands one text from any device.
///
/// What nothing else can be mistaken for comes first: licences, boarding passes and foreign
/// certificates by their headers, then a whole code of ours, whatever its host; then other systems and places,
/// since some of theirs are long runs of digits too; then parts of our code, machine-readable
/// zones, and numbers. Full-width characters, which input methods make of a scanner's keys,
/// count as their plain forms. The spaces of a boarding pass and of a European certificate are
/// part of it.
pub fn read(text: &str) -> Evidence {
    if text.len() > MAX_TEXT_BYTES {
        return Evidence::Unknown(unknown(text));
    }
    let plain = half_width(text);
    if Licence::looks_like_one(&plain) {
        return Licence::read(&plain).map_or_else(
            |error| Evidence::Damaged(error.into()),
            |licence| Evidence::Licence(Box::new(licence)),
        );
    }
    if BoardingPass::looks_like_one(&plain) {
        return BoardingPass::read(&plain).map_or_else(
            |error| Evidence::Damaged(error.into()),
            |pass| Evidence::BoardingPass(Box::new(pass)),
        );
    }
    if CardPart::looks_like_one(&plain) {
        return CardPart::read(&plain)
            .map_or_else(|error| Evidence::Damaged(error.into()), Evidence::CertificatePart);
    }
    if Certificate::looks_like_one(&plain) {
        return read_certificate(&plain);
    }
    let plain = plain.trim();
    let ours = match FamilyCode::from_text(plain) {
        Some(Ok(family)) => return Evidence::Family(family),
        Some(Err(error)) => Some(Err(error)),
        None => (looks_like_code(plain) || is_start_of_code(plain))
            .then(|| DecodedCode::from_text(plain)),
    };
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
    if Zone::looks_like_one(plain) {
        return Zone::read(plain).map_or_else(
            |error| Evidence::Damaged(error.into()),
            |zone| Evidence::Zone(Box::new(zone)),
        );
    }
    match DocumentNumber::recognise(plain) {
        Recognised::One(number) => Evidence::Document(number),
        Recognised::Several(types) => Evidence::AmbiguousNumber(types),
        Recognised::Broken { document_type, error } => Evidence::BrokenNumber(document_type, error),
        Recognised::No => match RegionalNumber::recognise(plain) {
            Ok(number) => Evidence::Regional(number),
            Err(error @ RegionalError::CheckDigit) => Evidence::Damaged(error.into()),
            Err(RegionalError::Shape) => Evidence::Unknown(unknown(text)),
        },
    }
}

/// Understands a certificate, also one that was put together from parts and is longer than
/// any single text.
pub fn read_certificate(text: &str) -> Evidence {
    Certificate::read(text).map_or_else(
        |error| Evidence::Damaged(error.into()),
        |certificate| Evidence::Certificate(Box::new(certificate)),
    )
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
    let plain = |c| if c == '\u{3000}' { ' ' } else { width::half(c) };
    text.chars().map(plain).collect()
}
