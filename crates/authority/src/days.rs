//! Tables that PostgreSQL keeps in a partition for each day of their ids: what is looked for
//! lies in few of them, and a day whose retention ends is dropped as a whole.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::database::{Change, Database};
use crate::error::Error;
use crate::{entries, shows, verify};

pub(crate) const DAY_MS: i64 = 86_400_000;

/// By how many hours the province is ahead of UTC. China has had one time and no summer time
/// since 1992.
pub(crate) const HOURS_AHEAD: i8 = 8;

/// Partitions are there this many days before they are needed. A row of a day without one,
/// such as an entry of a desk whose clock is wrong, is kept in the table's `…_other`.
const DAYS_AHEAD: i64 = 7;

/// The tables; their ids are of version 7, which begins with the instant.
const TABLES: [&str; 4] = [entries::TABLE, verify::TABLE, verify::PAGES, shows::TABLE];

/// Makes the partitions from yesterday on that are missing. In SQLite there are none.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`].
pub(crate) async fn make_days(database: &Database, now: Timestamp) -> Result<(), Error> {
    let today = now.as_millisecond().div_euclid(DAY_MS);
    database
        .write(move |change| {
            for day in today - 1..=today + DAYS_AHEAD {
                TABLES.into_iter().try_for_each(|table| make_day(change, table, day))?;
            }
            Ok(())
        })
        .await
}

fn make_day(change: &Change<'_>, table: &'static str, day: i64) -> Result<(), Error> {
    let begin = Timestamp::from_millisecond(day * DAY_MS).map_err(|_| Error::Damaged("day"))?;
    let day_name = begin.to_zoned(TimeZone::UTC).strftime("%Y%m%d");
    change.add_partition(table, &format!("{table}_{day_name}"), &first_of(day), &first_of(day + 1))
}

/// The lowest id of a day.
pub(crate) fn first_of(day: i64) -> [u8; 16] {
    first_id(day * DAY_MS)
}

/// The lowest id of an instant: version 7 begins with the milliseconds since 1970, in 48 bits.
pub(crate) fn first_id(ms: i64) -> [u8; 16] {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(ms.max(0).to_be_bytes().iter().skip(2)) {
        *to = *from;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_lies_in_the_day_it_was_made_on() {
        let now: Timestamp = "2020-07-01T23:59:59.999Z".parse().unwrap();
        let id = *crate::by_hand::new_id(now).unwrap().as_bytes();
        let day = now.as_millisecond().div_euclid(DAY_MS);
        assert!((first_of(day)..first_of(day + 1)).contains(&id));
        assert!(id < first_of(day + 1) && id > first_of(day));
    }
}
