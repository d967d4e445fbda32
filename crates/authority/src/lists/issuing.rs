//! The table `issuing`, one row: which serial comes next, and how far the list has come.

use rusqlite::{Connection, Savepoint};
use yanma_domain::StatusIndex;

use super::permutation::Permutation;
use crate::error::Error;

pub(crate) const TABLE_1: &str = "
CREATE TABLE issuing (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    -- The key of the shuffle from serials to indexes. Never leaves this table.
    permutation_key BLOB NOT NULL CHECK (length(permutation_key) = 32),
    next_serial     INTEGER NOT NULL,
    -- Counts every change of a holder, so that whoever follows the list can ask what is new.
    revision        INTEGER NOT NULL
) STRICT;
-- SQLite's generator is ChaCha20 seeded by the operating system.
INSERT INTO issuing VALUES (1, randomblob(32), 0, 0);
";

/// The next serial and its index.
///
/// # Errors
///
/// [`Error::IndexesUsedUp`].
pub(crate) fn next_index(change: &Savepoint<'_>) -> Result<(u32, StatusIndex), Error> {
    let (serial, key) = change
        .prepare_cached(
            "UPDATE issuing SET next_serial = next_serial + 1
             RETURNING next_serial - 1, permutation_key",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let index = Permutation::new(key).index_of(serial);
    let index = index.ok_or(Error::IndexesUsedUp)?;
    Ok((serial, StatusIndex(index)))
}

/// A revision for a change that is being made.
pub(crate) fn next_revision(change: &Savepoint<'_>) -> Result<i64, Error> {
    let revision = change
        .prepare_cached("UPDATE issuing SET revision = revision + 1 RETURNING revision")?
        .query_row([], |row| row.get(0))?;
    Ok(revision)
}

/// How many serials were issued.
pub(super) fn issued(connection: &Connection) -> Result<u32, Error> {
    let issued = connection
        .prepare_cached("SELECT next_serial FROM issuing")?
        .query_row([], |row| row.get(0))?;
    Ok(issued)
}
