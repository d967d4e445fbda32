//! Shifts (班次): who worked at this desk from when to when. One at a time.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::values::Micros;
use crate::{Store, StoreError};

pub(crate) const V2: &str = "
CREATE TABLE shifts (
    number   INTEGER NOT NULL PRIMARY KEY,
    operator TEXT    NOT NULL,
    began    INTEGER NOT NULL,
    ended    INTEGER
);
CREATE UNIQUE INDEX shifts_one_open ON shifts (ended IS NULL) WHERE ended IS NULL;
";

/// One shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftRow {
    /// Its number on this desk.
    pub number: u64,
    /// Whose.
    pub operator: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` while it goes on.
    pub ended: Option<Timestamp>,
}

impl Store {
    /// Ends the shift that is open, if one is, and begins one of `operator`.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn begin_shift(&self, operator: &str, at: Timestamp) -> Result<ShiftRow, StoreError> {
        self.write(|db| {
            db.execute("UPDATE shifts SET ended = ?1 WHERE ended IS NULL", [Micros(at)])?;
            db.execute(
                "INSERT INTO shifts (operator, began) VALUES (?1, ?2)",
                (operator, Micros(at)),
            )?;
            let number = db.last_insert_rowid().cast_unsigned();
            Ok(ShiftRow { number, operator: operator.to_owned(), began: at, ended: None })
        })
    }

    /// Ends the shift that is open; answers whether one was.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn end_shift(&self, at: Timestamp) -> Result<bool, StoreError> {
        self.write(|db| {
            let sql = "UPDATE shifts SET ended = ?1 WHERE ended IS NULL";
            Ok(db.execute(sql, [Micros(at)])? > 0)
        })
    }

    /// The shift that is open.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn open_shift(&self) -> Result<Option<ShiftRow>, StoreError> {
        self.read(|db| {
            let sql = "SELECT number, operator, began, ended FROM shifts WHERE ended IS NULL";
            Ok(db.prepare_cached(sql)?.query_row([], from_row).optional()?)
        })
    }

    /// The newest shifts, newest first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn shifts(&self, limit: u32) -> Result<Vec<ShiftRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT number, operator, began, ended FROM shifts ORDER BY number DESC LIMIT ?1",
            )?;
            Ok(read.query_map([limit], from_row)?.collect::<Result<_, _>>()?)
        })
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ShiftRow> {
    Ok(ShiftRow {
        number: row.get::<_, i64>(0)?.cast_unsigned(),
        operator: row.get(1)?,
        began: row.get(2).map(|Micros(at)| at)?,
        ended: row.get::<_, Option<Micros>>(3)?.map(|Micros(at)| at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, fresh, reopen};

    #[test]
    fn one_shift_follows_another() {
        let (folder, store) = fresh();
        assert_eq!(store.open_shift().unwrap(), None);
        assert!(!store.end_shift(at(0)).unwrap());
        let first = store.begin_shift("a-1", at(1)).unwrap();
        assert_eq!(store.open_shift().unwrap(), Some(first.clone()));
        let second = store.begin_shift("a-2", at(9)).unwrap();
        drop(store);
        let store = reopen(&folder);
        assert_eq!(store.open_shift().unwrap(), Some(second.clone()), "a restart ends no shift");
        let ended = ShiftRow { ended: Some(at(9)), ..first };
        assert_eq!(store.shifts(9).unwrap(), [second, ended]);
        assert!(store.end_shift(at(12)).unwrap());
        assert_eq!(store.open_shift().unwrap(), None);
        assert_eq!(store.shifts(1).unwrap()[0].ended, Some(at(12)));
    }
}
