//! Asking other issuers for what is new, again and again, each by itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::follow::{FollowError, Followed, follow};
use super::table::{self, RegionRow};
use crate::authority::Authority;
use crate::database::Change;
use crate::error::Error;

/// How long one issuer may take with everything that is new: as long as each file of the longest
/// way may take by itself.
const ALL_WITHIN: Duration = Duration::from_secs(600);

/// Asks every issuer in rounds. Whoever still answers when the next round begins is left out of
/// it, and holds up nobody else.
pub(crate) async fn keep_asking(authority: Arc<Authority>) {
    let every = Duration::from_secs(u64::from(authority.settings.region_seconds.max(1)));
    let mut tick = interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The set ends them all when this ends.
    let mut tasks = JoinSet::new();
    let mut asked: Vec<(RegionRow, AbortHandle)> = Vec::new();
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = authority.regions.changed.notified() => {}
        }
        while let Some(done) = tasks.try_join_next() {
            match done {
                Ok(Err(error)) => tracing::error!(%error, "another issuer could not be asked"),
                Err(error) if error.is_panic() => {
                    tracing::error!("another issuer could not be asked: the task panicked");
                }
                Ok(Ok(())) | Err(_) => {}
            }
        }
        let rows = authority.region_rows();
        asked.retain(|(row, task)| {
            let is_meant = rows.iter().any(|now| !now.removed && row.is_asked_as(now));
            if !is_meant {
                task.abort();
            }
            is_meant && !task.is_finished()
        });
        if let Err(error) = authority.regions.forget_all_but(&rows) {
            tracing::error!(%error, "what is known of other issuers could not be read");
        }
        for row in rows.iter().filter(|row| !row.removed) {
            if asked.iter().all(|(other, _)| other.issuer != row.issuer) {
                let task = tasks.spawn(ask(Arc::clone(&authority), row.clone()));
                asked.push((row.clone(), task));
            }
        }
    }
}

/// Asks one issuer once. What it has that is new is kept.
async fn ask(authority: Arc<Authority>, row: RegionRow) -> Result<(), Error> {
    let (regions, now) = (&authority.regions, authority.clock.now());
    // A list from under another root key is not continued.
    let before = regions.followed(row.issuer)?.filter(|_| row.trust.is_some());
    let following = follow(&regions.client, &row, before.as_deref(), now);
    let outcome = timeout(ALL_WITHIN, following).await.unwrap_or(Err(FollowError::Slow));
    if let Ok(followed) = &outcome {
        keep(&authority, &row, before.as_deref(), followed).await?;
    }
    regions.note(row.issuer, before, outcome, now)
}

/// Keeps a trust list and a head that are new.
async fn keep(
    authority: &Authority,
    row: &RegionRow,
    before: Option<&Followed>,
    followed: &Followed,
) -> Result<(), Error> {
    let (issuer, root, mark) = (row.issuer, followed.root, followed.mark);
    if row.trust.as_ref() != Some(&followed.trust) {
        let (row, trust, now) = (row.clone(), followed.trust.clone(), authority.clock.now());
        let put = move |change: &Change<'_>| table::put_trust(change, &row, &trust, root, now);
        authority.database.write(put).await?;
    }
    if before.is_none_or(|before| before.mark != mark) {
        let put = move |change: &Change<'_>| table::put_head(change, issuer, root, &mark);
        authority.database.write(put).await?;
    }
    Ok(())
}
