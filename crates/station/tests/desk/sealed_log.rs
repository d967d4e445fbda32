//! The log, sealed for the authority.

use sha2::{Digest as _, Sha256};
use yanma_station::DeskError;
use yanma_station::log::ExportError;
use yanma_station::protocol::hpke;
use yanma_station::protocol::sealed_log::{LoggedEntry, SealedLogReader};
use yanma_station::store::Filter;

use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, card, code_of, typed};
use crate::support::province::{Province, Signer};

fn sealed(house: &House, filter: &Filter) -> (u64, Vec<u8>) {
    let mut file = Vec::new();
    let entries = house.desk.export_sealed(filter, &mut file).unwrap();
    (entries, file)
}

/// What the authority reads in it.
fn opened(file: &[u8]) -> Vec<LoggedEntry> {
    let mut log = SealedLogReader::open(file, |key, theirs| {
        (*key == Signer::Feeds.public()).then(|| hpke::agree(Signer::Feeds.scalar(), theirs))
    })
    .unwrap();
    assert_eq!(log.header().station, "gate-1");
    let entries = log.by_ref().map(Result::unwrap).collect();
    let token = Province::enrolment("general").token;
    assert_eq!(
        log.is_of(&Sha256::digest(token.reveal()).into()),
        Some(true),
        "the desk has written it"
    );
    entries
}

#[tokio::test]
async fn the_authority_reads_what_was_uploaded_and_what_was_not() {
    let house = House::at_work().await;
    house.show(code_of(&GREEN).scanned());
    house.next_person();
    house.show(typed(ORANGE.number));
    house.desk.upload().await.unwrap();
    house.next_person();
    house.show(card());
    let (count, file) = sealed(&house, &Filter::default());
    let entries = opened(&file);
    assert_eq!((count, entries.len()), (3, 3));
    let own = house.desk.store().search(&Filter { limit: 9, ..Filter::default() }).unwrap();
    for (sealed, own) in entries.iter().rev().zip(&own) {
        assert_eq!((sealed.number, sealed.entry.id), (own.number.0, own.id));
        assert_eq!(sealed.hash, hex::encode(own.hash));
        assert_eq!(sealed.entry.station, "gate-1");
    }
    let names = entries.iter().filter(|entry| entry.name.is_some()).count();
    assert!(names > 0, "masked names are in it");
    let uploaded = house.province.inner().entries.clone();
    assert_eq!(uploaded.len(), 2);
    assert!(uploaded.iter().all(|upload| entries.iter().any(|entry| entry.entry == *upload)));
    house.close();
}

#[tokio::test]
async fn only_what_was_asked_for_is_in_it_and_it_is_written_down() {
    let house = House::at_work().await;
    house.show(code_of(&GREEN).scanned());
    house.next_person();
    house.show(typed(ORANGE.number));
    let refused = Filter { decision: Some("refuse".to_owned()), ..Filter::default() };
    let (count, file) = sealed(&house, &refused);
    let entries = opened(&file);
    assert_eq!((count, entries.len(), entries[0].number), (1, 1, 2));
    let audit = house.desk.audit(None, 1).unwrap();
    assert_eq!(audit[0].act, "export-sealed-log");
    house.close();
}

#[tokio::test]
async fn a_desk_that_knows_no_key_seals_nothing() {
    let house = House::enrolled("general");
    let mut file = Vec::new();
    let refused = house.desk.export_sealed(&Filter::default(), &mut file);
    assert!(matches!(refused, Err(ExportError::Desk(DeskError::NoFeedKey))), "{refused:?}");
    assert!(file.is_empty());
    house.desk.sync().await.unwrap();
    assert_eq!(opened(&sealed(&house, &Filter::default()).1), []);
    house.close();
}
