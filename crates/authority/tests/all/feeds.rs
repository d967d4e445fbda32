//! The published files, as a desk reads them.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use yanma_domain::code::DecodedCode;
use yanma_domain::trust::{Purpose, TrustList};
use yanma_domain::{Colour, IssuerId};
use yanma_protocol::directory_file::DirectorySnapshot;
use yanma_protocol::envelope::Envelope;
use yanma_protocol::head::{FileRef, Head};
use yanma_protocol::policy_file::PolicyFile;
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::trust_file::TrustFile;

use crate::world::{World, fact, until};

const NUMBER: &str = "350100190001010004";

/// A desk that keeps the root key, and reads what is published.
pub(crate) struct Desk {
    pub(crate) url: String,
    pub(crate) trust: TrustList,
}

impl Desk {
    pub(crate) async fn new(world: &World) -> Self {
        let (_, enrolled) = world.desk().await;
        Self::of(&world.url, &enrolled).await
    }

    /// Pins the root key that enrolment gave, and takes the trust list that it signed.
    pub(crate) async fn of(url: &str, enrolled: &Value) -> Self {
        let root = serde_json::from_value(enrolled["root_key"].clone()).unwrap();
        let head = fetch(url, "head").await;
        let reference = Head::peek_trust(&Envelope::parse(&head).unwrap()).unwrap();
        let bytes = file(url, &reference).await;
        let envelope = Envelope::parse(&bytes).unwrap();
        let TrustFile(trust) = TrustFile::decode(&envelope.verify(&root).unwrap()).unwrap();
        Self { url: url.to_owned(), trust }
    }

    pub(crate) fn feeds_key(&self) -> yanma_domain::trust::PublicKey {
        let issuer = self.trust.issuer(IssuerId::FUJIAN).unwrap();
        let is_feeds = |key: &&yanma_domain::trust::TrustedKey| key.purposes == [Purpose::Feeds];
        issuer.keys.iter().find(is_feeds).unwrap().public
    }

    pub(crate) async fn head(&self) -> Head {
        self.open_head(&fetch(&self.url, "head").await)
    }

    /// Opens a head that somebody brought.
    pub(crate) fn open_head(&self, bytes: &[u8]) -> Head {
        let envelope = Envelope::parse(bytes).unwrap();
        Head::decode(&envelope.verify(&self.feeds_key()).unwrap()).unwrap()
    }

    /// Goes from a list, or from nothing, to the one of the head, by the way it names.
    pub(crate) async fn follow(&self, head: &Head, list: Option<StatusSnapshot>) -> StatusSnapshot {
        let (key, mut list) = (self.feeds_key(), list);
        let have = list.as_ref().map(|list| list.position);
        for step in head.feeds.status.route(have).unwrap() {
            let bytes = file(&self.url, step).await;
            let verified = Envelope::parse(&bytes).unwrap().verify(&key).unwrap();
            list = Some(if step.from == 0 {
                StatusSnapshot::decode(&verified).unwrap()
            } else {
                let delta = StatusDelta::decode(&verified).unwrap();
                delta.apply(list.as_ref().unwrap()).unwrap()
            });
        }
        let list = list.unwrap();
        assert_eq!(list.position, head.feeds.status.position());
        assert_eq!(list.list.root(), head.feeds.status.root.0);
        list
    }
}

async fn fetch(url: &str, path: &str) -> Vec<u8> {
    let url = format!("{url}/v1/feeds/{path}");
    let response = Client::new().get(url).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let cache = response.headers()["cache-control"].to_str().unwrap().to_owned();
    assert_eq!(cache.contains("immutable"), path != "head");
    response.bytes().await.unwrap().to_vec()
}

pub(crate) async fn file(url: &str, reference: &FileRef) -> Vec<u8> {
    let bytes = fetch(url, &format!("files/{}", reference.name)).await;
    reference.check(&bytes).unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_can_follow_the_feeds_from_the_root_key_on() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let shown = citizen.post("/v1/shows", json!({})).await.expect(200);
    let desk = Desk::new(&world).await;
    let text = shown["text"].as_str().unwrap();
    let code = DecodedCode::from_text(text).unwrap().verify(&desk.trust).unwrap();
    let index = code.body().index;
    until(Duration::from_secs(2), async || desk.head().await.feeds.directory.size == 1).await;

    let before = desk.head().await;
    let key = desk.feeds_key();
    let bytes = file(&world.url, &before.feeds.policy.snapshot).await;
    let policies = PolicyFile::decode(&Envelope::parse(&bytes).unwrap().verify(&key).unwrap());
    assert_eq!(policies.unwrap().policies.len(), 4);
    let route = before.feeds.directory.route(None).unwrap();
    assert!(!route.is_empty(), "there is a way from nothing to the directory");
    let bytes = file(&world.url, route[0]).await;
    DirectorySnapshot::decode(&Envelope::parse(&bytes).unwrap().verify(&key).unwrap()).unwrap();

    let list = desk.follow(&before, None).await;
    assert_eq!(list.list.get(index), Some(Colour::Green));

    // A fact reaches the feed within a second of being acknowledged.
    let clerk = world.with_token(&world.clerk);
    let facts = json!({"facts": [fact(NUMBER, "suspected", world.now(), 1)]});
    clerk.post("/v1/facts", facts).await.expect(200);
    let sequence = before.feeds.status.sequence;
    let took =
        until(Duration::from_secs(5), async || desk.head().await.feeds.status.sequence > sequence)
            .await;
    assert!(took < Duration::from_secs(1), "publishing took {took:?}");
    let after = desk.head().await;
    assert_eq!(after.feeds.status.sequence, sequence + 1);
    after.check_after(&before.mark()).unwrap();
    let list = desk.follow(&after, Some(list)).await;
    assert_eq!(list.list.get(index), Some(Colour::Amber));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_head_comes_without_a_change_and_after_a_restart() {
    let mut world = World::with(|settings| settings.publish_seconds = 1).await;
    let first = {
        let desk = Desk::new(&world).await;
        let first = desk.head().await;
        until(Duration::from_secs(4), async || desk.head().await.number > first.number).await;
        first
    };
    world.restart().await;
    let after = Desk::new(&world).await.head().await;
    after.check_after(&first.mark()).unwrap();
    assert_eq!(
        after.feeds.status.epoch, first.feeds.status.epoch,
        "a restart goes on where it was"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_head_put_back_never_takes_desks_back() {
    let mut world = World::new().await;
    let old = std::fs::read(world.feeds().join("head.yf")).unwrap();
    let before = Desk::new(&world).await.head().await;
    world.holder().await;
    let latest = {
        let desk = Desk::new(&world).await;
        let sequence = before.feeds.status.sequence;
        until(Duration::from_secs(5), async || desk.head().await.feeds.status.sequence > sequence)
            .await;
        desk.head().await
    };
    world.stop().await;
    std::fs::write(world.feeds().join("head.yf"), old).unwrap();
    world.restart().await;
    let after = Desk::new(&world).await.head().await;
    after.check_after(&latest.mark()).unwrap();
    assert!(after.feeds.status.epoch > latest.feeds.status.epoch, "a new epoch begins");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_published_files_are_served() {
    let world = World::new().await;
    assert!(world.feeds().join("head.yf").exists());
    std::fs::write(world.feeds().join("files/secret.txt"), "x").unwrap();
    std::fs::write(world.feeds().join("files/head.yf"), "x").unwrap();
    for name in [
        "secret.txt",
        "head.yf",
        "..%2f..%2fkeys%2fcodes.json",
        "%2e%2e/keys/codes.json",
        "status-0-1-0000000000000000.yf",
        "%ff.yf",
        "",
    ] {
        let answer = world.nobody().get(&format!("/v1/feeds/files/{name}")).await;
        assert_eq!(answer.error(404).0, "not-found", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_beginning_of_a_file_is_given_the_rest() {
    let world = World::new().await;
    let file = std::fs::read_dir(world.feeds().join("files")).unwrap().next().unwrap().unwrap();
    let bytes = std::fs::read(file.path()).unwrap();
    let url = format!("{}/v1/feeds/files/{}", world.url, file.file_name().to_string_lossy());
    for (range, from) in [
        ("bytes=5-", 5),
        ("bytes=0-", 0),
        ("bytes=99999999-", 0),
        ("bytes=5-9", 0),
        ("bytes=-5", 0),
        ("bytes=5-,9-", 0),
        ("lines=5-", 0),
        ("bytes=99999999999999999999999-", 0),
    ] {
        let answer = world.nobody().client.get(&url).header("range", range).send().await.unwrap();
        let part = from > 0;
        assert_eq!(answer.status(), if part { 206 } else { 200 }, "{range}");
        let stated = answer.headers().get("content-range").map(|text| text.to_str().unwrap());
        let expect = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
        assert_eq!(stated, part.then_some(expect.as_str()), "{range}");
        assert_eq!(answer.bytes().await.unwrap(), bytes[from..], "{range}");
    }
}

/// What somebody says to have, made from the tag of what there is.
type Known = fn(&str) -> String;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_already_is_not_sent_again() {
    let world = World::new().await;
    let file = std::fs::read_dir(world.feeds().join("files")).unwrap().next().unwrap().unwrap();
    let name = file.file_name().to_string_lossy().into_owned();
    let client = &world.nobody().client;
    for (path, cache, changes) in [
        ("/v1/feeds/head".to_owned(), "no-cache", true),
        (format!("/v1/feeds/files/{name}"), "public, max-age=31536000, immutable", false),
    ] {
        let url = format!("{}{path}", world.url);
        let header = |answer: &reqwest::Response, name| {
            answer.headers().get(name).map(|text| text.to_str().unwrap().to_owned())
        };
        let known: [(Known, bool); 7] = [
            (str::to_owned, true),
            (|tag| format!("W/{tag}"), true),
            (|tag| format!("\"other\", {tag}"), true),
            (|_| "*".to_owned(), true),
            (|_| "\"other\"".to_owned(), false),
            (|tag| tag.replace('"', ""), false),
            (|_| String::new(), false),
        ];
        for (known, same) in known {
            let first = client.get(&url).send().await.unwrap();
            assert_eq!(header(&first, "cache-control").as_deref(), Some(cache));
            assert_eq!(header(&first, "accept-ranges").is_some(), !changes);
            let tag = header(&first, "etag").unwrap();
            let bytes = first.bytes().await.unwrap();
            let known = known(&tag);
            let answer = client.get(&url).header("if-none-match", &known).send().await.unwrap();
            assert_eq!(answer.status(), if same { 304 } else { 200 }, "{path}: {known}");
            assert_eq!(header(&answer, "etag"), Some(tag));
            assert_eq!(header(&answer, "cache-control").as_deref(), Some(cache));
            let body = answer.bytes().await.unwrap();
            assert_eq!(body, if same { Default::default() } else { bytes });
        }
    }
    let url = format!("{}/v1/feeds/files/{name}", world.url);
    for (of, status) in [(format!("\"{name}\""), 206), ("\"other\"".to_owned(), 200)] {
        let asked = client.get(&url).header("range", "bytes=1-").header("if-range", &of);
        assert_eq!(asked.send().await.unwrap().status(), status, "{of}");
    }
}
