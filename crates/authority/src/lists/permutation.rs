//! From the order of issue to the status index, without showing the order.
//!
//! Each of the 64 shards has the indexes whose rest by 64 is its number, and hands them out in
//! blocks, each a quarter of all before it: the first 1,024 holders of a shard are shuffled
//! among its first 1,024 indexes, and when those are given out a new block is opened behind
//! them. Inside a block a keyed Feistel network decides the place. Below, the place of an
//! index in its shard is called a cell.
//!
//! An index therefore never changes, and the list never has to be laid out anew. Beyond the
//! first few blocks hardly more than a fifth of the list is spare. An index tells a stranger
//! only in which block its holder claimed. `docs/decisions/0002-status-index.md` weighs the
//! other ways.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use yanma_domain::StatusIndex;
use yanma_protocol::MAX_COUNT;

use super::shard::{SHARDS, Shard};

/// Cells in the first block, and the unit of the others: over all shards exactly one 16 KiB
/// block of two-bit colours.
const UNIT: u32 = (1 << 16) / SHARDS;

/// A new block has this part of all cells before it.
const PART: u32 = 4;

/// Cells of a shard at most: over all shards as many as a status list that is published may have.
const MOST_CELLS: u32 = MAX_COUNT / SHARDS;

/// Rounds of the Feistel network. Four are enough against chosen plain texts in theory; the
/// halves are small here, so twice as many are taken.
const ROUNDS: u8 = 8;

/// The keyed shuffle of one authority; the key stays in its database.
pub(crate) struct Permutation {
    key: [u8; 32],
}

impl Permutation {
    /// The shuffle under `key`.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The status index of the `serial`-th code that was issued in a shard, counted from 0;
    /// `None` when the shard has no more.
    pub(crate) fn index_of(&self, shard: Shard, serial: u32) -> Option<StatusIndex> {
        if serial >= MOST_CELLS {
            return None;
        }
        let (start, size) = block_of(serial);
        let cell = start + self.shuffle(shard, size, serial - start);
        Some(StatusIndex(cell * SHARDS + shard.number()))
    }

    /// Shuffles `value` among the numbers below `size`.
    fn shuffle(&self, shard: Shard, size: u32, value: u32) -> u32 {
        // The network works on two halves of equal width, which is up to four times as wide
        // as the block. It is walked until it lands inside: being a permutation, it must.
        let half = size.next_power_of_two().ilog2().div_ceil(2);
        let mut value = value;
        loop {
            value = self.network(shard, size, half, value);
            if value < size {
                return value;
            }
        }
    }

    fn network(&self, shard: Shard, size: u32, half: u32, value: u32) -> u32 {
        let mask = (1u32 << half) - 1;
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..ROUNDS {
            let next = left ^ (self.round(shard, size, round, right) & mask);
            left = right;
            right = next;
        }
        (left << half) | right
    }

    fn round(&self, shard: Shard, size: u32, round: u8, half: u32) -> u32 {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(b"yanma-status-index-v2");
        mac.update(&shard.number().to_le_bytes());
        mac.update(&size.to_le_bytes());
        mac.update(&[round]);
        mac.update(&half.to_le_bytes());
        let [a, b, c, d, ..]: [u8; 32] = mac.finalize().into_bytes().into();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// Cells that a status list needs to have an index in it: whole blocks.
pub(super) fn length_with(index: StatusIndex) -> u32 {
    let (start, size) = block_of(index.0 / SHARDS);
    (start + size).saturating_mul(SHARDS)
}

/// First cell and size of the block that holds a cell or serial.
fn block_of(serial: u32) -> (u32, u32) {
    let (mut start, mut size) = (0, UNIT);
    while serial - start >= size && start + size < MOST_CELLS {
        start += size;
        size = UNIT.max(start / PART / UNIT * UNIT).min(MOST_CELLS - start);
    }
    (start, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(number: u32) -> Shard {
        Shard::from_number(number).unwrap()
    }

    #[test]
    fn each_place_of_a_block_is_given_once() {
        let permutation = Permutation::new([7; 32]);
        // A power of four is shuffled in one go, the others have to be walked.
        for size in [1, 2, 255, 256, 257, 1_023, 1_024] {
            let place = |value| permutation.shuffle(shard(5), size, value);
            let mut places: Vec<_> = (0..size).map(place).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..size), "a block of {size}");
        }
    }

    #[test]
    fn blocks_follow_each_other_and_an_index_stays_inside_its_own() {
        let permutation = Permutation::new([7; 32]);
        let mut start = 0;
        while start < MOST_CELLS {
            let (from, size) = block_of(start);
            assert_eq!(from, start, "no cell is left out and none is in two blocks");
            assert!(size == UNIT || size <= start / PART, "{size} more after {start}");
            assert!(start + size <= MOST_CELLS);
            for serial in [start, start + 1, start + size / 2, start + size - 1] {
                let index = permutation.index_of(shard(63), serial).unwrap();
                assert_eq!(Shard::of(index), shard(63));
                let cell = index.0 / SHARDS;
                assert!((start..start + size).contains(&cell), "serial {serial} got {cell}");
                assert_eq!(length_with(index), (start + size) * SHARDS);
            }
            start += size;
        }
    }

    #[test]
    fn the_first_indexes_of_all_shards_are_the_first_of_the_list() {
        let permutation = Permutation::new([7; 32]);
        let mut indexes: Vec<u32> = Shard::all()
            .flat_map(|shard| (0..UNIT).map(move |serial| (shard, serial)))
            .map(|(shard, serial)| permutation.index_of(shard, serial).unwrap().0)
            .collect();
        indexes.sort_unstable();
        assert!(indexes.into_iter().eq(0..1 << 16));
    }

    #[test]
    fn another_key_or_shard_gives_another_order() {
        let order = |key, number| -> Vec<u32> {
            let permutation = Permutation::new([key; 32]);
            let cell = |serial| Some(permutation.index_of(shard(number), serial)?.0 / SHARDS);
            (0..32).filter_map(cell).collect()
        };
        assert_ne!(order(1, 0), order(2, 0));
        assert_ne!(order(1, 0), order(1, 1));
        assert_eq!(order(1, 0), order(1, 0));
        assert!(!order(1, 0).is_sorted(), "neighbours in time are not neighbours in the list");
    }

    #[test]
    fn a_list_has_room_for_all_and_little_more() {
        for (index, length) in [
            (0, 65_536),
            (65_535, 65_536),
            (65_536, 131_072),
            (131_071, 131_072),
            (131_072, 196_608),
            (20_709_999, 23_986_176),
        ] {
            assert_eq!(length_with(StatusIndex(index)), length, "with {index}");
        }
    }

    #[test]
    fn the_last_serial_is_the_last() {
        let permutation = Permutation::new([0; 32]);
        let last = permutation.index_of(shard(63), MOST_CELLS - 1).unwrap();
        assert_eq!(length_with(last), MAX_COUNT, "as long as a list may be that is published");
        assert_eq!(permutation.index_of(shard(63), MOST_CELLS), None);
    }
}
