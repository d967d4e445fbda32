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
    let zone = row["zone"].as_str().unwrap().to_owned();
    let printed = Zone::read(printed).unwrap();
    Chip { printed, zone, dg1: bytes("dg1"), security_object: bytes("sod") }
}

const PAGE: &str =
    "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<EA00000019CHN9001011M3001019NFMFMIPN<<<<A984";

/// The desk is told which countries are trusted.
async fn trust(house: &House) {
    let table: Value = serde_json::from_str(PROOFS).unwrap();
    let country = table["proofs"][0]["anchors"][0].clone();
    deliver(house, serde_json::from_value(json!({"countries": [country]})).unwrap()).await;
}

#[track_caller]
fn check(house: &House, chip: &Chip, expect: (Decision, &str)) {
    let before = house.show(wedge(PAGE));
    let with_chip = house.desk.present_chip(chip).unwrap().expect("its page lies there");
    assert_eq!((with_chip.verdict.decision, reasons(&with_chip).as_str()), expect);
    assert_eq!(with_chip.amends.map(|amends| amends.entry), Some(before.entry));
    assert!(house.desk.present_chip(chip).unwrap().is_none(), "it was read already");
    assert_eq!(house.show(wedge(PAGE)).entry, with_chip.entry, "nothing new");
    house.next_person();
}

#[tokio::test]
async fn a_chip_joins_the_verdict_on_its_page_and_makes_no_colour() {
    let house = House::at_work().await;
    check(&house, &chip(PAGE), (Admit, "P-OPEN"));
    trust(&house).await;
    check(&house, &chip(PAGE), (Admit, ""));
    let mut written_over = chip(PAGE);
    let last = written_over.dg1.len() - 1;
    written_over.dg1[last] ^= 1;
    check(&house, &written_over, (Refer, "P-SIG"));
    let another = Chip { zone: PAGE.replace("ZHANG<<SAN", "LIU<<SIMEI"), ..chip(PAGE) };
    check(&house, &another, (Refer, "P-PAGE"));
    let unreadable = Chip { zone: "?".to_owned(), ..chip(PAGE) };
    check(&house, &unreadable, (Refer, "P-PAGE"));
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
