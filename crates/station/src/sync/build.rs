//! Builds the next state beside the one in force.

use std::sync::Arc;

use yanma_domain::trust::{PublicKey, TrustList};
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::envelope::{self, FileKind, Keys, VerifiedFile};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileList, FileRef, Head};
use yanma_protocol::policy_file::PolicyFile;
use yanma_protocol::stations::DirectoryKeys;
use yanma_protocol::{Digest, FeedError};
use yanma_store::{FeedName as StoredFeed, FeedState, FeedWrite, HeadMark, Store};

use super::directory::{NextDirectory, Wanted};
use super::fetched::{Came, Fetched};
use super::load::LACKS_KEY;
use super::newest::Trusted;
use super::part::Part;
use super::status::{self, NextStatus};
use super::{SyncError, begun};
use crate::desk::ENROLMENT_KEY;
use crate::enrolment::Enrolment;
use crate::error::DeskError;
use crate::knowledge::{Knowledge, KnownDirectory};

/// The state to come: starts as the one in force, and is brought up feed by feed.
pub(super) struct Next<'a> {
    pub(super) head: &'a Head,
    trust: TrustList,
    /// The SHA-256 of its payload, which is the one that the head names.
    trust_root: Digest,
    known: Knowledge,
    changed: Vec<FeedName>,
    /// What is at hand of these stays in force: nothing vouches for it, and it goes on to age.
    stays: Vec<FeedName>,
    /// The payload of the policies to come. It is kept as it came: a newer program may understand
    /// more of it.
    policies: Vec<u8>,
    status: Option<NextStatus>,
    directory: Option<NextDirectory>,
    /// The directory key that was lacking before.
    lacked: Option<u32>,
    enrolment: &'a Enrolment,
    /// The root key that signed the trust list.
    root: PublicKey,
    /// The keys to come, with the directory.
    keys: Option<DirectoryKeys>,
}

/// What is to be put in force at once.
pub(super) struct Written {
    pub(super) knowledge: Knowledge,
    /// The enrolment with other keys.
    pub(super) enrolment: Option<Enrolment>,
}

impl<'a> Next<'a> {
    pub(super) fn new(
        known: &Knowledge,
        head: &'a Head,
        trust: Trusted,
        enrolment: &'a Enrolment,
    ) -> Self {
        let Trusted { list: trust, root, digest } = trust;
        let lacked = known.lacks_directory_key;
        let goes_back = known.head_issued_at.is_some_and(|last| head.issued_at < last);
        let mut known = Knowledge {
            head_number: head.number,
            head_issued_at: Some(head.issued_at),
            ..known.clone()
        };
        if goes_back {
            known.age_before(head.issuer, head.issued_at);
        }
        Self {
            head,
            trust,
            trust_root: digest,
            known,
            changed: Vec::new(),
            stays: Vec::new(),
            policies: Vec::new(),
            status: None,
            directory: None,
            lacked,
            enrolment,
            root,
            keys: None,
        }
    }

    /// Whether the enrolment is another from then on: documents are hashed under another key, or
    /// another root key is pinned.
    pub(super) fn changes_key(&self) -> bool {
        self.keys.is_some() || self.root != self.enrolment.root_key
    }

    /// Whether the directory has to be fetched from its snapshot on, which takes minutes.
    pub(super) fn directory_comes_whole(&self, store: &Store) -> Result<bool, DeskError> {
        let list = &self.head.feeds.directory;
        let have = self.have(FeedName::Directory);
        if store.is_read_only() {
            return Ok(false);
        }
        if have == Some(list.position()) {
            return Ok(!self.has_root(FeedName::Directory, list, store)?);
        }
        Ok(comes_whole(list, have))
    }

    /// Leaves a feed as it is.
    pub(super) fn leave(&mut self, feed: FeedName) {
        self.stays.push(feed);
    }

    /// Leaves the directory as it is, for want of the key that the new one is under.
    pub(super) fn lack_key(&mut self, generation: u32) {
        self.known.lacks_directory_key = Some(generation);
        self.leave(FeedName::Directory);
    }

    /// Brings one feed to the state that the head names: by the shortest way first, and
    /// over the snapshot when that fails. A directory that was begun by an earlier head is brought
    /// to its end.
    pub(super) async fn bring(
        &mut self,
        feed: FeedName,
        fetched: &mut Fetched,
        store: &Store,
    ) -> Result<(), DeskError> {
        let list = self.head.feeds.of(feed).clone();
        let mut have = self.have(feed);
        // The rows lie in the store, which a desk that only looks does not write.
        if feed == FeedName::Directory && store.is_read_only() && have != Some(list.position()) {
            return Ok(());
        }
        if have == Some(list.position()) && feed != FeedName::Trust {
            if self.has_root(feed, &list, store)? {
                self.confirm(feed);
                return Ok(());
            }
            // Two contents of one state: the publisher lost a step, or this desk is damaged.
            tracing::warn!(feed = feed.as_str(), "another list under a known position");
            have = None;
        }
        let is_directory = feed == FeedName::Directory;
        let begun = match is_directory && comes_whole(&list, have) {
            true => begun::way_to(&list, self.head.issuer.into(), store)?,
            false => None,
        };
        let brought = match &begun {
            Some(way) => self.follow(feed, way, None, fetched, store).await,
            None => self.follow(feed, &list, have, fetched, store).await,
        };
        let Err(DeskError::Feed(error)) = brought else { return brought };
        let again = match error {
            // Another way leads to the same directory.
            SyncError::DirectoryKey { .. } => false,
            // A part that was gone on with may have been begun by somebody who lies.
            SyncError::File { error: FeedError::Hash, .. } if is_directory => true,
            _ => have.is_some() || begun.is_some(),
        };
        if !again {
            return Err(error.into());
        }
        tracing::warn!(%error, "the shortest way failed; taking the snapshot");
        match self.follow(feed, &list, None, fetched, store).await {
            // All of it was here, and wrong: that is told before it is here anew.
            Err(DeskError::Unfinished)
                if is_directory && begun.is_none() && comes_whole(&list, have) =>
            {
                Err(error.into())
            }
            other => other,
        }
    }

    /// Whether what the store has is what the head means. A desk that only looks keeps
    /// what it learns in memory, and cannot tell.
    fn has_root(&self, feed: FeedName, list: &FileList, store: &Store) -> Result<bool, DeskError> {
        let name = (self.head.issuer, stored_feed(feed));
        let states = store.feed_states()?;
        let stored = states.iter().find(|(issuer, feed, _)| (*issuer, *feed) == name);
        Ok(store.is_read_only() || stored.is_some_and(|(.., state)| state.root == list.root.0))
    }

    async fn follow(
        &mut self,
        feed: FeedName,
        list: &FileList,
        have: Option<FeedPosition>,
        fetched: &mut Fetched,
        store: &Store,
    ) -> Result<(), DeskError> {
        if feed == FeedName::Trust {
            self.take_trust();
            return Ok(());
        }
        let route: Vec<FileRef> =
            list.route(have).ok_or(no_way(list))?.into_iter().copied().collect();
        fetched.begin(feed, route.iter().map(|file| file.bytes).sum());
        let mut files = Vec::with_capacity(route.len());
        let mut part = None;
        for file in &route {
            // As large as a province's directory: it is never held in memory.
            if feed == FeedName::Directory && file.from == 0 {
                part = Some(fetched.snapshot(self.head.issuer.into(), list, store).await?);
                continue;
            }
            files.push(fetched.file(file).await?);
        }
        match feed {
            FeedName::Trust => Ok(()),
            FeedName::Policy => Ok(self.take_policy(list, &files)?),
            FeedName::Status => Ok(self.take_status(list, have, &files)?),
            FeedName::Directory => {
                let next = self.build_directory(list, have, part, &files, fetched, store).await?;
                let (position, as_of) = (list.position(), self.head.issued_at);
                self.known.directory = Some(KnownDirectory { position, as_of });
                self.known.lacks_directory_key = None;
                self.directory = Some(next);
                self.changed.push(FeedName::Directory);
                Ok(())
            }
        }
    }

    /// Builds the directory. A snapshot under another key than the desk's is one after a
    /// rotation: the authority is asked for the key, and both come into force together.
    async fn build_directory(
        &mut self,
        list: &FileList,
        have: Option<FeedPosition>,
        part: Option<Part>,
        deltas: &[Came],
        fetched: &mut Fetched,
        store: &Store,
    ) -> Result<NextDirectory, DeskError> {
        let keys = Keys::Trusted(&self.trust, self.head.issued_at);
        let generation = self.enrolment.directory_key_generation();
        let (of, meter) = (self.head.issuer.into(), Arc::clone(&fetched.meter));
        let wanted = Wanted { of, list, have, keys, generation, meter: &meter };
        let built = NextDirectory::build(store, wanted, part.as_ref(), deltas);
        let Err(DeskError::Feed(SyncError::DirectoryKey { generation })) = built else {
            return built;
        };
        let keys = fetched.directory_keys(generation).await?;
        let wanted = Wanted { generation, ..wanted };
        let next = NextDirectory::build(store, wanted, part.as_ref(), deltas)?;
        self.keys = Some(keys);
        Ok(next)
    }

    /// The trust list was fetched and verified already, to verify the head with, and is the
    /// one that the head names.
    fn take_trust(&mut self) {
        if self.known.trust.as_ref() != Some(&self.trust)
            || self.known.trust_root != Some(self.trust_root)
        {
            self.known.trust = Some(self.trust.clone());
            self.known.trust_root = Some(self.trust_root);
            self.changed.push(FeedName::Trust);
        }
    }

    fn take_policy(&mut self, list: &FileList, files: &[Came]) -> Result<(), SyncError> {
        let Came { name, bytes } = files.last().ok_or(no_way(list))?;
        let policies = self.read_policies(list, bytes);
        let (policies, payload) =
            policies.map_err(|error| SyncError::File { file: *name, error })?;
        self.policies = payload;
        self.known.policy_position = Some(list.position());
        self.known.certificates = Arc::new(policies.certificates);
        let by_scene = policies.policies.into_iter().map(|policy| (policy.id.clone(), policy));
        self.known.policies = by_scene.collect();
        self.changed.push(FeedName::Policy);
        Ok(())
    }

    fn read_policies(
        &self,
        list: &FileList,
        bytes: &[u8],
    ) -> Result<(PolicyFile, Vec<u8>), FeedError> {
        let file = self.open(bytes, FileKind::Policy)?;
        let payload = file.payload(FileKind::Policy)?;
        if Digest::of(payload) != list.root {
            return Err(FeedError::RootMismatch);
        }
        let policies = PolicyFile::decode(&file)?;
        if policies.sequence != list.sequence {
            return Err(FeedError::OutOfRange);
        }
        Ok((policies, payload.to_vec()))
    }

    fn take_status(
        &mut self,
        list: &FileList,
        have: Option<FeedPosition>,
        files: &[Came],
    ) -> Result<(), SyncError> {
        let issuer = self.head.issuer;
        let keys = Keys::Trusted(&self.trust, self.head.issued_at);
        let wanted = status::Wanted { issuer, list, keys, as_of: self.head.issued_at };
        let last = have.and_then(|_| self.known.lists.get(&issuer));
        let next = NextStatus::build(wanted, last, files)?;
        self.known.lists.insert(issuer, next.known.clone());
        self.status = Some(next);
        self.changed.push(FeedName::Status);
        Ok(())
    }

    fn open<'b>(&self, bytes: &'b [u8], kind: FileKind) -> Result<VerifiedFile<'b>, FeedError> {
        let keys = Keys::Trusted(&self.trust, self.head.issued_at);
        envelope::open(bytes, kind, self.head.issuer, keys)
    }

    /// The head says that what is known is still the newest: it is as young as the head.
    fn confirm(&mut self, feed: FeedName) {
        let as_of = self.head.issued_at;
        match feed {
            FeedName::Status => {
                if let Some(known) = self.known.lists.get_mut(&self.head.issuer) {
                    known.as_of = as_of;
                }
            }
            FeedName::Directory => {
                if let Some(known) = &mut self.known.directory {
                    known.as_of = as_of;
                }
                self.known.lacks_directory_key = None;
            }
            FeedName::Trust | FeedName::Policy => {}
        }
    }

    fn have(&self, feed: FeedName) -> Option<FeedPosition> {
        self.known.position(feed, self.head.issuer)
    }

    /// Writes the new state in one transaction, and gives it to be put in force. A head
    /// that only confirms is written too: the age of the data must survive a restart.
    pub(super) fn write(mut self, store: &Store, before: u64) -> Result<Written, DeskError> {
        let issuer = self.head.issuer;
        let as_of = self.head.issued_at;
        let lacks = self.known.lacks_directory_key;
        let nothing = self.head.number == before && self.changed.is_empty() && lacks == self.lacked;
        if store.is_read_only() || nothing {
            return Ok(Written { knowledge: self.known, enrolment: None });
        }
        let state = |list: &FileList| FeedState {
            epoch: list.epoch,
            sequence: list.sequence,
            root: list.root.0,
            as_of,
        };
        let json =
            |bytes: Result<Vec<u8>, serde_json::Error>| bytes.map_err(|_| DeskError::UnknownForm);
        let feeds = &self.head.feeds;
        let trust = json(serde_json::to_vec(&self.known.trust))?;
        let status = self.status.take();
        let mut each_policy = Vec::new();
        for policy in self.known.policies.values() {
            each_policy.push((policy, json(serde_json::to_vec(policy))?));
        }
        let mark = HeadMark { number: self.head.number, issued_at: as_of };
        let changes = self.changes_key();
        let enrolment = changes.then(|| self.enrolment.with_keys(self.root, self.keys.take()));
        let value = enrolment.as_ref().map(serde_json::to_string).transpose();
        let value = value.map_err(|_| DeskError::UnknownForm)?;
        let mut directory_change = None;
        let mut writes = vec![FeedWrite::Head { issuer, mark }];
        let whole = |feed, list, blob| FeedWrite::Whole { issuer, feed, state: state(list), blob };
        for feed in FeedName::ALL {
            let stored = stored_feed(feed);
            if self.stays.contains(&feed) {
                continue;
            }
            if !self.changed.contains(&feed) {
                writes.push(FeedWrite::Confirmed { issuer, feed: stored, as_of });
                continue;
            }
            match feed {
                FeedName::Trust => writes.push(whole(stored, &feeds.trust, &trust)),
                FeedName::Policy => {
                    writes.push(whole(stored, &feeds.policy, &self.policies));
                    writes.extend(each_policy.iter().map(|(policy, body)| FeedWrite::Policy {
                        id: &policy.id,
                        version: policy.version,
                        body,
                    }));
                }
                FeedName::Status => {
                    let next = status.as_ref();
                    writes.extend(next.map(|next| next.as_write(issuer, state(&feeds.status))));
                }
                FeedName::Directory => {
                    let next = self.directory.take();
                    let (base, change) = next.map(NextDirectory::into_parts).unwrap_or_default();
                    if let Some((base, at)) = base {
                        let state = FeedState { as_of, ..at };
                        writes.push(FeedWrite::DirectoryBase { of: issuer.into(), state, base });
                    }
                    directory_change = change;
                }
            }
        }
        if let Some(change) = &directory_change {
            writes.push(change.as_write(issuer.into(), state(&feeds.directory)));
        }
        let setting =
            value.as_deref().map(|value| FeedWrite::Setting { key: ENROLMENT_KEY, value });
        writes.extend(setting);
        store.apply_feeds(writes)?;
        if lacks != self.lacked {
            // A kill before this costs the notice until the next sync, and nothing else.
            store.set_setting(LACKS_KEY, &lacks)?;
        }
        Ok(Written { knowledge: self.known, enrolment })
    }
}

/// Whether the shortest way to a list begins with its snapshot.
pub(super) fn comes_whole(list: &FileList, have: Option<FeedPosition>) -> bool {
    let route = list.route(have);
    route.is_some_and(|route| route.first().is_some_and(|file| file.from == 0))
}

/// The files of a head do not lead from the state at hand to its own.
pub(super) fn no_way(list: &FileList) -> SyncError {
    SyncError::File { file: list.snapshot.name, error: FeedError::NoRoute }
}

fn stored_feed(feed: FeedName) -> StoredFeed {
    match feed {
        FeedName::Trust => StoredFeed::Trust,
        FeedName::Policy => StoredFeed::Policy,
        FeedName::Status => StoredFeed::Status,
        FeedName::Directory => StoredFeed::Directory,
    }
}
