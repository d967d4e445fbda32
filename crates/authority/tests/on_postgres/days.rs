//! Entries lie in partitions by the day of their ids.

use std::num::NonZeroU16;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use crate::place;
use crate::world::{World, entry, until};

const WHERE: &str = "SELECT DISTINCT tableoid::regclass FROM entries ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_lies_in_the_partition_of_its_day() {
    let world = World::new().await;
    let (desk, enrolled) = world.desk().await;
    let station = enrolled["station"].as_str().unwrap();
    let upload = async |id: &str, outcome: &str| {
        let mut entry = entry(station, 1);
        entry["id"] = json!(id);
        let answer = desk.post("/v1/entries", json!({"entries": [entry]})).await.expect(200);
        assert_eq!(answer["results"][0]["outcome"], outcome, "{answer}");
    };
    // Made at 2020-07-01T08:00:00Z, on the next day, and by a clock that stands in 2001.
    let (today, tomorrow, wrong) = (
        "01730962-4c00-7000-8000-000000000001",
        "01730e88-a800-7000-8000-000000000001",
        "00e4e1c0-0000-7000-8000-000000000001",
    );
    for id in [today, tomorrow, wrong] {
        upload(id, "accepted").await;
        upload(id, "duplicate").await;
    }
    let found = place::ask(world.folder(), WHERE);
    let mut found: Vec<&str> = found.lines().collect();
    found.sort_unstable();
    assert_eq!(found, ["entries_20200701", "entries_20200702", "entries_other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_whose_retention_has_ended_is_dropped_as_a_whole() {
    let mut world = World::with(|settings| {
        settings.retention.entries_days = NonZeroU16::MIN;
    })
    .await;
    let there = |world: &World, day: &str| {
        let sql = format!("SELECT to_regclass('entries_{day}') IS NOT NULL");
        place::ask(world.folder(), &sql) == "t"
    };
    assert!(there(&world, "20200630"));
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    // It is 2 July: the last of June has been over for a day, and the first of July has not.
    until(Duration::from_secs(30), async || !there(&world, "20200630")).await;
    assert!(there(&world, "20200701"));
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_of_the_days_to_come_are_made_in_time() {
    let mut world = World::new().await;
    let there = |day: &str| {
        let sql = format!("SELECT to_regclass('entries_{day}') IS NOT NULL");
        place::ask(world.folder(), &sql) == "t"
    };
    assert!(there("20200630") && there("20200708") && !there("20200709"));
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    let sql = "SELECT to_regclass('entries_20200709') IS NOT NULL";
    assert_eq!(place::ask(world.folder(), sql), "t");
}
