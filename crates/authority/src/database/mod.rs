//! The embedded database: one writer, readers beside it.
//!
//! Writes are jobs for one thread that owns the writing connection. It takes what is waiting,
//! runs each job inside a savepoint of one transaction, commits once, and only then tells the
//! callers: an answer therefore means "on the disk" (WAL, `synchronous=FULL`), and many
//! callers share one fsync. Reads run on the blocking pool over a handful of connections.

mod ddl;
mod error;
mod migrations;
mod session;
mod sqlite;
pub(crate) mod stored;
#[cfg(test)]
pub(crate) mod testing;
mod value;
mod writer;

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::Semaphore;

pub use ddl::Ddl;
pub use error::DatabaseError;
pub use migrations::SCHEMA_VERSION;
pub use session::{Change, Row, Session};
pub(crate) use value::params;
pub use value::{Cell, FromCell, ToValue, Value};

use crate::error::Error;

/// Connections that read; more would not help SQLite on a small machine.
const READERS: usize = 4;

/// Where the authority's data lies, as given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    path: PathBuf,
}

impl DatabaseUrl {
    /// A SQLite file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    /// Reads `sqlite:PATH`.
    ///
    /// # Errors
    ///
    /// [`Error::PostgresLater`] for a PostgreSQL address, [`Error::DatabaseUrl`] for anything
    /// else.
    fn from_str(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Err(Error::PostgresLater);
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::sqlite(path)),
            _ => Err(Error::DatabaseUrl),
        }
    }
}

/// A handle to the open database; clones share the connections.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    writer: writer::Writer,
    readers: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Database {
    /// Opens the file, creates it when it is missing, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`Error::SchemaTooNew`] when a newer version of the authority wrote the file; nothing
    /// is changed then. [`Error::Database`] when it cannot be opened.
    pub fn open(url: &DatabaseUrl) -> Result<Self, Error> {
        let mut writing = sqlite::open_to_write(&url.path)?;
        migrations::migrate(&mut writing)?;
        let readers =
            (0..READERS).map(|_| sqlite::open_to_read(&url.path)).collect::<Result<_, _>>()?;
        Ok(Self {
            shared: Arc::new(Shared {
                writer: writer::Writer::start(writing)?,
                readers: Mutex::new(readers),
                permits: Arc::new(Semaphore::new(READERS)),
            }),
        })
    }

    /// Runs `job` as one all-or-nothing change and answers once it is on the disk.
    ///
    /// # Errors
    ///
    /// What the job returns (its changes are undone), or [`Error::NotStored`] when the commit
    /// failed: nothing of the job is in the database then.
    pub async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.shared.writer.run(job).await
    }

    /// Calls `hook` on the writing thread after each commit, before its callers are answered.
    pub(crate) fn after_commit(&self, hook: impl FnMut(&Session<'_>) + Send + 'static) {
        self.shared.writer.after_commit(Box::new(hook));
    }

    /// Runs `question` on a reading connection.
    ///
    /// # Errors
    ///
    /// What the question returns.
    pub async fn read<T, F>(&self, question: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Session<'_>) -> Result<T, Error> + Send + 'static,
    {
        // As many permits as connections, so the pool below is never empty for its holder.
        let permits = Arc::clone(&self.shared.permits);
        let permit = permits.acquire_owned().await.map_err(|_| Error::Panicked)?;
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || {
            let reader = Reader::take(&shared)?;
            let answer = question(&Session::sqlite(&reader));
            drop((reader, permit));
            answer
        })
        .await
        .map_err(|_| Error::Panicked)?
    }
}

/// A reading connection that goes back to the pool, also when the question panics.
struct Reader<'p> {
    pool: &'p Mutex<Vec<Connection>>,
    connection: Option<Connection>,
}

impl<'p> Reader<'p> {
    fn take(shared: &'p Shared) -> Result<Self, Error> {
        let connection = shared.readers.lock().map_err(|_| Error::Panicked)?.pop();
        Ok(Self { pool: &shared.readers, connection: Some(connection.ok_or(Error::Panicked)?) })
    }
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
            .as_ref()
            .unwrap_or_else(|| unreachable!("the connection leaves only in drop"))
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let (Some(connection), Ok(mut pool)) = (self.connection.take(), self.pool.lock()) {
            pool.push(connection);
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}
