//! Sorted sets of numbers as Rice-coded gaps.
//!
//! A set of *m* random numbers below *n* costs about *m*·log₂(*n*/*m*) + 1.5 *m* bits, within
//! a few percent of what is possible at all (R. F. Rice, "Some Practical Universal
//! Noiseless Coding Techniques", JPL 79-22, 1979; S. W. Golomb, IEEE Trans. IT-12, 1966).

use std::io::BufRead;

use crate::bits::{BitReader, BitWriter, ByteReader};
use crate::feed_error::FeedError;

/// Most numbers in one set, rows in one directory and holders in one list: 2^26, three
/// times the population of Fujian.
pub const MAX_COUNT: u32 = 1 << 26;

/// A sorted set, coded.
///
/// On the wire: `count u32 | k u8 | byte length u32 | bits`. Each number is coded as its
/// distance from the one before, less one (the first from −1): the quotient by 2^k as ones
/// ended by a zero, then the k bits of the remainder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RiceSet {
    count: u32,
    k: u8,
    bits: Vec<u8>,
}

impl RiceSet {
    /// Codes strictly rising numbers, with the parameter that makes them shortest.
    pub(crate) fn encode(values: impl Iterator<Item = u64> + Clone) -> Result<Self, FeedError> {
        let gaps = || Gaps { values: values.clone(), next: Some(0) };
        let (mut count, mut sum) = (0_u32, 0_u128);
        for gap in gaps() {
            count += 1;
            sum += u128::from(gap?);
            if count > MAX_COUNT {
                return Err(FeedError::OutOfRange);
            }
        }
        if count == 0 {
            return Ok(Self { count, k: 0, bits: Vec::new() });
        }
        let (k, size_bits) = shortest(count, sum, || gaps().map(|gap| gap.unwrap_or(0)));
        let size_bytes = usize::try_from(size_bits.div_ceil(8)).map_err(|_| FeedError::Length)?;
        let mut writer = BitWriter::with_capacity(size_bytes);
        for gap in gaps() {
            let gap = gap?;
            writer.unary(gap >> k);
            writer.bits(gap, k);
        }
        Ok(Self { count, k: k as u8, bits: writer.finish() })
    }

    pub(crate) fn write_to(&self, out: &mut Vec<u8>) -> Result<(), FeedError> {
        out.extend(self.count.to_le_bytes());
        self.write_tail_to(out)
    }

    /// All but the count, for a format that has the count elsewhere.
    pub(crate) fn write_tail_to(&self, out: &mut Vec<u8>) -> Result<(), FeedError> {
        let length = u32::try_from(self.bits.len()).map_err(|_| FeedError::Length)?;
        out.push(self.k);
        out.extend(length.to_le_bytes());
        out.extend(&self.bits);
        Ok(())
    }
}

/// A coded set, still in the bytes it was read from.
#[derive(Clone, Debug)]
pub(crate) struct RiceSlice<'a> {
    count: u32,
    k: u32,
    bits: &'a [u8],
}

impl<'a> RiceSlice<'a> {
    pub(crate) fn read(reader: &mut ByteReader<'a>) -> Result<Self, FeedError> {
        let count = reader.u32()?;
        Self::read_tail(count, reader)
    }

    /// All but the count.
    pub(crate) fn read_tail(count: u32, reader: &mut ByteReader<'a>) -> Result<Self, FeedError> {
        let k = u32::from(reader.u8()?);
        let length = reader.u32()?;
        check_form(count, k, length)?;
        let bits = reader.take(length as usize)?;
        Ok(Self { count, k, bits })
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Calls `each` with every number in rising order; all are at most `last`.
    pub(crate) fn for_each(
        &self,
        last: u64,
        mut each: impl FnMut(u64) -> Result<(), FeedError>,
    ) -> Result<(), FeedError> {
        let mut reader = RiceReader::new(self.bits, self.k);
        for _ in 0..self.count {
            each(reader.value(last)?)?;
        }
        reader.finish()
    }
}

/// Whether a set of so many numbers can lie in so many bytes. Every number takes at least
/// k + 1 bits, so a count that passes is not larger than what was read can hold, and memory
/// may be taken for it.
pub(crate) fn check_form(count: u32, k: u32, length: u32) -> Result<(), FeedError> {
    if count > MAX_COUNT || k > 63 {
        return Err(FeedError::OutOfRange);
    }
    if count == 0 && k != 0 {
        return Err(FeedError::NotCanonical);
    }
    let least_bits = u64::from(count) * u64::from(k + 1);
    if least_bits > u64::from(length) * 8 { Err(FeedError::Truncated) } else { Ok(()) }
}

/// The numbers of a set, one after the other.
pub(crate) struct RiceReader<R> {
    bits: BitReader<R>,
    k: u32,
    /// The least number that may come; `None` after the largest of all.
    next: Option<u64>,
}

impl<R: BufRead> RiceReader<R> {
    pub(crate) fn new(bits: R, k: u32) -> Self {
        Self { bits: BitReader::new(bits), k, next: Some(0) }
    }

    /// The next number, which is at most `last`.
    pub(crate) fn value(&mut self, last: u64) -> Result<u64, FeedError> {
        let quotient = self.bits.unary()?;
        let low = self.bits.bits(self.k)?;
        if quotient > u64::MAX >> self.k {
            return Err(FeedError::OutOfRange);
        }
        let gap = (quotient << self.k) | low;
        let value = self
            .next
            .and_then(|next| next.checked_add(gap))
            .filter(|value| *value <= last)
            .ok_or(FeedError::OutOfRange)?;
        self.next = value.checked_add(1);
        Ok(value)
    }

    pub(crate) fn finish(self) -> Result<(), FeedError> {
        self.bits.finish()
    }
}

/// The gaps of a rising sequence.
struct Gaps<I> {
    values: I,
    /// The least number that may come; `None` after the largest of all.
    next: Option<u64>,
}

impl<I: Iterator<Item = u64>> Iterator for Gaps<I> {
    type Item = Result<u64, FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.values.next()?;
        let gap = self.next.and_then(|next| value.checked_sub(next));
        self.next = value.checked_add(1);
        Some(gap.ok_or(FeedError::Unsorted))
    }
}

/// The smallest parameter that gives the shortest code, and the code's length in bits.
///
/// The length as a function of k falls, then rises: it is the number of gaps times (k + 1)
/// plus the sum of the quotients, and halving takes ever less off the latter. So it is
/// enough to walk from a guess until it no longer gets shorter.
fn shortest<I: Iterator<Item = u64>>(count: u32, sum: u128, gaps: impl Fn() -> I) -> (u32, u64) {
    let size = |k: u32| {
        let quotients = gaps().fold(0_u64, |total, gap| total.saturating_add(gap >> k));
        quotients.saturating_add(u64::from(count) * u64::from(k + 1))
    };
    // With a mean gap of g the best parameter is close to log2(g · ln 2).
    let mean = sum / u128::from(count);
    let mut k = (127 - (mean | 1).leading_zeros()).min(63);
    let mut best = size(k);
    while k < 63 {
        let longer = size(k + 1);
        if longer >= best {
            break;
        }
        (k, best) = (k + 1, longer);
    }
    while k > 0 {
        let shorter = size(k - 1);
        if shorter > best {
            break;
        }
        (k, best) = (k - 1, shorter);
    }
    (k, best)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(values: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        RiceSet::encode(values.iter().copied()).unwrap().write_to(&mut out).unwrap();
        out
    }

    fn values(bytes: &[u8], last: u64) -> Result<Vec<u64>, FeedError> {
        let mut reader = ByteReader::new(bytes);
        let set = RiceSlice::read(&mut reader)?;
        let mut values = Vec::new();
        set.for_each(last, |value| {
            values.push(value);
            Ok(())
        })?;
        reader.finish()?;
        Ok(values)
    }

    #[track_caller]
    fn check(set: &[u64], expect: &str) {
        assert_eq!(hex::encode(bytes(set)), expect);
        assert_eq!(values(&bytes(set), u64::MAX).unwrap(), set);
    }

    #[test]
    fn small_sets_have_these_bytes() {
        check(&[], "000000000000000000");
        // One gap of 0: a single zero bit.
        check(&[0], "01000000000100000000");
        // Gaps 5, 0, 7: k = 1 and k = 2 both take 11 bits, the smaller k counts.
        // 110 1, 0 0, 1110 1.
        check(&[5, 6, 14], "030000000102000000d3a0");
        // A gap of 2^64 - 1 needs k = 63: 10 and 63 ones.
        check(&[u64::MAX], "010000003f09000000bfffffffffffffff80");
    }

    #[test]
    fn what_does_not_rise_is_not_coded() {
        for bad in [&[1, 1][..], &[2, 1], &[0, u64::MAX, 0]] {
            let coded = RiceSet::encode(bad.iter().copied());
            assert_eq!(coded, Err(FeedError::Unsorted), "{bad:?}");
        }
    }

    #[test]
    fn a_count_without_its_bits_is_refused_before_any_allocation() {
        let claim = |count: u32, k: u8, length: u32| {
            let mut out = count.to_le_bytes().to_vec();
            out.push(k);
            out.extend(length.to_le_bytes());
            out.extend([0; 4]);
            values(&out, u64::MAX).unwrap_err()
        };
        assert_eq!(claim(MAX_COUNT, 0, 4), FeedError::Truncated);
        assert_eq!(claim(33, 0, 4), FeedError::Truncated);
        assert_eq!(claim(MAX_COUNT + 1, 0, u32::MAX), FeedError::OutOfRange);
        assert_eq!(claim(1, 64, 4), FeedError::OutOfRange);
        assert_eq!(claim(0, 1, 0), FeedError::NotCanonical);
        assert_eq!(claim(0, 0, 4), FeedError::TrailingBytes);
        assert_eq!(claim(1, 0, 5), FeedError::Truncated);
    }

    #[test]
    fn numbers_past_the_last_are_refused() {
        let coded = bytes(&[3, 9]);
        assert!(values(&coded, 9).is_ok());
        assert_eq!(values(&coded, 8), Err(FeedError::OutOfRange));
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(
            set in proptest::collection::btree_set(any::<u64>(), 0..300),
            shift in 0_u32..64,
        ) {
            let mut set: Vec<_> = set.into_iter().map(|value| value >> shift).collect();
            set.dedup();
            prop_assert_eq!(values(&bytes(&set), u64::MAX), Ok(set));
        }

        #[test]
        fn no_other_parameter_is_shorter(
            set in proptest::collection::btree_set(0_u64..1_000_000, 1..200)
        ) {
            let set: Vec<_> = set.into_iter().collect();
            let coded = RiceSet::encode(set.iter().copied()).unwrap();
            let gaps: Vec<_> = Gaps { values: set.iter().copied(), next: Some(0) }
                .map(Result::unwrap)
                .collect();
            let size = |k: u32| gaps.iter().map(|gap| (gap >> k) + 1 + u64::from(k)).sum::<u64>();
            let best = (0..64).min_by_key(|k| size(*k)).unwrap();
            prop_assert_eq!(u32::from(coded.k), best);
            prop_assert_eq!(coded.bits.len() as u64, size(best).div_ceil(8));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = values(&bytes, u64::MAX);
        }
    }
}
