//! Whose turn it is to be asked about.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::found::{self, Outcome};
use super::table::{self, Row};
use crate::authority::Authority;
use crate::database::Change;
use crate::error::Error;
use crate::register::{self, Person};

/// People who are asked about at the same time.
const AT_ONCE: u32 = 32;

/// For so long no other process asks about them: longer than a question takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

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

/// Asks about everybody who is due; returns how many that were.
///
/// # Errors
///
/// What the database says. Whoever was being asked about is due again after the lease.
pub(crate) async fn ask_due(authority: &Arc<Authority>) -> Result<usize, Error> {
    let mut asked = 0;
    loop {
        let now = authority.clock.now();
        if !authority.database.read(move |session| table::is_due(session, now)).await? {
            return Ok(asked);
        }
        let lease = now.saturating_add(LEASE).unwrap_or(now);
        let take = move |change: &Change<'_>| {
            let mut due = Vec::new();
            for row in table::take_due(change, now, lease, AT_ONCE)? {
                // Claimed in another group since, or given back: that is no business of theirs.
                if !table::matters(change, row.person)? {
                    table::put(change, &Row { next_ask_at: None, ..row })?;
                    continue;
                }
                let person = register::get(change, row.person)?.ok_or(Error::Damaged("person"))?;
                due.push((row, person));
            }
            Ok(due)
        };
        let due = authority.database.write(take).await?;
        asked += due.len();
        ask_all(authority, due).await?;
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
