//! The table `accounts`.

use jiff::Timestamp;
use yanma_protocol::Secret;
use yanma_protocol::accounts::{AccountLevel, plain_phone};

use crate::database::stored::{document, ms, name};
use crate::database::{Change, Ddl, Row, Session, Value, params};
use crate::error::Error;
use crate::identity::proofs::{self, BEST};
use crate::register::Person;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
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
",
    postgres: "
CREATE TABLE accounts (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    person        BIGINT NOT NULL UNIQUE REFERENCES persons (id),
    level         TEXT NOT NULL CHECK (level = 'register-match'),
    created_at    BIGINT NOT NULL
);
",
};

/// An account with its person.
#[derive(Debug, Clone)]
pub(crate) struct AccountRow {
    pub(crate) id: i64,
    pub(crate) password_hash: String,
    pub(crate) level: AccountLevel,
    pub(crate) person: Person,
}

/// Opens an account.
///
/// # Errors
///
/// [`Error::AccountExists`] when the phone number or the person has one.
pub(super) fn insert(
    change: &Change<'_>,
    person: &Person,
    phone: &str,
    password_hash: &str,
    now: Timestamp,
) -> Result<AccountRow, Error> {
    if find_by_phone(change, phone)?.is_some() {
        return Err(Error::AccountExists);
    }
    let id = change.returning(
        "INSERT INTO accounts (phone, password_hash, person, level, created_at)
         VALUES ($1, $2, $3, 'register-match', $4) ON CONFLICT DO NOTHING RETURNING id",
        params![phone, password_hash, person.id, ms(now)],
        |row| row.get("id"),
    )?;
    let id = match id {
        Some(id) => id,
        None => open_again(change, person, phone, password_hash, now)?,
    };
    Ok(AccountRow {
        id,
        password_hash: password_hash.to_owned(),
        level: AccountLevel::RegisterMatch,
        person: person.clone(),
    })
}

/// Opens the account of a person whose account was ended.
///
/// # Errors
///
/// [`Error::AccountExists`] when it was not.
fn open_again(
    change: &Change<'_>,
    person: &Person,
    phone: &str,
    password_hash: &str,
    now: Timestamp,
) -> Result<i64, Error> {
    let id = change.returning(
        "UPDATE accounts SET phone = $2, password_hash = $3, created_at = $4
         WHERE person = $1 AND password_hash = '' RETURNING id",
        params![person.id, phone, password_hash, ms(now)],
        |row| row.get("id"),
    )?;
    id.ok_or(Error::AccountExists)
}

/// Ends the account of a person, so that they and the telephone may have another; `None` when
/// there is none. The row stays, because codes of before refer to it: it has no telephone
/// number, and a password that none fits.
pub(super) fn end(change: &Change<'_>, person: i64) -> Result<Option<i64>, Error> {
    change.returning(
        "UPDATE accounts SET phone = 'ended-' || id, password_hash = ''
         WHERE person = $1 AND password_hash <> '' RETURNING id",
        params![person],
        |row| row.get("id"),
    )
}

/// Whether the password of an account is still the one that was read: one that was ended has none,
/// and one that was opened again has another.
pub(super) fn has_password(session: &Session<'_>, account: &AccountRow) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM accounts WHERE id = $1 AND password_hash = $2 AND password_hash <> ''";
    session.exists(sql, params![account.id, account.password_hash.as_str()])
}

/// A telephone number as it stands in the table; empty when its account was ended.
pub(crate) fn phone_in(row: &Row<'_>) -> Result<Secret, Error> {
    let phone: String = row.get("phone")?;
    Ok(Secret::new(if phone.starts_with("ended-") { String::new() } else { phone }))
}

/// The account of a phone number. Of two from when both forms of one number could have an
/// account, the one of the form that was typed.
pub(super) fn find_by_phone(
    session: &Session<'_>,
    phone: &str,
) -> Result<Option<AccountRow>, Error> {
    let other = other_form(phone);
    find(session, "accounts.phone IN ($1, $2) ORDER BY accounts.phone <> $1", params![phone, other])
}

/// The other form of a telephone number: some rows are from when a number was kept as it was
/// typed.
pub(crate) fn other_form(phone: &str) -> String {
    match plain_phone(phone) {
        plain if plain != phone || plain.starts_with('+') => plain.to_owned(),
        plain => format!("+86{plain}"),
    }
}

/// The telephone number of an account.
pub(super) fn phone(session: &Session<'_>, account: i64) -> Result<Option<Secret>, Error> {
    let sql = "SELECT phone FROM accounts WHERE id = $1";
    session.row(sql, params![account], |row| Ok(Secret::new(row.get::<String>("phone")?)))
}

/// The account of a person of the register.
pub(crate) fn find_by_person(
    session: &Session<'_>,
    person: i64,
) -> Result<Option<AccountRow>, Error> {
    find(session, "accounts.person = $1", params![person])
}

fn find(
    session: &Session<'_>,
    condition: &str,
    key: &[Value],
) -> Result<Option<AccountRow>, Error> {
    let sql = format!(
        "SELECT accounts.id, password_hash, person, document_type, number, name, {BEST}
         FROM accounts JOIN persons ON persons.id = accounts.person WHERE {condition}"
    );
    session.row(&sql, key, read)
}

/// Reads an account joined with its person.
pub(super) fn read(row: &Row<'_>) -> Result<AccountRow, Error> {
    Ok(AccountRow {
        id: row.get("id")?,
        password_hash: row.get("password_hash")?,
        level: proofs::level(row.get("proof")?)?,
        person: Person { id: row.get("person")?, document: document(row)?, name: name(row)? },
    })
}
