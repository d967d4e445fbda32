//! What a durable entry costs, beside a bare insert of the same bytes in the same run.
//!
//! All three wait for the disk with every commit (WAL, synchronous = FULL), in the target
//! folder: a folder in memory would measure something else.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use jiff::civil::date;
use rusqlite::Connection;
use uuid::Uuid;
use yanma_store::{FileKey, NewEntry, Store};

fn entry(n: u64) -> NewEntry<'static> {
    NewEntry {
        id: Uuid::from_u128(u128::from(n)),
        at: Timestamp::UNIX_EPOCH,
        day: date(2020, 6, 16),
        decision: "refuse",
        colour: Some("orange"),
        reasons: &["C-ORA", "D-OLD"],
        methods: &["code", "card"],
        operator: Some("op-1"),
        site: Some("hospital-1"),
        amends: None,
        body: vec![b'x'; 420],
        receipt: vec![b'y'; 240],
        receipt_salt: [0; 16],
        search: vec!["张*明".to_owned(), "3501**********1234".to_owned()],
    }
}

fn append(c: &mut Criterion) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    let mut group = c.benchmark_group("append");
    group.sample_size(40);

    let key = FileKey::from_bytes([1; 32]);
    let opened = Store::open(&folder.path().join("desk.db"), &key, Timestamp::UNIX_EPOCH);
    let (store, _) = opened.expect("a new store");
    let mut n = 0;
    group.bench_function("entry", |b| {
        b.iter(|| {
            n += 1;
            store.append(&entry(n)).expect("appended")
        });
    });

    let bytes = vec![b'x'; 420 + 240 + 100];
    for (name, encrypted) in [("bare insert, encrypted", true), ("bare insert", false)] {
        let db = bare(&folder.path().join(name), encrypted).expect("a new database");
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut insert = db.prepare_cached("INSERT INTO bare (bytes) VALUES (?1)")?;
                insert.execute([&bytes])
            });
        });
    }
    group.finish();
}

fn bare(path: &Path, encrypted: bool) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    if encrypted {
        db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "01".repeat(32)))?;
    }
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bare (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
    )?;
    Ok(db)
}

criterion_group!(benches, append);
criterion_main!(benches);
