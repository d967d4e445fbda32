//! Clerks and departments: callers with a token and a role.

use jiff::Timestamp;

use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::secret::{self, TokenHash};

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE clerks (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('clerk', 'department')),
    -- NULL: cannot log in, such as the command line.
    token_hash BLOB UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX clerks_by_name ON clerks (name);
",
    postgres: "
CREATE TABLE clerks (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('clerk', 'department')),
    token_hash BYTEA UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX clerks_by_name ON clerks (name);
",
};

/// What a clerk may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Reports facts, reads entries, hands out enrolment codes.
    Clerk,
    /// Reports facts.
    Department,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Department => "department",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "clerk" => Some(Self::Clerk),
            "department" => Some(Self::Department),
            _ => None,
        }
    }
}

/// A clerk or a department.
#[derive(Debug, Clone)]
pub(crate) struct Clerk {
    pub(crate) id: i64,
    pub(crate) role: Role,
}

/// Creates a clerk and a token, which is told once.
pub(crate) fn create(
    change: &Change<'_>,
    name: &str,
    role: Role,
    now: Timestamp,
) -> Result<String, Error> {
    let token = secret::new_token()?;
    insert(change, name, role, Some(&secret::hash(&token)), now)?;
    Ok(token)
}

/// The clerk that stands for reports from the command line: whoever can write the database
/// needs no token.
pub(crate) fn command_line(change: &Change<'_>, now: Timestamp) -> Result<Clerk, Error> {
    const NAME: &str = "command line";
    let found = change.row(
        "SELECT id FROM clerks WHERE name = $1 AND token_hash IS NULL",
        params![NAME],
        |row| row.get("id"),
    )?;
    let id = match found {
        Some(id) => id,
        None => insert(change, NAME, Role::Clerk, None, now)?,
    };
    Ok(Clerk { id, role: Role::Clerk })
}

fn insert(
    change: &Change<'_>,
    name: &str,
    role: Role,
    token: Option<&TokenHash>,
    now: Timestamp,
) -> Result<i64, Error> {
    let id = change.returning(
        "INSERT INTO clerks (name, role, token_hash, created_at) VALUES ($1, $2, $3, $4)
         RETURNING id",
        params![name, role.as_str(), token, ms(now)],
        |row| row.get("id"),
    )?;
    id.ok_or(Error::Damaged("clerk"))
}

/// The clerk with this token.
pub(crate) fn find(session: &Session<'_>, token: &TokenHash) -> Result<Option<Clerk>, Error> {
    let sql = "SELECT id, role FROM clerks WHERE token_hash = $1";
    session.row(sql, params![token], |row| {
        let role: String = row.get("role")?;
        Ok(Clerk {
            id: row.get("id")?,
            role: Role::from_name(&role).ok_or(Error::Damaged("role"))?,
        })
    })
}
