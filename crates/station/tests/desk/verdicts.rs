//! What is shown, and what the desk says: one line a case.

use Decision::{Admit, Refer, Refuse};
use jiff::SignedDuration;
use yanma_station::domain::code::Lifetime;
use yanma_station::domain::document::DocumentType;
use yanma_station::domain::verdict::{Decision, Tier};
use yanma_station::domain::{Colour, IssuerId, KeyId, KeySlot, StatusIndex};
use yanma_station::{Method, Reading};

use crate::support::house::{House, reasons};
use crate::support::people::{
    GREEN, GUEST, HOLDERS, Make, ORANGE, PEOPLE, RED, STRANGER, WITHDRAWN, card, code_of, permit,
    scan, typed, typed_as,
};
use crate::support::province::{Health, Signer, begin};
use crate::support::publishing::NEIGHBOUR;

#[track_caller]
fn check(house: &House, case: &str, reading: Reading, decision: Decision, expect: &str) {
    house.desk.present(&[scan("between two persons")]).unwrap();
    house.clock.turn(9);
    let checked = house.show(reading);
    house.clock.turn(-9);
    assert_eq!(
        (checked.verdict.decision, reasons(&checked).as_str()),
        (decision, expect),
        "{case}"
    );
    assert!(checked.recorded, "{case}");
}

/// A code that is good for longer than a table takes.
fn lasting(make: Make) -> Make {
    make.with(|body| body.lifetime = Lifetime::minutes(30).unwrap())
}

#[tokio::test]
async fn each_colour_of_a_code_has_its_verdict() {
    let house = House::at_work().await;
    for (person, decision, expect) in [
        (GREEN, Admit, ""),
        (GUEST, Admit, ""),
        (ORANGE, Refuse, "C-ORA"),
        (RED, Refuse, "C-RED"),
        (WITHDRAWN, Refuse, "C-WDR"),
    ] {
        let code = code_of(&person);
        check(&house, person.number, code.scanned(), decision, expect);
        check(&house, person.number, typed(person.number), decision, expect);
    }
    house.close();
}

#[tokio::test]
async fn a_code_that_was_bad_when_it_was_signed_stays_bad_until_the_list_says_better() {
    let house = House::at_work().await;
    // Signed after the list was issued, so it knows more than the list does.
    let newer = begin() + SignedDuration::from_secs(5);
    let signed =
        |at| code_of(&GREEN).with(|body| (body.colour, body.issued_at) = (Colour::Red, at));
    check(&house, "newer than the list", signed(newer).scanned(), Refuse, "C-RED");
    let older = begin() - SignedDuration::from_secs(5);
    check(&house, "older than the list", signed(older).scanned(), Admit, "");
    house.close();
}

#[tokio::test]
async fn a_document_is_enough_typed_scanned_or_on_its_chip() {
    let house = House::at_work().await;
    let resident = DocumentType::ResidentId;
    for (case, reading, method) in [
        ("typed", typed(GREEN.number), Method::Typed),
        ("typed small", typed(" 11010519491231002x "), Method::Typed),
        ("typed with its kind", typed_as(resident, GREEN.number), Method::Typed),
        ("scanned", scan(GREEN.number), Method::Scanned),
        ("chip", card(), Method::Card),
        ("a permit's chip", permit(), Method::Card),
    ] {
        house.next_person();
        let checked = house.show(reading);
        assert_eq!((checked.verdict.decision, reasons(&checked)), (Admit, String::new()), "{case}");
        assert_eq!(checked.methods, [method], "{case}");
        house.show(scan("something else"));
    }
    house.next_person();
    let subject = house.show(card()).verdict.subject;
    assert_eq!(subject.name.unwrap().as_str(), "证**本");
    assert!(subject.document.unwrap().contains('*'), "the number is masked");
    house.close();
}

/// A European certificate of `tests/vectors/certificate`.
fn certificate() -> String {
    let file = include_str!("../../../../tests/vectors/certificate/dcc.json");
    file.split('"').find(|part| part.starts_with("HC1:")).unwrap().to_owned()
}

#[tokio::test]
async fn everything_wrong_with_a_code_has_its_own_reason() {
    let house = House::at_work().await;
    let good = || lasting(code_of(&GREEN));
    let other_key = |issuer, slot| KeyId { issuer, slot: KeySlot::new(slot).unwrap() };
    let ago = |seconds| begin() - SignedDuration::from_secs(seconds);
    let signature_bit = good().code().bytes().len() * 8 - 20;
    let half: String = good().text().chars().take(120).collect();
    let months_before = ago(60 * 86_400);
    let cases: Vec<(&str, String, Decision, &str)> = vec![
        ("forged", good().signed_by(Signer::Forger).text(), Refuse, "S-SIG"),
        ("a feeds key signs no codes", good().signed_by(Signer::Feeds).text(), Refuse, "S-SIG"),
        ("colour altered", good().text_with_bit(0), Refuse, "S-SIG"),
        ("index altered", good().text_with_bit(8 * 8 + 3), Refuse, "S-SIG"),
        ("signature altered", good().text_with_bit(signature_bit), Refuse, "S-SIG"),
        (
            "foreign issuer",
            good().with(|body| body.key.issuer = IssuerId(99)).text(),
            Refer,
            "S-ISS",
        ),
        (
            "unknown key",
            good().with(|body| body.key = other_key(IssuerId::FUJIAN, 9)).text(),
            Refer,
            "S-KEY",
        ),
        (
            "a neighbour's code, whose list is not here",
            good()
                .with(|body| body.key = other_key(NEIGHBOUR, 1))
                .signed_by(Signer::Neighbour)
                .text(),
            Refer,
            "C-ONL",
        ),
        (
            "before the key's time",
            good().with(|body| body.issued_at = months_before).text(),
            Refuse,
            "S-KDT",
        ),
        ("expired", code_of(&GREEN).with(|b| b.issued_at = ago(600)).text(), Refuse, "S-EXP"),
        ("from the future", good().with(|b| b.issued_at = ago(-600)).text(), Refer, "S-FUT"),
        (
            "unknown index",
            good().with(|body| body.index = StatusIndex(HOLDERS)).text(),
            Refer,
            "C-UNK",
        ),
        ("the last index", good().with(|b| b.index = StatusIndex(HOLDERS - 1)).text(), Admit, ""),
        ("half a code", half, Refer, "F-PART"),
        ("4 KB of digits", "1234567890".repeat(410), Refer, "F-FORM"),
        ("64 KB of digits", "1234567890".repeat(6_554), Refer, "F-UNK"),
        ("another system", "https://s.sh.gov.cn/1642941877644".to_owned(), Refer, "F-OTHER"),
        ("a foreign certificate", certificate(), Refer, "X-TRUST"),
        ("a part of one", "HC1:6BFOXN".to_owned(), Refer, "F-READ"),
        ("a place", "https://jkm.example/place/17".to_owned(), Refer, "F-PLACE"),
        ("a shop's address", "https://example.com/".to_owned(), Refer, "F-UNK"),
        ("nothing", String::new(), Refer, "F-UNK"),
    ];
    for (case, text, decision, expect) in cases {
        check(&house, case, scan(&text), decision, expect);
    }
    house.close();
}

#[tokio::test]
async fn a_code_lives_to_the_end_of_its_grace() {
    let house = House::at_work().await;
    // Issued ten seconds ago for a minute; the policy forgives fifteen seconds.
    for (seconds, decision, expect) in [(64, Admit, ""), (65, Refuse, "S-EXP")] {
        house.clock.turn(seconds);
        let checked = house.show(code_of(&GREEN).scanned());
        assert_eq!((checked.verdict.decision, reasons(&checked).as_str()), (decision, expect));
        house.clock.turn(-seconds);
    }
    house.close();
}

#[tokio::test]
async fn everything_wrong_with_a_number_has_its_own_reason() {
    let house = House::at_work().await;
    let permanent = DocumentType::PermanentResidence;
    for (case, reading, expect) in [
        ("wrong check digit", typed("110105194912310021"), "N-CHK"),
        ("the 30th of February", typed("110105194902300027"), "N-FORM"),
        ("not this kind", typed_as(permanent, "UTO350100010105"), "N-CHK"),
        ("no code was issued", typed(STRANGER), "N-NONE"),
        ("an old number without a code", typed("350100900101004"), "N-NONE N-OLD"),
    ] {
        check(&house, case, reading, Refer, expect);
    }
    house.close();
}

#[tokio::test]
async fn an_old_number_finds_its_holder_with_a_notice() {
    let house = House::at_work().await;
    check(&house, "15 digits", typed("110105491231002"), Admit, "N-OLD");
    house.close();
}

#[test]
fn before_the_enrolment_nobody_is_admitted_or_refused() {
    let house = House::unpacked();
    check(&house, "a code", code_of(&GREEN).scanned(), Refer, "D-TRUST");
    check(&house, "a red code", code_of(&RED).scanned(), Refer, "D-TRUST");
    check(&house, "a number", typed(GREEN.number), Refer, "N-DIR");
    house.close();
}

#[test]
fn after_the_enrolment_and_before_the_first_sync_neither() {
    let house = House::enrolled("hospital");
    check(&house, "a code", code_of(&GREEN).scanned(), Refer, "D-TRUST");
    check(&house, "a card", card(), Refer, "N-DIR");
    house.close();
}

#[tokio::test]
async fn without_the_authority_verdicts_go_on_and_tell_their_age() {
    let house = House::at_work().await;
    house.province.is(Health::Down);
    house.clock.turn(3 * 60);
    assert!(house.desk.sync().await.is_err());
    let checked = house.show(card());
    assert_eq!(checked.verdict.decision, Admit);
    assert_eq!(checked.verdict.basis.age_seconds, Some(180));
    assert!(!checked.verdict.basis.online);
    let standing = house.desk.standing().unwrap();
    assert_eq!(standing.age_seconds, Some(180));
    assert_eq!(standing.connection, yanma_station::Connection::Offline);
    assert_eq!(standing.outbox.pending, 1);
    house.close();
}

/// Both sides of every boundary of the built-in policies.
#[tokio::test]
async fn green_grows_old_by_the_policy_and_no_other_colour_does() {
    const MINUTE: i64 = 60;
    let ages = [
        (0, Tier::Live),
        (15 * MINUTE, Tier::Live),
        (15 * MINUTE + 1, Tier::Normal),
        (240 * MINUTE, Tier::Normal),
        (240 * MINUTE + 1, Tier::Old),
        (1440 * MINUTE, Tier::Old),
        (1440 * MINUTE + 1, Tier::TooOld),
    ];
    for (scene, old_green) in [("general", (Refer, "D-OLD")), ("hotel", (Admit, "D-OLD"))] {
        let house = House::in_scene(scene).await;
        for (age, tier) in ages {
            house.clock.turn(age);
            let (decision, expect) = match tier {
                Tier::Old => old_green,
                Tier::TooOld => (Refer, "D-STALE"),
                _ => (Admit, ""),
            };
            let case = format!("{scene} at {age} seconds");
            let checked = house.show(card());
            let verdict = &checked.verdict;
            assert_eq!(verdict.basis.tier, tier, "{case}");
            assert_eq!(house.desk.standing().unwrap().tier, tier, "{case}");
            assert_eq!(
                (verdict.decision, reasons(&checked).as_str()),
                (decision, expect),
                "{case}"
            );
            let red = house.show(typed(RED.number));
            assert_eq!((red.verdict.decision, reasons(&red).as_str()), (Refuse, "C-RED"), "{case}");
            house.clock.turn(-age);
        }
        house.close();
    }
}

#[tokio::test]
async fn every_holder_of_the_list_is_found_by_code_and_by_document() {
    let house = House::at_work().await;
    for person in PEOPLE {
        house.next_person();
        let kind = person.document().document_type();
        let by_number = house.show(typed_as(kind, person.number)).verdict;
        assert_eq!(by_number.subject.index, Some(StatusIndex(person.index)));
        house.next_person();
        let by_code = house.show(lasting(code_of(&person)).scanned()).verdict;
        assert_eq!(by_code.subject.index, Some(StatusIndex(person.index)));
        assert_eq!(by_code.colour, by_number.colour);
    }
    house.close();
}
