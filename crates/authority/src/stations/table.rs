//! The table `stations`: desks that were enrolled.

use jiff::Timestamp;
use serde::Serialize;

use crate::database::stored::{instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::secret::TokenHash;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
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
",
    postgres: "
CREATE TABLE stations (
    id          TEXT PRIMARY KEY,
    site        TEXT NOT NULL REFERENCES sites (id),
    name        TEXT NOT NULL,
    scene       TEXT NOT NULL,
    token_hash  BYTEA NOT NULL UNIQUE,
    enrolled_at BIGINT NOT NULL,
    revoked_at  BIGINT
);
",
};

/// A desk that shows its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Station {
    pub(crate) id: String,
    pub(crate) site: String,
}

/// A station as the authority's operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StationRow {
    /// Its name for programs, as in its entries.
    pub station: String,
    /// Where it stands.
    pub site: String,
    /// Its name for people.
    pub name: String,
    /// What it was enrolled for.
    pub scene: String,
    /// Since when it belongs to the authority.
    pub enrolled_at: Timestamp,
    /// Since when its token counts no longer.
    pub revoked_at: Option<Timestamp>,
}

pub(super) fn insert(
    change: &Change<'_>,
    station: &Station,
    name: &str,
    scene: &str,
    token: &TokenHash,
    now: Timestamp,
) -> Result<(), Error> {
    change.execute(
        "INSERT INTO stations (id, site, name, scene, token_hash, enrolled_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![station.id, station.site, name, scene, token, ms(now)],
    )?;
    Ok(())
}

/// Every station with its site, when it was enrolled, and when it was revoked.
pub(super) fn all(session: &Session<'_>) -> Result<Vec<StationRow>, Error> {
    let sql =
        "SELECT id, site, name, scene, enrolled_at, revoked_at FROM stations ORDER BY site, id";
    session.rows(sql, params![], |row| {
        Ok(StationRow {
            station: row.get("id")?,
            site: row.get("site")?,
            name: row.get("name")?,
            scene: row.get("scene")?,
            enrolled_at: instant(row, "enrolled_at")?,
            revoked_at: instant_or_none(row, "revoked_at")?,
        })
    })
}

/// Whether there was a station to revoke. One that is revoked already stays as it is.
pub(super) fn revoke(change: &Change<'_>, id: &str, now: Timestamp) -> Result<bool, Error> {
    let revoked = change.execute(
        "UPDATE stations SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1",
        params![id, ms(now)],
    )?;
    Ok(revoked == 1)
}

/// The stations that have these tokens and are not revoked.
pub(super) fn find(
    session: &Session<'_>,
    tokens: &[TokenHash],
) -> Result<Vec<(TokenHash, Station)>, Error> {
    let sql = "SELECT token_hash, id, site FROM stations WHERE revoked_at IS NULL AND token_hash";
    session.rows_for(sql, tokens, |row| {
        let station = Station { id: row.get("id")?, site: row.get("site")? };
        Ok((row.get("token_hash")?, station))
    })
}
