//! The published files in a folder: on a stick that somebody carries to a desk without a
//! network, or on a share.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use yanma_domain::IssuerId;

use super::{Authority, AuthorityError, MAX_HEAD_BYTES, Pending, Take};

/// Name of the head in the folder.
pub(crate) const HEAD_NAME: &str = "head.yf";
/// How much of a large file is read at once.
const PIECE_BYTES: usize = 1024 * 1024;
/// Name of the folder of the files that the head names.
pub(crate) const FILES_NAME: &str = "files";

/// Where in a folder the feeds of another issuer lie.
pub fn region_folder(folder: &Path, issuer: IssuerId) -> PathBuf {
    folder.join("regions").join(issuer.to_string())
}

/// A folder with `head.yf` and `files/`, as an authority publishes it and as
/// [`Desk::export`](crate::Desk::export) makes it. It answers for feeds only: whatever else
/// is asked of it is as if the authority could not be reached.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`; it need not be there yet.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Authority for Folder {
    fn region(&self, issuer: IssuerId) -> Option<Arc<dyn Authority>> {
        Some(Arc::new(Self(region_folder(&self.0, issuer))))
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        Box::pin(read(self.0.join(HEAD_NAME), MAX_HEAD_BYTES))
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        Box::pin(read(self.0.join(FILES_NAME).join(name), limit))
    }

    fn file_from<'a>(
        &'a self,
        name: &'a str,
        from: u64,
        limit: u64,
        take: &'a mut Take<'a>,
    ) -> Pending<'a, ()> {
        let path = self.0.join(FILES_NAME).join(name);
        // A piece is read while nothing else is waited for; a slow stick holds up only this.
        Box::pin(async move { read_from(&path, from, limit, take) })
    }
}

fn read_from(
    path: &Path,
    from: u64,
    limit: u64,
    take: &mut Take<'_>,
) -> Result<(), AuthorityError> {
    let mut file = open_plain(path)?;
    file.seek(SeekFrom::Start(from)).map_err(|_| AuthorityError::Unreadable)?;
    let mut piece = vec![0; PIECE_BYTES];
    let mut at = from;
    loop {
        let length = file.read(&mut piece).map_err(|_| AuthorityError::Unreadable)?;
        if length == 0 {
            return Ok(());
        }
        if at + length as u64 > limit {
            return Err(AuthorityError::TooLong { limit });
        }
        if !take(at, piece.get(..length).unwrap_or_default()) {
            return Err(AuthorityError::NotKept);
        }
        at += length as u64;
    }
}

async fn read(path: PathBuf, limit: u64) -> Result<Vec<u8>, AuthorityError> {
    let reading = tokio::task::spawn_blocking(move || read_at_most(&path, limit));
    reading.await.unwrap_or(Err(AuthorityError::Unreadable))
}

/// Opens a plain file. A pipe on a stick would be waited for without end, so it counts as
/// unreadable.
fn open_plain(path: &Path) -> Result<File, AuthorityError> {
    let refused = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => AuthorityError::NoSuchFile,
        _ => AuthorityError::Unreadable,
    };
    if !path.metadata().map_err(refused)?.is_file() {
        return Err(AuthorityError::Unreadable);
    }
    File::open(path).map_err(refused)
}

/// Reads a plain file and stops at the limit.
fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, AuthorityError> {
    let mut bytes = Vec::new();
    let read = open_plain(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|_| AuthorityError::Unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(AuthorityError::TooLong { limit });
    }
    Ok(bytes)
}
