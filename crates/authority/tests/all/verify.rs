//! Asking about codes and documents, and the record that is kept of it.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Client;
use serde_json::{Value, json};
use yanma_protocol::verify::LegalBasis;

use crate::crash::{Server, program};
use crate::world::{Caller, World, until};

const LIMIT: Duration = Duration::from_secs(30);

async fn state(desk: &Caller<'_>, receipt: &Value) -> Value {
    let path = format!("/v1/verify/receipts/{}", receipt.as_str().unwrap());
    desk.get(&path).await.expect(200)["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_counts_once_its_record_is_on_the_disk() {
    let mut world = World::new().await;
    let token = {
        let (desk, enrolled) = world.desk().await;
        let (other, _) = world.desk().await;
        let ask = json!({"items": [{"code": "1"}, {"code": "2"}]});
        let answer = desk.post("/v1/verify", ask.clone()).await.expect(200);
        let receipt = &answer["receipt"];
        assert!(["pending", "durable"].map(Value::from).contains(&state(&desk, receipt).await));
        until(LIMIT, async || state(&desk, receipt).await == "durable").await;
        assert_eq!(state(&other, receipt).await, "unknown", "it is another station's");
        let never = json!("01730000-0000-7000-8000-000000000000");
        assert_eq!(state(&desk, &never).await, "unknown");
        let odd = desk.get("/v1/verify/receipts/7").await;
        assert_eq!(odd.error(400).1.as_deref(), Some("receipt"));
        enrolled["token"].as_str().unwrap().to_owned()
    };
    // A server that is stopped in order leaves nothing behind.
    let mut receipts = Vec::new();
    for _ in 0..20 {
        let ask = json!({"items": [{"code": "1"}]});
        let answer = world.with_token(&token).post("/v1/verify", ask).await.expect(200);
        receipts.push(answer["receipt"].clone());
    }
    world.restart().await;
    for receipt in receipts {
        assert_eq!(state(&world.with_token(&token), &receipt).await, "durable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_at_once_are_answered_in_their_order() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let (desk, _) = world.desk().await;
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    let nobody = json!({"document_type": "resident-id", "hash": "0123456789abcdef",
        "basis": "public-health-emergency"});
    let item = |at: usize| match at % 4 {
        0 => json!({"code": shown["text"]}),
        1 => json!({"code": "HTTPS://YM.TEST/1"}),
        2 => json!({"document": nobody}),
        // Too long to be a code; only this item is refused.
        _ if at == 503 => json!({"code": "7".repeat(1_025)}),
        _ => json!({"code": ""}),
    };
    let items: Vec<_> = (0..1_000).map(item).collect();
    let answer = desk.post("/v1/verify", json!({"items": items})).await.expect(200);
    let answers = answer["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 1_000);
    for (at, answer) in answers.iter().enumerate() {
        let expect = match at % 4 {
            0 => ("known", Value::Null),
            1 => ("refused", json!("F-PART")),
            2 => ("unknown", Value::Null),
            _ if at == 503 => ("refused", json!("F-FORM")),
            _ => ("refused", json!("F-PART")),
        };
        assert_eq!((answer["outcome"].as_str().unwrap(), answer["code"].clone()), expect, "{at}");
    }
    until(LIMIT, async || state(&desk, &answer["receipt"]).await == "durable").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_item_may_be_asked_about_in_the_address() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let (desk, _) = world.desk().await;
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    let digits = shown["text"].as_str().unwrap().rsplit('/').next().unwrap();
    let answer = desk.get(&format!("/v1/verify?code={digits}")).await.expect(200);
    assert_eq!(answer["answers"][0]["outcome"], "known");
    assert!(answer["receipt"].is_string());
    let document = "document_type=resident-id&hash=0123456789abcdef";
    let answer = desk.get(&format!("/v1/verify?{document}&basis=legal-duty")).await.expect(200);
    assert_eq!(answer["answers"], json!([{"outcome": "unknown"}]));
    let digits = "document_type=resident-id&hash=1234567890123456&basis=consent";
    let answer = desk.get(&format!("/v1/verify?{digits}")).await.expect(200);
    assert_eq!(answer["answers"], json!([{"outcome": "unknown"}]), "a hash may be all digits");
    for (query, field) in [
        (document.to_owned(), "basis"),
        (format!("{document}&basis=why"), "basis"),
        (format!("{document}&basis=consent&code2=1"), "query"),
        ("code=1&more=1".to_owned(), "query"),
        (format!("code=1&{document}"), "query"),
        ("document_type=cat&hash=0123456789abcdef&basis=consent".to_owned(), "document_type"),
        ("document_type=resident-id&hash=1&basis=consent".to_owned(), "hash"),
        (String::new(), "document_type"),
    ] {
        let answer = desk.get(&format!("/v1/verify?{query}")).await;
        assert_eq!(answer.error(400).1.as_deref(), Some(field), "{query}");
    }
    world.nobody().get("/v1/verify?code=1").await.error(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_allowed_a_look_up_is_recorded_whichever_way_it_was_asked() {
    let world = World::new().await;
    world.holder().await;
    let (desk, enrolled) = world.desk().await;
    let hash = crate::world::document_hash(&enrolled, "350100190001010004");
    let document = |hash: &str, basis: &LegalBasis| json!({"document": {"document_type": "resident-id", "hash": hash, "basis": basis}});
    // Each basis once by itself, and all of them with a code in one request.
    let mut expect = Vec::new();
    for basis in LegalBasis::ALL {
        let query = format!("document_type=resident-id&hash={hash}&basis={}", basis.as_str());
        let answer = desk.get(&format!("/v1/verify?{query}")).await.expect(200);
        assert_eq!(answer["answers"][0]["outcome"], "known");
        expect.push((answer["receipt"].clone(), 0, json!(basis), json!("known")));
    }
    let strangers = LegalBasis::ALL.map(|basis| document("0123456789abcdef", &basis));
    let items: Vec<_> = [json!({"code": "1"})].into_iter().chain(strangers).collect();
    let answer = desk.post("/v1/verify", json!({"items": items})).await.expect(200);
    let receipt = &answer["receipt"];
    expect.push((receipt.clone(), 0, Value::Null, json!("F-PART")));
    for (item, basis) in (1..).zip(LegalBasis::ALL) {
        expect.push((receipt.clone(), item, json!(basis), json!("unknown")));
    }
    until(LIMIT, async || state(&desk, receipt).await == "durable").await;

    let mut found = Vec::new();
    let (from, until) = (world.now() - SignedDuration::from_hours(1), world.now());
    let until = until + SignedDuration::from_hours(1);
    let keep = |record: yanma_authority::verify::Recorded| {
        let record = serde_json::to_value(record).unwrap();
        let item = record["item"].as_u64().unwrap();
        found.push((
            record["receipt"].clone(),
            item,
            record["basis"].clone(),
            record["outcome"].clone(),
        ));
        true
    };
    world.authority.verifications(from, until, "a complaint", keep).await.unwrap();
    found.sort_by_key(|record| (record.0.to_string(), record.1));
    expect.sort_by_key(|record| (record.0.to_string(), record.1));
    assert_eq!(found, expect);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_receipt_counts_for_survives_being_killed() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    assert!(program(folder.path()).arg("simulate").status().unwrap().success());
    let demo = std::fs::read_to_string(folder.path().join("demo.json")).unwrap();
    let demo: Value = serde_json::from_str(&demo).unwrap();
    let server = Server::start(folder.path());
    let client = Client::new();
    let code = &demo["enrolment_codes"][0]["enrolment_code"];
    let enrol = json!({"enrolment_code": code, "station_name": "desk"});
    let enrolled = client.post(format!("{}/v1/stations/enrol", server.url)).json(&enrol);
    let enrolled: Value = enrolled.send().await.unwrap().json().await.unwrap();
    let token = enrolled["token"].as_str().unwrap();
    let state = async |url: &str, receipt: &str| -> Option<String> {
        let asked = client.get(format!("{url}/v1/verify/receipts/{receipt}")).bearer_auth(token);
        let answer: Value = asked.send().await.ok()?.json().await.ok()?;
        Some(answer["state"].as_str().unwrap().to_owned())
    };

    // Asks without a pause until the server is gone; what counts is asked about beside it.
    let url = server.url.clone();
    let (given, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let ask = async {
        // Ends with this block, and so does whoever waits for more.
        let given = given;
        let document = json!({"document_type": "resident-id", "hash": "0123456789abcdef",
            "basis": "legal-duty"});
        let items = json!({"items": [{"code": "1"}, {"document": document}]});
        loop {
            let asked = client.post(format!("{url}/v1/verify")).bearer_auth(token).json(&items);
            let Ok(answer) = asked.send().await else { break };
            let Ok(answer) = answer.json::<Value>().await else { break };
            match answer["receipt"].as_str() {
                Some(receipt) => given.send(receipt.to_owned()).unwrap(),
                // A desk may look up so many documents only.
                None => {
                    assert_eq!(answer["code"], "rate-limited");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    };
    let watch = async {
        let mut counts = Vec::new();
        let mut server = Some(server);
        while let Some(receipt) = waiting.recv().await {
            while let Some(state) = state(&url, &receipt).await {
                if state == "durable" {
                    counts.push(receipt);
                    break;
                }
                assert_eq!(state, "pending", "no receipt is lost while the server runs");
            }
            if counts.len() == 100
                && let Some(server) = server.take()
            {
                tokio::task::spawn_blocking(|| server.kill()).await.unwrap();
            }
        }
        counts
    };
    let ((), counts) = tokio::join!(ask, watch);
    assert!(counts.len() >= 100);

    let server = Server::start(folder.path());
    for receipt in &counts {
        assert_eq!(state(&server.url, receipt).await.as_deref(), Some("durable"), "{receipt}");
    }
    server.kill();

    // What was recorded can be read, item by item, and that it was is noted.
    let read = program(folder.path())
        .args(["verifications", "--from", "2020-01-01T00:00:00Z"])
        .args(["--until", "2100-01-01T00:00:00Z", "--reason", "a complaint"])
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let lines = String::from_utf8(read.stdout).unwrap();
    let records: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for receipt in &counts {
        let items: Vec<_> =
            records.iter().filter(|record| record["receipt"] == **receipt).collect();
        assert_eq!(items.len(), 2, "{receipt}");
        assert_eq!((&items[0]["item"], &items[1]["item"]), (&json!(0), &json!(1)));
        assert_eq!((&items[0]["outcome"], &items[0]["basis"]), (&json!("F-PART"), &Value::Null));
        let basis = (&items[1]["outcome"], &items[1]["basis"]);
        assert_eq!(basis, (&json!("unknown"), &json!("legal-duty")), "what allowed the look-up");
        assert_eq!(items[0]["station"], enrolled["station"]);
    }
    let audit = program(folder.path()).arg("audit").output().unwrap();
    assert!(audit.status.success(), "the chain holds");
}
