//! The feeds at Fujian's full size: 20.71 million holders, one percent not green.
//!
//! `cargo bench -p yanma-protocol` prints the sizes first, then the times.

use std::hint::black_box;

use criterion::Criterion;
use ed25519_dalek::{Signer, SigningKey};
use yanma_domain::status::StatusList;
use yanma_domain::trust::PublicKey;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{Colour, IssuerId, KeyId, KeySlot, StatusIndex};
use yanma_protocol::FeedError;
use yanma_protocol::directory_file::{DirectoryDelta, DirectoryRows, DirectorySnapshot};
use yanma_protocol::envelope::{Envelope, Unsigned};
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};

const HOLDERS: u32 = 20_710_000;
const KEY: KeyId = KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::FEEDS };

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn flip(list: &mut StatusList, count: u32, seed: u64, from: Colour, to: Colour) {
    let mut left = count;
    let mut candidates = seed..;
    while let Some(n) = candidates.next().filter(|_| left > 0) {
        let index = StatusIndex((mixed(n) % u64::from(HOLDERS)) as u32);
        if list.get(index) == Some(from) && list.set(index, to).is_ok() {
            left -= 1;
        }
    }
}

fn seal(unsigned: Unsigned) -> Vec<u8> {
    let key = SigningKey::from_bytes(&[7; 32]);
    unsigned.sign(&|message| key.sign(message).to_bytes())
}

fn public() -> PublicKey {
    let key = SigningKey::from_bytes(&[7; 32]);
    PublicKey::from_bytes(&key.verifying_key().to_bytes()).expect("a key made from a seed is good")
}

fn position(sequence: u32) -> FeedPosition {
    FeedPosition { epoch: 1, sequence }
}

fn status(criterion: &mut Criterion) -> Result<(), FeedError> {
    let mut list = StatusList::new(HOLDERS);
    flip(&mut list, HOLDERS / 100, 0, Colour::Green, Colour::Amber);
    let before = StatusSnapshot { position: position(1), list: list.clone() };
    let mut cleared = 0;
    for (index, _) in before.list.iter_non_green().step_by(80) {
        if cleared < 2_500 && list.set(index, Colour::Green).is_ok() {
            cleared += 1;
        }
    }
    flip(&mut list, 5_000 - cleared, 1 << 40, Colour::Green, Colour::Amber);
    let after = StatusSnapshot { position: position(2), list };

    let whole = seal(before.encode(KEY)?);
    let step = seal(StatusDelta::between(&before, &after)?.encode(KEY)?);
    eprintln!("status snapshot, 207,100 of {HOLDERS}: {} bytes", whole.len());
    eprintln!("status delta, 5,000 flips: {} bytes", step.len());

    let key = public();
    criterion.bench_function("status snapshot: encode and sign", |bench| {
        bench.iter(|| before.encode(KEY).map(seal));
    });
    criterion.bench_function("status snapshot: verify and decode", |bench| {
        bench.iter(|| StatusSnapshot::decode(&Envelope::parse(black_box(&whole))?.verify(&key)?));
    });
    criterion.bench_function("status delta: make, encode and sign", |bench| {
        bench.iter(|| StatusDelta::between(&before, &after)?.encode(KEY).map(seal));
    });
    criterion.bench_function("status delta: verify, decode and apply", |bench| {
        bench.iter(|| {
            let file = Envelope::parse(black_box(&step))?.verify(&key)?;
            StatusDelta::decode(&file)?.apply(&before)
        });
    });
    Ok(())
}

fn directory(criterion: &mut Criterion) -> Result<(), FeedError> {
    let rows = |count: u32| {
        let mut rows: Vec<_> = (0..count).map(|n| (mixed(n.into()), n)).collect();
        rows.sort_unstable();
        DirectoryRows::new(rows)
    };
    let full = DirectorySnapshot { position: position(1), key_generation: 1, rows: rows(HOLDERS)? };
    eprintln!("directory snapshot, {HOLDERS} rows: {} bytes", seal(full.encode(KEY)?).len());
    drop(full);

    // Times at a hundredth: they grow with the number of rows.
    let before =
        DirectorySnapshot { position: position(1), key_generation: 1, rows: rows(207_100)? };
    let after =
        DirectorySnapshot { position: position(2), key_generation: 1, rows: rows(208_100)? };
    let whole = seal(before.encode(KEY)?);
    let step = seal(DirectoryDelta::between(&before, &after)?.encode(KEY)?);
    eprintln!("directory snapshot, 207,100 rows: {} bytes", whole.len());
    eprintln!("directory delta, 1,000 new rows: {} bytes", step.len());

    let key = public();
    criterion.bench_function("directory snapshot, 207,100 rows: verify and decode", |bench| {
        bench
            .iter(|| DirectorySnapshot::decode(&Envelope::parse(black_box(&whole))?.verify(&key)?));
    });
    criterion.bench_function("directory delta, 1,000 rows: verify, decode and apply", |bench| {
        bench.iter(|| {
            let file = Envelope::parse(black_box(&step))?.verify(&key)?;
            DirectoryDelta::decode(&file)?.apply(&before)
        });
    });
    Ok(())
}

fn main() -> Result<(), FeedError> {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    status(&mut criterion)?;
    directory(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}
