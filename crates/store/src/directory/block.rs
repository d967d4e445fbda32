//! A run of directory rows, made to fill a piece of the file.
//!
//! Byte 0 is the width *w* of a distance in bytes, 0 to 8. Then for each row, by rising hash:
//! its distance from the first hash of the block in *w* bytes and its place in 4, both
//! big-endian. The first hash is the key under which the block lies.

use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;

use super::sealed::MAX_BLOCK;
use crate::DirectoryRow;

const PLACE_BYTES: usize = 4;

/// Rows that are gathered until they fill a block.
#[derive(Default)]
pub(super) struct Gathered(Vec<DirectoryRow>);

impl Gathered {
    /// Takes a row whose hash is above all before; gives the block that it no longer fitted
    /// into.
    pub(super) fn push(&mut self, row: DirectoryRow) -> Option<(u64, Vec<u8>)> {
        let first = self.0.first().map_or(row.hash, |first| first.hash).as_u64();
        let width = width_of(row.hash.as_u64() - first);
        let full = 1 + (self.0.len() + 1) * (width + PLACE_BYTES) > MAX_BLOCK;
        let block = if full { self.take() } else { None };
        self.0.push(row);
        block
    }

    /// What is left, as a block.
    pub(super) fn take(&mut self) -> Option<(u64, Vec<u8>)> {
        let (first, last) = (self.0.first()?.hash.as_u64(), self.0.last()?.hash.as_u64());
        let width = width_of(last - first);
        let mut bytes = Vec::with_capacity(1 + self.0.len() * (width + PLACE_BYTES));
        bytes.push(width as u8);
        for row in self.0.drain(..) {
            let distance = (row.hash.as_u64() - first).to_be_bytes();
            bytes.extend(&distance[8 - width..]);
            bytes.extend(row.index.0.to_be_bytes());
        }
        Some((first, bytes))
    }
}

/// How many bytes a number takes.
fn width_of(number: u64) -> usize {
    (64 - number.leading_zeros()).div_ceil(8) as usize
}

/// A block as it was read.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    first: u64,
    width: usize,
    rows: &'a [u8],
}

impl<'a> Block<'a> {
    /// `None` for bytes that [`Gathered`] does not make.
    pub(super) fn new(first: u64, bytes: &'a [u8]) -> Option<Self> {
        let (width, rows) = bytes.split_first()?;
        let width = usize::from(*width);
        let whole = width <= 8 && !rows.is_empty() && rows.len() % (width + PLACE_BYTES) == 0;
        whole.then_some(Self { first, width, rows })
    }

    pub(super) fn rows(self) -> impl Iterator<Item = DirectoryRow> + 'a {
        self.rows.chunks_exact(self.width + PLACE_BYTES).map(move |row| self.read(row))
    }

    /// The place of a hash, if it is in the block.
    pub(super) fn get(self, hash: u64) -> Option<StatusIndex> {
        let wanted = hash.checked_sub(self.first)?;
        let each = self.width + PLACE_BYTES;
        let (mut from, mut to) = (0, self.rows.len() / each);
        while from < to {
            let middle = from + (to - from) / 2;
            let row = self.rows.get(middle * each..(middle + 1) * each)?;
            let (distance, place) = self.split(row);
            match distance.cmp(&wanted) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(place),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    fn read(self, row: &[u8]) -> DirectoryRow {
        let (distance, index) = self.split(row);
        DirectoryRow { hash: DocumentHash::from_u64(self.first.wrapping_add(distance)), index }
    }

    fn split(self, row: &[u8]) -> (u64, StatusIndex) {
        let (distance, place) = row.split_at(self.width);
        let number = |bytes: &[u8]| bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        (number(distance), StatusIndex(number(place) as u32))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blocks(rows: &[DirectoryRow]) -> Vec<(u64, Vec<u8>)> {
        let mut gathered = Gathered::default();
        let mut blocks: Vec<_> = rows.iter().filter_map(|row| gathered.push(*row)).collect();
        blocks.extend(gathered.take());
        blocks
    }

    fn check(hashes: impl IntoIterator<Item = u64>) -> usize {
        let rows: Vec<_> = hashes
            .into_iter()
            .zip((0..u32::MAX).rev())
            .map(|(hash, place)| DirectoryRow {
                hash: DocumentHash::from_u64(hash),
                index: StatusIndex(place),
            })
            .collect();
        let blocks = blocks(&rows);
        let read: Vec<_> = blocks
            .iter()
            .flat_map(|(first, bytes)| Block::new(*first, bytes).unwrap().rows())
            .collect();
        assert_eq!(read, rows);
        for (first, bytes) in &blocks {
            assert!(bytes.len() <= MAX_BLOCK, "{} bytes", bytes.len());
            let block = Block::new(*first, bytes).unwrap();
            let last = block.rows().last().unwrap().hash.as_u64();
            let mut inside = rows.iter().filter(|row| (*first..=last).contains(&row.hash.as_u64()));
            assert!(inside.all(|row| block.get(row.hash.as_u64()) == Some(row.index)));
        }
        for row in &rows {
            let hash = row.hash.as_u64();
            for other in [hash.wrapping_sub(1), hash.wrapping_add(1)] {
                let known = rows.iter().find(|row| row.hash.as_u64() == other);
                let mut found = blocks
                    .iter()
                    .filter_map(|(first, bytes)| Block::new(*first, bytes)?.get(other));
                assert_eq!(found.next(), known.map(|row| row.index));
            }
        }
        blocks.len()
    }

    #[test]
    fn rows_of_any_spread_are_found() {
        assert_eq!(check([]), 0);
        assert_eq!(check([0]), 1);
        assert_eq!(check([u64::MAX]), 1);
        assert_eq!(check([0, u64::MAX]), 1);
        assert_eq!(check(0..600), 2, "two bytes and a place each");
        assert!(check((0..1_000).map(|n| n << 40)) < 6, "about 200 to a block");
    }

    #[test]
    fn bytes_of_another_form_are_refused() {
        for bytes in [&[][..], &[9, 0, 0, 0, 0], &[0], &[1, 2, 3], &[0, 1, 2, 3, 4, 5]] {
            assert!(Block::new(1, bytes).is_none(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn packing_keeps_every_row(
            hashes in proptest::collection::btree_set(any::<u64>(), 0..1500),
            shift in 0_u32..64,
        ) {
            let hashes: std::collections::BTreeSet<_> =
                hashes.into_iter().map(|hash| hash >> shift).collect();
            check(hashes.into_iter().take(900));
        }
    }
}
