//! A verdict on standard output.

use serde::Serialize;
use uuid::Uuid;
use yanma_station::domain::verdict::{Check, Decision, Outcome, Subject};
use yanma_station::lists::Expectation;
use yanma_station::{Checked, Desk};

use crate::output::{self, Language, words_of};

#[derive(Serialize)]
struct Answer {
    verdict: Decision,
    reasons: Vec<&'static str>,
    not_checked: Vec<&'static str>,
    colour: Option<&'static str>,
    subject: Subject,
    basis: BasisOut,
    entry: Option<Uuid>,
    /// Whether they are on a list of today; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<ExpectedOut>,
    /// Whether code and document are one person's: `passed` or `failed`; null when there was
    /// nothing to compare.
    identity: Option<&'static str>,
    /// The earlier entry of the same encounter that this one puts right.
    amends: Option<Uuid>,
    methods: Vec<&'static str>,
    ms: f64,
}

#[derive(Serialize)]
struct ExpectedOut {
    /// `expected`, `came-before` or `walk-in`.
    state: &'static str,
    list: Option<String>,
    room: Option<String>,
    nights: Option<u32>,
}

impl ExpectedOut {
    fn of(expectation: Expectation) -> Option<Self> {
        let (state, list, one) = match expectation {
            Expectation::NoList => return None,
            Expectation::WalkIn => ("walk-in", None, None),
            Expectation::Expected(list, one) => ("expected", Some(list), Some(one)),
            Expectation::CameBefore(list, one) => ("came-before", Some(list), Some(one)),
        };
        let (room, nights) = one.map_or((None, None), |one| (one.room, one.nights));
        Some(Self { state, list, room, nights })
    }
}

#[derive(Serialize)]
struct BasisOut {
    online: bool,
    status_epoch: Option<u32>,
    status_sequence: Option<u32>,
    age_seconds: Option<i64>,
    policy: String,
}

fn identity_of(checked: &Checked) -> Option<&'static str> {
    checked.verdict.findings.iter().find_map(|finding| match (finding.check, finding.outcome) {
        (Check::Identity, Outcome::Passed) => Some("passed"),
        (Check::Identity, Outcome::Failed(_)) => Some("failed"),
        _ => None,
    })
}

/// Prints a verdict: one JSON object, or words.
pub(crate) fn show(
    desk: &Desk,
    checked: &Checked,
    json: bool,
    language: Language,
) -> anyhow::Result<()> {
    let verdict = &checked.verdict;
    let not_checked = verdict.findings.iter().filter_map(|finding| match finding.outcome {
        Outcome::NotChecked(reason) => reason.map(|reason| reason.code()),
        _ => None,
    });
    let answer = Answer {
        verdict: verdict.decision,
        reasons: verdict.reasons().iter().map(|reason| reason.code()).collect(),
        not_checked: not_checked.collect(),
        colour: verdict.colour_name(),
        subject: verdict.subject.clone(),
        basis: BasisOut {
            online: verdict.basis.online,
            status_epoch: verdict.basis.status.map(|position| position.epoch),
            status_sequence: verdict.basis.status.map(|position| position.sequence),
            age_seconds: verdict.basis.age_seconds,
            policy: verdict.basis.policy.to_string(),
        },
        entry: checked.recorded.then_some(checked.entry),
        expected: ExpectedOut::of(desk.expectation(checked)?),
        identity: identity_of(checked),
        amends: checked.amends.map(|amends| amends.entry),
        methods: checked.methods.iter().map(|method| method.as_str()).collect(),
        ms: checked.elapsed.as_secs_f64() * 1000.0,
    };
    if json {
        return output::json(&answer);
    }
    let colour = answer.colour.unwrap_or("-");
    output::line(&format!("{}  {colour}", answer.verdict.as_str().to_uppercase()))?;
    for code in &answer.reasons {
        match words_of(code, language) {
            Some(words) => {
                output::line(&format!("  {code:<7} {}", words.title))?;
                output::line(&format!("          → {}", words.next))?;
            }
            None => output::line(&format!("  {code}"))?,
        }
    }
    Ok(())
}
