//! Publishing for a province: 20.71 million holders, one in a hundred not green.
//!
//! `cargo bench -p yanma-authority --bench publish` prints the sizes first, then the times.
//! Beside each time is its limit in the same run: the hash of the status list's cells, which
//! no publisher can do without, and a file of the same size written and synced.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "it prints sizes, which criterion does not")]

use std::collections::VecDeque;
use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};
use yanma_authority::feeds::{FeedKey, FeedKeys, PublishInput, Published, Publisher};
use yanma_domain::ids::KeySlot;
use yanma_domain::status::StatusList;
use yanma_domain::trust::{Issuer, PublicKey, Purpose, TrustList, TrustedKey, Words};
use yanma_domain::{AmberName, Colour, IssuerId, StatusIndex};
use yanma_protocol::directory_file::DirectoryRows;

const HOLDERS: u32 = 20_710_000;
const FLIPS: u32 = 5_000;
const CLAIMS: u32 = 500;

/// Odd, and so a permutation of the 64-bit numbers by multiplication.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

struct Province {
    keys: FeedKeys<'static>,
    publisher: Publisher,
    trust: TrustList,
    status: StatusList,
    directory: DirectoryRows,
    now: Timestamp,
    amber: VecDeque<StatusIndex>,
    dice: u64,
    folder: tempfile::TempDir,
}

fn key(slot: KeySlot) -> FeedKey<'static> {
    let pair = SigningKey::from_bytes(&[slot.get(); 32]);
    let public = PublicKey::from_bytes(&pair.verifying_key().to_bytes()).unwrap();
    FeedKey { slot, public, sign: Box::new(move |message| pair.sign(message).to_bytes()) }
}

impl Province {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
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
        let mut rows: Vec<_> = (0..HOLDERS).map(|index| (mixed(u64::from(index)), index)).collect();
        rows.sort_unstable();
        let mut province = Self {
            publisher: Publisher::open(folder.path(), IssuerId::FUJIAN, &keys, 0).unwrap(),
            trust: TrustList {
                sequence: 1,
                issued_at: Timestamp::UNIX_EPOCH,
                issuers: vec![issuer],
            },
            status: StatusList::new(HOLDERS),
            directory: DirectoryRows::new(rows).unwrap(),
            now: "2020-07-01T00:00:00Z".parse().unwrap(),
            amber: VecDeque::new(),
            dice: 0,
            keys,
            folder,
        };
        (0..HOLDERS / 100).for_each(|_| province.one_more_amber());
        province
    }

    fn one_more_amber(&mut self) {
        loop {
            let index = StatusIndex((mixed(self.dice) % u64::from(HOLDERS)) as u32);
            self.dice += 1;
            if self.status.get(index) == Some(Colour::Green) {
                self.status.set(index, Colour::Amber).unwrap();
                return self.amber.push_back(index);
            }
        }
    }

    /// Half of them become amber, half green again.
    fn flip(&mut self) {
        for _ in 0..FLIPS / 2 {
            let oldest = self.amber.pop_front().unwrap();
            self.status.set(oldest, Colour::Green).unwrap();
            self.one_more_amber();
        }
    }

    /// As many new holders, put into a copy of the directory as the server does.
    fn claim(&mut self) {
        let holders = self.status.len();
        self.status.extend_to(holders + CLAIMS);
        let new = (holders..holders + CLAIMS).map(|index| (mixed(u64::from(index)), index));
        self.directory = self.directory.with(new.collect()).unwrap();
    }

    fn publish(&mut self) -> Published {
        self.now += SignedDuration::from_secs(60);
        let input = PublishInput {
            status: self.status.clone(),
            directory: self.directory.clone(),
            key_generation: 1,
            trust: &self.trust,
            policies: &[],
            certificates: None,
        };
        let due = self.now + SignedDuration::from_secs(60);
        self.publisher.publish(&self.keys, input, self.now, due).unwrap()
    }

    fn sizes(&self, published: &Published) {
        for name in &published.written {
            let path = self.folder.path().join("files").join(name.to_string());
            println!("  {name}: {} bytes", std::fs::metadata(path).unwrap().len());
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(SPREAD);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn publish(bench: &mut Criterion) {
    let mut province = Province::new();
    let begun = Instant::now();
    let first = province.publish();
    println!("first publication, both snapshots: {:?}", begun.elapsed());
    province.sizes(&first);
    province.flip();
    let step = province.publish();
    println!("{FLIPS} flips:");
    province.sizes(&step);

    let mut group = bench.benchmark_group("publish");
    group.sample_size(10);
    group.bench_function("5,000 flips", |bench| {
        bench.iter_custom(|times| {
            (0..times)
                .map(|_| {
                    province.flip();
                    let begun = Instant::now();
                    black_box(province.publish());
                    begun.elapsed()
                })
                .sum::<Duration>()
        });
    });
    group.bench_function("5,000 flips and 500 claims", |bench| {
        bench.iter_custom(|times| {
            (0..times)
                .map(|_| {
                    province.flip();
                    let begun = Instant::now();
                    province.claim();
                    black_box(province.publish());
                    begun.elapsed()
                })
                .sum::<Duration>()
        });
    });
    group.bench_function("no change: a fresh head", |bench| bench.iter(|| province.publish()));
    group.bench_function("limit: the root of the status list", |bench| {
        bench.iter(|| black_box(&province.status).root());
    });
    let path = province.folder.path().join("bare");
    group.bench_function("limit: 10 kB written and synced", |bench| {
        bench.iter(|| {
            let mut file = File::create(&path).unwrap();
            file.write_all(&[7; 10_000]).unwrap();
            file.sync_all().unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, publish);
criterion_main!(benches);
