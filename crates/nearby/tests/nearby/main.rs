//! Lists from desk to desk, over real sockets and real multicast DNS on the loopback address.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../../../station/tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of the desk use more of it")]
mod support;

mod lanes;
mod liars;
mod sharing;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use yanma_nearby::{TakeError, Took, Where, take_once};

use crate::support::house::House;
use crate::support::province::Health;

/// A network of its own for each test: the number of a port that is free.
fn network() -> Where {
    let free = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    Where { loopback: true, apart: Some(free.local_addr().unwrap().port()) }
}

/// A desk that belongs to the same authority and does not reach it.
async fn alone() -> House {
    let house = House::enrolled("general");
    house.province.is(Health::Down);
    assert!(house.desk.sync().await.is_err());
    house
}

/// Takes once, and again where nobody was heard: on a busy machine an announcement may be lost.
async fn heard(house: &House, on: Where) -> Result<Took, TakeError> {
    for _ in 0..5 {
        match take_once(&house.desk, on).await {
            Err(TakeError::Nobody) => {}
            took => return took,
        }
    }
    Err(TakeError::Nobody)
}

/// What a port answers to some text.
async fn says(port: u16, request: &str) -> String {
    let mut stream =
        TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn get(port: u16, path: &str) -> String {
    says(port, &format!("GET {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n\r\n")).await
}
