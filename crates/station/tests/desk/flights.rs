//! Flights: expected, checked, missing.

use jiff::tz::TimeZone;
use yanma_station::domain::scene::Action;
use yanma_station::lists::Expectation;
use yanma_station::rights::Role;
use yanma_station::{Checked, DeskError, Done, Finished, Reading};

use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, RED, STRANGER, card, code_of, scan, typed};

/// A pass of today in this name, for a flight and a seat.
fn pass(house: &House, name: &str, flight: &str, seat: &str) -> Reading {
    let day = house.desk.now().to_zoned(TimeZone::system()).date().day_of_year();
    scan(&format!("M1{name:<20}EABC123 FOCPEKMF {flight:<5}{day:03}Y{seat:0>4}0025 100"))
}

/// Four on MF8101, one of them without a document, and one on MF8102.
fn take_list(house: &House) {
    let today = house.desk.now().to_zoned(TimeZone::system()).date();
    let text = format!(
        "姓名,身份证号,航班,座位\n证件样本,{},MF8101,12A\n李小红,{},mf 8101,12B\n\
         王大明,,MF8101,3C\n赵四,{},MF8101,4C\n钱五,,MF8102,1A\n",
        GREEN.number, ORANGE.number, RED.number
    );
    house.desk.take_list("MF8101", today, text.as_bytes()).unwrap();
}

fn finish(house: &House, checked: &Checked, action: Action, who: &str) -> Finished {
    let answers = [("who".to_owned(), who.to_owned())].into();
    let done = Done { action: Some(action), answers, overriding: None };
    house.desk.finish(checked.entry, &done).unwrap()
}

/// Each flight as `name checked/expected -missing +unlisted crew/staff`.
fn flights(house: &House) -> Vec<String> {
    let shown = |f: &yanma_station::store::FlightCount| {
        format!(
            "{} {}/{} -{} +{} {}/{}",
            f.flight,
            f.checked,
            f.expected,
            f.missing(),
            f.unlisted,
            f.crew,
            f.staff
        )
    };
    house.desk.flights().unwrap().iter().map(shown).collect()
}

#[tokio::test]
async fn a_flight_says_who_is_expected_has_come_and_is_missing() {
    let house = House::in_scene("airport").await;
    assert_eq!(flights(&house), [""; 0]);
    take_list(&house);
    assert_eq!(flights(&house), ["MF8101 0/4 -4 +0 0/0", "MF8102 0/1 -1 +0 0/0"]);
    for reading in
        [pass(&house, "ZHENG/JIANYANGBEN", "8101", "12A"), card(), code_of(&GREEN).scanned()]
    {
        house.show(reading);
    }
    let both = house.show(card());
    finish(&house, &both, Action::Admitted, "passenger");
    assert_eq!(flights(&house)[0], "MF8101 1/4 -3 +0 0/0");
    let missing = house.desk.missing("MF8101").unwrap();
    let shown: Vec<_> = missing
        .iter()
        .map(|one| (one.name.as_ref().unwrap().as_str(), one.seat.as_deref().unwrap()))
        .collect();
    assert_eq!(shown, [("李*红", "12B"), ("王*明", "3C"), ("赵*", "4C")], "masked");
    house.close();
}

#[tokio::test]
async fn a_line_without_a_document_is_found_by_its_seat() {
    let house = House::in_scene("airport").await;
    take_list(&house);
    let shown = house.show(pass(&house, "WANG/DAMING", "8101", "3C"));
    let expected = house.desk.expectation(&shown).unwrap();
    let Expectation::Expected(_, line) = expected else { panic!("{expected:?}") };
    assert_eq!((line.name.as_str(), line.seat.as_deref()), ("王大明", Some("3C")));
    finish(&house, &shown, Action::Admitted, "passenger");
    assert_eq!(flights(&house)[0], "MF8101 1/4 -3 +0 0/0");
    house.next_person();
    // Somebody else sits there now: the line has the other's document.
    house.show(pass(&house, "ZHENG/JIANYANGBEN", "8101", "4C"));
    let other = house.show(typed(STRANGER));
    assert_eq!(house.desk.expectation(&other).unwrap(), Expectation::WalkIn);
    house.close();
}

#[tokio::test]
async fn whoever_is_on_no_list_counts_by_their_pass_and_crew_and_staff_apart() {
    let house = House::in_scene("airport").await;
    take_list(&house);
    // A flight without a list, and the same person a second time.
    for _ in 0..2 {
        house.show(pass(&house, "ZHENG/JIANYANGBEN", "237", "1A"));
        let both = house.show(card());
        finish(&house, &both, Action::Admitted, "passenger");
        house.next_person();
    }
    assert_eq!(flights(&house)[0], "MF237 0/0 -0 +1 0/0");
    let pilot = house.show(pass(&house, "LI/SI", "8102", ""));
    finish(&house, &pilot, Action::Admitted, "crew");
    house.next_person();
    let help = house.show(pass(&house, "WANG/WU", "8102", ""));
    finish(&house, &help, Action::Admitted, "staff");
    assert_eq!(flights(&house)[2], "MF8102 0/1 -1 +0 1/1");
    house.close();
}

#[tokio::test]
async fn the_last_word_counts_and_the_flight_is_filled_in_from_the_pass() {
    let house = House::in_scene("airport").await;
    let shown = house.show(pass(&house, "LI/SI", "8101", "12A"));
    let finished = finish(&house, &shown, Action::Admitted, "passenger");
    let entry = house.desk.store().last(1).unwrap().remove(0);
    let body = yanma_station::log::body_of(&entry).unwrap();
    assert_eq!(body.answers.get("flight"), Some("MF8101"));
    assert_eq!(flights(&house), ["MF8101 0/0 -0 +1 0/0"]);
    // It was the other flight.
    let answers = [("who", "passenger"), ("flight", "mf 8102")];
    let done = Done {
        action: Some(Action::Admitted),
        answers: answers.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into(),
        overriding: None,
    };
    let again = house.desk.finish(finished.entry, &done).unwrap();
    assert_eq!(flights(&house), ["MF8102 0/0 -0 +1 0/0"]);
    // And they did not go after all.
    let done = Done { action: Some(Action::TurnedAway), ..Done::default() };
    house.desk.finish(again.entry, &done).unwrap();
    assert_eq!(flights(&house), [""; 0]);
    house.close();
}

#[tokio::test]
async fn counts_outlive_the_program_and_are_for_who_may_see_them() {
    let house = House::in_scene("airport").await;
    take_list(&house);
    let shown = house.show(pass(&house, "WANG/DAMING", "8101", "3C"));
    finish(&house, &shown, Action::Admitted, "passenger");
    house.desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
    let refused = house.desk.flights();
    assert!(matches!(refused, Err(DeskError::NotAllowed(_))), "{refused:?}");
    let house = house.restarted();
    house.desk.sign_in("chen", "739142").unwrap();
    assert_eq!(flights(&house)[0], "MF8101 1/4 -3 +0 0/0");
    house.close();
}
