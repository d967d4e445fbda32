//! Requests over connections that are kept, as many as the server takes.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const CONNECTIONS: usize = 64;

/// A request as it goes over the wire.
#[derive(Clone)]
pub(crate) struct Request(Arc<[u8]>);

impl Request {
    pub(crate) fn get(path: &str, token: Option<&str>) -> Self {
        let token =
            token.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
        Self(format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{token}\r\n").into_bytes().into())
    }

    pub(crate) fn post(path: &str, token: Option<&str>, session: Option<&str>, body: &str) -> Self {
        let token =
            token.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
        let session =
            session.map_or(String::new(), |value| format!("cookie: yanma_session={value}\r\n"));
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
             {token}{session}content-length: {}\r\n\r\n",
            body.len()
        );
        Self((head + body).into_bytes().into())
    }
}

/// What came of a load.
#[derive(Default)]
pub(crate) struct Load {
    micros: Vec<u32>,
    time: Duration,
}

impl Load {
    pub(crate) fn add(&mut self, mut other: Self) {
        self.micros.append(&mut other.micros);
        self.time += other.time;
    }

    pub(crate) fn requests(&self) -> u64 {
        self.micros.len() as u64
    }

    pub(crate) fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.time.as_secs_f64()
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let at = |part: f64| {
            let place = (sorted.len() as f64 * part) as usize;
            f64::from(sorted.get(place).or(sorted.last()).copied().unwrap_or(0)) / 1_000.0
        };
        let (median, late, worst) = (at(0.5), at(0.99), at(1.0));
        let (requests, rate) = (self.requests(), self.rate());
        write!(f, "{rate:.0} a second ({requests}), p50 {median:.2} ms, p99 {late:.2} ms, ")?;
        write!(f, "longest {worst:.1} ms")
    }
}

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 1 << 20] }
    }

    /// Status and body of the answer.
    pub(crate) async fn ask(&mut self, request: &Request) -> (u16, &[u8]) {
        self.stream.write_all(&request.0).await.unwrap();
        let mut filled = 0;
        let (body, length) = loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await.unwrap();
            assert!(read > 0, "the server ended the connection");
            filled += read;
            let Some(end) = find(&self.buffer[..filled], b"\r\n\r\n") else { continue };
            let head = &self.buffer[..end];
            let length = find(head, b"content-length: ").unwrap() + 16;
            let digits = head[length..].iter().take_while(|byte| byte.is_ascii_digit());
            break (end + 4, digits.fold(0, |n, digit| n * 10 + usize::from(digit - b'0')));
        };
        while filled < body + length {
            let read = self.stream.read(&mut self.buffer[filled..]).await.unwrap();
            assert!(read > 0, "the server ended the connection");
            filled += read;
        }
        let status = std::str::from_utf8(&self.buffer[9..12]).unwrap().parse().unwrap();
        (status, &self.buffer[body..body + length])
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Sends the requests in turn over all connections for some time; each must succeed.
pub(crate) async fn ask(address: SocketAddr, requests: Arc<[Request]>, time: Duration) -> Load {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(address).await);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            tokio::spawn(async move {
                let mut micros = Vec::new();
                while begun.elapsed() < time {
                    let at = next.fetch_add(1, Ordering::Relaxed) % requests.len();
                    let sent = Instant::now();
                    let (status, body) = connection.ask(&requests[at]).await;
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(body));
                    micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap());
                }
                micros
            })
        })
        .collect();
    let mut load = Load::default();
    for task in tasks {
        load.micros.append(&mut task.await.unwrap());
    }
    load.time = begun.elapsed();
    load
}
