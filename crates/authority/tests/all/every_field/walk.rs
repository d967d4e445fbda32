//! Everything that can be wrong in a request, from what its schema says.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::CANARY;
use crate::described::resolved;

/// A change to a good body that makes it a bad one.
pub(super) struct Bad {
    /// Where, as a JSON pointer.
    pub(super) at: String,
    /// What stands there instead; nothing when it is taken away.
    pub(super) put: Option<Value>,
    /// The field that the answer may name: it, or the alternative that it is inside of.
    pub(super) names: Vec<String>,
}

/// What a schema says of one value, with what it refers to put together.
#[derive(Default)]
struct Said {
    kinds: BTreeSet<&'static str>,
    /// The words that it may be.
    words: Vec<&'static Value>,
    limits: Map<String, Value>,
    fields: Vec<(&'static str, Vec<&'static Value>)>,
    required: BTreeSet<&'static str>,
    items: Option<&'static Value>,
    /// Whether a field tells which of several forms it has.
    has_tag: bool,
    /// Whether it has one of several fields.
    is_one_of: bool,
}

impl Said {
    fn of(schemas: &[&'static Value], value: &Value) -> Self {
        let mut said = Self::default();
        schemas.iter().for_each(|schema| said.add(schema, value));
        said
    }

    fn add(&mut self, schema: &'static Value, value: &Value) {
        if schema.get("$ref").is_some() {
            self.add(resolved(schema), value);
        }
        let Some(schema) = schema.as_object() else { return };
        match schema.get("type") {
            Some(Value::String(kind)) => drop(self.kinds.insert(kind)),
            Some(Value::Array(kinds)) => {
                self.kinds.extend(kinds.iter().filter_map(Value::as_str));
            }
            _ => {}
        }
        self.words.extend(schema.get("const"));
        self.words.extend(schema.get("enum").and_then(Value::as_array).into_iter().flatten());
        for word in [
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
        ] {
            if let Some(limit) = schema.get(word) {
                self.limits.insert(word.to_owned(), limit.clone());
            }
        }
        for (name, of) in schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            match self.fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, schemas)) => schemas.push(of),
                None => self.fields.push((name, vec![of])),
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        self.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        self.items = self.items.or(schema.get("items"));
        for all in ["allOf", "anyOf", "oneOf"] {
            let of = schema.get(all).and_then(Value::as_array).into_iter().flatten();
            let forms: Vec<_> = of.map(|form| (form, resolved(form))).collect();
            let is_object = |form: &Value| form["type"] == "object";
            let several = forms.iter().filter(|(_, form)| is_object(form)).count() > 1;
            for (form, plain) in forms {
                if several && !is_of(plain, value) {
                    continue;
                }
                if several {
                    let tag = |field: &Value| field.get("const").is_some();
                    let fields = plain["properties"].as_object();
                    self.has_tag |= fields.is_some_and(|fields| fields.values().any(tag));
                    self.is_one_of = !self.has_tag;
                }
                self.add(form, value);
            }
        }
    }

    fn limit(&self, word: &str) -> Option<i64> {
        self.limits.get(word).and_then(Value::as_i64)
    }
}

/// Whether a value is of this one of several forms.
fn is_of(form: &Value, value: &Value) -> bool {
    form["properties"].as_object().is_some_and(|fields| {
        let required = form["required"].as_array().unwrap();
        required.iter().all(|name| value.get(name.as_str().unwrap()).is_some())
            && fields.iter().all(|(name, field)| {
                field.get("const").is_none_or(|tag| value.get(name) == Some(tag))
            })
    })
}

/// Everything that can be wrong at a field and inside it.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) bad: Vec<Bad>,
    /// The fields that were seen, as the answer names them.
    pub(super) seen: BTreeSet<String>,
    /// Fields that this request has not: another one of its kind has them.
    pub(super) left_out: BTreeSet<String>,
    /// Texts and lists that may be as long as they like.
    pub(super) unlimited: Vec<String>,
}

impl Walk {
    pub(super) fn field(
        &mut self,
        schemas: &[&'static Value],
        value: &Value,
        at: &str,
        names: &[String],
    ) {
        let said = Said::of(schemas, value);
        let name = names[0].clone();
        self.seen.insert(name.clone());
        let mut put = |value: Value| {
            self.bad.push(Bad { at: at.to_owned(), put: Some(value), names: names.to_vec() });
        };
        if said.kinds.is_empty() && said.words.is_empty() && said.fields.is_empty() {
            return; // Anything: the scheme of rules has a reader and tests of its own.
        }
        if !said.kinds.contains("null") {
            put(Value::Null);
        }
        let is = |kind| said.kinds.contains(kind);
        let is_text = is("string") || !said.words.is_empty();
        if !is_text {
            put(json!(CANARY));
        }
        if !is("integer") {
            put(json!(0));
        }
        if !is("boolean") {
            put(json!(true));
        }
        if !is("array") {
            put(json!([CANARY]));
            put(json!([value]));
        }
        if !is("object") && said.fields.is_empty() {
            put(json!({CANARY: CANARY}));
        }
        if !said.words.is_empty() {
            put(json!(CANARY));
            put(json!(""));
        } else if is_text {
            let most = said.limit("maxLength");
            let has_limit = most.is_some()
                || ["pattern", "format"].iter().any(|word| said.limits.contains_key(*word));
            if has_limit {
                put(json!(format!("{CANARY}{}", "x".repeat(most.unwrap_or(5_000) as usize))));
            } else {
                self.unlimited.push(name.clone());
            }
            let mut put = |value: Value| {
                self.bad.push(Bad { at: at.to_owned(), put: Some(value), names: names.to_vec() });
            };
            let pattern = said.limits.get("pattern").and_then(Value::as_str).unwrap_or("");
            let may_be_empty = said.limit("minLength").is_none_or(|least| least == 0)
                && (pattern.is_empty() || pattern.ends_with("*$"))
                && !said.limits.contains_key("format");
            if !may_be_empty {
                put(json!(""));
            }
            if pattern.contains("u0000") {
                put(json!(format!("{CANARY}\u{7}{CANARY}")));
                put(json!(format!("{CANARY}\u{0}{CANARY}")));
            } else if !pattern.is_empty() && !pattern.contains("\\S") {
                put(json!(format!("{CANARY}—")));
            }
            if said.limits.contains_key("format") && said.limits["format"] != "password" {
                put(json!(CANARY));
            }
        } else if is("integer") {
            put(json!(1.5));
            put(json!(1e300));
            put(json!(said.limit("minimum").unwrap() - 1));
            put(json!(said.limit("maximum").map_or(1u64 << 63, |most| most as u64 + 1)));
        }
        if let (Some(of), Value::Array(items)) = (said.items, value) {
            match said.limit("maxItems") {
                Some(most) => put_many(self, at, names, &items[0], most as usize + 1),
                None => self.unlimited.push(name.clone()),
            }
            if said.limit("minItems").is_some_and(|least| least > 0) {
                put_many(self, at, names, &items[0], 0);
            }
            let inside: Vec<_> = names.iter().map(|name| format!("{name}[0]")).collect();
            let inside = [inside, names.to_vec()].concat();
            self.field(&[of], &items[0], &format!("{at}/0"), &inside);
        }
        if said.fields.is_empty() {
            return;
        }
        let object = value.as_object().unwrap_or_else(|| panic!("{name} is an object"));
        let values: Vec<_> = object.values().cloned().collect();
        let unknown =
            Bad { at: format!("{at}/{CANARY}"), put: Some(json!(CANARY)), names: names.to_vec() };
        let listed =
            Bad { at: at.to_owned(), put: Some(Value::Array(values)), names: names.to_vec() };
        self.bad.extend([unknown, listed]);
        for (field, schemas) in &said.fields {
            let own = if at.is_empty() { (*field).to_owned() } else { format!("{name}.{field}") };
            let Some(value) = object.get(*field) else {
                assert!(!said.required.contains(field), "{name} has no {field}");
                self.left_out.insert(own);
                continue;
            };
            let at = format!("{at}/{field}");
            // Of what is inside a tagged form, and of a field by which one of several is chosen,
            // the whole is named.
            let mut inside = vec![own];
            if said.has_tag {
                inside.extend_from_slice(names);
            }
            if said.required.contains(field) {
                let mut names_missing = inside.clone();
                if said.is_one_of {
                    names_missing.extend_from_slice(names);
                }
                self.bad.push(Bad { at: at.clone(), put: None, names: names_missing });
            }
            self.field(schemas, value, &at, &inside);
        }
    }
}

fn put_many(walk: &mut Walk, at: &str, names: &[String], item: &Value, count: usize) {
    let items = vec![item.clone(); count];
    let put = Some(Value::Array(items));
    walk.bad.push(Bad { at: at.to_owned(), put, names: names.to_vec() });
}

/// A good body made bad.
pub(super) fn changed(good: &Value, bad: &Bad) -> Value {
    let Some((parent, name)) = bad.at.rsplit_once('/') else {
        return bad.put.clone().unwrap();
    };
    let mut body = good.clone();
    match (body.pointer_mut(parent).unwrap(), &bad.put) {
        (Value::Array(items), Some(value)) => {
            items[name.parse::<usize>().unwrap()] = value.clone();
        }
        (Value::Object(object), Some(value)) => {
            drop(object.insert(name.to_owned(), value.clone()));
        }
        (Value::Object(object), None) => drop(object.remove(name)),
        _ => panic!("{}", bad.at),
    }
    body
}
