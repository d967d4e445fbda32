//! The authority, as a desk sees it: a port with an HTTP implementation, and another one
//! inside the process for tests; the feeds also come out of a folder.

mod folder;
mod http;
mod shown;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use yanma_domain::IssuerId;
use yanma_protocol::ApiError;
use yanma_protocol::entries::{EntriesRequest, EntriesResponse};
use yanma_protocol::stations::{DirectoryKeys, EnrolRequest, EnrolResponse, ListState};
use yanma_protocol::verify::{VerifyRequest, VerifyResponse};

pub use folder::Folder;
pub use folder::region_folder;
pub(crate) use folder::{FILES_NAME, HEAD_NAME};
pub use http::{HttpAuthority, UrlError};
pub(crate) use shown::Shown;

/// A head names a few dozen files.
pub(crate) const MAX_HEAD_BYTES: u64 = 256 * 1024;

/// An answer that is on its way.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, AuthorityError>> + Send + 'a>>;

/// Takes a piece of a file: where it begins, and its bytes. Answers whether it was kept.
pub type Take<'a> = dyn FnMut(u64, &[u8]) -> bool + Send + 'a;

/// What a desk asks of its authority.
///
/// Every answer ends within a bound that the implementation keeps; a desk may give up
/// sooner. Nothing of it is believed for having arrived: feed files are verified by their
/// signatures. What has a body here is so for whoever only carries feeds.
pub trait Authority: Send + Sync {
    /// Turns a one-time code into a station.
    fn enrol<'a>(&'a self, _request: &'a EnrolRequest) -> Pending<'a, EnrolResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }
    /// Keeps which status list this desk has, to be told with every later request: whoever
    /// looks after the desks sees who lags behind.
    fn will_tell(&self, _held: Option<ListState>) {}
    /// Whether the directory comes this way. Without it, it stays as it is, with its own age.
    fn carries_directory(&self) -> bool {
        true
    }
    /// Whoever carries the status list of another issuer beside the authority's own feeds: head
    /// and files of that issuer.
    fn region(&self, _issuer: IssuerId) -> Option<Arc<dyn Authority>> {
        None
    }
    /// The newest head, sealed.
    fn head(&self) -> Pending<'_, Vec<u8>>;
    /// A feed file by its name, at most `limit` bytes of it.
    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>>;
    /// The same file from a byte of it on, in pieces: `take` gets each with its place, and
    /// says whether it could be kept. Whoever cannot begin in the middle begins at 0.
    fn file_from<'a>(
        &'a self,
        name: &'a str,
        _from: u64,
        limit: u64,
        take: &'a mut Take<'a>,
    ) -> Pending<'a, ()> {
        Box::pin(async move {
            let bytes = self.file(name, limit).await?;
            if take(0, &bytes) { Ok(()) } else { Err(AuthorityError::NotKept) }
        })
    }
    /// The keys under which documents are hashed now.
    fn directory_keys(&self) -> Pending<'_, DirectoryKeys> {
        // A secret is on no stick.
        Box::pin(async { Err(AuthorityError::NoSuchFile) })
    }
    /// What the authority knows now.
    fn verify<'a>(&'a self, _request: &'a VerifyRequest) -> Pending<'a, VerifyResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }
    /// Takes entries in; what it answers for is durable there.
    fn upload<'a>(&'a self, _request: &'a EntriesRequest) -> Pending<'a, EntriesResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }
}

/// Why the authority did not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// No connection, or it broke. Goes away by itself: the desk tries again.
    #[error("the authority cannot be reached")]
    Unreachable,
    /// No answer in time. The desk tries again.
    #[error("the authority did not answer in time")]
    TimedOut,
    /// The authority said no, in its own words.
    #[error("the authority refused: {0}")]
    Refused(ApiError),
    /// The token is not accepted any more: enrol this desk again.
    #[error("the authority does not accept this station's token")]
    NotAccepted,
    /// The authority has ended this station. What it gave the desk is wiped; enrol it anew if
    /// it is to work again.
    #[error("the authority has ended this station")]
    Revoked,
    /// Something else than the authority answered, such as a captive portal's page or a
    /// broken proxy. Check the network, and the address.
    #[error("something answered with status {status}, but it is not the authority")]
    NotTheAuthority {
        /// The HTTP status.
        status: u16,
    },
    /// The authority is there and in trouble. The desk tries again.
    #[error("the authority is in trouble (status {status})")]
    InTrouble {
        /// The HTTP status, 500 to 599 or 429.
        status: u16,
    },
    /// This machine could not keep what was sent, for want of room most likely.
    #[error("what was sent could not be kept on this computer; see whether its disk is full")]
    NotKept,
    /// An answer longer than any good one.
    #[error("the answer is longer than the {limit} bytes that were expected at most")]
    TooLong {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The folder does not have the file. Export into it again; it holds `head.yf` and
    /// `files`.
    #[error("the folder does not have the file: it should hold head.yf and files")]
    NoSuchFile,
    /// The folder, or a file in it, cannot be read. Try another stick.
    #[error("the folder or a file in it cannot be read")]
    Unreadable,
}

impl AuthorityError {
    /// Whether it is more than a missing connection, and somebody should know.
    pub fn is_trouble(&self) -> bool {
        !matches!(self, Self::Unreachable | Self::TimedOut)
    }
}
