//! Ending retention: whole days go, some entries at a time, and the chain stays.
//!
//! A day that goes loses its oldest entries first. What went is one segment that is no longer
//! kept, what is left another, and both are chained as they were: whoever stops on the way, or
//! looks in between, has a whole log. So a verdict waits for some entries at most.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{EntryNumber, Segment, texts};
use crate::audit::{self, Act};
use crate::{Store, StoreError, outbox};

/// A day of the log, or a run of it: a day is there again when the clock was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogDay {
    /// The first number of the run.
    pub first: EntryNumber,
    /// The last number of the run.
    pub last: EntryNumber,
    /// The site's civil day, by the clock of then.
    pub day: Date,
    /// The hash of the last entry, which stays when the entries have gone.
    pub head: [u8; 32],
    /// Whether the entries are still here.
    pub entries_kept: bool,
    /// Whether any personal part is still here.
    pub details_kept: bool,
    /// Whether any entry is still to be sent.
    pub owed: bool,
}

impl LogDay {
    /// How many entries there are, or were.
    pub fn entries(&self) -> u64 {
        self.last.0 - self.first.0 + 1
    }
}

/// What one step of ending retention took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Entries, or personal parts, that were deleted.
    pub deleted: u64,
    /// Whether something of the day is left for another step.
    pub more: bool,
    /// Whether nothing was deleted because an entry of the day is still to be sent. It goes
    /// after that; an upload that was rejected holds nothing.
    pub held_back: bool,
}

impl Store {
    /// Every day of the log, the oldest entry's first, with those that have gone.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn days(&self) -> Result<Vec<LogDay>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "SELECT {}, entries_kept AND EXISTS (
                     SELECT 1 FROM details WHERE number BETWEEN first AND last),
                 entries_kept AND {}
                 FROM segments ORDER BY first",
                Segment::COLUMNS,
                outbox::ANY_PENDING
            ))?;
            let found = read.query_map([self.settled().look(db)?], |row| {
                let segment = Segment::from_row(row)?;
                Ok(LogDay {
                    first: EntryNumber::from_column(segment.first),
                    last: EntryNumber::from_column(segment.last),
                    day: segment.day,
                    head: segment.head,
                    entries_kept: segment.entries_kept,
                    details_kept: row.get(7)?,
                    owed: row.get(8)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// What the entries of a day have at a place of their bodies, such as `$.scene`, each text
    /// once.
    ///
    /// # Errors
    ///
    /// As any read; a body that is no JSON is one.
    pub fn body_texts(&self, day: &LogDay, path: &str) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT DISTINCT coalesce(json_extract(CAST(body AS TEXT), ?3), '')
                 FROM entries WHERE number BETWEEN ?1 AND ?2",
            )?;
            let range = (day.first.column(), day.last.column(), path);
            let found = read.query_map(range, |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Deletes the oldest entries of the day that begins with `first`, at most so many, with
    /// their personal parts and outbox rows, and keeps their place in the chain. A day that
    /// still owes an upload is held back as a whole. `act` is written down with it.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn retain(
        &self,
        first: EntryNumber,
        at_most: u32,
        act: Option<&Act<'_>>,
    ) -> Result<Retained, StoreError> {
        self.write(|db| {
            let Some(segment) = kept(db, first)? else { return Ok(Retained::default()) };
            if outbox::any_pending(db, segment.first)? {
                return Ok(Retained { held_back: true, ..Retained::default() });
            }
            let until = segment.last.min(segment.first + i64::from(at_most.max(1)) - 1);
            retire(db, &segment, until)?;
            for table in ["outbox", "details", "entries"] {
                db.execute(
                    &format!("DELETE FROM {table} WHERE number BETWEEN ?1 AND ?2"),
                    (segment.first, until),
                )?;
            }
            texts::note_deleted(db, segment.first, until)?;
            write_down(db, act)?;
            let deleted = (until - segment.first + 1).cast_unsigned();
            Ok(Retained { deleted, more: until < segment.last, held_back: false })
        })
    }

    /// Deletes the oldest personal parts of the day that begins with `first`, at most so many;
    /// the entries and their uploads stay. `act` is written down with it.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn retain_details(
        &self,
        first: EntryNumber,
        at_most: u32,
        act: Option<&Act<'_>>,
    ) -> Result<Retained, StoreError> {
        self.write(|db| {
            let Some(segment) = kept(db, first)? else { return Ok(Retained::default()) };
            db.execute("UPDATE segments SET details_whole = 0 WHERE first = ?1", [segment.first])?;
            let (from, to): (Option<i64>, Option<i64>) = db.query_row(
                "SELECT min(number), max(number) FROM (
                     SELECT number FROM details WHERE number BETWEEN ?1 AND ?2
                     ORDER BY number LIMIT ?3)",
                (segment.first, segment.last, at_most.max(1)),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let (from, to) = from.zip(to).unwrap_or((0, -1));
            let range = "DELETE FROM details WHERE number BETWEEN ?1 AND ?2";
            let deleted = db.execute(range, (from, to))? as u64;
            texts::note_deleted(db, from, to)?;
            write_down(db, act)?;
            let more = db.query_row(
                "SELECT EXISTS (SELECT 1 FROM details WHERE number BETWEEN ?1 AND ?2)",
                (segment.first, segment.last),
                |row| row.get(0),
            )?;
            Ok(Retained { deleted, more, held_back: false })
        })
    }
}

/// The segment that begins here, if its entries are still kept.
fn kept(db: &Connection, first: EntryNumber) -> Result<Option<Segment>, StoreError> {
    let mut read = db.prepare_cached(&format!(
        "SELECT {} FROM segments WHERE first = ?1 AND entries_kept",
        Segment::COLUMNS
    ))?;
    Ok(read.query_row([first.column()], Segment::from_row).optional()?)
}

/// Lets a segment go up to `until`: that part joins what went of the same day just before it.
fn retire(db: &Transaction<'_>, segment: &Segment, until: i64) -> Result<(), StoreError> {
    let head = if until == segment.last {
        db.execute("DELETE FROM segments WHERE first = ?1", [segment.first])?;
        segment.head
    } else {
        let mut read = db.prepare_cached("SELECT hash FROM entries WHERE number = ?1")?;
        let head: [u8; 32] = read.query_row([until], |row| row.get(0))?;
        db.execute(
            "UPDATE segments SET first = ?2, previous = ?3 WHERE first = ?1",
            (segment.first, until + 1, head),
        )?;
        head
    };
    let joined = db.execute(
        "UPDATE segments SET last = ?3, head = ?4
         WHERE last = ?1 - 1 AND day = ?2 AND NOT entries_kept",
        (segment.first, crate::values::Day(segment.day), until, head),
    )?;
    if joined == 0 {
        let went = Segment {
            last: until,
            head,
            entries_kept: false,
            details_whole: false,
            ..segment.clone()
        };
        went.insert(db)?;
    }
    Ok(())
}

fn write_down(db: &Transaction<'_>, act: Option<&Act<'_>>) -> Result<(), StoreError> {
    if let Some(act) = act {
        audit::append(db, act)?;
    }
    Ok(())
}
