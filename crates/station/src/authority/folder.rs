//! The published files in a folder: on a stick that somebody carries to a desk without a
//! network, or on a share.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use yanma_protocol::entries::{EntriesRequest, EntriesResponse};
use yanma_protocol::stations::{EnrolRequest, EnrolResponse};
use yanma_protocol::verify::{VerifyRequest, VerifyResponse};

use super::{Authority, AuthorityError, MAX_HEAD_BYTES, Pending};

/// Name of the head in the folder.
pub(crate) const HEAD_NAME: &str = "head.yf";
/// Name of the folder of the files that the head names.
pub(crate) const FILES_NAME: &str = "files";

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
    fn enrol<'a>(&'a self, _request: &'a EnrolRequest) -> Pending<'a, EnrolResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        Box::pin(read(self.0.join(HEAD_NAME), MAX_HEAD_BYTES))
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        Box::pin(read(self.0.join(FILES_NAME).join(name), limit))
    }

    fn verify<'a>(&'a self, _request: &'a VerifyRequest) -> Pending<'a, VerifyResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }

    fn upload<'a>(&'a self, _request: &'a EntriesRequest) -> Pending<'a, EntriesResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }
}

async fn read(path: PathBuf, limit: u64) -> Result<Vec<u8>, AuthorityError> {
    let reading = tokio::task::spawn_blocking(move || read_at_most(&path, limit));
    reading.await.unwrap_or(Err(AuthorityError::Unreadable))
}

/// Reads a plain file and stops at the limit. A pipe on a stick would be waited for without
/// end, so it counts as unreadable.
fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, AuthorityError> {
    let refused = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => AuthorityError::NoSuchFile,
        _ => AuthorityError::Unreadable,
    };
    if !path.metadata().map_err(refused)?.is_file() {
        return Err(AuthorityError::Unreadable);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refused)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > limit {
        return Err(AuthorityError::TooLong { limit });
    }
    Ok(bytes)
}
