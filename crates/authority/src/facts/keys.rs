//! The table `department_keys`: whose signature stands for which reporter.

use jiff::Timestamp;
use yanma_domain::trust::PublicKey;
use yanma_protocol::facts::SIGNATURE_HEADER;
use yanma_protocol::{FieldError, FieldProblem, namespace};

use crate::clerks::{self, Clerk};
use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE department_keys (
    -- Ed25519.
    public_key BLOB PRIMARY KEY CHECK (length(public_key) = 32),
    clerk      INTEGER NOT NULL REFERENCES clerks (id),
    added_at   INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE department_keys (
    public_key BYTEA PRIMARY KEY CHECK (octet_length(public_key) = 32),
    clerk      BIGINT NOT NULL REFERENCES clerks (id),
    added_at   BIGINT NOT NULL,
    revoked_at BIGINT
);
",
};

/// Registers a key for the one department of this name.
///
/// # Errors
///
/// [`Error::NotFound`] when there is none, or more than one; [`Error::Field`] when the key is
/// somebody else's already, or was revoked.
pub(crate) fn add_key(
    change: &Change<'_>,
    name: &str,
    key: &PublicKey,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "SELECT id FROM clerks
         WHERE name = $1 AND role = 'department' AND revoked_at IS NULL";
    let found: Vec<i64> = change.rows(sql, params![name], |row| row.get("id"))?;
    let [clerk] = found[..] else {
        return Err(Error::NotFound("department"));
    };
    change.execute(
        "INSERT INTO department_keys (public_key, clerk, added_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        params![key.to_bytes(), clerk, ms(now)],
    )?;
    match signer_of(change, key)? {
        Some(owner) if owner == clerk => Ok(()),
        _ => Err(FieldError::new("public_key", FieldProblem::Form).into()),
    }
}

/// Takes a key out of use for ever. What it signed before stays.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn revoke_key(
    change: &Change<'_>,
    key: &PublicKey,
    now: Timestamp,
) -> Result<(), Error> {
    let revoked = change.execute(
        "UPDATE department_keys SET revoked_at = coalesce(revoked_at, $2) WHERE public_key = $1",
        params![key.to_bytes(), ms(now)],
    )?;
    if revoked == 0 { Err(Error::NotFound("key")) } else { Ok(()) }
}

/// Who signed `body`, and with which key in hexadecimal; `header` is the value of
/// `yanma-signature`.
///
/// # Errors
///
/// [`Error::Field`] when the header is not of its form, [`Error::Signature`] when the key is
/// not known or the signature does not fit.
pub(crate) fn signer(
    session: &Session<'_>,
    header: &str,
    body: &[u8],
) -> Result<(Clerk, String), Error> {
    let form = || FieldError::new(SIGNATURE_HEADER, FieldProblem::Form);
    let (key, signature) = header.split_once(':').ok_or_else(form)?;
    let (mut key_bytes, mut signature_bytes) = ([0; 32], [0; 64]);
    hex::decode_to_slice(key, &mut key_bytes).map_err(|_| form())?;
    hex::decode_to_slice(signature, &mut signature_bytes).map_err(|_| form())?;
    let key = PublicKey::from_bytes(&key_bytes).map_err(|_| Error::Signature)?;
    let reporter = signer_of(session, &key)?.ok_or(Error::Signature)?;
    let message = [namespace::FACTS, body].concat();
    if !key.signed(&message, &signature_bytes) {
        return Err(Error::Signature);
    }
    let reporter = clerks::find_by_id(session, reporter)?.ok_or(Error::Signature)?;
    Ok((reporter, hex::encode(key_bytes)))
}

fn signer_of(session: &Session<'_>, key: &PublicKey) -> Result<Option<i64>, Error> {
    session.row(
        "SELECT clerk FROM department_keys JOIN clerks ON clerks.id = department_keys.clerk
         WHERE public_key = $1 AND department_keys.revoked_at IS NULL
             AND clerks.revoked_at IS NULL",
        params![key.to_bytes()],
        |row| row.get("clerk"),
    )
}
