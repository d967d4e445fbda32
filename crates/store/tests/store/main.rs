//! The station's file from outside: opened, damaged, killed, upgraded.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod damage;
mod kill;
mod opening;
mod schemas;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;
use yanma_store::{FileKey, NewEntry, OpenReport, Store, StoreError};

fn key() -> FileKey {
    FileKey::from_bytes([0x42; 32])
}

/// `seconds` after a fixed morning in June 2020.
fn at(seconds: u64) -> Timestamp {
    let start: Timestamp = "2020-06-16T00:00:00Z".parse().unwrap();
    start + Duration::from_secs(seconds)
}

fn desk(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("desk.db")
}

fn open(path: &Path) -> Result<(Store, OpenReport), StoreError> {
    Store::open(path, &key(), at(0))
}

/// The file as somebody has it who has its key.
fn raw(path: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "42".repeat(32))).unwrap();
    db
}

/// An entry named by `n`, a hundred to the day, of the size a real one has.
fn entry(n: u64) -> NewEntry<'static> {
    NewEntry {
        id: Uuid::from_u128(u128::from(n)),
        at: at(n),
        day: jiff::civil::date(2020, 6, 16)
            + jiff::Span::new().days(i64::try_from(n / 100).unwrap()),
        decision: "refer",
        colour: Some("orange"),
        reasons: &["C-ORA", "D-OLD"],
        methods: &["code", "card"],
        operator: Some("op-1"),
        site: Some("airport-1"),
        amends: None,
        body: format!("{{\"n\":{n},\"pad\":\"{}\"}}", "x".repeat(400)).into_bytes(),
        receipt: vec![u8::try_from(n % 251).unwrap(); 240],
        receipt_salt: [1; 16],
        search: vec!["张*明".to_owned(), format!("3501**********{n:04}")],
    }
}

fn fill(store: &Store, count: u64) {
    for n in 1..=count {
        assert_eq!(store.append(&entry(n)).unwrap().0, n);
    }
}

/// All entries of a store, and that each is the one that was appended under its number.
fn numbers(store: &Store) -> Vec<u64> {
    store
        .export(&yanma_store::Filter::default())
        .map(|entry| {
            let entry = entry.unwrap();
            let number = entry.number.0;
            assert_eq!(entry.id, Uuid::from_u128(u128::from(number)), "the id of its number");
            assert_eq!(entry.body, self::entry(number).body, "the body of its number");
            number
        })
        .collect()
}
