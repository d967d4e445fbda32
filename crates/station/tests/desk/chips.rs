//! The chip of a passport beside its page.

use Decision::{Admit, Refer};
use serde_json::{Value, json};
use yanma_station::Done;
use yanma_station::domain::certificate::Chip;
use yanma_station::domain::document::Zone;
use yanma_station::domain::scene::Action;
use yanma_station::domain::verdict::Decision;

use crate::certificates::deliver;
use crate::support::house::{House, reasons};
use crate::support::people::wedge;

const DIALOGUES: &str = include_str!("../../../../tests/vectors/chip/dialogues.json");
const PROOFS: &str = include_str!("../../../../tests/vectors/chip/proofs.json");

/// The chip of a passport that has a green code, as it is read with this page.
fn chip(printed: &str) -> Chip {
    let table: Value = serde_json::from_str(DIALOGUES).unwrap();
    let rows = table["dialogues"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "chinese").unwrap();
    let bytes = |field: &str| hex::decode(row[field].as_str().unwrap()).unwrap();
    let printed = Zone::read(printed).unwrap();
    Chip { printed, dg1: bytes("dg1"), security_object: bytes("sod") }
}

pub(crate) const PAGE: &str =
    "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<EA00000019CHN9001011M3001019NFMFMIPN<<<<A984";

/// The desk is told to trust a country, which is this state.
async fn trust(house: &House, state: &str) {
    let table: Value = serde_json::from_str(PROOFS).unwrap();
    let country = json!({"state": state, "certificate": table["proofs"][0]["anchors"][0]});
    deliver(house, serde_json::from_value(json!({"countries": [country]})).unwrap()).await;
}

#[track_caller]
fn check(house: &House, page: &str, chip: &Chip, expect: (Decision, &str)) {
    let before = house.show(wedge(page));
    let with_chip = house.desk.present_chip(chip).unwrap().expect("its page lies there");
    assert_eq!((with_chip.verdict.decision, reasons(&with_chip).as_str()), expect);
    assert_eq!(with_chip.amends.map(|amends| amends.entry), Some(before.entry));
    assert!(house.desk.present_chip(chip).unwrap().is_none(), "it was read already");
    assert_eq!(house.show(wedge(page)).entry, with_chip.entry, "nothing new");
    house.next_person();
}

#[tokio::test]
async fn a_chip_joins_the_verdict_on_its_page_and_makes_no_colour() {
    let house = House::at_work().await;
    check(&house, PAGE, &chip(PAGE), (Admit, ""));
    trust(&house, "UTO").await;
    check(&house, PAGE, &chip(PAGE), (Admit, "P-OPEN"));
    trust(&house, "CHN").await;
    check(&house, PAGE, &chip(PAGE), (Admit, ""));
    let mut written_over = chip(PAGE);
    // A letter of the name, and the same name on the page.
    let at = written_over.dg1.iter().position(|byte| *byte == b'Z').unwrap();
    written_over.dg1[at] = b'C';
    let page = PAGE.replace("ZHANG", "CHANG");
    written_over.printed = Zone::read(&page).unwrap();
    check(&house, &page, &written_over, (Refer, "P-SIG"));
    written_over.dg1[at] = b'?';
    check(&house, &page, &written_over, (Refer, "P-PAGE P-OPEN"));
    house.close();
}

#[tokio::test]
async fn a_page_that_says_anything_else_than_its_chip_is_looked_at() {
    let house = House::at_work().await;
    trust(&house, "CHN").await;
    for (from, to) in [("ZHANG", "CHANG"), ("9001011M", "9001011F"), ("CHN9001011", "HKG9001011")] {
        let page = PAGE.replace(from, to);
        check(&house, &page, &chip(&page), (Refer, "P-PAGE"));
    }
    house.close();
}

#[tokio::test]
async fn the_authoritys_better_word_comes_all_the_same_when_a_chip_was_before_it() {
    let house = House::at_work().await;
    house.clock.turn(2 * 24 * 3600);
    let page = house.show(wedge(PAGE));
    assert_eq!((page.verdict.decision, reasons(&page).as_str()), (Refer, "D-STALE"));
    let with_chip = house.desk.present_chip(&chip(PAGE)).unwrap().unwrap();
    assert!(house.desk.ask(&page).await.unwrap().is_none(), "the chip's entry is asked about");
    let later = house.desk.ask(&with_chip).await.unwrap().unwrap();
    assert_eq!((later.verdict.decision, reasons(&later).as_str()), (Admit, ""));
    assert_eq!(later.amends.map(|amends| amends.entry), Some(with_chip.entry));
    house.close();
}

#[tokio::test]
async fn a_chip_that_comes_when_its_page_is_gone_is_nobodys() {
    let house = House::at_work().await;
    let chip = chip(PAGE);
    assert!(house.desk.present_chip(&chip).unwrap().is_none(), "no page was read");
    let first = house.show(wedge(PAGE));
    house.clock.turn(9);
    assert!(house.desk.present_chip(&chip).unwrap().is_none(), "nine seconds later");
    assert_ne!(house.show(wedge(PAGE)).entry, first.entry);
    let before = house.show(wedge(PAGE));
    let done = Done { action: Some(Action::Admitted), ..Done::default() };
    house.desk.finish(before.entry, &done).unwrap();
    assert!(house.desk.present_chip(&chip).unwrap().is_none(), "they have gone in");
    house.close();
}

#[tokio::test]
async fn a_turnstile_waits_for_a_chip_that_a_trusted_state_vouches_for() {
    let house = House::at_work().await;
    let opens = || {
        let page = house.show(wedge(PAGE));
        assert!(!house.desk.opens(&page), "anybody can print a page");
        let with_chip = house.desk.present_chip(&chip(PAGE)).unwrap().unwrap();
        assert_eq!(with_chip.verdict.decision, Admit);
        house.next_person();
        house.desk.opens(&with_chip)
    };
    assert!(!opens(), "and write a chip that nobody looks at");
    trust(&house, "CHN").await;
    assert!(opens());
    house.close();
}
