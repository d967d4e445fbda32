//! A desk in a folder: its file, its key, and its log of exports.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use yanma_store::{KeyFile, Keystore, OpenReport, Store, StoreError};

use crate::clock::Clock;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::private;
use crate::scenes::{SceneFileError, Scenes};

const STORE_FILE: &str = "desk.db";
const KEY_FILE: &str = "desk.key";
/// Where a site puts scenes of its own.
const SCENES_FOLDER: &str = "scenes";

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
    /// Files of the site's own scenes that could not be taken.
    pub scene_errors: Vec<SceneFileError>,
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
            return Self::with_scenes(folder, store, OpenReport::default(), clock);
        }
        if !folder.is_dir() {
            private::make_folder(folder).map_err(|_| StoreError::NotWritable)?;
        }
        // A new key beside an old file would only hide that the old key is gone.
        let key = match keys.get()? {
            None if path.exists() => return Err(DeskError::KeyMissing),
            None => keys.get_or_create()?,
            Some(key) => key,
        };
        let (store, report) = Store::open(&path, &key, clock.now())?;
        Self::with_scenes(folder, store, report, clock)
    }

    fn with_scenes(
        folder: &Path,
        store: Store,
        report: OpenReport,
        clock: Arc<dyn Clock>,
    ) -> Result<Opened, DeskError> {
        let desk = Self::open(store, clock)?;
        desk.set_aside.store(report.set_aside.is_some(), Ordering::Relaxed);
        let (scenes, scene_errors) = Scenes::with_folder(&folder.join(SCENES_FOLDER));
        for error in &scene_errors {
            tracing::warn!(%error, "a scene of this site cannot be used");
        }
        desk.use_scenes(scenes);
        Ok(Opened { desk, report, scene_errors })
    }
}

/// Where the file of a desk lies.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(STORE_FILE)
}
