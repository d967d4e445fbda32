//! A database of an earlier schema, with people in it, goes on as it was.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use yanma_authority::database::Database;

use crate::crash::{Server, program};
use crate::place;
use crate::world::until;

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_second_step_goes_on_by_shard() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    place::load_second_step(folder);
    let ask = |sql: &str| place::ask(folder, sql);
    let of_holders =
        "SELECT count(*), sum(status_index), sum(person), sum(shown_count) FROM holders";
    let before = ask(of_holders);
    drop(Database::open(&place::url(folder).parse().unwrap()).unwrap());
    assert_eq!(ask(of_holders), before);
    for (sql, expect) in [
        ("SELECT count(*) FROM holders WHERE shard <> status_index % 64", "0"),
        (
            "SELECT count(*) FROM holders JOIN declarations USING (shard)
              WHERE holder = status_index AND household = '420100'",
            "1",
        ),
        // 65,536 indexes were begun: each shard goes on behind its 1,024.
        (
            "SELECT count(*), min(next_serial), max(next_serial), min(revision) FROM shards",
            "64|1024|1024|33",
        ),
        ("SELECT count(*), count(DISTINCT number) FROM facts", "13|12"),
        (
            "SELECT max(n) FROM (SELECT count(DISTINCT shard) AS n FROM facts
              GROUP BY document_type, number) AS documents",
            "1",
        ),
        ("SELECT place FROM entries ORDER BY place", "1\n2\n3"),
        ("SELECT sum(issued), sum(in_force) FROM claim_counts", "20|19"),
        ("SELECT total FROM show_total", "0"),
        ("SELECT count(*) FROM colour_scheme JOIN colour_schemes USING (generation)", "1"),
        ("SELECT count(*) FROM colour_changes", "0"),
    ] {
        assert_eq!(ask(sql), expect, "{sql}");
    }
    assert!(ask("SELECT count(DISTINCT shard) FROM facts").parse::<u32>().unwrap() > 3);

    // Somebody of then is who they were, and claims anew.
    assert!(program(folder).arg("make-key").status().unwrap().success());
    let server = Server::start(folder);
    let client = Client::builder().cookie_store(true).build().unwrap();
    let send = async |path: &str, body: Option<Value>| -> Value {
        let url = format!("{}{path}", server.url);
        let request = match body {
            Some(body) => client.post(url).json(&body),
            None => client.get(url),
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path} {}", answer.status());
        answer.json().await.unwrap_or_default()
    };
    let login = json!({"phone": "10000000001", "password": "yanma-demo-0001"});
    send("/v1/accounts/login", Some(login)).await;
    let me = send("/v1/me", None).await;
    assert_eq!(
        (&me["holder"]["colour"], &me["holder"]["shown_count"]),
        (&"amber".into(), &5.into())
    );
    // What was before is not kept, and the list says so; the colour of now is explained.
    let history = send("/v1/holder/history", None).await;
    assert_eq!(history["periods"].as_array().unwrap().len(), 1);
    assert_eq!(history["periods"][0]["because"], me["holder"]["because"]);
    assert_eq!(history["periods"][0]["since"], me["holder"]["since"]);
    send("/v1/shows", Some(json!({}))).await;
    send("/v1/holder/withdraw", Some(json!({}))).await;
    send("/v1/claims", Some(json!({}))).await;
    // The fact that was reported before the step still counts.
    assert_eq!(send("/v1/me", None).await["holder"]["colour"], "amber");
    let history = send("/v1/holder/history", None).await;
    assert_eq!(history["periods"][0]["began"], json!({"by": "claim"}));
    assert_eq!(ask("SELECT cause FROM colour_changes WHERE cause IN (1, 5) ORDER BY 1"), "1\n5");
    let new = ask("SELECT status_index / 65536, status_index % 64 - shard FROM holders
                       WHERE person = 1 AND withdrawn_at IS NULL");
    assert_eq!(new, "1|0", "a new index lies behind those of before, in its shard");

    let figures = || {
        let printed = program(folder).args(["statistics", "--json"]).output().unwrap();
        let figures: Value = serde_json::from_slice(&printed.stdout).unwrap();
        [&figures["codes_issued"], &figures["codes_in_force"], &figures["times_shown"]]
            .map(|figure| figure.as_u64().unwrap())
    };
    until(LIMIT, async || figures() == [21, 19, 6]).await;
    server.kill();
}
