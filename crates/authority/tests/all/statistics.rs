//! The figures follow what happens.

use serde_json::{Value, json};

use crate::world::{World, read, until};

const NUMBER: &str = "350100190001010004";

#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_claims_shows_and_withdrawals() {
    let world = World::new().await;
    let clerk = world.with_token(&world.clerk);
    let figures = async || clerk.get("/v1/statistics").await.expect(200);
    let empty = figures().await;
    assert_eq!(empty["codes_issued"], 0);
    assert_eq!(empty["population"], 39_730_000);
    assert_eq!(empty["cities"].as_array().unwrap().len(), 9);

    let citizen = world.citizen(NUMBER, "样本明", "13900000000").await;
    for _ in 0..2 {
        let answer = citizen.post("/v1/claims", json!({})).await;
        assert!(matches!(answer.status, 200 | 201), "claimed twice it counts once");
    }
    for _ in 0..3 {
        citizen.post("/v1/shows", json!({})).await.expect(200);
    }
    // Shows are counted a moment after they were answered.
    let limit = std::time::Duration::from_secs(30);
    until(limit, async || figures().await["times_shown"] == 3).await;
    let found = figures().await;
    let five = |found: &Value| {
        let of = |name: &str| found[name].as_u64().unwrap();
        ["codes_issued", "codes_in_force", "residents", "times_shown", "from_abroad"].map(of)
    };
    assert_eq!(five(&found), [1, 1, 1, 3, 0]);
    assert_eq!(found["cities"][0]["name"]["zh"], "福州市");
    assert_eq!(found["cities"][0]["residents"], 1);

    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    assert_eq!(five(&figures().await), [1, 0, 0, 3, 0]);
    citizen.post("/v1/claims", json!({})).await.expect(201);
    assert_eq!(five(&figures().await), [2, 1, 1, 3, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_come_as_csv_to_whoever_may_see_them() {
    let world = World::new().await;
    for (path, accept) in [("/v1/statistics", "text/csv"), ("/v1/statistics.csv", "*/*")] {
        let request = world.nobody().client.get(format!("{}{path}", world.url));
        let request = request.bearer_auth(&world.clerk).header("accept", accept);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
        let text = String::from_utf8(answer.bytes().await.unwrap().into()).unwrap();
        assert!(text.starts_with("\u{feff}figure,city,value\r\ncodes_issued,,0\r\n"), "{text}");
        assert!(text.contains("population,福州市,7800000\r\n"), "{text}");
        assert!(text.contains("claim_ratio_percent,,0.00\r\n"), "{text}");
    }
    for (token, status) in [(&*world.department, 403), ("0", 401)] {
        let request = world.nobody().client.get(format!("{}/v1/statistics", world.url));
        read(request.bearer_auth(token).send().await.unwrap()).await.error(status);
    }
}
