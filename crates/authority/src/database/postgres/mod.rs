//! PostgreSQL 15 or newer: any number of processes on one database.
//!
//! The connections are plain sockets, or TLS where the address names whom to believe.

pub(super) mod partition;
mod server;
mod turn;
mod wire;
mod writing;

use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, Instant};

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, Statement};

use super::bulk::Rows;
use super::error::DatabaseError;
use super::session::Row;
use super::value::Value;
use crate::error::Error;

pub(super) use server::Server;
pub(super) use turn::Turn;
pub(super) use wire::cell;
pub(super) use writing::Writing;

/// How long a connection may take to be made, unless the address says otherwise.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// A server that is silent for so long while it should answer is gone.
const SILENCE: Duration = Duration::from_secs(10);

/// A connection that was used within this time is taken to be there.
const FRESH: Duration = Duration::from_secs(1);

/// Statements that a connection keeps prepared; more are not written in this program.
const STATEMENTS: usize = 256;

/// Bytes of a `COPY` that are handed over at a time.
const COPY_CHUNK: usize = 1 << 18;

/// The first half of the keys of our advisory locks.
const LOCKS: i32 = i32::from_be_bytes(*b"YANM");

/// What is locked.
#[derive(Debug, Clone, Copy)]
enum Lock {
    /// The schema is being changed.
    Schema = 1,
    /// Rows are being changed. As in SQLite one process does so at a time: what a job has
    /// read stays true until its commit, and no two processes wait for each other.
    Rows = 2,
    /// The feeds are published.
    Publishing = 3,
}

impl Lock {
    /// Both halves of the key, as arguments in SQL.
    fn key(self) -> String {
        format!("{LOCKS}, {}", self as i32)
    }
}

/// A connection with its prepared statements.
pub(super) struct Link {
    /// Taken when the link is dropped.
    client: Option<Client>,
    statements: HashMap<String, Statement>,
    /// Whether a statement failed since the last savepoint: the transaction takes no more.
    failed: bool,
    used: Instant,
}

impl Link {
    /// Connects to read.
    pub(super) fn to_read(server: &Server) -> Result<Self, DatabaseError> {
        let mut link = Self::open(server)?;
        link.batch("SET default_transaction_read_only = on")?;
        Ok(link)
    }

    fn open(server: &Server) -> Result<Self, DatabaseError> {
        let mut config = server.config().clone();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WITHIN);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        config.keepalives_idle(SILENCE).application_name("yanma-authority");
        let client = Some(server.connect(&config)?);
        Ok(Self { client, statements: HashMap::new(), failed: false, used: Instant::now() })
    }

    /// Whether the connection is known to have ended.
    fn is_closed(&self) -> bool {
        self.client.as_ref().is_none_or(Client::is_closed)
    }

    /// Whether the connection is still there. One that was idle is asked.
    pub(super) fn is_alive(&mut self) -> bool {
        if self.used.elapsed() >= FRESH
            && let Some(client) = &mut self.client
        {
            self.used = Instant::now();
            return client.check_connection().is_ok();
        }
        !self.is_closed()
    }

    /// Carries out statements that have no values in them.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.run(|link| Ok(link.client()?.batch_execute(sql)?))
    }

    /// The first value that a question without values finds, as text.
    pub(super) fn word(&mut self, sql: &str) -> Result<Option<String>, DatabaseError> {
        self.run(|link| {
            let messages = link.client()?.simple_query(sql)?;
            Ok(messages.iter().find_map(|message| match message {
                postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            }))
        })
    }

    /// Calls `take` with each row until it says no.
    pub(super) fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        mut take: impl FnMut(&Row<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut stopped = Ok(());
        self.run(|link| {
            let statement = link.statement(sql)?;
            let mut rows = link.client()?.query_raw(&statement, params)?;
            while let Some(row) = rows.next()? {
                match take(&Row::postgres(&row)) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        stopped = Err(error);
                        break;
                    }
                }
            }
            Ok(())
        })?;
        stopped
    }

    pub(super) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, DatabaseError> {
        self.run(|link| {
            let statement = link.statement(sql)?;
            let params: Vec<&(dyn ToSql + Sync)> =
                params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            Ok(link.client()?.execute(&statement, &params)?)
        })
    }

    /// Loads rows with `COPY`.
    pub(super) fn load(&mut self, rows: &Rows) -> Result<(), DatabaseError> {
        let (table, columns) = (rows.table(), rows.columns().join(", "));
        let sql = format!("COPY {table} ({columns}) FROM STDIN BINARY");
        self.run(|link| {
            let mut copy = link.client()?.copy_in(&sql)?;
            // What the server has against the rows comes out in the end.
            let written = rows.to_copy().chunks(COPY_CHUNK).try_for_each(|c| copy.write_all(c));
            let taken = copy.finish()?;
            written.map_err(|error| DatabaseError::Lost(error.kind().to_string()))?;
            if usize::try_from(taken) == Ok(rows.len()) {
                Ok(())
            } else {
                Err(DatabaseError::Other("COPY took another number of rows".to_owned()))
            }
        })
    }

    fn run<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let done = step(self);
        self.failed |= done.is_err();
        self.used = Instant::now();
        done
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, DatabaseError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client()?.prepare(sql)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn client(&mut self) -> Result<&mut Client, DatabaseError> {
        self.client.as_mut().ok_or_else(DatabaseError::lost)
    }
}

impl Drop for Link {
    /// A client has a small runtime of its own, which must not end inside another one.
    fn drop(&mut self) {
        self.statements.clear();
        let client = self.client.take();
        if tokio::runtime::Handle::try_current().is_ok() {
            let ended = std::thread::Builder::new()
                .name("database-goodbye".into())
                .spawn(move || drop(client));
            if let Err(error) = ended {
                tracing::warn!(%error, "a connection to the database could not be ended");
            }
        }
    }
}
