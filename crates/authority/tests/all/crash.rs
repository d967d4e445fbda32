//! The program itself, killed in the middle of work.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::place;
use crate::world::{entry, until};

const LIMIT: Duration = Duration::from_secs(30);

pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yanma-authority"));
    command
        .env("YANMA_DATABASE", crate::place::url(folder))
        .env("YANMA_AUTHORITY_DATA", folder)
        .stdin(Stdio::null());
    command
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = program(folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.as_mut().unwrap());
        out.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        let url = line["listening"].as_str().unwrap().to_owned();
        Self { child, url }
    }

    /// SIGKILL.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

/// A test that fails leaves no server behind.
impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What a process that is killed may take with it of the shows that it answered: those of its
/// last second, while the database takes what it is given. How long it took for that is seen
/// from what was sent to it beside the shows, so that a busy disk is not taken for a loss.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    last_sent: Instant,
    longest: Duration,
}

impl Pace {
    /// Nothing was sent yet.
    pub(crate) fn new() -> Self {
        Self { last_sent: Instant::now(), longest: Duration::ZERO }
    }

    /// What was sent then was acknowledged just now, so it is on the disk.
    pub(crate) fn taken(&mut self, sent: Instant) {
        self.longest = self.longest.max(sent.elapsed());
        self.last_sent = self.last_sent.max(sent);
    }

    /// A show that was answered up to this instant is counted for ever, whenever the process is
    /// killed from `killed` on.
    pub(crate) fn counted_up_to(&self, killed: Instant) -> Instant {
        killed.min(self.last_sent) - Duration::from_secs(1) - self.longest
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_being_killed() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let made = program(folder.path()).arg("simulate").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let demo = std::fs::read_to_string(folder.path().join("demo.json")).unwrap();
    let demo: Value = serde_json::from_str(&demo).unwrap();
    let holder = &demo["holders"][0];

    let server = Server::start(folder.path());
    let client = Client::builder().cookie_store(true).build().unwrap();
    let post = async |url: &str, path: &str, token: Option<&str>, body: Value| -> Option<Value> {
        let mut request = client.post(format!("{url}{path}")).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.ok()?;
        assert!(response.status().is_success(), "{path} {}", response.status());
        response.json().await.ok()
    };
    let login = json!({"phone": holder["phone"], "password": holder["password"]});
    post(&server.url, "/v1/accounts/login", None, login.clone()).await.unwrap();
    let code = &demo["enrolment_codes"][0]["enrolment_code"];
    let enrol = json!({"enrolment_code": code, "station_name": "desk"});
    let enrolled = post(&server.url, "/v1/stations/enrol", None, enrol).await.unwrap();
    let (station, token) = (enrolled["station"].as_str().unwrap(), enrolled["token"].as_str());

    // Entries and shows run side by side; the server is killed while they do.
    let url = server.url.clone();
    let pace = Mutex::new(Pace::new());
    let uploads = async {
        let mut acknowledged = Vec::new();
        for tail in 0.. {
            let body = json!({"entries": [entry(station, tail)]});
            let sent = Instant::now();
            let Some(answer) = post(&url, "/v1/entries", token, body).await else {
                break;
            };
            assert_eq!(answer["results"][0]["outcome"], "accepted");
            pace.lock().unwrap().taken(sent);
            acknowledged.push(tail);
        }
        acknowledged
    };
    // When each show was answered.
    let answered: Mutex<Vec<Instant>> = Mutex::default();
    let shows = async {
        while let Some(answer) = post(&url, "/v1/shows", None, json!({})).await {
            let shown = {
                let mut answered = answered.lock().unwrap();
                answered.push(Instant::now());
                answered.len()
            };
            assert_eq!(answer["shown_count"], shown, "every show counts once");
            // More than sixty and one more each second are refused.
            let pause = if shown < 50 { 40 } else { 1_100 };
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    };
    // How many of them no kill takes any more.
    let sure = |killed: Instant| {
        let up_to = pace.lock().unwrap().counted_up_to(killed);
        answered.lock().unwrap().iter().filter(|at| **at <= up_to).count()
    };
    let kill = async {
        until(LIMIT, async || sure(Instant::now()) >= 20).await;
        let killed = Instant::now();
        tokio::task::spawn_blocking(|| server.kill()).await.unwrap();
        killed
    };
    let (acknowledged, (), killed) = tokio::join!(uploads, shows, kill);
    let (sure, shown) = (sure(killed), answered.lock().unwrap().len());
    assert!(acknowledged.len() > 3, "only {} entries were sent", acknowledged.len());

    let server = Server::start(folder.path());
    for tail in acknowledged {
        let body = json!({"entries": [entry(station, tail)]});
        let answer = post(&server.url, "/v1/entries", token, body).await.unwrap();
        assert_eq!(answer["results"][0]["outcome"], "duplicate", "entry {tail} was lost");
    }
    post(&server.url, "/v1/accounts/login", None, login).await.unwrap();
    let next = post(&server.url, "/v1/shows", None, json!({})).await.unwrap();
    let count = usize::try_from(next["shown_count"].as_u64().unwrap()).unwrap();
    // One show may have been counted whose answer was lost.
    assert!((sure + 1..=shown + 2).contains(&count), "{count} after {sure} of {shown}");
    server.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_sees_what_the_command_line_changes() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    assert!(program(folder.path()).arg("simulate").status().unwrap().success());
    let demo = std::fs::read_to_string(folder.path().join("demo.json")).unwrap();
    let demo: Value = serde_json::from_str(&demo).unwrap();
    let holder = &demo["holders"][0];
    let (document_type, number) =
        (holder["document_type"].as_str().unwrap(), holder["number"].as_str().unwrap());
    let person = ["--document-type", document_type, "--number", number];

    let server = Server::start(folder.path());
    let client = Client::new();
    let enrolment = program(folder.path())
        .args(["enrolment", "--site", "demo-hotel", "--scene", "airport"])
        .output()
        .unwrap();
    let code = lines(&enrolment)[0]["enrolment_code"].clone();
    let enrol = json!({"enrolment_code": code, "station_name": "desk"});
    let enrolled: Value = client
        .post(format!("{}/v1/stations/enrol", server.url))
        .json(&enrol)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(enrolled["scene"], "airport");

    let picture = folder.path().join("code.png");
    let shown = program(folder.path())
        .arg("show")
        .args(person)
        .args(["--lifetime", "2m", "--picture"])
        .arg(&picture)
        .output()
        .unwrap();
    let text = lines(&shown)[0]["text"].as_str().unwrap().to_owned();
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));

    let colour = async || -> Value {
        let request = client
            .post(format!("{}/v1/verify", server.url))
            .bearer_auth(enrolled["token"].as_str().unwrap())
            .json(&json!({"items": [{"code": text}]}));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["answers"][0]["colour"].clone()
    };
    assert_eq!(colour().await, "green");
    let fact = program(folder.path())
        .arg("fact")
        .args(person)
        .args(["--kind", "confirmed"])
        .output()
        .unwrap();
    assert_eq!(lines(&fact)[0]["outcome"], "accepted");
    until(LIMIT, async || colour().await == "amber").await;

    let station = enrolled["station"].as_str().unwrap();
    let revoked = program(folder.path()).args(["station", "revoke", station]).status();
    assert!(revoked.unwrap().success());
    // It may have been known for a second.
    until(LIMIT, async || colour().await == Value::Null).await;
    server.kill();
}

#[test]
fn the_command_line_refuses_with_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| program(folder.path()).args(arguments).output().unwrap();
    let words = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let check = |arguments: &[&str], expect: &str| {
        let output = run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(words(&output).contains(expect), "{arguments:?}: {}", words(&output));
    };
    let nobody = "postgres://somebody:secret@localhost:1/yanma?connect_timeout=1";
    check(&["--database", nobody, "migrate"], "no connection to the database");
    assert!(!words(&run(&["--database", nobody, "migrate"])).contains("secret"));
    check(&["--database", "a.db", "migrate"], "sqlite:PATH");
    check(&["serve", "--listen", "127.0.0.1:0"], "make-key");
    assert!(run(&["make-key"]).status.success());
    check(&["make-key"], "not overwritten");
    check(&["show", "--document-type", "resident-id", "--number", "1"], "--number");
    check(
        &["show", "--document-type", "resident-id", "--number", "350100190001010004"],
        "no code was claimed",
    );
    check(&["simulate", "--holders", "5"], "holders");

    let csv = folder.path().join("register.csv");
    let rows =
        "document_type,number,name\nresident-id,350100190001010004,样本\nresident-id,1,样本\n";
    std::fs::write(&csv, rows).unwrap();
    let imported = run(&["import", csv.to_str().unwrap()]);
    assert_eq!(imported.status.code(), Some(2));
    let sums = lines(&imported).pop().unwrap();
    assert_eq!(sums, json!({"added": 1, "renamed": 0, "unchanged": 0, "rejected": 1}));
    let imported = run(&["import", csv.to_str().unwrap()]);
    assert_eq!(lines(&imported).pop().unwrap()["unchanged"], 1);
    // Both are noted, with how many and nothing of whom.
    let noted = place::ask(
        folder.path(),
        "SELECT name, subject, detail FROM audit WHERE deed = 'import-register' ORDER BY place",
    );
    let noted: Vec<_> = noted.lines().collect();
    assert_eq!(noted.len(), 4);
    assert_eq!(noted[0], r#"command line|population|{"state":"begun"}"#);
    let ended = r#"{"added":"1","rejected":"1","renamed":"0","state":"ended","unchanged":"0"}"#;
    assert_eq!(noted[1], format!("command line|population|{ended}"));
}
