//! The feeds by another way than the network: into a folder at a desk that has one, out of
//! it at a desk that has none. The files are those of the authority, signatures and all, so
//! whoever carries them is believed no more than a network is.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileRef, Head};

use super::Synced;
use super::fetched::Fetched;
use crate::authority::{FILES_NAME, Folder, HEAD_NAME};
use crate::desk::Desk;
use crate::error::DeskError;

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
        let _alone = self.one_sync.lock().await;
        let _under_way = self.meter.begin();
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        self.follow(&enrolment, Arc::new(Folder::new(folder))).await
    }

    /// Puts the newest state that the authority publishes into a folder, for
    /// [`Desk::import`] at another desk. What lies there whole is not fetched again, so an
    /// export that was cut off goes on where it was; the head is written last.
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
            let came = fetched.file(file).await?;
            put(&path, &came.bytes).map_err(DeskError::Folder)?;
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

fn lies_whole(path: &Path, file: &FileRef) -> bool {
    let as_long = path.metadata().is_ok_and(|data| data.is_file() && data.len() == file.bytes);
    as_long && fs::read(path).is_ok_and(|bytes| file.check(&bytes).is_ok())
}

/// Writes a file beside its place, brings it onto the stick, and only then gives it its
/// name: a stick that is pulled out keeps no half file under it.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&part, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
