//! Events, to a program that stays connected.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;

use crate::caller::Served;
use crate::support::people::{GREEN, ORANGE, code_of};

struct Listener(Lines<BufReader<TcpStream>>);

impl Listener {
    async fn on(served: &Served, after: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", served.port)).await.unwrap();
        let after = after.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        let request = format!(
            "GET /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n{after}\r\n",
            served.token
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        let status = lines.next_line().await.unwrap().unwrap();
        assert!(status.contains(" 200 "), "{status}");
        while !lines.next_line().await.unwrap().unwrap().is_empty() {}
        Self(lines)
    }

    /// The next event: its id, its name, its data.
    async fn next(&mut self) -> (String, String, Value) {
        let read = async {
            let (mut id, mut name) = (String::new(), String::new());
            loop {
                let line = self.0.next_line().await.unwrap().expect("it stays open");
                if let Some(given) = line.strip_prefix("id: ") {
                    id = given.to_owned();
                } else if let Some(given) = line.strip_prefix("event: ") {
                    name = given.to_owned();
                } else if let Some(data) = line.strip_prefix("data: ") {
                    return (id, name, serde_json::from_str(data).unwrap());
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("an event in time")
    }
}

#[tokio::test]
async fn who_listens_hears_what_the_desk_does_and_not_to_whom() {
    let served = Served::at_work().await;
    served.house.show(code_of(&ORANGE).scanned());
    served.house.next_person();
    let mut listener = Listener::on(&served, None).await;
    let shown = served.house.show(code_of(&GREEN).scanned());
    let (id, name, event) = listener.next().await;
    assert_eq!((name.as_str(), &event["type"]), ("verdict", &json!("verdict")));
    assert_eq!(event["data"]["entry"], shown.entry.to_string(), "from now on, not from before");
    assert_eq!(event["data"]["result"], "OK");
    assert!(event["data"]["done"].is_null());
    let finished = served.house.desk.finish(shown.entry, &Default::default()).unwrap();
    let (_, name, passage) = listener.next().await;
    assert_eq!(name, "passage");
    assert_eq!(passage["data"]["entry"], finished.entry.to_string());
    assert_eq!(passage["data"]["amends"], shown.entry.to_string());
    assert_eq!(passage["data"]["done"], "admitted");
    for personal in [GREEN.number, GREEN.name, "样本"] {
        assert!(!format!("{event}{passage}").contains(personal));
    }
    drop(listener);
    // Who was cut off goes on after what it heard last.
    let mut again = Listener::on(&served, Some(&id)).await;
    assert_eq!(again.next().await.2, passage);
    let mut from_the_start = Listener::on(&served, Some("0")).await;
    assert_eq!(from_the_start.next().await.2["data"]["code"], "C-ORA");
    let bad = served.ask("GET", "/v1/events", &[("last-event-id", "first")], "").await;
    assert_eq!(bad.problem(), (400, "bad-field".to_owned()));
}

#[tokio::test]
async fn a_few_may_listen_and_places_are_given_back() {
    let served = Served::at_work().await;
    let mut listeners = Vec::new();
    for _ in 0..8 {
        listeners.push(Listener::on(&served, None).await);
    }
    let ninth = served.get("/v1/events").await;
    assert_eq!(ninth.problem(), (429, "rate-limited".to_owned()));
    listeners.clear();
    // The desk notices when it next looks.
    for _ in 0..100 {
        let mut stream = TcpStream::connect(("127.0.0.1", served.port)).await.unwrap();
        let request = format!(
            "GET /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
            served.token
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut status = String::new();
        BufReader::new(stream).read_line(&mut status).await.unwrap();
        if status.contains(" 200 ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no place was given back");
}
