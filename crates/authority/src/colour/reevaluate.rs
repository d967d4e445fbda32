//! Colours that change because time passes, or because the rules do.

use jiff::Timestamp;

use super::{LastKnown, in_force};
use crate::claims;
use crate::database::Database;
use crate::error::Error;
use crate::facts;

/// Codes looked at in one commit.
const BATCH: u32 = 1_000;

/// Computes anew every colour that is due at `now`; returns how many rows were looked at.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`]; what was done before stays.
pub async fn reevaluate(
    database: &Database,
    rules: &LastKnown,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut looked_at = 0;
    loop {
        // Asked on a reader first: in most seconds nothing is due, and nothing is written.
        let due = database.read(move |session| claims::due(session, now, 1)).await?;
        if due.is_empty() {
            return Ok(looked_at);
        }
        let rules = rules.clone();
        looked_at += database
            .write(move |change| claims::recolour_due(change, &rules.within(change)?, now, BATCH))
            .await?;
    }
}

/// Computes anew every colour after the rules have changed, a batch in each commit; returns
/// how many have changed. It goes on where an earlier run, of whichever process, was stopped,
/// and ends at once when nothing is left.
///
/// Only people about whom something was reported are looked at: without facts everybody is
/// green by every scheme. Each whose colour changes is written a row of history, in the same
/// commit (`crate::colour::changes`).
///
/// # Errors
///
/// As [`reevaluate`].
pub async fn recolour_all(
    database: &Database,
    rules: &LastKnown,
    now: Timestamp,
) -> Result<usize, Error> {
    let (mut changed, generation) = (0, rules.generation());
    while database.read(move |session| in_force::is_recolouring(session, generation)).await? {
        let rules = rules.clone();
        changed += database
            .write(move |change| {
                let rules = rules.within(change)?;
                let done = in_force::cursor(change, rules.generation)?;
                let Some((document_type, number)) = done else {
                    return Ok(0);
                };
                let documents = facts::documents_after(change, (document_type, &number), BATCH)?;
                let changed = claims::recolour_owners(change, &documents, &rules, now)?;
                in_force::set_cursor(change, documents.last())?;
                Ok(changed)
            })
            .await?;
    }
    Ok(changed)
}
