//! A desk without a window answers other programs, and prints their verdicts as all others.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use support::{said, yanma};

/// Ends the program whatever becomes of the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_desk_without_a_window_answers_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let watch = ["watch", "--api", "0", "--json", "--offline"];
    let refused = yanma(data, &watch).output().unwrap();
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("yanma api token"), "{why}");

    let made = said(yanma(data, &["api", "token", "--json"]).output().unwrap());
    let token: Value = serde_json::from_str(&made).unwrap();
    let token = token["token"].as_str().unwrap();
    let mut running = Ended(yanma(data, &watch).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let mut line = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let address = line()["api"].as_str().unwrap().to_owned();

    let body = r#"{"document": {"type": "resident-id", "number": "11010519491231002X"}}"#;
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "POST /v1/checks HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(answer["result"], "CHECK", "a desk that knows nothing says neither yes nor no");
    let printed = line();
    assert_eq!((&printed["verdict"], &printed["entry"]), (&"refer".into(), &answer["entry"]));
}

#[test]
fn web_hooks_are_added_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let url = "https://pms.example/yanma";
    let added = said(yanma(data, &["api", "add-hook", url, "--json"]).output().unwrap());
    let added: Value = serde_json::from_str(&added).unwrap();
    assert!(added["secret"].as_str().unwrap().starts_with("whsec_"));
    let listed = said(yanma(data, &["api", "hooks", "--json"]).output().unwrap());
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["url"], &listed["waiting"]), (&url.into(), &0.into()));
    assert!(listed["secret"].is_null(), "a secret is shown once");
    let bad = yanma(data, &["api", "add-hook", "http://pms.example/"]).output().unwrap();
    assert!(!bad.status.success());
    said(yanma(data, &["api", "remove-hook", added["id"].as_str().unwrap()]).output().unwrap());
    assert_eq!(said(yanma(data, &["api", "hooks"]).output().unwrap()), "");
    let twice = yanma(data, &["api", "remove-hook", added["id"].as_str().unwrap()]).output();
    assert!(!twice.unwrap().status.success(), "it is gone");
}
