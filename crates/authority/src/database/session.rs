//! What the rooms see of a database: statements with `$1`, `$2`, … and rows with names.
//!
//! One text serves both databases, in the dialect that they share: `RETURNING`,
//! `ON CONFLICT`, partial indexes; instants are milliseconds and truth values 0 and 1 in
//! 64-bit integers. A placeholder whose type does not follow from its place, such as in
//! `$1 IS NULL`, needs a `CAST ($1 AS BIGINT)`, and so does a `sum`.

use std::cell::RefCell;
use std::ops::Deref;

use super::bulk::Rows;
use super::error::DatabaseError;
use super::postgres::{self, Link, partition};
use super::sqlite;
use super::value::{Cell, FromCell, Value};
use crate::error::Error;

/// A database that is being read.
pub struct Session<'c> {
    inner: Inner<'c>,
}

enum Inner<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(RefCell<&'c mut Link>),
}

impl<'c> Session<'c> {
    pub(super) fn sqlite(connection: &'c rusqlite::Connection) -> Self {
        Self { inner: Inner::Sqlite(connection) }
    }

    pub(super) fn postgres(link: &'c mut Link) -> Self {
        Self { inner: Inner::Postgres(RefCell::new(link)) }
    }

    /// Every row that the question finds, each as `read` makes it. `read` must not ask
    /// further questions.
    ///
    /// # Errors
    ///
    /// [`Error::Database`], and what `read` says.
    pub fn rows<T>(
        &self,
        sql: &str,
        params: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        self.each(sql, params, |row| {
            found.push(read(row)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// Calls `take` with every row that the question finds, as they come: they are more than
    /// should be in memory at once.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows).
    pub(crate) fn each_row(
        &self,
        sql: &str,
        params: &[Value],
        mut take: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.each(sql, params, |row| take(row).map(|()| true))
    }

    /// The first row that the question finds.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows).
    pub fn row<T>(
        &self,
        sql: &str,
        params: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut found = None;
        self.each(sql, params, |row| {
            found = Some(read(row)?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// Whether the question finds anything.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub fn exists(&self, sql: &str, params: &[Value]) -> Result<bool, Error> {
        Ok(self.row(sql, params, |_| Ok(()))?.is_some())
    }

    /// The names of a table's partitions; none in SQLite.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows).
    pub(crate) fn partitions(&self, table: &'static str) -> Result<Vec<String>, Error> {
        match &self.inner {
            Inner::Sqlite(_) => Ok(Vec::new()),
            Inner::Postgres(_) => self.rows(
                "SELECT CAST (pg_class.relname AS TEXT) AS name
                 FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                 WHERE inhparent = to_regclass($1) ORDER BY 1",
                &[Value::Text(table.to_owned())],
                |row| row.get("name"),
            ),
        }
    }

    /// Where the rows of a table lie that are in no partition of a range: in its default
    /// partition, and in the table itself in SQLite, which has no partitions.
    pub(crate) fn outside_days(&self, table: &'static str) -> String {
        match &self.inner {
            Inner::Sqlite(_) => table.to_owned(),
            Inner::Postgres(_) => partition::other(table),
        }
    }

    /// Calls `take` with each row until it says no.
    fn each(
        &self,
        sql: &str,
        params: &[Value],
        take: impl FnMut(&Row<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        match &self.inner {
            Inner::Sqlite(connection) => sqlite::each(connection, sql, params, take),
            Inner::Postgres(link) => {
                let mut link = link.try_borrow_mut().map_err(|_| nested())?;
                link.each(sql, params, take)
            }
        }
    }
}

/// A change that is being made: all of it, or nothing.
pub struct Change<'c> {
    session: Session<'c>,
}

impl<'c> Change<'c> {
    pub(super) fn new(session: Session<'c>) -> Self {
        Self { session }
    }

    /// Carries out a statement; returns how many rows it touched.
    ///
    /// # Errors
    ///
    /// [`Error::Database`]. The job must end with this error then: PostgreSQL takes nothing
    /// more from it. What may be there already is asked for with `ON CONFLICT`.
    pub fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, Error> {
        Ok(match &self.session.inner {
            Inner::Sqlite(connection) => sqlite::execute(connection, sql, params)?,
            Inner::Postgres(link) => {
                link.try_borrow_mut().map_err(|_| nested())?.execute(sql, params)?
            }
        })
    }

    /// Loads rows: see [`load`](Self::load).
    pub(super) fn load_rows(&self, rows: &Rows) -> Result<(), Error> {
        match &self.session.inner {
            Inner::Sqlite(connection) => Ok(sqlite::load(connection, rows)?),
            Inner::Postgres(link) => Ok(link.try_borrow_mut().map_err(|_| nested())?.load(rows)?),
        }
    }

    /// Adds rows: see [`append`](Self::append).
    pub(super) fn append_rows(&self, rows: &Rows) -> Result<(), Error> {
        match &self.session.inner {
            Inner::Sqlite(connection) => Ok(sqlite::append(connection, rows)?),
            Inner::Postgres(_) => self.load_rows(rows),
        }
    }

    /// Whether ids come from sequences beside the tables.
    pub(super) fn has_sequences(&self) -> bool {
        matches!(&self.session.inner, Inner::Postgres(_))
    }

    /// Adds a partition to a table that PostgreSQL keeps in ranges of `id`. A table in SQLite
    /// has none, and this does nothing.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    pub(crate) fn add_partition(
        &self,
        table: &'static str,
        name: &str,
        from: &[u8],
        below: &[u8],
    ) -> Result<(), Error> {
        match &self.session.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(link) => {
                let mut link = link.try_borrow_mut().map_err(|_| nested())?;
                partition::add(&mut link, table, name, from, below)
            }
        }
    }

    /// Drops one of the table's [`partitions`](Session::partitions), with its rows.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute); [`DatabaseError::Busy`] when the table is being read
    /// for too long.
    pub(crate) fn drop_partition(&self, table: &'static str, name: &str) -> Result<(), Error> {
        match &self.session.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(link) => {
                let mut link = link.try_borrow_mut().map_err(|_| nested())?;
                Ok(partition::remove(&mut link, table, name)?)
            }
        }
    }

    /// Carries out a statement that ends in `RETURNING`; returns its first row, or `None`
    /// when it touched none.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute), and what `read` says.
    pub fn returning<T>(
        &self,
        sql: &str,
        params: &[Value],
        read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        // To the last row, so that the statement has come to its end.
        Ok(self.session.rows(sql, params, read)?.into_iter().next())
    }
}

impl<'c> Deref for Change<'c> {
    type Target = Session<'c>;

    fn deref(&self) -> &Session<'c> {
        &self.session
    }
}

fn nested() -> DatabaseError {
    DatabaseError::Other("a question was asked while reading the rows of another".to_owned())
}

/// A row of an answer.
pub struct Row<'r> {
    cells: Cells<'r>,
}

enum Cells<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r ::postgres::Row),
}

impl<'r> Row<'r> {
    pub(super) fn sqlite(row: &'r rusqlite::Row<'r>) -> Self {
        Self { cells: Cells::Sqlite(row) }
    }

    pub(super) fn postgres(row: &'r ::postgres::Row) -> Self {
        Self { cells: Cells::Postgres(row) }
    }

    /// The value in a column, by the column's name.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when it is not of this type, which does not repeat the value;
    /// [`Error::Database`] when there is no such column.
    pub fn get<T: FromCell>(&self, column: &'static str) -> Result<T, Error> {
        T::from_cell(self.cell(column)?).ok_or(Error::Damaged(column))
    }

    fn cell(&self, column: &str) -> Result<Cell<'_>, Error> {
        match self.cells {
            Cells::Sqlite(row) => sqlite::cell(row, column),
            Cells::Postgres(row) => postgres::cell(row, column),
        }
    }
}
