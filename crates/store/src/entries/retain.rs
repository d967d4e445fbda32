//! Ending retention: whole days go, the chain stays.

use jiff::civil::Date;
use rusqlite::Transaction;

use super::Segment;
use crate::values::Day;
use crate::{Store, StoreError, outbox};

/// What ending retention took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Entries that were deleted, with their details and outbox rows.
    pub deleted: u64,
    /// Entries of days that are due but stay, because at least one of the day's entries is
    /// still to be uploaded. They go with the first call after that.
    pub held_back: u64,
}

impl Store {
    /// Deletes the entries of all days before `before`, day by day as a whole, and keeps
    /// each day's place in the chain. A day that still owes an upload is held back; rejected
    /// uploads do not hold their day.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn retain(&self, before: Date) -> Result<Retained, StoreError> {
        self.write(|db| {
            let mut report = Retained::default();
            for segment in due(db, "entries_kept", before)? {
                let range = (segment.first, segment.last);
                let entries = (segment.last - segment.first + 1).cast_unsigned();
                if outbox::any_pending(db, range)? {
                    report.held_back += entries;
                    continue;
                }
                db.execute(
                    "UPDATE segments SET entries_kept = 0, details_whole = 0 WHERE first = ?1",
                    [segment.first],
                )?;
                for table in ["outbox", "details", "entries"] {
                    db.execute(
                        &format!("DELETE FROM {table} WHERE number BETWEEN ?1 AND ?2"),
                        range,
                    )?;
                }
                report.deleted += entries;
            }
            Ok(report)
        })
    }

    /// Deletes the personal part of all entries of days before `before`; the entries and
    /// their uploads stay. Answers how many there were.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn retain_details(&self, before: Date) -> Result<u64, StoreError> {
        self.write(|db| {
            let mut deleted = 0;
            for segment in due(db, "details_whole", before)? {
                db.execute(
                    "UPDATE segments SET details_whole = 0 WHERE first = ?1",
                    [segment.first],
                )?;
                deleted += db.execute(
                    "DELETE FROM details WHERE number BETWEEN ?1 AND ?2",
                    (segment.first, segment.last),
                )?;
            }
            Ok(deleted as u64)
        })
    }
}

fn due(db: &Transaction<'_>, flag: &str, before: Date) -> Result<Vec<Segment>, StoreError> {
    let mut read = db.prepare(&format!(
        "SELECT {} FROM segments WHERE {flag} AND day < ?1 ORDER BY first",
        Segment::COLUMNS
    ))?;
    let found = read.query_map([Day(before)], Segment::from_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}
