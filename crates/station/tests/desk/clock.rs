//! A clock that cannot be believed. `YANMA_CLOCKS` makes more clocks that jump by a seed,
//! `YANMA_CLOCK_SEED` begins elsewhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use Decision::{Admit, Refer, Refuse};
use jiff::SignedDuration;
use yanma_station::domain::verdict::{ClockState, Decision, Tier};
use yanma_station::protocol::file_name::FeedName;
use yanma_station::{Clock, DeskError, Notice};

use crate::chaos::Random;
use crate::damage::number;
use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, RED, STRANGER, card, code_of, typed};
use crate::support::province::Carrier;

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_clock_set_back_a_day_admits_nobody_until_it_is_right() {
    let house = House::at_work().await;
    house.clock.turn(-DAY);
    assert_eq!(house.desk.watch_clock().unwrap(), ClockState::SetBack);
    assert_eq!(house.notices(), [Notice::ClockBack]);
    let standing = house.desk.standing().unwrap();
    assert_eq!((standing.clock, standing.tier), (ClockState::SetBack, Tier::None));
    for (reading, decision, expect) in [
        (card(), Refer, "T-CLK"),
        (code_of(&GREEN).scanned(), Refer, "T-CLK"),
        (typed(RED.number), Refuse, "C-RED"),
    ] {
        house.next_person();
        let checked = house.show(reading);
        assert_eq!((checked.verdict.decision, reasons(&checked).as_str()), (decision, expect));
        assert_eq!(checked.verdict.basis.clock, ClockState::SetBack);
    }
    house.clock.turn(DAY - 27);
    assert_eq!(house.desk.watch_clock().unwrap(), ClockState::Trusted);
    assert_eq!(house.notices(), []);
    assert_eq!(house.show(card()).verdict.decision, Admit);
    house.close();
}

#[tokio::test]
async fn before_anybody_looked_at_the_clock_nobody_is_admitted_either() {
    let house = House::at_work().await;
    house.clock.turn(-DAY);
    for reading in [card(), code_of(&GREEN).scanned()] {
        house.next_person();
        assert_eq!(house.show(reading).verdict.decision, Refer);
    }
    house.close();
}

/// The list is old enough for it to be no list of the future.
#[tokio::test]
async fn a_clock_set_back_between_two_looks_makes_no_old_code_young() {
    let house = House::at_work().await;
    house.clock.turn(1200);
    assert_eq!(house.desk.watch_clock().unwrap(), ClockState::Trusted);
    house.clock.turn(-600);
    let now = house.desk.now();
    let expired = code_of(&GREEN).with(|body| body.issued_at = now);
    let checked = house.show(expired.scanned());
    assert_eq!((checked.verdict.decision, reasons(&checked).as_str()), (Refer, "T-CLK"));
    house.clock.turn(600);
    assert_eq!(house.desk.clock_state(), ClockState::Trusted, "it is right again");
    house.close();
}

#[tokio::test]
async fn two_minutes_are_no_setting_back() {
    for (seconds, state) in [(-120, ClockState::Trusted), (-121, ClockState::SetBack)] {
        let house = House::at_work().await;
        house.clock.turn(seconds);
        assert_eq!(house.desk.watch_clock().unwrap(), state, "{seconds} seconds");
        house.close();
    }
}

#[tokio::test]
async fn a_restart_does_not_forget_the_time() {
    let house = House::at_work().await;
    house.clock.turn(-DAY);
    let house = house.restarted();
    assert_eq!(house.desk.clock_state(), ClockState::SetBack, "noticed at the start");
    assert_eq!(reasons(&house.show(card())), "T-CLK");
    house.close();
}

#[tokio::test]
async fn a_sync_notices_it_too() {
    let house = House::at_work().await;
    house.province.publish();
    house.clock.turn(-DAY);
    house.desk.sync().await.unwrap();
    assert_eq!(house.notices(), [Notice::ClockBack]);
    house.close();
}

#[tokio::test]
async fn a_desk_that_never_heard_of_the_authority_says_that_its_clock_is_unconfirmed() {
    let house = House::enrolled("general");
    assert_eq!(house.desk.clock_state(), ClockState::Unconfirmed);
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.clock_state(), ClockState::Trusted);
    house.close();
}

#[tokio::test]
async fn out_of_a_wrong_future_the_authoritys_next_word_leads_back() {
    let house = House::at_work().await;
    // A flat battery, a wrong year, put right after an hour.
    house.clock.turn(365 * DAY);
    house.desk.watch_clock().unwrap();
    house.clock.turn(-365 * DAY + 3600);
    assert_eq!(house.desk.watch_clock().unwrap(), ClockState::SetBack);
    // The head that is known already proves nothing about the time.
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.clock_state(), ClockState::SetBack);
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.clock_state(), ClockState::Trusted);
    assert_eq!(house.show(card()).verdict.decision, Admit);
    let house = house.restarted();
    assert_eq!(house.desk.clock_state(), ClockState::Trusted);
    house.close();
}

#[tokio::test]
async fn a_head_of_another_time_does_not_lead_back() {
    let house = House::at_work().await;
    house.clock.turn(365 * DAY);
    house.desk.watch_clock().unwrap();
    house.clock.turn(-365 * DAY + 3600);
    let old = {
        let mut inner = house.province.inner();
        let now = house.clock.now();
        let mut head = inner.press.compose(now - SignedDuration::from_secs(1800));
        head.number += 1;
        inner.press.seal(&head)
    };
    house.province.carried_by(Carrier::Head(old));
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.clock_state(), ClockState::SetBack);
    house.close();
}

const AHEAD: SignedDuration = SignedDuration::from_hours(20);

/// A desk that took one head of an authority whose clock was ahead. That was put right since, and
/// no head has come from it yet.
async fn after_a_fast_head() -> House {
    let house = House::at_work().await;
    house.clock.turn(60);
    let fast = house.clock.now() + AHEAD;
    house.province.inner().press.publish(fast);
    house.desk.sync().await.unwrap();
    assert_eq!(house.notices(), [Notice::ClockBack]);
    assert_eq!(reasons(&house.show(card())), "T-CLK");
    house.clock.turn(60);
    house
}

fn age(house: &House) -> Option<i64> {
    house.desk.standing().unwrap().age_seconds
}

#[tokio::test]
async fn the_next_head_of_an_authority_whose_clock_was_ahead_puts_it_right() {
    let house = after_a_fast_head().await;
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!((house.notices(), age(&house)), (vec![], Some(0)));
    assert_eq!(house.show(card()).verdict.decision, Admit);
    let house = house.restarted();
    assert_eq!(house.desk.clock_state(), ClockState::Trusted);
    house.clock.turn(600);
    assert_eq!(age(&house), Some(600), "from the right head on, also after a restart");
    house.close();
}

#[tokio::test]
async fn a_clock_that_is_minutes_off_is_no_reason_to_keep_the_wrong_future() {
    let house = after_a_fast_head().await;
    let right = house.clock.now();
    house.clock.turn(600);
    house.province.inner().press.publish(right);
    house.desk.sync().await.unwrap();
    assert_eq!((house.notices(), age(&house)), (vec![], Some(600)));
    house.close();
}

#[tokio::test]
async fn neither_an_older_head_nor_one_that_is_carried_late_puts_a_wrong_future_right() {
    let house = after_a_fast_head().await;
    let before = house.desk.store().clock().unwrap();
    for replayed in [1, 2] {
        let head = house.province.inner().press.head_number(replayed);
        house.province.carried_by(Carrier::Head(head));
        assert_eq!(house.desk.sync().await.is_err(), replayed == 1, "head {replayed}");
        assert_eq!(house.desk.store().clock().unwrap().authority, before.authority);
        assert_eq!(house.desk.clock_state(), ClockState::SetBack);
    }
    house.province.carried_by(Carrier::Honest);
    let right = house.clock.now();
    house.clock.turn(600);
    house.province.inner().press.publish(right);
    house.desk.import_from(house.province.clone()).await.unwrap();
    assert_eq!(house.desk.watch_clock().unwrap(), ClockState::SetBack, "carried, and of before");
    house.province.publish();
    house.desk.import_from(house.province.clone()).await.unwrap();
    assert_eq!(house.desk.watch_clock().unwrap(), ClockState::Trusted, "of now by both clocks");

    // The right ones came last: the fast one is an older head now.
    let head = house.province.inner().press.head_number(2);
    house.province.carried_by(Carrier::Head(head));
    house.desk.sync().await.unwrap_err();
    assert_eq!(house.desk.clock_state(), ClockState::Trusted);
    assert_eq!(house.show(card()).verdict.decision, Admit);
    house.close();
}

#[tokio::test]
async fn a_directory_that_was_vouched_for_in_a_wrong_future_does_not_count_as_the_newest() {
    let house = after_a_fast_head().await;
    house.province.carried_by(Carrier::Lacks(FeedName::Directory));
    house.province.change(|press| press.claim(77, GREEN.index));
    house.desk.sync().await.unwrap_err();
    assert_eq!(house.desk.clock_state(), ClockState::Trusted);
    house.next_person();
    assert_eq!(reasons(&house.show(typed(STRANGER))), "N-DIR", "it may be in the newer one");
    let house = house.restarted();
    house.next_person();
    assert_eq!(reasons(&house.show(typed(STRANGER))), "N-DIR", "also after a restart");
    house.close();
}

/// Looks at the clock some times over, and at what is said then: one notice at most.
fn seen(house: &House) -> Vec<Notice> {
    for _ in 0..3 {
        house.desk.watch_clock().unwrap();
    }
    house.notices()
}

#[tokio::test]
async fn a_clock_set_forward_is_noticed_without_a_network_and_said_once() {
    let house = House::at_work().await;
    house.desk.watch_clock().unwrap();
    house.clock.turn(3600);
    house.clock.set(DAY);
    assert_eq!(seen(&house), [Notice::ClockAhead]);
    assert_eq!(house.desk.clock_state(), ClockState::Trusted, "it errs to refusal by itself");
    assert_eq!(reasons(&house.show(card())), "D-STALE");
    house.clock.turn(3600);
    assert_eq!(seen(&house), [Notice::ClockAhead], "still");
    // Put right, it is neither ahead nor behind: the day that never was is not remembered.
    house.clock.set(-DAY);
    assert_eq!(seen(&house), []);
    assert_eq!(house.desk.clock_state(), ClockState::Trusted);
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Admit);
    house.close();
}

#[tokio::test]
async fn two_minutes_are_no_setting_forward() {
    for (seconds, expect) in [(120, &[][..]), (121, &[Notice::ClockAhead])] {
        let house = House::at_work().await;
        house.clock.set(seconds);
        assert_eq!(seen(&house), expect, "{seconds} seconds");
        house.close();
    }
}

#[tokio::test]
async fn a_restart_does_not_forget_a_clock_that_was_set_forward() {
    let house = House::at_work().await;
    house.clock.set(40 * DAY);
    assert_eq!(seen(&house), [Notice::ClockAhead, Notice::Locked]);
    let house = house.restarted();
    assert_eq!(seen(&house), [Notice::ClockAhead, Notice::Locked]);
    house.clock.set(-40 * DAY);
    assert_eq!(seen(&house), [], "put right while it runs");
    house.clock.set(DAY);
    assert_eq!(seen(&house), [Notice::ClockAhead]);
    // And while it does not run; then the time comes that it had shown.
    let House { folder, clock, province, desk } = house;
    drop(desk);
    clock.set(-DAY);
    let desk = yanma_station::Desk::at(folder.path(), yanma_station::Mode::Work, clock.clone());
    let house = House { folder, clock, province, desk: Arc::new(desk.unwrap().desk) };
    assert_eq!(seen(&house), []);
    house.clock.turn(DAY + 600);
    assert_eq!(seen(&house), []);
    let house = house.restarted();
    assert_eq!(seen(&house), [], "it is not remembered beyond that");
    house.close();
}

#[tokio::test]
async fn the_authority_says_whether_the_stopwatch_was_right() {
    // A machine that was held without its stopwatch: the clock is right.
    let house = House::at_work().await;
    house.clock.set(3 * 3600);
    assert_eq!(seen(&house), [Notice::ClockAhead]);
    house.desk.sync().await.unwrap();
    assert_eq!(seen(&house), [Notice::ClockAhead], "the head of before says nothing about now");
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!(seen(&house), [], "a newer one does");
    // The same by an answer, before the next head comes.
    house.clock.set(3 * 3600);
    assert_eq!(seen(&house), [Notice::ClockAhead]);
    let checked = house.show(card());
    house.desk.ask(&checked).await.unwrap();
    assert_eq!(seen(&house), []);
    house.close();
}

#[tokio::test]
async fn a_desk_that_starts_ahead_is_told_by_the_first_answer() {
    let house = House::at_work().await;
    let house = house.restarted();
    house.enrol_as_before();
    for (behind, expect) in [(120, &[][..]), (121, &[Notice::ClockAhead]), (-3600, &[]), (0, &[])] {
        house.province.inner().clock_behind = behind;
        house.next_person();
        let checked = house.show(card());
        house.desk.ask(&checked).await.unwrap();
        assert_eq!(seen(&house), expect, "{behind} seconds behind this desk");
        assert_eq!(house.desk.clock_state(), ClockState::Trusted, "an answer is not signed");
    }
    house.close();
}

#[tokio::test]
async fn a_good_clock_is_never_spoken_of() {
    let house = House::at_work().await;
    // Hours, a minute each, and nights of sleep; corrected by a time server, and seldom in
    // reach of the authority.
    for minute in 0..8 * 60_i64 {
        house.clock.turn(if minute % 200 == 150 { 8 * 3600 } else { 60 });
        house.clock.set([0, 1, -1, 2, -2][minute as usize % 5]);
        if minute % 60 == 0 {
            house.province.publish();
            house.desk.sync().await.unwrap();
        }
        house.desk.watch_clock().unwrap();
        assert_eq!(house.notices(), [], "minute {minute}");
    }
    house.close();
}

#[tokio::test]
async fn a_flat_battery_that_a_time_server_makes_good_is_not_spoken_of_any_more() {
    // A desk that nobody has confirmed is free to find the time.
    let house = House::enrolled("general");
    house.clock.set(-20 * 365 * DAY);
    let house = house.restarted();
    house.clock.set(20 * 365 * DAY);
    house.enrol_as_before();
    assert_eq!(seen(&house), []);
    house.desk.sync().await.unwrap();
    assert_eq!(seen(&house), []);
    // One at work says so, and no longer once it is right.
    house.clock.set(-20 * 365 * DAY);
    let house = house.restarted();
    assert_eq!(seen(&house), [Notice::ClockBack]);
    house.clock.set(20 * 365 * DAY);
    assert_eq!(seen(&house), []);
    house.close();
}

/// By how much a clock jumps: some seconds up to some years, forward or back, to no time before
/// the machine's first second.
fn jump(random: &mut Random, now: i64) -> i64 {
    let longest = [300, 86_400, 40 * DAY, 3_650 * DAY][random.below(4) as usize];
    let by = random.below(longest as u64) as i64 + 1;
    if random.below(2) == 0 { by } else { -by.min(now) }
}

#[tokio::test]
async fn whatever_a_clock_does_nothing_is_lost_and_the_authority_leads_back() {
    let first = number("YANMA_CLOCK_SEED", 1);
    let (mut set_back, mut locked) = (0, 0);
    for seed in first..first + number("YANMA_CLOCKS", 12) {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut house = House::at_work().await;
        let (mut wrong, mut jumps, mut written) = (0, Vec::new(), BTreeSet::new());
        for _ in 0..40 {
            match random.below(8) {
                0 | 1 => {
                    let by = jump(&mut random, house.clock.now().as_second());
                    house.clock.set(by);
                    wrong += by;
                    jumps.push(by);
                }
                2 => house.clock.turn(random.below(600) as i64),
                3 => {
                    house = house.restarted();
                    house.enrol_as_before();
                }
                // The authority's own clock is right.
                4 => {
                    house.clock.set(-wrong);
                    house.province.publish();
                    house.clock.set(wrong);
                }
                5 => drop(house.desk.sync().await),
                6 => drop(house.desk.end_retention().await.unwrap()),
                _ => drop(house.desk.watch_clock().unwrap()),
            }
            house.next_person();
            match house.desk.present(&[card()]) {
                Ok(checked) => {
                    assert!(checked.recorded);
                    written.insert(checked.entry);
                    // In all, less than a day passes here.
                    let is_set_back = wrong < -DAY;
                    let admitted = checked.verdict.decision == Admit;
                    assert!(!(is_set_back && admitted), "seed {seed}: {jumps:?}");
                    set_back += u32::from(is_set_back);
                }
                Err(DeskError::Locked { .. }) => locked += 1,
                Err(error) => panic!("seed {seed}: {jumps:?}: {error}"),
            }
        }
        house.clock.set(-wrong);
        house.province.publish();
        house.desk.sync().await.unwrap();
        house.next_person();
        assert_eq!(house.desk.clock_state(), ClockState::Trusted, "seed {seed}: {jumps:?}");
        assert_eq!(house.show(card()).verdict.decision, Admit, "seed {seed}: {jumps:?}");
        assert_eq!(house.notices(), [], "seed {seed}: {jumps:?}");
        let log = house.desk.store().last(1_000).unwrap();
        let there: BTreeSet<_> = log.iter().map(|entry| entry.id).collect();
        assert!(written.is_subset(&there), "seed {seed}: {jumps:?}");
        assert!(house.desk.check_log(None).unwrap().is_whole(), "seed {seed}");
    }
    assert!(set_back > 0 && locked > 0, "{set_back} set back, {locked} locked");
}
