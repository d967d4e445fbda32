//! How many desks are well.

use jiff::Timestamp;
use yanma_protocol::statistics::{ListFigures, StationFigures};

use crate::database::stored::ms;
use crate::database::{Row, Session, params};
use crate::error::Error;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Desks that were not ended, by when they were heard and how old their list is now. What was
/// heard within the last half minute may be missing.
///
/// # Errors
///
/// [`Error::Database`].
pub(crate) fn figures(session: &Session<'_>, now: Timestamp) -> Result<StationFigures, Error> {
    // A few thousand rows in a province: counted when asked.
    let sql = "
        SELECT count(*) AS in_use,
            CAST (sum(CASE WHEN seen_at >= $2 THEN 1 ELSE 0 END) AS BIGINT) AS live,
            CAST (sum(CASE WHEN seen_at < $2 THEN 1 ELSE 0 END) AS BIGINT) AS silent,
            CAST (sum(CASE WHEN age <= $3 THEN 1 ELSE 0 END) AS BIGINT) AS live_lists,
            CAST (sum(CASE WHEN age > $3 AND age <= $4 THEN 1 ELSE 0 END) AS BIGINT) AS normal,
            CAST (sum(CASE WHEN age > $4 AND age <= $5 THEN 1 ELSE 0 END) AS BIGINT) AS old,
            CAST (sum(CASE WHEN age > $5 THEN 1 ELSE 0 END) AS BIGINT) AS too_old
        FROM (SELECT seen_at, list_age_seconds * 1000 + CAST ($1 AS BIGINT) - seen_at AS age
              FROM stations LEFT JOIN stations_seen ON stations_seen.station = stations.id
              WHERE revoked_at IS NULL) AS desks";
    let given =
        params![ms(now), ms(now) - 5 * MINUTE_MS, 15 * MINUTE_MS, 4 * HOUR_MS, 24 * HOUR_MS];
    let found = session.row(sql, given, |row| {
        let (in_use, live, silent) =
            (number(row, "in_use")?, number(row, "live")?, number(row, "silent")?);
        Ok(StationFigures {
            in_use,
            live,
            silent,
            never: in_use.saturating_sub(live + silent),
            lists: ListFigures {
                live: number(row, "live_lists")?,
                normal: number(row, "normal")?,
                old: number(row, "old")?,
                too_old: number(row, "too_old")?,
            },
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// A sum; there is none over no rows.
fn number(row: &Row<'_>, column: &'static str) -> Result<u64, Error> {
    Ok(row.get::<Option<i64>>(column)?.unwrap_or(0).unsigned_abs())
}
