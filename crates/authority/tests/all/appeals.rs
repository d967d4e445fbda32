//! Contesting a colour.

use serde_json::{Value, json};

use crate::world::{World, fact, id};

const NUMBER: &str = "350100190001010004";
const WORDS: &str = "我没有去过发热门诊，是别人用了我的号码。";

async fn report(world: &World, tail: u32) {
    let report = fact(NUMBER, "fever-clinic", world.now(), tail);
    let department = world.with_token(&world.department);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_is_contested_and_a_clerk_decides() {
    let mut world = World::new().await;
    let citizen = world.holder().await;
    let clerk = world.with_token(&world.clerk);
    let words = json!({"words": WORDS});
    assert_eq!(citizen.post("/v1/appeals", words.clone()).await.error(409).0, "nothing-to-contest");
    report(&world, 1).await;
    let opened = citizen.post("/v1/appeals", words.clone()).await.expect(201);
    assert_eq!((&opened["state"], &opened["member"]), (&json!("open"), &Value::Null));
    assert_eq!(citizen.post("/v1/appeals", words.clone()).await.error(409).0, "appeal-open");

    let waiting = clerk.get("/v1/console/appeals").await.expect(200);
    assert_eq!(waiting["appeals"][0]["id"], opened["id"]);
    assert_eq!(waiting["appeals"][0]["because"][0]["kind"], "fever-clinic");
    assert!(!waiting.to_string().contains(NUMBER), "numbers stay masked");
    let decide = format!("/v1/console/appeals/{}", opened["id"].as_str().unwrap());
    let declined = json!({"decision": "declined", "answer": "医院确认了这次就诊。"});
    assert_eq!(clerk.post(&decide, declined.clone()).await.expect(200)["state"], "declined");
    assert_eq!(clerk.post(&decide, declined).await.error(409).0, "appeal-decided");
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"]["colour"], "amber");

    // Asked again, and granted this time: green, with everything still on file.
    let again = citizen.post("/v1/appeals", words).await.expect(201);
    let waiting = clerk.get("/v1/console/appeals").await.expect(200);
    let earlier = &waiting["appeals"][0]["earlier"];
    assert_eq!(earlier.as_array().unwrap().len(), 1);
    assert_eq!(earlier[0]["decision"], "declined");
    assert_eq!(earlier[0]["answer"], "医院确认了这次就诊。");
    let decide = format!("/v1/console/appeals/{}", again["id"].as_str().unwrap());
    let granted = json!({"decision": "granted", "answer": "已更正。"});
    clerk.post(&decide, granted).await.expect(200);
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"]["colour"], "green");
    let own = citizen.get("/v1/appeals").await.expect(200);
    let states: Vec<_> = own["appeals"].as_array().unwrap().iter().map(|a| &a["state"]).collect();
    assert_eq!(states, ["granted", "declined"]);
    assert_eq!(clerk.get("/v1/console/appeals").await.expect(200)["appeals"], json!([]));

    // What was decided is read page by page, by whom and with the words of both sides.
    let first = clerk.get("/v1/console/decided-appeals?limit=1").await.expect(200);
    assert_eq!(first["appeals"][0]["decision"], "granted");
    assert_eq!(first["appeals"][0]["decided_by"], "clerk");
    assert_eq!(first["appeals"][0]["words"], WORDS);
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/console/decided-appeals?limit=1&before={next}");
    let last = clerk.get(&path).await.expect(200);
    assert_eq!(last["appeals"][0]["answer"], "医院确认了这次就诊。");
    assert_eq!(last["next"], Value::Null);
    assert!(!last.to_string().contains(NUMBER), "numbers stay masked");
    let department = world.with_token(&world.department);
    department.get("/v1/console/decided-appeals").await.expect(403);
    for query in ["?limit=0", "?limit=201", "?before=x", "?x=1"] {
        clerk.get(&format!("/v1/console/decided-appeals{query}")).await.expect(400);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_clerks_decide_and_bad_appeals_name_the_field() {
    let mut world = World::new().await;
    let citizen = world.holder().await;
    report(&world, 1).await;
    let (code, field) = citizen.post("/v1/appeals", json!({"words": "no"})).await.error(400);
    assert_eq!((code.as_str(), field.as_deref()), ("bad-field", Some("words")));
    let opened = citizen.post("/v1/appeals", json!({"words": WORDS})).await.expect(201);
    let decide = format!("/v1/console/appeals/{}", opened["id"].as_str().unwrap());
    let granted = json!({"decision": "granted", "answer": "ok"});
    world.with_token(&world.department).post(&decide, granted.clone()).await.expect(403);
    citizen.post(&decide, granted.clone()).await.expect(401);
    let clerk = world.with_token(&world.clerk);
    clerk.post(&format!("/v1/console/appeals/{}", id(9)), granted).await.expect(404);
    let silent = json!({"decision": "granted", "answer": " "});
    assert_eq!(clerk.post(&decide, silent).await.error(400).1.as_deref(), Some("answer"));
    for query in ["?limit=0", "?limit=201", "?after=x", "?x=1"] {
        clerk.get(&format!("/v1/console/appeals{query}")).await.expect(400);
    }
    world.stop().await;
}
