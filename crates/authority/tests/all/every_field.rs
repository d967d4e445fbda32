//! Every field of every request that has a body, as the description of the interface has it:
//! too long, too short, missing, of another type, a list for an object, a number for a name. The
//! answer names the field and never repeats the value.

#[path = "every_field/parameters.rs"]
mod parameters;
#[path = "every_field/samples.rs"]
mod samples;
#[path = "every_field/walk.rs"]
mod walk;

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use yanma_authority::clerks::Role;
use yanma_authority::limits::Rates;

use samples::samples;
use walk::{Walk, changed};

use crate::authenticator::administrator;
use crate::described::document;
use crate::world::{Answer, Caller, World, read};

/// What nobody may find in an answer.
const CANARY: &str = "CANARY";

/// Texts without a limit of their own: what is no code is answered as refused, in its place.
const UNLIMITED: [&str; 1] = ["items[0].code"];

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
    let first = ["results", "answers"].iter().find_map(|list| body[*list].get(0));
    let result = first.filter(|result| result["outcome"] == "rejected")?;
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

/// The next policy of hospitals, and the scheme in force.
async fn policy_and_scheme(callers: &Callers<'_>) -> (Value, Value) {
    let policies = callers.administrator.get("/v1/policies").await.expect(200);
    let of_hospital = |policy: &&Value| policy["id"] == "hospital";
    let mut policy =
        policies["policies"].as_array().unwrap().iter().find(of_hospital).unwrap().clone();
    policy["version"] = json!(policy["version"].as_u64().unwrap() + 1);
    policy["retention"] = json!({"entries_days": 90, "personal_days": 20});
    let scheme = callers.administrator.get("/v1/rules").await.expect(200)["scheme"].clone();
    (policy, scheme)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_request_is_checked_and_named() {
    let world = World::with(|settings| settings.rates = Rates::default().times(1_000_000)).await;
    let callers = Callers::of(&world).await;
    let (policy, scheme) = policy_and_scheme(&callers).await;
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
            let (mut seen, mut left_out) = (BTreeSet::new(), BTreeSet::new());
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
                let mut walk = Walk::default();
                walk.field(&[schema], good, "", &["body".to_owned()]);
                walk.unlimited.retain(|name| !UNLIMITED.contains(&name.as_str()));
                assert!(walk.unlimited.is_empty(), "{path} has no limit for {:?}", walk.unlimited);
                fields += walk.seen.len();
                seen.append(&mut walk.seen);
                left_out.append(&mut walk.left_out);
                for bad in &walk.bad {
                    let answer = request.send(changed(good, bad).to_string()).await;
                    tried += 1;
                    let said = refused(&answer);
                    let named = said.as_ref().is_some_and(|said| {
                        // What stands in a batch is named inside of its item.
                        bad.names.iter().any(|name| {
                            let inside = name.split_once("[0]").map_or("", |(_, inside)| inside);
                            let inside = inside.trim_start_matches('.');
                            // Only what is the whole of an item is told as its body.
                            let is_item = name.ends_with("[0]") && inside.is_empty();
                            let item = if is_item { "body" } else { inside };
                            means(said, name)
                                || !item.is_empty() && means(said, item)
                                || [name, inside, item].iter().any(|name| {
                                    let (name, said) = (dashed(name), dashed(said));
                                    !name.is_empty()
                                        && (name == said || name.ends_with(&format!("-{said}")))
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
            let never: Vec<_> = left_out.difference(&seen).collect();
            assert!(never.is_empty(), "{method} {path} needs a good request with {never:?}");
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
