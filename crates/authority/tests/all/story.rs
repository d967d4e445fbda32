//! One citizen, one desk, one department, from registration to withdrawal.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::world::{World, document_hash, entry, fact, id, instant, registration, until};

const NUMBER: &str = "350100190001010004";

#[tokio::test(flavor = "multi_thread")]
async fn a_code_from_registration_to_withdrawal() {
    let mut world = World::new().await;
    {
        let nobody = world.nobody();
        let wrong = registration(NUMBER, "样本暗", "13900000000");
        let refused = nobody.post("/v1/accounts/register", wrong).await;
        assert_eq!(refused.error(422).0, "not-registered");
    }

    let citizen = world.citizen(NUMBER, "样本明", "13900000000").await;
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"], Value::Null);
    assert_eq!(
        me["account"],
        json!({"name_masked": "样*明", "document_masked": "3501**********0004",
            "document_type": "resident-id", "level": "register-match"})
    );
    let early = citizen.post("/v1/shows", json!({})).await;
    assert_eq!(early.error(404).0, "not-found", "no code was claimed yet");

    let claimed = citizen.post("/v1/claims", json!({})).await.expect(201);
    assert_eq!(claimed["colour"], "green");
    citizen.post("/v1/claims", json!({})).await.expect(200);

    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    assert_eq!(shown["lifetime_seconds"], 60);
    assert_eq!(shown["shown_count"], 1);
    let text = shown["text"].as_str().unwrap().to_owned();
    assert_eq!(yanma_barcode::draw::qr_for_code(&text).unwrap().version, 6);

    // The desk asks about the code and about the card.
    let (desk, enrolled) = world.desk().await;
    let hash = document_hash(&enrolled, NUMBER);
    let known = ask(&desk, &text, &hash).await;
    let index = known[0]["index"].clone();
    assert_eq!(
        known[0],
        json!({"outcome": "known", "issuer": 35, "index": index, "colour": "green",
            "name_masked": "样*明"})
    );
    assert_eq!(known[1], known[0], "the card leads to the same holder");

    // A department reports; the next answer knows, and so does the next head.
    let department = world.with_token(&world.department);
    let before = world.nobody().get("/v1/health").await.expect(200)["sequence"].clone();
    let report = fact(NUMBER, "fever-clinic", world.now(), 1);
    let reported = department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
    assert_eq!(reported["results"], json!([{"id": id(1), "outcome": "accepted"}]));
    let orange = ask(&desk, &text, &hash).await;
    assert_eq!((&orange[0]["colour"], &orange[1]["colour"]), (&json!("amber"), &json!("amber")));
    let health = async || world.nobody().get("/v1/health").await.expect(200);
    until(Duration::from_secs(2), async || health().await["sequence"] != before).await;
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["colour"], "amber");
    assert_eq!(me["holder"]["amber_name"], "orange");
    assert_eq!(me["holder"]["because"][0]["kind"], "fever-clinic");
    let again = department
        .post(
            "/v1/facts",
            json!({"facts": [fact(NUMBER, "fever-clinic", instant("2020-07-01T00:00:00Z"), 1)]}),
        )
        .await
        .expect(200);
    assert_eq!(
        again["results"][0],
        json!({"id": id(1), "outcome": "rejected", "field": "id", "reason": "id-in-use"}),
        "an id that stands for something else is not taken for a repetition"
    );

    // Fourteen days later the fact ends by itself.
    world.pass(SignedDuration::from_hours(14 * 24));
    until(Duration::from_secs(3), async || ask(&desk, &text, &hash).await[0]["colour"] == "green")
        .await;
    assert_eq!(
        citizen.get("/v1/me").await.error(401).0,
        "unauthorised",
        "the session of a fortnight ago has ended"
    );
    citizen
        .post("/v1/accounts/login", json!({"phone": "13900000000", "password": "correct horse"}))
        .await
        .expect(200);

    // Withdrawn, and claimed anew under another index.
    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    let withdrawn = ask(&desk, &text, &hash).await;
    assert_eq!(withdrawn[0]["colour"], "withdrawn");
    assert_eq!(withdrawn[1]["colour"], "withdrawn");
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"], Value::Null);
    citizen.post("/v1/claims", json!({})).await.expect(201);
    let anew = ask(&desk, &text, &hash).await;
    assert_eq!(anew[0]["colour"], "withdrawn", "the old code stays what it is");
    assert_eq!(anew[1]["colour"], "green");
    assert_ne!(anew[1]["index"], index);

    // All of that is still so after a restart.
    let token = enrolled["token"].as_str().unwrap().to_owned();
    drop((citizen, desk, department));
    world.restart().await;
    let desk = world.with_token(&token);
    assert_eq!(ask(&desk, &text, &hash).await, anew);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_was_there_before_the_claim_counts() {
    let world = World::new().await;
    let clerk = world.with_token(&world.clerk);
    let report = fact(NUMBER, "close-contact", world.now(), 1);
    let body = json!({"facts": [report.clone(), report]});
    let results = clerk.post("/v1/facts", body).await.expect(200)["results"].clone();
    assert_eq!(results[0]["outcome"], "accepted");
    assert_eq!(results[1]["outcome"], "duplicate");
    let citizen = world.citizen(NUMBER, "样本明", "13900000000").await;
    let holder = citizen.post("/v1/claims", json!({})).await.expect(201);
    assert_eq!(holder["colour"], "amber");
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    assert_eq!(shown["colour"], "amber");
    let mut cleared = fact(NUMBER, "cleared", world.now(), 2);
    cleared["detail"] = json!("was in another town that day");
    clerk.post("/v1/facts", json!({"facts": [cleared]})).await.expect(200);
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["colour"], "green");
    assert_eq!(me["holder"]["because"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_gets_its_own_reason() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let (desk, enrolled) = world.desk().await;
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    let text = shown["text"].as_str().unwrap();
    let altered = {
        let last = if text.ends_with('7') { '8' } else { '7' };
        format!("{}{last}", text.split_at(text.len() - 1).0)
    };
    let short = text.split_at(text.len() - 60).0;
    let nobody = document_hash(&enrolled, "350100190001010012");
    let items = json!({"items": [
        {"code": altered}, {"code": short}, {"code": "好"},
        {"document": {"document_type": "resident-id", "hash": nobody, "basis": "consent"}},
    ]});
    let answers = desk.post("/v1/verify", items).await.expect(200)["answers"].clone();
    assert_eq!(
        answers,
        json!([
            {"outcome": "refused", "code": "S-SIG"},
            {"outcome": "refused", "code": "F-PART"},
            {"outcome": "refused", "code": "F-PART"},
            {"outcome": "unknown"},
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_arrive_once() {
    let world = World::new().await;
    let (desk, enrolled) = world.desk().await;
    let (other, other_enrolled) = world.desk().await;
    let station = enrolled["station"].as_str().unwrap();
    let other_station = other_enrolled["station"].as_str().unwrap();
    let mut odd = entry(station, 3);
    odd["reasons"] = json!(["not a code"]);
    let foreign = entry(other_station, 4);
    let mut hashed = entry(station, 1);
    hashed["document_hash"] = json!("0123456789abcdef");
    let body = json!({"entries": [hashed.clone(), entry(station, 2), odd, foreign, {"id": 7}]});
    let outcomes = |answer: Value| -> Vec<String> {
        let results = answer["results"].as_array().unwrap().clone();
        let text = |result: &Value| {
            let outcome = result["outcome"].as_str().unwrap().to_owned();
            let reason = result["reason"].as_str().unwrap_or_default();
            format!("{outcome} {reason}").trim().to_owned()
        };
        results.iter().map(text).collect()
    };
    let rest = [
        "rejected reasons-not-of-the-expected-form",
        "rejected another-station",
        "rejected id-missing-or-of-another-type",
    ];
    let first = outcomes(desk.post("/v1/entries", body.clone()).await.expect(200));
    assert_eq!(first[..2], ["accepted", "accepted"]);
    assert_eq!(first[2..], rest);
    let second = outcomes(desk.post("/v1/entries", body).await.expect(200));
    assert_eq!(second[..2], ["duplicate", "duplicate"]);
    assert_eq!(second[2..], rest);
    let theirs = json!({"entries": [entry(other_station, 1)]});
    let theirs = outcomes(other.post("/v1/entries", theirs).await.expect(200));
    assert_eq!(theirs, ["rejected id-in-use"]);

    let mut altered = hashed;
    altered["decision"] = json!("refuse");
    let altered = desk.post("/v1/entries", json!({"entries": [altered]})).await.expect(200);
    assert_eq!(outcomes(altered), ["rejected id-in-use"], "another entry under a known id");

    let clerk = world.with_token(&world.clerk);
    let page = clerk.get("/v1/entries?limit=1").await.expect(200);
    assert_eq!(page["entries"][0]["id"], id(1));
    assert!(page["entries"][0]["received_at"].is_string());
    for whose in ["subject", "document_hash"] {
        assert_eq!(page["entries"][0][whose], Value::Null, "{whose} is asked of a trace");
    }
    let after = page["next"].as_u64().unwrap();
    let page = clerk.get(&format!("/v1/entries?after={after}&limit=1")).await.expect(200);
    assert_eq!(page["entries"][0]["id"], id(2));
    assert_eq!(page["next"], Value::Null, "two entries were kept, not more");

    let mut altered = entry(station, 5);
    altered["decision"] = json!("refuse");
    let body = json!({"entries": [entry(station, 5), entry(station, 5), altered]});
    let within = outcomes(desk.post("/v1/entries", body).await.expect(200));
    assert_eq!(within, ["accepted", "duplicate", "rejected id-in-use"], "in one upload");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_does_only_what_is_theirs() {
    let world = World::new().await;
    let (desk, _) = world.desk().await;
    let department = world.with_token(&world.department);
    let clerk = world.with_token(&world.clerk);
    let nobody = world.nobody();
    let enrolment = json!({"site": "gate-1"});
    for (caller, status) in [(&department, 403), (&desk, 401), (&nobody, 401)] {
        caller.get("/v1/entries").await.error(status);
        caller.post("/v1/enrolments", enrolment.clone()).await.error(status);
    }
    clerk.post("/v1/enrolments", enrolment).await.expect(201);
    let facts = json!({"facts": [fact(NUMBER, "antipyretic", world.now(), 1)]});
    for caller in [&desk, &nobody] {
        caller.post("/v1/facts", facts.clone()).await.error(401);
    }
    let items = json!({"items": [{"code": "1"}]});
    for caller in [&clerk, &department, &nobody, &world.with_token("0")] {
        caller.post("/v1/verify", items.clone()).await.error(401);
        caller.get("/v1/me").await.error(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_station_asks_and_uploads_no_more() {
    let world = World::new().await;
    let (desk, enrolled) = world.desk().await;
    let (other, _) = world.desk().await;
    let ask = || json!({"items": [{"code": "1"}]});
    desk.post("/v1/verify", ask()).await.expect(200);
    let station = enrolled["station"].as_str().unwrap();
    world.authority.revoke_station(station).await.unwrap();
    desk.post("/v1/verify", ask()).await.error(401);
    desk.post("/v1/entries", json!({"entries": []})).await.error(401);
    other.post("/v1/verify", ask()).await.expect(200);
    let revoked = world.authority.stations().await.unwrap();
    let revoked: Vec<_> = revoked.iter().filter(|row| row.revoked_at.is_some()).collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].station, station);
    assert!(world.authority.revoke_station("desk-nowhere").await.is_err());
    world.authority.revoke_station(station).await.expect("twice is no error");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_for_each_phone_and_person() {
    let world = World::new().await;
    let citizen = world.holder().await;
    for (number, name, phone) in
        [(NUMBER, "样本明", "13900000001"), ("350100190001010012", "欧阳样本", "13900000000")]
    {
        let request = registration(number, name, phone);
        let refused = world.browser().post("/v1/accounts/register", request).await;
        assert_eq!(refused.error(409).0, "conflict");
    }
    let wrong = json!({"phone": "13900000000", "password": "wrong horse"});
    let stranger = json!({"phone": "13900000009", "password": "wrong horse"});
    let mut answers = Vec::new();
    for request in [wrong, stranger] {
        answers.push(world.browser().post("/v1/accounts/login", request).await);
    }
    assert_eq!(answers[0].status, 401);
    assert_eq!(answers[0].body, answers[1].body, "it is not told whether the phone is known");
    citizen.post("/v1/accounts/logout", json!({})).await.expect(204);
    citizen.get("/v1/me").await.error(401);
}

async fn ask(desk: &crate::world::Caller<'_>, text: &str, hash: &str) -> Value {
    let items = json!({"items": [
        {"code": text},
        {"document": {"document_type": "resident-id", "hash": hash, "basis": "consent"}},
    ]});
    desk.post("/v1/verify", items).await.expect(200)["answers"].clone()
}
