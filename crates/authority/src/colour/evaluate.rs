//! The colour that facts give at an instant.

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_protocol::claims::Because;
use yanma_protocol::facts::FactKind;

use super::scheme::{NegativeTests, Rule, Scheme, later};
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

impl Scheme {
    /// The colour that `facts` give at `now`. Their order does not matter.
    ///
    /// A fact is in force from when it happened until its rule's stages have passed (at that
    /// very instant it is over), or until a clearance that is not older than the fact. A fact
    /// of the future counts when its time has come.
    pub fn evaluate(&self, facts: &[Fact], now: Timestamp) -> Evaluation {
        let facts = as_they_happened(facts);
        let (colour, because) = self.at(&facts, now);
        let next_change = self
            .turns(&facts, now)
            .into_iter()
            .find(|turn| self.at(&facts, *turn) != (colour, because.clone()));
        Evaluation { colour, because, next_change }
    }

    /// The colour at an instant, of facts in the order of happening.
    fn at(&self, facts: &[Fact], now: Timestamp) -> (Colour, Vec<Because>) {
        let Weighed { colour, because, .. } = Weighed::of(self.in_order(facts, now));
        (colour, because)
    }

    /// Every fact in force at `now` with the colour that it calls for, in the order of
    /// happening.
    pub(crate) fn in_force(&self, facts: &[Fact], now: Timestamp) -> Vec<(Colour, Because)> {
        let facts = as_they_happened(facts);
        self.in_order(&facts, now)
    }

    /// The same, of facts in that order.
    fn in_order(&self, facts: &[Fact], now: Timestamp) -> Vec<(Colour, Because)> {
        let known = facts.partition_point(|fact| fact.occurred_at <= now);
        let facts = facts.get(..known).unwrap_or_default();
        let because = |fact: &Fact| {
            let rule = self.rule(fact.kind)?;
            let (calls_for, until) = rule.calls_for(fact, facts, now)?;
            let reason = rule.words.clone();
            Some((calls_for, Because { kind: fact.kind, since: fact.occurred_at, until, reason }))
        };
        facts.iter().filter_map(because).collect()
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
    /// What a fact calls for at `now`, and until when; nothing when it is over. `facts` are
    /// all that have happened by then.
    fn calls_for(
        &self,
        fact: &Fact,
        facts: &[Fact],
        now: Timestamp,
    ) -> Option<(Colour, Option<Timestamp>)> {
        if fact.ends_at.is_some_and(|end| end <= now) {
            return None;
        }
        let (colour, until) = self.calls_for_by_rule(fact, facts, now)?;
        Some((colour, until.into_iter().chain(fact.ends_at).min()))
    }

    fn calls_for_by_rule(
        &self,
        fact: &Fact,
        facts: &[Fact],
        now: Timestamp,
    ) -> Option<(Colour, Option<Timestamp>)> {
        let ends = |kind| kind == FactKind::Cleared || self.ended_by.contains(&kind);
        if facts.iter().any(|other| ends(other.kind) && other.occurred_at >= fact.occurred_at) {
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
            Some(tests) => tests.passed_at(fact, facts).map(|at| at.max(end.unwrap_or(begin))),
        };
        let is_over = over.is_some_and(|over| over <= now);
        (!is_over).then_some((last.colour, over))
    }
}

impl NegativeTests {
    /// When the last of the tests was taken. A positive sample makes those before it void.
    fn passed_at(&self, fact: &Fact, facts: &[Fact]) -> Option<Timestamp> {
        let earliest = self.earliest(fact.occurred_at);
        let mut negative: Vec<Timestamp> = Vec::new();
        let begin = facts.partition_point(|test| test.occurred_at < earliest);
        let mut tests = facts.get(begin..).unwrap_or_default();
        while let Some((test, after)) = tests.split_first() {
            tests = after;
            let at = test.occurred_at;
            // Of one instant, positive samples come after negative ones.
            let mut together = after.iter().take_while(|other| other.occurred_at == at);
            match test.kind {
                kind if is_positive(kind) => negative.clear(),
                FactKind::TestNegative if together.any(|other| is_positive(other.kind)) => {}
                FactKind::TestNegative => {
                    if self.count < 2 || negative.iter().any(|first| self.fit(*first, at)) {
                        return Some(at);
                    }
                    negative.push(at);
                }
                _ => {}
            }
        }
        None
    }
}

fn is_positive(kind: FactKind) -> bool {
    matches!(kind, FactKind::TestPositive | FactKind::MixedTubePositive)
}

#[cfg(test)]
mod limits;
#[cfg(test)]
mod tests;
