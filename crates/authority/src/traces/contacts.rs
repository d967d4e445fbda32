//! Others who were where somebody was, at about the same time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use yanma_protocol::traces::{Span, TracePage, Visit};

use super::table::{self, Window};
use super::{Places, page};
use crate::database::Session;
use crate::error::Error;

/// Visits of one person in one question. Whoever passes more desks in two months is asked
/// about in shorter spans.
const MOST_VISITS: usize = 5_000;

/// The instants of somebody's visits to each site.
type Visits = BTreeMap<String, Vec<Timestamp>>;

pub(super) fn near(
    session: &Session<'_>,
    places: &Places,
    within_minutes: u32,
    span: &Span,
) -> Result<TracePage, Error> {
    let own = table::visits_of(session, places, span, MOST_VISITS + 1)?;
    if own.len() > MOST_VISITS {
        return Err(Error::SpanHoldsTooMuch);
    }
    let mut visits = Visits::new();
    for visit in own {
        visits.entry(visit.site).or_default().push(visit.at);
    }
    let within = SignedDuration::from_mins(i64::from(within_minutes));
    let mut found: Vec<Visit> = Vec::new();
    for window in windows(&visits, within, span) {
        // One more than asked for tells whether there is a next page.
        let left = span.limit() + 1 - found.len();
        if left == 0 {
            break;
        }
        found.extend(table::in_window(session, &window, Some(places), left)?);
    }
    for visit in &mut found {
        visit.minutes_apart = visits.get(&visit.site).and_then(|own| apart(own, visit.at));
    }
    Ok(page(found, span.limit()))
}

/// The spans of time around the visits, overlapping ones together, one site after the other;
/// only what comes after the page before.
fn windows(visits: &Visits, within: SignedDuration, span: &Span) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for (site, instants) in visits {
        for at in instants {
            let from = at.saturating_sub(within).unwrap_or(*at);
            // A window ends before `until`; who came exactly that much later still counts.
            let until = at.saturating_add(within + SignedDuration::from_millis(1)).unwrap_or(*at);
            match windows.last_mut() {
                Some(last) if last.site == *site && from <= last.until => {
                    last.until = last.until.max(until);
                }
                _ => windows.push(Window { site: site.clone(), from, until, after: None }),
            }
        }
    }
    let Some(after) = &span.after else {
        return windows;
    };
    let mut left: Vec<Window> = windows
        .into_iter()
        .filter(|window| (&window.site, window.until) > (&after.site, after.at))
        .collect();
    for window in left.iter_mut().filter(|window| window.site == after.site) {
        window.after = Some((after.at, after.id));
    }
    left
}

/// Minutes to the nearest of somebody's visits.
fn apart(own: &[Timestamp], at: Timestamp) -> Option<u32> {
    let minutes = |own: &Timestamp| own.duration_since(at).abs().as_mins();
    own.iter().map(minutes).min().and_then(|minutes| u32::try_from(minutes).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use yanma_protocol::traces::Cursor;

    fn at(time: &str) -> Timestamp {
        format!("2020-07-01T{time}Z").parse().unwrap()
    }

    fn check(visits: &[(&str, &str)], after: Option<(&str, &str)>, expect: &[&str]) {
        let mut own = Visits::new();
        for (site, time) in visits {
            own.entry((*site).to_owned()).or_default().push(at(time));
        }
        let span = Span {
            from: at("00:00:00"),
            until: at("23:00:00"),
            reason: "case 7".to_owned(),
            after: after.map(|(site, time)| Cursor {
                site: site.to_owned(),
                at: at(time),
                id: Uuid::nil(),
            }),
            limit: None,
        };
        let found = windows(&own, SignedDuration::from_mins(60), &span);
        let found: Vec<String> = found
            .iter()
            .map(|window| {
                let time = |at: Timestamp| at.strftime("%H:%M").to_string();
                format!("{} {}-{}", window.site, time(window.from), time(window.until))
            })
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn windows_lie_around_the_visits_and_do_not_overlap() {
        check(&[], None, &[]);
        check(&[("a", "08:00:00")], None, &["a 07:00-09:00"]);
        check(&[("a", "08:00:00"), ("a", "09:30:00")], None, &["a 07:00-10:30"]);
        check(&[("a", "08:00:00"), ("a", "12:00:00")], None, &["a 07:00-09:00", "a 11:00-13:00"]);
        check(&[("a", "08:00:00"), ("b", "08:30:00")], None, &["a 07:00-09:00", "b 07:30-09:30"]);
    }

    #[test]
    fn the_next_page_begins_where_the_last_one_ended() {
        let visits = [("a", "08:00:00"), ("a", "12:00:00"), ("b", "08:30:00")];
        check(
            &visits,
            Some(("a", "09:00:00")),
            &["a 07:00-09:00", "a 11:00-13:00", "b 07:30-09:30"],
        );
        check(&visits, Some(("a", "09:30:00")), &["a 11:00-13:00", "b 07:30-09:30"]);
        check(&visits, Some(("b", "08:00:00")), &["b 07:30-09:30"]);
        check(&visits, Some(("b", "10:00:00")), &[]);
    }

    #[test]
    fn the_nearest_visit_counts() {
        let own = [at("08:00:00"), at("12:00:00")];
        assert_eq!(apart(&own, at("08:10:59")), Some(10));
        assert_eq!(apart(&own, at("11:00:00")), Some(60));
        assert_eq!(apart(&[], at("11:00:00")), None);
    }
}
