//! A damaged file: set aside under another name, read as far as it goes, never deleted.

use std::fs;
use std::path::Path;

use yanma_store::StoreError;

use crate::{at, desk, entry, fill, numbers, open};

const ENTRIES: u64 = 120;
const PAGE: usize = 4096;

/// A closed file with 120 entries of two days, half of them sent.
fn written(folder: &Path) -> Vec<u8> {
    let path = folder.join("desk.db");
    let (store, _) = open(&path).unwrap();
    fill(&store, ENTRIES);
    store.mark_sent(&(1..=60).map(uuid::Uuid::from_u128).collect::<Vec<_>>()).unwrap();
    store.set_setting("scene", "airport").unwrap();
    drop(store);
    assert!(!folder.join("desk.db-wal").exists(), "closed and checkpointed");
    fs::read(&path).unwrap()
}

/// Opens a damaged file, whose damage must be noticed; answers how many entries came over.
fn open_damaged(folder: &Path, bytes: &[u8], what: &str) -> u64 {
    open_perhaps(folder, bytes, what).unwrap_or_else(|| panic!("{what}: damage was not noticed"))
}

/// Opens a damaged file and checks what must hold whatever was damaged. Answers how many
/// entries came over; `None` when the damage was not noticed, and everything is there.
fn open_perhaps(folder: &Path, bytes: &[u8], what: &str) -> Option<u64> {
    let path = folder.join("desk.db");
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        // As after a first life: the lock and the key's fingerprint stay.
        if !file.ends_with("desk.db.keycheck") {
            fs::remove_file(file).unwrap();
        }
    }
    fs::write(&path, bytes).unwrap();
    let (store, report) = open(&path).unwrap();
    let Some(aside) = report.set_aside else {
        assert_eq!(store.check().unwrap().entries, ENTRIES, "{what}");
        return None;
    };
    assert_eq!(fs::read(&aside.file).unwrap(), bytes, "{what}: kept byte for byte");
    let saved = numbers(&store);
    assert_eq!(saved.len() as u64, aside.entries, "{what}");
    assert!(aside.entries + aside.entries_lost <= ENTRIES, "{what}: {aside:?}");
    let check = store.check().unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(check.entries, aside.entries, "{what}");
    let lost: u64 = check.lost.iter().map(|range| range.end() - range.start() + 1).sum();
    assert_eq!(lost, aside.entries_lost, "{what}");
    // Every entry that came over still has one outbox row, and none that was pending is
    // taken for sent.
    let due: Vec<_> = store.due(at(0), 1000).unwrap().iter().map(|row| row.number.0).collect();
    for number in &saved {
        assert!(*number <= 60 || due.contains(number), "{what}: {number} is still to be sent");
    }
    let next = store.append(&entry(1000)).unwrap().0;
    assert!(saved.iter().all(|n| *n < next), "{what}: {next} is a new number");
    store.check().unwrap();
    drop(store);
    let (_, report) = open(&path).unwrap();
    assert_eq!(report.set_aside, None, "{what}: whole again");
    Some(aside.entries)
}

#[test]
fn one_flipped_byte_in_any_page_costs_at_most_that_page() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(folder.path());
    let pages = whole.len() / PAGE;
    assert!(pages > 30, "{pages} pages");
    let (mut total, mut entire) = (0, 0);
    let mut unnoticed = Vec::new();
    for page in 1..pages {
        let mut bytes = whole.clone();
        bytes[page * PAGE + 1234] ^= 0x10;
        let Some(saved) = open_perhaps(folder.path(), &bytes, &format!("page {page}")) else {
            unnoticed.push(page);
            continue;
        };
        total += saved;
        entire += u64::from(saved == ENTRIES);
    }
    let tried = (pages - 1 - unnoticed.len()) as u64;
    assert_eq!(unnoticed, [0; 0], "every page of the file is read through");
    assert!(entire * 3 > tried, "most pages hold no entry: {entire} of {tried}");
    assert!(total * 10 > tried * ENTRIES * 8, "a page holds few entries: {total} saved");
}

#[test]
fn a_first_page_that_cannot_be_read_is_told_from_a_wrong_key() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(folder.path());
    for offset in [0, 15, 16, 100, 4000] {
        let mut bytes = whole.clone();
        bytes[offset] ^= 1;
        assert_eq!(open_damaged(folder.path(), &bytes, &format!("byte {offset}")), 0);
    }
    let mut bytes = whole;
    bytes[100] ^= 1;
    fs::write(desk(&folder), &bytes).unwrap();
    fs::remove_file(folder.path().join("desk.db.keycheck")).unwrap();
    assert!(matches!(open(&desk(&folder)), Err(StoreError::WrongKey)), "nobody can tell");
    assert_eq!(fs::read(desk(&folder)).unwrap(), bytes);
}

#[test]
fn a_truncated_file_gives_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(folder.path());
    let pages = whole.len() / PAGE;
    let mut last = 0;
    for kept in [0, 1, 100, PAGE - 1, PAGE, PAGE * pages / 2 + 7, PAGE * pages * 3 / 4] {
        last = open_damaged(folder.path(), &whole[..kept], &format!("cut to {kept} bytes"));
    }
    assert!(last > 0, "three quarters of the file give some entries");
}

#[test]
fn what_lies_in_the_write_ahead_log_is_carried_over_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    written(folder.path());
    let (store, _) = open(&path).unwrap();
    for n in ENTRIES + 1..=ENTRIES + 10 {
        store.append(&entry(n)).unwrap();
    }
    // The power goes: the file and its log are taken as they lie, not as a close leaves them.
    let (mut main, wal) =
        (fs::read(&path).unwrap(), fs::read(folder.path().join("desk.db-wal")).unwrap());
    assert!(!wal.is_empty());
    drop(store);
    // Some page in the middle that the log does not have a newer copy of.
    let middle = main.len() / PAGE / 2 * PAGE;
    main[middle..middle + PAGE].fill(0);
    fs::write(&path, &main).unwrap();
    fs::write(folder.path().join("desk.db-wal"), &wal).unwrap();
    let (store, report) = open(&path).unwrap();
    let aside = report.set_aside.unwrap();
    assert!(numbers(&store).ends_with(&(ENTRIES + 1..=ENTRIES + 10).collect::<Vec<_>>()));
    assert_eq!(aside.entries + aside.entries_lost, ENTRIES + 10);
    assert!(aside.entries_lost < 20, "{aside:?}");
    let kept = format!("{}-wal", aside.file.display());
    assert_eq!(fs::read(kept).unwrap(), wal, "the log is kept with the file");
    assert_eq!(fs::read(&aside.file).unwrap(), main, "byte for byte");
}

#[test]
fn bytes_that_are_no_database_are_set_aside_only_under_the_right_key() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(folder.path());
    let noise: Vec<u8> = (0..whole.len()).map(|i| (i * 31 % 251) as u8).collect();
    assert_eq!(open_damaged(folder.path(), &noise, "noise"), 0);
}

#[test]
fn damage_met_while_running_is_mended_under_those_who_read_and_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    written(folder.path());
    let (store, _) = open(&path).unwrap();
    // The last quarter is overwritten while the store is open.
    let mut bytes = fs::read(&path).unwrap();
    let from = bytes.len() / PAGE * 3 / 4 * PAGE;
    bytes[from..].fill(0xee);
    fs::write(&path, &bytes).unwrap();
    assert!(!store.met_damage());
    let got = store.check();
    assert!(matches!(got, Err(StoreError::Damaged)), "{got:?}");
    assert!(store.met_damage());
    let over = std::sync::atomic::AtomicBool::new(false);
    let (aside, read) = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut read = 0;
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                // What it is answered in between is nobody's business; that it goes on is.
                let _ = store.setting::<String>("scene");
                read += 1;
            }
            read
        });
        let aside = store.mend(at(5)).unwrap().unwrap();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        (aside, reading.join().unwrap())
    });
    assert!(read > 0);
    assert!(aside.file.to_string_lossy().ends_with(".damaged-20200616T000005Z"));
    assert!(!store.met_damage());
    let saved = numbers(&store);
    assert_eq!(saved.len() as u64, aside.entries);
    assert!(aside.entries > 0 && aside.entries_lost > 0, "{aside:?}");
    let due: Vec<_> = store.due(at(0), 1000).unwrap().iter().map(|row| row.number.0).collect();
    assert!(
        saved.iter().all(|number| *number <= 60 || due.contains(number)),
        "none is taken for sent"
    );
    let next = store.append(&entry(1000)).unwrap().0;
    assert!(saved.iter().all(|number| *number < next));
    store.check().unwrap();
    drop(store);
    let (store, report) = open(&path).unwrap();
    assert_eq!(report.set_aside, None, "whole again");
    assert_eq!(store.last(1).unwrap()[0].number.0, next);
}

/// A log of 100,001 entries, whole, and then with damage in its middle.
#[test]
fn a_long_log_is_opened_at_once_and_read_through_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    let (store, _) = open(&path).unwrap();
    fill(&store, 2);
    drop(store);
    lengthen(&path, 100_001);
    let (store, report) = open(&path).unwrap();
    assert_eq!(report.set_aside, None);
    store.read_log_through().unwrap();
    assert!(!store.met_damage(), "it is whole");
    drop(store);

    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / PAGE / 2 * PAGE;
    bytes[middle..middle + 64 * PAGE].fill(0xee);
    fs::write(&path, &bytes).unwrap();
    let (store, report) = open(&path).unwrap();
    assert_eq!(report.set_aside, None, "it was not read through");
    let read = store.read_log_through();
    assert!(matches!(read, Err(StoreError::Damaged)), "{read:?}");
    assert!(store.met_damage());
    let aside = store.mend(at(5)).unwrap().unwrap();
    assert!(aside.entries > 50_000 && aside.entries_lost > 0, "{aside:?}");
    assert!(!store.met_damage());
}

/// Writes entries past the store, up to a number.
fn lengthen(path: &Path, last: u64) {
    let db = crate::raw(path);
    db.execute_batch(&format!(
        "PRAGMA synchronous = OFF;
         WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < {last})
         INSERT INTO entries (number, id, at, day, decision, reasons, methods, body,
                              details_digest, previous, hash)
         SELECT i, CAST(printf('%016d', i) AS BLOB), 0, '2020-06-16', 'admit', '', 'code',
                zeroblob(300), zeroblob(32), zeroblob(32), zeroblob(32) FROM n;"
    ))
    .unwrap();
}

#[test]
fn a_whole_file_is_not_set_aside_because_somebody_cried_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    written(folder.path());
    let (store, _) = open(&path).unwrap();
    assert_eq!(store.mend(at(5)).unwrap(), None);
    assert_eq!(store.check().unwrap().entries, ENTRIES);
    assert_eq!(store.append(&entry(1000)).unwrap().0, ENTRIES + 1);
    let names = fs::read_dir(folder.path()).unwrap();
    let aside = |name: &str| name.contains("damaged");
    assert!(!names.flatten().any(|file| aside(&file.file_name().to_string_lossy())));
}
