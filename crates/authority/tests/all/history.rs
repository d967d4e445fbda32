//! Which colours a code had, since when, until when and why.

use std::num::NonZeroU16;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use yanma_authority::clerks::Role;
use yanma_authority::retention::Retention;

use crate::authenticator::administrator;
use crate::console::somebody;
use crate::place;
use crate::world::{Caller, World, fact, id, until};

const NUMBER: &str = "350100190001010004";
const OTHER: &str = "350100190001010012";
const LIMIT: Duration = Duration::from_secs(10);

async fn history(citizen: &Caller<'_>, query: &str) -> Value {
    citizen.get(&format!("/v1/holder/history{query}")).await.expect(200)
}

/// `amber by report, because fever-clinic`, one for each colour, the newest first.
fn told(history: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |period: &Value| {
        let because = period["because"].as_array().unwrap();
        let kinds: Vec<_> = because.iter().map(|reason| text(&reason["kind"])).collect();
        let said = format!("{} by {}", text(&period["colour"]), text(&period["began"]["by"]));
        if kinds.is_empty() { said } else { format!("{said}, because {}", kinds.join(" ")) }
    };
    let periods = history["periods"].as_array().unwrap();
    for pair in periods.windows(2) {
        assert_eq!(pair[0]["since"], pair[1]["until"], "there is no gap: {history}");
    }
    assert_eq!(periods[0]["until"], Value::Null);
    periods.iter().map(one).collect()
}

async fn login(world: &World) -> Caller<'_> {
    let browser = world.browser();
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    browser.post("/v1/accounts/login", login).await.expect(200);
    browser
}

async fn report(caller: &Caller<'_>, fact: Value) {
    let answer = caller.post("/v1/facts", json!({"facts": [fact]})).await.expect(200);
    assert_eq!(answer["results"][0]["outcome"], "accepted", "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_explained_also_when_it_is_over() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let department = world.with_token(&world.department);
    let first = history(&citizen, "").await;
    assert_eq!(told(&first), ["green by claim"]);
    assert_eq!(first["complete"], true);
    assert_eq!(first["periods"][0]["amber_name"], "orange");

    // By a fact, and green again when it ends by itself.
    let clinic = fact(NUMBER, "fever-clinic", world.now(), 1);
    report(&department, clinic.clone()).await;
    let orange = history(&citizen, "").await;
    assert_eq!(told(&orange), ["amber by report, because fever-clinic", "green by claim"]);
    let newest = &orange["periods"][0];
    assert_eq!(newest["because"][0]["reason"]["zh"], "14 天内曾到发热门诊就诊");
    assert_eq!(newest["foreseen_until"], newest["because"][0]["until"]);
    assert_eq!(newest["began"]["reports"][0]["fact"]["kind"], "fever-clinic");
    assert_eq!(newest["scheme"]["id"], "fujian-2020");
    assert_eq!(newest["scheme"]["version"], 1);
    assert_eq!(newest.get("facts"), None, "ids are for the console");
    drop(citizen);
    world.pass(SignedDuration::from_hours(15 * 24));
    let citizen = login(&world).await;
    until(LIMIT, async || told(&history(&citizen, "").await)[0] == "green by time").await;

    // A fact that was taken back: the colour goes back, and it says why.
    report(&department, fact(NUMBER, "close-contact", world.now(), 2)).await;
    let mut retraction = fact(NUMBER, "retraction", world.now(), 3);
    retraction["retracts"] = json!(id(2));
    report(&department, retraction).await;
    let back = history(&citizen, "").await;
    let expect = [
        "green by report",
        "amber by report, because close-contact",
        "green by time",
        "amber by report, because fever-clinic",
        "green by claim",
    ];
    assert_eq!(told(&back), expect);
    let taken_back = &back["periods"][0]["began"]["reports"][0];
    assert_eq!(taken_back["fact"]["kind"], "retraction");
    assert_eq!(taken_back["takes_back"]["kind"], "close-contact");
    assert_eq!(taken_back["takes_back"]["words"]["en"], "Close contact of a case");
    assert_eq!(back["periods"][4]["since"], first["periods"][0]["since"]);

    // A clearance has no words of its own in the rules.
    report(&department, fact(NUMBER, "suspected", world.now(), 4)).await;
    report(&department, fact(NUMBER, "cleared", world.now(), 5)).await;
    let cleared = history(&citizen, "").await;
    assert_eq!(told(&cleared)[..2], ["green by report", "amber by report, because suspected"]);
    let clearance = &cleared["periods"][0]["began"]["reports"][0];
    assert_eq!(clearance["fact"]["kind"], "cleared");
    assert_eq!(clearance["fact"]["words"], Value::Null);

    // A second fact behind the same colour is no change; what is in force now is told whole.
    report(&department, fact(NUMBER, "antipyretic", world.now(), 6)).await;
    report(&department, fact(NUMBER, "close-contact", world.now(), 7)).await;
    let both = history(&citizen, "").await;
    assert_eq!(told(&both)[0], "amber by report, because antipyretic close-contact");
    assert_eq!(told(&both).len(), 8);
    let shards = place::ask(
        world.folder(),
        "SELECT count(*) FROM colour_changes WHERE shard <> holder % 64",
    );
    assert_eq!(shards, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_of_then_is_explained_by_the_rules_of_then() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let department = world.with_token(&world.department);
    report(&department, fact(NUMBER, "close-contact", world.now(), 1)).await;
    let other = world.citizen(OTHER, "欧阳样本", "13900000001").await;
    other.post("/v1/claims", json!({})).await.expect(201);
    let administrator = administrator(&world).await;
    let scheme = include_str!("../../../../assets/schemes/national-2021.json");
    let scheme: Value = serde_json::from_str(scheme).unwrap();
    let put = json!({"scheme": scheme, "reason": "asked for"});
    administrator.post("/v1/rules", put).await.expect(200);
    // In PostgreSQL every process is given the time to notice.
    world.pass(SignedDuration::from_secs(5));
    until(LIMIT, async || told(&history(&citizen, "").await)[0].starts_with("red")).await;
    let told_now = history(&citizen, "").await;
    let expect = [
        "red by rules, because close-contact",
        "amber by report, because close-contact",
        "green by claim",
    ];
    assert_eq!(told(&told_now), expect);
    let [red, amber, green] = [0, 1, 2].map(|at| &told_now["periods"][at]);
    assert_eq!((&red["amber_name"], &amber["amber_name"]), (&json!("yellow"), &json!("orange")));
    assert_eq!(green["amber_name"], "orange", "so it was called then");
    assert_eq!((&red["scheme"]["version"], &amber["scheme"]["version"]), (&json!(2), &json!(1)));
    assert_eq!(red["scheme"]["since"], amber["scheme"]["until"]);
    assert_eq!(red["scheme"]["until"], Value::Null);
    assert_eq!(told(&history(&other, "").await), ["green by claim"], "nothing changed for them");
    let rows = "SELECT count(*) FROM colour_changes WHERE scheme = 2";
    assert_eq!(place::ask(world.folder(), rows), "1", "a row for each whose colour changed");
    let kept = "SELECT count(*) FROM colour_schemes";
    assert_eq!(place::ask(world.folder(), kept), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_claimed_a_code_and_the_console_see_its_history() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let member = json!({"relation": "relative", "document_type": "resident-id",
        "number": OTHER, "name": "欧阳样本"});
    let member = citizen.post("/v1/family", member).await.expect(201)["id"].clone();
    let member = member.as_str().unwrap();
    let of_member = format!("?member={member}");
    let department = world.with_token(&world.department);
    report(&department, fact(OTHER, "close-contact", world.now(), 1)).await;
    assert_eq!(told(&history(&citizen, "").await), ["green by claim"]);
    let seen = told(&history(&citizen, &of_member).await);
    assert_eq!(seen, ["amber by report, because close-contact", "green by claim"]);

    // Their own account takes the code over, and the history with it.
    let other = world.citizen(OTHER, "欧阳样本", "13900000001").await;
    let path = format!("/v1/holder/history{of_member}");
    for (caller, path, status) in [
        (&world.nobody(), "/v1/holder/history", 401),
        (&other, "/v1/holder/history", 404),
        (&other, path.as_str(), 404),
        (&citizen, "/v1/holder/history?member=00000000", 404),
        (&citizen, "/v1/holder/history?member=x", 400),
    ] {
        caller.get(path).await.error(status);
    }
    other.post("/v1/claims", json!({})).await.expect(200);
    assert_eq!(told(&history(&other, "").await), seen);
    citizen.get(&path).await.error(404);

    // At the console, with a reason, and noted before it is answered.
    let index = u32::from_str_radix(member, 16).unwrap();
    let subject = json!({"issuer": 35, "index": index});
    let asked = |reason: &str| json!({"subject": subject, "reason": reason});
    let ask =
        async |caller: &Caller<'_>, body: Value| caller.post("/v1/holders/history", body).await;
    let auditor = world.with_token(&somebody(&world, Role::Auditor).await);
    for role in [Role::Auditor, Role::Department, Role::SiteManager] {
        let token = somebody(&world, role).await;
        ask(&world.with_token(&token), asked("asked for")).await.error(403);
    }
    ask(&administrator(&world).await, asked("asked for")).await.error(403);
    ask(&world.nobody(), asked("asked for")).await.error(401);
    let clerk = world.with_token(&world.clerk);
    assert_eq!(ask(&clerk, asked(" ")).await.error(400).1.as_deref(), Some("reason"));
    let noted = async || {
        let page = auditor.get("/v1/audit?deed=read-history").await.expect(200);
        page["records"].as_array().unwrap().clone()
    };
    assert!(noted().await.is_empty());
    let answer = ask(&clerk, asked("本人来电询问")).await.expect(200);
    assert_eq!(answer["subject"], subject);
    assert_eq!(told(&answer["history"]), seen);
    let newest = &answer["history"]["periods"][0];
    assert_eq!(newest["facts"], json!([id(1)]));
    assert_eq!(newest["began"]["reports"][0]["fact"]["id"], id(1));
    assert!(!answer.to_string().contains(OTHER), "no number in it");
    for nobody in [json!({"issuer": 35, "index": 1}), json!({"issuer": 11, "index": index})] {
        let body = json!({"subject": nobody, "reason": "asked for"});
        ask(&clerk, body).await.error(404);
    }
    let noted = noted().await;
    assert_eq!(noted.len(), 3, "what was not there was asked for as well");
    let last = noted.last().unwrap();
    assert_eq!(last["reason"], "本人来电询问");
    assert_eq!(last["subject"], format!("35/{index}"));

    // Given back, it is still told at the console.
    other.post("/v1/holder/withdraw", json!({})).await.expect(204);
    let answer = ask(&clerk, asked("asked for")).await.expect(200);
    let mut expect = vec!["withdrawn by withdrawal".to_owned()];
    expect.extend(seen);
    assert_eq!(told(&answer["history"]), expect);
    other.get("/v1/holder/history").await.error(404);
    // What was reported before counts for the code that is claimed anew, from its first hour.
    other.post("/v1/claims", json!({})).await.expect(201);
    assert_eq!(told(&history(&other, "").await), ["amber by claim, because close-contact"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_go_when_their_retention_has_ended_and_no_day_before() {
    let mut world = World::with(|settings| {
        settings.retention =
            Retention { colours_days: NonZeroU16::new(2).unwrap(), ..Retention::STANDARD };
    })
    .await;
    let token = world.department.clone();
    drop(world.holder().await);
    // 1 July, and green again on the 2nd.
    report(&world.with_token(&token), fact(NUMBER, "close-contact", world.now(), 1)).await;
    world.pass(SignedDuration::from_hours(24));
    report(&world.with_token(&token), fact(NUMBER, "cleared", world.now(), 2)).await;
    let rows = |world: &World| place::ask(world.folder(), "SELECT count(*) FROM colour_changes");
    assert_eq!(rows(&world), "2");

    // 3 July: the 1st is two days ago only when the 3rd is over.
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    assert_eq!(told(&history(&login(&world).await, "").await).len(), 3);
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    until(LIMIT, async || rows(&world) == "1").await;
    let told_now = history(&login(&world).await, "").await;
    assert_eq!(told(&told_now), ["green by report", "amber by unknown"]);
    assert_eq!(told_now["complete"], false, "how it became orange is kept no longer");
    let auditor = world.with_token(&somebody(&world, Role::Auditor).await);
    let noted = async || {
        let page = auditor.get("/v1/audit?deed=end-retention").await.expect(200);
        let records = page["records"].as_array().unwrap();
        let of = records.iter().filter(|record| record["subject"] == "colour_changes");
        of.map(|record| record["detail"]["before"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(noted().await, ["2020-07-02"]);
}
