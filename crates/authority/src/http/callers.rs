//! Who is calling: a citizen with a session, a desk or a clerk with a token, an address.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use serde_json::json;
use yanma_protocol::ErrorCode;
use yanma_protocol::accounts::SESSION_COOKIE;
use yanma_protocol::second_factor::CONSOLE_COOKIE;
use yanma_protocol::stations::LIST_HEADER;

use super::cookie;
use super::describe::{CLERK, CONSOLE, SESSION, STATION, add_paragraph, needs, refuses};
use super::error::Failure;
use crate::accounts::AccountRow;
use crate::authority::Authority;
use crate::clerks::{self, Anybody, Clerk, Needed, roles_with};
use crate::error::Error;
use crate::second_factor;
use crate::secret;
use crate::stations::Station;

/// A citizen who is logged in.
pub(crate) struct Citizen(pub(crate) AccountRow);

impl FromRequestParts<Arc<Authority>> for Citizen {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let token =
            cookie::sent(authority, &parts.headers, SESSION_COOKIE).ok_or(Error::Unauthorised)?;
        let token = secret::hash(token);
        let now = authority.clock.now();
        let session = authority.callers.session(&authority.database, &token, now).await?;
        Ok(Self(session.account.clone()))
    }
}

impl OperationInput for Citizen {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        needs(operation, SESSION);
    }
}

/// The token of a citizen's session that may have ended.
pub(super) struct SessionToken(pub(super) Option<String>);

impl FromRequestParts<Arc<Authority>> for SessionToken {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Infallible> {
        Ok(Self(cookie::sent(authority, &parts.headers, SESSION_COOKIE).map(str::to_owned)))
    }
}

impl OperationInput for SessionToken {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.security.push([(SESSION.to_owned(), Vec::new())].into_iter().collect());
        operation.security.push(Default::default());
    }
}

/// The token of a session at the console that may have ended.
pub(super) struct ConsoleToken(pub(super) Option<String>);

impl FromRequestParts<Arc<Authority>> for ConsoleToken {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Infallible> {
        Ok(Self(cookie::sent(authority, &parts.headers, CONSOLE_COOKIE).map(str::to_owned)))
    }
}

impl OperationInput for ConsoleToken {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.security.push([(CONSOLE.to_owned(), Vec::new())].into_iter().collect());
        operation.security.push(Default::default());
    }
}

/// A desk that was enrolled.
pub(crate) struct Desk(pub(crate) Arc<Station>);

impl FromRequestParts<Arc<Authority>> for Desk {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let token = secret::hash(bearer(parts)?);
        let station = authority.callers.station(&authority.database, &token).await?;
        note_seen(authority, &station, &parts.headers);
        Ok(Self(station))
    }
}

impl OperationInput for Desk {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        needs(operation, STATION);
        refuses(operation, &[ErrorCode::StationRevoked]);
    }
}

/// Notes that a desk called, with what it tells of itself.
fn note_seen(authority: &Authority, station: &Station, headers: &HeaderMap) {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let list = text(HeaderName::from_static(LIST_HEADER)).and_then(|list| list.parse().ok());
    let version = text(header::USER_AGENT);
    authority.seen.note(&station.id, version, list, authority.clock.now());
}

/// Somebody who works at the console and may do what `R` says: a right that is
/// [`needed`](crate::clerks::needed), or nothing in particular. They call with a token, or,
/// without one, with the session that a token and a one-time password have opened.
pub(crate) struct Official<R = Anybody> {
    pub(crate) clerk: Clerk,
    right: PhantomData<R>,
}

impl<R: Needed> FromRequestParts<Arc<Authority>> for Official<R> {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let now = authority.clock.now();
        let session = cookie::sent(authority, &parts.headers, CONSOLE_COOKIE).map(secret::hash);
        let token = bearer(parts).map(secret::hash);
        let clerk = authority
            .database
            .read(move |connection| match (token, session) {
                (Ok(token), _) => clerks::find(connection, &token),
                (Err(_), Some(session)) => second_factor::of_session(connection, &session, now),
                (Err(nothing), None) => Err(nothing),
            })
            .await?;
        let clerk = clerk.ok_or(Error::Unauthorised)?;
        let clerk = clerk.second_factor_for(&authority.settings.second_factor_for);
        if let Some(right) = R::RIGHT {
            clerk.may(right)?;
        }
        Ok(Self { clerk, right: PhantomData })
    }
}

impl<R: Needed> OperationInput for Official<R> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        needs(operation, CLERK);
        needs(operation, CONSOLE);
        let Some(right) = R::RIGHT else {
            return add_paragraph(operation, "For every role.");
        };
        refuses(
            operation,
            &[ErrorCode::Forbidden, ErrorCode::SecondFactorToSetUp, ErrorCode::SecondFactorToShow],
        );
        let roles: Vec<_> = roles_with(right).map(|role| role.as_str()).collect();
        add_paragraph(
            operation,
            &format!("Needs the right `{}`: {}.", right.as_str(), roles.join(", ")),
        );
        operation.extensions.insert("x-right".to_owned(), json!(right.as_str()));
        operation.extensions.insert("x-roles".to_owned(), json!(roles));
    }
}

fn bearer(parts: &Parts) -> Result<&str, Error> {
    parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Error::Unauthorised)
}

/// The network address a request came from, for limits. An IPv6 customer has a whole /64,
/// so the lower half is left out.
pub(crate) struct Address(pub(crate) IpAddr);

impl FromRequestParts<Arc<Authority>> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let forwarded = || parts.headers.get_all(FORWARDED_FOR).iter().next_back();
        let address = if authority.settings.behind_proxy {
            // Whatever stands before the last comma came from the caller.
            forwarded()
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.rsplit(',').next())
                .and_then(|address| address.trim().parse().ok())
                .or(peer)
        } else {
            peer
        };
        Ok(Self(shared_by_one(address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))))
    }
}

impl OperationInput for Address {}

impl Address {
    /// The line that the address is of, for attempts against one account or document. An IPv6
    /// line at home has a whole /56, so whoever guesses would have 256 addresses.
    pub(super) fn line(&self) -> IpAddr {
        match self.0 {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d & 0xff00, 0, 0, 0, 0))
            }
            v4 => v4,
        }
    }
}

const FORWARDED_FOR: &str = "x-forwarded-for";

fn shared_by_one(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customer_is_one_address() {
        for (from, to) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ] {
            let address: IpAddr = from.parse().unwrap();
            assert_eq!(shared_by_one(address).to_string(), to);
        }
    }

    #[test]
    fn one_line_has_256_networks() {
        for (from, to) in [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:200::1", "2001:db8:1:200::"),
            ("2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::"),
            ("2001:db8:1:300::1", "2001:db8:1:300::"),
        ] {
            let address: IpAddr = from.parse().unwrap();
            assert_eq!(Address(shared_by_one(address)).line().to_string(), to);
        }
    }
}
