//! What is published for a province, one in a hundred not green, without a database behind it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};
use yanma_authority::feeds::{CityInput, FeedKey, FeedKeys, PublishInput, Published, Publisher};
use yanma_domain::ids::KeySlot;
use yanma_domain::status::StatusList;
use yanma_domain::trust::{Issuer, PublicKey, Purpose, TrustList, TrustedKey, Words};
use yanma_domain::{AmberName, Colour, IssuerId, StatusIndex};
use yanma_protocol::directory_file::DirectoryRows;

pub(crate) const FLIPS: u32 = 5_000;
const CLAIMS: u32 = 500;

/// Odd, and so a permutation of the 64-bit numbers by multiplication.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

pub(crate) struct Province {
    pub(crate) keys: FeedKeys<'static>,
    publisher: Publisher,
    trust: TrustList,
    pub(crate) status: StatusList,
    directory: DirectoryRows,
    now: Timestamp,
    amber: VecDeque<StatusIndex>,
    dice: u64,
    pub(crate) folder: PathBuf,
}

fn key(slot: KeySlot) -> FeedKey<'static> {
    let pair = SigningKey::from_bytes(&[slot.get(); 32]);
    let public = PublicKey::from_bytes(&pair.verifying_key().to_bytes()).unwrap();
    FeedKey { slot, public, sign: Box::new(move |message| pair.sign(message).to_bytes()) }
}

impl Province {
    /// Nothing is published yet; `now` is when the first publication will be, less a minute.
    pub(crate) fn new(folder: &Path, holders: u32, now: Timestamp) -> Self {
        let keys = FeedKeys { root: key(KeySlot::ROOT), feeds: key(KeySlot::FEEDS), roots: &[] };
        let trusted = |key: &FeedKey<'_>, purpose| TrustedKey {
            slot: key.slot,
            public: key.public,
            purposes: vec![purpose],
            from: Timestamp::UNIX_EPOCH,
            until: None,
        };
        let issuer = Issuer {
            id: IssuerId::FUJIAN,
            name: Words { zh: "福建省".to_owned(), en: "Fujian".to_owned() },
            amber: AmberName::Orange,
            keys: vec![trusted(&keys.root, Purpose::Root), trusted(&keys.feeds, Purpose::Feeds)],
        };
        let mut rows: Vec<_> = (0..holders).map(|index| (mixed(u64::from(index)), index)).collect();
        rows.sort_unstable();
        let mut province = Self {
            publisher: Publisher::open(folder, IssuerId::FUJIAN, &keys, 0).unwrap(),
            trust: TrustList {
                sequence: 1,
                issued_at: Timestamp::UNIX_EPOCH,
                issuers: vec![issuer],
            },
            status: StatusList::new(holders),
            directory: DirectoryRows::new(rows).unwrap(),
            now,
            amber: VecDeque::new(),
            dice: 0,
            keys,
            folder: folder.to_owned(),
        };
        (0..holders / 100).for_each(|_| province.one_more_amber());
        province
    }

    fn one_more_amber(&mut self) {
        loop {
            let index = StatusIndex((mixed(self.dice) % u64::from(self.status.len())) as u32);
            self.dice += 1;
            if self.status.get(index) == Some(Colour::Green) {
                self.status.set(index, Colour::Amber).unwrap();
                return self.amber.push_back(index);
            }
        }
    }

    /// Half of them become amber, half green again.
    pub(crate) fn flip(&mut self) {
        for _ in 0..FLIPS / 2 {
            let oldest = self.amber.pop_front().unwrap();
            self.status.set(oldest, Colour::Green).unwrap();
            self.one_more_amber();
        }
    }

    /// As many new holders, put into a copy of the directory as the server does.
    pub(crate) fn claim(&mut self) {
        let holders = self.status.len();
        self.status.extend_to(holders + CLAIMS);
        let new = (holders..holders + CLAIMS).map(|index| (mixed(u64::from(index)), index));
        self.directory = self.directory.with(new.collect()).unwrap();
    }

    pub(crate) fn publish(&mut self) -> Published {
        self.publish_with(None)
    }

    pub(crate) fn publish_with(&mut self, cities: Option<CityInput<'_>>) -> Published {
        self.now += SignedDuration::from_secs(60);
        let input = PublishInput {
            status: self.status.clone(),
            directory: self.directory.clone(),
            key_generation: 1,
            trust: &self.trust,
            policies: &[],
            certificates: None,
            cities,
        };
        let due = self.now + SignedDuration::from_secs(60);
        self.publisher.publish(&self.keys, input, self.now, due).unwrap()
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(SPREAD);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
