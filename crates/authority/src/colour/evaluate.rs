//! The colour that facts give at an instant.

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_protocol::claims::Because;
use yanma_protocol::facts::FactKind;

use super::known::Known;
use super::scheme::{Rule, Scheme, later};
use super::{Evaluation, Fact};

/// Facts in force, weighed against each other.
pub(crate) struct Weighed {
    /// The colour that they call for.
    pub(crate) colour: Colour,
    /// Those that do.
    pub(crate) because: Vec<Because>,
    /// Those that call for a lesser one.
    pub(crate) beside: Vec<Because>,
}

impl Weighed {
    /// Of facts with what each calls for, in the order of happening.
    pub(crate) fn of(in_force: Vec<(Colour, Because)>) -> Self {
        let colour = in_force.iter().map(|(calls_for, _)| *calls_for).fold(Colour::Green, Ord::max);
        let (because, beside): (Vec<_>, Vec<_>) =
            in_force.into_iter().partition(|(calls_for, _)| *calls_for == colour);
        let [because, beside] = [because, beside].map(|part| {
            let mut part: Vec<_> = part.into_iter().map(|(_, because)| because).collect();
            // Two departments may report the same.
            part.dedup();
            part
        });
        Self { colour, because, beside }
    }
}

/// A fact in force, without the words of its rule.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Called {
    colour: Colour,
    kind: FactKind,
    since: Timestamp,
    until: Option<Timestamp>,
}

/// Those that call for the worst colour, without repeats.
fn behind(in_force: &[Called]) -> Vec<Called> {
    let worst = in_force.iter().map(|called| called.colour).fold(Colour::Green, Ord::max);
    let mut behind: Vec<_> =
        in_force.iter().filter(|called| called.colour == worst).copied().collect();
    behind.dedup();
    behind
}

impl Scheme {
    /// The colour that `facts` give at `now`. Their order does not matter.
    ///
    /// A fact is in force from when it happened until its rule's stages have passed (at that
    /// very instant it is over), or until a clearance that is not older than the fact. A fact
    /// of the future counts when its time has come.
    pub fn evaluate(&self, facts: &[Fact], now: Timestamp) -> Evaluation {
        let facts = as_they_happened(facts);
        let known = Known::of(self, happened(&facts, now));
        let in_force = self.in_order(&known, now);
        let is_another = |turn: &Timestamp| {
            let then = happened(&facts, *turn);
            let in_force_then = if then.len() == known.facts.len() {
                self.in_order(&known, *turn)
            } else {
                self.in_order(&Known::of(self, then), *turn)
            };
            behind(&in_force_then) != behind(&in_force)
        };
        let next_change = self.turns(&facts, now).into_iter().find(is_another);
        let Weighed { colour, because, .. } = Weighed::of(self.in_words(&in_force));
        Evaluation { colour, because, next_change }
    }

    /// Every fact in force at `now` with the colour that it calls for, in the order of
    /// happening.
    pub(crate) fn in_force(&self, facts: &[Fact], now: Timestamp) -> Vec<(Colour, Because)> {
        let facts = as_they_happened(facts);
        let known = Known::of(self, happened(&facts, now));
        self.in_words(&self.in_order(&known, now))
    }

    fn in_order(&self, known: &Known<'_>, now: Timestamp) -> Vec<Called> {
        let called = |fact: &Fact| {
            let (colour, until) = self.rule(fact.kind)?.calls_for(fact, known, now)?;
            Some(Called { colour, kind: fact.kind, since: fact.occurred_at, until })
        };
        known.facts.iter().filter_map(called).collect()
    }

    fn in_words(&self, in_force: &[Called]) -> Vec<(Colour, Because)> {
        let because = |&Called { colour, kind, since, until }: &Called| {
            let reason = self.rule(kind)?.words.clone();
            Some((colour, Because { kind, since, until, reason }))
        };
        in_force.iter().filter_map(because).collect()
    }

    /// Every instant after `now` at which the colour might change, in order.
    fn turns(&self, facts: &[Fact], now: Timestamp) -> Vec<Timestamp> {
        let mut turns = Vec::new();
        for fact in facts {
            turns.push(fact.occurred_at);
            turns.extend(fact.ends_at);
            let mut at = fact.occurred_at;
            let stages = self.rule(fact.kind).map_or(&[][..], |rule| &rule.stages);
            for length in stages.iter().map_while(|stage| stage.length) {
                at = later(at, length);
                turns.push(at);
            }
        }
        turns.retain(|turn| *turn > now);
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}

/// Those of facts in the order of happening that have happened.
fn happened(facts: &[Fact], now: Timestamp) -> &[Fact] {
    let known = facts.partition_point(|fact| fact.occurred_at <= now);
    facts.get(..known).unwrap_or_default()
}

/// In the order of happening; of one instant and kind, what ends first before what ends later, so
/// that reasons are told in one order, whichever way the facts were reported.
fn as_they_happened(facts: &[Fact]) -> Vec<Fact> {
    let mut facts = facts.to_vec();
    facts.sort_unstable_by_key(|fact| {
        (fact.occurred_at, fact.kind, fact.ends_at.is_none(), fact.ends_at)
    });
    facts
}

impl Rule {
    /// What a fact calls for at `now`, and until when; nothing when it is over. `known` is all
    /// that has happened by then.
    fn calls_for(
        &self,
        fact: &Fact,
        known: &Known<'_>,
        now: Timestamp,
    ) -> Option<(Colour, Option<Timestamp>)> {
        if fact.ends_at.is_some_and(|end| end <= now) {
            return None;
        }
        let (colour, until) = self.calls_for_by_rule(fact, known, now)?;
        Some((colour, until.into_iter().chain(fact.ends_at).min()))
    }

    fn calls_for_by_rule(
        &self,
        fact: &Fact,
        known: &Known<'_>,
        now: Timestamp,
    ) -> Option<(Colour, Option<Timestamp>)> {
        let ending = std::iter::once(&FactKind::Cleared).chain(&self.ended_by);
        if ending.filter_map(|kind| known.last(*kind)).any(|last| last >= fact.occurred_at) {
            return None;
        }
        let (last, before) = self.stages.split_last()?;
        let mut begin = fact.occurred_at;
        for stage in before {
            let end = later(begin, stage.length?);
            if now < end {
                return Some((stage.colour, Some(end)));
            }
            begin = end;
        }
        let end = last.length.map(|length| later(begin, length));
        let over = match &self.negative_tests {
            None => end,
            // Not before the stage has passed, and not without the tests.
            Some(tests) => known.passed_at(tests, fact).map(|at| at.max(end.unwrap_or(begin))),
        };
        let is_over = over.is_some_and(|over| over <= now);
        (!is_over).then_some((last.colour, over))
    }
}

#[cfg(test)]
mod limits;
#[cfg(test)]
mod tests;
