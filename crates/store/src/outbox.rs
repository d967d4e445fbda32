//! What still has to reach the authority, and what became of it.
//!
//! A new entry has no row here: every page that a commit touches is enciphered, authenticated
//! and waited for, and at that moment a row would say nothing that the log does not say. There
//! is a row for every entry up to the newest whose upload was tried, and none above: what is
//! above is pending.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use uuid::Uuid;

use crate::entries::EntryNumber;
use crate::values::Micros;
use crate::{Store, StoreError};

pub(crate) const V1: &str = "
CREATE TABLE outbox (
    number INTEGER NOT NULL PRIMARY KEY REFERENCES entries (number),
    -- 0 pending, 1 sent, 2 rejected
    state  INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    attempts INTEGER NOT NULL DEFAULT 0,
    -- NULL: at once
    next_attempt_at INTEGER,
    reason TEXT
);
CREATE INDEX outbox_pending ON outbox (number, next_attempt_at) WHERE state = 0;
CREATE INDEX outbox_rejected ON outbox (number) WHERE state = 2;
";

/// The index of what is pending went: it had to be written with every entry, and what is
/// pending are the newest numbers anyway; see [`Settled`].
pub(crate) const V5: &str = "DROP INDEX outbox_pending;";

/// Nothing but the number: a program of before would take an entry without a row for one that
/// is not to be sent.
pub(crate) const V6: &str = "";

/// The newest number that has a row.
const NEWEST_TRIED: &str = "(SELECT coalesce(max(number), 0) FROM outbox)";

/// Up to which number nothing is pending. A row that is sent or rejected stays so, and a new
/// one has a higher number: what was found settled once is passed over for ever.
#[derive(Debug, Default)]
pub(crate) struct Settled(AtomicI64);

impl Settled {
    /// Looks from the first number on again: the file is another one.
    pub(crate) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Looks on from where it was looked before.
    pub(crate) fn look(&self, db: &Connection) -> Result<i64, StoreError> {
        let known = self.0.load(Ordering::Relaxed);
        let mut first = db.prepare_cached(
            "SELECT number FROM outbox WHERE number > ?1 AND state = 0 ORDER BY number LIMIT 1",
        )?;
        let settled = match first.query_row([known], |row| row.get::<_, i64>(0)).optional()? {
            Some(pending) => pending - 1,
            None => db
                .prepare_cached("SELECT coalesce(max(number), 0) FROM outbox")?
                .query_row([], |row| row.get(0))?,
        };
        Ok(self.0.fetch_max(settled, Ordering::Relaxed).max(settled))
    }
}

/// What became of an entry's upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upload {
    /// It is still to be sent.
    Pending {
        /// How often that failed.
        attempts: u32,
        /// Not before this; `None` is at once.
        next_attempt_at: Option<Timestamp>,
    },
    /// The authority has it.
    Sent,
    /// The authority refused it, for good.
    Rejected {
        /// Why, as it said.
        reason: String,
    },
}

impl Upload {
    /// Reads `state, attempts, next_attempt_at, reason` from column `first` on. Without a row it
    /// is pending.
    pub(crate) fn from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(match row.get::<_, Option<u8>>(first)? {
            Some(1) => Self::Sent,
            Some(2) => Self::Rejected {
                reason: row.get::<_, Option<String>>(first + 3)?.unwrap_or_default(),
            },
            _ => Self::Pending {
                attempts: row.get::<_, Option<u32>>(first + 1)?.unwrap_or(0),
                next_attempt_at: row.get::<_, Option<Micros>>(first + 2)?.map(|Micros(at)| at),
            },
        })
    }
}

/// An entry that is due to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The entry's place in the log.
    pub number: EntryNumber,
    /// The entry's id, which is the idempotency key.
    pub id: Uuid,
    /// How often sending failed.
    pub attempts: u32,
    /// The entry as it is uploaded.
    pub body: Vec<u8>,
}

/// An entry that the authority refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// The entry's place in the log.
    pub number: EntryNumber,
    /// The entry's id.
    pub id: Uuid,
    /// Why, as the authority said.
    pub reason: String,
}

/// How much the outbox holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Still to be sent.
    pub pending: u64,
    /// Refused by the authority.
    pub rejected: u64,
}

impl Store {
    /// Entries to send now, oldest first, so that an entry arrives before what amends it.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(|db| {
            let settled = self.settled().look(db)?;
            let row = |row: &Row<'_>| {
                Ok(OutboxRow {
                    number: EntryNumber::from_column(row.get(0)?),
                    id: Uuid::from_bytes(row.get(1)?),
                    attempts: row.get(2)?,
                    body: row.get(3)?,
                })
            };
            let mut tried = db.prepare_cached(
                "SELECT o.number, e.id, o.attempts, e.body
                 FROM outbox o JOIN entries e ON e.number = o.number
                 WHERE o.number > ?3 AND o.state = 0
                   AND (o.next_attempt_at IS NULL OR o.next_attempt_at <= ?1)
                 ORDER BY o.number LIMIT ?2",
            )?;
            let found = tried.query_map((Micros(now), limit, settled), row)?;
            let mut due = found.collect::<Result<Vec<_>, _>>()?;
            let mut new = db.prepare_cached(&format!(
                "SELECT number, id, 0, body FROM entries
                 WHERE number > {NEWEST_TRIED} ORDER BY number LIMIT ?1"
            ))?;
            let rest = limit.saturating_sub(u32::try_from(due.len()).unwrap_or(limit));
            for found in new.query_map([rest], row)? {
                due.push(found?);
            }
            Ok(due)
        })
    }

    /// The authority has these. Only pending rows change, so that an answer may be noted
    /// twice; answers how many did.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn mark_sent(&self, ids: &[Uuid]) -> Result<usize, StoreError> {
        self.change(ids, "state = 1, next_attempt_at = NULL", &[])
    }

    /// The authority refused this one for good. It is kept, and shown until its day ends.
    /// Answers whether it was pending.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn mark_rejected(&self, id: Uuid, reason: &str) -> Result<bool, StoreError> {
        let changed =
            self.change(&[id], "state = 2, next_attempt_at = NULL, reason = ?2", &[&reason])?;
        Ok(changed > 0)
    }

    /// Sending failed: try again at `next_attempt_at`. Counts an attempt each.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn postpone(&self, ids: &[Uuid], next_attempt_at: Timestamp) -> Result<usize, StoreError> {
        self.change(
            ids,
            "attempts = attempts + 1, next_attempt_at = ?2",
            &[&Micros(next_attempt_at)],
        )
    }

    /// Makes every postponed row due now: the authority is back, or the clock was wrong when
    /// the next attempt was set.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn make_due(&self) -> Result<usize, StoreError> {
        self.write(|db| {
            let sql = "UPDATE outbox SET next_attempt_at = NULL
                       WHERE number > ?1 AND state = 0 AND next_attempt_at IS NOT NULL";
            Ok(db.execute(sql, [self.settled().look(db)?])?)
        })
    }

    /// How many entries are pending and rejected.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        self.read(|db| {
            // Those without a row are counted by the days that they fill.
            let mut count = db.prepare_cached(&format!(
                "WITH tried (newest) AS (SELECT {NEWEST_TRIED})
                 SELECT (SELECT count(*) FROM outbox WHERE state = 0 AND number > ?1)
                        + (SELECT coalesce(sum(last - max(first - 1, newest)), 0)
                           FROM segments, tried WHERE entries_kept AND last > newest),
                        (SELECT count(*) FROM outbox WHERE state = 2)"
            ))?;
            Ok(count.query_row([self.settled().look(db)?], |row| {
                Ok(OutboxCounts {
                    pending: row.get::<_, i64>(0)?.cast_unsigned(),
                    rejected: row.get::<_, i64>(1)?.cast_unsigned(),
                })
            })?)
        })
    }

    /// The rejected rows, newest first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn rejected(&self, limit: u32) -> Result<Vec<RejectedRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT o.number, e.id, coalesce(o.reason, '')
                 FROM outbox o JOIN entries e ON e.number = o.number
                 WHERE o.state = 2 ORDER BY o.number DESC LIMIT ?1",
            )?;
            let found = read.query_map([limit], |row| {
                Ok(RejectedRow {
                    number: EntryNumber::from_column(row.get(0)?),
                    id: Uuid::from_bytes(row.get(1)?),
                    reason: row.get(2)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Sets `columns` of the pending rows of `ids` in one transaction.
    fn change(
        &self,
        ids: &[Uuid],
        columns: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<usize, StoreError> {
        self.write(|db| {
            give_rows(db, ids)?;
            let mut update = db.prepare_cached(&format!(
                "UPDATE outbox SET {columns}
                 WHERE state = 0 AND number = (SELECT number FROM entries WHERE id = ?1)"
            ))?;
            let mut changed = 0;
            for id in ids {
                let id = id.into_bytes();
                let first: &dyn rusqlite::ToSql = &id;
                let all: Vec<_> = std::iter::once(first).chain(values.iter().copied()).collect();
                changed += update.execute(all.as_slice())?;
            }
            Ok(changed)
        })
    }
}

/// Gives every entry up to the newest of these its row.
fn give_rows(db: &Transaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    let mut find = db.prepare_cached("SELECT number FROM entries WHERE id = ?1")?;
    let mut newest: Option<i64> = None;
    for id in ids {
        let number = find.query_row([id.into_bytes()], |row| row.get(0)).optional()?;
        newest = newest.max(number);
    }
    db.prepare_cached(&format!(
        "INSERT INTO outbox (number)
         SELECT number FROM entries WHERE number > {NEWEST_TRIED} AND number <= ?1"
    ))?
    .execute([newest])?;
    Ok(())
}

/// Whether any entry of a run is still to be sent, as SQL over `first` and `last` of a run whose
/// entries are here. `?1` is up to where nothing is pending, as far as that is known.
pub(crate) const ANY_PENDING: &str = "(last > (SELECT coalesce(max(number), 0) FROM outbox)
    OR EXISTS (SELECT 1 FROM outbox
               WHERE state = 0 AND number > ?1 AND number BETWEEN first AND last))";

/// Whether any entry of the run that begins here, whose entries are here, is still to be sent.
pub(crate) fn any_pending(db: &Transaction<'_>, first: i64) -> Result<bool, StoreError> {
    let sql = format!("SELECT {ANY_PENDING} FROM segments WHERE first = ?2");
    Ok(db.prepare_cached(&sql)?.query_row((0, first), |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, day, fill, fresh, reopen};

    fn due(store: &Store, seconds: u64) -> Vec<u64> {
        store.due(at(seconds), 100).unwrap().into_iter().map(|row| row.number.0).collect()
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn rows_go_from_pending_to_sent_or_rejected_and_no_further() {
        let (folder, store) = fresh();
        fill(&store, 1, 4, day(0));
        assert_eq!(due(&store, 0), [1, 2, 3, 4], "due at once, even before the entry's time");
        assert_eq!(store.mark_sent(&[id(1), id(99)]).unwrap(), 1, "99 is no entry");
        assert_eq!(store.mark_sent(&[id(1)]).unwrap(), 0, "noted twice");
        assert!(store.mark_rejected(id(2), "unknown station").unwrap());
        assert!(!store.mark_rejected(id(1), "late").unwrap(), "a sent row stays sent");
        assert_eq!(store.mark_sent(&[id(2)]).unwrap(), 0, "a rejected row stays rejected");
        assert_eq!(due(&store, 0), [3, 4]);
        assert_eq!(store.outbox_counts().unwrap(), OutboxCounts { pending: 2, rejected: 1 });
        drop(store);
        let store = reopen(&folder);
        let rejected = store.rejected(10).unwrap();
        assert_eq!(rejected.len(), 1);
        assert_eq!((rejected[0].number.0, rejected[0].id), (2, id(2)));
        assert_eq!(rejected[0].reason, "unknown station");
        let uploads: Vec<_> = store.last(4).unwrap().into_iter().map(|e| e.upload).collect();
        let pending = Upload::Pending { attempts: 0, next_attempt_at: None };
        let refused = Upload::Rejected { reason: "unknown station".to_owned() };
        assert_eq!(uploads, [pending.clone(), pending, refused, Upload::Sent]);
    }

    #[test]
    fn a_postponed_row_waits_for_its_time() {
        let (_folder, store) = fresh();
        fill(&store, 1, 3, day(0));
        assert_eq!(store.postpone(&[id(1), id(2)], at(60)).unwrap(), 2);
        assert_eq!(store.postpone(&[id(2)], at(120)).unwrap(), 1);
        for (now, expect) in
            [(0, &[3][..]), (59, &[3]), (60, &[1, 3]), (119, &[1, 3]), (120, &[1, 2, 3])]
        {
            assert_eq!(due(&store, now), expect, "at {now}");
        }
        let attempts: Vec<_> = store.due(at(120), 9).unwrap().iter().map(|r| r.attempts).collect();
        assert_eq!(attempts, [1, 2, 0]);
        assert_eq!(store.make_due().unwrap(), 2);
        assert_eq!(due(&store, 0), [1, 2, 3]);
        assert_eq!(store.due(at(0), 2).unwrap().len(), 2, "the limit counts");
    }

    #[test]
    fn an_entry_has_a_row_once_an_upload_was_tried_and_is_pending_before() {
        let (folder, store) = fresh();
        let rows = |store: &Store, expect: &[(i64, i64)]| {
            store.raw(|db| {
                let mut read = db.prepare("SELECT number, state FROM outbox ORDER BY number")?;
                let found = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                assert_eq!(found.collect::<Result<Vec<(i64, i64)>, _>>()?, expect);
                Ok(())
            });
        };
        let check = |store: &Store, pending: u64, expect: &[u64]| {
            assert_eq!(store.outbox_counts().unwrap().pending, pending);
            assert_eq!(due(store, 0), expect);
            store.check().unwrap();
        };
        fill(&store, 1, 3, day(0));
        fill(&store, 4, 4, day(1));
        rows(&store, &[]);
        check(&store, 7, &[1, 2, 3, 4, 5, 6, 7]);
        // An answer for one gives rows to those before it too.
        assert_eq!(store.mark_sent(&[id(5)]).unwrap(), 1);
        rows(&store, &[(1, 0), (2, 0), (3, 0), (4, 0), (5, 1)]);
        check(&store, 6, &[1, 2, 3, 4, 6, 7]);
        let owed: Vec<_> = store.days().unwrap().iter().map(|day| day.owed).collect();
        assert_eq!(owed, [true, true]);
        assert_eq!(store.mark_sent(&[1, 2, 3].map(id)).unwrap(), 3);
        let owed: Vec<_> = store.days().unwrap().iter().map(|day| day.owed).collect();
        assert_eq!(owed, [false, true]);
        // The newest rows go with their day; what is above them has still none.
        assert_eq!(store.mark_sent(&[4, 6, 7].map(id)).unwrap(), 3);
        fill(&store, 8, 2, day(2));
        assert_eq!(crate::testing::end_days(&store, day(2)), (7, 0));
        rows(&store, &[]);
        check(&store, 2, &[8, 9]);
        assert_eq!(crate::testing::end_days(&store, day(3)), (0, 2), "nothing owed goes");
        drop(store);
        let store = reopen(&folder);
        check(&store, 2, &[8, 9]);
        let none: [Uuid; 0] = [];
        assert_eq!((store.mark_sent(&none).unwrap(), store.mark_sent(&[id(3)]).unwrap()), (0, 0));
        rows(&store, &[]);
    }

    #[test]
    fn those_with_rows_come_before_those_without_and_the_limit_is_one() {
        let (_folder, store) = fresh();
        fill(&store, 1, 5, day(0));
        store.postpone(&[id(2)], at(60)).unwrap();
        for (now, limit, expect) in
            [(0, 2, &[1, 3][..]), (60, 2, &[1, 2]), (60, 4, &[1, 2, 3, 4]), (60, 0, &[])]
        {
            let found = store.due(at(now), limit).unwrap();
            let found: Vec<_> = found.iter().map(|row| row.number.0).collect();
            assert_eq!(found, expect, "{limit} at {now}");
        }
    }

    #[test]
    fn the_row_carries_what_is_uploaded() {
        let (_folder, store) = fresh();
        fill(&store, 1, 1, day(0));
        let row = store.due(at(0), 1).unwrap().remove(0);
        assert_eq!((row.id, row.body), (id(1), br#"{"n":1}"#.to_vec()));
    }
}
