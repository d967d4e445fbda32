//! One key, one trust list and one instant for this crate's own tests.

use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;
use yanma_domain::trust::{Issuer, PublicKey, Purpose, TrustList, TrustedKey, Words};
use yanma_domain::{AmberName, IssuerId, KeyId, KeySlot};

/// The seed of every test key: bytes 0 to 31.
fn signing() -> SigningKey {
    SigningKey::from_bytes(&std::array::from_fn(|at| at as u8))
}

pub(crate) fn sign(message: &[u8]) -> [u8; 64] {
    signing().sign(message).to_bytes()
}

pub(crate) fn public() -> PublicKey {
    PublicKey::from_bytes(&signing().verifying_key().to_bytes()).unwrap()
}

pub(crate) fn feeds_key() -> KeyId {
    KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::FEEDS }
}

pub(crate) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A trust list with one key, in force from the epoch on.
pub(crate) fn trust_list() -> TrustList {
    let key = TrustedKey {
        slot: KeySlot::FEEDS,
        public: public(),
        purposes: vec![Purpose::Feeds],
        from: second(0),
        until: None,
    };
    let issuer = Issuer {
        id: IssuerId::FUJIAN,
        name: Words { zh: "福建".to_owned(), en: "Fujian".to_owned() },
        amber: AmberName::Orange,
        keys: vec![key],
    };
    TrustList { sequence: 1, issued_at: second(0), issuers: vec![issuer] }
}
