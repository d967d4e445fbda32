//! Contesting a colour.

use jiff::SignedDuration;
use serde_json::{Value, json};
use yanma_authority::colour::Scheme;

use crate::place;
use crate::world::{Answer, Caller, World, document_hash, fact, id};

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
    let tag = &waiting["appeals"][0]["facts_tag"];
    let declined =
        json!({"decision": "declined", "facts_tag": tag, "answer": "医院确认了这次就诊。"});
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
    let tag = &waiting["appeals"][0]["facts_tag"];
    let granted = json!({"decision": "granted", "facts_tag": tag, "answer": "已更正。"});
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
    let granted = json!({"decision": "granted", "facts_tag": "0123456789abcdef", "answer": "ok"});
    world.with_token(&world.department).post(&decide, granted.clone()).await.expect(403);
    citizen.post(&decide, granted.clone()).await.expect(401);
    let clerk = world.with_token(&world.clerk);
    clerk.post(&format!("/v1/console/appeals/{}", id(9)), granted.clone()).await.expect(404);
    for (field, wrong) in [("answer", " "), ("facts_tag", "0123456789ABCDEF"), ("facts_tag", "0")] {
        let mut refused = granted.clone();
        refused[field] = json!(wrong);
        assert_eq!(clerk.post(&decide, refused).await.error(400).1.as_deref(), Some(field));
    }
    for query in ["?limit=0", "?limit=201", "?after=x", "?x=1"] {
        clerk.get(&format!("/v1/console/appeals{query}")).await.expect(400);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clerk_reads_who_reported_what_and_the_note_and_the_citizen_does_not() {
    const NOTE: &str = "wrong person, see letter 12";
    let world = World::new().await;
    let citizen = world.holder().await;
    let (clerk, department) = (world.with_token(&world.clerk), world.with_token(&world.department));
    let earlier = world.now() - SignedDuration::from_hours(3);
    let now = world.now();
    let mut noted = fact(NUMBER, "fever-clinic", now, 1);
    noted["detail"] = json!(NOTE);
    let mut harmless = fact(NUMBER, "test-negative", now, 2);
    harmless["detail"] = json!("not contested");
    department.post("/v1/facts", json!({"facts": [noted, harmless]})).await.expect(200);
    let plain = json!({"facts": [fact(NUMBER, "close-contact", earlier, 3)]});
    clerk.post("/v1/facts", plain).await.expect(200);
    citizen.post("/v1/appeals", json!({"words": WORDS})).await.expect(201);

    let waiting = clerk.get("/v1/console/appeals").await.expect(200);
    let told = |kind: &str, at: jiff::Timestamp, reporter: &str, detail: Option<&str>| {
        let at = jiff::Timestamp::from_millisecond(at.as_millisecond()).unwrap();
        json!({"kind": kind, "occurred_at": at, "reporter": reporter, "detail": detail})
    };
    let expect = json!([
        told("close-contact", earlier, "clerk", None),
        told("fever-clinic", now, "department", Some(NOTE)),
    ]);
    assert_eq!(waiting["appeals"][0]["facts"], expect);
    for path in ["/v1/appeals", "/v1/me", "/v1/holder/history"] {
        let seen = citizen.get(path).await.expect(200).to_string();
        assert!(!seen.contains("letter 12") && !seen.contains("department"), "{path}: {seen}");
    }
}

/// A person whose colour is contested, and what becomes of it.
struct Contested<'w> {
    citizen: Caller<'w>,
    clerk: Caller<'w>,
    department: Caller<'w>,
    world: &'w World,
}

impl<'w> Contested<'w> {
    async fn new(world: &'w World) -> Self {
        let (clerk, department) =
            (world.with_token(&world.clerk), world.with_token(&world.department));
        Self { citizen: world.holder().await, clerk, department, world }
    }

    /// Reports that something happened so many hours ago.
    async fn report(&self, kind: &str, hours: i64, tail: u32) {
        let at = self.world.now() - SignedDuration::from_hours(hours);
        let report = json!({"facts": [fact(NUMBER, kind, at, tail)]});
        let reported = self.department.post("/v1/facts", report).await.expect(200);
        assert_eq!(reported["results"][0]["outcome"], "accepted");
    }

    /// Contests it, and reads the page as the clerk does.
    async fn contest(&self) -> Value {
        self.citizen.post("/v1/appeals", json!({"words": WORDS})).await.expect(201);
        self.read().await
    }

    async fn read(&self) -> Value {
        self.clerk.get("/v1/console/appeals").await.expect(200)["appeals"][0].clone()
    }

    /// Decides by what was read.
    async fn decide(&self, read: &Value, decision: &str) -> Answer {
        let path = format!("/v1/console/appeals/{}", read["id"].as_str().unwrap());
        let tag = &read["facts_tag"];
        let decided = json!({"decision": decision, "facts_tag": tag, "answer": "已核实。"});
        self.clerk.post(&path, decided).await
    }

    async fn colour(&self) -> Value {
        self.citizen.get("/v1/me").await.expect(200)["holder"]["colour"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reported_after_the_page_was_read_is_not_cleared_unseen() {
    let world = World::new().await;
    let case = Contested::new(&world).await;
    case.report("fever-clinic", 5, 1).await;
    let read = case.contest().await;
    // It happened before, and the clerk has not seen it.
    case.report("close-contact", 8, 2).await;
    for decision in ["granted", "declined"] {
        assert_eq!(case.decide(&read, decision).await.error(409).0, "appeal-changed");
    }
    assert_eq!(case.colour().await, "amber");
    let again = case.read().await;
    assert_eq!(again["id"], read["id"], "it waits as before");
    let kinds = again["because"].as_array().unwrap().iter().map(|fact| &fact["kind"]);
    assert_eq!(kinds.collect::<Vec<_>>(), ["close-contact", "fever-clinic"]);
    case.decide(&again, "granted").await.expect(200);
    assert_eq!(case.colour().await, "green");
    assert_eq!(case.decide(&again, "granted").await.error(409).0, "appeal-decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reported_after_the_decision_colours_whenever_it_happened() {
    let mut world = World::new().await;
    {
        let case = Contested::new(&world).await;
        case.report("fever-clinic", 5, 1).await;
        let read = case.contest().await;
        case.decide(&read, "granted").await.expect(200);
        assert_eq!(case.colour().await, "green");
        let told = case.citizen.get("/v1/holder/history").await.expect(200);
        assert_eq!(told["periods"][0]["began"]["reports"][0]["fact"]["kind"], "cleared", "{told}");

        // A sample that was taken an hour before the decision, and is known only now.
        case.report("confirmed", 1, 2).await;
        let me = case.citizen.get("/v1/me").await.expect(200);
        assert_eq!(me["holder"]["because"].as_array().unwrap().len(), 1, "{me}");
        assert_eq!(me["holder"]["because"][0]["kind"], "confirmed");

        // Who reported what was cleared may take it back as any other; it stays cleared.
        let mut back = fact(NUMBER, "retraction", world.now(), 3);
        back["retracts"] = json!(id(1));
        let back = case.department.post("/v1/facts", json!({"facts": [back]})).await.expect(200);
        assert_eq!(back["results"][0]["outcome"], "accepted", "{back}");
        assert_eq!(case.colour().await, "amber");
    }
    world.restart().await;
    let (desk, enrolled) = world.desk().await;
    let hash = document_hash(&enrolled, NUMBER);
    let asked = json!({"items": [
        {"document": {"document_type": "resident-id", "hash": hash, "basis": "consent"}},
    ]});
    let answer = desk.post("/v1/verify", asked).await.expect(200);
    assert_eq!(answer["answers"][0]["colour"], "amber");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_is_shown_whatever_a_granted_appeal_clears() {
    let scheme = Scheme::open("national-2021").unwrap();
    let world = World::with(|settings| settings.scheme = Some(scheme)).await;
    let case = Contested::new(&world).await;
    case.report("mid-risk-area", 30, 1).await;
    case.report("close-contact", 30, 2).await;
    let read = case.contest().await;
    assert_eq!(read["colour"], "red");
    assert_eq!(read["because"].as_array().unwrap().len(), 1);
    assert_eq!(read["because"][0]["kind"], "close-contact");
    assert_eq!(read["beside"].as_array().unwrap().len(), 1);
    assert_eq!(read["beside"][0]["kind"], "mid-risk-area");
    case.decide(&read, "granted").await.expect(200);
    assert_eq!(case.colour().await, "green");
}

impl Contested<'_> {
    async fn set_aside(&self, id: &Value, reason: &str) -> Answer {
        let path = format!("/v1/console/decided-appeals/{}/set-aside", id.as_str().unwrap());
        self.clerk.post(&path, json!({"reason": reason})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_set_aside_with_a_reason_and_both_decisions_stay() {
    const REASON: &str = "the hospital confirms the visit";
    let world = World::new().await;
    let case = Contested::new(&world).await;
    case.report("fever-clinic", 5, 1).await;
    case.report("close-contact", 8, 2).await;
    let read = case.contest().await;
    let appeal = &read["id"];
    assert_eq!(case.set_aside(appeal, REASON).await.error(409).0, "conflict", "it waits");
    case.decide(&read, "granted").await.expect(200);
    assert_eq!(case.colour().await, "green");
    assert_eq!(case.set_aside(appeal, "no").await.error(400).1.as_deref(), Some("reason"));

    let declined = case.set_aside(appeal, REASON).await.expect(200);
    assert_eq!((&declined["state"], &declined["answer"]), (&json!("declined"), &json!(REASON)));
    let me = case.citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["colour"], "amber");
    assert_eq!(me["holder"]["because"].as_array().unwrap().len(), 2, "{me}");
    let told = case.citizen.get("/v1/holder/history").await.expect(200);
    let began = &told["periods"][0]["began"]["reports"][0];
    assert_eq!(began["fact"]["kind"], "retraction", "{told}");
    assert_eq!(began["takes_back"]["kind"], "cleared", "{told}");

    // The holder reads both, and what the clerk wrote with each.
    let own = case.citizen.get("/v1/appeals").await.expect(200);
    let of = |appeals: &Value, name: &str| -> Vec<Value> {
        appeals["appeals"].as_array().unwrap().iter().map(|each| each[name].clone()).collect()
    };
    assert_eq!(of(&own, "state"), ["declined", "granted"]);
    assert_eq!(of(&own, "set_aside"), [false, true]);
    assert_eq!(of(&own, "answer"), [REASON, "已核实。"]);
    assert_eq!(of(&own, "words"), [WORDS, WORDS]);
    let decided = case.clerk.get("/v1/console/decided-appeals").await.expect(200);
    assert_eq!(of(&decided, "decision"), ["declined", "granted"]);
    assert_eq!(of(&decided, "set_aside"), [false, true]);
    let noted = place::ask(
        world.folder(),
        "SELECT subject, reason, detail FROM audit WHERE deed = 'set-appeal-aside'",
    );
    assert_eq!(noted.trim(), format!(r#"{}|{REASON}|{{"facts":"2"}}"#, appeal.as_str().unwrap()));

    // Once is all, and neither half can be set aside again.
    assert_eq!(case.set_aside(appeal, REASON).await.error(409).0, "conflict");
    assert_eq!(case.set_aside(&declined["id"], REASON).await.error(409).0, "conflict");
    case.set_aside(&json!(id(9)), REASON).await.expect(404);

    // It is contested anew, and what a second grant clears is cleared once more.
    let again = case.contest().await;
    assert_eq!(of(&json!({"appeals": again["earlier"]}), "set_aside"), [false, true]);
    case.decide(&again, "granted").await.expect(200);
    assert_eq!(case.colour().await, "green");
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_a_grant_aside_brings_back_nothing_that_others_took_back_or_cleared() {
    let world = World::new().await;
    let case = Contested::new(&world).await;
    case.report("fever-clinic", 5, 1).await;
    let first = case.contest().await;
    case.decide(&first, "granted").await.expect(200);
    case.report("close-contact", 8, 2).await;
    let second = case.contest().await;
    case.decide(&second, "granted").await.expect(200);
    // Who reported the first fact has taken it back meanwhile.
    let mut back = fact(NUMBER, "retraction", world.now(), 3);
    back["retracts"] = json!(id(1));
    case.department.post("/v1/facts", json!({"facts": [back]})).await.expect(200);

    case.set_aside(&first["id"], "decided by mistake").await.expect(200);
    assert_eq!(case.colour().await, "green");
    let path = format!("/v1/console/decided-appeals/{}/set-aside", second["id"].as_str().unwrap());
    let reason = json!({"reason": "decided by mistake"});
    case.department.post(&path, reason).await.expect(403);
    case.set_aside(&second["id"], "decided by mistake").await.expect(200);
    assert_eq!(case.colour().await, "amber");
}
