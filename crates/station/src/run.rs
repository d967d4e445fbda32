//! The work beside the checking: in step with the authority, and rid of its entries.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::retention::Occasion;

/// How often a head is asked for.
pub const SYNC_EVERY: Duration = Duration::from_secs(60);
/// The shortest wait between two rounds, however much there is to do.
const BREATH: Duration = Duration::from_millis(200);
/// The longest wait until an entry is tried again.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// The shortest wait between two looks at a file in which damage was met: each reads it through.
const MEND_AGAIN: Duration = Duration::from_secs(30);

/// Syncs and uploads for ever. `changed` is called after every round, from the runtime.
///
/// A sync follows the last one after `sync_every`, less up to a tenth of it by chance, so that
/// ten thousand desks that were switched on in one minute do not fall upon one authority at once
/// for ever. After a failure it is tried again after two seconds, then four, and so on up to
/// `sync_every`, each less up to a half by chance: desks that lost the authority in one instant
/// come back to it over as long as they waited. A directory that takes long is fetched in goes:
/// uploads and the rest have their turn after each, and the next follows at once, with the newest
/// head.
pub async fn keep_in_step(desk: Arc<Desk>, sync_every: Duration, changed: impl Fn() + Send) {
    let mut next_sync = Instant::now();
    let (mut failures, mut failed_last) = (0_u32, false);
    let mut under_way = None;
    let mut was_enrolled = desk.enrolment().is_some();
    let mut last_ending = None;
    let mut next_mend = Instant::now();
    read_log_through(&desk);
    loop {
        if desk.store().met_damage() && Instant::now() >= next_mend {
            match mend(&desk).await {
                Ok(true) => next_sync = Instant::now(),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the damaged file stays for now"),
            }
            next_mend = Instant::now() + MEND_AGAIN;
        }
        let enrolled = desk.enrolment().is_some();
        if enrolled != was_enrolled {
            next_sync = Instant::now();
            was_enrolled = enrolled;
            drop(under_way.take());
        }
        let is_due = Instant::now() >= next_sync;
        if is_due && !enrolled {
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
            if is_due {
                let go = desk.meter.begin();
                let went = desk.sync_in_turn().await;
                // Once, when the authority is back: not with every go at a directory.
                if std::mem::replace(&mut failed_last, went.is_err()) && went.is_ok() {
                    make_due(&desk);
                }
                let more = matches!(went, Ok(true));
                match went {
                    // It may still turn out wrong, so what failed before is not over.
                    Ok(true) => {}
                    Ok(false) => failures = 0,
                    Err(error) => {
                        failures += 1;
                        tracing::info!(%error, failures, "no sync");
                    }
                }
                let rest = if more { Duration::ZERO } else { wait(sync_every, failures, chance()) };
                next_sync = Instant::now() + rest;
                // Between two goes it is still said how far it is.
                under_way = more.then_some(go);
            }
            if let Err(error) = desk.upload().await {
                tracing::info!(%error, "no upload");
            }
        }
        if is_due && let Err(error) = end_what_is_due(&desk, &mut last_ending).await {
            tracing::error!(%error, "what should go could not be deleted");
        }
        changed();
        tokio::time::sleep(BREATH).await;
        // Woken by a new entry, or by the clock: the next sync, or an entry that is due again.
        let rest = next_sync.saturating_duration_since(Instant::now()).min(LOOK_AGAIN);
        let _ = timeout(rest, desk.wake.notified()).await;
    }
}

/// What is left of reading the file through at the start: a long log. Damage in it is mended as any.
fn read_log_through(desk: &Arc<Desk>) {
    let desk = Arc::clone(desk);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = desk.store().read_log_through() {
            tracing::error!(%error, "the log cannot be read through");
            desk.wake.notify_one();
        }
    });
}

/// Beside the runtime: a file is read through and copied.
async fn mend(desk: &Arc<Desk>) -> Result<bool, DeskError> {
    let desk = Arc::clone(desk);
    let mending = tokio::task::spawn_blocking(move || desk.mend_file());
    mending.await.map_err(|_| DeskError::Interrupted)?
}

/// Ends retention when the day changed, or a policy, or when something was left the last time:
/// at the start, about once a day, and soon after the authority was heard of again.
async fn end_what_is_due(desk: &Desk, last: &mut Option<Occasion>) -> Result<(), DeskError> {
    let occasion = desk.occasion()?;
    if occasion.is_some() && occasion != *last {
        let ended = desk.end_retention().await?;
        *last = occasion.filter(|_| !ended.more && ended.held_back == 0);
    }
    Ok(())
}

fn make_due(desk: &Desk) {
    if let Err(error) = desk.store().make_due() {
        tracing::error!(%error, "the outbox cannot be read");
    }
}

/// How long until the next sync, after so many failures in a row.
fn wait(sync_every: Duration, failures: u32, chance: u16) -> Duration {
    match failures {
        0 => spread(sync_every, sync_every / 10, chance),
        failures => {
            let most = sync_every.min(Duration::from_secs(1 << failures.min(6)));
            spread(most, most / 2, chance)
        }
    }
}

/// A random number. Without one the desks go on together, which is no reason to stop.
fn chance() -> u16 {
    let mut bytes = [0; 2];
    let drawn = getrandom::fill(&mut bytes);
    if drawn.is_ok() { u16::from_le_bytes(bytes) } else { 0 }
}

/// A wait less up to `part` of it; all of it when `chance` is 0.
fn spread(wait: Duration, part: Duration, chance: u16) -> Duration {
    wait.saturating_sub(part / (1 << 16) * u32::from(chance))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_spread_over_a_tenth_and_never_longer() {
        assert_eq!(wait(SYNC_EVERY, 0, 0), Duration::from_secs(60));
        let least = wait(SYNC_EVERY, 0, u16::MAX);
        assert!(least > Duration::from_secs(54) && least < Duration::from_millis(54_010));
        assert!(wait(SYNC_EVERY, 0, 1) < SYNC_EVERY, "every number counts");
        assert_eq!(wait(Duration::ZERO, 0, u16::MAX), Duration::ZERO);
    }

    #[test]
    fn failures_wait_longer_and_longer_up_to_the_usual() {
        let waits = (0..9).map(|failures| wait(SYNC_EVERY, failures, 0).as_secs());
        assert_eq!(waits.collect::<Vec<_>>(), [60, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait(Duration::from_secs(5), 9, 0), Duration::from_secs(5));
    }

    #[test]
    fn after_a_failure_waits_are_spread_over_their_half() {
        for failures in 1..9 {
            let most = wait(SYNC_EVERY, failures, 0);
            let least = wait(SYNC_EVERY, failures, u16::MAX);
            assert!(least > most / 2 && least < most / 2 + most / 1000, "{failures}: {least:?}");
            let middle = wait(SYNC_EVERY, failures, 1 << 15);
            let off = middle.abs_diff(most * 3 / 4);
            assert!(off < Duration::from_millis(1), "{failures}: {middle:?}");
        }
    }
}
