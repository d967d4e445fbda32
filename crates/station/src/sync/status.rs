//! The status list in the store: the cells as they once were, and what changed since.
//!
//! A delta changes cells all over a list of megabytes. It is written as a step of kilobytes;
//! when the steps have grown, cells and steps become new cells.

use std::sync::Arc;

use jiff::Timestamp;
use yanma_domain::status::StatusList;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::envelope::{self, Envelope, FileKind, Keys};
use yanma_protocol::head::FileList;
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::{Digest, FeedError};
use yanma_store::{Feed, FeedName as Stored, FeedState, FeedWrite};

use super::SyncError;
use super::build::no_way;
use super::fetched::Came;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::knowledge::KnownList;

/// A whole list: the number of holders, 32 bits little-endian, and the cells.
pub(super) fn blob(list: &StatusList) -> Vec<u8> {
    [&list.len().to_le_bytes(), list.cells()].concat()
}

/// Which list is to be built.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) issuer: IssuerId,
    pub(super) list: &'a FileList,
    /// Who may have signed it.
    pub(super) keys: Keys<'a>,
    /// When the head was issued that names it.
    pub(super) as_of: Timestamp,
}

/// A list to come, and how the store gets there.
pub(super) struct NextStatus {
    pub(super) known: KnownList,
    /// From the list in force, when it is reached by deltas alone.
    step: Option<Step>,
    /// All of it, when it is not.
    whole: Vec<u8>,
}

/// The way from the list that the store has to a later one, as the store takes it: the
/// number of holders after it, then each holder that changes, 4 · index + colour, in the
/// order in which they are set. 32 bits little-endian each: an index is below 2^26.
struct Step {
    from: FeedPosition,
    bytes: Vec<u8>,
}

impl NextStatus {
    /// Builds what `files` lead to from `last`, beside it.
    pub(super) fn build(
        wanted: Wanted<'_>,
        last: Option<&KnownList>,
        files: &[Came],
    ) -> Result<Self, SyncError> {
        let Wanted { list, as_of, .. } = wanted;
        let mut state = last.map(|known| StatusSnapshot {
            position: known.position,
            list: StatusList::clone(&known.list),
        });
        let mut step = last.map(|known| Step::from(known.position));
        for Came { name, bytes } in files {
            let next = wanted.read(bytes, state.as_ref(), &mut step);
            state = Some(next.map_err(|error| SyncError::File { file: *name, error })?);
        }
        let (state, last) = state.zip(files.last()).ok_or(no_way(list))?;
        if Digest(state.list.root()) != list.root || state.position != list.position() {
            return Err(SyncError::File { file: last.name, error: FeedError::RootMismatch });
        }
        let whole = if step.is_none() { blob(&state.list) } else { Vec::new() };
        let known = KnownList { list: Arc::new(state.list), position: state.position, as_of };
        Ok(Self { known, step, whole })
    }

    pub(super) fn as_write(&self, issuer: IssuerId, state: FeedState) -> FeedWrite<'_> {
        let feed = Stored::Status;
        match &self.step {
            Some(Step { from, bytes }) => {
                let from = (from.epoch, from.sequence);
                FeedWrite::Step { issuer, feed, from, state, step: bytes }
            }
            None => FeedWrite::Whole { issuer, feed, state, blob: &self.whole },
        }
    }
}

impl Wanted<'_> {
    /// The list that a file leads to from `last`; `step` goes on with it, and is none any more
    /// after a whole list.
    fn read(
        &self,
        bytes: &[u8],
        last: Option<&StatusSnapshot>,
        step: &mut Option<Step>,
    ) -> Result<StatusSnapshot, FeedError> {
        let open = |kind| envelope::open(bytes, kind, self.issuer, self.keys);
        if Envelope::parse(bytes)?.kind() == FileKind::StatusSnapshot {
            *step = None;
            return StatusSnapshot::decode(&open(FileKind::StatusSnapshot)?);
        }
        let delta = StatusDelta::decode(&open(FileKind::StatusDelta)?)?;
        let next = delta.apply(last.ok_or(FeedError::NoRoute)?)?;
        if let Some(step) = step {
            step.go_on(&delta, &next.list);
        }
        Ok(next)
    }
}

impl Step {
    fn from(from: FeedPosition) -> Self {
        Self { from, bytes: vec![0; 4] }
    }

    /// Goes on with a delta that leads to `list`.
    fn go_on(&mut self, delta: &StatusDelta, list: &StatusList) {
        self.bytes[..4].copy_from_slice(&list.len().to_le_bytes());
        let cells = delta.changes().map(|(index, colour)| index.0 << 2 | u32::from(colour.bits()));
        self.bytes.extend(cells.flat_map(u32::to_le_bytes));
    }
}

/// The list of cells and steps, if it is the one whose root the store has with it.
pub(super) fn read(feed: &Feed) -> Option<StatusList> {
    let (len, cells) = feed.blob.split_first_chunk::<4>()?;
    let mut list = StatusList::from_cells(u32::from_le_bytes(*len), cells.to_vec()).ok()?;
    for step in &feed.steps {
        let (numbers, []) = step.as_chunks::<4>() else { return None };
        let (len, cells) = numbers.split_first()?;
        list.extend_to(u32::from_le_bytes(*len));
        for cell in cells.iter().map(|cell| u32::from_le_bytes(*cell)) {
            list.set(StatusIndex(cell >> 2), Colour::from_bits(cell as u8)).ok()?;
        }
    }
    (list.root() == feed.state.root).then_some(list)
}

impl Desk {
    /// Writes the list anew when many steps lie over it. The desk is in step either way: what
    /// goes wrong is logged, and tried again after the next sync.
    pub(super) fn fold_status(&self, issuer: IssuerId) {
        if let Err(error) = self.try_fold_status(issuer) {
            tracing::warn!(%error, "the status list was not written anew");
        }
    }

    fn try_fold_status(&self, issuer: IssuerId) -> Result<(), DeskError> {
        let store = self.store();
        if store.is_read_only() || !store.feed_fold_is_due(issuer, Stored::Status)? {
            return Ok(());
        }
        let known = self.knowledge();
        if let Some(known) = known.lists.get(&issuer) {
            let FeedPosition { epoch, sequence } = known.position;
            store.fold_feed(issuer, Stored::Status, (epoch, sequence), &blob(&known.list))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u32) -> FeedPosition {
        FeedPosition { epoch: 1, sequence }
    }

    fn next(last: &StatusSnapshot, len: u32, changes: &[(u32, Colour)]) -> StatusSnapshot {
        let mut list = last.list.clone();
        list.extend_to(len);
        for (index, colour) in changes {
            list.set(StatusIndex(*index), *colour).unwrap();
        }
        StatusSnapshot { position: at(last.position.sequence + 1), list }
    }

    fn stored(blob: Vec<u8>, steps: Vec<Vec<u8>>, list: &StatusList) -> Feed {
        let (root, as_of) = (list.root(), Timestamp::UNIX_EPOCH);
        Feed { state: FeedState { epoch: 1, sequence: 4, root, as_of }, blob, steps }
    }

    /// A list of 9 holders, and three deltas from there; the last step has two of them.
    fn steps() -> (Vec<u8>, Vec<Vec<u8>>, StatusList) {
        let first = StatusSnapshot { position: at(1), list: StatusList::new(9) };
        let second = next(&first, 9, &[(0, Colour::Red), (8, Colour::Withdrawn)]);
        let third = next(&second, 70_000, &[(0, Colour::Green), (69_999, Colour::Amber)]);
        let fourth = next(&third, 70_000, &[(1, Colour::Amber), (69_998, Colour::Red)]);
        let way = |states: &[&StatusSnapshot]| {
            let mut step = Step::from(states[0].position);
            for pair in states.windows(2) {
                let delta = StatusDelta::between(pair[0], pair[1]).unwrap();
                step.go_on(&delta, &pair[1].list);
            }
            step.bytes
        };
        let steps = vec![way(&[&first, &second]), way(&[&second, &third, &fourth])];
        (blob(&first.list), steps, fourth.list)
    }

    #[test]
    fn cells_and_steps_are_the_list_they_lead_to() {
        let (blob, steps, list) = steps();
        assert_eq!(read(&stored(blob, steps, &list)), Some(list));
    }

    #[test]
    fn a_step_that_is_missing_damaged_or_out_of_turn_is_no_list() {
        let (blob, steps, list) = steps();
        let none = |steps: Vec<Vec<u8>>, what: &str| {
            assert_eq!(read(&stored(blob.clone(), steps, &list)), None, "{what}");
        };
        none(vec![], "no step");
        none(vec![steps[0].clone()], "one of two");
        none(vec![steps[1].clone(), steps[0].clone()], "the other way round");
        for at in 0..steps[1].len() {
            let mut damaged = steps.clone();
            damaged[1][at] ^= 1;
            // A longer list is another list; a shorter one does not have the holders.
            none(damaged, "one bit");
            let mut cut = steps.clone();
            cut[1].truncate(at);
            none(cut, "cut short");
        }
    }
}
