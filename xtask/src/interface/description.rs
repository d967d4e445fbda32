//! The description that the authority serves, with requests in it that can succeed.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::children::http;
use xtask::demo::DemoAuthority;

use super::callers::Caller;

/// An operation of the interface.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// Its name in the description, such as `citizen.login`.
    pub(super) id: String,
    /// Such as `/v1/accounts/login`.
    pub(super) path: String,
    /// In small letters.
    pub(super) method: String,
    /// What one may call it with, by name; none for whoever likes.
    pub(super) schemes: Vec<String>,
    /// Who may; `None` where that is not a matter of roles.
    pub(super) roles: Option<Vec<String>>,
}

impl Operation {
    /// As reports have it.
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

/// OpenAPI 3.1.
pub(super) struct Description {
    document: Value,
    operations: Vec<Operation>,
}

impl Description {
    /// The one that a running authority serves.
    pub(super) fn served(demo: &DemoAuthority) -> Result<Self> {
        let answer = http(demo.port(), "GET", "/v1/openapi.json", &[], None)?;
        ensure!(answer.status == 200, "the description was answered with {}", answer.status);
        Self::of(serde_json::from_str(&answer.body)?)
    }

    fn of(document: Value) -> Result<Self> {
        let paths = document["paths"].as_object().context("a description has paths")?;
        let mut operations = Vec::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().context("a path has methods")? {
                let names = |list: &Value| {
                    let list = list.as_array()?.iter();
                    Some(list.filter_map(|name| name.as_str().map(str::to_owned)).collect())
                };
                let security = operation["security"].as_array().map(Vec::as_slice);
                let schemes = security.unwrap_or_default().iter().filter_map(Value::as_object);
                operations.push(Operation {
                    id: operation["operationId"].as_str().context("an id")?.to_owned(),
                    path: path.clone(),
                    method: method.clone(),
                    schemes: schemes.flat_map(|scheme| scheme.keys().cloned()).collect(),
                    roles: names(&operation["x-roles"]),
                });
            }
        }
        Ok(Self { document, operations })
    }

    /// Fails where examples are for an operation that there is not.
    pub(super) fn knows_all(&self, examples: &Value) -> Result<()> {
        for id in examples.as_object().context("examples by operation")?.keys() {
            ensure!(
                self.operations.iter().any(|operation| operation.id == *id),
                "tests/interface/examples.json has `{id}`, the description has not"
            );
        }
        Ok(())
    }

    /// What a caller calls.
    pub(super) fn operations_of(&self, caller: Caller) -> Vec<Operation> {
        self.operations.iter().filter(|operation| caller.calls(operation)).cloned().collect()
    }

    /// The description with examples for these operations; `values` stand for the words with a
    /// `$` before them.
    pub(super) fn with(
        &self,
        operations: &[Operation],
        examples: &Value,
        values: &BTreeMap<&'static str, Value>,
    ) -> Result<Value> {
        let mut document = self.document.clone();
        for Operation { id, path, method, .. } in operations {
            filled(&examples[id], values)
                .and_then(|examples| give_examples(&mut document["paths"][path][method], &examples))
                .with_context(|| format!("the examples of {id}"))?;
        }
        Ok(document)
    }
}

fn give_examples(described: &mut Value, examples: &Value) -> Result<()> {
    if let Some(body) = examples.get("body") {
        let content = described.pointer_mut("/requestBody/content/application~1json");
        content.context("no body in JSON is described")?["example"] = body.clone();
    }
    for (name, value) in examples["parameters"].as_object().into_iter().flatten() {
        let mut described = described["parameters"].as_array_mut().into_iter().flatten();
        let parameter = described.find(|parameter| parameter["name"] == *name);
        parameter.with_context(|| format!("no parameter `{name}` is described"))?["example"] =
            value.clone();
    }
    Ok(())
}

/// The same with every word that begins with `$` replaced by what it stands for.
fn filled(example: &Value, values: &BTreeMap<&'static str, Value>) -> Result<Value> {
    Ok(match example {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => match values.get(name) {
                Some(value) => value.clone(),
                None => bail!("nothing is called ${name}"),
            },
            None => example.clone(),
        },
        Value::Array(list) => {
            list.iter().map(|item| filled(item, values)).collect::<Result<_>>()?
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| Ok((name.clone(), filled(value, values)?)));
            Value::Object(fields.collect::<Result<_>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn described() -> Description {
        let document = json!({"openapi": "3.1.0", "paths": {
            "/a": {
                "get": {"operationId": "a.read", "security": [{"clerk": []}, {"console": []}],
                    "x-roles": ["auditor"], "parameters": [{"name": "limit", "in": "query"}]},
                "post": {"operationId": "a.write", "security": [{"session": []}],
                    "requestBody": {"content": {"application/json": {}}}},
            },
            "/b": {"get": {"operationId": "b"}},
        }});
        Description::of(document).unwrap()
    }

    fn check(caller: Caller, expected: &[&str]) {
        let ids: Vec<_> = described().operations_of(caller).into_iter().map(|it| it.id).collect();
        assert_eq!(ids, expected, "{caller:?}");
    }

    #[test]
    fn everybody_calls_what_is_theirs() {
        check(Caller::Citizen, &["a.write", "b"]);
        check(Caller::Official("auditor"), &["a.read"]);
        check(Caller::Official("clerk"), &[]);
        check(Caller::Department, &["a.read"]);
        assert!(!Caller::Department.may(&described().operations[0]), "it is the auditor's");
    }

    #[test]
    fn examples_come_where_they_belong() {
        let described = described();
        let operations = described.operations_of(Caller::Citizen);
        let examples = json!({"a.write": {"body": {"number": "$number", "list": ["x"]}}});
        let values = BTreeMap::from([("number", json!(7))]);
        let document = described.with(&operations, &examples, &values).unwrap();
        let content = &document["paths"]["/a"]["post"]["requestBody"]["content"];
        let body = &content["application/json"]["example"];
        assert_eq!(*body, json!({"number": 7, "list": ["x"]}));
        let nothing = BTreeMap::new();
        assert!(described.with(&operations, &examples, &nothing).is_err(), "$number is unknown");
    }

    #[test]
    fn an_example_of_what_is_not_there_is_told() {
        let described = described();
        assert!(described.knows_all(&json!({"c": {}})).is_err());
        let operations = described.operations_of(Caller::Official("auditor"));
        for examples in
            [json!({"a.read": {"body": 1}}), json!({"a.read": {"parameters": {"n": 1}}})]
        {
            assert!(described.with(&operations, &examples, &BTreeMap::new()).is_err());
        }
    }
}
