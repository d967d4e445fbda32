//! Lists that are shown to the camera of a desk without a network, symbol by symbol.

use yanma_station::domain::Colour;
use yanma_station::domain::verdict::Decision;
use yanma_station::protocol::FeedError;
use yanma_station::protocol::symbols::{self, SeriesError};
use yanma_station::sync::{Seen, Stage, SyncError};
use yanma_station::{Connection, DeskError};

use crate::support::house::{House, reasons};
use crate::support::people::{GREEN, card};
use crate::support::province::Health;

/// Shows a series from a symbol on, at most once round, until it is whole or refused.
async fn show(house: &House, texts: &[String], from: usize) -> Result<Seen, DeskError> {
    for at in (0..texts.len()).map(|at| (at + from) % texts.len()) {
        let seen = house.desk.see_symbol(&texts[at]).await.unwrap();
        if !matches!(seen, Ok(Seen::Part { .. })) {
            return seen;
        }
    }
    panic!("once round, and it is not whole");
}

/// A desk that has everything, and its network goes.
async fn cut_off() -> House {
    let house = House::at_work().await;
    house.province.is(Health::Down);
    assert!(house.desk.sync().await.is_err());
    house
}

#[tokio::test]
async fn a_series_brings_colours_to_a_desk_that_has_no_other_way() {
    let (connected, house) = (House::at_work().await, cut_off().await);
    connected.clock.turn(600);
    house.clock.turn(700);
    connected.province.change(|press| press.claim(77, 9));
    connected.province.colour(GREEN.index, Colour::Amber);
    let texts = connected.desk.symbols(false).await.unwrap();
    assert!(texts.len() > 1, "{}", texts.len());
    assert!(texts.iter().all(|text| text.len() < 971), "version 20 at level M holds 970");

    assert_eq!(house.desk.progress(), None);
    let first = house.desk.see_symbol(&texts[1]).await.unwrap().unwrap();
    assert_eq!(first, Seen::Part { have: 1, of: texts.len() });
    let progress = house.desk.progress().unwrap();
    assert_eq!((progress.stage, progress.done), (Stage::Show, 1));
    let Seen::Whole(taken) = show(&house, &texts, 2).await.unwrap() else { panic!("not whole") };
    assert_eq!(taken.head, 3);
    assert_eq!(house.desk.see_symbol(&texts[0]).await.unwrap().unwrap(), Seen::Known);
    let standing = house.desk.standing().unwrap();
    assert_eq!(standing.age_seconds, Some(100), "from the head's issue");
    assert_ne!(standing.connection, Connection::Online, "a picture is no connection");
    assert_eq!((house.desk.progress(), standing.refusal), (None, None));
    assert_eq!(reasons(&house.show(card())), "C-ORA");

    // The directory did not come, and is older than the rest; the network brings it.
    let directory = house.desk.knowledge().directory.unwrap();
    assert!(directory.as_of < standing.as_of.unwrap());
    house.province.is(Health::Well);
    house.province.change(|press| press.claim(77, 9));
    house.province.colour(GREEN.index, Colour::Amber);
    house.province.publish();
    house.desk.sync().await.unwrap();
    assert_eq!(house.desk.knowledge().directory.unwrap().position.sequence, 2);
    house.close();
    connected.close();
}

#[tokio::test]
async fn a_desk_that_knows_nothing_needs_the_whole_series() {
    let connected = House::at_work().await;
    // A list that is longer than its last step.
    connected.province.change(|press| {
        (100..1000).for_each(|index| press.set(index, Colour::Red));
        press.begin_epoch(2);
    });
    connected.province.colour(GREEN.index, Colour::Amber);
    let house = House::enrolled("general");
    house.province.is(Health::Down);
    let steps = connected.desk.symbols(false).await.unwrap();
    let refused = show(&house, &steps, 0).await;
    assert!(matches!(refused, Err(DeskError::Feed(SyncError::Missing(_)))), "{refused:?}");
    let refusal = house.desk.standing().unwrap().refusal.unwrap();
    assert_eq!(refusal.code, "FEED-MISS");
    let whole = connected.desk.symbols(true).await.unwrap();
    assert!(matches!(show(&house, &whole, 0).await, Ok(Seen::Whole(_))));
    assert_eq!(house.desk.standing().unwrap().refusal, None);
    assert_eq!(house.show(card()).verdict.decision, Decision::Refer, "there is no directory");
    house.close();
    connected.close();
}

#[tokio::test]
async fn of_a_short_list_the_whole_is_shown_since_a_desk_goes_that_way() {
    let (connected, house) = (House::at_work().await, cut_off().await);
    connected.province.change(|press| (10..30).for_each(|index| press.set(index, Colour::Red)));
    connected.province.colour(GREEN.index, Colour::Amber);
    let texts = connected.desk.symbols(false).await.unwrap();
    show(&house, &texts, 0).await.unwrap();
    assert_eq!(reasons(&house.show(card())), "C-ORA");
    house.close();
    connected.close();
}

#[tokio::test]
async fn an_old_series_and_a_forged_one_change_nothing() {
    let (connected, house) = (House::at_work().await, cut_off().await);
    let old = connected.desk.symbols(false).await.unwrap();
    connected.clock.turn(60);
    house.clock.turn(60);
    connected.province.colour(GREEN.index, Colour::Red);
    let new = connected.desk.symbols(false).await.unwrap();
    show(&house, &new, 0).await.unwrap();
    let before = house.desk.standing().unwrap().position;
    let refused = show(&house, &old, 0).await;
    assert!(
        matches!(refused, Err(DeskError::Feed(SyncError::Head(FeedError::Rollback { .. })))),
        "{refused:?}"
    );
    let forged = symbols::series(b"no head", &[vec![1; 700]]).unwrap();
    let refused = show(&house, &forged, 0).await;
    assert!(matches!(refused, Err(DeskError::Feed(SyncError::Head(_)))), "{refused:?}");
    let refused = house.desk.see_symbol("YMQ1:AAAA").await.unwrap();
    assert!(matches!(refused, Err(DeskError::Series(SeriesError::Form))), "{refused:?}");
    assert_eq!(house.desk.standing().unwrap().position, before);
    assert!(house.desk.see_symbol("https://example.org/menu").await.is_none());
    house.close();
    connected.close();
}
