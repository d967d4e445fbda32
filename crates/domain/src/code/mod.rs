//! The health code: 85 to 93 signed bytes, written as one decimal number behind a host.
//!
//! ```text
//! HTTPS://<HOST>/<204 to 224 digits>
//! ```
//!
//! A [`DecodedCode`] is what somebody claims; nothing in it may be believed. Only
//! [`DecodedCode::verify`] makes a [`VerifiedCode`] of it. `docs/health-code.md` has the
//! format byte by byte and `tests/vectors/code/` the pinned examples.

mod body;
mod family;
mod lifetime;
mod text;
mod verify;

pub use body::{CodeBody, DecodedCode, Profile};
pub use family::{FamilyCode, MOST_IN_FAMILY};
pub use lifetime::Lifetime;
pub use text::{CodeHost, CodeHostError, looks_like_code};
pub use verify::{VerifiedCode, VerifyError};

/// What the signature covers before the body, so that a signature over anything else can
/// never pass for one over a code.
pub const NAMESPACE: &[u8] = b"yanma-code-v1";

/// Why a text is no health code of a form known here. Says nothing about who made it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeError {
    /// Fewer digits than the shortest code has, or the first byte of no version or profile:
    /// a part of a code. Scan it again.
    #[error("only a part of a health code was read")]
    Incomplete,
    /// The number of bytes, or a field of them, is not one that version 1 allows.
    #[error("the health code is not well formed: {0}")]
    Malformed(Field),
    /// A version this program does not know. Update the program.
    #[error("health code version {0} is not known")]
    Version(u8),
    /// The signature profile that is reserved (1, for SM2 with SM3). Update the program.
    #[error("health code signature profile {0} is not known")]
    Profile(u8),
}

/// The place in a code that is not as it must be.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The number of digits or bytes.
    #[error("length")]
    Length,
    /// A leading zero: a second text for the same code.
    #[error("leading zero")]
    LeadingZero,
    /// A document type that is not in the table.
    #[error("document type")]
    DocumentType,
    /// A lifetime of nothing.
    #[error("lifetime")]
    Lifetime,
    /// A name that is no masked name.
    #[error("name")]
    Name,
    /// Too many people in one text, or one of them twice.
    #[error("people")]
    People,
}
