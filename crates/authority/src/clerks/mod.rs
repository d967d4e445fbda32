//! Clerks and departments: callers with a token and a role.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Savepoint, params};

use crate::database::stored::{damaged, ms};
use crate::error::Error;
use crate::secret::{self, TokenHash};

pub(crate) const TABLE_1: &str = "
CREATE TABLE clerks (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('clerk', 'department')),
    -- NULL: cannot log in, such as the command line.
    token_hash BLOB UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX clerks_by_name ON clerks (name);
";

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
    change: &Savepoint<'_>,
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
pub(crate) fn command_line(change: &Savepoint<'_>, now: Timestamp) -> Result<Clerk, Error> {
    const NAME: &str = "command line";
    let found = change
        .prepare_cached("SELECT id FROM clerks WHERE name = ?1 AND token_hash IS NULL")?
        .query_row([NAME], |row| row.get(0))
        .optional()?;
    let id = match found {
        Some(id) => id,
        None => insert(change, NAME, Role::Clerk, None, now)?,
    };
    Ok(Clerk { id, role: Role::Clerk })
}

fn insert(
    change: &Savepoint<'_>,
    name: &str,
    role: Role,
    token: Option<&TokenHash>,
    now: Timestamp,
) -> Result<i64, Error> {
    let id = change
        .prepare_cached(
            "INSERT INTO clerks (name, role, token_hash, created_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .insert(params![name, role.as_str(), token, ms(now)])?;
    Ok(id)
}

/// The clerk with this token.
pub(crate) fn find(connection: &Connection, token: &TokenHash) -> Result<Option<Clerk>, Error> {
    let mut question =
        connection.prepare_cached("SELECT id, role FROM clerks WHERE token_hash = ?1")?;
    let clerk = question.query_row([token], |row| {
        let role: String = row.get("role")?;
        Ok(Clerk {
            id: row.get("id")?,
            role: Role::from_name(&role).ok_or_else(|| damaged(Type::Text))?,
        })
    });
    Ok(clerk.optional()?)
}
