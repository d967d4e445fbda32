//! The table `home_colours`: what other regions said about people who came from there, and
//! when they are asked again.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::claims::ClaimGroup;

use super::asking::LEASE;
use crate::database::stored::{instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Row as DatabaseRow, Session, params};
use crate::error::Error;

pub(crate) const TABLE_6: Ddl = Ddl {
    sqlite: "
CREATE TABLE home_colours (
    person      INTEGER NOT NULL REFERENCES persons (id),
    issuer      INTEGER NOT NULL CHECK (issuer BETWEEN 0 AND 255),
    -- The place in that region's status list, when its code was shown.
    place       INTEGER,
    -- When it last answered; NULL before the first answer.
    answered_at INTEGER,
    -- What it said: the two bits of a colour, NULL for no code there.
    colour      INTEGER CHECK (colour BETWEEN 0 AND 3),
    since       INTEGER,
    until       INTEGER,
    -- The fact that follows from it, while one does.
    fact        BLOB CHECK (length(fact) = 16),
    -- Tries in a row without an answer, and the kind of trouble of the last one.
    tries       INTEGER NOT NULL DEFAULT 0,
    trouble     TEXT,
    -- When it is asked next; NULL when it is not.
    next_ask_at INTEGER,
    -- From then on a green colour is not asked about again.
    ask_until   INTEGER NOT NULL,
    PRIMARY KEY (person, issuer)
) STRICT, WITHOUT ROWID;
CREATE INDEX home_colours_due ON home_colours (next_ask_at) WHERE next_ask_at IS NOT NULL;
ALTER TABLE facts ADD COLUMN ends_at INTEGER;
",
    postgres: "
CREATE TABLE home_colours (
    person      BIGINT NOT NULL REFERENCES persons (id),
    issuer      BIGINT NOT NULL CHECK (issuer BETWEEN 0 AND 255),
    place       BIGINT,
    answered_at BIGINT,
    colour      BIGINT CHECK (colour BETWEEN 0 AND 3),
    since       BIGINT,
    until       BIGINT,
    fact        BYTEA CHECK (octet_length(fact) = 16),
    tries       BIGINT NOT NULL DEFAULT 0,
    trouble     TEXT,
    next_ask_at BIGINT,
    ask_until   BIGINT NOT NULL,
    PRIMARY KEY (person, issuer)
);
CREATE INDEX home_colours_due ON home_colours (next_ask_at) WHERE next_ask_at IS NOT NULL;
ALTER TABLE facts ADD COLUMN ends_at BIGINT;
",
};

/// An answer is not asked for again for so long, however often the home is declared.
const ANSWER_HOLDS: SignedDuration = SignedDuration::from_mins(5);

/// Somebody's home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) person: i64,
    pub(super) issuer: IssuerId,
    pub(super) place: Option<StatusIndex>,
    pub(super) answer: Option<Answer>,
    pub(super) fact: Option<Uuid>,
    pub(super) tries: u32,
    pub(super) trouble: Option<Trouble>,
    pub(super) next_ask_at: Option<Timestamp>,
    pub(super) ask_until: Timestamp,
}

impl Row {
    /// When it is asked next after it was declared again, and how many tries that follows.
    fn declared_again(&self, now: Timestamp) -> (Timestamp, u32) {
        let soon = now.saturating_add(LEASE).unwrap_or(now);
        let lately = self.answer.and_then(|answer| answer.at.checked_add(ANSWER_HOLDS).ok());
        let soonest = lately.map_or(now, |end| end.max(now));
        match self.next_ask_at {
            None => (soonest, 0),
            // It does not answer, or is being asked.
            Some(next) if self.tries > 0 || next <= soon => (next, self.tries),
            Some(next) => (next.min(soonest), self.tries),
        }
    }
}

/// What a home said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) at: Timestamp,
    /// `None` when the person has no code there.
    pub(super) colour: Option<Colour>,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

/// Why a home could not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It is not recognised here, or its keys are not known.
    NotRecognised,
    /// Nobody answers, or too slowly, or it cannot serve now.
    Unreachable,
    /// It refuses the question.
    Refused,
    /// What it answers is not signed by it, or is no answer to the question.
    WrongAnswer,
    /// Its published list is too old to say.
    ListTooOld,
}

impl Trouble {
    const ALL: [Self; 5] = [
        Self::NotRecognised,
        Self::Unreachable,
        Self::Refused,
        Self::WrongAnswer,
        Self::ListTooOld,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::NotRecognised => "not-recognised",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::WrongAnswer => "wrong-answer",
            Self::ListTooOld => "list-too-old",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.as_str() == name)
    }
}

const COLUMNS: &str = "person, issuer, place, answered_at, colour, since, until, fact, tries,
    trouble, next_ask_at, ask_until";

/// Begins to ask about a person. What is known already stays. A code that is shown newly is
/// looked at at once; who only declares the same home again has it asked no more often.
pub(super) fn begin(
    change: &Change<'_>,
    person: i64,
    issuer: IssuerId,
    place: Option<StatusIndex>,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), Error> {
    let known = find(change, person, issuer)?;
    let known = known.filter(|known| place.is_none() || place == known.place);
    let (next, tries) = known.map_or((now, 0), |known| known.declared_again(now));
    change.execute(
        "INSERT INTO home_colours (person, issuer, place, next_ask_at, ask_until)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person, issuer) DO UPDATE SET
             place = coalesce(excluded.place, home_colours.place),
             next_ask_at = excluded.next_ask_at, ask_until = excluded.ask_until, tries = $6",
        params![person, issuer.0, place.map(|place| place.0), ms(next), ms(until), tries],
    )?;
    Ok(())
}

/// Asks no more: it is not a home of the person.
pub(super) fn forget(change: &Change<'_>, row: &Row) -> Result<(), Error> {
    let sql = "DELETE FROM home_colours WHERE person = $1 AND issuer = $2";
    change.execute(sql, params![row.person, row.issuer.0])?;
    Ok(())
}

/// The homes of a person, in the order of their numbers.
pub(super) fn of_person(session: &Session<'_>, person: i64) -> Result<Vec<Row>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM home_colours WHERE person = $1 ORDER BY issuer");
    session.rows(&sql, params![person], read)
}

/// One home, as it is now.
pub(super) fn find(
    session: &Session<'_>,
    person: i64,
    issuer: IssuerId,
) -> Result<Option<Row>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM home_colours WHERE person = $1 AND issuer = $2");
    session.row(&sql, params![person, issuer.0], read)
}

/// Whether somebody is to be asked about at `now`.
pub(super) fn is_due(session: &Session<'_>, now: Timestamp) -> Result<bool, Error> {
    session.exists("SELECT 1 FROM home_colours WHERE next_ask_at <= $1 LIMIT 1", params![ms(now)])
}

/// The regions that are to be asked about somebody at `now`.
pub(super) fn who_is_due(session: &Session<'_>, now: Timestamp) -> Result<Vec<IssuerId>, Error> {
    let sql = "SELECT DISTINCT issuer FROM home_colours WHERE next_ask_at <= $1 ORDER BY issuer";
    session.rows(sql, params![ms(now)], |row| Ok(IssuerId(row.get("issuer")?)))
}

/// Takes people who are due at one home, the longest first: until `lease` no other process
/// asks about them.
pub(super) fn take_due(
    change: &Change<'_>,
    issuer: IssuerId,
    now: Timestamp,
    lease: Timestamp,
    limit: u32,
) -> Result<Vec<Row>, Error> {
    let sql = format!(
        "UPDATE home_colours SET next_ask_at = $2
         WHERE next_ask_at <= $1 AND (person, issuer) IN (
             SELECT person, issuer FROM home_colours WHERE next_ask_at <= $1 AND issuer = $4
             ORDER BY next_ask_at LIMIT $3)
         RETURNING {COLUMNS}"
    );
    change.rows(&sql, params![ms(now), ms(lease), limit, issuer.0], read)
}

/// Whether the person has a code in force in the group from other provinces.
pub(super) fn matters(session: &Session<'_>, person: i64) -> Result<bool, Error> {
    let holder = crate::claims::find_by_person(session, person)?;
    Ok(holder.is_some_and(|holder| holder.group == ClaimGroup::OtherProvince))
}

/// Keeps a row as it is now.
pub(super) fn put(change: &Change<'_>, row: &Row) -> Result<(), Error> {
    change.execute(
        "UPDATE home_colours SET answered_at = $3, colour = $4, since = $5, until = $6,
             fact = $7, tries = $8, trouble = $9, next_ask_at = $10
         WHERE person = $1 AND issuer = $2",
        params![
            row.person,
            row.issuer.0,
            row.answer.map(|answer| ms(answer.at)),
            row.answer.and_then(|answer| answer.colour).map(Colour::bits),
            row.answer.and_then(|answer| answer.since).map(ms),
            row.answer.and_then(|answer| answer.until).map(ms),
            row.fact,
            row.tries,
            row.trouble.map(Trouble::as_str),
            row.next_ask_at.map(ms)
        ],
    )?;
    Ok(())
}

/// A region was added or changed: whoever could not be asked about there is asked about now.
pub(crate) fn ask_region_anew(
    change: &Change<'_>,
    issuer: IssuerId,
    now: Timestamp,
) -> Result<(), Error> {
    change.execute(
        "UPDATE home_colours SET next_ask_at = $2, tries = 0
         WHERE issuer = $1 AND trouble IS NOT NULL AND ask_until > $2",
        params![issuer.0, ms(now)],
    )?;
    Ok(())
}

fn read(row: &DatabaseRow<'_>) -> Result<Row, Error> {
    let place: Option<u32> = row.get("place")?;
    let colour: Option<u8> = row.get("colour")?;
    let trouble: Option<String> = row.get("trouble")?;
    let trouble = trouble.map(|name| Trouble::from_name(&name).ok_or(Error::Damaged("trouble")));
    let (since, until) = (instant_or_none(row, "since")?, instant_or_none(row, "until")?);
    let answered_at = instant_or_none(row, "answered_at")?;
    Ok(Row {
        person: row.get("person")?,
        issuer: IssuerId(row.get("issuer")?),
        place: place.map(StatusIndex),
        answer: answered_at.map(|at| Answer {
            at,
            colour: colour.map(Colour::from_bits),
            since,
            until,
        }),
        fact: row.get("fact")?,
        tries: row.get("tries")?,
        trouble: trouble.transpose()?,
        next_ask_at: instant_or_none(row, "next_ask_at")?,
        ask_until: instant(row, "ask_until")?,
    })
}
