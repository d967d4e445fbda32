//! Dates in rules: what texts are dates, and how ECMAScript moves them.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

use super::LogicError;
use crate::certificate::PartialDate;

/// A date, of which day and month may be missing and are then taken as late as possible, or
/// an instant; without a zone it is in UTC, and decimals after the third are dropped.
pub(super) fn instant(text: &str) -> Result<Timestamp, LogicError> {
    let Some((date, time)) = text.split_once('T') else {
        return Ok(at_midnight(last_day(text).ok_or(LogicError::Kind)?));
    };
    let date = last_day(date).filter(|_| date.len() == 10).ok_or(LogicError::Kind)?;
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at).ok_or(LogicError::Kind)?;
    let (clock, decimals) = clock.split_once('.').unwrap_or((clock, ""));
    if !decimals.bytes().all(|digit| digit.is_ascii_digit()) || clock.len() != 8 {
        return Err(LogicError::Kind);
    }
    let millis: String = decimals.chars().chain("000".chars()).take(3).collect();
    let millis: i64 = millis.parse().map_err(|_| LogicError::Kind)?;
    let clock: jiff::civil::Time = clock.parse().map_err(|_| LogicError::Kind)?;
    let offset = offset_minutes(zone).ok_or(LogicError::Kind)?;
    let utc = DateTime::from_parts(date, clock).to_zoned(TimeZone::UTC);
    let utc = utc.map_err(|_| LogicError::Kind)?.timestamp();
    utc.checked_sub(SignedDuration::from_mins(offset))
        .and_then(|utc| utc.checked_add(SignedDuration::from_millis(millis)))
        .map_err(|_| LogicError::Kind)
}

/// `Z`, nothing, or `±h`, `±hh`, `±hmm`, `±hhmm`, `±h:mm`, `±hh:mm`.
fn offset_minutes(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None => return Some(0),
        Some('Z') => return (zone == "Z").then_some(0),
        Some('+') => 1,
        Some(_) => -1,
    };
    let digits = zone.get(1..)?.replacen(':', "", 1);
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|digit| digit.is_ascii_digit())
    {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let minutes = if digits.len() <= 2 { number * 60 } else { number / 100 * 60 + number % 100 };
    Some(sign * minutes)
}

/// A date, or the last day of a month or of a year.
fn last_day(text: &str) -> Option<Date> {
    let date = PartialDate::parse(text)?;
    match (date.month, date.day) {
        (Some(month), Some(day)) => Date::new(date.year, month, day).ok(),
        (Some(month), None) => Date::new(date.year, month, 1).ok().map(|date| date.last_of_month()),
        _ => Date::new(date.year, 12, 31).ok(),
    }
}

fn at_midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

/// Moves an instant as ECMAScript does: a day that a month does not have runs over into the
/// next month.
pub(super) fn plus(time: Timestamp, amount: i64, unit: &str) -> Result<Timestamp, LogicError> {
    let far = |_| LogicError::Kind;
    match unit {
        "hour" => {
            let hours = SignedDuration::try_from_hours(amount).ok_or(LogicError::Kind)?;
            time.checked_add(hours).map_err(far)
        }
        "day" => {
            let hours = amount.checked_mul(24).ok_or(LogicError::Kind)?;
            let hours = SignedDuration::try_from_hours(hours).ok_or(LogicError::Kind)?;
            time.checked_add(hours).map_err(far)
        }
        "month" | "year" => {
            let months = amount.checked_mul(if unit == "year" { 12 } else { 1 });
            let zoned = time.to_zoned(TimeZone::UTC);
            let day = zoned.day();
            let first = zoned.first_of_month().map_err(far)?;
            let span = 0.days().try_months(months.ok_or(LogicError::Kind)?).map_err(far)?;
            let moved = first.checked_add(span).map_err(far)?;
            let moved = moved.checked_add((i32::from(day) - 1).days()).map_err(far)?;
            Ok(moved.timestamp())
        }
        _ => Err(LogicError::Form),
    }
}
