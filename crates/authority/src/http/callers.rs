//! Who is calling: a citizen with a session, a desk or a clerk with a token, an address.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use yanma_protocol::accounts::SESSION_COOKIE;

use super::error::Failure;
use crate::accounts::{self, AccountRow};
use crate::authority::Authority;
use crate::clerks::{self, Clerk, Role};
use crate::error::Error;
use crate::secret;
use crate::stations::{self, Station};

/// A citizen who is logged in.
pub(crate) struct Citizen(pub(crate) AccountRow);

impl FromRequestParts<Arc<Authority>> for Citizen {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let token = session_token(parts).ok_or(Error::Unauthorised)?;
        let now = authority.clock.now();
        Ok(Self(
            accounts::of_session(&authority.database, token, now).await?,
        ))
    }
}

/// The session cookie's value, if there is one.
pub(crate) fn session_token(parts: &Parts) -> Option<String> {
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map(|(_, token)| token.to_owned())
}

/// A desk that was enrolled.
pub(crate) struct Desk(pub(crate) Station);

impl FromRequestParts<Arc<Authority>> for Desk {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let token = secret::hash(bearer(parts)?);
        let station = authority
            .database
            .read(move |connection| stations::find(connection, &token))
            .await?;
        Ok(Self(station.ok_or(Error::Unauthorised)?))
    }
}

/// A clerk or a department.
pub(crate) struct Official(pub(crate) Clerk);

impl FromRequestParts<Arc<Authority>> for Official {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let token = secret::hash(bearer(parts)?);
        let clerk = authority
            .database
            .read(move |connection| clerks::find(connection, &token))
            .await?;
        Ok(Self(clerk.ok_or(Error::Unauthorised)?))
    }
}

impl Official {
    /// Passes a clerk, not a department.
    pub(crate) fn as_clerk(self) -> Result<Clerk, Error> {
        match self.0.role {
            Role::Clerk => Ok(self.0),
            Role::Department => Err(Error::Forbidden),
        }
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

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0.ip());
        Ok(Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        }))
    }
}
