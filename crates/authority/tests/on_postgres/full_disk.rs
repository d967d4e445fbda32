//! PostgreSQL's disks get full under load, and then are not: small file systems of the test's
//! own.

use serde_json::json;
use tokio::task::block_in_place;

use crate::faults::{LIMIT, Load, check};
use crate::server::Server;
use crate::world::until;

/// What is left of a disk when the trouble begins, in KiB.
const LEFT: u32 = 512;

/// A code is asked about; the receipt of the answer.
async fn verify(load: &Load<'_>) -> String {
    let answer = load.desk.post("/v1/verify", json!({"items": [{"code": "1"}]})).await;
    answer.expect(200)["receipt"].as_str().unwrap().to_owned()
}

async fn is_durable(load: &Load<'_>, receipt: &str) {
    let durable = async || {
        let answer = load.desk.get(&format!("/v1/verify/receipts/{receipt}")).await;
        answer.status == 200 && answer.body["state"] == "durable"
    };
    until(LIMIT, durable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_disk_of_the_data_was_full() {
    let server = Server::on_small_disks();
    let trouble = async |load: &Load<'_>| {
        block_in_place(|| server.obey(&format!("fill disk {LEFT}")));
        load.is_stopped().await;
        // Desks are answered as before; their receipts do not count yet.
        let receipt = verify(load).await;
        load.desk.get("/v1/health").await.expect(200);
        block_in_place(|| server.obey("grow disk"));
        load.goes_on().await;
        is_durable(load, &receipt).await;
    };
    check(&server.url("postgres"), trouble, |sql| server.ask("postgres", sql)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_server_ended_itself_for_a_full_disk() {
    let server = Server::on_small_disks();
    let trouble = async |load: &Load<'_>| {
        block_in_place(|| server.obey(&format!("fill wal {LEFT}")));
        // Without room for its log PostgreSQL panics, and cannot recover either.
        let ended = || {
            let log = server.log();
            log.contains("PANIC") && log.trim_end().ends_with("database system is shut down")
        };
        until(LIMIT, async || ended()).await;
        load.is_stopped().await;
        let receipt = verify(load).await;
        block_in_place(|| server.obey("grow wal"));
        load.is_stopped().await;
        block_in_place(|| server.obey("start"));
        load.goes_on().await;
        is_durable(load, &receipt).await;
    };
    check(&server.url("postgres"), trouble, |sql| server.ask("postgres", sql)).await;
}
