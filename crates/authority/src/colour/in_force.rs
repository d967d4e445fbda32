//! The tables `colour_schemes`, every scheme that was in force, from when until when; and
//! `colour_scheme`, one row: which of them is, and how far a change of it has come.
//!
//! None is ever forgotten, so that a colour of then can be explained by the rules of then.
//! The scheme lies in the database and not with each process, so that all processes on one
//! database colour alike, and an authority that is started without being told a scheme goes
//! on with the one it had.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::rules::RulesResponse;

use super::Scheme;
use crate::database::stored::{instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE colour_scheme (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    -- Rises with every change.
    generation  INTEGER NOT NULL,
    -- The file, as it was given.
    rules       TEXT NOT NULL,
    since       INTEGER NOT NULL,
    -- While everybody is coloured anew: the last document that was looked at. The type is
    -- NULL when that is done.
    done_type   INTEGER,
    done_number TEXT NOT NULL
) STRICT;
",
    postgres: "
CREATE TABLE colour_scheme (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    generation  BIGINT NOT NULL,
    rules       TEXT NOT NULL,
    since       BIGINT NOT NULL,
    done_type   BIGINT,
    done_number TEXT NOT NULL
);
",
};

/// The schemes by their number. Those before this step are not kept, except for the one in
/// force.
pub(crate) const TABLE_8: Ddl = Ddl {
    sqlite: "
CREATE TABLE colour_schemes (
    generation INTEGER PRIMARY KEY,
    -- The file, as it was given.
    rules      TEXT NOT NULL,
    since      INTEGER NOT NULL,
    -- NULL for the one that is in force.
    until      INTEGER
) STRICT;
INSERT INTO colour_schemes (generation, rules, since)
    SELECT generation, rules, since FROM colour_scheme;
ALTER TABLE colour_scheme DROP COLUMN rules;
ALTER TABLE colour_scheme DROP COLUMN since;
",
    postgres: "
CREATE TABLE colour_schemes (
    generation BIGINT PRIMARY KEY,
    rules      TEXT NOT NULL,
    since      BIGINT NOT NULL,
    until      BIGINT
);
INSERT INTO colour_schemes (generation, rules, since)
    SELECT generation, rules, since FROM colour_scheme;
ALTER TABLE colour_scheme DROP COLUMN rules, DROP COLUMN since;
",
};

/// The scheme that is in force.
#[derive(Debug, Clone)]
pub struct InForce {
    /// How many schemes have been in force.
    pub(crate) generation: u32,
    /// The rules.
    pub(crate) scheme: Arc<Scheme>,
    /// Since when.
    pub(crate) since: Timestamp,
}

impl Deref for InForce {
    type Target = Scheme;

    fn deref(&self) -> &Scheme {
        &self.scheme
    }
}

/// The scheme in force as far as this process knows: another process may have put one in its
/// place a moment ago. It is good for words; a colour that is kept is computed by the one that
/// the database names in the same change, or nothing would correct it: everybody may have been
/// coloured anew while the change waited for its turn.
#[derive(Debug, Clone)]
pub struct LastKnown(pub(crate) InForce);

impl LastKnown {
    /// The scheme that is in force in a change: nobody puts another one there before it ends.
    ///
    /// # Errors
    ///
    /// [`Error::Scheme`] when the scheme in the database does not read, and what the database
    /// says.
    pub(crate) fn within(&self, change: &Change<'_>) -> Result<InForce, Error> {
        if generation(change)? == self.0.generation {
            return Ok(self.0.clone());
        }
        read_in_force(change)
    }

    /// How many schemes have been in force with this one.
    pub(super) fn generation(&self) -> u32 {
        self.0.generation
    }
}

impl Deref for LastKnown {
    type Target = Scheme;

    fn deref(&self) -> &Scheme {
        &self.0
    }
}

/// A scheme that is or was in force.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) scheme: Scheme,
    pub(super) since: Timestamp,
    /// `None` while it is.
    pub(super) until: Option<Timestamp>,
}

/// Puts a scheme in force, unless it is; without one, whichever is in force stays. The first
/// one of every database is that of 2020.
///
/// # Errors
///
/// [`Error::Scheme`] when the scheme in the database does not read, and what the database
/// says.
pub(crate) fn put_in_force(
    change: &Change<'_>,
    wanted: Option<&Scheme>,
    now: Timestamp,
) -> Result<InForce, Error> {
    let first = Scheme::fujian_2020()?;
    let began = change.execute(
        "INSERT INTO colour_scheme (id, generation, done_number)
         VALUES (1, 1, '') ON CONFLICT DO NOTHING",
        params![],
    )?;
    if began == 1 {
        add(change, 1, &first, now)?;
    }
    if let Some(wanted) = wanted {
        let before = read_in_force(change)?;
        if before.text() != wanted.text() {
            change.execute(
                "UPDATE colour_schemes SET until = $2 WHERE generation = $1",
                params![before.generation, ms(now)],
            )?;
            add(change, before.generation + 1, wanted, now)?;
            change.execute(
                "UPDATE colour_scheme SET generation = generation + 1, done_type = 0,
                     done_number = ''",
                params![],
            )?;
        }
    }
    read_in_force(change)
}

fn add(change: &Change<'_>, generation: u32, scheme: &Scheme, now: Timestamp) -> Result<(), Error> {
    change.execute(
        "INSERT INTO colour_schemes (generation, rules, since) VALUES ($1, $2, $3)",
        params![generation, scheme.text(), ms(now)],
    )?;
    Ok(())
}

/// The scheme in force.
pub(crate) fn read_in_force(session: &Session<'_>) -> Result<InForce, Error> {
    let sql = "SELECT generation, rules, since FROM colour_scheme
         JOIN colour_schemes USING (generation)";
    let row = session.row(sql, params![], |row| {
        Ok((row.get("generation")?, row.get::<String>("rules")?, instant(row, "since")?))
    })?;
    let (generation, rules, since) = row.ok_or(Error::Damaged("colour_scheme"))?;
    Ok(InForce { generation, scheme: Arc::new(Scheme::parse(&rules)?), since })
}

/// The schemes of these generations, by generation.
pub(super) fn versions(
    session: &Session<'_>,
    generations: &[u32],
) -> Result<BTreeMap<u32, Version>, Error> {
    let sql = "SELECT generation, rules, since, until FROM colour_schemes WHERE generation IN ";
    let found = session.rows_in(sql, generations, |row| {
        let rules: String = row.get("rules")?;
        let version = Version {
            scheme: Scheme::parse(&rules)?,
            since: instant(row, "since")?,
            until: instant_or_none(row, "until")?,
        };
        Ok((row.get("generation")?, version))
    })?;
    Ok(found.into_iter().collect())
}

/// The scheme that was in force at an instant; the first of those that are kept, before it.
pub(super) fn at(session: &Session<'_>, instant: Timestamp) -> Result<Scheme, Error> {
    let sql = "SELECT rules FROM colour_schemes
         ORDER BY CASE WHEN since <= $1 THEN generation ELSE -generation END DESC LIMIT 1";
    let rules: Option<String> = session.row(sql, params![ms(instant)], |row| row.get("rules"))?;
    Scheme::parse(&rules.ok_or(Error::Damaged("colour_schemes"))?)
}

/// How many schemes have been in force.
pub(crate) fn generation(session: &Session<'_>) -> Result<u32, Error> {
    let sql = "SELECT generation FROM colour_scheme";
    let generation = session.row(sql, params![], |row| row.get("generation"))?;
    generation.ok_or(Error::Damaged("colour_scheme"))
}

/// The scheme in force, for the console.
pub(crate) fn response(session: &Session<'_>) -> Result<RulesResponse, Error> {
    let InForce { generation, scheme, since } = read_in_force(session)?;
    Ok(RulesResponse {
        generation,
        since,
        complete: !is_recolouring(session, generation)?,
        scheme: serde_json::from_str(scheme.text()).map_err(|_| Error::Damaged("rules"))?,
    })
}

/// Whether somebody may still have the colour of the scheme before this one.
pub(super) fn is_recolouring(session: &Session<'_>, generation: u32) -> Result<bool, Error> {
    Ok(cursor(session, generation)?.is_some())
}

/// The last document that was coloured anew, unless all are, or another scheme is in force.
pub(super) fn cursor(
    session: &Session<'_>,
    generation: u32,
) -> Result<Option<(u8, String)>, Error> {
    session.row(
        "SELECT done_type, done_number FROM colour_scheme
         WHERE generation = $1 AND done_type IS NOT NULL",
        params![generation],
        |row| Ok((row.get("done_type")?, row.get("done_number")?)),
    )
}

/// Keeps how far it has come; `None` when nobody is left.
pub(super) fn set_cursor(change: &Change<'_>, done: Option<&DocumentNumber>) -> Result<(), Error> {
    change.execute(
        "UPDATE colour_scheme SET done_type = $1, done_number = $2",
        params![
            done.map(|number| number.document_type().code()),
            done.map_or("", |number| number.reveal())
        ],
    )?;
    Ok(())
}
