//! The one thread that writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::{Connection, Savepoint, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::error::Error;

/// Jobs that share one commit at most, so that the first of them does not wait for long.
const MOST_JOBS_A_COMMIT: usize = 512;

/// Tells the caller of a job how the commit went.
type Settle = Box<dyn FnOnce(Result<(), Arc<rusqlite::Error>>) + Send>;
type Job = Box<dyn FnOnce(Result<&mut Transaction<'_>, Arc<rusqlite::Error>>) -> Settle + Send>;
type Hook = Box<dyn FnMut(&Connection) + Send>;

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
    pub(super) fn start(connection: Connection) -> Result<Self, Error> {
        let (messages, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("database-writer".into())
            .spawn(move || write_all(connection, &waiting))
            .map_err(Error::Thread)?;
        Ok(Self { messages: Some(Mutex::new(messages)), thread: Some(thread) })
    }

    pub(super) fn after_commit(&self, hook: Hook) {
        self.send(Message::AfterCommit(hook));
    }

    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Savepoint<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel::<Result<T, Error>>();
        self.send(Message::Job(Box::new(move |transaction| {
            let outcome = match transaction {
                Ok(transaction) => run_in_savepoint(transaction, job),
                Err(reason) => Err(Error::NotStored(reason)),
            };
            Box::new(move |committed| {
                let outcome = match committed {
                    Ok(()) => outcome,
                    Err(reason) => Err(Error::NotStored(reason)),
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

fn run_in_savepoint<T>(
    transaction: &mut Transaction<'_>,
    job: impl FnOnce(&Savepoint<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    // A job that panics must not take the writer with it: its savepoint is rolled back as
    // the stack unwinds, and the others in the same commit are untouched.
    catch_unwind(AssertUnwindSafe(|| {
        let savepoint = transaction.savepoint()?;
        let outcome = job(&savepoint)?;
        savepoint.commit()?;
        Ok(outcome)
    }))
    .unwrap_or(Err(Error::Panicked))
}

fn write_all(mut connection: Connection, waiting: &Receiver<Message>) {
    let mut hook: Option<Hook> = None;
    while let Ok(first) = waiting.recv() {
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Job(job) => jobs.push(job),
                Message::AfterCommit(new) => hook = Some(new),
            }
            next = (jobs.len() < MOST_JOBS_A_COMMIT).then(|| waiting.try_recv().ok()).flatten();
        }
        if !jobs.is_empty() {
            let (settles, committed) = commit(&mut connection, jobs);
            if committed.is_ok()
                && let Some(hook) = hook.as_mut()
            {
                hook(&connection);
            }
            for settle in settles {
                settle(committed.clone());
            }
        }
    }
}

fn commit(
    connection: &mut Connection,
    jobs: Vec<Job>,
) -> (Vec<Settle>, Result<(), Arc<rusqlite::Error>>) {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let mut transaction = match begun {
        Ok(transaction) => transaction,
        Err(reason) => {
            let reason = Arc::new(reason);
            let settles = jobs.into_iter().map(|job| job(Err(Arc::clone(&reason)))).collect();
            return (settles, Err(reason));
        }
    };
    let settles = jobs.into_iter().map(|job| job(Ok(&mut transaction))).collect();
    (settles, transaction.commit().map_err(Arc::new))
}
