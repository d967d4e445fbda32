//! The table `entries`: append-only, in the order of arrival.

use std::collections::HashSet;

use jiff::Timestamp;
use uuid::Uuid;
use yanma_protocol::entries::{EntriesPage, EntryRecord, EntryUpload};

use crate::database::stored::{instant, ms};
use crate::database::{Change, Ddl, Row, Session, params};
use crate::error::Error;

/// The table's name.
pub(crate) const TABLE: &str = "entries";

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE entries (
    place         INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Made by the desk; sent twice it is kept once.
    id            BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    station       TEXT NOT NULL REFERENCES stations (id),
    -- By the desk's clock, and by ours.
    at            INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    subject_issuer INTEGER,
    subject_index INTEGER,
    -- The whole entry as it came, which has no name and no number in it.
    upload        TEXT NOT NULL
) STRICT;
CREATE INDEX entries_by_station ON entries (station, at);
CREATE INDEX entries_by_subject ON entries (subject_issuer, subject_index, at)
    WHERE subject_index IS NOT NULL;
",
    // A partition for each day of the ids, which begin with their instant: so an id is
    // unique in the whole table by the index of its own day. `days` makes them.
    postgres: "
CREATE TABLE entries (
    place         BIGINT NOT NULL,
    id            BYTEA PRIMARY KEY CHECK (octet_length(id) = 16),
    station       TEXT NOT NULL REFERENCES stations (id),
    at            BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    subject_issuer BIGINT,
    subject_index BIGINT,
    upload        TEXT NOT NULL
) PARTITION BY RANGE (id);
CREATE TABLE entries_other PARTITION OF entries DEFAULT;
CREATE INDEX entries_by_place ON entries (place);
CREATE INDEX entries_by_station ON entries (station, at);
CREATE INDEX entries_by_subject ON entries (subject_issuer, subject_index, at)
    WHERE subject_index IS NOT NULL;
",
};

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
-- Which place comes next; one row.
CREATE TABLE arrivals (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    taken INTEGER NOT NULL
) STRICT;
INSERT INTO arrivals SELECT 1, coalesce(max(place), 0) FROM entries;
",
    postgres: "
CREATE TABLE arrivals (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    taken BIGINT NOT NULL
);
INSERT INTO arrivals VALUES (1, 0);
",
};

/// Takes so many places in the order of arrival; returns the first. A place may stay empty.
fn take_places(change: &Change<'_>, count: usize) -> Result<i64, Error> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let last: Option<i64> = change.returning(
        "UPDATE arrivals SET taken = taken + $1 RETURNING taken",
        params![count],
        |row| row.get("taken"),
    )?;
    Ok(last.ok_or(Error::Damaged("arrivals"))? - count + 1)
}

/// Adds entries; returns the ids that were free.
pub(super) fn insert<'e>(
    change: &Change<'_>,
    entries: impl IntoIterator<Item = &'e EntryUpload>,
    now: Timestamp,
) -> Result<HashSet<Uuid>, Error> {
    const COLUMNS: [&str; 8] = [
        "place",
        "id",
        "station",
        "at",
        "received_at",
        "subject_issuer",
        "subject_index",
        "upload",
    ];
    let entries: Vec<_> = entries.into_iter().collect();
    let rows = (take_places(change, entries.len())?..)
        .zip(entries)
        .map(|(place, entry)| {
            let upload = serde_json::to_string(entry).map_err(|_| Error::Damaged("entry"))?;
            let row = params![
                place,
                entry.id,
                entry.station,
                ms(entry.at),
                ms(now),
                entry.subject.map(|subject| subject.issuer.0),
                entry.subject.map(|subject| subject.index.0),
                upload,
            ];
            Ok(row.to_vec())
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let then = "ON CONFLICT (id) DO NOTHING RETURNING id";
    let free = change.insert_all(TABLE, &COLUMNS, &rows, then, |row| row.get("id"))?;
    Ok(free.into_iter().collect())
}

/// The entry with this id, as it came.
pub(super) fn find(session: &Session<'_>, id: Uuid) -> Result<Option<EntryUpload>, Error> {
    session.row("SELECT upload FROM entries WHERE id = $1", params![id], upload)
}

fn upload(row: &Row<'_>) -> Result<EntryUpload, Error> {
    let upload: String = row.get("upload")?;
    serde_json::from_str(&upload).map_err(|_| Error::Damaged("upload"))
}

/// Entries after a place, `limit` at most.
pub(super) fn page(session: &Session<'_>, after: u64, limit: usize) -> Result<EntriesPage, Error> {
    let sql =
        "SELECT place, received_at, upload FROM entries WHERE place > $1 ORDER BY place LIMIT $2";
    // One more than asked for tells whether there is a next page.
    let key = params![
        i64::try_from(after).unwrap_or(i64::MAX),
        i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
    ];
    let mut found = session.rows(sql, key, |row| {
        let record = EntryRecord { entry: upload(row)?, received_at: instant(row, "received_at")? };
        let place: i64 = row.get("place")?;
        Ok((place.unsigned_abs(), record))
    })?;
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(EntriesPage {
        next: found.last().filter(|_| more).map(|(place, _)| *place),
        entries: found.into_iter().map(|(_, record)| record).collect(),
    })
}
