//! What can go wrong with the station's file, in the words of whoever has to act.

use rusqlite::ErrorCode;
use uuid::Uuid;
use yanma_domain::IssuerId;

use crate::directory::DirectoryOf;
use crate::entries::{ChainFault, EntryNumber};
use crate::feeds::FeedName;

/// Why the station's file could not be opened, read or written.
///
/// No variant carries a personal value: they may all be logged and shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another program has the file open for writing. Use that one, or
    /// [`Store::open_read_only`](crate::Store::open_read_only).
    #[error("the station's file is in use by another program")]
    InUse,
    /// The file was made with another key. Put the right key back; the file is untouched.
    #[error("the key does not open the station's file")]
    WrongKey,
    /// There is no file to read. Open it for writing once, which makes it.
    #[error("the station's file does not exist")]
    Missing,
    /// A newer program has written the file. Update this one; the file is untouched.
    #[error("the station's file has schema {found}, this program knows {known}")]
    NewerSchema {
        /// The schema of the file.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// The file was opened for reading and first needs an upgrade. Open it for writing once.
    #[error("the station's file has schema {found} and must be upgraded to {known}")]
    OlderSchema {
        /// The schema of the file.
        found: u32,
        /// The schema this program reads.
        known: u32,
    },
    /// The disk is full. Nothing of this write was kept, everything before it was; make
    /// room and do it again.
    #[error("the disk is full")]
    DiskFull,
    /// The disk, folder or file may not be written. Change its permissions or place.
    #[error("the station's file may not be written")]
    NotWritable,
    /// This store was opened with [`Store::open_read_only`](crate::Store::open_read_only).
    #[error("the station's file was opened for reading only")]
    ReadOnly,
    /// Part of the file cannot be read. Call [`Store::mend`](crate::Store::mend), which keeps the
    /// file and carries over what is readable.
    #[error("the station's file is damaged")]
    Damaged,
    /// Another connection kept the file locked for longer than the time limit. Try again.
    #[error("the station's file is locked")]
    Busy,
    /// An entry with this id is in the log already; it was not written a second time.
    #[error("entry {0} is in the log already")]
    DuplicateEntry(Uuid),
    /// A field of a new entry has a form that the log cannot keep.
    #[error("field {field} of the new entry: {problem}")]
    BadEntry {
        /// The field's name in [`NewEntry`](crate::NewEntry).
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The log is not as it was written, from this number on. Keep the file and report it.
    #[error("the log is not as it was written, first at entry {number}: {fault}")]
    ChainBroken {
        /// The first bad number.
        number: EntryNumber,
        /// What is wrong there.
        fault: ChainFault,
    },
    /// The audit is not as it was written, from this number on. Keep the file and report it.
    #[error("the audit is not as it was written, first at line {number}")]
    AuditBroken {
        /// The first bad number.
        number: u64,
    },
    /// The badge is somebody else's. Nothing was changed.
    #[error("the badge is somebody else's")]
    BadgeTaken,
    /// An issuer's head is older than one already applied. Nothing was applied.
    #[error("head {offered} of issuer {issuer} is older than head {applied}, already applied")]
    RolledBack {
        /// Whose head.
        issuer: IssuerId,
        /// The number that was to be applied.
        offered: u64,
        /// The number already applied.
        applied: u64,
    },
    /// A delta starts from another state than the stored one. Take the snapshot. Nothing
    /// was applied.
    #[error("the delta of {feed} of issuer {issuer} does not start at the stored state")]
    FeedGap {
        /// Whose feed.
        issuer: IssuerId,
        /// Which feed.
        feed: FeedName,
    },
    /// A packed directory is not as it was written, or not there. Call
    /// [`Store::forget_directory`](crate::Store::forget_directory) and take the snapshot; the
    /// rest of the station's file is as good as before.
    #[error("the directory of {of} is damaged")]
    DirectoryDamaged {
        /// Which directory.
        of: DirectoryOf,
    },
    /// The rows of a directory were not given by rising hash. Nothing was kept.
    #[error("the rows of the directory do not rise")]
    UnsortedDirectory,
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
    /// A setting has another shape than the caller expects.
    #[error("setting {key} has an unexpected shape")]
    Setting {
        /// The setting's key.
        key: String,
        /// What was wrong; the text of `serde_json` names types and places, not values.
        #[source]
        source: serde_json::Error,
    },
    /// The operating system refused a file operation.
    #[error("file operation failed: {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// SQLite failed in a way that has no remedy of its own here.
    #[error("the database failed")]
    Sqlite(#[source] rusqlite::Error),
}

/// SQLite's extended code for "the shared-memory file could not be made large enough",
/// which is how a full disk first shows in WAL mode. <https://sqlite.org/rescode.html>
const IOERR_SHMSIZE: i32 = 10 | (19 << 8);

/// Everything SQLite says passes here once and becomes the caller's words.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match &error {
            E::FromSqlConversionFailure(..)
            | E::InvalidColumnType(..)
            | E::IntegralValueOutOfRange(..) => return Self::Damaged,
            _ => {}
        }
        let Some(code) = error.sqlite_error() else {
            return Self::Sqlite(error);
        };
        match code.code {
            ErrorCode::DiskFull => Self::DiskFull,
            ErrorCode::SystemIoFailure if code.extended_code == IOERR_SHMSIZE => Self::DiskFull,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::NotWritable,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}

impl StoreError {
    /// Maps a file operation's error, telling the two that a person can mend.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        use std::io::ErrorKind;
        move |source| match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::NotWritable,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io { doing, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn sqlite_codes_become_words() {
        let check = |code: i32, expect: &str| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let got = StoreError::from(error);
            assert!(format!("{got:?}").starts_with(expect), "{code}: {got:?}");
        };
        check(ffi::SQLITE_FULL, "DiskFull");
        check(IOERR_SHMSIZE, "DiskFull");
        check(ffi::SQLITE_CORRUPT, "Damaged");
        check(ffi::SQLITE_NOTADB, "Damaged");
        check(ffi::SQLITE_READONLY, "NotWritable");
        check(ffi::SQLITE_PERM, "NotWritable");
        check(ffi::SQLITE_BUSY, "Busy");
        check(ffi::SQLITE_IOERR, "Sqlite");
        check(ffi::SQLITE_CANTOPEN, "Sqlite");
    }

    #[test]
    fn file_errors_become_words() {
        let check = |kind: std::io::ErrorKind, expect: &str| {
            let got = StoreError::io("trying")(kind.into());
            assert!(format!("{got:?}").starts_with(expect), "{kind}: {got:?}");
        };
        check(std::io::ErrorKind::PermissionDenied, "NotWritable");
        check(std::io::ErrorKind::ReadOnlyFilesystem, "NotWritable");
        check(std::io::ErrorKind::StorageFull, "DiskFull");
        check(std::io::ErrorKind::NotFound, "Io");
    }
}
