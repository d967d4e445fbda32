//! The directory as files: whole, and in steps.
//!
//! A directory leads from the keyed hash of a document to a holder's status index. Its
//! hashes are made under a key that only enrolled desks have; a change of that key needs a
//! new epoch, since no delta can lead from one key to another.

use yanma_domain::KeyId;
use yanma_domain::verdict::FeedPosition;

use crate::bits::ByteReader;
pub use crate::directory_rows::{DirectoryRoot, DirectoryRows};
pub use crate::directory_step::{DirectoryStep, RowChange};
pub use crate::directory_stream::SnapshotStream;
use crate::envelope::{FileKind, Unsigned, VerifiedFile};
use crate::feed_error::FeedError;
use crate::rice::{MAX_COUNT, RiceSet, RiceSlice};
use crate::status_file::check_step;

/// A whole directory at one position of the feed.
///
/// Payload, little-endian: `epoch u32 | sequence u32 | count u32 | key generation u32 |
/// root 32 | k u8 | byte length u32 | gaps of the hashes | index width u8 | indexes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectorySnapshot {
    /// Which state it is.
    pub position: FeedPosition,
    /// Which directory key the hashes were made under.
    pub key_generation: u32,
    /// The state itself.
    pub rows: DirectoryRows,
}

impl DirectorySnapshot {
    /// The file, ready to be signed.
    ///
    /// # Errors
    /// [`FeedError::Length`] for a directory that is too large for a file.
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        let mut out = Vec::new();
        let count = self.rows.len() as u32;
        for number in [self.position.epoch, self.position.sequence, count, self.key_generation] {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.rows.root());
        self.rows.write_to(&mut out)?;
        Unsigned::new(FileKind::DirectorySnapshot, key, &out)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`] for another kind of file; [`FeedError::RootMismatch`] when the
    /// rows are not those the root says; else what is wrong with the form.
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let mut reader = ByteReader::new(file.payload(FileKind::DirectorySnapshot)?);
        let position = FeedPosition { epoch: reader.u32()?, sequence: reader.u32()? };
        let (count, key_generation) = (reader.u32()?, reader.u32()?);
        let root = reader.array()?;
        let rows = DirectoryRows::read(count, &mut reader)?;
        reader.finish()?;
        if rows.root() == root {
            Ok(Self { position, key_generation, rows })
        } else {
            Err(FeedError::RootMismatch)
        }
    }
}

/// The way from one state of the directory to a later one, of one or many steps. A row
/// whose index changed is removed and added.
///
/// Payload, little-endian: `epoch u32 | from u32 | to u32 | old root 32 | new root 32 |
/// added count u32`, the added rows coded as in a snapshot, and the removed hashes as a
/// Rice set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryDelta {
    epoch: u32,
    from: u32,
    to: u32,
    old_root: [u8; 32],
    new_root: [u8; 32],
    added: DirectoryRows,
    removed: Vec<u64>,
}

impl DirectoryDelta {
    /// What changed between two states.
    ///
    /// # Errors
    /// [`FeedError::Epoch`] when they are of two epochs or two keys, and
    /// [`FeedError::Rollback`] when the second is not the later one.
    pub fn between(old: &DirectorySnapshot, new: &DirectorySnapshot) -> Result<Self, FeedError> {
        let (from, to) = (old.position, new.position);
        if from.epoch != to.epoch || old.key_generation != new.key_generation {
            return Err(FeedError::Epoch { have: from.epoch, got: to.epoch });
        }
        if from.sequence >= to.sequence {
            let (have, got) = (from.sequence.into(), to.sequence.into());
            return Err(FeedError::Rollback { have, got });
        }
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        let mut before = old.rows.as_slice().iter().peekable();
        for row in new.rows.as_slice() {
            while let Some(gone) = before.next_if(|gone| gone.0 < row.0) {
                removed.push(gone.0);
            }
            match before.next_if(|same| same.0 == row.0) {
                Some(same) if same == row => {}
                Some(moved) => {
                    removed.push(moved.0);
                    added.push(*row);
                }
                None => added.push(*row),
            }
        }
        removed.extend(before.map(|gone| gone.0));
        Ok(Self {
            epoch: from.epoch,
            from: from.sequence,
            to: to.sequence,
            old_root: old.rows.root(),
            new_root: new.rows.root(),
            added: DirectoryRows::known_sorted(added),
            removed,
        })
    }

    /// The roots of the state it begins from and of the one it leads to.
    pub fn roots(&self) -> ([u8; 32], [u8; 32]) {
        (self.old_root, self.new_root)
    }

    /// The position it begins at.
    pub fn from(&self) -> FeedPosition {
        FeedPosition { epoch: self.epoch, sequence: self.from }
    }

    /// The position it leads to.
    pub fn to(&self) -> FeedPosition {
        FeedPosition { epoch: self.epoch, sequence: self.to }
    }

    /// The rows that it adds.
    pub fn added(&self) -> &DirectoryRows {
        &self.added
    }

    /// The hashes that it removes, rising; before anything is added.
    pub fn removed(&self) -> &[u64] {
        &self.removed
    }

    /// The directory after the delta; the one given stays as it is.
    ///
    /// # Errors
    /// [`FeedError::Epoch`], [`FeedError::Rollback`] and [`FeedError::Gap`] when the delta
    /// does not begin where the state is; [`FeedError::RootMismatch`] when the rows are not
    /// those it begins from or do not become those it leads to;
    /// [`FeedError::NotCanonical`] when it removes what is not there, adds what is, or
    /// removes and adds the same row.
    pub fn apply(&self, state: &DirectorySnapshot) -> Result<DirectorySnapshot, FeedError> {
        check_step(state.position, self.from(), self.to())?;
        if state.rows.root() != self.old_root {
            return Err(FeedError::RootMismatch);
        }
        let rows = self.merge(&state.rows)?;
        if rows.root() != self.new_root {
            return Err(FeedError::RootMismatch);
        }
        Ok(DirectorySnapshot { position: self.to(), key_generation: state.key_generation, rows })
    }

    fn merge(&self, old: &DirectoryRows) -> Result<DirectoryRows, FeedError> {
        let most = old.len() + self.added.len();
        let mut rows = Vec::with_capacity(most.saturating_sub(self.removed.len()));
        let mut added = self.added.as_slice().iter().copied().peekable();
        let mut removed = self.removed.iter().copied().peekable();
        for row in old.as_slice() {
            while let Some(new) = added.next_if(|new| new.0 < row.0) {
                rows.push(new);
            }
            let gone = removed.next_if_eq(&row.0).is_some();
            match (gone, added.next_if(|new| new.0 == row.0)) {
                (false, None) => rows.push(*row),
                (true, None) => {}
                (true, Some(moved)) if moved.1 != row.1 => rows.push(moved),
                (_, Some(_)) => return Err(FeedError::NotCanonical),
            }
        }
        rows.extend(added);
        if removed.next().is_some() {
            return Err(FeedError::NotCanonical);
        }
        if rows.len() > MAX_COUNT as usize {
            return Err(FeedError::OutOfRange);
        }
        Ok(DirectoryRows::known_sorted(rows))
    }

    /// The file, ready to be signed.
    ///
    /// # Errors
    /// [`FeedError::Length`] for a delta that is too large for a file.
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        let mut out = Vec::new();
        for number in [self.epoch, self.from, self.to] {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.old_root);
        out.extend(self.new_root);
        out.extend((self.added.len() as u32).to_le_bytes());
        self.added.write_to(&mut out)?;
        RiceSet::encode(self.removed.iter().copied())?.write_to(&mut out)?;
        Unsigned::new(FileKind::DirectoryDelta, key, &out)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`] for another kind of file, else what is wrong with the form.
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let mut reader = ByteReader::new(file.payload(FileKind::DirectoryDelta)?);
        let (epoch, from, to) = (reader.u32()?, reader.u32()?, reader.u32()?);
        if from >= to {
            return Err(FeedError::OutOfRange);
        }
        let (old_root, new_root) = (reader.array()?, reader.array()?);
        let count = reader.u32()?;
        let added = DirectoryRows::read(count, &mut reader)?;
        let set = RiceSlice::read(&mut reader)?;
        let mut removed = Vec::with_capacity(set.count() as usize);
        set.for_each(u64::MAX, |hash| {
            removed.push(hash);
            Ok(())
        })?;
        reader.finish()?;
        Ok(Self { epoch, from, to, old_root, new_root, added, removed })
    }
}
