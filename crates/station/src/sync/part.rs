//! A file too large to be held: fetched into the desk's folder, in as many goes as it takes.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use yanma_domain::IssuerId;
use yanma_protocol::FeedError;
use yanma_protocol::envelope::{FileKind, Keys};
use yanma_protocol::envelope_stream::{self, VerifiedStream};
use yanma_protocol::file_name::FileName;
use yanma_protocol::head::{FileList, FileRef};
use yanma_store::{DirectoryOf, Store};

use super::fetched::{Fetched, is_missing};
use super::{Progress, SyncError, begun};
use crate::authority::AuthorityError;
use crate::error::DeskError;

/// What the name of a file that is being fetched adds to that of the desk's file, before its own.
const PART: &str = ".part-";
/// After so many goes that brought nothing it is left to the next sync.
const IDLE_GOES: u32 = 2;
/// How much is read ahead of what is decoded.
const READ_AHEAD_BYTES: usize = 256 * 1024;

/// A file on the disk that is as long as the head says; nothing else is known of it.
pub(super) struct Part {
    path: PathBuf,
    file: FileRef,
}

impl Part {
    /// A reader that begins at a byte of it.
    pub(super) fn from(&self, at: u64) -> Result<BufReader<File>, FeedError> {
        let open = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(at))?;
            Ok::<_, std::io::Error>(BufReader::with_capacity(READ_AHEAD_BYTES, file))
        };
        open().map_err(|_| FeedError::Truncated)
    }

    pub(super) fn name(&self) -> FileName {
        self.file.name
    }

    /// It was used, or is of no use.
    pub(super) fn remove(&self) {
        remove(&self.path);
    }

    /// Checks that it is the file that the head names, and its signature.
    pub(super) fn open(
        &self,
        kind: FileKind,
        issuer: IssuerId,
        keys: Keys<'_>,
    ) -> Result<VerifiedStream, FeedError> {
        envelope_stream::open(&self.file, |at| self.from(at), kind, issuer, keys)
    }
}

impl Fetched {
    /// Fetches the snapshot of a directory into the folder of the store, and goes on where an
    /// earlier go ended, also one before a restart. What was fetched of any other is removed.
    ///
    /// # Errors
    /// [`DeskError::Unfinished`] when the go is over before all of it is here.
    pub(super) async fn snapshot(
        &mut self,
        of: DirectoryOf,
        list: &FileList,
        store: &Store,
    ) -> Result<Part, DeskError> {
        // What is there of another file is still to be gone on with.
        if self.go_is_over() {
            return Err(DeskError::Unfinished);
        }
        let file = list.snapshot;
        // Nothing that was begun by another way is given up for what this one cannot bring.
        if !self.authority.carries_directory() {
            return Err(SyncError::Missing(file.name).into());
        }
        self.begin_go();
        let path = path_of(store, &file);
        begun::note(list, of, store)?;
        remove_but(store, Some(&path));
        self.fetch_to(&file, &path).await?;
        Ok(Part { path, file })
    }

    /// Fetches a file into the one at `path`, from where that ends on, until it is as long as
    /// the head says. Nothing else is known of it then.
    pub(super) async fn fetch_to(&mut self, file: &FileRef, path: &Path) -> Result<(), DeskError> {
        let of_length = || SyncError::File { file: file.name, error: FeedError::Length };
        let mut idle_goes = 0;
        loop {
            let had = length_of(path);
            if had == file.bytes {
                self.progress.done += file.bytes;
                return Ok(());
            }
            let had = if had > file.bytes { 0 } else { had };
            if had == 0 {
                remove(path);
            }
            let ended = match self.go_on(file, path, had).await {
                Ok(()) => of_length().into(),
                Err(DeskError::Authority(AuthorityError::TooLong { .. })) => {
                    remove(path);
                    of_length().into()
                }
                Err(DeskError::Authority(error)) if is_missing(&error) => {
                    return Err(SyncError::Missing(file.name).into());
                }
                Err(DeskError::Unfinished) => return Err(DeskError::Unfinished),
                Err(error) => error,
            };
            // As long as it grows, it is worth going on.
            if length_of(path) <= had {
                idle_goes += 1;
            }
            if idle_goes == IDLE_GOES {
                return Err(ended);
            }
        }
    }

    async fn go_on(&mut self, file: &FileRef, path: &Path, had: u64) -> Result<(), DeskError> {
        let mut opened = open_part(path, had).map_err(|_| AuthorityError::NotKept)?;
        let (mut came, mut begins_at, mut unfinished) = (0, None, false);
        let mut take = |at: u64, piece: &[u8]| {
            came += piece.len() as u64;
            let end = at + piece.len() as u64;
            self.meter.say(Progress { done: self.progress.done + end, ..self.progress });
            let kept = opened.seek(SeekFrom::Start(at)).and_then(|_| opened.write_all(piece));
            // Whoever sends all of it, though asked for the rest, would do so with every go.
            let goes_on = *begins_at.get_or_insert(at) == had;
            unfinished = kept.is_ok() && goes_on && end < file.bytes && self.go_is_over();
            kept.is_ok() && !unfinished
        };
        let name = file.name.to_string();
        let fetched = self.authority.file_from(&name, had, file.bytes, &mut take).await;
        self.files += usize::from(fetched.is_ok());
        self.bytes += came;
        if unfinished { Err(DeskError::Unfinished) } else { Ok(fetched?) }
    }
}

/// Where a file is fetched to.
pub(super) fn path_of(store: &Store, file: &FileRef) -> PathBuf {
    store.beside(&format!("{PART}{}", file.name))
}

/// A link has none: on a stick that somebody prepared it may lead to any file.
pub(super) fn length_of(path: &Path) -> u64 {
    let found = fs::symlink_metadata(path).ok().filter(|found| found.is_file());
    found.map_or(0, |found| found.len())
}

/// Goes on with a file of which so much is there, or begins it. What is published to everybody is
/// nobody's secret here.
fn open_part(path: &Path, had: u64) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(had == 0).open(path)
}

/// A part that cannot be removed is found too long, or not the file, or in the way of nothing.
pub(super) fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a part of a file stays on the disk");
        }
        _ => {}
    }
}

/// Removes whatever was fetched and not used: its rows are those of the directory.
pub(crate) fn remove_all(store: &Store) {
    remove_but(store, None);
}

fn remove_but(store: &Store, kept: Option<&Path>) {
    let kept = kept.and_then(Path::file_name);
    let parts = store.companions().filter(|(_, added)| added.starts_with(PART));
    parts.filter(|(file, _)| file.file_name() != kept).for_each(|(file, _)| remove(&file));
}
