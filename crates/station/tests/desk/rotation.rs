//! The authority makes another directory key: the desk goes over to it, and nobody who is
//! known is told otherwise meanwhile.

use jiff::SignedDuration;
use yanma_station::domain::code::Lifetime;
use yanma_station::domain::verdict::Decision::{Admit, Refer, Refuse};
use yanma_station::domain::{Colour, StatusIndex};
use yanma_station::lists::Expectation;
use yanma_station::protocol::file_name::FeedName;
use yanma_station::store::FeedState;
use yanma_station::{Connection, Notice, Reading, Subscription};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, ORANGE, Person, STRANGER, card, code_of, typed};
use crate::support::province::{Carrier, begin, directory_key};
use crate::support::publishing::Press;

const DAY: i64 = 24 * 3600;

fn generation(house: &House) -> u32 {
    house.desk.enrolment().unwrap().directory_key_generation()
}

fn directory(house: &House) -> FeedState {
    let states = house.desk.store().feed_states().unwrap();
    states.into_iter().find(|(_, feed, _)| feed.as_str() == "directory").unwrap().2
}

/// Shows two people's documents and expects the verdicts of a good day.
fn knows_its_people(house: &House, when: &str) {
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Admit, "{when}");
    house.next_person();
    assert_eq!(reasons(&house.show(typed(ORANGE.number))), "C-ORA", "{when}");
}

/// A code on paper: it has a place of its own in the list, and lives for months.
fn paper(person: &Person, index: u32, generation: u32) -> yanma_station::Reading {
    let hash = directory_key(generation).hash(&person.document());
    let made = code_of(person).with(|body| {
        body.index = StatusIndex(index);
        body.document = hash;
        body.lifetime = Lifetime::days(90).unwrap();
    });
    made.scanned()
}

#[tokio::test]
async fn a_desk_goes_over_to_another_directory_key_at_once() {
    let house = House::at_work().await;
    knows_its_people(&house, "before");
    house.province.change(Press::rotate_directory_key);
    knows_its_people(&house, "published, and not heard of yet");
    house.desk.sync().await.unwrap();
    assert_eq!((generation(&house), directory(&house).epoch), (2, 2));
    assert_eq!(house.province.inner().asked.directory_keys, 1);
    knows_its_people(&house, "after");
    assert_eq!(house.notices(), []);

    // Steps go on under the new key, and it is there after a restart.
    let stranger = Person { number: STRANGER, index: 60, ..GREEN };
    let hash = directory_key(2).hash(&stranger.document()).as_u64();
    house.province.change(|press| press.claim(hash, stranger.index));
    house.desk.sync().await.unwrap();
    let house = house.restarted();
    assert_eq!(generation(&house), 2);
    knows_its_people(&house, "after a restart");
    house.next_person();
    assert_eq!(house.show(typed(STRANGER)).verdict.decision, Admit);
    assert_eq!(house.province.inner().asked.directory_keys, 1, "once is enough");
    house.close();
}

#[tokio::test]
async fn whoever_was_at_the_desk_is_met_anew_and_not_unknown() {
    let house = House::in_scene("hotel").await;
    let before = house.show(card());
    house.province.change(Press::rotate_directory_key);
    house.desk.sync().await.unwrap();
    let after = house.show(code_of(&GREEN).scanned());
    assert!(after.amends.is_none(), "the card was hashed under the key of before");
    assert_eq!(reasons(&after), "I-REQ", "the card is to be shown once more");
    assert_ne!(after.entry, before.entry);
    let together = house.show(card());
    assert_eq!((together.verdict.decision, reasons(&together)), (Admit, String::new()));
    house.close();
}

#[tokio::test]
async fn a_desk_that_was_away_follows_two_rotations_when_it_returns() {
    let house = House::at_work().await;
    house.province.change(Press::rotate_directory_key);
    house.province.change(Press::rotate_directory_key);
    house.clock.turn(3 * 3600);
    knows_its_people(&house, "away");
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!(generation(&house), 3);
    knows_its_people(&house, "returned");
    house.close();
}

#[tokio::test]
async fn without_the_key_the_old_directory_stays_with_its_age_and_the_rest_is_taken() {
    let house = House::at_work().await;
    let before = directory(&house);
    house.province.inner().gives_keys = false;
    house.clock.turn(60);
    house.province.change(|press| {
        press.rotate_directory_key();
        press.set(GREEN.index, Colour::Red);
    });
    let synced = house.desk.sync().await.unwrap();
    assert_eq!(synced.lacks_directory_key, Some(2));
    assert_eq!(house.desk.connection(), Connection::Online);
    assert_eq!(house.notices(), [Notice::DirectoryKey]);
    assert_eq!(generation(&house), 1);
    assert_eq!(directory(&house), before, "with the age that it has");
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0), "the colours are new");
    house.next_person();
    assert_eq!(reasons(&house.show(card())), "C-RED", "by the old directory and the new list");
    house.next_person();
    let unknown = house.show(typed(STRANGER));
    assert_eq!(
        (unknown.verdict.decision, reasons(&unknown)),
        (Refer, "N-DIR".to_owned()),
        "may have claimed a code since"
    );
    // Another hour, the same head again, a restart: it is still said, and nothing is lost.
    house.desk.sync().await.unwrap();
    let house = house.restarted();
    assert_eq!(house.notices(), [Notice::DirectoryKey]);
    assert_eq!(directory(&house), before);

    house.enrol_as_before();
    house.desk.sync().await.unwrap();
    assert_eq!(house.notices(), [Notice::DirectoryKey]);
    house.province.inner().gives_keys = true;
    let asked = house.province.inner().asked.files;
    let synced = house.desk.sync().await.unwrap();
    assert_eq!((synced.lacks_directory_key, generation(&house)), (None, 2));
    assert_eq!(house.province.inner().asked.files, asked, "what was fetched is not fetched again");
    assert_eq!(house.notices(), []);
    house.next_person();
    assert_eq!(reasons(&house.show(typed(STRANGER))), "N-NONE");
    house.close();
}

#[tokio::test]
async fn a_key_of_another_generation_or_none_is_not_taken() {
    for carrier in [Carrier::Honest, Carrier::Cuts(FeedName::Directory, 9)] {
        let house = House::at_work().await;
        house.province.change(Press::rotate_directory_key);
        if carrier == Carrier::Honest {
            // The process that answers has not been started anew.
            house.province.inner().keys_of = Some(1);
        }
        house.province.carried_by(carrier.clone());
        let synced = house.desk.sync().await;
        if carrier == Carrier::Honest {
            assert_eq!(synced.unwrap().lacks_directory_key, Some(2));
        } else {
            synced.unwrap_err();
        }
        assert_eq!((generation(&house), directory(&house).epoch), (1, 1), "{carrier:?}");
        knows_its_people(&house, "as before");
        house.close();
    }
}

#[tokio::test]
async fn paper_of_before_a_rotation_is_compared_with_the_card_after_it() {
    let house = House::in_scene("hotel").await;
    house.province.change(|press| {
        press.rotate_directory_key();
        press.extend_to(51);
    });
    house.desk.sync().await.unwrap();
    for (index, person, expect) in [(50, &GREEN, (Admit, "")), (50, &ORANGE, (Refuse, "I-MIS"))] {
        house.next_person();
        house.show(paper(person, index, 1));
        let together = house.show(card());
        let got = (together.verdict.decision, reasons(&together));
        assert_eq!(got, (expect.0, expect.1.to_owned()), "paper of {}", person.name);
    }
    house.close();
}

#[tokio::test]
async fn a_desk_that_does_not_know_the_key_of_a_later_code_accuses_nobody() {
    let house = House::in_scene("hotel").await;
    house.province.change(|press| press.extend_to(51));
    house.desk.sync().await.unwrap();
    // More than a day without a word; a paper that was printed under the key of since.
    house.clock.turn(DAY + 3600);
    let made = begin() + SignedDuration::from_secs(DAY + 1800);
    let later = code_of(&GREEN).with(|body| {
        body.index = StatusIndex(50);
        body.document = directory_key(2).hash(&GREEN.document());
        body.lifetime = Lifetime::days(90).unwrap();
        body.issued_at = made;
    });
    house.show(later.scanned());
    let together = house.show(card());
    assert_eq!(together.verdict.decision, Refer);
    assert!(!reasons(&together).contains("I-MIS"), "{}", reasons(&together));
    house.close();
}

#[tokio::test]
async fn a_question_names_the_key_and_an_answer_under_another_is_no_answer() {
    let house = House::at_work().await;
    let checked = house.show(card());
    house.province.change(Press::rotate_directory_key);
    assert!(house.desk.ask(&checked).await.unwrap().is_none(), "not asked under its key");
    house.desk.sync().await.unwrap();
    house.next_person();
    let checked = house.show(card());
    assert!(house.desk.ask(&checked).await.unwrap().is_none(), "known under the new one");
    house.province.colour(GREEN.index, Colour::Red);
    let worse = house.desk.ask(&checked).await.unwrap().expect("it is asked and answered");
    assert_eq!(reasons(&worse), "C-RED A-WORSE");
    house.close();
}

#[tokio::test]
async fn enrolled_anew_after_a_rotation_the_directory_of_before_is_not_looked_up_in() {
    let house = House::at_work().await;
    house.province.change(Press::rotate_directory_key);
    let mut response = crate::support::province::Province::enrolment("general");
    response.directory_keys = crate::support::province::directory_keys(2);
    let request = yanma_station::protocol::stations::EnrolRequest {
        enrolment_code: "ABCD-EFGH".into(),
        station_name: "Desk 1".to_owned(),
    };
    let url = "https://jkm.invalid/";
    let anew = yanma_station::Enrolment::from_response(url, &request, response).unwrap();
    house.desk.enrol_with(anew, house.province.clone()).unwrap();
    assert_eq!(reasons(&house.show(card())), "N-DIR", "not checked, and not unknown");
    house.desk.sync().await.unwrap();
    knows_its_people(&house, "after the first sync");
    house.close();
}

#[tokio::test]
async fn an_expected_guest_is_met_across_a_rotation() {
    let house = House::at_work().await;
    let list = |number: &str| format!("姓名,身份证号\n证件样本,{number}\n");
    let today = house.desk.now().to_zoned(jiff::tz::TimeZone::system()).date();
    house.desk.take_list("before", today, list(GREEN.number).as_bytes()).unwrap();
    house.province.change(Press::rotate_directory_key);
    house.desk.sync().await.unwrap();
    house.desk.take_list("after", today, list(ORANGE.number).as_bytes()).unwrap();
    let expected =
        |checked| matches!(house.desk.expectation(&checked).unwrap(), Expectation::Expected(..));
    house.next_person();
    assert!(expected(house.show(card())), "a card, and a list of before");
    house.next_person();
    let code = code_of(&GREEN).with(|body| {
        body.document = directory_key(2).hash(&GREEN.document());
    });
    assert!(expected(house.show(code.scanned())), "a new code, and a list of before");
    house.next_person();
    assert!(expected(house.show(code_of(&ORANGE).scanned())), "an old code, and a list of after");
    house.close();
}

#[tokio::test]
async fn a_program_that_only_looks_says_not_checked_after_the_other_has_gone_over() {
    let house = House::at_work().await;
    let looking = house.looking();
    assert_eq!(looking.judge_only(&[card()]).unwrap().decision, Admit);
    house.province.change(Press::rotate_directory_key);
    house.desk.sync().await.unwrap();
    let verdict = looking.judge_only(&[card()]).unwrap();
    let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!((verdict.decision, codes), (Refer, vec!["N-DIR"]));
    drop(looking);
    house.close();
}

/// Readings on other threads while the desk goes over again and again.
#[test]
fn nobody_is_unknown_in_the_moment_of_going_over() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let house = runtime.block_on(House::at_work());
    let done = std::sync::atomic::AtomicBool::new(false);
    let shown = std::sync::atomic::AtomicUsize::new(0);
    let order = std::sync::atomic::Ordering::Relaxed;
    let desk = &house.desk;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(order) {
                    let verdict = desk.judge_only(&[card()]).unwrap();
                    assert_eq!(verdict.decision, Admit, "{:?}", verdict.reasons());
                    shown.fetch_add(1, order);
                }
            });
        }
        for _ in 0..20 {
            house.province.change(Press::rotate_directory_key);
            runtime.block_on(house.desk.sync()).unwrap();
        }
        done.store(true, order);
    });
    assert_eq!(generation(&house), 21);
    assert!(shown.load(order) > 20, "{} readings", shown.load(order));
    house.close();
}

/// It has no directory that would tell it of the rotation.
#[tokio::test]
async fn a_desk_for_codes_only_asks_for_the_keys_and_accuses_nobody_until_it_has_them() {
    let house = House::enrolled("hotel");
    let codes_only = Subscription { documents: false, ..Subscription::default() };
    house.desk.subscribe(&codes_only).await.unwrap();
    house.desk.sync().await.unwrap();
    let show_both = |generation, reading: fn() -> Reading| {
        house.next_person();
        let now = house.desk.now();
        let code = code_of(&GREEN).with(|body| {
            body.document = directory_key(generation).hash(&GREEN.document());
            body.issued_at = now;
        });
        house.show(code.scanned());
        let together = house.show(reading());
        (together.verdict.decision, reasons(&together))
    };
    let another = || typed(ORANGE.number);
    assert_eq!(show_both(1, card), (Admit, "N-DIR".to_owned()), "the same hash");
    assert_eq!(show_both(1, another), (Refer, "N-DIR I-REQ".to_owned()), "it proves nothing");
    house.province.change(Press::rotate_directory_key);
    house.desk.sync().await.unwrap();
    assert_eq!(house.province.inner().asked.directory_keys, 1, "not with every head");
    assert_eq!(show_both(2, card), (Refer, "N-DIR I-REQ".to_owned()), "no other person");
    house.clock.turn(DAY / 4);
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!((generation(&house), house.province.inner().asked.directory_keys), (2, 2));
    assert_eq!(show_both(2, card), (Admit, "N-DIR".to_owned()));
    assert_eq!(show_both(1, card), (Admit, "N-DIR".to_owned()), "a code of before");
    let house = house.restarted();
    assert_eq!(generation(&house), 2);
    house.close();
}
