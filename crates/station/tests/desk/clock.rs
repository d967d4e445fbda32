//! A clock that cannot be believed.

use Decision::{Admit, Refer, Refuse};
use yanma_station::domain::verdict::{ClockState, Decision, Tier};
use yanma_station::{Clock, Notice};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, RED, card, code_of, typed};
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
        let mut head = inner.press.compose(now - jiff::SignedDuration::from_secs(1800));
        head.number += 1;
        inner.press.seal(&head)
    };
    house.province.carried_by(Carrier::Head(old));
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.clock_state(), ClockState::SetBack);
    house.close();
}
