//! The published files, for whoever asks. They are signed, so it does not matter who carries
//! them; a web server or a CDN may do the same from the same folder.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};

use super::error::Failure;
use crate::authority::Authority;
use crate::error::Error;

pub(super) const HEAD_PATH: &str = "/v1/feeds/head";
pub(super) const FILES_PATH: &str = "/v1/feeds/files/{name}";

/// The longest name of a published file; they have about 60 characters.
const LONGEST_NAME: usize = 100;

type Served = ([(HeaderName, &'static str); 2], Bytes);

pub(super) async fn head(State(authority): State<Arc<Authority>>) -> Result<Served, Failure> {
    let path = authority.feeds_folder().join("head.yf");
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
    // Only what a published file can be called: no separators, no dots but the last.
    let stem = name.strip_suffix(".yf").unwrap_or_default();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if stem.is_empty() || name.len() > LONGEST_NAME || !stem.bytes().all(plain) {
        return Err(nothing);
    }
    let path = authority.feeds_folder().join("files").join(name);
    serve(path, "public, max-age=31536000, immutable").await
}

async fn serve(path: std::path::PathBuf, cache: &'static str) -> Result<Served, Failure> {
    match tokio::fs::read(&path).await {
        Ok(bytes) => Ok((
            [
                (header::CONTENT_TYPE, "application/octet-stream"),
                (header::CACHE_CONTROL, cache),
            ],
            bytes.into(),
        )),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            Err(Failure(Error::NotFound("file")))
        }
        Err(source) => Err(Failure(Error::Io { path, source })),
    }
}
