//! A station that the authority has ended, and one that has not heard of it for long.

use std::time::Duration;

use jiff::tz::TimeZone;
use yanma_station::authority::AuthorityError;
use yanma_station::domain::IssuerId;
use yanma_station::domain::document::DocumentHash;
use yanma_station::store::{FeedName, Filter};
use yanma_station::{Connection, DeskError, LOCKED_AFTER_DAYS, Notice};

use crate::support::house::{House, enrolment, reasons};
use crate::support::people::{GREEN, card};
use crate::support::province::Health;

const DAY: i64 = 24 * 3600;

fn files(house: &House) -> Vec<String> {
    let files = std::fs::read_dir(house.folder.path()).unwrap();
    files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// A damaged file that was set aside.
fn put_damaged(house: &House) {
    let damaged = "desk.db.damaged-20200701T000000Z";
    for companion in ["", "-wal"] {
        std::fs::write(house.folder.path().join(format!("{damaged}{companion}")), b"token")
            .unwrap();
    }
}

/// A directory of which only the beginning was fetched, and lists that other desks are given.
fn put_part(house: &House) {
    let name = "desk.db.part-directory-1-0-9-00000000000000000000000000000000";
    std::fs::write(house.folder.path().join(name), b"rows").unwrap();
    let given = house.desk.given_folder().join("files");
    std::fs::create_dir_all(&given).unwrap();
    std::fs::write(given.join("directory-0-9-0000000000000000.yf"), b"rows").unwrap();
}

fn is_wiped(house: &House) {
    let store = house.desk.store();
    assert!(house.desk.enrolment().is_none(), "token and directory key are gone");
    assert_eq!(store.feed_states().unwrap(), []);
    assert_eq!(store.feed(IssuerId::FUJIAN, FeedName::Status).unwrap(), None);
    assert_eq!(store.find(DocumentHash::from_u64(GREEN.hash())).unwrap(), []);
    assert!(store.setting::<serde_json::Value>("enrolment").unwrap().is_none());
    let given = [".base-", ".part-", ".damaged-", "nearby"];
    let given = |name: &String| given.iter().any(|kind| name.contains(kind));
    assert_eq!(files(house).into_iter().filter(given).collect::<Vec<_>>(), [""; 0], "nor its rows");
    assert_eq!(house.notices(), [Notice::Revoked]);
    assert_ne!(house.desk.connection(), Connection::Online);
}

#[tokio::test]
async fn a_station_that_was_ended_wipes_what_it_was_given_and_keeps_its_entries() {
    // Whatever it does first with the authority, it is told.
    for contact in ["sync", "upload", "ask"] {
        let house = House::at_work().await;
        let checked = house.show(card());
        assert_eq!(reasons(&checked), "", "{contact}");
        put_part(&house);
        put_damaged(&house);
        house.province.is(Health::Answers(AuthorityError::Revoked));
        let told = match contact {
            "sync" => house.desk.sync().await.map(|_| ()),
            "upload" => house.desk.upload().await.map(|_| ()),
            _ => house.desk.ask(&checked).await.map(|_| ()),
        };
        let revoked = matches!(told, Err(DeskError::Authority(AuthorityError::Revoked)));
        assert!(revoked, "{contact}: {told:?}");
        is_wiped(&house);
        let entries = house.desk.store().search(&Filter::default()).unwrap();
        assert_eq!(entries.len(), 1, "{contact}: the entry stays");
        assert_eq!(house.pending(), 1, "{contact}: and is still to be sent");

        let house = house.restarted();
        is_wiped(&house);
        house.province.is(Health::Well);
        house.enrol("general");
        assert_eq!(house.notices(), [], "{contact}: enrolled anew");
        house.desk.sync().await.unwrap();
        house.next_person();
        assert_eq!(reasons(&house.show(card())), "", "{contact}: it works again");
        house.close();
    }
}

#[tokio::test]
async fn what_a_kill_left_of_a_fetch_goes_at_the_next_start() {
    let house = House::at_work().await;
    put_part(&house);
    let house = house.restarted();
    assert!(files(&house).iter().any(|name| name.contains(".part-")), "it is gone on with");
    house.province.is(Health::Ended);
    house.enrol_as_before();
    house.show(card());
    house.desk.upload().await.unwrap_err();
    is_wiped(&house);
    put_part(&house);
    is_wiped(&house.restarted());
}

#[tokio::test(start_paused = true)]
async fn what_was_on_its_way_when_the_station_was_ended_does_not_come_back() {
    let house = House::at_work().await;
    house.show(card());
    house.province.change(|press| press.begin_epoch(2));
    house.province.is(Health::Slow(Duration::from_secs(1)));
    let desk = std::sync::Arc::clone(&house.desk);
    let before = house.province.inner().asked.heads;
    let syncing = tokio::spawn(async move { desk.sync().await });
    while house.province.inner().asked.heads == before {
        tokio::task::yield_now().await;
    }
    house.province.is(Health::Ended);
    house.desk.upload().await.unwrap_err();
    let synced = syncing.await.unwrap();
    assert!(matches!(synced, Err(DeskError::NotEnrolled)), "{synced:?}");
    is_wiped(&house);
    is_wiped(&house.restarted());
}

/// The same in real time: the word comes at any instant of a sync, most of all while it is
/// being written.
#[test]
fn a_station_that_is_ended_in_the_middle_of_a_sync_is_wiped_all_the_same() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut taken_over = 0;
    for turn in 0..40 {
        let house = runtime().block_on(House::at_work());
        house.show(card());
        house.clock.turn(60);
        house.province.change(|press| press.begin_epoch(2));
        house.province.is(Health::Ended);
        let (desk, start) = (&house.desk, std::sync::Barrier::new(2));
        let synced = std::thread::scope(|scope| {
            let syncing = scope.spawn(|| {
                start.wait();
                runtime().block_on(desk.sync())
            });
            start.wait();
            std::thread::sleep(Duration::from_micros(turn * 250));
            runtime().block_on(desk.upload()).unwrap_err();
            syncing.join().unwrap()
        });
        match synced {
            Ok(_) => taken_over += 1,
            Err(DeskError::NotEnrolled) => {}
            Err(error) => panic!("turn {turn}: {error:?}"),
        }
        is_wiped(&house);
        is_wiped(&house.restarted());
    }
    eprintln!("{taken_over} of 40 syncs were through before the desk was ended");
}

#[tokio::test]
async fn a_token_that_is_not_known_wipes_nothing() {
    let house = House::at_work().await;
    house.province.is(Health::Answers(AuthorityError::NotAccepted));
    house.desk.sync().await.unwrap_err();
    assert!(house.desk.enrolment().is_some());
    assert_eq!(reasons(&house.show(card())), "");
    house.close();
}

#[tokio::test]
async fn a_station_that_heard_nothing_for_too_long_locks_itself_until_it_does() {
    let house = House::at_work().await;
    house.clock.turn(i64::from(LOCKED_AFTER_DAYS) * DAY);
    house.desk.watch_clock().unwrap();
    assert!(!house.desk.is_locked(), "not yet");
    let today = house.desk.now().to_zoned(TimeZone::system()).date();
    let text = format!("姓名,身份证号\n证件样本,{}\n", GREEN.number);
    let expected = house.desk.take_list("今晚", today, text.as_bytes()).unwrap().list;
    house.desk.check_list(expected, |_, _| {}).unwrap();
    house.desk.present(&[card()]).unwrap();
    house.next_person();
    let locked = house.desk.present(&[card()]).unwrap_err();
    assert!(matches!(locked, DeskError::Locked { days: LOCKED_AFTER_DAYS }), "{locked:?}");
    assert!(house.desk.judge_only(&[card()]).is_err());
    let ahead = house.desk.check_list(expected, |_, _| {}).unwrap_err();
    assert!(matches!(ahead, DeskError::Locked { .. }), "nor is a list told its colours: {ahead:?}");
    assert_eq!(house.notices(), [Notice::Locked]);
    assert_eq!(house.entries(), 1, "nobody was checked");

    let house = house.restarted();
    assert!(house.desk.is_locked(), "also after a restart");
    house.clock.turn(-2 * DAY);
    house.desk.watch_clock().unwrap();
    assert!(house.desk.is_locked(), "and with a clock that was set back");
    house.clock.turn(2 * DAY);

    let province: std::sync::Arc<dyn yanma_station::authority::Authority> = house.province.clone();
    house.desk.enrol_with(enrolment("general"), province).unwrap();
    assert!(house.desk.is_locked(), "enrolling is no head");
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert!(!house.desk.is_locked());
    assert_eq!(reasons(&house.show(card())), "");
    house.close();
}

#[test]
fn a_desk_that_never_had_anything_is_not_locked() {
    let house = House::unpacked();
    house.clock.turn(400 * DAY);
    house.desk.watch_clock().unwrap();
    assert!(!house.desk.is_locked());
}
