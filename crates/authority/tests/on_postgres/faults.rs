//! The database server goes away and comes back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::block_in_place;
use yanma_domain::{Colour, StatusIndex};

use crate::feeds::Desk;
use crate::server::Server;
use crate::world::{Answer, Caller, World, entry, fact, id, until};

pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Ids of facts begin here, so that they are no entries'.
const FACTS: u32 = 1_000_000;

/// Whoever is reported about, and whoever claims a code and gives it back, again and again.
const ILL: &str = "350100190001010039";
const CLAIMS: [&str; 3] = ["350100190001010012", "欧阳样本", "13900000001"];

/// What goes on while there is trouble.
pub(crate) struct Load<'w> {
    pub(crate) desk: &'w Caller<'w>,
    acknowledged: &'w AtomicU32,
    refused: &'w AtomicU32,
    /// Facts and claims that were acknowledged.
    others: [&'w AtomicU32; 2],
    others_refused: &'w AtomicU32,
}

impl Load<'_> {
    /// Waits until more entries, facts and claims are acknowledged.
    pub(crate) async fn goes_on(&self) {
        let wanted = [(self.acknowledged, 50), (self.others[0], 5), (self.others[1], 5)];
        let wanted = wanted.map(|(count, more)| (count, count.load(Ordering::SeqCst) + more));
        let all = || wanted.iter().all(|(count, least)| count.load(Ordering::SeqCst) > *least);
        until(LIMIT, || std::future::ready(all())).await;
    }

    /// Waits until more uploads were refused, and nothing was acknowledged in between.
    pub(crate) async fn is_stopped(&self) {
        let counts =
            || [&self.acknowledged, &self.refused].map(|count| count.load(Ordering::SeqCst));
        let mut before = counts();
        until(LIMIT, || {
            let now = counts();
            let stopped = now[0] == before[0] && now[1] > before[1] + 20;
            before = if now[0] == before[0] { before } else { now };
            std::future::ready(stopped)
        })
        .await;
    }

    async fn is_unhealthy(&self) {
        self.desk.get("/v1/health").await.error(503);
    }

    /// Waits until an upload was refused as well, and a fact or a claim: the server may be back
    /// before one is tried.
    async fn is_refused(&self) {
        self.is_unhealthy().await;
        let counts = || [self.refused, self.others_refused].map(|it| it.load(Ordering::SeqCst));
        let before = counts();
        let all = || counts().iter().zip(before).all(|(now, before)| *now > before);
        until(LIMIT, || std::future::ready(all())).await;
    }
}

/// Sends the same until it is taken; counts how often it was refused. What is refused says so,
/// and may be sent again.
async fn until_taken(refused: &AtomicU32, send: impl AsyncFn() -> Answer) -> Answer {
    loop {
        let answer = send().await;
        if answer.status != 503 {
            return answer;
        }
        assert_eq!(answer.error(503).0, "unavailable");
        refused.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A duplicate is one whose answer was lost; the first of them is on the disk.
fn is_taken(answer: Answer) -> bool {
    let outcome = &answer.expect(200)["results"][0]["outcome"];
    *outcome == "accepted" || *outcome == "duplicate"
}

/// Uploads entries, reports facts and claims codes, each until it is acknowledged, while there
/// is trouble; then looks for every one of them.
pub(crate) async fn check(
    url: &str,
    trouble: impl AsyncFn(&Load<'_>),
    ask: impl Fn(&str) -> String,
) {
    let world = World::with(|settings| {
        settings.database = url.parse().unwrap();
        settings.new_codes_a_day = u32::MAX;
    })
    .await;
    let (desk, enrolled) = world.desk().await;
    let station = enrolled["station"].as_str().unwrap();
    let department = world.with_token(&world.department);
    let [number, name, phone] = CLAIMS;
    let citizen = world.citizen(number, name, phone).await;
    let [next, acknowledged, reported, claimed] = [const { AtomicU32::new(0) }; 4];
    let [refused, others_refused] = [const { AtomicU32::new(0) }; 2];
    let over = AtomicBool::new(false);
    let upload = async || {
        while !over.load(Ordering::SeqCst) {
            let tail = next.fetch_add(1, Ordering::SeqCst);
            let body = json!({"entries": [entry(station, tail)]});
            let send = async || desk.post("/v1/entries", body.clone()).await;
            assert!(is_taken(until_taken(&refused, send).await));
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
    };
    let report = async || {
        while !over.load(Ordering::SeqCst) {
            let tail = FACTS + reported.load(Ordering::SeqCst);
            let body = json!({"facts": [fact(ILL, "fever-clinic", world.now(), tail)]});
            let send = async || department.post("/v1/facts", body.clone()).await;
            assert!(is_taken(until_taken(&others_refused, send).await));
            reported.fetch_add(1, Ordering::SeqCst);
        }
    };
    // Each round has one code: a claim whose answer was lost finds the code that it made, and
    // there is none to give back when the answer to that was lost.
    let claim = async || {
        while !over.load(Ordering::SeqCst) {
            let send = async || citizen.post("/v1/claims", json!({})).await;
            let taken = until_taken(&others_refused, send).await;
            assert!(matches!(taken.status, 200 | 201), "{}", taken.body);
            claimed.fetch_add(1, Ordering::SeqCst);
            let send = async || citizen.post("/v1/holder/withdraw", json!({})).await;
            let taken = until_taken(&others_refused, send).await;
            assert!(matches!(taken.status, 204 | 404), "{}", taken.body);
        }
    };
    let trouble = async {
        let load = Load {
            desk: &desk,
            acknowledged: &acknowledged,
            refused: &refused,
            others: [&reported, &claimed],
            others_refused: &others_refused,
        };
        load.goes_on().await;
        trouble(&load).await;
        load.goes_on().await;
        over.store(true, Ordering::SeqCst);
    };
    tokio::join!(upload(), upload(), upload(), report(), claim(), trouble);
    assert!(refused.load(Ordering::SeqCst) > 0, "no upload met an outage");

    let facts = FACTS..FACTS + reported.load(Ordering::SeqCst);
    for (table, tails) in [("entries", 0..next.load(Ordering::SeqCst)), ("facts", facts)] {
        let found = ask(&format!("SELECT encode(id, 'hex') FROM {table}"));
        let lines: Vec<&str> = found.lines().collect();
        let ids: BTreeSet<String> = lines.iter().map(|&line| line.to_owned()).collect();
        assert_eq!(ids.len(), lines.len(), "one of the {table} is there twice");
        let want: BTreeSet<String> = tails.map(|tail| id(tail).replace('-', "")).collect();
        assert_eq!(ids, want, "{table}");
    }
    let codes = ask("SELECT count(*), count(withdrawn_at) FROM holders");
    let rounds = claimed.load(Ordering::SeqCst);
    assert_eq!(
        codes,
        format!("{rounds}|{rounds}"),
        "each claim made one code, which was given back"
    );
    // Publishing goes on as well: the colour of a code that is claimed now reaches the feeds.
    // A connection to the server that went away may be found out only now.
    until(LIMIT, async || desk.get("/v1/health").await.status == 200).await;
    world.holder().await;
    let ill = fact("350100190001010004", "confirmed", world.now(), FACTS - 1);
    department.post("/v1/facts", json!({"facts": [ill]})).await.expect(200);
    let index = ask("SELECT status_index FROM holders WHERE withdrawn_at IS NULL");
    let index = StatusIndex(index.parse().unwrap());
    let published = Desk::of(&world.url, &enrolled).await;
    until(LIMIT, async || {
        let list = published.follow(&published.head().await, None).await;
        list.list.get(index) == Some(Colour::Amber)
    })
    .await;
}

async fn check_outages(outages: &[&str]) {
    let server = Server::start();
    let trouble = async |load: &Load<'_>| {
        for outage in outages {
            load.goes_on().await;
            block_in_place(|| server.obey(outage));
            load.is_refused().await;
            block_in_place(|| server.obey("start"));
        }
    };
    check(&server.url("postgres"), trouble, |sql| server.ask("postgres", sql)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_server_was_stopped() {
    check_outages(&["stop", "stop"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_server_crashed() {
    check_outages(&["crash", "crash", "crash"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_when_replicas_take_the_servers_place_in_turn() {
    let server = Server::start();
    server.obey("replicas");
    let streaming = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'";
    until(LIMIT, async || server.ask("postgres", streaming) == "2").await;
    let in_recovery = |replica: &str| {
        server.ask_replica(replica, "postgres", "SELECT pg_is_in_recovery()") == "t"
    };
    let trouble = async |load: &Load<'_>| {
        block_in_place(|| server.obey("crash"));
        load.is_refused().await;
        // The one that has received more has every commit that was answered.
        let received = |replica: &str| -> u64 {
            let sql = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')";
            server.ask_replica(replica, "postgres", sql).parse().unwrap()
        };
        let first = received("replica1") >= received("replica2");
        let (next, last) = if first { ("replica1", "replica2") } else { ("replica2", "replica1") };
        block_in_place(|| server.obey(&format!("promote {next}")));
        assert!(in_recovery(last));
        load.goes_on().await;

        // The other follows the new one, which waits for it; then takes its place as well.
        block_in_place(|| server.obey(&format!("follow {last} {next}")));
        let follows = || server.ask_replica(next, "postgres", streaming) == "1";
        until(LIMIT, async || follows()).await;
        load.goes_on().await;
        block_in_place(|| server.obey(&format!("crash {next}")));
        load.is_refused().await;
        block_in_place(|| server.obey(&format!("promote {last}")));
        assert!(!in_recovery(last));
    };
    let last = || {
        let is_up = |replica: &str| server.is_up(replica) && !in_recovery(replica);
        if is_up("replica1") { "replica1" } else { "replica2" }
    };
    check(&server.url_of_all("postgres"), trouble, |sql| {
        server.ask_replica(last(), "postgres", sql)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_when_pgbouncer_and_the_server_behind_it_went_away() {
    let server = Server::start();
    server.obey("bouncer");
    let trouble = async |load: &Load<'_>| {
        load.goes_on().await;
        block_in_place(|| server.obey("unbounce"));
        load.is_refused().await;
        block_in_place(|| server.obey("bouncer"));
        load.goes_on().await;
        block_in_place(|| server.obey("crash"));
        // PgBouncer keeps an upload waiting for the server that is gone.
        load.is_unhealthy().await;
        block_in_place(|| server.obey("start"));
    };
    check(&server.url_of_bouncer("postgres"), trouble, |sql| server.ask("postgres", sql)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_answered_and_shown_while_the_server_is_away_and_recorded_afterwards() {
    let server = Server::start();
    let url = server.url("postgres");
    let world = World::with(|settings| settings.database = url.parse().unwrap()).await;
    let (desk, _) = world.desk().await;
    let citizen = world.holder().await;
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    let ask = json!({"items": [{"code": shown["text"]}]});
    desk.post("/v1/verify", ask.clone()).await.expect(200);

    block_in_place(|| server.obey("stop"));
    desk.get("/v1/health").await.error(503);
    let mut receipts = Vec::new();
    for count in 2..=20 {
        let answer = desk.post("/v1/verify", ask.clone()).await.expect(200);
        assert_eq!(answer["answers"][0]["colour"], "green");
        receipts.push(answer["receipt"].as_str().unwrap().to_owned());
        let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
        assert_eq!(shown["shown_count"], count);
    }
    let state = async |receipt: &str| {
        let answer = desk.get(&format!("/v1/verify/receipts/{receipt}")).await;
        // What is written again may be read again a moment later only.
        if answer.status == 503 {
            return "not known".to_owned();
        }
        answer.expect(200)["state"].as_str().unwrap().to_owned()
    };
    for receipt in &receipts {
        assert_eq!(state(receipt).await, "pending", "it does not count yet");
    }
    block_in_place(|| server.obey("start"));
    for receipt in &receipts {
        until(LIMIT, async || state(receipt).await == "durable").await;
    }
    let counted = async || {
        let me = citizen.get("/v1/me").await;
        me.status == 200 && me.body["holder"]["shown_count"] == 20
    };
    until(LIMIT, counted).await;
}
