//! Colours that change because time passes.

use std::sync::Arc;

use jiff::Timestamp;

use super::Scheme;
use crate::claims;
use crate::database::Database;
use crate::error::Error;

/// Codes looked at in one commit.
const BATCH: u32 = 1_000;

/// Computes anew every colour that is due at `now`; returns how many rows were looked at.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`]; what was done before stays.
pub async fn reevaluate(
    database: &Database,
    scheme: &Arc<Scheme>,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut looked_at = 0;
    loop {
        // Asked on a reader first: in most seconds nothing is due, and nothing is written.
        let due = database.read(move |connection| claims::due(connection, now, BATCH)).await?;
        if due.is_empty() {
            return Ok(looked_at);
        }
        looked_at += due.len();
        let scheme = Arc::clone(scheme);
        database
            .write(move |change| {
                for holder in claims::due(change, now, BATCH)? {
                    claims::recolour(change, holder, &scheme, now)?;
                }
                Ok(())
            })
            .await?;
    }
}
