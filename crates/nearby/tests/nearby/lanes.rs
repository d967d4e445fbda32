//! Lanes over real sockets: what one has, the other hears, and nobody else.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use yanma_nearby::{LaneKey, Nearby, Settings, Where};
use yanma_station::domain::scene::Action;
use yanma_station::{Desk, Done, Enrolment};

use crate::network;
use crate::support::house::House;
use crate::support::people::{GREEN, code_of};

fn with(key: &LaneKey) -> Settings {
    Settings { lane_key: Some(key.clone()), ..Settings::default() }
}

/// Another desk of the site.
async fn second_desk() -> House {
    let house = House::at_work().await;
    let mut enrolment = Enrolment::clone(&house.desk.enrolment().unwrap());
    enrolment.station = "gate-2".to_owned();
    house.desk.enrol_with(enrolment, house.province.clone()).unwrap();
    house
}

async fn lane(house: &House, on: Where, key: &LaneKey) -> Nearby {
    let nearby = Nearby::new(Arc::clone(&house.desk), on);
    nearby.apply(&with(key)).await.unwrap();
    nearby
}

/// Waits until a desk counts so many inside.
async fn counts(desk: &Desk, inside: u32) {
    let counted = async {
        while desk.count_inside() != Some(inside) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let heard = timeout(Duration::from_secs(60), counted).await;
    assert!(heard.is_ok(), "{:?} of {inside}, {:?}", desk.count_inside(), desk.lanes());
}

fn lets_in(house: &House) {
    let green = house.show(code_of(&GREEN).scanned());
    let done = Done { action: Some(Action::Admitted), ..Done::default() };
    house.desk.finish(green.entry, &done).unwrap();
}

#[tokio::test]
async fn lanes_with_one_key_hear_each_other_and_catch_up() {
    let (on, one, other) = (network(), House::at_work().await, second_desk().await);
    let key = LaneKey::make().unwrap();
    let second = lane(&other, on, &key).await;
    assert_eq!(other.desk.lanes().as_deref(), Some(&[][..]), "nobody is there yet");
    let first = lane(&one, on, &key).await;
    lets_in(&one);
    counts(&other.desk, 1).await;
    assert_eq!(other.desk.lanes().unwrap().len(), 1);

    // One of them is away; the other goes on, and is heard when the first is back.
    drop(second);
    assert_eq!(other.desk.lanes(), None);
    assert_eq!(other.desk.count_inside(), Some(0), "no lane: its own count");
    one.next_person();
    let again = one.show(code_of(&GREEN).scanned());
    let done = Done { action: Some(Action::Left), ..Done::default() };
    one.desk.finish(again.entry, &done).unwrap();
    let second = lane(&other, on, &key).await;
    counts(&other.desk, 0).await;
    drop((first, second));
    one.close();
    other.close();
}

#[tokio::test]
async fn a_desk_with_another_key_is_told_nothing() {
    let (on, one, other) = (network(), House::at_work().await, second_desk().await);
    let stranger = House::at_work().await;
    let key = LaneKey::make().unwrap();
    lets_in(&one);
    let lanes = (
        lane(&one, on, &key).await,
        lane(&stranger, on, &LaneKey::make().unwrap()).await,
        lane(&other, on, &key).await,
    );
    counts(&other.desk, 1).await;
    // By then the stranger had found both as well.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(stranger.desk.lanes().as_deref(), Some(&[][..]));
    assert_eq!(stranger.desk.count_inside(), Some(0));
    assert_eq!(other.desk.lanes().unwrap().len(), 1);
    drop(lanes);
    for house in [one, other, stranger] {
        house.close();
    }
}

#[tokio::test]
async fn another_key_is_another_site() {
    let house = House::at_work().await;
    let other = House::at_work().await;
    lets_in(&other);
    let (key, next) = (LaneKey::make().unwrap(), LaneKey::make().unwrap());
    with(&key).keep(&house.desk).unwrap();
    assert_eq!(Settings::of(&house.desk).unwrap(), with(&key));
    house.desk.work_with_lanes(true);
    let state = other.desk.lane_state().unwrap();
    house.desk.hear_lane("lane-1", "Lane 1", Some(state)).unwrap();
    Settings { give: true, ..with(&key) }.keep(&house.desk).unwrap();
    assert_eq!(house.desk.lanes().unwrap().len(), 1, "the key is the same");
    with(&next).keep(&house.desk).unwrap();
    assert_eq!(house.desk.lanes().unwrap(), []);
    let audit = house.desk.audit(None, 10).unwrap();
    let said = audit.iter().filter(|row| row.act == "settings").map(|row| row.subject.clone());
    assert!(said.flatten().any(|subject| subject.contains("lane_key")), "{audit:?}");
    let shown = key.reveal();
    assert!(!format!("{audit:?}").contains(shown.get(..9).unwrap()), "and not which");
    house.close();
    other.close();
}
