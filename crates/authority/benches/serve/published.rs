//! What is published, read as a desk reads it: from the root key on, over HTTP.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use yanma_authority::Clock;
use yanma_domain::IssuerId;
use yanma_domain::trust::TrustList;
use yanma_protocol::envelope::{Envelope, FileKind, Keys, open};
use yanma_protocol::head::{FileRef, Head};
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::trust_file::TrustFile;

use crate::load::{Connection, Request};
use crate::province::Province;

/// How often a desk would not ask: to see every publication.
const EVERY: Duration = Duration::from_millis(50);

/// What came out while it was watched.
#[derive(Default)]
pub(crate) struct Watched {
    publications: u64,
    /// The longest time between two.
    longest: Duration,
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (publications, longest) = (self.publications, self.longest);
        write!(f, "{publications} publications, never longer than {longest:.1?} without one")
    }
}

/// Watches until it is over.
pub(crate) async fn watch(address: SocketAddr, over: Arc<AtomicU64>) -> Watched {
    let mut connection = Connection::open(address).await;
    let mut watched = Watched::default();
    let (mut last, mut since) = (Vec::new(), Instant::now());
    while over.load(Ordering::SeqCst) == 0 {
        let head = fetch(&mut connection, "head").await;
        if head != last {
            if !last.is_empty() {
                watched.publications += 1;
                watched.longest = watched.longest.max(since.elapsed());
            }
            (last, since) = (head, Instant::now());
        }
        tokio::time::sleep(EVERY).await;
    }
    watched
}

/// How many codes are amber in the list that is published now.
pub(crate) async fn amber(province: &Province) -> u64 {
    let mut connection = Connection::open(province.address()).await;
    let head = fetch(&mut connection, "head").await;
    let trust = Head::peek_trust(&Envelope::parse(&head).unwrap()).unwrap();
    let trust = file(&mut connection, &trust).await;
    let trust = opened(&trust, FileKind::Trust, Keys::Root(province.root()));
    let TrustFile(trust) = TrustFile::decode(&trust).unwrap();
    let head = Head::decode(&opened(&head, FileKind::Head, at(&trust))).unwrap();
    let mut list: Option<StatusSnapshot> = None;
    for step in head.feeds.status.route(None).unwrap() {
        let bytes = file(&mut connection, step).await;
        list = Some(match list {
            None => {
                let file = opened(&bytes, FileKind::StatusSnapshot, at(&trust));
                StatusSnapshot::decode(&file).unwrap()
            }
            Some(list) => {
                let file = opened(&bytes, FileKind::StatusDelta, at(&trust));
                StatusDelta::decode(&file).unwrap().apply(&list).unwrap()
            }
        });
    }
    let list = list.unwrap();
    assert_eq!(list.position, head.feeds.status.position());
    let [_, amber, ..] = list.list.counts();
    amber.into()
}

fn at(trust: &TrustList) -> Keys<'_> {
    Keys::Trusted(trust, Clock::system().now())
}

fn opened<'a>(
    bytes: &'a [u8],
    kind: FileKind,
    keys: Keys<'_>,
) -> yanma_protocol::envelope::VerifiedFile<'a> {
    open(bytes, kind, IssuerId::FUJIAN, keys).unwrap()
}

async fn fetch(connection: &mut Connection, path: &str) -> Vec<u8> {
    let (status, bytes) = connection.ask(&Request::get(&format!("/v1/feeds/{path}"), None)).await;
    assert_eq!(status, 200, "{path}");
    bytes.to_vec()
}

async fn file(connection: &mut Connection, file: &FileRef) -> Vec<u8> {
    let bytes = fetch(connection, &format!("files/{}", file.name)).await;
    file.check(&bytes).unwrap();
    bytes
}
