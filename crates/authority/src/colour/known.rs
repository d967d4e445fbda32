//! What has happened by an instant, made ready for what a rule asks about each fact of it. Every
//! answer takes the logarithm of the number of facts: somebody may have a test of every day for
//! years, and whoever reports thousands about one person is not to hold up everybody else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use yanma_protocol::facts::FactKind;

use super::Fact;
use super::scheme::{NegativeTests, Scheme};

pub(super) struct Known<'a> {
    /// In the order of happening.
    pub(super) facts: &'a [Fact],
    /// When each kind happened last.
    last: BTreeMap<FactKind, Timestamp>,
    /// Of each way in which a rule asks for tests, when they were passed.
    passes: Vec<(NegativeTests, Vec<Pass>)>,
}

/// Negative tests that are enough.
struct Pass {
    /// When the first of them was taken.
    first: Timestamp,
    /// When the last was: the same one where one is enough.
    last: Timestamp,
}

impl<'a> Known<'a> {
    /// Of facts in the order of happening.
    pub(super) fn of(scheme: &Scheme, facts: &'a [Fact]) -> Self {
        let last: BTreeMap<_, _> = facts.iter().map(|fact| (fact.kind, fact.occurred_at)).collect();
        let mut passes: Vec<(NegativeTests, Vec<Pass>)> = Vec::new();
        if last.contains_key(&FactKind::TestNegative) {
            let rules = last.keys().filter_map(|kind| scheme.rule(*kind)?.negative_tests);
            for tests in rules {
                if passes.iter().all(|(other, _)| *other != tests) {
                    passes.push((tests, tests.passes(facts)));
                }
            }
        }
        Self { facts, last, passes }
    }

    /// When a kind happened last.
    pub(super) fn last(&self, kind: FactKind) -> Option<Timestamp> {
        self.last.get(&kind).copied()
    }

    /// When the last of the tests was taken that a fact asks for.
    pub(super) fn passed_at(&self, tests: &NegativeTests, fact: &Fact) -> Option<Timestamp> {
        let (_, passes) = self.passes.iter().find(|(other, _)| other == tests)?;
        let earliest = tests.earliest(fact.occurred_at);
        let too_early = passes.partition_point(|pass| pass.first < earliest);
        passes.get(too_early).map(|pass| pass.last)
    }
}

impl NegativeTests {
    /// Every way in which the tests were passed, in the order of both samples: of each last
    /// sample with the latest that fits before it. A positive sample makes those before it void.
    fn passes(&self, facts: &[Fact]) -> Vec<Pass> {
        let mut negative: Vec<Timestamp> = Vec::new();
        let mut passes = Vec::new();
        let mut facts = facts;
        while let Some((test, after)) = facts.split_first() {
            facts = after;
            let at = test.occurred_at;
            // Of one instant, positive samples come after negative ones.
            let mut together = after.iter().take_while(|other| other.occurred_at == at);
            match test.kind {
                kind if is_positive(kind) => negative.clear(),
                FactKind::TestNegative if together.any(|other| is_positive(other.kind)) => {}
                FactKind::TestNegative if self.count < 2 => {
                    passes.push(Pass { first: at, last: at });
                }
                FactKind::TestNegative => {
                    let old = negative.partition_point(|first| self.is_apart(*first, at));
                    let first = negative.get(..old).and_then(<[_]>::last);
                    if let Some(first) = first.filter(|first| self.fit(**first, at)) {
                        passes.push(Pass { first: *first, last: at });
                    }
                    negative.push(at);
                }
                _ => {}
            }
        }
        passes
    }
}

fn is_positive(kind: FactKind) -> bool {
    matches!(kind, FactKind::TestPositive | FactKind::MixedTubePositive)
}

#[cfg(test)]
mod tests;
