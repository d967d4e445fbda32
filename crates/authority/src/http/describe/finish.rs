//! Makes one document of what the routes said: named types once, equal refusals once, keys in
//! one order.

use std::collections::{BTreeMap, BTreeSet};

use aide::openapi::OpenApi;
use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";
const RESPONSES: &str = "#/components/responses/";

/// The document as text, with the named types of answers in it.
pub(super) fn finish(document: &OpenApi, mut answers: Map<String, Value>) -> String {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let questions = object(&mut document["components"]["schemas"]);
    questions.values_mut().for_each(close);
    for name in different(questions, &answers) {
        let new = format!("{name}Answer");
        let moved = answers.remove(&name).unwrap_or_default();
        answers.insert(new.clone(), moved);
        answers.values_mut().for_each(|schema| rename(schema, &name, &new));
        for_each_response(&mut document, |_, response| rename(response, &name, &new));
    }
    object(&mut document["components"]["schemas"]).extend(answers);
    refusals_once(&mut document);
    tidy(&mut document);
    let mut text = serde_json::to_string_pretty(&sorted(document)).unwrap_or_default();
    text.push('\n');
    text
}

/// No structure that is asked with takes a field that it does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            let is_object = object.get("type").is_some_and(|kind| kind == "object");
            if is_object && object.contains_key("properties") {
                object.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(object) => object,
        _ => unreachable!("it was made one"),
    }
}

/// The names that stand for one thing in a question and for another in an answer: those whose
/// own schema differs, and those that lead to one.
fn different(questions: &Map<String, Value>, answers: &Map<String, Value>) -> BTreeSet<String> {
    let both =
        answers.iter().filter_map(|(name, answer)| Some((name, answer, questions.get(name)?)));
    let both: Vec<_> = both.collect();
    let mut different: BTreeSet<String> = BTreeSet::new();
    loop {
        let before = different.len();
        for (name, answer, question) in &both {
            if answer != question || different.iter().any(|other| leads_to(answer, other)) {
                different.insert((*name).clone());
            }
        }
        if different.len() == before {
            return different;
        }
    }
}

fn leads_to(schema: &Value, name: &str) -> bool {
    match schema {
        Value::Object(object) => object.iter().any(|(key, value)| {
            (key == "$ref" && value.as_str() == Some(&format!("{SCHEMAS}{name}")))
                || leads_to(value, name)
        }),
        Value::Array(items) => items.iter().any(|item| leads_to(item, name)),
        _ => false,
    }
}

fn rename(schema: &mut Value, from: &str, to: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                if key == "$ref" && value.as_str() == Some(&format!("{SCHEMAS}{from}")) {
                    *value = Value::from(format!("{SCHEMAS}{to}"));
                } else {
                    rename(value, from, to);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, from, to)),
        _ => {}
    }
}

/// Calls `each` with the status and the answer, for every answer of every operation.
fn for_each_response(document: &mut Value, mut each: impl FnMut(&str, &mut Value)) {
    let paths = object(&mut document["paths"]).values_mut();
    for operation in paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            for (status, response) in responses {
                each(status, response);
            }
        }
    }
}

/// Equal refusals become one, named by status and codes.
fn refusals_once(document: &mut Value) {
    let mut named = Map::new();
    for_each_response(document, |status, response| {
        if !status.starts_with(['4', '5']) {
            return;
        }
        let codes = response["description"].as_str().unwrap_or_default();
        let name = format!("{status}.{}", codes.replace('`', "").replace(", ", "."));
        let reference = json!({"$ref": format!("{RESPONSES}{name}")});
        named.insert(name, std::mem::replace(response, reference));
    });
    document["components"]["responses"] = Value::Object(named);
}

/// Says how large a number can be where the format alone says it, takes the marks of Rust's
/// documentation out of descriptions, and leaves out what is the default.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let most = match object.get("format").and_then(Value::as_str) {
                Some("uint32") => Some(json!(u32::MAX)),
                _ => None,
            };
            if let Some(most) = most {
                object.entry("maximum").or_insert(most);
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = plain(text);
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// `` [`a`](b) `` and `` [`a`] `` become `` `a` ``.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once(']') {
            Some((name, after)) if name.starts_with('`') => {
                out.push_str(name.trim_start_matches("`crate::"));
                rest = match after.strip_prefix('(').and_then(|link| link.split_once(')')) {
                    Some((_, after)) => after,
                    None => after,
                };
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<_, _> =
                object.into_iter().map(|(key, value)| (key, self::sorted(value))).collect();
            sorted.into_iter().collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}
