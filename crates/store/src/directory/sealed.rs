//! The form of a packed base since schema 5: blocks of rows, each sealed by itself.
//!
//! A look-up reads one block and opens it. SQLCipher would do the same with a page, in three
//! times the time: it authenticates 4 KiB with HMAC-SHA-512, and walks a tree to it.
//!
//! The file is pieces of 2048 bytes:
//!
//! | piece | what |
//! | --- | --- |
//! | 0 | `YMBASE2` and a zero, a salt of 32 bytes, and sealed: number of blocks u64, of rows u64; zeros |
//! | 1 to *n* | sealed: length of the [block](super::block) u16, the block, zeros |
//! | *n* + 1 on | sealed as one: the first hash of every block, u64 each |
//!
//! Numbers are little-endian. *Sealed* is AES-256-GCM (the tag of 16 bytes at the end) under
//! HKDF-SHA-256 of the station's key with the salt, which is drawn anew for each file; the
//! nonce is the kind of what is sealed, u32 (0 head, 1 first hashes, 2 block), and its
//! number, u64, so that no nonce comes twice under one key and nothing is taken for
//! something else or for another place.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;

use super::block::Block;
use crate::{DirectoryRow, FileKey, StoreError};

const MAGIC: &[u8; 8] = b"YMBASE2\0";
const PURPOSE: &[u8] = b"yanma-directory-base-v2";
const SALT: usize = 32;
const TAG: usize = 16;
const PIECE: usize = 2048;
/// Pieces that are read at once where all of them are.
const AT_ONCE: usize = 64;

/// Longest block that a piece has room for.
pub(super) const MAX_BLOCK: usize = PIECE - TAG - 2;

/// What is sealed, and the number that tells it from others of its kind.
#[derive(Clone, Copy)]
enum What {
    Head,
    Firsts,
    Block(u64),
}

impl What {
    fn nonce(self) -> Nonce {
        let (kind, number) = match self {
            Self::Head => (0_u32, 0),
            Self::Firsts => (1, 0),
            Self::Block(number) => (2, number),
        };
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&kind.to_le_bytes());
        nonce[4..].copy_from_slice(&number.to_le_bytes());
        Nonce::assume_unique_for_key(nonce)
    }
}

struct Seal(LessSafeKey);

impl Seal {
    fn new(key: &FileKey, salt: &[u8; SALT]) -> Result<Self, StoreError> {
        let made = Salt::new(HKDF_SHA256, salt).extract(key.bytes());
        let made = made.expand(&[PURPOSE], &AES_256_GCM).map(UnboundKey::from);
        made.map(|key| Self(LessSafeKey::new(key))).map_err(|_| impossible())
    }

    fn seal(&self, what: What, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
        let sealed = self.0.seal_in_place_append_tag(what.nonce(), Aad::empty(), bytes);
        sealed.map_err(|_| impossible())
    }

    fn open<'a>(&self, what: What, bytes: &'a mut [u8]) -> Result<&'a mut [u8], StoreError> {
        self.0.open_in_place(what.nonce(), Aad::empty(), bytes).map_err(|_| StoreError::Damaged)
    }
}

/// Writes a file, block by block.
pub(super) struct SealedWriter {
    file: BufWriter<File>,
    seal: Seal,
    salt: [u8; SALT],
    firsts: Vec<u8>,
    blocks: u64,
}

impl SealedWriter {
    pub(super) fn new(file: File, key: &FileKey) -> Result<Self, StoreError> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(|_| StoreError::NoRandomness)?;
        let seal = Seal::new(key, &salt)?;
        let mut file = BufWriter::with_capacity(AT_ONCE * PIECE, file);
        file.write_all(&[0; PIECE]).map_err(writing)?;
        Ok(Self { file, seal, salt, firsts: Vec::new(), blocks: 0 })
    }

    pub(super) fn push(&mut self, first: u64, block: &[u8]) -> Result<(), StoreError> {
        let mut piece = Vec::with_capacity(PIECE);
        piece.extend((block.len() as u16).to_le_bytes());
        piece.extend(block);
        piece.resize(PIECE - TAG, 0);
        self.seal.seal(What::Block(self.blocks), &mut piece)?;
        self.blocks += 1;
        self.firsts.extend(first.to_le_bytes());
        self.file.write_all(&piece).map_err(writing)
    }

    /// Ends the file and brings it onto the disk.
    pub(super) fn finish(mut self, rows: u64) -> Result<(), StoreError> {
        self.seal.seal(What::Firsts, &mut self.firsts)?;
        let mut head = [self.blocks.to_le_bytes(), rows.to_le_bytes()].concat();
        self.seal.seal(What::Head, &mut head)?;
        let head = [MAGIC.as_slice(), self.salt.as_slice(), head.as_slice()].concat();
        let file = &mut self.file;
        file.write_all(&self.firsts)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(&head))
            .and_then(|()| file.flush())
            .and_then(|()| file.get_ref().sync_all())
            .map_err(writing)
    }
}

/// Sealing refuses nothing but lengths beyond 64 GB.
fn impossible() -> StoreError {
    StoreError::io("seal the directory's file")(std::io::ErrorKind::FileTooLarge.into())
}

fn writing(error: std::io::Error) -> StoreError {
    StoreError::io("write the directory's file")(error)
}

fn reading(error: std::io::Error) -> StoreError {
    // Shorter than its head says.
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return StoreError::Damaged;
    }
    StoreError::io("read the directory's file")(error)
}

/// An open file.
pub(super) struct SealedFile {
    file: File,
    seal: Seal,
    /// The first hash of every block.
    firsts: Vec<u64>,
    /// The block that was read last, opened: rising hashes ask for it again.
    last: Option<usize>,
    piece: Vec<u8>,
}

impl SealedFile {
    pub(super) fn new(file: File, key: &FileKey) -> Result<Self, StoreError> {
        let length = file.metadata().map_err(reading)?.len();
        let mut head = [0; MAGIC.len() + SALT + 16 + TAG];
        read_at(&file, &mut head, 0)?;
        let (magic, rest) = head.split_at_mut(MAGIC.len());
        let (salt, rest) = rest.split_first_chunk_mut::<SALT>().ok_or(StoreError::Damaged)?;
        if magic != MAGIC {
            return Err(StoreError::Damaged);
        }
        let seal = Seal::new(key, salt)?;
        let (blocks, _) =
            seal.open(What::Head, rest)?.split_first_chunk::<8>().ok_or(StoreError::Damaged)?;
        let blocks = u64::from_le_bytes(*blocks);
        let firsts = blocks.checked_mul(8).and_then(|bytes| bytes.checked_add(TAG as u64));
        let after = blocks.checked_add(1).and_then(|pieces| pieces.checked_mul(PIECE as u64));
        let (Some(bytes), Some(after)) = (firsts, after) else { return Err(StoreError::Damaged) };
        if after.checked_add(bytes) != Some(length) {
            return Err(StoreError::Damaged);
        }
        let mut firsts = vec![0; usize::try_from(bytes).map_err(|_| StoreError::Damaged)?];
        read_at(&file, &mut firsts, after)?;
        let (firsts, _) = seal.open(What::Firsts, &mut firsts)?.as_chunks::<8>();
        let firsts = firsts.iter().map(|first| u64::from_le_bytes(*first)).collect();
        Ok(Self { file, seal, firsts, last: None, piece: Vec::new() })
    }

    /// The place of a hash.
    pub(super) fn get(&mut self, hash: DocumentHash) -> Result<Option<StatusIndex>, StoreError> {
        let hash = hash.as_u64();
        let below = self.firsts.partition_point(|first| *first <= hash);
        let Some(at) = below.checked_sub(1) else { return Ok(None) };
        if self.last != Some(at) {
            self.last = None;
            self.piece.resize(PIECE, 0);
            read_at(&self.file, &mut self.piece, offset(at))?;
            self.seal.open(What::Block(at as u64), &mut self.piece)?;
            self.last = Some(at);
        }
        let first = self.firsts.get(at).copied().ok_or(StoreError::Damaged)?;
        Ok(block_in(first, &self.piece)?.get(hash))
    }

    /// Calls `each` with every row by rising hash; `failed` words what this file did.
    pub(super) fn for_each<E>(
        &self,
        failed: impl Fn(StoreError) -> E,
        mut each: impl FnMut(DirectoryRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut pieces = vec![0; AT_ONCE * PIECE];
        for (run, firsts) in self.firsts.chunks(AT_ONCE).enumerate() {
            let from = run * AT_ONCE;
            let pieces = &mut pieces[..firsts.len() * PIECE];
            read_at(&self.file, pieces, offset(from)).map_err(&failed)?;
            for (at, (first, piece)) in
                firsts.iter().zip(pieces.chunks_exact_mut(PIECE)).enumerate()
            {
                let what = What::Block((from + at) as u64);
                self.seal.open(what, piece).map_err(&failed)?;
                let block = block_in(*first, piece).map_err(&failed)?;
                block.rows().try_for_each(&mut each)?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedFile({} blocks)", self.firsts.len())
    }
}

/// Where a block lies, past the head.
fn offset(block: usize) -> u64 {
    (block as u64 + 1) * PIECE as u64
}

/// The block in a piece that was opened.
fn block_in(first: u64, piece: &[u8]) -> Result<Block<'_>, StoreError> {
    let (length, rest) = piece.split_first_chunk::<2>().ok_or(StoreError::Damaged)?;
    let block = rest.get(..usize::from(u16::from_le_bytes(*length)));
    block.and_then(|bytes| Block::new(first, bytes)).ok_or(StoreError::Damaged)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> Result<(), StoreError> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at).map_err(reading)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> Result<(), StoreError> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at).map_err(reading)? {
            0 => return Err(StoreError::Damaged),
            read => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}
