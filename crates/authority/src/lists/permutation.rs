//! From the order of issue to the status index, without showing the order.
//!
//! Indexes are handed out in blocks, each a quarter of all before it: the first 65,536
//! holders are shuffled among the first 65,536 indexes, and when those are given out a new
//! block is opened behind them. Inside a block a keyed Feistel network decides the place.
//!
//! An index therefore never changes, and the list never has to be laid out anew. Beyond the
//! first few blocks hardly more than a fifth of the list is spare. An index tells a stranger
//! only in which block its holder claimed. `docs/decisions/0002-status-index.md` weighs the
//! other ways.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Indexes in the first block, and the unit of the others: exactly one 16 KiB block of
/// two-bit cells.
pub const UNIT: u32 = 1 << 16;

/// A new block has this part of all indexes before it.
const PART: u32 = 4;

/// Serials that can be issued: 2^31, more than there are people in any one issuer's care.
pub const MOST_SERIALS: u32 = 1 << 31;

/// Rounds of the Feistel network. Four are enough against chosen plain texts in theory; the
/// halves are small here, so twice as many are taken.
const ROUNDS: u8 = 8;

/// The keyed shuffle of one authority; the key stays in its database.
pub struct Permutation {
    key: [u8; 32],
}

impl Permutation {
    /// The shuffle under `key`.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The status index of the `serial`-th code that was issued, counted from 0; `None` from
    /// [`MOST_SERIALS`] on.
    pub fn index_of(&self, serial: u32) -> Option<u32> {
        if serial >= MOST_SERIALS {
            return None;
        }
        let (start, size) = block_of(serial);
        Some(start + self.shuffle(size, serial - start))
    }

    /// Shuffles `value` among the numbers below `size`.
    fn shuffle(&self, size: u32, value: u32) -> u32 {
        // The network works on two halves of equal width, which is up to four times as wide
        // as the block. It is walked until it lands inside: being a permutation, it must.
        let half = size.next_power_of_two().ilog2().div_ceil(2);
        let mut value = value;
        loop {
            value = self.network(size, half, value);
            if value < size {
                return value;
            }
        }
    }

    fn network(&self, size: u32, half: u32, value: u32) -> u32 {
        let mask = (1u32 << half) - 1;
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..ROUNDS {
            let next = left ^ (self.round(size, round, right) & mask);
            left = right;
            right = next;
        }
        (left << half) | right
    }

    fn round(&self, size: u32, round: u8, half: u32) -> u32 {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(b"yanma-status-index-v1");
        mac.update(&size.to_le_bytes());
        mac.update(&[round]);
        mac.update(&half.to_le_bytes());
        let [a, b, c, d, ..]: [u8; 32] = mac.finalize().into_bytes().into();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// Cells that a status list needs when `issued` codes were issued: whole blocks.
pub fn list_length(issued: u32) -> u32 {
    match issued.checked_sub(1) {
        None => 0,
        Some(last) => {
            let (start, size) = block_of(last);
            start + size
        }
    }
}

/// First index and size of the block that holds `serial`, which is below [`MOST_SERIALS`].
fn block_of(serial: u32) -> (u32, u32) {
    let (mut start, mut size) = (0, UNIT);
    while serial - start >= size {
        start += size;
        size = UNIT.max(start / PART / UNIT * UNIT);
    }
    (start, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_of_a_block_is_given_once() {
        let permutation = Permutation::new([7; 32]);
        // A power of four is shuffled in one go, the others have to be walked.
        for size in [1, 2, 255, 256, 257, 1_023, 1_024] {
            let mut places: Vec<_> = (0..size).map(|v| permutation.shuffle(size, v)).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..size), "a block of {size}");
        }
    }

    #[test]
    fn blocks_follow_each_other_and_an_index_stays_inside_its_own() {
        let permutation = Permutation::new([7; 32]);
        let mut start = 0;
        while start < MOST_SERIALS / 2 {
            let (from, size) = block_of(start);
            assert_eq!(from, start, "no index is left out and none is in two blocks");
            assert!(size == UNIT || size <= start / PART, "{size} more after {start}");
            for serial in [start, start + 1, start + size / 2, start + size - 1] {
                let index = permutation.index_of(serial).unwrap();
                assert!((start..start + size).contains(&index), "serial {serial} got {index}");
            }
            start += size;
        }
    }

    #[test]
    fn another_key_gives_another_order() {
        let order = |key| -> Vec<u32> {
            let permutation = Permutation::new([key; 32]);
            (0..32).filter_map(|s| permutation.index_of(s)).collect()
        };
        assert_ne!(order(1), order(2));
        assert_eq!(order(1), order(1));
        assert!(!order(1).is_sorted(), "neighbours in time are not neighbours in the list");
    }

    #[test]
    fn a_list_has_room_for_all_and_little_more() {
        for (issued, length) in [
            (0, 0),
            (1, 65_536),
            (65_536, 65_536),
            (65_537, 131_072),
            (131_072, 131_072),
            (131_073, 196_608),
            (20_710_000, 23_986_176),
        ] {
            assert_eq!(list_length(issued), length, "for {issued} codes");
        }
    }

    #[test]
    fn the_last_serial_is_the_last() {
        let permutation = Permutation::new([0; 32]);
        assert!(permutation.index_of(MOST_SERIALS - 1).is_some());
        assert_eq!(permutation.index_of(MOST_SERIALS), None);
    }
}
