//! Opening the file: the key, the lock, the schema, and what to do about damage.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::lock::{WriterLock, beside, sync_folder_of};
use crate::set_aside::{self, SetAside};
use crate::{DirectoryOf, FileKey, Store, StoreError, directory, migrate};

/// How long a connection waits for another's lock. Readers never wait in WAL mode; this
/// covers the moments of opening and of a checkpoint.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The write-ahead log shrinks back to this after a large feed, in bytes.
const WAL_KEPT: u32 = 16 * 1024 * 1024;

/// What happened while the file was opened, beyond opening it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// There was no file; this one is new and empty.
    pub created: bool,
    /// The schema the file had before it was upgraded.
    pub migrated_from: Option<u32>,
    /// The file was damaged: where it lies now, and what was carried over.
    pub set_aside: Option<SetAside>,
    /// Whose directory was gone or not readable; it is fetched anew.
    pub directories_lost: Vec<DirectoryOf>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reads only; does not tidy the write-ahead log away when closed.
    Read,
    Write,
    /// Writes beside the program that works with the file, and leaves the write-ahead log to it.
    Beside,
}

impl Store {
    /// Opens the station's file for writing, making it when there is none.
    ///
    /// The folder must exist. `now` names a file that has to be set aside and dates what was
    /// lost with it. Everything but the directory is read through once, so that damage shows
    /// here and not in front of a guest; that takes about a second for the 100 MB of 100,000 entries.
    /// The directory, far larger and replaceable, shows its damage when it is used.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`], [`WrongKey`](StoreError::WrongKey),
    /// [`NewerSchema`](StoreError::NewerSchema), [`DiskFull`](StoreError::DiskFull) and
    /// [`NotWritable`](StoreError::NotWritable) leave the file as it was.
    pub fn open(
        path: &Path,
        key: &FileKey,
        now: Timestamp,
    ) -> Result<(Self, OpenReport), StoreError> {
        let lock = WriterLock::take(path)?;
        set_aside::finish_interrupted(path, now)?;
        roll_back(path, key);
        let mut report = OpenReport::default();
        if holds_something(path)? {
            match probe(path, key, migrate::read_through_at_start) {
                Ok(()) => {}
                Err(StoreError::Damaged) => {
                    report.set_aside = Some(set_aside::run(path, key, now)?);
                }
                Err(error) => return Err(error),
            }
        } else {
            report.created = true;
            create(path)?;
        }
        let mut writer = connect(path, key, Access::Write)?;
        report.migrated_from = migrate::run(&mut writer)?;
        remember_key(path, key)?;
        let lost = directory::look_after(&writer, path, key)?;
        let store = Self::writing(path, key, writer, lock);
        store.tidy_at_start(&lost);
        report.directories_lost = lost;
        Ok((store, report))
    }

    /// What need not succeed for the store to be open, on a full disk for one.
    fn tidy_at_start(&self, lost: &[DirectoryOf]) {
        for of in lost {
            tracing::error!(%of, "the directory cannot be read; it is to be fetched anew");
            if let Err(error) = self.forget_directory(*of) {
                tracing::warn!(%error, "the damaged directory is still named");
            }
        }
        if let Err(error) = self.catch_up_with_texts() {
            tracing::warn!(%error, "searching takes longer for now");
        }
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "what lay over an old directory stays for now");
        }
    }

    /// Opens the station's file for reading, beside a program that may be writing it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`], [`WrongKey`](StoreError::WrongKey),
    /// [`NewerSchema`](StoreError::NewerSchema), [`OlderSchema`](StoreError::OlderSchema),
    /// [`Damaged`](StoreError::Damaged).
    pub fn open_read_only(path: &Path, key: &FileKey) -> Result<Self, StoreError> {
        if !holds_something(path)? {
            return Err(StoreError::Missing);
        }
        let reader = connect(path, key, Access::Read)?;
        let found = schema_of(path, key, &reader)?;
        match found.cmp(&migrate::SCHEMA_VERSION) {
            std::cmp::Ordering::Less => {
                Err(StoreError::OlderSchema { found, known: migrate::SCHEMA_VERSION })
            }
            std::cmp::Ordering::Equal => Ok(Self::reading(path, key, reader)),
            std::cmp::Ordering::Greater => {
                Err(StoreError::NewerSchema { found, known: migrate::SCHEMA_VERSION })
            }
        }
    }

    /// Reads a log of more than 100,000 entries through, which opening the file leaves for later:
    /// some seconds for a million. Damage in it is met damage, as in any read.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`], or as any read.
    pub fn read_log_through(&self) -> Result<(), StoreError> {
        self.read(migrate::read_log_through)
    }

    /// Looks at the file after a read or a write met damage in it, and if it is damaged, sets it
    /// aside and goes on with a new one that has what is still readable; `None` when the file is
    /// whole. Whoever reads meanwhile gets what the damaged file has, or an error; writes wait.
    ///
    /// What the caller holds in memory of the file may not be in it any more. A directory is
    /// there whole, or is to be fetched anew.
    ///
    /// # Errors
    ///
    /// [`StoreError::ReadOnly`]; as [`Store::open`], and then the file is where it was and counts
    /// as damaged still.
    pub fn mend(&self, now: Timestamp) -> Result<Option<SetAside>, StoreError> {
        self.replace(|path, key| {
            let set_aside = match probe(path, key, migrate::read_through) {
                Ok(()) => None,
                Err(StoreError::Damaged) => Some(set_aside::run(path, key, now)?),
                Err(error) => return Err(error),
            };
            let mut writer = connect(path, key, Access::Write)?;
            if set_aside.is_some() {
                directory::forget_lost(&mut writer, path, key)?;
            }
            Ok((writer, set_aside))
        })
    }
}

/// Whether there is a file with something in it, or a file that had something in it and was
/// cut to nothing.
fn holds_something(path: &Path) -> Result<bool, StoreError> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len() > 0 || beside(path, ".keycheck").exists()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io("look at the station's file")(error)),
    }
}

/// Makes the empty file readable by its owner only; SQLite gives its companions the same
/// rights.
fn create(path: &Path) -> Result<(), StoreError> {
    // A fingerprint left by a file that is gone says nothing about this one.
    match fs::remove_file(beside(path, ".keycheck")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::io("make the station's file")(error));
        }
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|file| file.sync_all())
        .and_then(|()| sync_folder_of(path))
        .map_err(StoreError::io("make the station's file"))
}

/// One connection, with key and habits set. The key is proven by the first read, not here.
pub(crate) fn connect(
    path: &Path,
    key: &FileKey,
    access: Access,
) -> Result<Connection, StoreError> {
    let flags = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Write | Access::Beside => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    // SQLCipher's own log goes to standard error, which belongs to the program.
    db.execute_batch("PRAGMA cipher_log_level = NONE")?;
    db.execute_batch(&key.pragma())?;
    db.execute_batch("PRAGMA foreign_keys = ON")?;
    match access {
        Access::Read => {
            db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        Access::Beside => {
            db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            db.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")?;
        }
        // FULL: a commit is on the disk, not in the system's cache, when it returns.
        // secure_delete: what retention takes away is overwritten, not left in free pages.
        Access::Write => db.execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON;
             PRAGMA journal_size_limit = {WAL_KEPT};"
        ))?,
    }
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// Undoes what a kill cut off before the file had its write-ahead log, in the first moments of
/// its life: that was written the other way, with a journal, and only who may write can undo it.
/// Whether that went well shows when the file is probed.
fn roll_back(path: &Path, key: &FileKey) {
    if !beside(path, "-journal").exists() {
        return;
    }
    let undone =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|db| {
            db.execute_batch("PRAGMA cipher_log_level = NONE")?;
            db.execute_batch(&key.pragma())?;
            db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))
        });
    if undone.is_err() {
        tracing::warn!("what was cut off in the station's file could not be undone");
    }
}

/// Reads the file without changing it, as far as `through` goes.
fn probe(
    path: &Path,
    key: &FileKey,
    through: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let db = connect(path, key, Access::Read)?;
    let found = schema_of(path, key, &db)?;
    if found > migrate::SCHEMA_VERSION {
        return Err(StoreError::NewerSchema { found, known: migrate::SCHEMA_VERSION });
    }
    // The fingerprint is written after the schema: a file that had one and has no schema was
    // cut to nothing, which SQLite takes for a new file.
    if found == 0 && is_remembered(path, key) {
        return Err(StoreError::Damaged);
    }
    through(&db)
}

/// The file's schema version, which is also the first page read: a wrong key shows here.
fn schema_of(path: &Path, key: &FileKey, db: &Connection) -> Result<u32, StoreError> {
    match db.query_row("PRAGMA user_version", [], |row| row.get(0)) {
        Ok(version) => Ok(version),
        Err(error) => match StoreError::from(error) {
            // A wrong key and a damaged first page look the same to SQLCipher. Without the
            // fingerprint to say that the key is right, nothing is moved.
            StoreError::Damaged if !is_remembered(path, key) => Err(StoreError::WrongKey),
            error => Err(error),
        },
    }
}

fn is_remembered(path: &Path, key: &FileKey) -> bool {
    fs::read_to_string(beside(path, ".keycheck")).is_ok_and(|text| text.trim() == key.fingerprint())
}

/// Writes the key's fingerprint beside the file, once the key has opened it.
fn remember_key(path: &Path, key: &FileKey) -> Result<(), StoreError> {
    if is_remembered(path, key) {
        return Ok(());
    }
    fs::write(beside(path, ".keycheck"), key.fingerprint())
        .map_err(StoreError::io("write the key's fingerprint"))
}
