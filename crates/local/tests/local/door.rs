//! Who is let in, and who is not.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use yanma_local::{Service, Settings, StartError, State, make_token};
use yanma_station::DeskError;
use yanma_station::rights::Role;

use crate::caller::{Served, ask, send, take};
use crate::support::house::House;
use crate::support::people::{GREEN, code_of};

#[tokio::test]
async fn it_is_off_until_somebody_switches_it_on_and_needs_a_token() {
    let house = House::at_work().await;
    let settings = Settings::of(&house.desk).unwrap();
    assert_eq!(settings, Settings { on: false, port: 8790, token: None, hooks: vec![] });
    let service = Service::new(house.desk.clone(), take(&house.desk));
    assert_eq!(service.apply(&settings).await, State::Off);
    let on = Settings { on: true, port: 0, ..settings };
    assert_eq!(service.apply(&on).await, State::Failed(StartError::NoToken));
    let token = make_token(&house.desk).unwrap();
    let on = Settings { on: true, port: 0, ..Settings::of(&house.desk).unwrap() };
    let kept = serde_json::to_string(&on).unwrap();
    assert!(!kept.contains(&token), "only a digest is kept");
    let State::On { port } = service.apply(&on).await else { panic!("{:?}", service.state()) };
    let occupied = Settings { port, ..on.clone() };
    let second = Service::new(house.desk.clone(), take(&house.desk));
    assert_eq!(second.apply(&occupied).await, State::Failed(StartError::Port { port }));
    assert_eq!(service.apply(&Settings { on: false, ..on }).await, State::Off);
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn nothing_is_answered_on_another_address_of_this_computer() {
    let served = Served::at_work().await;
    // Every address of 127.0.0.0/8 is this computer on Linux, and only one of them is listened on.
    let other = TcpStream::connect(("127.0.0.2", served.port)).await;
    assert!(other.is_err());
}

#[tokio::test]
async fn whoever_has_no_token_or_another_one_gets_nothing() {
    let served = Served::at_work().await;
    let good = format!("Bearer {}", served.token);
    let lower = format!("bearer {}", served.token);
    for value in [good.as_str(), &lower] {
        let headers = [("host", "localhost:1"), ("authorization", value)];
        let answer = ask(served.port, "GET", "/v1/checks/latest", &headers, b"").await;
        assert_eq!(answer.status, 404, "let in");
    }
    let shorter = good.get(..good.len() - 1).unwrap();
    for value in ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", served.token.as_str(), shorter]
    {
        let headers = [("host", "127.0.0.1"), ("authorization", value)];
        let answer = ask(served.port, "GET", "/v1/checks/latest", &headers, b"").await;
        assert_eq!(answer.problem(), (401, "unauthorised".to_owned()), "{value}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    for _ in 0..20 {
        ask(served.port, "GET", "/v1/events", &[("host", "127.0.0.1")], b"").await;
    }
    let answer = ask(served.port, "GET", "/v1/events", &[("host", "127.0.0.1")], b"").await;
    assert_eq!(answer.problem(), (429, "rate-limited".to_owned()), "who guesses has to wait");
    assert!(answer.headers["retry-after"].parse::<u32>().unwrap() >= 1);
    assert_eq!(served.get("/v1/checks/latest").await.status, 404, "who has the token does not");
}

#[tokio::test]
async fn a_new_token_ends_the_old_one() {
    let served = Served::at_work().await;
    let token = make_token(&served.house.desk).unwrap();
    let settings = Settings { on: true, port: 0, ..Settings::of(&served.house.desk).unwrap() };
    let State::On { port } = served.service.apply(&settings).await else { panic!("not on") };
    let served = Served { port, ..served };
    assert_eq!(served.get("/v1/checks/latest").await.status, 401);
    let served = Served { token, ..served };
    assert_eq!(served.get("/v1/checks/latest").await.status, 404);
}

#[tokio::test]
async fn a_page_in_a_browser_is_refused_whatever_it_knows() {
    let served = Served::at_work().await;
    let bearer = format!("Bearer {}", served.token);
    let token = ("authorization", bearer.as_str());
    for headers in [
        vec![("host", "evil.example"), token],
        vec![("host", "evil.example:8790"), token],
        vec![("host", "127.0.0.1.evil.example"), token],
        vec![token],
        vec![("host", "127.0.0.1"), ("host", "evil.example"), token],
        vec![("host", "127.0.0.1"), ("origin", "https://evil.example"), token],
        vec![("host", "127.0.0.1"), ("origin", "http://127.0.0.1:8790"), token],
        vec![("host", "127.0.0.1"), ("origin", "null"), token],
        vec![("host", "127.0.0.1"), ("sec-fetch-site", "cross-site"), token],
    ] {
        for path in ["/v1/checks/latest", "/v1/health", "/v1/openapi.json", "/"] {
            let answer = ask(served.port, "GET", path, &headers, b"").await;
            // A second host is refused by the parser of requests already.
            if answer.status != 400 {
                assert_eq!(answer.problem(), (403, "not-from-here".to_owned()), "{headers:?}");
            }
            assert!(!answer.headers.contains_key("access-control-allow-origin"));
        }
    }
    let absolute = "GET http://evil.example/v1/health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    assert_eq!(send(served.port, absolute.as_bytes()).await.status, 403);
    let preflight = [("host", "127.0.0.1"), ("origin", "https://evil.example")];
    let answer = ask(served.port, "OPTIONS", "/v1/checks", &preflight, b"").await;
    assert_eq!(answer.problem(), (403, "not-from-here".to_owned()));
}

#[tokio::test]
async fn bodies_and_heads_that_are_too_large_or_never_end_are_ended() {
    let served = Served::at_work().await;
    let large = json!({ "text": "x".repeat(17_000) });
    assert_eq!(served.check(&large).await.problem(), (413, "too-large".to_owned()));
    let huge = "x".repeat(2_000_000);
    let head = format!("GET /v1/health HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {huge}\r\n\r\n");
    assert_eq!(send(served.port, head.as_bytes()).await.status, 431);
    // A head that never ends.
    let mut slow = TcpStream::connect(("127.0.0.1", served.port)).await.unwrap();
    slow.write_all(b"GET /v1/health HTTP/1.1\r\nhost: 127.0.0.1\r\n").await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(15), slow.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the desk closes it");
    assert_eq!(served.get("/v1/health").await.status, 200, "and answers others");
}

#[tokio::test]
async fn too_many_questions_have_to_wait() {
    let served = Served::at_work().await;
    let mut limited = 0;
    for _ in 0..100 {
        if served.get("/v1/checks/latest").await.status == 429 {
            limited += 1;
        }
    }
    assert!(limited > 0, "sixty at once and twenty a second");
}

#[tokio::test]
async fn who_may_not_change_settings_makes_no_token() {
    let house = House::at_work().await;
    let desk = &house.desk;
    desk.set_operator("anna", "安娜", Role::Administrator, Some("7294")).unwrap();
    desk.sign_in("anna", "7294").unwrap();
    desk.set_operator("ben", "本", Role::Operator, Some("8361")).unwrap();
    make_token(desk).unwrap();
    let row = desk.audit(None, 1).unwrap().remove(0);
    assert!(format!("{row:?}").contains("token"), "{row:?}");
    desk.sign_in("ben", "8361").unwrap();
    assert!(matches!(make_token(desk), Err(DeskError::NotAllowed(_))));
    let on = Settings { on: true, ..Settings::of(desk).unwrap() };
    assert!(matches!(on.keep(desk), Err(DeskError::NotAllowed(_))));
}

#[tokio::test]
async fn a_caller_that_goes_away_is_checked_all_the_same() {
    let served = Served::at_work().await;
    let body = json!({"text": code_of(&GREEN).text()}).to_string();
    let request = format!(
        "POST /v1/checks HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nidempotency-key: gone\r\ncontent-length: {}\r\n\r\n{body}",
        served.token,
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", served.port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut written = served.house.desk.entries_written();
    if served.house.entries() == 0 {
        written.changed().await.unwrap();
    }
    drop(stream);
    served.house.next_person();
    let again = served.ask("POST", "/v1/checks", &[("idempotency-key", "gone")], &body).await;
    assert_eq!(again.json()["result"], "OK");
    assert_eq!(served.house.entries(), 1, "the question was asked once");
}
