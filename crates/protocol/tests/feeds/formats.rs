//! The feed formats, from outside: round trips, steps, and everything that is refused.

use crate::common::{FEEDS_KEY, directory, public, reopen, sign, status};
use proptest::prelude::*;
use yanma_domain::Colour::{self, Amber, Green, Red, Withdrawn};
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::FeedError;
use yanma_protocol::city_list::CityList;
use yanma_protocol::directory_file::{DirectoryDelta, DirectoryRows, DirectorySnapshot};
use yanma_protocol::envelope::{Envelope, FileKind, Unsigned};
use yanma_protocol::head::Head;
use yanma_protocol::policy_file::PolicyFile;
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::trust_file::TrustFile;

/// A status list with a few holders, and what it became.
fn two_states() -> impl Strategy<Value = (StatusSnapshot, StatusSnapshot)> {
    let colours = |len: u32| proptest::collection::vec((0..len, 0_u8..4), 0..40);
    (1_u32..2_000, 0_u32..300).prop_flat_map(move |(len, grown)| {
        (colours(len), colours(len + grown)).prop_map(move |(before, after)| {
            let cells = |cells: &[(u32, u8)]| -> Vec<(u32, Colour)> {
                cells.iter().map(|(index, bits)| (*index, Colour::from_bits(*bits))).collect()
            };
            (status(4, len, &cells(&before)), status(9, len + grown, &cells(&after)))
        })
    })
}

fn rows() -> impl Strategy<Value = Vec<(u64, u32)>> {
    // Few different hashes, so that two sets of rows share some.
    proptest::collection::btree_map(0_u64..60, 0_u32..5, 0..30).prop_map(|rows| {
        rows.into_iter()
            .map(|(hash, index)| (hash.wrapping_mul(0x0400_0000_0000_0001), index))
            .collect()
    })
}

proptest! {
    #[test]
    fn a_status_list_comes_back_whole_and_by_steps((old, new) in two_states()) {
        let again = reopen(new.encode(FEEDS_KEY).unwrap(), StatusSnapshot::decode);
        prop_assert_eq!(again.as_ref(), Ok(&new));
        let delta = StatusDelta::between(&old, &new).unwrap();
        let again = reopen(delta.encode(FEEDS_KEY).unwrap(), StatusDelta::decode).unwrap();
        prop_assert_eq!(&again, &delta);
        prop_assert_eq!(again.apply(&old), Ok(new));
    }

    #[test]
    fn a_directory_comes_back_whole_and_by_steps(
        before in rows(),
        after in rows(),
        wide in proptest::collection::btree_map(any::<u64>(), any::<u32>(), 0..30),
    ) {
        let wide = directory(3, &wide.into_iter().collect::<Vec<_>>());
        let again = reopen(wide.encode(FEEDS_KEY).unwrap(), DirectorySnapshot::decode);
        prop_assert_eq!(again, Ok(wide));

        let sorted = |mut rows: Vec<(u64, u32)>| { rows.sort_unstable(); rows };
        let (old, new) = (directory(4, &sorted(before)), directory(5, &sorted(after)));
        let delta = DirectoryDelta::between(&old, &new).unwrap();
        let again = reopen(delta.encode(FEEDS_KEY).unwrap(), DirectoryDelta::decode).unwrap();
        prop_assert_eq!(&again, &delta);
        prop_assert_eq!(again.apply(&old), Ok(new));
    }

    #[test]
    fn any_payload_is_read_or_refused(payload in proptest::collection::vec(any::<u8>(), 0..400)) {
        for kind in FileKind::ALL {
            let bytes = Unsigned::new(kind, FEEDS_KEY, &payload).unwrap().sign(&sign);
            prop_assert!(read_all(&bytes).is_err(), "random bytes are no {:?}", kind);
        }
        prop_assert!(read_all(&payload).is_err());
    }

    #[test]
    fn any_change_of_a_signed_payload_is_read_or_refused(
        at in any::<prop::sample::Index>(),
        to in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        // Signed again after the change: this is what a broken publisher could send, and
        // what reaches the decoders.
        for (kind, payload) in payloads() {
            let mut changed = payload.clone();
            *at.get_mut(&mut changed) = to;
            let cut = payload.get(..cut.index(payload.len())).unwrap();
            for payload in [&changed[..], cut] {
                let bytes = Unsigned::new(kind, FEEDS_KEY, payload).unwrap().sign(&sign);
                let _ = read_all(&bytes);
            }
        }
    }
}

/// Verifies a file and reads it as what it says it is.
fn read_all(bytes: &[u8]) -> Result<(), FeedError> {
    let file = Envelope::parse(bytes)?.verify(&public())?;
    match file.kind() {
        FileKind::Head => Head::decode(&file).map(|_| ()),
        FileKind::Trust => TrustFile::decode(&file).map(|_| ()),
        FileKind::Policy => PolicyFile::decode(&file).map(|_| ()),
        FileKind::StatusSnapshot => StatusSnapshot::decode(&file).map(|_| ()),
        FileKind::StatusDelta => StatusDelta::decode(&file).map(|_| ()),
        FileKind::DirectorySnapshot => DirectorySnapshot::decode(&file).map(|_| ()),
        FileKind::DirectoryDelta => DirectoryDelta::decode(&file).map(|_| ()),
        FileKind::Cities => CityList::decode(&file).map(|_| ()),
    }
}

/// One small sealed file of each binary format.
fn sealed() -> Vec<Vec<u8>> {
    let old = status(6, 100, &[(3, Amber), (40, Red), (99, Withdrawn)]);
    let new = status(7, 101, &[(3, Amber), (4, Amber), (40, Amber), (100, Red)]);
    let (before, after) = (directory(6, &[(1, 7), (5, 0)]), directory(7, &[(1, 9), (1 << 60, 8)]));
    [
        new.encode(FEEDS_KEY),
        StatusDelta::between(&old, &new).unwrap().encode(FEEDS_KEY),
        after.encode(FEEDS_KEY),
        DirectoryDelta::between(&before, &after).unwrap().encode(FEEDS_KEY),
    ]
    .map(|unsigned| unsigned.unwrap().sign(&sign))
    .to_vec()
}

fn payloads() -> Vec<(FileKind, Vec<u8>)> {
    sealed()
        .iter()
        .map(|bytes| {
            let file = Envelope::parse(bytes).unwrap().verify(&public()).unwrap();
            (file.kind(), file.payload(file.kind()).unwrap().to_vec())
        })
        .collect()
}

#[test]
fn every_truncation_and_every_changed_byte_is_refused() {
    for bytes in sealed() {
        assert_eq!(read_all(&bytes), Ok(()), "the file itself is good");
        for length in 0..bytes.len() {
            let cut = read_all(&bytes[..length]);
            assert_eq!(cut, Err(FeedError::Truncated), "cut to {length} bytes");
        }
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                assert!(read_all(&changed).is_err(), "byte {at} changed by {flip:#x}");
            }
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(read_all(&longer), Err(FeedError::TrailingBytes));
    }
}

#[test]
fn a_status_delta_applies_only_where_it_begins() {
    let old = status(6, 10, &[(3, Amber)]);
    let new = status(8, 11, &[(3, Green), (4, Red)]);
    let delta = StatusDelta::between(&old, &new).unwrap();
    let check = |state: &StatusSnapshot, expect: FeedError| {
        assert_eq!(delta.apply(state), Err(expect), "{state:?}");
    };
    let at = |epoch, sequence| {
        let position = FeedPosition { epoch, sequence };
        StatusSnapshot { position, list: old.list.clone() }
    };
    check(&at(2, 6), FeedError::Epoch { have: 2, got: 1 });
    check(&at(1, 5), FeedError::Gap { have: 5, from: 6 });
    check(&at(1, 7), FeedError::Gap { have: 7, from: 6 });
    check(&at(1, 8), FeedError::Rollback { have: 8, got: 8 });
    check(&at(1, 9), FeedError::Rollback { have: 9, got: 8 });
    check(&status(6, 10, &[(3, Red)]), FeedError::RootMismatch);
    check(&status(6, 11, &[(3, Amber)]), FeedError::RootMismatch);
    assert_eq!(delta.apply(&old), Ok(new));
}

#[test]
fn a_directory_delta_applies_only_where_it_begins() {
    let (old, new) = (directory(6, &[(1, 7), (5, 0)]), directory(7, &[(1, 9), (8, 8)]));
    let delta = DirectoryDelta::between(&old, &new).unwrap();
    assert_eq!(delta.added().as_slice(), [(1, 9), (8, 8)]);
    assert_eq!(delta.removed(), [1, 5]);
    let other = directory(6, &[(1, 7), (6, 0)]);
    assert_eq!(delta.apply(&other), Err(FeedError::RootMismatch));
    let late = directory(7, &[(1, 7), (5, 0)]);
    assert_eq!(delta.apply(&late), Err(FeedError::Rollback { have: 7, got: 7 }));
    assert_eq!(delta.apply(&old), Ok(new));
}

#[test]
fn no_delta_leads_back_or_across() {
    let (one, two) = (status(1, 10, &[]), status(2, 10, &[]));
    let between = |old: &StatusSnapshot, new: &StatusSnapshot| StatusDelta::between(old, new).err();
    assert_eq!(between(&two, &one), Some(FeedError::Rollback { have: 2, got: 1 }));
    assert_eq!(between(&one, &one), Some(FeedError::Rollback { have: 1, got: 1 }));
    assert_eq!(between(&one, &status(2, 9, &[])), Some(FeedError::OutOfRange));
    let mut next_epoch = two.clone();
    next_epoch.position.epoch = 2;
    assert_eq!(between(&one, &next_epoch), Some(FeedError::Epoch { have: 1, got: 2 }));

    let one = directory(1, &[]);
    let mut other_key = directory(2, &[]);
    other_key.key_generation = 2;
    assert!(DirectoryDelta::between(&one, &other_key).is_err(), "hashes under two keys");
}

/// Changes one place of a payload, signs it again and reads it: what a publisher with an
/// error in it could send.
#[track_caller]
fn check_payload(kind: FileKind, payload: &[u8], expect: FeedError) {
    let bytes = Unsigned::new(kind, FEEDS_KEY, payload).unwrap().sign(&sign);
    assert_eq!(read_all(&bytes), Err(expect));
}

#[test]
fn a_signed_snapshot_that_is_not_canonical_is_refused() {
    let kind = FileKind::StatusSnapshot;
    let (_, good) = payloads().remove(0);
    // epoch, sequence, length, root: 44 bytes; then three sets of 9 bytes and their bits.
    let changed = |at: usize, value: u8| {
        let mut payload = good.clone();
        payload[at] = value;
        payload
    };
    check_payload(kind, &changed(11, 5), FeedError::OutOfRange);
    check_payload(kind, &changed(12, good[12] ^ 1), FeedError::RootMismatch);
    check_payload(kind, &changed(8, 90), FeedError::OutOfRange);
    check_payload(kind, &changed(8, 102), FeedError::RootMismatch);
    check_payload(kind, &[&good[..], &[0]].concat(), FeedError::TrailingBytes);

    // The same holder both amber and red: two sets with the single number 0.
    let set = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let empty = [0; 9];
    let head = &good[..44];
    let twice = [head, &set, &set, &empty].concat();
    check_payload(kind, &twice, FeedError::NotCanonical);
    let padded = [head, &[1, 0, 0, 0, 0, 1, 0, 0, 0, 1], &empty, &empty].concat();
    check_payload(kind, &padded, FeedError::NotCanonical);
}

#[test]
fn a_signed_delta_that_changes_nothing_is_refused() {
    let old = status(6, 10, &[]);
    let new = status(7, 10, &[(0, Red)]);
    let unsigned = StatusDelta::between(&old, &new).unwrap().encode(FEEDS_KEY).unwrap();
    let bytes = unsigned.sign(&sign);
    let file = Envelope::parse(&bytes).unwrap().verify(&public()).unwrap();
    let payload = file.payload(FileKind::StatusDelta).unwrap();
    // Holder 0 is listed as green, which he is, beside red, which he becomes.
    let (set, empty) = ([1, 0, 0, 0, 0, 1, 0, 0, 0, 0], [0; 9]);
    let listed = [&payload[..84], &set, &empty, &set, &empty].concat();
    let bytes = Unsigned::new(FileKind::StatusDelta, FEEDS_KEY, &listed).unwrap().sign(&sign);
    let file = Envelope::parse(&bytes).unwrap().verify(&public()).unwrap();
    let delta = StatusDelta::decode(&file).unwrap();
    assert_eq!(delta.apply(&old), Err(FeedError::NotCanonical));
}

#[test]
fn a_wider_column_than_needed_is_refused() {
    let rows = directory(1, &[(0, 1), (1, 0)]);
    let bytes = rows.encode(FEEDS_KEY).unwrap().sign(&sign);
    let file = Envelope::parse(&bytes).unwrap().verify(&public()).unwrap();
    let mut payload = file.payload(FileKind::DirectorySnapshot).unwrap().to_vec();
    let length = payload.len();
    assert_eq!(payload[length - 2..], [1, 0b1000_0000], "one bit for each index");
    payload[length - 2..].copy_from_slice(&[2, 0b0100_0000]);
    check_payload(FileKind::DirectorySnapshot, &payload, FeedError::NotCanonical);
}

#[test]
fn rows_must_rise() {
    assert_eq!(DirectoryRows::new(vec![(2, 0), (1, 0)]), Err(FeedError::Unsorted));
    assert_eq!(DirectoryRows::new(vec![(1, 0), (1, 1)]), Err(FeedError::Unsorted));
    let rows = DirectoryRows::new(vec![(1, 7), (u64::MAX, 8)]).unwrap();
    let get = |hash| rows.get(yanma_domain::document::DocumentHash::from_u64(hash)).map(|i| i.0);
    assert_eq!((get(1), get(2), get(u64::MAX)), (Some(7), None, Some(8)));
}

#[test]
fn empty_lists_have_files_too() {
    let none = status(1, 0, &[]);
    assert_eq!(reopen(none.encode(FEEDS_KEY).unwrap(), StatusSnapshot::decode), Ok(none));
    let none = directory(1, &[]);
    assert_eq!(reopen(none.encode(FEEDS_KEY).unwrap(), DirectorySnapshot::decode), Ok(none));
}
