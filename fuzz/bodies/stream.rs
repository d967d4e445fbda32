//! Whatever a file holds and in whatever pieces it comes: read as a stream it is refused when the
//! whole is, and else it says the same.

use std::io::{self, BufRead, ErrorKind, Read};

use yanma_domain::IssuerId;
use yanma_protocol::FeedError;
use yanma_protocol::directory_file::{DirectoryRows, DirectorySnapshot, SnapshotStream};
use yanma_protocol::envelope::{ENVELOPE_BYTES, FileKind, Unsigned, open};
use yanma_protocol::envelope_stream;
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::FileRef;

use crate::seal::{key_of, keys_for, opened, seal};

/// A file as a system may give it out: some bytes at a time, and now and then an interruption.
struct Pieces<'a> {
    rest: &'a [u8],
    /// What is left of the piece that is given out now.
    piece: usize,
    /// The largest piece.
    most: usize,
    dice: u64,
}

impl<'a> Pieces<'a> {
    fn new(rest: &'a [u8], kind: u8) -> Self {
        let most = [1, 2, 3, 7, 8, 64, 4096, usize::MAX][usize::from(kind % 8)];
        Self { rest, piece: 0, most, dice: kind.into() }
    }
}

impl BufRead for Pieces<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece == 0 {
            // A linear congruential generator (Knuth, MMIX); its high bits are the better ones.
            self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let roll = (self.dice >> 33) as usize;
            if roll.is_multiple_of(8) {
                return Err(ErrorKind::Interrupted.into());
            }
            self.piece = 1 + roll % self.most;
        }
        Ok(&self.rest[..self.piece.min(self.rest.len())])
    }

    fn consume(&mut self, count: usize) {
        self.rest = &self.rest[count..];
        self.piece -= count;
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.fill_buf()?;
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Readers that begin at a byte of a file; behind its end there is nothing.
fn readers<'a>(bytes: &'a [u8], pieces: u8) -> impl Fn(u64) -> Result<Pieces<'a>, FeedError> {
    move |from| {
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
        Ok(Pieces::new(&bytes[from..], pieces))
    }
}

/// Takes the input as a file of its fourth byte's kind, as it is, and as the payload of a
/// well-signed one that is then cut, altered and misnamed. The bytes before say in what pieces it
/// is read, and where the flaw is.
pub(crate) fn sealed(data: &[u8]) {
    let Some((&[pieces, low, high, kind], rest)) = data.split_first_chunk::<4>() else { return };
    let kind = FileKind::from_number(kind % 8).unwrap_or(FileKind::DirectorySnapshot);
    assert!(alike(kind, &named(rest), rest, pieces).is_err(), "nobody signed this");
    let Ok(file) = Unsigned::new(kind, key_of(kind), rest) else { return };
    let bytes = seal(file);
    assert_eq!(alike(kind, &named(&bytes), &bytes, pieces), Ok(()));

    let at = usize::from(u16::from_le_bytes([low, high])) % bytes.len();
    let mut altered = bytes.clone();
    altered[at] ^= 1 << (pieces % 8);
    assert_eq!(alike(kind, &named(&bytes), &altered, pieces), Err(FeedError::Hash));
    assert!(alike(kind, &named(&altered), &altered, pieces).is_err());
    assert_eq!(alike(kind, &named(&bytes), &bytes[..at], pieces), Err(FeedError::Length));
    assert!(alike(kind, &named(&bytes[..at]), &bytes[..at], pieces).is_err());
    // However much more or less a head says that there is.
    for length in [at as u64, (at as u64) << (pieces % 48), u64::MAX] {
        let misnamed = FileRef { bytes: length, ..named(&bytes) };
        let expect = if length == bytes.len() as u64 { Ok(()) } else { Err(FeedError::Length) };
        assert_eq!(alike(kind, &misnamed, &bytes, pieces), expect);
    }
}

fn named(bytes: &[u8]) -> FileRef {
    FileRef::new(FeedName::Directory, 0, 1, bytes)
}

/// Opens a file in pieces and whole, which must come to the same.
fn alike(kind: FileKind, named: &FileRef, bytes: &[u8], pieces: u8) -> Result<(), FeedError> {
    let (issuer, keys) = (IssuerId::FUJIAN, keys_for(kind));
    let streamed = envelope_stream::open(named, readers(bytes, pieces), kind, issuer, keys);
    let whole = named.check(bytes).and_then(|()| open(bytes, kind, issuer, keys).map(|_| ()));
    assert_eq!(streamed.is_ok(), whole.is_ok(), "{streamed:?} and {whole:?}");
    if let Ok(streamed) = streamed {
        assert_eq!(streamed.payload_bytes() as usize, bytes.len() - ENVELOPE_BYTES);
    }
    whole
}

const SNAPSHOT: FileKind = FileKind::DirectorySnapshot;

/// Where the root stands in the payload of a directory's snapshot.
const ROOT: std::ops::Range<usize> = 16..48;

/// Takes the input as the payload of a directory's snapshot, whose root is set right when that is
/// all that is wrong; the first byte says in what pieces it is read.
pub(crate) fn directory(data: &[u8]) {
    let Some((&pieces, payload)) = data.split_first() else { return };
    let mut payload = payload.to_vec();
    let (rows, mut read) = streamed(&payload, pieces);
    if read == Err(FeedError::RootMismatch) {
        let rows = DirectoryRows::new(rows.clone()).expect("what is read rises");
        payload[ROOT].copy_from_slice(&rows.root());
        let (again, under_its_root) = streamed(&payload, pieces);
        assert_eq!((&again[..], &under_its_root), (rows.as_slice(), &Ok(())));
        read = under_its_root;
    }
    let Ok(file) = Unsigned::new(SNAPSHOT, key_of(SNAPSHOT), &payload) else { return };
    let whole = opened(SNAPSHOT, file, DirectorySnapshot::decode);
    assert_eq!(read.is_ok(), whole.is_ok(), "{read:?} and {whole:?}");
    let Ok(whole) = whole else { return };
    assert_eq!(whole.rows.as_slice(), rows);
    let written = whole.encode(key_of(SNAPSHOT)).expect("what was read can be written");
    assert_eq!(opened(SNAPSHOT, written, DirectorySnapshot::decode), Ok(whole));
}

/// Reads a well-signed snapshot in place and in memory, which must come to the same: the rows up
/// to where it ends, and how it ends.
fn streamed(payload: &[u8], pieces: u8) -> (Vec<(u64, u32)>, Result<(), FeedError>) {
    let Ok(file) = Unsigned::new(SNAPSHOT, key_of(SNAPSHOT), payload) else {
        return (Vec::new(), Err(FeedError::Length));
    };
    let bytes = seal(file);
    let (issuer, keys) = (IssuerId::FUJIAN, keys_for(SNAPSHOT));
    let from = readers(&bytes, pieces);
    let checked = envelope_stream::open(&named(&bytes), &from, SNAPSHOT, issuer, keys);
    let in_place = SnapshotStream::in_file(checked.expect("just sealed"), &from).map(rows_of);
    let file = open(&bytes, SNAPSHOT, issuer, keys).expect("just sealed");
    let in_memory = SnapshotStream::of(&file).map(rows_of);
    assert_eq!(in_place, in_memory);
    in_place.unwrap_or_else(|error| (Vec::new(), Err(error)))
}

fn rows_of<R: BufRead>(stream: SnapshotStream<R>) -> (Vec<(u64, u32)>, Result<(), FeedError>) {
    let (count, mut rows) = (stream.count(), Vec::new());
    let read = stream.for_each(|hash, index| {
        rows.push((hash, index));
        Ok(())
    });
    assert!(read.is_err() || rows.len() == count as usize, "as many rows as it says");
    (rows, read)
}
