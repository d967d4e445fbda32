//! The connections that read.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::error::DatabaseError;
use super::postgres::Link;
use super::session::Session;
use super::{Place, sqlite};
use crate::error::Error;

/// Connections that read; more would not help on a small machine.
const READERS: usize = 4;

/// A pool. Each question has a connection for itself.
pub(super) struct Readers {
    pool: Arc<Pool>,
    /// As many as there may be connections.
    permits: Arc<Semaphore>,
}

struct Pool {
    place: Place,
    idle: Mutex<Vec<Reader>>,
}

enum Reader {
    Sqlite(Connection),
    Postgres(Box<Link>),
}

impl Readers {
    /// Connections are made when they are needed.
    pub(super) fn new(place: Place) -> Self {
        let pool = Pool { place, idle: Mutex::default() };
        Self { pool: Arc::new(pool), permits: Arc::new(Semaphore::new(READERS)) }
    }

    /// Runs `question` on the blocking pool.
    pub(super) async fn read<T, F>(&self, question: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Session<'_>) -> Result<T, Error> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| Error::Panicked)?;
        let pool = Arc::clone(&self.pool);
        tokio::task::spawn_blocking(move || {
            // A connection on which a question panics is not used again.
            let mut reader = pool.take()?;
            let answer = question(&reader.session());
            pool.put_back(reader);
            drop(permit);
            answer
        })
        .await
        .map_err(|_| Error::Panicked)?
    }
}

impl Pool {
    fn take(&self) -> Result<Reader, Error> {
        loop {
            let idle = self.idle.lock().map_err(|_| Error::Panicked)?.pop();
            let Some(mut reader) = idle else {
                return Ok(self.connect()?);
            };
            if reader.is_alive() {
                return Ok(reader);
            }
        }
    }

    fn connect(&self) -> Result<Reader, DatabaseError> {
        Ok(match &self.place {
            Place::Sqlite(path) => Reader::Sqlite(sqlite::open_to_read(path)?),
            Place::Postgres(server) => Reader::Postgres(Box::new(Link::to_read(server)?)),
        })
    }

    fn put_back(&self, reader: Reader) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(reader);
        }
    }
}

impl Reader {
    fn is_alive(&mut self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(link) => link.is_alive(),
        }
    }

    fn session(&mut self) -> Session<'_> {
        match self {
            Self::Sqlite(connection) => Session::sqlite(connection),
            Self::Postgres(link) => Session::postgres(link),
        }
    }
}
