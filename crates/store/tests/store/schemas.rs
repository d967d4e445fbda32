//! Every schema that a file in the field may have, and that it opens.
//!
//! `tests/schemas/v<n>.sql` is schema n as it was published, with a few rows. A new step of
//! the migrations comes with a new file here; the old ones are never changed.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use yanma_domain::document::DocumentHash;
use yanma_domain::{IssuerId, StatusIndex};
use yanma_store::{SCHEMA_VERSION, Store, StoreError};

use crate::{at, desk, key, open};

/// A connection past the store, with the key of these tests.
pub(crate) fn raw(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "42".repeat(32))).unwrap();
    db
}

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/schemas/v{version}.sql"))
}

/// A file as a program of that schema left it.
fn file_of(version: u32, path: &Path) {
    let db = raw(path);
    db.execute_batch(&fs::read_to_string(fixture(version)).unwrap()).unwrap();
    db.pragma_update(None, "user_version", version).unwrap();
}

/// What the schema consists of, without spaces and comments.
fn schema(db: &Connection) -> Vec<String> {
    let mut read = db
        .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
        .unwrap();
    let rows = read.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|sql| {
        let sql = sql.unwrap();
        let lines = sql.lines().map(|line| line.split("--").next().unwrap_or(""));
        lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    })
    .collect()
}

#[test]
fn every_schema_has_a_fixture() {
    for version in 1..=SCHEMA_VERSION {
        assert!(fixture(version).exists(), "tests/schemas/v{version}.sql is missing");
    }
    assert!(!fixture(SCHEMA_VERSION + 1).exists(), "a fixture without a migration");
}

#[test]
fn every_historic_file_opens_with_its_rows() {
    for version in 1..=SCHEMA_VERSION {
        let folder = tempfile::tempdir().unwrap();
        let path = desk(&folder);
        file_of(version, &path);
        let (store, report) = open(&path).unwrap();
        assert_eq!(report.migrated_from, (version < SCHEMA_VERSION).then_some(version));
        assert!(!report.created && report.set_aside.is_none(), "v{version}");
        let check = store.check().unwrap();
        assert_eq!((check.entries, check.retired), (1, 1), "v{version}");
        assert_eq!(
            store.setting::<String>("scene").unwrap().as_deref(),
            Some("hotel"),
            "v{version}"
        );
        let holder = store.find(DocumentHash::from_u64(7)).unwrap();
        assert_eq!(
            holder,
            [(IssuerId::FUJIAN.into(), StatusIndex(1))],
            "v{version} knows its documents"
        );
        assert_eq!(store.directory_len(IssuerId::FUJIAN).unwrap(), 1, "v{version}");
        let number = store.append(&crate::entry(3)).unwrap();
        assert_eq!(number.0, 3, "v{version} goes on after its last number");
        assert_eq!(store.due(at(0), 9).unwrap().len(), 2, "v{version}");
        assert_eq!(store.check().unwrap().entries, 2, "v{version}");
    }
}

#[test]
fn upgrades_end_at_the_schema_of_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.db");
    drop(open(&new).unwrap());
    let expect = schema(&raw(&new));
    assert!(expect.len() > 10);
    for version in 1..=SCHEMA_VERSION {
        let old = folder.path().join(format!("v{version}.db"));
        file_of(version, &old);
        drop(open(&old).unwrap());
        assert_eq!(schema(&raw(&old)), expect, "from v{version}");
    }
}

#[test]
fn a_start_that_was_cut_off_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    // The power went between making the file and its schema.
    raw(&path).execute_batch("PRAGMA journal_mode = WAL").unwrap();
    let (store, _) = open(&path).unwrap();
    assert_eq!(store.append(&crate::entry(1)).unwrap().0, 1);
    drop(store);
    assert!(Store::open_read_only(&path, &key()).is_ok());
}

#[test]
fn an_upgrade_that_was_cut_off_before_there_was_a_write_ahead_log_is_undone_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    let begun = folder.path().join("begun.db");
    file_of(1, &begun);
    let db = raw(&begun);
    // So that the journal counts from its first page on, as it does once it is on the disk.
    db.execute_batch(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA cache_size = 1;
         BEGIN IMMEDIATE; CREATE TABLE half (n); DELETE FROM details;
         INSERT INTO half WITH RECURSIVE many (n) AS
             (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 5000) SELECT n FROM many;",
    )
    .unwrap();
    for (from, to) in [("begun.db", "desk.db"), ("begun.db-journal", "desk.db-journal")] {
        fs::copy(folder.path().join(from), folder.path().join(to)).unwrap();
    }
    drop(db);
    assert!(
        matches!(Store::open_read_only(&path, &key()), Err(StoreError::NotWritable)),
        "there is something to undo"
    );
    let (store, report) = open(&path).unwrap();
    assert_eq!((report.migrated_from, report.set_aside), (Some(1), None));
    assert_eq!(store.check().unwrap().details, 1, "what was begun is undone");
    drop(store);
    assert!(!schema(&raw(&path)).iter().any(|sql| sql.contains("half")));
    assert!(!folder.path().join("desk.db-journal").exists());
}
