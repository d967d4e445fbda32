//! A disk that takes nothing any more: the limit on the size of a process's files stands
//! for it (`RLIMIT_FSIZE`), so the story runs in a process of its own.
#![cfg(unix)]

use std::process::Command;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, setrlimit};
use yanma_station::domain::Colour;
use yanma_station::domain::verdict::Decision;
use yanma_station::store::StoreError;
use yanma_station::{Desk, DeskError, Mode, Notice};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, ORANGE, card, scan, typed};

const INSIDE: &str = "YANMA_TEST_SMALL_DISK";

/// Runs a test of this file again in a process that a write past its limit does not kill.
/// `true` in that process.
fn inside(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let run = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#])
        .arg(std::env::current_exe().unwrap())
        .args([&format!("disk::{name}"), "--exact", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    false
}

/// From now on no file can grow past this many bytes; all it wants with `None`.
fn room(bytes: Option<u64>) {
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

#[tokio::test]
async fn a_full_disk_keeps_no_verdict_back_and_loses_no_entry() {
    if !inside("a_full_disk_keeps_no_verdict_back_and_loses_no_entry") {
        return;
    }
    let house = House::at_work().await;
    let before = house.show(card());
    assert!(before.recorded);
    room(Some(4096));
    house.next_person();
    let orange = house.show(typed(ORANGE.number));
    assert_eq!((orange.verdict.decision, reasons(&orange)), (Decision::Refuse, "C-ORA".to_owned()));
    assert!(!orange.recorded);
    assert_eq!(house.notices(), [Notice::DiskFull]);
    house.next_person();
    let green = house.show(card());
    assert_eq!((green.verdict.decision, green.recorded), (Decision::Admit, false));
    assert_eq!(house.entries(), 1);
    assert!(!house.desk.retry_unwritten().unwrap());

    // There is room again, and the next entry takes the others along, in their order.
    room(None);
    let last = house.show(scan("rubbish"));
    assert!(last.recorded);
    assert_eq!(house.notices(), []);
    let log: Vec<_> = house.desk.store().last(10).unwrap().iter().map(|entry| entry.id).collect();
    assert_eq!(log, [last.entry, green.entry, orange.entry, before.entry]);
    assert_eq!(house.desk.upload().await.unwrap().sent, 4);
    house.close();
}

#[tokio::test]
async fn a_full_disk_takes_no_feed_and_stops_no_desk() {
    if !inside("a_full_disk_takes_no_feed_and_stops_no_desk") {
        return;
    }
    let house = House::at_work().await;
    house.clock.turn(300);
    room(Some(4096));
    house.desk.sync().await.expect("no news, and the clock's mark can wait");
    house.desk.watch_clock().expect("a disk that takes no mark is no reason to stop");
    house.province.colour(GREEN.index, Colour::Red);
    assert!(matches!(house.desk.sync().await, Err(DeskError::Store(_))));
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(300));
    room(None);
    house.desk.sync().await.unwrap();
    assert_eq!(reasons(&house.show(card())), "C-RED");
    house.close();
}

#[tokio::test]
async fn a_desk_opens_where_little_room_is_left_and_says_when_there_is_none() {
    if !inside("a_desk_opens_where_little_room_is_left_and_says_when_there_is_none") {
        return;
    }
    let house = House::at_work().await;
    assert!(house.show(card()).recorded);
    let House { folder, clock, province, desk } = house;
    drop(desk);
    // SQLite wants 32 KiB beside the file for what its readers share.
    room(Some(4096));
    let refused = Desk::at(folder.path(), Mode::Work, clock.clone());
    let refused = refused.err();
    assert!(matches!(refused, Some(DeskError::Store(StoreError::DiskFull))), "{refused:?}");
    room(Some(64 * 1024));
    let opened = Desk::at(folder.path(), Mode::Work, clock.clone()).unwrap();
    let house = House { folder, clock, province, desk: Arc::new(opened.desk) };
    assert_eq!(reasons(&house.show(typed(ORANGE.number))), "C-ORA");
    room(None);
    house.desk.retry_unwritten().unwrap();
    assert_eq!(house.entries(), 2);
    house.close();
}

#[tokio::test]
async fn what_waits_is_written_by_the_work_beside() {
    if !inside("what_waits_is_written_by_the_work_beside") {
        return;
    }
    let house = House::at_work().await;
    room(Some(4096));
    house.show(card());
    room(None);
    assert!(house.desk.retry_unwritten().unwrap());
    assert_eq!((house.entries(), house.notices()), (1, vec![]));
    house.close();
}
