//! Who works at the desk: pins, badges, roles, shifts.

use yanma_station::operators::SignInError;
use yanma_station::rights::{Right, Role};
use yanma_station::{DeskError, Done};

use crate::support::house::House;
use crate::support::people::{GREEN, RED, code_of, typed};
use yanma_station::domain::scene::Action;

const PIN: &str = "739142";
const OTHER: &str = "2580";

/// A desk with an administrator, a supervisor and an operator; nobody has signed in.
async fn staffed() -> House {
    let house = House::at_work().await;
    let desk = &house.desk;
    desk.set_operator("chen", "陈站长", Role::Administrator, Some(PIN)).unwrap();
    desk.sign_in("chen", PIN).unwrap();
    desk.set_operator("lin", "林班长", Role::Supervisor, Some(OTHER)).unwrap();
    desk.set_operator("wang", "王小兰", Role::Operator, Some("9031")).unwrap();
    desk.sign_out().unwrap();
    house
}

fn is(result: Result<impl Sized, DeskError>, expect: SignInError) -> bool {
    matches!(result.err(), Some(DeskError::SignIn(error)) if error == expect)
}

#[tokio::test]
async fn a_desk_without_operators_belongs_to_whoever_sits_at_it() {
    let house = House::at_work().await;
    assert!(!house.desk.asks_for_sign_in());
    for right in Right::ALL {
        house.desk.allow(right).unwrap();
    }
    let first = house.desk.set_operator("wang", "王小兰", Role::Operator, Some(PIN));
    assert!(is(first, SignInError::NoAdministrator), "or nobody could ever change it");
    assert!(house.desk.operators().unwrap().is_empty());
}

#[tokio::test]
async fn each_role_may_what_it_may_and_no_more() {
    let house = staffed().await;
    assert!(house.desk.asks_for_sign_in());
    for (id, pin, role) in [
        ("wang", "9031", Role::Operator),
        ("lin", OTHER, Role::Supervisor),
        ("chen", PIN, Role::Administrator),
    ] {
        assert_eq!(house.desk.sign_in(id, pin).unwrap().role, role);
        for right in Right::ALL {
            let allowed = house.desk.allow(right).is_ok();
            assert_eq!(allowed, role >= right.least(), "{id}: {right:?}");
        }
    }
    house.desk.sign_out().unwrap();
    for right in Right::ALL {
        assert!(house.desk.allow(right).is_err(), "nobody has signed in: {right:?}");
    }
    let shown = house.desk.present(&[code_of(&GREEN).scanned()]);
    assert!(matches!(shown, Err(DeskError::NotAllowed(Right::Check))), "no entry is nobody's");
    assert_eq!(house.entries(), 0);
}

#[tokio::test]
async fn a_shift_is_handed_over_and_survives_a_restart() {
    let house = staffed().await;
    house.desk.sign_in("wang", "9031").unwrap();
    let green = house.show(code_of(&GREEN).scanned());
    house.clock.turn(3600);
    house.desk.sign_in("lin", OTHER).unwrap();
    let shifts = house.desk.shifts(2).unwrap();
    assert_eq!((shifts[0].operator.as_str(), shifts[0].ended), ("lin", None));
    assert_eq!((shifts[1].operator.as_str(), shifts[1].ended), ("wang", Some(shifts[0].began)));
    let audit = house.desk.store().audit_rows(None, 1).unwrap();
    assert_eq!((audit[0].act.as_str(), audit[0].detail.as_deref()), ("sign-in", Some("wang")));
    let entry = house.desk.store().entry(green.entry).unwrap().unwrap();
    assert_eq!(entry.operator.as_deref(), Some("wang"));
    let house = house.restarted();
    assert_eq!(house.desk.signed_in().unwrap().id, "lin");
    assert!(house.desk.store().check_audit().unwrap() >= 5);
    house.close();
}

#[tokio::test]
async fn wrong_pins_wait_longer_and_longer() {
    let house = staffed().await;
    for _ in 0..5 {
        assert!(is(house.desk.sign_in("wang", "0000"), SignInError::Wrong));
    }
    let right = || house.desk.sign_in("wang", "9031");
    assert!(is(right(), SignInError::Wait { seconds: 30 }), "even the right one");
    assert!(is(house.desk.sign_in("nobody", "9031"), SignInError::Wrong), "says no more");
    house.clock.turn(-3600);
    assert!(is(right(), SignInError::Wait { seconds: 30 }), "a clock set back ends no wait");
    house.clock.turn(3600 + 30);
    assert!(is(house.desk.sign_in("wang", "0000"), SignInError::Wrong));
    assert!(is(right(), SignInError::Wait { seconds: 60 }));
    house.clock.turn(60);
    right().unwrap();
    house.desk.sign_out().unwrap();
    assert!(is(house.desk.sign_in("wang", "0000"), SignInError::Wrong), "counted from nought");
    right().unwrap();
}

#[tokio::test]
async fn weak_pins_are_not_taken() {
    let house = House::at_work().await;
    for pin in ["", "123", "1234", "9876", "0000", "12345678", "1234567890123", "12a4", "１２５９"]
    {
        let set = house.desk.set_operator("chen", "陈", Role::Administrator, Some(pin));
        assert!(is(set, SignInError::WeakPin), "{pin}");
    }
    house.desk.set_operator("chen", "陈", Role::Administrator, Some("1357")).unwrap();
}

#[tokio::test]
async fn a_badge_signs_in_until_there_is_a_new_one() {
    let house = staffed().await;
    house.desk.sign_in("chen", PIN).unwrap();
    let first = house.desk.issue_badge("wang").unwrap();
    let second = house.desk.issue_badge("wang").unwrap();
    assert_ne!(first, second);
    assert!(is(house.desk.sign_in_by_badge(&first), SignInError::Wrong));
    assert_eq!(house.desk.sign_in_by_badge(&second).unwrap().id, "wang");
    let refused = house.desk.issue_badge("wang");
    assert!(matches!(refused, Err(DeskError::NotAllowed(Right::Operators))), "{refused:?}");
}

#[tokio::test]
async fn who_is_retired_is_out_at_once_and_stays_in_the_log() {
    let house = staffed().await;
    house.desk.sign_in("chen", PIN).unwrap();
    let badge = house.desk.issue_badge("wang").unwrap();
    house.desk.retire_operator("wang").unwrap();
    assert!(is(house.desk.sign_in("wang", "9031"), SignInError::Wrong));
    assert!(is(house.desk.sign_in_by_badge(&badge), SignInError::Wrong));
    let last = house.desk.retire_operator("chen");
    assert!(is(last, SignInError::NoAdministrator), "the last administrator stays");
    assert!(house.desk.operators().unwrap().iter().any(|one| one.id == "wang" && one.retired));
}

#[tokio::test]
async fn a_supervisor_steps_in_for_one_act() {
    let house = staffed().await;
    house.desk.sign_in("wang", "9031").unwrap();
    let red = house.show(typed(RED.number));
    let by = |id: &str, pin: &str| house.desk.approve(Right::Override, id, pin);
    assert!(is(by("lin", "0000"), SignInError::Wrong));
    let own = by("wang", "9031");
    assert!(matches!(own, Err(DeskError::NotAllowed(Right::Override))), "{own:?}");
    let approval = by("lin", OTHER).unwrap();
    let done = Done {
        action: Some(Action::Admitted),
        overriding: Some((approval, "急诊".to_owned())),
        ..Done::default()
    };
    house.desk.finish(red.entry, &done).unwrap();
    let audit = house.desk.store().audit_rows(None, 1).unwrap();
    assert_eq!(
        (audit[0].operator.as_deref(), audit[0].detail.as_deref()),
        (Some("wang"), Some("lin"))
    );
    assert_eq!(house.desk.signed_in().unwrap().id, "wang", "the shift goes on");
}

#[tokio::test]
async fn looking_for_somebody_and_taking_the_log_out_are_written_down() {
    let house = staffed().await;
    house.desk.sign_in("wang", "9031").unwrap();
    house.show(code_of(&GREEN).scanned());
    let acts = || -> Vec<String> {
        let rows = house.desk.store().audit_rows(None, 2).unwrap();
        rows.into_iter().map(|row| row.act).collect()
    };
    let all = yanma_station::store::Filter::default();
    house.desk.search(&all).unwrap();
    assert_eq!(acts()[0], "read-log", "looking through the log is written down, too");
    house.desk.just_seen(9).unwrap();
    assert_eq!(acts()[1], "sign-in", "the last few are on the screen anyway");
    assert_eq!(house.desk.just_seen(9999).unwrap().len(), 1);
    let somebody = yanma_station::store::Filter { text: Some("证".into()), ..all.clone() };
    assert_eq!(house.desk.search(&somebody).unwrap().len(), 1);
    let audit = house.desk.store().audit_rows(None, 1).unwrap();
    assert_eq!((audit[0].act.as_str(), audit[0].operator.as_deref()), ("search-log", Some("wang")));
    assert_eq!((&audit[0].subject, &audit[0].detail), (&None, &None), "not for whom");
    let day = house.desk.now().to_zoned(jiff::tz::TimeZone::system()).date();
    let then = yanma_station::store::Filter { from: Some(day), to: Some(day), ..all.clone() };
    assert_eq!(house.desk.search(&then).unwrap().len(), 1);
    let audit = house.desk.store().audit_rows(None, 1).unwrap();
    assert_eq!(audit[0].detail, Some(format!("{day}/{day}")), "but over which days");
    let mut out = Vec::new();
    let refused = house.desk.export_csv(&all, &mut out);
    assert!(refused.is_err() && out.is_empty(), "an operator takes nothing out");
    house.desk.sign_in("lin", OTHER).unwrap();
    house.desk.export_csv(&all, &mut out).unwrap();
    assert_eq!(acts()[0], "export-log");
    assert!(String::from_utf8(out).unwrap().contains("admit"));
}
