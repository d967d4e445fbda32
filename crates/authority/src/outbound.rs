//! How the authority asks other servers.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

/// Whether nobody reads on the way what goes to this address: `https`, or `http` on this
/// machine.
pub(crate) fn is_private(url: &Url) -> bool {
    let is_here = url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    });
    url.scheme() == "https" || url.scheme() == "http" && is_here
}

/// A client that gives up on whoever is not reached or does not answer in time, and that goes
/// nowhere but to where it was sent: an answer from elsewhere would be another's.
///
/// # Errors
///
/// What reqwest says when the system has no place for a client.
pub(crate) fn client(
    connect_within: Duration,
    answer_within: Duration,
) -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(connect_within)
        .timeout(answer_within)
        .redirect(Policy::none())
        .build()
}

/// The body of an answer; `None` when it has more bytes than `most`. No more are read then.
///
/// # Errors
///
/// What reqwest says when the body breaks off.
pub(crate) async fn body(
    mut response: Response,
    most: u64,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > most {
            return Ok(None);
        }
    }
    Ok(Some(body))
}
