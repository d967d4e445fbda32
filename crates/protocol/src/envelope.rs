//! The sealed file: a header, a payload, a signature over both.
//!
//! ```text
//! 0  4  "YMF1"
//! 4  1  kind
//! 5  1  issuer
//! 6  1  key slot
//! 7  1  0
//! 8  4  payload length n, little-endian
//! 12 n  payload
//!    64 Ed25519 over namespace ‖ bytes 0 to 12 + n
//! ```

use jiff::Timestamp;
use yanma_domain::trust::{PublicKey, Purpose, TrustList};
use yanma_domain::{IssuerId, KeyId, KeySlot};

use crate::bits::ByteReader;
use crate::feed_error::FeedError;
pub use crate::file_kind::FileKind;

pub(crate) const MAGIC: [u8; 4] = *b"YMF1";
pub(crate) const HEADER_BYTES: usize = 12;
const SIGNATURE_BYTES: usize = 64;

/// What a file has beside its payload, in bytes.
pub const ENVELOPE_BYTES: usize = HEADER_BYTES + SIGNATURE_BYTES;

/// Signs a message with one private key, wherever that lives.
pub type Sign<'a> = &'a dyn Fn(&[u8]) -> [u8; SIGNATURE_BYTES];

/// A file without its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    kind: FileKind,
    /// Header and payload.
    bytes: Vec<u8>,
}

impl Unsigned {
    /// Puts a header before a payload.
    ///
    /// # Errors
    /// [`FeedError::Length`] for a payload that is too long for its kind.
    pub fn new(kind: FileKind, key: KeyId, payload: &[u8]) -> Result<Self, FeedError> {
        let length = u32::try_from(payload.len()).map_err(|_| FeedError::Length)?;
        if payload.len() > kind.max_payload_bytes() {
            return Err(FeedError::Length);
        }
        let mut bytes = Vec::with_capacity(payload.len() + ENVELOPE_BYTES);
        bytes.extend(kind.beginning());
        bytes.extend([key.issuer.0, key.slot.get(), 0]);
        bytes.extend(length.to_le_bytes());
        bytes.extend(payload);
        Ok(Self { kind, bytes })
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }

    /// The whole file. `sign` gets the message to sign: namespace, header, payload.
    pub fn sign(self, sign: Sign<'_>) -> Vec<u8> {
        let signature = sign(&message(self.kind, &self.bytes));
        let mut bytes = self.bytes;
        bytes.extend(signature);
        bytes
    }
}

/// A file taken apart; nothing in it is to be believed yet.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    kind: FileKind,
    key: KeyId,
    signed: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8; SIGNATURE_BYTES],
}

impl<'a> Envelope<'a> {
    /// Takes a file apart. Copies nothing.
    ///
    /// # Errors
    /// [`FeedError::Magic`], [`FeedError::Kind`], [`FeedError::NotCanonical`] for an
    /// impossible header, [`FeedError::Length`] for a payload too long for its kind,
    /// [`FeedError::Truncated`] and [`FeedError::TrailingBytes`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FeedError> {
        let mut reader = ByteReader::new(bytes);
        if reader.array()? != MAGIC {
            return Err(FeedError::Magic);
        }
        let [kind, issuer, slot, zero] = reader.array()?;
        let kind = FileKind::from_number(kind)
            .ok_or(FeedError::Kind { want: FileKind::Head, got: kind })?;
        let slot = KeySlot::new(slot).ok_or(FeedError::NotCanonical)?;
        if zero != 0 {
            return Err(FeedError::NotCanonical);
        }
        let length = reader.u32()? as usize;
        if length > kind.max_payload_bytes() {
            return Err(FeedError::Length);
        }
        let payload = reader.take(length)?;
        let (signed, signature) =
            bytes.split_at_checked(HEADER_BYTES + length).ok_or(FeedError::Truncated)?;
        let Some((signature, rest)) = signature.split_first_chunk() else {
            return Err(FeedError::Truncated);
        };
        if !rest.is_empty() {
            return Err(FeedError::TrailingBytes);
        }
        let key = KeyId { issuer: IssuerId(issuer), slot };
        Ok(Self { kind, key, signed, payload, signature })
    }

    /// What the file says it is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Whose key the file says it was signed with.
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// The payload, believed by nobody: for [`crate::head::Head::peek_trust`] and
    /// [`crate::root_chain::open`] alone.
    pub(crate) fn unverified_payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Checks the signature under one key, and nothing else. A station uses [`open`],
    /// which also chooses the key.
    ///
    /// # Errors
    /// [`FeedError::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<VerifiedFile<'a>, FeedError> {
        if key.signed(&message(self.kind, self.signed), self.signature) {
            Ok(VerifiedFile { kind: self.kind, key: self.key, payload: self.payload })
        } else {
            Err(FeedError::Signature)
        }
    }
}

/// A file whose signature holds. Only [`Envelope::verify`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedFile<'a> {
    kind: FileKind,
    key: KeyId,
    payload: &'a [u8],
}

impl<'a> VerifiedFile<'a> {
    /// What it is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Whose feed it is.
    pub fn issuer(&self) -> IssuerId {
        self.key.issuer
    }

    /// The key that signed it.
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// The payload, if the file is of this kind.
    ///
    /// # Errors
    /// [`FeedError::Kind`].
    pub fn payload(&self, want: FileKind) -> Result<&'a [u8], FeedError> {
        if self.kind == want {
            Ok(self.payload)
        } else {
            Err(FeedError::Kind { want, got: self.kind.number() })
        }
    }
}

/// The keys that a station believes.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'a> {
    /// The root key that was pinned at enrolment: for trust files, in slot 0.
    Root(&'a PublicKey),
    /// The trust list at an instant: for everything else, by keys with the purpose feeds.
    Trusted(&'a TrustList, Timestamp),
}

impl Keys<'_> {
    pub(crate) fn find(&self, kind: FileKind, id: KeyId) -> Result<PublicKey, FeedError> {
        let unknown = Err(FeedError::UnknownKey(id));
        match (self, kind.purpose()) {
            (Self::Root(key), Purpose::Root) if id.slot == KeySlot::ROOT => Ok(**key),
            (Self::Trusted(list, at), purpose @ Purpose::Feeds) => match list.key(id) {
                Some(key) if key.covers(purpose, *at) => Ok(key.public),
                Some(key) if key.purposes.contains(&purpose) => Err(FeedError::KeyDates(id)),
                _ => unknown,
            },
            _ => unknown,
        }
    }
}

/// Takes a file apart, checks that it is what was asked for, and checks its signature:
/// the one way for a station to read a feed file.
///
/// # Errors
/// Those of [`Envelope::parse`]; [`FeedError::Kind`] and [`FeedError::WrongIssuer`] for a
/// file that was not asked for; [`FeedError::UnknownKey`] and [`FeedError::KeyDates`];
/// [`FeedError::Signature`].
pub fn open<'a>(
    bytes: &'a [u8],
    kind: FileKind,
    issuer: IssuerId,
    keys: Keys<'_>,
) -> Result<VerifiedFile<'a>, FeedError> {
    let envelope = Envelope::parse(bytes)?;
    if envelope.kind != kind {
        return Err(FeedError::Kind { want: kind, got: envelope.kind.number() });
    }
    if envelope.key.issuer != issuer {
        return Err(FeedError::WrongIssuer { want: issuer, got: envelope.key.issuer });
    }
    envelope.verify(&keys.find(kind, envelope.key)?)
}

fn message(kind: FileKind, signed: &[u8]) -> Vec<u8> {
    [kind.namespace(), signed].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{feeds_key, public, second, sign, trust_list};

    fn sealed() -> Vec<u8> {
        Unsigned::new(FileKind::Policy, feeds_key(), b"payload").unwrap().sign(&sign)
    }

    #[test]
    fn a_sealed_file_opens_under_its_key() {
        let bytes = sealed();
        assert_eq!(bytes.len(), ENVELOPE_BYTES + 7);
        let file = open(
            &bytes,
            FileKind::Policy,
            IssuerId::FUJIAN,
            Keys::Trusted(&trust_list(), second(1)),
        )
        .unwrap();
        assert_eq!(file.payload(FileKind::Policy), Ok(&b"payload"[..]));
        assert_eq!(
            file.payload(FileKind::Head),
            Err(FeedError::Kind { want: FileKind::Head, got: 3 })
        );
    }

    #[test]
    fn each_thing_that_is_not_as_asked_has_its_own_error() {
        let bytes = sealed();
        let (list, root) = (trust_list(), public());
        let trusted = Keys::Trusted(&list, second(1));
        let check = |kind, issuer, keys, expect| {
            assert_eq!(open(&bytes, kind, IssuerId(issuer), keys).map(|_| ()), Err(expect));
        };
        check(FileKind::Head, 35, trusted, FeedError::Kind { want: FileKind::Head, got: 3 });
        let (want, got) = (IssuerId(36), IssuerId(35));
        check(FileKind::Policy, 36, trusted, FeedError::WrongIssuer { want, got });
        check(FileKind::Policy, 35, Keys::Root(&root), FeedError::UnknownKey(feeds_key()));
        let early = Keys::Trusted(&list, second(-1));
        check(FileKind::Policy, 35, early, FeedError::KeyDates(feeds_key()));
    }

    #[test]
    fn a_file_signed_by_the_wrong_key_is_refused() {
        use ed25519_dalek::Signer;
        let other = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
        let check = |slot: KeySlot| {
            let key = KeyId { slot, ..feeds_key() };
            let unsigned = Unsigned::new(FileKind::StatusDelta, key, b"").unwrap();
            let bytes = unsigned.sign(&|message| other.sign(message).to_bytes());
            let list = trust_list();
            let keys = Keys::Trusted(&list, second(1));
            open(&bytes, FileKind::StatusDelta, IssuerId::FUJIAN, keys).map(|_| ())
        };
        assert_eq!(check(KeySlot::FEEDS), Err(FeedError::Signature), "a forger under our name");
        let unknown = KeyId { slot: KeySlot::CODES, ..feeds_key() };
        assert_eq!(check(KeySlot::CODES), Err(FeedError::UnknownKey(unknown)));
    }

    #[test]
    fn only_the_root_key_in_its_slot_signs_a_trust_list() {
        let root = public();
        for (slot, opens) in [(KeySlot::ROOT, true), (KeySlot::FEEDS, false)] {
            let key = KeyId { issuer: IssuerId::FUJIAN, slot };
            let bytes = Unsigned::new(FileKind::Trust, key, b"{}").unwrap().sign(&sign);
            let kind = FileKind::Trust;
            let file = open(&bytes, kind, IssuerId::FUJIAN, Keys::Root(&root));
            assert_eq!(file.is_ok(), opens, "slot {}", slot.get());
            let list = trust_list();
            let keys = Keys::Trusted(&list, second(1));
            let file = open(&bytes, kind, IssuerId::FUJIAN, keys);
            assert!(file.is_err(), "a trust list cannot vouch for the next one");
        }
    }

    #[test]
    fn a_signature_for_one_kind_is_none_for_another() {
        for kind in FileKind::ALL {
            let signed = Unsigned::new(kind, feeds_key(), b"").unwrap().sign(&sign);
            for other in FileKind::ALL {
                let mut bytes = signed.clone();
                bytes[4] = other.number();
                let verified = Envelope::parse(&bytes).unwrap().verify(&public());
                assert_eq!(verified.is_ok(), kind == other, "{kind:?} as {other:?}");
            }
        }
    }

    #[test]
    fn impossible_headers_are_refused() {
        let check = |at: usize, value: u8, expect| {
            let mut bytes = sealed();
            bytes[at] = value;
            assert_eq!(Envelope::parse(&bytes).map(|_| ()), Err(expect), "byte {at} = {value}");
        };
        check(0, b'Z', FeedError::Magic);
        check(4, 0, FeedError::Kind { want: FileKind::Head, got: 0 });
        check(4, 9, FeedError::Kind { want: FileKind::Head, got: 9 });
        check(6, 16, FeedError::NotCanonical);
        check(7, 1, FeedError::NotCanonical);
        check(8, 8, FeedError::Truncated);
        check(8, 6, FeedError::TrailingBytes);
        check(11, 1, FeedError::Length);
        assert_eq!(Envelope::parse(b"<html>").map(|_| ()), Err(FeedError::Magic));
        let long = vec![0; FileKind::Head.max_payload_bytes() + 1];
        assert_eq!(Unsigned::new(FileKind::Head, feeds_key(), &long), Err(FeedError::Length));
    }
}
