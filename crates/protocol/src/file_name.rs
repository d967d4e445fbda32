//! The names of feed files: `status-6-7-0123456789abcdef.yf`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::feed_error::FeedError;

/// The name under which a publisher keeps its head. The head alone is replaced; every
/// other file keeps its content for ever.
pub const HEAD_FILE: &str = "head.yf";

/// One of the four feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedName {
    /// The trust list.
    Trust,
    /// The policies.
    Policy,
    /// The status list.
    Status,
    /// The directory.
    Directory,
}

impl FeedName {
    /// Every feed.
    pub const ALL: [Self; 4] = [Self::Trust, Self::Policy, Self::Status, Self::Directory];

    /// `trust`, `policy`, `status` or `directory`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Policy => "policy",
            Self::Status => "status",
            Self::Directory => "directory",
        }
    }
}

/// The name of a feed file: which feed, from which sequence to which, and the beginning of
/// its hash.
///
/// Whatever parses has only lower-case letters, digits and hyphens before `.yf`, so it can
/// be joined to a folder or a URL as it is.
///
/// ```
/// use yanma_protocol::file_name::FileName;
/// let name: FileName = "status-6-7-0123456789abcdef.yf".parse()?;
/// assert_eq!((name.from(), name.to(), name.is_delta()), (6, 7, true));
/// assert!("../head.yf".parse::<FileName>().is_err());
/// # Ok::<(), yanma_protocol::FeedError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName {
    feed: FeedName,
    from: u32,
    to: u32,
    hash: [u8; 8],
}

impl FileName {
    /// The name of a file with this hash. `from` is 0 for a snapshot.
    pub fn new(feed: FeedName, from: u32, to: u32, sha256: &Digest) -> Self {
        Self { feed, from, to, hash: *sha256.0.first_chunk().unwrap_or(&[0; 8]) }
    }

    /// Which feed.
    pub fn feed(&self) -> FeedName {
        self.feed
    }

    /// The sequence a delta begins at; 0 for a snapshot.
    pub fn from(&self) -> u32 {
        self.from
    }

    /// The sequence that the file leads to.
    pub fn to(&self) -> u32 {
        self.to
    }

    /// Whether the file is a delta. Sequences begin at 1, so a delta never begins at 0.
    pub fn is_delta(&self) -> bool {
        self.from != 0
    }

    /// Whether a file with this hash may have this name.
    pub fn fits(&self, sha256: &Digest) -> bool {
        sha256.0.starts_with(&self.hash)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { feed, from, to, hash } = self;
        write!(f, "{}-{from}-{to}-{}.yf", feed.as_str(), hex::encode(hash))
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileName({self})")
    }
}

impl FromStr for FileName {
    type Err = FeedError;

    fn from_str(text: &str) -> Result<Self, FeedError> {
        let parse = || {
            let mut parts = text.strip_suffix(".yf")?.split('-');
            let feed = parts.next()?;
            let feed = FeedName::ALL.into_iter().find(|name| name.as_str() == feed)?;
            let (from, to) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let mut hash = [0; 8];
            hex::decode_to_slice(parts.next()?, &mut hash).ok()?;
            let name = Self { feed, from, to, hash };
            // One spelling for each name: no plus signs, leading zeros or capitals.
            (name.to_string() == text).then_some(name)
        };
        parse().ok_or(FeedError::Name)
    }
}

impl TryFrom<String> for FileName {
    type Error = FeedError;

    fn try_from(text: String) -> Result<Self, FeedError> {
        text.parse()
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let good = "directory-0-4294967295-00112233445566ff.yf";
        assert_eq!(good.parse::<FileName>().unwrap().to_string(), good);
        for bad in [
            "",
            "head.yf",
            "status-6-7-0123456789abcdef",
            "Status-6-7-0123456789abcdef.yf",
            "status-6-7-0123456789ABCDEF.yf",
            "status-06-7-0123456789abcdef.yf",
            "status-+6-7-0123456789abcdef.yf",
            "status-6-7-0123456789abcde.yf",
            "status-6-7-0123456789abcdef0.yf",
            "status-6-7-8-0123456789abcdef.yf",
            "status-6-7-0123456789abcdef-.yf",
            "status-6-4294967296-0123456789abcdef.yf",
            "../status-6-7-0123456789abcdef.yf",
            "facts-6-7-0123456789abcdef.yf",
        ] {
            assert_eq!(bad.parse::<FileName>(), Err(FeedError::Name), "{bad:?}");
        }
    }

    #[test]
    fn a_name_fits_the_bytes_it_was_made_for() {
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        let name = FileName::new(FeedName::Status, 6, 7, &one);
        assert!(name.fits(&one) && !name.fits(&other));
        assert_eq!(name.to_string(), format!("status-6-7-{}.yf", one.short()));
    }
}
