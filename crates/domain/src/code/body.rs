//! The bytes of a code.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CodeError, Field, Lifetime, NAMESPACE};
use crate::colour::Colour;
use crate::document::{DocumentHash, DocumentType};
use crate::ids::{IssuerId, KeyId, KeySlot, StatusIndex};
use crate::name::MaskedName;

/// 2020-01-01T00:00:00Z in seconds of Unix time: the zero of a code's clock, which lasts
/// until the year 2156.
const ZERO_SECOND: i64 = 1_577_836_800;
const VERSION: u8 = 1;
const NAME_AT: usize = 20;
const SIGNATURE_BYTES: usize = 64;
/// A body without a name, one byte of name, and the signature.
pub(super) const MIN_BYTES: usize = NAME_AT + 1 + SIGNATURE_BYTES;
/// The same with the longest masked name, nine bytes.
pub(super) const MAX_BYTES: usize = NAME_AT + 9 + SIGNATURE_BYTES;

/// How a code is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Ed25519 (RFC 8032) over the namespace and the body. Profile 1 is kept for SM2 with
    /// SM3, whose signatures have the same size.
    #[default]
    Ed25519,
}

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBody {
    /// Issuer and key; the trust list has the key itself.
    pub key: KeyId,
    /// How it is signed.
    pub profile: Profile,
    /// The colour when it was issued: never the last word.
    pub colour: Colour,
    /// The kind of document that the holder claimed it with.
    pub document_type: DocumentType,
    /// When it was issued, in whole seconds from 2020-01-01T00:00:00Z on.
    pub issued_at: Timestamp,
    /// How long it may be shown.
    pub lifetime: Lifetime,
    /// Where the holder's colour stands in the status list.
    pub index: StatusIndex,
    /// The keyed hash of the document's number, to match a card with.
    pub document: DocumentHash,
    /// The holder's name, masked.
    pub name: MaskedName,
}

impl CodeBody {
    /// The bytes that are signed: namespace, then body.
    ///
    /// # Errors
    /// [`Field::Length`] when `issued_at` is before 2020 or after 2156-02-07.
    pub fn signing_input(&self) -> Result<Vec<u8>, Field> {
        let mut input = NAMESPACE.to_vec();
        self.write(&mut input)?;
        Ok(input)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Field> {
        let seconds =
            u32::try_from(self.issued_at.as_second() - ZERO_SECOND).map_err(|_| Field::Length)?;
        let profile = match self.profile {
            Profile::Ed25519 => 0,
        };
        out.push((VERSION << 4) | (profile << 2) | self.colour.bits());
        out.push(self.key.issuer.0);
        out.push((self.key.slot.get() << 4) | self.document_type.code());
        out.extend(seconds.to_be_bytes());
        out.push(self.lifetime.to_byte());
        out.extend(self.index.0.to_be_bytes());
        out.extend(self.document.to_bytes());
        out.extend(self.name.as_str().as_bytes());
        Ok(())
    }

    fn read(bytes: &[u8]) -> Result<Self, CodeError> {
        let malformed = CodeError::Malformed;
        let (head, name) = bytes.split_first_chunk::<NAME_AT>().ok_or(malformed(Field::Length))?;
        let [first, issuer, third, rest @ ..] = *head;
        let [t0, t1, t2, t3, lifetime, i0, i1, i2, i3, hash @ ..] = rest;
        let profile = match (first >> 2) & 3 {
            0 => Profile::Ed25519,
            1 => return Err(CodeError::Profile(1)),
            // A lost digit divides the number by about ten, which makes 0x19 to 0x1f of the
            // first bytes 0x10 to 0x13: no profile, but a part of a code.
            _ => return Err(CodeError::Incomplete),
        };
        // A `u8` shifted right by four is at most 15.
        let slot = KeySlot::new(third >> 4).ok_or(malformed(Field::Length))?;
        let seconds = i64::from(u32::from_be_bytes([t0, t1, t2, t3])) + ZERO_SECOND;
        Ok(Self {
            key: KeyId { issuer: IssuerId(issuer), slot },
            profile,
            colour: Colour::from_bits(first),
            document_type: DocumentType::from_code(third & 15)
                .ok_or(malformed(Field::DocumentType))?,
            issued_at: Timestamp::from_second(seconds).map_err(|_| malformed(Field::Length))?,
            lifetime: Lifetime::from_byte(lifetime).map_err(|_| malformed(Field::Lifetime))?,
            index: StatusIndex(u32::from_be_bytes([i0, i1, i2, i3])),
            document: DocumentHash::from_bytes(hash),
            name: std::str::from_utf8(name)
                .ok()
                .and_then(|name| MaskedName::parse(name).ok())
                .ok_or(malformed(Field::Name))?,
        })
    }

    /// The first instant at which the code is too old to be shown, without any allowance.
    pub fn expires_at(&self) -> Timestamp {
        self.issued_at.saturating_add(self.lifetime.duration()).unwrap_or(Timestamp::MAX)
    }
}

/// A code that is well formed, and that nobody has vouched for.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodedCode {
    body: CodeBody,
    bytes: Vec<u8>,
    pub(super) signature: [u8; SIGNATURE_BYTES],
}

impl DecodedCode {
    /// Puts a body and its signature together. The signature is not looked at. Of
    /// `issued_at` only the whole second is kept, as in the bytes.
    ///
    /// # Errors
    /// As [`CodeBody::signing_input`].
    pub fn new(mut body: CodeBody, signature: [u8; SIGNATURE_BYTES]) -> Result<Self, Field> {
        body.issued_at =
            Timestamp::from_second(body.issued_at.as_second()).map_err(|_| Field::Length)?;
        let mut bytes = Vec::with_capacity(MAX_BYTES);
        body.write(&mut bytes)?;
        bytes.extend(signature);
        Ok(Self { body, bytes, signature })
    }

    /// Reads the 85 to 93 bytes of a code.
    ///
    /// # Errors
    /// When they are not exactly one well-formed code of a version and profile known here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodeError> {
        let version = bytes.first().map_or(0, |first| first >> 4);
        match version {
            VERSION => {}
            // Only the next versions are believed to be versions: any other first byte is
            // what a code leaves behind when digits are missing.
            2 | 3 => return Err(CodeError::Version(version)),
            _ => return Err(CodeError::Incomplete),
        }
        if !(MIN_BYTES..=MAX_BYTES).contains(&bytes.len()) {
            return Err(CodeError::Malformed(Field::Length));
        }
        let (body, signature) = bytes
            .split_last_chunk::<SIGNATURE_BYTES>()
            .ok_or(CodeError::Malformed(Field::Length))?;
        Ok(Self { body: CodeBody::read(body)?, bytes: bytes.to_vec(), signature: *signature })
    }

    /// What it claims. Not to be believed before [`Self::verify`].
    pub fn body(&self) -> &CodeBody {
        &self.body
    }

    /// Body and signature, 85 to 93 bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for DecodedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecodedCode({}, index {})", self.body.key, self.body.index.0)
    }
}

impl Serialize for DecodedCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.bytes))
    }
}

impl<'de> Deserialize<'de> for DecodedCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(text).map_err(D::Error::custom)?;
        Self::from_bytes(&bytes).map_err(D::Error::custom)
    }
}
