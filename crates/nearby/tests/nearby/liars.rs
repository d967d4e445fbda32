//! Whoever else is in the network announces itself as a desk.

use std::sync::Arc;

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use yanma_nearby::{Giving, TakeError, Where};
use yanma_station::DeskError;

use crate::support::house::House;
use crate::{alone, get, heard, network};

/// Announces a port that answers everything with these bytes, and nothing when there are none.
async fn liar(on: Where, name: &str, says: Vec<u8>) -> ServiceDaemon {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                says.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&says).await;
        }
    });
    let daemon = ServiceDaemon::new().unwrap();
    daemon.enable_interface(IfKind::LoopbackV4).unwrap();
    let nothing: &[(&str, &str)] = &[];
    let service = &on.service("yanma-feeds");
    let info = ServiceInfo::new(service, name, &format!("{name}.local."), "", port, nothing);
    daemon.register(info.unwrap().enable_addr_auto()).unwrap();
    daemon
}

#[tokio::test]
async fn what_a_liar_gives_is_refused_and_an_honest_desk_is_found_all_the_same() {
    let (on, connected, house) = (network(), House::at_work().await, alone().await);
    let liars = [
        liar(on, "a-page", b"<!doctype html><title>Welcome to our hotel</title>".to_vec()).await,
        liar(on, "a-nothing", Vec::new()).await,
        liar(on, "z-noise", (0..5000_u32).map(|n| (n * 31 % 251) as u8).collect()).await,
    ];
    let refused = heard(&house, on).await;
    assert!(
        matches!(refused, Err(TakeError::Desk(DeskError::Feed(_) | DeskError::Authority(_)))),
        "{refused:?}"
    );
    assert_eq!(house.desk.knowledge().head_number, 0);
    assert_eq!(house.notices(), [], "a liar in the network is no trouble of the authority");
    let giving = Giving::start(Arc::clone(&connected.desk), on).await.unwrap();
    while !get(giving.port(), "/v1/feeds/head").await.starts_with("HTTP/1.1 200") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut took = heard(&house, on).await;
    for _ in 0..5 {
        if took.is_err() {
            took = heard(&house, on).await;
        }
    }
    let took = took.unwrap();
    assert_eq!((took.newer, took.synced.head, took.from.port()), (true, 1, giving.port()));
    drop(giving);
    for liar in liars {
        liar.shutdown().unwrap();
    }
    house.close();
    connected.close();
}
