//! Entries, shows and records of verifications lie in partitions by the day of their ids.

use std::num::NonZeroU16;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use crate::place;
use crate::world::{Caller, World, entry, until};

const LIMIT: Duration = Duration::from_secs(30);

const WHERE: &str = "SELECT DISTINCT tableoid::regclass FROM entries ORDER BY 1";

/// Every table that has a partition for each day.
const BY_DAY: [&str; 4] = ["entries", "shows", "verification_pages", "verifications"];

fn there(world: &World, table: &str, day: &str) -> bool {
    let sql = format!("SELECT to_regclass('{table}_{day}') IS NOT NULL");
    place::ask(world.folder(), &sql) == "t"
}

/// Shows a code and asks about it; returns when both are on the disk.
async fn show_and_verify(world: &World, desk: &Caller<'_>, phone: &str, shows: u64) {
    let citizen = world.browser();
    let login = json!({"phone": phone, "password": "correct horse"});
    citizen.post("/v1/accounts/login", login).await.expect(200);
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    let ask = json!({"items": [{"code": shown["text"]}]});
    let answer = desk.post("/v1/verify", ask).await.expect(200);
    let receipt = format!("/v1/verify/receipts/{}", answer["receipt"].as_str().unwrap());
    let durable = async || desk.get(&receipt).await.expect(200)["state"] == "durable";
    until(LIMIT, durable).await;
    let counted = async || world.authority.statistics().await.unwrap().times_shown == shows;
    until(LIMIT, counted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shows_and_verifications_lie_in_the_partition_of_their_day_and_go_with_it() {
    let mut world = World::with(|settings| {
        settings.retention.shows_days = NonZeroU16::MIN;
        settings.retention.verifications_days = NonZeroU16::MIN;
    })
    .await;
    let token = {
        world.holder().await;
        let (desk, enrolled) = world.desk().await;
        show_and_verify(&world, &desk, "13900000000", 1).await;
        world.pass(SignedDuration::from_hours(24));
        show_and_verify(&world, &desk, "13900000000", 2).await;
        enrolled["token"].as_str().unwrap().to_owned()
    };
    let rows = |world: &World, table: &str| {
        let sql = format!("SELECT tableoid::regclass, count(*) FROM {table} GROUP BY 1 ORDER BY 1");
        place::ask(world.folder(), &sql)
    };
    for table in ["shows", "verification_pages"] {
        let days = format!("{table}_20200701|1\n{table}_20200702|1");
        assert_eq!(rows(&world, table), days);
    }
    // On 3 July the first has been over for a day: it is dropped as a whole.
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    for table in ["shows", "verification_pages", "verifications"] {
        until(LIMIT, async || !there(&world, table, "20200701")).await;
        assert!(there(&world, table, "20200702"), "{table}");
    }
    assert!(there(&world, "entries", "20200701"), "those are kept for longer");
    for table in ["shows", "verification_pages"] {
        assert_eq!(rows(&world, table), format!("{table}_20200702|1"));
    }
    assert_eq!(world.authority.statistics().await.unwrap().times_shown, 2, "the figure stays");
    let desk = world.with_token(&token);
    show_and_verify(&world, &desk, "13900000000", 3).await;
    assert_eq!(rows(&world, "shows"), "shows_20200702|1\nshows_20200703|1");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_days_has_a_partition_for_what_has_none() {
    let world = World::new().await;
    let sql = "SELECT c.relname FROM pg_class c WHERE c.relkind = 'p' ORDER BY 1";
    let found = place::ask(world.folder(), sql);
    assert_eq!(found.lines().collect::<Vec<_>>(), BY_DAY);
    for table in BY_DAY {
        let sql = format!("SELECT to_regclass('{table}_other') IS NOT NULL");
        assert_eq!(place::ask(world.folder(), &sql), "t", "{table}");
    }
}

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
    assert!(there(&world, "entries", "20200630"));
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    // It is 2 July: the last of June has been over for a day, and the first of July has not.
    until(Duration::from_secs(30), async || !there(&world, "entries", "20200630")).await;
    assert!(there(&world, "entries", "20200701"));
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_of_the_days_to_come_are_made_in_time() {
    let mut world = World::new().await;
    for table in BY_DAY {
        let there = |day| there(&world, table, day);
        assert!(there("20200630") && there("20200708") && !there("20200709"), "{table}");
    }
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    for table in BY_DAY {
        assert!(there(&world, table, "20200709"), "{table}");
    }
}
