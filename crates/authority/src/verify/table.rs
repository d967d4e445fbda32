//! The table `verification_pages`: who was looked up by which station, when, and what was
//! answered. No name, no number and no hash of one is in it. What was recorded before there
//! were pages lies in `verifications`, a row each, until its days end.

use jiff::Timestamp;
use uuid::Uuid;

use super::journal;
use super::page::{self, Page, Recorded};
use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
use crate::days;
use crate::error::Error;

/// The table of single records; PostgreSQL keeps it in a partition for each day of the ids.
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

/// The table of pages; PostgreSQL keeps it in a partition for each day of the ids.
pub(crate) const PAGES: &str = "verification_pages";

pub(crate) const TABLE_3: Ddl = Ddl {
    sqlite: "
CREATE TABLE verification_pages (
    -- Begins with the instant of the earliest record, as a receipt does.
    id      BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- Which process recorded it, and the numbers of its first and last receipt in it.
    run     INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    records INTEGER NOT NULL,
    -- The records, packed: see verify/page.rs.
    body    BLOB NOT NULL
) STRICT;
",
    postgres: "
CREATE TABLE verification_pages (
    id      BYTEA NOT NULL PRIMARY KEY CHECK (octet_length(id) = 16),
    run     BIGINT NOT NULL,
    first   BIGINT NOT NULL,
    last    BIGINT NOT NULL,
    records BIGINT NOT NULL,
    body    BYTEA NOT NULL
) PARTITION BY RANGE (id);
CREATE TABLE verification_pages_other PARTITION OF verification_pages DEFAULT;
",
};

/// Adds a page. One that is there already stays as it is, so that a commit of which nothing
/// is known can be tried again.
pub(super) fn insert(change: &Change<'_>, page: &Page) -> Result<(), Error> {
    let Page { run, first, last, id, records, body } = page;
    let number = |number: &u64| i64::try_from(*number).map_err(|_| Error::Damaged(PAGES));
    change.execute(
        "INSERT INTO verification_pages (id, run, first, last, records, body)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        params![id, number(run)?, number(first)?, number(last)?, *records, body],
    )?;
    Ok(())
}

/// The record of a receipt's first item, if it is on the disk. Records of one receipt are
/// written together.
pub(super) fn find(session: &Session<'_>, receipt: Uuid) -> Result<Option<Recorded>, Error> {
    let (run, number) = journal::parts(receipt);
    let run = i64::try_from(run).map_err(|_| Error::Damaged(PAGES))?;
    let number = i64::try_from(number).map_err(|_| Error::Damaged(PAGES))?;
    // Twice, because a clock that was set back may have put the earliest record behind.
    let apart_ms = 2 * journal::APART_MS;
    let ms = journal::instant_ms(receipt);
    let page = session.row(
        "SELECT id, body FROM verification_pages
         WHERE id >= $1 AND id <= $2 AND run = $3 AND first <= $4 AND last >= $4",
        params![days::first_id(ms - apart_ms), days::first_id(ms + apart_ms), run, number],
        |row| Ok((row.get("id")?, row.get::<Vec<u8>>("body")?)),
    )?;
    let Some((id, body)) = page else { return Ok(None) };
    Ok(page::unpack(id, &body)?.into_iter().find(|record| record.receipt == receipt))
}

/// Pages whose earliest record is of an instant from `from` up to `until`, after the page
/// `after`: their ids and bodies, in order, some at a time.
pub(super) fn pages(
    session: &Session<'_>,
    after: Uuid,
    until: Timestamp,
) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
    session.rows(
        "SELECT id, body FROM verification_pages WHERE id > $1 AND id < $2 ORDER BY id LIMIT 64",
        params![after, days::first_id(ms(until))],
        |row| Ok((row.get("id")?, row.get("body")?)),
    )
}

/// Whether a station's record is on the disk.
pub(super) fn is_kept(session: &Session<'_>, receipt: Uuid, station: &str) -> Result<bool, Error> {
    if let Some(record) = find(session, receipt)? {
        return Ok(record.station == station);
    }
    let sql = "SELECT 1 FROM verifications WHERE id = $1 AND item = 0 AND station = $2";
    session.exists(sql, params![receipt, station])
}
