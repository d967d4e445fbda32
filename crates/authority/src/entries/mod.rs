//! Takes in what happened at the desks (通行记录), and lists it.

mod sealed;
mod table;

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;
use yanma_protocol::batch::{ItemOutcome, RefusedItem};
use yanma_protocol::entries::{EntriesPage, EntryResult, EntryUpload};

use crate::database::{Database, Session};
use crate::error::Error;
use crate::lists::Shard;
use crate::stations::Station;
use crate::statistics::tallies::{self, Figure};

pub use sealed::{SealedError, TakenIn};
pub(crate) use table::{TABLE, TABLE_1, TABLE_2, TABLE_7, first_place};

/// Takes in entries; each gets an answer of its own, in order, once all that were accepted
/// are on the disk. An entry that is known already is a duplicate, which is as good; another
/// one under a known id is rejected.
///
/// A desk whose clock is wrong loses nothing: whatever an entry's own time, the time of
/// arrival is kept beside it.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`]: none was taken in then.
pub(crate) async fn take_in(
    database: &Database,
    station: &Station,
    entries: Vec<Result<EntryUpload, RefusedItem>>,
    now: Timestamp,
) -> Result<Vec<EntryResult>, Error> {
    let station = station.id.clone();
    database
        .write(move |change| {
            let own = entries.iter().flatten().filter(|entry| entry.station == station);
            let first = own.clone().next().map(|entry| Shard::of_batch(entry.id));
            let mut free = table::insert(change, own, now)?;
            let mut verdicts: BTreeMap<(Figure, i64), i64> = BTreeMap::new();
            let answers: Vec<EntryResult> = entries
                .into_iter()
                .map(|entry| match entry {
                    Ok(entry) => {
                        let answer = answer(change, &station, &entry, &mut free)?;
                        // One that puts another right is of a person who is counted already.
                        if answer.outcome == ItemOutcome::Accepted && entry.amends.is_none() {
                            let day = tallies::day_of_verdict(entry.at, now);
                            *verdicts.entry((Figure::Verdict(entry.decision), day)).or_default() +=
                                1;
                        }
                        Ok(answer)
                    }
                    Err(RefusedItem { id, error: misfit }) => Ok(EntryResult {
                        id,
                        outcome: ItemOutcome::Rejected,
                        reason: Some(format!(
                            "{}-{}",
                            misfit.field.replace(['.', '_', '['], "-").replace(']', ""),
                            misfit.problem.as_str()
                        )),
                    }),
                })
                .collect::<Result<_, Error>>()?;
            for ((figure, day), number) in verdicts {
                let shard = first.ok_or(Error::Damaged("entries"))?;
                tallies::count(change, shard, figure, day, number)?;
            }
            Ok(answers)
        })
        .await
}

/// What became of one entry. An id that was `free` is so for the first entry only that has it.
fn answer(
    session: &Session<'_>,
    station: &str,
    entry: &EntryUpload,
    free: &mut HashSet<Uuid>,
) -> Result<EntryResult, Error> {
    let answer = |outcome, reason: Option<&str>| EntryResult {
        id: Some(entry.id),
        outcome,
        reason: reason.map(str::to_owned),
    };
    if entry.station != station {
        return Ok(answer(ItemOutcome::Rejected, Some("another-station")));
    }
    if free.remove(&entry.id) {
        return Ok(answer(ItemOutcome::Accepted, None));
    }
    match table::find(session, entry.id)? {
        Some(known) if known == *entry => Ok(answer(ItemOutcome::Duplicate, None)),
        // Another entry, of this desk or of another: to call it a duplicate would tell the
        // desk that what it sent has arrived.
        _ => Ok(answer(ItemOutcome::Rejected, Some("id-in-use"))),
    }
}

/// A page of entries in the order of arrival.
pub(crate) async fn page(
    database: &Database,
    after: u64,
    limit: usize,
) -> Result<EntriesPage, Error> {
    database.read(move |connection| table::page(connection, after, limit)).await
}
