use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::text;

fn document() -> Value {
    serde_json::from_str(text()).unwrap()
}

/// Path, method and operation of each.
fn operations() -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    operations
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!found.is_empty(), "{}", folder.display());
    found
}

#[test]
fn the_committed_document_is_what_the_handlers_say() {
    let committed = fs::read_to_string(here().join("../../docs/openapi.json")).unwrap_or_default();
    assert!(
        committed.replace("\r\n", "\n") == text(),
        "docs/openapi.json is stale: cargo run -p yanma-authority -- openapi > docs/openapi.json"
    );
}

#[test]
fn every_path_of_the_protocol_is_described() {
    let described: BTreeSet<_> = operations().into_iter().map(|(path, ..)| path).collect();
    let mut seen = 0;
    for (file, text) in sources(&here().join("../protocol/src")) {
        let constants = text.lines().filter_map(|line| line.trim().strip_prefix("pub const "));
        for constant in constants {
            let Some((name, path)) = constant.split_once("_PATH: &str = \"") else { continue };
            let path = path.trim_end_matches("\";");
            seen += 1;
            assert!(
                described.iter().any(|known| {
                    known == path
                        || path.ends_with('/')
                            && known.strip_prefix(path).is_some_and(|rest| rest.starts_with('{'))
                }),
                "{name}_PATH of {} is not in the description: {path}",
                file.display()
            );
        }
    }
    assert!(seen > 30, "only {seen} paths were found; are they written otherwise now?");
}

#[test]
fn no_route_is_added_past_the_description() {
    for (file, text) in sources(&here().join("src/http")) {
        if file.components().any(|part| part.as_os_str() == "describe") {
            continue;
        }
        for past in ["axum::routing", ".route(", ".route_service(", ".nest(", "ApiRouter"] {
            assert!(!text.contains(past), "{} has {past}; use Routes", file.display());
        }
        assert!(
            !text.contains(".may(Right::"),
            "{}: say the right in the signature, Official<needed::…>",
            file.display()
        );
    }
}

#[test]
fn every_operation_says_what_a_caller_needs() {
    let document = document();
    let tags: BTreeSet<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].clone().to_string())
        .collect();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let mut ids = BTreeSet::new();
    let mut open = BTreeSet::new();
    for (path, method, operation) in operations() {
        let name = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name}");
        assert!(tags.contains(&operation["tags"][0].to_string()), "{name}");
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert!(statuses.iter().any(|status| status.starts_with('2')), "{name}: {statuses:?}");
        for always in ["400", "500", "503"] {
            assert!(statuses.iter().any(|status| *status == always), "{name}: {statuses:?}");
        }
        if operation.get("requestBody").is_some() {
            for with_body in ["413", "415"] {
                assert!(statuses.iter().any(|status| *status == with_body), "{name}: {statuses:?}");
            }
        }
        let security = operation.get("security").and_then(Value::as_array);
        for scheme in security.into_iter().flatten() {
            for used in scheme.as_object().unwrap().keys() {
                assert!(schemes.contains_key(used), "{name}: {used}");
            }
        }
        if security.is_none() {
            open.insert(name.clone());
        }
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let named: BTreeSet<_> = parameters
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        let places: BTreeSet<_> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(str::to_owned)
            .collect();
        assert_eq!(places, named, "{name}");
    }
    let expected = [
        "get /v1/feeds/files/{name}",
        "get /v1/feeds/regions/{number}/files/{name}",
        "get /v1/feeds/regions/{number}/head",
        "get /v1/health",
        "get /v1/openapi.json",
        "post /v1/accounts/login",
        "post /v1/accounts/register",
        "post /v1/stations/enrol",
    ];
    assert_eq!(open, expected.map(str::to_owned).into(), "these are asked without a token");
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(value: &Value, document: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                }
                object.values().for_each(|value| check(value, document));
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, document)),
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
}

#[test]
fn one_name_is_one_type() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
        assert!(
            plain == name || !schemas.contains_key(plain),
            "two types are called {plain}: rename one for the schema"
        );
    }
}

#[test]
fn each_service_of_the_standard_has_its_place() {
    let document = document();
    let table = document["x-gbt-38963"].as_array().unwrap();
    assert_eq!(table.len(), 7);
    for service in table {
        let clause = &service["clause"];
        assert!(
            operations()
                .iter()
                .any(|(.., operation)| operation["x-gbt-38963"]["clause"] == *clause),
            "no path stands for {service}"
        );
    }
}

/// What a reader of the description has no source to look up.
#[test]
fn no_constant_of_the_source_is_named_in_the_description() {
    fn look(value: &Value, place: &str, seen: &mut u32) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    look(value, &format!("{place}/{name}"), seen);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| look(value, place, seen)),
            Value::String(text) if place.ends_with("/description") => {
                *seen += 1;
                let constant = text.split('`').skip(1).step_by(2).find(|quoted| {
                    quoted.len() > 2
                        && quoted.contains('_')
                        && quoted.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                });
                assert_eq!(constant, None, "{place} names it; say what it is");
            }
            _ => {}
        }
    }
    let mut seen = 0;
    look(&document(), "", &mut seen);
    assert!(seen > 300, "only {seen} descriptions were found; are they written otherwise now?");
}
