//! Who is inside now (在内人员): when they came, and when they left.

use std::fmt;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};
use uuid::Uuid;

use crate::values::{Bits64, Micros};
use crate::{Store, StoreError};

pub(crate) const V9: &str = "
CREATE TABLE inside (
    number   INTEGER NOT NULL PRIMARY KEY,
    -- the entry that says they came in
    entry    BLOB    NOT NULL UNIQUE CHECK (length(entry) = 16),
    -- the keyed hash of a document
    person   INTEGER,
    -- masked, as a screen shows them
    name     TEXT,
    document TEXT,
    came_at  INTEGER NOT NULL,
    -- the entry that says they left, and when
    went     BLOB    UNIQUE CHECK (length(went) = 16),
    left_at  INTEGER
);
CREATE INDEX inside_now ON inside (person) WHERE left_at IS NULL;
";

pub(crate) const V10: &str = "
-- Who left by this desk and is not known to have come in by it.
CREATE TABLE left_elsewhere (
    number  INTEGER NOT NULL PRIMARY KEY,
    -- the entry that says so
    went    BLOB    NOT NULL UNIQUE CHECK (length(went) = 16),
    person  INTEGER NOT NULL,
    left_at INTEGER NOT NULL
);
";

/// Somebody who came in. Its `Debug` shows the entry only.
#[derive(Clone, PartialEq, Eq)]
pub struct InsideRow {
    /// The entry that says so.
    pub entry: Uuid,
    /// The keyed hash of their document; `None` for whoever showed none.
    pub person: Option<u64>,
    /// The masked name.
    pub name: Option<String>,
    /// The masked number of the document.
    pub document: Option<String>,
    /// When they came.
    pub came_at: Timestamp,
}

impl fmt::Debug for InsideRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InsideRow").field("entry", &self.entry).finish_non_exhaustive()
    }
}

impl Store {
    /// Notes that somebody came in.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn come_in(&self, one: &InsideRow) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute(
                "INSERT INTO inside (entry, person, name, document, came_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (
                    one.entry.into_bytes(),
                    one.person.map(Bits64),
                    &one.name,
                    &one.document,
                    Micros(one.came_at),
                ),
            )?;
            Ok(())
        })
    }

    /// The entry by which somebody came in is put right by another, which says the same; `false`
    /// when nobody of that entry is inside.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn came_by(&self, entry: Uuid, newer: Uuid) -> Result<bool, StoreError> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE inside SET entry = ?2 WHERE entry = ?1 AND left_at IS NULL",
                (entry.into_bytes(), newer.into_bytes()),
            )?;
            Ok(changed > 0)
        })
    }

    /// Notes that whoever came in by `entry` left, and by which entry that is known; the same
    /// where `entry` said already that they left. `false` when it is about nobody.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn go_out(&self, entry: Uuid, went: Uuid, at: Timestamp) -> Result<bool, StoreError> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE inside SET went = ?2, left_at = coalesce(left_at, ?3)
                 WHERE (entry = ?1 AND left_at IS NULL) OR went = ?1",
                (entry.into_bytes(), went.into_bytes(), Micros(at)),
            )?;
            let again = db.execute(
                "UPDATE left_elsewhere SET went = ?2 WHERE went = ?1",
                (entry.into_bytes(), went.into_bytes()),
            )?;
            Ok(changed + again > 0)
        })
    }

    /// Notes that somebody left by `went` who is not known to have come in by this desk: they
    /// came by another, or nobody saw them.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn leave_elsewhere(
        &self,
        went: Uuid,
        person: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute(
                "INSERT INTO left_elsewhere (went, person, left_at) VALUES (?1, ?2, ?3)",
                (went.into_bytes(), Bits64(person), Micros(at)),
            )?;
            Ok(())
        })
    }

    /// Who left by this desk without having come in by it: keyed hashes, and when.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn left_elsewhere(&self) -> Result<Vec<(u64, Timestamp)>, StoreError> {
        self.read(|db| {
            let mut read =
                db.prepare_cached("SELECT person, left_at FROM left_elsewhere ORDER BY number")?;
            let found = read.query_map([], |row| {
                let (Bits64(person), Micros(at)) = (row.get(0)?, row.get(1)?);
                Ok((person, at))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Takes back what an entry said: that somebody came in, or that they left. `false` when it
    /// had said neither.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn take_back_inside(&self, entry: Uuid) -> Result<bool, StoreError> {
        self.write(|db| {
            let entry = entry.into_bytes();
            let came = db.execute("DELETE FROM inside WHERE entry = ?1", [entry])?;
            let went = db.execute(
                "UPDATE inside SET went = NULL, left_at = NULL WHERE went = ?1",
                [entry],
            )?;
            let elsewhere = db.execute("DELETE FROM left_elsewhere WHERE went = ?1", [entry])?;
            Ok(came + went + elsewhere > 0)
        })
    }

    /// Somebody who is inside, by one of the keyed hashes of their document; when they came last.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn found_inside(&self, person: u64) -> Result<Option<InsideRow>, StoreError> {
        self.read(|db| {
            let sql = format!(
                "SELECT {ROW} FROM inside WHERE person = ?1 AND left_at IS NULL
                 ORDER BY came_at DESC LIMIT 1"
            );
            let mut read = db.prepare_cached(&sql)?;
            Ok(read.query_row([Bits64(person)], row).optional()?)
        })
    }

    /// Everybody who is inside, whoever came last first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn inside(&self) -> Result<Vec<InsideRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "SELECT {ROW} FROM inside WHERE left_at IS NULL ORDER BY came_at DESC, number DESC"
            ))?;
            Ok(read.query_map([], row)?.collect::<Result<_, _>>()?)
        })
    }

    /// How many are inside.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn count_inside(&self) -> Result<u32, StoreError> {
        self.read(|db| {
            let mut read =
                db.prepare_cached("SELECT count(*) FROM inside WHERE left_at IS NULL")?;
            Ok(read.query_row([], |row| row.get(0))?)
        })
    }

    /// How many came in and how many left from `from` until `to`, and how many were inside at
    /// `to`.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn comings(&self, from: Timestamp, to: Timestamp) -> Result<(u32, u32, u32), StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT count(*) FILTER (WHERE came_at >= ?1 AND came_at < ?2),
                        count(*) FILTER (WHERE left_at >= ?1 AND left_at < ?2)
                        + (SELECT count(*) FROM left_elsewhere
                           WHERE left_at >= ?1 AND left_at < ?2),
                        count(*) FILTER (WHERE came_at < ?2 AND (left_at IS NULL OR left_at >= ?2))
                 FROM inside",
            )?;
            let counts = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            Ok(read.query_row([Micros(from), Micros(to)], counts)?)
        })
    }

    /// Forgets whoever came in before `before`, gone or not, and answers how many.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn retain_inside(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write(|db| {
            db.execute("DELETE FROM left_elsewhere WHERE left_at < ?1", [Micros(before)])?;
            Ok(db.execute("DELETE FROM inside WHERE came_at < ?1", [Micros(before)])? as u64)
        })
    }
}

const ROW: &str = "entry, person, name, document, came_at";

fn row(row: &Row<'_>) -> rusqlite::Result<InsideRow> {
    Ok(InsideRow {
        entry: Uuid::from_bytes(row.get(0)?),
        person: row.get::<_, Option<Bits64>>(1)?.map(|Bits64(person)| person),
        name: row.get(2)?,
        document: row.get(3)?,
        came_at: row.get(4).map(|Micros(at)| at)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, fresh, reopen};

    fn somebody(n: u128, person: Option<u64>, came: u64) -> InsideRow {
        InsideRow {
            entry: Uuid::from_u128(n),
            person,
            name: Some("王*".to_owned()),
            document: Some("3501**********0012".to_owned()),
            came_at: at(came),
        }
    }

    #[test]
    fn people_come_and_go_and_the_file_remembers() {
        let (folder, store) = fresh();
        let people =
            [somebody(1, Some(u64::MAX), 1), somebody(2, Some(7), 2), somebody(3, None, 3)];
        for one in &people {
            store.come_in(one).unwrap();
        }
        assert_eq!(store.count_inside().unwrap(), 3);
        assert_eq!(store.found_inside(u64::MAX).unwrap(), Some(people[0].clone()));
        assert_eq!(store.found_inside(8).unwrap(), None);
        let went = Uuid::from_u128(9);
        assert!(store.go_out(people[0].entry, went, at(5)).unwrap());
        assert!(!store.go_out(people[0].entry, Uuid::from_u128(8), at(6)).unwrap(), "only once");
        assert!(store.go_out(went, Uuid::from_u128(10), at(7)).unwrap(), "said again");
        let went = Uuid::from_u128(10);
        assert!(store.came_by(people[1].entry, Uuid::from_u128(20)).unwrap());
        assert!(!store.came_by(people[0].entry, Uuid::from_u128(21)).unwrap(), "who left");
        assert_eq!(store.found_inside(u64::MAX).unwrap(), None);
        drop(store);
        let store = reopen(&folder);
        let inside: Vec<_> = store.inside().unwrap().iter().map(|one| one.came_at).collect();
        assert_eq!(inside, [at(3), at(2)], "whoever came last first");
        assert_eq!(store.comings(at(0), at(9)).unwrap(), (3, 1, 2));
        assert_eq!(store.comings(at(2), at(5)).unwrap(), (2, 0, 3), "left at the end, not before");
        assert!(store.take_back_inside(went).unwrap(), "they did not leave");
        assert!(store.take_back_inside(Uuid::from_u128(20)).unwrap(), "and that one did not come");
        assert!(!store.take_back_inside(Uuid::from_u128(99)).unwrap());
        assert_eq!(store.count_inside().unwrap(), 2);
        assert_eq!(store.retain_inside(at(3)).unwrap(), 1);
        assert_eq!(store.count_inside().unwrap(), 1);
    }

    #[test]
    fn who_left_without_having_come_in_here_is_known_until_it_is_taken_back() {
        let (folder, store) = fresh();
        let (went, again) = (Uuid::from_u128(1), Uuid::from_u128(2));
        store.leave_elsewhere(went, u64::MAX, at(5)).unwrap();
        assert!(store.go_out(went, again, at(6)).unwrap(), "said again");
        drop(store);
        let store = reopen(&folder);
        assert_eq!(
            store.left_elsewhere().unwrap(),
            [(u64::MAX, at(5))],
            "they left when they left"
        );
        assert!(!store.take_back_inside(went).unwrap());
        assert!(store.take_back_inside(again).unwrap());
        store.leave_elsewhere(went, 7, at(7)).unwrap();
        store.retain_inside(at(8)).unwrap();
        assert_eq!(store.left_elsewhere().unwrap(), []);
    }

    #[test]
    fn debug_shows_nobody() {
        let shown = format!("{:?}", somebody(1, Some(7), 1));
        assert!(!shown.contains('王') && !shown.contains("3501"), "{shown}");
    }
}
