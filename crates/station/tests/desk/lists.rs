//! Lists of people who are expected.

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use yanma_station::domain::scene::Action;
use yanma_station::lists::{Expectation, ListError, TakenIn};
use yanma_station::rights::Role;
use yanma_station::{DeskError, Done};

use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, STRANGER, card, code_of, typed};

fn today(house: &House) -> Date {
    house.desk.now().to_zoned(TimeZone::system()).date()
}

/// Turns the clock to an hour of the day after this one.
fn tomorrow(house: &House, evening: Date, hour: i8) {
    let then = evening.tomorrow().unwrap().at(hour, 0, 0, 0).to_zoned(TimeZone::system()).unwrap();
    house.clock.turn(then.timestamp().duration_since(house.desk.now()).as_secs());
}

/// Tonight's arrivals: one green, one orange, one whom nobody knows, the green one again, and
/// one without a number.
fn arrivals(house: &House) -> TakenIn {
    let text = format!(
        "姓名,身份证号,房号,入住晚数\n证件样本,{},1208,2\n李小红,{},1209,1\n王某,{STRANGER},1210,1\n\
         证件样本,{},1211,1\n无证,,1212,1\n",
        GREEN.number, ORANGE.number, GREEN.number
    );
    house.desk.take_list("今晚", today(house), text.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_list_is_checked_ahead_without_the_network_and_without_an_entry() {
    let house = House::in_scene("hotel").await;
    let taken = arrivals(&house);
    assert_eq!((taken.people, taken.problems, taken.twice), (5, 2, 1));
    let mut told = Vec::new();
    house.desk.check_list(taken.list, |done, of| told.push((done, of))).unwrap();
    assert_eq!(told, [(3, 3)]);
    let found: Vec<_> = house
        .desk
        .listed(taken.list)
        .unwrap()
        .into_iter()
        .map(|one| (one.line, one.decision.unwrap_or_default(), one.problem.unwrap_or_default()))
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|(line, said, problem)| (*line, said.as_str(), problem.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "admit", ""),
            (3, "refuse", ""),
            (4, "refer", ""),
            (5, "", "twice 2"),
            (6, "", "no-document"),
        ]
    );
    assert_eq!(house.entries(), 0, "nobody has come by that");
    let lists = house.desk.lists().unwrap();
    assert_eq!((lists[0].people, lists[0].checked, lists[0].arrived), (5, 3, 0));
    house.close();
}

#[tokio::test]
async fn who_is_expected_is_known_at_the_desk_and_others_walk_in() {
    let house = House::in_scene("hotel").await;
    let nobody = house.show(typed(ORANGE.number));
    assert_eq!(house.desk.expectation(&nobody).unwrap(), Expectation::NoList);
    let taken = arrivals(&house);
    house.next_person();
    // By the code and by the card.
    let code = house.show(code_of(&GREEN).scanned());
    let expected = house.desk.expectation(&code).unwrap();
    let Expectation::Expected(list, line) = expected else { panic!("{expected:?}") };
    assert_eq!((list.as_str(), line.room.as_deref(), line.nights), ("今晚", Some("1208"), Some(2)));
    let both = house.show(card());
    assert!(matches!(house.desk.expectation(&both).unwrap(), Expectation::Expected(..)));
    let answers = [("room", "1208"), ("nights", "2")];
    let done = Done {
        action: Some(Action::Admitted),
        answers: answers.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into(),
        overriding: None,
    };
    let finished = house.desk.finish(both.entry, &done).unwrap();
    let people = house.desk.listed(taken.list).unwrap();
    assert_eq!(people[0].entry, Some(finished.entry));
    assert!(people[3].arrived_at.is_some(), "the second line is the same person");
    house.next_person();
    let again = house.show(card());
    assert!(matches!(house.desk.expectation(&again).unwrap(), Expectation::CameBefore(..)));
    house.next_person();
    let walk_in = house.show(typed("350100190001010020"));
    assert_eq!(house.desk.expectation(&walk_in).unwrap(), Expectation::WalkIn);
    // Tomorrow it is yesterday's list.
    tomorrow(&house, today(&house), 13);
    let late = house.show(typed(ORANGE.number));
    assert_eq!(house.desk.expectation(&late).unwrap(), Expectation::NoList);
    house.close();
}

#[tokio::test]
async fn somebody_listed_is_presented_by_the_number_of_the_list() {
    let house = House::in_scene("general").await;
    let taken = arrivals(&house);
    let checked = house.desk.present_listed(taken.list, 3).unwrap();
    assert_eq!(checked.verdict.decision, yanma_station::domain::verdict::Decision::Refuse);
    assert_eq!(house.entries(), 1);
    for line in [1, 6, 99] {
        let none = house.desk.present_listed(taken.list, line);
        assert!(matches!(none, Err(DeskError::NoSuchEntry)), "{line}: {none:?}");
    }
    house.close();
}

#[tokio::test]
async fn a_list_is_taken_out_masked_and_goes_after_two_days() {
    let house = House::in_scene("hotel").await;
    let taken = arrivals(&house);
    house.desk.check_list(taken.list, |_, _| {}).unwrap();
    let mut out = Vec::new();
    house.desk.export_list(taken.list, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("line,name,document_type,document,room,nights,"), "{text}");
    assert!(
        text.contains("\n3,李小红,resident-id,3501**********0012,1209,1,,,,,refuse,C-ORA,"),
        "{text}"
    );
    assert!(!text.contains(ORANGE.number));
    let acts: Vec<_> =
        house.desk.audit(None, 3).unwrap().into_iter().map(|row| (row.act, row.detail)).collect();
    let list = Some(taken.list.to_string());
    assert_eq!(acts[0], ("export-list".to_owned(), list));
    assert_eq!(acts[2], ("take-list".to_owned(), Some("5".to_owned())));
    house.later(2).await;
    house.desk.end_retention().await.unwrap();
    assert_eq!(house.desk.lists().unwrap().len(), 1, "two days after it is still there");
    house.clock.turn(24 * 3600);
    house.desk.end_retention().await.unwrap();
    assert_eq!(house.desk.lists().unwrap().len(), 1, "a clock alone ends nothing");
    house.later(0).await;
    house.desk.end_retention().await.unwrap();
    assert_eq!(house.desk.lists().unwrap(), []);
    assert_eq!(house.desk.audit(None, 1).unwrap()[0].act, "end-retention");
    house.close();
}

#[tokio::test]
async fn whoever_comes_to_stay_after_midnight_is_on_the_list_of_the_evening() {
    for (scene, expected) in [("hotel", true), ("hospital", false)] {
        let house = House::in_scene(scene).await;
        let evening = today(&house);
        arrivals(&house);
        tomorrow(&house, evening, 6);
        let late = house.show(typed(GREEN.number));
        let found = house.desk.expectation(&late).unwrap();
        assert_eq!(matches!(found, Expectation::Expected(..)), expected, "{scene}: {found:?}");
        tomorrow(&house, evening, 13);
        house.next_person();
        let noon = house.show(typed(ORANGE.number));
        let found = house.desk.expectation(&noon).unwrap();
        assert_eq!(found, Expectation::NoList, "the evening is over");
        house.close();
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_or_a_wrong_file_ends_nothing() {
    let house = House::in_scene("hotel").await;
    let none = house.desk.take_list("今晚", today(&house), b"PK\x03\x04");
    assert!(matches!(none, Err(DeskError::List(ListError::Workbook))), "{none:?}");
    for name in ["", "  ", "今\n晚", &"晚".repeat(61)] {
        let bad = house.desk.take_list(name, today(&house), "姓名\n林\n".as_bytes());
        assert!(matches!(bad, Err(DeskError::Field(_))), "{name:?}");
    }
    let long_ago = today(&house) - Span::new().days(30);
    house.desk.take_list("旧", long_ago, "姓名\n林\n".as_bytes()).unwrap();
    house.clock.turn(-3600);
    house.desk.watch_clock().unwrap();
    house.desk.end_retention().await.unwrap();
    assert_eq!(house.desk.lists().unwrap().len(), 1);
    house.close();
}

#[tokio::test]
async fn an_operator_works_with_lists_and_takes_none_out() {
    let house = House::in_scene("hotel").await;
    let desk = &house.desk;
    desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
    let signed_out = desk.take_list("今晚", today(&house), "姓名\n林\n".as_bytes());
    assert!(matches!(signed_out, Err(DeskError::NotAllowed(_))));
    assert!(matches!(desk.lists(), Err(DeskError::NotAllowed(_))));
    desk.sign_in("chen", "739142").unwrap();
    desk.set_operator("wang", "王小兰", Role::Operator, Some("9031")).unwrap();
    desk.sign_in("wang", "9031").unwrap();
    let taken = arrivals(&house);
    let mut out = Vec::new();
    assert!(desk.export_list(taken.list, &mut out).is_err() && out.is_empty());
    desk.forget_list(taken.list).unwrap();
    assert_eq!(desk.lists().unwrap(), []);
    house.close();
}
