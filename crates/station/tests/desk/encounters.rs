//! Whose evidence belongs together.

use Decision::{Admit, Refer, Refuse};
use yanma_station::domain::verdict::Decision;
use yanma_station::log::{Shown, body_of};
use yanma_station::store::Filter;
use yanma_station::{Checked, Method};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, ORANGE, card, code_of, permit, scan, typed};

#[track_caller]
fn says(checked: &Checked, decision: Decision, expect: &str) {
    assert_eq!((checked.verdict.decision, reasons(checked).as_str()), (decision, expect));
}

#[tokio::test]
async fn code_and_card_of_one_person_are_one_encounter() {
    let house = House::in_scene("hotel").await;
    let code = house.show(code_of(&GREEN).scanned());
    says(&code, Refer, "I-REQ");
    house.clock.turn(8);
    let both = house.show(card());
    says(&both, Admit, "");
    assert_eq!(
        both.amends.map(|amends| (amends.entry, amends.by_authority)),
        Some((code.entry, false))
    );
    assert_eq!(both.methods, [Method::Card, Method::Code]);
    assert!(!both.overturns(), "it is better, not worse");
    assert_eq!(house.entries(), 2);
    house.close();
}

#[tokio::test]
async fn the_card_may_come_first() {
    let house = House::in_scene("hotel").await;
    let first = house.show(card());
    says(&first, Admit, "");
    let both = house.show(code_of(&GREEN).scanned());
    says(&both, Admit, "");
    assert_eq!(both.amends.map(|amends| amends.entry), Some(first.entry));
    house.close();
}

#[tokio::test]
async fn after_eight_seconds_it_is_the_next_person() {
    let house = House::at_work().await;
    house.show(code_of(&GREEN).scanned());
    house.clock.turn(9);
    assert_eq!(house.show(card()).amends, None);
    house.close();
}

#[tokio::test]
async fn another_persons_card_is_a_new_encounter_or_a_mismatch_by_scene() {
    let house = House::in_scene("general").await;
    house.show(code_of(&GREEN).scanned());
    let other = house.show(permit());
    says(&other, Admit, "");
    assert_eq!(other.amends, None, "in the plain scene the next person has stepped up");
    house.close();

    let house = House::in_scene("hotel").await;
    let code = house.show(code_of(&GREEN).scanned());
    let other = house.show(permit());
    says(&other, Refuse, "I-MIS");
    assert_eq!(other.amends.map(|amends| amends.entry), Some(code.entry));
    assert!(other.overturns());
    house.close();
}

#[tokio::test]
async fn an_entry_of_two_persons_is_the_codes_and_nothing_of_the_others_card_is_in_it() {
    for card_first in [false, true] {
        let house = House::in_scene("hotel").await;
        let both = [code_of(&GREEN).scanned(), permit()];
        for at in if card_first { [1, 0] } else { [0, 1] } {
            house.show(both[at].clone());
        }
        let entry = house.desk.store().last(1).unwrap().remove(0);
        assert_eq!(
            (entry.decision.as_str(), entry.reasons.as_slice()),
            ("refuse", &["I-MIS".to_owned()][..])
        );
        let upload = body_of(&entry).unwrap().subject.unwrap();
        assert_eq!(upload.index.0, GREEN.index, "card first: {card_first}");
        let shown = Shown::of_entry(&entry).unwrap();
        assert_eq!(shown.document, None, "the guest's number is in no entry of somebody else's");
        assert_eq!(shown.name.as_deref(), Some("证**本"));
        let wanted = Filter { text: Some("8100".to_owned()), limit: 10, ..Filter::default() };
        let found = house.desk.search(&wanted).unwrap();
        assert!(found.iter().all(|row| row.id != entry.id), "nor is it found by that");
        house.close();
    }
}

#[tokio::test]
async fn the_same_thing_by_two_devices_is_one_entry() {
    let house = House::at_work().await;
    let first = house.show(code_of(&GREEN).scanned());
    for _ in 0..20 {
        // Held before the camera for half a minute: every reading extends the encounter.
        house.clock.turn(1);
        let again = house.show(code_of(&GREEN).scanned());
        assert_eq!(again.entry, first.entry);
    }
    assert_eq!(house.entries(), 1);
    house.close();
}

#[tokio::test]
async fn the_phone_still_before_the_camera_after_the_card_is_no_new_person() {
    let house = House::in_scene("hotel").await;
    house.show(code_of(&GREEN).scanned());
    let both = house.show(card());
    says(&both, Admit, "");
    let again = house.show(code_of(&GREEN).scanned());
    assert_eq!(again.entry, both.entry, "the code was judged with the card already");
    assert_eq!(house.show(card()).entry, both.entry);
    assert_eq!(house.entries(), 2);
    house.close();
}

#[tokio::test]
async fn what_changed_meanwhile_is_a_new_entry() {
    let house = House::at_work().await;
    let first = house.show(code_of(&GREEN).scanned());
    house.province.colour(GREEN.index, yanma_station::domain::Colour::Red);
    house.desk.sync().await.unwrap();
    let second = house.show(code_of(&GREEN).scanned());
    assert_ne!(second.entry, first.entry);
    says(&second, Refuse, "C-RED");
    house.close();
}

#[tokio::test]
async fn a_bad_scan_never_blocks_a_good_one() {
    let house = House::in_scene("hotel").await;
    let code = code_of(&GREEN).text();
    let half: String = code.chars().take(100).collect();
    // In one frame, in either order.
    let both = house.desk.present(&[scan("a poster"), scan(&code), card()]).unwrap();
    says(&both, Admit, "F-UNK");
    house.next_person();
    // One after the other: the scanner coughs between code and card.
    let first = house.show(scan(&code));
    says(&house.show(scan(&half)), Refer, "F-PART");
    let joined = house.show(card());
    says(&joined, Admit, "");
    assert_eq!(joined.amends.map(|amends| amends.entry), Some(first.entry));
    house.close();
}

#[tokio::test]
async fn two_people_with_broken_codes_are_two_entries() {
    let house = House::at_work().await;
    let half = |length| code_of(&GREEN).text().chars().take(length).collect::<String>();
    let first = house.show(scan(&half(100)));
    let again = house.show(scan(&half(100)));
    let second = house.show(scan(&half(90)));
    assert_eq!(again.entry, first.entry, "the same half once more");
    assert_ne!(second.entry, first.entry, "another half may be another person's");
    assert_eq!(house.entries(), 2);
    house.close();
}

#[tokio::test]
async fn a_poster_in_view_is_noted_once() {
    let house = House::at_work().await;
    for _ in 0..5 {
        house.show(scan("https://example.com/poster"));
        house.show(code_of(&GREEN).scanned());
        house.clock.turn(1);
    }
    assert_eq!(house.entries(), 2, "one for the poster, one for the person");
    house.close();
}

#[tokio::test]
async fn two_persons_in_one_frame_are_referred() {
    let house = House::at_work().await;
    let readings = [code_of(&GREEN).scanned(), code_of(&ORANGE).scanned()];
    says(&house.desk.present(&readings).unwrap(), Refuse, "C-ORA I-TWO");
    house.close();
}

#[tokio::test]
async fn a_clock_that_goes_back_ends_the_encounter() {
    let house = House::at_work().await;
    house.show(code_of(&GREEN).scanned());
    house.clock.turn(-5);
    assert_eq!(house.show(card()).amends, None);
    house.close();
}

#[tokio::test]
async fn nothing_presented_is_referred_and_not_admitted() {
    let house = House::at_work().await;
    assert_eq!(house.desk.present(&[]).unwrap().verdict.decision, Refer);
    assert_eq!(house.show(typed("")).verdict.decision, Refer);
    house.close();
}
