//! Another colour scheme on a database that is in use.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use yanma_authority::colour::Scheme;

use crate::authenticator::administrator;
use crate::world::{World, fact, until};

const NUMBER: &str = "350100190001010004";
const OTHER: &str = "350100190001010012";

#[tokio::test(flavor = "multi_thread")]
async fn another_scheme_colours_everybody_anew_and_is_published() {
    let mut world = World::new().await;
    {
        let citizen = world.holder().await;
        let other = world.citizen(OTHER, "欧阳样本", "13900000001").await;
        other.post("/v1/claims", json!({})).await.expect(201);
        let department = world.with_token(&world.department);
        let day = |days: i64| world.now() - SignedDuration::from_hours(24 * days);
        let facts = json!({"facts": [
            fact(NUMBER, "close-contact", day(2), 1),
            fact(OTHER, "mid-risk-area", day(2), 2),
        ]});
        department.post("/v1/facts", facts).await.expect(200);
        let me = citizen.get("/v1/me").await.expect(200);
        assert_eq!(me["holder"]["colour"], "amber");
        assert_eq!(me["holder"]["because"][0]["reason"]["zh"], "密切接触者");
        let me = other.get("/v1/me").await.expect(200);
        assert_eq!(me["holder"]["colour"], "green", "2020 knows no such area");
    }

    let before = health(&world).await;
    world.settings.scheme = Some(Scheme::open("national-2021").unwrap());
    world.restart().await;
    let (citizen, other) = (world.browser(), world.browser());
    for (browser, phone) in [(&citizen, "13900000000"), (&other, "13900000001")] {
        let login = json!({"phone": phone, "password": "correct horse"});
        browser.post("/v1/accounts/login", login).await.expect(200);
    }
    let colour = async |browser: &crate::world::Caller<'_>| {
        browser.get("/v1/me").await.expect(200)["holder"].clone()
    };
    assert_eq!(colour(&citizen).await["colour"], "red");
    assert_eq!(colour(&citizen).await["amber_name"], "yellow");
    assert_eq!(colour(&other).await["colour"], "amber");

    // The lists and what is published follow by themselves.
    world.pass(SignedDuration::from_secs(3));
    let published =
        async || health(&world).await["sequence"].as_u64() > before["sequence"].as_u64();
    until(Duration::from_secs(5), published).await;
    let (desk, enrolled) = world.desk().await;
    let asked = async |number| {
        let hash = crate::world::document_hash(&enrolled, number);
        let items = json!({"items": [
            {"document": {"document_type": "resident-id", "hash": hash, "basis": "consent"}},
        ]});
        desk.post("/v1/verify", items).await.expect(200)["answers"][0]["colour"].clone()
    };
    until(Duration::from_secs(5), async || {
        asked(NUMBER).await == "red" && asked(OTHER).await == "amber"
    })
    .await;

    // Started without being told a scheme, it goes on with the one it had.
    drop((citizen, other, desk));
    world.settings.scheme = None;
    world.restart().await;
    let citizen = world.browser();
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    let opened = citizen.post("/v1/accounts/login", login).await.expect(200);
    assert_ne!(opened, Value::Null);
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"]["colour"], "red");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_puts_rules_in_force_and_the_field_at_fault_is_named() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let department = world.with_token(&world.department);
    let facts = json!({"facts": [fact(NUMBER, "close-contact", world.now(), 1)]});
    department.post("/v1/facts", facts).await.expect(200);
    let administrator = administrator(&world).await;
    let clerk = world.with_token(&world.clerk);
    let first = clerk.get("/v1/rules").await.expect(200);
    assert_eq!(first["scheme"]["id"], "fujian-2020");
    assert_eq!((&first["generation"], &first["complete"]), (&json!(1), &json!(true)));
    department.get("/v1/rules").await.error(403);

    let scheme = include_str!("../../../../assets/schemes/national-2021.json");
    let scheme: Value = serde_json::from_str(scheme).unwrap();
    let put = |scheme: &Value, reason: &str| json!({"scheme": scheme, "reason": reason});
    clerk.post("/v1/rules", put(&scheme, "asked for")).await.error(403);
    let mut wrong = scheme.clone();
    wrong["rules"][3]["days"] = json!(0);
    let refused = administrator.post("/v1/rules", put(&wrong, "asked for")).await.error(400);
    assert_eq!(refused, ("bad-field".to_owned(), Some("scheme.rules[3].days".to_owned())));
    let refused = administrator.post("/v1/rules", put(&scheme, " ")).await.error(400);
    assert_eq!(refused.1.as_deref(), Some("reason"));

    for _ in 0..2 {
        let now = administrator.post("/v1/rules", put(&scheme, "asked for")).await.expect(200);
        assert_eq!(now["generation"], 2, "the same again changes nothing");
    }
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["colour"], "red", "without a restart");
    world.pass(SignedDuration::from_secs(3));
    let complete = async || clerk.get("/v1/rules").await.expect(200)["complete"] == true;
    until(Duration::from_secs(5), complete).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_has_not_noticed_other_rules_colours_by_them() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let other = world.citizen(OTHER, "欧阳样本", "13900000001").await;
    let department = world.with_token(&world.department);
    let before = json!({"facts": [fact(OTHER, "mid-risk-area", world.now(), 1)]});
    department.post("/v1/facts", before).await.expect(200);
    let beside = world.beside().await;

    // Everybody has been coloured anew before the other process does anything.
    let scheme = include_str!("../../../../assets/schemes/national-2021.json");
    let scheme: Value = serde_json::from_str(scheme).unwrap();
    let put = json!({"scheme": scheme, "reason": "asked for"});
    administrator(&world).await.post("/v1/rules", put).await.expect(200);
    let clerk = world.with_token(&world.clerk);
    let complete = async || clerk.get("/v1/rules").await.expect(200)["complete"] == true;
    until(Duration::from_secs(5), complete).await;

    let send = async |request: reqwest::RequestBuilder, body: Value| {
        let answer = request.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json::<Value>().await.unwrap()
    };
    let report = json!({"facts": [fact(NUMBER, "close-contact", world.now(), 2)]});
    let request = department.client.post(format!("{beside}/v1/facts"));
    send(request.bearer_auth(&world.department), report).await;
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["colour"], "red", "amber by the rules before");
    let claim = other.client.post(format!("{beside}/v1/claims"));
    let claimed = send(claim, json!({"from": {"group": "resident"}})).await;
    assert_eq!(claimed["colour"], "amber", "green by the rules before");
    assert_eq!(claimed["amber_name"], "yellow", "in their words, too");
    let me = other.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["colour"], "amber");
    let told = other.get("/v1/holder/history").await.expect(200);
    assert_eq!(told["periods"][0]["scheme"]["version"], 2, "{told}");
    let kept = "SELECT colour FROM holders ORDER BY claimed_at";
    assert_eq!(crate::place::ask(world.folder(), kept), "2\n1", "what is kept, and published");
}

async fn health(world: &World) -> Value {
    world.nobody().get("/v1/health").await.expect(200)
}
