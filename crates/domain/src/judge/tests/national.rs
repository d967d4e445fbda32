//! The national code has equal force (国家码与本地码同等效力).

use super::*;

/// Judges one case as if every code, key and colour in it were of `issuer`; our own issuer
/// stands in the trust list as well.
fn judged(issuer: IssuerId, change: &dyn Fn(&mut Case)) -> (Decision, Vec<&'static str>) {
    let mut case = good_day();
    case.view.documents.clear();
    change(&mut case);
    case.body.key.issuer = issuer;
    for fact in &mut case.view.colours {
        fact.issuer = issuer;
    }
    if let Some(trust) = &mut case.view.trust {
        let theirs = Issuer { id: issuer, ..trust.issuers[0].clone() };
        trust.issuers.retain(|own| own.id != issuer);
        trust.issuers.push(theirs);
    }
    let signature = case.sign_with.sign(&case.body.signing_input().unwrap()).to_bytes();
    let code = DecodedCode::new(case.body, signature).unwrap();
    let encounter = Encounter { presented: vec![Presented::Code(Box::new(code))], names: None };
    let verdict = judge(&encounter, &case.view, &case.policy, now());
    (verdict.decision, verdict.reasons().iter().map(|reason| reason.code()).collect())
}

#[test]
fn a_national_code_counts_like_our_own_whatever_the_policy_says() {
    let mut seen = std::collections::HashSet::new();
    for colour in [Colour::Green, Colour::Amber, Colour::Red, Colour::Withdrawn] {
        for decision in [Admit, Refer, Refuse] {
            for (age, document_with_code) in
                [(60, false), (60, true), (5 * 3_600, false), (25 * 3_600, false)]
            {
                let change = |case: &mut Case| {
                    case.view.colours[0].colour = Some(colour);
                    case.view.colours[0].as_of = ago(age);
                    case.policy.colours.amber = decision;
                    case.policy.freshness.old_green = decision;
                    case.policy.identity.document_with_code = document_with_code;
                };
                let own = judged(IssuerId::FUJIAN, &change);
                assert_eq!(judged(IssuerId::NATIONAL, &change), own, "{colour:?} {age}");
                seen.insert(own);
            }
        }
    }
    assert!(seen.len() > 5, "the cases differ: {seen:?}");
    let bad: [&dyn Fn(&mut Case); 6] = [
        &|case| case.sign_with = SigningKey::from_bytes(&[2; 32]),
        &|case| case.body.issued_at = ago(600),
        &|case| case.view.colours.clear(),
        &|case| case.view.colours[0].colour = None,
        &|case| case.view.trust = None,
        &|case| trust_key(case).until = Some(ago(10)),
    ];
    for change in bad {
        let own = judged(IssuerId::FUJIAN, change);
        assert_ne!(own.0, Admit);
        assert_eq!(judged(IssuerId::NATIONAL, change), own);
    }
}

#[test]
fn no_policy_can_say_anything_about_an_issuer() {
    let text = serde_json::to_value(policy()).unwrap();
    assert!(!text.to_string().contains("issuer"));
    for place in ["", "/code", "/colours", "/identity", "/freshness"] {
        let mut changed = text.clone();
        let object = changed.pointer_mut(place).unwrap().as_object_mut().unwrap();
        object.insert("issuers".to_owned(), serde_json::json!([35]));
        assert!(serde_json::from_value::<Policy>(changed).is_err(), "{place}");
    }
}
