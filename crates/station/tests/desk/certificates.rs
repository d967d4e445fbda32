//! Foreign certificates: trust data by feed, parts in any order, beside a code.

use Decision::{Admit, Refer};
use serde_json::{Value, json};
use yanma_station::domain::certificate::CertificateTrust;
use yanma_station::domain::scene::Action;
use yanma_station::domain::verdict::Decision;
use yanma_station::domain::{IssuerId, KeyId, KeySlot};
use yanma_station::protocol::Digest;
use yanma_station::protocol::envelope::{FileKind, Unsigned};
use yanma_station::protocol::file_name::FeedName;
use yanma_station::store::FeedName as Stored;
use yanma_station::{Done, Reading};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, code_of, scan, typed};
use crate::support::province::{Carrier, Signer};

const EUROPEAN: &str = include_str!("../../../../tests/vectors/certificate/dcc.json");
const CARDS: &str = include_str!("../../../../tests/vectors/certificate/shc.json");

/// The passport of whom these certificates are about, who has no code.
const BEARER: &str =
    "P<D<<GOESSLING<MUELLER<<AENNE<<<<<<<<<<<<<<<\nC01X00T478D<<9802263F3001019<<<<<<<<<<<<<<<4";

/// The text of a case, and the trust data of its file.
fn case(file: &str, name: &str) -> (String, CertificateTrust) {
    let file: Value = serde_json::from_str(file).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == name).unwrap();
    let trust = serde_json::from_value(file["trust"].clone()).unwrap();
    (case["text"].as_str().unwrap().to_owned(), trust)
}

pub(crate) async fn deliver(house: &House, trust: CertificateTrust) {
    house.clock.turn(5);
    house.province.change(|press| {
        press.policies.sequence += 1;
        press.policies.certificates = trust;
    });
    assert_eq!(house.desk.sync().await.unwrap().files, 1, "the policies alone");
}

#[tokio::test]
async fn a_feed_delivers_what_certificates_are_checked_against() {
    let house = House::at_work().await;
    // It names no times, so it holds whatever the clock of the house says.
    let (text, trust) = case(EUROPEAN, "no times");
    let check = |house: &House, expect: &str| {
        house.next_person();
        let checked = house.show(scan(&text));
        assert_eq!((checked.verdict.decision, reasons(&checked).as_str()), (Refer, expect));
    };
    check(&house, "X-TRUST");
    deliver(&house, trust.clone()).await;
    check(&house, "X-ONLY");
    deliver(&house, CertificateTrust::default()).await;
    check(&house, "X-TRUST");
    deliver(&house, trust).await;
    let house = house.restarted();
    check(&house, "X-ONLY");
    house.close();
}

#[tokio::test]
async fn a_signer_of_another_kind_of_certificates_is_passed_over_and_kept_for_a_newer_program() {
    let house = House::at_work().await;
    let (text, trust) = case(EUROPEAN, "no times");
    house.clock.turn(5);
    let payload = {
        let mut inner = house.province.inner();
        let press = &mut inner.press;
        press.policies.sequence += 1;
        press.policies.certificates = trust;
        let mut file = serde_json::to_value(&press.policies).unwrap();
        let signers = file["certificates"]["signers"].as_array_mut().unwrap();
        signers.push(json!({"format": "of-tomorrow", "key": 7}));
        let payload = serde_json::to_vec(&file).unwrap();
        let mut head = press.compose(house.desk.now());
        head.number += 1;
        let key = KeyId { issuer: head.issuer, slot: KeySlot::FEEDS };
        let file = Unsigned::new(FileKind::Policy, key, &payload).unwrap();
        let sequence = press.policies.sequence;
        head.feeds.policy.snapshot = press.keep(FeedName::Policy, 0, sequence, file, Signer::Feeds);
        head.feeds.policy.root = Digest::of(&payload);
        let head = press.seal(&head);
        inner.carrier = Carrier::Head(head);
        payload
    };
    house.desk.sync().await.unwrap();
    assert_eq!(reasons(&house.show(scan(&text))), "X-ONLY", "the others count");
    let kept = house.desk.store().feed(IssuerId::FUJIAN, Stored::Policy).unwrap().unwrap();
    assert!(kept.blob == payload, "as it came");
    let house = house.restarted();
    house.next_person();
    assert_eq!(reasons(&house.show(scan(&text))), "X-ONLY");
    house.close();
}

#[tokio::test]
async fn beside_a_code_a_certificate_changes_nothing_unless_it_was_forged() {
    let house = House::at_work().await;
    for (name, decision, expect) in
        [("no times", Admit, ""), ("an altered signature", Refer, "X-SIG")]
    {
        let (text, trust) = case(EUROPEAN, name);
        deliver(&house, trust).await;
        house.next_person();
        let checked = house.desk.present(&[code_of(&GREEN).scanned(), scan(&text)]).unwrap();
        assert_eq!((checked.verdict.decision, reasons(&checked).as_str()), (decision, expect));
        assert_eq!(checked.verdict.subject.index.map(|index| index.0), Some(GREEN.index));
    }
    let (text, trust) = case(EUROPEAN, "no times");
    deliver(&house, trust).await;
    house.next_person();
    let checked = house.desk.present(&[typed(GREEN.number), scan(&text)]).unwrap();
    assert_eq!(
        (checked.verdict.decision, reasons(&checked).as_str()),
        (Refer, "X-NAME"),
        "born in another year"
    );
    house.close();
}

#[tokio::test]
async fn shown_after_or_before_its_bearers_document_a_certificate_joins_it() {
    let house = House::at_work().await;
    let (text, trust) = case(EUROPEAN, "no times");
    deliver(&house, trust).await;
    let [certificate, passport] = [scan(&text), scan(BEARER)];
    for [first, second] in
        [[passport.clone(), certificate.clone()], [certificate.clone(), passport.clone()]]
    {
        house.next_person();
        let first = house.show(first);
        let both = house.show(second);
        assert_eq!((both.verdict.decision, reasons(&both).as_str()), (Refer, "N-NONE"));
        assert_eq!(both.amends.map(|amends| amends.entry), Some(first.entry));
        assert_eq!(house.show(certificate.clone()).entry, both.entry, "nothing new");
    }
    // Nine seconds are another person's.
    house.next_person();
    let alone = house.show(certificate.clone());
    house.clock.turn(9);
    assert_eq!(house.show(passport.clone()).amends, None);
    assert_eq!(reasons(&house.show(certificate.clone())), "N-NONE", "{alone:?}");
    // Born on another day, or beside a code, which names nobody in Latin letters.
    for person in [typed(GREEN.number), code_of(&GREEN).scanned()] {
        house.next_person();
        let known = house.show(person.clone());
        let of_another = house.show(certificate.clone());
        assert_eq!((reasons(&of_another).as_str(), of_another.amends), ("X-ONLY", None));
        assert_eq!(house.show(person).entry, known.entry, "theirs goes on");
    }
    house.close();
}

#[tokio::test]
async fn a_certificate_before_another_persons_code_lets_nobody_in_by_that_code() {
    let house = House::in_scene("hotel").await;
    let (text, _) = case(EUROPEAN, "no times");
    house.show(scan(&text));
    let code = house.show(code_of(&GREEN).scanned());
    let other = house.show(scan(BEARER));
    assert_eq!((other.verdict.decision, reasons(&other).as_str()), (Refer, "N-NONE I-REQ"));
    assert_eq!(other.amends.map(|amends| amends.entry), Some(code.entry), "beside the code");
    house.close();
}

#[tokio::test]
async fn the_parts_of_a_card_come_in_any_order_within_a_minute() {
    let house = House::at_work().await;
    let (text, _) = case(CARDS, "two doses");
    let digits = text.strip_prefix("shc:/").unwrap();
    let (first, rest) = digits.split_at(500);
    let (second, third) = rest.split_at(500);
    let part = |number, digits| scan(&format!("shc:/{number}/3/{digits}"));
    let show = |reading, expect: &str| {
        let checked = house.show(reading);
        assert_eq!((checked.verdict.decision, reasons(&checked).as_str()), (Refer, expect));
    };
    show(part(3, third), "X-PART");
    show(part(1, first), "X-PART");
    show(part(2, second), "X-TRUST");
    show(part(3, third), "X-TRUST");
    house.clock.turn(61);
    show(part(2, second), "X-PART");
    house.close();
}

#[tokio::test]
async fn parts_of_two_cards_are_never_put_together() {
    let house = House::at_work().await;
    let parts = |name| {
        let (text, _) = case(CARDS, name);
        let (first, second) = text.strip_prefix("shc:/").unwrap().split_at(700);
        [scan(&format!("shc:/1/2/{first}")), scan(&format!("shc:/2/2/{second}"))]
    };
    let show = |reading: &Reading, expect: &str| {
        let checked = house.show(reading.clone());
        assert_eq!(reasons(&checked), expect);
        checked.entry
    };
    let [of_one, of_other] = [parts("two doses"), parts("a test")];
    show(&of_one[0], "X-PART");
    house.next_person();
    show(&of_other[1], "X-PART");
    show(&of_other[0], "X-TRUST");
    // Whoever was let in took the card along.
    house.clock.turn(61);
    let entry = show(&of_one[0], "X-PART");
    let done = Done { action: Some(Action::Left), ..Done::default() };
    house.desk.finish(entry, &done).unwrap();
    show(&of_one[1], "X-PART");
    // Whoever goes on leaves the parts that somebody else has begun to show.
    house.clock.turn(61);
    let gone = house.show(code_of(&GREEN).scanned()).entry;
    show(&of_one[0], "X-PART");
    house.desk.finish(gone, &Done::default()).unwrap();
    show(&of_one[1], "X-TRUST");
    // Whose own parts make nothing that can be read is told so.
    let broken = ["shc:/1/2/11", "shc:/2/2/22"].map(scan);
    house.clock.turn(61);
    show(&broken[0], "X-PART");
    show(&broken[1], "X-PART");
    show(&broken[0], "F-READ");
    house.close();
}
