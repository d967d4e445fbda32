//! The connection that writes.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Link, Lock, Server};
use crate::database::error::DatabaseError;
use crate::database::session::Session;
use crate::database::writer;
use crate::error::Error;

/// How long to wait after a connection could not be made: the first time, and at most.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long to ask for the outcome of a commit whose answer was lost.
const SETTLE_WITHIN: Duration = Duration::from_secs(8);

/// A group waits this long for another process that is writing; a process that hangs in the
/// middle of a group is thrown out. A server that is set up to answer before its disk has the
/// data is told not to.
const SETTINGS: &str = "
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '20s';
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') IN ('off', 'local');
";

/// Each statement sees what was committed before it, whatever the server is set up for: in a
/// stricter level all would see what there was before the lock was waited for.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// The one connection of this process that writes. It is made again when it was lost.
pub(in crate::database) struct Writing {
    server: Server,
    link: Option<Link>,
    /// Which history of the database the connection writes on. A replica that becomes the
    /// server begins another one, in which numbers of transactions come again.
    timeline: Option<String>,
    /// Until when no connection is tried, and the pause after that.
    rest_until: Option<Instant>,
    pause: Duration,
    /// The timeline and the number of the open transaction.
    transaction: Option<(String, String)>,
    /// Whether a savepoint is still to be released. It goes with the next statement.
    unreleased: bool,
}

impl Writing {
    pub(in crate::database) fn open(server: Server) -> Result<Self, DatabaseError> {
        let mut writing = Self {
            server,
            link: None,
            timeline: None,
            rest_until: None,
            pause: PAUSE,
            transaction: None,
            unreleased: false,
        };
        writing.link()?;
        Ok(writing)
    }

    /// Runs `change` alone among all processes, in one transaction.
    pub(in crate::database) fn alone_with_schema<T>(
        &mut self,
        change: impl FnOnce(&mut Link) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let link = self.link()?;
        link.batch(&format!("{BEGIN}; SELECT pg_advisory_xact_lock({})", Lock::Schema.key()))?;
        let done = change(link);
        link.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        done
    }

    /// The connection; a new one when the last was lost. While the server is away this fails
    /// at once, so that nobody waits for it in a queue.
    fn link(&mut self) -> Result<&mut Link, DatabaseError> {
        if self.link.as_ref().is_none_or(Link::is_closed) {
            self.link = None;
            if self.rest_until.is_some_and(|until| Instant::now() < until) {
                return Err(DatabaseError::lost());
            }
            match connect(&self.server) {
                Ok((link, timeline)) => {
                    (self.link, self.timeline) = (Some(link), timeline);
                    (self.rest_until, self.pause) = (None, PAUSE);
                }
                Err(error) => {
                    self.rest_until = Some(Instant::now() + self.pause);
                    self.pause = LONGEST_PAUSE.min(self.pause * 2);
                    return Err(error);
                }
            }
        }
        self.link.as_mut().ok_or_else(DatabaseError::lost)
    }

    fn begin_once(&mut self) -> Result<(), DatabaseError> {
        let sql = format!(
            "{BEGIN}; SELECT pg_current_xact_id() FROM pg_advisory_xact_lock({})",
            Lock::Rows.key()
        );
        let link = self.link()?;
        link.failed = false;
        let number = link.word(&sql)?;
        self.transaction = self.timeline.clone().zip(number);
        self.unreleased = false;
        Ok(())
    }

    /// Carries out a statement in the transaction that is open.
    fn step(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.link.as_mut().ok_or_else(DatabaseError::lost)?.batch(sql)
    }

    /// Asks what became of a transaction whose commit was not answered.
    fn outcome(&mut self, timeline: &str, number: &str) -> Result<(), DatabaseError> {
        let asked = Instant::now();
        let sql = format!("SELECT pg_xact_status('{number}'::xid8)");
        while asked.elapsed() < SETTLE_WITHIN {
            let status = self.link().and_then(|link| link.word(&sql));
            if status.is_ok() && self.timeline.as_deref() != Some(timeline) {
                break;
            }
            match status {
                Ok(Some(status)) if status == "committed" => return Ok(()),
                Ok(Some(status)) if status == "aborted" => return Err(DatabaseError::lost()),
                // The old connection's process has not come to its end yet.
                Ok(Some(_)) => sleep(PAUSE),
                Ok(None) => break,
                Err(DatabaseError::Lost(_) | DatabaseError::Busy) => sleep(PAUSE),
                Err(_) => break,
            }
        }
        Err(DatabaseError::Unsure)
    }
}

impl writer::Writing for Writing {
    fn begin(&mut self) -> Result<(), DatabaseError> {
        match self.begin_once() {
            // The server was started again since the last commit; nothing was lost by it.
            Err(DatabaseError::Lost(_)) => {
                self.link = None;
                self.begin_once()
            }
            begun => begun,
        }
    }

    fn mark(&mut self) -> Result<(), DatabaseError> {
        let release = std::mem::take(&mut self.unreleased);
        self.step(if release { "RELEASE job; SAVEPOINT job" } else { "SAVEPOINT job" })
    }

    fn keep(&mut self) -> Result<(), DatabaseError> {
        if self.link.as_ref().is_none_or(|link| link.failed) {
            return Err(DatabaseError::Other("a job went on after an error".to_owned()));
        }
        self.unreleased = true;
        Ok(())
    }

    fn undo(&mut self) -> Result<(), DatabaseError> {
        self.step("ROLLBACK TO job; RELEASE job")?;
        if let Some(link) = &mut self.link {
            link.failed = false;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        if self.link.as_ref().is_none_or(|link| link.failed) {
            return Err(DatabaseError::lost());
        }
        match (self.step("COMMIT"), self.transaction.take()) {
            (Err(DatabaseError::Lost(_)), Some((timeline, number))) => {
                self.link = None;
                self.outcome(&timeline, &number)
            }
            (committed, _) => committed,
        }
    }

    fn abandon(&mut self) {
        self.transaction = None;
        // A connection that cannot take back what it did is not used again.
        if self.step("ROLLBACK").is_err() {
            self.link = None;
        }
    }

    fn session(&mut self) -> Result<Session<'_>, DatabaseError> {
        self.link.as_mut().map(Session::postgres).ok_or_else(DatabaseError::lost)
    }

    /// Beyond 64 savepoints a transaction slows down everybody who reads beside it.
    fn most_jobs(&self) -> usize {
        60
    }
}

fn connect(server: &Server) -> Result<(Link, Option<String>), DatabaseError> {
    let mut link = Link::open(server)?;
    link.batch(SETTINGS)?;
    let timeline = link.word("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)")?;
    Ok((link, timeline))
}
