//! The feeds by another way than the network: into a folder at a desk that has one, out of
//! it at a desk that has none. The files are those of the authority, signatures and all, so
//! whoever carries them is believed no more than a network is.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileRef, Head};
use yanma_protocol::{Digest, FeedError};

use super::fetched::Fetched;
use super::{SyncError, Synced, part};
use crate::authority::{Authority, FILES_NAME, Folder, HEAD_NAME};
use crate::desk::Desk;
use crate::error::DeskError;

/// How much of a file is read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// What an export put into a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Number of the head.
    pub head: u64,
    /// When it was issued: what is imported from this folder has its age from here.
    pub issued_at: Timestamp,
    /// Files that were written, the head not counted.
    pub written: usize,
    /// Files that lay there whole already.
    pub there: usize,
    /// Bytes of all files that the head names, and of the head.
    pub bytes: u64,
}

impl Desk {
    /// Takes over the state that a folder carries, as [`Desk::sync`] does from the network:
    /// every file is verified, a head that is older than the one at hand is refused, and the
    /// age counts from when the head was issued. While a sync is under way it waits for that
    /// to end.
    ///
    /// # Errors
    /// When the desk is not enrolled, the folder has no readable head, or anything in it is
    /// refused; nothing is changed then, unless that is the directory alone.
    pub async fn import(&self, folder: &Path) -> Result<Synced, DeskError> {
        self.import_from(Arc::new(Folder::new(folder))).await
    }

    /// The same from whoever else carries the files, such as another desk in the same network.
    ///
    /// # Errors
    /// As [`Desk::import`].
    pub async fn import_from(&self, carrier: Arc<dyn Authority>) -> Result<Synced, DeskError> {
        let _alone = self.one_sync.lock().await;
        let _under_way = self.meter.begin();
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        self.follow(&enrolment, carrier).await
    }

    /// Puts the newest state that the authority publishes into a folder, for
    /// [`Desk::import`] at another desk. What lies there whole is not fetched again, and no file
    /// is held in memory, so an export that was cut off goes on where it was; the head is written
    /// last.
    ///
    /// # Errors
    /// When the authority cannot be reached, the head or a file is refused, or the folder
    /// cannot be written. The head that lay there stays then.
    pub async fn export(&self, folder: &Path) -> Result<Exported, DeskError> {
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        let known = self.knowledge();
        let _under_way = self.meter.begin();
        let mut fetched = Fetched::from(self.authority()?, Arc::clone(&self.meter));
        let (bytes, head, _) = self.newest(&mut fetched, &enrolment, &known).await?;
        let files = folder.join(FILES_NAME);
        fs::create_dir_all(&files).map_err(DeskError::Folder)?;
        let mut exported = Exported {
            head: head.number,
            issued_at: head.issued_at,
            written: 0,
            there: 0,
            bytes: bytes.len() as u64,
        };
        for file in files_of(&head) {
            exported.bytes += file.bytes;
            let path = files.join(file.name.to_string());
            if lies_whole(&path, file) {
                exported.there += 1;
                continue;
            }
            fetched.begin(file.name.feed(), file.bytes);
            bring(&mut fetched, file, &path).await?;
            exported.written += 1;
        }
        put(&folder.join(HEAD_NAME), &bytes).map_err(DeskError::Folder)?;
        Ok(exported)
    }
}

/// Every file that the head names: a desk may come from any state.
fn files_of(head: &Head) -> impl Iterator<Item = &FileRef> {
    let lists = FeedName::ALL.into_iter().map(|feed| head.feeds.of(feed));
    lists.flat_map(|list| [&list.snapshot].into_iter().chain(&list.deltas))
}

/// Fetches a file beside its place, from where an earlier go ended on, and gives it its name once
/// it is the one that the head names. Another one is fetched once more from the beginning:
/// whoever began it may have lied.
async fn bring(fetched: &mut Fetched, file: &FileRef, path: &Path) -> Result<(), DeskError> {
    let part = part_of(path);
    for _ in 0..2 {
        fetched.fetch_to(file, &part).await?;
        if lies_whole(&part, file) {
            return name(&part, path).map_err(DeskError::Folder);
        }
        part::remove(&part);
    }
    Err(SyncError::File { file: file.name, error: FeedError::Hash }.into())
}

/// Whether this is the file that the head names, read in pieces.
fn lies_whole(path: &Path, file: &FileRef) -> bool {
    let is_plain = path.metadata().is_ok_and(|data| data.is_file());
    is_plain
        && part::length_of(path) == file.bytes
        && digest_of(path).is_ok_and(|digest| digest == file.sha256)
}

fn digest_of(path: &Path) -> std::io::Result<Digest> {
    let mut file = File::open(path)?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Digest(hasher.finalize().into())),
            length => hasher.update(piece.get(..length).unwrap_or_default()),
        }
    }
}

fn part_of(path: &Path) -> PathBuf {
    path.with_extension("part")
}

/// Writes a file beside its place, and gives it its name.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = part_of(path);
    File::create(&part)?.write_all(bytes)?;
    name(&part, path)
}

/// Brings a file onto the stick, and only then gives it its name: a stick that is pulled out
/// keeps no half file under it.
fn name(part: &Path, path: &Path) -> std::io::Result<()> {
    File::options().write(true).open(part)?.sync_all()?;
    fs::rename(part, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
