//! A file that was refused: which, why, and what the desk does instead.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_protocol::file_name::{FeedName, FileName, HEAD_FILE};
use yanma_protocol::head::{FileList, FileRef, Head};
use yanma_protocol::{Digest, FeedError};

use super::SyncError;

/// A file that was refused. What the desk had stays in force and goes on to age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Its name: `head.yf`, or as the head names it. There is nothing personal in one.
    pub file: String,
    /// Which feed it is of; `None` for the head, which is of all.
    pub feed: Option<FeedName>,
    /// The stable code, such as `FEED-SIG`, to be read out on the telephone.
    pub code: String,
    /// Why, in a few kinds.
    pub why: Why,
    /// What the desk does instead.
    pub instead: Instead,
    /// Since when this file is refused for this.
    pub since: Timestamp,
}

impl Refusal {
    /// Whether it is the same file, refused for the same.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        (&self.file, &self.code) == (&other.file, &other.code)
    }
}

/// Why a file is refused, as far as it matters to the people at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// It came cut off or altered: the network, a proxy, a stick.
    Damaged,
    /// It is not there.
    Missing,
    /// It is not this authority's: something else, or by a key that may not sign it.
    Foreign,
    /// It is the authority's, and not what the head says or of the form.
    Wrong,
    /// It is older than what the desk has.
    Old,
    /// It is dated far in the future.
    Future,
}

impl Why {
    /// The name on screens and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Missing => "missing",
            Self::Foreign => "foreign",
            Self::Wrong => "wrong",
            Self::Old => "old",
            Self::Future => "future",
        }
    }

    /// A few words, for the command line; the window has its own in every language.
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::Damaged => "it came damaged or incomplete",
            Self::Missing => "it is not there",
            Self::Foreign => "it is not this authority's, or its signature does not count",
            Self::Wrong => "the authority published it with an error",
            Self::Old => "it is older than what this desk has",
            Self::Future => "it is dated in the future; check the clock of this desk",
        }
    }
}

/// What a desk does in place of taking a refused file over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instead {
    /// It fetches the file once more at its next try: another way may bring it whole.
    Again,
    /// It does not fetch the file any more, which is what the head says it is and cannot
    /// become right. It waits for a head that names others.
    NextHead,
}

impl Instead {
    /// The name on screens and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::NextHead => "next-head",
        }
    }

    /// A few words, for the command line; the window has its own in every language.
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::Again => "it is fetched once more at the next try",
            Self::NextHead => "it is not fetched again until the authority publishes others",
        }
    }
}

impl SyncError {
    /// The stable code of what went wrong. It never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Head(error) | Self::File { error, .. } => error.code(),
            Self::Missing(_) => "FEED-MISS",
            Self::FarFuture => "FEED-FUTURE",
            Self::DirectoryKey { .. } => "DIRECTORY-KEY",
        }
    }

    /// The file at fault; `None` when that is the head.
    pub const fn file(&self) -> Option<FileName> {
        match self {
            Self::File { file, .. } | Self::Missing(file) => Some(*file),
            Self::Head(_) | Self::FarFuture | Self::DirectoryKey { .. } => None,
        }
    }

    /// What to tell the people at the desk; `None` when no file was refused, but a key is
    /// lacking.
    pub fn refusal(&self, now: Timestamp) -> Option<Refusal> {
        if matches!(self, Self::DirectoryKey { .. }) {
            return None;
        }
        let file = self.file();
        Some(Refusal {
            file: file.map_or_else(|| HEAD_FILE.to_owned(), |file| file.to_string()),
            feed: file.map(|file| file.feed()),
            code: self.code().to_owned(),
            why: self.why(),
            instead: if self.is_final() { Instead::NextHead } else { Instead::Again },
            since: now,
        })
    }

    fn why(&self) -> Why {
        match self {
            Self::Missing(_) => Why::Missing,
            Self::FarFuture => Why::Future,
            Self::Head(error) | Self::File { error, .. } => why(error),
            Self::DirectoryKey { .. } => Why::Wrong,
        }
    }

    /// Whether the file is, byte for byte, what the head says, and of no use: to fetch it once
    /// more would bring the same. A head comes anew with every try in any case. A snapshot of
    /// the directory is read from this computer's disk, which may be what cuts it off.
    pub(super) fn is_final(&self) -> bool {
        let Self::File { file, error } = self else { return false };
        match error {
            FeedError::Length | FeedError::Hash => false,
            FeedError::Truncated => file.feed() != FeedName::Directory || file.is_delta(),
            _ => true,
        }
    }
}

fn why(error: &FeedError) -> Why {
    match error {
        FeedError::Truncated | FeedError::TrailingBytes | FeedError::Length | FeedError::Hash => {
            Why::Damaged
        }
        FeedError::Magic
        | FeedError::Kind { .. }
        | FeedError::WrongIssuer { .. }
        | FeedError::Signature
        | FeedError::UnknownKey(_)
        | FeedError::UnknownRoot
        | FeedError::RootStatement { .. }
        | FeedError::KeyDates(_) => Why::Foreign,
        FeedError::Rollback { .. } => Why::Old,
        FeedError::NotCanonical
        | FeedError::Unsorted
        | FeedError::OutOfRange
        | FeedError::Json
        | FeedError::Name
        | FeedError::Policy(_)
        | FeedError::NoRoute
        | FeedError::RootMismatch
        | FeedError::Gap { .. }
        | FeedError::Epoch { .. } => Why::Wrong,
    }
}

/// What was refused for good since the desk was opened, as heads named it: as long as they
/// name the same, nothing of it is fetched again.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    /// A trust file is named by a head that is not verified yet.
    trust: Option<(FileRef, SyncError)>,
    /// The files of a feed, and the trust list under which they were refused.
    lists: BTreeMap<FeedName, (Digest, FileList, SyncError)>,
}

impl Refused {
    /// Why a trust file was refused, if it was.
    pub(super) fn trust(&self, named: &FileRef) -> Option<SyncError> {
        self.trust.filter(|(file, _)| file == named).map(|(_, error)| error)
    }

    /// Why what the head names of a feed was refused, if it was.
    pub(super) fn of(&self, feed: FeedName, head: &Head) -> Option<SyncError> {
        let (trust, list, error) = self.lists.get(&feed)?;
        let is_same = *trust == head.feeds.trust.root && *list == *head.feeds.of(feed);
        is_same.then_some(*error)
    }

    pub(super) fn note_trust(&mut self, named: &FileRef, error: SyncError) {
        self.trust = Some((*named, error));
    }

    pub(super) fn note(&mut self, feed: FeedName, head: &Head, error: SyncError) {
        let named = (head.feeds.trust.root, head.feeds.of(feed).clone(), error);
        self.lists.insert(feed, named);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, error: FeedError, why: Why, instead: Instead) {
        let error = SyncError::File { file: file.parse().unwrap(), error };
        let told = error.refusal(Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((told.why, told.instead), (why, instead), "{error}");
        assert_eq!((told.file.as_str(), told.code.as_str()), (file, error.code()));
        assert!(error.to_string().contains(file) && error.to_string().contains(error.code()));
    }

    #[test]
    fn what_came_damaged_is_fetched_again_and_what_is_wrong_in_itself_is_not() {
        let status = "status-6-7-0123456789abcdef.yf";
        let rows = "directory-0-7-0123456789abcdef.yf";
        let step = "directory-6-7-0123456789abcdef.yf";
        check(status, FeedError::Length, Why::Damaged, Instead::Again);
        check(status, FeedError::Hash, Why::Damaged, Instead::Again);
        check(status, FeedError::Truncated, Why::Damaged, Instead::NextHead);
        check(step, FeedError::Truncated, Why::Damaged, Instead::NextHead);
        check(rows, FeedError::Truncated, Why::Damaged, Instead::Again);
        check(status, FeedError::Signature, Why::Foreign, Instead::NextHead);
        check(status, FeedError::RootMismatch, Why::Wrong, Instead::NextHead);
        check(status, FeedError::Rollback { have: 2, got: 1 }, Why::Old, Instead::NextHead);
    }

    #[test]
    fn a_head_comes_anew_with_every_try_and_a_lacking_key_is_no_refusal() {
        let head = SyncError::Head(FeedError::Signature).refusal(Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((head.file.as_str(), head.feed), (HEAD_FILE, None));
        assert_eq!((head.code.as_str(), head.instead), ("FEED-SIG", Instead::Again));
        let ahead = SyncError::FarFuture.refusal(Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((ahead.code.as_str(), ahead.why), ("FEED-FUTURE", Why::Future));
        let key = SyncError::DirectoryKey { generation: 2 };
        assert_eq!(key.refusal(Timestamp::UNIX_EPOCH), None);
    }
}
