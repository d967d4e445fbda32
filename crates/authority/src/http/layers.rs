//! What applies to every request: a log line, a time limit, the protocol's version, and
//! headers that protect the citizen page.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use yanma_protocol::VERSION_HEADER;

use super::error::Failure;
use crate::error::Error;

/// How long a request may take, its body included, in seconds.
pub(super) const TIME_LIMIT_SECONDS: u64 = 30;

/// Logs the route and how it went. Never the path itself (the path of a health code is the
/// code), nor a query or a body.
pub(super) async fn trace(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    tracing::debug!(
        %method,
        route = route.as_ref().map_or("page", MatchedPath::as_str),
        status = response.status().as_u16(),
        elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}

/// Ends requests that take too long, also those whose body trickles in.
pub(super) async fn limit_time(request: Request, next: Next) -> Response {
    let limit = Duration::from_secs(TIME_LIMIT_SECONDS);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure(Error::TooSlow).into_response(),
    }
}

/// Refuses a version of the protocol that is not spoken here.
pub(super) async fn check_version(request: Request, next: Next) -> Response {
    // A value that is no text is a version that nobody speaks.
    let named = request.headers().get(VERSION_HEADER);
    let named = named.map(|value| value.to_str().unwrap_or_default());
    match yanma_protocol::check_version(named) {
        Ok(()) => next.run(request).await,
        Err(_) => Failure(Error::UnsupportedVersion).into_response(),
    }
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// Sets headers that keep browsers from framing the page, guessing types, loading foreign
/// scripts, telling other sites where one was, and from keeping answers.
pub(super) async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let always = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
