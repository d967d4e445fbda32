//! The embedded database: one writer, readers beside it.
//!
//! Writes are jobs for one thread that owns the writing connection. It takes what is waiting,
//! runs each job inside a savepoint of one transaction, commits once, and only then tells the
//! callers: an answer therefore means "on the disk" (WAL, `synchronous=FULL`), and many
//! callers share one fsync. Reads run on the blocking pool over a handful of connections.

mod migrations;
pub(crate) mod stored;
mod writer;

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Savepoint};
use tokio::sync::Semaphore;

pub use migrations::SCHEMA_VERSION;
pub(crate) use migrations::migrate;

use crate::error::Error;

/// Connections that read; more would not help SQLite on a small machine.
const READERS: usize = 4;

/// How long a connection waits for another process that is writing, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 5_000;

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
        if let Some(folder) = url.path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|source| Error::Io { path: folder.to_owned(), source })?;
        }
        make_private(&url.path)?;
        let mut writing = connect(&url.path, OpenFlags::default())?;
        migrate(&mut writing)?;
        let readers = (0..READERS)
            .map(|_| {
                connect(
                    &url.path,
                    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
                )
            })
            .collect::<Result<_, _>>()?;
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
        F: FnOnce(&Savepoint<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.shared.writer.run(job).await
    }

    /// Calls `hook` on the writing thread after each commit, before its callers are answered.
    pub(crate) fn after_commit(&self, hook: impl FnMut(&Connection) + Send + 'static) {
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
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        // As many permits as connections, so the pool below is never empty for its holder.
        let permits = Arc::clone(&self.shared.permits);
        let permit = permits.acquire_owned().await.map_err(|_| Error::Panicked)?;
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || {
            let reader = Reader::take(&shared)?;
            let answer = question(&reader);
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

/// Creates the file so that only its owner can read it: it holds the population register.
/// SQLite gives its side files the same rights.
fn make_private(path: &Path) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| Error::Io { path: path.to_owned(), source })
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Deleted sessions and claims leave nothing to read in free pages.
        connection.pragma_update(None, "secure_delete", "ON")?;
    }
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}
