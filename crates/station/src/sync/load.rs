//! What the store kept, back into memory.

use std::sync::Arc;

use jiff::Timestamp;
use yanma_domain::IssuerId;
use yanma_domain::certificate::CertificateTrust;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::Digest;
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::HeadMark;
use yanma_protocol::policy_file::PolicyFile;
use yanma_store::{
    FeedName as Stored, FeedState, FeedWrite, HeadMark as StoredMark, Store, StoreError,
};

use super::{cities, status};
use crate::error::DeskError;
use crate::knowledge::{Knowledge, KnownDirectory, KnownList};

/// Stands for a feed that was given up; sequences begin at 1.
const NOTHING: FeedPosition = FeedPosition { epoch: 0, sequence: 0 };

/// No list has it, so that what is kept under it counts, and is fetched again.
const NO_ROOT: [u8; 32] = [0; 32];

/// Setting: which directory key is lacking.
pub(super) const LACKS_KEY: &str = "lacks-directory-key";

/// Gives up the feeds of an issuer. The number of its newest head is kept.
pub(crate) fn forget(store: &Store, issuer: IssuerId, now: Timestamp) -> Result<(), StoreError> {
    let whole = |feed| given_up(issuer, feed, now);
    store.forget_directories(issuer)?;
    let (state, rows) = (nothing(now), Box::new(std::iter::empty()));
    store.apply_feeds([
        whole(Stored::Trust),
        whole(Stored::Policy),
        whole(Stored::Status),
        FeedWrite::DirectoryWhole { issuer, state, rows },
    ])
}

/// Gives up the status lists of all issuers but one.
pub(crate) fn forget_regions(
    store: &Store,
    home: IssuerId,
    now: Timestamp,
) -> Result<(), StoreError> {
    others(store, home)?.into_iter().try_for_each(|issuer| forget_list(store, issuer, now))
}

/// Gives up the status list of an issuer.
pub(super) fn forget_list(
    store: &Store,
    issuer: IssuerId,
    now: Timestamp,
) -> Result<(), StoreError> {
    store.apply_feeds([given_up(issuer, Stored::Status, now)])
}

/// Nothing in the place of a feed that is not the directory.
fn given_up<'a>(issuer: IssuerId, feed: Stored, now: Timestamp) -> FeedWrite<'a> {
    FeedWrite::Whole { issuer, feed, state: nothing(now), blob: &[] }
}

fn nothing(now: Timestamp) -> FeedState {
    let FeedPosition { epoch, sequence } = NOTHING;
    FeedState { epoch, sequence, root: NO_ROOT, as_of: now }
}

/// The issuers but one of which there is a status list.
fn others(store: &Store, home: IssuerId) -> Result<Vec<IssuerId>, StoreError> {
    let states = store.feed_states()?.into_iter();
    let has_list = |feed: Stored, state: FeedState| {
        feed == Stored::Status && state.sequence > NOTHING.sequence
    };
    Ok(states
        .filter(|(issuer, feed, state)| *issuer != home && has_list(*feed, *state))
        .map(|(issuer, ..)| issuer)
        .collect())
}

/// The status list that the store has of an issuer, if it is as it was written.
fn list_of(store: &Store, issuer: IssuerId) -> Result<Option<KnownList>, StoreError> {
    let feed = store.feed(issuer, Stored::Status)?;
    let Some(feed) = feed.filter(|feed| feed.state.sequence > NOTHING.sequence) else {
        return Ok(None);
    };
    let list = status::read(&feed);
    if list.is_none() {
        tracing::error!(%issuer, "the status list in the store is damaged");
    }
    let (as_of, position) = (feed.state.as_of, position(&feed.state));
    Ok(list.map(|list| KnownList { list: Arc::new(list), position, as_of }))
}

impl Knowledge {
    /// What the store has of an issuer, and the status lists of others. A feed that is not as it
    /// was written counts as missing: the next sync fetches it anew, and until then nothing is
    /// judged by it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn load(store: &Store, issuer: IssuerId) -> Result<Self, DeskError> {
        let mut known = Self::default();
        if let Some(mark) = store.high_water()?.heads.get(&issuer) {
            known.head_number = mark.number;
            known.head_issued_at = Some(mark.issued_at);
        }
        let get = |feed| {
            let feed = store.feed(issuer, feed)?;
            Ok::<_, StoreError>(feed.filter(|feed| feed.state.sequence > NOTHING.sequence))
        };
        if let Some(feed) = get(Stored::Trust)? {
            known.trust = sound(serde_json::from_slice(&feed.blob), Stored::Trust);
            known.trust_root = known.trust.as_ref().map(|_| Digest(feed.state.root));
        }
        if let Some(feed) = get(Stored::Policy)? {
            let file = sound(PolicyFile::read(&feed.blob), Stored::Policy);
            known.policy_position = file.as_ref().map(|_| position(&feed.state));
            let file = file.unwrap_or_default();
            known.certificates = Arc::new(file.certificates);
            let policies = file.policies.into_iter();
            known.policies = policies.map(|policy| (policy.id.clone(), policy)).collect();
        }
        for of in std::iter::once(issuer).chain(others(store, issuer)?) {
            known.lists.extend(list_of(store, of)?.map(|list| (of, list)));
        }
        known.lacks_directory_key = store.setting::<Option<u32>>(LACKS_KEY)?.flatten();
        known.directory = get(Stored::Directory)?.map(|feed| KnownDirectory {
            position: position(&feed.state),
            as_of: feed.state.as_of,
        });
        known.cities = cities::load(store, issuer)?;
        Ok(known)
    }

    /// Writes what is known, and a store has lost, into it: as it was in force, and as old as it
    /// is. A directory is not in memory. Nor are policies as they came, so they are fetched again
    /// all the same.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(crate) fn put_back(&self, store: &Store, issuer: IssuerId) -> Result<(), DeskError> {
        let kept = Self::load(store, issuer)?;
        let Some(as_of) = self.head_issued_at else { return Ok(()) };
        let json =
            |bytes: Result<Vec<u8>, serde_json::Error>| bytes.map_err(|_| DeskError::UnknownForm);
        let trust = json(serde_json::to_vec(&self.trust))?;
        let policies = PolicyFile {
            sequence: self.policy_position.map_or(0, |position| position.sequence),
            policies: self.policies.values().cloned().collect(),
            certificates: CertificateTrust::clone(&self.certificates),
        };
        let of_policies = json(serde_json::to_vec(&policies))?;
        let mut each_policy = Vec::new();
        for policy in &policies.policies {
            each_policy.push((policy, json(serde_json::to_vec(policy))?));
        }
        let lost = |(of, list): &(&IssuerId, &KnownList)| {
            kept.lists.get(of).is_none_or(|kept| kept.position != list.position)
        };
        let lists = self.lists.iter().filter(lost);
        let lists: Vec<_> = lists.map(|(of, list)| (*of, list, status::blob(&list.list))).collect();
        let whole = |issuer, feed, position: FeedPosition, root, as_of, blob| {
            let FeedPosition { epoch, sequence } = position;
            let state = FeedState { epoch, sequence, root, as_of };
            FeedWrite::Whole { issuer, feed, state, blob }
        };
        let mut writes = Vec::new();
        if kept.head_number < self.head_number {
            let mark = StoredMark { number: self.head_number, issued_at: as_of };
            writes.push(FeedWrite::Head { issuer, mark });
        }
        if let Some(Digest(root)) = self.trust_root.filter(|_| kept.trust.is_none()) {
            let position = self.position(FeedName::Trust, issuer).unwrap_or(NOTHING);
            writes.push(whole(issuer, Stored::Trust, position, root, as_of, &trust));
        }
        if let Some(position) = self.policy_position.filter(|_| kept.policy_position.is_none()) {
            writes.push(whole(issuer, Stored::Policy, position, NO_ROOT, as_of, &of_policies));
        }
        writes.extend(each_policy.iter().map(|(policy, body)| FeedWrite::Policy {
            id: &policy.id,
            version: policy.version,
            body,
        }));
        // The numbers of their heads are not in memory. None may lead behind the list all the same.
        let heads = store.high_water()?.heads;
        let nameless =
            self.lists.iter().filter(|(of, _)| **of != issuer && !heads.contains_key(of));
        writes.extend(nameless.map(|(of, list)| FeedWrite::RegionHead {
            issuer: *of,
            mark: StoredMark { number: 0, issued_at: list.as_of },
        }));
        for (of, list, blob) in &lists {
            let root = list.list.root();
            writes.push(whole(*of, Stored::Status, list.position, root, list.as_of, blob));
        }
        Ok(store.apply_feeds(writes)?)
    }

    /// Where a feed stands; `None` when it is not there.
    pub(crate) fn position(&self, feed: FeedName, issuer: IssuerId) -> Option<FeedPosition> {
        match feed {
            // The trust list has no epochs: it is rolled forward by its sequence alone.
            FeedName::Trust => {
                self.trust.as_ref().map(|trust| FeedPosition { epoch: 0, sequence: trust.sequence })
            }
            FeedName::Policy => self.policy_position,
            FeedName::Status => self.lists.get(&issuer).map(|known| known.position),
            FeedName::Directory => self.directory.map(|known| known.position),
        }
    }

    /// The last head, as the next one is compared with; `None` before the first.
    pub(crate) fn mark(&self, issuer: IssuerId) -> Option<HeadMark> {
        Some(HeadMark {
            number: self.head_number,
            issued_at: self.head_issued_at?,
            positions: FeedName::ALL.map(|feed| self.position(feed, issuer).unwrap_or(NOTHING)),
        })
    }
}

fn sound<T, E>(read: Result<T, E>, name: Stored) -> Option<T> {
    if read.is_err() {
        tracing::error!(feed = name.as_str(), "a feed in the store is damaged");
    }
    read.ok()
}

fn position(state: &FeedState) -> FeedPosition {
    FeedPosition { epoch: state.epoch, sequence: state.sequence }
}
