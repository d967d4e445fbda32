//! In step with the authority.

use std::time::Duration;

use Decision::{Admit, Refer, Refuse};
use yanma_station::Clock;
use yanma_station::domain::policy::Policy;
use yanma_station::domain::verdict::{Decision, FeedPosition};
use yanma_station::domain::{Colour, IssuerId, StatusIndex};
use yanma_station::protocol::file_name::FeedName;
use yanma_station::store::{Feed, FeedName as StoredFeed};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, Person, STRANGER, card, code_of, typed};
use crate::support::province::{Carrier, Health, Signer, begin};
use crate::support::publishing::Press;

fn position(house: &House) -> FeedPosition {
    house.desk.standing().unwrap().position.unwrap()
}

/// Files that one sync fetches.
async fn files(house: &House) -> usize {
    house.desk.sync().await.unwrap().files
}

#[tokio::test]
async fn a_first_sync_brings_all_four_feeds() {
    let house = House::enrolled("general");
    let synced = house.desk.sync().await.unwrap();
    assert_eq!((synced.head, synced.files, synced.issued_at), (1, 4, house.clock.now()));
    let known = house.desk.knowledge();
    assert_eq!(known.policies.len(), 4);
    assert_eq!(known.trust.as_ref().map(|trust| trust.sequence), Some(1));
    assert!(known.directory.is_some());
    assert_eq!(files(&house).await, 0, "a second one brings nothing");
    house.close();
}

/// The status list as the store has it.
fn status(house: &House) -> Feed {
    house.desk.store().feed(IssuerId::FUJIAN, StoredFeed::Status).unwrap().unwrap()
}

#[tokio::test]
async fn colours_that_came_by_deltas_are_there_after_a_restart() {
    let house = House::at_work().await;
    for colour in [Colour::Amber, Colour::Red, Colour::Green, Colour::Amber] {
        house.clock.turn(60);
        house.province.colour(GREEN.index, colour);
        assert_eq!(files(&house).await, 1, "the delta alone");
    }
    let before = status(&house);
    assert_eq!(before.steps.len(), 4, "the list is not written anew with each");
    let house = house.restarted();
    assert_eq!(status(&house), before);
    assert_eq!(position(&house).sequence, before.state.sequence);
    assert_eq!(reasons(&house.show(card())), "C-ORA");
    house.close();
}

#[tokio::test]
async fn many_colours_that_came_by_deltas_are_written_into_the_list() {
    let house = House::at_work().await;
    house.clock.turn(60);
    house.province.change(|press| {
        press.extend_to(200_000);
        (100..200_000).step_by(2).for_each(|index| press.set(index, Colour::Amber));
    });
    house.desk.sync().await.unwrap();
    house.clock.turn(60);
    house.province.change(|press| {
        (100..40_000).step_by(2).for_each(|index| press.set(index, Colour::Red));
    });
    assert_eq!(files(&house).await, 1);
    let stored = status(&house);
    assert_eq!((stored.steps.len(), stored.blob.len()), (0, 4 + 50_000));
    let house = house.restarted();
    assert_eq!(status(&house), stored);
    let knowledge = house.desk.knowledge();
    let colour = |index| {
        let found = knowledge.colour_of(IssuerId::FUJIAN, StatusIndex(index));
        found.and_then(|fact| fact.colour)
    };
    assert_eq!(colour(200), Some(Colour::Red));
    assert_eq!(colour(201), Some(Colour::Green));
    assert_eq!(colour(60_000), Some(Colour::Amber));
    house.close();
}

#[tokio::test]
async fn a_feed_key_that_was_rotated_is_learnt_and_the_one_before_counts_for_nothing() {
    let house = House::at_work().await;
    house.clock.turn(60);
    house.province.change(Press::replace_feeds_key);
    assert_eq!(files(&house).await, 3, "the trust list, and both lists signed anew");
    assert_eq!(house.desk.knowledge().trust.as_ref().map(|trust| trust.sequence), Some(2));
    assert_eq!(position(&house), FeedPosition { epoch: 2, sequence: 1 });
    assert_eq!(house.show(code_of(&GREEN).scanned()).verdict.decision, Admit);
    // Steps go on under the new key.
    house.province.colour(GREEN.index, Colour::Amber);
    assert_eq!(files(&house).await, 1);
    assert_eq!(reasons(&house.show(card())), "C-ORA");
    // Whoever has stolen the key before it makes no head any more.
    let stolen = {
        let mut inner = house.province.inner();
        inner.press.number += 1;
        let head = inner.press.compose(house.clock.now());
        inner.press.seal_as(&head, Signer::Feeds)
    };
    house.province.carried_by(Carrier::Head(stolen));
    house.desk.sync().await.unwrap_err();
    let house = house.restarted();
    assert_eq!(position(&house), FeedPosition { epoch: 2, sequence: 2 });
    house.close();
}

#[tokio::test]
async fn a_fact_turns_the_holder_orange_within_one_sync() {
    let house = House::at_work().await;
    assert_eq!(house.show(code_of(&GREEN).scanned()).verdict.decision, Admit);
    house.province.colour(GREEN.index, Colour::Amber);
    assert_eq!(files(&house).await, 1, "one delta");
    let checked = house.show(code_of(&GREEN).scanned());
    assert_eq!((checked.verdict.decision, reasons(&checked)), (Refuse, "C-ORA".to_owned()));
    house.close();
}

#[tokio::test]
async fn missed_steps_are_taken_up_in_one() {
    let house = House::at_work().await;
    for colour in [Colour::Amber, Colour::Red, Colour::Green, Colour::Withdrawn] {
        house.province.colour(GREEN.index, colour);
    }
    assert_eq!(files(&house).await, 1, "the step over all of them");
    assert_eq!(position(&house), FeedPosition { epoch: 1, sequence: 5 });
    assert_eq!(reasons(&house.show(card())), "C-WDR");
    house.close();
}

#[tokio::test]
async fn a_claim_reaches_the_desk_and_a_withdrawn_document_leaves_it() {
    let house = House::at_work().await;
    assert_eq!(reasons(&house.show(typed(STRANGER))), "N-NONE");
    let stranger = Person { number: STRANGER, index: 60, ..GREEN };
    house.province.change(|press| press.claim(stranger.hash(), stranger.index));
    assert_eq!(files(&house).await, 2, "a step of the list and one of the directory");
    assert_eq!(house.show(typed(STRANGER)).verdict.decision, Admit);
    assert_eq!(house.desk.standing().unwrap().holders, 61);
    house.close();
}

#[tokio::test]
async fn a_head_without_news_makes_the_data_young_again_also_over_a_restart() {
    let house = House::at_work().await;
    house.clock.turn(600);
    house.province.publish();
    house.clock.turn(60);
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(660));
    assert_eq!(files(&house).await, 0);
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(60));
    let house = house.restarted();
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(60));
    house.close();
}

#[tokio::test]
async fn an_old_head_again_does_not_make_the_data_younger() {
    let house = House::at_work().await;
    house.clock.turn(900);
    files(&house).await;
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(900));
    house.close();
}

#[tokio::test]
async fn a_restart_keeps_knowledge_duty_and_outbox() {
    let house = House::at_work().await;
    house.set_scene("hospital").unwrap();
    house.show(card());
    let before = position(&house);
    house.clock.turn(100);
    let house = house.restarted();
    assert_eq!(house.desk.scene(), "hospital");
    assert_eq!((position(&house), house.pending()), (before, 1));
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(100));
    let checked = house.show(card());
    assert_eq!(checked.verdict.decision, Admit);
    assert_eq!(checked.verdict.basis.age_seconds, Some(100));
    assert_eq!(checked.verdict.basis.policy.id, "hospital");
    // And goes on where it was.
    house.enrol("general");
    house.province.colour(GREEN.index, Colour::Red);
    assert_eq!(files(&house).await, 1);
    assert_eq!(reasons(&house.show(card())), "C-RED");
    house.close();
}

#[tokio::test]
async fn a_new_feeds_key_is_followed_by_the_trust_list() {
    let house = House::at_work().await;
    let now = house.clock.now();
    house.province.change(|press| press.rotate_feeds_key(now));
    assert_eq!(files(&house).await, 1, "the trust list; nothing else is new");
    house.province.colour(GREEN.index, Colour::Red);
    files(&house).await;
    assert_eq!(reasons(&house.show(card())), "C-RED");
    let house = house.restarted();
    assert_eq!(house.desk.knowledge().trust.as_ref().map(|trust| trust.sequence), Some(2));
    house.close();
}

#[tokio::test]
async fn a_new_epoch_takes_the_snapshot() {
    let house = House::at_work().await;
    house.province.change(|press| {
        press.set(GREEN.index, Colour::Red);
        press.begin_epoch(2);
    });
    assert_eq!(files(&house).await, 2, "both lists whole");
    assert_eq!(position(&house), FeedPosition { epoch: 2, sequence: 1 });
    assert_eq!(reasons(&house.show(card())), "C-RED");
    house.close();
}

#[tokio::test]
async fn without_deltas_the_snapshot_is_taken() {
    let house = House::at_work().await;
    house.province.colour(GREEN.index, Colour::Red);
    for lost in [FeedName::Status, FeedName::Directory] {
        house.province.change(|press| press.claim(7, GREEN.index));
        house.province.carried_by(Carrier::LacksDeltas(lost));
        // The snapshot is of the first day, so the way over it needs deltas too.
        assert!(house.desk.sync().await.is_err());
    }
    house.province.change(|press| press.begin_epoch(2));
    files(&house).await;
    assert_eq!(reasons(&house.show(card())), "C-RED");
    house.close();
}

#[tokio::test]
async fn a_new_policy_is_in_force_at_once_and_the_old_one_still_explains_old_entries() {
    let house = House::at_work().await;
    let stricter = |policy: &mut Policy| policy.identity.document_with_code = true;
    assert_eq!(house.show(code_of(&GREEN).scanned()).verdict.decision, Admit);
    house.province.change(|press| press.revise("general", stricter));
    assert_eq!(files(&house).await, 1);
    house.next_person();
    let checked = house.show(code_of(&GREEN).scanned());
    assert_eq!((checked.verdict.decision, reasons(&checked)), (Refer, "I-REQ".to_owned()));
    assert_eq!(checked.verdict.basis.policy.version, 2);
    house.close();
}

#[tokio::test]
async fn enrolled_anew_with_another_authority_the_old_ones_word_counts_for_nothing() {
    let house = House::at_work().await;
    for _ in 0..5 {
        house.province.publish();
    }
    files(&house).await;
    // The province lost everything and began anew, with the same number and other keys.
    let mut response = crate::support::province::Province::enrolment("general");
    response.root_key = crate::support::province::Signer::Forger.public();
    let request = yanma_station::protocol::stations::EnrolRequest {
        enrolment_code: "ABCD-EFGH".into(),
        station_name: "Desk 1".to_owned(),
    };
    let url = "https://jkm.invalid/";
    let anew = yanma_station::Enrolment::from_response(url, &request, response).unwrap();
    house.desk.enrol_with(anew, house.province.clone()).unwrap();
    assert_eq!(reasons(&house.show(code_of(&GREEN).scanned())), "D-TRUST");
    let house = house.restarted();
    assert!(house.desk.knowledge().trust.is_none(), "also after a restart");
    assert_eq!(reasons(&house.show(card())), "N-DIR");
    // What the new one signs is taken, although its lists begin at 1 again.
    house.enrol("general");
    let number = house.province.inner().press.number;
    house.province.change(|press| {
        *press = Press::new(begin());
        press.number = number;
    });
    files(&house).await;
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Admit);
    house.close();
}

#[tokio::test]
async fn two_syncs_and_an_import_come_one_after_the_other() {
    let (connected, stick) = (House::at_work().await, tempfile::tempdir().unwrap());
    connected.desk.export(stick.path()).await.unwrap();
    let house = House::enrolled("general");
    house.province.is(Health::Slow(Duration::from_millis(5)));
    let desk = &house.desk;
    let (one, two, carried) = tokio::join!(desk.sync(), desk.sync(), desk.import(stick.path()));
    let files = [one, two, carried].map(|synced| synced.unwrap().files);
    assert_eq!(files, [4, 0, 0], "the later ones find that all is done");
    let asked = house.province.inner().asked;
    assert_eq!((asked.heads, asked.files), (2, 4));
    house.close();
    connected.close();
}

#[tokio::test]
async fn a_scene_without_a_policy_cannot_be_chosen() {
    let house = House::at_work().await;
    assert!(house.set_scene("submarine").is_err());
    assert_eq!(house.desk.scene(), "general");
    house.close();
}
