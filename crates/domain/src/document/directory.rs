//! The keyed hash under which a document finds its holder.
//!
//! There are only about 10^11 resident numbers, so a bare hash hides nothing. The key makes
//! the hash useless to whoever has only the file; it protects nothing against whoever has
//! the key as well, so the key is kept encrypted, rotated, and wiped.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, Mac};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;

use super::DocumentNumber;

/// Keeps these hashes apart from any other use of the same key.
const NAMESPACE: &[u8] = b"yanma-directory-v1";

/// The same for marks.
const MARKS: &[u8] = b"yanma-mark-v1";

/// A text is not the hex digits it should be. Never carries the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected exactly {digits} hex digits")]
pub struct HexError {
    /// How many digits the value has.
    pub digits: usize,
}

/// The secret key of a directory, 32 bytes.
///
/// `Debug` shows nothing of it and serde does not know it. The bytes are overwritten when
/// the value is dropped, as far as safe code can promise that.
#[derive(Clone)]
pub struct DirectoryKey([u8; 32]);

impl DirectoryKey {
    /// So long after another key was made, codes still carry hashes under the one before it: a
    /// desk that was not heard of for this time refers what is green anyway.
    pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

    /// A key from its bytes. They should come from a random source.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key from 64 hex digits of either case.
    ///
    /// # Errors
    /// [`HexError`] when the text is anything else.
    pub fn from_hex(text: &str) -> Result<Self, HexError> {
        decode_hex(text).map(Self)
    }

    /// The 64 lower-case hex digits of the key: for the answer to an enrolment and the
    /// station's encrypted file, never for a log.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The hash of a document: the first 8 bytes of HMAC-SHA-256 under this key over
    /// `yanma-directory-v1`, the code of the document type (1 byte) and the normalised
    /// number.
    #[must_use]
    pub fn hash(&self, number: &DocumentNumber) -> DocumentHash {
        let document_type = [number.document_type().code()];
        self.first_bytes(&[NAMESPACE, &document_type, number.reveal().as_bytes()])
    }

    /// A mark by which two texts about a person, such as two names, are found to be the same
    /// without keeping them: HMAC-SHA-256 over `yanma-mark-v1` and the text, as for a document.
    pub(crate) fn mark(&self, text: &str) -> DocumentHash {
        self.first_bytes(&[MARKS, text.as_bytes()])
    }

    fn first_bytes(&self, parts: &[&[u8]]) -> DocumentHash {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        parts.iter().for_each(|part| mac.update(part));
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        let [a, b, c, d, e, f, g, h, ..] = full;
        DocumentHash([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for DirectoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DirectoryKey(…)")
    }
}

impl Drop for DirectoryKey {
    fn drop(&mut self) {
        self.0 = [0; 32];
        // Without a reader the compiler may leave the overwriting out.
        std::hint::black_box(&self.0);
    }
}

/// The keyed hash of a document, 8 bytes: equal documents under equal keys have equal
/// hashes. Ordered as the directory is, by the big-endian number.
///
/// As text and in serde it is 16 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transparent))]
pub struct DocumentHash(
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", regex(pattern = "^[0-9a-fA-F]{16}$"))
    )]
    [u8; 8],
);

impl DocumentHash {
    /// A hash from its bytes, as a health code carries them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The bytes, as a health code carries them.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// A hash from its big-endian number, as a directory carries it.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number.to_be_bytes())
    }

    /// The big-endian number of the 8 bytes.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        u64::from_be_bytes(self.0)
    }
}

impl fmt::Debug for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentHash({self})")
    }
}

impl fmt::Display for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl FromStr for DocumentHash {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decode_hex(text).map(Self)
    }
}

impl Serialize for DocumentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DocumentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn decode_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| HexError { digits: 2 * N })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentType;

    /// 00 01 02 … 1f.
    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    #[track_caller]
    fn check(document_type: DocumentType, number: &str, expect: &str) {
        let key = DirectoryKey::from_hex(KEY).unwrap();
        let number = DocumentNumber::parse(document_type, number).unwrap();
        let hash = key.hash(&number);
        assert_eq!(hash.to_string(), expect);
        assert_eq!(hash.as_u64(), u64::from_str_radix(expect, 16).unwrap());
        assert_eq!(DocumentHash::from_u64(hash.as_u64()), hash);
        assert_eq!(DocumentHash::from_bytes(hash.to_bytes()), hash);
        assert_eq!(expect.parse(), Ok(hash));
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json, format!("\"{expect}\""));
        assert_eq!(serde_json::from_str::<DocumentHash>(&json).unwrap(), hash);
    }

    /// Pinned for ever, computed apart from this code:
    /// `hmac.new(bytes(range(32)), b"yanma-directory-v1" + bytes([t]) + n, "sha256").hexdigest()[:16]`.
    #[test]
    fn hashes_of_synthetic_documents_are_fixed() {
        check(DocumentType::ResidentId, "11010519491231002x", "7dc5def0ca8503a5");
        check(DocumentType::ResidentId, "110105491231002", "7dc5def0ca8503a5");
        check(DocumentType::ResidentId, "350100190001010004", "bd6d8fe808b76ab7");
        check(DocumentType::HkMacauResidence, "810000199001010019", "d9062afdaea0d52a");
        check(DocumentType::TaiwanResidence, "830000199001010039", "5db641a461ff7ef7");
        check(DocumentType::PermanentResidence, "UTO350100010104", "2c1a1ae2adb16bd2");
        check(DocumentType::PermanentResidence, "911398199012310021", "a0fda6aff88238b3");
        check(DocumentType::ChinesePassport, "E00000000", "251c27cbc91547d0");
        check(DocumentType::ForeignPassport, "E00000000", "449cc6a2be43b168");
        check(DocumentType::HomeReturn, "H0000000101", "13db0cc1da3bf5ee");
    }

    #[test]
    fn hex_must_be_exact() {
        for text in
            ["", "00", KEY.trim_end_matches('f'), &format!("{KEY}00"), &KEY.replace('0', "g")]
        {
            assert_eq!(DirectoryKey::from_hex(text).map(|_| ()), Err(HexError { digits: 64 }));
        }
        for text in ["0011223344556", "001122334455667", "00112233445566778", "00112233445566 7"] {
            assert_eq!(
                text.parse::<DocumentHash>(),
                Err(HexError { digits: 16 }),
                "{text} has not 16 hex digits"
            );
            assert!(serde_json::from_str::<DocumentHash>(&format!("\"{text}\"")).is_err());
        }
    }

    #[test]
    fn the_key_does_not_show() {
        let key = DirectoryKey::from_bytes([0xAB; 32]);
        let shown = format!("{key:?} {key:#?}").to_lowercase();
        assert!(!shown.contains("ab") && !shown.contains("171"), "{shown}");
        assert_eq!(key.to_hex(), "ab".repeat(32));
    }
}
