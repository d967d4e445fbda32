//! Several deltas of the directory as one change, for a state that lies on a disk.

use std::collections::BTreeMap;

use yanma_domain::verdict::FeedPosition;

use crate::directory_file::DirectoryDelta;
use crate::feed_error::FeedError;
use crate::status_file::check_step;

/// What becomes of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// The document's hash.
    pub hash: u64,
    /// Its index after the change; `None` when it is gone.
    pub now: Option<u32>,
    /// Whether it is there before.
    pub was_there: bool,
    /// An index that it may not have before: a delta that removes and adds the same row is
    /// refused.
    not: Option<u32>,
}

/// One or many deltas, one after the other.
///
/// [`DirectoryDelta::apply`] compares the roots of the whole state before and after, which
/// takes a pass over all of it. This is for a state whose root is known because it was
/// proven once: the deltas must begin at that root and each at the end of the one before,
/// everything they remove must be there and nothing that they add. Then the state after is
/// the one that they were made from, and the last root is its root.
#[derive(Clone, Debug)]
pub struct DirectoryStep {
    to: FeedPosition,
    new_root: [u8; 32],
    changes: BTreeMap<u64, RowChange>,
}

impl DirectoryStep {
    /// Joins `deltas`, the first of which begins at the position and the root given.
    ///
    /// # Errors
    /// [`FeedError::Epoch`], [`FeedError::Rollback`] and [`FeedError::Gap`] when one does not
    /// begin where the one before ends, [`FeedError::RootMismatch`] when its root is another,
    /// and [`FeedError::NotCanonical`] when it removes what the one before removed, or adds
    /// what that one added.
    pub fn join(
        from: FeedPosition,
        root: [u8; 32],
        deltas: &[DirectoryDelta],
    ) -> Result<Self, FeedError> {
        let mut step = Self { to: from, new_root: root, changes: BTreeMap::new() };
        for delta in deltas {
            step.add(delta)?;
        }
        Ok(step)
    }

    fn add(&mut self, delta: &DirectoryDelta) -> Result<(), FeedError> {
        check_step(self.to, delta.from(), delta.to())?;
        let (old_root, new_root) = delta.roots();
        if old_root != self.new_root {
            return Err(FeedError::RootMismatch);
        }
        let mut taken = BTreeMap::new();
        for hash in delta.removed() {
            let fresh = RowChange { hash: *hash, now: None, was_there: true, not: None };
            match self.changes.get_mut(hash) {
                None => {
                    self.changes.insert(*hash, fresh);
                    taken.insert(*hash, None);
                }
                Some(change) => {
                    let index = change.now.take().ok_or(FeedError::NotCanonical)?;
                    taken.insert(*hash, Some(index));
                }
            }
        }
        for (hash, index) in delta.added().as_slice() {
            let now = Some(*index);
            let Some(change) = self.changes.get_mut(hash) else {
                let fresh = RowChange { hash: *hash, now, was_there: false, not: None };
                self.changes.insert(*hash, fresh);
                continue;
            };
            match taken.get(hash) {
                Some(Some(before)) if before == index => return Err(FeedError::NotCanonical),
                Some(Some(_)) => {}
                Some(None) => change.not = now,
                None if change.now.is_some() => return Err(FeedError::NotCanonical),
                None => {}
            }
            change.now = now;
        }
        (self.to, self.new_root) = (delta.to(), new_root);
        Ok(())
    }

    /// The position it leads to.
    pub fn to(&self) -> FeedPosition {
        self.to
    }

    /// The root of the state it leads to.
    pub fn root(&self) -> [u8; 32] {
        self.new_root
    }

    /// The changes by rising hash.
    pub fn changes(&self) -> impl Iterator<Item = RowChange> + '_ {
        self.changes.values().copied()
    }

    /// Compares what the state has for each hash, in the order of [`Self::changes`], with
    /// what the deltas say it has.
    ///
    /// # Errors
    /// [`FeedError::NotCanonical`] when something is removed that is not there, or added
    /// that is.
    pub fn check(&self, before: impl IntoIterator<Item = Option<u32>>) -> Result<(), FeedError> {
        let mut before = before.into_iter();
        for change in self.changes() {
            let before = before.next().ok_or(FeedError::NotCanonical)?;
            if before.is_some() != change.was_there || (before.is_some() && before == change.not) {
                return Err(FeedError::NotCanonical);
            }
        }
        Ok(())
    }

    /// The number of rows after it.
    pub fn rows_after(&self, rows: u64) -> u64 {
        self.changes().fold(rows, |rows, change| match (change.was_there, change.now) {
            (true, None) => rows.saturating_sub(1),
            (false, Some(_)) => rows + 1,
            _ => rows,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::directory_file::{DirectoryRows, DirectorySnapshot};

    type Rows = BTreeMap<u64, u32>;

    fn snapshot(rows: &Rows, sequence: u32) -> DirectorySnapshot {
        let position = FeedPosition { epoch: 1, sequence };
        let rows = DirectoryRows::new(rows.iter().map(|(hash, index)| (*hash, *index)).collect());
        DirectorySnapshot { position, key_generation: 1, rows: rows.unwrap() }
    }

    fn deltas(states: &[Rows]) -> Vec<DirectoryDelta> {
        let states: Vec<_> = states.iter().zip(1..).map(|(rows, n)| snapshot(rows, n)).collect();
        states.windows(2).map(|pair| DirectoryDelta::between(&pair[0], &pair[1]).unwrap()).collect()
    }

    /// Joins the deltas and lays them over `state`.
    fn laid(state: &Rows, deltas: &[DirectoryDelta]) -> Result<(Rows, DirectoryStep), FeedError> {
        let from = snapshot(state, 1);
        let step = DirectoryStep::join(from.position, from.rows.root(), deltas)?;
        step.check(step.changes().map(|change| state.get(&change.hash).copied()))?;
        let mut rows = state.clone();
        for change in step.changes() {
            match change.now {
                Some(index) => rows.insert(change.hash, index),
                None => rows.remove(&change.hash),
            };
        }
        assert_eq!(step.rows_after(state.len() as u64), rows.len() as u64);
        Ok((rows, step))
    }

    fn rows(rows: &[(u64, u32)]) -> Rows {
        rows.iter().copied().collect()
    }

    proptest! {
        #[test]
        fn joined_they_lead_where_they_lead_one_by_one(
            states in proptest::collection::vec(
                proptest::collection::btree_map(0_u64..40, 0_u32..3, 0..30), 1..6),
        ) {
            let (after, step) = laid(&states[0], &deltas(&states)).unwrap();
            let last = states.last().unwrap();
            prop_assert_eq!(&after, last);
            prop_assert_eq!(step.root(), snapshot(last, 1).rows.root());
            prop_assert_eq!(step.to().sequence as usize, states.len());
        }

        #[test]
        fn another_state_is_refused_alike(
            state in proptest::collection::btree_map(0_u64..8, 0_u32..2, 0..8),
            from in proptest::collection::btree_map(0_u64..8, 0_u32..2, 0..8),
            to in proptest::collection::btree_map(0_u64..8, 0_u32..2, 0..8),
        ) {
            let deltas = deltas(&[from.clone(), to.clone()]);
            prop_assert_eq!(laid(&state, &deltas).is_ok(), state == from);
            // Under the root that the delta begins from: what it removes and adds decides.
            let root = snapshot(&from, 1).rows.root();
            let step =
                DirectoryStep::join(FeedPosition { epoch: 1, sequence: 1 }, root, &deltas).unwrap();
            let fits = step
                .changes()
                .all(|change| state.contains_key(&change.hash) == from.contains_key(&change.hash)
                    && (change.now.is_none() || state.get(&change.hash) != change.now.as_ref()));
            let before = step.changes().map(|change| state.get(&change.hash).copied());
            prop_assert_eq!(step.check(before).is_ok(), fits);
        }
    }

    #[test]
    fn deltas_that_do_not_follow_each_other_are_refused() {
        let states = [rows(&[(1, 1)]), rows(&[(1, 1), (2, 2)]), rows(&[(2, 2)])];
        let steps = deltas(&states);
        let refused = |deltas: &[DirectoryDelta]| laid(&states[0], deltas).unwrap_err();
        assert!(matches!(refused(&steps[1..]), FeedError::Gap { .. }));
        assert!(matches!(
            refused(&[steps[0].clone(), steps[0].clone()]),
            FeedError::Gap { .. } | FeedError::Rollback { .. }
        ));
        let other = deltas(&[rows(&[(9, 9)]), rows(&[(9, 8)]), rows(&[(9, 7)])]);
        assert_eq!(refused(&[steps[0].clone(), other[1].clone()]), FeedError::RootMismatch);
    }
}
