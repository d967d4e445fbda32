//! A disk that is full, and then is not: a small file system of the test's own, in a
//! namespace of its own, where nobody needs to be root.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use crate::world::{entry, until};

const LIMIT: Duration = Duration::from_secs(60);

/// Entries in one upload.
const UPLOAD: u32 = 250;

/// The server on a disk of 24 MB, which grows with each line on the input and ends with it.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=24m tmpfs "$1"
export YANMA_DATABASE="sqlite:$1/authority.db" YANMA_AUTHORITY_DATA="$1"
"$2" simulate >"$3/simulated"
cp "$1/demo.json" "$3"
"$2" serve --listen 127.0.0.1:0 2>"$3/log" &
while read -r more; do mount -t tmpfs -o remount,size=512m tmpfs "$1"; echo grown; done
kill $!
wait
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_disk_was_full() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let (disk, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut script = Command::new("unshare")
        .args(["-rm", "sh", "-eu", "-c", SCRIPT, "sh"])
        .args([disk.path().as_os_str(), env!("CARGO_BIN_EXE_yanma-authority").as_ref()])
        .arg(beside.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut grow = script.stdin.take().unwrap();
    let mut told = BufReader::new(script.stdout.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    let listening: Value = serde_json::from_str(&line).unwrap();
    let url = listening["listening"].as_str().unwrap();
    let demo = std::fs::read_to_string(beside.path().join("demo.json")).unwrap();
    let demo: Value = serde_json::from_str(&demo).unwrap();

    let client = Client::new();
    let enrol = json!({"enrolment_code": demo["enrolment_codes"][0]["enrolment_code"],
        "station_name": "desk"});
    let enrolled = client.post(format!("{url}/v1/stations/enrol")).json(&enrol).send();
    let enrolled: Value = enrolled.await.unwrap().json().await.unwrap();
    let (station, token) =
        (enrolled["station"].as_str().unwrap(), enrolled["token"].as_str().unwrap());
    let post = async |path: &str, body: Value| -> (u16, Value) {
        let sent = client.post(format!("{url}{path}")).bearer_auth(token).json(&body);
        let answer = sent.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let upload = async |number: u32| {
        let tails = number * UPLOAD..(number + 1) * UPLOAD;
        let entries: Vec<_> = tails.map(|tail| entry(station, tail)).collect();
        post("/v1/entries", json!({"entries": entries})).await
    };

    let mut acknowledged = 0;
    let refused = loop {
        match upload(acknowledged).await {
            (200, _) => acknowledged += 1,
            refused => break refused,
        }
        assert!(acknowledged < 1_000, "the disk does not get full");
    };
    assert!(acknowledged > 3, "only {acknowledged} uploads fitted");
    assert_eq!((refused.0, &refused.1["code"]), (503, &json!("unavailable")));
    // Desks are answered as before; their receipts do not count yet.
    let (status, answer) =
        post("/v1/verify", json!({"items": vec![json!({"code": "1"}); 1_000]})).await;
    assert_eq!(status, 200);

    writeln!(grow, "more").unwrap();
    line.clear();
    told.read_line(&mut line).unwrap();
    assert_eq!(line, "grown\n");
    until(LIMIT, async || upload(acknowledged).await.0 == 200).await;
    for number in 0..=acknowledged {
        let (_, answer) = upload(number).await;
        for result in answer["results"].as_array().unwrap() {
            assert_eq!(result["outcome"], "duplicate", "an entry of upload {number} was lost");
        }
    }
    let receipt = answer["receipt"].as_str().unwrap();
    let durable = async || {
        let asked = client.get(format!("{url}/v1/verify/receipts/{receipt}")).bearer_auth(token);
        asked.send().await.unwrap().json::<Value>().await.unwrap()["state"] == "durable"
    };
    until(LIMIT, durable).await;
    drop(grow);
    assert!(script.wait().unwrap().success());
}
