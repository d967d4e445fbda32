//! Two programs over one desk.

use yanma_station::rights::{Right, Role};
use yanma_station::store::{Filter, StoreError};
use yanma_station::{Desk, DeskError, Duty, Mode};

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

#[tokio::test]
async fn whoever_looks_beside_it_has_the_same_rights_and_is_written_down() {
    let house = House::at_work().await;
    let looking = || Desk::at(house.folder.path(), Mode::Look, house.clock.clone()).unwrap().desk;
    let look = looking();
    look.at_terminal("root".to_owned());
    house.show(card());
    assert_eq!(look.search(&Filter::default()).unwrap().len(), 1);
    look.export_csv(&Filter::default(), &mut Vec::new()).unwrap();
    house.desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
    let look = looking();
    look.at_terminal("root".to_owned());
    let refused = look.search(&Filter::default());
    assert!(matches!(refused, Err(DeskError::NotAllowed(Right::SearchLog))), "{refused:?}");
    house.desk.sign_in("chen", "739142").unwrap();
    let look = looking();
    look.at_terminal("root".to_owned());
    look.search(&Filter::default()).unwrap();
    let rows = house.desk.audit(None, 9).unwrap();
    let found: Vec<_> =
        rows.iter().rev().map(|row| (row.act.as_str(), row.operator.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("enrol", None),
            ("read-log", Some("terminal:root")),
            ("export-log", Some("terminal:root")),
            ("set-operator", None),
            ("sign-in", Some("chen")),
            ("read-log", Some("terminal:root")),
        ]
    );
    assert_eq!(house.desk.store().check_audit().unwrap(), 6);
    let named = Duty { operator: Some("terminal:root".to_owned()), ..house.desk.duty() };
    drop(look);
    let house = House::at_work().await;
    assert!(matches!(house.desk.set_duty(named), Err(DeskError::Field(_))), "nobody is called so");
}

#[test]
fn there_is_nothing_to_look_at_in_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(yanma_station::SystemClock);
    let look = Desk::at(folder.path(), Mode::Look, clock);
    assert!(matches!(error(look), StoreError::Missing));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing was made");
}
