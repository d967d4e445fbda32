//! The table `enrolments`: codes that were handed out. A used one stays, so that it cannot
//! come again.

use jiff::Timestamp;

use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::secret::TokenHash;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE enrolments (
    code_hash    BLOB PRIMARY KEY,
    site         TEXT NOT NULL REFERENCES sites (id),
    -- NULL: whoever enrols names the desk.
    station_name TEXT,
    scene        TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE enrolments (
    code_hash    BYTEA PRIMARY KEY,
    site         TEXT NOT NULL REFERENCES sites (id),
    station_name TEXT,
    scene        TEXT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);
",
};

/// What a code is good for.
#[derive(Debug)]
pub(super) struct Enrolment {
    pub(super) site: String,
    pub(super) station_name: Option<String>,
    pub(super) scene: String,
}

pub(super) fn insert(
    change: &Change<'_>,
    code: &TokenHash,
    site: &str,
    station_name: Option<&str>,
    scene: &str,
    expires_at: Timestamp,
) -> Result<(), Error> {
    change.execute(
        "INSERT INTO enrolments (code_hash, site, station_name, scene, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
        params![code, site, station_name, scene, ms(expires_at)],
    )?;
    Ok(())
}

/// Marks a code as used, if it still works.
pub(super) fn use_up(
    change: &Change<'_>,
    code: &TokenHash,
    now: Timestamp,
) -> Result<Option<Enrolment>, Error> {
    change.returning(
        "UPDATE enrolments SET used_at = $2
         WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2
         RETURNING site, station_name, scene",
        params![code, ms(now)],
        |row| {
            Ok(Enrolment {
                site: row.get("site")?,
                station_name: row.get("station_name")?,
                scene: row.get("scene")?,
            })
        },
    )
}

/// Whether a code would still work.
pub(crate) fn usable(
    session: &Session<'_>,
    code: &TokenHash,
    now: Timestamp,
) -> Result<bool, Error> {
    session.exists(
        "SELECT 1 FROM enrolments WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2",
        params![code, ms(now)],
    )
}
