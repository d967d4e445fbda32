//! Why a feed file is not used.

use yanma_domain::policy::PolicyError;
use yanma_domain::{IssuerId, KeyId};

use crate::file_kind::FileKind;

/// Why a feed file is not used, and what the station does instead.
///
/// Whatever the error, the state that the station had stays in force and goes on to age;
/// a file that was refused is never applied in part. "Tries another carrier" means: the
/// next mirror, the authority itself, a USB stick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The file ends too early. The station fetches it again, then tries another carrier.
    #[error("the file ends too early")]
    Truncated,
    /// The file does not begin with `YMF1`: an error page, or another version of the
    /// format. The station tries another carrier and shows the notice.
    #[error("this is no feed file")]
    Magic,
    /// A file of another kind than the head said, or of no known kind. The station tries
    /// another carrier.
    #[error("a file of kind {got} instead of {}", want.number())]
    Kind {
        /// The kind that was expected.
        want: FileKind,
        /// The kind byte that was found.
        got: u8,
    },
    /// Bytes after the end. The station fetches the file again, then tries another carrier.
    #[error("the file goes on after its end")]
    TrailingBytes,
    /// A length that no file of its kind has, or not the one that the head names. The
    /// station stops reading and tries another carrier.
    #[error("the file has not the length it should have")]
    Length,
    /// The SHA-256 is not the one that the head names. The station fetches the file
    /// again, then tries another carrier.
    #[error("the file's hash is not the one in the head")]
    Hash,
    /// The signature is not the key's: forged or altered. The station tries another
    /// carrier and shows the notice; it does not try the same one again before the next
    /// head.
    #[error("the signature does not hold")]
    Signature,
    /// Signed by a key that the trust list does not have, or not for feeds. The station
    /// fetches the trust file that the head names, verifies that with the root key, and
    /// then this file once more.
    #[error("key {0} may not sign this")]
    UnknownKey(KeyId),
    /// A trust list under a root key to which nothing leads from the one that is pinned here: an
    /// attacker's, one that has retired, or an authority that began anew. The station tries
    /// another carrier and shows the notice; if the authority did begin anew, enrol again.
    #[error("the trust list is under a root key that the one known here has not introduced")]
    UnknownRoot,
    /// A statement by which one root key introduces the next, and that is not the key's. As for
    /// an unknown root key.
    #[error("statement {number} about the root key is not signed by the root key before it")]
    RootStatement {
        /// Which one.
        number: u32,
    },
    /// Signed by a key before or after its time. As for an unknown key; if it stays so
    /// after the trust list is fresh, the station's clock may be wrong.
    #[error("key {0} is not in force")]
    KeyDates(KeyId),
    /// Another issuer's file. The station tries another carrier.
    #[error("a file of issuer {got} instead of {want}")]
    WrongIssuer {
        /// Whose feed it should be.
        want: IssuerId,
        /// Whose it is.
        got: IssuerId,
    },
    /// Correctly signed, but not in the one form that a state has: padding that is not
    /// zero, an index listed twice. The publisher is broken: the station takes the
    /// snapshot, and if that fails waits for the next head.
    #[error("the content is not in its canonical form")]
    NotCanonical,
    /// A list that does not strictly rise. As for [`Self::NotCanonical`].
    #[error("a list is not sorted")]
    Unsorted,
    /// A number past its bound. As for [`Self::NotCanonical`].
    #[error("a number is out of range")]
    OutOfRange,
    /// A JSON payload that has not its shape. As for [`Self::NotCanonical`].
    #[error("the JSON has not the expected shape")]
    Json,
    /// A file name that is not of the form. As for [`Self::NotCanonical`]; such a name is
    /// never fetched and never written.
    #[error("the file name is not of the expected form")]
    Name,
    /// A policy that must not be used. The station keeps the policies it has and shows
    /// the notice.
    #[error("a policy is not usable: {0}")]
    Policy(PolicyError),
    /// The head names no chain of files that leads to its state. The station waits for
    /// the next head.
    #[error("no chain of files leads to the state in the head")]
    NoRoute,
    /// The list that a file leads to, or begins from, is another than it says. The
    /// station takes the snapshot; if that fails too, it drops its own copy of the list
    /// and begins anew.
    #[error("the resulting list is not the one that was signed")]
    RootMismatch,
    /// A delta that begins after the state the station has. The station takes the
    /// cumulative delta, else the snapshot.
    #[error("the state is at {have}, the delta begins at {from}")]
    Gap {
        /// The sequence that the station has.
        have: u32,
        /// The sequence that the delta begins at.
        from: u32,
    },
    /// Older than what the station has: a replay, or an authority that was set back. The
    /// station refuses it, keeps what it has and shows the notice.
    #[error("at {have} already, this is {got}")]
    Rollback {
        /// What the station has: a head's number, an epoch or a sequence.
        have: u64,
        /// What was offered.
        got: u64,
    },
    /// A delta of another epoch. The station takes the snapshot.
    #[error("the list is of epoch {have}, the delta of {got}")]
    Epoch {
        /// The epoch that the station has.
        have: u32,
        /// The delta's.
        got: u32,
    },
}

impl FeedError {
    /// A short name for logs, the screen and the telephone. It never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Truncated => "FEED-CUT",
            Self::Magic => "FEED-MAGIC",
            Self::Kind { .. } => "FEED-KIND",
            Self::TrailingBytes => "FEED-TAIL",
            Self::Length => "FEED-LEN",
            Self::Hash => "FEED-HASH",
            Self::Signature => "FEED-SIG",
            Self::UnknownKey(_) => "FEED-KEY",
            Self::UnknownRoot => "FEED-ROOTKEY",
            Self::RootStatement { .. } => "FEED-ROOTSTM",
            Self::KeyDates(_) => "FEED-KDT",
            Self::WrongIssuer { .. } => "FEED-ISS",
            Self::NotCanonical => "FEED-CANON",
            Self::Unsorted => "FEED-SORT",
            Self::OutOfRange => "FEED-RANGE",
            Self::Json => "FEED-JSON",
            Self::Name => "FEED-NAME",
            Self::Policy(_) => "FEED-POL",
            Self::NoRoute => "FEED-WAY",
            Self::RootMismatch => "FEED-ROOT",
            Self::Gap { .. } => "FEED-GAP",
            Self::Rollback { .. } => "FEED-BACK",
            Self::Epoch { .. } => "FEED-EPOCH",
        }
    }
}
