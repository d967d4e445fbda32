//! What a server answers at most, when as much is asked as it takes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use yanma_protocol::head::{FILES_PATH, FileRef, HEAD_PATH, Head};

use crate::server::{CONSTANT_PATH, Server};
use crate::wire::{Body, Wire};

/// Over how many connections is asked, and for a file that takes long.
const CONNECTIONS: usize = 64;
const LONG_CONNECTIONS: usize = 4;

const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;

/// Answers, and the time that they took.
#[derive(Default)]
struct Rate {
    answers: f64,
    seconds: f64,
}

impl Rate {
    fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.seconds += other.seconds;
    }

    fn a_second(&self) -> f64 {
        self.answers / self.seconds
    }
}

/// Prints how often each kind of file is answered, and beside it a constant of the same size from
/// the memory of the same server, in turns, if it has one.
pub(crate) fn print(server: &Server, desks: &Runtime, head: &Head) {
    let path = |file: &FileRef| format!("{FILES_PATH}{}", file.name);
    let (status, directory) = (&head.feeds.status, &head.feeds.directory);
    let step = status.deltas.iter().find(|step| step.to == step.from + 1).unwrap();
    let (_, tag) = desks.block_on(one(server.address, HEAD_PATH, None));
    for (what, path, known, connections) in [
        ("the head, known", HEAD_PATH.to_owned(), tag.as_deref(), CONNECTIONS),
        ("the head, new", HEAD_PATH.to_owned(), None, CONNECTIONS),
        ("a step of 5,000 colours", path(step), None, CONNECTIONS),
        ("the status list", path(&status.snapshot), None, CONNECTIONS),
        ("the directory", path(&directory.snapshot), None, LONG_CONNECTIONS),
    ] {
        let (size, _) = desks.block_on(one(server.address, &path, known));
        let same = format!("{CONSTANT_PATH}?{size}");
        let (mut file, mut constant) = (Rate::default(), Rate::default());
        for _ in 0..ROUNDS {
            file.add(desks.block_on(ask(server.address, &path, known, connections)));
            if server.has_constants {
                constant.add(desks.block_on(ask(server.address, &same, None, connections)));
            }
        }
        let (rate, megabytes) = (file.a_second(), file.a_second() * size as f64 / 1e6);
        print!("  at most, {what} of {size} bytes: {rate:.1}/s, {megabytes:.1} MB/s");
        if server.has_constants {
            print!("; a constant {:.1}/s: {:.2}", constant.a_second(), rate / constant.a_second());
        }
        println!();
    }
}

/// How long the body is, and its tag.
async fn one(address: SocketAddr, path: &str, known: Option<&str>) -> (u64, Option<String>) {
    let answer = Wire::to(address).get(path, known, Body::Counted).await.unwrap();
    (answer.body_bytes, answer.tag)
}

/// Asks over all connections for some time.
async fn ask(address: SocketAddr, path: &str, known: Option<&str>, connections: usize) -> Rate {
    let begun = Instant::now();
    let mut asking = JoinSet::new();
    for _ in 0..connections {
        let (path, known) = (path.to_owned(), known.map(str::to_owned));
        asking.spawn(async move {
            let (mut wire, mut answers) = (Wire::to(address), 0.0);
            while begun.elapsed() < ROUND {
                let answer = wire.get(&path, known.as_deref(), Body::Counted).await.unwrap();
                assert!(matches!(answer.status, 200 | 304), "{path}: {}", answer.status);
                answers += 1.0;
            }
            answers
        });
    }
    let answers = asking.join_all().await.into_iter().sum();
    Rate { answers, seconds: begun.elapsed().as_secs_f64() }
}
