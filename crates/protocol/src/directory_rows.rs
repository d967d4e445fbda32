//! The rows of a directory, in memory and as two columns of bits.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;

use crate::bits::{BitReader, BitWriter, ByteReader};
use crate::feed_error::FeedError;
use crate::rice::{MAX_COUNT, RiceSet, RiceSlice};

/// Domain separation of [`DirectoryRows::root`].
const ROOT_LABEL: &[u8] = b"yanma-directory-root-v1";

/// Rows of (document hash, status index), strictly rising by hash, at most 2^26.
///
/// Clones share the rows and the root, which is computed once: a province's directory has
/// a third of a gigabyte.
#[derive(Clone, Default)]
pub struct DirectoryRows(Arc<Shared>);

#[derive(Default)]
struct Shared {
    rows: Vec<(u64, u32)>,
    starts: Starts,
    root: OnceLock<[u8; 32]>,
}

/// Where the rows begin that share the highest bits of their hash. Keyed hashes are evenly
/// spread, so a look-up reads two places of memory instead of the two dozen of a binary
/// search; rows that are not spread are found as well, only later.
#[derive(Default)]
struct Starts {
    /// How many of the highest bits; at least one.
    bits: u32,
    /// The first row of each, and the number of rows at the end.
    at: Vec<u32>,
}

/// Rows of one start, about.
const ROWS_A_START: usize = 16;

impl Starts {
    fn of(rows: &[(u64, u32)]) -> Self {
        let bits = (rows.len() / ROWS_A_START).max(2).ilog2();
        let mut at = Vec::with_capacity((1 << bits) + 1);
        let mut row = 0;
        for start in 0..1u64 << bits {
            while rows.get(row).is_some_and(|(hash, _)| hash >> (64 - bits) < start) {
                row += 1;
            }
            at.push(row as u32);
        }
        at.push(rows.len() as u32);
        Self { bits, at }
    }

    /// The rows among which a hash stands, if it stands anywhere.
    fn around<'r>(&self, rows: &'r [(u64, u32)], hash: u64) -> Option<&'r [(u64, u32)]> {
        let start = (hash >> (64 - self.bits.max(1))) as usize;
        rows.get(*self.at.get(start)? as usize..*self.at.get(start + 1)? as usize)
    }
}

impl PartialEq for DirectoryRows {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.rows == other.0.rows
    }
}

impl Eq for DirectoryRows {}

impl DirectoryRows {
    /// Rows that are sorted already.
    ///
    /// # Errors
    /// [`FeedError::Unsorted`] when they do not strictly rise, [`FeedError::OutOfRange`]
    /// when there are too many.
    pub fn new(rows: Vec<(u64, u32)>) -> Result<Self, FeedError> {
        if rows.len() > MAX_COUNT as usize {
            return Err(FeedError::OutOfRange);
        }
        if rows.is_sorted_by(|one, next| one.0 < next.0) {
            Ok(Self::known_sorted(rows))
        } else {
            Err(FeedError::Unsorted)
        }
    }

    /// Rows that are known to rise strictly.
    pub(crate) fn known_sorted(rows: Vec<(u64, u32)>) -> Self {
        debug_assert!(rows.is_sorted_by(|one, next| one.0 < next.0), "rows must rise");
        let starts = Starts::of(&rows);
        Self(Arc::new(Shared { rows, starts, root: OnceLock::new() }))
    }

    /// These rows with newer ones: one of the same document takes the place of the row before. A
    /// pass over all of them.
    ///
    /// # Errors
    /// [`FeedError::OutOfRange`] when there are too many.
    pub fn with(&self, newer: BTreeMap<u64, u32>) -> Result<Self, FeedError> {
        let mut rows = Vec::with_capacity(self.len() + newer.len());
        let mut before = self.as_slice().iter().copied().peekable();
        for new in newer {
            while let Some(row) = before.next_if(|row| row.0 < new.0) {
                rows.push(row);
            }
            before.next_if(|row| row.0 == new.0);
            rows.push(new);
        }
        rows.extend(before);
        Self::new(rows)
    }

    /// The rows.
    pub fn as_slice(&self) -> &[(u64, u32)] {
        &self.0.rows
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.rows.is_empty()
    }

    /// The holder of a document; `None` when no code was issued for it.
    pub fn get(&self, hash: DocumentHash) -> Option<StatusIndex> {
        let near = self.0.starts.around(&self.0.rows, hash.as_u64())?;
        let at = near.binary_search_by_key(&hash.as_u64(), |row| row.0).ok()?;
        near.get(at).map(|row| StatusIndex(row.1))
    }

    /// The root hash, by which two copies are compared: SHA-256 over a label, the number
    /// of rows (32 bits, little-endian), and for each row its hash and its index, both
    /// big-endian.
    pub fn root(&self) -> [u8; 32] {
        *self.0.root.get_or_init(|| self.compute_root())
    }

    fn compute_root(&self) -> [u8; 32] {
        let mut root = DirectoryRoot::new(self.0.rows.len() as u32);
        self.0.rows.iter().for_each(|(hash, index)| root.push(*hash, *index));
        root.finish()
    }

    pub(crate) fn write_to(&self, out: &mut Vec<u8>) -> Result<(), FeedError> {
        RiceSet::encode(self.0.rows.iter().map(|row| row.0))?.write_tail_to(out)?;
        let width = index_width(self.0.rows.iter().map(|row| row.1).max());
        out.push(width as u8);
        let mut writer = BitWriter::with_capacity((self.0.rows.len() * width as usize).div_ceil(8));
        for (_, index) in &self.0.rows {
            writer.bits(u64::from(*index), width);
        }
        out.extend(writer.finish());
        Ok(())
    }

    pub(crate) fn read(count: u32, reader: &mut ByteReader<'_>) -> Result<Self, FeedError> {
        let hashes = RiceSlice::read_tail(count, reader)?;
        let width = u32::from(reader.u8()?);
        if width > 32 {
            return Err(FeedError::OutOfRange);
        }
        let packed_bytes = (u64::from(count) * u64::from(width)).div_ceil(8);
        let packed_bytes = usize::try_from(packed_bytes).map_err(|_| FeedError::Truncated)?;
        let mut indexes = BitReader::new(reader.take(packed_bytes)?);
        // Both columns are there, so this many rows are.
        let mut rows = Vec::with_capacity(count as usize);
        let mut seen = 0;
        hashes.for_each(u64::MAX, |hash| {
            let index = indexes.bits(width)? as u32;
            seen |= index;
            rows.push((hash, index));
            Ok(())
        })?;
        indexes.finish()?;
        if width == index_width(Some(seen)) {
            Ok(Self::known_sorted(rows))
        } else {
            Err(FeedError::NotCanonical)
        }
    }
}

impl std::fmt::Debug for DirectoryRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DirectoryRows({} rows)", self.0.rows.len())
    }
}

/// The root hash of rows that are never together: see [`DirectoryRows::root`].
pub struct DirectoryRoot {
    hasher: Sha256,
    /// Rows that were not hashed yet: hashing a few bytes at a time costs more.
    block: Vec<u8>,
}

impl DirectoryRoot {
    const BLOCK_BYTES: usize = 1024 * 12;

    /// The root of `count` rows that are to come.
    pub fn new(count: u32) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(ROOT_LABEL);
        hasher.update(count.to_le_bytes());
        Self { hasher, block: Vec::with_capacity(Self::BLOCK_BYTES) }
    }

    /// Takes the next row, by rising hash.
    pub fn push(&mut self, hash: u64, index: u32) {
        if self.block.len() == Self::BLOCK_BYTES {
            self.hasher.update(&self.block);
            self.block.clear();
        }
        self.block.extend(hash.to_be_bytes());
        self.block.extend(index.to_be_bytes());
    }

    /// The root.
    pub fn finish(mut self) -> [u8; 32] {
        self.hasher.update(&self.block);
        self.hasher.finalize().into()
    }
}

/// The bits that the largest index needs; also right for all indexes or-ed together.
pub(crate) fn index_width(largest: Option<u32>) -> u32 {
    32 - largest.unwrap_or(0).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hashes: impl Iterator<Item = u64>) {
        let mut rows: Vec<_> = hashes.zip(0..).collect();
        rows.sort_unstable();
        rows.dedup_by_key(|row| row.0);
        let directory = DirectoryRows::new(rows.clone()).unwrap();
        let found = |hash| directory.get(DocumentHash::from_u64(hash)).map(|index| index.0);
        for (hash, index) in &rows {
            assert_eq!(found(*hash), Some(*index));
            for other in [hash.wrapping_sub(1), hash.wrapping_add(1)] {
                let at = rows.binary_search_by_key(&other, |row| row.0).ok();
                assert_eq!(found(other), at.map(|at| rows[at].1));
            }
        }
        for hash in [0, 1, u64::MAX, u64::MAX / 2] {
            let at = rows.binary_search_by_key(&hash, |row| row.0).ok();
            assert_eq!(found(hash), at.map(|at| rows[at].1));
        }
    }

    #[test]
    fn a_row_is_found_however_the_hashes_are_spread() {
        let spread = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for count in [0, 1, 2, 31, 32, 33, 1_000, 70_000] {
            check((0..count).map(spread));
            check(0..count);
            check((0..count).map(|n| u64::MAX - n));
        }
        assert_eq!(DirectoryRows::default().get(DocumentHash::from_u64(0)), None);
    }
}
