//! What was answered, from the report of a run: a run in which everybody was turned away at the
//! door would find no fault either.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::callers::Caller;
use super::description::Operation;

/// How often each status was answered, by the label of the operation.
#[derive(Debug, Default)]
pub(super) struct Answers {
    by_operation: BTreeMap<String, BTreeMap<u64, u64>>,
}

impl Answers {
    /// Reads a report, which has an event on each line.
    pub(super) fn read(report: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(report).context("the report of schemathesis")?;
        let mut answers = Self::default();
        for line in text.lines() {
            answers.take_in(&serde_json::from_str(line)?);
        }
        Ok(answers)
    }

    fn take_in(&mut self, event: &Value) {
        let recorder = &event["ScenarioFinished"]["recorder"];
        let Some(label) = recorder["label"].as_str() else { return };
        for interaction in recorder["interactions"].as_object().into_iter().flatten() {
            if let Some(status) = interaction.1["response"]["status_code"].as_u64() {
                let statuses = self.by_operation.entry(label.to_owned()).or_default();
                *statuses.entry(status).or_default() += 1;
            }
        }
    }

    /// All of them.
    pub(super) fn count(&self) -> u64 {
        self.by_operation.values().flat_map(BTreeMap::values).sum()
    }

    /// Where somebody never succeeded with what they may do, and where with what they may not.
    pub(super) fn unlike(
        &self,
        caller: Caller,
        operations: &[Operation],
        examples: &Value,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for operation in operations {
            let statuses: BTreeSet<u64> = self
                .by_operation
                .get(&operation.label())
                .into_iter()
                .flat_map(BTreeMap::keys)
                .copied()
                .collect();
            let succeeded = statuses.iter().any(|status| (200..300).contains(status));
            let expected = caller.may(operation) && !never(&examples[&operation.id], caller);
            if succeeded && !caller.may(operation) {
                wrong.push(format!("{} was done", operation.id));
            } else if !succeeded && expected {
                wrong.push(format!("{} never succeeded, only {statuses:?}", operation.id));
            } else if succeeded && !expected {
                wrong.push(format!("{} succeeded, and is said not to", operation.id));
            }
        }
        wrong
    }
}

/// Whether it is said with a reason that this caller never succeeds; for each caller by name, or
/// for all at once.
fn never(example: &Value, caller: Caller) -> bool {
    match &example["never"] {
        Value::String(_) => true,
        callers => callers.get(caller.name()).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn operation(roles: Option<&str>) -> Operation {
        Operation {
            id: "a.write".to_owned(),
            path: "/a".to_owned(),
            method: "post".to_owned(),
            schemes: vec!["clerk".to_owned()],
            roles: roles.map(|role| vec![role.to_owned()]),
        }
    }

    fn check(statuses: &[u64], roles: Option<&str>, examples: &Value, expected: bool) {
        let mut answers = Answers::default();
        for (place, status) in statuses.iter().enumerate() {
            answers.take_in(&json!({"ScenarioFinished": {"recorder": {
                "label": "POST /a",
                "interactions": {place.to_string(): {"response": {"status_code": status}}},
            }}}));
        }
        assert_eq!(answers.count(), statuses.len() as u64);
        let wrong = answers.unlike(Caller::Official("clerk"), &[operation(roles)], examples);
        assert_eq!(wrong.is_empty(), expected, "{statuses:?} {roles:?} {examples} {wrong:?}");
    }

    #[test]
    fn whoever_may_succeeds_and_nobody_else() {
        let (none, all) = (json!({}), json!({"a.write": {"never": "no service"}}));
        let one = json!({"a.write": {"never": {"clerk": "no app"}}});
        let other = json!({"a.write": {"never": {"auditor": "no app"}}});
        check(&[400, 201], None, &none, true);
        check(&[400, 201], Some("clerk"), &none, true);
        check(&[400, 403], Some("clerk"), &none, false);
        check(&[], Some("clerk"), &none, false);
        check(&[400, 403], Some("auditor"), &none, true);
        check(&[200, 403], Some("auditor"), &none, false);
        check(&[400], None, &all, true);
        check(&[400], None, &one, true);
        check(&[400], None, &other, false);
        check(&[200], None, &one, false);
    }
}
