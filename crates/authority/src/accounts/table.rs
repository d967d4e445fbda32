//! The table `accounts`.

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Savepoint, params};

use crate::database::stored::{document, ms, name};
use crate::error::Error;
use crate::register::Person;

pub(crate) const TABLE_1: &str = "
CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    phone         TEXT NOT NULL UNIQUE,
    -- Argon2id in PHC form.
    password_hash TEXT NOT NULL,
    person        INTEGER NOT NULL UNIQUE REFERENCES persons (id),
    -- How identity was proven; the only way so far.
    level         TEXT NOT NULL CHECK (level = 'register-match'),
    created_at    INTEGER NOT NULL
) STRICT;
";

/// An account with its person.
#[derive(Debug, Clone)]
pub(crate) struct AccountRow {
    pub(crate) id: i64,
    pub(crate) password_hash: String,
    pub(crate) person: Person,
}

/// Opens an account.
///
/// # Errors
///
/// [`Error::AccountExists`] when the phone number or the person has one.
pub(super) fn insert(
    change: &Savepoint<'_>,
    person: &Person,
    phone: &str,
    password_hash: &str,
    now: Timestamp,
) -> Result<AccountRow, Error> {
    let inserted = change
        .prepare_cached(
            "INSERT INTO accounts (phone, password_hash, person, level, created_at)
             VALUES (?1, ?2, ?3, 'register-match', ?4)",
        )?
        .insert(params![phone, password_hash, person.id, ms(now)]);
    match inserted {
        Ok(id) => {
            Ok(AccountRow { id, password_hash: password_hash.to_owned(), person: person.clone() })
        }
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(Error::AccountExists)
        }
        Err(e) => Err(e.into()),
    }
}

/// The account of a phone number.
pub(super) fn find_by_phone(
    connection: &Connection,
    phone: &str,
) -> Result<Option<AccountRow>, Error> {
    find(connection, "accounts.phone = ?1", phone)
}

/// The account of a person of the register.
pub(crate) fn find_by_person(
    connection: &Connection,
    person: i64,
) -> Result<Option<AccountRow>, Error> {
    find(connection, "accounts.person = ?1", person)
}

fn find(
    connection: &Connection,
    condition: &str,
    key: impl rusqlite::ToSql,
) -> Result<Option<AccountRow>, Error> {
    let mut question = connection.prepare_cached(&format!(
        "SELECT accounts.id, password_hash, person, document_type, number, name
         FROM accounts JOIN persons ON persons.id = accounts.person WHERE {condition}"
    ))?;
    Ok(question.query_row([key], read).optional()?)
}

/// Reads an account joined with its person.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    Ok(AccountRow {
        id: row.get("id")?,
        password_hash: row.get("password_hash")?,
        person: Person { id: row.get("person")?, document: document(row)?, name: name(row)? },
    })
}
