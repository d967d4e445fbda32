//! Bits and bytes, written and read in order.

use std::io::{BufRead, ErrorKind};

use crate::feed_error::FeedError;

/// Writes bits, the most significant first.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// The bits that do not fill a byte yet, in the lowest places.
    pending: u64,
    /// How many those are, 0 to 7.
    pending_bits: u32,
}

impl BitWriter {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Writes the lowest `count` bits of `value`; `count` is 0 to 64.
    pub(crate) fn bits(&mut self, value: u64, count: u32) {
        if count > 32 {
            self.up_to_32(value >> 32, count - 32);
            self.up_to_32(value, 32);
        } else {
            self.up_to_32(value, count);
        }
    }

    fn up_to_32(&mut self, value: u64, count: u32) {
        self.pending = (self.pending << count) | (value & ((1 << count) - 1));
        self.pending_bits += count;
        while self.pending_bits >= 8 {
            self.pending_bits -= 8;
            self.bytes.push((self.pending >> self.pending_bits) as u8);
        }
        self.pending &= (1 << self.pending_bits) - 1;
    }

    /// Writes `count` ones and a zero.
    pub(crate) fn unary(&mut self, mut count: u64) {
        while count >= 32 {
            self.bits(u64::from(u32::MAX), 32);
            count -= 32;
        }
        let ones = count as u32;
        self.bits((1 << (ones + 1)) - 2, ones + 1);
    }

    /// Fills the last byte with zeros and gives all.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.pending_bits > 0 {
            self.bytes.push((self.pending << (8 - self.pending_bits)) as u8);
        }
        self.bytes
    }
}

/// Reads what [`BitWriter`] wrote, from memory or from a file. What cannot be read from a
/// file counts as missing.
#[derive(Clone, Debug)]
pub(crate) struct BitReader<R> {
    rest: R,
    /// The bits taken out of `rest` and not yet read, in the highest places; zeros below.
    ready: u64,
    /// How many those are.
    ready_bits: u32,
}

impl<R: BufRead> BitReader<R> {
    pub(crate) fn new(rest: R) -> Self {
        Self { rest, ready: 0, ready_bits: 0 }
    }

    fn refill(&mut self) -> Result<(), FeedError> {
        while self.ready_bits <= 56 {
            let bytes = match self.rest.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Err(FeedError::Truncated),
            };
            let room = ((64 - self.ready_bits) / 8) as usize;
            let taken = bytes.len().min(room);
            if taken == 0 {
                return Ok(());
            }
            for byte in bytes.iter().take(taken) {
                self.ready |= u64::from(*byte) << (56 - self.ready_bits);
                self.ready_bits += 8;
            }
            self.rest.consume(taken);
        }
        Ok(())
    }

    fn skip(&mut self, count: u32) {
        self.ready = self.ready.checked_shl(count).unwrap_or(0);
        self.ready_bits -= count;
    }

    /// Reads `count` bits, 0 to 64.
    pub(crate) fn bits(&mut self, count: u32) -> Result<u64, FeedError> {
        if count > 32 {
            let high = self.up_to_32(count - 32)?;
            return Ok((high << 32) | self.up_to_32(32)?);
        }
        self.up_to_32(count)
    }

    fn up_to_32(&mut self, count: u32) -> Result<u64, FeedError> {
        if self.ready_bits < count {
            self.refill()?;
        }
        if self.ready_bits < count {
            return Err(FeedError::Truncated);
        }
        let value = self.ready.checked_shr(64 - count).unwrap_or(0);
        self.skip(count);
        Ok(value)
    }

    /// Counts ones up to a zero, and reads that too.
    pub(crate) fn unary(&mut self) -> Result<u64, FeedError> {
        let mut count = 0;
        loop {
            if self.ready_bits == 0 {
                self.refill()?;
                if self.ready_bits == 0 {
                    return Err(FeedError::Truncated);
                }
            }
            let ones = self.ready.leading_ones();
            if ones < self.ready_bits {
                self.skip(ones + 1);
                return Ok(count + u64::from(ones));
            }
            count += u64::from(self.ready_bits);
            self.skip(self.ready_bits);
        }
    }

    /// Ends the reading: nothing is left but the zeros that fill the last byte.
    pub(crate) fn finish(mut self) -> Result<(), FeedError> {
        let ended = loop {
            match self.rest.fill_buf() {
                Ok(rest) => break rest.is_empty(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(FeedError::Truncated),
            }
        };
        if !ended || self.ready_bits >= 8 {
            return Err(FeedError::TrailingBytes);
        }
        if self.ready == 0 { Ok(()) } else { Err(FeedError::NotCanonical) }
    }
}

/// Reads whole bytes; every number is little-endian.
#[derive(Clone, Debug)]
pub(crate) struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], FeedError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(FeedError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], FeedError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(FeedError::Truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, FeedError> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, FeedError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn finish(self) -> Result<(), FeedError> {
        if self.0.is_empty() { Ok(()) } else { Err(FeedError::TrailingBytes) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_come_most_significant_first() {
        let mut writer = BitWriter::default();
        writer.bits(0b101, 3);
        writer.unary(2);
        writer.bits(0x1ff, 9);
        assert_eq!(writer.finish(), [0b1011_1011, 0b1111_1110]);
    }

    #[test]
    fn padding_must_be_zero_and_short() {
        let check = |bytes: &[u8], expect| {
            let mut reader = BitReader::new(bytes);
            assert_eq!(reader.bits(3), Ok(5));
            assert_eq!(reader.finish(), expect, "{bytes:?}");
        };
        check(&[0b1010_0000], Ok(()));
        check(&[0b1010_0001], Err(FeedError::NotCanonical));
        check(&[0b1010_0000, 0], Err(FeedError::TrailingBytes));
    }

    #[test]
    fn a_run_of_ones_without_an_end_is_truncated() {
        assert_eq!(BitReader::new(&[0xff; 100][..]).unary(), Err(FeedError::Truncated));
        assert_eq!(BitReader::new(&[][..]).bits(1), Err(FeedError::Truncated));
        assert_eq!(BitReader::new(&[][..]).bits(0), Ok(0));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            parts in proptest::collection::vec((any::<u64>(), 0_u32..=64, 0_u64..200), 0..50)
        ) {
            let mut writer = BitWriter::default();
            for (value, count, ones) in &parts {
                writer.bits(*value, *count);
                writer.unary(*ones);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes[..]);
            for (value, count, ones) in parts {
                let mask = 1_u64.checked_shl(count).map_or(u64::MAX, |bit| bit - 1);
                prop_assert_eq!(reader.bits(count), Ok(value & mask));
                prop_assert_eq!(reader.unary(), Ok(ones));
            }
            prop_assert_eq!(reader.finish(), Ok(()));
        }
    }
}
