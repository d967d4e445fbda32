//! The name on a boarding pass beside code and card.

use super::*;
use crate::name_match::NameMatch;

const PASS: &str = "M1ZHANG/XIAOMING      EABC123 FOCPEKMF 8101 045Y012A0025 100";

#[track_caller]
fn check(names: Option<NameMatch>, show_code: bool, decision: Decision, reasons: &[&str]) {
    let case = good_day();
    let mut presented = vec![Presented::from_evidence(read(PASS), None)];
    if show_code {
        let signature = case.sign_with.sign(&case.body.signing_input().unwrap()).to_bytes();
        presented.push(Presented::Code(Box::new(DecodedCode::new(case.body, signature).unwrap())));
    }
    let encounter = Encounter { presented, names };
    let verdict = judge(&encounter, &case.view, &case.policy, now());
    let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!((verdict.decision, codes.as_slice()), (decision, reasons), "{names:?}");
}

#[test]
fn a_pass_in_another_name_is_looked_at_and_never_refused() {
    check(Some(NameMatch::Same), true, Admit, &[]);
    check(Some(NameMatch::Different), true, Refer, &["I-PASS"]);
    check(Some(NameMatch::CannotTell), true, Admit, &["I-NAME"]);
    check(None, true, Admit, &["F-PASS"]);
}

#[test]
fn a_pass_by_itself_admits_nobody_whatever_its_name() {
    for names in [None, Some(NameMatch::Same), Some(NameMatch::CannotTell)] {
        check(names, false, Refer, &["F-PASS"]);
    }
}

#[test]
fn a_red_code_with_the_right_pass_is_refused() {
    let mut case = good_day();
    case.view.colours[0].colour = Some(Colour::Red);
    let signature = case.sign_with.sign(&case.body.signing_input().unwrap()).to_bytes();
    let code = Presented::Code(Box::new(DecodedCode::new(case.body, signature).unwrap()));
    for names in [NameMatch::Same, NameMatch::Different] {
        let encounter = Encounter { presented: vec![code.clone()], names: Some(names) };
        let verdict = judge(&encounter, &case.view, &case.policy, now());
        assert_eq!(verdict.decision, Refuse, "{names:?}");
    }
}
