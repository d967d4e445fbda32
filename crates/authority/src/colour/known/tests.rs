use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use yanma_domain::Colour;

use super::*;
use crate::colour::Evaluation;

fn begin() -> Timestamp {
    "2022-07-01T00:00:00Z".parse().unwrap()
}

fn hour(hour: i64) -> Timestamp {
    begin() + SignedDuration::from_hours(hour)
}

/// The same as it is said: the first negative sample with which some earlier one fits, of those
/// that count, with no positive one between.
fn as_it_is_said(tests: &NegativeTests, fact: &Fact, facts: &[Fact]) -> Option<Timestamp> {
    let positive = |from: Timestamp, to: Timestamp| {
        facts.iter().any(|fact| is_positive(fact.kind) && (from..=to).contains(&fact.occurred_at))
    };
    let counts = |test: &Fact| {
        let at = test.occurred_at;
        test.kind == FactKind::TestNegative
            && at >= tests.earliest(fact.occurred_at)
            && !positive(at, at)
    };
    let samples: Vec<_> = facts.iter().filter(|test| counts(test)).collect();
    let passed = samples.iter().enumerate().find(|(place, last)| {
        let fits = |first: &&Fact| {
            tests.fit(first.occurred_at, last.occurred_at)
                && !positive(first.occurred_at, last.occurred_at)
        };
        tests.count < 2 || samples[..*place].iter().copied().any(|first| fits(&first))
    });
    passed.map(|(_, last)| last.occurred_at)
}

proptest! {
    #[test]
    fn tests_are_passed_when_it_is_said(
        samples in prop::collection::vec((0i64..30, 0u8..8), 0..24),
        fact in 0i64..20,
        (count, apart_hours) in (1u8..=2, prop::sample::select(vec![0u16, 24, 30])),
        within_days in prop::option::of(1u16..4),
        from_day in 1u16..3,
    ) {
        let tests = NegativeTests { count, apart_hours, within_days, from_day };
        let kind = |kind| match kind {
            0 => FactKind::TestPositive,
            1 => FactKind::MixedTubePositive,
            _ => FactKind::TestNegative,
        };
        let mut facts: Vec<_> = samples
            .into_iter()
            .map(|(at, of)| Fact { kind: kind(of), occurred_at: hour(6 * at), ends_at: None })
            .collect();
        facts.sort_by_key(|fact| (fact.occurred_at, fact.kind));
        let known = Known {
            facts: &facts,
            last: BTreeMap::new(),
            passes: vec![(tests, tests.passes(&facts))],
        };
        let fact =
            Fact { kind: FactKind::FeverClinic, occurred_at: hour(6 * fact), ends_at: None };
        prop_assert_eq!(known.passed_at(&tests, &fact), as_it_is_said(&tests, &fact, &facts));
    }
}

/// Four thousand facts, none of which is behind the colour and each of which asks for tests that
/// do not fit: looked at each for each, and again at each end, they would take hours.
#[test]
fn thousands_of_facts_about_one_person_are_weighed() {
    let scheme = Scheme::open("national-2021").unwrap();
    let one = |kind, at| Fact { kind, occurred_at: at, ends_at: None };
    let mut facts = vec![one(FactKind::Confirmed, begin())];
    for step in 0..2_000 {
        facts.push(one(FactKind::SecondaryContact, begin() + step.milliseconds()));
        facts.push(one(FactKind::TestNegative, begin() + step.milliseconds()));
    }
    let found = scheme.evaluate(&facts, hour(1));
    let Evaluation { colour, because, next_change } = found;
    assert_eq!((colour, because.len(), next_change), (Colour::Red, 1, None));
}
