//! Feeds that are carried to a desk without a network.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use tempfile::TempDir;
use yanma_station::authority::AuthorityError;
use yanma_station::domain::Colour;
use yanma_station::domain::verdict::{Decision, FeedPosition};
use yanma_station::protocol::FeedError;
use yanma_station::sync::{Carried, SyncError};
use yanma_station::{Connection, DeskError};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, card};
use crate::support::province::Health;

/// A desk that belongs to the same authority and never reaches it.
fn alone() -> House {
    let house = House::enrolled("general");
    house.province.is(Health::Down);
    house
}

fn stick() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Every file on the stick, the head first.
fn files_on(stick: &TempDir) -> Vec<PathBuf> {
    let files = fs::read_dir(stick.path().join("files")).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.insert(0, stick.path().join("head.yf"));
    paths
}

fn position(house: &House) -> Option<FeedPosition> {
    house.desk.standing().unwrap().position
}

#[tokio::test]
async fn a_stick_brings_a_desk_in_step_and_says_its_age() {
    let (connected, stick) = (House::at_work().await, stick());
    let exported = connected.desk.export(stick.path()).await.unwrap();
    assert_eq!((exported.head, exported.written, exported.there), (1, 4, 0));

    let house = alone();
    house.clock.turn(600);
    assert_eq!(house.desk.carried_in(&stick.path().join("elsewhere")), None);
    let unknown = Carried { age: None, newer: true };
    assert_eq!(house.desk.carried_in(stick.path()), Some(unknown), "no key is known yet");
    let imported = house.desk.import(stick.path()).await.unwrap();
    assert_eq!((imported.head, imported.files, imported.bytes), (1, 4, exported.bytes));
    let standing = house.desk.standing().unwrap();
    assert_eq!(standing.age_seconds, Some(600), "from the head's issue, not from the import");
    assert_ne!(standing.connection, Connection::Online, "a stick is no connection");
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.next_person();

    let carried = house.desk.carried_in(stick.path()).unwrap();
    assert_eq!(carried.age, Some(SignedDuration::from_secs(609)));
    assert!(!carried.newer, "they are in force");

    // The colour changes where the network is, and the stick brings it.
    connected.clock.turn(700);
    connected.province.colour(GREEN.index, Colour::Amber);
    let exported = connected.desk.export(stick.path()).await.unwrap();
    assert!(exported.there >= 3, "what lay there whole was not fetched again");
    house.clock.turn(200);
    let carried = house.desk.carried_in(stick.path()).unwrap();
    assert_eq!((carried.age, carried.newer), (Some(SignedDuration::from_secs(109)), true));
    house.desk.import(stick.path()).await.unwrap();
    assert_eq!(reasons(&house.show(card())), "C-ORA");
    let house = house.restarted();
    assert_eq!(reasons(&house.show(card())), "C-ORA", "it was written");
    house.close();
    connected.close();
}

#[tokio::test]
async fn an_older_stick_is_refused_and_changes_nothing() {
    let (connected, old, new) = (House::at_work().await, stick(), stick());
    connected.desk.export(old.path()).await.unwrap();
    connected.clock.turn(60);
    connected.province.colour(GREEN.index, Colour::Red);
    connected.desk.export(new.path()).await.unwrap();

    let house = alone();
    house.clock.turn(60);
    house.desk.import(new.path()).await.unwrap();
    let before = position(&house);
    let refused = house.desk.import(old.path()).await;
    assert!(
        matches!(
            refused,
            Err(DeskError::Feed(SyncError::Head(FeedError::Rollback { have: 2, got: 1 })))
        ),
        "{refused:?}"
    );
    assert_eq!(position(&house), before);
    assert_eq!(house.show(card()).verdict.decision, Decision::Refuse);
    assert!(house.desk.import(new.path()).await.is_ok(), "the same one again is no error");
    house.close();
}

/// Does something to each file in turn; whatever it is, nothing of that feed is in force. The
/// colours do not wait for the directory; a desk that has no policies yet waits for those.
async fn every_file(damage: impl Fn(&Path)) {
    let (connected, stick) = (House::at_work().await, stick());
    connected.desk.export(stick.path()).await.unwrap();
    for path in files_on(&stick) {
        let house = alone();
        let whole = fs::read(&path).unwrap();
        damage(&path);
        let refused = house.desk.import(stick.path()).await;
        assert!(refused.is_err(), "{} was believed", path.display());
        let is_of = |feed| path.file_name().unwrap().to_string_lossy().starts_with(feed);
        let directory = is_of("directory");
        assert_eq!(position(&house).is_some(), directory, "{}", path.display());
        let known = house.desk.knowledge();
        assert!(known.directory.is_none(), "{}", path.display());
        assert_eq!(known.policy_position.is_some(), directory, "{}", path.display());
        // Another export mends the stick.
        let mended = connected.desk.export(stick.path()).await.unwrap();
        assert!(mended.written <= 1);
        assert_eq!(fs::read(&path).unwrap(), whole);
        house.desk.import(stick.path()).await.unwrap();
        assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
        house.close();
    }
    connected.close();
}

#[tokio::test]
async fn a_file_that_is_cut_is_refused() {
    every_file(|path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, bytes.split_last().unwrap().1).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_with_a_bit_turned_is_refused() {
    every_file(|path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_gone_or_a_folder_is_no_file() {
    every_file(|path| fs::remove_file(path).unwrap()).await;
    let house = alone();
    let empty = stick();
    let missing = house.desk.import(empty.path()).await;
    assert!(matches!(missing, Err(DeskError::Authority(AuthorityError::NoSuchFile))));
    fs::create_dir(empty.path().join("head.yf")).unwrap();
    let folder = house.desk.import(empty.path()).await;
    assert!(matches!(folder, Err(DeskError::Authority(AuthorityError::Unreadable))));
}

#[tokio::test]
async fn an_export_that_fails_leaves_the_head_that_was_there() {
    let (connected, stick) = (House::at_work().await, stick());
    connected.desk.export(stick.path()).await.unwrap();
    let head = fs::read(stick.path().join("head.yf")).unwrap();
    connected.province.is(Health::Down);
    connected.desk.export(stick.path()).await.unwrap_err();
    assert_eq!(fs::read(stick.path().join("head.yf")).unwrap(), head);
    // A folder that cannot be made is said, and is no fault of the authority's.
    connected.province.is(Health::Well);
    let below_a_file = stick.path().join("head.yf").join("below");
    let refused = connected.desk.export(&below_a_file).await;
    assert!(matches!(refused, Err(DeskError::Folder(_))), "{refused:?}");
    let stranger = House::unpacked();
    let refused = stranger.desk.import(stick.path()).await;
    assert!(matches!(refused, Err(DeskError::NotEnrolled)), "no root key to believe it by");
}

#[cfg(unix)]
#[tokio::test]
async fn a_stick_with_links_on_it_leads_to_no_file_of_the_desk() {
    use std::os::unix::fs::symlink;
    let (connected, stick) = (House::at_work().await, stick());
    connected.desk.export(stick.path()).await.unwrap();
    let (key, database) = (connected.folder.path().join("desk.key"), stick.path().join("victim"));
    let before = fs::read(&key).unwrap();
    fs::write(&database, vec![7; 9]).unwrap();
    let files = files_on(&stick);
    for path in &files {
        fs::remove_file(path).unwrap();
        symlink(&key, path).unwrap();
        symlink(&database, path.with_extension("part")).unwrap();
    }
    let exported = connected.desk.export(stick.path()).await.unwrap();
    assert_eq!((exported.written, exported.there), (4, 0));
    assert_eq!(fs::read(&key).unwrap(), before);
    assert_eq!(fs::read(&database).unwrap(), [7; 9]);
    for path in &files {
        assert!(fs::symlink_metadata(path).unwrap().is_file(), "{}", path.display());
    }
    let house = alone();
    house.desk.import(stick.path()).await.unwrap();
    house.close();
    connected.close();
}
