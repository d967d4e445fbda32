//! Who is let in: programs of this computer that have the token, and no page in a browser.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::problem::{Code, Problem};
use crate::settings::digest;

/// How long a request may take, its body included.
const TIME_LIMIT: Duration = Duration::from_secs(15);
/// What a browser says of where a request came from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// So many at once, and so many a second after that.
pub(crate) struct Rate {
    burst: f64,
    per_second: f64,
    left: Mutex<(f64, Instant)>,
}

impl Rate {
    pub(crate) fn new(burst: f64, per_second: f64) -> Self {
        Self { burst, per_second, left: Mutex::new((burst, Instant::now())) }
    }

    /// Takes one, or says in how many seconds there will be one.
    fn take(&self) -> Result<(), u32> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let gained = now.duration_since(left.1).as_secs_f64() * self.per_second;
        *left = ((left.0 + gained).min(self.burst), now);
        if left.0 >= 1.0 {
            left.0 -= 1.0;
            return Ok(());
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few seconds"
        )]
        let seconds = ((1.0 - left.0) / self.per_second).ceil() as u32;
        Err(seconds.max(1))
    }
}

/// The rates of everybody together: there are a handful of programs on one computer.
pub(crate) struct Rates {
    asking: Rate,
    wrong: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self { asking: Rate::new(60.0, 20.0), wrong: Rate::new(10.0, 0.2) }
    }
}

/// A caller who has the token. Asked for before a body is read.
pub(crate) struct Allowed;

impl FromRequestParts<App> for Allowed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = given
            .and_then(|it| it.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        // Digests are compared: how long that takes says nothing of the token.
        if token.is_none_or(|(_, token)| digest(token.trim()) != app.token) {
            // Whoever has the token is not kept out by somebody who guesses.
            app.rates.wrong.take().map_err(|after| Problem::after(Code::RateLimited, after))?;
            return Err(Problem::new(Code::Unauthorised));
        }
        app.rates.asking.take().map_err(|after| Problem::after(Code::RateLimited, after))?;
        Ok(Self)
    }
}

impl aide::OperationInput for Allowed {
    fn operation_input(
        _: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) {
        crate::describe::needs_token(operation);
    }
}

/// Lets in what is addressed to this computer by itself. A page of some site that made its own
/// name lead here is told by the name, any other page by what browsers add.
pub(crate) async fn only_from_here(request: Request, next: Next) -> Response {
    if is_from_here(request.headers(), request.uri()) {
        next.run(request).await
    } else {
        Problem::new(Code::NotFromHere).into_response()
    }
}

fn is_from_here(headers: &HeaderMap, uri: &Uri) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let named_once = host.is_some_and(is_loopback) && hosts.next().is_none();
    let target = uri.authority().is_none_or(|authority| is_loopback(authority.as_str()));
    let by_a_page = headers.contains_key(header::ORIGIN)
        || headers.get(FETCH_SITE).is_some_and(|site| site != "none");
    named_once && target && !by_a_page
}

/// Whether a host, with or without its port, is the loopback address by number or by name.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some(("::1", port)) => return port.is_empty() || is_port(port.strip_prefix(':')),
            _ => return false,
        },
        None => host.split_once(':'),
    };
    let (name, port_fits) = match name {
        Some((name, port)) => (name, is_port(Some(port))),
        None => (host, true),
    };
    port_fits && (name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost"))
}

fn is_port(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.parse::<u16>().is_ok())
}

/// Ends requests that take too long, also those whose body trickles in. Events that are sent as
/// they happen have begun to be answered by then.
pub(crate) async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::after(Code::Unavailable, 5).into_response(),
    }
}

/// No answer is kept by anybody on the way.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_loopback_address_is_this_computer() {
        for host in ["127.0.0.1", "127.0.0.1:8790", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8790",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "localhost:evil",
            "127.0.0.1@evil.example",
            "0.0.0.0",
            "192.168.1.2",
            "[::1",
            "[::1]evil.example",
            "[::2]",
            "::1",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_rate_gives_what_it_says_and_no_more() {
        let rate = Rate::new(3.0, 0.5);
        for _ in 0..3 {
            assert!(rate.take().is_ok());
        }
        assert_eq!(rate.take(), Err(2));
    }
}
