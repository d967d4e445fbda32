//! The table `tallies`: how much of what happened on each day of the province, and how many
//! codes have which colour. A few rows a day and shard, however many people there are.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use yanma_domain::Colour;
use yanma_domain::verdict::Decision;

use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
use crate::days::{DAY_MS, HOURS_AHEAD};
use crate::error::Error;
use crate::lists::Shard;

pub(crate) const TABLE_4: Ddl = Ddl {
    sqlite: "
CREATE TABLE tallies (
    figure TEXT NOT NULL,
    -- Days since 1970-01-01 in the province; hours for 'shown-in-hour'; 0 for what is now.
    period INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (figure, period)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies
    SELECT 'in-force-' || colour, 0, count(*)
    FROM holders WHERE medium = 0 AND withdrawn_at IS NULL GROUP BY colour;
INSERT INTO tallies
    SELECT 'claimed', (claimed_at + 28800000) / 86400000, count(*)
    FROM holders WHERE medium = 0 GROUP BY 2;
INSERT INTO tallies
    SELECT 'reported', (received_at + 28800000) / 86400000, count(*)
    FROM facts WHERE retracts IS NULL GROUP BY 2;
INSERT INTO tallies
    SELECT decision, (CASE
        WHEN at BETWEEN received_at - 2592000000 AND received_at THEN at
        ELSE received_at END + 28800000) / 86400000, count(*)
    FROM (SELECT at, received_at, json_extract(upload, '$.decision') AS decision,
                 json_extract(upload, '$.amends') AS amends
          FROM entries WHERE CASE WHEN json_valid(upload) THEN 1 ELSE 0 END)
    WHERE amends IS NULL AND decision IS NOT NULL GROUP BY 1, 2;
INSERT INTO tallies
    SELECT 'shown-in-hour', (at + 28800000) / 3600000, sum(count) FROM shows GROUP BY 2;
",
    postgres: "
CREATE TABLE tallies (
    figure TEXT NOT NULL,
    period BIGINT NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (figure, period)
) WITH (fillfactor = 50);
INSERT INTO tallies
    SELECT 'in-force-' || colour, 0, count(*)
    FROM holders WHERE medium = 0 AND withdrawn_at IS NULL GROUP BY colour;
INSERT INTO tallies
    SELECT 'claimed', (claimed_at + 28800000) / 86400000, count(*)
    FROM holders WHERE medium = 0 GROUP BY 2;
INSERT INTO tallies
    SELECT 'reported', (received_at + 28800000) / 86400000, count(*)
    FROM facts WHERE retracts IS NULL GROUP BY 2;
INSERT INTO tallies
    SELECT CAST (upload AS JSONB) ->> 'decision', (CASE
        WHEN at BETWEEN received_at - 2592000000 AND received_at THEN at
        ELSE received_at END + 28800000) / 86400000, count(*)
    FROM entries WHERE CAST (upload AS JSONB) ->> 'amends' IS NULL
        AND CAST (upload AS JSONB) ->> 'decision' IS NOT NULL GROUP BY 1, 2;
INSERT INTO tallies
    SELECT 'shown-in-hour', (at + 28800000) / 3600000, CAST (sum(count) AS BIGINT)
    FROM shows GROUP BY 2;
",
};

/// Counted by shard, so that no writer waits for another's row.
pub(crate) const TABLE_7: Ddl = Ddl {
    sqlite: "
CREATE TABLE tallies_by_shard (
    -- Of the code or of the batch; what was counted before is in shard 0. Only the sum over
    -- shards tells something.
    shard  INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 63),
    figure TEXT NOT NULL,
    period INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (figure, period, shard)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies_by_shard SELECT 0, figure, period, count FROM tallies;
DROP TABLE tallies;
ALTER TABLE tallies_by_shard RENAME TO tallies;
",
    postgres: "
ALTER TABLE tallies
    DROP CONSTRAINT tallies_pkey,
    ADD COLUMN shard BIGINT NOT NULL DEFAULT 0 CHECK (shard BETWEEN 0 AND 63);
ALTER TABLE tallies
    ALTER COLUMN shard DROP DEFAULT,
    ADD PRIMARY KEY (figure, period, shard);
",
};

const HOUR_MS: i64 = 3_600_000;
const AHEAD_MS: i64 = HOURS_AHEAD as i64 * HOUR_MS;

/// An entry counts on the day of its own time when it is at most so much older than its
/// arrival and not younger: a desk whose clock is wrong makes no days of its own.
const PLAUSIBLE_MS: i64 = 30 * DAY_MS;

/// What is counted by the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Figure {
    /// Phone codes that were issued.
    Claimed,
    /// Facts that were taken in, without those that take others back.
    Reported,
    /// Verdicts of desks, without those that put another one right.
    Verdict(Decision),
}

impl Figure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Reported => "reported",
            Self::Verdict(decision) => decision.as_str(),
        }
    }
}

/// The day of the province at an instant, in days since 1970-01-01.
pub(crate) fn day(at: Timestamp) -> i64 {
    (ms(at) + AHEAD_MS).div_euclid(DAY_MS)
}

/// The day that a number from [`day`] stands for.
pub(crate) fn date(day: i64) -> Result<Date, Error> {
    let begin = Timestamp::from_millisecond(day.saturating_mul(DAY_MS));
    Ok(begin.map_err(|_| Error::Damaged("day"))?.to_zoned(TimeZone::UTC).date())
}

/// The day on which a verdict counts.
pub(crate) fn day_of_verdict(at: Timestamp, received_at: Timestamp) -> i64 {
    let age = ms(received_at).saturating_sub(ms(at));
    day(if (0..=PLAUSIBLE_MS).contains(&age) { at } else { received_at })
}

/// Counts what happened on a day.
pub(crate) fn count(
    change: &Change<'_>,
    shard: Shard,
    figure: Figure,
    day: i64,
    number: i64,
) -> Result<(), Error> {
    add(change, shard, figure.as_str(), day, number)
}

/// Counts shows in the hour of `now`.
pub(crate) fn count_shown_in_hour(
    change: &Change<'_>,
    shard: Shard,
    now: Timestamp,
    number: i64,
) -> Result<(), Error> {
    add(change, shard, "shown-in-hour", (ms(now) + AHEAD_MS).div_euclid(HOUR_MS), number)
}

/// Counts phone codes in force that had the colour `from` and have `to` from `now` on;
/// `None` before they are issued and after they were withdrawn.
pub(crate) fn count_colours(
    change: &Change<'_>,
    shard: Shard,
    from: Option<Colour>,
    to: Option<Colour>,
    number: i64,
    now: Timestamp,
) -> Result<(), Error> {
    for (colour, more) in [(from, -number), (to, number)] {
        if let Some(colour) = colour {
            add(change, shard, in_force(colour), 0, more)?;
            add(change, shard, changed(colour), day(now), more)?;
        }
    }
    Ok(())
}

fn add(
    change: &Change<'_>,
    shard: Shard,
    figure: &str,
    period: i64,
    number: i64,
) -> Result<(), Error> {
    if number == 0 {
        return Ok(());
    }
    change.execute(
        "INSERT INTO tallies (shard, figure, period, count) VALUES ($1, $2, $3, $4)
         ON CONFLICT (figure, period, shard) DO UPDATE
         SET count = tallies.count + excluded.count",
        params![shard, figure, period, number],
    )?;
    Ok(())
}

const fn in_force(colour: Colour) -> &'static str {
    match colour {
        Colour::Green => "in-force-0",
        Colour::Amber => "in-force-1",
        Colour::Red => "in-force-2",
        Colour::Withdrawn => "in-force-3",
    }
}

/// By how much `in_force` grew on a day.
const fn changed(colour: Colour) -> &'static str {
    match colour {
        Colour::Green => "changed-0",
        Colour::Amber => "changed-1",
        Colour::Red => "changed-2",
        Colour::Withdrawn => "changed-3",
    }
}

/// A figure on each of `days` days from `first` on.
pub(super) fn by_day(
    session: &Session<'_>,
    figure: Figure,
    first: i64,
    days: usize,
) -> Result<Vec<u64>, Error> {
    let found = spread(session, figure.as_str(), first, days)?;
    Ok(found.into_iter().map(|count| count.max(0).unsigned_abs()).collect())
}

/// How many shows there were in each hour of the day at `now`.
pub(super) fn shown_by_hour(session: &Session<'_>, now: Timestamp) -> Result<Vec<u64>, Error> {
    let hours = spread(session, "shown-in-hour", day(now) * 24, 24)?;
    Ok(hours.into_iter().map(i64::unsigned_abs).collect())
}

/// How many codes in force have a colour now.
pub(super) fn colour_now(session: &Session<'_>, colour: Colour) -> Result<u64, Error> {
    let now = spread(session, in_force(colour), 0, 1)?;
    Ok(now.iter().sum::<i64>().max(0).unsigned_abs())
}

/// How many codes in force had a colour at the end of each of `days` days from `first` on;
/// `None` before colours were counted by the day.
pub(super) fn colour_by_day(
    session: &Session<'_>,
    colour: Colour,
    first: i64,
    days: usize,
) -> Result<Vec<Option<u64>>, Error> {
    let since: Option<i64> = session
        .row(
            "SELECT min(period) AS since FROM tallies
             WHERE figure IN ('changed-0', 'changed-1', 'changed-2')",
            params![],
            |row| row.get("since"),
        )?
        .flatten();
    let mut at_end = i64::try_from(colour_now(session, colour)?).unwrap_or(i64::MAX);
    let mut found: Vec<Option<u64>> = Vec::with_capacity(days);
    let changes = spread(session, changed(colour), first, days)?;
    for (day, change) in (first..).zip(changes).collect::<Vec<_>>().into_iter().rev() {
        let is_known = since.is_none_or(|since| day >= since);
        found.push(is_known.then_some(at_end.max(0).unsigned_abs()));
        at_end = at_end.saturating_sub(change);
    }
    found.reverse();
    Ok(found)
}

/// The counts of a figure in `length` periods from `first` on, 0 where there is none.
fn spread(
    session: &Session<'_>,
    figure: &str,
    first: i64,
    length: usize,
) -> Result<Vec<i64>, Error> {
    let end = first.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
    let sql = "SELECT period, CAST (sum(count) AS BIGINT) AS total FROM tallies
         WHERE figure = $1 AND period >= $2 AND period < $3 GROUP BY period";
    let rows = session.rows(sql, params![figure, first, end], |row| {
        Ok((row.get::<i64>("period")?, row.get::<i64>("total")?))
    })?;
    let mut spread = vec![0; length];
    for (period, count) in rows {
        let place = usize::try_from(period - first).ok().and_then(|place| spread.get_mut(place));
        if let Some(place) = place {
            *place = count;
        }
    }
    Ok(spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::testing::with_change;
    use jiff::civil::date as civil;

    fn shard(index: u32) -> Shard {
        Shard::of(yanma_domain::StatusIndex(index))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_and_hours_are_those_of_the_province() {
        let (late, next) = (at("2020-07-01T15:59:59.999Z"), at("2020-07-01T16:00:00Z"));
        assert_eq!(date(day(late)).unwrap(), civil(2020, 7, 1));
        assert_eq!(date(day(next)).unwrap(), civil(2020, 7, 2));
        with_change(|change| {
            count_shown_in_hour(change, shard(1), late, 3).unwrap();
            count_shown_in_hour(change, shard(2), next, 5).unwrap();
            let hours = shown_by_hour(change, late).unwrap();
            assert_eq!((hours.len(), hours[23]), (24, 3));
            assert_eq!(hours.iter().sum::<u64>(), 3, "the next day has hours of its own");
            assert_eq!(shown_by_hour(change, next).unwrap()[0], 5);
        });
    }

    #[test]
    fn a_verdict_counts_on_its_own_day_unless_the_desks_clock_is_wrong() {
        let arrival = at("2020-07-31T00:00:00Z");
        for (verdict, expect) in [
            ("2020-07-30T23:59:59Z", civil(2020, 7, 31)),
            ("2020-07-30T08:00:00Z", civil(2020, 7, 30)),
            ("2020-07-31T00:00:00Z", civil(2020, 7, 31)),
            ("2020-07-01T00:00:00Z", civil(2020, 7, 1)),
            ("2020-06-30T23:59:59.999Z", civil(2020, 7, 31)),
            ("2020-07-31T16:00:00Z", civil(2020, 7, 31)),
            ("1970-01-01T00:00:00Z", civil(2020, 7, 31)),
        ] {
            assert_eq!(date(day_of_verdict(at(verdict), arrival)).unwrap(), expect, "{verdict}");
        }
    }

    #[test]
    fn colours_at_the_end_of_each_day_follow_from_those_of_now() {
        with_change(|change| {
            let (one, three) = (at("2020-07-01T04:00:00Z"), at("2020-07-03T04:00:00Z"));
            count_colours(change, shard(1), None, Some(Colour::Green), 10, one).unwrap();
            count_colours(change, shard(2), Some(Colour::Green), Some(Colour::Red), 4, one)
                .unwrap();
            count_colours(change, shard(3), Some(Colour::Red), Some(Colour::Green), 1, three)
                .unwrap();
            count_colours(change, shard(4), Some(Colour::Red), None, 1, three).unwrap();
            assert_eq!(colour_now(change, Colour::Green).unwrap(), 7);
            assert_eq!(colour_now(change, Colour::Red).unwrap(), 2);
            assert_eq!(
                colour_by_day(change, Colour::Red, day(one) - 1, 4).unwrap(),
                [None, Some(4), Some(4), Some(2)],
                "nothing is said of the day before anything was counted"
            );
            assert_eq!(
                colour_by_day(change, Colour::Amber, day(one), 1).unwrap(),
                [Some(0)],
                "none, and that is known"
            );
        });
    }
}
