//! Chips beside their pages, and by themselves.

use Decision::{Admit, Refer};

use super::*;
use crate::encounter::PresentedChip;
use crate::reason::Reason;
use crate::verdict::Outcome;

#[track_caller]
fn check(chip: PresentedChip, expect: (Decision, &[&str])) {
    let mut case = good_day();
    case.policy.identity.document_with_code = false;
    let card = Presented::from_evidence(read(ANNA), Some(&directory_key()));
    let judged =
        |presented| judge(&Encounter { presented, names: None }, &case.view, &case.policy, now());
    for presented in
        [vec![card.clone(), Presented::Chip(chip)], vec![Presented::Chip(chip), card.clone()]]
    {
        let verdict = judged(presented);
        let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
        assert_eq!((verdict.decision, codes.as_slice()), expect, "{chip:?}");
    }
    assert_eq!(judged(vec![Presented::Chip(chip)]).decision, Refer, "it is no colour");
}

#[test]
fn that_a_document_was_altered_is_told_before_what_is_not_known_of_it() {
    let case = good_day();
    let card = Presented::from_evidence(read(ANNA), Some(&directory_key()));
    let standing = Outcome::Failed(Reason::ChipAltered);
    let chip = Presented::Chip(PresentedChip { agrees: true, standing });
    let encounter = Encounter { presented: vec![card, chip], names: None };
    let nothing = View::empty(ClockState::Trusted);
    let verdict = judge(&encounter, &nothing, &case.policy, now());
    assert_eq!(verdict.reasons(), [Reason::ChipAltered, Reason::NoDirectory]);
}

#[test]
fn a_chip_makes_nothing_better_and_an_altered_one_is_looked_at() {
    let chip = |agrees, standing| PresentedChip { agrees, standing };
    let altered = Outcome::Failed(Reason::ChipAltered);
    let open = Outcome::NotChecked(Some(Reason::ChipNotChecked));
    check(chip(true, Outcome::Passed), (Admit, &[]));
    check(chip(true, open), (Admit, &["P-OPEN"]));
    check(chip(true, altered), (Refer, &["P-SIG"]));
    check(chip(false, Outcome::Passed), (Refer, &["P-PAGE"]));
    check(chip(false, open), (Refer, &["P-PAGE", "P-OPEN"]));
    check(chip(false, altered), (Refer, &["P-PAGE", "P-SIG"]));
}
