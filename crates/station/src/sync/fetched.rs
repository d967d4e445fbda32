//! What a sync fetches, and from whom.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use yanma_protocol::file_name::{FeedName, FileName};
use yanma_protocol::head::FileRef;
use yanma_protocol::stations::DirectoryKeys;
use yanma_protocol::{ErrorCode, FeedError};

use super::{Meter, Progress, Stage, SyncError};
use crate::authority::{Authority, AuthorityError};
use crate::error::DeskError;

/// How long one go at large files takes when there is more to come. A desk asks for a head once a
/// minute: after twenty seconds the newest is not late yet, and to ask for it costs next to nothing
/// of what came meanwhile.
const GO: Duration = Duration::from_secs(20);

/// The authority, and what was fetched from it in this sync.
pub(super) struct Fetched {
    pub(super) authority: Arc<dyn Authority>,
    /// Who gives directory keys: never whoever else carries the files.
    pub(super) keys_from: Option<Arc<dyn Authority>>,
    /// Whether this is the authority itself, and nobody who carries its files: it may have a newer
    /// head any minute, so large files are fetched in goes, between which others have their turn.
    pub(super) from_authority: bool,
    /// When this go is over; `None` until a large file is begun.
    go_ends: Option<Instant>,
    pub(super) files: usize,
    pub(super) bytes: u64,
    pub(super) meter: Arc<Meter>,
    /// How far it is with the feed that is being fetched.
    pub(super) progress: Progress,
}

impl Fetched {
    pub(super) fn from(authority: Arc<dyn Authority>, meter: Arc<Meter>) -> Self {
        let progress = Progress { feed: FeedName::Trust, stage: Stage::Fetch, done: 0, total: 0 };
        let (keys_from, from_authority, go_ends) = Default::default();
        let (files, bytes) = (0, 0);
        Self { authority, keys_from, from_authority, go_ends, files, bytes, meter, progress }
    }

    /// Begins the go, if large files are fetched in goes, with the first of them.
    pub(super) fn begin_go(&mut self) {
        if self.from_authority {
            self.go_ends.get_or_insert_with(|| Instant::now() + GO);
        }
    }

    /// Whether others should have their turn.
    pub(super) fn go_is_over(&self) -> bool {
        self.go_ends.is_some_and(|ends| Instant::now() >= ends)
    }

    /// Goes over to the files of a feed, so many bytes.
    pub(super) fn begin(&mut self, feed: FeedName, total: u64) {
        self.progress = Progress { feed, total, done: 0, ..self.progress };
    }

    /// The directory keys, of which this one is in force.
    ///
    /// # Errors
    /// [`SyncError::DirectoryKey`] when it cannot be had now; [`AuthorityError::Revoked`].
    pub(super) async fn directory_keys(&self, generation: u32) -> Result<DirectoryKeys, DeskError> {
        let keys = self.keys_in_force().await?;
        let keys = keys.filter(|keys| keys.directory_key_generation == generation);
        keys.ok_or(SyncError::DirectoryKey { generation }.into())
    }

    /// The directory keys, whichever is in force; `None` when they cannot be had now.
    ///
    /// # Errors
    /// [`AuthorityError::Revoked`].
    pub(super) async fn keys_in_force(&self) -> Result<Option<DirectoryKeys>, DeskError> {
        let Some(authority) = &self.keys_from else { return Ok(None) };
        match authority.directory_keys().await {
            Ok(keys) => Ok(Some(keys).filter(|keys| keys.check().is_ok())),
            Err(error @ AuthorityError::Revoked) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "the directory keys could not be had");
                Ok(None)
            }
        }
    }

    /// A file, whole and as the head describes it. Retried once: a cut connection is
    /// common, a lying carrier does not get better by asking again.
    pub(super) async fn file(&mut self, file: &FileRef) -> Result<Came, DeskError> {
        let name = file.name;
        let mut error = FeedError::Hash;
        for _ in 0..2 {
            let bytes = match self.whole(file).await {
                Ok(bytes) => bytes,
                Err(AuthorityError::TooLong { .. }) => {
                    error = FeedError::Length;
                    continue;
                }
                Err(error) if is_missing(&error) => return Err(SyncError::Missing(name).into()),
                Err(error) => return Err(error.into()),
            };
            self.files += 1;
            self.bytes += bytes.len() as u64;
            match file.check(&bytes) {
                Ok(()) => {
                    self.progress.done += file.bytes;
                    return Ok(Came { name, bytes });
                }
                Err(refused) => error = refused,
            }
        }
        Err(SyncError::File { file: name, error }.into())
    }

    /// All that comes under the name of a file, and says how far it is.
    async fn whole(&self, file: &FileRef) -> Result<Vec<u8>, AuthorityError> {
        let mut bytes = Vec::new();
        let mut take = |_: u64, piece: &[u8]| {
            bytes.extend_from_slice(piece);
            let done = self.progress.done + bytes.len() as u64;
            self.meter.say(Progress { done, ..self.progress });
            true
        };
        self.authority.file_from(&file.name.to_string(), 0, file.bytes, &mut take).await?;
        Ok(bytes)
    }
}

/// A file that came, and is the one that the head names.
pub(super) struct Came {
    pub(super) name: FileName,
    pub(super) bytes: Vec<u8>,
}

/// Whether a file is not there, by the authority's word or that of a plain file server.
pub(super) fn is_missing(error: &AuthorityError) -> bool {
    match error {
        AuthorityError::Refused(error) => error.code == ErrorCode::NotFound,
        AuthorityError::NotTheAuthority { status } => matches!(status, 404 | 410),
        AuthorityError::NoSuchFile => true,
        _ => false,
    }
}
