//! What happens without being asked: publishing, and keeping up with time and with other
//! processes.

mod table;

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use yanma_domain::policy::Policy;

use crate::accounts;
use crate::authority::Authority;
use crate::colour::reevaluate;
use crate::error::Error;
use crate::feeds::{PublishInput, Publisher};
use crate::policies;

pub(crate) use table::TABLE_2;

/// Changes that come within this time after the first are published together.
const GATHER: Duration = Duration::from_millis(300);

/// How often the authority looks for colours that are due, and for changes that another
/// process made.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// How often sessions that have ended are removed.
const TIDY: Duration = Duration::from_secs(600);

/// How long after the moment it is due a head may come, in seconds: the work takes its time.
const DUE_SLACK_SECONDS: i64 = 10;

/// Which directory key the hashes are made under. There has been one so far.
const KEY_GENERATION: u32 = 1;

/// The running background work; it ends when this is stopped.
#[must_use]
pub struct Background(Vec<JoinHandle<()>>);

impl Background {
    /// Ends the work. What is being published is finished first.
    pub async fn stop(self) {
        for task in self.0 {
            task.abort();
            drop(task.await);
        }
    }
}

/// Publishes once, so that the feeds are there before anybody asks, and goes on in the
/// background.
///
/// # Errors
///
/// [`Error::SecondPublisher`], and what the first publishing says.
pub async fn start(authority: Arc<Authority>) -> Result<Background, Error> {
    let press = Arc::new(Press::open(Arc::clone(&authority)).await?);
    press.publish().await?;
    Ok(Background(vec![
        tokio::spawn(keep_publishing(press)),
        tokio::spawn(keep_up(Arc::clone(&authority))),
        tokio::spawn(tidy(authority)),
    ]))
}

/// What it takes to publish.
struct Press {
    authority: Arc<Authority>,
    publisher: Arc<Mutex<Publisher>>,
    policies: Arc<Vec<Policy>>,
    /// Held for as long as this process publishes.
    _lock: File,
}

impl Press {
    async fn open(authority: Arc<Authority>) -> Result<Self, Error> {
        let policies = Arc::new(policies::built_in()?);
        let went_out = authority.database.read(table::head_number).await?;
        aside(move || {
            let folder = authority.feeds_folder();
            let lock = lock(&folder)?;
            let publisher = Publisher::open(
                &folder,
                Authority::ISSUER,
                &authority.keys.feed_keys()?,
                went_out,
            )?;
            Ok(Self {
                publisher: Arc::new(Mutex::new(publisher)),
                policies,
                _lock: lock,
                authority,
            })
        })
        .await
    }

    /// Publishes the lists as they are.
    async fn publish(&self) -> Result<(), Error> {
        let (authority, publisher) = (Arc::clone(&self.authority), Arc::clone(&self.publisher));
        let policies = Arc::clone(&self.policies);
        let number = aside(move || {
            let snapshot = authority.lists.snapshot()?;
            let now = authority.clock.now();
            let every = i64::from(authority.settings.publish_seconds);
            let due = now + SignedDuration::from_secs(every + DUE_SLACK_SECONDS);
            let input = PublishInput {
                status: snapshot.status,
                directory: snapshot.directory,
                key_generation: KEY_GENERATION,
                trust: &authority.trust,
                policies: &policies,
            };
            let keys = authority.keys.feed_keys()?;
            let mut publisher = publisher.lock().map_err(|_| Error::Panicked)?;
            let published = publisher.publish(&keys, input, now, due)?;
            let position = published.head.feeds.status.position();
            *authority.published.write().map_err(|_| Error::Panicked)? = position;
            tracing::debug!(
                number = published.head.number,
                sequence = position.sequence,
                files = published.written.len(),
                "published"
            );
            Ok(published.head.number)
        })
        .await?;
        self.authority.database.write(move |change| table::set_head_number(change, number)).await
    }
}

/// Makes sure that nobody else publishes in the folder. The lock ends with the process,
/// however that ends.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("publisher.lock");
    let io = |source| Error::Io { path: path.clone(), source };
    fs::create_dir_all(folder).map_err(io)?;
    let file = File::create(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::SecondPublisher(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Panicked)?
}

async fn keep_publishing(press: Arc<Press>) {
    let every = Duration::from_secs(u64::from(press.authority.settings.publish_seconds.max(1)));
    let mut changes = press.authority.lists.changes();
    let mut due = Instant::now() + every;
    loop {
        tokio::select! {
            () = sleep_until(due) => {}
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(GATHER).await;
                changes.mark_unchanged();
            }
        }
        due = match press.publish().await {
            Ok(()) => Instant::now() + every,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, cause, "publishing failed; it is tried again in a second");
                Instant::now() + Duration::from_secs(1)
            }
        };
    }
}

async fn keep_up(authority: Arc<Authority>) {
    let mut tick = interval(LOOK_AROUND);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let lists = Arc::clone(&authority.lists);
        let followed = authority.database.read(move |connection| lists.follow(connection)).await;
        if let Err(error) = followed {
            tracing::error!(%error, "the lists could not follow the database");
        }
        let (database, scheme) = (&authority.database, &authority.scheme);
        if let Err(error) = reevaluate(database, scheme, authority.clock.now()).await {
            tracing::error!(%error, "colours that are due could not be computed");
        }
    }
}

async fn tidy(authority: Arc<Authority>) {
    let mut tick = interval(TIDY);
    loop {
        tick.tick().await;
        let now = authority.clock.now();
        if let Err(error) = accounts::forget_ended_sessions(&authority.database, now).await {
            tracing::warn!(%error, "ended sessions could not be removed");
        }
    }
}
