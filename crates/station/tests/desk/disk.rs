//! A disk that takes nothing any more: the limit on the size of a process's files stands
//! for it (`RLIMIT_FSIZE`), so the story runs in a process of its own. `YANMA_DISKS` makes more
//! disks that fill and empty by a seed, `YANMA_DISK_SEED` begins elsewhere.
#![cfg(unix)]

use std::process::Command;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, setrlimit};
use yanma_station::domain::Colour;
use yanma_station::domain::verdict::Decision;
use yanma_station::store::StoreError;
use yanma_station::{Desk, DeskError, Mode, Notice};

use crate::chaos::Random;
use crate::damage::number;
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

#[tokio::test]
async fn whatever_room_there_is_nobody_is_judged_otherwise_and_no_entry_is_lost() {
    if !inside("whatever_room_there_is_nobody_is_judged_otherwise_and_no_entry_is_lost") {
        return;
    }
    let first = number("YANMA_DISK_SEED", 1);
    let (mut waited, mut held_back) = (0, 0);
    for seed in first..first + number("YANMA_DISKS", 12) {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let house = House::at_work().await;
        let (mut shown, mut published, mut known) = (Vec::new(), Colour::Green, Colour::Green);
        for _ in 0..40 {
            match random.below(8) {
                0 | 1 => room(Some(4_096 * random.below(64))),
                2 => room(None),
                3 => {
                    published = if random.below(2) == 0 { Colour::Red } else { Colour::Green };
                    house.province.colour(GREEN.index, published);
                }
                4 => match house.desk.sync().await {
                    Ok(_) => known = published,
                    Err(DeskError::Store(_)) => held_back += 1,
                    Err(error) => panic!("seed {seed}: {error}"),
                },
                5 => drop(house.desk.upload().await),
                6 => drop(house.desk.retry_unwritten()),
                _ => drop(house.desk.end_retention().await),
            }
            house.next_person();
            let checked = house.show(card());
            let expect = if known == Colour::Green { Decision::Admit } else { Decision::Refuse };
            assert_eq!(checked.verdict.decision, expect, "seed {seed}");
            waited += u32::from(!checked.recorded);
            shown.push(checked.entry);
        }
        room(None);
        house.desk.retry_unwritten().unwrap();
        let mut log: Vec<_> = house.desk.store().last(1_000).unwrap();
        log.reverse();
        let log: Vec<_> = log.iter().map(|entry| entry.id).collect();
        assert_eq!(log, shown, "seed {seed}: all of them, in their order");
        house.desk.sync().await.unwrap();
        while house.desk.upload().await.unwrap().sent > 0 {}
        let sent: Vec<_> = house.province.inner().entries.iter().map(|entry| entry.id).collect();
        assert_eq!(sent, shown, "seed {seed}: once each");
        assert!(house.desk.check_log(None).unwrap().is_whole(), "seed {seed}");
        assert_eq!(house.notices(), [], "seed {seed}");
    }
    assert!(waited > 0 && held_back > 0, "{waited} entries waited, {held_back} lists");
}
