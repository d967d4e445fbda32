//! Whose turn it is to be asked about.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use tokio::task::{AbortHandle, JoinSet};
use yanma_domain::IssuerId;

use super::found::{self, Outcome};
use super::table::{self, Row};
use crate::authority::Authority;
use crate::database::Change;
use crate::error::Error;
use crate::register::{self, Person};

/// People about whom one region is asked at the same time.
const AT_ONCE: u32 = 32;

/// For so long no other process asks about them: longer than a question takes.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Rings when somebody is due.
///
/// # Errors
///
/// What the database says.
pub(crate) async fn look_for_due(authority: &Authority) -> Result<(), Error> {
    let now = authority.clock.now();
    if authority.database.read(move |session| table::is_due(session, now)).await? {
        authority.homes.due.notify_one();
    }
    Ok(())
}

/// Asks about everybody who is due, each region by itself: one that is slow holds up only
/// those whose home it is.
pub(crate) async fn keep_asking(authority: Arc<Authority>) {
    // The set ends them all when this ends.
    let mut tasks = JoinSet::new();
    let mut asked = BTreeMap::new();
    loop {
        authority.homes.due.notified().await;
        while let Some(done) = tasks.try_join_next() {
            if let Err(error) = done.unwrap_or(Err(Error::Panicked)) {
                tracing::error!(%error, "another region could not be asked about people");
            }
        }
        asked.retain(|_, task: &mut AbortHandle| !task.is_finished());
        let now = authority.clock.now();
        match authority.database.read(move |session| table::who_is_due(session, now)).await {
            Ok(regions) => {
                for region in regions {
                    asked
                        .entry(region)
                        .or_insert_with(|| tasks.spawn(ask_due(Arc::clone(&authority), region)));
                }
            }
            Err(error) => {
                tracing::error!(%error, "it is not known which regions are to be asked");
            }
        }
    }
}

/// Asks a region about people who are due, until few are left: they are found when it rings
/// next. Whoever was being asked about when the database failed is due again after the lease.
async fn ask_due(authority: Arc<Authority>, region: IssuerId) -> Result<(), Error> {
    loop {
        let now = authority.clock.now();
        let lease = now.saturating_add(LEASE).unwrap_or(now);
        let take = move |change: &Change<'_>| {
            let mut due = Vec::new();
            let taken = table::take_due(change, region, now, lease, AT_ONCE)?;
            let is_last = taken.len() < AT_ONCE as usize;
            for row in taken {
                // Claimed in another group since, or given back: that is no business of theirs.
                if !table::matters(change, row.person)? {
                    table::put(change, &Row { next_ask_at: None, ..row })?;
                    continue;
                }
                let person = register::get(change, row.person)?.ok_or(Error::Damaged("person"))?;
                due.push((row, person));
            }
            Ok((due, is_last))
        };
        let (due, is_last) = authority.database.write(take).await?;
        ask_all(&authority, due).await?;
        if is_last {
            return Ok(());
        }
    }
}

async fn ask_all(authority: &Arc<Authority>, due: Vec<(Row, Person)>) -> Result<(), Error> {
    let mut asking = JoinSet::new();
    for (row, person) in due {
        let authority = Arc::clone(authority);
        asking.spawn(async move {
            let now = authority.clock.now();
            let outcome = authority.homes.ask(&authority, &row, &person.document, now).await;
            (row, outcome)
        });
    }
    while let Some(joined) = asking.join_next().await {
        let (row, outcome) = joined.map_err(|_| Error::Panicked)?;
        let outcome: Outcome = outcome?;
        let (scheme, now) = (authority.scheme(), authority.clock.now());
        let whose = (row.person, row.issuer);
        let keep = move |change: &Change<'_>| {
            found::keep(change, &scheme.within(change)?, whose, outcome, now)
        };
        authority.database.write(keep).await?;
    }
    Ok(())
}
