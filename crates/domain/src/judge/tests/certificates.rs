//! Foreign certificates beside codes, and by themselves.

use super::*;
use crate::encounter::Marks;
use crate::reason::Reason;
use crate::verdict::Outcome;

/// A European certificate of `tests/vectors/certificate`, which this desk cannot check.
fn certificate() -> &'static str {
    let file = include_str!("../../../../../tests/vectors/certificate/dcc.json");
    file.split('"').find(|part| part.starts_with("HC1:")).unwrap()
}

/// Judges one certificate whose checking came to this, alone and beside a green code.
#[track_caller]
fn check_certificate(standing: Outcome, alone: &[&str], beside: (Decision, &[&str])) {
    let mut case = good_day();
    let signature = case.sign_with.sign(&case.body.signing_input().unwrap()).to_bytes();
    let code = Presented::Code(Box::new(DecodedCode::new(case.body.clone(), signature).unwrap()));
    let mut certificate = Presented::from_evidence(read(certificate()), None);
    let Presented::Certificate(presented) = &mut certificate else { panic!("a certificate") };
    presented.standing = standing;
    case.policy.identity.document_with_code = false;
    for (presented, expect) in
        [(vec![certificate.clone()], (Refer, alone)), (vec![code, certificate], beside)]
    {
        let verdict = judge(&Encounter { presented, names: None }, &case.view, &case.policy, now());
        let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
        assert_eq!((verdict.decision, codes.as_slice()), expect, "{standing:?}");
        assert_eq!(verdict.subject.name.is_some(), verdict.colour.is_some(), "it names nobody");
    }
}

#[test]
fn a_certificate_of_somebody_else_is_told() {
    let mark = |text| Some(directory_key().mark(text));
    let check = |certified: Marks, document: Marks, expect: (Decision, &[&str])| {
        let mut case = good_day();
        let mut card = Presented::from_evidence(read(ANNA), Some(&directory_key()));
        let Presented::Document(presented) = &mut card else { panic!("a document") };
        presented.marks = document;
        let mut certificate = Presented::from_evidence(read(certificate()), None);
        let Presented::Certificate(presented) = &mut certificate else { panic!("a certificate") };
        (presented.standing, presented.marks) = (Outcome::Passed, certified);
        case.policy.identity.document_with_code = false;
        let encounter = Encounter { presented: vec![card, certificate], names: None };
        let verdict = judge(&encounter, &case.view, &case.policy, now());
        let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
        assert_eq!((verdict.decision, codes.as_slice()), expect);
    };
    let anna = Marks { name: mark("anna"), birth: mark("1949") };
    let nobody = Marks::default();
    check(anna, anna, (Admit, &[]));
    check(anna, nobody, (Admit, &[]));
    check(nobody, anna, (Admit, &[]));
    check(anna, Marks { name: mark("bert"), ..anna }, (Admit, &["X-NAME"]));
    check(anna, Marks { birth: mark("1950"), ..anna }, (Refer, &["X-NAME"]));
    check(anna, Marks { name: None, birth: mark("1950") }, (Refer, &["X-NAME"]));
}

#[test]
fn a_certificate_supports_and_never_decides() {
    let failed = Outcome::Failed;
    let not_checked = |reason| Outcome::NotChecked(Some(reason));
    check_certificate(Outcome::Passed, &["X-ONLY"], (Admit, &[]));
    check_certificate(not_checked(Reason::NoCertificateTrust), &["X-TRUST"], (Admit, &["X-TRUST"]));
    check_certificate(not_checked(Reason::UnknownSigner), &["X-KEY"], (Admit, &["X-KEY"]));
    check_certificate(failed(Reason::CertificateExpired), &["X-EXP"], (Admit, &["X-EXP"]));
    check_certificate(failed(Reason::CertificateRevoked), &["X-REV"], (Refer, &["X-REV"]));
    check_certificate(failed(Reason::CertificateSignature), &["X-SIG"], (Refer, &["X-SIG"]));
    check(
        "one that this desk cannot check",
        |c| c.beside = vec![certificate()],
        Admit,
        &["X-TRUST"],
    );
}
