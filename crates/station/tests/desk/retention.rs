//! What is kept, and for how long: by the policy, and by no clock alone.

use yanma_station::authority::AuthorityError;
use yanma_station::domain::policy::RetentionRules;
use yanma_station::store::LogDay;
use yanma_station::{Clock as _, DeskError, Ended};

use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, RED, card, code_of, typed};
use crate::support::province::Health;

const DAY: i64 = 86_400;

/// A desk whose scene keeps entries and personal parts for so many days, and has seen two
/// people.
async fn at_work(entries_days: u32, personal_days: u32) -> House {
    let house = House::at_work().await;
    rule(&house, "general", entries_days, personal_days).await;
    house.show(card());
    house.next_person();
    house.show(typed(ORANGE.number));
    house
}

async fn rule(house: &House, scene: &str, entries_days: u32, personal_days: u32) {
    house.province.change(|press| {
        press.revise(scene, |policy| {
            policy.retention = RetentionRules { entries_days, personal_days };
        });
    });
    house.desk.sync().await.unwrap();
}

async fn end(house: &House) -> (u64, u64, u64) {
    let Ended { entries, personal_parts, held_back, more } =
        house.desk.end_retention().await.unwrap();
    assert!(!more);
    let check = house.desk.check_log(None).expect("the chain is whole after it");
    assert!(check.is_whole(), "and the audit says what went: {check:?}");
    (entries, personal_parts, held_back)
}

fn days(house: &House) -> Vec<LogDay> {
    house.desk.store().days().unwrap()
}

/// What the audit says went, the last first.
fn said(house: &House) -> Vec<(Option<String>, Option<String>)> {
    let rows = house.desk.audit(None, 100).unwrap().into_iter();
    rows.filter(|row| row.act == "end-retention").map(|row| (row.subject, row.detail)).collect()
}

#[tokio::test]
async fn a_day_loses_its_personal_parts_and_then_its_entries() {
    let house = at_work(3, 1).await;
    let entry = house.show(card()).entry;
    let count = house.entries() as u64;
    house.desk.upload().await.unwrap();
    let before = days(&house);
    assert_eq!(before.len(), 1);
    for (days_later, expect) in [(1, (0, 0, 0)), (1, (0, count, 0)), (1, (0, 0, 0))] {
        house.later(days_later).await;
        assert_eq!(end(&house).await, expect);
        assert_eq!(house.entries() as u64, count);
    }
    assert!(matches!(house.desk.replay(entry), Err(DeskError::NoSuchEntry)));
    house.later(1).await;
    assert_eq!(end(&house).await, (count, 0, 0));
    assert_eq!(end(&house).await, (0, 0, 0), "once only");
    assert_eq!(house.entries(), 0);
    let gone = days(&house);
    assert_eq!(
        gone,
        [LogDay { entries_kept: false, details_kept: false, owed: false, ..before[0] }],
        "its head stays"
    );
    let detail = Some(format!("{}: {count}", before[0].day));
    assert_eq!(
        said(&house),
        [(Some("entries".to_owned()), detail.clone()), (Some("personal-parts".to_owned()), detail)]
    );
    // The log goes on where it was.
    house.show(card());
    let report = house.desk.store().check().unwrap();
    assert_eq!((report.entries, report.retired), (1, count));
    assert_eq!(report.newest.unwrap().0, count + 1);
}

#[tokio::test]
async fn more_entries_than_one_step_takes_go_in_one_round() {
    let house = at_work(1, 0).await;
    for n in 0..230 {
        house.next_person();
        house.show(typed(&format!("https://example.com/{n}")));
    }
    house.desk.upload().await.unwrap();
    house.later(1).await;
    assert_eq!(end(&house).await, (0, 232, 0));
    house.later(1).await;
    assert_eq!(end(&house).await, (232, 0, 0));
    assert_eq!(days(&house).len(), 1, "one row stays");
    assert_eq!(said(&house).len(), 2, "each is said once");
}

#[tokio::test]
async fn a_damaged_file_goes_when_what_is_personal_in_it_would_have_gone() {
    let house = at_work(3, 1).await;
    house.desk.upload().await.unwrap();
    let name = house.clock.now().strftime("desk.db.damaged-%Y%m%dT%H%M%SZ").to_string();
    let file = house.folder.path().join(name);
    let companion =
        file.with_extension(format!("{}-wal", file.extension().unwrap().to_str().unwrap()));
    for file in [&file, &companion] {
        std::fs::write(file, b"what was damaged").unwrap();
    }
    // Some scene's policy may keep personal parts for so long.
    house.later(i64::from(RetentionRules::STANDARD.personal_days)).await;
    end(&house).await;
    assert!(file.exists() && companion.exists(), "somebody may still look into it");
    house.later(2).await;
    end(&house).await;
    assert!(!file.exists() && !companion.exists());
    assert!(said(&house).contains(&(Some("set-aside".into()), Some("2".into()))));
}

#[tokio::test]
async fn what_the_authority_has_not_answered_for_stays() {
    let house = at_work(1, 0).await;
    house.later(5).await;
    assert_eq!(end(&house).await, (0, 2, 2), "the personal parts are owed to nobody");
    assert_eq!(end(&house).await, (0, 0, 2));
    assert_eq!(house.entries(), 2);
    house.desk.flush().await.unwrap();
    assert_eq!(end(&house).await, (2, 0, 0));
}

#[tokio::test]
async fn a_clock_that_jumps_ten_years_ahead_ends_nothing() {
    let house = at_work(1, 0).await;
    house.desk.upload().await.unwrap();
    house.clock.turn(3653 * DAY);
    house.desk.watch_clock().unwrap();
    assert_eq!(end(&house).await, (0, 0, 0));
    // Neither the known head nor a restart makes it true.
    house.desk.sync().await.unwrap();
    assert_eq!(end(&house).await, (0, 0, 0));
    let house = house.restarted();
    house.enrol("general");
    assert_eq!(end(&house).await, (0, 0, 0));
    assert_eq!(house.entries(), 2);
    assert!(house.desk.is_locked(), "and it checks nobody meanwhile");
}

#[tokio::test]
async fn what_was_written_by_a_clock_that_ran_ahead_waits_for_no_such_day() {
    let house = at_work(1, 0).await;
    house.clock.turn(20 * DAY);
    house.desk.watch_clock().unwrap();
    house.show(code_of(&RED).scanned());
    house.clock.turn(-20 * DAY);
    house.later(0).await;
    house.next_person();
    house.show(card());
    house.desk.flush().await.unwrap();
    assert_eq!(days(&house).len(), 3);
    assert_eq!(end(&house).await, (0, 0, 0));
    house.later(1).await;
    assert_eq!(end(&house).await, (0, 4, 0));
    house.later(1).await;
    assert_eq!(end(&house).await, (4, 0, 0));
    house.close();
}

#[tokio::test]
async fn what_was_written_by_a_clock_that_was_set_back_is_not_gone_at_once() {
    let house = at_work(30, 10).await;
    house.clock.turn(-3653 * DAY);
    house.desk.watch_clock().unwrap();
    house.show(code_of(&GREEN).scanned());
    assert_eq!(end(&house).await, (0, 0, 0), "while it is not believed nothing goes");
    house.clock.turn(3653 * DAY);
    house.later(0).await;
    house.desk.flush().await.unwrap();
    assert_eq!(days(&house).len(), 2);
    assert_eq!(end(&house).await, (0, 0, 0));
    house.later(11).await;
    assert_eq!(end(&house).await, (0, 3, 0));
    house.later(20).await;
    assert_eq!(end(&house).await, (3, 0, 0));
    house.close();
}

#[tokio::test]
async fn a_desk_that_never_heard_its_authority_keeps_everything() {
    let house = House::unpacked();
    house.show(card());
    house.clock.turn(400 * DAY);
    assert_eq!(end(&house).await, (0, 0, 0));
    assert_eq!(house.entries(), 1);
}

#[tokio::test]
async fn a_desk_that_was_ended_keeps_what_its_policies_would_have_kept() {
    let house = at_work(365, 200).await;
    house.desk.upload().await.unwrap();
    house.later(100).await;
    house.province.is(Health::Answers(AuthorityError::Revoked));
    house.desk.sync().await.unwrap_err();
    assert!(house.desk.is_revoked());
    assert_eq!(end(&house).await, (0, 0, 0), "the policies that come with the program say 60");
    let house = house.restarted();
    assert_eq!(end(&house).await, (0, 0, 0));
}

#[tokio::test]
async fn a_day_is_kept_as_the_longest_of_its_policies_says() {
    let house = at_work(1, 0).await;
    rule(&house, "hotel", 5, 3).await;
    rule(&house, "hospital", 90, 60).await;
    house.set_scene("hotel").unwrap();
    house.next_person();
    house.show(card());
    house.set_scene("general").unwrap();
    house.desk.upload().await.unwrap();
    house.later(1).await;
    house.show(card());
    house.desk.upload().await.unwrap();
    house.later(2).await;
    assert_eq!(end(&house).await, (1, 0, 0), "the day after, without the hotel");
    house.later(1).await;
    assert_eq!(end(&house).await, (0, 3, 0));
    house.later(2).await;
    assert_eq!(end(&house).await, (3, 0, 0));
    assert!(days(&house).iter().all(|day| !day.entries_kept));
}
