//! What departments report turns codes orange, and a clearance turns them green again: 5,000
//! facts about 5,000 holders of 20,000, in batches of 1,000, and the same holders as their
//! facts end by the clock.
//!
//! `cargo bench -p yanma-authority --bench recolour [ROUNDS] [sqlite | postgres]`, 5 rounds
//! unless told; SQLite in a file, and PostgreSQL, the server of the tests, which this starts.
//! Requests are answered in this process, as `POST /v1/facts` is, without a socket.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "it prints figures")]

#[path = "../tests/on_postgres/server.rs"]
#[expect(dead_code, reason = "the tests ask more of the server")]
mod server;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::Service;
use yanma_authority::clerks::Role;
use yanma_authority::database::{Database, DatabaseUrl};
use yanma_authority::keys::KeyRing;
use yanma_authority::simulate::fill;
use yanma_authority::{Authority, Clock, Settings, colour, http};

const HOLDERS: u32 = 20_000;
const FACTS: usize = 5_000;
const BATCH: usize = 1_000;

fn main() {
    // reqwest is built without a provider of its own; nothing here speaks TLS.
    drop(rustls::crypto::ring::default_provider().install_default());
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5);
    let folder = tempfile::tempdir().unwrap();
    let only = |name: &str| std::env::args().any(|argument| argument == name);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if !only("postgres") {
        println!("SQLite");
        let url = DatabaseUrl::sqlite(folder.path().join("recolour.db"));
        runtime.block_on(run(&folder.path().join("one"), url, rounds));
    }
    if !only("sqlite") {
        println!("PostgreSQL");
        let server = server::Server::start();
        server.create("recolour");
        let url = server.url("recolour").parse().unwrap();
        runtime.block_on(run(&folder.path().join("other"), url, rounds));
    }
}

async fn run(folder: &Path, url: DatabaseUrl, rounds: u64) {
    let begin: Timestamp = "2020-07-01T08:00:00Z".parse().unwrap();
    let passed = Arc::new(AtomicI64::new(0));
    let clock = {
        let passed = Arc::clone(&passed);
        Clock::from_fn(move || begin + SignedDuration::from_secs(passed.load(Ordering::SeqCst)))
    };
    let settings = Settings::new(url.clone(), folder).unwrap();
    KeyRing::make(&settings.keys(), clock.now()).unwrap();
    fill(&settings, &clock, HOLDERS, 7, |_| {}).await.unwrap();
    let authority = Authority::open(settings, clock.clone()).await.unwrap();
    let token = authority.create_clerk("bench", Role::Department).await.unwrap();
    let database = Database::open(&url).unwrap();
    let people = green(&database).await;
    assert_eq!(people.len(), FACTS);

    let mut serial = 0;
    let mut bodies = |kind: &str, now: Timestamp| -> Vec<String> {
        let fact = |(document_type, number): &(String, String)| {
            serial += 1;
            let id = format!("00000000-0000-4000-8000-{serial:012}");
            json!({"id": id, "document_type": document_type, "number": number, "kind": kind,
                "occurred_at": now.to_string()})
        };
        let facts: Vec<Value> = people.iter().map(fact).collect();
        facts.chunks(BATCH).map(|batch| json!({"facts": batch}).to_string()).collect()
    };
    let report = async |bodies: Vec<String>| {
        let begun = Instant::now();
        for body in bodies {
            let request = Request::post("/v1/facts")
                .header("content-type", "application/json")
                .header("authorization", format!("Bearer {}", token.reveal()))
                .body(Body::from(body))
                .unwrap();
            let answer = http::router(Arc::clone(&authority)).call(request).await.unwrap();
            let status = answer.status();
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(status, 200, "{body}");
            let results = body["results"].as_array().unwrap();
            assert!(results.iter().all(|result| result["outcome"] == "accepted"));
        }
        begun.elapsed()
    };
    let rules = authority.scheme();
    let (mut worse, mut better, mut by_clock) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        passed.fetch_add(60, Ordering::SeqCst);
        worse.push(report(bodies("fever-clinic", clock.now())).await);
        passed.fetch_add(60, Ordering::SeqCst);
        better.push(report(bodies("cleared", clock.now())).await);
        passed.fetch_add(60, Ordering::SeqCst);
        report(bodies("fever-clinic", clock.now())).await;
        passed.fetch_add(15 * 86_400, Ordering::SeqCst);
        let begun = Instant::now();
        let looked_at = colour::reevaluate(&database, &rules, clock.now()).await.unwrap();
        by_clock.push(begun.elapsed());
        assert!(looked_at >= FACTS);
    }
    say("reported, orange", worse);
    say("cleared, green", better);
    say("ended by the clock, green", by_clock);
}

/// The documents of codes that are green.
async fn green(database: &Database) -> Vec<(String, String)> {
    let sql = format!(
        "SELECT number FROM persons JOIN holders ON holders.person = persons.id
         WHERE colour = 0 AND document_type = 1 ORDER BY persons.id LIMIT {FACTS}"
    );
    let numbers =
        database.read(move |session| session.rows(&sql, &[], |row| row.get("number"))).await;
    numbers.unwrap().into_iter().map(|number| ("resident-id".to_owned(), number)).collect()
}

fn say(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let median = took[took.len() / 2];
    let per_second = FACTS as f64 / median.as_secs_f64();
    println!(
        "  {what}: {FACTS} in {median:.0?} (median of {}, {:.0?} to {:.0?}), {per_second:.0}/s",
        took.len(),
        took[0],
        took[took.len() - 1]
    );
}
