//! The lists of other issuers, which the desk's own authority carries.

use std::sync::Arc;
use std::time::Duration;

use yanma_station::Desk;
use yanma_station::domain::verdict::Decision;
use yanma_station::domain::{Colour, IssuerId, KeyId, KeySlot};
use yanma_station::protocol::file_name::FeedName;
use yanma_station::run::keep_in_step;
use yanma_station::sync::{Instead, RegionStanding, Why};

use crate::support::house::{House, enrolment, reasons};
use crate::support::people::{GREEN, card, code_of};
use crate::support::province::{Carrier, Health, Province, Signer};
use crate::support::publishing::NEIGHBOUR;

/// A desk at work whose authority carries a neighbour's lists.
async fn beside_a_neighbour() -> (House, Arc<Province>) {
    let house = House::enrolled("general");
    let neighbour = house.province.carry_neighbour();
    house.desk.sync().await.unwrap();
    (house, neighbour)
}

/// What a code of the neighbour's holder gives now.
fn judged(house: &House) -> (Decision, String) {
    house.next_person();
    let now = house.desk.now();
    let code = code_of(&GREEN).with(|body| {
        body.key = KeyId { issuer: NEIGHBOUR, slot: KeySlot::CODES };
        body.issued_at = now;
    });
    let checked = house.show(code.signed_by(Signer::Neighbour).scanned());
    (checked.verdict.decision, reasons(&checked))
}

fn standing(desk: &Desk) -> RegionStanding {
    let standings = desk.standing().unwrap().regions;
    let [neighbour] = &standings[..] else { panic!("one other issuer publishes: {standings:?}") };
    assert_eq!((neighbour.issuer, neighbour.name.en.as_str()), (NEIGHBOUR, "Jiangxi"));
    neighbour.clone()
}

const ADMITTED: (Decision, &str) = (Decision::Admit, "");
const NO_LIST: (Decision, &str) = (Decision::Refer, "C-ONL");
const ORANGE: (Decision, &str) = (Decision::Refuse, "C-ORA");

#[track_caller]
fn is(judged: (Decision, String), expected: (Decision, &str)) {
    assert_eq!((judged.0, judged.1.as_str()), expected);
}

#[tokio::test]
async fn a_neighbours_colour_is_known_without_a_network_and_changes_with_its_list() {
    let house = House::at_work().await;
    is(judged(&house), NO_LIST);
    let neighbour = house.province.carry_neighbour();
    assert_eq!(standing(&house.desk).holders, 0);
    house.desk.sync().await.unwrap();
    house.province.is(Health::Down);
    is(judged(&house), ADMITTED);
    assert_eq!(standing(&house.desk).holders, 40);

    neighbour.colour(GREEN.index, Colour::Amber);
    is(judged(&house), ADMITTED);
    house.province.is(Health::Well);
    house.desk.sync().await.unwrap();
    is(judged(&house), ORANGE);
    // Our own holder under the same index is none of theirs.
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);

    let house = house.restarted();
    is(judged(&house), ORANGE);
    house.close();
}

#[tokio::test]
async fn its_age_is_that_of_its_own_head() {
    let (house, neighbour) = beside_a_neighbour().await;
    neighbour.is(Health::Down);
    house.clock.turn(5 * 3600);
    house.province.publish();
    house.desk.sync().await.unwrap();
    is(judged(&house), (Decision::Refer, "D-OLD"));
    house.next_person();
    let own = house.show(card());
    assert_eq!((own.verdict.decision, reasons(&own).as_str()), (Decision::Admit, ""));

    neighbour.is(Health::Well);
    neighbour.publish();
    house.desk.sync().await.unwrap();
    is(judged(&house), ADMITTED);
    house.close();
}

#[tokio::test]
async fn what_is_wrong_with_it_is_told_and_costs_nobody_else_anything() {
    let (house, neighbour) = beside_a_neighbour().await;
    let status = FeedName::Status;
    let stale = neighbour.inner().press.head().to_vec();
    let forged = {
        let mut inner = neighbour.inner();
        inner.press.number += 1;
        let head = inner.press.compose(house.desk.now());
        inner.press.seal_as(&head, Signer::Forger)
    };
    let own = house.province.inner().press.head().to_vec();
    let cases = [
        (Carrier::Cuts(status, 40), "FEED-LEN", Why::Damaged, Instead::Again),
        (Carrier::Alters(status), "FEED-HASH", Why::Damaged, Instead::Again),
        (Carrier::Lengthens(status), "FEED-LEN", Why::Damaged, Instead::Again),
        (Carrier::Lacks(status), "FEED-MISS", Why::Missing, Instead::Again),
        (Carrier::Head(forged), "FEED-SIG", Why::Foreign, Instead::Again),
        (Carrier::Head(own), "FEED-ISS", Why::Foreign, Instead::Again),
        (Carrier::Head(b"<html>".to_vec()), "FEED-MAGIC", Why::Foreign, Instead::Again),
    ];
    for (carrier, code, why, instead) in cases {
        let what = format!("{carrier:?}");
        let (before, held) = (house.desk.standing().unwrap(), standing(&house.desk));
        house.clock.turn(60);
        house.province.publish();
        neighbour.colour(GREEN.index, Colour::Amber);
        neighbour.carried_by(carrier);
        house.desk.sync().await.unwrap();
        let told = standing(&house.desk);
        let refusal = told.refusal.unwrap();
        assert_eq!((refusal.code.as_str(), refusal.why, refusal.instead), (code, why, instead));
        assert_eq!(told.as_of, held.as_of, "{what}: with its true age");
        let after = house.desk.standing().unwrap();
        assert!(after.as_of > before.as_of && after.refusal.is_none(), "{what}: ours goes on");
        is(judged(&house), ADMITTED);
        neighbour.carried_by(Carrier::Honest);
        neighbour.colour(GREEN.index, Colour::Green);
        house.desk.sync().await.unwrap();
        assert_eq!(standing(&house.desk).refusal, None, "{what}: and is right again");
    }
    // An older head is refused, also after a restart, whose list is in force.
    neighbour.carried_by(Carrier::Head(stale));
    house.desk.sync().await.unwrap();
    let refusal = standing(&house.desk).refusal.unwrap();
    assert_eq!((refusal.code.as_str(), refusal.why), ("FEED-BACK", Why::Old));
    let house = house.restarted();
    house.enrol_as_before();
    house.desk.sync().await.unwrap();
    assert_eq!(standing(&house.desk).refusal.unwrap().code, "FEED-BACK");
    is(judged(&house), ADMITTED);
    house.close();
}

#[tokio::test]
async fn what_can_never_become_right_is_fetched_once() {
    let (house, neighbour) = beside_a_neighbour().await;
    neighbour.change(|press| press.set(GREEN.index, Colour::Amber));
    let now = house.desk.now();
    let head = {
        let mut inner = neighbour.inner();
        inner.press.number += 1;
        let mut head = inner.press.compose(now);
        head.feeds.status.root.0[0] ^= 1;
        inner.press.seal(&head)
    };
    neighbour.carried_by(Carrier::Head(head));
    house.desk.sync().await.unwrap();
    let refusal = standing(&house.desk).refusal.unwrap();
    assert_eq!((refusal.code.as_str(), refusal.instead), ("FEED-ROOT", Instead::NextHead));
    let files = neighbour.inner().asked.files;
    house.clock.turn(60);
    house.desk.sync().await.unwrap();
    assert_eq!(neighbour.inner().asked.files, files, "nothing of it is fetched again");
    assert_eq!(standing(&house.desk).refusal, Some(refusal), "since then");
    house.close();
}

#[tokio::test]
async fn whoever_is_not_recognised_any_more_is_forgotten_and_so_is_the_whole_of_a_wipe() {
    let (house, _neighbour) = beside_a_neighbour().await;
    is(judged(&house), ADMITTED);
    house.province.change(|press| {
        press.trust.sequence += 1;
        press.trust.issuers.retain(|issuer| issuer.id != NEIGHBOUR);
    });
    house.desk.sync().await.unwrap();
    assert_eq!(judged(&house).1, "S-ISS");
    assert!(!house.desk.knowledge().lists.contains_key(&NEIGHBOUR));
    let house = house.restarted();
    assert!(!house.desk.knowledge().lists.contains_key(&NEIGHBOUR), "nor after a start");
    house.close();

    let (house, _neighbour) = beside_a_neighbour().await;
    house.province.is(Health::Ended);
    house.show(card());
    house.desk.upload().await.unwrap_err();
    assert!(house.desk.store().feed_states().unwrap().is_empty());
    assert!(house.desk.knowledge().lists.is_empty());
}

#[tokio::test]
async fn a_desk_of_another_authority_believes_nothing_that_the_one_before_recognised() {
    let (house, _neighbour) = beside_a_neighbour().await;
    let mut other = enrolment("general");
    other.root_key = Signer::NewRoot.public();
    house.desk.enrol_with(other, house.province.clone()).unwrap();
    assert!(house.desk.knowledge().lists.is_empty());
    assert!(house.restarted().desk.knowledge().lists.is_empty());
}

#[tokio::test]
async fn a_stick_carries_it_too() {
    let (connected, neighbour) = beside_a_neighbour().await;
    neighbour.colour(GREEN.index, Colour::Amber);
    let stick = tempfile::tempdir().unwrap();
    let exported = connected.desk.export(stick.path()).await.unwrap();
    assert_eq!((exported.written, exported.there), (6, 0), "four files, and two of the neighbour");
    let house = House::enrolled("general");
    house.province.is(Health::Down);
    house.desk.import(stick.path()).await.unwrap();
    is(judged(&house), ORANGE);
    // A broken file of the neighbour keeps nothing else from being taken.
    let files = std::fs::read_dir(stick.path().join("regions/36/files")).unwrap();
    for file in files {
        std::fs::write(file.unwrap().path(), b"").unwrap();
    }
    let other = House::enrolled("general");
    other.province.is(Health::Down);
    other.desk.import(stick.path()).await.unwrap();
    is(judged(&other), NO_LIST);
    assert_eq!(standing(&other.desk).refusal.unwrap().code, "FEED-LEN");
    // The next export puts it right.
    let again = connected.desk.export(stick.path()).await.unwrap();
    assert_eq!((again.written, again.there), (2, 4));
    other.desk.import(stick.path()).await.unwrap();
    is(judged(&other), ORANGE);
    [connected, house, other].into_iter().for_each(House::close);
}

#[tokio::test(start_paused = true)]
async fn while_a_desk_keeps_in_step_another_issuer_is_asked_every_five_minutes() {
    let (house, neighbour) = beside_a_neighbour().await;
    let asked = || (house.province.inner().asked.heads, neighbour.inner().asked.heads);
    let before = asked();
    let work = keep_in_step(Arc::clone(&house.desk), Duration::from_secs(60), || {});
    let work = tokio::spawn(work);
    tokio::time::sleep(Duration::from_secs(1800)).await;
    let (own, others) = (asked().0 - before.0, asked().1 - before.1);
    assert!((30..=36).contains(&own), "{own} times in half an hour");
    assert!((5..=6).contains(&others), "{others} times in half an hour");
    work.abort();
    let _ = work.await;
}

#[tokio::test]
async fn a_desk_that_only_looks_reads_it() {
    let (house, _neighbour) = beside_a_neighbour().await;
    let looking = house.looking();
    assert_eq!(standing(&looking).holders, 40);
    assert!(looking.knowledge().lists.contains_key(&IssuerId::FUJIAN));
}
