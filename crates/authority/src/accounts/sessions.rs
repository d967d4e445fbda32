//! The table `sessions`. A stolen database opens no session: it holds hashes.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Savepoint, params};

use super::table::{self, AccountRow};
use crate::database::stored::ms;
use crate::error::Error;
use crate::secret::TokenHash;

pub(crate) const TABLE_1: &str = "
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_account ON sessions (account);
";

pub(super) fn insert(
    change: &Savepoint<'_>,
    token: &TokenHash,
    account: i64,
    expires_at: Timestamp,
) -> Result<(), Error> {
    change
        .prepare_cached(
            "INSERT INTO sessions (token_hash, account, expires_at) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![token, account, ms(expires_at)])?;
    Ok(())
}

/// The account of a session that lasts beyond `now`.
pub(super) fn account(
    connection: &Connection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<AccountRow>, Error> {
    let mut question = connection.prepare_cached(
        "SELECT accounts.id, password_hash, person, document_type, number, name
         FROM sessions
         JOIN accounts ON accounts.id = sessions.account
         JOIN persons ON persons.id = accounts.person
         WHERE token_hash = ?1 AND expires_at > ?2",
    )?;
    Ok(question.query_row(params![token, ms(now)], table::read).optional()?)
}

pub(super) fn end(change: &Savepoint<'_>, token: &TokenHash) -> Result<(), Error> {
    change.prepare_cached("DELETE FROM sessions WHERE token_hash = ?1")?.execute([token])?;
    Ok(())
}

pub(super) fn end_expired(change: &Savepoint<'_>, now: Timestamp) -> Result<(), Error> {
    change.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1")?.execute([ms(now)])?;
    Ok(())
}
