//! The table `sessions`. A stolen database opens no session: it holds hashes.

use jiff::Timestamp;

use super::table::{self, AccountRow};
use crate::database::stored::{instant, ms};
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::identity::proofs::BEST;
use crate::secret::TokenHash;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_account ON sessions (account);
",
    postgres: "
CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY,
    account    BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_account ON sessions (account);
",
};

/// A session's account.
#[derive(Debug, Clone)]
pub(crate) struct LoggedIn {
    pub(crate) account: AccountRow,
    /// When the session ends by itself.
    pub(crate) until: Timestamp,
}

pub(super) fn insert(
    change: &Change<'_>,
    token: &TokenHash,
    account: i64,
    expires_at: Timestamp,
) -> Result<(), Error> {
    change.execute(
        "INSERT INTO sessions (token_hash, account, expires_at) VALUES ($1, $2, $3)",
        params![token, account, ms(expires_at)],
    )?;
    Ok(())
}

/// The accounts of these sessions, and until when the sessions last.
pub(super) fn accounts(
    session: &Session<'_>,
    tokens: &[TokenHash],
) -> Result<Vec<(TokenHash, LoggedIn)>, Error> {
    let sql = format!(
        "SELECT token_hash, expires_at,
               accounts.id, password_hash, person, document_type, number, name, {BEST}
        FROM sessions
        JOIN accounts ON accounts.id = sessions.account
        JOIN persons ON persons.id = accounts.person
        WHERE token_hash"
    );
    session.rows_for(&sql, tokens, |row| {
        let until = instant(row, "expires_at")?;
        Ok((row.get("token_hash")?, LoggedIn { account: table::read(row)?, until }))
    })
}

pub(super) fn end(change: &Change<'_>, token: &TokenHash) -> Result<(), Error> {
    change.execute("DELETE FROM sessions WHERE token_hash = $1", params![token])?;
    Ok(())
}

pub(super) fn end_all(change: &Change<'_>, account: i64) -> Result<(), Error> {
    change.execute("DELETE FROM sessions WHERE account = $1", params![account])?;
    Ok(())
}

pub(super) fn end_expired(change: &Change<'_>, now: Timestamp) -> Result<(), Error> {
    change.execute("DELETE FROM sessions WHERE expires_at <= $1", params![ms(now)])?;
    Ok(())
}
