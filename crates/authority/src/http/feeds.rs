//! The published files, for whoever asks. They are signed, so it does not matter who carries
//! them; a web server or a CDN may do the same from the same folder.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use yanma_protocol::file_name::HEAD_FILE;
use yanma_protocol::head::{FILES_PATH, HEAD_PATH, REGIONS_PATH};
use yanma_protocol::{Digest, ErrorCode};

use super::answers::{FeedFile, FeedHead, FilePart};
use super::callers::Desk;
use super::describe::{Routes, Tag};
use super::error::Failure;
use super::path::{CarriedIssuer, FeedFileName, Named};
use crate::authority::Authority;
use crate::error::Error;
use crate::regions::folder_of;

/// The published files.
pub(super) fn routes() -> Routes {
    Routes::new(Tag::Feeds)
        .get(HEAD_PATH, head, "The head: which files are the newest", |it| {
            it.says(
                "A desk that sends its token is thereby seen, and told when it was ended; any \
                 other token, or none, makes no difference. `if-none-match` with the `etag` of \
                 the head that is known is answered 304 while there is no newer one.",
            )
            .token_or_none()
            .refuses(&[ErrorCode::NotFound, ErrorCode::StationRevoked])
        })
        .get(&format!("{FILES_PATH}{{name}}"), file, "A file of a feed", |it| {
            it.says(
                "It never changes, and may be kept for ever. `range: bytes=N-` asks for its end \
                 from a byte on, and is answered 206; other ranges are passed over, as is one \
                 with an `if-range` that is not the file's `etag`.",
            )
        })
        .get(&format!("{REGIONS_PATH}{{number}}/head"), region_head, "A region's head", |it| {
            it.says(
                "The head of another issuer that is recognised here, as that issuer signed it. A \
                 desk verifies it by the keys that our trust list has of that issuer. Only the \
                 files of its status list are carried. 404 while there is none.",
            )
            .refuses(&[ErrorCode::NotFound])
        })
        .get(
            &format!("{REGIONS_PATH}{{number}}/files/{{name}}"),
            region_file,
            "A file of a region's status list",
            |it| it.says("As a file of our own feeds."),
        )
}

/// The head. A desk that asks with its token is thereby seen. One that was ended is told so:
/// this is what every desk asks for every minute. No other token makes a difference.
async fn head(
    State(authority): State<Arc<Authority>>,
    desk: Result<Desk, Failure>,
    headers: HeaderMap,
) -> Result<FeedHead, Failure> {
    if let Err(Failure(Error::StationRevoked)) = desk {
        return Err(Failure(Error::StationRevoked));
    }
    head_in(&authority.feeds_folder(), &headers).await
}

async fn file(
    State(authority): State<Arc<Authority>>,
    Named(FeedFileName(name)): Named<FeedFileName>,
    headers: HeaderMap,
) -> Result<FeedFile, Failure> {
    file_in(&authority.feeds_folder(), name, &headers).await
}

async fn region_head(
    State(authority): State<Arc<Authority>>,
    Named(CarriedIssuer(issuer)): Named<CarriedIssuer>,
    headers: HeaderMap,
) -> Result<FeedHead, Failure> {
    head_in(&folder_of(&authority.feeds_folder(), issuer), &headers).await
}

async fn region_file(
    State(authority): State<Arc<Authority>>,
    Named(CarriedIssuer(issuer)): Named<CarriedIssuer>,
    Named(FeedFileName(name)): Named<FeedFileName>,
    headers: HeaderMap,
) -> Result<FeedFile, Failure> {
    file_in(&folder_of(&authority.feeds_folder(), issuer), name, &headers).await
}

async fn head_in(folder: &Path, headers: &HeaderMap) -> Result<FeedHead, Failure> {
    let path = folder.join(HEAD_FILE);
    let bytes = tokio::fs::read(&path).await.map_err(|source| unreadable(&path, source))?;
    let tag = tag_of(&Digest::of(&bytes).to_string());
    let bytes = (!has(headers, &tag)).then_some(bytes);
    Ok(FeedHead { bytes, tag })
}

async fn file_in(folder: &Path, name: String, headers: &HeaderMap) -> Result<FeedFile, Failure> {
    // A name is given to one content only, ever.
    let tag = tag_of(&name);
    let path = folder.join("files").join(name);
    if has(headers, &tag) {
        tokio::fs::metadata(&path).await.map_err(|source| unreadable(&path, source))?;
        return Ok(FeedFile { part: None, tag });
    }
    let from = if names_another(headers, &tag) { 0 } else { beginning(headers) };
    let opened = tokio::task::spawn_blocking(move || {
        FilePart::open(&path, from).map_err(|source| unreadable(&path, source))
    });
    let part = opened.await.map_err(|_| Failure(Error::Panicked))??;
    Ok(FeedFile { part: Some(part), tag })
}

/// A tag of letters, digits and hyphens, which digests and file names are.
fn tag_of(text: &str) -> HeaderValue {
    let quoted = HeaderValue::try_from(format!("\"{text}\""));
    quoted.unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether `if-none-match` names this (RFC 9110 §13.1.2); a weak tag is as good.
fn has(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let known = text(headers, header::IF_NONE_MATCH).unwrap_or_default();
    known.split(',').map(str::trim).any(|known| {
        known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == tag.as_bytes()
    })
}

/// Whether the range that is asked for is one of something else (RFC 9110 §13.1.5).
fn names_another(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    headers.get(header::IF_RANGE).is_some_and(|of| of != tag)
}

/// Where somebody goes on who has the beginning: `range: bytes=N-`, else 0.
fn beginning(headers: &HeaderMap) -> u64 {
    text(headers, header::RANGE)
        .and_then(|range| range.strip_prefix("bytes="))
        .and_then(|range| range.strip_suffix('-'))
        .and_then(|from| from.parse().ok())
        .unwrap_or(0)
}

fn unreadable(path: &Path, source: io::Error) -> Failure {
    match source.kind() {
        io::ErrorKind::NotFound => Failure(Error::NotFound("file")),
        _ => Failure(Error::Io { path: path.to_owned(), source }),
    }
}
