//! The schema's history: numbered steps, each the SQL of the tables it made.

use rusqlite::{Connection, TransactionBehavior};

use crate::{
    StoreError, audit, clock, directory, entries, feeds, flights, guests, inside, lanes, lists,
    operators, outbox, policies, settings, shifts,
};

/// Step n takes a file from schema n to schema n+1. Steps are never edited: a file in the
/// field has taken them. A change is a new step, and `tests/schemas/` keeps every one.
const STEPS: &[&[&str]] = &[
    &[settings::V1, entries::V1, outbox::V1, feeds::V1, directory::V1, clock::V1, policies::V1],
    &[entries::V2, operators::V2, shifts::V2, audit::V2],
    &[directory::V3],
    &[lists::V4, guests::V4],
    &[feeds::V5, directory::V5, outbox::V5],
    &[outbox::V6],
    &[entries::V7],
    &[flights::V8],
    &[inside::V9],
    &[flights::V10, inside::V10, lanes::V10],
    &[directory::V11],
];

/// The schema this program reads and writes; SQLite's `user_version` of the file.
#[expect(clippy::cast_possible_truncation, reason = "a handful of steps")]
pub const SCHEMA_VERSION: u32 = STEPS.len() as u32;

/// The tables of the log, which grow with every person. A million entries take six seconds to read
/// through, so those of a long log are read when the desk is at work already.
const LOG: &[&str] = &["entries", "details", "outbox"];

/// The longest log that is read through when the file is opened.
const LONGEST_AT_START: i64 = 100_000;

/// The other tables that are read through when the file is opened: all of them, but not the packed
/// bases of the directory, which are large and can be had again.
const READ_THROUGH: &[&str] = &[
    "segments",
    "losses",
    "text_blocks",
    "settings",
    "feeds",
    "feed_parts",
    "heads",
    "city_feeds",
    "bases",
    "overlay",
    "clock",
    "policies",
    "operators",
    "shifts",
    "audit",
    "lists",
    "listed",
    "flight_checks",
    "inside",
    "left_elsewhere",
    "lanes",
    "guests",
];

/// Brings the file to [`SCHEMA_VERSION`]; answers the schema it had if that was an older one.
pub(crate) fn run(db: &mut Connection) -> Result<Option<u32>, StoreError> {
    // A file that is up to date is not written to: it opens on a full disk.
    let found: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found == SCHEMA_VERSION {
        return Ok(None);
    }
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::NewerSchema { found, known: SCHEMA_VERSION });
    }
    for step in STEPS.iter().skip(found as usize) {
        for sql in *step {
            transaction.execute_batch(sql)?;
        }
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    Ok((0 < found && found < SCHEMA_VERSION).then_some(found))
}

/// Reads every page of the tables that cannot be had again, and says whether they are whole.
pub(crate) fn read_through(db: &Connection) -> Result<(), StoreError> {
    are_whole(db, READ_THROUGH)?;
    are_whole(db, LOG)
}

/// The same without a log that is long: [`read_log_through`] is for that, once the desk is at work.
pub(crate) fn read_through_at_start(db: &Connection) -> Result<(), StoreError> {
    are_whole(db, READ_THROUGH)?;
    if is_long(db)? { Ok(()) } else { are_whole(db, LOG) }
}

/// Reads every page of a log that was too long to be read at the start.
pub(crate) fn read_log_through(db: &Connection) -> Result<(), StoreError> {
    if is_long(db)? { are_whole(db, LOG) } else { Ok(()) }
}

fn is_long(db: &Connection) -> Result<bool, StoreError> {
    let there: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entries')",
        [],
        |row| row.get(0),
    )?;
    let span = "SELECT coalesce((SELECT max(number) FROM entries)
                              - (SELECT min(number) FROM entries), 0)";
    Ok(there && db.query_row(span, [], |row| row.get::<_, i64>(0))? >= LONGEST_AT_START)
}

fn are_whole(db: &Connection, tables: &[&str]) -> Result<(), StoreError> {
    for table in tables {
        let exists: bool = db.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)",
            [table],
            |row| row.get(0),
        )?;
        if !exists {
            continue;
        }
        let answer: String =
            db.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if answer != "ok" {
            return Err(StoreError::Damaged);
        }
    }
    Ok(())
}
