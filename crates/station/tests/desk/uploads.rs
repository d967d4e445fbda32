//! Entries arrive once, whatever happens on the way.

use yanma_station::authority::AuthorityError;
use yanma_station::domain::Colour;
use yanma_station::log::upload_word;
use yanma_station::store::Filter;
use yanma_station::{Connection, DeskError, Notice, Uploaded};

use crate::support::house::House;
use crate::support::people::{GREEN, RED, card, code_of, scan, typed};
use crate::support::province::{Desk, Health, begin};

/// Four entries: admitted, refused, referred, amended.
fn a_morning(house: &House) {
    house.show(code_of(&GREEN).scanned());
    house.show(card());
    house.next_person();
    house.show(typed(RED.number));
    house.show(scan("rubbish"));
}

fn ids(house: &House) -> Vec<uuid::Uuid> {
    let mut ids: Vec<_> =
        house.desk.store().last(100).unwrap().iter().map(|entry| entry.id).collect();
    ids.reverse();
    ids
}

fn taken(house: &House) -> Vec<uuid::Uuid> {
    house.province.inner().entries.iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn entries_arrive_in_order_with_what_the_authority_needs() {
    let house = House::at_work().await;
    a_morning(&house);
    assert_eq!(house.desk.upload().await.unwrap(), Uploaded { sent: 4, rejected: 0 });
    assert_eq!(taken(&house), ids(&house));
    let entries = house.province.inner().entries.clone();
    let [code, joined, red, rubbish] = &entries[..] else { panic!("four entries") };
    assert_eq!((code.station.as_str(), code.scene.as_str()), ("gate-1", "general"));
    assert_eq!((code.at, code.colour), (begin(), Some(Colour::Green)));
    assert_eq!(code.subject.map(|subject| subject.index.0), Some(GREEN.index));
    assert_eq!(code.document_hash, None);
    assert_eq!(
        (joined.amends, &joined.method[..]),
        (Some(code.id), &["card", "code"].map(String::from)[..])
    );
    assert_eq!(joined.document_hash.map(|hash| hash.as_u64()), Some(GREEN.hash()));
    assert_eq!((&red.reasons[..], red.basis.age_seconds), (&["C-RED".to_owned()][..], Some(9)));
    assert_eq!((rubbish.subject, rubbish.basis.status_epoch), (None, None));
    assert_eq!(house.desk.upload().await.unwrap(), Uploaded::default(), "nothing is left");
    assert_eq!(house.province.inner().asked.uploads, 1);
    house.close();
}

#[tokio::test]
async fn entries_wait_for_the_authority() {
    for health in [
        Health::Down,
        Health::Answers(AuthorityError::InTrouble { status: 500 }),
        Health::Answers(AuthorityError::NotTheAuthority { status: 200 }),
        Health::Answers(AuthorityError::TooLong { limit: 1 }),
    ] {
        let house = House::at_work().await;
        a_morning(&house);
        house.province.is(health);
        assert!(matches!(house.desk.upload().await, Err(DeskError::Authority(_))));
        assert_eq!(house.desk.connection(), Connection::Offline);
        assert_eq!(house.pending(), 4);
        assert_eq!(house.desk.upload().await.unwrap(), Uploaded::default(), "not yet due again");
        house.province.is(Health::Well);
        house.clock.turn(2);
        assert_eq!(house.desk.upload().await.unwrap().sent, 4);
        assert_eq!(taken(&house), ids(&house));
        house.close();
    }
}

#[tokio::test]
async fn lost_answers_do_not_double_entries_also_over_a_restart() {
    let house = House::at_work().await;
    a_morning(&house);
    house.province.desk(Desk::LosesAnswers);
    for _ in 0..3 {
        house.desk.upload().await.unwrap_err();
        house.clock.turn(60);
    }
    let house = house.restarted();
    house.enrol("general");
    house.province.desk(Desk::Takes);
    assert_eq!(house.desk.flush().await.unwrap(), Uploaded { sent: 4, rejected: 0 });
    assert_eq!(taken(&house), ids(&house), "each once");
    assert_eq!(house.province.inner().offered.len(), 16, "and offered four times");
    assert_eq!(house.pending(), 0);
    house.close();
}

#[tokio::test]
async fn an_answer_in_part_counts_in_part() {
    let house = House::at_work().await;
    a_morning(&house);
    house.province.desk(Desk::AnswersFor(3));
    assert_eq!(house.desk.upload().await.unwrap().sent, 4, "the rest is asked for again");
    assert_eq!(house.province.inner().asked.uploads, 2);
    assert_eq!(taken(&house), ids(&house));

    house.province.desk(Desk::AnswersFor(0));
    house.next_person();
    house.show(card());
    assert_eq!(house.desk.upload().await.unwrap().sent, 0);
    assert_eq!(house.province.inner().asked.uploads, 3, "no loop over an empty answer");
    assert_eq!(house.pending(), 1);
    house.close();
}

#[tokio::test]
async fn an_answer_about_other_entries_is_no_answer() {
    let house = House::at_work().await;
    a_morning(&house);
    house.province.desk(Desk::AnswersForOthers);
    assert_eq!(house.desk.upload().await.unwrap(), Uploaded::default());
    assert_eq!((house.pending(), house.province.inner().asked.uploads), (4, 1));
    house.close();
}

#[tokio::test]
async fn rejected_entries_are_kept_and_counted_and_do_not_block_the_others() {
    let house = House::at_work().await;
    a_morning(&house);
    house.province.desk(Desk::RejectsRefusals);
    assert_eq!(house.desk.upload().await.unwrap(), Uploaded { sent: 3, rejected: 1 });
    let outbox = house.desk.standing().unwrap().outbox;
    assert_eq!((outbox.pending, outbox.rejected), (0, 1));
    let rejected = house.desk.store().rejected(10).unwrap();
    assert_eq!((rejected.len(), rejected[0].reason.as_str()), (1, "not-wanted"));
    let entry = house.desk.store().entry(rejected[0].id).unwrap().unwrap();
    assert_eq!(upload_word(&entry), "rejected");
    house.desk.flush().await.unwrap();
    assert_eq!(house.province.inner().offered.len(), 4, "it is not sent again");
    house.close();
}

#[tokio::test]
async fn more_than_one_request_full_goes_in_pieces() {
    let house = House::at_work().await;
    for n in 0..450 {
        house.show(scan(&format!("https://example.com/poster-{n}")));
    }
    assert_eq!(house.desk.upload().await.unwrap().sent, 450);
    assert_eq!(house.province.inner().asked.uploads, 3);
    let all: Vec<_> =
        house.desk.store().export(&Filter::default()).map(|entry| entry.unwrap().id).collect();
    assert_eq!(taken(&house), all);
    house.close();
}

#[tokio::test]
async fn entries_from_before_the_enrolment_go_out_after_it() {
    let house = House::unpacked();
    house.show(card());
    assert!(matches!(house.desk.upload().await, Err(DeskError::NotEnrolled)));
    house.enrol("general");
    assert_eq!(house.desk.upload().await.unwrap().sent, 1);
    assert_eq!(house.province.inner().entries[0].station, "gate-1");
    house.close();
}

#[tokio::test]
async fn a_token_that_is_no_longer_accepted_is_shown_until_it_is() {
    let house = House::at_work().await;
    house.show(card());
    house.province.is(Health::Answers(AuthorityError::NotAccepted));
    house.desk.upload().await.unwrap_err();
    assert_eq!(house.notices(), [Notice::AuthorityTrouble]);
    // The feeds need no token: they arrive, and the trouble is still there.
    house.province.is(Health::Well);
    house.desk.sync().await.unwrap();
    assert_eq!(house.notices(), [Notice::AuthorityTrouble]);
    house.desk.flush().await.unwrap();
    assert_eq!(house.notices(), []);
    house.close();
}
