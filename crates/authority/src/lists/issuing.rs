//! The table `issuing`, one row: which serial comes next, and how far the list has come.

use yanma_domain::StatusIndex;

use super::permutation::Permutation;
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
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
",
    postgres: "
CREATE TABLE issuing (
    id              BIGINT PRIMARY KEY CHECK (id = 1),
    permutation_key BYTEA NOT NULL CHECK (octet_length(permutation_key) = 32),
    next_serial     BIGINT NOT NULL,
    revision        BIGINT NOT NULL
);
-- Three times 122 bits of the operating system's randomness.
INSERT INTO issuing VALUES (
    1,
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        || uuid_send(gen_random_uuid())),
    0,
    0
);
",
};

/// The next serial and its index.
///
/// # Errors
///
/// [`Error::IndexesUsedUp`].
pub(crate) fn next_index(change: &Change<'_>) -> Result<(u32, StatusIndex), Error> {
    let taken = change.returning(
        "UPDATE issuing SET next_serial = next_serial + 1
         RETURNING next_serial - 1 AS serial, permutation_key",
        params![],
        |row| Ok((row.get("serial")?, row.get("permutation_key")?)),
    )?;
    let (serial, key) = taken.ok_or(Error::Damaged("issuing"))?;
    let index = Permutation::new(key).index_of(serial);
    let index = index.ok_or(Error::IndexesUsedUp)?;
    Ok((serial, StatusIndex(index)))
}

/// The first of `count` serials, and the shuffle from serials to indexes.
pub(crate) fn next_serials(change: &Change<'_>, count: u32) -> Result<(u32, Permutation), Error> {
    let taken = change.returning(
        "UPDATE issuing SET next_serial = next_serial + $1
         RETURNING next_serial - $1 AS serial, permutation_key",
        params![count],
        |row| Ok((row.get("serial")?, row.get("permutation_key")?)),
    )?;
    let (serial, key) = taken.ok_or(Error::Damaged("issuing"))?;
    Ok((serial, Permutation::new(key)))
}

/// A revision for a change that is being made.
pub(crate) fn next_revision(change: &Change<'_>) -> Result<i64, Error> {
    let revision = change.returning(
        "UPDATE issuing SET revision = revision + 1 RETURNING revision",
        params![],
        |row| row.get("revision"),
    )?;
    revision.ok_or(Error::Damaged("issuing"))
}

/// The first of `count` revisions for a change that is being made.
pub(crate) fn next_revisions(change: &Change<'_>, count: usize) -> Result<i64, Error> {
    let count = i64::try_from(count).map_err(|_| Error::Damaged("issuing"))?;
    let last = change.returning(
        "UPDATE issuing SET revision = revision + $1 RETURNING revision",
        params![count],
        |row| row.get::<i64>("revision"),
    )?;
    Ok(last.ok_or(Error::Damaged("issuing"))? - count + 1)
}

/// How many serials were issued.
pub(super) fn issued(session: &Session<'_>) -> Result<u32, Error> {
    let issued =
        session.row("SELECT next_serial FROM issuing", params![], |row| row.get("next_serial"))?;
    issued.ok_or(Error::Damaged("issuing"))
}
