//! The database server goes away and comes back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::server::Server;
use crate::world::{World, entry, id, until};

const LIMIT: Duration = Duration::from_secs(60);

/// Uploads entries, each until it is acknowledged, while the server is stopped and started;
/// then looks for every one of them.
async fn check(server: &Server, outages: &[&str]) {
    let url = server.url("postgres");
    let world = World::with(|settings| settings.database = url.parse().unwrap()).await;
    let (desk, enrolled) = world.desk().await;
    let station = enrolled["station"].as_str().unwrap();
    let (next, acknowledged, over) = (AtomicU32::new(0), AtomicU32::new(0), AtomicBool::new(false));
    let upload = async || {
        let mut refused = 0;
        while !over.load(Ordering::SeqCst) {
            let tail = next.fetch_add(1, Ordering::SeqCst);
            let body = json!({"entries": [entry(station, tail)]});
            let outcome = loop {
                let answer = desk.post("/v1/entries", body.clone()).await;
                if answer.status == 200 {
                    break answer.body["results"][0]["outcome"].clone();
                }
                // What is refused says so, and may be sent again.
                assert_eq!(answer.error(503).0, "unavailable");
                refused += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            };
            // A duplicate is one whose answer was lost; the first of them is on the disk.
            assert!(outcome == "accepted" || outcome == "duplicate", "{outcome}");
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        refused
    };
    let trouble = async {
        for outage in outages {
            let before = acknowledged.load(Ordering::SeqCst);
            let goes_on = || async { acknowledged.load(Ordering::SeqCst) > before + 50 };
            until(LIMIT, goes_on).await;
            tokio::task::block_in_place(|| server.obey(outage));
            desk.get("/v1/health").await.error(503);
            tokio::task::block_in_place(|| server.obey("start"));
        }
        let before = acknowledged.load(Ordering::SeqCst);
        until(LIMIT, || async { acknowledged.load(Ordering::SeqCst) > before + 50 }).await;
        over.store(true, Ordering::SeqCst);
    };
    let (one, two, three, ()) = tokio::join!(upload(), upload(), upload(), trouble);
    assert!(one + two + three > 0, "no upload met an outage");

    let found = server.ask("postgres", "SELECT encode(id, 'hex') FROM entries");
    let lines: Vec<&str> = found.lines().collect();
    let ids: BTreeSet<String> = lines.iter().map(|&line| line.to_owned()).collect();
    assert_eq!(ids.len(), lines.len(), "an entry is there twice");
    for tail in 0..next.load(Ordering::SeqCst) {
        assert!(ids.contains(&id(tail).replace('-', "")), "entry {tail} was lost");
    }
    // Publishing goes on as well: a code that is claimed now reaches the feeds.
    let before = desk.get("/v1/health").await.expect(200)["sequence"].as_u64();
    world.holder().await;
    let sequence = async || desk.get("/v1/health").await.expect(200)["sequence"].as_u64();
    until(LIMIT, async || sequence().await > before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_server_was_stopped() {
    check(&Server::start(), &["stop", "stop"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_server_crashed() {
    check(&Server::start(), &["crash", "crash", "crash"]).await;
}
