//! The text of a code: a host and one decimal number.

use num_bigint::BigUint;

use super::body::{DecodedCode, MIN_BYTES};
use super::{CodeError, Field};

/// The digits of the shortest code: 85 bytes that begin with 0x10.
const MIN_DIGITS: usize = 204;
/// The digits of the longest: 93 bytes that begin with 0x1f.
const MAX_DIGITS: usize = 224;
/// A run of digits this long is the part of a code, since no document number or ticket
/// that is read at a desk is longer than 30 digits.
pub(super) const PART_DIGITS: usize = 31;

/// The host in front of the digits, where a phone's own camera takes its owner to.
///
/// Upper-case letters, digits, `-` and `.`: what fits the alphanumeric mode of a QR symbol.
/// Up to 7 characters keep every code at QR version 6 with error correction M.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeHost(String);

/// A host that the alphanumeric mode of a QR symbol cannot write, or an overlong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code host has 1 to 25 of A–Z, 0–9, '-' and '.', upper case")]
pub struct CodeHostError;

impl CodeHost {
    /// Checks a host; lower case is made upper.
    ///
    /// # Errors
    /// On an empty or overlong host, and on other characters.
    pub fn parse(host: &str) -> Result<Self, CodeHostError> {
        let host = host.to_ascii_uppercase();
        let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if (1..=25).contains(&host.len()) && host.chars().all(fits) {
            Ok(Self(host))
        } else {
            Err(CodeHostError)
        }
    }

    /// The host in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DecodedCode {
    /// The one text of this code.
    pub fn to_text(&self, host: &CodeHost) -> String {
        format!("HTTPS://{}/{}", host.0, self.digits())
    }

    /// The number alone, in decimal digits.
    pub fn digits(&self) -> String {
        BigUint::from_bytes_be(self.bytes()).to_string()
    }

    /// Reads a code from a text: from its longest run of digits, whatever the host, since
    /// scanners and layouts garble everything but digits.
    ///
    /// # Errors
    /// [`CodeError::Incomplete`] when there are too few digits; otherwise as
    /// [`DecodedCode::from_bytes`].
    pub fn from_text(text: &str) -> Result<Self, CodeError> {
        let digits = longest_digit_run(text);
        if digits.len() < MIN_DIGITS {
            return Err(CodeError::Incomplete);
        }
        if digits.starts_with('0') {
            return Err(CodeError::Malformed(Field::LeadingZero));
        }
        if digits.len() > MAX_DIGITS {
            return Err(CodeError::Malformed(Field::Length));
        }
        let number = BigUint::parse_bytes(digits.as_bytes(), 10)
            .ok_or(CodeError::Malformed(Field::Length))?;
        let bytes = number.to_bytes_be();
        if bytes.len() < MIN_BYTES {
            return Err(CodeError::Incomplete);
        }
        Self::from_bytes(&bytes)
    }
}

/// Whether a text is a health code of ours or a part of one: so many digits in a row that
/// it can be nothing else.
pub fn looks_like_code(text: &str) -> bool {
    longest_digit_run(text).len() >= PART_DIGITS
}

fn longest_digit_run(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_digit()).max_by_key(|run| run.len()).unwrap_or_default()
}
