//! The key and the small states that the feed tests share.

use ed25519_dalek::{Signer, SigningKey};
use yanma_domain::status::StatusList;
use yanma_domain::trust::PublicKey;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, IssuerId, KeyId, KeySlot, StatusIndex};
use yanma_protocol::FeedError;
use yanma_protocol::directory_file::{DirectoryRows, DirectorySnapshot};
use yanma_protocol::envelope::{Envelope, Unsigned};
use yanma_protocol::status_file::StatusSnapshot;

/// Fujian's feeds key. Its seed is bytes 0 to 31, in every test and vector.
pub(crate) const FEEDS_KEY: KeyId = KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::FEEDS };
/// Fujian's root key; the same seed.
pub(crate) const ROOT_KEY: KeyId = KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::ROOT };

fn signing() -> SigningKey {
    SigningKey::from_bytes(&std::array::from_fn(|at| at as u8))
}

/// Signs with the test key.
pub(crate) fn sign(message: &[u8]) -> [u8; 64] {
    signing().sign(message).to_bytes()
}

/// The test key's public half.
pub(crate) fn public() -> PublicKey {
    PublicKey::from_bytes(&signing().verifying_key().to_bytes()).unwrap()
}

/// Seals a file, opens it again and hands it to `decode`.
pub(crate) fn reopen<T>(
    unsigned: Unsigned,
    decode: impl Fn(&yanma_protocol::envelope::VerifiedFile<'_>) -> Result<T, FeedError>,
) -> Result<T, FeedError> {
    let bytes = unsigned.sign(&sign);
    decode(&Envelope::parse(&bytes)?.verify(&public())?)
}

/// A status list of epoch 1 with some holders who are not green.
pub(crate) fn status(sequence: u32, len: u32, coloured: &[(u32, Colour)]) -> StatusSnapshot {
    let mut list = StatusList::new(len);
    for (index, colour) in coloured {
        list.set(StatusIndex(*index), *colour).unwrap();
    }
    StatusSnapshot { position: FeedPosition { epoch: 1, sequence }, list }
}

/// A directory of epoch 1 under key 1.
pub(crate) fn directory(sequence: u32, rows: &[(u64, u32)]) -> DirectorySnapshot {
    DirectorySnapshot {
        position: FeedPosition { epoch: 1, sequence },
        key_generation: 1,
        rows: DirectoryRows::new(rows.to_vec()).unwrap(),
    }
}
