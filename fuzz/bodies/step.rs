//! Whatever steps say: taken one by one, or joined, they lead where plain changes of a plain map
//! lead, and are refused where those are impossible.

use std::collections::{BTreeMap, BTreeSet};

use yanma_domain::status::StatusList;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::FeedError;
use yanma_protocol::directory_file::{
    DirectoryDelta, DirectoryRows, DirectorySnapshot, DirectoryStep,
};
use yanma_protocol::envelope::{FileKind, Unsigned};
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};

use crate::seal::{key_of, opened};

/// The input, byte by byte; zeros at its end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }
}

fn at(sequence: u32) -> FeedPosition {
    FeedPosition { epoch: 1, sequence }
}

type Rows = BTreeMap<u64, u32>;

/// Takes the input as a directory and the steps that follow: of each, the numbers of rows that it
/// removes and adds, and those. There are few documents, so that steps meet.
pub(crate) fn directory(data: &[u8]) {
    let mut bytes = Bytes(data);
    let first: Rows = rows(&mut bytes, 15);
    let (mut state, mut snapshot) = (first.clone(), directory_at(&first, 1));
    let (begin, mut deltas) = (snapshot.clone(), Vec::new());
    while !bytes.0.is_empty() && deltas.len() < 8 {
        let counts = bytes.next();
        let removed: BTreeSet<u64> = rows(&mut bytes, counts >> 4).into_keys().collect();
        let added = rows(&mut bytes, counts & 15);
        let after = changed(&state, &removed, &added);
        let sequence = snapshot.position.sequence;
        let expected = after.as_ref().map(|rows| directory_at(rows, sequence + 1));
        let roots = (snapshot.rows.root(), expected.as_ref().unwrap_or(&snapshot).rows.root());
        let delta = directory_delta(sequence, &removed, &added, roots);
        let applied = delta.apply(&snapshot);
        deltas.push(delta);
        let joined = joined(&begin, &first, &deltas);
        let (Some(after), Some(expected)) = (after, expected) else {
            assert!(applied.is_err() && joined.is_err(), "{applied:?} and {joined:?}");
            return;
        };
        assert_eq!(applied.as_ref(), Ok(&expected));
        assert_eq!(joined, Ok(after.clone()));
        (state, snapshot) = (after, expected);
    }
}

fn rows(bytes: &mut Bytes<'_>, most: u8) -> Rows {
    let row = |bytes: &mut Bytes<'_>| {
        let byte = bytes.next();
        // Also the least hash and the largest.
        let hash = match byte % 24 {
            0 => 0,
            23 => u64::MAX,
            middle => u64::from(middle).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        (hash, u32::from(byte >> 5) << (byte & 24))
    };
    (0..most).map_while(|_| (!bytes.0.is_empty()).then(|| row(bytes))).collect()
}

fn directory_at(rows: &Rows, sequence: u32) -> DirectorySnapshot {
    let rows = rows.iter().map(|(hash, index)| (*hash, *index)).collect();
    let rows = DirectoryRows::new(rows).expect("a map is sorted");
    DirectorySnapshot { position: at(sequence), key_generation: 1, rows }
}

/// The map after the step; `None` when the step is impossible.
fn changed(state: &Rows, removed: &BTreeSet<u64>, added: &Rows) -> Option<Rows> {
    let mut rows = state.clone();
    for hash in removed {
        let index = rows.remove(hash)?;
        if added.get(hash) == Some(&index) {
            return None;
        }
    }
    for (hash, index) in added {
        if rows.insert(*hash, *index).is_some() {
            return None;
        }
    }
    Some(rows)
}

/// A step as somebody may have signed it, whether it is possible or not.
fn directory_delta(
    from: u32,
    removed: &BTreeSet<u64>,
    added: &Rows,
    (old_root, new_root): ([u8; 32], [u8; 32]),
) -> DirectoryDelta {
    // Two states between which just this is removed and added.
    let other = |hash: &u64| added.get(hash).map_or(0, |index| index ^ 1);
    let before = removed.iter().map(|hash| (*hash, other(hash))).collect();
    let delta =
        DirectoryDelta::between(&directory_at(&before, from), &directory_at(added, from + 1));
    let kind = FileKind::DirectoryDelta;
    let file = delta.expect("a later state").encode(key_of(kind)).expect("a small step");
    let mut payload = file.payload().to_vec();
    payload[12..44].copy_from_slice(&old_root);
    payload[44..76].copy_from_slice(&new_root);
    let file = Unsigned::new(kind, key_of(kind), &payload).expect("as long as before");
    let delta = opened(kind, file, DirectoryDelta::decode).expect("of the form");
    assert_eq!(delta.removed(), removed.iter().copied().collect::<Vec<_>>());
    assert_eq!(delta.added(), &directory_at(added, 1).rows);
    delta
}

/// What all steps together make of the first directory.
fn joined(
    begin: &DirectorySnapshot,
    first: &Rows,
    deltas: &[DirectoryDelta],
) -> Result<Rows, FeedError> {
    let step = DirectoryStep::join(begin.position, begin.rows.root(), deltas)?;
    step.check(step.changes().map(|change| first.get(&change.hash).copied()))?;
    let mut rows = first.clone();
    for change in step.changes() {
        match change.now {
            Some(index) => rows.insert(change.hash, index),
            None => rows.remove(&change.hash),
        };
    }
    assert_eq!(step.rows_after(first.len() as u64), rows.len() as u64);
    assert_eq!(step.to().sequence as usize, 1 + deltas.len());
    Ok(rows)
}

/// The indexes that a file lists under each colour.
type Listed = [BTreeSet<u8>; 4];

/// Takes the input as a status list, once as a snapshot and once as what a step begins from, and
/// the steps that follow: how many holders are new, and for each colour how many indexes, and those.
pub(crate) fn status(data: &[u8]) {
    let mut bytes = Bytes(data);
    let holders = u32::from(bytes.next());
    let [_, amber, red, withdrawn] = listed(&mut bytes);
    let first = [BTreeSet::new(), amber, red, withdrawn];
    let list = coloured(&StatusList::new(0), holders, &first);
    let snapshot = status_snapshot(holders, &first, list.as_ref().map(StatusList::root));
    let Some(list) = list else {
        assert!(snapshot.is_err(), "{snapshot:?}");
        return;
    };
    let mut state = StatusSnapshot { position: at(1), list };
    assert_eq!(snapshot.as_ref(), Ok(&state));
    while !bytes.0.is_empty() && state.position.sequence < 9 {
        let holders = state.list.len() + u32::from(bytes.next() % 20);
        let listed = listed(&mut bytes);
        let list = coloured(&state.list, holders, &listed);
        let applied = status_delta(&state, holders, &listed, list.as_ref().map(StatusList::root))
            .and_then(|delta| delta.apply(&state));
        let Some(list) = list else {
            assert!(applied.is_err(), "{applied:?}");
            return;
        };
        state = StatusSnapshot { position: at(state.position.sequence + 1), list };
        assert_eq!(applied.as_ref(), Ok(&state));
    }
}

fn listed(bytes: &mut Bytes<'_>) -> Listed {
    let counts = [bytes.next(), bytes.next()];
    let counts = [counts[0] >> 4, counts[0] & 15, counts[1] >> 4, counts[1] & 15];
    counts.map(|count| {
        (0..count).map_while(|_| (!bytes.0.is_empty()).then(|| bytes.next())).collect()
    })
}

/// The list with these holders in these colours; `None` when one is none of them, listed twice,
/// or has that colour already.
fn coloured(before: &StatusList, holders: u32, listed: &Listed) -> Option<StatusList> {
    let mut list = before.clone();
    list.extend_to(holders);
    let mut seen = BTreeSet::new();
    for (colour, indexes) in Colour::ALL.into_iter().zip(listed) {
        for index in indexes {
            let holder = StatusIndex((*index).into());
            if !seen.insert(*index) || list.get(holder)? == colour {
                return None;
            }
            list.set(holder, colour).ok()?;
        }
    }
    Some(list)
}

fn status_snapshot(
    holders: u32,
    listed: &Listed,
    root: Option<[u8; 32]>,
) -> Result<StatusSnapshot, FeedError> {
    let kind = FileKind::StatusSnapshot;
    let mut payload = [1, 1, holders].map(u32::to_le_bytes).concat();
    payload.extend(root.unwrap_or([0; 32]));
    listed[1..].iter().for_each(|indexes| payload.extend(set(indexes)));
    let file = Unsigned::new(kind, key_of(kind), &payload).expect("a small list");
    opened(kind, file, StatusSnapshot::decode)
}

fn status_delta(
    old: &StatusSnapshot,
    holders: u32,
    listed: &Listed,
    root: Option<[u8; 32]>,
) -> Result<StatusDelta, FeedError> {
    let kind = FileKind::StatusDelta;
    let from = old.position.sequence;
    let mut payload = [1, from, from + 1, old.list.len(), holders].map(u32::to_le_bytes).concat();
    payload.extend(old.list.root());
    payload.extend(root.unwrap_or([0; 32]));
    listed.iter().for_each(|indexes| payload.extend(set(indexes)));
    let file = Unsigned::new(kind, key_of(kind), &payload).expect("a small step");
    opened(kind, file, StatusDelta::decode)
}

/// A sorted set as `docs/feeds.md` has it, with *k* = 0: each gap in ones, and a zero.
fn set(indexes: &BTreeSet<u8>) -> Vec<u8> {
    let (mut bits, mut next) = (Vec::new(), 0);
    for index in indexes {
        let index = usize::from(*index);
        bits.resize(bits.len() + index - next, 1);
        bits.push(0);
        next = index + 1;
    }
    let packed: Vec<u8> = bits
        .chunks(8)
        .map(|bits| bits.iter().zip(0..).fold(0, |byte, (bit, at)| byte | bit << (7 - at)))
        .collect();
    let (count, length) = (indexes.len() as u32, packed.len() as u32);
    [&count.to_le_bytes()[..], &[0], &length.to_le_bytes(), &packed].concat()
}
