//! The authority's own word, asked for beside the desk's.

use std::time::Duration;

use Decision::{Admit, Refer, Refuse};
use yanma_station::authority::AuthorityError;
use yanma_station::domain::verdict::Decision;
use yanma_station::domain::{Colour, IssuerId, KeyId, KeySlot};
use yanma_station::{Checked, Connection, DeskError};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, Person, RED, STRANGER, card, code_of, scan, typed};
use crate::support::province::{Health, Signer};

#[track_caller]
fn says(checked: &Checked, decision: Decision, expect: &str) {
    assert_eq!((checked.verdict.decision, reasons(checked).as_str()), (decision, expect));
}

/// Turns a holder orange at the authority, before anything is published.
fn report(house: &House) {
    house.province.inner().press.set(GREEN.index, Colour::Amber);
}

#[tokio::test]
async fn a_worse_answer_overturns_the_screen_and_is_written_down() {
    let house = House::at_work().await;
    report(&house);
    for reading in [code_of(&GREEN).scanned(), card()] {
        house.next_person();
        let first = house.show(reading);
        says(&first, Admit, "");
        let later = house.desk.ask(&first).await.unwrap().expect("the answer changes it");
        says(&later, Refuse, "C-ORA A-WORSE");
        assert!(later.verdict.basis.online);
        assert!(later.overturns());
        let amends = later.amends.unwrap();
        assert_eq!(
            (amends.entry, amends.decision, amends.by_authority),
            (first.entry, Admit, true)
        );
        assert_eq!(later.methods, first.methods);
    }
    assert_eq!(house.entries(), 4);
    house.close();
}

#[tokio::test]
async fn the_overturned_verdict_stands_while_the_person_does() {
    let house = House::at_work().await;
    report(&house);
    let first = house.show(code_of(&GREEN).scanned());
    let later = house.desk.ask(&first).await.unwrap().unwrap();
    // The camera still sees the code, and the list still says green.
    house.clock.turn(1);
    let again = house.show(code_of(&GREEN).scanned());
    assert_eq!(again.entry, later.entry);
    says(&again, Refuse, "C-ORA A-WORSE");
    // The card does not wash it off either.
    let with_card = house.show(card());
    says(&with_card, Refuse, "C-ORA");
    assert_eq!(with_card.amends.map(|amends| amends.entry), Some(later.entry));
    house.close();
}

#[tokio::test]
async fn the_same_answer_changes_nothing() {
    let house = House::at_work().await;
    let first = house.show(card());
    assert!(house.desk.ask(&first).await.unwrap().is_none());
    assert_eq!(house.desk.connection(), Connection::Online);
    assert_eq!(house.entries(), 1);
    house.close();
}

#[tokio::test]
async fn a_better_answer_replaces_a_referral() {
    let house = House::at_work().await;
    house.clock.turn(2 * 24 * 3600);
    let first = house.show(card());
    says(&first, Refer, "D-STALE");
    let later = house.desk.ask(&first).await.unwrap().unwrap();
    says(&later, Admit, "");
    assert_eq!(later.verdict.basis.age_seconds, Some(0));
    assert!(!later.overturns());
    house.close();
}

/// A desk has no list of the national platform: it says that it could not check, asks, and
/// then the colour there decides as our own would.
#[tokio::test]
async fn a_national_code_has_the_force_of_our_own_once_its_colour_is_known() {
    let house = House::at_work().await;
    let national = || {
        let key = KeyId { issuer: IssuerId::NATIONAL, slot: KeySlot::CODES };
        let code = code_of(&GREEN).with(|body| body.key = key).signed_by(Signer::Neighbour);
        scan(&code.text())
    };
    for (colour, decision, reasons) in [
        (Colour::Green, Admit, ""),
        (Colour::Amber, Refuse, "C-ORA A-WORSE"),
        (Colour::Red, Refuse, "C-RED A-WORSE"),
        (Colour::Withdrawn, Refuse, "C-WDR A-WORSE"),
    ] {
        house.next_person();
        house.province.inner().press.set(GREEN.index, colour);
        let first = house.show(national());
        says(&first, Refer, "C-ONL");
        let later = house.desk.ask(&first).await.unwrap().expect("now it is known");
        says(&later, decision, reasons);
    }
    house.close();
}

#[tokio::test]
async fn a_claim_made_a_minute_ago_is_found_online() {
    let house = House::at_work().await;
    let first = house.show(typed(STRANGER));
    says(&first, Refer, "N-NONE");
    let stranger = Person { number: STRANGER, index: 30, ..GREEN };
    house.province.inner().press.claim(stranger.hash(), stranger.index);
    says(&house.desk.ask(&first).await.unwrap().unwrap(), Admit, "");
    house.close();
}

#[tokio::test]
async fn nothing_is_asked_about_what_cannot_be_believed() {
    let house = House::at_work().await;
    let forged = code_of(&GREEN).signed_by(Signer::Forger).scanned();
    for reading in [forged, scan("rubbish"), typed("110105194912310021")] {
        house.next_person();
        let checked = house.show(reading);
        assert!(house.desk.ask(&checked).await.unwrap().is_none());
    }
    assert_eq!(house.province.inner().asked.verifies, 0);
    house.close();
}

#[tokio::test(start_paused = true)]
async fn an_authority_in_trouble_leaves_the_desks_word_standing() {
    let in_trouble = AuthorityError::InTrouble { status: 500 };
    let page = AuthorityError::NotTheAuthority { status: 200 };
    for (health, expect) in [
        (Health::Down, AuthorityError::Unreachable),
        (Health::Silent, AuthorityError::TimedOut),
        (Health::Answers(in_trouble.clone()), in_trouble),
        (Health::Answers(page.clone()), page),
        (Health::Answers(AuthorityError::NotAccepted), AuthorityError::NotAccepted),
    ] {
        let house = House::at_work().await;
        house.province.is(health);
        let first = house.show(card());
        let asked = tokio::time::Instant::now();
        match house.desk.ask(&first).await {
            Err(DeskError::Authority(error)) => assert_eq!(error, expect),
            other => panic!("{expect}: {other:?}"),
        }
        assert!(asked.elapsed().as_millis() <= 2_001, "{expect}: the person was kept waiting");
        assert_eq!(house.desk.connection(), Connection::Offline);
        assert_eq!(house.entries(), 1);
        house.close();
    }
}

#[tokio::test(start_paused = true)]
async fn an_authority_is_waited_for_as_it_has_been() {
    let house = House::at_work().await;
    // Each answer in turn: what it takes (none: it never comes), whether it is heard, and how
    // long the person was kept.
    let ms = Duration::from_millis;
    let check = async |takes: Option<Duration>, heard: bool, waited: Duration| {
        house.province.is(takes.map_or(Health::Silent, Health::Slow));
        house.next_person();
        let checked = house.show(card());
        let asked = tokio::time::Instant::now();
        let answer = house.desk.ask(&checked).await;
        assert_eq!(answer.is_ok(), heard, "{takes:?}: {answer:?}");
        // The runtime's clock goes by whole milliseconds.
        let kept = asked.elapsed();
        assert!(kept.abs_diff(waited) <= ms(1), "{takes:?}: {kept:?}");
        let expect = if heard { Connection::Online } else { Connection::Offline };
        assert_eq!(house.desk.connection(), expect, "{takes:?}");
    };
    check(Some(ms(30)), true, ms(30)).await;
    check(None, false, ms(1_000)).await;
    // The line has become slow: what was too late once is waited for the next time.
    check(Some(ms(2_500)), true, ms(2_500)).await;
    check(None, false, ms(4_000)).await;
    for _ in 0..20 {
        check(Some(ms(40)), true, ms(40)).await;
    }
    check(None, false, ms(1_000)).await;
    house.close();
}

#[tokio::test]
async fn an_answer_after_the_card_came_warns_of_all_that_was_shown() {
    let house = House::at_work().await;
    report(&house);
    let code = house.show(code_of(&GREEN).scanned());
    let both = house.show(card());
    says(&both, Admit, "");
    let later = house.desk.ask(&code).await.unwrap().unwrap();
    assert_eq!(later.amends.map(|amends| amends.entry), Some(both.entry));
    assert_eq!(later.methods, both.methods);
    says(&later, Refuse, "C-ORA A-WORSE");
    assert!(house.desk.ask(&both).await.unwrap().is_none(), "that was said already");
    house.close();
}

/// The answer is not signed, and the lists and the codes are.
#[tokio::test]
async fn an_answer_makes_nothing_better_that_is_signed() {
    let house = House::at_work().await;
    house.province.colour(GREEN.index, Colour::Red);
    house.desk.sync().await.unwrap();
    let says_green = || house.province.inner().press.set(GREEN.index, Colour::Green);
    says_green();
    for reading in [code_of(&GREEN).scanned(), card()] {
        house.next_person();
        let first = house.show(reading);
        says(&first, Refuse, "C-RED");
        assert!(house.desk.ask(&first).await.unwrap().is_none(), "the list is red");
    }
    house.province.publish();
    house.clock.turn(60);
    house.desk.sync().await.unwrap();
    let now = house.desk.now();
    let red = code_of(&GREEN).with(|body| (body.colour, body.issued_at) = (Colour::Red, now));
    let first = house.show(red.scanned());
    says(&first, Refuse, "C-RED");
    assert!(house.desk.ask(&first).await.unwrap().is_none(), "the code is red, after the list");
    house.close();
}

#[tokio::test]
async fn an_answer_gives_way_to_the_list_that_was_on_its_way() {
    let house = House::at_work().await;
    house.clock.turn(2 * 24 * 3600);
    house.province.colour(GREEN.index, Colour::Red);
    house.province.inner().press.set(GREEN.index, Colour::Green);
    house.clock.turn(1);
    let first = house.show(card());
    says(&first, Refer, "D-STALE");
    says(&house.desk.ask(&first).await.unwrap().unwrap(), Admit, "");
    house.desk.sync().await.unwrap();
    let now = house.desk.now();
    let both = house.show(code_of(&GREEN).with(|body| body.issued_at = now).scanned());
    assert_eq!(both.verdict.decision, Refuse, "{}", reasons(&both));
    assert!(both.amends.is_some(), "the answer on the card is remembered");
    house.close();
}

/// Whom the answer names is known by the lists too.
#[tokio::test]
async fn a_holder_whom_the_answer_names_has_the_colour_of_the_list() {
    let house = House::at_work().await;
    let first = house.show(typed(STRANGER));
    says(&first, Refer, "N-NONE");
    let stranger = Person { number: STRANGER, index: RED.index, ..GREEN };
    house.province.inner().press.claim(stranger.hash(), stranger.index);
    house.province.inner().press.set(RED.index, Colour::Green);
    let later = house.desk.ask(&first).await.unwrap().unwrap();
    assert_eq!(later.verdict.decision, Refuse, "{}", reasons(&later));
    house.close();
}
