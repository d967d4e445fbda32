//! Logs that desks sealed and somebody carried here.

use std::io::Cursor;

use serde_json::{Value, json};
use yanma_authority::clerks::Role;
use yanma_authority::entries::{SealedError, TakenIn};
use yanma_authority::keys::KeyRing;
use yanma_domain::IssuerId;
use yanma_domain::trust::PublicKey;
use yanma_protocol::Secret;
use yanma_protocol::entries::EntryUpload;
use yanma_protocol::sealed_log::{Header, LoggedEntry, SealedLogError, SealedLogWriter};

use crate::world::{World, entry, id};

/// Entries of a desk, some more than are taken in at once.
const MANY: u32 = 1_100;

/// The key that the world's trust list has for feeds.
fn feed_key(world: &World) -> PublicKey {
    let keys = KeyRing::load(&world.keys()).unwrap();
    let feeds = keys.feed_keys().unwrap();
    feeds.feeds.public
}

fn logged(entry: Value, number: u32) -> LoggedEntry {
    let entry: EntryUpload = serde_json::from_value(entry).unwrap();
    let name = Some(Secret::new("样*明"));
    let hash = "0".repeat(64);
    LoggedEntry { number: number.into(), hash, operator: None, name, document: None, entry }
}

/// What a desk called `station` with this token carries here.
fn sealed(world: &World, station: &str, token: &str, entries: &[Value]) -> Vec<u8> {
    sealed_for(feed_key(world), IssuerId::FUJIAN, (world, station, token), entries)
}

fn sealed_for(
    key: PublicKey,
    issuer: IssuerId,
    (world, station, token): (&World, &str, &str),
    entries: &[Value],
) -> Vec<u8> {
    let header =
        Header { issuer, sealed_for: key, station: station.to_owned(), written_at: world.now() };
    let mut file = Vec::new();
    let mut log = SealedLogWriter::begin(&mut file, &header, &[9; 32]).unwrap();
    for (number, entry) in (1..).zip(entries) {
        log.add(logged(entry.clone(), number)).unwrap();
    }
    log.finish(&Secret::new(token)).unwrap();
    file
}

struct Desk {
    station: String,
    token: String,
}

async fn desk(world: &World) -> Desk {
    let (_, enrolled) = world.desk().await;
    let text = |field: &str| enrolled[field].as_str().unwrap().to_owned();
    Desk { station: text("station"), token: text("token") }
}

async fn take_in(world: &World, file: &[u8]) -> Result<TakenIn, SealedError> {
    world.authority.take_in_sealed_log(Cursor::new(file)).await
}

async fn known(world: &World) -> u64 {
    let clerk = world.with_token(&world.clerk);
    let (mut after, mut count) = (0, 0);
    loop {
        let page = clerk.get(&format!("/v1/entries?after={after}&limit=500")).await.expect(200);
        count += page["entries"].as_array().unwrap().len() as u64;
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => return count,
        }
    }
}

fn counts(taken: &TakenIn) -> (u64, u64, usize) {
    (taken.accepted, taken.duplicate, taken.rejected.len())
}

#[tokio::test]
async fn what_was_carried_here_counts_as_if_it_had_been_uploaded_and_counts_once() {
    let world = World::new().await;
    let desk = desk(&world).await;
    let entries: Vec<Value> = (1..=MANY).map(|tail| entry(&desk.station, tail)).collect();
    // The desk got through once, with the first two.
    let uploaded = json!({"entries": entries[..2]});
    world.with_token(&desk.token).post("/v1/entries", uploaded).await.expect(200);
    let file = sealed(&world, &desk.station, &desk.token, &entries);
    let taken = take_in(&world, &file).await.unwrap();
    assert_eq!(counts(&taken), (u64::from(MANY) - 2, 2, 0));
    assert_eq!(known(&world).await, u64::from(MANY));
    let again = take_in(&world, &file).await.unwrap();
    assert_eq!(counts(&again), (0, u64::from(MANY), 0));
    assert_eq!(known(&world).await, u64::from(MANY));
}

#[tokio::test]
async fn what_cannot_be_an_entry_of_this_desk_is_rejected_alone() {
    let world = World::new().await;
    let desk = desk(&world).await;
    let mut odd = entry(&desk.station, 2);
    odd["scene"] = json!("no word");
    let entries = [entry(&desk.station, 1), odd, entry("somebody-else", 3)];
    let file = sealed(&world, &desk.station, &desk.token, &entries);
    let taken = take_in(&world, &file).await.unwrap();
    assert_eq!(counts(&taken), (1, 0, 2));
    let reasons: Vec<_> = taken.rejected.iter().map(|r| r.reason.as_deref().unwrap()).collect();
    assert_eq!(reasons, ["scene-not-of-the-expected-form", "another-station"]);
}

#[tokio::test]
async fn whoever_has_not_the_token_can_have_nothing_taken_in() {
    let world = World::new().await;
    let desk = desk(&world).await;
    let entries = [entry(&desk.station, 1)];
    let forged = sealed(&world, &desk.station, "another token", &entries);
    let refused = take_in(&world, &forged).await;
    assert!(matches!(refused, Err(SealedError::AnotherWriter(station)) if station == desk.station));
    let unknown = sealed(&world, "nobody", &desk.token, &entries);
    assert!(matches!(take_in(&world, &unknown).await, Err(SealedError::NoStation(_))));
    world.authority.revoke_station(&desk.station).await.unwrap();
    let file = sealed(&world, &desk.station, &desk.token, &entries);
    assert!(matches!(take_in(&world, &file).await, Err(SealedError::NoStation(_))));
    assert_eq!(known(&world).await, 0);
}

#[tokio::test]
async fn a_file_that_was_cut_off_has_nothing_taken_in() {
    let world = World::new().await;
    let desk = desk(&world).await;
    let entries: Vec<Value> = (1..=MANY).map(|tail| entry(&desk.station, tail)).collect();
    let file = sealed(&world, &desk.station, &desk.token, &entries);
    for length in [file.len() - 1, file.len() / 2, 300] {
        let refused = take_in(&world, &file[..length]).await;
        let changed = matches!(refused, Err(SealedError::Log(SealedLogError::Changed)));
        assert!(changed, "{length} of {}", file.len());
    }
    assert_eq!(known(&world).await, 0);
}

#[tokio::test]
async fn it_opens_after_the_feed_key_was_rotated_and_nobody_else_can_open_it() {
    let mut world = World::new().await;
    let desk = desk(&world).await;
    let file = sealed(&world, &desk.station, &desk.token, &[entry(&desk.station, 1)]);
    let before = feed_key(&world);
    world.stop().await;
    for _ in 0..2 {
        KeyRing::rotate_feeds(&world.keys(), world.now()).unwrap();
    }
    world.restart().await;
    assert_ne!(feed_key(&world), before);
    assert_eq!(counts(&take_in(&world, &file).await.unwrap()), (1, 0, 0));
    // A key that is nobody's here, and a desk of another authority.
    let whose = (&world, desk.station.as_str(), desk.token.as_str());
    let strange = PublicKey::from_bytes(&strange_key()).unwrap();
    let file = sealed_for(strange, IssuerId::FUJIAN, whose, &[entry(&desk.station, 2)]);
    let refused = take_in(&world, &file).await;
    assert!(matches!(refused, Err(SealedError::Log(SealedLogError::Key))));
    let file = sealed_for(before, IssuerId(33), whose, &[entry(&desk.station, 2)]);
    let refused = take_in(&world, &file).await;
    assert!(matches!(refused, Err(SealedError::AnotherIssuer(IssuerId(33)))));
}

fn strange_key() -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes()
}

#[tokio::test]
async fn reading_one_is_noted_before_the_first_entry() {
    let world = World::new().await;
    let desk = desk(&world).await;
    // Of a desk that was revoked, too.
    world.authority.revoke_station(&desk.station).await.unwrap();
    let entries = [entry(&desk.station, 1), entry(&desk.station, 2)];
    let file = sealed(&world, &desk.station, &desk.token, &entries);
    let mut read = Vec::new();
    let take = |header: &Header, entry: LoggedEntry| {
        read.push((header.station.clone(), entry.entry.id.to_string()));
        false
    };
    world.authority.read_sealed_log(&file[..], "个案 7 流调", take).await.unwrap();
    assert_eq!(read, [(desk.station.clone(), id(1))], "until nobody wants more");
    let auditor = world.authority.create_clerk("auditor", Role::Auditor).await.unwrap();
    let audit = world.with_token(auditor.reveal()).get("/v1/audit?deed=read-sealed-log").await;
    let noted = &audit.expect(200)["records"][0];
    assert_eq!(
        (&noted["subject"], &noted["reason"]),
        (&json!(desk.station), &json!("个案 7 流调"))
    );
}
