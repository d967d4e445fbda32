//! The citizen page and the console: a folder of files that the interface's build made.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeDir;

use super::error::Failure;
use crate::authority::Authority;
use crate::error::Error;

/// Files under this folder have their hash in their name, so they never change.
const HASHED_FILES: &str = "/assets/";

/// Where clerks find the console.
const CONSOLE: &str = "/console";

/// Answers whatever no route matches: a file of the pages, the citizen page for `/` and for
/// the address of a health code (`/` and digits), the console for `/console`, or "there is
/// nothing here" as JSON.
pub(super) async fn page(
    State(authority): State<Arc<Authority>>,
    mut request: Request,
) -> Result<Response, Failure> {
    let nothing = || Failure(Error::NotFound("page"));
    let path = request.uri().path().to_owned();
    let folder = authority.portal_folder().ok_or_else(nothing)?;
    if path.starts_with("/v1/") || path == "/v1" {
        return Err(nothing());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Failure(Error::Method));
    }
    let digits = path.trim_start_matches('/');
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        *request.uri_mut() = Uri::from_static("/index.html");
    } else if path == CONSOLE {
        *request.uri_mut() = Uri::from_static("/console.html");
    }
    let served = ServeDir::new(folder)
        .append_index_html_on_directories(false)
        .try_call(request)
        .await
        .map_err(|source| Error::Io { path: folder.to_owned(), source })?;
    if served.status() == StatusCode::NOT_FOUND {
        return Err(nothing());
    }
    let mut response = served.map(Body::new).into_response();
    let cache = if path.starts_with(HASHED_FILES) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Ok(response)
}
