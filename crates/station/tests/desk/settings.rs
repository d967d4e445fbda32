//! What may be changed about a desk, by whom, and that it is written down.

use serde::{Deserialize, Serialize};
use yanma_station::rights::{Right, Role};
use yanma_station::{DeskError, Duty};

use crate::support::house::{House, enrolment};

/// Settings of a window, as it keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    language: String,
    sound: bool,
    camera: Option<String>,
    serial_port: Option<String>,
}

/// A desk with a supervisor and an operator; `who` has signed in.
async fn signed_in(who: &str) -> House {
    let house = House::at_work().await;
    let desk = &house.desk;
    desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
    desk.sign_in("chen", "739142").unwrap();
    desk.set_operator("lin", "林班长", Role::Supervisor, Some("2580")).unwrap();
    desk.set_operator("wang", "王小兰", Role::Operator, Some("9031")).unwrap();
    desk.sign_in(who, if who == "lin" { "2580" } else { "9031" }).unwrap();
    house
}

/// The newest line of the audit: act, to what, detail.
fn newest(house: &House) -> (String, Option<String>, Option<String>) {
    let row = house.desk.store().audit_rows(None, 1).unwrap().remove(0);
    (row.act, row.subject, row.detail)
}

fn refuses(result: Result<(), DeskError>, right: Right) -> bool {
    matches!(result, Err(DeskError::NotAllowed(refused)) if refused == right)
}

#[tokio::test]
async fn an_operator_has_language_and_sound_and_nothing_else() {
    let house = signed_in("wang").await;
    let before = house.desk.store().audit_rows(None, 1).unwrap()[0].number;
    let own = Window { language: "en".into(), sound: true, ..Window::default() };
    house.desk.change_settings("window", &own).unwrap();
    assert_eq!(house.desk.settings::<Window>("window").unwrap(), own);
    let camera = Window { camera: Some("other".into()), ..own.clone() };
    assert!(refuses(house.desk.change_settings("window", &camera), Right::Settings));
    let hotel = Duty { scene: Some("hotel".into()), operator: Some("wang".into()) };
    assert!(refuses(house.desk.set_duty(hotel), Right::Settings));
    assert_eq!(house.desk.settings::<Window>("window").unwrap(), own, "nothing was changed");
    assert_eq!(house.desk.scene(), "general");
    let after = house.desk.store().audit_rows(None, 1).unwrap()[0].number;
    assert_eq!(before, after, "and there was nothing to write down");
    house.close();
}

#[tokio::test]
async fn who_sits_there_is_no_setting_where_people_sign_in() {
    let house = signed_in("wang").await;
    let as_another = Duty { operator: Some("lin".into()), ..house.desk.duty() };
    house.desk.set_duty(as_another).unwrap();
    assert_eq!(house.desk.duty().operator.as_deref(), Some("wang"), "entries stay the signer's");
    house.close();
}

#[tokio::test]
async fn what_a_supervisor_changes_is_written_down_by_name() {
    let house = signed_in("lin").await;
    let new = Window { camera: Some("/dev/video7".into()), sound: true, ..Window::default() };
    house.desk.change_settings("window", &new).unwrap();
    assert_eq!(newest(&house), ("settings".into(), Some("camera".into()), None), "and no value");
    let hotel = Duty { scene: Some("hotel".into()), ..house.desk.duty() };
    house.desk.set_duty(hotel.clone()).unwrap();
    let scene = ("settings".to_owned(), Some("scene".to_owned()), Some("hotel".to_owned()));
    assert_eq!(newest(&house), scene);
    house.clock.turn(5);
    house.desk.set_duty(hotel).unwrap();
    house.desk.change_settings("window", &new).unwrap();
    assert_eq!(newest(&house), scene, "the same again is no change");
    house.close();
}

#[tokio::test]
async fn only_who_may_change_settings_begins_an_update_and_it_is_written_down() {
    let house = signed_in("wang").await;
    let before = newest(&house);
    assert!(refuses(house.desk.begin_update("0.2.0"), Right::Settings));
    assert_eq!(newest(&house), before);
    house.close();
    let house = signed_in("lin").await;
    house.desk.begin_update("0.2.0").unwrap();
    assert_eq!(newest(&house), ("update".into(), Some("0.2.0".into()), None));
    house.close();
}

#[tokio::test]
async fn only_an_administrator_gives_the_desk_away() {
    for who in ["wang", "lin"] {
        let house = signed_in(who).await;
        let again = house.desk.enrol_with(enrolment("hotel"), house.province.clone());
        assert!(refuses(again, Right::Enrol), "{who}");
        // A one-time code must not be used up by somebody who may not use it.
        let by_code = house.desk.enrol_by_code("https://jkm.invalid/", "ABCD-EFGH", "Desk").await;
        assert!(refuses(by_code, Right::Enrol), "{who}");
        assert_eq!(house.desk.enrolment().unwrap().scene, "general", "{who}");
        house.close();
    }
}

#[tokio::test]
async fn enrolling_is_written_down_before_it_is_done() {
    let house = House::enrolled("general");
    let row = newest(&house);
    assert_eq!((row.0.as_str(), row.2.as_deref()), ("enrol", Some("https://jkm.invalid/")));
    assert_eq!(row.1, Some(house.desk.enrolment().unwrap().station.clone()));
    house.close();
}
