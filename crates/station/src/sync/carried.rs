//! The feeds by another way than the network: into a folder at a desk that has one, out of
//! it at a desk that has none. The files are those of the authority, signatures and all, so
//! whoever carries them is believed no more than a network is.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use yanma_domain::trust::TrustList;
use yanma_protocol::head::{FileRef, Head};
use yanma_protocol::{Digest, FeedError};
use yanma_store::Store;

use super::fetched::{Fetched, is_missing};
use super::regions::{Asked, others};
use super::{SyncError, Synced, part};
use crate::authority::{Authority, FILES_NAME, Folder, HEAD_NAME, MAX_HEAD_BYTES, region_folder};
use crate::desk::Desk;
use crate::enrolment::Enrolment;
use crate::error::DeskError;

/// What the name of the folder that [`Desk::given_folder`] is adds to that of the desk's file: so
/// that it is nobody else's, for it is removed with all that is in it.
const GIVEN_SUFFIX: &str = ".nearby";
/// How much of a file is read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Lists that lie in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// How long ago the authority issued them, by this desk's clock. `None` when they cannot be
    /// told to be its authority's: another one's, a damaged head, or keys that are not known yet.
    pub age: Option<SignedDuration>,
    /// Whether they are newer than what is in force, or may be.
    pub newer: bool,
}

/// What an export put into a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Number of the head.
    pub head: u64,
    /// When it was issued: what is imported from this folder has its age from here.
    pub issued_at: Timestamp,
    /// Files that were written, heads not counted.
    pub written: usize,
    /// Files that lay there whole already.
    pub there: usize,
    /// Bytes of all files that are named, of other issuers too, and of the heads.
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
    /// refused; nothing is changed then, unless that is the policies or the directory alone.
    pub async fn import(&self, folder: &Path) -> Result<Synced, DeskError> {
        self.import_from(Arc::new(Folder::new(folder))).await
    }

    /// The lists that lie in a folder; `None` when there are none. Only the head is read, and
    /// nothing is taken over.
    pub fn carried_in(&self, folder: &Path) -> Option<Carried> {
        let mut bytes = Vec::new();
        let head = File::open(folder.join(HEAD_NAME)).ok()?;
        head.take(MAX_HEAD_BYTES).read_to_end(&mut bytes).ok()?;
        let known = self.knowledge();
        let ours = self.enrolment().zip(known.trust.as_ref());
        let head =
            ours.and_then(|(enrolment, trust)| Head::open(&bytes, enrolment.issuer, trust).ok());
        let age = head.as_ref().map(|head| self.now().duration_since(head.issued_at));
        let newer = head.is_none_or(|head| known.head_number < head.number);
        Some(Carried { age, newer })
    }

    /// The same from whoever else carries the files, such as another desk in the same network.
    ///
    /// # Errors
    /// As [`Desk::import`].
    pub async fn import_from(&self, carrier: Arc<dyn Authority>) -> Result<Synced, DeskError> {
        let _alone = self.one_sync.lock().await;
        let _under_way = self.meter.begin();
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        // In one go: whoever carries has nothing newer to follow in between.
        let fetched = Fetched::from(carrier, Arc::clone(&self.meter));
        self.follow(&enrolment, fetched, Asked::Now).await?.end()
    }

    /// Puts the newest state that the authority publishes, and what it carries of other issuers,
    /// into a folder, for [`Desk::import`] at another desk. What lies there whole is not fetched
    /// again, and no file is held in memory, so an export that was cut off goes on where it was;
    /// each head is written after its files, the authority's own last.
    ///
    /// # Errors
    /// When the authority cannot be reached, the head or a file is refused, or the folder
    /// cannot be written. The head that lay there stays then.
    pub async fn export(&self, folder: &Path) -> Result<Exported, DeskError> {
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        let known = self.knowledge();
        let _under_way = self.meter.begin();
        let mut fetched = Fetched::from(self.authority()?, Arc::clone(&self.meter));
        let (bytes, head, trusted) = self.newest(&mut fetched, &enrolment, &known).await?;
        let mut exported = Exported {
            head: head.number,
            issued_at: head.issued_at,
            written: 0,
            there: 0,
            bytes: 0,
        };
        self.export_regions(folder, &trusted.list, &enrolment, &mut exported).await?;
        let cities = async {
            let cities = self.city_list(&head, &trusted.list, &mut fetched).await?;
            let files: Vec<_> = cities.iter().flat_map(|cities| cities.files()).collect();
            put_files(folder, &files, &mut fetched, &mut exported).await
        };
        if let Err(error) = cities.await {
            tracing::warn!(%error, "a directory of a city is not taken along");
        }
        let files: Vec<_> = head.files().collect();
        put_in(folder, &files, &bytes, &mut fetched, &mut exported).await?;
        Ok(exported)
    }

    /// Where the lists lie that other desks of the network are given, when they are: an export.
    pub fn given_folder(&self) -> PathBuf {
        given_folder(self.store())
    }

    /// Takes them away, when none are to be given any more. One that only looks leaves them.
    pub fn remove_given(&self) {
        if !self.is_read_only() {
            remove_given(self.store());
        }
    }

    /// The same of the other issuers whose lists the authority carries. One that cannot be had is
    /// left out: the others, and the desk's own, are no worse for it.
    async fn export_regions(
        &self,
        folder: &Path,
        trust: &TrustList,
        enrolment: &Enrolment,
        exported: &mut Exported,
    ) -> Result<(), DeskError> {
        let authority = self.authority()?;
        for issuer in others(trust, enrolment.issuer) {
            let Some(carrier) = authority.region(issuer.id) else { continue };
            let mut fetched = Fetched::from(carrier, Arc::clone(&self.meter));
            let bytes = match fetched.authority.head().await {
                Err(error) if is_missing(&error) => continue,
                bytes => bytes,
            };
            let put = async {
                let bytes = bytes?;
                let head = Head::open(&bytes, issuer.id, trust).map_err(SyncError::Head)?;
                let files: Vec<_> = head.feeds.status.files().collect();
                let folder = region_folder(folder, issuer.id);
                put_in(&folder, &files, &bytes, &mut fetched, exported).await
            };
            match put.await {
                Ok(()) => {}
                Err(error @ DeskError::Folder(_)) => return Err(error),
                Err(error) => tracing::warn!(issuer = %issuer.id, %error, "left out of the export"),
            }
        }
        Ok(())
    }
}

fn given_folder(store: &Store) -> PathBuf {
    store.beside(GIVEN_SUFFIX)
}

/// Removes what other desks of the network are given. What stays is tried again at the next start
/// of a desk that is not enrolled, or gives nothing.
pub(crate) fn remove_given(store: &Store) {
    match fs::remove_dir_all(given_folder(store)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "lists for other desks stay on the disk");
        }
        _ => {}
    }
}

/// Puts the files of a head, and last the head, into a folder.
async fn put_in(
    folder: &Path,
    named: &[&FileRef],
    head: &[u8],
    fetched: &mut Fetched,
    exported: &mut Exported,
) -> Result<(), DeskError> {
    put_files(folder, named, fetched, exported).await?;
    exported.bytes += head.len() as u64;
    put(&folder.join(HEAD_NAME), head).map_err(DeskError::Folder)
}

async fn put_files(
    folder: &Path,
    named: &[&FileRef],
    fetched: &mut Fetched,
    exported: &mut Exported,
) -> Result<(), DeskError> {
    let files = folder.join(FILES_NAME);
    fs::create_dir_all(&files).map_err(DeskError::Folder)?;
    for file in named {
        exported.bytes += file.bytes;
        let path = files.join(file.name.to_string());
        if lies_whole(&path, file) {
            exported.there += 1;
            continue;
        }
        fetched.begin(file.name.feed(), file.bytes);
        bring(fetched, file, &path).await?;
        exported.written += 1;
    }
    Ok(())
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
    part::length_of(path) == file.bytes && digest_of(path).is_ok_and(|digest| digest == file.sha256)
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
    // What lies there may be a link that somebody prepared.
    part::remove(&part);
    File::create_new(&part)?.write_all(bytes)?;
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
