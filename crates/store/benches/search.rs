//! How long somebody waits for the log once it has a million entries, beside what SQLite itself
//! takes to look through the same rows without a key.
//!
//! `cargo bench -p yanma-store --bench search`. The log is made past the store, since a
//! million durable entries would take an hour; what is measured is the store's own search. It
//! prints how long the store takes to open such a file of an older program, once.

#![expect(clippy::print_stdout, reason = "what it takes to open is told beside the benches")]

use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use yanma_store::{FileKey, Filter, Store};

use million::{ENTRIES, Log};

mod million;

const KEY: [u8; 32] = [1; 32];
/// Entries of a day: a busy gate.
const LOG: Log = Log { begin: date(2020, 6, 16), a_day: 2_500 };

/// Past the store, with its key.
fn opened(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "01".repeat(32)))?;
    Ok(db)
}

/// The same tables in a file without a key.
fn bare(path: &Path, like: &Connection) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    let mut tables = like.prepare(
        "SELECT sql FROM sqlite_master
         WHERE name IN ('entries', 'details', 'outbox', 'segments') AND type = 'table'",
    )?;
    for sql in tables.query_map([], |row| row.get::<_, String>(0))? {
        db.execute_batch(&sql?)?;
    }
    Ok(db)
}

fn search(c: &mut Criterion) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    let path = folder.path().join("desk.db");
    let key = FileKey::from_bytes(KEY);
    drop(Store::open(&path, &key, Timestamp::UNIX_EPOCH).expect("a new store"));
    LOG.fill(opened(&path).expect("it opens")).expect("a million entries");
    let begun = Instant::now();
    drop(Store::open(&path, &key, Timestamp::UNIX_EPOCH).expect("it opens as an older one's"));
    println!("opened as an older program's file: {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    drop(Store::open(&path, &key, Timestamp::UNIX_EPOCH).expect("it opens"));
    println!("opened again: {:.1} s", begun.elapsed().as_secs_f64());
    let store = Store::open_read_only(&path, &key).expect("the store opens");
    assert_eq!(store.last(1).expect("it reads")[0].number.0, ENTRIES.unsigned_abs());

    let mut group = c.benchmark_group("a million entries");
    group.sample_size(20);
    let page = Filter { limit: 51, ..Filter::default() };
    let early = LOG.day(100 * LOG.a_day);
    let at = |hour: i64| {
        let midnight = early.to_zoned(TimeZone::UTC).expect("an instant").timestamp();
        midnight + SignedDuration::from_hours(hour)
    };
    let text = |text: &str| Filter { text: Some(text.to_owned()), ..page.clone() };
    let of_day = |filter: Filter| Filter { from: Some(early), to: Some(early), ..filter };
    for (name, filter, least) in [
        ("the newest page", page.clone(), 51),
        ("a day of last year", of_day(page.clone()), 51),
        (
            "between two and three of that day",
            of_day(Filter { since: Some(at(14)), until: Some(at(15)), ..page.clone() }),
            51,
        ),
        (
            "the refused of that day",
            of_day(Filter { decision: Some("refuse".to_owned()), ..page.clone() }),
            50,
        ),
        ("a number on that day", of_day(text("0123")), 0),
        ("a common name", text("张*12"), 51),
        ("a number, anywhere", text("**0123"), 51),
        ("nobody, anywhere", text("王*明"), 0),
        ("one character of nobody, anywhere", text("亓"), 0),
        ("a whole number, anywhere", text("3501**********0123"), 51),
        (
            "refused, of a number, anywhere",
            Filter { decision: Some("refuse".to_owned()), ..text("0150") },
            51,
        ),
        (
            "a decision that never was",
            Filter { decision: Some("refer".to_owned()), ..page.clone() },
            0,
        ),
        ("a reason that never was", text("S-SIG"), 0),
    ] {
        let found = store.search(&filter).expect("found").len();
        assert!(found >= least, "{name}: {found}");
        group.bench_function(name, |b| b.iter(|| store.search(&filter).expect("found")));
    }
    group.finish();

    let plain = folder.path().join("bare.db");
    let like = opened(&path).expect("it opens");
    LOG.fill(bare(&plain, &like).expect("the same tables")).expect("a million entries");
    let plain = Connection::open(&plain).expect("it opens");
    let mut group = c.benchmark_group("a million entries, bare SQLite without a key");
    group.sample_size(10);
    for (name, pattern) in [("a number, anywhere", "%**0123%"), ("nobody, anywhere", "%王*明%")] {
        let mut read = plain
            .prepare(
                "SELECT e.number, e.body, d.receipt FROM entries e
                 LEFT JOIN details d ON d.number = e.number
                 WHERE d.search LIKE ?1 OR e.reasons LIKE ?1 OR e.operator LIKE ?1 OR e.site LIKE ?1
                 ORDER BY e.number DESC LIMIT 51",
            )
            .expect("a statement");
        group.bench_function(name, |b| {
            b.iter(|| read.query_map([pattern], |_| Ok(())).expect("found").count());
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
