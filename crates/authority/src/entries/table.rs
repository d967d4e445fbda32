//! The table `entries`: append-only, in the order of arrival.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Savepoint, params};
use uuid::Uuid;
use yanma_protocol::entries::{EntriesPage, EntryRecord, EntryUpload};

use crate::database::stored::{damaged, instant, ms};
use crate::error::Error;

pub(crate) const TABLE_1: &str = "
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
";

pub(super) fn insert(
    change: &Savepoint<'_>,
    entry: &EntryUpload,
    now: Timestamp,
) -> Result<(), Error> {
    let upload = serde_json::to_string(entry).map_err(|_| Error::Damaged("entry"))?;
    change
        .prepare_cached(
            "INSERT INTO entries (id, station, at, received_at, subject_issuer, subject_index,
                 upload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            entry.id.as_bytes(),
            entry.station,
            ms(entry.at),
            ms(now),
            entry.subject.map(|subject| subject.issuer.0),
            entry.subject.map(|subject| subject.index.0),
            upload,
        ])?;
    Ok(())
}

/// The entry with this id, as it came.
pub(super) fn find(connection: &Connection, id: Uuid) -> Result<Option<EntryUpload>, Error> {
    let mut question = connection.prepare_cached("SELECT upload FROM entries WHERE id = ?1")?;
    Ok(question.query_row([id.as_bytes()], upload).optional()?)
}

fn upload(row: &Row<'_>) -> rusqlite::Result<EntryUpload> {
    let upload: String = row.get("upload")?;
    serde_json::from_str(&upload).map_err(|_| damaged(Type::Text))
}

/// Entries after a place, `limit` at most.
pub(super) fn page(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<EntriesPage, Error> {
    let mut question = connection.prepare_cached(
        "SELECT place, received_at, upload FROM entries WHERE place > ?1 ORDER BY place LIMIT ?2",
    )?;
    // One more than asked for tells whether there is a next page.
    let key = params![
        i64::try_from(after).unwrap_or(i64::MAX),
        i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
    ];
    let rows = question.query_map(key, |row| {
        let record = EntryRecord { entry: upload(row)?, received_at: instant(row, "received_at")? };
        let place: i64 = row.get("place")?;
        Ok((place.unsigned_abs(), record))
    })?;
    let mut found = rows.collect::<Result<Vec<_>, _>>()?;
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(EntriesPage {
        next: found.last().filter(|_| more).map(|(place, _)| *place),
        entries: found.into_iter().map(|(_, record)| record).collect(),
    })
}
