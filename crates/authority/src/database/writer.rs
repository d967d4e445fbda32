//! The one thread that writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::error::DatabaseError;
use super::session::{Change, Session};
use crate::error::Error;

/// What the thread needs of a connection.
pub(super) trait Writing {
    /// Begins a transaction; no other process writes until it ends.
    fn begin(&mut self) -> Result<(), DatabaseError>;

    /// Sets the point to which [`undo`](Self::undo) goes back.
    fn mark(&mut self) -> Result<(), DatabaseError>;

    /// Keeps what was done since the mark, in the transaction.
    fn keep(&mut self) -> Result<(), DatabaseError>;

    /// Undoes what was done since the mark.
    fn undo(&mut self) -> Result<(), DatabaseError>;

    /// Ends the transaction; afterwards it is on the disk.
    fn commit(&mut self) -> Result<(), DatabaseError>;

    /// Undoes the transaction, if there is one.
    fn abandon(&mut self);

    /// The connection as the rooms see it.
    fn session(&mut self) -> Result<Session<'_>, DatabaseError>;

    /// Jobs that share one commit at most, so that the first of them does not wait for long.
    fn most_jobs(&self) -> usize;
}

/// Tells the caller of a job how the commit went.
type Settle = Box<dyn FnOnce(Result<(), DatabaseError>) + Send>;
type Job = Box<dyn FnOnce(&mut Group<'_>) -> Settle + Send>;
type Hook = Box<dyn FnMut(&Session<'_>) + Send>;

enum Message {
    Job(Job),
    AfterCommit(Hook),
}

pub(super) struct Writer {
    /// Taken when the writer is dropped, which ends the thread.
    messages: Option<Mutex<Sender<Message>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which opens the connection by itself: a client of PostgreSQL must
    /// not be made or ended on a thread that serves requests.
    pub(super) fn start<C: Writing>(
        open: impl FnOnce() -> Result<C, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let (messages, waiting) = channel();
        let (opened, outcome) = channel();
        let thread = std::thread::Builder::new()
            .name("database-writer".into())
            .spawn(move || match open() {
                Ok(mut connection) => {
                    drop(opened.send(Ok(())));
                    write_all(&mut connection, &waiting);
                }
                Err(error) => drop(opened.send(Err(error))),
            })
            .map_err(Error::Thread)?;
        outcome.recv().map_err(|_| Error::Panicked)??;
        Ok(Self { messages: Some(Mutex::new(messages)), thread: Some(thread) })
    }

    pub(super) fn after_commit(&self, hook: Hook) {
        self.send(Message::AfterCommit(hook));
    }

    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel::<Result<T, Error>>();
        self.send(Message::Job(Box::new(move |group| {
            let outcome = group.run(job);
            Box::new(move |committed| {
                let outcome = match committed {
                    Ok(()) => outcome,
                    Err(reason) => Err(not_stored(reason)),
                };
                // A caller that went away does not undo what was written.
                drop(answer.send(outcome));
            })
        })));
        answered.await.map_err(|_| Error::Panicked)?
    }

    fn send(&self, message: Message) {
        // A closed channel means the thread ended; the caller sees its answer dropped.
        if let Some(Ok(messages)) = self.messages.as_ref().map(Mutex::lock) {
            drop(messages.send(message));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.messages = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Jobs that share a commit.
struct Group<'c> {
    connection: &'c mut dyn Writing,
    /// Why the whole group cannot be committed.
    broken: Option<DatabaseError>,
}

impl Group<'_> {
    /// Runs a job so that what it did is kept or undone as a whole, and the others in the
    /// same commit are untouched. A job that panics must not take the writer with it.
    fn run<T>(&mut self, job: impl FnOnce(&Change<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.step(|connection| connection.mark())?;
        let change = Change::new(self.connection.session()?);
        let outcome =
            catch_unwind(AssertUnwindSafe(|| job(&change))).unwrap_or(Err(Error::Panicked));
        let outcome = outcome
            .and_then(|done| self.connection.keep().map(|()| done).map_err(Error::NotStored));
        if outcome.is_err() {
            self.step(|connection| connection.undo())?;
        }
        outcome
    }

    fn step(
        &mut self,
        step: impl FnOnce(&mut dyn Writing) -> Result<(), DatabaseError>,
    ) -> Result<(), Error> {
        if self.broken.is_none() {
            self.broken = step(self.connection).err();
        }
        self.broken.clone().map_or(Ok(()), |reason| Err(Error::NotStored(reason)))
    }
}

fn not_stored(reason: DatabaseError) -> Error {
    if reason == DatabaseError::Unsure { Error::Unsure } else { Error::NotStored(reason) }
}

fn write_all(connection: &mut dyn Writing, waiting: &Receiver<Message>) {
    let most_jobs = connection.most_jobs();
    let mut hook: Option<Hook> = None;
    while let Ok(first) = waiting.recv() {
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Job(job) => jobs.push(job),
                Message::AfterCommit(new) => hook = Some(new),
            }
            next = (jobs.len() < most_jobs).then(|| waiting.try_recv().ok()).flatten();
        }
        if !jobs.is_empty() {
            let (settles, committed) = commit(connection, jobs);
            if committed.is_ok()
                && let Some(hook) = hook.as_mut()
            {
                match connection.session() {
                    Ok(session) => hook(&session),
                    Err(error) => tracing::warn!(%error, "a commit is followed later"),
                }
            }
            for settle in settles {
                settle(committed.clone());
            }
        }
    }
}

fn commit(
    connection: &mut dyn Writing,
    jobs: Vec<Job>,
) -> (Vec<Settle>, Result<(), DatabaseError>) {
    let broken = connection.begin().err();
    let mut group = Group { connection, broken };
    let settles = jobs.into_iter().map(|job| job(&mut group)).collect();
    let Group { connection, broken } = group;
    let committed = broken.map_or_else(|| connection.commit(), Err);
    if committed.is_err() {
        connection.abandon();
    }
    (settles, committed)
}
