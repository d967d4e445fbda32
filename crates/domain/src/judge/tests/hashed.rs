//! Directory keys are rotated, and every issuer has its own: what a hash in a code says then.

use super::*;
use crate::certificate::CertificateTrust;
use crate::encounter::{Against, Hashed};

const OWN: IssuerId = IssuerId::FUJIAN;

/// The key that the code was made under and the desk's key of today.
fn keys() -> (DirectoryKey, DirectoryKey) {
    (DirectoryKey::from_bytes([8; 32]), directory_key())
}

/// A code with another place in the list than the card, as one on paper has, made under the
/// earlier key; beside the card of `number`, at a desk that has kept `earlier` keys.
#[track_caller]
fn check_paper(
    why: &str,
    number: &str,
    earlier: &[DirectoryKey],
    hashed: Option<Hashed>,
    (decision, reasons): (Decision, &[&str]),
) {
    let mut case = good_day();
    let (before, now_in_force) = keys();
    case.body.document = before.hash(&resident(ANNA));
    case.body.index = StatusIndex(INDEX.0 + 1);
    let mut colour = case.view.colours[0].clone();
    colour.index = case.body.index;
    case.view.colours.push(colour);
    case.view.hashed = hashed;
    for fact in &mut case.view.documents {
        // Both people have codes.
        fact.holder.get_or_insert((OWN, StatusIndex(INDEX.0 + 2)));
    }
    let mut other = case.view.colours[0].clone();
    other.index = StatusIndex(INDEX.0 + 2);
    case.view.colours.push(other);
    let signature = case.sign_with.sign(&case.body.signing_input().unwrap()).to_bytes();
    let code = Presented::Code(Box::new(DecodedCode::new(case.body, signature).unwrap()));
    let against = Against {
        key: Some(&now_in_force),
        earlier,
        certificates: &CertificateTrust::default(),
        now: now(),
    };
    let card = Presented::held_against(read(number), against);
    let presented = vec![code, card];
    let verdict = judge(&Encounter { presented, names: None }, &case.view, &case.policy, now());
    let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!((verdict.decision, codes.as_slice()), (decision, reasons), "{why}");
}

fn hashed(issuer: IssuerId, until: Option<Timestamp>) -> Option<Hashed> {
    Some(Hashed { issuer, generation: 2, until })
}

#[test]
fn a_code_from_before_a_rotation_is_still_compared_with_the_card() {
    let (before, _) = keys();
    let kept = std::slice::from_ref(&before);
    let known = hashed(OWN, Some(now()));
    check_paper("own card", ANNA, kept, known, (Admit, &[]));
    check_paper("another's card", BERT, kept, known, (Refuse, &["I-MIS"]));
}

#[test]
fn a_code_under_a_key_that_the_desk_does_not_have_accuses_nobody() {
    let signed_at = ago(10);
    let just_before = signed_at - SignedDuration::from_nanos(1);
    for (until, expect) in [
        (Some(signed_at), (Refuse, &["I-MIS"][..])),
        (Some(just_before), (Refer, &["I-TWO"][..])),
        (None, (Refuse, &["I-MIS"][..])),
    ] {
        check_paper(&format!("{until:?}"), ANNA, &[], hashed(OWN, until), expect);
    }
    check_paper("an entry of before there were two", ANNA, &[], None, (Refuse, &["I-MIS"]));
}

#[test]
fn a_code_of_another_region_beside_a_card_that_has_none_here_is_no_other_person() {
    let region = IssuerId::NATIONAL;
    for (hashed, reasons) in
        [(hashed(OWN, None), &["N-NONE"][..]), (hashed(region, None), &["I-MIS", "N-NONE"][..])]
    {
        let mut case = good_day();
        case.body.document = keys().0.hash(&resident(ANNA));
        case.body.key.issuer = region;
        let mut issuer = case.view.trust.as_ref().unwrap().issuers[0].clone();
        issuer.id = region;
        case.view.trust.as_mut().unwrap().issuers.push(issuer);
        case.view.colours[0].issuer = region;
        case.view.documents[0].holder = None;
        case.view.hashed = hashed;
        let signature = case.sign_with.sign(&case.body.signing_input().unwrap()).to_bytes();
        let code = Presented::Code(Box::new(DecodedCode::new(case.body, signature).unwrap()));
        let card = Presented::from_evidence(read(ANNA), Some(&directory_key()));
        let presented = vec![code, card];
        let verdict = judge(&Encounter { presented, names: None }, &case.view, &case.policy, now());
        let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
        assert_eq!(codes, reasons, "{hashed:?}");
    }
}

#[test]
fn entries_of_before_there_was_a_second_key_are_read_as_they_were() {
    let case = good_day();
    let text = serde_json::to_string(&case.view).unwrap();
    assert!(!text.contains("hashed"), "nothing is added to them");
    assert_eq!(serde_json::from_str::<View>(&text).unwrap(), case.view);
    let card = Presented::from_evidence(read(ANNA), Some(&directory_key()));
    let text = serde_json::to_string(&card).unwrap();
    assert!(!text.contains("earlier"));
    assert_eq!(serde_json::from_str::<Presented>(&text).unwrap(), card);
}
