//! A desk in a folder: its file, its key, and its log of exports.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use yanma_store::{KeyFile, Keystore, OpenReport, Store, StoreError};

use crate::clock::Clock;
use crate::desk::Desk;
use crate::error::DeskError;

const STORE_FILE: &str = "desk.db";
const KEY_FILE: &str = "desk.key";

/// How a desk is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To check people: one program at a time.
    Work,
    /// To look, beside a program that works.
    Look,
}

/// A desk that was opened, and what was found on the way.
pub struct Opened {
    /// The desk.
    pub desk: Desk,
    /// What was made, upgraded or set aside.
    pub report: OpenReport,
}

impl Desk {
    /// Opens the desk of a folder, making folder, key and file when they are not there.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another program works with it; other errors of the store.
    pub fn at(folder: &Path, mode: Mode, clock: Arc<dyn Clock>) -> Result<Opened, DeskError> {
        let keys = KeyFile::new(folder.join(KEY_FILE));
        let path = file_in(folder);
        if mode == Mode::Look {
            let missing =
                || if path.exists() { DeskError::KeyMissing } else { StoreError::Missing.into() };
            let key = keys.get()?.ok_or_else(missing)?;
            let store = Store::open_read_only(&path, &key)?;
            return Ok(Opened { desk: Self::open(store, clock)?, report: OpenReport::default() });
        }
        std::fs::create_dir_all(folder).map_err(|_| StoreError::NotWritable)?;
        // A new key beside an old file would only hide that the old key is gone.
        let key = match keys.get()? {
            None if path.exists() => return Err(DeskError::KeyMissing),
            None => keys.get_or_create()?,
            Some(key) => key,
        };
        let (store, report) = Store::open(&path, &key, clock.now())?;
        Ok(Opened { desk: Self::open(store, clock)?, report })
    }
}

/// Where the file of a desk lies.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(STORE_FILE)
}
