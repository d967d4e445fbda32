//! Whatever a file holds: taking it apart never panics, one that decodes is written the
//! same again, and a step leads from one state to the next.

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use yanma_domain::status::StatusList;
use yanma_domain::trust::PublicKey;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, IssuerId, KeyId, StatusIndex};
use yanma_protocol::city_list::CityList;
use yanma_protocol::directory_file::{DirectoryDelta, DirectoryRows, DirectorySnapshot};
use yanma_protocol::envelope::{Envelope, FileKind, Unsigned, VerifiedFile, open};
use yanma_protocol::file_name::FileName;
use yanma_protocol::head::{Feeds, FileList, Head};
use yanma_protocol::policy_file::PolicyFile;
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::trust_file::TrustFile;
use yanma_protocol::{FeedError, root_chain};

use crate::seal::{key_of, keys_for, opened, seal};

/// A status list of more holders than this costs a megabyte and its hash for each input,
/// which is bounded and slow: here such a list is cut.
const MOST_HOLDERS_BITS: u32 = 18;

static STRANGER: LazyLock<PublicKey> = LazyLock::new(|| {
    let key = SigningKey::from_bytes(&[0x5b; 32]).verifying_key().to_bytes();
    PublicKey::from_bytes(&key).expect("a signing key has a good public key")
});

/// Takes the input as a file, and as a kind of file (its first byte) and the payload of a
/// well-signed one.
pub(crate) fn run(data: &[u8]) {
    if let Ok(envelope) = Envelope::parse(data) {
        let kind = envelope.kind();
        assert!(open(data, kind, IssuerId::FUJIAN, keys_for(kind)).is_err(), "nobody signed this");
        let _ = Head::peek_trust(&envelope);
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(name) = text.parse::<FileName>()
    {
        assert_eq!(name.to_string(), text, "a name has one spelling");
    }
    let Some((first, payload)) = data.split_first() else { return };
    match first % 11 {
        0 => check_status_step(payload),
        9 | 10 => check_directory_step(payload),
        kind => check_payload(FileKind::from_number(kind).expect("a kind of file"), payload),
    }
}

/// Takes the input as the payload of a well-signed list of cities.
pub(crate) fn cities(payload: &[u8]) {
    check_payload(FileKind::Cities, payload);
}

fn check_payload(kind: FileKind, payload: &[u8]) {
    let mut payload = payload.to_vec();
    // Where the number of holders stands, if there are any.
    let holders = match kind {
        FileKind::StatusSnapshot => payload.get_mut(8..12),
        FileKind::StatusDelta => payload.get_mut(16..20),
        _ => None,
    };
    if let Some([_, _, third, fourth]) = holders {
        *third &= (1 << (MOST_HOLDERS_BITS - 16)) - 1;
        *fourth = 0;
    }
    let Ok(file) = Unsigned::new(kind, key_of(kind), &payload) else { return };
    match kind {
        FileKind::Head => {
            if let Ok(head) = opened(kind, file.clone(), Head::decode) {
                let Feeds { trust, policy, status, directory, .. } = &head.feeds;
                [trust, policy, status, directory].into_iter().for_each(check_ways);
            }
            again(kind, file, Head::decode, Head::encode);
        }
        FileKind::Trust => {
            // Whatever the statements in it are, they lead nobody here from a key that signed none.
            let sealed = seal(file.clone());
            assert!(root_chain::open(&sealed, IssuerId::FUJIAN, &STRANGER).is_err());
            again(kind, file, TrustFile::decode, TrustFile::encode);
        }
        FileKind::Policy => again(kind, file, PolicyFile::decode, PolicyFile::encode),
        FileKind::StatusSnapshot => {
            again(kind, file, StatusSnapshot::decode, StatusSnapshot::encode);
        }
        FileKind::StatusDelta => again(kind, file, StatusDelta::decode, StatusDelta::encode),
        FileKind::DirectorySnapshot => {
            again(kind, file, DirectorySnapshot::decode, DirectorySnapshot::encode);
        }
        FileKind::DirectoryDelta => {
            again(kind, file, DirectoryDelta::decode, DirectoryDelta::encode);
        }
        FileKind::Cities => {
            if let Ok(list) = opened(kind, file.clone(), CityList::decode) {
                for city in &list.cities {
                    check_ways(&city.directory);
                    assert_eq!(list.of(city.code), Some(city), "each city is there once");
                }
            }
            again(kind, file, CityList::decode, CityList::encode);
        }
    }
}

/// From wherever a desk is, the way that a head names leads to its state.
fn check_ways(list: &FileList) {
    let from = |sequence| Some(FeedPosition { epoch: list.epoch, sequence });
    let places = list.deltas.iter().flat_map(|delta| [from(delta.from), from(delta.to)]);
    for have in places.chain([None, from(list.sequence), from(0), from(u32::MAX)]) {
        let way = list.route(have).expect("the snapshot leads there at least");
        let here = have.map(|have| have.sequence);
        let end = way.iter().fold(here, |at, file| {
            assert!(file.from == 0 || Some(file.from) == at, "a step from where nobody is");
            Some(file.to)
        });
        assert_eq!(end, Some(list.sequence));
        assert!(have != from(list.sequence) || way.is_empty(), "it is there already");
    }
}

/// What decodes can be written again and decodes to the same.
fn again<T: PartialEq + std::fmt::Debug>(
    kind: FileKind,
    file: Unsigned,
    decode: impl Fn(&VerifiedFile<'_>) -> Result<T, FeedError>,
    encode: impl Fn(&T, KeyId) -> Result<Unsigned, FeedError>,
) {
    let Ok(value) = opened(kind, file, &decode) else { return };
    let written = encode(&value, key_of(kind)).expect("what was read can be written");
    assert_eq!(opened(kind, written, &decode), Ok(value));
}

/// Two status lists made of the input, and the step between them.
fn check_status_step(data: &[u8]) {
    let (before, after) = data.split_at(data.len() / 2);
    let old = status(1, before, 0);
    let new = status(2, after, old.list.len());
    let kind = FileKind::StatusDelta;
    let delta = StatusDelta::between(&old, &new).expect("a later state with more holders");
    let file = delta.encode(key_of(kind)).expect("a small step");
    let read = opened(kind, file, StatusDelta::decode).expect("what was written");
    assert_eq!(read, delta);
    assert_eq!(read.apply(&old), Ok(new));
}

fn status(sequence: u32, data: &[u8], at_least: u32) -> StatusSnapshot {
    let mut list = StatusList::new(at_least.max(data.len() as u32 * 7));
    for (place, byte) in data.iter().enumerate() {
        let index = StatusIndex(place as u32 * 7 + u32::from(byte >> 2) % 7);
        list.set(index, Colour::from_bits(*byte)).expect("an index within the list");
    }
    StatusSnapshot { position: FeedPosition { epoch: 1, sequence }, list }
}

/// Two directories made of the input, and the step between them.
fn check_directory_step(data: &[u8]) {
    let (before, after) = data.split_at(data.len() / 2);
    let (old, new) = (directory(1, before), directory(2, after));
    let kind = FileKind::DirectoryDelta;
    let delta = DirectoryDelta::between(&old, &new).expect("a later state");
    let file = delta.encode(key_of(kind)).expect("a small step");
    let read = opened(kind, file, DirectoryDelta::decode).expect("what was written");
    assert_eq!(read, delta);
    assert_eq!(read.apply(&old), Ok(new));
}

fn directory(sequence: u32, data: &[u8]) -> DirectorySnapshot {
    let mut rows: Vec<_> = data.chunks_exact(5).map(row).collect();
    rows.sort_unstable();
    rows.dedup_by_key(|row| row.0);
    let rows = DirectoryRows::new(rows).expect("sorted, each once");
    DirectorySnapshot { position: FeedPosition { epoch: 1, sequence }, key_generation: 1, rows }
}

/// Few hashes, spread over the whole range, so that both states share some.
fn row(bytes: &[u8]) -> (u64, u32) {
    let at = |place: usize| bytes.get(place).copied().unwrap_or(0);
    let hash = u64::from(at(0)) << (at(1) % 57);
    (hash, u32::from_be_bytes([at(2) % 3, 0, at(3), at(4)]))
}
