//! The two feeds that go forward in steps: the status list and the directory.

use std::sync::Arc;

use yanma_domain::KeyId;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::directory_file::{DirectoryDelta, DirectorySnapshot};
use yanma_protocol::envelope::{Unsigned, VerifiedFile};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileList, FileRef};
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::{Digest, FeedError};

use super::PublishError;
use super::resume::Reader;
use super::signing::Maker;

/// How many single steps a head names: a desk that was away for that many publications
/// needs no more than what changed.
pub(super) const SINGLE_STEPS: usize = 16;

/// A fresh snapshot is made when the way from the old one costs more than this part of it.
const SNAPSHOT_PARTS: u64 = 3;

/// Or more than this, in bytes: a desk holds a step in memory, some 115 bytes for each of its
/// rows, of which 9.4 bytes come over the wire. A new desk is to take a province with less than
/// 150 MB.
const LONGEST_WAY: u64 = 8_000_000;

/// A whole state of a feed that has deltas.
pub(super) trait Whole: Sized {
    const FEED: FeedName;

    fn position(&self) -> FeedPosition;
    fn at(self, position: FeedPosition) -> Self;
    /// Whether the content is the same, whatever the position.
    fn same(&self, other: &Self) -> bool;
    /// Whether a delta can lead from here to there at all.
    fn leads_to(&self, next: &Self) -> bool;
    fn root(&self) -> [u8; 32];
    fn size(&self) -> u32;
    fn snapshot(&self, key: KeyId) -> Result<Unsigned, FeedError>;
    fn delta(&self, next: &Self, key: KeyId) -> Result<Unsigned, FeedError>;
    fn read(file: &VerifiedFile<'_>) -> Result<Self, FeedError>;
    fn step(&self, file: &VerifiedFile<'_>) -> Result<Self, FeedError>;
}

impl Whole for StatusSnapshot {
    const FEED: FeedName = FeedName::Status;

    fn position(&self) -> FeedPosition {
        self.position
    }

    fn at(self, position: FeedPosition) -> Self {
        Self { position, ..self }
    }

    fn same(&self, other: &Self) -> bool {
        self.list == other.list
    }

    fn leads_to(&self, next: &Self) -> bool {
        self.list.len() <= next.list.len()
    }

    fn root(&self) -> [u8; 32] {
        self.list.root()
    }

    fn size(&self) -> u32 {
        self.list.len()
    }

    fn snapshot(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        self.encode(key)
    }

    fn delta(&self, next: &Self, key: KeyId) -> Result<Unsigned, FeedError> {
        StatusDelta::between(self, next)?.encode(key)
    }

    fn read(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        Self::decode(file)
    }

    fn step(&self, file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        StatusDelta::decode(file)?.apply(self)
    }
}

impl Whole for DirectorySnapshot {
    const FEED: FeedName = FeedName::Directory;

    fn position(&self) -> FeedPosition {
        self.position
    }

    fn at(self, position: FeedPosition) -> Self {
        Self { position, ..self }
    }

    fn same(&self, other: &Self) -> bool {
        self.key_generation == other.key_generation && self.rows == other.rows
    }

    fn leads_to(&self, next: &Self) -> bool {
        self.key_generation == next.key_generation
    }

    fn root(&self) -> [u8; 32] {
        self.rows.root()
    }

    fn size(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    fn snapshot(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        self.encode(key)
    }

    fn delta(&self, next: &Self, key: KeyId) -> Result<Unsigned, FeedError> {
        DirectoryDelta::between(self, next)?.encode(key)
    }

    fn read(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        Self::decode(file)
    }

    fn step(&self, file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        DirectoryDelta::decode(file)?.apply(self)
    }
}

/// A feed: its state, the state of its newest snapshot, and the files of both.
#[derive(Clone, Debug)]
pub(super) struct Stepped<W> {
    /// The state in the snapshot. The same as `now` until something changes, so that a
    /// large directory is in memory once.
    base: Arc<W>,
    now: Arc<W>,
    files: FileList,
}

impl<W: Whole> Stepped<W> {
    /// Begins a feed, or an epoch of it, with a snapshot.
    pub(super) fn begin(whole: W, epoch: u32, maker: &mut Maker<'_>) -> Result<Self, FeedError> {
        let now = Arc::new(whole.at(FeedPosition { epoch, sequence: 1 }));
        let snapshot = maker.make(W::FEED, (0, 1), |key| now.snapshot(key))?;
        let files = file_list(&*now, snapshot, Vec::new());
        Ok(Self { base: Arc::clone(&now), now, files })
    }

    /// Goes on to another state. Makes nothing when it is the same one.
    pub(super) fn go_on(&self, whole: W, maker: &mut Maker<'_>) -> Result<Self, FeedError> {
        if self.now.same(&whole) {
            let (base, now) = (Arc::clone(&self.base), Arc::clone(&self.now));
            return Ok(Self { base, now, files: self.files.clone() });
        }
        let FeedPosition { epoch, sequence: from } = self.now.position();
        let to = from.checked_add(1).ok_or(FeedError::OutOfRange)?;
        let now = Arc::new(whole.at(FeedPosition { epoch, sequence: to }));

        let step = maker.make(W::FEED, (from, to), |key| self.now.delta(&now, key))?;
        let mut deltas = self.files.deltas.clone();
        deltas.retain(|delta| delta.to - delta.from == 1);
        deltas.push(step);
        deltas.drain(..deltas.len().saturating_sub(SINGLE_STEPS));

        // The whole way from the snapshot; after a fresh snapshot the step is just that.
        let first = self.base.position().sequence;
        let way = if first == from {
            step
        } else {
            maker.make(W::FEED, (first, to), |key| self.base.delta(&now, key))?
        };
        if is_too_long(way.bytes, self.files.snapshot.bytes) {
            if way != step {
                // It was only made to see its size.
                maker.made.pop();
            }
            let snapshot = maker.make(W::FEED, (0, to), |key| now.snapshot(key))?;
            let files = file_list(&*now, snapshot, deltas);
            return Ok(Self { base: Arc::clone(&now), now, files });
        }
        if way != step {
            deltas.push(way);
        }
        let files = file_list(&*now, self.files.snapshot, deltas);
        Ok(Self { base: Arc::clone(&self.base), now, files })
    }

    /// Takes a feed up again from its files.
    pub(super) fn resume(files: FileList, reader: &Reader<'_>) -> Result<Self, PublishError> {
        let base = Arc::new(reader.read(&files.snapshot, W::read)?);
        let mut now = Arc::clone(&base);
        for step in files.route(Some(base.position())).ok_or(FeedError::NoRoute)? {
            now = Arc::new(reader.read(step, |file| now.step(file))?);
        }
        for step in &files.deltas {
            reader.check_there(step)?;
        }
        if now.position() == files.position() && Digest(now.root()) == files.root {
            Ok(Self { base, now, files })
        } else {
            Err(FeedError::RootMismatch.into())
        }
    }

    /// The state that is published.
    pub(super) fn last(&self) -> &W {
        &self.now
    }

    /// The files of the feed as they are now.
    pub(super) fn files(&self) -> &FileList {
        &self.files
    }

    /// Whether another state can be reached from this one by a delta.
    pub(super) fn may_become(&self, next: &W) -> bool {
        self.now.leads_to(next)
    }
}

/// Whether whoever begins with a snapshot of so many bytes has too long a way from there.
fn is_too_long(way: u64, snapshot: u64) -> bool {
    way > (snapshot / SNAPSHOT_PARTS).min(LONGEST_WAY)
}

fn file_list<W: Whole>(now: &W, snapshot: FileRef, deltas: Vec<FileRef>) -> FileList {
    let FeedPosition { epoch, sequence } = now.position();
    let (root, size) = (Digest(now.root()), now.size());
    FileList { epoch, sequence, root, size, snapshot, deltas }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_a_snapshot_is_short_beside_it_and_fits_into_a_desks_memory() {
        for (way, snapshot, too_long) in [
            (3_000, 9_300, false),
            (3_200, 9_300, true),
            // A province's directory.
            (7_900_000, 171_000_000, false),
            (8_100_000, 171_000_000, true),
        ] {
            assert_eq!(is_too_long(way, snapshot), too_long, "{way} {snapshot}");
        }
        let rows = LONGEST_WAY as f64 / 9.4;
        assert!(rows * 115.0 < 100e6, "{rows} rows");
    }
}
