//! The published files, for whoever asks. They are signed, so it does not matter who carries
//! them; a web server or a CDN may do the same from the same folder.

use std::io;
use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::file_name::HEAD_FILE;
use yanma_protocol::head::{FILES_PATH, HEAD_PATH};

use super::answers::FeedFile;
use super::callers::Desk;
use super::describe::{Routes, Tag};
use super::error::Failure;
use super::path::{FeedFileName, Named};
use crate::authority::Authority;
use crate::error::Error;

/// The published files.
pub(super) fn routes() -> Routes {
    Routes::new(Tag::Feeds)
        .get(HEAD_PATH, head, "The head: which files are the newest", |it| {
            it.says("A desk that sends its token is thereby seen; nothing else depends on it.")
                .token_or_none()
                .refuses(&[ErrorCode::NotFound])
        })
        .get(&format!("{FILES_PATH}{{name}}"), file, "A file of a feed", |it| {
            it.says("It never changes, and may be kept for ever.")
        })
}

/// The head. A desk that asks with its token is thereby seen; whether the token counts makes
/// no difference to the answer.
async fn head(
    State(authority): State<Arc<Authority>>,
    _: Result<Desk, Failure>,
) -> Result<FeedFile, Failure> {
    let path = authority.feeds_folder().join(HEAD_FILE);
    serve(path, "no-cache").await
}

async fn file(
    State(authority): State<Arc<Authority>>,
    Named(FeedFileName(name)): Named<FeedFileName>,
) -> Result<FeedFile, Failure> {
    let path = authority.feeds_folder().join("files").join(name);
    serve(path, "public, max-age=31536000, immutable").await
}

async fn serve(path: std::path::PathBuf, cache: &'static str) -> Result<FeedFile, Failure> {
    match tokio::fs::read(&path).await {
        Ok(bytes) => Ok(FeedFile { bytes, cache }),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            Err(Failure(Error::NotFound("file")))
        }
        Err(source) => Err(Failure(Error::Io { path, source })),
    }
}
