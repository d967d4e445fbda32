//! The published files, for whoever asks. They are signed, so it does not matter who carries
//! them; a web server or a CDN may do the same from the same folder.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use yanma_protocol::file_name::{FileName, HEAD_FILE};

use super::callers::Desk;
use super::error::Failure;
use crate::authority::Authority;
use crate::error::Error;

type Served = ([(HeaderName, &'static str); 2], Bytes);

/// The head. A desk that asks with its token is thereby seen; whether the token counts makes
/// no difference to the answer.
pub(super) async fn head(
    State(authority): State<Arc<Authority>>,
    _: Result<Desk, Failure>,
) -> Result<Served, Failure> {
    let path = authority.feeds_folder().join(HEAD_FILE);
    serve(path, "no-cache").await
}

pub(super) async fn file(
    State(authority): State<Arc<Authority>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Served, Failure> {
    let nothing = Failure(Error::NotFound("file"));
    let Ok(Path(name)) = name else {
        return Err(nothing);
    };
    // Only what a published file can be called leads to the disk.
    if name.parse::<FileName>().is_err() {
        return Err(nothing);
    }
    let path = authority.feeds_folder().join("files").join(name);
    serve(path, "public, max-age=31536000, immutable").await
}

async fn serve(path: std::path::PathBuf, cache: &'static str) -> Result<Served, Failure> {
    match tokio::fs::read(&path).await {
        Ok(bytes) => Ok((
            [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, cache)],
            bytes.into(),
        )),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            Err(Failure(Error::NotFound("file")))
        }
        Err(source) => Err(Failure(Error::Io { path, source })),
    }
}
