//! What happens without being asked: publishing, and keeping up with time and with other
//! processes.

mod press;
mod table;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

use self::press::Press;
use crate::authority::Authority;
use crate::colour::{recolour_all, reevaluate};
use crate::database::Change;
use crate::error::Error;
use crate::{accounts, days, feeds, homes, regions, retention};

pub(crate) use table::TABLE_2;

/// Changes that come within this time after the first are published together.
const GATHER: Duration = Duration::from_millis(300);

/// How often the authority looks for colours that are due, and for changes that another
/// process made.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// How often it is written which stations called.
const KEEP_SEEN: Duration = Duration::from_secs(30);

/// How often sessions that have ended are removed.
const TIDY: Duration = Duration::from_secs(600);

/// How often a process that stands ready asks whether it is its turn.
const TAKE_OVER: Duration = Duration::from_secs(1);

/// How long the last records may take to be written after the order to stop.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

/// The running background work; it ends when this is stopped.
#[must_use]
pub struct Background {
    tasks: Vec<JoinHandle<()>>,
    authority: Arc<Authority>,
    /// Writes verifications, to the last.
    recording: JoinHandle<()>,
    place: Place,
}

/// What it takes to publish, when it is this process's turn.
type Place = Arc<AsyncMutex<Option<Press>>>;

impl Background {
    /// Ends the work. What is being published is finished first, and another process may
    /// publish then.
    pub async fn stop(self) {
        self.authority.journal.close();
        self.authority.shows.close();
        if timeout(WRITE_WITHIN, self.recording).await.is_err() {
            let lost = self.authority.journal.held();
            tracing::error!(lost, "not everything could be recorded before the end");
        }
        for task in self.tasks {
            task.abort();
            drop(task.await);
        }
        if let Some(press) = self.place.lock().await.take() {
            press.close().await;
        }
    }
}

/// Publishes once, so that the feeds are there before anybody asks, and goes on in the
/// background. When another process on the same PostgreSQL publishes, this one stands ready
/// to take over.
///
/// # Errors
///
/// [`Error::SecondPublisher`], and what the first publishing says.
pub async fn start(authority: Arc<Authority>) -> Result<Background, Error> {
    days::make_days(&authority.database, authority.clock.now()).await?;
    let mut place = None;
    take_part(&authority, &mut place).await?;
    if place.is_none() {
        tracing::info!("another process publishes; this one stands ready to take over");
        follow(&authority).await?;
    }
    let place = Arc::new(AsyncMutex::new(place));
    Ok(Background {
        recording: tokio::spawn(record(Arc::clone(&authority))),
        authority: Arc::clone(&authority),
        tasks: vec![
            tokio::spawn(keep_publishing(Arc::clone(&authority), Arc::clone(&place))),
            tokio::spawn(keep_up(Arc::clone(&authority))),
            tokio::spawn(regions::keep_asking(Arc::clone(&authority))),
            tokio::spawn(keep_carrying_regions(Arc::clone(&authority), Arc::clone(&place))),
            tokio::spawn(homes::keep_asking(Arc::clone(&authority))),
            tokio::spawn(ask_again(Arc::clone(&authority))),
            tokio::spawn(keep_seen(Arc::clone(&authority))),
            tokio::spawn(tidy(authority, Arc::clone(&place))),
        ],
        place,
    })
}

/// Runs what waits for a disk or a server away from the threads that serve requests.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Panicked)?
}

/// Publishes whenever it is this process's turn and something has changed, or a head is due.
async fn keep_publishing(authority: Arc<Authority>, place: Place) {
    let mut changes = authority.lists.changes();
    let mut due = Instant::now() + every(&authority);
    loop {
        let publishes = place.lock().await.is_some();
        tokio::select! {
            () = sleep_until(due) => {}
            () = sleep(TAKE_OVER), if !publishes => {}
            changed = changes.changed(), if publishes => {
                if changed.is_err() {
                    return;
                }
                sleep(GATHER).await;
                changes.mark_unchanged();
            }
            () = authority.rules_changed.notified(), if publishes => {}
        }
        let published = take_part(&authority, &mut *place.lock().await).await;
        due = Instant::now() + every(&authority);
        match published {
            Ok(sooner) => due = sooner.map_or(due, |sooner| sooner.min(due)),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, cause, "publishing failed; it is tried again in a second");
                due = Instant::now() + Duration::from_secs(1);
            }
        }
    }
}

/// Publishes, if it is or becomes this process's turn. Says when there is more to publish, at the
/// latest.
async fn take_part(
    authority: &Arc<Authority>,
    place: &mut Option<Press>,
) -> Result<Option<Instant>, Error> {
    if let Some(press) = place.as_ref()
        && !press.lasts().await?
    {
        tracing::warn!("the turn to publish was lost");
        *place = None;
    }
    if place.is_none() {
        *place = Press::open(Arc::clone(authority)).await?;
        if place.is_some() {
            tracing::info!("it is this process's turn to publish");
        }
    }
    match place {
        Some(press) => press.publish().await,
        None => Ok(None),
    }
}

fn every(authority: &Authority) -> Duration {
    Duration::from_secs(u64::from(authority.settings.publish_seconds.max(1)))
}

/// Looks twice a second whether those who have called may still do so.
async fn ask_again(authority: Arc<Authority>) {
    let mut tick = interval(LOOK_AROUND);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = authority.callers.ask_again(&authority.database).await {
            tracing::warn!(%error, "it is not known who was revoked elsewhere");
        }
    }
}

async fn record(authority: Arc<Authority>) {
    let (database, clock) = (&authority.database, &authority.clock);
    let records = authority.journal.write_all(database);
    tokio::join!(records, authority.shows.write_all(database, clock));
}

async fn keep_up(authority: Arc<Authority>) {
    let mut tick = interval(LOOK_AROUND);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let followed = follow(&authority).await;
        if let Err(error) = followed {
            tracing::error!(%error, "the lists could not follow the database");
        }
        if let Err(error) = recolour(&authority).await {
            tracing::error!(%error, "colours that are due could not be computed");
        }
        if let Err(error) = homes::look_for_due(&authority).await {
            tracing::error!(%error, "it is not known about whom other regions are to be asked");
        }
    }
}

/// Puts what other issuers publish of their colours beside our own feeds, while it is this
/// process's turn.
async fn keep_carrying_regions(authority: Arc<Authority>, place: Place) {
    let every = Duration::from_secs(u64::from(authority.settings.region_seconds.max(1)));
    let mut tick = interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if place.lock().await.is_none() {
            continue;
        }
        let (folder, rows) = (authority.feeds_folder(), authority.region_rows());
        if let Err(error) = authority.regions.carry(&folder, &rows).await {
            tracing::error!(%error, "what other issuers publish could not be carried");
        }
    }
}

/// Brings colours up to date with the time and with the scheme in force.
async fn recolour(authority: &Authority) -> Result<(), Error> {
    authority.follow_rules().await?;
    let (database, now) = (&authority.database, authority.clock.now());
    let rules = authority.scheme();
    let changed = recolour_all(database, &rules, now).await?;
    if changed > 0 {
        tracing::info!(changed, scheme = rules.id, "holders were coloured anew");
    }
    reevaluate(database, &rules, now).await?;
    Ok(())
}

/// Takes in what other processes changed, and how far another one has published.
async fn follow(authority: &Arc<Authority>) -> Result<(), Error> {
    // Asked before the lists follow, so that they are never older than what is published.
    let published = if authority.database.is_shared() {
        let authority = Arc::clone(authority);
        aside(move || {
            let keys = authority.keys.feed_keys()?;
            Ok(feeds::position(&authority.feeds_folder(), authority.issuer(), &keys)?)
        })
        .await?
    } else {
        None
    };
    let lists = Arc::clone(&authority.lists);
    authority.database.read(move |session| lists.follow(session)).await?;
    if let Some(position) = published {
        authority.published_up_to(position)?;
    }
    Ok(())
}

async fn keep_seen(authority: Arc<Authority>) {
    let mut tick = interval(KEEP_SEEN);
    loop {
        tick.tick().await;
        if let Err(error) = authority.seen.write(&authority.database).await {
            tracing::warn!(%error, "it could not be written which stations called");
        }
    }
}

async fn tidy(authority: Arc<Authority>, place: Place) {
    let mut tick = interval(TIDY);
    loop {
        tick.tick().await;
        let now = authority.clock.now();
        if let Err(error) = accounts::forget_ended_sessions(&authority.database, now).await {
            tracing::warn!(%error, "ended sessions could not be removed");
        }
        if let Err(error) = days::make_days(&authority.database, now).await {
            tracing::warn!(%error, "partitions of the days to come could not be made");
        }
        // One process is enough: the one whose turn it is to publish.
        if place.lock().await.is_none() {
            continue;
        }
        if let Err(error) =
            retention::end(&authority.database, authority.settings.retention, now).await
        {
            tracing::warn!(%error, "days whose retention has ended could not be removed");
        }
        let forget = move |change: &Change<'_>| homes::forget_old(change, now);
        if let Err(error) = authority.database.write(forget).await {
            tracing::warn!(%error, "what other regions were told could not be removed");
        }
    }
}
