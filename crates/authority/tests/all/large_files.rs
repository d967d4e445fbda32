//! Feed files that are too large to be held for everybody who fetches them.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::world::World;

/// More than the system keeps for a connection whose caller does not read.
const FILE_BYTES: usize = 16 << 20;
const READERS: usize = 64;

/// What serving them may take. Each file held whole would take a gibibyte.
const MOST_BYTES: usize = 32 << 20;

const NAME: &str = "directory-0-1-0123456789abcdef.yf";

/// A file that no head names, which the server does not ask for, and its content: no two places
/// of it look the same.
fn large_file(world: &World) -> (PathBuf, Vec<u8>) {
    let content: Vec<u8> = (0..FILE_BYTES as u32 / 4).flat_map(u32::to_be_bytes).collect();
    let path = world.feeds().join("files").join(NAME);
    std::fs::write(&path, &content).unwrap();
    (path, content)
}

/// Somebody who asked for the file from a byte on, and has the head of the answer.
struct Reader {
    stream: TcpStream,
    head: String,
    /// How far it has read.
    at: usize,
}

impl Reader {
    async fn new(world: &World, from: usize) -> Self {
        let address = world.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /v1/feeds/files/{NAME} HTTP/1.1\r\nhost: a\r\nrange: bytes={from}-\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(stream.read_u8().await.unwrap()));
        }
        Self { stream, head, at: from }
    }

    #[track_caller]
    fn expect(&self, status: &str, length: usize) {
        let head = &self.head;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
        assert!(head.contains(&format!("content-length: {length}\r\n")), "{head}");
    }

    /// Reads on up to a byte of the file, and compares.
    async fn read_to(&mut self, end: usize, content: &[u8]) {
        let mut piece = [0; 16 * 1024];
        while self.at < end {
            let piece = &mut piece[..(end - self.at).min(16 * 1024)];
            self.stream.read_exact(piece).await.unwrap();
            assert!(piece == &content[self.at..][..piece.len()], "at {} another file", self.at);
            self.at += piece.len();
        }
    }
}

/// How much memory this process has.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_not_held_for_each_who_fetches_it_and_is_whole_when_it_was_removed() {
    let world = World::new().await;
    let (path, content) = large_file(&world);
    let content: Arc<[u8]> = content.into();
    let before = resident_bytes();
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(Reader::new(&world, 0).await);
    }
    for reader in &mut readers {
        reader.expect("200 OK", FILE_BYTES);
        reader.read_to(FILE_BYTES / 4, &content).await;
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < MOST_BYTES, "{READERS} readers of {FILE_BYTES} bytes took {grown}");

    std::fs::remove_file(&path).unwrap();
    let mut rest = JoinSet::new();
    for mut reader in readers {
        let content = Arc::clone(&content);
        rest.spawn(async move { reader.read_to(FILE_BYTES, &content).await });
    }
    while let Some(read) = rest.join_next().await {
        read.unwrap();
    }
    let gone = world.nobody().get(&format!("/v1/feeds/files/{NAME}")).await;
    assert_eq!(gone.error(404).0, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_large_file_is_sent_from_any_byte_on() {
    let world = World::new().await;
    let (_, content) = large_file(&world);
    for from in [1, 65_535, 65_536, 65_537, FILE_BYTES / 2, FILE_BYTES - 1] {
        let mut reader = Reader::new(&world, from).await;
        reader.expect("206 Partial Content", FILE_BYTES - from);
        reader.read_to(FILE_BYTES, &content).await;
    }
    let mut reader = Reader::new(&world, FILE_BYTES).await;
    reader.expect("200 OK", FILE_BYTES);
    reader.at = 0;
    reader.read_to(FILE_BYTES, &content).await;
    // The connection is kept, and the next answer begins where this one ended.
    reader.stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut next = [0; 15];
    reader.stream.read_exact(&mut next).await.unwrap();
    assert_eq!(&next, b"HTTP/1.1 200 OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_length_is_told_without_the_file() {
    let world = World::new().await;
    large_file(&world);
    let url = format!("{}/v1/feeds/files/{NAME}", world.url);
    let answer = world.nobody().client.head(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-length"], FILE_BYTES.to_string().as_str());
    assert_eq!(answer.headers()["etag"], format!("\"{NAME}\"").as_str());
    assert!(answer.bytes().await.unwrap().is_empty());
}
