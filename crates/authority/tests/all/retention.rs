//! What happened is kept for so many days, and whole days go.

use std::num::NonZeroU16;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use yanma_authority::clerks::Role;
use yanma_authority::retention::Retention;

use crate::world::{Caller, World, entry, until};

const LIMIT: Duration = Duration::from_secs(30);

/// A version-7 id of an instant.
fn id_of(at: Timestamp, tail: u32) -> String {
    let ms = format!("{:012x}", at.as_millisecond());
    let (high, low) = ms.split_at(8);
    format!("{high}-{low}-7000-8000-{tail:012}")
}

async fn upload(desk: &Caller<'_>, station: &str, id: &str) {
    let mut entry = entry(station, 1);
    entry["id"] = json!(id);
    let answer = desk.post("/v1/entries", json!({"entries": [entry]})).await.expect(200);
    assert_eq!(answer["results"][0]["outcome"], "accepted", "{answer}");
}

/// Asks about a code; the receipt of the answer, once it counts.
async fn verify(desk: &Caller<'_>) -> String {
    let answer = desk.post("/v1/verify", json!({"items": [{"code": "1"}]})).await.expect(200);
    let receipt = answer["receipt"].as_str().unwrap().to_owned();
    until(LIMIT, async || state(desk, &receipt).await == "durable").await;
    receipt
}

async fn state(desk: &Caller<'_>, receipt: &str) -> Value {
    desk.get(&format!("/v1/verify/receipts/{receipt}")).await.expect(200)["state"].clone()
}

async fn entries(world: &World) -> Vec<String> {
    let page = world.with_token(&world.clerk).get("/v1/entries").await.expect(200);
    let ids = page["entries"].as_array().unwrap().iter();
    ids.map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn days_go_when_their_retention_has_ended_and_no_day_before() {
    let days = |days| NonZeroU16::new(days).unwrap();
    let mut world = World::with(|settings| {
        settings.retention = Retention {
            entries_days: days(3),
            verifications_days: days(2),
            shows_days: days(1),
            ..Retention::STANDARD
        };
    })
    .await;
    let auditor = world.authority.create_clerk("auditor", Role::Auditor).await.unwrap();
    let citizen = world.holder().await;
    citizen.post("/v1/shows", json!({})).await.expect(200);
    let (desk, enrolled) = world.desk().await;
    let station = enrolled["station"].as_str().unwrap();
    let token = enrolled["token"].as_str().unwrap();

    // 1 July: an entry of today, and those of clocks that stand in 2001 and in 2100.
    let first = id_of(world.now(), 1);
    let [wrong, ahead] =
        ["2001-01-01T00:00:00Z", "2100-01-01T00:00:00Z"].map(|at| id_of(at.parse().unwrap(), 1));
    for id in [&first, &wrong, &ahead] {
        upload(&desk, station, id).await;
    }
    let first_receipt = verify(&desk).await;
    // The show of today is counted today.
    let shown = async || world.authority.statistics().await.unwrap().times_shown;
    until(LIMIT, async || shown().await == 1).await;
    // 2 July
    world.pass(SignedDuration::from_hours(24));
    let second = id_of(world.now(), 2);
    upload(&desk, station, &second).await;
    let second_receipt = verify(&desk).await;

    // 4 July: verifications of the 1st are two days past their day, entries not three.
    world.pass(SignedDuration::from_hours(48));
    drop((citizen, desk));
    world.restart().await;
    let desk = world.with_token(token);
    until(LIMIT, async || state(&desk, &first_receipt).await == "unknown").await;
    assert_eq!(state(&desk, &second_receipt).await, "durable");
    assert_eq!(entries(&world).await, [first, wrong, ahead, second.clone()]);

    // 5 July, when the whole of the 1st is three days ago.
    world.pass(SignedDuration::from_hours(24));
    drop(desk);
    world.restart().await;
    until(LIMIT, async || entries(&world).await == [second.clone()]).await;
    let desk = world.with_token(token);
    until(LIMIT, async || state(&desk, &second_receipt).await == "unknown").await;

    // The figures stay, and the audit says what went.
    assert_eq!(world.authority.statistics().await.unwrap().times_shown, 1);
    let audit = world.with_token(auditor.reveal());
    let noted = async || {
        let page = audit.get("/v1/audit?deed=end-retention").await.expect(200);
        let records = page["records"].as_array().unwrap();
        let of = |record: &Value| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&record["subject"]), text(&record["detail"]["before"]))
        };
        let mut noted: Vec<_> = records.iter().map(of).collect();
        noted.sort();
        noted.dedup();
        noted
    };
    let expect = [
        ("entries", "2020-07-02"),
        ("verification_pages", "2020-07-02"),
        ("verification_pages", "2020-07-03"),
    ];
    // The restart may have come before the turn of the shows.
    let is_noted = |noted: Vec<(String, String)>| {
        expect.iter().all(|(of, day)| noted.contains(&((*of).to_owned(), (*day).to_owned())))
            && noted.iter().any(|(of, _)| of == "shows")
    };
    until(LIMIT, async || is_noted(noted().await)).await;
}
