//! What follows from an answer: a fact, and when to ask again.

use jiff::{SignedDuration, Timestamp};
use yanma_domain::{Colour, IssuerId};
use yanma_protocol::facts::FactKind;
use yanma_protocol::home::HomeFound;

use super::table::{self, Answer, Row, Trouble};
use crate::clerks;
use crate::colour::{Fact, InForce};
use crate::database::Change;
use crate::error::Error;
use crate::facts;
use crate::register;

/// A green colour, or no code, is asked about again after this time.
const GREEN_AGAIN: SignedDuration = SignedDuration::from_hours(24);
/// A colour that is not green.
const WORSE_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// A place in a published list, which costs nothing to look at.
const LIST_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// A colour that nothing ends by itself there counts here for this long after it was last
/// confirmed.
const CONFIRMED_FOR: SignedDuration = SignedDuration::from_hours(24 * 14);
/// It is confirmed anew when less than this is left.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The pause after the first try without an answer; it doubles with each further one, up to
/// the longest. After the last try nobody is asked any more: that takes more than three days.
const FIRST_PAUSE_SECONDS: i64 = 30;
const LONGEST_PAUSE_SECONDS: i64 = 6 * 3_600;
const MOST_TRIES: u32 = 24;

/// How asking went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered(HomeFound),
    Failed(Trouble),
    /// It was left alone, because it did not answer others: seconds to wait.
    Later(u32),
}

/// Keeps how asking went, and brings the fact that follows from it up to date.
pub(super) fn keep(
    change: &Change<'_>,
    scheme: &InForce,
    (person, issuer): (i64, IssuerId),
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(mut row) = table::find(change, person, issuer)? else {
        return Ok(());
    };
    if let Outcome::Answered(found) = outcome {
        row.answer = Some(answer(&row, found, now));
        (row.tries, row.trouble) = (0, None);
    }
    bring_fact(change, scheme, &mut row, matches!(outcome, Outcome::Answered(_)), now)?;
    let matters = table::matters(change, person)? && (row.fact.is_some() || now < row.ask_until);
    let pause = match outcome {
        Outcome::Answered(_) if row.place.is_some() => Some(LIST_AGAIN),
        Outcome::Answered(_) if row.fact.is_some() => Some(WORSE_AGAIN),
        Outcome::Answered(_) => Some(GREEN_AGAIN),
        Outcome::Later(seconds) => {
            row.trouble.get_or_insert(Trouble::Unreachable);
            Some(SignedDuration::from_secs(i64::from(seconds)))
        }
        Outcome::Failed(trouble) => {
            row.trouble = Some(trouble);
            row.tries = row.tries.saturating_add(1);
            // Recognising the region asks again.
            (trouble != Trouble::NotRecognised).then(|| pause_after(row.tries)).flatten()
        }
    };
    row.next_ask_at = pause.filter(|_| matters).and_then(|pause| now.checked_add(pause).ok());
    // What ends by itself is looked at when it does.
    let ends = row.answer.and_then(|answer| answer.until).filter(|until| *until > now);
    if row.fact.is_some() && row.tries == 0 {
        row.next_ask_at = row.next_ask_at.map(|next| ends.map_or(next, |end| next.min(end)));
    }
    table::put(change, &row)
}

/// The pause after so many tries; `None` when that was the last.
fn pause_after(tries: u32) -> Option<SignedDuration> {
    let doublings = tries.saturating_sub(1).min(16);
    let seconds = (FIRST_PAUSE_SECONDS << doublings).min(LONGEST_PAUSE_SECONDS);
    (tries < MOST_TRIES).then(|| SignedDuration::from_secs(seconds))
}

/// An answer as it is kept, in whole milliseconds. A published list does not say since when:
/// the same colour as before goes on.
fn answer(row: &Row, found: HomeFound, now: Timestamp) -> Answer {
    let whole = |at: Timestamp| Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    match found {
        HomeFound::Unknown => Answer { at: now, colour: None, since: None, until: None },
        HomeFound::Known { colour, since, until } => {
            let before = row.answer.filter(|before| before.colour == Some(colour));
            let since = match (row.place, before.and_then(|before| before.since)) {
                (Some(_), Some(before)) => before,
                _ => since,
            };
            // Clocks differ a little.
            let since = whole(since.min(now));
            Answer { at: now, colour: Some(colour), since: Some(since), until: until.map(whole) }
        }
    }
}

/// The fact that an answer calls for.
fn called_for(answer: &Answer, now: Timestamp) -> Option<Fact> {
    let kind = match answer.colour? {
        Colour::Amber => FactKind::HomeAmber,
        Colour::Red => FactKind::HomeRed,
        Colour::Green | Colour::Withdrawn => return None,
    };
    let end = answer.at.saturating_add(CONFIRMED_FOR).unwrap_or(Timestamp::MAX);
    let ends_at = answer.until.unwrap_or(end);
    let occurred_at = answer.since.unwrap_or(answer.at);
    (ends_at > now).then_some(Fact { kind, occurred_at, ends_at: Some(ends_at) })
}

/// Adds, renews or takes back the fact that follows from the last answer. Only a colour ends
/// it before its time: without a code there nothing is known, and whoever gives a code back
/// is not better for it.
fn bring_fact(
    change: &Change<'_>,
    scheme: &InForce,
    row: &mut Row,
    answered: bool,
    now: Timestamp,
) -> Result<(), Error> {
    let mut current = match row.fact {
        Some(id) => facts::of_home(change, id)?,
        None => None,
    };
    if current.is_some_and(|fact| fact.ends_at.is_some_and(|end| end <= now)) || current.is_none() {
        (row.fact, current) = (None, None);
    }
    let Some(answer) = row.answer.filter(|answer| answered && answer.colour.is_some()) else {
        return Ok(());
    };
    let wanted = called_for(&answer, now);
    if is_good_for(current.as_ref(), wanted.as_ref(), answer.until.is_some(), now) {
        return Ok(());
    }
    let person = register::get(change, row.person)?.ok_or(Error::Damaged("person"))?;
    let reporter = clerks::other_regions(change, now)?;
    let (issuer, before) = (row.issuer, row.fact);
    row.fact = facts::put_of_home(
        change,
        scheme,
        &reporter,
        &person.document,
        issuer,
        (before, wanted),
        now,
    )?;
    Ok(())
}

/// Whether the fact on file says what is wanted. An end that is only our own is moved seldom,
/// so that one confirmation after the other leaves no row behind.
fn is_good_for(
    current: Option<&Fact>,
    wanted: Option<&Fact>,
    end_is_theirs: bool,
    now: Timestamp,
) -> bool {
    match (current, wanted) {
        (None, None) => true,
        (Some(current), Some(wanted)) => {
            let same = (current.kind, current.occurred_at) == (wanted.kind, wanted.occurred_at);
            let left = current.ends_at.map(|end| end.duration_since(now));
            let lasts = !end_is_theirs && left.is_some_and(|left| left > RENEW_BEFORE);
            same && (current.ends_at == wanted.ends_at || lasts)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn pauses_double_and_come_to_an_end() {
        let seconds = |tries| pause_after(tries).map(|pause| pause.as_secs());
        assert_eq!([1, 2, 3, 10, 11].map(seconds), [30, 60, 120, 15_360, 21_600].map(Some));
        assert_eq!((seconds(23), seconds(24), seconds(u32::MAX)), (Some(21_600), None, None));
        let all: i64 = (1..MOST_TRIES).filter_map(seconds).sum();
        assert!((3 * 86_400..5 * 86_400).contains(&all), "{all} seconds");
    }

    #[test]
    fn a_fact_is_renewed_when_half_its_time_is_over() {
        let now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
        let fact = |ends_at| Fact { kind: FactKind::HomeAmber, occurred_at: now, ends_at };
        let end = |days: i64| Some(now + (24 * days).hours());
        let good = |current, wanted, theirs| {
            is_good_for(Some(&fact(current)), Some(&fact(wanted)), theirs, now)
        };
        assert!(good(end(8), end(14), false));
        assert!(!good(end(7), end(14), false));
        assert!(!good(end(8), end(14), true), "an end that the region names is taken at once");
        assert!(good(end(3), end(3), true));
        let red = Fact { kind: FactKind::HomeRed, ..fact(end(8)) };
        assert!(!is_good_for(Some(&fact(end(8))), Some(&red), false, now));
        assert!(!is_good_for(Some(&red), None, false, now));
        assert!(!is_good_for(None, Some(&red), false, now));
        assert!(is_good_for(None, None, false, now));
    }
}
