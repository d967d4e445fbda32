//! The authority over real sockets, and everything that can answer in its place.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use yanma_station::authority::{Authority, AuthorityError, HttpAuthority, UrlError};
use yanma_station::domain::IssuerId;
use yanma_station::protocol::entries::EntriesRequest;
use yanma_station::protocol::stations::ListState;
use yanma_station::protocol::verify::VerifyRequest;
use yanma_station::protocol::{Digest, ErrorCode};

/// Something on a port of this machine that answers every request in one way.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    arrived: Arc<Notify>,
}

impl Server {
    async fn start<A, F>(answer: A) -> Self
    where
        A: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (requests, arrived) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let (seen, knock) = (Arc::clone(&requests), Arc::clone(&arrived));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                seen.lock().unwrap().push(request);
                knock.notify_one();
                tokio::spawn(answer(stream));
            }
        });
        Self { url, requests, arrived }
    }

    /// One that writes this and closes.
    async fn saying(text: impl Into<Vec<u8>>) -> Self {
        let text: Vec<u8> = text.into();
        Self::start(move |mut stream| {
            let text = text.clone();
            async move {
                let _ = stream.write_all(&text).await;
            }
        })
        .await
    }

    /// One that writes this and then keeps the connection, in silence.
    async fn falling_silent_after(text: &'static str) -> Self {
        Self::start(move |mut stream| async move {
            let _ = stream.write_all(text.as_bytes()).await;
            std::future::pending::<()>().await;
        })
        .await
    }

    fn authority(&self) -> HttpAuthority {
        authority(&self.url)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        text.extend_from_slice(&piece[..read]);
        let so_far = String::from_utf8_lossy(&text).to_ascii_lowercase();
        let Some(end) = so_far.find("\r\n\r\n") else { continue };
        let length = so_far.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        if read == 0 || text.len() >= end + 4 + length {
            return String::from_utf8(text).unwrap();
        }
    }
}

fn authority(url: &str) -> HttpAuthority {
    let _ = rustls::crypto::ring::default_provider().install_default();
    HttpAuthority::new(url, Some("token-of-the-desk".into())).unwrap()
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn json(status: &str, body: &str) -> String {
    answer(status, "application/json", body)
}

fn page(status: &str) -> String {
    answer(status, "text/html", "<!doctype html><h1>Please log in to this network</h1>")
}

fn nothing() -> EntriesRequest {
    EntriesRequest { entries: Vec::new() }
}

#[tokio::test]
async fn a_request_names_the_station_and_the_version() {
    let body = r#"{"answers":[],"epoch":1,"sequence":2,"at":"2020-07-01T08:00:00Z","news":1}"#;
    let server = Server::saying(json("200 OK", body)).await;
    let answer = server.authority().verify(&VerifyRequest { items: Vec::new() }).await.unwrap();
    assert_eq!((answer.epoch, answer.sequence), (1, 2));
    let [request] = &server.requests()[..] else { panic!("one request") };
    let lower = request.to_ascii_lowercase();
    assert!(request.starts_with("POST /v1/verify HTTP/1.1\r\n"), "{request}");
    assert!(lower.contains("authorization: bearer token-of-the-desk\r\n"), "{request}");
    assert!(lower.contains("yanma-protocol: 1\r\n"), "{request}");
    assert!(request.ends_with(r#"{"items":[]}"#), "{request}");
}

#[tokio::test]
async fn feeds_come_as_bytes_also_from_below_a_path() {
    let server = Server::saying(answer("200 OK", "application/octet-stream", "YMF1…")).await;
    let below = authority(&format!("{}/jkm", server.url));
    assert_eq!(below.head().await.unwrap(), "YMF1…".as_bytes());
    let name = "status-0-7-0123456789abcdef.yf";
    assert_eq!(below.file(name, 7).await.unwrap(), "YMF1…".as_bytes(), "exactly as long");
    assert_eq!(below.file(name, 6).await, Err(AuthorityError::TooLong { limit: 6 }));
    let paths: Vec<_> = server.requests();
    assert!(paths[0].starts_with("GET /jkm/v1/feeds/head "));
    assert!(paths[1].starts_with("GET /jkm/v1/feeds/files/status-0-7-0123456789abcdef.yf "));
}

#[tokio::test]
async fn another_issuers_feeds_come_from_below_its_number_and_without_the_token() {
    let server = Server::saying(answer("200 OK", "application/octet-stream", "YMF1…")).await;
    let region = server.authority().region(IssuerId(36)).unwrap();
    region.head().await.unwrap();
    region.file("status-0-7-0123456789abcdef.yf", 7).await.unwrap();
    let asked = server.requests();
    assert!(asked[0].starts_with("GET /v1/feeds/regions/36/head "), "{}", asked[0]);
    let file = "GET /v1/feeds/regions/36/files/status-0-7-0123456789abcdef.yf ";
    assert!(asked[1].starts_with(file), "{}", asked[1]);
    let with_token = |request: &String| request.to_ascii_lowercase().contains("authorization");
    assert!(!asked.iter().any(with_token), "{asked:?}");
}

#[tokio::test]
async fn a_file_is_asked_for_as_anybody_would_and_a_head_with_the_token() {
    let server = Server::saying(answer("200 OK", "application/octet-stream", "YMF1…")).await;
    let authority = server.authority();
    authority.will_tell(Some(ListState { epoch: 1, sequence: 2, age_seconds: 3 }));
    authority.head().await.unwrap();
    let name = "status-0-7-0123456789abcdef.yf";
    authority.file(name, 7).await.unwrap();
    authority.file_from(name, 2, 9, &mut |_, _| true).await.unwrap();
    let asked = server.requests();
    let own = ["authorization: ", "yanma-"];
    let told = asked.iter().map(|request| {
        let lower = request.to_ascii_lowercase();
        own.map(|name| lower.lines().filter(|line| line.starts_with(name)).count())
    });
    assert_eq!(told.collect::<Vec<_>>(), [[1, 2], [0, 0], [0, 0]], "{asked:?}");
    assert!(asked[2].contains("range: bytes=2-\r\n"), "{}", asked[2]);
}

#[tokio::test]
async fn every_wrong_answer_has_its_own_error() {
    let error = |code: &str| {
        format!(r#"{{"code":"{code}","message":"No.","field":null,"retry_after_seconds":null}}"#)
    };
    let not_the_authority = |status| AuthorityError::NotTheAuthority { status };
    let in_trouble = |status| AuthorityError::InTrouble { status };
    let cases = [
        ("500", json("500 Internal Server Error", &error("internal")), in_trouble(500)),
        ("500 as a page", page("500 Internal Server Error"), in_trouble(500)),
        ("502", page("502 Bad Gateway"), in_trouble(502)),
        ("503", json("503 Service Unavailable", &error("unavailable")), in_trouble(503)),
        ("429", json("429 Too Many Requests", &error("rate-limited")), in_trouble(429)),
        ("a page with 200", page("200 OK"), not_the_authority(200)),
        ("a page with 404", page("404 Not Found"), not_the_authority(404)),
        ("a page with 401", page("401 Unauthorized"), not_the_authority(401)),
        ("nothing with 200", json("200 OK", ""), not_the_authority(200)),
        ("other JSON", json("200 OK", r#"{"hello":1}"#), not_the_authority(200)),
        ("half a JSON", json("200 OK", r#"{"results":["#), not_the_authority(200)),
        ("401", json("401 Unauthorized", &error("unauthorised")), AuthorityError::NotAccepted),
        ("ended", json("401 Unauthorized", &error("station-revoked")), AuthorityError::Revoked),
        ("no HTTP", "220 mail.example ESMTP\r\n".to_owned(), AuthorityError::Unreachable),
        ("nothing", String::new(), AuthorityError::Unreachable),
        (
            "cut in the head",
            "HTTP/1.1 200 OK\r\ncontent-le".to_owned(),
            AuthorityError::Unreachable,
        ),
        (
            "cut in the body",
            "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"results\":[".to_owned(),
            AuthorityError::Unreachable,
        ),
        (
            "a length that lies",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{}".to_owned(),
            AuthorityError::Unreachable,
        ),
    ];
    for (case, text, expect) in cases {
        let server = Server::saying(text).await;
        assert_eq!(server.authority().upload(&nothing()).await, Err(expect), "{case}");
        assert_eq!(server.requests().len(), 1, "{case}: asked once");
    }
    let server = Server::saying(json("403 Forbidden", &error("forbidden"))).await;
    match server.authority().upload(&nothing()).await {
        Err(AuthorityError::Refused(refused)) => assert_eq!(refused.code, ErrorCode::Forbidden),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(authority(&url).head().await, Err(AuthorityError::Unreachable));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    for status in ["200 OK", "404 Not Found"] {
        let server = Server::start(move |mut stream| async move {
            let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\r\n");
            let mut written = stream.write_all(head.as_bytes()).await;
            while written.is_ok() {
                written = stream.write_all(&[b'7'; 16 * 1024]).await;
            }
        })
        .await;
        let authority = server.authority();
        let mib = AuthorityError::TooLong { limit: 1024 * 1024 };
        assert_eq!(authority.upload(&nothing()).await, Err(mib.clone()), "{status}");
        let head = if status.starts_with('2') {
            AuthorityError::TooLong { limit: 256 * 1024 }
        } else {
            mib
        };
        assert_eq!(authority.head().await, Err(head), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::saying(json("200 OK", r#"{"results":[]}"#)).await;
    for status in
        ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let server = Server::saying(format!(
            "HTTP/1.1 {status}\r\nlocation: {}/v1/entries\r\ncontent-length: 0\r\n\r\n",
            elsewhere.url
        ))
        .await;
        let code = status.split(" ").next().unwrap().parse().unwrap();
        let expect = Err(AuthorityError::NotTheAuthority { status: code });
        assert_eq!(server.authority().upload(&nothing()).await, expect);
    }
    assert!(elsewhere.requests().is_empty(), "the token went elsewhere");
}

/// Waits in a time that jumps ahead as soon as nothing else happens: the deadline is
/// measured without being waited for.
async fn seconds_until<T>(server: &Server, asked: impl Future<Output = T> + Send) -> (u64, T) {
    let arrived = server.arrived.notified();
    let (answer, seconds) = tokio::join!(asked, async {
        arrived.await;
        // The answer's first bytes are on their way through a real socket.
        tokio::time::sleep(Duration::from_millis(200)).await;
        tokio::time::pause();
        tokio::time::Instant::now()
    });
    (seconds.elapsed().as_secs(), answer)
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let server = Server::falling_silent_after("").await;
    let authority = server.authority();
    let (seconds, answer) = seconds_until(&server, authority.upload(&nothing())).await;
    assert_eq!(answer, Err(AuthorityError::TimedOut));
    assert!((9..=10).contains(&seconds), "{seconds} seconds");
}

#[tokio::test]
async fn silence_in_the_middle_of_an_answer_ends_at_the_deadline() {
    let server =
        Server::falling_silent_after("HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{").await;
    let authority = server.authority();
    let (seconds, answer) = seconds_until(&server, authority.head()).await;
    assert_eq!(answer, Err(AuthorityError::TimedOut));
    assert!((9..=10).contains(&seconds), "{seconds} seconds");
}

#[tokio::test]
async fn a_file_may_take_long_but_not_fall_silent() {
    let server =
        Server::falling_silent_after("HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{").await;
    let authority = server.authority();
    let file = authority.file("status-0-7-0123456789abcdef.yf", 400);
    let (seconds, answer) = seconds_until(&server, file).await;
    assert_eq!(answer, Err(AuthorityError::TimedOut));
    assert!((19..=20).contains(&seconds), "{seconds} seconds");
}

#[test]
fn only_an_encrypted_address_or_this_machine_is_an_authority() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for (url, expect) in [
        ("https://jkm.example", Ok(())),
        ("  https://jkm.example/path  ", Ok(())),
        ("http://localhost:8080", Ok(())),
        ("http://127.0.0.1:8080/", Ok(())),
        ("http://[::1]:8080/", Ok(())),
        ("http://jkm.example", Err(UrlError::NotEncrypted)),
        ("http://127.0.0.1.example", Err(UrlError::NotEncrypted)),
        ("http://localhost.example", Err(UrlError::NotEncrypted)),
        ("http://127.0.0.1@jkm.example", Err(UrlError::NotEncrypted)),
        ("http://192.168.1.7", Err(UrlError::NotEncrypted)),
        ("ftp://localhost", Err(UrlError::NotHttp)),
        ("jkm.example", Err(UrlError::NotHttp)),
        ("", Err(UrlError::NotHttp)),
    ] {
        assert_eq!(HttpAuthority::new(url, None).map(|_| ()), expect, "{url}");
    }
}

#[test]
fn an_address_with_a_token_does_not_show_it() {
    let shown = format!("{:?}", authority("https://jkm.example"));
    assert!(!shown.contains("token-of-the-desk"), "{shown}");
}

/// A head under a tag.
fn tagged(body: &str, tag: &str) -> String {
    let whole = answer("200 OK", "application/octet-stream", body);
    whole.replacen("\r\n", &format!("\r\netag: \"{tag}\"\r\n"), 1)
}

#[tokio::test]
async fn a_head_that_is_known_is_not_sent_again() {
    let digest = |body: &str| Digest::of(body.as_bytes()).to_string();
    let unchanged = "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned();
    let answers = [
        tagged("first", &digest("first")),
        unchanged.clone(),
        tagged("second", &digest("second")),
        // Somebody on the way gives the tag of the true head to another one.
        tagged("false", &digest("third")),
        tagged("third", &digest("third")),
        answer("200 OK", "application/octet-stream", "untagged"),
        unchanged,
    ];
    let next = Arc::new(Mutex::new(answers.into_iter()));
    let server = Server::start(move |mut stream| {
        let text = next.lock().unwrap().next().unwrap();
        async move {
            let _ = stream.write_all(text.as_bytes()).await;
        }
    })
    .await;
    let authority = server.authority();
    for expect in ["first", "first", "second", "false", "third", "untagged"] {
        assert_eq!(authority.head().await.unwrap(), expect.as_bytes());
    }
    let foreign = AuthorityError::NotTheAuthority { status: 304 };
    assert_eq!(authority.head().await, Err(foreign), "nobody asked whether it changed");
    let asked = server.requests();
    let known: Vec<_> = asked
        .iter()
        .map(|request| {
            let tags = request.lines().filter(|line| line.starts_with("if-none-match: ")).count();
            let of = ["first", "second", "third"];
            let named = of.iter().find(|body| request.contains(&digest(body))).copied();
            assert_eq!(tags, usize::from(named.is_some()), "{request}");
            named
        })
        .collect();
    let expect = [None, Some("first"), Some("first"), Some("second"), None, Some("third"), None];
    assert_eq!(known, expect);
}
