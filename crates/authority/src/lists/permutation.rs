//! From the order of issue to the status index, without showing the order.
//!
//! Indexes are handed out in blocks that double: the first 65,536 holders are shuffled among
//! the first 65,536 indexes, the next 65,536 among the next as many, then 131,072, then
//! 262,144, and so on. Inside a block a keyed Feistel network decides the place. An index
//! therefore never changes, the list never has to be laid out anew, at most half of it (plus
//! the first block) is spare, and an index tells a stranger only in which doubling of the
//! population its holder claimed. `docs/decisions/0002-status-index.md` weighs the other ways.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Indexes in the first block: exactly one 16 KiB block of two-bit cells.
pub const FIRST_BLOCK: u32 = 1 << FIRST_BLOCK_BITS;
const FIRST_BLOCK_BITS: u32 = 16;

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
        let (start, bits) = block_of(serial);
        Some(start + self.shuffle(bits, serial - start))
    }

    /// Shuffles `value` among the numbers of `bits` bits.
    fn shuffle(&self, bits: u32, value: u32) -> u32 {
        // The network works on two halves of equal width. For an odd width it runs one bit
        // wider and is walked until it lands inside: it is a permutation, so it must, and
        // half of all steps do.
        let half = bits.div_ceil(2);
        let mut value = value;
        loop {
            value = self.network(bits, half, value);
            if value >> bits == 0 {
                return value;
            }
        }
    }

    fn network(&self, bits: u32, half: u32, value: u32) -> u32 {
        let mask = (1u32 << half) - 1;
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..ROUNDS {
            let next = left ^ (self.round(bits, round, right) & mask);
            left = right;
            right = next;
        }
        (left << half) | right
    }

    fn round(&self, bits: u32, round: u8, half: u32) -> u32 {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(b"yanma-status-index-v1");
        mac.update(&bits.to_le_bytes());
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
            let (start, bits) = block_of(last);
            start + (1 << bits)
        }
    }
}

/// First index and width in bits of the block that holds `serial`.
fn block_of(serial: u32) -> (u32, u32) {
    if serial < FIRST_BLOCK {
        (0, FIRST_BLOCK_BITS)
    } else {
        let bits = serial.ilog2();
        (1 << bits, bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_of_a_block_is_given_once() {
        let permutation = Permutation::new([7; 32]);
        // An even width is shuffled in one go, an odd one has to be walked.
        for bits in [8, 9, 10, 11] {
            let mut places: Vec<_> = (0..1 << bits).map(|v| permutation.shuffle(bits, v)).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..1 << bits), "{bits} bits");
        }
    }

    #[test]
    fn an_index_stays_inside_its_block() {
        let permutation = Permutation::new([7; 32]);
        for (from, to) in [(0, 65_536), (65_536, 131_072), (131_072, 262_144), (1 << 30, 1 << 31)] {
            for serial in [from, from + 1, from + 12_345, to - 1] {
                let index = permutation.index_of(serial).unwrap();
                assert!((from..to).contains(&index), "serial {serial} got {index}");
            }
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
            (131_073, 262_144),
            (20_710_000, 33_554_432),
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
