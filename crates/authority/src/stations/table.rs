//! The table `stations`: desks that were enrolled.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Savepoint, params};

use crate::database::stored::ms;
use crate::error::Error;
use crate::secret::TokenHash;

pub(crate) const TABLE_1: &str = "
CREATE TABLE stations (
    -- Its name for programs, as in its entries.
    id          TEXT PRIMARY KEY,
    site        TEXT NOT NULL REFERENCES sites (id),
    name        TEXT NOT NULL,
    scene       TEXT NOT NULL,
    token_hash  BLOB NOT NULL UNIQUE,
    enrolled_at INTEGER NOT NULL,
    -- A desk that was stolen or taken down; its token counts no longer.
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;
";

/// A desk that shows its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Station {
    pub(crate) id: String,
    pub(crate) site: String,
}

pub(super) fn insert(
    change: &Savepoint<'_>,
    station: &Station,
    name: &str,
    scene: &str,
    token: &TokenHash,
    now: Timestamp,
) -> Result<(), Error> {
    change
        .prepare_cached(
            "INSERT INTO stations (id, site, name, scene, token_hash, enrolled_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![station.id, station.site, name, scene, token, ms(now)])?;
    Ok(())
}

pub(super) fn find(connection: &Connection, token: &TokenHash) -> Result<Option<Station>, Error> {
    let mut question = connection.prepare_cached(
        "SELECT id, site FROM stations WHERE token_hash = ?1 AND revoked_at IS NULL",
    )?;
    let station = question
        .query_row([token], |row| Ok(Station { id: row.get("id")?, site: row.get("site")? }));
    Ok(station.optional()?)
}
