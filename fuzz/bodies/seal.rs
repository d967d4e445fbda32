//! One key, under which what is made of an input is sealed and opened as at a desk.

use std::sync::LazyLock;

use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;
use yanma_domain::trust::{Issuer, PublicKey, Purpose, TrustList, TrustedKey, Words};
use yanma_domain::{AmberName, IssuerId, KeyId, KeySlot};
use yanma_protocol::FeedError;
use yanma_protocol::envelope::{FileKind, Keys, Unsigned, VerifiedFile, open};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[0x5a; 32]));

static PUBLIC: LazyLock<PublicKey> = LazyLock::new(|| {
    let key = KEY.verifying_key().to_bytes();
    PublicKey::from_bytes(&key).expect("a signing key has a good public key")
});

static TRUST: LazyLock<TrustList> = LazyLock::new(|| {
    let words = || Words { zh: String::new(), en: String::new() };
    let key = TrustedKey {
        slot: KeySlot::FEEDS,
        public: *PUBLIC,
        purposes: vec![Purpose::Feeds],
        from: Timestamp::UNIX_EPOCH,
        until: None,
    };
    let issuer =
        Issuer { id: IssuerId::FUJIAN, name: words(), amber: AmberName::Orange, keys: vec![key] };
    TrustList { sequence: 1, issued_at: Timestamp::UNIX_EPOCH, issuers: vec![issuer] }
});

/// Whose name a file of this kind is signed under.
pub(crate) fn key_of(kind: FileKind) -> KeyId {
    let slot = if kind == FileKind::Trust { KeySlot::ROOT } else { KeySlot::FEEDS };
    KeyId { issuer: IssuerId::FUJIAN, slot }
}

/// What a desk believes such a file by.
pub(crate) fn keys_for(kind: FileKind) -> Keys<'static> {
    match kind {
        FileKind::Trust => Keys::Root(&PUBLIC),
        _ => Keys::Trusted(&TRUST, Timestamp::UNIX_EPOCH),
    }
}

/// Signs a file.
pub(crate) fn seal(file: Unsigned) -> Vec<u8> {
    file.sign(&|message| KEY.sign(message).to_bytes())
}

/// Signs a file, opens it as a station does, and hands it on.
pub(crate) fn opened<T>(
    kind: FileKind,
    file: Unsigned,
    decode: impl FnOnce(&VerifiedFile<'_>) -> Result<T, FeedError>,
) -> Result<T, FeedError> {
    let bytes = seal(file);
    decode(&open(&bytes, kind, IssuerId::FUJIAN, keys_for(kind)).expect("just sealed"))
}
