//! Every field of every request that has a body, as the description of the interface has it:
//! too long, too short, missing, of another type, a list for an object, a number for a name. The
//! answer names the field and never repeats the value.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use yanma_authority::clerks::Role;
use yanma_authority::limits::Rates;

use crate::authenticator::administrator;
use crate::described::{document, resolved};
use crate::world::{Answer, Caller, World, read};

/// What nobody may find in an answer.
const CANARY: &str = "CANARY";

/// Texts without a limit of their own: what is no code is answered as refused, in its place.
const UNLIMITED: [&str; 1] = ["items[0].code"];

/// Requests as they should be, with every field that there is: path, where it goes, body.
fn samples(policy: &Value, scheme: &Value) -> Vec<(&'static str, &'static str, Value)> {
    let reason = "流调个案";
    let number = json!({"document_type": "resident-id", "number": "350100190001010004"});
    let index = json!({"issuer": 35, "index": 7});
    let id = "01730000-0000-7000-8000-000000000001";
    let other = "01730000-0000-7000-8000-000000000002";
    let at = "2020-07-01T08:00:01Z";
    let member = json!({"member": "0000002a"});
    let because = json!({"reason": reason});
    let origins = [
        json!({"group": "resident"}),
        json!({"group": "other-province", "departure": "420100", "household": "420100",
            "home_code": "HTTPS://A/1"}),
        json!({"group": "abroad", "contact": "13900000000"}),
    ];
    let span = json!({"from": "2020-06-30T00:00:00Z", "until": at, "reason": reason, "limit": 10,
        "after": format!("gate-1~1593590401000~{id}")});
    let family = |from: &Value| {
        json!({"relation": "parent", "document_type": "resident-id", "born": "1900-01-01",
            "number": "350100190001010012", "name": "欧阳样本", "from": from})
    };
    let name = json!({"zh": "一号门", "en": "Gate 1"});
    let mut all = vec![
        ("/v1/accounts/login", "", json!({"phone": "13900000000", "password": "correct horse"})),
        (
            "/v1/accounts/register",
            "",
            json!({"document_type": "resident-id", "number": "350100190001010012",
                "name": "样本", "phone": "13900000009", "password": "correct horse"}),
        ),
        ("/v1/appeals", "", json!({"member": "0000002a", "words": "我没有去过那个地方。"})),
        ("/v1/clerks", "", json!({"name": "gate", "role": "site-manager", "sites": ["gate-1"]})),
        ("/v1/clerks/me/second-factor", "", json!({})),
        ("/v1/clerks/me/second-factor/confirm", "", json!({"code": "000000"})),
        ("/v1/clerks/me/session", "", json!({"code": "000000"})),
        ("/v1/clerks/me/session", "", json!({"recovery_code": "ABCD-EFGH-JKMN"})),
        ("/v1/clerks/{id}/revoke", "999", because.clone()),
        ("/v1/console/appeals/{id}", id, json!({"decision": "declined", "answer": "不变"})),
        ("/v1/enrolments", "", json!({"site": "gate-1", "station_name": "desk", "scene": "hotel"})),
        (
            "/v1/entries",
            "",
            json!({"entries": [{"id": id, "station": "desk-1", "at": at, "scene": "hospital",
                "decision": "admit", "reasons": ["S-EXP"], "colour": "green", "subject": index,
                "document_hash": "0123456789abcdef", "method": ["code"], "action": "none",
                "amends": other, "basis": {"online": true, "status_epoch": 1,
                "status_sequence": 1, "age_seconds": 3, "policy": "hospital/1"}}]}),
        ),
        (
            "/v1/facts",
            "",
            json!({"facts": [{"id": id, "document_type": "resident-id",
                "number": "350100190001010004", "kind": "retraction", "retracts": other,
                "occurred_at": at, "detail": "window 3"}]}),
        ),
        ("/v1/holder/withdraw", "", member.clone()),
        ("/v1/holders/reveal", "", json!({"subject": index, "reason": reason})),
        ("/v1/holders/search", "", json!({"by": {"document": number}, "reason": reason})),
        ("/v1/holders/search", "", json!({"by": {"phone": "13900000000"}, "reason": reason})),
        ("/v1/holders/search", "", json!({"by": {"index": index}, "reason": reason})),
        (
            "/v1/home-colour",
            "",
            json!({"from": 33, "to": 35, "asked_at": at, "key": 1, "sealed": "00",
                "nonce": "00000000000000000000000000000000"}),
        ),
        ("/v1/identity/face", "", json!({"image": "A".repeat(100)})),
        ("/v1/identity/sms", "", json!({})),
        ("/v1/identity/sms/check", "", json!({"code": "123456"})),
        ("/v1/papers", "", member.clone()),
        ("/v1/policies/{id}", "hospital", json!({"policy": policy, "reason": reason})),
        (
            "/v1/regions/{number}",
            "33",
            json!({"name": name, "url": "http://127.0.0.1:9", "reason": reason,
                "root_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}),
        ),
        ("/v1/regions/{number}/remove", "34", because.clone()),
        ("/v1/rules", "", json!({"scheme": scheme, "reason": reason})),
        ("/v1/shows", "", member),
        ("/v1/sites/{id}", "gate-1", json!({"name": name, "scene": "hospital"})),
        (
            "/v1/stations/enrol",
            "",
            json!({"enrolment_code": "0000-0000-0000", "station_name": "desk"}),
        ),
        ("/v1/stations/{id}/revoke", "desk-none", because),
        (
            "/v1/traces/contacts",
            "",
            json!({"who": {"document": number}, "span": span, "within_minutes": 60}),
        ),
        ("/v1/traces/holder", "", json!({"who": {"index": index}, "span": span})),
        ("/v1/traces/site", "", json!({"site": "gate-1", "span": span})),
        ("/v1/verify", "", json!({"items": [{"code": "1"}]})),
        (
            "/v1/verify",
            "",
            json!({"items": [{"document": {"document_type": "resident-id",
                "hash": "0123456789abcdef", "basis": "consent"}}]}),
        ),
    ];
    for from in &origins {
        all.push(("/v1/claims", "", json!({"from": from})));
        all.push(("/v1/family", "", family(from)));
    }
    all
}

/// A change to a good body that makes it a bad one.
struct Bad {
    /// Where, as a JSON pointer.
    at: String,
    /// What stands there instead; nothing when it is taken away.
    put: Option<Value>,
    /// The field that the answer may name: it, or the alternative that it is inside of.
    names: Vec<String>,
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
struct Walk {
    bad: Vec<Bad>,
    /// The fields that were seen, as the answer names them.
    seen: BTreeSet<String>,
    /// Texts and lists that may be as long as they like.
    unlimited: Vec<String>,
}

impl Walk {
    fn field(&mut self, schemas: &[&'static Value], value: &Value, at: &str, names: &[String]) {
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
            let value = object.get(*field).unwrap_or_else(|| panic!("{name} has no {field}"));
            let own = if at.is_empty() { (*field).to_owned() } else { format!("{name}.{field}") };
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

fn changed(good: &Value, bad: &Bad) -> Value {
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

/// Whether an answer that says `said` means the field `name`: its whole path or the end of it.
/// A list in the place of a form with a tag is told by its first item.
fn means(said: &str, name: &str) -> bool {
    let said = said.strip_suffix("[0]").filter(|said| *said == name).unwrap_or(said);
    name == said || name.ends_with(&format!(".{said}"))
}

struct Callers<'w> {
    nobody: Caller<'w>,
    citizen: Caller<'w>,
    desk: Caller<'w>,
    administrator: Caller<'w>,
    others: Vec<(&'static str, Caller<'w>)>,
}

impl<'w> Callers<'w> {
    async fn of(world: &'w World) -> Self {
        let mut others = Vec::new();
        for role in [Role::Clerk, Role::Department, Role::Epidemiologist, Role::Auditor] {
            let token = world.authority.create_clerk(role.as_str(), role).await.unwrap();
            others.push((role.as_str(), world.with_token(token.reveal())));
        }
        Self {
            nobody: world.nobody(),
            citizen: world.holder().await,
            desk: world.desk().await.0,
            administrator: administrator(world).await,
            others,
        }
    }

    /// Whoever may make these requests.
    fn who(&self, operation: &Value) -> &Caller<'w> {
        let asks = |scheme| {
            let mut schemes = operation["security"].as_array().into_iter().flatten();
            schemes.any(|one| one.get(scheme).is_some())
        };
        let may = |role: &str| {
            operation["x-roles"].as_array().is_some_and(|roles| roles.contains(&json!(role)))
        };
        if asks("session") {
            &self.citizen
        } else if asks("station") {
            &self.desk
        } else if asks("clerk") {
            let other = self.others.iter().find(|(role, _)| may(role));
            other.map_or(&self.administrator, |(_, caller)| caller)
        } else {
            &self.nobody
        }
    }
}

struct Request<'w> {
    caller: &'w Caller<'w>,
    method: Method,
    path: String,
}

impl Request<'_> {
    async fn send(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.send_as("application/json", body.into()).await
    }

    async fn send_as(&self, kind: &str, body: Vec<u8>) -> Answer {
        let request = self.caller.request(self.method.clone(), &self.path);
        let request = request.header(CONTENT_TYPE, kind).body(body);
        // What another region asks is signed; here not rightly, which is looked at later.
        let signed = self.path == "/v1/home-colour";
        let request = if signed {
            request.header("yanma-signature", format!("1:{}", "00".repeat(64)))
        } else {
            request
        };
        let answer = read(request.send().await.unwrap()).await;
        crate::described::check(&self.method, &self.path, &answer);
        let said = answer.body.to_string();
        assert!(!said.contains(CANARY), "{} repeats: {said}", self.path);
        answer
    }
}

/// The field that a refusal names: of the request, or of the only item of a batch.
fn refused(answer: &Answer) -> Option<String> {
    let body = &answer.body;
    let field = |object: &Value| object["field"].as_str().map(str::to_owned);
    if answer.status == 400 && body["code"] == "bad-field" {
        return field(body);
    }
    let result = body["results"].get(0).filter(|result| result["outcome"] == "rejected")?;
    // Entries have one word for field and problem.
    field(result).or_else(|| {
        let reason = result["reason"].as_str()?;
        let problem = [
            "-not-of-the-expected-form",
            "-too-short-or-too-long",
            "-too-few-or-too-many",
            "-missing-or-of-another-type",
        ];
        let field = problem.iter().find_map(|problem| reason.strip_suffix(problem))?;
        Some(field.to_owned())
    })
}

/// A name in the form that entries have for it.
fn dashed(name: &str) -> String {
    name.replace(['.', '_', '['], "-").replace(']', "")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_request_is_checked_and_named() {
    let world = World::with(|settings| settings.rates = Rates::default().times(1_000_000)).await;
    let callers = Callers::of(&world).await;
    let policies = callers.administrator.get("/v1/policies").await.expect(200);
    let of_hospital = |policy: &&Value| policy["id"] == "hospital";
    let mut policy =
        policies["policies"].as_array().unwrap().iter().find(of_hospital).unwrap().clone();
    policy["version"] = json!(policy["version"].as_u64().unwrap() + 1);
    let scheme = callers.administrator.get("/v1/rules").await.expect(200)["scheme"].clone();
    let samples = samples(&policy, &scheme);

    let mut wrong = Vec::new();
    let (mut tried, mut fields) = (0, 0);
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !schema.is_object() {
                continue;
            }
            let mut own = samples.iter().filter(|(of, ..)| of == path).peekable();
            assert!(own.peek().is_some(), "{method} {path} needs a good request here");
            for (_, place, good) in own {
                let before = path.split_once('{').map(|(before, _)| before);
                let after = path.split_once('}').map(|(_, after)| after);
                let path = match before.zip(after) {
                    Some((before, after)) => format!("{before}{place}{after}"),
                    None => path.clone(),
                };
                let method: Method = method.to_uppercase().parse().unwrap();
                let request = Request { caller: callers.who(operation), method, path };
                let path = &request.path;
                let answer = request.send(good.to_string()).await;
                let code = answer.body["code"].as_str().unwrap_or_default();
                let no_caller = ["unauthorised", "forbidden"].contains(&code);
                assert!(
                    answer.status != 400 && (!no_caller || !answer.body["field"].is_null()),
                    "{path}: a good request is refused: {}",
                    answer.body
                );
                let mut walk =
                    Walk { bad: Vec::new(), seen: BTreeSet::new(), unlimited: Vec::new() };
                walk.field(&[schema], good, "", &["body".to_owned()]);
                walk.unlimited.retain(|name| !UNLIMITED.contains(&name.as_str()));
                assert!(walk.unlimited.is_empty(), "{path} has no limit for {:?}", walk.unlimited);
                fields += walk.seen.len();
                for bad in &walk.bad {
                    let answer = request.send(changed(good, bad).to_string()).await;
                    tried += 1;
                    let said = refused(&answer);
                    let named = said.as_ref().is_some_and(|said| {
                        // What stands in a batch is named inside of its item.
                        bad.names.iter().any(|name| {
                            let inside = name.split_once("[0]").map_or("", |(_, inside)| inside);
                            let inside = inside.trim_start_matches('.');
                            let item = if inside.is_empty() { "body" } else { inside };
                            means(said, name)
                                || means(said, item)
                                || [name, inside, item].iter().any(|name| {
                                    let (name, said) = (dashed(name), dashed(said));
                                    name == said || name.ends_with(&format!("-{said}"))
                                })
                        })
                    });
                    if !named {
                        let put = bad.put.as_ref().map(|put| put.to_string());
                        let put: String =
                            put.unwrap_or_else(|| "nothing".to_owned()).chars().take(40).collect();
                        wrong.push(format!(
                            "{path} {}: {put} → {} {:?}, not {:?}",
                            bad.at, answer.status, answer.body["field"], bad.names
                        ));
                    }
                }
                wrong.extend(no_request(&request, good).await);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 1_000 && fields > 100, "{tried} requests, {fields} fields");
}

/// What is no request at all.
async fn no_request(request: &Request<'_>, good: &Value) -> Vec<String> {
    let text = good.to_string();
    let mut bad: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("application/json", b"{".to_vec(), 400, "bad-request"),
        ("application/json", b"{\"\xff\": 1}".to_vec(), 400, "bad-request"),
        ("application/json", format!("{text}{text}").into(), 400, "bad-request"),
        ("application/json", vec![b' '; 1024 * 1024 + 1], 413, "too-large"),
        ("text/plain", text.clone().into(), 415, "bad-request"),
    ];
    let inside = text.trim_start_matches('{').strip_suffix('}').unwrap();
    if !inside.is_empty() {
        bad.push(("application/json", format!("{{{inside},{inside}}}").into(), 400, "bad-request"));
    }
    let mut wrong = Vec::new();
    for (kind, body, status, code) in bad {
        let answer = request.send_as(kind, body).await;
        if (answer.status, answer.body["code"].as_str()) != (status, Some(code)) {
            wrong.push(format!("{} {status} {code}: {}", request.path, answer.body));
        }
    }
    wrong
}
