//! A damaged file: kept under another name, and read as far as it can be read.
//!
//! In this order, so that a power cut at any point is made good by the next opening:
//!
//! 1. What is readable is copied into `….salvaged`, in one transaction, on the disk.
//! 2. The damaged file is renamed to `….damaged-<time>`, then its `-wal` and `-shm`.
//! 3. `….salvaged` takes its place.
//!
//! Before 2 a `….salvaged` is scrap; once the damaged file has its new name it is the truth.

mod salvage;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::clock_in;
use crate::lock::{beside, companions, sync_folder_of};
use crate::open::{Access, connect};
use crate::{FileKey, Store, StoreError, migrate};

/// When a file was set aside, in its name and in UTC.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// A damaged file that was set aside, and what of it was carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where the damaged file lies now; what was in its write-ahead log lies beside it.
    pub file: PathBuf,
    /// Entries carried over.
    pub entries: u64,
    /// Entries known to be lost. When the newest part of the file was hit there may have
    /// been more.
    pub entries_lost: u64,
    /// Entries carried over whose personal part was lost.
    pub details_lost: u64,
    /// Entries carried over whose upload state was lost: they are pending again, and the
    /// authority knows them by their id if it had them.
    pub uploads_reset: u64,
    /// Settings, feeds (without what lies over a directory), clock and policies: rows carried over.
    pub other_rows: u64,
}

impl Store {
    /// Removes the damaged files that were set aside before `before`, or all of them; answers how
    /// many. What was readable of them was carried over, and has retention of its own here. One
    /// that cannot be removed now is removed another time.
    pub fn remove_set_aside(&self, before: Option<Timestamp>) -> u64 {
        let is_due = |added: &str| {
            let since = aside_since(added);
            since.is_some_and(|since| {
                before.is_none_or(|before| since.is_some_and(|it| it < before))
            })
        };
        let due = companions(self.path()).filter(|(_, added)| is_due(added));
        due.map(|(file, _)| match fs::remove_file(file) {
            Ok(()) => 1,
            Err(error) => {
                tracing::warn!(%error, "a damaged file that was set aside stays on the disk");
                0
            }
        })
        .sum()
    }
}

/// Since when a file is set aside, if its name adds what that of a damaged file or of one of its
/// companions does: `Some(None)` when it does not say.
fn aside_since(added: &str) -> Option<Option<Timestamp>> {
    let rest = added.strip_prefix(".damaged")?;
    let time = rest.strip_prefix('-').and_then(|rest| rest.get(..16));
    let since = time.and_then(|time| DateTime::strptime(TIME, time).ok());
    Some(since.and_then(|since| since.to_zoned(TimeZone::UTC).ok()).map(|since| since.timestamp()))
}

/// Sets the file at `path` aside and puts a new one in its place. The key must be right.
pub(crate) fn run(path: &Path, key: &FileKey, now: Timestamp) -> Result<SetAside, StoreError> {
    tracing::warn!(file = %path.display(), "station's file is damaged, reading what can be read");
    let salvaged = beside(path, ".salvaged");
    scrap(&salvaged)?;
    let (mut report, signed) = {
        let mut new = create(&salvaged, key)?;
        (salvage::run(path, key, &mut new, now)?, clock_in(&new)?.authority)
        // Closing writes the write-ahead log into the file and removes it.
    };
    fs::File::open(&salvaged)
        .and_then(|file| file.sync_all())
        .and_then(|()| sync_folder_of(path))
        .map_err(StoreError::io("write the salvaged file"))?;
    // By a clock that is behind it would seem to lie there for long, and go too soon.
    report.file = rename_damaged(path, signed.map_or(now, |signed| signed.max(now)))?;
    put_in_place(path, &salvaged)?;
    tracing::warn!(
        file = %report.file.display(),
        entries = report.entries,
        entries_lost = report.entries_lost,
        "damaged file set aside"
    );
    Ok(report)
}

/// Makes good what a power cut left of an earlier [`run`], and takes away the companions of
/// a file that is gone, before SQLite can take them for those of a new one.
pub(crate) fn finish_interrupted(path: &Path, now: Timestamp) -> Result<(), StoreError> {
    let salvaged = beside(path, ".salvaged");
    if path.exists() {
        return scrap(&salvaged);
    }
    if beside(path, "-wal").exists() || beside(path, "-shm").exists() {
        rename_damaged(path, now)?;
    }
    if salvaged.exists() { put_in_place(path, &salvaged) } else { Ok(()) }
}

fn create(path: &Path, key: &FileKey) -> Result<rusqlite::Connection, StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StoreError::io("make the salvaged file"))?;
    let mut new = connect(path, key, Access::Write)?;
    migrate::run(&mut new)?;
    Ok(new)
}

/// Gives the file and its companions their new name; answers it.
fn rename_damaged(path: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let time = now.to_zoned(TimeZone::UTC).strftime(TIME).to_string();
    let target = (1_u32..)
        .map(|n| match n {
            1 => beside(path, &format!(".damaged-{time}")),
            n => beside(path, &format!(".damaged-{time}-{n}")),
        })
        .find(|target| ["", "-wal", "-shm"].iter().all(|s| !beside(target, s).exists()))
        .unwrap_or_else(|| beside(path, ".damaged"));
    for suffix in ["", "-wal", "-shm"] {
        match fs::rename(beside(path, suffix), beside(&target, suffix)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("set the damaged file aside")(error)),
        }
    }
    Ok(target)
}

fn put_in_place(path: &Path, salvaged: &Path) -> Result<(), StoreError> {
    fs::rename(salvaged, path)
        .and_then(|()| sync_folder_of(path))
        .map_err(StoreError::io("put the salvaged file in place"))
}

/// Removes an unfinished copy. All it has is still in the file it was copied from.
fn scrap(salvaged: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(salvaged, suffix)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("remove an unfinished copy")(error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
