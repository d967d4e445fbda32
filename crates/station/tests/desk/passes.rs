//! Boarding passes beside codes and documents: one encounter, one name.

use Decision::{Admit, Refer};
use yanma_station::Checked;
use yanma_station::domain::verdict::Decision;

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, card, code_of, scan};

/// A pass for flight MF8101 on day 45 with this name on it.
fn pass(name: &str) -> yanma_station::Reading {
    scan(&format!("M1{name:<20}EABC123 FOCPEKMF 8101 045Y012A0025 100"))
}

#[track_caller]
fn says(checked: &Checked, decision: Decision, expect: &str) {
    assert_eq!((checked.verdict.decision, reasons(checked).as_str()), (decision, expect));
}

#[tokio::test]
async fn pass_card_and_code_are_one_encounter_in_any_order() {
    let house = House::in_scene("airport").await;
    let all = [pass("ZHENG/JIANYANGBENMR"), card(), code_of(&GREEN).scanned()];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let shown = order.map(|at| house.show(all[at].clone()));
        let [first, second, third] = &shown;
        says(third, Admit, "");
        assert_eq!(second.amends.map(|amends| amends.entry), Some(first.entry), "{order:?}");
        assert_eq!(third.amends.map(|amends| amends.entry), Some(second.entry), "{order:?}");
        let again = house.show(all[order[0]].clone());
        assert_eq!(again.entry, third.entry, "still before the camera: {order:?}");
        house.next_person();
    }
    house.close();
}

#[tokio::test]
async fn a_pass_in_another_name_is_referred_and_says_so() {
    let house = House::in_scene("airport").await;
    house.show(card());
    house.show(code_of(&GREEN).scanned());
    let other = house.show(pass("LI/SI"));
    says(&other, Refer, "I-PASS");
    assert!(other.overturns());
    house.next_person();

    // Of the code alone the name is masked: that it is another's is seen, not that it is theirs.
    house.show(code_of(&GREEN).scanned());
    says(&house.show(pass("LI/SI")), Refer, "I-REQ I-PASS");
    house.next_person();
    house.show(code_of(&GREEN).scanned());
    says(&house.show(pass("ZHENG/JIANYANGBEN")), Refer, "I-REQ I-NAME");
    says(&house.show(card()), Admit, "");
    house.close();
}

#[tokio::test]
async fn the_entry_keeps_the_answer_and_not_the_name() {
    let house = House::in_scene("airport").await;
    for reading in [pass("ZHENG/JIANYANGBEN"), card(), code_of(&GREEN).scanned()] {
        house.show(reading);
    }
    let last = house.desk.store().last(1).unwrap().remove(0);
    let receipt = String::from_utf8(last.details.unwrap().receipt).unwrap();
    assert!(receipt.contains(r#""names":"same""#), "{receipt}");
    assert!(receipt.contains("MF8101") && !receipt.contains("JIANYANGBEN"), "{receipt}");
    house.close();
}

#[tokio::test]
async fn elsewhere_a_pass_is_nobodys() {
    let house = House::in_scene("general").await;
    house.show(card());
    let alone = house.show(pass("ZHENG/JIANYANGBEN"));
    says(&alone, Refer, "F-PASS");
    assert_eq!(alone.amends, None);
    house.close();
}
