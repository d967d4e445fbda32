//! Copying what is readable of a damaged file, row by row.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::SetAside;
use crate::entries::Segment;
use crate::open::{Access, connect};
use crate::values::{Day, Micros};
use crate::{FileKey, StoreError};

/// A table to copy: its columns, in the order they are read and written. All have row ids.
struct Table {
    name: &'static str,
    columns: &'static str,
    /// How far past the last row read to look when the damage hides where the table ends.
    look_ahead: i64,
}

impl Table {
    const fn long(name: &'static str, columns: &'static str) -> Self {
        Self { name, columns, look_ahead: 20_000 }
    }

    const fn short(name: &'static str, columns: &'static str) -> Self {
        Self { name, columns, look_ahead: 256 }
    }
}

const ENTRIES: Table = Table::long(
    "entries",
    "number, id, at, day, decision, colour, reasons, methods, operator, site, amends, body, \
     details_digest, previous, hash",
);
const DETAILS: Table = Table::long("details", "number, salt, receipt, search");
const OUTBOX: Table = Table::long("outbox", "number, state, attempts, next_attempt_at, reason");
const SEGMENTS: Table = Table::long("segments", Segment::COLUMNS);
const LOSSES: Table = Table::short("losses", "first, last, at");
const OTHERS: [Table; 16] = [
    Table::short("settings", "key, value"),
    Table::short("heads", "issuer, number, issued_at"),
    Table::short("feeds", "issuer, feed, epoch, sequence, root, as_of"),
    Table::short("feed_parts", "issuer, feed, part, bytes"),
    Table::short("clock", "source, highest"),
    Table::short("policies", "id, version, body"),
    Table::short("operators", "id, name, role, pin, badge, wrong, wrong_at, retired"),
    Table::short("shifts", "number, operator, began, ended"),
    Table::short("audit", "number, at, operator, act, subject, detail, previous, hash"),
    Table::short("lists", "number, id, name, day, made_at"),
    Table::long(
        "listed",
        "list, line, name, document_type, document, hash, room, nights, note, problem, decision, \
         reasons, checked_at, entry, arrived_at, flight, seat",
    ),
    Table::long("inside", "number, entry, person, name, document, came_at, went, left_at"),
    Table::short("left_elsewhere", "number, went, person, left_at"),
    Table::long("lanes", "id, name, heard_at, state"),
    Table::short("flight_checks", "number, entry, day, flight, person, who, listed, seat"),
    Table::long(
        "guests",
        "number, id, party, name, sex, ethnicity, born, nationality, document_type, document, \
         address, room, arrived_at, due, left_at, reported_at, operator",
    ),
];

const DIRECTORIES: [Table; 3] = [
    Table::short("bases", "number, issuer, city, packed, rows, laid, form"),
    Table::short("city_feeds", "issuer, city, epoch, sequence, root, as_of"),
    Table::long("overlay", "base, hash, place"),
];

/// A directory is its base and the row that says how far it goes, or it is not there.
const DIRECTORIES_OF_ONE_PIECE: &str = "
DELETE FROM bases WHERE city = -1 AND issuer NOT IN
    (SELECT issuer FROM feeds WHERE feed = 'directory');
DELETE FROM bases WHERE city <> -1 AND NOT EXISTS
    (SELECT 1 FROM city_feeds f WHERE f.issuer = bases.issuer AND f.city = bases.city);
DELETE FROM feeds WHERE feed = 'directory' AND issuer NOT IN
    (SELECT issuer FROM bases WHERE city = -1);
DELETE FROM city_feeds WHERE NOT EXISTS
    (SELECT 1 FROM bases b WHERE b.issuer = city_feeds.issuer AND b.city = city_feeds.city);
DELETE FROM overlay WHERE base NOT IN (SELECT number FROM bases);
";

/// Copies what is readable of the file at `path` into `new`, in one transaction.
pub(super) fn run(
    path: &Path,
    key: &FileKey,
    new: &mut Connection,
    now: Timestamp,
) -> Result<SetAside, StoreError> {
    let db = new.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut old = Old { path, key, db: None };
    db.pragma_update(None, "defer_foreign_keys", true)?;
    let mut other_rows = 0;
    for table in &OTHERS {
        other_rows += old.copy(table, &db, 0)?;
    }
    // Whose list is lost is nobody's any more.
    db.execute("DELETE FROM listed WHERE list NOT IN (SELECT number FROM lists)", [])?;
    // A feed without one of its parts is found to be another one, and fetched anew.
    db.execute(
        "DELETE FROM feed_parts WHERE NOT EXISTS
         (SELECT 1 FROM feeds f WHERE f.issuer = feed_parts.issuer AND f.feed = feed_parts.feed)",
        [],
    )?;
    old.copy_directories(&db)?;

    old.copy(&LOSSES, &db, 0)?;
    old.copy(&SEGMENTS, &db, 0)?;
    let mut newest = newest_known(&db)?;
    for table in [&OUTBOX, &DETAILS] {
        old.copy(table, &db, newest)?;
        newest = newest.max(highest(&db, table)?);
    }
    let entries = old.copy(&ENTRIES, &db, newest)?;
    let newest = newest.max(highest(&db, &ENTRIES)?);

    for table in ["outbox", "details"] {
        db.execute(
            &format!("DELETE FROM {table} WHERE number NOT IN (SELECT number FROM entries)"),
            [],
        )?;
    }
    // What is above the newest row has none, and is pending.
    let uploads_reset = db.execute(
        "INSERT INTO outbox (number)
         SELECT number FROM entries
         WHERE number NOT IN (SELECT number FROM outbox)
           AND number < (SELECT max(number) FROM outbox)",
        [],
    )? as u64;
    let (entries_lost, details_lost) = rebuild_segments(&db, newest, now)?;
    db.commit()?;
    let file = path.to_owned();
    Ok(SetAside { file, entries, entries_lost, details_lost, uploads_reset, other_rows })
}

/// The damaged file, opened anew after each page that could not be read: SQLCipher gives a
/// connection up once a page failed.
struct Old<'a> {
    path: &'a Path,
    key: &'a FileKey,
    db: Option<Connection>,
}

impl Old<'_> {
    /// Runs `work`; `None` when the damage was in its way.
    fn read<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let db = match self.db.take() {
            Some(db) => db,
            None => {
                let db = connect(self.path, self.key, Access::Read).ok()?;
                // Without this SQLite reads nothing of a file that was cut short, not even
                // the pages that are there. The connection cannot write.
                db.execute_batch("PRAGMA writable_schema = ON").ok()?;
                db
            }
        };
        let done = work(&db).ok()?;
        self.db = Some(db);
        Some(done)
    }

    /// Copies a table, as far as that goes. `end` is the highest row id that other tables know
    /// of; where it is less than what this table says, this table is believed. Answers how
    /// many rows came over.
    fn copy(&mut self, table: &Table, new: &Transaction<'_>, end: i64) -> Result<u64, StoreError> {
        let before = new.total_changes();
        let columns = self.columns_of(table);
        let mut last = match self.scan(table, &columns, new, 0)? {
            Scan::Through => return Ok(new.total_changes() - before),
            Scan::Stopped { last } => last,
        };
        let sql = format!("SELECT max(rowid) FROM {}", table.name);
        let end = match self.read(|old| old.query_row(&sql, [], |row| row.get(0))) {
            Some(highest) => highest,
            None => end.max(last.saturating_add(table.look_ahead)),
        };
        while let Some(next) = self.next_readable(table, last, end) {
            match self.scan(table, &columns, new, next - 1)? {
                Scan::Through => break,
                // At least `next` itself is behind us now, whatever the scan met.
                Scan::Stopped { last: stopped } => last = stopped.max(next),
            }
        }
        Ok(new.total_changes() - before)
    }

    /// Copies what names the directories, and what lies over their bases, which are files of
    /// their own: all of it or none. A base without some of what was laid over it would say of
    /// somebody what is over; without any of these rows the station asks for its directories.
    fn copy_directories(&mut self, new: &Transaction<'_>) -> Result<(), StoreError> {
        let whole = DIRECTORIES.iter().all(|table| {
            let Table { name, columns, .. } = table;
            let marks = vec!["?"; columns.split(',').count()].join(", ");
            let done = self.read(|old| {
                let mut insert =
                    new.prepare(&format!("INSERT INTO {name} ({columns}) VALUES ({marks})"))?;
                let mut read = old.prepare(&format!("SELECT {columns} FROM {name}"))?;
                let width = read.column_count();
                let mut rows = read.query([])?;
                while let Some(row) = rows.next()? {
                    let values =
                        (0..width).map(|i| row.get(i)).collect::<Result<Vec<Value>, _>>()?;
                    insert.execute(rusqlite::params_from_iter(values))?;
                }
                Ok(())
            });
            done.is_some()
        });
        if !whole {
            for Table { name, .. } in &DIRECTORIES {
                new.execute(&format!("DELETE FROM {name}"), [])?;
            }
        }
        new.execute_batch(DIRECTORIES_OF_ONE_PIECE)?;
        Ok(())
    }

    /// Copies the rows above `after` until the end or the first that cannot be read.
    fn scan(
        &mut self,
        table: &Table,
        columns: &str,
        new: &Transaction<'_>,
        after: i64,
    ) -> Result<Scan, StoreError> {
        let Table { name, .. } = table;
        let width = columns.split(',').count();
        let marks = vec!["?"; width].join(", ");
        let mut insert =
            new.prepare(&format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({marks})"))?;
        let sql = format!("SELECT rowid, {columns} FROM {name} WHERE rowid > ?1 ORDER BY rowid");
        let mut last = after;
        let mut refused = None;
        let through = self.read(|old| {
            let mut read = old.prepare(&sql)?;
            let mut rows = read.query([after])?;
            while let Some(row) = rows.next()? {
                let values = (1..=width).map(|i| row.get(i)).collect::<Result<Vec<Value>, _>>()?;
                if let Err(error) = insert.execute(rusqlite::params_from_iter(values)) {
                    refused = Some(error);
                    break;
                }
                last = row.get(0)?;
            }
            Ok(())
        });
        match (refused, through) {
            (Some(error), _) => Err(error.into()),
            (None, Some(())) => Ok(Scan::Through),
            (None, None) => Ok(Scan::Stopped { last }),
        }
    }

    /// The columns of a table, without those that a program before this one did not know.
    fn columns_of(&mut self, table: &Table) -> String {
        let there = self.read(|old| {
            let mut read = old.prepare("SELECT name FROM pragma_table_info(?1)")?;
            let names = read.query_map([table.name], |row| row.get::<_, String>(0))?;
            names.collect::<Result<Vec<_>, _>>()
        });
        // A table that is not there at all is read in vain below.
        let there = there.filter(|there| !there.is_empty());
        let is_there =
            |name: &&str| there.as_ref().is_none_or(|there| there.iter().any(|had| had == name));
        table.columns.split(',').map(str::trim).filter(is_there).collect::<Vec<_>>().join(", ")
    }

    /// The first row id above `last` and up to `end` at which nothing is in the way of
    /// reading; there need be no row.
    ///
    /// A damaged page hides a run of row ids. The steps over it grow, so that a table whose
    /// very first page is damaged costs about a thousand tries and not one for each row;
    /// what is found is then narrowed down to the run's edge.
    fn next_readable(&mut self, table: &Table, last: i64, end: i64) -> Option<i64> {
        let longest = ((end - last) / 1024).max(4);
        let sql = format!("SELECT * FROM {} WHERE rowid = ?1", table.name);
        let mut readable = |number: i64| {
            let row = self.read(|old| old.query_row(&sql, [number], |_| Ok(())).optional());
            row.is_some()
        };
        let (mut hidden, mut step) = (last, 1);
        let mut found = loop {
            if hidden >= end {
                return None;
            }
            let number = (hidden + step).min(end);
            if readable(number) {
                break number;
            }
            hidden = number;
            step = (step * 2).min(longest);
        };
        while found - hidden > 1 {
            let middle = hidden + (found - hidden) / 2;
            if readable(middle) { found = middle } else { hidden = middle }
        }
        Some(found)
    }
}

/// How far a scan came.
enum Scan {
    Through,
    /// This row was the last one read.
    Stopped {
        last: i64,
    },
}

fn highest(db: &Transaction<'_>, table: &Table) -> Result<i64, StoreError> {
    let sql = format!("SELECT coalesce(max(number), 0) FROM {}", table.name);
    Ok(db.query_row(&sql, [], |row| row.get(0))?)
}

fn newest_known(db: &Transaction<'_>) -> Result<i64, StoreError> {
    Ok(db.query_row(
        "SELECT max((SELECT coalesce(max(last), 0) FROM segments),
                    (SELECT coalesce(max(last), 0) FROM losses))",
        [],
        |row| row.get(0),
    )?)
}

/// Writes `segments` and `losses` anew from the entries that came over: deleted days keep
/// their row, each run of entries of one day gets one, every other number up to `newest` is
/// lost. Answers how many entries were lost now, and how many details.
fn rebuild_segments(
    db: &Transaction<'_>,
    newest: i64,
    now: Timestamp,
) -> Result<(u64, u64), StoreError> {
    let old: Vec<Segment> = db
        .prepare(&format!("SELECT {} FROM segments ORDER BY first", Segment::COLUMNS))?
        .query_map([], Segment::from_row)?
        .filter_map(Result::ok)
        .collect();
    let lost_before: u64 = count(db, "SELECT coalesce(sum(last - first + 1), 0) FROM losses")?;
    let mut segments: Vec<Segment> = old.iter().filter(|s| !s.entries_kept).cloned().collect();
    segments.extend(runs(db)?);
    segments.sort_by_key(|s| s.first);
    db.execute("DELETE FROM segments", [])?;
    let mut details_lost = 0;
    for segment in &mut segments {
        if segment.entries_kept {
            let there = count_between(db, "details", segment)?;
            let all = segment.last - segment.first + 1;
            let retired = old
                .iter()
                .any(|s| !s.details_whole && s.first <= segment.first && segment.first <= s.last);
            segment.details_whole = there == all && !retired;
            if !retired {
                details_lost += (all - there).cast_unsigned();
            }
        }
        segment.insert(db)?;
    }
    let mut next = 1;
    let mut lost = 0;
    let ends = segments.iter().map(|s| (s.first, s.last)).chain([(newest + 1, newest)]);
    let mut gaps = Vec::new();
    for (first, last) in ends {
        if next < first {
            gaps.push((next, first - 1));
            lost += (first - next).cast_unsigned();
        }
        next = next.max(last + 1);
    }
    let before: Vec<(i64, i64, Timestamp)> = db
        .prepare("SELECT first, last, at FROM losses")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2).map(|Micros(at)| at)?)))?
        .filter_map(Result::ok)
        .collect();
    db.execute("DELETE FROM losses", [])?;
    for (first, last) in gaps {
        let at = before.iter().find(|b| (b.0, b.1) == (first, last)).map_or(now, |b| b.2);
        db.execute(
            "INSERT INTO losses (first, last, at) VALUES (?1, ?2, ?3)",
            (first, last, Micros(at)),
        )?;
    }
    Ok((lost.saturating_sub(lost_before), details_lost))
}

/// Unbroken runs of entries of one day, as segments.
fn runs(db: &Transaction<'_>) -> Result<Vec<Segment>, StoreError> {
    let mut read = db.prepare("SELECT number, day, previous, hash FROM entries ORDER BY number")?;
    let mut rows = read.query([])?;
    let mut runs: Vec<Segment> = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let Day(day) = row.get(1)?;
        let hash: [u8; 32] = row.get(3)?;
        match runs.last_mut() {
            Some(run) if run.last + 1 == number && run.day == day => {
                run.last = number;
                run.head = hash;
            }
            _ => runs.push(Segment {
                first: number,
                last: number,
                day,
                previous: row.get(2)?,
                head: hash,
                entries_kept: true,
                details_whole: true,
            }),
        }
    }
    Ok(runs)
}

fn count(db: &Transaction<'_>, sql: &str) -> Result<u64, StoreError> {
    Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

fn count_between(db: &Transaction<'_>, table: &str, segment: &Segment) -> Result<i64, StoreError> {
    let sql = format!("SELECT count(*) FROM {table} WHERE number BETWEEN ?1 AND ?2");
    Ok(db.query_row(&sql, (segment.first, segment.last), |row| row.get(0))?)
}
