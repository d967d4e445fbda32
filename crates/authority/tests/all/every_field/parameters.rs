//! What stands in the address and in the headers of every request, as the description of the
//! interface has it: wrong, too long, twice, unknown, not in UTF-8. The answer names the
//! parameter and never repeats the value.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::Value;
use yanma_authority::limits::Rates;

use super::samples::samples;
use super::{CANARY, Callers, policy_and_scheme};
use crate::described::{document, resolved};
use crate::world::{Answer, Caller, World, read};

/// Text that an address may carry, and no parameter is so long.
const LONG: usize = 4_000;

/// Names of files and stations are any text: one that is none is not found.
const NAMES: [&str; 2] = ["/v1/feeds/files/{name}", "/v1/stations/{id}/revoke"];

/// Where the answer says what a place names, and not what the place is called.
const NAMED: [(&str, &str); 4] = [
    ("/v1/policies/{id}", "policy.id"),
    ("/v1/regions/{number}", "issuer"),
    ("/v1/regions/{number}/remove", "issuer"),
    ("/v1/sites/{id}", "site"),
];

/// A text that is no code is answered as refused, in its place.
const ANY_TEXT: [&str; 1] = ["code"];

struct Operation {
    method: Method,
    path: &'static str,
    of: &'static Value,
}

impl Operation {
    fn all() -> Vec<Self> {
        let paths = document()["paths"].as_object().unwrap();
        let of_path = |(path, item): (&'static String, &'static Value)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(move |(method, of)| Self {
                method: method.to_uppercase().parse().unwrap(),
                path,
                of,
            })
        };
        paths.iter().flat_map(of_path).collect()
    }

    fn parameters(&self, place: &str) -> Vec<(&'static str, &'static Value)> {
        let all = self.of["parameters"].as_array().into_iter().flatten();
        all.filter(|one| one["in"] == place)
            .map(|one| (one["name"].as_str().unwrap(), resolved(&one["schema"])))
            .collect()
    }

    /// The path with something in the place of its parameter.
    fn with(&self, value: &str) -> String {
        match self.path.split_once('{').zip(self.path.split_once('}')) {
            Some(((before, _), (_, after))) => format!("{before}{value}{after}"),
            None => self.path.to_owned(),
        }
    }

    async fn send(&self, caller: &Caller<'_>, path: &str, header: Option<(&str, &[u8])>) -> Answer {
        self.send_with(caller, path, header, "{}".to_owned()).await
    }

    async fn send_with(
        &self,
        caller: &Caller<'_>,
        path: &str,
        header: Option<(&str, &[u8])>,
        body: String,
    ) -> Answer {
        let mut request = caller.request(self.method.clone(), path);
        if self.method != Method::GET {
            request = request.header("content-type", "application/json").body(body);
        }
        let mut request = request.build().unwrap();
        if let Some((name, value)) = header {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, HeaderValue::from_bytes(value).unwrap());
        }
        let answer = read(caller.client.execute(request).await.unwrap()).await;
        crate::described::check(&self.method, path, &answer);
        assert!(!answer.body.to_string().contains(CANARY), "{path}: {}", answer.body);
        answer
    }
}

/// Values that a schema does not allow, as they stand in an address.
fn wrong(schema: &Value) -> Vec<String> {
    let mut wrong = vec!["a".repeat(LONG), "%00".to_owned(), CANARY.to_owned()];
    let number = |limit: &str| schema[limit].as_i64();
    if schema["type"] == "integer" {
        for text in ["x", "1.5", "1e3", "0x10", " ", "99999999999999999999999"] {
            wrong.push(text.replace(' ', "%20"));
        }
        wrong.extend(number("minimum").map(|least| (least - 1).to_string()));
        wrong.extend(number("maximum").map(|most| (most + 1).to_string()));
    }
    if schema["format"] == "uuid" {
        wrong.push("7".to_owned());
        wrong.push("01730000-0000-7000-8000-00000000000g".to_owned());
    }
    if schema["pattern"].is_string() {
        wrong.push("%C3%A9%C3%A9".to_owned());
        wrong.push("a_b%2F..".to_owned());
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_of_an_address_is_checked_and_named() {
    let world = World::with(|settings| settings.rates = Rates::default().times(1_000_000)).await;
    let callers = Callers::of(&world).await;
    let (policy, scheme) = policy_and_scheme(&callers).await;
    let samples = samples(&policy, &scheme);
    let (mut tried, mut parameters, mut amiss) = (0, 0, Vec::new());
    for operation in Operation::all() {
        let caller = callers.who(operation.of);
        let (query, path) = (operation.parameters("query"), operation.parameters("path"));
        parameters += query.len() + path.len();
        // With a good body: what is wrong is in the address alone.
        let good = samples.iter().find(|(of, ..)| *of == operation.path);
        let good = good.map_or("{}".to_owned(), |(.., body)| body.to_string());
        let mut check = async |path: &str, fields: &[&str]| {
            let answer = operation.send_with(caller, path, None, good.clone()).await;
            tried += 1;
            let field = answer.body["field"].as_str().unwrap_or_default();
            // What has no form at all is nowhere.
            let nowhere = answer.status == 404 && fields.contains(&"");
            if !nowhere && (answer.status != 400 || !fields.contains(&field)) {
                let short: String = path.chars().take(80).collect();
                amiss.push(format!(
                    "{} {short}: {} {}, not {fields:?}",
                    operation.method, answer.status, answer.body
                ));
            }
        };
        for (name, schema) in path {
            let values = wrong(schema).into_iter().chain(["%ff".to_owned()]);
            for value in values.filter(|value| !NAMES.contains(&operation.path) || value.len() < 20)
            {
                let named = NAMED.iter().find(|(path, _)| *path == operation.path);
                check(&operation.with(&value), &[named.map_or(name, |(_, named)| named), name, ""])
                    .await;
            }
        }
        if query.is_empty() {
            continue;
        }
        let place = operation.with("1");
        check(&format!("{place}?{CANARY}=1"), &["query"]).await;
        check(&format!("{place}?%ff=1"), &["query"]).await;
        for (name, schema) in &query {
            check(&format!("{place}?{name}=1&{name}=1"), &["query", name]).await;
            if !ANY_TEXT.contains(name) {
                for value in wrong(schema) {
                    check(&format!("{place}?{name}={value}"), &[name]).await;
                }
                check(&format!("{place}?{name}=%ff"), &[name]).await;
            }
        }
    }
    assert!(amiss.is_empty(), "{} of {tried}:\n{}", amiss.len(), amiss.join("\n"));
    assert!(tried > 200 && parameters > 20, "{tried} requests, {parameters} parameters");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_checks_the_version_and_who_is_calling() {
    let world = World::with(|settings| settings.rates = Rates::default().times(1_000_000)).await;
    let callers = Callers::of(&world).await;
    let long = CANARY.repeat(LONG / CANARY.len());
    let bearer = |text: &str| format!("Bearer {text}").into_bytes();
    // Nobody is known by any of these; the last is no text.
    let tokens: [Vec<u8>; 8] = [
        b"Bearer".to_vec(),
        b"Bearer ".to_vec(),
        bearer(CANARY),
        bearer(&long),
        format!("Basic {CANARY}").into_bytes(),
        CANARY.into(),
        b"".to_vec(),
        b"Bearer \xff\xfe".to_vec(),
    ];
    let cookies: [Vec<u8>; 5] = [
        format!("yanma_session={CANARY}; yanma_console={CANARY}").into_bytes(),
        format!("yanma_session={long}; yanma_console={long}").into_bytes(),
        b"yanma_session; yanma_console".to_vec(),
        b"yanma_session=\xff; yanma_console=\xff".to_vec(),
        b";;;===".to_vec(),
    ];
    let mut checked = 0;
    for operation in Operation::all() {
        let path = operation.with("1");
        // Another version of the protocol is told before anything else is looked at.
        for version in ["2", "0", "", "1.0", CANARY, "99999999999999999999"] {
            let header = Some(("yanma-protocol", version.as_bytes()));
            let answer = operation.send(callers.who(operation.of), &path, header).await;
            let told = (answer.status, answer.body["code"].as_str());
            assert_eq!(told, (400, Some("unsupported-version")), "{path} {version}");
        }
        let binary = Some(("yanma-protocol", &b"\xff"[..]));
        let answer = operation.send(&callers.nobody, &path, binary).await;
        assert_eq!(answer.body["code"], "unsupported-version", "{path}");
        let spoken = Some(("yanma-protocol", &b"1"[..]));
        let answer = operation.send(callers.who(operation.of), &path, spoken).await;
        assert_ne!(answer.body["code"], "unsupported-version", "{path}");

        let schemes = operation.of["security"].as_array().cloned().unwrap_or_default();
        let is_open = schemes.iter().any(|one| one.as_object().unwrap().is_empty());
        if schemes.is_empty() || is_open {
            continue;
        }
        checked += 1;
        for (name, values) in [(AUTHORIZATION.as_str(), &tokens[..]), ("cookie", &cookies[..])] {
            for value in values {
                let answer = operation.send(&callers.nobody, &path, Some((name, value))).await;
                let told = (answer.status, answer.body["code"].as_str().unwrap_or_default());
                // One path is for regions, which sign: there a signature is what is missing.
                let region = operation.path == "/v1/home-colour";
                let expect = if region { (400, "bad-field") } else { (401, "unauthorised") };
                assert_eq!(told, expect, "{} {path} {name}", operation.method);
            }
        }
    }
    assert!(checked > 35, "{checked}");
}
