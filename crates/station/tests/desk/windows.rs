//! Two programs over one desk.

use yanma_station::store::StoreError;
use yanma_station::{Desk, DeskError, Mode};

use crate::support::house::House;
use crate::support::people::{GREEN, card, code_of};

fn error(result: Result<yanma_station::Opened, DeskError>) -> StoreError {
    match result {
        Err(DeskError::Store(error)) => error,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test]
async fn a_second_one_is_told_and_may_look() {
    let house = House::at_work().await;
    let first = house.show(card());
    let second = Desk::at(house.folder.path(), Mode::Work, house.clock.clone());
    assert!(matches!(error(second), StoreError::InUse));

    let look = Desk::at(house.folder.path(), Mode::Look, house.clock.clone()).unwrap().desk;
    assert_eq!(look.store().last(10).unwrap()[0].id, first.entry);
    assert_eq!(look.standing().unwrap().age_seconds, Some(0));
    assert!(look.replay(first.entry).unwrap().same);
    look.watch_clock().unwrap();
    let refused = look.present(&[card()]);
    assert!(matches!(refused, Err(DeskError::Store(StoreError::ReadOnly))), "{refused:?}");
    assert!(look.standing().unwrap().notices.is_empty(), "nothing waits to be written");

    // The first one goes on, and the second one sees it.
    house.next_person();
    let next = house.show(code_of(&GREEN).scanned());
    assert_eq!(look.store().last(1).unwrap()[0].id, next.entry);
    drop(look);
    house.restarted().close();
}

#[test]
fn there_is_nothing_to_look_at_in_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(yanma_station::SystemClock);
    let look = Desk::at(folder.path(), Mode::Look, clock);
    assert!(matches!(error(look), StoreError::Missing));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing was made");
}
