//! Lists of people who are expected (名单): tonight's arrivals of a hotel, a tour group, a
//! roster. They name people in full, for a few days, and go as a whole.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use uuid::Uuid;

use crate::values::{Bits64, Day, Micros};
use crate::{Store, StoreError};

pub(crate) const V4: &str = "
CREATE TABLE lists (
    number  INTEGER NOT NULL PRIMARY KEY,
    id      BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    name    TEXT    NOT NULL,
    -- the day on which the people are expected; the list goes some days after it
    day     TEXT    NOT NULL,
    made_at INTEGER NOT NULL
);
CREATE TABLE listed (
    list          INTEGER NOT NULL REFERENCES lists (number) ON DELETE CASCADE,
    line          INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    document_type TEXT,
    document      TEXT,
    -- the keyed hash of the document
    hash          INTEGER,
    room          TEXT,
    nights        INTEGER,
    note          TEXT,
    problem       TEXT,
    decision      TEXT,
    reasons       TEXT    NOT NULL DEFAULT '',
    checked_at    INTEGER,
    entry         BLOB    CHECK (length(entry) = 16),
    arrived_at    INTEGER,
    UNIQUE (list, line)
);
CREATE INDEX listed_hash ON listed (hash) WHERE hash IS NOT NULL;
";

/// A list, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// Its name for programs.
    pub id: Uuid,
    /// What the people at the desk call it.
    pub name: String,
    /// The day on which its people are expected.
    pub day: Date,
    /// When it was taken in.
    pub made_at: Timestamp,
    /// How many people are on it.
    pub people: u32,
    /// How many of them were checked ahead.
    pub checked: u32,
    /// How many have come.
    pub arrived: u32,
}

/// Somebody on a list. Its `Debug` shows the line only.
#[derive(Clone, PartialEq, Eq)]
pub struct ListedRow {
    /// The line of the file it came from, from 1; the header line counts.
    pub line: u32,
    /// The name in full.
    pub name: String,
    /// The kind of document.
    pub document_type: Option<String>,
    /// The number in full.
    pub document: Option<String>,
    /// The keyed hash of the document.
    pub hash: Option<u64>,
    /// The room that is meant for them.
    pub room: Option<String>,
    /// For how many nights.
    pub nights: Option<u32>,
    /// The flight they are on, such as `MF8101`.
    pub flight: Option<String>,
    /// Their seat in it.
    pub seat: Option<String>,
    /// Anything else that the list said.
    pub note: Option<String>,
    /// Why they cannot be checked ahead.
    pub problem: Option<String>,
    /// What was found ahead: `admit`, `refuse` or `refer`.
    pub decision: Option<String>,
    /// Its reasons, by code.
    pub reasons: Vec<String>,
    /// When.
    pub checked_at: Option<Timestamp>,
    /// The entry with which they came.
    pub entry: Option<Uuid>,
    /// When they came.
    pub arrived_at: Option<Timestamp>,
}

impl fmt::Debug for ListedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListedRow").field("line", &self.line).finish_non_exhaustive()
    }
}

/// What was found of somebody ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAhead {
    /// The line of the list.
    pub line: u32,
    /// `admit`, `refuse` or `refer`.
    pub decision: &'static str,
    /// Its reasons, by code.
    pub reasons: Vec<&'static str>,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Takes in a list with its people, as a whole.
    ///
    /// # Errors
    ///
    /// As any write; nothing of it was taken in then.
    pub fn put_list(&self, list: &ListRow, people: &[ListedRow]) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute(
                "INSERT INTO lists (id, name, day, made_at) VALUES (?1, ?2, ?3, ?4)",
                (list.id.into_bytes(), &list.name, Day(list.day), Micros(list.made_at)),
            )?;
            let number = db.last_insert_rowid();
            let mut insert = db.prepare_cached(
                "INSERT INTO listed (list, line, name, document_type, document, hash, room,
                                     nights, note, problem, flight, seat)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?;
            for one in people {
                insert.execute((
                    number,
                    one.line,
                    &one.name,
                    &one.document_type,
                    &one.document,
                    one.hash.map(Bits64),
                    &one.room,
                    one.nights,
                    &one.note,
                    &one.problem,
                    &one.flight,
                    &one.seat,
                ))?;
            }
            Ok(())
        })
    }

    /// Every list, the newest day first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn lists(&self) -> Result<Vec<ListRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT l.id, l.name, l.day, l.made_at, count(p.line), count(p.checked_at),
                        count(p.arrived_at)
                 FROM lists l LEFT JOIN listed p ON p.list = l.number
                 GROUP BY l.number ORDER BY l.day DESC, l.number DESC",
            )?;
            Ok(read.query_map([], list_from_row)?.collect::<Result<_, _>>()?)
        })
    }

    /// The lists of a day by id and name, the newest first: asked with every verdict, so
    /// nobody is counted.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn lists_on(&self, day: Date) -> Result<Vec<(Uuid, String)>, StoreError> {
        self.read(|db| {
            let mut read = db
                .prepare_cached("SELECT id, name FROM lists WHERE day = ?1 ORDER BY number DESC")?;
            let found =
                read.query_map([Day(day)], |row| Ok((Uuid::from_bytes(row.get(0)?), row.get(1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Somebody of a list by line.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn listed_at(&self, list: Uuid, line: u32) -> Result<Option<ListedRow>, StoreError> {
        self.read(|db| {
            let Some(number) = number_of(db, list)? else { return Ok(None) };
            let mut read = db.prepare_cached(&format!(
                "SELECT {PERSON} FROM listed p WHERE p.list = ?1 AND p.line = ?2"
            ))?;
            Ok(read.query_row((number, line), |row| person_from_row(row, 0)).optional()?)
        })
    }

    /// The people of a list, in the order of its file.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn listed(&self, list: Uuid) -> Result<Vec<ListedRow>, StoreError> {
        self.read(|db| {
            let Some(number) = number_of(db, list)? else { return Ok(Vec::new()) };
            let mut read = db.prepare_cached(&format!(
                "SELECT {PERSON} FROM listed p WHERE list = ?1 ORDER BY line"
            ))?;
            Ok(read
                .query_map([number], |row| person_from_row(row, 0))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Where somebody with this document is listed for `day`: those of the newest list first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn expected(&self, hash: u64, day: Date) -> Result<Vec<(Uuid, ListedRow)>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "SELECT l.id, {PERSON} FROM listed p JOIN lists l ON l.number = p.list
                 WHERE p.hash = ?1 AND l.day = ?2
                 ORDER BY l.number DESC, p.line"
            ))?;
            let found = read.query_map((Bits64(hash), Day(day)), |row| {
                Ok((Uuid::from_bytes(row.get(0)?), person_from_row(row, 1)?))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps what was found of people ahead, all of it in one transaction.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn keep_found(&self, list: Uuid, found: &[FoundAhead]) -> Result<(), StoreError> {
        self.write(|db| {
            let Some(number) = number_of(db, list)? else { return Ok(()) };
            let mut update = db.prepare_cached(
                "UPDATE listed SET decision = ?3, reasons = ?4, checked_at = ?5
                 WHERE list = ?1 AND line = ?2",
            )?;
            for one in found {
                let reasons = one.reasons.join(" ");
                update.execute((number, one.line, one.decision, reasons, Micros(one.at)))?;
            }
            Ok(())
        })
    }

    /// Says that somebody of a list has come; `false` when they had come already, or nobody
    /// of that line is expected.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn set_arrived(
        &self,
        list: Uuid,
        line: u32,
        entry: Uuid,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(|db| {
            let Some(number) = number_of(db, list)? else { return Ok(false) };
            let changed = db.execute(
                "UPDATE listed SET entry = ?3, arrived_at = ?4
                 WHERE list = ?1 AND line = ?2 AND arrived_at IS NULL",
                (number, line, entry.into_bytes(), Micros(at)),
            )?;
            Ok(changed > 0)
        })
    }

    /// Takes back that somebody came, which this entry had said; `false` when nobody had come by
    /// it.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn take_back_arrival(&self, entry: Uuid) -> Result<bool, StoreError> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE listed SET entry = NULL, arrived_at = NULL WHERE entry = ?1",
                [entry.into_bytes()],
            )?;
            Ok(changed > 0)
        })
    }

    /// Forgets a list and everybody on it; `false` when there was none.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn forget_list(&self, list: Uuid) -> Result<bool, StoreError> {
        self.write(|db| Ok(db.execute("DELETE FROM lists WHERE id = ?1", [list.into_bytes()])? > 0))
    }

    /// Forgets the lists and flights of days before `before`, and answers how many there were.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn retain_lists(&self, before: Date) -> Result<u64, StoreError> {
        self.write(|db| Ok(forget_before(db, before)?))
    }
}

fn forget_before(db: &Transaction<'_>, before: Date) -> rusqlite::Result<u64> {
    db.execute("DELETE FROM flight_checks WHERE day < ?1", [Day(before)])?;
    Ok(db.execute("DELETE FROM lists WHERE day < ?1", [Day(before)])? as u64)
}

pub(crate) const PERSON: &str = "p.line, p.name, p.document_type, p.document, p.hash, p.room, p.nights,
    p.note, p.problem, p.decision, p.reasons, p.checked_at, p.entry, p.arrived_at, p.flight, p.seat";

fn number_of(db: &Connection, list: Uuid) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT number FROM lists WHERE id = ?1")?
        .query_row([list.into_bytes()], |row| row.get(0))
        .optional()
}

fn list_from_row(row: &Row<'_>) -> rusqlite::Result<ListRow> {
    Ok(ListRow {
        id: Uuid::from_bytes(row.get(0)?),
        name: row.get(1)?,
        day: row.get(2).map(|Day(day)| day)?,
        made_at: row.get(3).map(|Micros(at)| at)?,
        people: row.get(4)?,
        checked: row.get(5)?,
        arrived: row.get(6)?,
    })
}

pub(crate) fn person_from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<ListedRow> {
    let instant =
        |place| Ok::<_, rusqlite::Error>(row.get::<_, Option<Micros>>(place)?.map(|Micros(at)| at));
    Ok(ListedRow {
        line: row.get(first)?,
        name: row.get(first + 1)?,
        document_type: row.get(first + 2)?,
        document: row.get(first + 3)?,
        hash: row.get::<_, Option<Bits64>>(first + 4)?.map(|Bits64(hash)| hash),
        room: row.get(first + 5)?,
        nights: row.get(first + 6)?,
        note: row.get(first + 7)?,
        problem: row.get(first + 8)?,
        decision: row.get(first + 9)?,
        reasons: row.get::<_, String>(first + 10)?.split_whitespace().map(str::to_owned).collect(),
        checked_at: instant(first + 11)?,
        entry: row.get::<_, Option<[u8; 16]>>(first + 12)?.map(Uuid::from_bytes),
        arrived_at: instant(first + 13)?,
        flight: row.get(first + 14)?,
        seat: row.get(first + 15)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, day, fresh, reopen};

    fn list(n: u128, on: Date) -> ListRow {
        ListRow {
            id: Uuid::from_u128(n),
            name: "旅行团".to_owned(),
            day: on,
            made_at: at(0),
            people: 0,
            checked: 0,
            arrived: 0,
        }
    }

    fn person(line: u32, hash: Option<u64>) -> ListedRow {
        ListedRow {
            line,
            name: format!("王{line}"),
            document_type: Some("resident-id".to_owned()),
            document: Some("350100190001010012".to_owned()),
            hash,
            room: Some("1208".to_owned()),
            nights: Some(2),
            flight: Some("MF8101".to_owned()),
            seat: Some("12A".to_owned()),
            note: None,
            problem: None,
            decision: None,
            reasons: vec![],
            checked_at: None,
            entry: None,
            arrived_at: None,
        }
    }

    #[test]
    fn people_are_checked_ahead_and_come_once() {
        let (folder, store) = fresh();
        let people = [person(2, Some(u64::MAX)), person(3, Some(7)), person(4, None)];
        store.put_list(&list(1, day(0)), &people).unwrap();
        assert_eq!(store.listed(Uuid::from_u128(1)).unwrap(), people);
        assert_eq!(store.listed(Uuid::from_u128(9)).unwrap(), []);
        let (one, nobody) = (Uuid::from_u128(1), Uuid::from_u128(9));
        assert_eq!(store.listed_at(one, 3).unwrap(), Some(people[1].clone()));
        assert_eq!(store.listed_at(one, 9).unwrap(), None);
        assert_eq!(store.listed_at(nobody, 3).unwrap(), None);
        assert_eq!(store.lists_on(day(0)).unwrap(), [(one, "旅行团".to_owned())]);
        assert_eq!(store.lists_on(day(1)).unwrap(), []);
        let found =
            FoundAhead { line: 2, decision: "refer", reasons: vec!["D-OLD", "C-UNK"], at: at(5) };
        store.keep_found(Uuid::from_u128(1), &[found]).unwrap();
        let expected = store.expected(u64::MAX, day(0)).unwrap();
        assert_eq!((expected.len(), expected[0].1.line), (1, 2));
        assert_eq!(expected[0].1.reasons, ["D-OLD", "C-UNK"]);
        assert_eq!(store.expected(u64::MAX, day(1)).unwrap(), [], "not tomorrow");
        let entry = Uuid::from_u128(77);
        assert!(store.set_arrived(Uuid::from_u128(1), 2, entry, at(9)).unwrap());
        assert!(!store.set_arrived(Uuid::from_u128(1), 2, entry, at(10)).unwrap(), "only once");
        assert!(!store.set_arrived(Uuid::from_u128(9), 2, entry, at(10)).unwrap(), "no such list");
        assert_eq!(store.expected(u64::MAX, day(0)).unwrap()[0].1.arrived_at, Some(at(9)));
        drop(store);
        let store = reopen(&folder);
        let lists = store.lists().unwrap();
        assert_eq!((lists[0].people, lists[0].checked, lists[0].arrived), (3, 1, 1));
        assert_eq!(store.listed(lists[0].id).unwrap()[0].entry, Some(entry));
        assert!(store.take_back_arrival(entry).unwrap());
        assert!(!store.take_back_arrival(entry).unwrap(), "only once");
        assert_eq!(store.lists().unwrap()[0].arrived, 0);
    }

    #[test]
    fn a_list_goes_with_everybody_on_it() {
        let (_folder, store) = fresh();
        for (n, on) in [(1, day(0)), (2, day(1)), (3, day(2))] {
            store.put_list(&list(n, on), &[person(2, Some(7))]).unwrap();
        }
        assert!(store.forget_list(Uuid::from_u128(2)).unwrap());
        assert!(!store.forget_list(Uuid::from_u128(2)).unwrap());
        assert_eq!(store.retain_lists(day(2)).unwrap(), 1);
        let left: Vec<_> = store.lists().unwrap().iter().map(|list| list.id.as_u128()).collect();
        assert_eq!(left, [3]);
        store.raw(|db| {
            let people: i64 = db.query_row("SELECT count(*) FROM listed", [], |row| row.get(0))?;
            assert_eq!(people, 1, "nobody stays behind");
            Ok(())
        });
    }

    #[test]
    fn debug_shows_nobody() {
        let shown = format!("{:?}", person(2, Some(7)));
        assert!(!shown.contains('王') && !shown.contains("3501"), "{shown}");
    }
}
