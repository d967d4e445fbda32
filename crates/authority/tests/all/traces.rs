//! Who was where: the questions of an epidemiologist, from outside.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use yanma_authority::clerks::Role;

use crate::world::{Caller, World, entry, id};

const NUMBER: &str = "350100190001010004";

/// A site with a desk that has uploaded visits: who (an index, or nobody), and at what time.
async fn visited(world: &World, site: &str, first: u32, visits: &[(Option<u64>, &str)]) -> String {
    let (station, desk) = desk_at(world, site).await;
    let entries: Vec<Value> = (first..)
        .zip(visits)
        .map(|(tail, (index, time))| {
            let mut entry = entry(&station, tail);
            entry["at"] = json!(format!("2020-07-01T{time}Z"));
            entry["subject"] = json!(index.map(|index| json!({"issuer": 35, "index": index})));
            entry
        })
        .collect();
    upload(&world.with_token(&desk), entries).await;
    station
}

async fn upload(desk: &Caller<'_>, entries: Vec<Value>) {
    let taken = desk.post("/v1/entries", json!({ "entries": entries })).await.expect(200);
    assert!(taken["results"].as_array().unwrap().iter().all(|r| r["outcome"] == "accepted"));
}

/// A desk at a site: its name for programs, and its token.
async fn desk_at(world: &World, site: &str) -> (String, String) {
    world.authority.put_site(site, "某处", "Somewhere", "hospital").await.unwrap();
    let request = yanma_protocol::stations::EnrolmentRequest {
        site: site.to_owned(),
        station_name: Some("一号台".to_owned()),
        scene: None,
    };
    let code = world.authority.hand_out(request).await.unwrap().enrolment_code;
    let body = json!({"enrolment_code": code, "station_name": "desk"});
    let enrolled = world.nobody().post("/v1/stations/enrol", body).await.expect(200);
    let text = |field: &str| enrolled[field].as_str().unwrap().to_owned();
    (text("station"), text("token"))
}

fn span() -> Value {
    json!({"from": "2020-07-01T00:00:00Z", "until": "2020-07-02T00:00:00Z", "reason": "个案 7 流调"})
}

fn ids(page: &Value) -> Vec<String> {
    let visits = page["visits"].as_array().unwrap();
    visits.iter().map(|visit| visit["id"].as_str().unwrap().to_owned()).collect()
}

async fn epidemiologist(world: &World) -> String {
    let token = world.authority.create_clerk("流调", Role::Epidemiologist).await.unwrap();
    token.reveal().to_owned()
}

/// The index of the world's one holder.
async fn index_of(caller: &Caller<'_>, number: &str) -> u64 {
    let body = json!({
        "by": {"document": {"document_type": "resident-id", "number": number}},
        "reason": "个案 7 流调",
    });
    let found = caller.post("/v1/holders/search", body).await.expect(200);
    found["holders"][0]["subject"]["index"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_there_and_who_was_near() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let token = epidemiologist(&world).await;
    let asker = world.with_token(&token);
    let case = index_of(&asker, NUMBER).await;
    let other = case + 1_000_000;
    // The case comes to the clinic at 09:00 and at 10:30, and to the hotel at 20:00.
    let clinic = [
        (Some(other), "07:59:59.999"),
        (Some(other), "08:00:00"),
        (Some(case), "09:00:00"),
        (None, "09:01:00"),
        (Some(case), "10:30:00"),
        (Some(other + 1), "11:30:00"),
        (Some(other + 1), "11:30:00.001"),
    ];
    let station = visited(&world, "clinic", 1, &clinic).await;
    visited(&world, "hotel", 20, &[(Some(case), "20:00:00"), (Some(other + 2), "20:40:00")]).await;
    visited(&world, "airport", 30, &[(Some(other + 3), "09:00:00")]).await;

    let everybody = json!({"site": "clinic", "span": span()});
    let page = asker.post("/v1/traces/site", everybody).await.expect(200);
    assert_eq!(ids(&page), (1..=7).map(id).collect::<Vec<_>>());
    assert_eq!(page["next"], Value::Null);
    let seen = &page["visits"][2];
    assert_eq!(seen["name_masked"], "样*明");
    assert_eq!(seen["colour_now"], "green");
    assert_eq!((&seen["station"], &seen["station_name"]), (&json!(station), &json!("一号台")));
    assert_eq!(page["visits"][3]["subject"], Value::Null, "somebody without a code is listed too");
    assert!(!page.to_string().contains(NUMBER));

    let by_document = json!({"document": {"document_type": "resident-id", "number": NUMBER}});
    let by_index = json!({"index": {"issuer": 35, "index": case}});
    for who in [&by_document, &by_index] {
        let body = json!({"who": who, "span": span()});
        let page = asker.post("/v1/traces/holder", body.clone()).await.expect(200);
        assert_eq!(ids(&page), [id(3), id(5), id(20)]);
        let page = asker.post("/v1/traces/contacts", body).await.expect(200);
        assert_eq!(ids(&page), [id(2), id(6), id(21)], "an hour before and after, to the second");
        let apart: Vec<_> = page["visits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["minutes_apart"].as_u64())
            .collect();
        assert_eq!(apart, [Some(60), Some(60), Some(40)]);
    }
    let nearer = json!({"who": by_index, "within_minutes": 45, "span": span()});
    assert_eq!(ids(&asker.post("/v1/traces/contacts", nearer).await.expect(200)), [id(21)]);

    // A code that was given back and claimed anew is still the same person.
    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    citizen.post("/v1/claims", json!({})).await.expect(201);
    let new = index_of(&asker, NUMBER).await;
    assert_ne!(new, case);
    visited(&world, "station", 40, &[(Some(new), "21:00:00")]).await;
    for who in [by_document, json!({"index": {"issuer": 35, "index": new}})] {
        let page = asker.post("/v1/traces/holder", json!({"who": who, "span": span()})).await;
        assert_eq!(ids(&page.expect(200)), [id(3), id(5), id(20), id(40)]);
    }
    // Another region's holder is known by place only.
    let foreign = json!({"who": {"index": {"issuer": 36, "index": case}}, "span": span()});
    assert_eq!(ids(&asker.post("/v1/traces/holder", foreign).await.expect(200)), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_a_gap() {
    let world = World::new().await;
    world.holder().await;
    let token = epidemiologist(&world).await;
    let asker = world.with_token(&token);
    let case = index_of(&asker, NUMBER).await;
    // All at one instant: the cursor must not rest on time alone.
    let crowd: Vec<_> = (0..7).map(|n| (Some(case + 10 + n), "09:00:00")).collect();
    visited(&world, "a", 1, &crowd).await;
    visited(&world, "b", 20, &crowd).await;
    visited(&world, "c", 40, &[(Some(case), "09:30:00")]).await;
    for (site, tail) in [("a", 60), ("b", 61)] {
        visited(&world, site, tail, &[(Some(case), "09:10:00")]).await;
    }
    let who = json!({"index": {"issuer": 35, "index": case}});
    for (path, ask, count) in [
        ("/v1/traces/site", json!({"site": "a"}), 8),
        ("/v1/traces/contacts", json!({ "who": who }), 14),
        ("/v1/traces/holder", json!({ "who": who }), 3),
    ] {
        for limit in [1, 2, 3, 1_000] {
            let (mut found, mut after) = (Vec::new(), Value::Null);
            loop {
                let mut body = ask.clone();
                body["span"] = span();
                body["span"]["limit"] = json!(limit);
                if !after.is_null() {
                    body["span"]["after"] = after;
                }
                let page = asker.post(path, body).await.expect(200);
                found.extend(ids(&page));
                after = page["next"].clone();
                if after.is_null() {
                    break;
                }
            }
            assert_eq!(found.len(), count, "{path} by {limit}");
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len(), count, "{path} by {limit}: none twice");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_noted_before_it_is_answered() {
    let world = World::new().await;
    world.holder().await;
    let token = epidemiologist(&world).await;
    let asker = world.with_token(&token);
    visited(&world, "clinic", 1, &[(Some(7), "09:00:00")]).await;
    let who = json!({"document": {"document_type": "resident-id", "number": NUMBER}});
    let absent = "110105194912310021";
    asker.post("/v1/traces/site", json!({"site": "clinic", "span": span()})).await.expect(200);
    let body = json!({"who": who, "span": span()});
    asker.post("/v1/traces/holder", body.clone()).await.expect(200);
    asker.post("/v1/traces/contacts", body).await.expect(200);
    // Also a question that finds nobody.
    let nobody = json!({"who": {"document": {"document_type": "resident-id",
        "number": "11010519491231002X"}}, "span": span()});
    assert_eq!(asker.post("/v1/traces/holder", nobody).await.error(404).0, "not-found");
    let nowhere = json!({"site": "nowhere", "span": span()});
    assert_eq!(asker.post("/v1/traces/site", nowhere).await.error(404).0, "not-found");

    let auditor = world.authority.create_clerk("审计", Role::Auditor).await.unwrap();
    let page = world.with_token(auditor.reveal()).get("/v1/audit").await.expect(200);
    let records = page["records"].as_array().unwrap();
    let noted: Vec<_> = records
        .iter()
        .filter(|record| record["deed"].as_str().unwrap().starts_with("trace-"))
        .map(|record| (record["deed"].as_str().unwrap(), record["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        noted,
        ["trace-site", "trace-holder", "trace-contacts", "trace-holder", "trace-site"]
            .map(|deed| (deed, "个案 7 流调"))
    );
    let text = page.to_string();
    for personal in [NUMBER, "11010519491231002X", absent, "样本明", "样*明", "13900000000"] {
        assert!(!text.contains(personal), "{personal}");
    }
    let traced = records.iter().find(|record| record["deed"] == "trace-contacts").unwrap();
    assert!(traced["subject"].as_str().unwrap().starts_with("document "));
    assert_eq!(traced["detail"]["from"], "2020-07-01T00:00:00Z");
    assert_eq!(traced["detail"]["within_minutes"], "60");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_is_found_masked_and_shown_with_a_reason() {
    let world = World::with(|settings| settings.rates.clerk_lookup.burst = 12.0).await;
    world.holder().await;
    let clerk = world.with_token(&world.clerk);
    let because = "纠错申请 12";
    let ask = async |by: Value| {
        clerk.post("/v1/holders/search", json!({"by": by, "reason": because})).await
    };
    let document = json!({"document": {"document_type": "resident-id", "number": NUMBER}});
    let found = ask(document.clone()).await.expect(200);
    let holder = &found["holders"][0];
    assert_eq!(holder["name_masked"], "样*明");
    assert_eq!(holder["document_masked"], "3501**********0004");
    assert_eq!(holder["group"], "resident");
    assert_eq!(ask(json!({"phone": "13900000000"})).await.expect(200), found);
    assert_eq!(ask(json!({"index": holder["subject"]})).await.expect(200), found);
    let none = json!({"holders": []});
    assert_eq!(ask(json!({"phone": "13900000009"})).await.expect(200), none);
    assert_eq!(ask(json!({"index": {"issuer": 36, "index": 1}})).await.expect(200), none);
    let text = found.to_string();
    assert!(!text.contains(NUMBER) && !text.contains("13900000000"));

    for (by, field) in [
        (json!({"phone": "1' OR 1=1 --"}), "phone"),
        (
            json!({"document": {"document_type": "resident-id", "number": "350100190001010005"}}),
            "number",
        ),
        (json!({"index": {"issuer": 300, "index": 1}}), "by.index.issuer"),
        (json!({"name": "样本明"}), "by"),
    ] {
        assert_eq!(ask(by).await.error(400).1.as_deref(), Some(field));
    }

    let reveal = async |reason: Value| {
        let body = json!({"subject": holder["subject"], "reason": reason});
        clerk.post("/v1/holders/reveal", body).await
    };
    for reason in [json!(""), json!("    "), json!(null), json!("a\u{0}bcd")] {
        assert_eq!(reveal(reason).await.error(400).1.as_deref(), Some("reason"));
    }
    let revealed = reveal(json!(because)).await.expect(200);
    assert_eq!(revealed["name"], "样本明");
    assert_eq!(revealed["number"], NUMBER);
    assert_eq!(revealed["phone"], "13900000000");

    // Numbers are not to be tried one after the other.
    while ask(document.clone()).await.status == 200 {}
    let (code, _) = ask(document).await.error(429);
    assert_eq!(code, "rate-limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_out_of_bounds_is_refused() {
    let world = World::new().await;
    let token = epidemiologist(&world).await;
    let asker = world.with_token(&token);
    let mut cases = vec![
        ("reason", json!("why"), "span.reason"),
        ("reason", json!(null), "span.reason"),
        ("until", json!("2020-07-01T00:00:00Z"), "span.until"),
        ("until", json!("2030-07-01T00:00:00Z"), "span.until"),
        ("until", json!("9999-12-30T22:00:00.999999999Z"), "span.until"),
        ("from", json!("-009999-01-02T01:59:59Z"), "span.until"),
        ("from", json!("yesterday"), "span.from"),
        ("limit", json!(0), "span.limit"),
        ("limit", json!(1_001), "span.limit"),
        ("after", json!("clinic~1~'; DROP TABLE entries; --"), "span.after"),
        ("after", json!("clinic~99999999999999999999~7"), "span.after"),
        ("surprise", json!(1), "span"),
    ];
    for (name, value, field) in cases.drain(..) {
        let mut body = json!({"site": "clinic", "span": span()});
        body["span"][name] = value;
        let (_, at) = asker.post("/v1/traces/site", body).await.error(400);
        assert_eq!(at.as_deref(), Some(field), "{name}");
    }
    for minutes in [json!(0), json!(1_441), json!(-1)] {
        let body = json!({"who": {"index": {"issuer": 35, "index": 1}},
            "within_minutes": minutes, "span": span()});
        let (_, at) = asker.post("/v1/traces/contacts", body).await.error(400);
        assert_eq!(at.as_deref(), Some("within_minutes"));
    }
    // Whoever may not ask is refused before anything else is looked at.
    for role in [Role::Clerk, Role::Department, Role::SiteManager, Role::Auditor] {
        let request = yanma_protocol::clerks::ClerkRequest {
            name: "a".to_owned(),
            role,
            sites: if role == Role::SiteManager { vec!["gate-1".into()] } else { Vec::new() },
            kinds: Vec::new(),
        };
        let token = world.authority.create_clerk_at(request).await.unwrap();
        let caller = world.with_token(token.reveal());
        let who = json!({"index": {"issuer": 35, "index": 1}});
        for (path, body) in [
            ("/v1/traces/site", json!({"site": "gate-1", "span": span()})),
            ("/v1/traces/holder", json!({"who": who, "span": span()})),
            ("/v1/traces/contacts", json!({"who": who, "span": span()})),
        ] {
            assert_eq!(caller.post(path, body).await.error(403).0, "forbidden", "{role:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_says_what_it_puts_right_and_when_it_was_heard_of() {
    let world = World::new().await;
    let token = epidemiologist(&world).await;
    let (station, desk) = desk_at(&world, "clinic").await;
    let first = entry(&station, 1);
    let mut second = entry(&station, 2);
    second["amends"] = json!(id(1));
    second["at"] = json!("2020-07-01T08:00:06Z");
    upload(&world.with_token(&desk), vec![first, second]).await;
    let body = json!({"site": "clinic", "span": span()});
    let page = world.with_token(&token).post("/v1/traces/site", body).await.expect(200);
    assert_eq!(ids(&page), [id(1), id(2)]);
    let of = |field: &str| [&page["visits"][0][field], &page["visits"][1][field]].map(Clone::clone);
    assert_eq!(of("amends"), [Value::Null, json!(id(1))]);
    let heard = of("received_at").map(|at| at.as_str().unwrap().parse::<Timestamp>().unwrap());
    let now = world.now();
    assert!(heard.iter().all(|at| now.duration_since(*at).abs() < SignedDuration::from_mins(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_taken_away_as_csv() {
    let world = World::new().await;
    let token = epidemiologist(&world).await;
    visited(&world, "clinic", 1, &[(Some(7), "09:00:00"), (None, "09:30:00")]).await;
    let mut body = json!({"site": "clinic", "span": span()});
    body["span"]["limit"] = json!(1);
    let url = format!("{}/v1/traces/site", world.url);
    let request = world.nobody().client.post(url).bearer_auth(token).header("accept", "text/csv");
    let answer = request.header("content-type", "application/json").body(body.to_string());
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let next = answer.headers()["yanma-next"].to_str().unwrap().to_owned();
    assert!(next.starts_with("clinic~1593594000000~"), "{next}");
    let text = String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[1].starts_with("2020-07-01T09:00:00Z,clinic,desk-"), "{text}");
    assert!(lines[1].contains(",35/7,,green,,admit,none,,"), "{text}");
}
