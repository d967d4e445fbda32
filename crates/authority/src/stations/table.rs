//! The table `stations`: desks that were enrolled.

use jiff::Timestamp;
use yanma_protocol::stations::{ListState, StationRecord};

use crate::database::stored::{instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Row, Session, params};
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

const RECORD: &str = "
    SELECT id, site, name, scene, enrolled_at, revoked_at, seen_at, version, list_epoch,
           list_sequence, list_age_seconds
    FROM stations LEFT JOIN stations_seen ON stations_seen.station = stations.id";

/// Every station, one site after the other.
pub(super) fn all(session: &Session<'_>) -> Result<Vec<StationRecord>, Error> {
    session.rows(&format!("{RECORD} ORDER BY site, id"), params![], record)
}

/// One of them.
pub(super) fn one(session: &Session<'_>, id: &str) -> Result<Option<StationRecord>, Error> {
    session.row(&format!("{RECORD} WHERE id = $1"), params![id], record)
}

fn record(row: &Row<'_>) -> Result<StationRecord, Error> {
    let list = (row.get("list_epoch")?, row.get("list_sequence")?, row.get("list_age_seconds")?);
    Ok(StationRecord {
        station: row.get("id")?,
        site: row.get("site")?,
        name: row.get("name")?,
        scene: row.get("scene")?,
        enrolled_at: instant(row, "enrolled_at")?,
        revoked_at: instant_or_none(row, "revoked_at")?,
        seen_at: instant_or_none(row, "seen_at")?,
        version: row.get("version")?,
        list: match list {
            (Some(epoch), Some(sequence), Some(age_seconds)) => {
                Some(ListState { epoch, sequence, age_seconds })
            }
            _ => None,
        },
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

/// Whether this is the token of a station that was revoked.
pub(super) fn is_revoked(session: &Session<'_>, token: &TokenHash) -> Result<bool, Error> {
    let sql = "SELECT id FROM stations WHERE token_hash = $1 AND revoked_at IS NOT NULL";
    session.exists(sql, params![token])
}

/// The station of this name and the hash of its token, unless it was revoked.
pub(super) fn in_force(
    session: &Session<'_>,
    id: &str,
) -> Result<Option<(TokenHash, Station)>, Error> {
    let sql = "SELECT token_hash, id, site FROM stations WHERE revoked_at IS NULL AND id = $1";
    session.row(sql, params![id], with_token)
}

/// The stations that have these tokens and are not revoked.
pub(super) fn find(
    session: &Session<'_>,
    tokens: &[TokenHash],
) -> Result<Vec<(TokenHash, Station)>, Error> {
    let sql = "SELECT token_hash, id, site FROM stations WHERE revoked_at IS NULL AND token_hash";
    session.rows_for(sql, tokens, with_token)
}

fn with_token(row: &Row<'_>) -> Result<(TokenHash, Station), Error> {
    let station = Station { id: row.get("id")?, site: row.get("site")? };
    Ok((row.get("token_hash")?, station))
}
