//! What a province publishes: signed files behind a signed head.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use yanma_station::domain::document::DocumentHash;
use yanma_station::domain::policy::Policy;
use yanma_station::domain::status::StatusList;
use yanma_station::domain::trust::{Issuer, Purpose, TrustList, TrustedKey, Words};
use yanma_station::domain::verdict::FeedPosition;
use yanma_station::domain::{AmberName, Colour, IssuerId, KeyId, KeySlot, StatusIndex};
use yanma_station::policies;
use yanma_station::protocol::Digest;
use yanma_station::protocol::directory_file::{DirectoryDelta, DirectoryRows, DirectorySnapshot};
use yanma_station::protocol::envelope::Unsigned;
use yanma_station::protocol::file_name::FeedName;
use yanma_station::protocol::head::{Feeds, FileList, FileRef, Head};
use yanma_station::protocol::policy_file::PolicyFile;
use yanma_station::protocol::root_chain::RootStatement;
use yanma_station::protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_station::protocol::trust_file::TrustFile;

use super::cities::CityPress;
use super::people::{HOLDERS, PEOPLE};
use super::province::{Signer, begin, directory_key};

pub(crate) const NEIGHBOUR: IssuerId = IssuerId(36);

/// A province's printing press: the state, and every file that was ever published.
pub(crate) struct Press {
    pub(crate) issuer: IssuerId,
    pub(crate) trust: TrustList,
    pub(crate) policies: PolicyFile,
    status: Steps<StatusSnapshot>,
    directory: Steps<DirectorySnapshot>,
    /// The state to be published next.
    list: StatusList,
    pub(super) documents: BTreeMap<u64, u32>,
    /// None while the directory is published whole alone.
    pub(super) cities: Option<CityPress>,
    pub(crate) key_generation: u32,
    pub(crate) number: u64,
    pub(crate) feeds_signer: Signer,
    pub(crate) root_signer: Signer,
    /// What each root key said of the next.
    pub(crate) roots: Vec<RootStatement>,
    /// The slot of the feeds key after its rotation.
    new_feeds_slot: KeySlot,
    files: BTreeMap<String, Vec<u8>>,
    heads: Vec<Vec<u8>>,
}

/// Every published state of one epoch.
pub(super) struct Steps<T> {
    pub(super) states: Vec<T>,
    /// Which of them the snapshot is.
    whole: usize,
}

impl Press {
    /// The first publication.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self::of(IssuerId::FUJIAN, Signer::Feeds, now)
    }

    /// That of an issuer, signed by its feeds key.
    pub(crate) fn of(issuer: IssuerId, feeds_signer: Signer, now: Timestamp) -> Self {
        let mut list = StatusList::new(HOLDERS);
        for person in PEOPLE {
            list.set(StatusIndex(person.index), person.colour).unwrap();
        }
        let documents = PEOPLE.iter().map(|person| (person.hash(), person.index)).collect();
        let scenes = policies::scenes().map(|scene| policies::built_in(scene).unwrap());
        let mut press = Self {
            issuer,
            trust: trust_list(),
            policies: PolicyFile {
                sequence: 1,
                policies: scenes.collect(),
                certificates: Default::default(),
            },
            status: Steps::default(),
            directory: Steps::default(),
            list,
            documents,
            cities: None,
            key_generation: 1,
            number: 0,
            feeds_signer,
            root_signer: Signer::Root,
            roots: Vec::new(),
            new_feeds_slot: KeySlot::new(3).unwrap(),
            files: BTreeMap::new(),
            heads: Vec::new(),
        };
        press.begin_epoch(1);
        press.publish(now);
        press
    }

    /// Starts both lists anew, as after a loss at the authority.
    pub(crate) fn begin_epoch(&mut self, epoch: u32) {
        let position = FeedPosition { epoch, sequence: 1 };
        self.status = Steps::of(StatusSnapshot { position, list: self.list.clone() });
        let (key_generation, rows) = (self.key_generation, self.rows());
        self.directory = Steps::of(DirectorySnapshot { position, key_generation, rows });
        self.cities.iter_mut().for_each(CityPress::begin_anew);
    }

    /// The directories have a fresh snapshot each, in the same epoch.
    pub(crate) fn make_snapshots(&mut self) {
        self.step();
        self.directory.begin_anew();
        self.cities.iter_mut().for_each(CityPress::make_snapshots);
    }

    /// Another directory key: everybody is in the directory under it, in a new epoch.
    pub(crate) fn rotate_directory_key(&mut self) {
        self.key_generation += 1;
        let key = directory_key(self.key_generation);
        let people = PEOPLE.iter();
        self.documents =
            people.map(|person| (key.hash(&person.document()).as_u64(), person.index)).collect();
        self.begin_epoch(self.key_generation);
    }

    /// Another key for feeds takes the place of the one before: the trust list names it in the
    /// same slot, and everything is signed anew in a new epoch.
    pub(crate) fn replace_feeds_key(&mut self) {
        self.trust.sequence += 1;
        let keys = &mut self.trust.issuers[0].keys;
        keys.retain(|key| key.slot != KeySlot::FEEDS);
        keys.push(key(KeySlot::FEEDS, Signer::NewFeeds, Purpose::Feeds, begin()));
        self.feeds_signer = Signer::NewFeeds;
        self.new_feeds_slot = KeySlot::FEEDS;
        self.begin_epoch(2);
    }

    /// Another root key, which the one before it introduces; `says` signs for that one.
    pub(crate) fn introduce_root(&mut self, next: Signer, says: Signer) {
        let pair = (self.root_signer.public(), next.public());
        let number = self.roots.len() as u32 + 1;
        let sign = |message: &[u8]| says.sign(message);
        self.roots.push(RootStatement::new(IssuerId::FUJIAN, number, begin(), pair, &sign));
        self.root_signer = next;
        self.trust.sequence += 1;
    }

    pub(crate) fn set(&mut self, index: u32, colour: Colour) {
        self.extend_to(index + 1);
        self.list.set(StatusIndex(index), colour).unwrap();
    }

    /// Makes the list as long as a real province's.
    pub(crate) fn extend_to(&mut self, len: u32) {
        self.list.extend_to(len);
    }

    pub(crate) fn claim(&mut self, hash: u64, index: u32) {
        self.extend_to(index + 1);
        self.documents.insert(hash, index);
    }

    pub(crate) fn holder_of(&self, hash: DocumentHash) -> Option<StatusIndex> {
        self.documents.get(&hash.as_u64()).copied().map(StatusIndex)
    }

    pub(crate) fn colour_of(&self, index: StatusIndex) -> Option<Colour> {
        self.list.get(index)
    }

    pub(crate) fn position(&self) -> FeedPosition {
        self.status.newest().position
    }

    pub(crate) fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.files.get(name).cloned()
    }

    /// The snapshots of directories until now are not served any more.
    pub(crate) fn remove_snapshots(&mut self) {
        self.files.retain(|name, _| !name.starts_with("directory-0-"));
    }

    /// Every file that was ever published.
    pub(crate) fn all_files(&self) -> impl Iterator<Item = (&String, &Vec<u8>)> {
        self.files.iter()
    }

    /// The newest head.
    pub(crate) fn head(&self) -> &[u8] {
        self.heads.last().unwrap()
    }

    /// An earlier head; the first is 1.
    pub(crate) fn head_number(&self, number: usize) -> Vec<u8> {
        self.heads[number - 1].clone()
    }

    /// Publishes what changed, and a head in any case.
    pub(crate) fn publish(&mut self, now: Timestamp) {
        self.number += 1;
        let head = self.compose(now);
        let bytes = self.seal(&head);
        self.heads.push(bytes);
    }

    /// The head of the state as it is; its files are there already or are added.
    pub(crate) fn compose(&mut self, now: Timestamp) -> Head {
        self.step();
        Head {
            issuer: self.issuer,
            number: self.number,
            issued_at: now,
            next_due_at: now + SignedDuration::from_mins(5),
            feeds: Feeds {
                trust: self.trust_files(),
                policy: self.policy_files(),
                status: self.status_files(),
                directory: self.directory_files(),
                cities: self.city_files(),
            },
        }
    }

    /// A head as it travels.
    pub(crate) fn seal(&self, head: &Head) -> Vec<u8> {
        self.seal_as(head, self.feeds_signer)
    }

    /// The same, by another hand.
    pub(crate) fn seal_as(&self, head: &Head, signer: Signer) -> Vec<u8> {
        head.encode(self.feeds_key()).unwrap().sign(&|message| signer.sign(message))
    }

    pub(super) fn feeds_key(&self) -> KeyId {
        let slot = match self.feeds_signer {
            Signer::NewFeeds => self.new_feeds_slot,
            _ => KeySlot::FEEDS,
        };
        KeyId { issuer: self.issuer, slot }
    }

    fn rows(&self) -> DirectoryRows {
        DirectoryRows::new(self.documents.iter().map(|(hash, index)| (*hash, *index)).collect())
            .unwrap()
    }

    /// Makes the next step of a list that changed.
    fn step(&mut self) {
        let newest = self.status.newest();
        if newest.list != self.list {
            let position = next(newest.position);
            self.status.states.push(StatusSnapshot { position, list: self.list.clone() });
        }
        let (newest, rows) = (self.directory.newest(), self.rows());
        if newest.rows != rows {
            let position = next(newest.position);
            let key_generation = self.key_generation;
            self.directory.states.push(DirectorySnapshot { position, key_generation, rows });
        }
    }

    fn trust_files(&mut self) -> FileList {
        let key = KeyId { issuer: self.issuer, slot: KeySlot::ROOT };
        let unsigned = TrustFile(self.trust.clone()).encode_with(key, &self.roots).unwrap();
        let size = self.trust.issuers.len() as u32;
        self.whole(FeedName::Trust, self.trust.sequence, size, unsigned, self.root_signer)
    }

    fn policy_files(&mut self) -> FileList {
        let unsigned = self.policies.encode(self.feeds_key()).unwrap();
        let (sequence, size) = (self.policies.sequence, self.policies.policies.len() as u32);
        self.whole(FeedName::Policy, sequence, size, unsigned, self.feeds_signer)
    }

    fn whole(
        &mut self,
        feed: FeedName,
        sequence: u32,
        size: u32,
        unsigned: Unsigned,
        signer: Signer,
    ) -> FileList {
        let root = Digest::of(unsigned.payload());
        let snapshot = self.keep(feed, 0, sequence, unsigned, signer);
        FileList { epoch: 0, sequence, root, size, snapshot, deltas: Vec::new() }
    }

    fn status_files(&mut self) -> FileList {
        let key = self.feeds_key();
        let states = std::mem::take(&mut self.status.states);
        let (first, last) = (states.first().unwrap(), states.last().unwrap());
        let signer = self.feeds_signer;
        let whole = first.encode(key).unwrap();
        let snapshot = self.keep(FeedName::Status, 0, first.position.sequence, whole, signer);
        let mut deltas = Vec::new();
        for (from, to) in steps_of(&states, 0) {
            let delta = StatusDelta::between(from, to).unwrap().encode(key).unwrap();
            let (from, to) = (from.position.sequence, to.position.sequence);
            deltas.push(self.keep(FeedName::Status, from, to, delta, signer));
        }
        let list = FileList {
            epoch: last.position.epoch,
            sequence: last.position.sequence,
            root: Digest(last.list.root()),
            size: last.list.len(),
            snapshot,
            deltas,
        };
        self.status.states = states;
        list
    }

    fn directory_files(&mut self) -> FileList {
        let steps = std::mem::take(&mut self.directory);
        let list = self.files_of_directory(&steps);
        self.directory = steps;
        list
    }

    /// The files of a directory of which these states were published.
    pub(super) fn files_of_directory(&mut self, steps: &Steps<DirectorySnapshot>) -> FileList {
        let key = self.feeds_key();
        let Steps { states, whole } = steps;
        let (first, last) = (&states[*whole], steps.newest());
        let signer = self.feeds_signer;
        let sealed = first.encode(key).unwrap();
        let snapshot = self.keep(FeedName::Directory, 0, first.position.sequence, sealed, signer);
        let mut deltas = Vec::new();
        for (from, to) in steps_of(states, *whole) {
            let delta = DirectoryDelta::between(from, to).unwrap().encode(key).unwrap();
            let (from, to) = (from.position.sequence, to.position.sequence);
            deltas.push(self.keep(FeedName::Directory, from, to, delta, signer));
        }
        FileList {
            epoch: last.position.epoch,
            sequence: last.position.sequence,
            root: Digest(last.rows.root()),
            size: last.rows.len() as u32,
            snapshot,
            deltas,
        }
    }

    /// Signs a file and keeps it for ever under its name.
    pub(crate) fn keep(
        &mut self,
        feed: FeedName,
        from: u32,
        to: u32,
        unsigned: Unsigned,
        signer: Signer,
    ) -> FileRef {
        let bytes = unsigned.sign(&|message| signer.sign(message));
        let file = FileRef::new(feed, from, to, &bytes);
        self.files.insert(file.name.to_string(), bytes);
        file
    }

    /// A new version of a scene's policy.
    pub(crate) fn revise(&mut self, scene: &str, change: impl FnOnce(&mut Policy)) {
        self.policies.sequence += 1;
        let policy = self.policies.policies.iter_mut().find(|policy| policy.id == scene).unwrap();
        policy.version += 1;
        change(policy);
    }

    /// From now on another feeds key signs; the trust list says so.
    pub(crate) fn rotate_feeds_key(&mut self, now: Timestamp) {
        self.trust.sequence += 1;
        self.trust.issued_at = now;
        let slot = KeySlot::new(3).unwrap();
        let keys = &mut self.trust.issuers[0].keys;
        keys.retain(|key| key.slot != KeySlot::FEEDS);
        keys.push(key(slot, Signer::NewFeeds, Purpose::Feeds, now));
        self.feeds_signer = Signer::NewFeeds;
    }
}

/// The single steps, and one from the snapshot to the end.
fn steps_of<T>(states: &[T], whole: usize) -> Vec<(&T, &T)> {
    let mut steps: Vec<_> = states.windows(2).map(|pair| (&pair[0], &pair[1])).collect();
    if states.len() > whole + 2 {
        steps.push((&states[whole], states.last().unwrap()));
    }
    steps
}

impl<T> Default for Steps<T> {
    fn default() -> Self {
        Self { states: Vec::new(), whole: 0 }
    }
}

impl<T> Steps<T> {
    fn of(first: T) -> Self {
        Self { states: vec![first], whole: 0 }
    }

    /// The newest state is the snapshot from now on.
    pub(super) fn begin_anew(&mut self) {
        self.whole = self.states.len().saturating_sub(1);
    }

    fn newest(&self) -> &T {
        self.states.last().unwrap()
    }
}

pub(super) fn next(position: FeedPosition) -> FeedPosition {
    FeedPosition { sequence: position.sequence + 1, ..position }
}

fn key(slot: KeySlot, signer: Signer, purpose: Purpose, from: Timestamp) -> TrustedKey {
    TrustedKey { slot, public: signer.public(), purposes: vec![purpose], from, until: None }
}

fn trust_list() -> TrustList {
    let from = begin() - SignedDuration::from_hours(24 * 30);
    let issuer = |id, zh: &str, en: &str, keys| Issuer {
        id,
        name: Words { zh: zh.to_owned(), en: en.to_owned() },
        amber: AmberName::Orange,
        keys,
    };
    let ours = vec![
        key(KeySlot::CODES, Signer::Codes, Purpose::Codes, from),
        key(KeySlot::FEEDS, Signer::Feeds, Purpose::Feeds, from),
    ];
    let theirs = vec![key(KeySlot::CODES, Signer::Neighbour, Purpose::Codes, from)];
    let feeds = key(KeySlot::FEEDS, Signer::NeighbourFeeds, Purpose::Feeds, from);
    let published = [theirs.clone(), vec![feeds]].concat();
    TrustList {
        sequence: 1,
        issued_at: begin() - SignedDuration::from_hours(24),
        issuers: vec![
            issuer(IssuerId::FUJIAN, "福建", "Fujian", ours),
            issuer(NEIGHBOUR, "江西", "Jiangxi", published),
            issuer(IssuerId::NATIONAL, "国家平台", "National platform", theirs),
        ],
    }
}
