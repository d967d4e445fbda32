//! How long it is kept what happened: entries, verifications, shows and changes of colours,
//! whole days at a time.
//!
//! A row belongs to the day (UTC) that its id begins with. A day goes when it is over and as
//! many days as are kept have passed since its end, never before. In PostgreSQL the day's
//! partition is dropped; in SQLite, and for rows that lie in no day's partition, rows are
//! removed some thousand at a time; entries by the day of their arrival, for their ids are the
//! desks': what one with a wrong clock sent is neither lost on the day it came nor kept for
//! ever. Changes of colours lie in no
//! partitions: they are removed from the front of each shard. The figures are counters of their
//! own and stay. The audit notes what went, in the same change.

use std::num::NonZeroU16;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::time::sleep;

use crate::audit::{self, Deed, Note};
use crate::database::{Change, Database, Session, ToValue};
use crate::days::{DAY_MS, first_of};
use crate::error::Error;
use crate::lists::Shard;
use crate::{clerks, colour, entries, shows, verify};

/// Rows that one commit removes, so that nobody waits long for it.
const BATCH: u32 = 2_000;

/// Others write in between.
const PAUSE: Duration = Duration::from_millis(20);

/// For how many days, after a day is over, its rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// What desks reported.
    pub entries_days: NonZeroU16,
    /// Who was looked up by which desk.
    pub verifications_days: NonZeroU16,
    /// Which commits of shows were counted; there is no holder in them, and they only keep a
    /// commit from counting twice.
    pub shows_days: NonZeroU16,
    /// Which colours codes had before. The colour of now is explained for as long as it lasts,
    /// from the facts on file.
    pub colours_days: NonZeroU16,
}

impl Retention {
    /// Two incubation periods for what names a holder (no statute has a number), and a week
    /// for what does not. Colours for the longest six months: so long may be waited, from the
    /// day on which an act became known, before it is taken to court (行政诉讼法 第四十六条).
    pub const STANDARD: Self = Self {
        entries_days: NonZeroU16::new(30).expect("30 is not 0"),
        verifications_days: NonZeroU16::new(30).expect("30 is not 0"),
        shows_days: NonZeroU16::new(7).expect("7 is not 0"),
        colours_days: NonZeroU16::new(184).expect("184 is not 0"),
    };
}

/// A table whose days end.
#[derive(Debug, Clone, Copy)]
struct Kept {
    table: &'static str,
    /// The instant of arrival, where the id is not ours and may tell any other. The column
    /// `place` follows it, with an index.
    arrival: Option<&'static str>,
    days: NonZeroU16,
}

/// Removes every day whose retention has ended.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`]; what is left is removed the next time.
pub(crate) async fn end(
    database: &Database,
    retention: Retention,
    now: Timestamp,
) -> Result<(), Error> {
    let Retention { entries_days, verifications_days, shows_days, colours_days } = retention;
    let today = now.as_millisecond().div_euclid(DAY_MS);
    for kept in [
        Kept { table: entries::TABLE, arrival: Some("received_at"), days: entries_days },
        Kept { table: verify::PAGES, arrival: None, days: verifications_days },
        Kept { table: verify::TABLE, arrival: None, days: verifications_days },
        Kept { table: shows::TABLE, arrival: None, days: shows_days },
    ] {
        let first_kept = today - i64::from(kept.days.get());
        drop_days(database, kept, first_kept, now).await?;
        remove_rows(database, kept, first_kept, now).await?;
    }
    let kept = Kept { table: colour::CHANGES, arrival: None, days: colours_days };
    remove_changes(database, kept, today - i64::from(colours_days.get()), now).await
}

/// Drops the partitions of the days before one.
async fn drop_days(
    database: &Database,
    kept: Kept,
    first_kept: i64,
    now: Timestamp,
) -> Result<(), Error> {
    let partitions = database.read(move |session| session.partitions(kept.table)).await?;
    for name in partitions {
        let Some(day) = day_of(&name, kept.table).filter(|day| *day < first_kept) else {
            continue;
        };
        let dropped = name.clone();
        database
            .write(move |change| {
                change.drop_partition(kept.table, &name)?;
                note(change, kept, day + 1, now)
            })
            .await?;
        tracing::info!(partition = dropped, "the retention of a day has ended");
    }
    Ok(())
}

/// Removes rows that lie in no partition of a day.
async fn remove_rows(
    database: &Database,
    kept: Kept,
    first_kept: i64,
    now: Timestamp,
) -> Result<(), Error> {
    let (mut sum, mut is_first) = (0, true);
    loop {
        let removed = database
            .write(move |change| {
                let table = change.outside_days(kept.table);
                let begin = first_kept * DAY_MS;
                let (column, first, came_before) = match kept.arrival {
                    None => ("id", first_of(first_kept).to_value(), String::new()),
                    Some(arrival) => {
                        let first = entries::first_place(begin).to_value();
                        ("place", first, format!("AND {arrival} < {begin}"))
                    }
                };
                let sql = format!(
                    "DELETE FROM {table} WHERE id IN (SELECT id FROM {table}
                         WHERE {column} < $1 {came_before} ORDER BY {column} LIMIT $2)"
                );
                let removed = change.execute(&sql, &[first, BATCH.to_value()])?;
                if removed > 0 && is_first {
                    note(change, kept, first_kept, now)?;
                }
                Ok(removed)
            })
            .await?;
        (sum, is_first) = (sum + removed, false);
        if removed < u64::from(BATCH) {
            break;
        }
        sleep(PAUSE).await;
    }
    if sum > 0 {
        tracing::info!(table = kept.table, rows = sum, "the retention of rows has ended");
    }
    Ok(())
}

/// Removes changes of colours, shard by shard.
async fn remove_changes(
    database: &Database,
    kept: Kept,
    first_kept: i64,
    now: Timestamp,
) -> Result<(), Error> {
    let before = Timestamp::from_millisecond(first_kept * DAY_MS);
    let before = before.map_err(|_| Error::Damaged("day"))?;
    let mut sum = 0;
    for shard in Shard::all() {
        loop {
            // Asked on a reader first: in most rounds nothing is as old.
            let is_old = move |session: &Session<'_>| {
                colour::oldest_change(session, shard).map(|at| at.is_some_and(|at| at < before))
            };
            if !database.read(is_old).await? {
                break;
            }
            let is_first = sum == 0;
            sum += database
                .write(move |change| {
                    let removed = colour::remove_changes_before(change, shard, before, BATCH)?;
                    if is_first {
                        note(change, kept, first_kept, now)?;
                    }
                    Ok(removed)
                })
                .await?;
            sleep(PAUSE).await;
        }
    }
    if sum > 0 {
        tracing::info!(table = kept.table, rows = sum, "the retention of rows has ended");
    }
    Ok(())
}

fn note(change: &Change<'_>, kept: Kept, before: i64, now: Timestamp) -> Result<(), Error> {
    let begin = Timestamp::from_millisecond(before * DAY_MS).map_err(|_| Error::Damaged("day"))?;
    let before = begin.to_zoned(TimeZone::UTC).date();
    let noted = Note::new(Deed::EndRetention, kept.table)
        .with("before", before)
        .with("days_kept", kept.days);
    audit::note(change, &clerks::program(change, now)?, noted, now)
}

/// The day of a partition `entries_20200701`, in days since 1970.
fn day_of(partition: &str, table: &str) -> Option<i64> {
    let day = partition.strip_prefix(table)?.strip_prefix('_')?;
    let date = Date::strptime("%Y%m%d", day).ok().filter(|_| day.len() == 8)?;
    let begin = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(begin.as_millisecond().div_euclid(DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_partition_is_in_its_name() {
        for (name, day) in [
            ("entries_19700102", Some(1)),
            ("entries_20200701", Some(18_444)),
            ("entries_other", None),
            ("entries_2020070", None),
            ("entries_20201301", None),
            ("shows_20200701", None),
        ] {
            assert_eq!(day_of(name, "entries"), day, "{name}");
        }
    }
}
