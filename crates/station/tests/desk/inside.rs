//! People inside now: in, out, and what does not fit.

use jiff::tz::TimeZone;
use yanma_station::domain::scene::Action;
use yanma_station::inside::{Amiss, Comings};
use yanma_station::report::ReportFormat;
use yanma_station::{Checked, Done, Finished};

use crate::support::house::House;
use crate::support::people::{GREEN, GUEST, card, code_of, permit, scan};

fn finish(house: &House, checked: &Checked, action: Action) -> Finished {
    let done = Done { action: Some(action), ..Done::default() };
    house.desk.finish(checked.entry, &done).unwrap()
}

/// Who is inside, masked, whoever came last first.
fn inside(house: &House) -> Vec<String> {
    let people = house.desk.inside().unwrap();
    assert_eq!(house.desk.count_inside(), u32::try_from(people.len()).ok());
    people.into_iter().map(|one| one.document.or(one.name).unwrap_or_default()).collect()
}

#[tokio::test]
async fn people_come_in_and_go_out_by_code_or_card() {
    let house = House::in_scene("general").await;
    assert_eq!(inside(&house), [""; 0]);
    let green = house.show(code_of(&GREEN).scanned());
    assert_eq!(house.desk.inside_since(&green).unwrap(), None);
    assert_eq!(finish(&house, &green, Action::Admitted).amiss, None);
    let came = house.desk.now();
    house.next_person();
    let other = house.show(permit());
    finish(&house, &other, Action::Admitted);
    assert_eq!(inside(&house), ["8100**********0019", "证**本"]);
    house.next_person();
    // In by the code, out by the card of the same person.
    let again = house.show(card());
    assert_eq!(house.desk.inside_since(&again).unwrap(), Some(came));
    assert_eq!(finish(&house, &again, Action::Left).amiss, None);
    assert_eq!(inside(&house), ["8100**********0019"]);
    let house = house.restarted();
    assert_eq!(inside(&house), ["8100**********0019"], "the file remembers");
    house.close();
}

#[tokio::test]
async fn the_same_person_twice_and_whoever_never_came_are_noticed() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    finish(&house, &green, Action::Admitted);
    let came = house.desk.now();
    house.next_person();
    let again = house.show(card());
    let twice = finish(&house, &again, Action::Admitted);
    assert_eq!(twice.amiss, Some(Amiss::InsideAlready(came)));
    assert_eq!(inside(&house).len(), 1, "counted once");
    house.next_person();
    let stranger = house.show(permit());
    assert_eq!(finish(&house, &stranger, Action::Left).amiss, Some(Amiss::NeverCameIn));
    assert_eq!(inside(&house).len(), 1, "nor is anybody else counted out");
    house.close();
}

#[tokio::test]
async fn the_last_word_on_somebody_counts() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    let came = house.desk.now();
    let first = finish(&house, &green, Action::Admitted);
    house.clock.turn(60);
    // Said once more: they came when they came.
    let done = Done { action: Some(Action::Admitted), ..Done::default() };
    let second = house.desk.finish(first.entry, &done).unwrap();
    assert_eq!(second.amiss, None);
    assert_eq!(house.desk.inside().unwrap()[0].came_at, came);
    let done = |action| Done { action: Some(action), ..Done::default() };
    house.desk.finish(second.entry, &done(Action::TurnedAway)).unwrap();
    assert_eq!(inside(&house), [""; 0], "they were turned away after all");
    let third = house.desk.finish(second.entry, &done(Action::Admitted)).unwrap();
    assert_eq!(inside(&house).len(), 1);
    // From the list of who is inside: by the entry with which they came. And by mistake.
    let left = house.desk.finish(third.entry, &done(Action::Left)).unwrap();
    assert_eq!((left.amiss, inside(&house).len()), (None, 0));
    let left = house.desk.finish(left.entry, &done(Action::Left)).unwrap();
    assert_eq!((left.amiss, inside(&house).len()), (None, 0), "said twice");
    let back = house.desk.finish(left.entry, &done(Action::Admitted)).unwrap();
    assert_eq!((back.amiss, inside(&house).len()), (None, 1));
    house.close();
}

#[tokio::test]
async fn somebody_without_a_document_is_one_person_and_leaves_by_the_list() {
    let house = House::in_scene("general").await;
    for _ in 0..2 {
        let unread = house.show(scan("a paper from far away"));
        finish(&house, &unread, Action::Admitted);
        house.next_person();
    }
    let people = house.desk.inside().unwrap();
    assert_eq!(people.len(), 2, "nobody knows that it is the same");
    let done = Done { action: Some(Action::Left), ..Done::default() };
    house.desk.finish(people[0].entry, &done).unwrap();
    assert_eq!(house.desk.count_inside(), Some(1));
    house.close();
}

#[tokio::test]
async fn midnight_lets_nobody_out_and_two_days_do() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    finish(&house, &green, Action::Admitted);
    let evening = house.desk.now().to_zoned(TimeZone::system()).date();
    house.later(1).await;
    house.desk.end_retention().await.unwrap();
    assert_eq!(house.desk.count_inside(), Some(1));
    let (before, today) = (
        house.desk.comings(evening).unwrap(),
        house.desk.comings(evening.tomorrow().unwrap()).unwrap(),
    );
    assert_eq!(before, Comings { came: 1, left: 0, inside: 1 });
    assert_eq!(today, Comings { came: 0, left: 0, inside: 1 });
    house.later(2).await;
    house.desk.end_retention().await.unwrap();
    assert_eq!(house.desk.count_inside(), Some(0), "they left by another door");
    let last = house.desk.audit(None, 1).unwrap().remove(0);
    assert_eq!((last.act.as_str(), last.subject.as_deref()), ("end-retention", Some("inside")));
    house.close();
}

#[tokio::test]
async fn the_day_report_has_who_came_and_went_and_looking_is_in_the_audit() {
    let house = House::in_scene("general").await;
    let day = house.desk.now().to_zoned(TimeZone::system()).date();
    for (reading, action) in [
        (code_of(&GREEN).scanned(), Action::Admitted),
        (permit(), Action::Admitted),
        (card(), Action::Left),
    ] {
        let shown = house.show(reading);
        finish(&house, &shown, action);
        house.next_person();
    }
    let report = house.desk.day_report(day).unwrap();
    assert_eq!(report.comings, Some(Comings { came: 2, left: 1, inside: 1 }));
    let mut out = Vec::new();
    house.desk.export_day(day, ReportFormat::Csv, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("passage,came-in,2,,") && text.contains("passage,inside,1,,"), "{text}");
    house.desk.inside().unwrap();
    assert_eq!(house.desk.audit(None, 1).unwrap()[0].act, "see-inside");
    house.close();

    let house = House::in_scene("hotel").await;
    assert_eq!(house.desk.count_inside(), None, "a hotel has a register");
    assert_eq!(house.desk.day_report(day).unwrap().comings, None);
    let guest = house.show(code_of(&GUEST).scanned());
    assert_eq!(house.desk.inside_since(&guest).unwrap(), None);
    house.close();
}
