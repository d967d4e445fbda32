//! The table `verifications`: who was looked up by which station, when, and what was answered.
//! No name, no number and no hash of one is in it.

use uuid::Uuid;
use yanma_protocol::verify::LegalBasis;

use super::Outcome;
use super::journal::Record;
use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, Value, params};
use crate::error::Error;

/// The table's name; PostgreSQL keeps it in a partition for each day of the ids.
pub(crate) const TABLE: &str = "verifications";

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE verifications (
    -- The receipt, which begins with its instant, and the item's place in the request.
    id           BLOB NOT NULL CHECK (length(id) = 16),
    item         INTEGER NOT NULL,
    station      TEXT NOT NULL,
    at           INTEGER NOT NULL,
    -- What allowed a look-up by document; NULL for a code.
    basis        TEXT,
    -- known, unknown, unchecked, or why a code was refused.
    outcome      TEXT NOT NULL,
    issuer       INTEGER,
    status_index INTEGER,
    colour       INTEGER,
    PRIMARY KEY (id, item)
) STRICT, WITHOUT ROWID;
",
    // The station is no foreign key: nothing may keep a record from being written.
    postgres: "
CREATE TABLE verifications (
    id           BYTEA NOT NULL CHECK (octet_length(id) = 16),
    item         BIGINT NOT NULL,
    station      TEXT NOT NULL,
    at           BIGINT NOT NULL,
    basis        TEXT,
    outcome      TEXT NOT NULL,
    issuer       BIGINT,
    status_index BIGINT,
    colour       BIGINT,
    PRIMARY KEY (id, item)
) PARTITION BY RANGE (id);
CREATE TABLE verifications_other PARTITION OF verifications DEFAULT;
",
};

const COLUMNS: [&str; 9] =
    ["id", "item", "station", "at", "basis", "outcome", "issuer", "status_index", "colour"];

/// Adds records. One that is there already stays as it is, so that a commit of which nothing
/// is known can be tried again.
pub(super) fn insert(change: &Change<'_>, records: &[Record]) -> Result<(), Error> {
    let rows: Vec<_> = records.iter().map(row).collect();
    change.insert_all(TABLE, &COLUMNS, &rows, "ON CONFLICT DO NOTHING", |_| Ok(()))?;
    Ok(())
}

fn row(record: &Record) -> Vec<Value> {
    let (outcome, known) = match record.outcome {
        Outcome::Known { issuer, index, colour } => ("known", Some((issuer, index, colour))),
        Outcome::Unknown => ("unknown", None),
        Outcome::Unchecked => ("unchecked", None),
        Outcome::Refused(code) => (code, None),
    };
    params![
        record.receipt,
        record.item,
        record.station.id,
        ms(record.at),
        record.basis.map(LegalBasis::as_str),
        outcome,
        known.map(|(issuer, ..)| issuer.0),
        known.map(|(_, index, _)| index.0),
        known.map(|(.., colour)| colour.bits()),
    ]
    .to_vec()
}

/// Whether a station's record is on the disk. Records of one receipt are written together.
pub(super) fn is_kept(session: &Session<'_>, receipt: Uuid, station: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM verifications WHERE id = $1 AND item = 0 AND station = $2";
    session.exists(sql, params![receipt, station])
}
