//! The status list in the store: the cells as they once were, and what changed since.
//!
//! A delta changes cells all over a list of megabytes. It is written as a step of kilobytes;
//! when the steps have grown, cells and steps become new cells.

use yanma_domain::status::StatusList;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::status_file::StatusDelta;
use yanma_store::{Feed, FeedName as Stored};

use crate::desk::Desk;
use crate::error::DeskError;

/// A whole list: the number of holders, 32 bits little-endian, and the cells.
pub(super) fn blob(list: &StatusList) -> Vec<u8> {
    [&list.len().to_le_bytes(), list.cells()].concat()
}

/// The way from the list that the store has to a later one, as the store takes it: the
/// number of holders after it, then each holder that changes, 4 · index + colour, in the
/// order in which they are set. 32 bits little-endian each: an index is below 2^26.
pub(super) struct Step {
    pub(super) from: FeedPosition,
    pub(super) bytes: Vec<u8>,
}

impl Step {
    pub(super) fn from(from: FeedPosition) -> Self {
        Self { from, bytes: vec![0; 4] }
    }

    /// Goes on with a delta that leads to `list`.
    pub(super) fn go_on(&mut self, delta: &StatusDelta, list: &StatusList) {
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
    use jiff::Timestamp;
    use yanma_protocol::status_file::StatusSnapshot;
    use yanma_store::FeedState;

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
