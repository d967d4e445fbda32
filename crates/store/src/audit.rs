//! What was done with this desk, beside its verdicts: who signed in, who looked, who exported,
//! who changed what. Append-only and chained, as the entry log is.
//!
//! ```text
//! hash = SHA-256( "yanma-audit-v1" ‖ previous hash (32) ‖ number (u64) ‖ at (i64 µs since 1970)
//!                 ‖ operator? ‖ act ‖ subject? ‖ detail? )
//! ```
//!
//! Numbers are big-endian; a text has its length before it as a u64, an optional one the byte 0
//! when it is absent and 1 before it when it is there.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use crate::entries::Framed;
use crate::values::Micros;
use crate::{Store, StoreError};

pub(crate) const V2: &str = "
CREATE TABLE audit (
    number   INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    operator TEXT,
    act      TEXT    NOT NULL,
    subject  TEXT,
    detail   TEXT,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
";

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act<'a> {
    /// When.
    pub at: Timestamp,
    /// By whom; `None` when nobody had signed in.
    pub operator: Option<&'a str>,
    /// What, in kebab-case: `sign-in`, `export-log`, …
    pub act: &'a str,
    /// To what: an entry's id, an operator's, a setting's name. Never a person's name or number.
    pub subject: Option<&'a str>,
    /// Why, or from what to what.
    pub detail: Option<&'a str>,
}

/// A line of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place: 1, 2, 3 … without gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub operator: Option<String>,
    /// What.
    pub act: String,
    /// To what.
    pub subject: Option<String>,
    /// Why.
    pub detail: Option<String>,
}

impl Store {
    /// Writes down an act, also where this store only reads: that somebody looked is kept,
    /// whoever works with the desk meanwhile. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn audit(&self, act: &Act<'_>) -> Result<u64, StoreError> {
        self.write_beside(|db| append(db, act))
    }

    /// The newest lines before `before`, newest first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn audit_rows(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT number, at, operator, act, subject, detail FROM audit
                 WHERE number < ?1 ORDER BY number DESC LIMIT ?2",
            )?;
            let before = before.and_then(|n| i64::try_from(n).ok()).unwrap_or(i64::MAX);
            Ok(read.query_map((before, limit), from_row)?.collect::<Result<_, _>>()?)
        })
    }

    /// How often something was done from `from` on and before `to`.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn count_acts(&self, act: &str, from: Timestamp, to: Timestamp) -> Result<u64, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT count(*) FROM audit WHERE act = ?1 AND at >= ?2 AND at < ?3",
            )?;
            let count =
                read.query_row((act, Micros(from), Micros(to)), |row| row.get::<_, i64>(0))?;
            Ok(count.cast_unsigned())
        })
    }

    /// Goes along the whole chain and answers how long it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::AuditBroken`] with the first number that is not as it was written.
    pub fn check_audit(&self) -> Result<u64, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT number, at, operator, act, subject, detail, previous, hash FROM audit
                 ORDER BY number",
            )?;
            let mut rows = read.query([])?;
            let (mut expect, mut last) = (1, [0; 32]);
            while let Some(row) = rows.next()? {
                let line = from_row(row)?;
                let (previous, hash): ([u8; 32], [u8; 32]) = (row.get(6)?, row.get(7)?);
                let act = Act {
                    at: line.at,
                    operator: line.operator.as_deref(),
                    act: &line.act,
                    subject: line.subject.as_deref(),
                    detail: line.detail.as_deref(),
                };
                let whole = line.number == expect
                    && previous == last
                    && hash == hash_of(&last, line.number, &act);
                if !whole {
                    return Err(StoreError::AuditBroken { number: expect });
                }
                (expect, last) = (expect + 1, hash);
            }
            Ok(expect - 1)
        })
    }
}

pub(crate) fn append(db: &Transaction<'_>, act: &Act<'_>) -> Result<u64, StoreError> {
    let (number, previous) = head(db)?.map_or((1, [0; 32]), |(last, hash)| (last + 1, hash));
    db.prepare_cached(
        "INSERT INTO audit (number, at, operator, act, subject, detail, previous, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        number.cast_signed(),
        Micros(act.at),
        act.operator,
        act.act,
        act.subject,
        act.detail,
        previous,
        hash_of(&previous, number, act),
    ))?;
    Ok(number)
}

fn head(db: &Connection) -> rusqlite::Result<Option<(u64, [u8; 32])>> {
    db.prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)))
        .optional()
}

fn hash_of(previous: &[u8; 32], number: u64, act: &Act<'_>) -> [u8; 32] {
    let mut hasher = Framed::new(b"yanma-audit-v1");
    hasher.raw(previous);
    hasher.raw(&number.to_be_bytes());
    hasher.raw(&act.at.as_microsecond().to_be_bytes());
    hasher.optional(act.operator.map(str::as_bytes));
    hasher.framed(act.act.as_bytes());
    hasher.optional(act.subject.map(str::as_bytes));
    hasher.optional(act.detail.map(str::as_bytes));
    hasher.finish()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        number: row.get::<_, i64>(0)?.cast_unsigned(),
        at: row.get(1).map(|Micros(at)| at)?,
        operator: row.get(2)?,
        act: row.get(3)?,
        subject: row.get(4)?,
        detail: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, fresh};

    fn act(n: u64) -> Act<'static> {
        Act { at: at(n), operator: Some("a-1"), act: "export-log", subject: None, detail: None }
    }

    #[test]
    fn acts_are_numbered_and_read_newest_first() {
        let (_folder, store) = fresh();
        assert_eq!(store.check_audit().unwrap(), 0);
        for n in 1..=5 {
            assert_eq!(store.audit(&act(n)).unwrap(), n);
        }
        let numbers = |before, limit| {
            let rows = store.audit_rows(before, limit).unwrap();
            rows.iter().map(|row| row.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(None, 2), [5, 4]);
        assert_eq!(numbers(Some(4), 9), [3, 2, 1]);
        assert_eq!(store.check_audit().unwrap(), 5);
        assert_eq!(store.count_acts("export-log", at(2), at(5)).unwrap(), 3);
        assert_eq!(store.count_acts("override", at(0), at(9)).unwrap(), 0);
    }

    #[test]
    fn the_audit_refuses_to_be_changed() {
        let (_folder, store) = fresh();
        store.audit(&act(1)).unwrap();
        store.raw(|db| {
            for sql in ["UPDATE audit SET operator = 'b'", "DELETE FROM audit"] {
                assert!(db.execute(sql, []).is_err(), "{sql}");
            }
            Ok(())
        });
    }

    #[test]
    fn what_was_altered_past_the_store_is_found() {
        for (tamper, first_bad) in [
            ("UPDATE audit SET operator = 'b' WHERE number = 2", 2),
            ("UPDATE audit SET detail = '' WHERE number = 3", 3),
            ("DELETE FROM audit WHERE number = 2", 2),
            ("UPDATE audit SET number = number + 10 WHERE number = 3", 3),
        ] {
            let (_folder, store) = fresh();
            (1..=3).for_each(|n| assert_eq!(store.audit(&act(n)).unwrap(), n));
            store.raw(|db| {
                db.execute_batch(
                    "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted;",
                )?;
                db.execute_batch(tamper)
            });
            let found = store.check_audit();
            assert!(
                matches!(found, Err(StoreError::AuditBroken { number }) if number == first_bad),
                "{tamper}: {found:?}"
            );
        }
    }
}
