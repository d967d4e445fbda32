//! How often somebody may try.

use jiff::SignedDuration;
use serde_json::json;
use yanma_authority::limits::Rate;

use crate::world::{World, registration};

#[tokio::test(flavor = "multi_thread")]
async fn passwords_cannot_be_tried_for_ever() {
    let world = World::with(|s| s.rates.login_account = Rate::one_each(60.0, 3.0)).await;
    let citizen = world.holder().await;
    let wrong = json!({"phone": "13900000000", "password": "wrong horse"});
    let right = json!({"phone": "13900000000", "password": "correct horse"});
    for _ in 0..3 {
        citizen.post("/v1/accounts/login", wrong.clone()).await.error(401);
    }
    let refused = citizen.post("/v1/accounts/login", right.clone()).await;
    assert_eq!(refused.status, 429, "the right password does not open it either");
    let wait = refused.body["retry_after_seconds"].as_i64().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.headers["retry-after"], wait.to_string().as_str());
    world.pass(SignedDuration::from_secs(wait));
    citizen.post("/v1/accounts/login", right).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_guesses_does_not_lock_the_owner_out() {
    let world = World::with(|s| {
        s.rates.login_account = Rate::one_each(60.0, 3.0);
        s.rates.login_anywhere = Rate::one_each(60.0, 5.0);
        s.behind_proxy = true;
    })
    .await;
    let citizen = world.holder().await;
    let wrong = json!({"phone": "13900000000", "password": "wrong horse"});
    let right = json!({"phone": "13900000000", "password": "correct horse"});
    let from = |address: &'static str| world.nobody().at(address);
    for status in [401, 401, 401, 429] {
        from("192.0.2.1").post("/v1/accounts/login", wrong.clone()).await.error(status);
    }
    citizen.at("192.0.2.2").post("/v1/accounts/login", right.clone()).await.expect(200);
    from("192.0.2.3").post("/v1/accounts/login", wrong.clone()).await.error(401);
    let spread = from("192.0.2.4").post("/v1/accounts/login", wrong).await;
    assert_eq!(spread.error(429).0, "rate-limited", "many places together have a bound too");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_cannot_be_tried_for_ever() {
    let world = World::with(|s| {
        s.rates.register_document = Rate::one_each(60.0, 2.0);
        s.rates.document_lookup = Rate::one_each(60.0, 3.0);
    })
    .await;
    let guess = |name: &str| registration("350100190001010004", name, "13900000000");
    for name in ["甲", "乙"] {
        let answer = world.nobody().post("/v1/accounts/register", guess(name)).await;
        assert_eq!(answer.error(422).0, "not-registered");
    }
    let third = world.nobody().post("/v1/accounts/register", guess("丙")).await;
    assert_eq!(third.error(429).0, "rate-limited");

    let (desk, _) = world.desk().await;
    let item = json!({"document": {"document_type": "resident-id", "hash": "0123456789abcdef",
        "basis": "epidemic-control"}});
    let ask = |count: usize| json!({"items": vec![item.clone(); count]});
    desk.post("/v1/verify", ask(4)).await.error(429);
    desk.post("/v1/verify", ask(3)).await.expect(200);
    desk.post("/v1/verify", ask(1)).await.error(429);
    let code = json!({"items": [{"code": "1"}]});
    desk.post("/v1/verify", code).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_only_so_many_attempts() {
    let world = World::with(|s| s.rates.address = Rate::one_each(60.0, 2.0)).await;
    for phone in ["13900000001", "13900000002"] {
        let request = json!({"phone": phone, "password": "wrong horse"});
        world.nobody().post("/v1/accounts/login", request).await.error(401);
    }
    let request = json!({"phone": "13900000003", "password": "wrong horse"});
    world.nobody().post("/v1/accounts/login", request).await.error(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_the_address_is_the_one_the_proxy_saw() {
    let world = World::with(|s| {
        s.rates.address = Rate::one_each(60.0, 1.0);
        s.behind_proxy = true;
    })
    .await;
    let login = async |forwarded: &str| {
        let url = format!("{}/v1/accounts/login", world.url);
        let request = json!({"phone": "13900000001", "password": "wrong horse"});
        let request = world.nobody().client.post(url).json(&request);
        request.header("x-forwarded-for", forwarded).send().await.unwrap().status().as_u16()
    };
    assert_eq!(login("192.0.2.1").await, 401);
    assert_eq!(login("198.51.100.9, 192.0.2.1").await, 429, "the first part is made up");
    assert_eq!(login("192.0.2.2").await, 401);
}
