//! Every field too short, too long, missing or of the wrong type: the answer names the field
//! and never repeats the value.

use serde_json::{Value, json};

use crate::world::{World, entry, fact, read, registration};

/// What nobody may find in an answer.
const CANARY: &str = "CANARY";

fn long(chars: usize) -> String {
    format!("{CANARY}{}", "x".repeat(chars))
}

/// Changes one field of a good request: a value, or taken away.
fn changed(good: &Value, path: &str, value: Option<Value>) -> Value {
    let mut body = good.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let object = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(object.insert(name.to_owned(), value)),
        None => drop(object.remove(name)),
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_field_is_named_and_not_repeated() {
    let world = World::with(|settings| {
        settings.rates.address.burst = 1e9;
        settings.rates.enrol_address.burst = 1e9;
    })
    .await;
    let (desk, _) = world.desk().await;
    let clerk = world.with_token(&world.clerk);
    let nobody = world.nobody();
    let holder = world.holder().await;
    let register = registration("350100190001010012", "欧阳样本", "13900000001");
    let login = json!({"phone": "13900000001", "password": "correct horse"});
    let enrol = json!({"enrolment_code": "0000-0000-0000", "station_name": "desk"});
    let enrolment = json!({"site": "gate-1", "station_name": "desk", "scene": "hotel"});
    let verify = json!({"items": [{"code": "1"}]});
    let cases = [
        (
            &nobody,
            "/v1/accounts/register",
            &register,
            vec![
                ("document_type", long(1)),
                ("number", long(40)),
                ("name", long(60)),
                ("phone", long(1)),
                ("password", long(128)),
            ],
        ),
        (&nobody, "/v1/accounts/login", &login, vec![("phone", long(16)), ("password", long(128))]),
        (
            &nobody,
            "/v1/stations/enrol",
            &enrol,
            vec![("enrolment_code", long(64)), ("station_name", long(60))],
        ),
        (
            &clerk,
            "/v1/enrolments",
            &enrolment,
            vec![("site", long(40)), ("station_name", long(60)), ("scene", long(1))],
        ),
    ];
    for (caller, path, good, fields) in cases {
        for (field, too_long) in fields {
            let optional = path == "/v1/enrolments" && field != "site";
            let mut bad = vec![
                Some(json!(too_long)),
                Some(json!("")),
                Some(json!(7)),
                Some(json!([CANARY])),
                Some(json!({CANARY: CANARY})),
            ];
            if !optional {
                bad.extend([None, Some(Value::Null)]);
            }
            for value in bad {
                let body = changed(good, &format!("/{field}"), value.clone());
                let answer = caller.post(path, body).await;
                assert!(!answer.body.to_string().contains(CANARY), "{path} {field}");
                let status = answer.status;
                assert_eq!(
                    answer.error(400),
                    ("bad-field".to_owned(), Some(field.to_owned())),
                    "{path} {field} {value:?} {status}"
                );
            }
        }
        let extra = changed(good, &format!("/{CANARY}"), Some(json!(1)));
        let answer = caller.post(path, extra).await;
        assert!(!answer.body.to_string().contains(CANARY), "{path}");
        assert_eq!(answer.error(400).0, "bad-field", "{path} takes no unknown field");
    }
    for (caller, path, list) in [
        (&desk, "/v1/verify", "items"),
        (&desk, "/v1/entries", "entries"),
        (&clerk, "/v1/facts", "facts"),
    ] {
        for value in [None, Some(json!([])), Some(json!(CANARY)), Some(json!(vec![1; 1001]))] {
            let body = changed(&json!({}), &format!("/{list}"), value);
            let answer = caller.post(path, body).await;
            let (code, field) = answer.error(400);
            assert_eq!(code, "bad-field", "{path}");
            assert!(field.unwrap().starts_with(list), "{path}");
        }
    }
    for (value, field) in [
        (json!({"code": 7}), "code"),
        (
            json!({"document": {"document_type": CANARY, "hash": "0123456789abcdef"}}),
            "document.document_type",
        ),
        (json!({"document": {"document_type": "resident-id", "hash": CANARY}}), "document.hash"),
        (
            json!({"document": {"document_type": "resident-id", "hash": "0123456789abcdef"}}),
            "document.basis",
        ),
        (
            json!({"document": {"document_type": "resident-id", "hash": "0123456789abcdef",
                "basis": CANARY}}),
            "document.basis",
        ),
        (json!({"document": {"document_type": "resident-id"}}), "document.hash"),
        (json!({CANARY: 1}), "body"),
    ] {
        let good = verify["items"][0].clone();
        let items = json!([good.clone(), value, good]);
        let answer = desk.post("/v1/verify", json!({"items": items})).await.expect(200);
        assert!(!answer.to_string().contains(CANARY));
        let answers = answer["answers"].as_array().unwrap();
        assert_eq!((answers.len(), &answers[0]), (3, &answers[2]), "the others are answered");
        assert_ne!(answers[0]["outcome"], "rejected");
        assert_eq!(
            (&answers[1]["outcome"], &answers[1]["field"]),
            (&json!("rejected"), &json!(field))
        );
        assert!(answer["receipt"].is_string());
        let alone = desk.post("/v1/verify", json!({"items": [value]})).await.expect(200);
        assert_eq!((&alone["answers"][0], &alone["receipt"]), (&answers[1], &Value::Null));
    }
    for query in ["limit=0", "limit=501", "limit=x", "after=-1", "after=x"] {
        let answer = clerk.get(&format!("/v1/entries?{query}")).await;
        let (_, field) = answer.error(400);
        assert_eq!(field.as_deref(), query.split('=').next(), "{query}");
    }
    let answer = holder.post("/v1/shows", json!({CANARY: 1})).await;
    assert_eq!(answer.error(400).0, "bad-field");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_item_of_a_batch_is_named_and_the_others_are_taken() {
    let world = World::new().await;
    let clerk = world.with_token(&world.clerk);
    let now = world.now();
    let good = fact("350100190001010004", "antipyretic", now, 1);
    let cases = [
        ("document_type", json!(CANARY)),
        ("document_type", Value::Null),
        ("number", json!(long(40))),
        ("number", json!("350100190001010005")),
        ("number", json!(7)),
        ("kind", json!(CANARY)),
        ("occurred_at", json!(CANARY)),
        ("occurred_at", json!((now + jiff::SignedDuration::from_mins(10)).to_string())),
        ("occurred_at", json!("1999-01-01T00:00:00Z")),
        ("id", json!(CANARY)),
    ];
    let mut facts: Vec<Value> = cases
        .iter()
        .map(|(field, value)| changed(&good, &format!("/{field}"), Some(value.clone())))
        .collect();
    facts.push(good);
    let answer = clerk.post("/v1/facts", json!({"facts": facts})).await.expect(200);
    assert!(!answer.to_string().contains(CANARY));
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), cases.len() + 1);
    for ((field, value), result) in cases.iter().zip(results) {
        assert_eq!(result["outcome"], "rejected", "{field} {value}");
        assert_eq!(result["field"], *field, "{value}");
    }
    assert_eq!(results.last().unwrap()["outcome"], "accepted");

    let (desk, enrolled) = world.desk().await;
    let good = entry(enrolled["station"].as_str().unwrap(), 9);
    let cases = [
        ("/id", json!("01730000-0000-4000-8000-000000000009"), "id"),
        ("/at", json!(CANARY), "at"),
        ("/scene", json!(long(40)), "scene"),
        ("/decision", json!(CANARY), "decision"),
        ("/reasons", json!([CANARY]), "reasons"),
        ("/reasons", json!(vec!["S-EXP"; 41]), "reasons"),
        ("/colour", json!(CANARY), "colour"),
        ("/subject", json!({"issuer": 256, "index": 1}), "subject-issuer"),
        ("/document_hash", json!(CANARY), "document-hash"),
        ("/method", json!("code"), "method"),
        ("/action", Value::Null, "action"),
        ("/amends", good["id"].clone(), "amends"),
        ("/basis", json!({"online": true}), "basis-policy"),
    ];
    let entries: Vec<Value> =
        cases.iter().map(|(path, value, _)| changed(&good, path, Some(value.clone()))).collect();
    let answer = desk.post("/v1/entries", json!({"entries": entries})).await.expect(200);
    assert!(!answer.to_string().contains(CANARY));
    for ((_, _, field), result) in cases.iter().zip(answer["results"].as_array().unwrap()) {
        assert_eq!(result["outcome"], "rejected", "{field}");
        let reason = result["reason"].as_str().unwrap();
        assert!(reason.starts_with(field), "{field}: {reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_request_gets_an_answer_all_the_same() {
    let world = World::new().await;
    let post = async |content_type: Option<&str>, body: Vec<u8>| {
        let url = format!("{}/v1/accounts/login", world.url);
        let mut request = world.nobody().client.post(url).body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        read(request.send().await.unwrap()).await
    };
    let json = Some("application/json");
    assert_eq!(post(None, b"{}".to_vec()).await.error(415).0, "bad-request");
    assert_eq!(post(Some("text/plain"), b"{}".to_vec()).await.error(415).0, "bad-request");
    for body in ["", "{", "no", "{\"phone\":\"\u{7f}", "[1,]"] {
        assert_eq!(post(json, body.into()).await.error(400).0, "bad-request", "{body}");
    }
    assert_eq!(post(json, b"{\"phone\":\"\xff\"}".to_vec()).await.error(400).0, "bad-request");
    assert_eq!(post(json, b"[]".to_vec()).await.error(400).1.as_deref(), Some("body"));
    let twice = br#"{"phone": "13900000000", "password": "wrong horse", "phone": "13900000001"}"#;
    let (code, field) = post(json, twice.to_vec()).await.error(400);
    assert_eq!((code.as_str(), field), ("bad-request", None), "a field is said once");
    let deep = "[".repeat(100_000);
    assert_eq!(post(json, deep.into()).await.error(400).0, "bad-request");
    let limit = 1024 * 1024;
    assert_eq!(post(json, vec![b' '; limit]).await.error(400).0, "bad-request");
    assert_eq!(post(json, vec![b' '; limit + 1]).await.error(413).0, "too-large");
    let utf8 = Some("application/json; charset=utf-8");
    assert_eq!(post(utf8, b"{}".to_vec()).await.error(400).0, "bad-field");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_structure_is_no_list_and_a_variant_no_number() {
    let world = World::new().await;
    let holder = world.citizen("350100190001010004", "样本明", "13900000000").await;
    let (desk, _) = world.desk().await;
    let nobody = world.nobody();
    let hash = "0123456789abcdef";
    for (caller, path, body, field) in [
        (&nobody, "/v1/accounts/login", json!(["13900000000", "correct horse"]), "body"),
        (&holder, "/v1/claims", json!([{"group": "resident"}]), "body"),
        (&holder, "/v1/claims", json!({"from": {"group": 0}}), "from.group"),
        (&holder, "/v1/claims", json!({"from": {"group": "0"}}), "from.group"),
        (&holder, "/v1/claims", json!({"from": ["resident"]}), "from[0]"),
        (&holder, "/v1/claims", json!({"from": "resident"}), "from"),
    ] {
        let answer = caller.post(path, body.clone()).await;
        assert_eq!(answer.error(400), ("bad-field".to_owned(), Some(field.to_owned())), "{body}");
    }
    let none = holder.get("/v1/me").await.expect(200);
    assert!(none["holder"].is_null(), "nothing was claimed: {none}");
    let listed = json!({"items": [{"document": ["resident-id", hash, "consent"]}]});
    let answer = desk.post("/v1/verify", listed).await.expect(200);
    assert_eq!(answer["answers"][0]["field"], "document");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_versions_that_are_not_spoken_are_told() {
    let world = World::new().await;
    let client = &world.nobody().client;
    let delete = client.delete(format!("{}/v1/me", world.url)).send().await.unwrap();
    assert_eq!(delete.headers()["allow"], "GET,HEAD");
    assert_eq!(read(delete).await.error(405).0, "bad-request");
    for (version, status) in [("1", 200), ("2", 400), ("", 400), ("1.0", 400)] {
        let request = client.get(format!("{}/v1/health", world.url));
        let answer = request.header("yanma-protocol", version).send().await.unwrap();
        let answer = read(answer).await;
        assert_eq!(answer.status, status, "version {version:?}");
        if status == 400 {
            assert_eq!(answer.error(400).0, "unsupported-version");
        }
    }
}
