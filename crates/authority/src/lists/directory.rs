//! Document → status index, in memory.

use std::collections::BTreeMap;

use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;
use yanma_protocol::directory_file::DirectoryRows;

/// A sorted base that publishing shares, and what came since, which the next publication
/// puts into the base: a province is 16 bytes a holder, once.
#[derive(Debug, Default)]
pub(super) struct Directory {
    base: DirectoryRows,
    newer: BTreeMap<u64, u32>,
}

impl Directory {
    /// The index of a document's holder.
    pub(super) fn get(&self, document: DocumentHash) -> Option<StatusIndex> {
        match self.newer.get(&document.as_u64()) {
            Some(index) => Some(StatusIndex(*index)),
            None => self.base.get(document),
        }
    }

    /// Sets the index of a document's holder, whatever it was before. Most often it is what it
    /// was: every change of a colour comes with its document.
    pub(super) fn insert(&mut self, document: DocumentHash, index: StatusIndex) {
        if self.get(document) != Some(index) {
            self.newer.insert(document.as_u64(), index.0);
        }
    }

    /// How many rows are not in the base yet.
    pub(super) fn newer(&self) -> usize {
        self.newer.len()
    }

    /// What was merged last.
    pub(super) fn base(&self) -> DirectoryRows {
        self.base.clone()
    }

    /// A copy to be merged away from the lock: cheap, since the base is shared.
    pub(super) fn parts(&self) -> (DirectoryRows, BTreeMap<u64, u32>) {
        (self.base.clone(), self.newer.clone())
    }

    /// Takes merged rows for the base. What came while they were merged stays on top.
    pub(super) fn settle(&mut self, merged: DirectoryRows) {
        self.newer.retain(|hash, index| {
            merged.get(DocumentHash::from_u64(*hash)) != Some(StatusIndex(*index))
        });
        self.base = merged;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(directory: &Directory, hash: u64) -> Option<u32> {
        directory.get(DocumentHash::from_u64(hash)).map(|index| index.0)
    }

    #[test]
    fn what_is_newer_counts_before_and_after_it_is_merged() {
        let mut directory = Directory::default();
        for (hash, index) in [(5, 1), (9, 2), (7, 3), (9, 4)] {
            directory.insert(DocumentHash::from_u64(hash), StatusIndex(index));
        }
        let (base, newer) = directory.parts();
        // This one comes while the others are being merged.
        directory.insert(DocumentHash::from_u64(7), StatusIndex(8));
        directory.settle(base.with(newer).unwrap());
        assert_eq!(
            [5, 7, 9, 6].map(|hash| found(&directory, hash)),
            [Some(1), Some(8), Some(4), None]
        );

        let (base, newer) = directory.parts();
        assert_eq!((base.len(), newer.len()), (3, 1));
        let merged = base.with(newer).unwrap();
        assert_eq!(merged.as_slice(), [(5, 1), (7, 8), (9, 4)]);
        directory.settle(merged);
        assert_eq!(directory.parts().1.len(), 0);
        assert_eq!(found(&directory, 7), Some(8));
    }
}
