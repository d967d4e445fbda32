//! The form of a packed base until schema 4: a SQLite file under the station's key, with one
//! table of [blocks](super::block). It is read until the next fold, which makes a base of
//! today's form.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};
use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;

use super::block::Block;
use crate::open::{Access, connect};
use crate::{DirectoryRow, FileKey, StoreError};

/// The form of the file, as its `user_version`.
const FORM: u32 = 1;

/// Pages that a reader keeps, in KiB: the inner pages of a province's base are about 200,
/// and stay.
const CACHE_KIB: u32 = 4096;

const GET: &str = "SELECT first, rows FROM blocks WHERE first <= ?1 ORDER BY first DESC LIMIT 1";

/// An open file.
#[derive(Debug)]
pub(super) struct OldFile(Connection);

impl OldFile {
    pub(super) fn open(path: &Path, key: &FileKey) -> Result<Self, StoreError> {
        let db = connect(path, key, Access::Read)?;
        // The file never changes: it is locked once, and what was read of it stays good.
        db.execute_batch(&format!(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -{CACHE_KIB};"
        ))?;
        let form: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if form == FORM { Ok(Self(db)) } else { Err(StoreError::Damaged) }
    }

    /// The place of a hash.
    pub(super) fn get(&self, hash: DocumentHash) -> Result<Option<StatusIndex>, StoreError> {
        let hash = hash.as_u64();
        let mut get = self.0.prepare_cached(GET)?;
        let found = get.query_row([column(hash)], |row| {
            let block = Block::new(from_column(row.get(0)?), row.get_ref(1)?.as_blob()?);
            Ok(block.map(|block| block.get(hash)))
        });
        match found.optional()? {
            None => Ok(None),
            Some(block) => block.ok_or(StoreError::Damaged),
        }
    }

    /// Calls `each` with every row by rising hash; `failed` words what this file did.
    pub(super) fn for_each<E>(
        &self,
        failed: impl Fn(StoreError) -> E,
        mut each: impl FnMut(DirectoryRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |error: rusqlite::Error| failed(error.into());
        let mut read =
            self.0.prepare("SELECT first, rows FROM blocks ORDER BY first").map_err(sqlite)?;
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

/// The order of the hashes in a signed column.
pub(super) fn column(hash: u64) -> i64 {
    (hash ^ (1 << 63)).cast_signed()
}

fn from_column(first: i64) -> u64 {
    first.cast_unsigned() ^ (1 << 63)
}
