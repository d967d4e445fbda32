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

/// The order of arrival follows from the time of arrival: no row that every upload counts up.
/// In PostgreSQL the station is no foreign key any more: nothing may keep an entry from being
/// written, and stations are not distributed by the ids of entries.
pub(crate) const TABLE_7: Ddl = Ddl {
    sqlite: "
CREATE TABLE entries_by_time (
    -- The order of arrival; entries that arrived in one millisecond may share it.
    place         INTEGER NOT NULL,
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
INSERT INTO entries_by_time
    SELECT place, id, station, at, received_at, subject_issuer, subject_index, upload
    FROM entries ORDER BY place;
DROP TABLE entries;
ALTER TABLE entries_by_time RENAME TO entries;
CREATE INDEX entries_by_place ON entries (place);
CREATE INDEX entries_by_station ON entries (station, at);
CREATE INDEX entries_by_subject ON entries (subject_issuer, subject_index, at)
    WHERE subject_index IS NOT NULL;
DROP TABLE arrivals;
",
    postgres: "
ALTER TABLE entries DROP CONSTRAINT entries_station_fkey;
DROP TABLE arrivals;
",
};

/// 2020-01-01T00:00:00Z, in milliseconds since 1970.
const YEAR_2020_MS: i64 = 1_577_836_800_000;

/// Bits of a place behind the millisecond of arrival. A place stays below 2^53, which is what
/// a number in JavaScript holds, until 2054.
const WITHIN_MS: u32 = 13;

/// Where an entry stands in the order of arrival, from when it arrived and its number in the
/// upload. Uploads that arrive in the same millisecond share places.
fn place(now: Timestamp, number: usize) -> i64 {
    let last = (1 << WITHIN_MS) - 1;
    let number = i64::try_from(number).map_or(last, |number| number.min(last));
    first_place(ms(now)) | number
}

/// The first place of an instant, in milliseconds since 1970. Entries from before places
/// followed the time of arrival have lower ones.
pub(crate) fn first_place(ms: i64) -> i64 {
    (ms - YEAR_2020_MS).max(0) << WITHIN_MS
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
    let rows = entries
        .into_iter()
        .enumerate()
        .map(|(number, entry)| {
            let upload = serde_json::to_string(entry).map_err(|_| Error::Damaged("entry"))?;
            let row = params![
                place(now, number),
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

/// Entries after a place, about `limit` at most: those that share a place are on one page.
///
/// Without whose they were: who was where is what [`crate::traces`] answer, to those who may
/// ask, with a reason.
pub(super) fn page(session: &Session<'_>, after: u64, limit: usize) -> Result<EntriesPage, Error> {
    const SELECT: &str = "SELECT place, received_at, upload FROM entries WHERE place";
    let read = |row: &Row<'_>| {
        let entry = EntryUpload { subject: None, document_hash: None, ..upload(row)? };
        let record = EntryRecord { entry, received_at: instant(row, "received_at")? };
        Ok((row.get::<i64>("place")?, record))
    };
    // One more than asked for tells whether there is a next page.
    let key = params![
        i64::try_from(after).unwrap_or(i64::MAX),
        i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
    ];
    let sql = format!("{SELECT} > $1 ORDER BY place, id LIMIT $2");
    let mut found = session.rows(&sql, key, read)?;
    let beyond = found.get(limit).map(|(place, _)| *place);
    found.truncate(limit);
    let last = found.last().map(|(place, _)| *place);
    if let Some(place) = last.filter(|_| beyond == last) {
        found.retain(|(other, _)| *other < place);
        found.extend(session.rows(&format!("{SELECT} = $1 ORDER BY id"), params![place], read)?);
    }
    Ok(EntriesPage {
        next: last.filter(|_| beyond.is_some()).map(i64::unsigned_abs),
        entries: found.into_iter().map(|(_, record)| record).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::testing::with_change;
    use serde_json::json;

    #[test]
    fn places_follow_the_time_of_arrival_and_the_order_in_the_upload() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let now = at("2020-07-01T08:00:00.001Z");
        let places = [
            place(at("2019-12-31T23:59:59Z"), 7),
            place(at("2020-07-01T08:00:00Z"), 1_000),
            place(now, 0),
            place(now, 1),
            place(now, 8_191),
            place(at("2054-01-01T00:00:00Z"), 8_191),
            1 << 53,
        ];
        assert!(places.is_sorted_by(|one, other| one < other), "{places:?}");
        assert_eq!(place(now, 1_000_000), place(now, 8_191));
        assert!(place(at("2020-01-02T00:00:00Z"), 0) > 1 << 39, "after those that were counted");
    }

    #[test]
    fn a_page_never_ends_between_entries_that_share_a_place() {
        with_change(|change| {
            let site = "INSERT INTO sites VALUES ('gate-1', '一', 'A', 'hotel')";
            change.execute(site, params![]).unwrap();
            let station = "INSERT INTO stations (id, site, name, scene, token_hash, enrolled_at)
                VALUES ('desk-1', 'gate-1', 'A', 'hotel', $1, 0)";
            change.execute(station, params![vec![7u8; 32]]).unwrap();
            let entry = |tail: u32| -> EntryUpload {
                let id = format!("01730000-0000-7000-8000-{tail:012}");
                serde_json::from_value(json!({
                    "id": id, "station": "desk-1", "at": "2020-07-01T08:00:01Z",
                    "scene": "hotel", "decision": "admit", "reasons": [], "colour": "green",
                    "subject": null, "method": ["code"], "action": "none",
                    "basis": {"online": true, "status_epoch": 1, "status_sequence": 1,
                        "age_seconds": 3, "policy": "hotel/1"},
                }))
                .unwrap()
            };
            let now: Timestamp = "2020-07-01T08:00:02Z".parse().unwrap();
            for tail in 1..=3 {
                insert(change, [&entry(tail)], now).unwrap();
            }
            insert(change, [&entry(4), &entry(5)], now).unwrap();
            let page = |after| {
                let page = page(change, after, 2).unwrap();
                let ids = page.entries.iter().map(|record| record.entry.id.as_bytes()[15]);
                (ids.collect::<Vec<_>>(), page.next)
            };
            let (first, next) = page(0);
            assert_eq!(first, [1, 2, 3, 4], "all that share the first place");
            assert_eq!(page(next.unwrap()), (vec![5], None));
        });
    }
}
