//! From facts to a colour, by rules that are data.
//!
//! [`Scheme::evaluate`] is a pure function of the facts about one person and an instant, so
//! a fact of fourteen days ends by itself: the same question later has another answer.
//! Each answer also says when it will change next, and [`reevaluate`] asks again then.

mod reevaluate;
mod scheme;

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_protocol::claims::Because;
use yanma_protocol::facts::FactKind;

pub use reevaluate::reevaluate;
pub use scheme::{Rule, Scheme};

/// Something that was reported about a person, without the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// What happened.
    pub kind: FactKind,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// The colour of a person at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The worst colour that a fact in force calls for; green without any.
    pub colour: Colour,
    /// The facts in force behind the colour, earliest first. A fact that calls for a lesser
    /// colour is not among them.
    pub because: Vec<Because>,
    /// When this answer may become another one by the passing of time alone.
    pub next_change: Option<Timestamp>,
}

impl Scheme {
    /// The colour that `facts` give at `now`.
    ///
    /// A fact is in force from when it happened until its rule's days have passed (at that
    /// very instant it is over), or until a clearance that is not older than the fact.
    pub fn evaluate(&self, facts: &[Fact], now: Timestamp) -> Evaluation {
        let cleared = facts
            .iter()
            .filter(|fact| fact.kind == FactKind::Cleared && fact.occurred_at <= now)
            .map(|fact| fact.occurred_at)
            .max();
        let mut colour = Colour::Green;
        let mut because = Vec::new();
        let mut next_change: Option<Timestamp> = None;
        let mut may_change_at = |instant: Timestamp| {
            if instant > now {
                next_change = Some(next_change.map_or(instant, |next| next.min(instant)));
            }
        };
        for fact in facts {
            if fact.occurred_at > now {
                // Reported by a clock ahead of ours: it counts when its time has come.
                may_change_at(fact.occurred_at);
                continue;
            }
            let Some(rule) = self.rule(fact.kind) else {
                continue;
            };
            let until = rule.until(fact.occurred_at);
            let over = until.is_some_and(|until| until <= now)
                || cleared.is_some_and(|cleared| fact.occurred_at <= cleared);
            if over {
                continue;
            }
            if let Some(until) = until {
                may_change_at(until);
            }
            if rule.colour > colour {
                colour = rule.colour;
                because.clear();
            }
            if rule.colour == colour && colour != Colour::Green {
                because.push(Because { kind: fact.kind, since: fact.occurred_at, until });
            }
        }
        because.sort_by_key(|because| because.since);
        Evaluation { colour, because, next_change }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Facts as `kind@day`, all in July 2020 at 08:00, evaluated at `now`; expects
    /// `colour [kinds] next-change`.
    #[track_caller]
    fn check(facts: &[&str], now: &str, expect: &str) {
        let facts: Vec<Fact> = facts
            .iter()
            .map(|text| {
                let (kind, day) = text.split_once('@').unwrap();
                Fact {
                    kind: FactKind::from_name(kind).unwrap(),
                    occurred_at: at(&format!("2020-07-{day}T08:00:00Z")),
                }
            })
            .collect();
        let scheme = Scheme::fujian_2020().unwrap();
        let found = scheme.evaluate(&facts, at(now));
        let kinds: Vec<_> = found.because.iter().map(|b| b.kind.as_str()).collect();
        let next = found.next_change.map_or("-".to_owned(), |t| t.to_string());
        let shown = format!("{:?} {} {next}", found.colour, kinds.join("+"));
        assert_eq!(shown, expect, "at {now}");
    }

    #[test]
    fn without_facts_everybody_is_green() {
        check(&[], "2020-07-01T00:00:00Z", "Green  -");
        check(&["cleared@01"], "2020-07-02T00:00:00Z", "Green  -");
    }

    #[test]
    fn fourteen_days_end_at_the_instant_and_not_before() {
        let until = "2020-07-15T08:00:00Z";
        let orange = format!("Amber fever-clinic {until}");
        check(&["fever-clinic@01"], "2020-07-01T08:00:00Z", &orange);
        check(&["fever-clinic@01"], "2020-07-15T07:59:59.999Z", &orange);
        check(&["fever-clinic@01"], until, "Green  -");
    }

    #[test]
    fn a_fact_of_the_future_waits() {
        check(&["confirmed@01"], "2020-07-01T07:59:59Z", "Green  2020-07-01T08:00:00Z");
    }

    #[test]
    fn some_facts_last_until_cleared() {
        check(&["confirmed@01"], "2021-07-01T00:00:00Z", "Amber confirmed -");
        check(
            &["confirmed@01", "cleared@20"],
            "2020-07-20T07:59:59Z",
            "Amber confirmed 2020-07-20T08:00:00Z",
        );
        check(&["confirmed@01", "cleared@20"], "2020-07-20T08:00:00Z", "Green  -");
        check(&["cleared@01", "confirmed@02"], "2020-07-03T00:00:00Z", "Amber confirmed -");
    }

    #[test]
    fn every_fact_in_force_is_named_and_the_first_to_end_changes_next() {
        check(
            &["antipyretic@03", "close-contact@01", "sealed-compound@02"],
            "2020-07-04T00:00:00Z",
            "Amber close-contact+sealed-compound+antipyretic 2020-07-15T08:00:00Z",
        );
    }

    #[test]
    fn every_condition_of_2020_turns_a_code_orange() {
        let now = at("2020-07-01T00:00:00Z");
        let scheme = Scheme::fujian_2020().unwrap();
        for kind in FactKind::ALL {
            let fact = Fact { kind, occurred_at: now - 1.hour() };
            let expect = match kind {
                FactKind::Cleared => Colour::Green,
                _ => Colour::Amber,
            };
            assert_eq!(scheme.evaluate(&[fact], now).colour, expect, "{kind:?}");
        }
    }
}
