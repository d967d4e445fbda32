//! A turnstile at the desk: for whom it opens, who is counted, and what goes with a person on
//! paper.

use std::collections::BTreeMap;

use yanma_station::domain::Colour;
use yanma_station::domain::code::Lifetime;
use yanma_station::domain::scene::Action;
use yanma_station::domain::verdict::Decision;
use yanma_station::log::body_of;
use yanma_station::operators::Approval;
use yanma_station::slip::Slip;
use yanma_station::{Checked, Done};

use crate::chips::PAGE;
use crate::support::house::House;
use crate::support::people::{
    GREEN, ORANGE, RED, STRANGER, WITHDRAWN, card, code_of, scan, typed, wedge,
};

fn done(action: Action, answers: &[(&str, &str)]) -> Done {
    let answers: BTreeMap<_, _> =
        answers.iter().map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned())).collect();
    Done { action: Some(action), answers, overriding: None }
}

/// What the newest entry says was done.
fn newest_action(house: &House) -> String {
    let newest = house.desk.store().search(&Default::default()).unwrap().remove(0);
    body_of(&newest).unwrap().action
}

#[tokio::test]
async fn it_opens_on_admit_once_for_each_person_and_on_nothing_else() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    assert!(house.desk.opens(&green));
    let again = house.show(code_of(&GREEN).scanned());
    assert!(!house.desk.opens(&again), "the camera still sees the code");
    let with_card = house.show(card());
    assert_eq!(with_card.amends.map(|amends| amends.entry), Some(green.entry));
    assert!(!house.desk.opens(&with_card), "the same person");
    for (reading, decision) in [
        (code_of(&ORANGE).scanned(), Decision::Refuse),
        (typed(RED.number), Decision::Refuse),
        (typed(STRANGER), Decision::Refer),
    ] {
        house.next_person();
        let checked = house.show(reading);
        assert_eq!(checked.verdict.decision, decision);
        assert!(!house.desk.opens(&checked), "{decision:?}");
    }
    house.close();
}

#[tokio::test]
async fn what_anybody_can_draw_or_copy_opens_it_for_nobody_by_itself() {
    let house = House::in_scene("general").await;
    let paper =
        || code_of(&GREEN).with(|body| body.lifetime = Lifetime::days(90).unwrap()).scanned();
    let page = || scan(PAGE);
    for reading in [scan(GREEN.number), wedge(GREEN.number), typed(GREEN.number), paper(), page()] {
        house.next_person();
        let way = reading.via;
        let checked = house.show(reading);
        assert_eq!(checked.verdict.decision, Decision::Admit, "{way:?}");
        assert!(!house.desk.opens(&checked), "{way:?}");
        // The operator looks at whoever shows it.
        let finished = house.desk.finish(checked.entry, &done(Action::Admitted, &[])).unwrap();
        assert!(house.desk.opens_on_word(&finished));
        house.desk.did_not_open(finished.entry);
    }
    house.next_person();
    let card = house.show(card());
    assert!(house.desk.opens(&card), "a chip is no copy");
    house.next_person();
    let copied = house.show(scan(GREEN.number));
    assert!(!house.desk.opens(&copied));
    let with_phone =
        house.show(code_of(&GREEN).with(|body| body.issued_at = house.desk.now()).scanned());
    assert!(house.desk.opens(&with_phone), "the phone's code does");
    house.close();
}

#[tokio::test]
async fn it_opens_for_nobody_who_has_gone_when_the_authority_answers() {
    let house = House::in_scene("general").await;
    house.clock.turn(2 * 24 * 3600);
    let first = house.show(card());
    assert_eq!(first.verdict.decision, Decision::Refer, "the list is too old");
    house.next_person();
    house.show(typed(ORANGE.number));
    let later = house.desk.ask(&first).await.unwrap().unwrap();
    assert_eq!(later.verdict.decision, Decision::Admit);
    assert!(!house.desk.opens(&later), "somebody else stands there");
    house.close();
}

#[tokio::test]
async fn who_has_to_fill_something_in_is_let_in_by_the_operator() {
    let house = House::in_scene("hospital").await;
    let green = house.show(code_of(&GREEN).scanned());
    assert_eq!(green.verdict.decision, Decision::Admit);
    assert!(!house.desk.opens(&green), "a temperature is to be taken");
    let answers = [("purpose", "visit"), ("temperature", "36.6")];
    let finished = house.desk.finish(green.entry, &done(Action::Admitted, &answers)).unwrap();
    assert!(house.desk.opens_on_word(&finished));
    let answers = [("purpose", "visit"), ("temperature", "36.7")];
    let again = house.desk.finish(finished.entry, &done(Action::Admitted, &answers)).unwrap();
    assert!(!house.desk.opens_on_word(&again), "it was only written down wrongly");
    house.close();
}

#[tokio::test]
async fn only_whose_arm_turned_is_counted() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    assert!(house.desk.opens(&green));
    assert_eq!(house.desk.stayed_outside(green.entry).unwrap(), None, "nothing to take back");
    assert_eq!((house.entries(), newest_action(&house).as_str()), (1, "none"));
    // Shown again, it opens again.
    let again = house.show(code_of(&GREEN).scanned());
    assert_eq!(again.entry, green.entry);
    assert!(house.desk.opens(&again));
    let through = house.desk.went_through(green.entry).unwrap().unwrap();
    assert_eq!((through.completes, through.action), (green.entry, Action::Admitted));
    assert_eq!(newest_action(&house), "admitted");
    assert_eq!(house.desk.went_through(green.entry).unwrap(), None, "counted once");
    // What is shown after that is the next visit.
    let later = house.show(code_of(&GREEN).scanned());
    assert!(later.amends.is_none() && house.desk.opens(&later));
    house.close();
}

#[tokio::test]
async fn a_code_that_was_handed_back_opens_it_for_nobody_where_the_scene_minds() {
    let house = House::in_scene("general").await;
    let scenes = house.folder.path().join("scenes");
    std::fs::create_dir_all(&scenes).unwrap();
    let ships = include_str!("../../../../assets/scenes/general.toml");
    let minds = ships.replace("counts_inside = true", "counts_inside = true\nanti_passback = true");
    assert_ne!(minds, ships);
    std::fs::write(scenes.join("general.toml"), minds).unwrap();
    let house = house.restarted();
    house.enrol_as_before();
    let green = house.show(code_of(&GREEN).scanned());
    assert!(house.desk.opens(&green));
    house.desk.went_through(green.entry).unwrap().unwrap();
    house.next_person();
    let friend = house.show(code_of(&GREEN).scanned());
    assert_eq!(friend.verdict.decision, Decision::Admit, "the verdict is about the code");
    assert!(!house.desk.opens(&friend));
    // The operator lets them out, and then they may come again.
    house.desk.finish(friend.entry, &done(Action::Left, &[])).unwrap();
    house.next_person();
    let again = house.show(code_of(&GREEN).scanned());
    assert!(house.desk.opens(&again));
    house.close();
}

#[tokio::test]
async fn an_order_that_waited_asks_the_last_word_and_no_arm_lets_in_who_was_let_out() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    assert!(house.desk.opens(&green) && house.desk.still_opens(green.entry));
    house.desk.finish(green.entry, &done(Action::Left, &[])).unwrap();
    assert!(!house.desk.still_opens(green.entry), "they went out");
    assert_eq!(house.desk.went_through(green.entry).unwrap(), None);
    assert_eq!(newest_action(&house), "left");
    house.next_person();
    let orange = house.show(code_of(&ORANGE).scanned());
    assert!(!house.desk.still_opens(orange.entry));
    house.close();
}

#[tokio::test]
async fn whom_the_operator_lets_in_and_who_does_not_go_is_taken_back() {
    let house = House::in_scene("general").await;
    let unknown = house.show(typed(STRANGER));
    assert!(!house.desk.opens(&unknown));
    let finished = house.desk.finish(unknown.entry, &done(Action::Admitted, &[])).unwrap();
    assert!(house.desk.opens_on_word(&finished));
    assert!(house.desk.stayed_outside(finished.entry).unwrap().is_some());
    assert_eq!(newest_action(&house), "none");
    let finished = house.desk.finish(finished.entry, &done(Action::Admitted, &[])).unwrap();
    assert!(house.desk.opens_on_word(&finished), "once more");
    assert_eq!(house.desk.went_through(finished.entry).unwrap(), None, "it stands written");
    assert_eq!(newest_action(&house), "admitted");

    // Against a refusal only with a supervisor; the arm is no way around that.
    house.next_person();
    let red = house.show(typed(RED.number));
    assert!(house.desk.finish(red.entry, &done(Action::Admitted, &[])).is_err());
    let overriding = Some((Approval { supervisor: "lin".to_owned() }, "急诊".to_owned()));
    let allowed = Done { overriding, ..done(Action::Admitted, &[]) };
    let finished = house.desk.finish(red.entry, &allowed).unwrap();
    assert!(house.desk.opens_on_word(&finished));
    house.desk.stayed_outside(finished.entry).unwrap().unwrap();
    let newest = house.desk.store().search(&Default::default()).unwrap().remove(0);
    assert!(body_of(&newest).unwrap().overridden.is_none(), "nobody was let in");
    house.close();
}

#[tokio::test]
async fn who_went_before_the_authority_spoke_went() {
    let house = House::in_scene("general").await;
    house.province.inner().press.set(GREEN.index, Colour::Amber);
    let green = house.show(code_of(&GREEN).scanned());
    assert!(house.desk.opens(&green));
    let later = house.desk.ask(&green).await.unwrap().unwrap();
    assert_eq!(later.verdict.decision, Decision::Refuse);
    assert!(!house.desk.opens(&later));
    let through = house.desk.went_through(green.entry).unwrap().unwrap();
    assert_eq!((through.completes, through.decision), (later.entry, Decision::Refuse));
    assert_eq!(newest_action(&house), "admitted", "what happened is written as it happened");
    house.close();
}

#[tokio::test]
async fn an_arrival_that_is_taken_back_may_still_come() {
    let house = House::in_scene("general").await;
    let today = house.desk.now().to_zoned(jiff::tz::TimeZone::system()).date();
    let text = format!("姓名,身份证号\n证件样本,{}\n", GREEN.number);
    house.desk.take_list("今天", today, text.as_bytes()).unwrap();
    let arrived = || house.desk.lists().unwrap()[0].arrived;
    let green = house.show(card());
    let finished = house.desk.finish(green.entry, &done(Action::Admitted, &[])).unwrap();
    assert_eq!(arrived(), 1);
    house.desk.stayed_outside(finished.entry).unwrap();
    assert_eq!(arrived(), 0);
    house.close();
}

fn text(slip: &Slip) -> String {
    slip.lines().into_iter().map(|(text, _)| text + "\n").collect()
}

/// Nothing of the person is on a slip.
#[track_caller]
fn says_nothing_of(checked: &Checked, slip: &Slip) {
    let text = text(slip);
    let subject = &checked.verdict.subject;
    let name = subject.name.as_ref().map(|name| name.as_str().to_owned());
    for personal in name.iter().chain(&subject.document) {
        assert!(!text.contains(personal.as_str()), "{text}");
    }
    for word in ["37.9", "绿", "橙", "红", "黄", "orange", "red", "C-"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn who_goes_to_the_fever_clinic_has_a_slip_and_who_goes_in_has_none() {
    let house = House::in_scene("hospital").await;
    let answers = [("purpose", "clinic"), ("temperature", "36.5")];
    for (reading, decision) in [
        (code_of(&ORANGE).scanned(), Decision::Refer),
        (typed(STRANGER), Decision::Refer),
        (typed(RED.number), Decision::Refer),
        (typed(WITHDRAWN.number), Decision::Refuse),
    ] {
        house.next_person();
        let checked = house.show(reading);
        assert_eq!(checked.verdict.decision, decision);
        let finished = house.desk.finish(checked.entry, &done(Action::Sent, &answers)).unwrap();
        let slip = house.desk.slip_of(finished.entry).unwrap().unwrap();
        assert_eq!(slip.title.zh, "发热门诊");
        assert!(text(&slip).contains("专用通道"), "{}", text(&slip));
        says_nothing_of(&checked, &slip);
        let number = slip.number.to_lowercase();
        assert!(finished.entry.simple().to_string().ends_with(&number) && number.len() == 6);
        let alone = house.desk.slip_unattended(&checked).unwrap();
        assert_eq!((&alone.title, &alone.words), (&slip.title, &slip.words));
    }
    house.next_person();
    let green = house.show(code_of(&GREEN).scanned());
    assert_eq!(house.desk.slip_unattended(&green), None);
    let fever = [("purpose", "clinic"), ("temperature", "37.9")];
    let sent = house.desk.finish(green.entry, &done(Action::Sent, &fever)).unwrap();
    let slip = house.desk.slip_of(sent.entry).unwrap().expect("green with a fever goes there too");
    says_nothing_of(&green, &slip);
    let admitted = house.desk.finish(sent.entry, &done(Action::Admitted, &answers)).unwrap();
    assert_eq!(house.desk.slip_of(admitted.entry).unwrap(), None);
    assert_eq!(house.desk.slip_of(sent.entry).unwrap(), None, "the last word counts");
    house.close();
}

#[tokio::test]
async fn a_plain_gate_says_how_to_contest_and_its_slip_is_drawn() {
    let house = House::in_scene("general").await;
    let red = house.show(typed(RED.number));
    let finished = house.desk.finish(red.entry, &done(Action::TurnedAway, &[])).unwrap();
    let slip = house.desk.slip_of(finished.entry).unwrap().unwrap();
    assert!(text(&slip).contains("申诉") && slip.title.zh == "暂未放行", "{}", text(&slip));
    for width in [576, 384] {
        let dots = slip.draw(width).unwrap();
        let rows = dots.rows.len() / dots.bytes_a_row;
        assert_eq!(dots.bytes_a_row * 8, usize::from(width));
        assert!((200..1200).contains(&rows), "{rows} rows: some centimetres");
        assert!(dots.rows.iter().any(|byte| *byte != 0));
    }
    house.close();
}
