//! The database, SQLite in a file or PostgreSQL: one writer, readers beside it.
//!
//! Writes are jobs for one thread that owns the writing connection. It takes what is waiting,
//! runs each job inside a savepoint of one transaction, commits once, and only then tells the
//! callers: an answer therefore means "on the disk", and many callers share one fsync. Reads
//! run on the blocking pool over a handful of connections.

mod bulk;
mod ddl;
mod error;
mod many;
mod migrations;
mod postgres;
mod readers;
mod session;
mod sqlite;
pub(crate) mod stored;
#[cfg(test)]
pub(crate) mod testing;
mod value;
mod writer;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

pub use bulk::Rows;
pub use ddl::Ddl;
pub use error::DatabaseError;
pub use migrations::{SCHEMA_VERSION, statements_up_to};
pub use session::{Change, Row, Session};
pub(crate) use value::params;
pub use value::{Cell, FromCell, ToValue, Value};

use crate::error::Error;

/// Where the authority's data lies, as given on the command line.
#[derive(Debug, Clone)]
pub struct DatabaseUrl(Place);

#[derive(Debug, Clone)]
enum Place {
    Sqlite(PathBuf),
    Postgres(Box<postgres::Server>),
}

impl DatabaseUrl {
    /// A SQLite file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Place::Sqlite(path.into()))
    }
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    /// Reads `sqlite:PATH` or `postgres://USER@HOST/NAME`, with PostgreSQL's own parameters.
    ///
    /// # Errors
    ///
    /// [`Error::DatabaseUrl`] for anything else; it does not repeat the address, which may
    /// have a password in it. [`Error::DatabaseTls`] and [`Error::DatabaseRoots`] when the
    /// address asks for TLS in a way that is not safe, or with certificates that are none.
    fn from_str(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self(Place::Postgres(Box::new(url.parse()?))));
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
    readers: readers::Readers,
    place: Place,
}

impl Database {
    /// Opens the database, creates it when it is a file and missing, and brings its schema up
    /// to date.
    ///
    /// # Errors
    ///
    /// [`Error::SchemaTooNew`] when a newer version of the authority wrote it; nothing is
    /// changed then. [`Error::Database`] when it cannot be opened or reached.
    pub fn open(url: &DatabaseUrl) -> Result<Self, Error> {
        let place = url.0.clone();
        let writer = match &place {
            Place::Sqlite(path) => {
                let path = path.clone();
                writer::Writer::start(move || {
                    let mut connection = sqlite::open_to_write(&path)?;
                    migrations::migrate(&mut connection)?;
                    Ok(connection)
                })?
            }
            Place::Postgres(server) => {
                let server = (**server).clone();
                writer::Writer::start(move || {
                    let mut connection = postgres::Writing::open(server)?;
                    migrations::migrate_postgres(&mut connection)?;
                    Ok(connection)
                })?
            }
        };
        let readers = readers::Readers::new(place.clone());
        Ok(Self { shared: Arc::new(Shared { writer, readers, place }) })
    }

    /// Runs `job` as one all-or-nothing change and answers once it is on the disk.
    ///
    /// # Errors
    ///
    /// What the job returns (its changes are undone), or [`Error::NotStored`] when the commit
    /// failed: nothing of the job is in the database then. [`Error::Unsure`] when the server
    /// went away during the commit and could not be asked what became of it.
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
        self.shared.readers.read(question).await
    }

    /// Takes the turn to publish, unless another process on the same database has it. Waits
    /// for the server: keep it off threads that serve requests.
    pub(crate) fn take_turn(&self) -> Result<Option<Turn>, Error> {
        match &self.shared.place {
            // Whoever has the folder's lock has the file as well.
            Place::Sqlite(_) => Ok(Some(Turn(None))),
            Place::Postgres(server) => {
                Ok(postgres::Turn::take(server)?.map(|turn| Turn(Some(turn))))
            }
        }
    }

    /// Whether other processes may stand ready to take over from this one.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.shared.place, Place::Postgres(_))
    }
}

/// This process's turn to publish. It ends with the process, however that ends.
pub(crate) struct Turn(Option<postgres::Turn>);

impl Turn {
    /// Whether it is still this process's turn; waits for the server.
    pub(crate) fn lasts(&mut self) -> bool {
        self.0.as_mut().is_none_or(postgres::Turn::lasts)
    }

    /// Gives the turn to whoever wants it; waits for the server.
    pub(crate) fn give_back(self) {
        if let Some(Err(error)) = self.0.map(postgres::Turn::give_back) {
            tracing::debug!(%error, "the turn to publish ended with its connection");
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_server() {
        let server = |url: &str| match url.parse() {
            Ok(DatabaseUrl(Place::Postgres(server))) => {
                let config = server.config();
                let host = format!("{:?}", config.get_hosts());
                format!("{host} {:?} {:?}", config.get_dbname(), config.get_user())
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(
            server("postgres:///yanma?host=/run/postgresql&user=yanma"),
            r#"[Unix("/run/postgresql")] Some("yanma") Some("yanma")"#
        );
        assert_eq!(
            server("postgresql://yanma:secret@db.test:5433/yanma"),
            r#"[Tcp("db.test")] Some("yanma") Some("yanma")"#
        );
        let file: DatabaseUrl = "sqlite:a.db".parse().unwrap();
        assert!(matches!(file.0, Place::Sqlite(path) if path.as_os_str() == "a.db"));
        for wrong in ["", "a.db", "sqlite:", "mysql://a/b", "postgres://[", "postgres://a/b?x=1"] {
            let refused = wrong.parse::<DatabaseUrl>();
            assert!(matches!(refused, Err(Error::DatabaseUrl)), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let url: DatabaseUrl = "postgres://yanma:secret@db.test/yanma".parse().unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
