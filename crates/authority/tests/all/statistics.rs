//! The figures follow what happens.

use jiff::SignedDuration;
use serde_json::{Value, json};
use yanma_domain::IssuerId;

use crate::world::{World, entry, fact, id, read, until};

const NUMBER: &str = "350100190001010004";

/// How the instants of the tests' clock begin.
const DAY: &str = "2020-07-01T08:";

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
        let head = "\u{feff}figure,city,value,issuer,at\r\n";
        assert!(text.starts_with(&format!("{head}codes_issued,,0,35,{DAY}")), "{text}");
        assert!(text.contains(&format!("\r\npopulation,福州市,7800000,35,{DAY}")), "{text}");
        assert!(text.contains(&format!("\r\nclaim_ratio_percent,,0.00,35,{DAY}")), "{text}");
        assert!(text.lines().skip(1).all(|row| row.ends_with('Z')), "each row says when: {text}");
    }
    for (token, status) in [(&*world.department, 403), ("0", 401)] {
        let request = world.nobody().client.get(format!("{}/v1/statistics", world.url));
        read(request.bearer_auth(token).send().await.unwrap()).await.error(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_province_is_not_given_the_cities_of_fujian() {
    let world = World::with(|settings| settings.issuer = IssuerId(33)).await;
    let clerk = world.with_token(&world.clerk);
    let figures = clerk.get("/v1/statistics").await.expect(200);
    assert_eq!(figures["cities"], json!([]));
    assert_eq!((&figures["population"], &figures["population_source"]), (&json!(0), &json!("")));
    let request = world.nobody().client.get(format!("{}/v1/statistics.csv", world.url));
    let answer = request.bearer_auth(&world.clerk).send().await.unwrap();
    let text = String::from_utf8(answer.bytes().await.unwrap().into()).unwrap();
    let origin = format!(",0,33,{DAY}");
    let figures: Option<Vec<_>> =
        text.lines().skip(1).map(|row| Some(row.split_once(&origin)?.0)).collect();
    let expect = [
        "codes_issued,",
        "from_other_provinces,",
        "from_abroad,",
        "codes_in_force,",
        "times_shown,",
    ];
    assert_eq!(figures.as_deref(), Some(&expect[..]), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_follow_claims_shows_facts_verdicts_and_colours() {
    let world = World::new().await;
    let clerk = world.with_token(&world.clerk);
    let days = async || clerk.get("/v1/statistics/days?days=2").await.expect(200);
    let empty = days().await;
    assert_eq!(empty["colours"], json!({"green": 0, "amber": 0, "red": 0}));
    assert_eq!(empty["days"].as_array().unwrap().len(), 2);
    assert_eq!(empty["shown_by_hour"].as_array().unwrap().len(), 24);

    let citizen = world.holder().await;
    citizen.post("/v1/shows", json!({})).await.expect(200);
    let (desk, enrolled) = world.desk().await;
    let station = enrolled["station"].as_str().unwrap();
    let mut refused = entry(station, 2);
    refused["decision"] = json!("refuse");
    let mut put_right = entry(station, 3);
    put_right["amends"] = json!(id(2));
    let entries = json!({"entries": [entry(station, 1), refused, put_right]});
    for _ in 0..2 {
        desk.post("/v1/entries", entries.clone()).await.expect(200);
    }
    let at = world.now() - SignedDuration::from_mins(1);
    let department = world.with_token(&world.department);
    for _ in 0..2 {
        let facts = json!({"facts": [fact(NUMBER, "confirmed", at, 9)]});
        department.post("/v1/facts", facts).await.expect(200);
    }
    let limit = std::time::Duration::from_secs(30);
    until(limit, async || days().await["days"][1]["shown"] == 1).await;
    let found = days().await;
    let today = &found["days"][1];
    for (figure, expect) in
        [("claimed", 1), ("admitted", 1), ("refused", 1), ("referred", 0), ("reported", 1)]
    {
        assert_eq!(today[figure], expect, "{figure}: what is sent twice counts once");
    }
    assert_eq!(found["colours"], json!({"green": 0, "amber": 1, "red": 0}));
    assert_eq!((&today["amber"], &today["red"]), (&json!(1), &json!(0)));
    assert_eq!(found["days"][0]["amber"], Value::Null, "nothing was counted yesterday");
    let by_hour: u64 =
        found["shown_by_hour"].as_array().unwrap().iter().filter_map(Value::as_u64).sum();
    assert_eq!(by_hour, 1);
    assert_eq!(found["stations"]["in_use"], 1);

    citizen.post("/v1/holder/withdraw", json!({})).await.expect(204);
    assert_eq!(days().await["colours"], json!({"green": 0, "amber": 0, "red": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_come_as_csv_and_their_number_has_a_limit() {
    let world = World::new().await;
    let clerk = world.with_token(&world.clerk);
    for days in ["0", "367", "x"] {
        let refused = clerk.get(&format!("/v1/statistics/days?days={days}")).await;
        assert_eq!(refused.error(400).1.as_deref(), Some("days"));
    }
    let request = world.nobody().client.get(format!("{}/v1/statistics/days.csv?days=1", world.url));
    let answer = request.bearer_auth(&world.clerk).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let text = String::from_utf8(answer.bytes().await.unwrap().into()).unwrap();
    let head = "\u{feff}day,shown,claimed,admitted,referred,refused,reported,amber,red,issuer,at";
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), (head, 2), "{text}");
    assert!(lines[1].contains(&format!(",35,{DAY}")), "{text}");
    world.with_token(&world.department).get("/v1/statistics/days").await.error(403);
}
