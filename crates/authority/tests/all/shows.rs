//! Showing a code, and counting it.

use serde_json::{Value, json};

use crate::world::{Caller, World, fact};

const NUMBER: &str = "350100190001010004";

async fn count(citizen: &Caller<'_>) -> Value {
    citizen.post("/v1/shows", json!({})).await.expect(200)["shown_count"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn shows_are_counted_one_by_one_and_over_a_restart() {
    let mut world = World::new().await;
    let browser = {
        let citizen = world.holder().await;
        for expect in 1..=30 {
            assert_eq!(count(&citizen).await, expect);
        }
        citizen.client
    };
    world.restart().await;
    let mut citizen = world.nobody();
    citizen.client = browser;
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["holder"]["shown_count"], 30, "a server that stops in order loses none");
    assert_eq!(count(&citizen).await, 31);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_shown_as_it_is_now() {
    let world = World::new().await;
    let citizen = world.holder().await;
    assert_eq!(count(&citizen).await, 1);
    let department = world.with_token(&world.department);
    let report = fact(NUMBER, "confirmed", world.now(), 1);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    assert_eq!(shown["colour"], "amber");
    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    citizen.post("/v1/shows", json!({})).await.error(404);
    let claim = json!({"from": {"group": "resident"}});
    citizen.post("/v1/claims", claim).await.expect(201);
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    assert_eq!(shown["colour"], "amber");
    assert_eq!(shown["shown_count"], 1, "it is another code");
    citizen.post("/v1/accounts/logout", json!({})).await.expect(204);
    citizen.post("/v1/shows", json!({})).await.error(401);
}
