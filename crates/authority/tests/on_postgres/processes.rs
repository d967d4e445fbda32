//! Two processes on one database and one folder.

use std::sync::mpsc;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use yanma_authority::Clock;
use yanma_authority::database::{Change, Database, DatabaseUrl};

use crate::authenticator::Authenticator;
use crate::crash::{Server as Process, program};
use crate::place;
use crate::world::{entry, until};

const LIMIT: Duration = Duration::from_secs(30);

/// How many processes have the turn to publish.
pub(crate) const PUBLISHERS: &str =
    "SELECT count(*) FROM pg_locks JOIN pg_database ON database = oid
    WHERE locktype = 'advisory' AND objid = 3 AND granted AND datname = current_database()";

/// A database with demo people, and a client with a cookie jar.
struct Demo {
    folder: TempDir,
    people: Value,
    client: Client,
}

impl Demo {
    /// Two processes on the database as well.
    fn start() -> (Self, Process, Process) {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        assert!(program(folder.path()).arg("simulate").status().unwrap().success());
        let demo = std::fs::read_to_string(folder.path().join("demo.json")).unwrap();
        let people: Value = serde_json::from_str(&demo).unwrap();
        let (first, second) = (Process::start(folder.path()), Process::start(folder.path()));
        let client = Client::builder().cookie_store(true).build().unwrap();
        (Self { folder, people, client }, first, second)
    }

    async fn post(&self, url: &str, path: &str, token: Option<&str>, body: Value) -> Value {
        let mut request = self.client.post(format!("{url}{path}")).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    /// Enrols a desk and logs the first holder in; returns what the desk was told.
    async fn begin(&self, url: &str) -> Value {
        let code = &self.people["enrolment_codes"][0]["enrolment_code"];
        let enrol = json!({"enrolment_code": code, "station_name": "desk"});
        let enrolled = self.post(url, "/v1/stations/enrol", None, enrol).await;
        let holder = &self.people["holders"][0];
        let login = json!({"phone": holder["phone"], "password": holder["password"]});
        self.post(url, "/v1/accounts/login", None, login).await;
        enrolled
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_publishes_and_the_other_takes_over_when_it_is_killed() {
    let (demo, first, second) = Demo::start();
    let (folder, holder) = (demo.folder.path(), &demo.people["holders"][0]);
    // They take connections before they have settled whose turn it is.
    until(LIMIT, async || place::ask(folder, PUBLISHERS) == "1").await;
    let enrolled = demo.begin(&first.url).await;
    let (station, token) = (enrolled["station"].as_str().unwrap(), enrolled["token"].as_str());
    let shown = demo.post(&second.url, "/v1/shows", None, json!({})).await;
    assert!(shown["text"].is_string(), "a session counts at either: {shown}");

    // An entry counts once, whichever of the two it is sent to.
    for (url, outcome) in [(&first.url, "accepted"), (&second.url, "duplicate")] {
        let answer =
            demo.post(url, "/v1/entries", token, json!({"entries": [entry(station, 1)]})).await;
        assert_eq!(answer["results"][0]["outcome"], outcome);
    }

    // What one changes the other answers, and the one whose turn it is publishes.
    let report = |kind: &str| {
        let (document_type, number) = (&holder["document_type"], &holder["number"]);
        let reported = program(folder)
            .args(["fact", "--document-type", document_type.as_str().unwrap()])
            .args(["--number", number.as_str().unwrap(), "--kind", kind])
            .status();
        assert!(reported.unwrap().success());
    };
    let colour = async |url: &str| -> Value {
        let item = json!({"items": [{"code": shown["text"]}]});
        demo.post(url, "/v1/verify", token, item).await["answers"][0]["colour"].clone()
    };
    let sequence = async |url: &str| -> u64 {
        let health: Value =
            demo.client.get(format!("{url}/v1/health")).send().await.unwrap().json().await.unwrap();
        health["sequence"].as_u64().unwrap()
    };
    let before = sequence(&first.url).await;
    // Both come to know how far the lists are; a list may go out meanwhile.
    until(LIMIT, async || sequence(&second.url).await >= before).await;
    report("confirmed");
    for url in [&first.url, &second.url] {
        until(LIMIT, async || colour(url).await == "amber").await;
        until(LIMIT, async || sequence(url).await > before).await;
    }

    let before = sequence(&second.url).await;
    first.kill();
    until(LIMIT, async || place::ask(folder, PUBLISHERS) == "1").await;
    report("cleared");
    // The list that goes out first may be one from before the fact.
    until(LIMIT, async || colour(&second.url).await == "green").await;
    until(LIMIT, async || sequence(&second.url).await > before).await;
    second.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_does_the_other_knows_within_a_second() {
    let (demo, first, second) = Demo::start();
    let holder = &demo.people["holders"][0];
    let enrolled = demo.begin(&first.url).await;
    let token = enrolled["token"].as_str();

    // Shows count whichever of the two is asked, and the answer says how many there are.
    let me = async |url: &str| -> Value {
        demo.client.get(format!("{url}/v1/me")).send().await.unwrap().json().await.unwrap()
    };
    for _ in 0..3 {
        demo.post(&first.url, "/v1/shows", None, json!({})).await;
        demo.post(&second.url, "/v1/shows", None, json!({})).await;
    }
    for url in [&first.url, &second.url] {
        until(LIMIT, async || me(url).await["holder"]["shown_count"] == 6).await;
    }

    // Either answers for what the other signed, by code and by document.
    let hash = crate::world::document_hash(&enrolled, holder["number"].as_str().unwrap());
    let answer = async |url: &str, item: Value| -> Value {
        demo.post(url, "/v1/verify", token, json!({"items": [item]})).await["answers"][0].clone()
    };
    let by_document = || json!({"document": {"hash": hash, "document_type": "resident-id", "basis": "epidemic-control"}});
    let shown = async |url: &str| -> Value {
        demo.post(url, "/v1/shows", None, json!({})).await["text"].clone()
    };
    for (signer, other) in [(&first.url, &second.url), (&second.url, &first.url)] {
        let text = shown(signer).await;
        assert_eq!(answer(other, json!({"code": text})).await["colour"], "green");
    }
    let text = shown(&first.url).await;
    let before = answer(&second.url, by_document()).await;
    assert_eq!(before["colour"], "green", "{before}");

    // A code that was withdrawn and one that was claimed are known at the other in a moment.
    demo.post(&first.url, "/v1/holder/withdraw", None, json!({})).await;
    let withdrawn =
        async || answer(&second.url, json!({"code": text})).await["colour"] == "withdrawn";
    let mut took = vec![until(LIMIT, withdrawn).await];
    demo.post(&first.url, "/v1/claims", None, json!({})).await;
    let claimed = async || {
        let now = answer(&second.url, by_document()).await;
        now["colour"] == "green" && now["index"] != before["index"]
    };
    took.push(until(LIMIT, claimed).await);
    // Half a second each; the machine may be busy.
    assert!(took.iter().all(|took| *took < Duration::from_secs(2)), "{took:?}");
    first.kill();
    second.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_counts_once_among_all_and_ends_at_all() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(program(folder).arg("make-key").status().unwrap().success());
    let run = |arguments: &[&str]| -> Value {
        let output = program(folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let made = run(&["clerk", "--name", "root", "--role", "administrator"]);
    let token = made["token"].as_str().unwrap();
    let (first, second) = (Process::start(folder), Process::start(folder));
    let client = Client::builder().cookie_store(true).build().unwrap();
    let post = async |url: &str, path: &str, body: Value| {
        let request = client.post(format!("{url}/v1/clerks/me/{path}")).bearer_auth(token);
        request.json(&body).send().await.unwrap()
    };
    let people = async |url: &str| {
        client.get(format!("{url}/v1/clerks")).send().await.unwrap().status().as_u16()
    };

    // One makes the secret, the other understands it: the key is the folder's.
    let set_up = post(&first.url, "second-factor", json!({})).await.json().await.unwrap();
    let app = Authenticator::new(&set_up);
    let code = json!({"code": app.code(Clock::system().now())});
    let confirmed = post(&second.url, "second-factor/confirm", code.clone()).await;
    assert_eq!(confirmed.status(), 200);
    let confirmed: Value = confirmed.json().await.unwrap();
    for url in [&first.url, &second.url] {
        assert_eq!(people(url).await, 200, "a session counts at either");
        assert_eq!(post(url, "session", code.clone()).await.status(), 422, "a code counts once");
    }
    let recovery = json!({"recovery_code": confirmed["recovery_codes"][0]});
    let (left, right) = tokio::join!(
        post(&first.url, "session", recovery.clone()),
        post(&second.url, "session", recovery)
    );
    let mut answers = [left.status().as_u16(), right.status().as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [201, 422], "of two at once one is taken");

    // The failure of one process locks at the other. How many there were in a row depends on
    // which of the two came first, but five are enough.
    let wrong = json!({"code": app.wrong(Clock::system().now())});
    let mut wrongs = 0;
    while post(&first.url, "session", wrong.clone()).await.status() == 422 {
        wrongs += 1;
    }
    assert!((4..=5).contains(&wrongs), "{wrongs}");
    assert_eq!(post(&second.url, "session", wrong).await.status(), 429, "failures are shared");

    let id = run(&["clerk", "list"])["id"].to_string();
    run(&["clerk", "reset-second-factor", &id, "--reason", "lost the telephone"]);
    for url in [&first.url, &second.url] {
        assert_eq!(people(url).await, 401, "a reset ends sessions at both");
    }
    first.kill();
    second.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_sees_what_another_process_has_just_stored_whatever_the_server_is_set_up_for() {
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = place::url(folder.path()).parse().unwrap();
    drop(Database::open(&url).unwrap());
    let stricter = "DO $$ BEGIN EXECUTE format(
        'ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''',
        current_database()); END $$";
    place::ask(folder.path(), stricter);
    let (first, second) = (Database::open(&url).unwrap(), Database::open(&url).unwrap());
    let (begun, has_begun) = mpsc::channel();
    let (end, may_end) = mpsc::channel();
    let stores = tokio::spawn(async move {
        let site = "INSERT INTO sites VALUES ('a', '一', 'A', 'hotel')";
        let store = move |change: &Change<'_>| {
            change.execute(site, &[])?;
            begun.send(()).unwrap();
            may_end.recv().unwrap();
            Ok(())
        };
        first.write(store).await
    });
    has_begun.recv().unwrap();
    let counts = tokio::spawn(async move {
        let count = |change: &Change<'_>| {
            change.row("SELECT count(*) AS sites FROM sites", &[], |row| row.get::<i64>("sites"))
        };
        second.write(count).await
    });
    let waits = "SELECT count(*) FROM pg_locks JOIN pg_database ON database = oid
        WHERE locktype = 'advisory' AND objid = 2 AND NOT granted
            AND datname = current_database()";
    until(LIMIT, async || place::ask(folder.path(), waits) == "1").await;
    end.send(()).unwrap();
    stores.await.unwrap().unwrap();
    assert_eq!(counts.await.unwrap().unwrap(), Some(1));
}
