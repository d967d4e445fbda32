//! The highest time ever seen, which a clock that was set back cannot undo.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::values::Micros;
use crate::{Store, StoreError};

pub(crate) const V1: &str = "
CREATE TABLE clock (
    source TEXT    NOT NULL PRIMARY KEY CHECK (source IN ('machine', 'authority')),
    highest INTEGER NOT NULL
);
";

/// The highest times seen so far, to the microsecond; `None` until there was one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// By this machine's own clock.
    pub machine: Option<Timestamp>,
    /// Said and signed by an authority.
    pub authority: Option<Timestamp>,
}

impl Store {
    /// The highest times seen.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn clock(&self) -> Result<Clock, StoreError> {
        self.read(clock_in)
    }

    /// Raises the machine's highest time to `now`; an earlier `now` changes nothing. Each
    /// rise is a durable write: call it about once a minute, not once a reading.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn see_time(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(|db| raise(db, "machine", now))
    }

    /// Raises the authority's highest time to `at`, as an answer or a head stated it.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn see_authority_time(&self, at: Timestamp) -> Result<(), StoreError> {
        self.write(|db| raise(db, "authority", at))
    }

    /// Sets the machine's highest time to `to`, which may be earlier: the way out when this
    /// machine's clock once ran in a wrong future. Only for a `to` that an authority or a
    /// person vouches for; the authority's highest time is not touched.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn correct_time(&self, to: Timestamp) -> Result<(), StoreError> {
        self.write(|db| put(db, "machine", to))
    }

    /// Sets the authority's highest time to `to`, which may be earlier: the way out when its own
    /// clock once ran in a wrong future. Only for the time of a head that is newer than any
    /// before; the machine's highest time is not touched.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn correct_authority_time(&self, to: Timestamp) -> Result<(), StoreError> {
        self.write(|db| put(db, "authority", to))
    }
}

fn put(db: &Transaction<'_>, source: &str, at: Timestamp) -> Result<(), StoreError> {
    db.execute("DELETE FROM clock WHERE source = ?1", [source])?;
    raise(db, source, at)
}

/// The highest times that a file has seen.
pub(crate) fn clock_in(db: &Connection) -> Result<Clock, StoreError> {
    let mut read = db.prepare_cached("SELECT highest FROM clock WHERE source = ?1")?;
    let mut highest = |source: &str| {
        read.query_row([source], |row| row.get(0)).optional().map(|at| at.map(|Micros(t)| t))
    };
    Ok(Clock { machine: highest("machine")?, authority: highest("authority")? })
}

pub(crate) fn raise(db: &Transaction<'_>, source: &str, at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO clock (source, highest) VALUES (?1, ?2)
         ON CONFLICT (source) DO UPDATE SET highest = max(highest, excluded.highest)",
    )?
    .execute((source, Micros(at)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, fresh, reopen};

    #[test]
    fn time_only_rises() {
        let (folder, store) = fresh();
        assert_eq!(store.clock().unwrap(), Clock::default());
        for (seen, highest) in [(10, 10), (12, 12), (11, 12), (12, 12), (13, 13)] {
            store.see_time(at(seen)).unwrap();
            assert_eq!(store.clock().unwrap().machine, Some(at(highest)), "after {seen}");
        }
        store.see_authority_time(at(5)).unwrap();
        store.see_authority_time(at(4)).unwrap();
        let expect = Clock { machine: Some(at(13)), authority: Some(at(5)) };
        drop(store);
        assert_eq!(reopen(&folder).clock().unwrap(), expect, "stored");
    }

    #[test]
    fn a_wrong_future_can_be_left() {
        let (_folder, store) = fresh();
        store.see_time("2099-01-01T00:00:00Z".parse().unwrap()).unwrap();
        store.see_authority_time(at(20)).unwrap();
        store.correct_time(at(21)).unwrap();
        assert_eq!(
            store.clock().unwrap(),
            Clock { machine: Some(at(21)), authority: Some(at(20)) }
        );
        store.correct_authority_time(at(9)).unwrap();
        let expect = Clock { machine: Some(at(21)), authority: Some(at(9)) };
        assert_eq!(store.clock().unwrap(), expect);
    }
}
