//! What `yanma read` says of a foreign certificate: what it claims, and whether that holds.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use yanma_station::domain::certificate::{Certificate, CertificateTrust, Statement};
use yanma_station::domain::verdict::Outcome;

use crate::output::{self, Language};

/// What certificates are held against.
pub(crate) struct Against {
    trust: CertificateTrust,
    at: Timestamp,
    language: Language,
}

impl Against {
    /// Reads the trust data; there is none without a file.
    pub(crate) fn load(
        file: Option<&Path>,
        at: Timestamp,
        language: Language,
    ) -> anyhow::Result<Self> {
        let trust = match file {
            None => CertificateTrust::default(),
            Some(path) => {
                let text = std::fs::read(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                serde_json::from_slice(&text)
                    .with_context(|| format!("{} is no trust data", path.display()))?
            }
        };
        Ok(Self { trust, at, language })
    }
}

/// What it claims, masked, and what checking came to.
pub(crate) fn report(certificate: &Certificate, against: &Against) -> Value {
    let outcome = certificate.check(&against.trust, against.at);
    json!({
        "format": certificate.format,
        "issuer": certificate.issuer,
        "key": certificate.key(),
        "name": certificate.subject.name.as_ref().map(|name| name.mask()),
        "birth_year": certificate.subject.birth.map(|birth| birth.year),
        "valid_from": certificate.valid_from,
        "valid_until": certificate.valid_until,
        "says": certificate.statements.iter().map(statement).collect::<Vec<_>>(),
        "checked": word_of(outcome),
        "reason": outcome.reason().map(|reason| reason.code()),
    })
}

/// What checking came to, in a word.
pub(crate) const fn word_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed | Outcome::Noticed(_) => "holds",
        Outcome::Failed(_) => "does not hold",
        Outcome::NotChecked(_) => "could not be checked",
    }
}

/// Why something does not hold or could not be checked, and what to do next.
pub(crate) fn problem_of(outcome: Outcome, language: Language) -> Option<String> {
    let code = outcome.reason()?.code();
    let words = output::words_of(code, language);
    Some(
        words.map_or_else(
            || code.to_owned(),
            |words| format!("{code}: {} {}", words.title, words.next),
        ),
    )
}

/// Why it does not hold or could not be checked, and what to do next.
pub(crate) fn problems(certificate: &Certificate, against: &Against) -> Vec<String> {
    let mut problems = vec!["supporting evidence only: it is no health code".to_owned()];
    problems.extend(problem_of(certificate.check(&against.trust, against.at), against.language));
    problems
}

fn statement(said: &Statement) -> Value {
    match said {
        Statement::Vaccination { dose, of, on } => json!({
            "kind": said.kind(), "dose": dose, "of": of, "on": on.map(|on| on.to_string()),
        }),
        Statement::Test { result, at } => json!({
            "kind": said.kind(), "result": result, "at": at,
        }),
        Statement::Recovery { first_positive, until } => json!({
            "kind": said.kind(),
            "first_positive": first_positive.map(|on| on.to_string()),
            "until": until.map(|until| until.to_string()),
        }),
        Statement::Pass => json!({ "kind": said.kind() }),
    }
}
