//! The cookies that sessions are in: scripts cannot read them, other sites cannot send them.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::authority::Authority;
use crate::error::Error;

/// A cookie that was sent with a request.
pub(super) fn sent<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(each, _)| *each == name)
        .map(|(_, value)| value)
}

/// The value of `Set-Cookie` that sets a cookie; one of no seconds takes it away.
pub(super) fn set(
    authority: &Authority,
    name: &str,
    value: &str,
    seconds: i64,
) -> Result<HeaderValue, Error> {
    let secure = if authority.settings.secure_cookie { "; Secure" } else { "" };
    let text =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::try_from(text).map_err(|_| Error::Panicked)
}
