//! A desk as the server sees it: heads by their tag, and the files that lead to each.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use yanma_domain::trust::PublicKey;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::Digest;
use yanma_protocol::envelope::Envelope;
use yanma_protocol::head::{FILES_PATH, FileList, FileRef, HEAD_PATH, Head};

use crate::wire::{Answer, Body, Wire};

/// How long a desk waits for a head (`crates/station/src/authority/http.rs`).
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// How long it waits after a failure, and after many (`crates/station/src/run.rs`).
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// A head that was known.
    Known,
    Head,
    /// Trust, policies, and a status list or a step of one.
    File,
    Directory,
}

/// What came of many requests.
#[derive(Default)]
pub(crate) struct Tally {
    /// Each with how long it took, in µs.
    pub(crate) requests: Vec<(Asked, u32)>,
    pub(crate) bytes: u64,
    pub(crate) connections: u64,
    /// Requests, or syncs, that came to nothing.
    pub(crate) failed: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, mut other: Self) {
        self.requests.append(&mut other.requests);
        self.bytes += other.bytes;
        self.connections += other.connections;
        self.failed += other.failed;
    }

    pub(crate) fn count(&self, of: Asked) -> usize {
        self.requests.iter().filter(|(asked, _)| *asked == of).count()
    }

    /// Within how many milliseconds this part of the answers came.
    pub(crate) fn within_ms(&self, part: f64) -> f64 {
        let mut micros: Vec<_> = self.requests.iter().map(|(_, micros)| *micros).collect();
        micros.sort_unstable();
        let at = ((micros.len() as f64 * part) as usize).min(micros.len().saturating_sub(1));
        f64::from(micros.get(at).copied().unwrap_or(0)) / 1_000.0
    }
}

/// Verifies and reads each head once for all desks, which are one process here: what it costs a
/// desk is measured elsewhere.
pub(crate) struct Heads {
    key: PublicKey,
    last: Mutex<Option<(Digest, Arc<Head>)>>,
}

impl Heads {
    pub(crate) fn new(key: PublicKey) -> Self {
        Self { key, last: Mutex::default() }
    }

    fn read(&self, bytes: &[u8]) -> Arc<Head> {
        let digest = Digest::of(bytes);
        let mut last = self.last.lock().unwrap();
        match &*last {
            Some((known, head)) if *known == digest => Arc::clone(head),
            _ => {
                let file = Envelope::parse(bytes).unwrap().verify(&self.key).unwrap();
                let head = Arc::new(Head::decode(&file).unwrap());
                *last = Some((digest, Arc::clone(&head)));
                head
            }
        }
    }
}

/// What a desk has, and its connection.
pub(crate) struct Desk {
    wire: Wire,
    heads: Arc<Heads>,
    tag: Option<String>,
    status: Option<FeedPosition>,
    directory: Option<FeedPosition>,
    /// Trust list and policies.
    has_rules: bool,
    pub(crate) tally: Tally,
}

impl Desk {
    /// A desk that has nothing yet.
    pub(crate) fn new(address: SocketAddr, heads: Arc<Heads>) -> Self {
        let (wire, tally) = (Wire::to(address), Tally::default());
        Self { wire, heads, tag: None, status: None, directory: None, has_rules: false, tally }
    }

    /// A desk that has the state of a head.
    pub(crate) fn that_has(address: SocketAddr, heads: Arc<Heads>, head: &Head) -> Self {
        let (status, directory) = (&head.feeds.status, &head.feeds.directory);
        let (status, directory) = (Some(status.position()), Some(directory.position()));
        Self { status, directory, has_rules: true, ..Self::new(address, heads) }
    }

    /// Asks for the head, and for what is new in it; again and again when that fails, as a desk
    /// does.
    pub(crate) async fn sync(&mut self) {
        let mut wait = FIRST_WAIT;
        while self.try_sync().await.is_err() {
            self.tally.failed += 1;
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        self.tally.connections = self.wire.opened;
    }

    async fn try_sync(&mut self) -> io::Result<()> {
        let known = self.tag.clone();
        let asked = self.get(HEAD_PATH, known.as_deref(), Body::Kept);
        let (answer, took) = timeout(HEAD_WITHIN, asked).await??;
        if answer.status == 304 {
            self.tally.requests.push((Asked::Known, took));
            return Ok(());
        }
        assert_eq!(answer.status, 200, "the head");
        self.tally.requests.push((Asked::Head, took));
        let head = self.heads.read(&answer.body);
        if !self.has_rules {
            self.bring(Asked::File, &head.feeds.trust, None).await?;
            self.bring(Asked::File, &head.feeds.policy, None).await?;
            self.has_rules = true;
        }
        self.status = self.bring(Asked::File, &head.feeds.status, self.status).await?;
        self.directory =
            self.bring(Asked::Directory, &head.feeds.directory, self.directory).await?;
        self.tag = answer.tag;
        Ok(())
    }

    /// Fetches what leads to the state of a list.
    async fn bring(
        &mut self,
        asked: Asked,
        list: &FileList,
        have: Option<FeedPosition>,
    ) -> io::Result<Option<FeedPosition>> {
        for file in list.route(have).unwrap() {
            self.fetch(asked, file).await?;
        }
        Ok(Some(list.position()))
    }

    async fn fetch(&mut self, asked: Asked, file: &FileRef) -> io::Result<()> {
        let path = format!("{FILES_PATH}{}", file.name);
        let body = if asked == Asked::Directory { Body::Counted } else { Body::Kept };
        let (answer, took) = self.get(&path, None, body).await?;
        assert_eq!(answer.status, 200, "{path}");
        if body == Body::Kept {
            file.check(&answer.body).unwrap();
        }
        self.tally.requests.push((asked, took));
        Ok(())
    }

    async fn get(
        &mut self,
        path: &str,
        known: Option<&str>,
        body: Body,
    ) -> io::Result<(Answer, u32)> {
        let begun = Instant::now();
        let answer = self.wire.get(path, known, body).await?;
        self.tally.bytes += answer.bytes;
        Ok((answer, micros(begun.elapsed())))
    }
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}
