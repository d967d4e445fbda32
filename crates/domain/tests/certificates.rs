//! Every certificate of `tests/vectors/certificate`, read and checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use yanma_domain::certificate::{CertificateTrust, Signer, StatementKind};
use yanma_domain::evidence::{Evidence, read};
use yanma_domain::verdict::Outcome;

#[derive(Deserialize)]
struct Vectors {
    trust: CertificateTrust,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    text: String,
    #[serde(flatten)]
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Expect {
    Broken { error: String },
    Read(Box<Good>),
}

#[derive(Deserialize)]
struct Good {
    trust: Option<CertificateTrust>,
    at: Timestamp,
    outcome: String,
    reason: Option<String>,
    format: String,
    issuer: String,
    says: Vec<StatementKind>,
    name_key: Option<String>,
    birth: Option<String>,
}

#[track_caller]
fn check(file: &str, least: usize) {
    let vectors: Vectors = serde_json::from_str(file).expect("vectors of this form");
    assert!(vectors.cases.len() >= least, "{} cases", vectors.cases.len());
    for case in &vectors.cases {
        check_case(case, &vectors.trust);
    }
}

fn check_case(case: &Case, trust: &CertificateTrust) {
    let name = &case.name;
    match (read(&case.text), &case.expect) {
        (Evidence::Damaged(damaged), Expect::Broken { error }) => {
            assert_eq!(&damaged.to_string(), error, "{name}");
        }
        (Evidence::Certificate(certificate), Expect::Read(good)) => {
            let says: Vec<_> = certificate.statements.iter().map(|said| said.kind()).collect();
            let birth = certificate.subject.birth.map(|birth| birth.to_string());
            assert_eq!(certificate.format.as_str(), good.format, "{name}");
            assert_eq!(certificate.issuer, good.issuer, "{name}");
            assert_eq!(says, good.says, "{name}");
            assert_eq!(certificate.subject.name_key(), good.name_key.as_deref(), "{name}");
            assert_eq!(birth, good.birth, "{name}");
            let trust = good.trust.as_ref().unwrap_or(trust);
            let outcome = certificate.check(trust, good.at);
            let word = match outcome {
                Outcome::Passed => "holds",
                Outcome::Failed(_) => "fails",
                Outcome::NotChecked(_) => "not-checked",
                Outcome::Noticed(_) => "noticed",
            };
            let reason = outcome.reason().map(|reason| reason.code());
            assert_eq!((word, reason), (&*good.outcome, good.reason.as_deref()), "{name}");
            let shown = format!("{certificate:?}");
            assert!(shown.len() < 80, "{name}: it shows more than its issuer: {shown}");
        }
        (evidence, _) => panic!("{name}: read as {}", evidence.kind()),
    }
}

#[derive(Deserialize)]
struct Signers {
    cases: Vec<SignerCase>,
}

#[derive(Deserialize)]
struct SignerCase {
    name: String,
    certificate: String,
    error: Option<String>,
    key_id: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    signs: Option<Vec<StatementKind>>,
}

#[test]
fn signers_by_their_certificates() {
    let file = include_str!("../../../tests/vectors/certificate/signers.json");
    for case in serde_json::from_str::<Signers>(file).unwrap().cases {
        let der = STANDARD.decode(&case.certificate).unwrap();
        match Signer::european("UT", &der) {
            Err(error) => assert_eq!(Some(error.to_string()), case.error, "{}", case.name),
            Ok(signer) => {
                let dates = (signer.from, signer.until);
                assert_eq!(dates, (case.from, case.until), "{}", case.name);
                assert_eq!(Some(signer.key_id), case.key_id, "{}", case.name);
                assert_eq!(Some(signer.signs), case.signs, "{}", case.name);
            }
        }
    }
}

#[test]
fn health_cards() {
    check(include_str!("../../../tests/vectors/certificate/shc.json"), 35);
}

#[test]
fn passes_of_new_zealand() {
    check(include_str!("../../../tests/vectors/certificate/nzcp.json"), 20);
}

#[test]
fn seals_of_icao() {
    check(include_str!("../../../tests/vectors/certificate/vds-nc.json"), 30);
}

#[test]
fn european_certificates() {
    check(include_str!("../../../tests/vectors/certificate/dcc.json"), 60);
}
