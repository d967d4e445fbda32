//! From a desk with a network to one without.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use yanma_nearby::{Giving, Nearby, Settings, TakeError, take_once};
use yanma_station::Connection;
use yanma_station::authority::{Authority as _, HttpAuthority};
use yanma_station::domain::Colour;
use yanma_station::domain::verdict::Decision;

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, card};
use crate::support::province::Health;
use crate::{alone, get, heard, network, says};

/// Waits until the desk gives a head.
async fn gives(giving: &Giving) {
    while !get(giving.port(), "/v1/feeds/head").await.starts_with("HTTP/1.1 200") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_desk_without_a_network_takes_the_lists_of_one_that_has_one() {
    let (on, connected, house) = (network(), House::at_work().await, alone().await);
    let giving = Giving::start(Arc::clone(&connected.desk), on).await.unwrap();
    gives(&giving).await;
    house.clock.turn(600);
    let took = heard(&house, on).await.unwrap();
    assert!(took.newer);
    assert_eq!((took.synced.head, took.from.port()), (1, giving.port()));
    let standing = house.desk.standing().unwrap();
    assert_eq!(standing.age_seconds, Some(600), "from the head's issue");
    assert_eq!(standing.connection, Connection::Offline, "another desk is no authority");
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.next_person();

    // A colour changes where the network is, and goes on from desk to desk.
    connected.clock.turn(700);
    connected.province.colour(GREEN.index, Colour::Amber);
    connected.desk.sync().await.unwrap();
    house.clock.turn(200);
    // Whoever asks from another port than 5353, as here, is answered at that port alone (RFC 6762
    // §6.7), which on one computer both desks have: so the other one speaks up by itself again.
    drop(giving);
    let began = Instant::now();
    loop {
        let giving = Giving::start(Arc::clone(&connected.desk), on).await.unwrap();
        gives(&giving).await;
        let took = heard(&house, on).await.unwrap();
        if took.newer {
            assert_eq!(took.synced.head, 2);
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the newer head is given");
    }
    assert_eq!(reasons(&house.show(card())), "C-ORA");
    house.close();
    connected.close();
}

#[tokio::test]
async fn where_nobody_gives_nothing_is_taken() {
    let house = alone().await;
    let took = take_once(&house.desk, network()).await;
    assert!(matches!(took, Err(TakeError::Nobody)), "{took:?}");
    house.close();
}

#[tokio::test]
async fn while_the_authority_is_away_lists_are_taken_without_anybody_asking() {
    let (on, connected, house) = (network(), House::at_work().await, alone().await);
    let (gives, takes) = (
        Settings { give: true, ..Settings::default() },
        Settings { take: true, ..Settings::default() },
    );
    let giving = Nearby::new(Arc::clone(&connected.desk), on);
    giving.apply(&gives).await.unwrap();
    let taking = Nearby::new(Arc::clone(&house.desk), on);
    taking.apply(&takes).await.unwrap();
    let heard = async {
        while house.desk.knowledge().directory.is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), heard).await.unwrap();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);

    // Switched off, it is found no more, and nothing of it stays.
    assert!(connected.desk.given_folder().exists());
    giving.apply(&Settings::default()).await.unwrap();
    assert!(!connected.desk.given_folder().exists());
    taking.apply(&Settings::default()).await.unwrap();
    let late = alone().await;
    assert!(matches!(take_once(&late.desk, on).await, Err(TakeError::Nobody)));
    late.close();
    drop((giving, taking));
    house.close();
    connected.close();
}

#[tokio::test]
async fn a_station_that_was_ended_gives_nothing_until_it_is_enrolled_anew() {
    let (on, connected) = (network(), House::at_work().await);
    let giving = Giving::start(Arc::clone(&connected.desk), on).await.unwrap();
    gives(&giving).await;
    connected.show(card());
    connected.province.is(Health::Ended);
    connected.desk.upload().await.unwrap_err();
    let given = connected.desk.given_folder();
    assert!(!given.exists());
    // An export that was under way may still write; what it wrote goes a moment later.
    std::fs::create_dir_all(given.join("files")).unwrap();
    std::fs::write(given.join("files/half.part"), "half").unwrap();
    let gone = async {
        while given.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.unwrap();
    assert!(get(giving.port(), "/v1/feeds/head").await.starts_with("HTTP/1.1 404"));
    let house = alone().await;
    assert!(matches!(take_once(&house.desk, on).await, Err(TakeError::Nobody)), "nor is it found");

    connected.province.is(Health::Well);
    connected.enrol("general");
    connected.desk.sync().await.unwrap();
    gives(&giving).await;
    assert!(heard(&house, on).await.unwrap().newer);
    drop(giving);
    house.close();
    connected.close();
}

#[tokio::test]
async fn nothing_but_signed_files_leaves_a_desk() {
    let (on, connected) = (network(), House::at_work().await);
    let giving = Giving::start(Arc::clone(&connected.desk), on).await.unwrap();
    gives(&giving).await;
    let port = giving.port();
    std::fs::write(connected.desk.given_folder().join("files/half.part"), "half").unwrap();
    for path in [
        "/",
        "/desk.db",
        "/v1/feeds/files/",
        "/v1/feeds/files/half.part",
        "/v1/feeds/files/..%2F..%2Fdesk.key",
        "/v1/feeds/files/../../desk.key",
        "/v1/feeds/files/%2Fetc%2Fpasswd",
        "/v1/stations/directory-keys",
        "/v1/entries",
    ] {
        assert!(get(port, path).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    let post =
        "POST /v1/feeds/head HTTP/1.1\r\nhost: d\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    assert!(says(port, post).await.starts_with("HTTP/1.1 405"));
    let files = std::fs::read_dir(connected.desk.given_folder().join("files")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let name = names.filter(|name| name.contains("directory")).min().unwrap();
    let range = format!(
        "GET /v1/feeds/files/{name} HTTP/1.1\r\nhost: d\r\nconnection: close\r\nrange: bytes=8-\r\n\r\n"
    );
    assert!(says(port, &range).await.starts_with("HTTP/1.1 206"), "a cut file is gone on with");
    drop(giving);
    connected.close();
}

#[tokio::test]
async fn whoever_is_asked_for_lists_is_told_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let carrier = HttpAuthority::carrier(listener.local_addr().unwrap()).unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap().to_lowercase()
    });
    assert!(carrier.head().await.is_err());
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("get /v1/feeds/head"), "{asked}");
    for told in ["authorization", "cookie", "x-yanma-list"] {
        assert!(!asked.contains(told), "{asked}");
    }
}
