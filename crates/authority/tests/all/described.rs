//! Every answer that a test gets must be one that the description of the interface has: the
//! status, the code of an error, and the shape of the body.

use std::sync::OnceLock;

use reqwest::Method;
use serde_json::{Map, Value};
use yanma_authority::http;

use crate::world::Answer;

/// Checks an answer to `method` and `path` (which may have a query).
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    if !path.starts_with("/v1/") {
        return;
    }
    let Some(item) = item(path) else {
        return assert_eq!(answer.status, 404, "{path} is not described");
    };
    let Some(operation) = item.get(&method.as_str().to_lowercase()) else {
        return assert_eq!(answer.status, 405, "{method} {path} is not described");
    };
    let status = answer.status.to_string();
    let response = &operation["responses"][&status];
    assert!(response.is_object(), "{method} {path} → {status} {} is not described", answer.body);
    let response = resolved(response);
    let declared = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = declared.and_then(|kind| kind.split(';').next());
    let Some(kind) = kind else {
        return assert!(response.get("content").is_none(), "{method} {path} → {status}, no body");
    };
    let schema = &response["content"][kind]["schema"];
    assert!(schema.is_object(), "{method} {path} → {status} as {kind} is not described");
    if kind == "application/json"
        && let Err(misfit) = fits(&answer.body, schema)
    {
        panic!("{method} {path} → {status}: {misfit}\n{:#}", answer.body);
    }
}

pub(crate) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(http::openapi()).unwrap())
}

/// What is described for a path: one that is written out comes before one with a place in it.
fn item(path: &str) -> Option<&'static Map<String, Value>> {
    let paths = document()["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let (parts, places) = (path.split('/'), template.split('/'));
        parts.clone().count() == places.clone().count()
            && parts.zip(places).all(|(part, place)| part == place || place.starts_with('{'))
    };
    let found = paths
        .get(path)
        .or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, item)| item));
    found.map(|item| item.as_object().unwrap())
}

fn resolved_text(reference: &Value) -> &'static Value {
    document().pointer(reference.as_str().unwrap().strip_prefix('#').unwrap()).unwrap()
}

pub(crate) fn resolved(value: &'static Value) -> &'static Value {
    value.get("$ref").map_or(value, resolved_text)
}

/// Whether a value is of a schema, for the words of JSON schema that the document uses; on
/// another word it fails, so that none is passed over. Patterns and formats are not
/// looked at.
fn fits(value: &Value, schema: &'static Value) -> Result<(), String> {
    let Value::Object(schema) = schema else {
        return if *schema == Value::Bool(false) { Err("nothing fits".into()) } else { Ok(()) };
    };
    for (word, of) in schema {
        let holds = match word.as_str() {
            "$ref" => fits(value, resolved_text(of)).is_ok(),
            "type" => match of {
                Value::Array(types) => types.iter().any(|kind| is(value, kind)),
                kind => is(value, kind),
            },
            "enum" => of.as_array().unwrap().contains(value),
            "const" => of == value,
            "allOf" => of.as_array().unwrap().iter().all(|each| fits(value, each).is_ok()),
            "anyOf" => of.as_array().unwrap().iter().any(|each| fits(value, each).is_ok()),
            "oneOf" => {
                of.as_array().unwrap().iter().filter(|each| fits(value, each).is_ok()).count() == 1
            }
            "minimum" => value.as_f64().is_none_or(|number| number >= of.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= of.as_f64().unwrap()),
            "minLength" => chars(value).is_none_or(|chars| chars >= of.as_u64().unwrap()),
            "maxLength" => chars(value).is_none_or(|chars| chars <= of.as_u64().unwrap()),
            "minItems" => items(value).is_none_or(|items| items >= of.as_u64().unwrap()),
            "maxItems" => items(value).is_none_or(|items| items <= of.as_u64().unwrap()),
            "required" => value.as_object().is_none_or(|object| {
                of.as_array()
                    .unwrap()
                    .iter()
                    .all(|name| object.contains_key(name.as_str().unwrap()))
            }),
            "properties" | "items" | "additionalProperties" | "unevaluatedProperties" => true,
            "description" | "title" | "default" | "examples" | "format" | "pattern"
            | "contentEncoding" | "contentMediaType" => true,
            other => panic!("this test does not know {other}"),
        };
        if !holds {
            return Err(format!("{word} {of} does not hold for {value}"));
        }
    }
    if let Value::Array(values) = value
        && let Some(of) = schema.get("items")
    {
        values.iter().enumerate().try_for_each(|(at, value)| inside(&at.to_string(), value, of))?;
    }
    let Value::Object(object) = value else { return Ok(()) };
    let known = schema.get("properties").and_then(Value::as_object);
    for (name, value) in object {
        match known.and_then(|known| known.get(name)).or(schema.get("additionalProperties")) {
            Some(of) => inside(name, value, of)?,
            // An answer may be a part of several schemas; a word that nobody knows is seen in
            // the one that names the words.
            None if known.is_some() && !schema.contains_key("$ref") && strict(schema) => {
                return Err(format!("{name} is not described"));
            }
            None => {}
        }
    }
    Ok(())
}

/// Whether a schema stands for the whole object, so that what it does not name is too much.
fn strict(schema: &Map<String, Value>) -> bool {
    schema.contains_key("type")
        && !["allOf", "anyOf", "oneOf"].iter().any(|word| schema.contains_key(*word))
}

fn inside(name: &str, value: &Value, schema: &'static Value) -> Result<(), String> {
    fits(value, schema).map_err(|misfit| format!("{name}: {misfit}"))
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}

fn chars(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn items(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}
