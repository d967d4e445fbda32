//! Flights (航班): who of the lists is expected on each, and who was let through for it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::Connection;
use uuid::Uuid;

use crate::lists::{ListedRow, PERSON, person_from_row};
use crate::values::{Bits64, Day};
use crate::{Store, StoreError};

pub(crate) const V8: &str = "
ALTER TABLE listed ADD COLUMN flight TEXT;
ALTER TABLE listed ADD COLUMN seat TEXT;
CREATE INDEX listed_flight ON listed (flight) WHERE flight IS NOT NULL;
CREATE TABLE flight_checks (
    number INTEGER NOT NULL PRIMARY KEY,
    -- the entry that says they were let through
    entry  BLOB    NOT NULL UNIQUE CHECK (length(entry) = 16),
    day    TEXT    NOT NULL,
    flight TEXT    NOT NULL,
    -- the keyed hash of a document; the same person counts once
    person INTEGER,
    -- passenger, crew, staff
    who    TEXT    NOT NULL,
    -- whether a list of the day has them
    listed INTEGER NOT NULL,
    UNIQUE (day, flight, person)
);
";

pub(crate) const V10: &str = "ALTER TABLE flight_checks ADD COLUMN seat TEXT;";

/// Somebody who was let through for a flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightCheck {
    /// The entry that says so.
    pub entry: Uuid,
    /// The day.
    pub day: Date,
    /// Airline and number, such as `MF8101`.
    pub flight: String,
    /// The keyed hash of their document; `None` where only a pass was shown.
    pub person: Option<u64>,
    /// As who they fly.
    pub who: Aboard,
    /// Whether a list of the day has them.
    pub listed: bool,
    /// The seat of their boarding pass.
    pub seat: Option<String>,
}

/// As who somebody flies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aboard {
    /// On a ticket.
    Passenger,
    /// Flies the aircraft, or works in it.
    Crew,
    /// Works at the airport or for the airline.
    Staff,
}

impl Aboard {
    /// `passenger`, `crew` or `staff`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passenger => "passenger",
            Self::Crew => "crew",
            Self::Staff => "staff",
        }
    }

    /// A word that is none of these is a passenger's.
    fn of(word: &str) -> Self {
        match word {
            "crew" => Self::Crew,
            "staff" => Self::Staff,
            _ => Self::Passenger,
        }
    }
}

/// Somebody whom a list has for a flight, without their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedAboard {
    /// Airline and number.
    pub flight: String,
    /// The keyed hash of their document.
    pub person: Option<u64>,
    /// Their seat.
    pub seat: Option<String>,
    /// Whether they have come.
    pub came: bool,
}

/// How a flight stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlightCount {
    /// Airline and number.
    pub flight: String,
    /// How many people the lists have for it, each once.
    pub expected: u32,
    /// How many of these have come.
    pub checked: u32,
    /// How many passengers came who are on no list.
    pub unlisted: u32,
    /// How many of the crew came.
    pub crew: u32,
    /// How many of the staff came.
    pub staff: u32,
}

impl FlightCount {
    /// How many of those expected have not come.
    pub const fn missing(&self) -> u32 {
        self.expected.saturating_sub(self.checked)
    }
}

impl Store {
    /// Notes that somebody was let through for a flight; `false` when they had been.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn note_flight(&self, check: &FlightCheck) -> Result<bool, StoreError> {
        self.write(|db| {
            let noted = db.execute(
                "INSERT OR IGNORE INTO flight_checks (entry, day, flight, person, who, listed,
                                                       seat)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (
                    check.entry.into_bytes(),
                    Day(check.day),
                    &check.flight,
                    check.person.map(Bits64),
                    check.who.as_str(),
                    check.listed,
                    &check.seat,
                ),
            )?;
            Ok(noted > 0)
        })
    }

    /// Takes back that an entry let somebody through; `false` when it had not.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn take_back_flight(&self, entry: Uuid) -> Result<bool, StoreError> {
        self.write(|db| {
            let sql = "DELETE FROM flight_checks WHERE entry = ?1";
            Ok(db.execute(sql, [entry.into_bytes()])? > 0)
        })
    }

    /// Everybody who was let through on a day, in order.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn flight_checks(&self, day: Date) -> Result<Vec<FlightCheck>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT entry, flight, person, who, listed, seat FROM flight_checks
                 WHERE day = ?1 ORDER BY number",
            )?;
            let found = read.query_map([Day(day)], |row| {
                Ok(FlightCheck {
                    entry: Uuid::from_bytes(row.get(0)?),
                    day,
                    flight: row.get(1)?,
                    person: row.get::<_, Option<Bits64>>(2)?.map(|Bits64(person)| person),
                    who: Aboard::of(&row.get::<_, String>(3)?),
                    listed: row.get(4)?,
                    seat: row.get(5)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Everybody whom a day's lists have for a flight, in the order of the lists: the flight, the
    /// keyed hash of their document, their seat, and whether they came. Nobody is named.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn expected_aboard(&self, day: Date) -> Result<Vec<ExpectedAboard>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT p.flight, p.hash, p.seat, p.arrived_at IS NOT NULL
                 FROM listed p JOIN lists l ON l.number = p.list
                 WHERE l.day = ?1 AND p.flight IS NOT NULL ORDER BY l.number, p.line",
            )?;
            let found = read.query_map([Day(day)], |row| {
                Ok(ExpectedAboard {
                    flight: row.get(0)?,
                    person: row.get::<_, Option<Bits64>>(1)?.map(|Bits64(person)| person),
                    seat: row.get(2)?,
                    came: row.get(3)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// The flights of a day's lists and of those who came, by name.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn flights_on(&self, day: Date) -> Result<Vec<FlightCount>, StoreError> {
        self.read(|db| {
            let mut flights = expected_on(db, day)?;
            let mut read = db.prepare_cached(
                "SELECT flight, who, count(*) FROM flight_checks
                 WHERE day = ?1 AND (who <> 'passenger' OR NOT listed)
                 GROUP BY flight, who",
            )?;
            let mut rows = read.query([Day(day)])?;
            while let Some(row) = rows.next()? {
                let (flight, who, came): (String, String, u32) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let count = flights.entry(flight).or_default();
                match who.as_str() {
                    "crew" => count.crew = came,
                    "staff" => count.staff = came,
                    _ => count.unlisted = came,
                }
            }
            let named = |(flight, count)| FlightCount { flight, ..count };
            Ok(flights.into_iter().map(named).collect())
        })
    }

    /// Whom a day's lists have for a flight and who has not come, in the order of the lists.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn missing_on(&self, flight: &str, day: Date) -> Result<Vec<ListedRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "SELECT {PERSON} FROM listed p JOIN lists l ON l.number = p.list
                 WHERE p.flight = ?1 AND l.day = ?2 AND p.arrived_at IS NULL
                 GROUP BY coalesce(p.hash, -p.rowid) ORDER BY l.number, p.line"
            ))?;
            let found = read.query_map((flight, Day(day)), |row| person_from_row(row, 0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Whom a day's lists have in a seat of a flight: those of the newest list first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn seated(
        &self,
        flight: &str,
        seat: &str,
        day: Date,
    ) -> Result<Vec<(Uuid, ListedRow)>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "SELECT l.id, {PERSON} FROM listed p JOIN lists l ON l.number = p.list
                 WHERE p.flight = ?1 AND p.seat = ?2 AND l.day = ?3
                 ORDER BY l.number DESC, p.line"
            ))?;
            let found = read.query_map((flight, seat, Day(day)), |row| {
                Ok((Uuid::from_bytes(row.get(0)?), person_from_row(row, 1)?))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

/// Somebody with a document counts once, on however many lines they stand.
fn expected_on(db: &Connection, day: Date) -> rusqlite::Result<BTreeMap<String, FlightCount>> {
    let mut read = db.prepare_cached(
        "SELECT p.flight, count(DISTINCT coalesce(p.hash, -p.rowid)),
                count(DISTINCT CASE WHEN p.arrived_at IS NOT NULL
                               THEN coalesce(p.hash, -p.rowid) END)
         FROM listed p JOIN lists l ON l.number = p.list
         WHERE l.day = ?1 AND p.flight IS NOT NULL
         GROUP BY p.flight",
    )?;
    let rows = read.query_map([Day(day)], |row| {
        let count =
            FlightCount { expected: row.get(1)?, checked: row.get(2)?, ..FlightCount::default() };
        Ok((row.get(0)?, count))
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::ListRow;
    use crate::testing::{at, day, fresh, reopen};

    fn person(line: u32, hash: Option<u64>, seat: &str) -> ListedRow {
        ListedRow {
            line,
            name: format!("王{line}"),
            document_type: None,
            document: None,
            hash,
            room: None,
            nights: None,
            flight: Some("MF8101".to_owned()),
            seat: Some(seat.to_owned()),
            note: None,
            problem: None,
            decision: None,
            reasons: vec![],
            checked_at: None,
            entry: None,
            arrived_at: None,
        }
    }

    fn check(n: u128, person: Option<u64>, who: Aboard, listed: bool) -> FlightCheck {
        let (entry, flight) = (Uuid::from_u128(n), "MF8101".to_owned());
        FlightCheck { entry, day: day(0), flight, person, who, listed, seat: None }
    }

    #[test]
    fn a_flight_counts_each_person_once() {
        let (folder, store) = fresh();
        let list = Uuid::from_u128(1);
        let people = [person(2, Some(7), "12A"), person(3, None, "12B"), person(4, Some(7), "12A")];
        let of = |id, on| ListRow {
            id,
            name: "MF8101".to_owned(),
            day: on,
            made_at: at(0),
            people: 0,
            checked: 0,
            arrived: 0,
        };
        store.put_list(&of(list, day(0)), &people).unwrap();
        store.put_list(&of(Uuid::from_u128(2), day(1)), &people[..1]).unwrap();
        let flight = |store: &Store| {
            let found = store.flights_on(day(0)).unwrap();
            assert_eq!(found.len(), 1);
            let f = &found[0];
            (f.expected, f.checked, f.missing(), f.unlisted, f.crew, f.staff)
        };
        assert_eq!(flight(&store), (2, 0, 2, 0, 0, 0), "somebody on two lines is one person");
        store.set_arrived(list, 2, Uuid::from_u128(70), at(9)).unwrap();
        store.set_arrived(list, 4, Uuid::from_u128(70), at(9)).unwrap();
        assert!(store.note_flight(&check(70, Some(7), Aboard::Passenger, true)).unwrap());
        assert_eq!(flight(&store), (2, 1, 1, 0, 0, 0));
        assert!(store.note_flight(&check(71, Some(8), Aboard::Passenger, false)).unwrap());
        assert!(!store.note_flight(&check(72, Some(8), Aboard::Passenger, false)).unwrap());
        assert!(store.note_flight(&check(73, Some(9), Aboard::Crew, false)).unwrap());
        assert!(store.note_flight(&check(74, None, Aboard::Staff, false)).unwrap());
        assert!(store.note_flight(&check(75, None, Aboard::Staff, false)).unwrap());
        assert_eq!(flight(&store), (2, 1, 1, 1, 1, 2));
        let checks = store.flight_checks(day(0)).unwrap();
        assert_eq!(checks.len(), 5);
        assert_eq!(checks[0], check(70, Some(7), Aboard::Passenger, true));
        assert_eq!(checks[2].who, Aboard::Crew);
        assert_eq!(store.flight_checks(day(1)).unwrap(), []);
        let aboard = store.expected_aboard(day(0)).unwrap();
        let shown: Vec<_> = aboard.iter().map(|one| (one.person, one.came)).collect();
        assert_eq!(shown, [(Some(7), true), (None, false), (Some(7), true)]);
        assert!(store.take_back_flight(Uuid::from_u128(75)).unwrap());
        assert!(!store.take_back_flight(Uuid::from_u128(75)).unwrap(), "only once");
        drop(store);
        let store = reopen(&folder);
        assert_eq!(flight(&store), (2, 1, 1, 1, 1, 1), "it outlives the program");
        let missing = store.missing_on("MF8101", day(0)).unwrap();
        assert_eq!(missing.iter().map(|one| one.line).collect::<Vec<_>>(), [3]);
        assert_eq!(store.missing_on("MF8102", day(0)).unwrap(), []);
        let seated = store.seated("MF8101", "12B", day(0)).unwrap();
        assert_eq!((seated.len(), seated[0].0, seated[0].1.line), (1, list, 3));
        assert_eq!(store.seated("MF8101", "12C", day(0)).unwrap(), []);
        store.retain_lists(day(1)).unwrap();
        assert_eq!(store.flights_on(day(0)).unwrap(), [], "it goes with the lists of its day");
        assert_eq!(store.flights_on(day(1)).unwrap().len(), 1);
    }
}
