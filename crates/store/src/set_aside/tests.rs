use std::fs;

use yanma_domain::document::DocumentHash;
use yanma_domain::{IssuerId, StatusIndex};

use super::*;
use crate::testing::{KEY, at, day, end_days, fill, fresh};
use crate::{DirectoryRow, FeedState, FeedWrite, Filter, OpenReport, Store};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn open(folder: &tempfile::TempDir) -> (Store, OpenReport) {
    Store::open(&folder.path().join("desk.db"), &FileKey::from_bytes(KEY), at(9)).unwrap()
}

#[test]
fn a_whole_file_set_aside_loses_nothing() {
    let (folder, store) = fresh();
    fill(&store, 1, 20, day(0));
    fill(&store, 21, 20, day(1));
    store.mark_sent(&(1..=20).map(uuid::Uuid::from_u128).collect::<Vec<_>>()).unwrap();
    assert_eq!(end_days(&store, day(1)), (20, 0));
    store.set_setting("scene", "hotel").unwrap();
    store.keep_policy("hotel", 1, b"{}").unwrap();
    store.see_time(at(5)).unwrap();
    let before = store.search(&Filter::default()).unwrap();
    let chain = store.check().unwrap();
    let path = store.path().to_owned();
    drop(store);
    let got = run(&path, &FileKey::from_bytes(KEY), at(9)).unwrap();
    let (store, _) = open(&folder);
    assert_eq!((got.entries, got.entries_lost, got.details_lost, got.uploads_reset), (20, 0, 0, 0));
    assert_eq!(got.other_rows, 3);
    assert_eq!(got.file, folder.path().join("desk.db.damaged-20200616T000009Z"));
    assert!(got.file.exists());
    assert_eq!(store.search(&Filter::default()).unwrap(), before);
    assert_eq!(store.check().unwrap(), chain, "the same chain, also over the deleted day");
    assert_eq!(store.setting::<String>("scene").unwrap().as_deref(), Some("hotel"));
    assert_eq!(store.clock().unwrap().machine, Some(at(5)));
    fill(&store, 41, 1, day(1));
    assert_eq!(store.check().unwrap().entries, 21, "and goes on");
}

#[test]
fn what_a_clock_that_is_behind_sets_aside_lies_there_since_the_authority_was_heard_of() {
    for (signed, name) in [(at(7), "000009Z"), (at(60), "000100Z")] {
        let (folder, store) = fresh();
        store.see_authority_time(signed).unwrap();
        let path = store.path().to_owned();
        drop(store);
        let got = run(&path, &FileKey::from_bytes(KEY), at(9)).unwrap();
        assert_eq!(got.file, folder.path().join(format!("desk.db.damaged-20200616T{name}")));
        let (store, _) = open(&folder);
        assert_eq!((store.remove_set_aside(Some(signed)), got.file.exists()), (0, true));
        assert!(store.remove_set_aside(Some(at(61))) > 0 && !got.file.exists());
    }
}

#[test]
fn numbers_known_to_be_lost_stay_known() {
    let (folder, store) = fresh();
    fill(&store, 1, 9, day(0));
    store.mark_sent(&[7].map(uuid::Uuid::from_u128)).unwrap();
    let path = store.path().to_owned();
    store.raw(|db| {
        db.execute_batch(
            "PRAGMA foreign_keys = OFF; DROP TRIGGER entries_go_by_the_day;
             DELETE FROM entries WHERE number IN (4, 5, 9);
             DELETE FROM details WHERE number = 2; DELETE FROM outbox WHERE number = 3;",
        )
    });
    drop(store);
    let key = FileKey::from_bytes(KEY);
    let got = run(&path, &key, at(9)).unwrap();
    let (store, _) = open(&folder);
    assert_eq!((got.entries, got.entries_lost, got.details_lost, got.uploads_reset), (6, 3, 1, 1));
    let check = store.check().unwrap();
    assert_eq!((check.entries, check.details, check.lost), (6, 5, vec![4..=5, 9..=9]));
    fill(&store, 10, 1, day(0));
    assert_eq!(store.check().unwrap().newest.unwrap().0, 10, "a lost number is not used again");
    drop(store);
    let got = run(&path, &key, at(9)).unwrap();
    let (store, _) = open(&folder);
    assert_eq!((got.entries, got.entries_lost, got.details_lost), (7, 0, 0), "nothing new is lost");
    assert_eq!(store.check().unwrap().lost, [4..=5, 9..=9]);
    let damaged = names(folder.path()).into_iter().filter(|n| n.contains("damaged"));
    assert!(damaged.clone().any(|n| n.ends_with("Z-2")), "same second, another name");
}

/// What a power cut may leave of a set-aside, step by step, and what the next start makes
/// of it.
#[test]
fn an_interrupted_set_aside_is_finished_or_begun_anew() {
    let check = |what: &str, leave: fn(&Path), expect: u64| {
        let (folder, store) = fresh();
        fill(&store, 1, 3, day(0));
        let path = store.path().to_owned();
        drop(store);
        leave(&path);
        let (store, _) = open(&folder);
        assert_eq!(store.check().unwrap().entries, expect, "{what}");
        assert!(!beside(&path, ".salvaged").exists(), "{what}");
    };
    check("half a copy", |path| fs::write(beside(path, ".salvaged"), b"half").unwrap(), 3);
    check(
        "renamed, copy not yet in place",
        |path| {
            fs::copy(path, beside(path, ".salvaged")).unwrap();
            fs::rename(path, beside(path, ".damaged-x")).unwrap();
            // The damaged file's log, which must not be taken for the copy's.
            fs::write(beside(path, "-wal"), vec![1; 5000]).unwrap();
        },
        3,
    );
    check(
        "someone moved the file away and left its log",
        |path| {
            fs::rename(path, beside(path, ".moved")).unwrap();
            fs::write(beside(path, "-wal"), vec![1; 5000]).unwrap();
        },
        0,
    );
}

#[test]
fn a_left_over_log_is_kept_under_another_name() {
    let (folder, store) = fresh();
    let path = store.path().to_owned();
    drop(store);
    fs::remove_file(&path).unwrap();
    fs::write(beside(&path, "-wal"), b"precious").unwrap();
    let (store, report) = open(&folder);
    assert!(report.created);
    drop(store);
    let kept = folder.path().join("desk.db.damaged-20200616T000009Z-wal");
    assert_eq!(fs::read(kept).unwrap(), b"precious");
}

#[test]
fn a_directory_comes_over_whole_or_not_at_all() {
    let document = |hash| DocumentHash::from_u64(hash);
    let row = |hash, place| DirectoryRow { hash: document(hash), index: StatusIndex(place) };
    let state = |sequence| FeedState { epoch: 1, sequence, root: [7; 32], as_of: at(1) };
    for (damage, there) in [
        ("", true),
        ("DROP TABLE overlay", false),
        ("DROP TABLE city_feeds", false),
        ("DELETE FROM feeds", false),
        ("DELETE FROM bases", false),
    ] {
        let (folder, store) = fresh();
        let of = IssuerId::FUJIAN.into();
        let base = store.pack_directory(|packer| packer.push(row(7, 1))).unwrap();
        store.apply_feeds([FeedWrite::DirectoryBase { of, state: state(1), base }]).unwrap();
        store
            .apply_feeds([FeedWrite::DirectoryChange {
                of,
                from: (1, 1),
                state: state(2),
                added: &[row(8, 2)],
                removed: &[document(7)],
            }])
            .unwrap();
        let path = store.path().to_owned();
        store.raw(|db| db.execute_batch(damage));
        drop(store);
        run(&path, &FileKey::from_bytes(KEY), at(9)).unwrap();
        let (store, report) = open(&folder);
        assert_eq!(report.directories_lost, [], "{damage}");
        let mut rows = Vec::new();
        let read = store.directory_rows(IssuerId::FUJIAN, |row| rows.push(row));
        assert_eq!(rows, if there { vec![row(8, 2)] } else { Vec::new() }, "{damage}: {read:?}");
        let sequence = store.directory_state(of).unwrap();
        assert_eq!(sequence.map(|state| state.sequence), there.then_some(2), "{damage}");
        let files = names(folder.path()).iter().filter(|name| name.contains(".base-")).count();
        assert_eq!(files, usize::from(there), "{damage}");
    }
}
