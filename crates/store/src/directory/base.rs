//! The packed base: a file of sorted rows that is built once and never changed.
//!
//! `desk.db.base-<16 hexadecimal digits>` is a [sealed file](super::sealed) of
//! [blocks](super::block). Its number is drawn anew for each, so that a program that reads
//! beside this one never takes one file for another. It is in force from the moment that the
//! station's file names it, and nothing names it before all of it is on the disk.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;

use super::block::Gathered;
use super::old::OldFile;
use super::sealed::{SealedFile, SealedWriter};
use crate::lock::{beside, companions, sync_folder_of};
use crate::{DirectoryRow, FileKey, StoreError};

/// The form of the files that are written; column `form` of their row.
pub(super) const FORM: u32 = 2;

/// Where a base lies.
pub(super) fn path_of(store: &Path, number: i64) -> PathBuf {
    beside(store, &format!(".base-{number:016x}"))
}

/// The number of a file beside the store whose name adds what a base's does.
fn number_in(added: &str) -> Option<i64> {
    i64::from_str_radix(added.strip_prefix(".base-")?, 16).ok()
}

/// Removes the bases that nothing names: what a power cut left of a build, and what could not
/// be removed while another program had it open.
pub(super) fn remove_all_but(store: &Path, kept: &[i64]) {
    for (file, added) in companions(store) {
        if number_in(&added).is_some_and(|number| !kept.contains(&number)) {
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
        let mut reader = BaseReader::open_at(path, self.number, FORM, &self.key)?;
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
        BaseReader::open_at(path, self.number, FORM, &self.key)?.for_each(
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
    file: SealedWriter,
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
        let file = options.open(&path).map_err(StoreError::io("make the directory's file"))?;
        let scrap = Scrap(Some(path.clone()));
        let file = SealedWriter::new(file, key)?;
        let (gathered, key) = (Gathered::default(), key.clone());
        Ok(Self { number, path, file, scrap, gathered, last: None, rows: 0, key })
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
            Some((first, block)) => self.file.push(first, &block),
            None => Ok(()),
        }
    }

    /// Ends the file and brings it onto the disk. One without rows is none, and goes.
    pub(super) fn finish(mut self) -> Result<PackedBase, StoreError> {
        if let Some((first, block)) = self.gathered.take() {
            self.file.push(first, &block)?;
        }
        let Self { number, path, file, scrap, rows, key, .. } = self;
        if rows > 0 {
            file.finish(rows)?;
            sync_folder_of(&path).map_err(StoreError::io("write the directory's file"))?;
        }
        Ok(PackedBase { number, rows, file: scrap, key })
    }
}

/// An open base.
#[derive(Debug)]
pub(crate) struct BaseReader {
    pub(super) number: i64,
    file: Form,
}

#[derive(Debug)]
enum Form {
    Sealed(Box<SealedFile>),
    Old(OldFile),
}

impl BaseReader {
    pub(super) fn open(
        store: &Path,
        number: i64,
        form: u32,
        key: &FileKey,
    ) -> Result<Self, StoreError> {
        Self::open_at(&path_of(store, number), number, form, key)
    }

    fn open_at(path: &Path, number: i64, form: u32, key: &FileKey) -> Result<Self, StoreError> {
        let file = if form == FORM {
            let file = File::open(path).map_err(StoreError::io("open the directory's file"))?;
            Form::Sealed(Box::new(SealedFile::new(file, key)?))
        } else {
            Form::Old(OldFile::open(path, key)?)
        };
        Ok(Self { number, file })
    }

    /// The place of a hash.
    pub(super) fn get(&mut self, hash: DocumentHash) -> Result<Option<StatusIndex>, StoreError> {
        match &mut self.file {
            Form::Sealed(file) => file.get(hash),
            Form::Old(file) => file.get(hash),
        }
    }

    /// Calls `each` with every row by rising hash; `failed` words what this file did.
    pub(super) fn for_each<E>(
        &self,
        failed: impl Fn(StoreError) -> E,
        each: impl FnMut(DirectoryRow) -> Result<(), E>,
    ) -> Result<(), E> {
        match &self.file {
            Form::Sealed(file) => file.for_each(failed, each),
            Form::Old(file) => file.for_each(failed, each),
        }
    }
}
