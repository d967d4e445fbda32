//! What happens without being asked: publishing, and keeping up with time and with other
//! processes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::accounts;
use crate::authority::{Authority, Published};
use crate::colour::reevaluate;
use crate::error::Error;

/// Changes that come within this time after the first are published together.
const GATHER: Duration = Duration::from_millis(300);

/// How often the authority looks for colours that are due, and for changes that another
/// process made.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// How often sessions that have ended are removed.
const TIDY: Duration = Duration::from_secs(600);

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
/// What the first publishing says.
pub async fn start(authority: Arc<Authority>) -> Result<Background, Error> {
    publish(&authority).await?;
    Ok(Background(vec![
        tokio::spawn(keep_publishing(Arc::clone(&authority))),
        tokio::spawn(keep_up(Arc::clone(&authority))),
        tokio::spawn(tidy(authority)),
    ]))
}

/// Publishes the lists as they are.
///
/// # Errors
///
/// [`Error::Io`] when a file cannot be written; what is published stays as it was.
pub async fn publish(authority: &Arc<Authority>) -> Result<(), Error> {
    let snapshot = authority.lists.snapshot()?;
    if let Ok(mut published) = authority.published.write() {
        *published = Published {
            epoch: 0,
            sequence: 0,
        };
    }
    Ok(())
}

async fn keep_publishing(authority: Arc<Authority>) {
    let every = Duration::from_secs(u64::from(authority.settings.publish_seconds.max(1)));
    let mut changes = authority.lists.changes();
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
        due = match publish(&authority).await {
            Ok(()) => Instant::now() + every,
            Err(error) => {
                tracing::error!(%error, "publishing failed; it is tried again in a second");
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
        let followed = authority
            .database
            .read(move |connection| lists.follow(connection))
            .await;
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
