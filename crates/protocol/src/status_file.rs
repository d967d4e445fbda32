//! The status list as files: whole, and in steps.

use yanma_domain::status::StatusList;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, KeyId, StatusIndex};

use crate::bits::ByteReader;
use crate::envelope::{FileKind, Unsigned, VerifiedFile};
use crate::feed_error::FeedError;
use crate::rice::{MAX_COUNT, RiceSet, RiceSlice};

/// A whole status list at one position of the feed.
///
/// Payload, little-endian: `epoch u32 | sequence u32 | len u32 | root 32`, then the
/// indexes that are amber, red and withdrawn, each as a Rice set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSnapshot {
    /// Which state it is.
    pub position: FeedPosition,
    /// The state itself.
    pub list: StatusList,
}

impl StatusSnapshot {
    /// The file, ready to be signed.
    ///
    /// # Errors
    /// [`FeedError::OutOfRange`] for more than 2^26 holders.
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        if self.list.len() > MAX_COUNT {
            return Err(FeedError::OutOfRange);
        }
        let mut out = Vec::new();
        out.extend(self.position.epoch.to_le_bytes());
        out.extend(self.position.sequence.to_le_bytes());
        out.extend(self.list.len().to_le_bytes());
        out.extend(self.list.root());
        let mut sets = ColourSets::default();
        for (index, colour) in self.list.iter_non_green() {
            sets.of(colour).push(index.0);
        }
        for colour in [Colour::Amber, Colour::Red, Colour::Withdrawn] {
            encode_set(sets.of(colour)).and_then(|set| set.write_to(&mut out))?;
        }
        Unsigned::new(FileKind::StatusSnapshot, key, &out)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`] for another kind of file; [`FeedError::RootMismatch`] when the
    /// list is not the one the root says; else what is wrong with the form.
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let mut reader = ByteReader::new(file.payload(FileKind::StatusSnapshot)?);
        let position = FeedPosition { epoch: reader.u32()?, sequence: reader.u32()? };
        let len = holders(&mut reader)?;
        let root = reader.array()?;
        let mut list = StatusList::new(len);
        for colour in [Colour::Amber, Colour::Red, Colour::Withdrawn] {
            for_each_index(&RiceSlice::read(&mut reader)?, len, |index| {
                if list.get(index) != Some(Colour::Green) {
                    return Err(FeedError::NotCanonical);
                }
                list.set(index, colour).map_err(|_| FeedError::OutOfRange)
            })?;
        }
        reader.finish()?;
        if list.root() == root { Ok(Self { position, list }) } else { Err(FeedError::RootMismatch) }
    }
}

/// The way from one state of the status list to a later one, of one or many steps.
///
/// Payload, little-endian: `epoch u32 | from u32 | to u32 | old len u32 | new len u32 |
/// old root 32 | new root 32`, then the indexes that are now green, amber, red and
/// withdrawn, each as a Rice set. Holders past the old length are new, and green unless
/// listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusDelta {
    epoch: u32,
    from: u32,
    to: u32,
    old_len: u32,
    new_len: u32,
    old_root: [u8; 32],
    new_root: [u8; 32],
    changes: ColourSets,
}

impl StatusDelta {
    /// What changed between two states.
    ///
    /// # Errors
    /// [`FeedError::Epoch`] when they are of two epochs, [`FeedError::Rollback`] when the
    /// second is not the later one, [`FeedError::OutOfRange`] when it has fewer holders:
    /// such a list needs a new epoch.
    pub fn between(old: &StatusSnapshot, new: &StatusSnapshot) -> Result<Self, FeedError> {
        let (from, to) = (old.position, new.position);
        if from.epoch != to.epoch {
            return Err(FeedError::Epoch { have: from.epoch, got: to.epoch });
        }
        if from.sequence >= to.sequence {
            let (have, got) = (from.sequence.into(), to.sequence.into());
            return Err(FeedError::Rollback { have, got });
        }
        if new.list.len() < old.list.len() {
            return Err(FeedError::OutOfRange);
        }
        let mut changes = ColourSets::default();
        let old_cells = old.list.cells();
        for (at, cells) in new.list.cells().iter().enumerate() {
            // New holders are green, which is what a missing byte stands for.
            let before = old_cells.get(at).copied().unwrap_or(0);
            if *cells == before {
                continue;
            }
            for cell in 0..4 {
                let (was, is) = (before >> (cell * 2), cells >> (cell * 2));
                if (was ^ is) & 3 != 0 {
                    let index = u32::try_from(at * 4).map_err(|_| FeedError::OutOfRange)? + cell;
                    changes.of(Colour::from_bits(is)).push(index);
                }
            }
        }
        Ok(Self {
            epoch: from.epoch,
            from: from.sequence,
            to: to.sequence,
            old_len: old.list.len(),
            new_len: new.list.len(),
            old_root: old.list.root(),
            new_root: new.list.root(),
            changes,
        })
    }

    /// The position it begins at.
    pub fn from(&self) -> FeedPosition {
        FeedPosition { epoch: self.epoch, sequence: self.from }
    }

    /// The position it leads to.
    pub fn to(&self) -> FeedPosition {
        FeedPosition { epoch: self.epoch, sequence: self.to }
    }

    /// The holders that it changes, with their new colours: first those that are green
    /// now, then amber, red and withdrawn, each by rising index.
    pub fn changes(&self) -> impl Iterator<Item = (StatusIndex, Colour)> + '_ {
        Colour::ALL.into_iter().flat_map(|colour| {
            self.changes.0[colour as usize].iter().map(move |index| (StatusIndex(*index), colour))
        })
    }

    /// The list after the delta. The one given stays as it is, so that a refused delta
    /// leaves nothing half done.
    ///
    /// # Errors
    /// [`FeedError::Epoch`], [`FeedError::Rollback`] and [`FeedError::Gap`] when the delta
    /// does not begin where the state is; [`FeedError::RootMismatch`] when the list is not
    /// the one it begins from or does not become the one it leads to;
    /// [`FeedError::NotCanonical`] when it lists a holder twice or without need.
    pub fn apply(&self, state: &StatusSnapshot) -> Result<StatusSnapshot, FeedError> {
        check_step(state.position, self.from(), self.to())?;
        if state.list.len() != self.old_len || state.list.root() != self.old_root {
            return Err(FeedError::RootMismatch);
        }
        let mut list = state.list.clone();
        list.extend_to(self.new_len);
        // The second condition finds a holder that is listed twice: the first change has
        // been made by then.
        for (index, colour) in self.changes() {
            let before = state.list.get(index).unwrap_or(Colour::Green);
            let now = list.get(index).ok_or(FeedError::OutOfRange)?;
            if before == colour || now != before {
                return Err(FeedError::NotCanonical);
            }
            list.set(index, colour).map_err(|_| FeedError::OutOfRange)?;
        }
        if list.root() == self.new_root {
            Ok(StatusSnapshot { position: self.to(), list })
        } else {
            Err(FeedError::RootMismatch)
        }
    }

    /// The file, ready to be signed.
    ///
    /// # Errors
    /// [`FeedError::OutOfRange`] for more than 2^26 holders.
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        if self.new_len > MAX_COUNT {
            return Err(FeedError::OutOfRange);
        }
        let mut out = Vec::new();
        for number in [self.epoch, self.from, self.to, self.old_len, self.new_len] {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.old_root);
        out.extend(self.new_root);
        for indexes in &self.changes.0 {
            encode_set(indexes).and_then(|set| set.write_to(&mut out))?;
        }
        Unsigned::new(FileKind::StatusDelta, key, &out)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`] for another kind of file, else what is wrong with the form.
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let mut reader = ByteReader::new(file.payload(FileKind::StatusDelta)?);
        let (epoch, from, to) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (old_len, new_len) = (reader.u32()?, holders(&mut reader)?);
        if from >= to || old_len > new_len {
            return Err(FeedError::OutOfRange);
        }
        let (old_root, new_root) = (reader.array()?, reader.array()?);
        let mut changes = ColourSets::default();
        for colour in Colour::ALL {
            let set = RiceSlice::read(&mut reader)?;
            // The bytes were proven to hold this many; see `RiceSlice::read_tail`.
            let indexes = changes.of(colour);
            indexes.reserve_exact(set.count() as usize);
            for_each_index(&set, new_len, |index| {
                indexes.push(index.0);
                Ok(())
            })?;
        }
        reader.finish()?;
        Ok(Self { epoch, from, to, old_len, new_len, old_root, new_root, changes })
    }
}

/// Whether a step begins exactly where a state is.
pub(crate) fn check_step(
    have: FeedPosition,
    from: FeedPosition,
    to: FeedPosition,
) -> Result<(), FeedError> {
    if have.epoch != from.epoch {
        Err(FeedError::Epoch { have: have.epoch, got: from.epoch })
    } else if to.sequence <= have.sequence {
        Err(FeedError::Rollback { have: have.sequence.into(), got: to.sequence.into() })
    } else if from.sequence != have.sequence {
        Err(FeedError::Gap { have: have.sequence, from: from.sequence })
    } else {
        Ok(())
    }
}

/// Rising indexes by colour, in the order of [`Colour::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ColourSets([Vec<u32>; 4]);

impl ColourSets {
    fn of(&mut self, colour: Colour) -> &mut Vec<u32> {
        &mut self.0[colour as usize]
    }
}

fn encode_set(indexes: &[u32]) -> Result<RiceSet, FeedError> {
    RiceSet::encode(indexes.iter().map(|index| u64::from(*index)))
}

fn for_each_index(
    set: &RiceSlice<'_>,
    len: u32,
    mut each: impl FnMut(StatusIndex) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let Some(last) = len.checked_sub(1) else {
        return if set.count() == 0 {
            set.for_each(0, |_| Ok(()))
        } else {
            Err(FeedError::OutOfRange)
        };
    };
    set.for_each(last.into(), |index| {
        each(StatusIndex(u32::try_from(index).map_err(|_| FeedError::OutOfRange)?))
    })
}

fn holders(reader: &mut ByteReader<'_>) -> Result<u32, FeedError> {
    let len = reader.u32()?;
    if len > MAX_COUNT { Err(FeedError::OutOfRange) } else { Ok(len) }
}
