//! When each station last called, with what program and what list.
//!
//! A call costs no write: what was seen is kept in memory and written twice a minute.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;
use yanma_protocol::stations::ListState;

use crate::database::stored::ms;
use crate::database::{Change, Database, Ddl, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE stations_seen (
    station          TEXT PRIMARY KEY REFERENCES stations (id),
    seen_at          INTEGER NOT NULL,
    version          TEXT,
    list_epoch       INTEGER,
    list_sequence    INTEGER,
    list_age_seconds INTEGER
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE stations_seen (
    station          TEXT PRIMARY KEY REFERENCES stations (id),
    seen_at          BIGINT NOT NULL,
    version          TEXT,
    list_epoch       BIGINT,
    list_sequence    BIGINT,
    list_age_seconds BIGINT
) WITH (fillfactor = 70);
",
};

/// Longest name of a program that is kept.
const VERSION_CHARS: usize = 60;

/// One call of a station.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    at: Timestamp,
    version: Option<String>,
    list: Option<ListState>,
}

/// The last calls that have not been written yet.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<String, Call>>);

impl Seen {
    /// Notes a call. What the call does not tell stays as it was told before.
    pub(crate) fn note(
        &self,
        station: &str,
        version: Option<&str>,
        list: Option<ListState>,
        now: Timestamp,
    ) {
        // A poisoned lock means a panic while noting; the call itself matters more.
        let Ok(mut calls) = self.0.lock() else { return };
        let version = version.map(|text| {
            text.chars().filter(|c| !c.is_control()).take(VERSION_CHARS).collect::<String>()
        });
        match calls.get_mut(station) {
            Some(call) => {
                call.at = call.at.max(now);
                call.version = version.or(call.version.take());
                call.list = list.or(call.list);
            }
            None => drop(calls.insert(station.to_owned(), Call { at: now, version, list })),
        }
    }

    /// Writes what was noted since the last time.
    ///
    /// # Errors
    ///
    /// What the database says; these calls are not written then.
    pub(crate) async fn write(&self, database: &Database) -> Result<(), Error> {
        let calls = std::mem::take(&mut *self.0.lock().map_err(|_| Error::Panicked)?);
        if calls.is_empty() {
            return Ok(());
        }
        database
            .write(move |change| {
                calls.iter().try_for_each(|(station, call)| put(change, station, call))
            })
            .await
    }
}

/// Of two processes the one that heard the station later has the last word.
fn put(change: &Change<'_>, station: &str, call: &Call) -> Result<(), Error> {
    change.execute(
        "INSERT INTO stations_seen
             (station, seen_at, version, list_epoch, list_sequence, list_age_seconds)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (station) DO UPDATE SET
             seen_at = excluded.seen_at,
             version = coalesce(excluded.version, stations_seen.version),
             list_epoch = coalesce(excluded.list_epoch, stations_seen.list_epoch),
             list_sequence = coalesce(excluded.list_sequence, stations_seen.list_sequence),
             list_age_seconds = coalesce(excluded.list_age_seconds, stations_seen.list_age_seconds)
         WHERE excluded.seen_at >= stations_seen.seen_at",
        params![
            station,
            ms(call.at),
            call.version,
            call.list.map(|list| list.epoch),
            call.list.map(|list| list.sequence),
            call.list.map(|list| list.age_seconds),
        ],
    )?;
    Ok(())
}
