//! The table `enrolments`: codes that were handed out. A used one stays, so that it cannot
//! come again.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Savepoint, params};

use crate::database::stored::ms;
use crate::error::Error;
use crate::secret::TokenHash;

pub(crate) const TABLE_1: &str = "
CREATE TABLE enrolments (
    code_hash    BLOB PRIMARY KEY,
    site         TEXT NOT NULL REFERENCES sites (id),
    -- NULL: whoever enrols names the desk.
    station_name TEXT,
    scene        TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;
";

/// What a code is good for.
#[derive(Debug)]
pub(super) struct Enrolment {
    pub(super) site: String,
    pub(super) station_name: Option<String>,
    pub(super) scene: String,
}

pub(super) fn insert(
    change: &Savepoint<'_>,
    code: &TokenHash,
    site: &str,
    station_name: Option<&str>,
    scene: &str,
    expires_at: Timestamp,
) -> Result<(), Error> {
    change
        .prepare_cached(
            "INSERT INTO enrolments (code_hash, site, station_name, scene, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![code, site, station_name, scene, ms(expires_at)])?;
    Ok(())
}

/// Marks a code as used, if it still works.
pub(super) fn use_up(
    change: &Savepoint<'_>,
    code: &TokenHash,
    now: Timestamp,
) -> Result<Option<Enrolment>, Error> {
    let mut update = change.prepare_cached(
        "UPDATE enrolments SET used_at = ?2
         WHERE code_hash = ?1 AND used_at IS NULL AND expires_at > ?2
         RETURNING site, station_name, scene",
    )?;
    let enrolment = update.query_row(params![code, ms(now)], |row| {
        Ok(Enrolment {
            site: row.get("site")?,
            station_name: row.get("station_name")?,
            scene: row.get("scene")?,
        })
    });
    Ok(enrolment.optional()?)
}

/// Whether a code would still work.
pub(crate) fn usable(
    connection: &Connection,
    code: &TokenHash,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut question = connection.prepare_cached(
        "SELECT 1 FROM enrolments WHERE code_hash = ?1 AND used_at IS NULL AND expires_at > ?2",
    )?;
    Ok(question.exists(params![code, ms(now)])?)
}
