//! How the authority asks other servers.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;

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
