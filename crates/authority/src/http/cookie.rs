//! The cookies that sessions are in: scripts cannot read them, other sites cannot send them.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::authority::Authority;
use crate::error::Error;

/// What begins the name of a cookie that only this host can have set, and only by `https`:
/// browsers take no other of such a name.
const HOST: &str = "__Host-";

/// A cookie that was sent with a request.
pub(super) fn sent<'h>(
    authority: &Authority,
    headers: &'h HeaderMap,
    name: &str,
) -> Option<&'h str> {
    let prefix = prefix(authority);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(each, _)| each.strip_prefix(prefix) == Some(name))
        .map(|(_, value)| value)
}

/// The value of `Set-Cookie` that sets a cookie.
pub(super) fn set(
    authority: &Authority,
    name: &str,
    value: &str,
    seconds: i64,
) -> Result<HeaderValue, Error> {
    let prefix = prefix(authority);
    let secure = if authority.settings.secure_cookie { "; Secure" } else { "" };
    let text = format!(
        "{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    );
    HeaderValue::try_from(text).map_err(|_| Error::Panicked)
}

/// The value of `Set-Cookie` that takes a cookie away.
pub(super) fn end(authority: &Authority, name: &str) -> Result<HeaderValue, Error> {
    set(authority, name, "", 0)
}

fn prefix(authority: &Authority) -> &'static str {
    if authority.settings.secure_cookie { HOST } else { "" }
}
