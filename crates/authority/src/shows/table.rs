//! The tables `shows` and `shown_by_day`. Who showed a code when is in neither of them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;
use yanma_domain::StatusIndex;

use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::lists::Shard;
use crate::statistics::tallies;

/// The name of the table that PostgreSQL keeps in a partition for each day of the ids.
pub(crate) const TABLE: &str = "shows";

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
-- Commits of shows that were counted, so that none counts twice.
CREATE TABLE shows (
    id    BLOB PRIMARY KEY CHECK (length(id) = 16),
    at    INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE shown_by_day (
    -- Days since 1970-01-01 in the province. Shows before the first day were not counted by
    -- days; statistics has them in its total.
    day   INTEGER NOT NULL,
    -- Rows of a day, so that many processes need not wait for one.
    shard INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, shard)
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE shows (
    id    BYTEA PRIMARY KEY CHECK (octet_length(id) = 16),
    at    BIGINT NOT NULL,
    count BIGINT NOT NULL
) PARTITION BY RANGE (id);
CREATE TABLE shows_other PARTITION OF shows DEFAULT;
CREATE TABLE shown_by_day (
    day   BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, shard)
);
",
};

/// Counts shows under the id of their batch, once; returns how often each code was shown now.
pub(super) fn write(
    change: &Change<'_>,
    batch: Uuid,
    now: Timestamp,
    shows: &[(StatusIndex, u32)],
) -> Result<Vec<(StatusIndex, u32)>, Error> {
    let sum: i64 = shows.iter().map(|(_, count)| i64::from(*count)).sum();
    let is_new = change.execute(
        "INSERT INTO shows (id, at, count) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        params![batch, ms(now), sum],
    )?;
    if is_new == 0 {
        // It was tried before, and it was counted then.
        return Ok(Vec::new());
    }
    add_to_day(change, now, Shard::of_batch(batch), sum)?;
    let mut given: Vec<_> =
        shows.iter().map(|(index, count)| (Shard::of(*index), index.0, *count)).collect();
    // Everybody takes rows in the same order.
    given.sort_unstable();
    let given: Vec<_> = given
        .into_iter()
        .map(|(shard, index, count)| params![shard, index, count].to_vec())
        .collect();
    change.rows_among(
        &[("of_shard", "BIGINT"), ("place", "BIGINT"), ("more", "BIGINT")],
        &given,
        "UPDATE holders SET shown_count = shown_count + given.more FROM given
         WHERE status_index = given.place AND shard = given.of_shard
         RETURNING status_index, shown_count",
        |row| Ok((StatusIndex(row.get("status_index")?), row.get("shown_count")?)),
    )
}

/// Counts one show in the caller's commit; returns how many there are.
///
/// # Errors
///
/// [`Error::NoCode`] when there is no such code.
pub(crate) fn count_now(
    change: &Change<'_>,
    index: StatusIndex,
    now: Timestamp,
) -> Result<u32, Error> {
    add_to_day(change, now, Shard::of(index), 1)?;
    let count = change.returning(
        "UPDATE holders SET shown_count = shown_count + 1 WHERE status_index = $1 AND shard = $2
         RETURNING shown_count",
        params![index.0, Shard::of(index)],
        |row| row.get("shown_count"),
    )?;
    count.ok_or(Error::NoCode)
}

fn add_to_day(change: &Change<'_>, now: Timestamp, shard: Shard, count: i64) -> Result<(), Error> {
    let day = tallies::day(now);
    change.execute(
        "INSERT INTO shown_by_day (day, shard, count) VALUES ($1, $2, $3)
         ON CONFLICT (day, shard) DO UPDATE SET count = shown_by_day.count + excluded.count",
        params![day, shard, count],
    )?;
    tallies::count_shown_in_hour(change, shard, now, count)
}

/// How often codes were shown on all days that were counted.
pub(crate) fn on_all_days(session: &Session<'_>) -> Result<u64, Error> {
    let sql = "SELECT CAST (coalesce(sum(count), 0) AS BIGINT) AS total FROM shown_by_day";
    let total = session.row(sql, params![], |row| row.get::<i64>("total"))?;
    Ok(total.map_or(0, i64::unsigned_abs))
}

/// How often codes were shown on each day of the province from `first` on, in order; days
/// without a show are left out. What was shown within the last second may be missing.
///
/// # Errors
///
/// [`Error::Database`].
pub fn by_day(session: &Session<'_>, first: Date) -> Result<Vec<(Date, u64)>, Error> {
    let begin = first.to_zoned(TimeZone::UTC).map_err(|_| Error::Damaged("day"))?;
    let first = tallies::day(begin.timestamp());
    let sql = "SELECT day, CAST (sum(count) AS BIGINT) AS total FROM shown_by_day
         WHERE day >= $1 GROUP BY day ORDER BY day";
    session.rows(sql, params![first], |row| {
        let day: i64 = row.get("day")?;
        let total: i64 = row.get("total")?;
        Ok((tallies::date(day)?, total.unsigned_abs()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::testing::with_change;
    use jiff::civil::date;

    #[test]
    fn a_batch_counts_once_and_by_the_days_of_the_province() {
        with_change(|change| {
            let at = |text: &str| -> Timestamp { text.parse().unwrap() };
            let (late, next) = (at("2020-07-01T15:59:59Z"), at("2020-07-01T16:00:00Z"));
            let batch = Uuid::from_bytes([7; 16]);
            let shows = [(StatusIndex(3), 2), (StatusIndex(1), 5)];
            for _ in 0..2 {
                write(change, batch, late, &shows).unwrap();
            }
            write(change, Uuid::from_bytes([8; 16]), next, &shows).unwrap();
            let days = by_day(change, date(2020, 7, 1)).unwrap();
            assert_eq!(days, [(date(2020, 7, 1), 7), (date(2020, 7, 2), 7)]);
            assert_eq!(by_day(change, date(2020, 7, 2)).unwrap().len(), 1);
        });
    }
}
