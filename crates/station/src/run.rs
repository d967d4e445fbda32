//! The work beside the checking: in step with the authority, and rid of its entries.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::desk::Desk;
use crate::error::DeskError;

/// How often a head is asked for.
pub const SYNC_EVERY: Duration = Duration::from_secs(60);
/// The shortest wait between two rounds, however much there is to do.
const BREATH: Duration = Duration::from_millis(200);
/// The longest wait until an entry is tried again.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Syncs and uploads for ever. `changed` is called after every round, from the runtime.
///
/// A sync follows the last one after `sync_every`; after a failure it is tried again after
/// two seconds, then four, and so on up to `sync_every`, so that ten thousand desks do not
/// fall upon an authority that comes back.
pub async fn keep_in_step(desk: Arc<Desk>, sync_every: Duration, changed: impl Fn() + Send) {
    let mut next_sync = Instant::now();
    let mut failures = 0_u32;
    let mut was_enrolled = desk.enrolment().is_some();
    loop {
        let enrolled = desk.enrolment().is_some();
        if enrolled != was_enrolled {
            next_sync = Instant::now();
            was_enrolled = enrolled;
        }
        if Instant::now() >= next_sync && !enrolled {
            // A sync does this too; without one, the clock can be set back all the same.
            if let Err(error) = desk.watch_clock() {
                tracing::error!(%error, "the clock cannot be compared");
            }
            next_sync = Instant::now() + sync_every;
        }
        if let Err(error) = desk.retry_unwritten() {
            tracing::error!(%error, "an entry could not be written");
        }
        if enrolled {
            if Instant::now() >= next_sync {
                match desk.sync().await {
                    Ok(_) => {
                        if failures > 0 {
                            make_due(&desk);
                        }
                        failures = 0;
                    }
                    Err(error) => {
                        failures += 1;
                        tracing::info!(%error, failures, "no sync");
                    }
                }
                next_sync = Instant::now() + wait(sync_every, failures);
            }
            if let Err(error) = desk.upload().await {
                tracing::info!(%error, "no upload");
            }
        }
        changed();
        tokio::time::sleep(BREATH).await;
        // Woken by a new entry, or by the clock: the next sync, or an entry that is due again.
        let rest = next_sync.saturating_duration_since(Instant::now()).min(LOOK_AGAIN);
        let _ = timeout(rest, desk.wake.notified()).await;
    }
}

fn make_due(desk: &Desk) {
    if let Err(error) = desk.store().make_due() {
        tracing::error!(%error, "the outbox cannot be read");
    }
}

fn wait(sync_every: Duration, failures: u32) -> Duration {
    match failures {
        0 => sync_every,
        failures => sync_every.min(Duration::from_secs(1 << failures.min(6))),
    }
}

impl Desk {
    /// Sends what is due, and says how it went: for a command that ends.
    ///
    /// # Errors
    /// As [`Desk::upload`].
    pub async fn flush(&self) -> Result<crate::upload::Uploaded, DeskError> {
        self.store().make_due()?;
        self.upload().await
    }
}
