//! What the tests of this crate share: a store in a folder of its own, and entries for it.

use jiff::Timestamp;
use jiff::civil::Date;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{FileKey, LogDay, NewEntry, Store};

pub(crate) const KEY: [u8; 32] = [0x5a; 32];

/// `seconds` after a fixed morning in June 2020.
pub(crate) fn at(seconds: u64) -> Timestamp {
    let start: Timestamp = "2020-06-16T00:00:00Z".parse().unwrap();
    start + std::time::Duration::from_secs(seconds)
}

pub(crate) fn fresh() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let (store, report) =
        Store::open(&folder.path().join("desk.db"), &FileKey::from_bytes(KEY), at(0)).unwrap();
    assert!(report.created);
    (folder, store)
}

pub(crate) fn reopen(folder: &TempDir) -> Store {
    let path = folder.path().join("desk.db");
    let (store, report) = Store::open(&path, &FileKey::from_bytes(KEY), at(0)).unwrap();
    assert_eq!(report, crate::OpenReport::default(), "nothing but opened");
    store
}

/// The 16th of June plus `days`.
pub(crate) fn day(days: i64) -> Date {
    jiff::civil::date(2020, 6, 16) + jiff::Span::new().days(days)
}

/// A green code entry; `n` names it.
pub(crate) fn entry(n: u64, day: Date) -> NewEntry<'static> {
    NewEntry {
        id: Uuid::from_u128(u128::from(n)),
        at: at(n),
        day,
        decision: "admit",
        colour: Some("green"),
        reasons: &[],
        methods: &["code"],
        operator: Some("op-1"),
        site: Some("hotel-1"),
        amends: None,
        body: format!("{{\"n\":{n}}}").into_bytes(),
        receipt: format!("receipt {n}").into_bytes(),
        receipt_salt: [3; 16],
        search: vec![format!("张*{n}"), format!("3501**{n:04}")],
    }
}

/// Appends `count` entries from number `from`, all on `day`.
pub(crate) fn fill(store: &Store, from: u64, count: u64, on: Date) {
    for n in from..from + count {
        assert_eq!(store.append(&entry(n, on)).unwrap().0, n);
    }
}

/// Ends the days before `before`, two entries at a time; answers how many went, and how many
/// were held back.
pub(crate) fn end_days(store: &Store, before: Date) -> (u64, u64) {
    let (mut deleted, mut held_back) = (0, 0);
    for log_day in due(store, before) {
        let mut first = log_day.first;
        loop {
            let step = store.retain(first, 2, None).unwrap();
            store.check().expect("the chain is whole after every step");
            deleted += step.deleted;
            held_back += if step.held_back { log_day.entries() } else { 0 };
            first.0 += step.deleted;
            if !step.more {
                break;
            }
        }
    }
    (deleted, held_back)
}

/// Ends the personal parts of the days before `before` likewise.
pub(crate) fn end_details(store: &Store, before: Date) -> u64 {
    let mut deleted = 0;
    for log_day in due(store, before) {
        loop {
            let step = store.retain_details(log_day.first, 2, None).unwrap();
            store.check().expect("the chain is whole after every step");
            deleted += step.deleted;
            if !step.more {
                break;
            }
        }
    }
    deleted
}

fn due(store: &Store, before: Date) -> Vec<LogDay> {
    let kept = |log_day: &LogDay| log_day.day < before && log_day.entries_kept;
    store.days().unwrap().into_iter().filter(kept).collect()
}
