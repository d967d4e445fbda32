//! The head: which files are the newest, and until when to expect newer ones.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::trust::TrustList;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{IssuerId, KeyId};

use crate::digest::Digest;
use crate::envelope::{self, ENVELOPE_BYTES, Envelope, FileKind, Keys, Unsigned, VerifiedFile};
use crate::feed_error::FeedError;
use crate::file_name::{FeedName, FileName};
use crate::json;

/// Under which head and files are fetched.
pub const FEEDS_BASE: &str = "/v1/feeds/";
/// Where the head is fetched: `GET`, without a token, never cached.
pub const HEAD_PATH: &str = "/v1/feeds/head";
/// Where the files are fetched, followed by a name: `GET`, without a token, cached for ever.
pub const FILES_PATH: &str = "/v1/feeds/files/";
/// Where an authority carries what other issuers publish of their colours, followed by an
/// issuer's number: under it are that issuer's own `head`, and of the files that this names
/// those of its status list, under `files/`. Signed by that issuer; fetched like its own.
pub const REGIONS_PATH: &str = "/v1/feeds/regions/";

/// Most deltas that one feed's list names.
pub const MAX_DELTAS: usize = 64;

/// The head; payload: this as JSON. A small file that is replaced with every publication
/// and names all the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Whose feeds these are.
    pub issuer: IssuerId,
    /// Rises with every publication, for ever.
    pub number: u64,
    /// When it was signed. The age of everything a station knows counts from here.
    pub issued_at: Timestamp,
    /// When the next one will be there at the latest.
    pub next_due_at: Timestamp,
    /// The four feeds.
    pub feeds: Feeds,
}

/// The files of the four feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feeds {
    /// The trust list. Its epoch is always 0: it is rolled forward by sequence alone.
    pub trust: FileList,
    /// The policies.
    pub policy: FileList,
    /// The status list.
    pub status: FileList,
    /// The directory.
    pub directory: FileList,
    /// The list of the directories of single cities ([`crate::city_list`]), where there are any.
    /// It is a file of the directory, and `to` its sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cities: Option<FileRef>,
}

impl FileList {
    /// Every file that it names.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        std::iter::once(&self.snapshot).chain(&self.deltas)
    }
}

impl Feeds {
    /// One of them.
    pub fn of(&self, feed: FeedName) -> &FileList {
        match feed {
            FeedName::Trust => &self.trust,
            FeedName::Policy => &self.policy,
            FeedName::Status => &self.status,
            FeedName::Directory => &self.directory,
        }
    }
}

/// The state of one feed, and the files that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileList {
    /// Changes when the feed is begun anew.
    pub epoch: u32,
    /// Rises by one with every change within the epoch; begins at 1.
    pub sequence: u32,
    /// The root hash of the state; for trust and policy, the SHA-256 of the payload.
    pub root: Digest,
    /// How many holders, rows, issuers or policies it has.
    pub size: u32,
    /// A whole state, at this sequence or an earlier one.
    pub snapshot: FileRef,
    /// Steps from there or from elsewhere.
    pub deltas: Vec<FileRef>,
}

/// One file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its name, below [`FILES_PATH`].
    pub name: FileName,
    /// The sequence it begins at; 0 for a snapshot.
    pub from: u32,
    /// The sequence it leads to.
    pub to: u32,
    /// Its length, envelope included.
    pub bytes: u64,
    /// The SHA-256 of all of it.
    pub sha256: Digest,
}

impl FileRef {
    /// Names a sealed file.
    pub fn new(feed: FeedName, from: u32, to: u32, sealed: &[u8]) -> Self {
        let sha256 = Digest::of(sealed);
        let name = FileName::new(feed, from, to, &sha256);
        Self { name, from, to, bytes: sealed.len() as u64, sha256 }
    }

    /// Whether these bytes are the file. To be asked before anything else is done with
    /// them.
    ///
    /// # Errors
    /// [`FeedError::Length`] or [`FeedError::Hash`].
    pub fn check(&self, bytes: &[u8]) -> Result<(), FeedError> {
        if bytes.len() as u64 != self.bytes {
            return Err(FeedError::Length);
        }
        if Digest::of(bytes) == self.sha256 { Ok(()) } else { Err(FeedError::Hash) }
    }

    fn check_form(&self, feed: FeedName, kind: FileKind) -> Result<(), FeedError> {
        let same = self.name.feed() == feed
            && self.name.from() == self.from
            && self.name.to() == self.to
            && self.name.fits(&self.sha256);
        let most = kind.max_payload_bytes() + ENVELOPE_BYTES;
        match (same, self.bytes <= most as u64) {
            (false, _) => Err(FeedError::Name),
            (true, false) => Err(FeedError::Length),
            (true, true) => Ok(()),
        }
    }
}

impl FileList {
    /// The state as a position.
    pub fn position(&self) -> FeedPosition {
        FeedPosition { epoch: self.epoch, sequence: self.sequence }
    }

    /// The files to fetch and apply in this order, from what a station has to the state of
    /// this head, with the fewest bytes: single steps, the cumulative step, or the
    /// snapshot and a step. Empty when the station has the state already; `None` when no
    /// chain leads there.
    ///
    /// A station that could not use one of these files asks again with `have` as `None`,
    /// and gets the way over the snapshot.
    pub fn route(&self, have: Option<FeedPosition>) -> Option<Vec<&FileRef>> {
        let here = have.filter(|have| have.epoch == self.epoch).map(|have| have.sequence);
        // The cheapest way to each sequence: its bytes, and the files.
        let mut ways: BTreeMap<u32, (u64, Vec<&FileRef>)> = BTreeMap::new();
        ways.insert(self.snapshot.to, (self.snapshot.bytes, vec![&self.snapshot]));
        if let Some(here) = here {
            ways.insert(here, (0, Vec::new()));
        }
        let mut deltas: Vec<_> = self.deltas.iter().collect();
        deltas.sort_unstable_by_key(|delta| (delta.from, delta.to));
        for delta in deltas {
            let Some((bytes, files)) = ways.get(&delta.from) else { continue };
            let bytes = bytes.saturating_add(delta.bytes);
            if ways.get(&delta.to).is_none_or(|(least, _)| bytes < *least) {
                let files = files.iter().copied().chain([delta]).collect();
                ways.insert(delta.to, (bytes, files));
            }
        }
        ways.remove(&self.sequence).map(|(_, files)| files)
    }

    pub(crate) fn check_directory(&self) -> Result<(), FeedError> {
        let (whole, step) = (FileKind::DirectorySnapshot, FileKind::DirectoryDelta);
        self.check(FeedName::Directory, whole, Some(step))
    }

    fn check(
        &self,
        feed: FeedName,
        whole: FileKind,
        step: Option<FileKind>,
    ) -> Result<(), FeedError> {
        self.snapshot.check_form(feed, whole)?;
        let in_range = self.snapshot.from == 0
            && (1..=self.sequence).contains(&self.snapshot.to)
            && self.deltas.len() <= if step.is_some() { MAX_DELTAS } else { 0 };
        if !in_range {
            return Err(FeedError::OutOfRange);
        }
        for delta in &self.deltas {
            delta.check_form(feed, step.unwrap_or(whole))?;
            if delta.from == 0 || delta.from >= delta.to || delta.to > self.sequence {
                return Err(FeedError::OutOfRange);
            }
        }
        self.route(None).map(|_| ()).ok_or(FeedError::NoRoute)
    }
}

/// What a station keeps of the last head it took, to refuse an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadMark {
    /// Its number.
    pub number: u64,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// The states it named: trust, policy, status, directory.
    pub positions: [FeedPosition; 4],
}

impl Head {
    /// Verifies a head by a trust list, under a key that is in force at the head's own time. That
    /// time is believed only once the signature holds; whether it is plausible is another matter.
    ///
    /// # Errors
    /// What stands against the file, its signature or its form.
    pub fn open(bytes: &[u8], issuer: IssuerId, trust: &TrustList) -> Result<Self, FeedError> {
        let open = |at| {
            let keys = Keys::Trusted(trust, at);
            Self::decode(&envelope::open(bytes, FileKind::Head, issuer, keys)?)
        };
        let head = match open(trust.issued_at) {
            // The key may have come into force after the list was written.
            Err(FeedError::KeyDates(_)) => {
                let keys = trust.issuer(issuer).into_iter().flat_map(|issuer| &issuer.keys);
                let mut opened = Err(FeedError::Signature);
                for at in keys.map(|key| key.from) {
                    opened = opened.or_else(|_| open(at));
                }
                opened?
            }
            head => head?,
        };
        open(head.issued_at)
    }

    /// Every file that it names; not those that the list of cities names.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        let feeds = FeedName::ALL.into_iter().flat_map(|feed| self.feeds.of(feed).files());
        feeds.chain(&self.feeds.cities)
    }

    /// What to keep of it.
    pub fn mark(&self) -> HeadMark {
        let Feeds { trust, policy, status, directory, .. } = &self.feeds;
        HeadMark {
            number: self.number,
            issued_at: self.issued_at,
            positions: [trust, policy, status, directory].map(FileList::position),
        }
    }

    /// Whether the head may follow the last one a station took. The same one may, so that
    /// asking twice is no error.
    ///
    /// # Errors
    /// [`FeedError::Rollback`] when its number or the state of any feed is older, or when
    /// it has the number of the last one and is another. Its time may be older: a publisher
    /// whose clock was wrong must be able to put it right.
    pub fn check_after(&self, last: &HeadMark) -> Result<(), FeedError> {
        let mark = self.mark();
        let back = |have: u64, got: u64| Err(FeedError::Rollback { have, got });
        if mark.number < last.number || (mark.number == last.number && mark != *last) {
            return back(last.number, mark.number);
        }
        for (have, got) in last.positions.iter().zip(mark.positions) {
            if got.epoch < have.epoch {
                return back(have.epoch.into(), got.epoch.into());
            }
            if got.epoch == have.epoch && got.sequence < have.sequence {
                return back(have.sequence.into(), got.sequence.into());
            }
        }
        Ok(())
    }

    /// The file, ready to be signed.
    ///
    /// # Errors
    /// As for [`Self::decode`].
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        self.check(key.issuer)?;
        let payload = serde_json::to_vec(self).map_err(|_| FeedError::Json)?;
        Unsigned::new(FileKind::Head, key, &payload)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`], [`FeedError::Json`], [`FeedError::WrongIssuer`],
    /// [`FeedError::Name`], [`FeedError::Length`], [`FeedError::OutOfRange`], and
    /// [`FeedError::NoRoute`] when the files it names do not lead to the states it names.
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let payload = file.payload(FileKind::Head)?;
        let head: Self = json::read_answer(payload).ok_or(FeedError::Json)?;
        head.check(file.issuer())?;
        Ok(head)
    }

    /// The trust file that an **unverified** head names.
    ///
    /// A new station, or one that meets a new key, can verify the head only with the trust
    /// list that the head names. Nothing is believed by following this pointer: the trust
    /// file has to verify under the root key, and the head with what is in it.
    ///
    /// # Errors
    /// [`FeedError::Kind`], [`FeedError::Json`], or what is wrong with the reference.
    pub fn peek_trust(envelope: &Envelope<'_>) -> Result<FileRef, FeedError> {
        if envelope.kind() != FileKind::Head {
            return Err(FeedError::Kind { want: FileKind::Head, got: envelope.kind().number() });
        }
        let head: Self = json::read_answer(envelope.unverified_payload()).ok_or(FeedError::Json)?;
        head.feeds.trust.snapshot.check_form(FeedName::Trust, FileKind::Trust)?;
        Ok(head.feeds.trust.snapshot)
    }

    fn check(&self, issuer: IssuerId) -> Result<(), FeedError> {
        if self.issuer != issuer {
            return Err(FeedError::WrongIssuer { want: issuer, got: self.issuer });
        }
        if self.next_due_at <= self.issued_at {
            return Err(FeedError::OutOfRange);
        }
        let Feeds { trust, policy, status, directory, cities } = &self.feeds;
        trust.check(FeedName::Trust, FileKind::Trust, None)?;
        policy.check(FeedName::Policy, FileKind::Policy, None)?;
        let (whole, step) = (FileKind::StatusSnapshot, FileKind::StatusDelta);
        status.check(FeedName::Status, whole, Some(step))?;
        directory.check_directory()?;
        let Some(cities) = cities else { return Ok(()) };
        cities.check_form(FeedName::Directory, FileKind::Cities)?;
        if cities.from == 0 && cities.to > 0 { Ok(()) } else { Err(FeedError::OutOfRange) }
    }
}
