//! Several desks of one site: one count of a flight, one crowd inside.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use yanma_station::domain::scene::Action;
use yanma_station::inside::Amiss;
use yanma_station::lanes::SILENT_AFTER;
use yanma_station::report::ReportFormat;
use yanma_station::{Checked, DeskError, Done, Finished, Reading};

use crate::support::house::House;
use crate::support::people::{GREEN, GUEST, ORANGE, RED, card, code_of, permit, scan};

/// Two lanes of one site.
async fn lanes(scene: &str) -> (House, House) {
    let (one, other) = (House::in_scene(scene).await, House::in_scene(scene).await);
    for house in [&one, &other] {
        house.desk.work_with_lanes(true);
    }
    (one, other)
}

/// `to` hears what `from` has, as it goes on the wire.
fn hear(to: &House, from: &House, name: &str) {
    let state = serde_json::to_vec(&from.desk.lane_state().unwrap()).unwrap();
    let shown = String::from_utf8(state.clone()).unwrap();
    for somebody in [GREEN.number, ORANGE.number, "证件样本", "李小红"] {
        assert!(!shown.contains(somebody), "no name and no number leaves a desk: {shown}");
    }
    to.desk.hear_lane(name, name, serde_json::from_slice(&state).unwrap()).unwrap();
}

fn both(one: &House, other: &House) {
    hear(one, other, "lane-2");
    hear(other, one, "lane-1");
}

fn pass(house: &House, name: &str, seat: &str) -> Reading {
    let day = house.desk.now().to_zoned(TimeZone::system()).date().day_of_year();
    scan(&format!("M1{name:<20}EABC123 FOCPEKMF 8101 {day:03}Y{seat:0>4}0025 100"))
}

fn take_list(house: &House) {
    let today = house.desk.now().to_zoned(TimeZone::system()).date();
    let text = format!(
        "姓名,身份证号,航班,座位\n证件样本,{},MF8101,12A\n李小红,{},MF8101,12B\n王大明,,MF8101,3C\n",
        GREEN.number, ORANGE.number
    );
    house.desk.take_list("MF8101", today, text.as_bytes()).unwrap();
}

fn finish(house: &House, checked: &Checked, action: Action) -> Finished {
    let answers = match action {
        Action::Admitted if house.desk.scene() == "airport" => {
            [("who".to_owned(), "passenger".to_owned())].into()
        }
        _ => Default::default(),
    };
    let done = Done { action: Some(action), answers, overriding: None };
    house.desk.finish(checked.entry, &done).unwrap()
}

/// `checked/expected -missing +unlisted` of the one flight.
fn flight(house: &House) -> String {
    let flights = house.desk.flights().unwrap();
    assert_eq!(flights.len(), 1);
    let f = &flights[0];
    format!("{}/{} -{} +{}", f.checked, f.expected, f.missing(), f.unlisted)
}

#[tokio::test]
async fn two_lanes_have_one_count_of_a_flight() {
    let (one, other) = lanes("airport").await;
    take_list(&one);
    both(&one, &other);
    assert_eq!(flight(&other), "0/3 -3 +0", "the list is the other lane's");
    assert_eq!(other.desk.missing("MF8101").unwrap(), [], "and its names stay there");

    // Here somebody of the list; there two more, one of them by the seat alone, and a stranger.
    let green = one.show(code_of(&GREEN).scanned());
    one.show(pass(&one, "ZHENG/JIANYANGBEN", "12A"));
    finish(&one, &green, Action::Admitted);
    let mut stranger = None;
    for (name, seat, action) in [
        ("WANG/DAMING", "3C", Action::Admitted),
        ("LI/XIAOHONG", "12B", Action::TurnedAway),
        ("QIAN/WU", "40F", Action::Admitted),
    ] {
        let shown = other.show(pass(&other, name, seat));
        stranger = Some(finish(&other, &shown, action));
        other.next_person();
    }
    assert_eq!(flight(&one), "1/3 -2 +0", "not heard yet");
    both(&one, &other);
    for house in [&one, &other] {
        assert_eq!(flight(house), "2/3 -1 +1");
    }
    let missing = one.desk.missing("MF8101").unwrap();
    let seats: Vec<_> = missing.iter().map(|one| one.seat.as_deref().unwrap()).collect();
    assert_eq!(seats, ["12B"], "whoever came to the other lane is not missing");

    // The word on somebody is taken back there, and here it follows.
    let done = Done { action: Some(Action::TurnedAway), ..Done::default() };
    other.desk.finish(stranger.unwrap().entry, &done).unwrap();
    both(&one, &other);
    assert_eq!(flight(&one), "2/3 -1 +0");
    one.close();
    other.close();
}

#[tokio::test]
async fn somebody_who_was_let_through_at_another_lane_is_noticed() {
    let (one, other) = lanes("airport").await;
    one.show(pass(&one, "ZHENG/JIANYANGBEN", "12A"));
    let green = one.show(code_of(&GREEN).scanned());
    finish(&one, &green, Action::Admitted);
    let then = one.desk.now();
    let shown = other.show(card());
    assert_eq!(other.desk.checked_elsewhere(&shown), None, "not heard yet");
    hear(&other, &one, "Lane 1");
    let found = other.desk.checked_elsewhere(&shown).unwrap();
    assert_eq!((found.lane.as_str(), found.flight.as_str()), ("Lane 1", "MF8101"));
    let at = found.at.unwrap();
    assert!(then.duration_since(at).abs() < SignedDuration::from_secs(1), "{at} and {then}");
    other.next_person();
    let somebody = other.show(permit());
    assert_eq!(other.desk.checked_elsewhere(&somebody), None, "somebody else");
    other.next_person();
    // A pass alone, of the same seat.
    let copied = other.show(pass(&other, "ZHENG/JIANYANGBEN", "12A"));
    assert!(other.desk.checked_elsewhere(&copied).is_some());
    other.desk.work_with_lanes(false);
    assert_eq!(other.desk.checked_elsewhere(&copied), None, "no lane, nobody else's word");
    one.close();
    other.close();
}

#[tokio::test]
async fn a_lane_that_is_not_heard_keeps_what_it_said_with_its_age_and_catches_up() {
    let (one, other) = lanes("airport").await;
    take_list(&one);
    assert_eq!(other.desk.lanes().unwrap(), [], "nobody was heard");
    hear(&other, &one, "Lane 1");
    let heard_at = other.desk.now();
    other.clock.turn(SILENT_AFTER.as_secs());
    assert!(!other.desk.lanes().unwrap()[0].is_silent);
    other.clock.turn(1);
    let lanes = other.desk.lanes().unwrap();
    assert!(lanes[0].is_silent);
    assert_eq!((lanes[0].name.as_str(), lanes[0].heard_at), ("Lane 1", heard_at));
    assert_eq!(flight(&other), "0/3 -3 +0", "as it was then");
    // Meanwhile it lets somebody through, alone; and this desk's program is started again.
    let green = one.show(code_of(&GREEN).scanned());
    one.show(pass(&one, "ZHENG/JIANYANGBEN", "12A"));
    finish(&one, &green, Action::Admitted);
    let other = other.restarted();
    assert_eq!(other.desk.lanes(), None, "until it is said to be a lane");
    other.desk.work_with_lanes(true);
    assert_eq!(flight(&other), "0/3 -3 +0", "the file remembers");
    assert_eq!(other.desk.lanes().unwrap()[0].heard_at, heard_at);
    hear(&other, &one, "Lane 1");
    assert_eq!(flight(&other), "1/3 -2 +0");
    // The same again: heard now, and nothing changes.
    other.clock.turn(100);
    other.desk.hear_lane("Lane 1", "Lane 1", None).unwrap();
    assert_eq!(other.desk.lanes().unwrap()[0].heard_at, other.desk.now());
    assert_eq!(flight(&other), "1/3 -2 +0");
    // Tomorrow the flights of today are nobody's.
    other.clock.turn(24 * 3600);
    assert_eq!(other.desk.flights().unwrap(), []);
    other.desk.forget_lanes().unwrap();
    assert_eq!(other.desk.lanes().unwrap(), []);
    let other = other.restarted();
    other.desk.work_with_lanes(true);
    assert_eq!(other.desk.lanes().unwrap(), []);
    one.close();
    other.close();
}

#[tokio::test]
async fn who_came_in_at_one_gate_leaves_by_another_and_comes_again() {
    let (one, other) = lanes("general").await;
    let green = one.show(code_of(&GREEN).scanned());
    finish(&one, &green, Action::Admitted);
    let came = one.desk.now();
    one.next_person();
    let stays = one.show(permit());
    finish(&one, &stays, Action::Admitted);
    hear(&other, &one, "Gate 1");
    assert_eq!(other.desk.count_inside(), Some(2));
    assert_eq!(other.desk.inside().unwrap(), [], "the names stay at the other gate");

    let again = other.show(card());
    assert_eq!(other.desk.inside_since(&again).unwrap(), Some(came));
    let twice = finish(&other, &again, Action::Admitted);
    assert_eq!(
        twice.amiss,
        Some(Amiss::InsideAlready(came)),
        "in at one gate, and in at the other"
    );
    assert_eq!(other.desk.count_inside(), Some(2));
    other.clock.turn(60);
    let done = Done { action: Some(Action::Left), ..Done::default() };
    let left = other.desk.finish(twice.entry, &done).unwrap();
    assert_eq!(left.amiss, None);
    assert_eq!(other.desk.count_inside(), Some(1));
    assert_eq!(one.desk.count_inside(), Some(2), "not heard yet");
    hear(&one, &other, "Gate 2");
    assert_eq!((one.desk.count_inside(), one.desk.inside().unwrap().len()), (Some(1), 1));
    let day = one.desk.now().to_zoned(TimeZone::system()).date();
    assert_eq!(one.desk.comings(day).unwrap().inside, 1);
    assert_eq!(other.desk.comings(day).unwrap().left, 1);
    let mut report = Vec::new();
    one.desk.export_day(day, ReportFormat::Csv, &mut report).unwrap();

    // The clock of the first gate is behind: they come in again before they left, by that clock.
    one.clock.turn(10);
    let back = one.show(code_of(&GREEN).scanned());
    assert_eq!(finish(&one, &back, Action::Admitted).amiss, None);
    assert_eq!(one.desk.count_inside(), Some(2), "inside again");
    hear(&other, &one, "Gate 1");
    assert_eq!(other.desk.count_inside(), Some(2));
    // And the leaving is taken back: then they were inside all the time, once.
    let done = Done { action: Some(Action::TurnedAway), ..Done::default() };
    other.desk.finish(left.entry, &done).unwrap();
    both(&one, &other);
    assert_eq!((one.desk.count_inside(), other.desk.count_inside()), (Some(2), Some(2)));
    one.close();
    other.close();
}

#[tokio::test]
async fn a_gate_that_heard_nothing_says_so_and_is_right_once_it_hears() {
    let (one, other) = lanes("general").await;
    let guest = one.show(code_of(&GUEST).scanned());
    finish(&one, &guest, Action::Admitted);
    other.clock.turn(60);
    let leaves = other.show(code_of(&GUEST).scanned());
    let left = finish(&other, &leaves, Action::Left);
    assert_eq!(left.amiss, Some(Amiss::NeverCameIn), "by what this gate has heard");
    assert_eq!(one.desk.count_inside(), Some(1));
    both(&one, &other);
    assert_eq!((one.desk.count_inside(), other.desk.count_inside()), (Some(0), Some(0)));
    one.close();
    other.close();
}

#[tokio::test]
async fn a_lane_that_says_what_none_can_is_not_taken() {
    let (one, other) = lanes("airport").await;
    take_list(&one);
    let state = one.desk.lane_state().unwrap();
    let own = "gate-1";
    for (id, name) in [
        ("", "Lane 1"),
        ("lane-1", ""),
        ("lane-1", "Lane\n1"),
        ("lane-1", &"x".repeat(61)),
        (own, "Lane 1"),
    ] {
        let heard = other.desk.hear_lane(id, name, Some(state.clone()));
        assert!(matches!(heard, Err(DeskError::Field(_))), "{id} {name}: {heard:?}");
    }
    let mut odd = state;
    odd.expected[0].flight = "M\u{7}".to_owned();
    assert!(other.desk.hear_lane("lane-1", "Lane 1", Some(odd)).is_err());
    other.desk.hear_lane("lane-1", "Lane 1", None).unwrap();
    assert_eq!(other.desk.lanes().unwrap(), [], "one that is not known says nothing anew");
    let red = RED.number;
    assert!(!format!("{:?}", other.desk.lanes()).contains(red));
    one.close();
    other.close();
}
