//! The folder that is published: `head.yf`, and `files/` with everything it names.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use yanma_protocol::FeedError;
use yanma_protocol::file_name::{FileName, HEAD_FILE};
use yanma_protocol::head::{FileRef, Head};

use super::PublishError;

/// A file that no head names any more is kept for so many heads, and so long: a desk may
/// be in the middle of fetching it.
const KEEP_HEADS: u64 = 16;
const KEEP_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What a file is called while it is being written.
const UNFINISHED: &str = "tmp";

/// The published folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// When each file was last named by a head: by count of heads, and by time.
    last_named: BTreeMap<String, (u64, Timestamp)>,
    heads: u64,
}

impl Folder {
    /// Makes the folder if it is not there, and removes what was left half written.
    pub(crate) fn open(path: &Path) -> Result<Self, PublishError> {
        let folder = Self::reading(path);
        fs::create_dir_all(folder.files()).map_err(at(path))?;
        for inside in [path, &folder.files()] {
            for name in names(inside)? {
                if Path::new(&name).extension().is_some_and(|ext| ext == UNFINISHED) {
                    let path = inside.join(name);
                    fs::remove_file(&path).map_err(at(&path))?;
                }
            }
        }
        Ok(folder)
    }

    /// A folder that another process writes.
    pub(super) fn reading(path: &Path) -> Self {
        Self { path: path.to_owned(), last_named: BTreeMap::new(), heads: 0 }
    }

    fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// The head; `None` when nothing was published yet.
    pub(crate) fn read_head(&self) -> Result<Option<Vec<u8>>, PublishError> {
        let path = self.path.join(HEAD_FILE);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// A file, if it is the one that is named.
    pub(super) fn read(&self, file: &FileRef) -> Result<Vec<u8>, PublishError> {
        let path = self.files().join(file.name.to_string());
        let bytes = fs::read(&path).map_err(at(&path))?;
        file.check(&bytes)?;
        Ok(bytes)
    }

    /// Whether a file is there, by its name and length.
    pub(crate) fn check_there(&self, file: &FileRef) -> Result<(), PublishError> {
        let path = self.files().join(file.name.to_string());
        let there = fs::metadata(&path).map_err(at(&path))?;
        if there.len() == file.bytes { Ok(()) } else { Err(FeedError::Length.into()) }
    }

    /// Writes a file. It is there as a whole or not at all, also after a power cut.
    pub(crate) fn write(&self, file: &FileRef, bytes: &[u8]) -> Result<(), PublishError> {
        write_whole(&self.files(), &file.name.to_string(), bytes)
    }

    /// Replaces the head; what it names, and the files of cities that it leads to, must have been
    /// written. What is no longer of use to anybody is removed after that.
    pub(crate) fn write_head<'a>(
        &mut self,
        head: &'a Head,
        bytes: &[u8],
        of_cities: impl IntoIterator<Item = &'a FileRef>,
    ) -> Result<(), PublishError> {
        // The files must be in the folder for good before a head names them.
        sync_folder(&self.files())?;
        write_whole(&self.path, HEAD_FILE, bytes)?;
        sync_folder(&self.path)?;
        self.heads += 1;
        for file in head.files().chain(of_cities) {
            self.last_named.insert(file.name.to_string(), (self.heads, head.issued_at));
        }
        // The new head is out; that an old file could not be removed is no reason to say
        // that it is not.
        if let Err(error) = self.remove_old(head.issued_at) {
            tracing::warn!(%error, "files that no head names any more could not be removed");
        }
        Ok(())
    }

    fn remove_old(&mut self, now: Timestamp) -> Result<(), PublishError> {
        for name in names(&self.files())? {
            let Some(name) = name.to_str() else { continue };
            if name.parse::<FileName>().is_err() {
                continue;
            }
            // A file from before the last start counts as named just now.
            let (heads, named_at) =
                *self.last_named.entry(name.to_owned()).or_insert((self.heads, now));
            let used = self.heads - heads < KEEP_HEADS || now.duration_since(named_at) < KEEP_FOR;
            if !used {
                let path = self.files().join(name);
                fs::remove_file(&path).map_err(at(&path))?;
                self.last_named.remove(name);
            }
        }
        Ok(())
    }
}

fn names(folder: &Path) -> Result<Vec<std::ffi::OsString>, PublishError> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    entries.map(|entry| Ok(entry.map_err(at(folder))?.file_name())).collect()
}

fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
    let unfinished = folder.join(format!("{name}.{UNFINISHED}"));
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if written.is_err() {
        // On a full disk its place is needed.
        let _ = fs::remove_file(&unfinished);
    }
    written.map_err(at(&unfinished))?;
    let path = folder.join(name);
    fs::rename(&unfinished, &path).map_err(at(&path))
}

/// Makes renames in a folder durable. Windows has no such call and needs none.
fn sync_folder(folder: &Path) -> Result<(), PublishError> {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    }
    Ok(())
}

fn at(path: &Path) -> impl Fn(io::Error) -> PublishError + '_ {
    move |source| PublishError::Io { path: path.to_owned(), source }
}
