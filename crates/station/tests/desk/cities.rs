//! A desk that has the directories of chosen cities in the place of the whole one.

use yanma_station::authority::AuthorityError;
use yanma_station::domain::IssuerId;
use yanma_station::domain::verdict::Decision;
use yanma_station::protocol::FeedError;
use yanma_station::protocol::city_list::{CityCode, CityList};
use yanma_station::protocol::file_name::FeedName;
use yanma_station::sync::SyncError;
use yanma_station::{DeskError, Subscription};

use crate::support::cities::{FUZHOU, QUANZHOU, XIAMEN};
use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, ORANGE, RED, STRANGER, card, code_of, typed};
use crate::support::province::{Carrier, Health, Signer, directory_key};
use crate::support::publishing::Press;

fn only(cities: &[CityCode]) -> Subscription {
    Subscription { cities: Some(cities.to_vec()), ..Subscription::default() }
}

/// A desk in step that has the directories of these cities.
async fn house_with(cities: &[CityCode]) -> House {
    let house = House::enrolled("general");
    house.province.change(Press::publish_cities);
    house.desk.subscribe(&only(cities)).await.unwrap();
    house.desk.sync().await.unwrap();
    house
}

/// The reasons for a document's verdict, offline; "" admits.
fn of(house: &House, number: &str) -> String {
    house.next_person();
    reasons(&house.show(typed(number)))
}

/// How many documents each city at hand has.
fn documents(house: &House) -> Vec<(CityCode, Option<u64>)> {
    let cities = house.desk.standing().unwrap().cities.into_iter();
    cities.map(|city| (city.code, city.as_of.map(|_| city.documents))).collect()
}

/// The bases of directories beside the desk's file.
fn bases(house: &House) -> usize {
    let files = std::fs::read_dir(house.folder.path()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".base-") || name.contains(".part-")).count()
}

/// From now on the head names a list of cities that was changed, and signed by the feeds key.
fn falsify(house: &House, change: impl FnOnce(&mut CityList)) {
    falsify_by(house, Signer::Feeds, change);
}

/// The same, signed by whomever.
fn falsify_by(house: &House, by: Signer, change: impl FnOnce(&mut CityList)) {
    let mut inner = house.province.inner();
    let head = inner.press.falsify_cities(by, change);
    inner.carrier = Carrier::Head(head);
}

/// What a sync refuses.
async fn refused(house: &House) -> FeedError {
    match house.desk.sync().await.unwrap_err() {
        DeskError::Feed(SyncError::File { error, .. }) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn who_is_in_a_chosen_city_is_known_and_nobody_is_unknown() {
    let house = house_with(&[FUZHOU, XIAMEN]).await;
    house.province.is(Health::Down);
    assert_eq!(documents(&house), [(FUZHOU, Some(2)), (XIAMEN, Some(1))]);
    assert_eq!(house.desk.knowledge().directory, None, "the whole one is not there");
    assert_eq!(bases(&house), 2);
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    assert_eq!(of(&house, RED.number), "C-RED");
    assert_eq!(of(&house, ORANGE.number), "N-DIR", "of Quanzhou, which was not chosen");
    assert_eq!(of(&house, STRANGER), "N-DIR", "of nowhere, and yet not unknown");
    house.next_person();
    let code = house.show(code_of(&GREEN).scanned());
    assert_eq!(code.verdict.decision, Decision::Admit, "codes are judged as ever");
    let house = house.restarted();
    assert_eq!(documents(&house), [(FUZHOU, Some(2)), (XIAMEN, Some(1))]);
    assert_eq!(of(&house, RED.number), "C-RED", "after a restart too");
    house.close();
}

#[tokio::test]
async fn the_choice_is_changed_and_what_is_not_wanted_goes_at_once() {
    let house = House::at_work().await;
    house.province.change(Press::publish_cities);
    house.desk.sync().await.unwrap();
    let offered = house.desk.cities_to_choose().unwrap();
    let codes: Vec<_> = offered.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [CityCode::NONE, FUZHOU, XIAMEN, QUANZHOU]);
    assert_eq!(offered[1].1.en, "City 3501");
    assert_eq!(of(&house, STRANGER), "N-NONE", "the whole directory knows that");

    house.desk.subscribe(&only(&[QUANZHOU])).await.unwrap();
    assert_eq!((bases(&house), house.desk.knowledge().directory), (0, None));
    assert_eq!(documents(&house), [(QUANZHOU, None)]);
    assert_eq!(of(&house, ORANGE.number), "N-DIR", "it is not there yet");
    house.desk.sync().await.unwrap();
    assert_eq!(of(&house, ORANGE.number), "C-ORA");
    assert_eq!(of(&house, RED.number), "N-DIR");

    house.desk.subscribe(&only(&[FUZHOU, CityCode::NONE])).await.unwrap();
    assert_eq!(bases(&house), 0, "Quanzhou is gone");
    house.desk.sync().await.unwrap();
    assert_eq!(documents(&house), [(FUZHOU, Some(2)), (CityCode::NONE, Some(2))]);
    assert_eq!(of(&house, ORANGE.number), "N-DIR");

    house.desk.subscribe(&Subscription::default()).await.unwrap();
    assert_eq!(bases(&house), 0);
    house.desk.sync().await.unwrap();
    assert_eq!((bases(&house), documents(&house)), (1, vec![]));
    assert_eq!(of(&house, STRANGER), "N-NONE");
    house.close();
}

#[tokio::test]
async fn a_city_goes_on_by_steps_and_only_the_one_that_changed_is_fetched() {
    let house = house_with(&[FUZHOU, QUANZHOU]).await;
    let files = || house.province.inner().asked.files;
    let before = files();
    house.clock.turn(60);
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!(files(), before, "the head alone says that all is the newest");
    let ages = |house: &House| {
        let cities = house.desk.standing().unwrap().cities;
        cities.into_iter().map(|city| city.as_of.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ages(&house), [house.desk.now(); 2]);
    house.province.change(|press| press.move_to(GREEN.index, QUANZHOU));
    house.desk.sync().await.unwrap();
    assert_eq!(files() - before, 3, "the list, and a step of each");
    assert_eq!(documents(&house), [(FUZHOU, Some(1)), (QUANZHOU, Some(2))]);
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit, "moved, and known there");
    let hash = directory_key(1).hash(&ORANGE.document()).as_u64();
    house.province.change(|press| press.claim(hash, 60));
    house.desk.sync().await.unwrap();
    assert_eq!(of(&house, ORANGE.number), "N-DIR", "a new code, in no city");
    // A city that is published no longer has nobody.
    house.clock.turn(60);
    falsify(&house, |list| drop(list.cities.pop()));
    house.desk.sync().await.unwrap();
    assert_eq!(documents(&house), [(FUZHOU, Some(1)), (QUANZHOU, None)]);
    house.close();
}

#[tokio::test]
async fn the_directory_of_another_city_is_refused_and_what_was_there_stays() {
    let house = house_with(&[FUZHOU]).await;
    // The list has the files of Quanzhou for Fuzhou's state.
    falsify(&house, |list| {
        let other = list.cities[3].directory.snapshot;
        let city = &mut list.cities[1].directory;
        (city.snapshot, city.epoch) = (other, city.epoch + 1);
    });
    assert_eq!(refused(&house).await, FeedError::RootMismatch);
    assert_eq!(documents(&house), [(FUZHOU, Some(2))]);
    assert_eq!(of(&house, RED.number), "C-RED", "the one at hand stays in force");
    let files = house.province.inner().asked.files;
    assert_eq!(refused(&house).await, FeedError::RootMismatch);
    assert_eq!(house.province.inner().asked.files, files, "and is not fetched again");
    house.province.carried_by(Carrier::Honest);
    house.clock.turn(60);
    house.province.change(|press| press.number += 1);
    house.desk.sync().await.unwrap();
    assert_eq!(house.notices(), []);
    house.close();
}

#[tokio::test]
async fn a_city_does_not_go_back() {
    let house = house_with(&[FUZHOU]).await;
    let old = house.province.inner().press.city_list().clone();
    house.province.change(|press| press.move_to(GREEN.index, XIAMEN));
    house.desk.sync().await.unwrap();
    assert_eq!(documents(&house), [(FUZHOU, Some(1))]);
    falsify(&house, |list| list.cities = old.cities);
    assert_eq!(refused(&house).await, FeedError::Rollback { have: 2, got: 1 });
    assert_eq!(documents(&house), [(FUZHOU, Some(1))]);
    house.close();
}

#[tokio::test]
async fn a_list_that_nobody_may_sign_is_refused_and_the_colours_come_all_the_same() {
    let house = house_with(&[FUZHOU]).await;
    house.province.change(|press| press.move_to(GREEN.index, XIAMEN));
    house.province.carried_by(Carrier::Alters(FeedName::Directory));
    assert_eq!(refused(&house).await, FeedError::Hash);
    let (known, head) = (house.desk.knowledge(), house.province.inner().press.number);
    assert_eq!(known.head_number, head, "colours do not wait");
    assert_eq!(documents(&house), [(FUZHOU, Some(2))]);
    house.province.carried_by(Carrier::Honest);
    house.desk.sync().await.unwrap();
    assert_eq!(documents(&house), [(FUZHOU, Some(1))]);
    house.close();
}

#[tokio::test]
async fn a_list_with_the_hash_of_its_head_and_another_hand_is_refused() {
    for by in [Signer::Forger, Signer::Codes] {
        let house = house_with(&[FUZHOU]).await;
        falsify_by(&house, by, |list| list.cities[1].directory = list.cities[3].directory.clone());
        assert_eq!(refused(&house).await, FeedError::Signature);
        assert_eq!(documents(&house), [(FUZHOU, Some(2))]);
        assert_eq!(of(&house, RED.number), "C-RED", "the one at hand stays in force");
        house.close();
    }
}

#[tokio::test]
async fn another_directory_key_comes_with_the_first_city_and_the_others_follow() {
    let house = house_with(&[FUZHOU, QUANZHOU]).await;
    house.province.change(Press::rotate_directory_key);
    // Whoever only carries the files gives no key: what is at hand stays.
    house.province.inner().gives_keys = false;
    assert_eq!(house.desk.sync().await.unwrap().lacks_directory_key, Some(2));
    assert_eq!(of(&house, RED.number), "C-RED");
    house.province.inner().gives_keys = true;
    let synced = house.desk.sync().await.unwrap();
    assert_eq!(synced.lacks_directory_key, None);
    assert_eq!(house.desk.enrolment().unwrap().directory_key_generation(), 2);
    assert_eq!(house.province.inner().asked.directory_keys, 3);
    assert_eq!(documents(&house), [(FUZHOU, Some(2)), (QUANZHOU, Some(1))]);
    assert_eq!(of(&house, RED.number), "C-RED");
    assert_eq!(of(&house, ORANGE.number), "C-ORA");
    assert_eq!(house.notices(), []);
    house.close();
}

#[tokio::test]
async fn what_is_wiped_or_damaged_of_a_city_is_so_as_of_the_whole() {
    let house = house_with(&[FUZHOU, QUANZHOU]).await;
    for file in std::fs::read_dir(house.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().contains(".base-") {
            std::fs::remove_file(path).unwrap();
        }
    }
    // Each is found to be gone when it is asked.
    assert_eq!(of(&house, RED.number), "N-DIR");
    assert_eq!(of(&house, ORANGE.number), "N-DIR");
    assert_eq!(documents(&house), [(FUZHOU, None), (QUANZHOU, None)]);
    house.desk.sync().await.unwrap();
    assert_eq!(documents(&house), [(FUZHOU, Some(2)), (QUANZHOU, Some(1))]);

    house.province.is(Health::Answers(AuthorityError::Revoked));
    house.desk.sync().await.unwrap_err();
    assert_eq!(bases(&house), 0);
    assert_eq!(house.desk.store().city_states(IssuerId::FUJIAN).unwrap(), []);
    assert!(house.desk.knowledge().cities.is_empty());
    house.close();
}

#[tokio::test]
async fn a_stick_carries_the_cities_to_a_desk_that_has_chosen_some() {
    let connected = House::at_work().await;
    connected.province.change(Press::publish_cities);
    let stick = tempfile::tempdir().unwrap();
    connected.desk.export(stick.path()).await.unwrap();
    let house = House::enrolled("general");
    house.province.is(Health::Down);
    house.desk.subscribe(&only(&[QUANZHOU])).await.unwrap();
    house.desk.import(stick.path()).await.unwrap();
    assert_eq!(of(&house, ORANGE.number), "C-ORA");
    assert_eq!(of(&house, STRANGER), "N-DIR");
    // A stick without them, as an older program writes it.
    for file in std::fs::read_dir(stick.path().join("files")).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().contains("directory-") {
            std::fs::remove_file(path).unwrap();
        }
    }
    house.desk.subscribe(&only(&[FUZHOU])).await.unwrap();
    let refused = house.desk.import(stick.path()).await.unwrap_err();
    assert!(matches!(refused, DeskError::Feed(SyncError::Missing(_))), "{refused}");
    connected.close();
    house.close();
}

#[tokio::test]
async fn what_a_kill_left_of_another_choice_goes_with_the_next_sync() {
    let house = house_with(&[FUZHOU]).await;
    // The choice was written, and the program killed before anything else was done.
    let choose = |choice: Subscription| {
        house.desk.store().set_setting("subscription", &choice).unwrap();
        house.province.publish();
    };
    choose(Subscription::default());
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.store().city_states(IssuerId::FUJIAN).unwrap(), []);
    assert!(house.desk.knowledge().cities.is_empty());
    house.province.is(Health::Down);
    assert_eq!(of(&house, STRANGER), "N-NONE", "unknown, for the whole directory is there");

    house.province.is(Health::Well);
    choose(only(&[XIAMEN]));
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.knowledge().directory, None);
    assert_eq!(documents(&house), [(XIAMEN, Some(1))]);
    assert_eq!(bases(&house), 1);
    house.close();
}

#[tokio::test]
async fn a_head_that_names_no_cities_takes_none_away() {
    let house = house_with(&[FUZHOU]).await;
    house.clock.turn(60);
    house.province.change(Press::publish_no_cities);
    house.desk.sync().await.unwrap();
    assert_eq!(documents(&house), [(FUZHOU, Some(2))], "it only ages");
    assert!(house.desk.knowledge().directory_is_behind());
    house.province.change(Press::publish_cities);
    house.desk.sync().await.unwrap();
    assert!(!house.desk.knowledge().directory_is_behind());
    house.close();
}
