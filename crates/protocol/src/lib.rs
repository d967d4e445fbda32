//! What station and authority say to each other.
//!
//! Two halves. The **requests** are JSON over HTTP: one module for each resource, with the
//! paths, the types and their limits, and [`ApiError`] for every no. The **feeds** are
//! signed files that any static server can carry: [`envelope`] seals and opens them,
//! [`head`] says which there are, and one module for each format reads and writes what is
//! inside. `docs/feeds.md` gives the bytes.
//!
//! This crate opens no connection, reads no clock and holds no private key: a file is
//! signed by a function that the caller lends.
//!
//! A request's type denies fields it does not know and has a `check` (or `parse`) for the
//! limits that the types do not hold; an answer's type passes over fields that a newer
//! authority added.

pub mod accounts;
pub mod appeals;
pub mod audit;
pub mod batch;
mod bits;
pub mod city_list;
pub mod claims;
pub mod clerks;
pub mod digest;
pub mod directory_file;
mod directory_rows;
mod directory_step;
mod directory_stream;
pub mod entries;
pub mod envelope;
pub mod envelope_stream;
pub mod error;
pub mod facts;
mod feed_error;
pub mod field;
mod file_kind;
pub mod file_name;
pub mod head;
pub mod health;
pub mod history;
pub mod holders;
pub mod home;
pub mod hpke;
pub mod identity;
pub mod json;
pub mod namespace;
pub mod papers;
pub mod policy_file;
pub mod regions;
mod rice;
pub mod root_chain;
pub mod rules;
#[cfg(feature = "schema")]
mod schema;
pub mod sealed_log;
pub mod second_factor;
pub mod secret;
pub mod shows;
pub mod spreadsheet;
pub mod stations;
pub mod statistics;
pub mod status_file;
pub mod symbols;
#[cfg(test)]
mod testing;
pub mod traces;
pub mod trust_file;
pub mod verify;

pub use digest::Digest;
pub use error::{ApiError, ErrorCode};
pub use feed_error::FeedError;
pub use field::{FieldError, FieldProblem};
pub use rice::MAX_COUNT;
pub use secret::Secret;

/// The version of the protocol that this crate speaks.
pub const VERSION: u32 = 1;

/// The request header that may name the version; without it the newest is meant.
pub const VERSION_HEADER: &str = "yanma-protocol";

/// Most bytes of a request's or an answer's body; feed files are not bodies in this sense.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Checks the value of [`VERSION_HEADER`].
///
/// ```
/// assert!(yanma_protocol::check_version(None).is_ok());
/// assert!(yanma_protocol::check_version(Some("1")).is_ok());
/// let error = yanma_protocol::check_version(Some("2")).unwrap_err();
/// assert_eq!(error.code.as_str(), "unsupported-version");
/// ```
///
/// # Errors
/// [`ErrorCode::UnsupportedVersion`] for any other version.
pub fn check_version(header: Option<&str>) -> Result<(), ApiError> {
    match header {
        None | Some("1") => Ok(()),
        Some(_) => Err(ApiError::new(
            ErrorCode::UnsupportedVersion,
            format!("This authority speaks version {VERSION} of the protocol."),
        )),
    }
}
