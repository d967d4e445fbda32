//! Rules of European states: what a certificate must satisfy to be accepted.
//!
//! They come as the European gateway hands them out (eHealth Network, "European Digital
//! COVID Certificate Validation Rules"), in the language of [`super::certlogic`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Certificate, CertificateTrust, Format, Statement, StatementKind, certlogic};
use crate::reason::Reason;
use crate::verdict::Outcome;

/// One rule. Descriptions and the like are dropped when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    /// Its name, such as `VR-AT-0001`.
    pub identifier: String,
    /// What it is for.
    #[serde(rename = "Type")]
    pub kind: RuleKind,
    /// The country that made it, in two letters.
    pub country: String,
    /// Its version, such as `1.0.2`: of one name the newest counts.
    pub version: String,
    /// The language it is written in: `CERTLOGIC`.
    pub engine: String,
    /// What certificates it is for: `General`, `Vaccination`, `Test` or `Recovery`.
    pub certificate_type: String,
    /// First instant at which it applies.
    pub valid_from: Timestamp,
    /// Last instant at which it applies.
    pub valid_to: Timestamp,
    /// The rule itself: a certificate that satisfies it makes it true.
    pub logic: Value,
}

/// What a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleKind {
    /// The country of arrival says what it accepts.
    Acceptance,
    /// The country of issue says what no longer counts.
    Invalidation,
}

/// Holds a certificate against the rules that apply to it.
pub(super) fn check(
    certificate: &Certificate,
    trust: &CertificateTrust,
    now: Timestamp,
) -> Result<(), Outcome> {
    let (Format::EuDcc, Some(country)) = (certificate.format, &trust.rules_of) else {
        return Ok(());
    };
    let applies = |rule: &&Rule| {
        let whose = match rule.kind {
            RuleKind::Acceptance => country,
            RuleKind::Invalidation => &certificate.issuer,
        };
        rule.country == *whose
            && (rule.valid_from..=rule.valid_to).contains(&now)
            && certificate.statements.iter().any(|said| is_for(rule, said))
    };
    let rules: Vec<_> = trust.rules.iter().filter(applies).collect();
    if rules.is_empty() {
        return Ok(());
    }
    let data = data(certificate, trust, country, now);
    let mut open = false;
    for rule in &rules {
        let newer = |other: &&Rule| version(other) > version(rule);
        if rules.iter().any(|other| other.identifier == rule.identifier && newer(other)) {
            continue;
        }
        let holds = (rule.engine == "CERTLOGIC")
            .then(|| certlogic::evaluate(&rule.logic, &data).ok())
            .flatten();
        match holds {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                return Err(Outcome::Failed(Reason::CertificateRules));
            }
            _ => open = true,
        }
    }
    if open { Err(Outcome::NotChecked(Some(Reason::CertificateRulesOpen))) } else { Ok(()) }
}

fn is_for(rule: &Rule, said: &Statement) -> bool {
    match said.kind() {
        _ if rule.certificate_type == "General" => true,
        StatementKind::Vaccination => rule.certificate_type == "Vaccination",
        StatementKind::Test => rule.certificate_type == "Test",
        StatementKind::Recovery => rule.certificate_type == "Recovery",
        StatementKind::Pass => false,
    }
}

fn version(rule: &Rule) -> Vec<u64> {
    rule.version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

/// What rules see: the certificate, and what is around it.
fn data(
    certificate: &Certificate,
    trust: &CertificateTrust,
    country: &str,
    now: Timestamp,
) -> Value {
    json!({
        "payload": certificate.content,
        "external": {
            "validationClock": now.to_string(),
            "valueSets": trust.value_sets,
            "countryCode": country,
            "issuerCountryCode": certificate.issuer,
            "iat": certificate.valid_from.map(|from| from.to_string()),
            "exp": certificate.valid_until.map(|until| until.to_string()),
            "kid": certificate.key(),
        },
    })
}
