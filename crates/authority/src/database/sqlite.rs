//! The embedded database: a file, WAL, one connection that writes.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ToSql};

use super::bulk::Rows;
use super::error::DatabaseError;
use super::session::{Row, Session};
use super::value::{Cell, Value};
use super::writer::Writing;
use crate::error::Error;

/// How long a connection waits for another process that is writing, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 5_000;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 128;

/// Opens the file to write, and creates it when it is missing.
pub(super) fn open_to_write(path: &Path) -> Result<Connection, Error> {
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Io { path: folder.to_owned(), source })?;
    }
    make_private(path)?;
    let connection = connect(path, OpenFlags::default())?;
    let set = |name, value| connection.pragma_update(None, name, value);
    set("journal_mode", "WAL").map_err(DatabaseError::from)?;
    set("synchronous", "FULL").map_err(DatabaseError::from)?;
    // Deleted sessions and claims leave nothing to read in free pages.
    set("secure_delete", "ON").map_err(DatabaseError::from)?;
    Ok(connection)
}

/// Opens the file to read.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, DatabaseError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Creates the file so that only its owner can read it: it holds the population register.
/// SQLite gives its side files the same rights.
fn make_private(path: &Path) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| Error::Io { path: path.to_owned(), source })
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, DatabaseError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

impl Writing for Connection {
    fn begin(&mut self) -> Result<(), DatabaseError> {
        Ok(self.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn mark(&mut self) -> Result<(), DatabaseError> {
        // A full disk ends the whole transaction by itself; a savepoint would begin another.
        if self.is_autocommit() {
            return Err(DatabaseError::Full);
        }
        Ok(self.prepare_cached("SAVEPOINT job")?.execute([]).map(drop)?)
    }

    fn keep(&mut self) -> Result<(), DatabaseError> {
        Ok(self.prepare_cached("RELEASE job")?.execute([]).map(drop)?)
    }

    fn undo(&mut self) -> Result<(), DatabaseError> {
        Ok(self.execute_batch("ROLLBACK TO job; RELEASE job")?)
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        Ok(self.execute_batch("COMMIT")?)
    }

    fn abandon(&mut self) {
        if !self.is_autocommit()
            && let Err(error) = self.execute_batch("ROLLBACK")
        {
            tracing::error!(error = %DatabaseError::from(error), "a transaction stays open");
        }
    }

    fn session(&mut self) -> Result<Session<'_>, DatabaseError> {
        Ok(Session::sqlite(self))
    }

    fn most_jobs(&self) -> usize {
        512
    }
}

/// Calls `take` with each row until it says no.
pub(super) fn each(
    connection: &Connection,
    sql: &str,
    params: &[Value],
    mut take: impl FnMut(&Row<'_>) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut statement = bound(connection, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(DatabaseError::from)? {
        if !take(&Row::sqlite(row))? {
            break;
        }
    }
    Ok(())
}

pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    params: &[Value],
) -> Result<u64, DatabaseError> {
    let touched = bound(connection, sql, params)?.raw_execute()?;
    Ok(u64::try_from(touched).unwrap_or(u64::MAX))
}

/// Pages that a connection keeps in memory while it loads, in KiB: the indexes of a province.
const LOADING_CACHE_KIB: i64 = 1 << 20;

/// Loads rows by the hundred thousand.
pub(super) fn load(connection: &Connection, rows: &Rows) -> Result<(), DatabaseError> {
    connection.pragma_update(None, "cache_size", -LOADING_CACHE_KIB)?;
    append(connection, rows)
}

/// Adds rows with one statement, prepared once.
pub(super) fn append(connection: &Connection, rows: &Rows) -> Result<(), DatabaseError> {
    let places = vec!["?"; rows.columns().len()].join(", ");
    let (table, columns) = (rows.table(), rows.columns().join(", "));
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({places})");
    let mut statement = connection.prepare_cached(&sql)?;
    for row in rows.iter() {
        for (value, place) in row.iter().zip(1..) {
            statement.raw_bind_parameter(place, value)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

/// To SQLite `$2` is a parameter's name, and its place the order of first use.
fn bound<'c>(
    connection: &'c Connection,
    sql: &str,
    params: &[Value],
) -> Result<CachedStatement<'c>, DatabaseError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut used = 0;
    for place in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(place)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|number| number.parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.checked_sub(1)?));
        let value = value.ok_or_else(|| misfit("a placeholder has no value"))?;
        statement.raw_bind_parameter(place, value)?;
        used += 1;
    }
    if used == params.len() { Ok(statement) } else { Err(misfit("a value has no placeholder")) }
}

fn misfit(what: &str) -> DatabaseError {
    DatabaseError::Other(what.to_owned())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A column of a row, by name.
pub(super) fn cell<'r>(row: &'r rusqlite::Row<'_>, column: &str) -> Result<Cell<'r>, Error> {
    Ok(match row.get_ref(column).map_err(DatabaseError::from)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Text(text) => {
            Cell::Text(std::str::from_utf8(text).map_err(|_| Error::Damaged("text"))?)
        }
        ValueRef::Blob(bytes) => Cell::Blob(bytes),
        ValueRef::Real(_) => return Err(Error::Damaged("number")),
    })
}

/// SQLite's messages name tables and columns, and never a value.
impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ConstraintViolation) => Self::Constraint(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}
