//! Who may write: an advisory lock on a file beside the station's file.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Store, StoreError};

const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The right to write one station's file, held until dropped. The operating system takes it
/// back when the program ends, however it ends.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock, or says that someone else has it. Tries for a moment: a program that is
    /// just being started by the last holder has that holder's files until it runs.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file =
            options.open(beside(path, ".lock")).map_err(StoreError::io("open the lock file"))?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
                Err(TryLockError::Error(source)) => {
                    return Err(StoreError::io("lock the station's file")(source));
                }
            }
        }
        Err(StoreError::InUse)
    }
}

/// The file whose name is `path` with `suffix` added, e.g. `desk.db` → `desk.db-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// The files that lie beside a path and are named like it, each with what its name adds; none when
/// the folder cannot be read.
pub(crate) fn companions(path: &Path) -> impl Iterator<Item = (PathBuf, String)> {
    let own = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let files = std::fs::read_dir(folder.unwrap_or_else(|| Path::new("."))).into_iter().flatten();
    files.filter_map(Result::ok).filter_map(move |file| {
        let added = file.file_name().to_str()?.strip_prefix(own.as_deref()?)?.to_owned();
        Some((file.path(), added))
    })
}

impl Store {
    /// A file or folder beside the station's, whose name is that one's with `added`: so that it is
    /// nobody else's.
    #[must_use]
    pub fn beside(&self, added: &str) -> PathBuf {
        beside(self.path(), added)
    }

    /// What lies beside the station's file and is named like it, each with what its name adds; none
    /// when the folder cannot be read.
    pub fn companions(&self) -> impl Iterator<Item = (PathBuf, String)> {
        companions(self.path())
    }
}

/// Makes new names in the folder of `path` outlive a power cut. Only Unix knows such a call;
/// elsewhere the file system's journal has to do.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
