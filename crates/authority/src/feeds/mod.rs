//! Publishing: the lists of the authority become signed files in a folder.
//!
//! Everything is written beside what is there; the head is replaced last, by a rename. So
//! whoever reads the folder at any moment, also after a power cut, finds a head and every
//! file that it names. One publisher writes a folder; any number of servers may read it.

mod cities;
mod content;
mod folder;
mod resume;
mod signing;
mod stepped;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use yanma_domain::certificate::CertificateTrust;
use yanma_domain::policy::Policy;
use yanma_domain::status::StatusList;
use yanma_domain::trust::{TrustList, Words};
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::FeedError;
use yanma_protocol::city_list::CityCode;
use yanma_protocol::directory_file::DirectoryRows;
use yanma_protocol::file_name::FileName;
use yanma_protocol::head::Head;

use self::content::{Content, Wanted};
pub(crate) use self::folder::Folder;
use self::resume::Reader;
use self::signing::Maker;
pub use self::signing::{FeedKey, FeedKeys, SignFn};

/// Why nothing was published. What was published before stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder cannot be read or written. Look at its rights and at the space left.
    #[error("{path}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The lists cannot be put into files: out of bounds, unsorted, a policy that must not
    /// be used.
    #[error("the lists cannot be published: {0}")]
    Feed(#[from] FeedError),
    /// The trust list is another one but its sequence has not risen: desks would not take
    /// it. Raise the sequence.
    #[error("the trust list changed, but its sequence is {got} after {have}")]
    TrustSequence {
        /// The sequence that is published.
        have: u32,
        /// The sequence that was given.
        got: u32,
    },
    /// What is published is under a later directory key than this process has. Start it anew.
    #[error("directory key {got} is older than {have}, under which the directory is published")]
    DirectoryKey {
        /// The key that is published under.
        have: u32,
        /// The key that was given.
        got: u32,
    },
    /// The next publication would be due before this one. Give a later time.
    #[error("the next publication must be due after this one")]
    NextDue,
}

/// What is to be published: the whole state, not the change.
#[derive(Clone, Debug)]
pub struct PublishInput<'a> {
    /// The colours now.
    pub status: StatusList,
    /// Keyed hash → index.
    pub directory: DirectoryRows,
    /// Which directory key the hashes were made under. Another one begins a new epoch.
    pub key_generation: u32,
    /// Whose signatures count.
    pub trust: &'a TrustList,
    /// The policies in force.
    pub policies: &'a [Policy],
    /// What foreign certificates are checked against; `None` leaves what is published.
    pub certificates: Option<&'a CertificateTrust>,
    /// By which the directory is also published by city; `None` leaves what is published of that
    /// until the lists are begun anew.
    pub cities: Option<CityInput<'a>>,
}

/// Who of the directory belongs to which city.
#[derive(Clone, Copy)]
pub struct CityInput<'a> {
    /// Every city by rising code, [`CityCode::NONE`] for whoever is in none of the others.
    pub names: &'a [(CityCode, Words)],
    /// The city of a holder; `None` when none is known.
    pub city_of: &'a dyn Fn(StatusIndex) -> Option<CityCode>,
}

impl std::fmt::Debug for CityInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CityInput({} cities)", self.names.len())
    }
}

/// What was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// The new head.
    pub head: Head,
    /// The files that are new, beside the head.
    pub written: Vec<FileName>,
}

/// Publishes the feeds of one issuer in one folder.
///
/// The folder has `head.yf` and `files/`. The calls read and write files and wait for the
/// disk: keep them off threads that serve requests.
#[derive(Debug)]
pub struct Publisher {
    issuer: IssuerId,
    folder: Folder,
    last: Last,
}

/// What the last publication left.
#[derive(Debug)]
enum Last {
    /// All of it is known: the next one goes on from there.
    State(Box<State>),
    /// Only these are: the next one begins a new epoch, above them.
    Floor { number: u64, epoch: u32 },
}

/// The published state.
#[derive(Debug)]
struct State {
    head: Head,
    content: Content,
}

/// How far the status feed in a folder is that another process publishes; `None` when nothing
/// was published that these keys have signed.
///
/// # Errors
/// [`PublishError::Io`] when the folder cannot be read.
pub fn position(
    folder: &Path,
    issuer: IssuerId,
    keys: &FeedKeys<'_>,
) -> Result<Option<FeedPosition>, PublishError> {
    resume::position(&Folder::reading(folder), issuer, keys)
}

impl Publisher {
    /// Opens a folder, which is made if it is not there, and takes up what was published in
    /// it: the head is verified, and the lists are built again from the files that it
    /// names. When any of that is missing or does not verify, for instance because the keys
    /// are new, the next publication begins a new epoch; desks then take the snapshots. So
    /// it does when the head is older than number `went_out`, which went out before.
    ///
    /// # Errors
    /// [`PublishError::Io`] when the folder cannot be used.
    pub fn open(
        folder: &Path,
        issuer: IssuerId,
        keys: &FeedKeys<'_>,
        went_out: u64,
    ) -> Result<Self, PublishError> {
        let folder = Folder::open(folder)?;
        let last = resume::resume(&folder, issuer, keys, went_out)?;
        Ok(Self { issuer, folder, last })
    }

    /// The head that is published, as far as it could be taken up.
    pub fn head(&self) -> Option<&Head> {
        match &self.last {
            Last::State(state) => Some(&state.head),
            Last::Floor { .. } => None,
        }
    }

    /// How far the status feed is.
    pub fn status_position(&self) -> Option<FeedPosition> {
        self.head().map(|head| head.feeds.status.position())
    }

    /// Publishes a state: new files for what changed, and a fresh head in any case.
    ///
    /// # Errors
    /// [`PublishError`]; desks see the last head then, and the same call may be made again.
    pub fn publish(
        &mut self,
        keys: &FeedKeys<'_>,
        input: PublishInput<'_>,
        now: Timestamp,
        next_due: Timestamp,
    ) -> Result<Published, PublishError> {
        if next_due <= now {
            return Err(PublishError::NextDue);
        }
        let cities = input.cities;
        let wanted = Wanted::new(input);
        if let Last::State(last) = &self.last {
            wanted.check_key(&last.content)?;
        }
        let mut maker = Maker::new(self.issuer, keys);
        let mut content = match &self.last {
            Last::State(last) if wanted.may_follow(&last.content) => {
                last.content.go_on(wanted, &mut maker)?
            }
            _ => Content::begin(wanted, self.next_epoch(now)?, &mut maker)?,
        };
        maker.write_all(&self.folder)?;
        if let Some(cities) = &cities {
            let reader = Reader { folder: &self.folder, issuer: self.issuer, keys };
            content.bring_cities(cities, (&self.folder, &reader), &mut maker)?;
        }
        let head = Head {
            issuer: self.issuer,
            number: self.next_number(now)?,
            issued_at: now,
            next_due_at: next_due,
            feeds: content.feeds(),
        };
        let bytes = maker.seal_head(&head)?;
        self.folder.write_head(&head, &bytes, content.files_of_cities())?;
        let written = maker.written;
        self.last = Last::State(Box::new(State { head: head.clone(), content }));
        Ok(Published { head, written })
    }

    /// Rises by one; but at least to the seconds since 1970, so that an authority that lost
    /// its folder still comes after what it published before.
    fn next_number(&self, now: Timestamp) -> Result<u64, FeedError> {
        let last = match &self.last {
            Last::State(state) => state.head.number,
            Last::Floor { number, .. } => *number,
        };
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        Ok(last.checked_add(1).ok_or(FeedError::OutOfRange)?.max(seconds))
    }

    /// As for [`Self::next_number`]; the 32 bits last until 2106.
    fn next_epoch(&self, now: Timestamp) -> Result<u32, FeedError> {
        let last = match &self.last {
            Last::State(state) => state.head.feeds.status.epoch,
            Last::Floor { epoch, .. } => *epoch,
        };
        let seconds = u32::try_from(now.as_second()).unwrap_or(0);
        Ok(last.checked_add(1).ok_or(FeedError::OutOfRange)?.max(seconds))
    }
}
