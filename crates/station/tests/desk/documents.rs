//! Passports, permits, boarding passes and licences, as scanners send them.

use Decision::{Admit, Refer, Refuse};
use yanma_station::Method;
use yanma_station::domain::verdict::Decision;

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, STRANGER, TRAVELLER, code_of, scan, typed, wedge};

/// The passport of [`TRAVELLER`], from `tests/vectors/zone`.
const PASSPORT: [&str; 2] = [
    "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
    "EA00000019CHN9001011M3001019NFMFMIPN<<<<A984",
];
const PASS: &str = "M1ZHENG/YANGBEN       EABC123 FOCPEKMF 8101 045Y012A0025 100";
const LICENCE: &str =
    "@\n\x1e\rANSI 636015080001DL00310083DLDAQ12345678\nDCSSAMPLE\nDACANNA\nDBB01021990\nDCGUSA\r";

#[tokio::test]
async fn a_passport_finds_its_colour_however_the_scanner_ends_its_lines() {
    let house = House::at_work().await;
    let [above, below] = PASSPORT;
    for text in [
        format!("{above}\r{below}\r"),
        format!("{above}\r\n{below}\r\n"),
        format!("{above}{below}"),
        format!("{}\r{below}\r", above.trim_end_matches('<')),
        format!("{above}\n{below}").to_lowercase(),
        format!("{above}\n{below}").replace('<', "《"),
    ] {
        house.next_person();
        let checked = house.show(wedge(&text));
        assert_eq!((checked.verdict.decision, reasons(&checked)), (Admit, String::new()));
        assert_eq!(checked.methods, [Method::Scanned]);
        let subject = &checked.verdict.subject;
        assert_eq!(subject.name.as_ref().unwrap().as_str(), "张*");
        assert_eq!(subject.document.as_deref(), Some("EA*****01"));
        assert_eq!(subject.index.map(|index| index.0), Some(TRAVELLER.index));
        house.show(scan("something else"));
    }
    house.close();
}

#[tokio::test]
async fn a_passport_answers_for_its_holders_code_and_for_no_other() {
    let house = House::in_scene("hotel").await;
    let zone = PASSPORT.join("\n");
    let code = house.show(code_of(&TRAVELLER).scanned());
    assert_eq!(reasons(&code), "I-REQ");
    let both = house.show(wedge(&zone));
    assert_eq!((both.verdict.decision, reasons(&both)), (Admit, String::new()));
    assert_eq!(both.amends.map(|amends| amends.entry), Some(code.entry));
    house.close();

    let house = House::in_scene("hotel").await;
    house.show(code_of(&GREEN).scanned());
    let other = house.show(wedge(&zone));
    assert_eq!((other.verdict.decision, reasons(&other).as_str()), (Refuse, "I-MIS"));
    house.close();
}

#[tokio::test]
async fn what_cannot_name_a_holder_is_referred_with_its_own_reason() {
    let house = House::at_work().await;
    let [above, below] = PASSPORT;
    let visa =
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L8988901C4XXX4009078F96121096ZE184226B<<<<<<";
    for (case, text, expect) in [
        ("a misread digit", format!("{above}\n{}", below.replace("9001011", "9001021")), "N-CHK"),
        ("one line of two", above.to_owned(), "F-READ"),
        ("a visa", visa.to_owned(), "N-KIND"),
        ("a boarding pass", PASS.to_owned(), "F-PASS"),
        ("a cut boarding pass", PASS.chars().take(58).collect(), "F-READ"),
        ("a licence", LICENCE.to_owned(), "N-KIND"),
        ("a licence without its number", LICENCE.replace("DAQ", "ZZZ"), "F-READ"),
        ("an identity number of Hong Kong", "G123456(A)".to_owned(), "N-KIND"),
        ("the same with a slip", "G123457(A)".to_owned(), "N-CHK"),
        ("a passport without a code", zone_of_nobody(), "N-NONE"),
        ("a bare passport number", "EA0000001".to_owned(), "N-AMB"),
    ] {
        house.next_person();
        let checked = house.show(wedge(&text));
        let found = (checked.verdict.decision, reasons(&checked));
        assert_eq!(found, (Refer, expect.to_owned()), "{case}");
    }
    assert_eq!(house.show(typed(STRANGER)).verdict.decision, Refer);
    house.close();
}

#[tokio::test]
async fn a_boarding_pass_beside_a_code_neither_helps_nor_harms() {
    let house = House::at_work().await;
    let alone = house.show(wedge(PASS));
    assert_eq!(alone.verdict.decision, Refer);
    // Whether a masked name is that of the pass cannot be told.
    let with_code = house.desk.present(&[wedge(PASS), code_of(&GREEN).scanned()]).unwrap();
    assert_eq!((with_code.verdict.decision, reasons(&with_code).as_str()), (Admit, "I-NAME"));
    house.close();
}

/// A whole passport of the test vectors that nobody claimed a code with.
fn zone_of_nobody() -> String {
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
        .to_owned()
}
