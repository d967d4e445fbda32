//! A directory snapshot, row by row: for whoever cannot hold a province in memory.

use std::io::{BufRead, Read, Take};

use yanma_domain::verdict::FeedPosition;

use crate::bits::BitReader;
use crate::directory_rows::{DirectoryRoot, index_width};
use crate::envelope::{FileKind, VerifiedFile};
use crate::envelope_stream::VerifiedStream;
use crate::feed_error::FeedError;
use crate::rice::{RiceReader, check_form};

/// Bytes before the gaps.
const HEAD_BYTES: u64 = 53;

/// A snapshot that is being read: the two columns side by side.
pub struct SnapshotStream<R> {
    position: FeedPosition,
    count: u32,
    key_generation: u32,
    root: [u8; 32],
    hashes: RiceReader<R>,
    indexes: BitReader<R>,
    width: u32,
}

impl<'a> SnapshotStream<Take<&'a [u8]>> {
    /// Reads a verified file in memory.
    ///
    /// # Errors
    /// [`FeedError::Kind`] for another kind of file, else what is wrong with the form.
    pub fn of(file: &VerifiedFile<'a>) -> Result<Self, FeedError> {
        let payload = file.payload(FileKind::DirectorySnapshot)?;
        Self::open(payload.len() as u64, |from| {
            let from = usize::try_from(from).map_err(|_| FeedError::Truncated)?;
            payload.get(from..).ok_or(FeedError::Truncated)
        })
    }
}

impl<R: BufRead> SnapshotStream<Take<R>> {
    /// Reads a verified file in place. `from` gives a reader that begins at a byte of the
    /// file; it is asked three times.
    ///
    /// # Errors
    /// What is wrong with the form; [`FeedError::Truncated`] also for what cannot be read.
    pub fn in_file(
        file: VerifiedStream,
        from: impl Fn(u64) -> Result<R, FeedError>,
    ) -> Result<Self, FeedError> {
        Self::open(file.payload_bytes(), |at| from(VerifiedStream::PAYLOAD_AT + at))
    }

    fn open(
        payload_bytes: u64,
        from: impl Fn(u64) -> Result<R, FeedError>,
    ) -> Result<Self, FeedError> {
        // What comes after the payload in a file is never taken for a part of it.
        let mut head = from(0)?.take(payload_bytes);
        let position = FeedPosition { epoch: u32_of(&mut head)?, sequence: u32_of(&mut head)? };
        let (count, key_generation) = (u32_of(&mut head)?, u32_of(&mut head)?);
        let root = bytes_of(&mut head)?;
        let [k] = bytes_of(&mut head)?;
        let (k, gap_bytes) = (u32::from(k), u32_of(&mut head)?);
        check_form(count, k, gap_bytes)?;
        let width_at = HEAD_BYTES + u64::from(gap_bytes);
        let left = payload_bytes.checked_sub(width_at + 1).ok_or(FeedError::Truncated)?;
        let mut rest = from(width_at)?;
        let [width] = bytes_of(&mut rest)?;
        let width = u32::from(width);
        if width > 32 {
            return Err(FeedError::OutOfRange);
        }
        let index_bytes = (u64::from(count) * u64::from(width)).div_ceil(8);
        match index_bytes.cmp(&left) {
            std::cmp::Ordering::Less => return Err(FeedError::TrailingBytes),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => return Err(FeedError::Truncated),
        }
        Ok(Self {
            position,
            count,
            key_generation,
            root,
            hashes: RiceReader::new(from(HEAD_BYTES)?.take(gap_bytes.into()), k),
            indexes: BitReader::new(rest.take(index_bytes)),
            width,
        })
    }
}

impl<R: BufRead> SnapshotStream<R> {
    /// Which state it is.
    pub fn position(&self) -> FeedPosition {
        self.position
    }

    /// How many rows it has.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Which directory key the hashes were made under.
    pub fn key_generation(&self) -> u32 {
        self.key_generation
    }

    /// The root that it states.
    pub fn root(&self) -> [u8; 32] {
        self.root
    }

    /// Calls `each` with the hash and the index of every row, by rising hash. Only the end
    /// tells whether they were the right ones: nothing may count before.
    ///
    /// # Errors
    /// What `each` answers; [`FeedError::RootMismatch`] when the rows are not those the root
    /// says; else what is wrong with the form.
    pub fn for_each<E: From<FeedError>>(
        mut self,
        mut each: impl FnMut(u64, u32) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut root = DirectoryRoot::new(self.count);
        let mut seen = 0;
        for _ in 0..self.count {
            let hash = self.hashes.value(u64::MAX)?;
            let index = self.indexes.bits(self.width)? as u32;
            seen |= index;
            root.push(hash, index);
            each(hash, index)?;
        }
        self.hashes.finish()?;
        self.indexes.finish()?;
        if self.width != index_width(Some(seen)) {
            return Err(FeedError::NotCanonical.into());
        }
        if root.finish() == self.root { Ok(()) } else { Err(FeedError::RootMismatch.into()) }
    }
}

fn bytes_of<const N: usize>(reader: &mut impl Read) -> Result<[u8; N], FeedError> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes).map_err(|_| FeedError::Truncated)?;
    Ok(bytes)
}

fn u32_of(reader: &mut impl Read) -> Result<u32, FeedError> {
    bytes_of(reader).map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::directory_file::{DirectoryRows, DirectorySnapshot};
    use crate::envelope::Envelope;
    use crate::testing::{feeds_key, public, sign};

    fn sealed(rows: Vec<(u64, u32)>) -> Vec<u8> {
        let rows = DirectoryRows::new(rows).unwrap();
        let position = FeedPosition { epoch: 3, sequence: 4 };
        let snapshot = DirectorySnapshot { position, key_generation: 5, rows };
        snapshot.encode(feeds_key()).unwrap().sign(&sign)
    }

    fn streamed(bytes: &[u8]) -> Result<Vec<(u64, u32)>, FeedError> {
        let stream = SnapshotStream::of(&Envelope::parse(bytes)?.verify(&public())?)?;
        assert_eq!(stream.position(), FeedPosition { epoch: 3, sequence: 4 });
        assert_eq!(stream.key_generation(), 5);
        let mut rows = Vec::with_capacity(stream.count() as usize);
        stream.for_each(|hash, index| {
            rows.push((hash, index));
            Ok::<_, FeedError>(())
        })?;
        Ok(rows)
    }

    #[test]
    fn the_caller_ends_the_reading() {
        let bytes = sealed((0..100).map(|n| (n, 7)).collect());
        let file = Envelope::parse(&bytes).unwrap().verify(&public()).unwrap();
        let mut rows = 0;
        let ended = SnapshotStream::of(&file).unwrap().for_each(|_, _| {
            rows += 1;
            if rows == 3 { Err(FeedError::Length) } else { Ok(()) }
        });
        assert_eq!((ended, rows), (Err(FeedError::Length), 3));
    }

    /// A signed payload that is not of the form is refused alike, however it is read.
    fn check_altered(rows: Vec<(u64, u32)>, at: usize, by: u8) {
        let mut bytes = sealed(rows);
        let payload = 12 + at % (bytes.len() - 76);
        bytes[payload] ^= by;
        let unsigned = crate::envelope::Unsigned::new(
            FileKind::DirectorySnapshot,
            feeds_key(),
            &bytes[12..bytes.len() - 64],
        );
        let bytes = unsigned.unwrap().sign(&sign);
        let file = Envelope::parse(&bytes).unwrap().verify(&public()).unwrap();
        let whole = DirectorySnapshot::decode(&file).map(|snapshot| snapshot.rows);
        let stream = SnapshotStream::of(&file).and_then(|stream| {
            let mut rows = Vec::new();
            stream.for_each(|hash, index| {
                rows.push((hash, index));
                Ok::<_, FeedError>(())
            })?;
            DirectoryRows::new(rows)
        });
        assert_eq!(stream.is_ok(), whole.is_ok(), "{stream:?} and {whole:?}");
        if let (Ok(stream), Ok(whole)) = (stream, whole) {
            assert_eq!(stream, whole);
        }
    }

    proptest! {
        #[test]
        fn streaming_gives_the_rows_of_the_whole(
            hashes in proptest::collection::btree_set(any::<u64>(), 0..300),
            shift in 0_u32..32,
        ) {
            let index = |hash: u64| (hash as u32) >> shift;
            let rows: Vec<_> = hashes.into_iter().map(|hash| (hash, index(hash))).collect();
            prop_assert_eq!(streamed(&sealed(rows.clone())), Ok(rows));
        }

        #[test]
        fn an_altered_payload_is_refused_by_both(
            hashes in proptest::collection::btree_set(any::<u64>(), 0..30),
            at in any::<usize>(),
            by in 1_u8..,
        ) {
            check_altered(hashes.into_iter().map(|hash| (hash, hash as u32)).collect(), at, by);
        }
    }
}
