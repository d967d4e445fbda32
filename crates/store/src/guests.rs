//! The register of guests (旅客登记簿) that the law asks of a hotel. It is apart from the log
//! of checks: no colour, no verdict, no entry is in it, and it is kept far longer.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row};
use uuid::Uuid;

use crate::values::{Day, Micros};
use crate::{Store, StoreError};

pub(crate) const V4: &str = "
CREATE TABLE guests (
    number        INTEGER NOT NULL PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    -- the first guest of those who came together
    party         BLOB    NOT NULL CHECK (length(party) = 16),
    name          TEXT    NOT NULL,
    sex           TEXT,
    ethnicity     TEXT,
    born          TEXT,
    nationality   TEXT    NOT NULL,
    document_type TEXT    NOT NULL,
    document      TEXT    NOT NULL,
    address       TEXT    NOT NULL,
    room          TEXT    NOT NULL,
    arrived_at    INTEGER NOT NULL,
    due           TEXT    NOT NULL,
    left_at       INTEGER,
    -- when the police were told of a foreigner
    reported_at   INTEGER,
    operator      TEXT
);
CREATE INDEX guests_here ON guests (room) WHERE left_at IS NULL;
CREATE INDEX guests_left ON guests (left_at) WHERE left_at IS NOT NULL;
";

/// A guest as the register has them, in full. Its `Debug` shows the place only.
#[derive(Clone, PartialEq, Eq)]
pub struct GuestRow {
    /// The place in the register; 0 for one that is not in it yet.
    pub number: u64,
    /// The name for programs.
    pub id: Uuid,
    /// The first guest of those who came together; their own id for whoever came alone.
    pub party: Uuid,
    /// The name in full.
    pub name: String,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// The ethnic group, as the card says.
    pub ethnicity: Option<String>,
    /// The day of birth.
    pub born: Option<Date>,
    /// Three letters of ICAO 9303, such as `CHN`.
    pub nationality: String,
    /// The kind of document.
    pub document_type: String,
    /// Its number in full.
    pub document: String,
    /// Where they live.
    pub address: String,
    /// The room.
    pub room: String,
    /// When they came.
    pub arrived_at: Timestamp,
    /// The day on which they mean to leave.
    pub due: Date,
    /// When they left; `None` while they are here.
    pub left_at: Option<Timestamp>,
    /// When the police were told of a foreigner.
    pub reported_at: Option<Timestamp>,
    /// Who wrote it.
    pub operator: Option<String>,
}

impl fmt::Debug for GuestRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuestRow")
            .field("number", &self.number)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Which guests. The default takes everybody who is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestFilter {
    /// Part of a name or a room, or a whole document number.
    pub text: Option<String>,
    /// Only those who are here.
    pub here: bool,
    /// Who was here on this day or later: arrived before its end and not left before it.
    pub from: Option<Timestamp>,
    /// The same for the last instant, exclusive.
    pub to: Option<Timestamp>,
    /// At most so many.
    pub limit: u32,
}

impl Default for GuestFilter {
    fn default() -> Self {
        Self { text: None, here: true, from: None, to: None, limit: 1000 }
    }
}

impl Store {
    /// Writes a guest into the register, or what was changed of one.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn put_guest(&self, guest: &GuestRow) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO guests (id, party, name, sex, ethnicity, born, nationality,
                     document_type, document, address, room, arrived_at, due, left_at,
                     reported_at, operator)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
                 ON CONFLICT (id) DO UPDATE SET
                     party = ?2, name = ?3, sex = ?4, ethnicity = ?5, born = ?6,
                     nationality = ?7, document_type = ?8, document = ?9, address = ?10,
                     room = ?11, arrived_at = ?12, due = ?13, left_at = ?14,
                     reported_at = ?15, operator = ?16",
            )?
            .execute(rusqlite::params![
                guest.id.into_bytes(),
                guest.party.into_bytes(),
                guest.name,
                guest.sex,
                guest.ethnicity,
                guest.born.map(Day),
                guest.nationality,
                guest.document_type,
                guest.document,
                guest.address,
                guest.room,
                Micros(guest.arrived_at),
                Day(guest.due),
                guest.left_at.map(Micros),
                guest.reported_at.map(Micros),
                guest.operator,
            ])?;
            Ok(())
        })
    }

    /// A guest by id.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn guest(&self, id: Uuid) -> Result<Option<GuestRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
            Ok(read.query_row([id.into_bytes()], from_row).optional()?)
        })
    }

    /// Who is here with this document.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn guest_here(&self, kind: &str, document: &str) -> Result<Option<GuestRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "{SELECT} WHERE left_at IS NULL AND document_type = ?1 AND document = ?2"
            ))?;
            Ok(read.query_row((kind, document), from_row).optional()?)
        })
    }

    /// The guests that match, the newest first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn guests(&self, filter: &GuestFilter) -> Result<Vec<GuestRow>, StoreError> {
        let text = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "{SELECT}
                 WHERE (?1 = 0 OR left_at IS NULL)
                   AND (?2 IS NULL OR left_at IS NULL OR left_at >= ?2)
                   AND (?3 IS NULL OR arrived_at < ?3)
                   AND (?4 IS NULL OR instr(name, ?4) OR instr(room, ?4)
                        OR document = upper(?4))
                 ORDER BY number DESC LIMIT ?5"
            ))?;
            let found = read.query_map(
                (filter.here, filter.from.map(Micros), filter.to.map(Micros), text, filter.limit),
                from_row,
            )?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Deletes the guests who left before `before`, and answers how many there were.
    ///
    /// A clock that was set back may have written that somebody left long ago: whoever came
    /// after somebody who came between `before` and `now` stays, and so does whoever came then.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn retain_guests(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM guests WHERE left_at < ?1 AND number < (
            SELECT coalesce(min(number), 9223372036854775807) FROM guests
            WHERE arrived_at BETWEEN ?1 AND ?2)";
        self.write(|db| Ok(db.execute(sql, (Micros(before), Micros(now)))? as u64))
    }
}

const SELECT: &str = "SELECT number, id, party, name, sex, ethnicity, born, nationality,
    document_type, document, address, room, arrived_at, due, left_at, reported_at, operator
    FROM guests";

fn from_row(row: &Row<'_>) -> rusqlite::Result<GuestRow> {
    let micros = |at: Option<Micros>| at.map(|Micros(at)| at);
    Ok(GuestRow {
        number: row.get::<_, i64>(0)?.cast_unsigned(),
        id: Uuid::from_bytes(row.get(1)?),
        party: Uuid::from_bytes(row.get(2)?),
        name: row.get(3)?,
        sex: row.get(4)?,
        ethnicity: row.get(5)?,
        born: row.get::<_, Option<Day>>(6)?.map(|Day(day)| day),
        nationality: row.get(7)?,
        document_type: row.get(8)?,
        document: row.get(9)?,
        address: row.get(10)?,
        room: row.get(11)?,
        arrived_at: row.get(12).map(|Micros(at)| at)?,
        due: row.get(13).map(|Day(day)| day)?,
        left_at: micros(row.get(14)?),
        reported_at: micros(row.get(15)?),
        operator: row.get(16)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, day, fresh, reopen};

    fn guest(n: u64) -> GuestRow {
        GuestRow {
            number: n,
            id: Uuid::from_u128(u128::from(n)),
            party: Uuid::from_u128(1),
            name: format!("王{n}"),
            sex: Some("female".to_owned()),
            ethnicity: Some("畲".to_owned()),
            born: Some(day(-9000)),
            nationality: "CHN".to_owned(),
            document_type: "resident-id".to_owned(),
            document: format!("35010019000101001{n}"),
            address: "福州市鼓楼区".to_owned(),
            room: format!("120{n}"),
            arrived_at: at(n * 100),
            due: day(2),
            left_at: None,
            reported_at: None,
            operator: Some("a-1".to_owned()),
        }
    }

    fn numbers(store: &Store, filter: &GuestFilter) -> Vec<u64> {
        store.guests(filter).unwrap().iter().map(|guest| guest.number).collect()
    }

    #[test]
    fn guests_come_are_found_and_leave() {
        let (folder, store) = fresh();
        (1..=3).for_each(|n| store.put_guest(&guest(n)).unwrap());
        let gone = GuestRow { left_at: Some(at(5000)), ..guest(2) };
        store.put_guest(&gone).unwrap();
        drop(store);
        let store = reopen(&folder);
        assert_eq!(store.guest(gone.id).unwrap(), Some(gone.clone()));
        assert_eq!(store.guest_here(&gone.document_type, &gone.document).unwrap(), None);
        let here = store.guest_here("resident-id", &guest(3).document).unwrap();
        assert_eq!(here, Some(guest(3)));
        assert_eq!(numbers(&store, &GuestFilter::default()), [3, 1]);
        let all = GuestFilter { here: false, ..GuestFilter::default() };
        assert_eq!(numbers(&store, &all), [3, 2, 1]);
        for (text, expect) in [
            ("王2", &[2][..]),
            ("1203", &[3]),
            ("350100190001010011", &[1]),
            ("3501", &[]),
            ("%", &[]),
        ] {
            let filter = GuestFilter { text: Some(text.to_owned()), ..all.clone() };
            assert_eq!(numbers(&store, &filter), expect, "{text}");
        }
        let then = |from, to| GuestFilter { from: Some(at(from)), to: Some(at(to)), ..all.clone() };
        assert_eq!(numbers(&store, &then(0, 250)), [2, 1], "who came before");
        assert_eq!(numbers(&store, &then(5000, 9000)), [3, 2, 1], "left on the dot");
        assert_eq!(numbers(&store, &then(5001, 9000)), [3, 1]);
    }

    #[test]
    fn only_who_left_long_ago_goes() {
        let (_folder, store) = fresh();
        for n in 1..=3 {
            store.put_guest(&guest(n)).unwrap();
        }
        store.put_guest(&GuestRow { left_at: Some(at(10)), ..guest(1) }).unwrap();
        store.put_guest(&GuestRow { left_at: Some(at(20)), ..guest(3) }).unwrap();
        assert_eq!(store.retain_guests(at(20), at(50)).unwrap(), 1);
        let all = GuestFilter { here: false, ..GuestFilter::default() };
        assert_eq!(numbers(&store, &all), [3, 2], "who never left stays");
        store.put_guest(&guest(4)).unwrap();
        assert_eq!(numbers(&store, &all)[0], 4);
        // Checked out by a clock that was set back, and somebody who came in under it.
        store.put_guest(&GuestRow { left_at: Some(at(1)), ..guest(3) }).unwrap();
        store.put_guest(&GuestRow { arrived_at: at(1), left_at: Some(at(1)), ..guest(5) }).unwrap();
        assert_eq!(store.retain_guests(at(250), at(450)).unwrap(), 0);
        assert_eq!(store.retain_guests(at(301), at(399)).unwrap(), 2, "and goes in its time");
    }

    #[test]
    fn debug_shows_nobody() {
        let shown = format!("{:?}", guest(1));
        assert!(
            !shown.contains('王') && !shown.contains("3501") && !shown.contains("鼓楼"),
            "{shown}"
        );
    }
}
