//! What was done after the verdict: fields, actions, overrides.

use std::collections::BTreeMap;

use yanma_station::domain::Colour;
use yanma_station::domain::scene::{Action, AnswerProblem};
use yanma_station::domain::verdict::Decision;
use yanma_station::log::body_of;
use yanma_station::operators::Approval;
use yanma_station::{DeskError, Done, Reading};

use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, RED, card, code_of, scan, serial, typed, wedge};

fn done(action: Action, answers: &[(&str, &str)]) -> Done {
    let answers: BTreeMap<_, _> =
        answers.iter().map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned())).collect();
    Done { action: Some(action), answers, overriding: None }
}

/// How many people came today.
fn people_today(house: &House) -> u64 {
    let day = house.desk.now().to_zoned(jiff::tz::TimeZone::system()).date();
    let hours = house.desk.store().hours(day, day).unwrap();
    hours.iter().map(|hour| hour.count).sum()
}

#[tokio::test]
async fn what_was_done_is_an_entry_that_completes_the_verdicts() {
    let house = House::in_scene("hospital").await;
    let green = house.show(code_of(&GREEN).scanned());
    let answers = [("purpose", "visit"), ("temperature", "36,6"), ("patient", "3 床")];
    let finished = house.desk.finish(green.entry, &done(Action::Admitted, &answers)).unwrap();
    assert!(finished.recorded && !finished.fever);

    let seen: Vec<_> = house.desk.just_seen(9).unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(seen, [finished.entry], "of one person the list of the last ones has the last word");
    let entry = house.desk.store().entry(finished.entry).unwrap().unwrap();
    let body = body_of(&entry).unwrap();
    assert_eq!((body.action.as_str(), body.scene.as_str()), ("admitted", "hospital"));
    assert_eq!(body.amends.unwrap().entry, green.entry);
    assert_eq!(body.decision, green.verdict.decision, "the verdict stays as it was judged");
    let text = String::from_utf8(entry.body.clone()).unwrap();
    assert!(text.contains("visit"), "may be counted");
    assert!(!text.contains("36.6") && !text.contains('床'), "says something of the person: {text}");
    let found = |text: &str| {
        let filter = yanma_station::store::Filter { text: Some(text.into()), ..Default::default() };
        house.desk.store().search(&filter).unwrap().len()
    };
    assert_eq!(found("3 床"), 1, "and can be found as long as the details are kept");
    house.close();
}

#[tokio::test]
async fn a_verdict_completed_long_after_is_judged_again_as_of_then() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    house.clock.turn(2 * 24 * 3600);
    house.desk.finish(green.entry, &done(Action::Left, &[])).unwrap();
    house.close();
}

#[tokio::test]
async fn the_last_word_counts_and_counts_once() {
    let house = House::in_scene("hotel").await;
    let green = house.desk.present(&[code_of(&GREEN).scanned(), card()]).unwrap();
    assert_eq!(green.verdict.decision, Decision::Admit);
    let first = [("room", "1208"), ("nights", "2")];
    let first = house.desk.finish(green.entry, &done(Action::Admitted, &first)).unwrap();
    let second = [("room", "1209"), ("nights", "2")];
    house.desk.finish(first.entry, &done(Action::Admitted, &second)).unwrap();
    // Said of the verdict again, not of what was said last: it still follows that.
    let third = [("room", "1210"), ("nights", "2")];
    house.desk.finish(green.entry, &done(Action::Admitted, &third)).unwrap();
    assert_eq!(people_today(&house), 1);
    house.close();
}

#[tokio::test]
async fn what_cannot_be_taken_names_its_field_and_writes_nothing() {
    let house = House::in_scene("hospital").await;
    let green = house.show(code_of(&GREEN).scanned());
    let check = |answers: &[(&str, &str)], field: &str, problem: AnswerProblem| match house
        .desk
        .finish(green.entry, &done(Action::Admitted, answers))
    {
        Err(DeskError::Answer(error)) => {
            assert_eq!((error.field.as_str(), error.problem), (field, problem));
        }
        other => panic!("{field}: {other:?}"),
    };
    check(&[], "purpose", AnswerProblem::Missing);
    check(&[("purpose", "visit")], "temperature", AnswerProblem::Missing);
    check(&[("room", "7")], "room", AnswerProblem::NoSuchField);
    let nobody = uuid::Uuid::from_u128(7);
    let unknown = house.desk.finish(nobody, &done(Action::Admitted, &[]));
    assert!(matches!(unknown, Err(DeskError::NoSuchEntry)), "{unknown:?}");
    let not_here = house.desk.finish(green.entry, &done(Action::TurnedAway, &[]));
    assert!(matches!(not_here, Err(DeskError::NotOffered)), "a hospital: {not_here:?}");
    assert_eq!(house.entries(), 1);
    house.close();
}

#[tokio::test]
async fn nobody_is_let_in_against_a_refusal_without_a_supervisor_and_a_reason() {
    let house = House::in_scene("general").await;
    let red = house.show(typed(RED.number));
    assert_eq!(red.verdict.decision, Decision::Refuse);
    let admit = done(Action::Admitted, &[]);
    let silently = house.desk.finish(red.entry, &admit);
    assert!(matches!(silently, Err(DeskError::OverrideNeeded)), "{silently:?}");
    let approval = Approval { supervisor: "lin".to_owned() };
    let with = |reason: &str| Done {
        overriding: Some((approval.clone(), reason.to_owned())),
        ..admit.clone()
    };
    for reason in ["", "  ", "a\nb", &"长".repeat(201)] {
        let refused = house.desk.finish(red.entry, &with(reason));
        assert!(matches!(refused, Err(DeskError::Field(_))), "{reason:?}: {refused:?}");
    }
    let finished = house.desk.finish(red.entry, &with("救护车送来，急诊")).unwrap();
    let seen: Vec<_> = house.desk.just_seen(9).unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(seen, [finished.entry], "of one person the list of the last ones has the last word");
    let entry = house.desk.store().entry(finished.entry).unwrap().unwrap();
    let body = body_of(&entry).unwrap();
    assert_eq!(body.overridden.unwrap().supervisor, "lin");
    assert_eq!(body.decision, Decision::Refuse, "an override does not whiten the verdict");
    assert!(!String::from_utf8_lossy(&entry.body).contains("急诊"));
    let audit = house.desk.store().audit_rows(None, 1).unwrap();
    assert_eq!(audit[0].act, "override");
    assert_eq!(audit[0].subject.as_deref(), Some(finished.entry.to_string().as_str()));
    house.close();
}

#[tokio::test]
async fn a_referred_person_is_the_operators_to_decide() {
    let house = House::in_scene("general").await;
    let unread = house.show(scan("rubbish"));
    assert_eq!(unread.verdict.decision, Decision::Refer);
    house.desk.finish(unread.entry, &done(Action::Admitted, &[])).unwrap();
    house.close();
}

#[tokio::test]
async fn a_slip_and_a_thermometer_fill_the_form_and_are_no_evidence() {
    let hospital = House::in_scene("hospital").await;
    let fills = |reading: Reading| hospital.desk.fills(&reading);
    let filled = |field: &str, answer: &str| Some((field.to_owned(), answer.to_owned()));
    assert_eq!(fills(wedge("YY-20261126-017")), filled("appointment", "YY-20261126-017"));
    assert_eq!(fills(serial("YY-20261126-017")), filled("appointment", "YY-20261126-017"));
    assert_eq!(fills(serial("36.8")), filled("temperature", "36.8"));
    for shown in [scan("36.8"), wedge("36.8")] {
        assert_eq!(fills(shown), None, "nobody brings their own temperature");
    }
    assert_eq!(fills(typed("YY-20261126-017")), None, "what is typed is presented");
    assert_eq!(fills(wedge(GREEN.number)), None, "a document is evidence");
    assert_eq!(fills(code_of(&GREEN).scanned()), None, "a code is evidence");
    let half: String = code_of(&GREEN).text().chars().take(60).collect();
    assert_eq!(fills(wedge(&half)), None, "so is half a code");
    assert_eq!(fills(wedge("HTTPS://PAY.TEST/12345")), None, "a page's address is no slip");
    hospital.close();
    let general = House::in_scene("general").await;
    assert_eq!(general.desk.fills(&wedge("YY-20261126-017")), None, "nothing is asked there");
    general.close();
}

#[tokio::test]
async fn a_fever_is_seen_and_does_not_change_what_was_judged() {
    let house = House::in_scene("hospital").await;
    let orange = house.show(typed(ORANGE.number));
    let answers = [("purpose", "clinic"), ("temperature", "38.4")];
    let finished = house.desk.finish(orange.entry, &done(Action::Sent, &answers)).unwrap();
    assert!(finished.fever);
    house.close();
}

#[tokio::test]
async fn who_was_finished_with_is_gone_from_the_desk() {
    let house = House::in_scene("general").await;
    let first = house.show(code_of(&GREEN).scanned());
    house.desk.finish(first.entry, &done(Action::Admitted, &[])).unwrap();
    let second = house.show(code_of(&GREEN).scanned());
    assert_ne!(first.entry, second.entry, "the same code again is a second showing");
    house.close();
}

#[tokio::test]
async fn the_authority_hears_what_was_done() {
    let house = House::in_scene("general").await;
    let green = house.show(code_of(&GREEN).scanned());
    house.desk.finish(green.entry, &done(Action::Admitted, &[])).unwrap();
    house.desk.upload().await.unwrap();
    let taken = house.province.inner().entries.clone();
    let actions: Vec<_> = taken.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["none", "admitted"]);
    assert_eq!(taken[1].amends, Some(green.entry));
    house.close();
}

#[tokio::test]
async fn who_was_let_in_before_the_authority_answered_counts_once_and_stays_let_in() {
    let house = House::in_scene("hotel").await;
    let first = house.desk.present(&[code_of(&GREEN).scanned(), card()]).unwrap();
    house.province.inner().press.set(GREEN.index, Colour::Amber);
    let room = [("room", "1208"), ("nights", "2")];
    let finished = house.desk.finish(first.entry, &done(Action::Admitted, &room)).unwrap();
    let later = house.desk.ask(&first).await.unwrap().expect("the answer overturns it");
    assert_eq!(later.verdict.decision, Decision::Refuse);
    assert_eq!(later.done, Some(Action::Admitted), "the screen can say that they are inside");
    assert_eq!(later.amends.unwrap().entry, finished.entry, "one word after another");

    let entry = house.desk.store().entry(later.entry).unwrap().unwrap();
    let body = body_of(&entry).unwrap();
    assert_eq!((body.action.as_str(), body.decision), ("admitted", Decision::Refuse));
    let nights = yanma_station::store::Filter { text: Some("1208".into()), ..Default::default() };
    let found = house.desk.store().search(&nights).unwrap();
    assert_eq!(found[0].id, later.entry, "and which room they went to");
    assert_eq!(people_today(&house), 1);
    house.close();
}

#[tokio::test]
async fn an_overturned_verdict_is_finished_as_the_overturned_one() {
    let house = House::in_scene("general").await;
    let first = house.show(code_of(&GREEN).scanned());
    house.province.inner().press.set(GREEN.index, Colour::Amber);
    let later = house.desk.ask(&first).await.unwrap().expect("the answer overturns it");
    // The operator's hand was faster than the screen: it meant the ADMIT.
    let silently = house.desk.finish(first.entry, &done(Action::Admitted, &[]));
    assert!(matches!(silently, Err(DeskError::OverrideNeeded)), "{silently:?}");
    let away = house.desk.finish(first.entry, &done(Action::TurnedAway, &[])).unwrap();
    assert_eq!(away.completes, later.entry);
    assert_eq!(people_today(&house), 1);
    house.close();
}

#[tokio::test]
async fn a_softer_answer_about_less_than_was_shown_by_now_is_dropped() {
    let house = House::in_scene("hotel").await;
    house.clock.turn(2 * 24 * 3600);
    let code = house.show(code_of(&GREEN).scanned());
    let both = house.show(card());
    assert_eq!(both.amends.map(|amends| amends.entry), Some(code.entry));
    assert!(house.desk.ask(&code).await.unwrap().is_none(), "the card's question asks for both");
    house.desk.ask(&both).await.unwrap();
    assert_eq!(people_today(&house), 1);
    house.close();
}
