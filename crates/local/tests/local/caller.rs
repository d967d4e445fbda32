//! A desk that answers on a port of its own, and a program that asks it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use yanma_local::{Service, Settings, State, Take, make_token};
use yanma_station::{Desk, DeskError};

use crate::support::house::House;

const PATIENCE: Duration = Duration::from_secs(20);

/// A desk at work that answers other programs.
pub(crate) struct Served {
    pub(crate) house: House,
    pub(crate) service: Service,
    pub(crate) port: u16,
    pub(crate) token: String,
}

/// Brings what is asked before the desk, as a program without a window does.
pub(crate) fn take(desk: &Arc<Desk>) -> Take {
    let desk = Arc::clone(desk);
    Arc::new(move |readings, asked| {
        let desk = Arc::clone(&desk);
        Box::pin(async move {
            let checked =
                tokio::task::spawn_blocking(move || desk.present_asked(&readings, Some(asked)));
            checked.await.map_err(|_| DeskError::Interrupted)?
        })
    })
}

/// Switches it on, at a port that is free.
pub(crate) async fn switch_on(desk: &Arc<Desk>) -> (Service, u16) {
    let service = Service::new(Arc::clone(desk), take(desk));
    let settings = Settings { on: true, port: 0, ..Settings::of(desk).unwrap() };
    let State::On { port } = service.apply(&settings).await else {
        panic!("it could not be started: {:?}", service.state());
    };
    (service, port)
}

/// Switches it off, and waits until nothing of it is left.
pub(crate) async fn switch_off(house: &House, service: Service) {
    service.apply(&Settings::default()).await;
    drop(service);
    let started = std::time::Instant::now();
    while Arc::strong_count(&house.desk) > 1 {
        assert!(started.elapsed() < PATIENCE, "somebody still holds the desk");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Served {
    pub(crate) async fn at_work() -> Self {
        Self::of(House::at_work().await).await
    }

    pub(crate) async fn of(house: House) -> Self {
        let token = make_token(&house.desk).unwrap();
        let (service, port) = switch_on(&house.desk).await;
        Self { house, service, port, token }
    }

    /// Asks as a program that has the token.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    pub(crate) async fn check(&self, body: &Value) -> Answer {
        self.ask("POST", "/v1/checks", &[], &body.to_string()).await
    }

    /// The same, with further headers.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("host", "127.0.0.1"), ("authorization", bearer.as_str())];
        if !body.is_empty() {
            all.push(("content-type", "application/json"));
        }
        all.extend(headers);
        ask(self.port, method, path, &all, body.as_bytes()).await
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| {
            panic!("no JSON: {} {:?}", self.status, String::from_utf8_lossy(&self.body))
        })
    }

    /// Status and code, for tables; the code is that of a problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["type"], "about:blank");
        (self.status, problem["code"].as_str().unwrap().to_owned())
    }
}

/// Sends exactly these headers; the answer must be one that the document describes.
pub(crate) async fn ask(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("connection: close\r\ncontent-length: {}\r\n\r\n", body.len()));
    let answer = send(port, &[head.as_bytes(), body].concat()).await;
    is_described(method, path, &answer);
    answer
}

/// Sends these bytes and reads until the other side closes.
pub(crate) async fn send(port: u16, bytes: &[u8]) -> Answer {
    let talk = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // Who sends too much may be answered before it has sent all.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    parse(&tokio::time::timeout(PATIENCE, talk).await.expect("an answer in time"))
}

fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Answer { status, headers, body: answer[end + 4..].to_vec() }
}

/// Status, code and fields must stand in the document.
#[track_caller]
fn is_described(method: &str, path: &str, answer: &Answer) {
    let document: Value = serde_json::from_str(yanma_local::openapi()).unwrap();
    let template = match path {
        "/v1/checks" | "/v1/checks/latest" | "/v1/health" | "/v1/openapi.json" | "/v1/events" => {
            path
        }
        path if path.starts_with("/v1/checks/") => "/v1/checks/{entry}",
        _ => return,
    };
    let operation = &document["paths"][template][method.to_ascii_lowercase()];
    if operation.is_null() {
        return;
    }
    let described = &operation["responses"][answer.status.to_string()];
    assert!(!described.is_null(), "{method} {path}: {} is not described", answer.status);
    if answer.status >= 400 {
        let schema = &described["content"]["application/problem+json"]["schema"];
        let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array().unwrap();
        let code = &answer.json()["code"];
        assert!(codes.contains(code), "{method} {path}: {code} is not described");
    } else if template.starts_with("/v1/checks") {
        let schema = &document["components"]["schemas"]["CheckAnswer"];
        let fields: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        let json = answer.json();
        let given: Vec<_> = json.as_object().unwrap().keys().collect();
        assert_eq!(given, fields, "all fields, and no other");
    }
}
