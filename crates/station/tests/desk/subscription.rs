//! A desk that has only some of the lists.

use yanma_station::domain::verdict::Decision;
use yanma_station::domain::{Colour, IssuerId};
use yanma_station::protocol::file_name::FeedName;
use yanma_station::rights::{Right, Role};
use yanma_station::{DeskError, Subscription};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, card, code_of};
use crate::support::province::{Carrier, Health};
use crate::support::publishing::NEIGHBOUR;

fn codes_only() -> Subscription {
    Subscription { documents: false, ..Subscription::default() }
}

/// The files of directories beside the desk's own.
fn bases(house: &House) -> usize {
    let files = std::fs::read_dir(house.folder.path()).unwrap();
    let is_base = |name: &str| name.contains(".base-") || name.contains(".part-");
    files.filter(|file| is_base(&file.as_ref().unwrap().file_name().to_string_lossy())).count()
}

#[tokio::test]
async fn a_desk_for_codes_only_has_no_directory_and_fetches_none() {
    let house = House::enrolled("general");
    house.desk.subscribe(&codes_only()).await.unwrap();
    // Nothing of a directory is asked for: it would be refused.
    house.province.carried_by(Carrier::Breaks(FeedName::Directory));
    house.desk.sync().await.unwrap();
    assert_eq!(bases(&house), 0);
    house.province.is(Health::Down);
    let code = house.show(code_of(&GREEN).scanned());
    assert_eq!((code.verdict.decision, reasons(&code).as_str()), (Decision::Admit, ""));
    house.next_person();
    let shown = house.show(card());
    assert_eq!(shown.verdict.decision, Decision::Refer, "not checked, and never unknown");
    assert_eq!(reasons(&shown), "N-DIR");
    assert_eq!(house.notices(), [], "which is as it should be");
    // Colours go on to come, also over a restart.
    house.province.is(Health::Well);
    let house = house.restarted();
    house.enrol_as_before();
    house.clock.turn(60);
    house.province.colour(GREEN.index, Colour::Red);
    house.desk.sync().await.unwrap();
    let now = house.desk.now();
    let code = code_of(&GREEN).with(|body| body.issued_at = now);
    assert_eq!(reasons(&house.show(code.scanned())), "C-RED");
    house.close();
}

#[tokio::test]
async fn a_directory_that_is_not_wanted_any_more_is_gone_at_once_and_comes_back_when_it_is() {
    let house = House::at_work().await;
    assert_eq!(bases(&house), 1);
    house.desk.subscribe(&codes_only()).await.unwrap();
    assert_eq!((bases(&house), house.desk.knowledge().directory), (0, None));
    assert_eq!(house.show(card()).verdict.decision, Decision::Refer);
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.knowledge().directory, None);
    house.desk.subscribe(&Subscription::default()).await.unwrap();
    // From the same head: nothing newer has to be there.
    house.desk.sync().await.unwrap();
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.close();
}

#[tokio::test]
async fn a_desk_has_the_lists_of_those_issuers_only_to_whom_it_subscribes() {
    let house = House::enrolled("general");
    let neighbour = house.province.carry_neighbour();
    let none = Subscription { regions: Some(vec![IssuerId(99)]), ..Subscription::default() };
    house.desk.subscribe(&none).await.unwrap();
    house.desk.sync().await.unwrap();
    assert_eq!(neighbour.inner().asked.heads, 0);
    assert!(house.desk.standing().unwrap().regions.is_empty());
    let offered = house.desk.regions_to_subscribe();
    assert_eq!(offered.iter().map(|issuer| issuer.id).collect::<Vec<_>>(), [NEIGHBOUR]);

    let wanted = Subscription { regions: Some(vec![NEIGHBOUR]), ..Subscription::default() };
    house.desk.subscribe(&wanted).await.unwrap();
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.standing().unwrap().regions[0].holders, 40);
    house.desk.subscribe(&none).await.unwrap();
    assert!(!house.desk.knowledge().lists.contains_key(&NEIGHBOUR));
    assert!(!house.restarted().desk.knowledge().lists.contains_key(&NEIGHBOUR));
}

#[tokio::test]
async fn only_who_may_change_settings_changes_what_a_desk_has() {
    let house = House::at_work().await;
    house.desk.subscribe(&codes_only()).await.unwrap();
    let audited = house.desk.audit(None, 10).unwrap();
    assert!(format!("{audited:?}").contains("documents"), "{audited:?}");
    house.desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
    let refused = house.desk.subscribe(&Subscription::default()).await;
    assert!(matches!(refused, Err(DeskError::NotAllowed(Right::Settings))), "{refused:?}");
    assert!(!house.desk.subscription().unwrap().documents);
}
