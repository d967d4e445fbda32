//! The packed base: a file of sorted rows that is built once and never changed.
//!
//! `desk.db.base-<16 hexadecimal digits>` is a SQLite file under the key of the station's
//! own, with one table of [blocks](super::block). Its number is drawn anew for each, so that
//! a program that reads beside this one never takes one file for another. It is in force from
//! the moment that the station's file names it, and nothing names it before all of it is on
//! the disk.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;

use super::block::{Block, Gathered};
use crate::lock::{beside, sync_folder_of};
use crate::open::{Access, connect};
use crate::{DirectoryRow, FileKey, StoreError};

/// The form of the file, as its `user_version`. A file of another form counts as lost and is
/// fetched anew.
const FORM: u32 = 1;

/// Pages that a reader keeps, in KiB: the inner pages of a province's base are about 200,
/// and stay.
const CACHE_KIB: u32 = 4096;

const GET: &str = "SELECT first, rows FROM blocks WHERE first <= ?1 ORDER BY first DESC LIMIT 1";

/// Where a base lies.
pub(super) fn path_of(store: &Path, number: i64) -> PathBuf {
    beside(store, &format!(".base-{number:016x}"))
}

/// The number of a file beside the store that is named like a base.
fn number_in(store: &Path, file: &Path) -> Option<i64> {
    let own = store.file_name()?.to_str()?;
    let number = file.file_name()?.to_str()?.strip_prefix(own)?.strip_prefix(".base-")?;
    i64::from_str_radix(number, 16).ok()
}

/// Removes the bases that nothing names: what a power cut left of a build, and what could not
/// be removed while another program had it open.
pub(super) fn remove_all_but(store: &Path, kept: &[i64]) {
    let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(files) = fs::read_dir(folder.unwrap_or_else(|| Path::new("."))) else { return };
    for file in files.filter_map(Result::ok).map(|file| file.path()) {
        if number_in(store, &file).is_some_and(|number| !kept.contains(&number)) {
            remove(&file);
        }
    }
}

/// A file that cannot be removed now is removed at the next start.
pub(super) fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a directory that is no longer in force stays on the disk");
        }
        _ => {}
    }
}

/// The order of the hashes in a signed column.
fn column(hash: u64) -> i64 {
    (hash ^ (1 << 63)).cast_signed()
}

fn from_column(first: i64) -> u64 {
    first.cast_unsigned() ^ (1 << 63)
}

/// A directory that was built and is not in force yet; see
/// [`Store::pack_directory`](crate::Store::pack_directory). Dropped without being taken over
/// by [`FeedWrite::DirectoryBase`](crate::FeedWrite::DirectoryBase), it is gone.
#[derive(Debug)]
pub struct PackedBase {
    pub(super) number: i64,
    rows: u64,
    file: Scrap,
    key: FileKey,
}

/// A file that goes with its owner, unless it was kept.
#[derive(Debug)]
struct Scrap(Option<PathBuf>);

impl Drop for Scrap {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            remove(path);
        }
    }
}

impl PackedBase {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The places of some hashes, quickest when they rise.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when the file is not as it was written.
    pub fn places(
        &self,
        hashes: impl IntoIterator<Item = DocumentHash>,
    ) -> Result<Vec<Option<StatusIndex>>, StoreError> {
        let path = self.file.0.as_ref().filter(|_| self.rows > 0);
        let Some(path) = path else {
            return Ok(hashes.into_iter().map(|_| None).collect());
        };
        let mut reader = BaseReader::open_at(path, self.number, &self.key)?;
        hashes.into_iter().map(|hash| reader.get(hash)).collect()
    }

    /// Calls `each` with every row by rising hash.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when the file is not as it was written.
    pub fn rows_into(&self, mut each: impl FnMut(DirectoryRow)) -> Result<(), StoreError> {
        let path = self.file.0.as_ref().filter(|_| self.rows > 0);
        let Some(path) = path else { return Ok(()) };
        BaseReader::open_at(path, self.number, &self.key)?.for_each(
            |error| error,
            |row| {
                each(row);
                Ok(())
            },
        )
    }

    /// From now on it is the station's file that keeps it. One without rows has no file.
    pub(crate) fn keep(mut self) {
        if self.rows > 0 {
            self.file.0 = None;
        }
    }
}

/// Writes a base; see [`Store::pack_directory`](crate::Store::pack_directory).
pub struct Packer {
    number: i64,
    path: PathBuf,
    // Before the scrap: an open file cannot be removed everywhere.
    db: Connection,
    scrap: Scrap,
    gathered: Gathered,
    last: Option<u64>,
    rows: u64,
    key: FileKey,
}

impl Packer {
    pub(super) fn new(store: &Path, key: &FileKey) -> Result<Self, StoreError> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|_| StoreError::NoRandomness)?;
        let number = i64::from_le_bytes(bytes) & i64::MAX;
        let path = path_of(store, number);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(StoreError::io("make the directory's file"))?;
        let scrap = Scrap(Some(path.clone()));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags)?;
        db.execute_batch("PRAGMA cipher_log_level = NONE")?;
        db.execute_batch(&key.pragma())?;
        // Nothing of it counts before the whole is on the disk, so it needs no journal.
        db.execute_batch(&format!(
            "PRAGMA journal_mode = OFF;
             PRAGMA synchronous = OFF;
             PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA user_version = {FORM};
             BEGIN;
             CREATE TABLE blocks (first INTEGER NOT NULL PRIMARY KEY, rows BLOB NOT NULL);"
        ))?;
        let (gathered, key) = (Gathered::default(), key.clone());
        Ok(Self { number, path, db, scrap, gathered, last: None, rows: 0, key })
    }

    /// Adds a row; every hash is above the one before.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnsortedDirectory`], [`StoreError::DiskFull`], or as any write.
    pub fn push(&mut self, row: DirectoryRow) -> Result<(), StoreError> {
        let hash = row.hash.as_u64();
        if self.last.is_some_and(|last| last >= hash) {
            return Err(StoreError::UnsortedDirectory);
        }
        self.last = Some(hash);
        self.rows += 1;
        match self.gathered.push(row) {
            Some((first, block)) => self.write(first, &block),
            None => Ok(()),
        }
    }

    fn write(&self, first: u64, block: &[u8]) -> Result<(), StoreError> {
        self.db
            .prepare_cached("INSERT INTO blocks (first, rows) VALUES (?1, ?2)")?
            .execute((column(first), block))?;
        Ok(())
    }

    /// Ends the file and brings it onto the disk.
    pub(super) fn finish(mut self) -> Result<PackedBase, StoreError> {
        if let Some((first, block)) = self.gathered.take() {
            self.write(first, &block)?;
        }
        let Self { number, path, db, scrap, rows, key, .. } = self;
        db.execute_batch("COMMIT")?;
        db.close().map_err(|(_, error)| error)?;
        if rows > 0 {
            // Opened for writing: not every system lets a file that was opened for reading
            // be brought onto the disk.
            OpenOptions::new()
                .write(true)
                .open(&path)
                .and_then(|file| file.sync_all())
                .and_then(|()| sync_folder_of(&path))
                .map_err(StoreError::io("write the directory's file"))?;
        }
        Ok(PackedBase { number, rows, file: scrap, key })
    }
}

/// An open base.
#[derive(Debug)]
pub(crate) struct BaseReader {
    pub(super) number: i64,
    db: Connection,
    /// The block that was read last: rising hashes ask for it again.
    first: u64,
    block: Vec<u8>,
}

impl BaseReader {
    pub(super) fn open(store: &Path, number: i64, key: &FileKey) -> Result<Self, StoreError> {
        Self::open_at(&path_of(store, number), number, key)
    }

    fn open_at(path: &Path, number: i64, key: &FileKey) -> Result<Self, StoreError> {
        let db = connect(path, key, Access::Read)?;
        // The file never changes: it is locked once, and what was read of it stays good.
        db.execute_batch(&format!(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -{CACHE_KIB};"
        ))?;
        let form: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if form != FORM {
            return Err(StoreError::Damaged);
        }
        Ok(Self { number, db, first: 0, block: Vec::new() })
    }

    /// The place of a hash.
    pub(super) fn get(&mut self, hash: DocumentHash) -> Result<Option<StatusIndex>, StoreError> {
        let hash = hash.as_u64();
        let read = Block::new(self.first, &self.block);
        let read = read.filter(|block| (self.first..=block.last_hash()).contains(&hash));
        if let Some(block) = read {
            return Ok(block.get(hash));
        }
        let mut get = self.db.prepare_cached(GET)?;
        let found = get
            .query_row([column(hash)], |row| {
                self.first = from_column(row.get(0)?);
                self.block.clear();
                self.block.extend_from_slice(row.get_ref(1)?.as_blob()?);
                Ok(())
            })
            .optional()?;
        if found.is_none() {
            return Ok(None);
        }
        Ok(Block::new(self.first, &self.block).ok_or(StoreError::Damaged)?.get(hash))
    }

    /// Calls `each` with every row by rising hash; `failed` words what this file did.
    pub(super) fn for_each<E>(
        &self,
        failed: impl Fn(StoreError) -> E,
        mut each: impl FnMut(DirectoryRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |error: rusqlite::Error| failed(error.into());
        let mut read =
            self.db.prepare("SELECT first, rows FROM blocks ORDER BY first").map_err(sqlite)?;
        let mut rows = read.query([]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let first = from_column(row.get(0).map_err(sqlite)?);
            let bytes = row.get_ref(1).map_err(sqlite)?;
            let block = bytes.as_blob().ok().and_then(|bytes| Block::new(first, bytes));
            let block = block.ok_or_else(|| failed(StoreError::Damaged))?;
            block.rows().try_for_each(&mut each)?;
        }
        Ok(())
    }
}
