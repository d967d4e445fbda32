//! What is kept of one-time passwords: columns of `clerks`, and the tables `recovery_codes`
//! and `console_sessions`. None of it opens anything without the key folder, or at all.

use jiff::Timestamp;

use super::failures::Failures;
use crate::database::stored::{instant_or_none, ms};
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::secret::TokenHash;

pub(crate) const TABLE_5: Ddl = Ddl {
    sqlite: "
-- A seed whose app is not confirmed yet; the one before counts until then.
ALTER TABLE clerks ADD COLUMN otp_next_seed BLOB;
-- Wrong passwords in a row, and when the last one was typed.
ALTER TABLE clerks ADD COLUMN otp_failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clerks ADD COLUMN otp_failed_at INTEGER;
-- A code that was used is gone.
CREATE TABLE recovery_codes (
    clerk INTEGER NOT NULL REFERENCES clerks (id),
    hash  BLOB NOT NULL,
    PRIMARY KEY (clerk, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE console_sessions (
    token_hash BLOB PRIMARY KEY,
    clerk      INTEGER NOT NULL REFERENCES clerks (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX console_sessions_by_clerk ON console_sessions (clerk);
",
    postgres: "
ALTER TABLE clerks
    ADD COLUMN otp_next_seed BYTEA,
    ADD COLUMN otp_failures BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN otp_failed_at BIGINT;
CREATE TABLE recovery_codes (
    clerk BIGINT NOT NULL REFERENCES clerks (id),
    hash  BYTEA NOT NULL,
    PRIMARY KEY (clerk, hash)
);
CREATE TABLE console_sessions (
    token_hash BYTEA PRIMARY KEY,
    clerk      BIGINT NOT NULL REFERENCES clerks (id),
    expires_at BIGINT NOT NULL
);
CREATE INDEX console_sessions_by_clerk ON console_sessions (clerk);
",
};

/// Random bytes that the secret of one person's app is made from, with the key folder.
pub(crate) type Seed = [u8; 32];

/// What a recovery code is known by.
pub(crate) type RecoveryHash = [u8; 32];

/// How it stands with the one-time passwords of one person.
#[derive(Debug)]
pub(super) struct Factor {
    /// Of the app that was confirmed.
    pub(super) seed: Option<Seed>,
    /// Of the app that is being set up.
    pub(super) next_seed: Option<Seed>,
    /// The step of the last password that was taken.
    pub(super) last_step: i64,
    pub(super) failures: Failures,
}

/// Nobody, when the token was ended.
pub(super) fn find(session: &Session<'_>, clerk: i64) -> Result<Option<Factor>, Error> {
    session.row(
        "SELECT otp_seed, otp_next_seed, otp_last_step, otp_failures, otp_failed_at
         FROM clerks WHERE id = $1 AND revoked_at IS NULL",
        params![clerk],
        |row| {
            let count = u32::try_from(row.get::<i64>("otp_failures")?).unwrap_or(u32::MAX);
            Ok(Factor {
                seed: row.get("otp_seed")?,
                next_seed: row.get("otp_next_seed")?,
                last_step: row.get("otp_last_step")?,
                failures: Failures { count, last: instant_or_none(row, "otp_failed_at")? },
            })
        },
    )
}

pub(super) fn put_next(change: &Change<'_>, clerk: i64, seed: &Seed) -> Result<(), Error> {
    let sql = "UPDATE clerks SET otp_next_seed = $2 WHERE id = $1";
    change.execute(sql, params![clerk, seed])?;
    Ok(())
}

/// The app that is being set up counts from now on.
pub(super) fn confirm(change: &Change<'_>, clerk: i64, now: Timestamp) -> Result<(), Error> {
    change.execute(
        "UPDATE clerks SET otp_seed = otp_next_seed, otp_next_seed = NULL, otp_since = $2
         WHERE id = $1",
        params![clerk, ms(now)],
    )?;
    Ok(())
}

/// Takes the password of a step: it and those before it count no longer.
pub(super) fn take_step(change: &Change<'_>, clerk: i64, step: i64) -> Result<(), Error> {
    let sql = "UPDATE clerks SET otp_last_step = $2 WHERE id = $1";
    change.execute(sql, params![clerk, step])?;
    Ok(())
}

pub(super) fn put_failures(
    change: &Change<'_>,
    clerk: i64,
    failures: Failures,
) -> Result<(), Error> {
    change.execute(
        "UPDATE clerks SET otp_failures = $2, otp_failed_at = $3 WHERE id = $1",
        params![clerk, i64::from(failures.count), failures.last.map(ms)],
    )?;
    Ok(())
}

/// Nothing is set up any longer. The last step stays: its password has been seen.
pub(super) fn forget(change: &Change<'_>, clerk: i64) -> Result<(), Error> {
    change.execute(
        "UPDATE clerks SET otp_seed = NULL, otp_next_seed = NULL, otp_since = NULL,
             otp_failures = 0, otp_failed_at = NULL
         WHERE id = $1",
        params![clerk],
    )?;
    put_recovery_codes(change, clerk, &[])
}

/// Replaces the recovery codes.
pub(super) fn put_recovery_codes(
    change: &Change<'_>,
    clerk: i64,
    hashes: &[RecoveryHash],
) -> Result<(), Error> {
    change.execute("DELETE FROM recovery_codes WHERE clerk = $1", params![clerk])?;
    for hash in hashes {
        let sql = "INSERT INTO recovery_codes (clerk, hash) VALUES ($1, $2)";
        change.execute(sql, params![clerk, hash])?;
    }
    Ok(())
}

/// Uses a recovery code up; says whether there was one.
pub(super) fn use_recovery_code(
    change: &Change<'_>,
    clerk: i64,
    hash: &RecoveryHash,
) -> Result<bool, Error> {
    let sql = "DELETE FROM recovery_codes WHERE clerk = $1 AND hash = $2";
    Ok(change.execute(sql, params![clerk, hash])? == 1)
}

pub(super) fn recovery_codes_left(session: &Session<'_>, clerk: i64) -> Result<u32, Error> {
    let sql = "SELECT count(*) AS codes FROM recovery_codes WHERE clerk = $1";
    let left = session.row(sql, params![clerk], |row| row.get::<i64>("codes"))?;
    Ok(left.and_then(|left| u32::try_from(left).ok()).unwrap_or(0))
}

/// Keeps a session, and none that has ended by itself.
pub(super) fn insert_session(
    change: &Change<'_>,
    token: &TokenHash,
    clerk: i64,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    change.execute("DELETE FROM console_sessions WHERE expires_at <= $1", params![ms(now)])?;
    change.execute(
        "INSERT INTO console_sessions (token_hash, clerk, expires_at) VALUES ($1, $2, $3)",
        params![token, clerk, ms(expires_at)],
    )?;
    Ok(())
}

/// Whose session it is.
pub(super) fn session_of(
    session: &Session<'_>,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<i64>, Error> {
    session.row(
        "SELECT clerk FROM console_sessions WHERE token_hash = $1 AND expires_at > $2",
        params![token, ms(now)],
        |row| row.get("clerk"),
    )
}

pub(super) fn end_session(change: &Change<'_>, token: &TokenHash) -> Result<(), Error> {
    change.execute("DELETE FROM console_sessions WHERE token_hash = $1", params![token])?;
    Ok(())
}

pub(super) fn end_sessions(change: &Change<'_>, clerk: i64) -> Result<(), Error> {
    change.execute("DELETE FROM console_sessions WHERE clerk = $1", params![clerk])?;
    Ok(())
}
