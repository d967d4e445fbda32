//! Callers that are slow, and a server that is told to stop.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::World;

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.url.strip_prefix("http://").unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_is_cut_off() {
    let world = World::with(|settings| settings.head_seconds = 1).await;
    let mut slow = connect(&world).await;
    slow.write_all(b"GET /v1/health HTTP/1.1\r\nhost: a\r\n").await.unwrap();
    let begun = Instant::now();
    let mut rest = Vec::new();
    let ended = slow.read_to_end(&mut rest);
    tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap().unwrap_or_default();
    assert!(begun.elapsed() >= Duration::from_millis(900), "it was cut off too early");
    world.nobody().get("/v1/health").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_nothing_or_another_protocols_first_words_keeps_no_place() {
    let world = World::with(|settings| settings.head_seconds = 1).await;
    for begin in ["", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut silent = connect(&world).await;
        silent.write_all(begin.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let ended = silent.read_to_end(&mut rest);
        let ended = tokio::time::timeout(Duration::from_secs(10), ended).await;
        assert!(ended.is_ok(), "after {begin:?} the place is kept");
    }
    world.nobody().get("/v1/health").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_nothing_of_what_is_sent_keeps_no_place() {
    let world = World::with(|settings| settings.head_seconds = 1).await;
    let (mut taking, mut asking) = connect(&world).await.into_split();
    // More than the system holds of what was not taken: some 40 MB.
    let asked = 10_000;
    let ask = tokio::spawn(async move {
        let requests = "GET /v1/feeds/head HTTP/1.1\r\nhost: a\r\n\r\n".repeat(asked);
        asking.write_all(requests.as_bytes()).await
    });
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut taken = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(30), taking.read_to_end(&mut taken)).await;
    assert!(ended.is_ok(), "the connection was not ended");
    let answers = taken.windows(12).filter(|bytes| bytes == b"HTTP/1.1 200").count();
    assert!((1..asked).contains(&answers), "{answers} of {asked} were answered");
    drop(ask.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_finished_before_the_server_stops() {
    let mut world = World::new().await;
    let mut caller = connect(&world).await;
    let body = r#"{"phone":"13900000000","password":"wrong horse"}"#;
    let head = format!(
        "POST /v1/accounts/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    caller.write_all(head.as_bytes()).await.unwrap();
    // The server says this when it begins to wait for the body: now the request is under way.
    let mut go_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    caller.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&go_on));
    let finish = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        caller.write_all(body.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        caller.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    };
    let ((), answer) = tokio::join!(world.stop(), finish);
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let gone = TcpStream::connect(world.url.strip_prefix("http://").unwrap()).await;
    assert!(gone.is_err(), "nothing listens any more");
}
