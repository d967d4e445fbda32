//! The entry log: append-only, hash-chained, cut into days.
//!
//! An entry lies in two tables. `entries` has what the log must keep: when, what was
//! decided and why, and the hash that chains it to the entry before. `details` has what
//! points at a person: the receipt that replay needs and the texts a search may find. The
//! details may go earlier; the chain holds only a salted digest of them, and the salt goes
//! with them, so that what is left cannot be used to test a guess.

mod chain;
mod check;
mod retain;
mod search;
mod texts;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Transaction, ffi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use self::chain::{Framed, parts};
pub use self::check::{ChainFault, ChainReport};
pub use self::retain::{LogDay, Retained};
pub use self::search::{Export, Filter};
pub(crate) use self::texts::V7;
use crate::outbox::Upload;
use crate::values::Day;
use crate::{Store, StoreError};

pub(crate) const V1: &str = "
CREATE TABLE entries (
    number   INTEGER NOT NULL PRIMARY KEY,
    id       BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    at       INTEGER NOT NULL,
    day      TEXT    NOT NULL,
    decision TEXT    NOT NULL,
    colour   TEXT,
    reasons  TEXT    NOT NULL,
    methods  TEXT    NOT NULL,
    operator TEXT,
    site     TEXT,
    amends   BLOB,
    body     BLOB    NOT NULL,
    details_digest BLOB NOT NULL CHECK (length(details_digest) = 32),
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE details (
    number  INTEGER NOT NULL PRIMARY KEY REFERENCES entries (number),
    salt    BLOB    NOT NULL CHECK (length(salt) = 16),
    receipt BLOB    NOT NULL,
    search  TEXT    NOT NULL
);
-- A run of entries of one day. Its row outlives the entries and keeps the chain whole.
CREATE TABLE segments (
    first    INTEGER NOT NULL PRIMARY KEY,
    last     INTEGER NOT NULL CHECK (last >= first),
    day      TEXT    NOT NULL,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    head     BLOB    NOT NULL CHECK (length(head) = 32),
    entries_kept  INTEGER NOT NULL DEFAULT 1,
    details_whole INTEGER NOT NULL DEFAULT 1
);
-- Numbers lost when a damaged file was set aside.
CREATE TABLE losses (
    first INTEGER NOT NULL PRIMARY KEY,
    last  INTEGER NOT NULL CHECK (last >= first),
    at    INTEGER NOT NULL
);
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entries_go_by_the_day BEFORE DELETE ON entries
WHEN (SELECT entries_kept FROM segments WHERE first <= OLD.number ORDER BY first DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
";

/// Finds what amends an entry, so that an encounter counts once.
pub(crate) const V2: &str =
    "CREATE INDEX entries_amends ON entries (amends) WHERE amends IS NOT NULL;";

/// An entry's place in this file's log: 1, 2, 3 … without gaps, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryNumber(pub u64);

impl EntryNumber {
    pub(crate) fn column(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    pub(crate) fn from_column(number: i64) -> Self {
        Self(u64::try_from(number).unwrap_or(0))
    }
}

impl fmt::Display for EntryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An entry to append. Everything in it is covered by the chain.
pub struct NewEntry<'a> {
    /// Its name everywhere; also the idempotency key of its upload. A UUID of version 7.
    pub id: Uuid,
    /// When it happened; kept to the microsecond.
    pub at: Timestamp,
    /// The site's civil day of `at`, which decides when the entry goes.
    pub day: Date,
    /// `admit`, `refuse` or `refer`.
    pub decision: &'a str,
    /// The colour seen, if any.
    pub colour: Option<&'a str>,
    /// Reason codes, without spaces in them.
    pub reasons: &'a [&'a str],
    /// How the person was presented: `code`, `card`, `typed`, `scanned`.
    pub methods: &'a [&'a str],
    /// Who was at the desk.
    pub operator: Option<&'a str>,
    /// Which site.
    pub site: Option<&'a str>,
    /// The entry this one replaces, when a later answer was worse.
    pub amends: Option<Uuid>,
    /// The entry as it is uploaded: canonical JSON without personal values.
    pub body: Vec<u8>,
    /// What replay needs: personal, and therefore kept apart.
    pub receipt: Vec<u8>,
    /// 16 random bytes, new for each entry; they keep the digest of the details from
    /// confirming a guess once the details are gone.
    pub receipt_salt: [u8; 16],
    /// Masked texts that a search may find: name, document.
    pub search: Vec<String>,
}

impl fmt::Debug for NewEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEntry")
            .field("id", &self.id)
            .field("at", &self.at)
            .field("decision", &self.decision)
            .field("reasons", &self.reasons)
            .finish_non_exhaustive()
    }
}

/// An entry as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log.
    pub number: EntryNumber,
    /// Its name everywhere.
    pub id: Uuid,
    /// When it happened, to the microsecond.
    pub at: Timestamp,
    /// The site's civil day.
    pub day: Date,
    /// `admit`, `refuse` or `refer`.
    pub decision: String,
    /// The colour seen, if any.
    pub colour: Option<String>,
    /// Reason codes.
    pub reasons: Vec<String>,
    /// How the person was presented.
    pub methods: Vec<String>,
    /// Who was at the desk.
    pub operator: Option<String>,
    /// Which site.
    pub site: Option<String>,
    /// The entry this one replaces.
    pub amends: Option<Uuid>,
    /// The entry as it is uploaded.
    pub body: Vec<u8>,
    /// Its hash, to which the next entry is chained.
    pub hash: [u8; 32],
    /// The personal part; `None` once its retention has ended.
    pub details: Option<Details>,
    /// What became of its upload.
    pub upload: Upload,
}

/// The personal part of an entry. Its `Debug` shows sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Details {
    /// What replay needs.
    pub receipt: Vec<u8>,
    /// The masked texts, in the order they were given.
    pub search: Vec<String>,
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Details(receipt: {} bytes, {} texts)", self.receipt.len(), self.search.len())
    }
}

/// The newest end of the chain. Kept elsewhere too, it proves that nothing was taken off the
/// end of this file's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The newest number.
    pub number: EntryNumber,
    /// The hash of the newest entry.
    pub hash: [u8; 32],
}

impl Store {
    /// Appends an entry, which is to be sent from then on. When this returns the number, it is
    /// on the disk.
    ///
    /// # Errors
    ///
    /// [`StoreError::DuplicateEntry`] for an id that is in the log,
    /// [`StoreError::BadEntry`], [`StoreError::DiskFull`], or as any write; nothing was
    /// written then and the same entry may be tried again.
    pub fn append(&self, entry: &NewEntry<'_>) -> Result<EntryNumber, StoreError> {
        let columns = chain::Columns::of(entry)?;
        self.write(|db| append(db, entry, &columns))
    }

    /// The newest end of the chain; `None` while the log is empty.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn chain_head(&self) -> Result<Option<ChainHead>, StoreError> {
        self.read(|db| {
            let newest = last_segment(db)?;
            Ok(newest.map(|s| ChainHead { number: EntryNumber::from_column(s.last), hash: s.head }))
        })
    }

    /// Whether the chain has this hash: that of an empty log, an entry's, or the last of a day whose
    /// entries went.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn has_head(&self, hash: &[u8; 32]) -> Result<bool, StoreError> {
        self.read(|db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM segments WHERE head = ?1)
                OR EXISTS (SELECT 1 FROM entries WHERE hash = ?1)";
            Ok(*hash == chain::START || db.query_row(sql, [hash], |row| row.get(0))?)
        })
    }
}

/// A row of `segments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) day: Date,
    pub(crate) previous: [u8; 32],
    pub(crate) head: [u8; 32],
    pub(crate) entries_kept: bool,
    pub(crate) details_whole: bool,
}

impl Segment {
    /// The columns in the order of [`Segment::from_row`].
    pub(crate) const COLUMNS: &str =
        "first, last, day, previous, head, entries_kept, details_whole";

    pub(crate) fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            first: row.get(0)?,
            last: row.get(1)?,
            day: row.get(2).map(|Day(day)| day)?,
            previous: row.get(3)?,
            head: row.get(4)?,
            entries_kept: row.get(5)?,
            details_whole: row.get(6)?,
        })
    }

    pub(crate) fn insert(&self, db: &Transaction<'_>) -> rusqlite::Result<()> {
        db.prepare_cached(
            "INSERT INTO segments (first, last, day, previous, head, entries_kept, details_whole)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            self.first,
            self.last,
            Day(self.day),
            self.previous,
            self.head,
            self.entries_kept,
            self.details_whole,
        ))?;
        Ok(())
    }
}

fn last_segment(db: &rusqlite::Connection) -> rusqlite::Result<Option<Segment>> {
    db.prepare_cached(&format!(
        "SELECT {} FROM segments ORDER BY first DESC LIMIT 1",
        Segment::COLUMNS
    ))?
    .query_row([], Segment::from_row)
    .optional()
}

fn append(
    db: &Transaction<'_>,
    entry: &NewEntry<'_>,
    columns: &chain::Columns,
) -> Result<EntryNumber, StoreError> {
    let newest = last_segment(db)?;
    let lost: i64 = db
        .prepare_cached("SELECT coalesce(max(last), 0) FROM losses")?
        .query_row([], |row| row.get(0))?;
    let number = newest.as_ref().map_or(0, |s| s.last).max(lost) + 1;
    let previous = newest.as_ref().map_or(chain::START, |s| s.head);
    let before = newest.as_ref().map(|s| s.last);
    let hash = columns.hash(&previous, number);
    columns.insert(db, number, &previous, &hash).map_err(|error| match error.sqlite_error() {
        Some(e) if e.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE => {
            StoreError::DuplicateEntry(entry.id)
        }
        _ => error.into(),
    })?;
    db.prepare_cached(
        "INSERT INTO details (number, salt, receipt, search) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((number, entry.receipt_salt, &entry.receipt, &columns.search))?;
    match newest {
        // The clock may have been set back a day, so days may repeat: a segment is a run of
        // numbers first, and only continues while the day stays the same.
        Some(s)
            if s.day == entry.day && s.last + 1 == number && s.entries_kept && s.details_whole =>
        {
            db.prepare_cached("UPDATE segments SET last = ?2, head = ?3 WHERE first = ?1")?
                .execute((s.first, number, hash))?;
        }
        _ => Segment {
            first: number,
            last: number,
            day: entry.day,
            previous,
            head: hash,
            entries_kept: true,
            details_whole: true,
        }
        .insert(db)?,
    }
    texts::note_appended(db, number, before)?;
    Ok(EntryNumber::from_column(number))
}

#[cfg(test)]
mod tests;
