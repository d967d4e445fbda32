//! Facts by JSON, by CSV and signed; and facts that are taken back.

use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use yanma_authority::clerks::Role;
use yanma_domain::trust::PublicKey;
use yanma_protocol::clerks::ClerkRequest;
use yanma_protocol::facts::{FACTS_PATH, FactKind, SIGNATURE_HEADER};
use yanma_protocol::namespace;

use crate::world::{Answer, World, fact, id, read};

const NUMBER: &str = "350100190001010004";
const OTHER: &str = "350100190001010012";
const HEADING: &str = "id,document_type,number,kind,occurred_at,detail,retracts";

async fn send(world: &World, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let url = format!("{}{FACTS_PATH}", world.url);
    let request = world.nobody().client.post(url).body(body);
    let with = |request: reqwest::RequestBuilder, (name, value): &(&str, &str)| {
        request.header(*name, *value)
    };
    read(headers.iter().fold(request, with).send().await.unwrap()).await
}

/// `outcome field reason line` of each result.
fn told(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().unwrap();
    let text = |result: &Value| {
        let word = |name| result[name].as_str().unwrap_or("-").to_owned();
        let line = result["line"].as_u64().map_or("-".to_owned(), |line| line.to_string());
        [word("outcome"), word("field"), word("reason"), line].join(" ")
    };
    results.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_file_is_answered_row_by_row() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let token = format!("Bearer {}", world.department);
    let headers = [("authorization", &*token), ("content-type", "text/csv; charset=utf-8")];
    let now = world.now();
    let row = |tail, number: &str, kind: &str, detail: &str, retracts: &str| {
        format!("{},resident-id,{number},{kind},{now},{detail},{retracts}\n", id(tail))
    };
    let mut file = format!("{HEADING}\n").into_bytes();
    file.extend(row(1, NUMBER, "close-contact", "\"Flight, row 3\"", "").into_bytes());
    file.extend(row(2, "350100190001010005", "confirmed", "", "").into_bytes());
    file.extend(b"\xd5\xc5,resident-id\n");
    file.extend(row(3, OTHER, "antipyretic", "", "").into_bytes());
    file.extend(row(4, OTHER, "retraction", "", &id(3)).into_bytes());
    file.extend(row(5, NUMBER, "retraction", "", &id(3)).into_bytes());
    let first = send(&world, &headers, file.clone()).await.expect(200);
    let rest =
        ["rejected number not-of-the-expected-form 3", "rejected utf-8 not-of-the-expected-form 4"];
    assert_eq!(told(&first)[0], "accepted - - 2");
    assert_eq!(told(&first)[1..3], rest);
    assert_eq!(told(&first)[3..5], ["accepted - - 5", "accepted - - 6"]);
    assert_eq!(told(&first)[5], "rejected retracts no-such-fact-of-yours 7");
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["colour"], "amber");

    let again = send(&world, &headers, file).await.expect(200);
    assert_eq!(told(&again)[0], "duplicate - - 2");
    assert_eq!(told(&again)[1..3], rest);
    assert_eq!(told(&again)[3..5], ["duplicate - - 5", "duplicate - - 6"]);

    let other = [headers[0], ("content-type", "text/plain")];
    assert_eq!(send(&world, &other, b"id".to_vec()).await.error(415).0, "bad-request");
    let refused = send(&world, &headers, b"id,number\n1,2\n".to_vec()).await.error(400);
    assert_eq!(refused, ("bad-field".to_owned(), Some("heading".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stray_quotation_mark_costs_its_own_row_and_no_other() {
    let world = World::new().await;
    let token = format!("Bearer {}", world.department);
    let headers = [("authorization", &*token), ("content-type", "text/csv")];
    let now = world.now();
    let row = |tail, detail: &str| {
        format!("{},resident-id,{NUMBER},fever-clinic,{now},{detail},\r\n", id(tail))
    };
    let file = format!(
        "{HEADING}\r\n{}{}\r\n{}{}{}",
        row(1, "\"window"),
        row(2, "door\""),
        row(3, "\"bed\n3\""),
        row(4, ""),
        row(5, "\"")
    );
    let told = told(&send(&world, &headers, file.into_bytes()).await.expect(200));
    let refused = |line: u64| format!("rejected row not-of-the-expected-form {line}");
    let expect = [
        refused(2),
        "accepted - - 3".to_owned(),
        refused(5),
        // What was behind the line break is a row of its own.
        "rejected row missing-or-of-another-type 6".to_owned(),
        "accepted - - 7".to_owned(),
        refused(8),
    ];
    assert_eq!(told, expect);
    let kept =
        crate::place::ask(world.folder(), "SELECT detail FROM facts WHERE detail IS NOT NULL");
    assert_eq!(kept, "door\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_taken_back_by_its_own_reporter_only_and_the_colour_with_it() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let (department, clerk) = (world.with_token(&world.department), world.with_token(&world.clerk));
    let post = async |caller: &crate::world::Caller<'_>, facts: Value| -> Vec<String> {
        told(&caller.post("/v1/facts", json!({"facts": facts})).await.expect(200))
    };
    let colour = async || citizen.get("/v1/me").await.expect(200)["holder"]["colour"].clone();
    let retraction = |number: &str, of: u32, tail: u32| {
        let mut retraction = fact(number, "retraction", world.now(), tail);
        retraction["retracts"] = json!(id(of));
        retraction
    };
    let contact = fact(NUMBER, "close-contact", world.now(), 1);
    let area = fact(NUMBER, "high-incidence-area", world.now(), 2);
    post(&department, json!([contact, area])).await;
    assert_eq!(colour().await, "amber");

    let no = "rejected retracts no-such-fact-of-yours -";
    assert_eq!(post(&clerk, json!([retraction(NUMBER, 1, 3)])).await, [no]);
    assert_eq!(post(&department, json!([retraction(OTHER, 1, 3)])).await, [no]);
    assert_eq!(post(&department, json!([retraction(NUMBER, 9, 3)])).await, [no]);
    let naked = fact(NUMBER, "retraction", world.now(), 3);
    let shape = "rejected retracts missing-or-of-another-type -";
    assert_eq!(post(&department, json!([naked])).await, [shape]);
    let mut odd = fact(NUMBER, "antipyretic", world.now(), 3);
    odd["retracts"] = json!(id(1));
    assert_eq!(post(&department, json!([odd])).await, [shape]);

    // The same word of somebody else is another fact, under an id of its own.
    let taken = fact(NUMBER, "high-incidence-area", world.now(), 2);
    assert_eq!(post(&clerk, json!([taken])).await, ["rejected id id-in-use -"]);
    assert_eq!(post(&department, json!([retraction(NUMBER, 1, 3)])).await, ["accepted - - -"]);
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["because"].as_array().unwrap().len(), 1, "the other fact stays");
    assert_eq!(me["holder"]["because"][0]["kind"], "high-incidence-area");
    assert_eq!(
        post(&department, json!([retraction(NUMBER, 1, 4), retraction(NUMBER, 2, 5)])).await,
        ["rejected retracts already-retracted -", "accepted - - -"]
    );
    assert_eq!(colour().await, "green");
    assert_eq!(post(&department, json!([retraction(NUMBER, 5, 6)])).await, [no]);
    let replayed = json!([fact(NUMBER, "close-contact", world.now(), 7), retraction(NUMBER, 1, 3)]);
    let replayed = post(&department, replayed).await;
    assert_eq!(replayed[0], "accepted - - -");
    assert_eq!(colour().await, "amber", "reported anew it counts anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_reports_its_kinds_and_a_clerk_clears_nobody_without_saying_why() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let pharmacies = ClerkRequest {
        name: "药品监管".to_owned(),
        role: Role::Department,
        sites: Vec::new(),
        kinds: vec![FactKind::Antipyretic],
    };
    let pharmacies = world.authority.create_clerk_at(pharmacies).await.unwrap();
    let pharmacies = world.with_token(pharmacies.reveal());
    let (department, clerk) = (world.with_token(&world.department), world.with_token(&world.clerk));
    let post = async |caller: &crate::world::Caller<'_>, facts: Value| -> Vec<String> {
        told(&caller.post("/v1/facts", json!({"facts": facts})).await.expect(200))
    };
    let colour = async || citizen.get("/v1/me").await.expect(200)["holder"]["colour"].clone();
    let case = fact(NUMBER, "confirmed", world.now(), 1);
    assert_eq!(post(&department, json!([case])).await, ["accepted - - -"]);
    let ill = colour().await;
    assert_ne!(ill, "green");

    let mut bought = fact(OTHER, "antipyretic", world.now(), 2);
    let cleared = fact(NUMBER, "cleared", world.now(), 3);
    assert_eq!(
        post(&pharmacies, json!([bought, cleared])).await,
        ["accepted - - -", "rejected kind not-yours-to-report -"]
    );
    for nothing in [Value::Null, json!(" ")] {
        let mut cleared = cleared.clone();
        cleared["detail"] = nothing;
        let refused = "rejected detail missing-or-of-another-type -";
        assert_eq!(post(&clerk, json!([cleared])).await, [refused]);
    }
    assert_eq!(colour().await, ill, "nobody who may not has cleared anybody");
    bought["id"] = json!(id(4));
    bought["kind"] = json!("retraction");
    bought["retracts"] = json!(id(2));
    assert_eq!(post(&pharmacies, json!([bought])).await, ["accepted - - -"], "its own");

    let mut with_reason = cleared.clone();
    with_reason["detail"] = json!("two negative tests, discharge letter 12");
    assert_eq!(post(&clerk, json!([with_reason])).await, ["accepted - - -"]);
    assert_eq!(colour().await, "green");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_batch_stands_for_its_department_and_counts_once() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = PublicKey::from_bytes(&key.verifying_key().to_bytes()).unwrap();
    let sign = |key: &SigningKey, body: &[u8]| {
        let signature = key.sign(&[namespace::FACTS, body].concat());
        let public = hex::encode(key.verifying_key().to_bytes());
        format!("{public}:{}", hex::encode(signature.to_bytes()))
    };
    let body = json!({"facts": [fact(NUMBER, "close-contact", world.now(), 1)]});
    let body = body.to_string().into_bytes();
    let send = async |signature: &str, body: &[u8]| {
        let headers = [(SIGNATURE_HEADER, signature), ("content-type", "application/json")];
        send(&world, &headers, body.to_vec()).await
    };
    let signature = sign(&key, &body);
    assert_eq!(send(&signature, &body).await.error(401).0, "bad-signature", "not registered");
    world.authority.add_department_key("department", public).await.unwrap();
    world.authority.add_department_key("department", public).await.expect("twice is no error");
    assert!(world.authority.add_department_key("clerk", public).await.is_err());
    assert!(world.authority.add_department_key("nobody", public).await.is_err());

    assert_eq!(told(&send(&signature, &body).await.expect(200)), ["accepted - - -"]);
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"]["colour"], "amber");
    assert_eq!(told(&send(&signature, &body).await.expect(200)), ["duplicate - - -"]);

    let altered = String::from_utf8(body.clone()).unwrap().replace("close-contact", "confirmed");
    assert_eq!(send(&signature, altered.as_bytes()).await.error(401).0, "bad-signature");
    let bare = key.sign(&body);
    let public_hex = hex::encode(key.verifying_key().to_bytes());
    let bare = format!("{public_hex}:{}", hex::encode(bare.to_bytes()));
    assert_eq!(send(&bare, &body).await.error(401).0, "bad-signature", "without the namespace");
    let stranger = SigningKey::from_bytes(&[8; 32]);
    assert_eq!(send(&sign(&stranger, &body), &body).await.error(401).0, "bad-signature");
    for wrong in ["", "7", "zz:zz", &public_hex] {
        let refused = send(wrong, &body).await.error(400);
        assert_eq!(refused, ("bad-field".to_owned(), Some(SIGNATURE_HEADER.to_owned())));
    }

    // The department takes back by token what it reported by signature.
    let mut retraction = fact(NUMBER, "retraction", world.now(), 2);
    retraction["retracts"] = json!(id(1));
    let department = world.with_token(&world.department);
    let answer = department.post("/v1/facts", json!({"facts": [retraction]})).await.expect(200);
    assert_eq!(told(&answer), ["accepted - - -"]);

    world.authority.revoke_department_key(public).await.unwrap();
    assert_eq!(send(&signature, &body).await.error(401).0, "bad-signature");
    assert!(world.authority.add_department_key("department", public).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_facts_are_taken_in_one_batch() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let department = world.with_token(&world.department);
    let mut facts: Vec<Value> = (1..=999)
        .map(|tail| {
            let number = ["350100190001010004", "350100190001010012"][usize::from(tail % 2 == 0)];
            fact(number, "test-negative", world.now(), tail)
        })
        .collect();
    facts.push(fact(NUMBER, "confirmed", world.now(), 1000));
    let body = json!({"facts": facts});
    for outcome in ["accepted", "duplicate"] {
        let answer = department.post("/v1/facts", body.clone()).await.expect(200);
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), 1000);
        assert!(results.iter().all(|result| result["outcome"] == outcome), "{outcome}");
    }
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"]["colour"], "amber");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_batch_is_noted_by_its_figures_alone() {
    let world = World::new().await;
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = PublicKey::from_bytes(&key.verifying_key().to_bytes()).unwrap();
    world.authority.add_department_key("department", public).await.unwrap();
    let department = world.with_token(&world.department);
    let now = world.now();

    let mut batches = Vec::new();
    let token = format!("Bearer {}", world.department);
    let headers = [("authorization", &*token), ("content-type", "text/csv")];
    let file = format!(
        "{HEADING}\n{},resident-id,{NUMBER},close-contact,{now},MU 5101,\n{},resident-id,1,confirmed,{now},,\n",
        id(1),
        id(2)
    );
    let csv = send(&world, &headers, file.clone().into_bytes()).await.expect(200);
    batches.push(csv["batch"].clone());
    let again = send(&world, &headers, file.into_bytes()).await.expect(200);
    batches.push(again["batch"].clone());
    let mut retraction = fact(NUMBER, "retraction", now, 3);
    retraction["retracts"] = json!(id(1));
    let facts = json!({"facts": [retraction, fact(OTHER, "antipyretic", now, 4)]});
    batches.push(department.post("/v1/facts", facts).await.expect(200)["batch"].clone());
    let body = json!({"facts": [fact(OTHER, "confirmed", now, 5)]}).to_string().into_bytes();
    let public = hex::encode(public.to_bytes());
    let signature = key.sign(&[namespace::FACTS, &body].concat());
    let signature = format!("{public}:{}", hex::encode(signature.to_bytes()));
    let headers = [(SIGNATURE_HEADER, &*signature), ("content-type", "application/json")];
    batches.push(send(&world, &headers, body).await.expect(200)["batch"].clone());
    // What never became a batch is not noted.
    department.post("/v1/facts", json!({"facts": []})).await.expect(400);
    world.with_token("nobody").post("/v1/facts", json!({"facts": [1]})).await.expect(401);

    let auditor = world.authority.create_clerk("auditor", Role::Auditor).await.unwrap();
    let auditor = world.with_token(auditor.reveal());
    let page = auditor.get("/v1/audit?deed=report-facts").await.expect(200);
    let mut records = page["records"].as_array().unwrap().clone();
    records.reverse();
    let noted: Vec<(Value, Value)> = records
        .iter()
        .map(|record| (record["subject"].clone(), record["detail"].clone()))
        .collect();
    let figures = |form: &str, [accepted, retractions, duplicate, refused]: [u8; 4]| {
        json!({"form": form, "rows": (accepted + duplicate + refused).to_string(),
            "accepted": accepted.to_string(), "retractions": retractions.to_string(),
            "duplicate": duplicate.to_string(), "refused": refused.to_string()})
    };
    let mut signed = figures("json", [1, 0, 0, 0]);
    signed["signed-with"] = json!(public);
    let expected = [
        figures("csv", [1, 0, 0, 1]),
        figures("csv", [0, 0, 1, 1]),
        figures("json", [2, 1, 0, 0]),
        signed,
    ];
    let subjects = batches.iter().map(|batch| json!(format!("batch {}", batch.as_str().unwrap())));
    assert_eq!(noted, subjects.zip(expected).collect::<Vec<_>>());
    for record in &records {
        assert_eq!(
            (&record["name"], &record["role"]),
            (&json!("department"), &json!("department"))
        );
    }
    let text = page.to_string();
    for personal in [NUMBER, OTHER, "MU 5101", "antipyretic"] {
        assert!(!text.contains(personal), "{personal}");
    }
    assert_eq!(world.authority.check_audit().await.unwrap().broken_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_in_a_csv_file_is_refused_in_its_row_and_too_much_as_a_whole() {
    const CANARY: &str = "CANARY";
    let world = World::new().await;
    let token = format!("Bearer {}", world.department);
    let headers = [("authorization", &*token), ("content-type", "text/csv")];
    let now = world.now().to_string();
    let long = CANARY.repeat(1_000);
    let row = |cells: [&str; 7]| format!("{}\n", cells.join(","));
    let good =
        |tail: u32| row([&id(tail), "resident-id", NUMBER, "fever-clinic", &now, "window 3", ""]);
    let with = |tail: u32, at: usize, text: &str| {
        let id = id(tail);
        let mut cells = [&*id, "resident-id", NUMBER, "fever-clinic", &now, "window 3", ""];
        cells[at] = text;
        row(cells)
    };
    let (form, length) = ("not-of-the-expected-form", "too-short-or-too-long");
    let (most, number) = ("3".repeat(40), "3".repeat(41));
    let (note, longer) = ("样".repeat(200), "样".repeat(201));
    let cases: Vec<(String, String)> = vec![
        (good(1), "accepted - -".to_owned()),
        (with(2, 0, &long), format!("rejected id {form}")),
        (with(3, 1, &long), format!("rejected document_type {form}")),
        (with(4, 2, &number), format!("rejected number {length}")),
        (with(5, 2, &long), format!("rejected number {length}")),
        // Forty characters are looked at, and are no number.
        (with(6, 2, &most), format!("rejected number {form}")),
        (with(7, 3, &long), format!("rejected kind {form}")),
        (with(8, 4, &long), format!("rejected occurred_at {form}")),
        (with(9, 4, "2020-07-01"), format!("rejected occurred_at {form}")),
        (with(10, 4, "2019-11-30T23:59:59Z"), format!("rejected occurred_at {form}")),
        (with(11, 4, "2020-07-01T09:00:00Z"), format!("rejected occurred_at {form}")),
        (with(12, 5, &note), "accepted - -".to_owned()),
        (with(13, 5, &longer), format!("rejected detail {length}")),
        (with(14, 6, &long), format!("rejected retracts {form}")),
        (with(15, 3, "home-red"), format!("rejected kind {form}")),
        ("\u{0}\n".to_owned(), "rejected row missing-or-of-another-type".to_owned()),
        (format!("{}\n", ",".repeat(10_000)), "rejected row missing-or-of-another-type".to_owned()),
        (with(16, 5, "\"Flight, \"\"MU\"\" 5101\""), "accepted - -".to_owned()),
        (good(17), "accepted - -".to_owned()),
    ];
    let file: String = cases.iter().map(|(row, _)| row.as_str()).collect();
    let answer = send(&world, &headers, format!("{HEADING}\n{file}").into_bytes()).await;
    assert!(!answer.body.to_string().contains(CANARY), "nothing is repeated");
    let told = told(&answer.expect(200));
    assert_eq!(told.len(), cases.len());
    for ((row, expect), told) in cases.iter().zip(&told) {
        let (said, _) = told.rsplit_once(' ').unwrap();
        let row: String = row.chars().take(60).collect();
        assert_eq!(said, expect, "{row}");
    }

    // Too much as a whole: nothing of it is taken.
    let rows = |count: u32| (100..100 + count).map(good).collect::<String>();
    let refused = |answer: Answer, status: u16| {
        assert!(!answer.body.to_string().contains(CANARY));
        let (code, field) = answer.error(status);
        format!("{code} {}", field.unwrap_or_default())
    };
    let post = async |file: String| send(&world, &headers, file.into_bytes()).await;
    let heading = |rows: String| format!("{HEADING}\n{rows}");
    assert_eq!(refused(post(heading(rows(1_001))).await, 400), "bad-field facts");
    let huge = format!("{}{}\n", heading(good(18)), CANARY.repeat(200_000));
    assert!(huge.len() > 1 << 20);
    assert_eq!(refused(post(huge).await, 413), "too-large ");
    assert_eq!(
        refused(post(format!("{HEADING},{long}\n{}", good(19))).await, 400),
        "bad-field heading"
    );
    assert_eq!(refused(post(heading(String::new())).await, 400), "bad-field facts");
    assert_eq!(refused(post(String::new()).await, 400), "bad-field heading");
    // A thousand rows are what a file may have; only what was accepted is there.
    let answer = post(heading(rows(1_000))).await.expect(200);
    let accepted = |result: &&Value| result["outcome"] == "accepted";
    assert_eq!(answer["results"].as_array().unwrap().iter().filter(accepted).count(), 1_000);
    let found = crate::place::ask(world.folder(), "SELECT count(*) FROM facts");
    assert_eq!(found, (4 + 1_000).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_about_one_person_have_an_end_and_hold_up_nobody() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let department = world.with_token(&world.department);
    let post = async |facts: &[Value]| {
        told(&department.post("/v1/facts", json!({"facts": facts})).await.expect(200))
    };
    let now = world.now();
    let purchase = |tail| fact(NUMBER, "antipyretic", now, tail);
    for thousand in 0..4 {
        let facts: Vec<_> = (0..1_000).map(|tail| purchase(thousand * 1_000 + tail)).collect();
        assert!(post(&facts).await.iter().all(|told| told == "accepted - - -"));
    }
    let mut retraction = fact(NUMBER, "retraction", world.now(), 5_001);
    retraction["retracts"] = json!(id(7));
    let other = fact(OTHER, "antipyretic", world.now(), 5_002);
    let results = post(&[purchase(5_000), purchase(7), retraction, other]).await;
    assert_eq!(results[..2], ["rejected number too-many-facts -", "duplicate - - -"]);
    assert_eq!(results[2..], ["accepted - - -"; 2]);
    // Whoever reports too much stops nobody else.
    let clerk = world.with_token(&world.clerk);
    let report = json!({"facts": [purchase(6_000)]});
    assert_eq!(told(&clerk.post("/v1/facts", report).await.expect(200)), ["accepted - - -"]);
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"]["colour"], "amber");
}
