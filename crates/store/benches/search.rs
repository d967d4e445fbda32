//! How long somebody waits for the log once it has a million entries.
//!
//! `cargo bench -p yanma-store --bench search`. The log is made past the store, since a
//! million durable entries would take an hour; what is measured is the store's own search.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Span;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rusqlite::Connection;
use yanma_store::{FileKey, Filter, Store};

const ENTRIES: i64 = 1_000_000;
/// Entries of a day: a busy gate.
const A_DAY: i64 = 2_500;
const KEY: [u8; 32] = [1; 32];
/// 2020-06-16 in microseconds since 1970.
const BEGIN: i64 = 1_592_265_600_000_000;

fn day(n: i64) -> Date {
    date(2020, 6, 16) + Span::new().days(n / A_DAY)
}

/// A million entries with bodies and receipts as large as real ones.
fn fill(path: &Path) -> rusqlite::Result<()> {
    let mut db = Connection::open(path)?;
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "01".repeat(32)))?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")?;
    let all = db.transaction()?;
    {
        let mut entry = all.prepare(
            "INSERT INTO entries (number, id, at, day, decision, colour, reasons, methods,
                 operator, site, body, details_digest, previous, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, 'green', ?6, 'code card', 'op-1', 'hospital-1',
                 zeroblob(700), zeroblob(32), zeroblob(32), zeroblob(32))",
        )?;
        let mut details = all.prepare(
            "INSERT INTO details (number, salt, receipt, search)
             VALUES (?1, zeroblob(16), zeroblob(900), ?2)",
        )?;
        let mut outbox =
            all.prepare("INSERT INTO outbox (number, state, attempts) VALUES (?1, 1, 1)")?;
        for n in 1..=ENTRIES {
            let mut id = [0; 16];
            id[8..].copy_from_slice(&n.to_be_bytes());
            // Thirty-five seconds apart, spread over a day.
            let at = BEGIN + n / A_DAY * 86_400_000_000 + n % A_DAY * 34_000_000;
            let decision = if n % 50 == 0 { "refuse" } else { "admit" };
            let reasons = if n % 50 == 0 { "C-ORA" } else { "" };
            entry.execute((n, id, at, day(n).to_string(), decision, reasons))?;
            let search = format!("张*{}\n3501**********{:04}", n % 997, n % 10_000);
            details.execute((n, search))?;
            outbox.execute([n])?;
        }
        let mut segment = all.prepare(
            "INSERT INTO segments (first, last, day, previous, head)
             VALUES (?1, ?2, ?3, zeroblob(32), zeroblob(32))",
        )?;
        for first in (0..=ENTRIES).step_by(usize::try_from(A_DAY).unwrap_or(1)) {
            let (from, to) = (first.max(1), (first + A_DAY - 1).min(ENTRIES));
            segment.execute((from, to, day(first).to_string()))?;
        }
    }
    all.commit()
}

fn search(c: &mut Criterion) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    let path = folder.path().join("desk.db");
    let key = FileKey::from_bytes(KEY);
    drop(Store::open(&path, &key, Timestamp::UNIX_EPOCH).expect("a new store"));
    fill(&path).expect("a million entries");
    let store = Store::open_read_only(&path, &key).expect("the store opens");
    assert_eq!(store.last(1).expect("it reads")[0].number.0, ENTRIES.unsigned_abs());

    let mut group = c.benchmark_group("a million entries");
    group.sample_size(20);
    let page = Filter { limit: 51, ..Filter::default() };
    let early = day(100 * A_DAY);
    let at = |hour: i64| {
        let micros = BEGIN + 100 * 86_400_000_000 + hour * 3_600_000_000;
        Timestamp::from_microsecond(micros).expect("an instant")
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
    ] {
        let found = store.search(&filter).expect("found").len();
        assert!(found >= least, "{name}: {found}");
        group.bench_function(name, |b| b.iter(|| store.search(&filter).expect("found")));
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
