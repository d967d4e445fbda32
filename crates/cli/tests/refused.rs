//! A file that is refused: which, why, and what the desk does instead.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use serde_json::{Value, json};
use yanma_station::protocol::stations::{EnrolRequest, EnrolResponse};
use yanma_station::{Desk, Enrolment, Mode, SystemClock};

use support::{said, yanma};

/// What somebody on the way says in the authority's place.
const PAGE: &str = "<!doctype html><h1>Please log in to this network</h1>";

/// A desk that belongs to an authority at `url`.
fn put_desk(data: &Path, url: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The public key of RFC 8032, 7.1, test 1: nobody signs by it here.
    let answer = json!({
        "station": "gate-1",
        "token": "t".repeat(32),
        "site": {"id": "site-1", "name": {"zh": "一号门", "en": "Gate 1"}},
        "scene": "general",
        "issuer": 35,
        "code_host": "JKM.FUJIAN.GOV.CN",
        "root_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "directory_key": "44".repeat(32),
        "directory_key_generation": 1,
        "earlier_directory_keys": [],
    });
    let response: EnrolResponse = serde_json::from_value(answer).unwrap();
    let request =
        EnrolRequest { enrolment_code: "ABCD-EFGH".into(), station_name: "Desk 1".to_owned() };
    let enrolment = Enrolment::from_response(url, &request, response).unwrap();
    let opened = Desk::at(data, Mode::Work, Arc::new(SystemClock)).unwrap();
    opened.desk.enrol(enrolment).unwrap();
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Answers every request with the page.
fn page_in_its_place() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let length = PAGE.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n");
            let _ = stream.write_all(format!("{head}connection: close\r\n\r\n{PAGE}").as_bytes());
        }
    });
    url
}

#[test]
fn a_stick_with_something_else_on_it_is_refused_by_file_code_and_consequence() {
    let folder = tempfile::tempdir().unwrap();
    let (data, stick) = (folder.path().join("desk"), folder.path().join("stick"));
    put_desk(&data, "https://jkm.invalid/");
    std::fs::create_dir_all(&stick).unwrap();
    std::fs::write(stick.join("head.yf"), PAGE).unwrap();
    let stick = stick.to_str().unwrap();

    let told = yanma(&data, &["feed", "import", stick]).output().unwrap();
    assert!(!told.status.success());
    let words = String::from_utf8(told.stderr).unwrap();
    assert!(words.contains("head.yf was refused (FEED-MAGIC)"), "{words}");
    assert!(words.contains("fetched once more"), "{words}");

    let told = yanma(&data, &["feed", "import", "--json", stick]).output().unwrap();
    assert!(!told.status.success());
    let [told] = &lines(&told)[..] else { panic!("one object") };
    let refused = &told["refused"];
    assert_eq!((&refused["file"], &refused["code"]), (&json!("head.yf"), &json!("FEED-MAGIC")));
    assert_eq!((&refused["why"], &refused["instead"]), (&json!("foreign"), &json!("again")));
    assert_eq!(told["kept_as_of"], Value::Null, "this desk has nothing yet");
    let log = said(yanma(&data, &["log", "check"]).output().unwrap());
    assert!(log.starts_with("0 entries"), "and goes on: {log}");
}

#[test]
fn what_a_sync_refused_is_told_by_the_doctor_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("desk");
    put_desk(&data, &page_in_its_place());
    let finding = || {
        let told = yanma(&data, &["doctor", "--json"]).output().unwrap();
        lines(&told).into_iter().find(|finding| finding["what"] == "feeds")
    };
    assert_eq!(finding(), None);
    let told = yanma(&data, &["sync", "--json"]).output().unwrap();
    let [told] = &lines(&told)[..] else { panic!("one object") };
    assert_eq!(told["refused"]["code"], "FEED-MAGIC");
    let finding = finding().expect("it is known beside the program that met it");
    assert_eq!(finding["ok"], false);
    assert!(finding["detail"].as_str().unwrap().contains("head.yf was refused (FEED-MAGIC)"));
}
