//! The trust list: whose signatures count, for what, and since when.

use std::fmt;

use ed25519_dalek::{Signature, StreamVerifier, VerifyingKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::colour::AmberName;
use crate::ids::{IssuerId, KeyId, KeySlot};

/// A phrase in the two languages every desk has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Words {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Every issuer a station may believe, as one signed whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustList {
    /// Rises by one with every change.
    pub sequence: u32,
    /// When the authority wrote it.
    pub issued_at: Timestamp,
    /// The issuers, each once.
    pub issuers: Vec<Issuer>,
}

/// One issuer of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// Its number, as in every code it signs.
    pub id: IssuerId,
    /// Its name, as shown on screen.
    pub name: Words,
    /// What its scheme calls the middle colour.
    pub amber: AmberName,
    /// Its keys: those in force, those to come, and those that signed codes still alive.
    pub keys: Vec<TrustedKey>,
}

/// One key of an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedKey {
    /// Its place with the issuer.
    pub slot: KeySlot,
    /// The key itself.
    pub public: PublicKey,
    /// What it may sign.
    pub purposes: Vec<Purpose>,
    /// First instant at which its signatures count.
    pub from: Timestamp,
    /// First instant at which they no longer count; `None` while there is no end.
    pub until: Option<Timestamp>,
}

impl TrustedKey {
    /// Whether a signature made at `instant` for `purpose` counts.
    pub fn covers(&self, purpose: Purpose, instant: Timestamp) -> bool {
        self.purposes.contains(&purpose)
            && self.from <= instant
            && self.until.is_none_or(|until| instant < until)
    }
}

/// What a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The trust list itself.
    Root,
    /// Health codes.
    Codes,
    /// Heads, status lists, directories and policies.
    Feeds,
}

impl Issuer {
    /// The newest key that counts for `purpose` at an instant.
    pub fn newest_key(&self, purpose: Purpose, instant: Timestamp) -> Option<&TrustedKey> {
        let keys = self.keys.iter().filter(|key| key.covers(purpose, instant));
        keys.max_by_key(|key| key.from)
    }
}

impl TrustList {
    /// The issuer with this number.
    pub fn issuer(&self, id: IssuerId) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.id == id)
    }

    /// The key with this name, whatever its purpose and dates.
    pub fn key(&self, id: KeyId) -> Option<&TrustedKey> {
        self.issuer(id.issuer)?.keys.iter().find(|key| key.slot == id.slot)
    }
}

/// An Ed25519 public key (RFC 8032) that is a point of the curve and not a weak one.
/// Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(inline, extend("pattern" = "^[0-9a-fA-F]{64}$"))
)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(VerifyingKey);

/// Why bytes are no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 public key of 32 bytes (64 hexadecimal digits)")]
pub struct PublicKeyError;

impl PublicKey {
    /// A key from its 32 bytes.
    ///
    /// # Errors
    /// When they are no point of the curve, or one of small order, for which a signature
    /// over any message can be made.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PublicKeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| PublicKeyError)?;
        if key.is_weak() { Err(PublicKeyError) } else { Ok(Self(key)) }
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Whether `signature` is this key's over `message`, by the strict rules of RFC 8032:
    /// no second form of the same signature passes.
    pub fn signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    /// The same for a message that comes in pieces. `None` when no message can have this
    /// signature.
    pub fn check_pieces(&self, signature: &[u8; 64]) -> Option<SignatureCheck> {
        // What `verify_strict` asks beyond the equation: that neither point is of small
        // order. This key is not; the signature's point is read as a key is.
        let (point, _) = signature.split_first_chunk::<32>()?;
        let point = VerifyingKey::from_bytes(point).ok()?;
        if point.is_weak() {
            return None;
        }
        self.0.verify_stream(&Signature::from_bytes(signature)).ok().map(SignatureCheck)
    }
}

/// A signature whose message is still coming.
pub struct SignatureCheck(StreamVerifier);

impl SignatureCheck {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Whether the signature is the key's over all pieces, by the rules of
    /// [`PublicKey::signed`].
    pub fn holds(self) -> bool {
        self.0.finalize_and_verify().is_ok()
    }
}

impl TryFrom<String> for PublicKey {
    type Error = PublicKeyError;

    fn try_from(text: String) -> Result<Self, PublicKeyError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| PublicKeyError)?;
        Self::from_bytes(&bytes)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        hex::encode(key.to_bytes())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex::encode(self.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    #[test]
    fn a_key_counts_from_its_first_instant_to_just_before_its_last() {
        let key = TrustedKey {
            slot: KeySlot::CODES,
            public: test_key(),
            purposes: vec![Purpose::Codes],
            from: second(100),
            until: Some(second(200)),
        };
        for (at, counts) in [(99, false), (100, true), (199, true), (200, false)] {
            assert_eq!(key.covers(Purpose::Codes, second(at)), counts, "at second {at}");
        }
        assert!(!key.covers(Purpose::Feeds, second(150)), "a codes key signs no feeds");
    }

    #[test]
    fn a_weak_key_is_refused() {
        // The identity element: every message has a valid signature under it.
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(&identity), Err(PublicKeyError));
    }

    #[test]
    fn a_key_is_written_as_hexadecimal() {
        let text = serde_json::to_string(&test_key()).unwrap();
        assert_eq!(text.len(), 66);
        assert_eq!(serde_json::from_str::<PublicKey>(&text).unwrap(), test_key());
        assert!(serde_json::from_str::<PublicKey>("\"00\"").is_err());
    }

    fn test_key() -> PublicKey {
        let signing = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        PublicKey::from_bytes(&signing.verifying_key().to_bytes()).unwrap()
    }
}
