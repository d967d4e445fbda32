//! A database of each released step of the schema, with rows in all of its tables, is opened
//! by the program of today: what was there is there, and goes on.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use yanma_authority::Clock;
use yanma_authority::database::{Database, SCHEMA_VERSION};

use crate::crash::{Server, program};
use crate::place::{self, bytes};
use crate::world::{entry, id, until};

const LIMIT: Duration = Duration::from_secs(30);

/// The password is `yanma-demo-0001`.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$+YYPdAaGIHMS9iZrAaEp0A$\
                    P6jcSaYAU2Ev3eQPUcqkxlZHlibXdnVs/SeTPdoWMjw";

const TOKEN: &str = "the token of a desk of then";

fn id_bytes(tail: u32) -> String {
    bytes(&id(tail).replace('-', ""))
}

/// Two people: one is orange and was shown five times, the other has claimed anew.
fn rows_of_step(step: u32) -> String {
    // Lately, so that no retention has ended.
    let then = Clock::system().now().as_millisecond() - 60_000;
    let token = bytes(&hex::encode(Sha256::digest(TOKEN)));
    let upload = entry("desk-1", 1).to_string();
    let (first, second) = (id_bytes(1), id_bytes(2));
    let one = bytes(&"01".repeat(32));
    match step {
        1 => format!(
            "INSERT INTO persons (document_type, number, name, imported_at) VALUES
                 (1, '350100190001010004', '样本明', {then}),
                 (1, '350100190001010012', '欧阳样本', {then});
             INSERT INTO accounts (phone, password_hash, person, level, created_at) VALUES
                 ('10000000001', '{HASH}', 1, 'register-match', {then}),
                 ('10000000002', '{HASH}', 2, 'register-match', {then});
             INSERT INTO sessions (token_hash, account, expires_at) VALUES ({one}, 1, {then});
             UPDATE issuing SET next_serial = 3, revision = 4;
             INSERT INTO holders (serial, status_index, person, account, document_hash, colour,
                     colour_since, next_change_at, claimed_at, withdrawn_at, shown_count, revision)
                 VALUES (0, 65, 1, 1, 11, 1, {then}, NULL, {then}, NULL, 5, 2),
                     (1, 70, 2, 2, 12, 3, {then}, NULL, {then}, {then}, 2, 3),
                     (2, 128, 2, 2, 12, 0, {then}, NULL, {then}, NULL, 1, 4);
             INSERT INTO clerks (name, role, token_hash, created_at) VALUES
                 ('command line', 'clerk', NULL, {then}), ('hospital', 'department', {one}, {then});
             INSERT INTO facts (id, document_type, number, kind, occurred_at, received_at, reporter)
                 VALUES ({first}, 1, '350100190001010004', 'confirmed', {then}, {then}, 2),
                     ({second}, 1, '350100190001010020', 'antipyretic', {then}, {then}, 2);
             INSERT INTO sites VALUES ('gate-1', '一号门', 'Gate 1', 'hospital');
             INSERT INTO enrolments (code_hash, site, scene, expires_at)
                 VALUES ({one}, 'gate-1', 'hospital', {then});
             INSERT INTO stations (id, site, name, scene, token_hash, enrolled_at)
                 VALUES ('desk-1', 'gate-1', 'desk', 'hospital', {token}, {then});
             INSERT INTO entries (place, id, station, at, received_at, subject_issuer,
                     subject_index, upload)
                 VALUES (1, {first}, 'desk-1', {then}, {then}, 35, 7, '{upload}');"
        ),
        2 => format!(
            "UPDATE published SET head_number = 7;
             UPDATE arrivals SET taken = 1;
             INSERT INTO entrants VALUES (2, '2020-06-30');
             INSERT INTO declarations VALUES (2, '420100', '420100', NULL, {then});
             UPDATE holders SET claim_group = 2 WHERE person = 2;
             UPDATE holders SET city = 3501 WHERE person = 1;
             INSERT INTO proofs VALUES (1, 2, {then});
             UPDATE facts SET detail = 'window 3';
             INSERT INTO department_keys (public_key, clerk, added_at) VALUES ({one}, 2, {then});
             INSERT INTO claim_counts VALUES (1, 3501, 1, 1), (2, 0, 2, 1);
             UPDATE show_total SET total = 8;
             INSERT INTO verifications (id, item, station, at, basis, outcome)
                 VALUES ({first}, 0, 'desk-1', {then}, 'consent', 'unknown');
             INSERT INTO appeals (id, account, person, words, opened_at)
                 VALUES ({first}, 1, 1, '我没有去过那里。', {then});
             INSERT INTO regions (issuer, name_zh, name_en, url, root_key, removed, changed_at, revision)
                 VALUES (33, '浙江省', 'Zhejiang', 'http://127.0.0.1:9', {one}, 1, {then}, 1);
             INSERT INTO shows VALUES ({first}, {then}, 3);
             INSERT INTO shown_by_day VALUES (18444, 0, 3);
             INSERT INTO stations_seen (station, seen_at, version) VALUES ('desk-1', {then}, '0.1');"
        ),
        3 => format!(
            "INSERT INTO verification_pages (id, run, first, last, records, body)
                 VALUES ({first}, 1, 1, 1, 1, {one});"
        ),
        4 => "INSERT INTO tallies VALUES ('claimed', 18444, 3), ('reported', 18444, 2),
                  ('admit', 18444, 1), ('in-force-0', 0, 1), ('in-force-1', 0, 1);"
            .to_owned(),
        5 => format!(
            "UPDATE clerks SET otp_failures = 2, otp_failed_at = {then} WHERE name = 'hospital';
             INSERT INTO recovery_codes VALUES (2, {one});
             INSERT INTO console_sessions VALUES ({one}, 2, {then});"
        ),
        6 => format!(
            "INSERT INTO home_colours (person, issuer, answered_at, colour, ask_until)
                 VALUES (2, 33, {then}, 0, {then});
             INSERT INTO home_answers VALUES (33, {}, {then}, 11, 1);
             UPDATE facts SET ends_at = 4102444800000 WHERE kind = 'confirmed';",
            bytes("00112233445566778899aabbccddeeff")
        ),
        _ => String::new(),
    }
}

/// What a step has put in, as it is found after all of them; from which step on.
const KEPT: &[(u32, &str, &str)] = &[
    (
        1,
        "SELECT status_index, shard, person, colour, shown_count, medium FROM holders
         ORDER BY status_index",
        "65|1|1|1|5|0\n70|6|2|3|2|0\n128|0|2|0|1|0",
    ),
    (1, "SELECT count(*), max(number) FROM persons", "2|350100190001010012"),
    (1, "SELECT count(*), max(phone) FROM accounts", "2|10000000002"),
    (
        1,
        "SELECT facts.kind, facts.number, clerks.name FROM facts
         JOIN clerks ON clerks.id = reporter ORDER BY kind",
        "antipyretic|350100190001010020|hospital\nconfirmed|350100190001010004|hospital",
    ),
    (1, "SELECT place, station, subject_issuer, subject_index FROM entries", "1|desk-1|35|7"),
    // Who was there before departments had kinds reports every kind.
    (1, "SELECT count(*) FROM clerk_kinds", "0"),
    (1, "SELECT count(*) FROM sessions", "1"),
    (1, "SELECT site, scene FROM enrolments", "gate-1|hospital"),
    (1, "SELECT sum(issued), sum(in_force) FROM claim_counts", "3|2"),
    // Each shard goes on behind the block that was begun, and behind every revision.
    (1, "SELECT count(*), min(next_serial), min(revision) FROM shards", "64|1024|4"),
    (1, "SELECT sum(count) FROM tallies WHERE figure = 'claimed'", "3"),
    (1, "SELECT sum(count) FROM tallies WHERE figure = 'reported'", "2"),
    (1, "SELECT sum(count) FROM tallies WHERE figure = 'admit'", "1"),
    (
        1,
        "SELECT figure, sum(count) FROM tallies WHERE figure LIKE 'in-force-%' GROUP BY figure
         ORDER BY figure",
        "in-force-0|1\nin-force-1|1",
    ),
    (2, "SELECT head_number FROM published", "7"),
    (2, "SELECT person, entered_on FROM entrants", "2|2020-06-30"),
    // Under the code it was declared for.
    (2, "SELECT holder, shard, household FROM declarations", "128|0|420100"),
    (2, "SELECT account, level FROM proofs", "1|2"),
    (2, "SELECT DISTINCT detail FROM facts", "window 3"),
    (2, "SELECT clerk FROM department_keys", "2"),
    (2, "SELECT station, basis, outcome FROM verifications", "desk-1|consent|unknown"),
    (2, "SELECT account, person, state FROM appeals", "1|1|0"),
    (2, "SELECT issuer, name_en, removed FROM regions", "33|Zhejiang|1"),
    (2, "SELECT count FROM shows", "3"),
    (2, "SELECT day, count FROM shown_by_day", "18444|3"),
    (2, "SELECT station, version FROM stations_seen", "desk-1|0.1"),
    (3, "SELECT run, first, last, records FROM verification_pages", "1|1|1|1"),
    (5, "SELECT otp_failures FROM clerks WHERE name = 'hospital'", "2"),
    (5, "SELECT clerk FROM recovery_codes", "2"),
    (5, "SELECT clerk FROM console_sessions", "2"),
    (6, "SELECT person, issuer, colour FROM home_colours", "2|33|0"),
    (6, "SELECT issuer, document_hash, colour FROM home_answers", "33|11|1"),
    (6, "SELECT ends_at FROM facts WHERE kind = 'confirmed'", "4102444800000"),
];

/// What the program of today says and does with it.
async fn check_in_use(folder: &std::path::Path, step: u32) {
    assert!(program(folder).arg("make-key").status().unwrap().success());
    let server = Server::start(folder);
    let client = Client::builder().cookie_store(true).build().unwrap();
    let send = async |path: &str, body: Option<Value>, token: Option<&str>| -> Value {
        let url = format!("{}{path}", server.url);
        let mut request = match body {
            Some(body) => client.post(url).json(&body),
            None => client.get(url),
        };
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{step}: {path} {}", answer.status());
        answer.json().await.unwrap_or_default()
    };
    let login = json!({"phone": "10000000001", "password": "yanma-demo-0001"});
    send("/v1/accounts/login", Some(login), None).await;
    let me = send("/v1/me", None, None).await;
    let holder = &me["holder"];
    assert_eq!((&holder["colour"], &holder["shown_count"]), (&json!("amber"), &json!(5)), "{step}");
    assert_eq!(holder["because"][0]["kind"], "confirmed", "{step}");
    let level = if step >= 2 { "sms" } else { "register-match" };
    assert_eq!(me["account"]["level"], level, "{step}");
    let shown = send("/v1/shows", Some(json!({})), None).await;
    // The desk of then works on: its token, its entries, what it asks.
    let ask = json!({"items": [{"code": shown["text"]}]});
    let answer = send("/v1/verify", Some(ask), Some(TOKEN)).await;
    assert_eq!(
        (&answer["answers"][0]["colour"], &answer["answers"][0]["index"]),
        (&json!("amber"), &json!(65))
    );
    let entries = json!({"entries": [entry("desk-1", 1), entry("desk-1", 9)]});
    let taken = send("/v1/entries", Some(entries), Some(TOKEN)).await;
    let outcomes = [&taken["results"][0]["outcome"], &taken["results"][1]["outcome"]];
    assert_eq!(outcomes, ["duplicate", "accepted"], "{step}");
    if step >= 2 {
        let appeals = send("/v1/appeals", None, None).await;
        assert_eq!(appeals["appeals"][0]["state"], "open");
    }
    // A code that is claimed anew is another one, behind those of then.
    send("/v1/holder/withdraw", Some(json!({})), None).await;
    send("/v1/claims", Some(json!({})), None).await;
    let sql = "SELECT colour, status_index >= 65536 FROM holders
               WHERE person = 1 AND withdrawn_at IS NULL";
    let found = place::ask(folder, sql).replace("|t", "|1");
    assert_eq!(found, "1|1", "{step}");
    let figures = || {
        let printed = program(folder).args(["statistics", "--json"]).output().unwrap();
        let figures: Value = serde_json::from_slice(&printed.stdout).unwrap();
        ["codes_issued", "codes_in_force", "times_shown"]
            .map(|name| figures[name].as_u64().unwrap())
    };
    until(LIMIT, async || figures() == [4, 2, 9]).await;
    server.kill();
}

async fn check(step: u32) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows: String = (1..=step).map(rows_of_step).collect();
    place::load_step(folder, step, &rows);
    drop(Database::open(&place::url(folder).parse().unwrap()).unwrap());
    for (from, sql, expect) in KEPT {
        if *from <= step {
            assert_eq!(place::ask(folder, sql), *expect, "step {step}: {sql}");
        }
    }
    check_in_use(folder, step).await;
}

#[test]
fn the_steps_after_the_sixth_are_gone_through_by_all_of_these() {
    assert_eq!(SCHEMA_VERSION, 12, "a further step: look whether its rows are here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_first_step_is_brought_forward() {
    check(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_second_step_is_brought_forward() {
    check(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_third_step_is_brought_forward() {
    check(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_fourth_step_is_brought_forward() {
    check(4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_fifth_step_is_brought_forward() {
    check(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_sixth_step_is_brought_forward() {
    check(6).await;
}
