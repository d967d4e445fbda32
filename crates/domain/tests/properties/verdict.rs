//! The judge: when it may say yes, and what must never make it milder.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use yanma_domain::Colour;
use yanma_domain::encounter::{Encounter, Presented, View};
use yanma_domain::judge::judge;
use yanma_domain::policy::Policy;
use yanma_domain::verdict::{Check, Decision, Outcome, Verdict};

use crate::world::{self, NOW, SKEW_SECONDS, ago};

fn verdict_of(encounter: &Encounter, view: &View, policy: &Policy) -> Verdict {
    judge(encounter, view, policy, *NOW)
}

/// Decision and reasons, without their order.
fn answer(verdict: &Verdict) -> (Decision, BTreeSet<&'static str>) {
    (verdict.decision, verdict.reasons().iter().map(|reason| reason.code()).collect())
}

fn is_person(presented: &Presented, view: &View) -> bool {
    match presented {
        Presented::Code(code) => {
            view.trust.as_ref().is_some_and(|trust| code.verify(trust).is_ok())
        }
        Presented::Document(_) => true,
        _ => false,
    }
}

/// The properties below say little about a world in which nobody is ever admitted.
#[test]
fn the_arbitrary_world_has_every_decision_in_it() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let strategy = (world::encounter(), world::view(), world::policy());
    let mut counts = [0; 3];
    for _ in 0..2000 {
        let tree = strategy.new_tree(&mut runner).expect("a value");
        let (encounter, view, policy) = proptest::strategy::ValueTree::current(&tree);
        policy.check().expect("a policy that may be used");
        counts[verdict_of(&encounter, &view, &policy).decision as usize] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "admit, refer, refuse: {counts:?}");
}

proptest! {
    #![proptest_config(Config::with_cases(2000))]

    #[test]
    fn admit_needs_a_green_that_was_looked_up_and_nothing_against_it(
        encounter in world::encounter(),
        view in world::view(),
        policy in prop_oneof![world::policy(), world::bad_policy()],
    ) {
        let verdict = verdict_of(&encounter, &view, &policy);
        let colour_passed = |finding: &yanma_domain::verdict::Finding| {
            finding.check == Check::Colour && finding.outcome == Outcome::Passed
        };
        if verdict.decision == Decision::Admit {
            prop_assert!(verdict.findings.iter().any(colour_passed));
            prop_assert!(verdict.basis.as_of.is_some(), "and the data has an age");
            prop_assert!(encounter.presented.iter().any(|p| is_person(p, &view)));
            for finding in &verdict.findings {
                prop_assert_eq!(finding.leads_to, Decision::Admit, "{:?}", finding);
            }
            if policy.check().is_ok() {
                let failed = verdict.findings.iter().any(|f| matches!(f.outcome, Outcome::Failed(_)));
                prop_assert!(!failed, "a sound policy admits nothing that failed");
                prop_assert_eq!(verdict.colour, Some(Colour::Green));
            }
        }
        let worst = verdict.findings.iter().map(|finding| finding.leads_to).max();
        prop_assert!(verdict.decision >= worst.unwrap_or(Decision::Refer));
    }

    #[test]
    fn the_same_values_give_the_same_verdict_after_being_kept(
        encounter in world::encounter(),
        view in world::view(),
        policy in world::policy(),
    ) {
        let verdict = verdict_of(&encounter, &view, &policy);
        prop_assert_eq!(&verdict, &verdict_of(&encounter, &view, &policy));
        let kept = serde_json::to_string(&(&encounter, &view, &policy)).expect("values as JSON");
        let (encounter_back, view_back, policy_back): (Encounter, View, Policy) =
            serde_json::from_str(&kept).expect("and back");
        prop_assert_eq!((&encounter_back, &view_back), (&encounter, &view));
        prop_assert_eq!(verdict_of(&encounter_back, &view_back, &policy_back), verdict);
    }

    #[test]
    fn a_worse_colour_never_improves_the_decision(
        encounter in world::encounter(),
        mut view in world::view(),
        policy in world::policy(),
        which in any::<prop::sample::Index>(),
        worse in world::colour(),
    ) {
        let before = verdict_of(&encounter, &view, &policy).decision;
        let at = which.index(view.colours.len().max(1));
        if let Some(fact) = view.colours.get_mut(at) {
            fact.colour = fact.colour.map(|colour| colour.max(worse));
        }
        prop_assert!(verdict_of(&encounter, &view, &policy).decision >= before);
    }

    #[test]
    fn a_worse_colour_at_issue_never_improves_the_decision(
        mut encounter in world::encounter(),
        view in world::view(),
        policy in world::policy(),
        worse in world::colour(),
    ) {
        let before = verdict_of(&encounter, &view, &policy).decision;
        for presented in &mut encounter.presented {
            if let Presented::Code(code) = presented
                && view.trust.as_ref().is_some_and(|trust| code.verify(trust).is_ok())
                && code.body().colour < worse
            {
                let body = code.body().clone();
                **code = world::sign(yanma_domain::code::CodeBody { colour: worse, ..body });
            }
        }
        prop_assert!(verdict_of(&encounter, &view, &policy).decision >= before);
    }

    #[test]
    fn older_data_never_improves_the_decision(
        encounter in world::encounter(),
        mut view in world::view(),
        policy in world::policy(),
        seconds in prop_oneof![1_i64..100, 1_i64..200_000],
    ) {
        // What claims to be from the future says nothing until its time comes.
        view.colours.retain(|fact| fact.as_of <= ago(-SKEW_SECONDS));
        let before = verdict_of(&encounter, &view, &policy).decision;
        let older = SignedDuration::from_secs(seconds);
        view.colours.iter_mut().for_each(|fact| fact.as_of -= older);
        view.documents.iter_mut().for_each(|fact| fact.as_of -= older);
        prop_assert!(verdict_of(&encounter, &view, &policy).decision >= before);
    }

    #[test]
    fn nobody_is_admitted_for_knowing_less(
        encounter in world::encounter(),
        view in world::view(),
        policy in world::policy(),
    ) {
        for less in [
            View { colours: Vec::new(), ..view.clone() },
            View { trust: None, documents: Vec::new(), ..view.clone() },
        ] {
            prop_assert_ne!(verdict_of(&encounter, &less, &policy).decision, Decision::Admit);
        }
    }

    #[test]
    fn the_order_of_showing_changes_nothing(
        (encounter, shuffled) in world::encounter().prop_flat_map(|encounter| {
            let shuffled = Just(encounter.presented.clone()).prop_shuffle();
            (Just(encounter), shuffled)
        }),
        view in world::view(),
        policy in world::policy(),
    ) {
        let one = verdict_of(&encounter, &view, &policy);
        let other = verdict_of(&Encounter { presented: shuffled, names: encounter.names }, &view, &policy);
        prop_assert_eq!(answer(&one), answer(&other));
        prop_assert_eq!(one.colour, other.colour);
    }

    #[test]
    fn showing_it_twice_changes_nothing(
        encounter in world::encounter(),
        view in world::view(),
        policy in world::policy(),
    ) {
        let twice = [encounter.presented.clone(), encounter.presented.clone()].concat();
        let one = verdict_of(&encounter, &view, &policy);
        let other = verdict_of(&Encounter { presented: twice, names: encounter.names }, &view, &policy);
        prop_assert_eq!(answer(&one), answer(&other));
    }

    #[test]
    fn a_bad_scan_beside_a_person_changes_no_decision(
        encounter in world::encounter(),
        scan in world::bad_scan(),
        view in world::view(),
        policy in world::policy(),
    ) {
        let somebody = encounter.presented.iter().any(|p| is_person(p, &view));
        let before = verdict_of(&encounter, &view, &policy).decision;
        let mut beside = encounter;
        beside.presented.push(scan);
        let expected = if somebody { before } else { before.max(Decision::Refer) };
        prop_assert_eq!(verdict_of(&beside, &view, &policy).decision, expected);
    }
}
