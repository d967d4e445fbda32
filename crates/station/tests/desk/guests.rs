//! The legal register of guests.

use jiff::Span;
use jiff::tz::TimeZone;
use yanma_station::DeskError;
use yanma_station::guests::{GuestForm, GuestFormat, report_due};
use yanma_station::rights::Role;
use yanma_station::store::GuestFilter;

use crate::support::house::House;
use crate::support::people::{GREEN, RED, card, code_of};

fn form() -> GuestForm {
    GuestForm {
        name: "李小红".to_owned(),
        document_type: "resident-id".to_owned(),
        document: "350100190001010012".to_owned(),
        ethnicity: "畲".to_owned(),
        address: "福州市鼓楼区东街 1 号".to_owned(),
        room: "1208".to_owned(),
        nights: "2".to_owned(),
        ..GuestForm::default()
    }
}

fn foreigner() -> GuestForm {
    GuestForm {
        name: "ERIKSSON ANNA".to_owned(),
        document_type: "passport-foreign".to_owned(),
        document: "l898902c3".to_owned(),
        sex: "female".to_owned(),
        born: "1974-08-12".to_owned(),
        nationality: "uto".to_owned(),
        ..form()
    }
}

#[tokio::test]
async fn a_guest_is_written_once_and_leaves() {
    let house = House::in_scene("hotel").await;
    let guest = house.desk.check_in(&form(), None).unwrap();
    let day = house.desk.now().to_zoned(TimeZone::system()).date();
    assert_eq!((guest.number, guest.nationality.as_str()), (1, "CHN"));
    assert_eq!(guest.born.unwrap().to_string(), "1900-01-01", "the number tells");
    assert_eq!(guest.due, day + Span::new().days(2));
    assert_eq!(report_due(&guest), None);
    let twice = house.desk.check_in(&form(), None);
    assert!(matches!(twice, Err(DeskError::GuestIsHere)), "{twice:?}");
    let with = GuestForm { document: GREEN.number.to_owned(), ..form() };
    let companion = house.desk.check_in(&with, Some(guest.id)).unwrap();
    assert_eq!(companion.party, guest.id);
    house.clock.turn(3600);
    let moved = house.desk.change_guest(guest.id, &GuestForm { room: "1310".into(), ..form() });
    let moved = moved.unwrap();
    assert_eq!((moved.room.as_str(), moved.arrived_at), ("1310", guest.arrived_at));
    let gone = house.desk.check_out(guest.id).unwrap();
    house.clock.turn(60);
    assert_eq!(house.desk.check_out(guest.id).unwrap().left_at, gone.left_at, "said once");
    assert_eq!(house.desk.guests(&GuestFilter::default()).unwrap().len(), 1);
    house.desk.check_in(&form(), None).expect("the same person may come again");
    let acts: Vec<_> =
        house.desk.audit(None, 6).unwrap().into_iter().rev().map(|row| row.act).collect();
    let expect = ["check-in", "check-in", "change-guest", "check-out", "see-guests", "check-in"];
    assert_eq!(acts, expect);
    assert_eq!(house.entries(), 0, "it is no part of the log of checks");
    house.close();
}

#[tokio::test]
async fn a_foreigner_is_to_be_reported_within_a_day() {
    let house = House::in_scene("hotel").await;
    let guest = house.desk.check_in(&foreigner(), None).unwrap();
    assert_eq!((guest.document.as_str(), guest.nationality.as_str()), ("L898902C3", "UTO"));
    let due = report_due(&guest).unwrap();
    assert_eq!(due.duration_since(guest.arrived_at).as_hours(), 24);
    house.clock.turn(60);
    let reported = house.desk.note_reported(guest.id).unwrap().reported_at;
    assert_eq!(reported, Some(house.desk.now()));
    house.clock.turn(60);
    assert_eq!(house.desk.note_reported(guest.id).unwrap().reported_at, reported);
    house.close();
}

#[tokio::test]
async fn what_cannot_be_written_names_its_field() {
    let house = House::in_scene("hotel").await;
    let check = |field: &str, form: GuestForm| match house.desk.check_in(&form, None) {
        Err(DeskError::Field(error)) => assert_eq!(error.field, field),
        other => panic!("{field}: {other:?}"),
    };
    let with = |change: fn(&mut GuestForm)| {
        let mut form = form();
        change(&mut form);
        form
    };
    check("name", with(|form| form.name = " ".into()));
    check("documentType", with(|form| form.document_type = "library".into()));
    check("document", with(|form| form.document = "350100190001010013".into()));
    check("room", with(|form| form.room = String::new()));
    check("room", with(|form| form.room = "1234567890123".into()));
    check("nights", with(|form| form.nights = "0".into()));
    check("nights", with(|form| form.nights = "two".into()));
    check("nights", with(|form| form.nights = "366".into()));
    check("address", with(|form| form.address = "  ".into()));
    check("address", with(|form| form.address = "一\n二".into()));
    let abroad = |change: fn(&mut GuestForm)| {
        let mut form = foreigner();
        change(&mut form);
        form
    };
    check("sex", abroad(|form| form.sex = String::new()));
    check("born", abroad(|form| form.born = "12.08.1974".into()));
    check("born", abroad(|form| form.born = "2999-01-01".into()));
    check("nationality", abroad(|form| form.nationality = String::new()));
    check("nationality", abroad(|form| form.nationality = "chn".into()));
    check("nationality", abroad(|form| form.nationality = "UTOP".into()));
    assert_eq!(
        house.desk.guests(&GuestFilter { here: false, ..GuestFilter::default() }).unwrap(),
        []
    );
    let nobody = house.desk.check_out(uuid::Uuid::from_u128(7));
    assert!(matches!(nobody, Err(DeskError::NoSuchGuest)), "{nobody:?}");
    house.close();
}

#[tokio::test]
async fn companions_share_a_room_and_leave_together() {
    let house = House::in_scene("hotel").await;
    let first = house.desk.check_in(&form(), None).unwrap();
    let alone = house.desk.companion_draft(first.id).unwrap();
    assert_eq!((alone.room.as_str(), alone.nights.as_str()), ("1208", "2"));
    assert_eq!((alone.address.as_str(), alone.document.as_str()), (form().address.as_str(), ""));
    // The companion's card was shown after the first guest was written, a night later.
    house.clock.turn(24 * 3600);
    house.show(card());
    let draft = house.desk.companion_draft(first.id).unwrap();
    assert_eq!((draft.document.as_str(), draft.nights.as_str()), (GREEN.number, "1"));
    assert!(!draft.name.is_empty() && draft.room == "1208");
    let second = house.desk.check_in(&draft, Some(first.id)).unwrap();
    assert_eq!((second.party, second.due), (first.id, first.due));
    // What lies on the desk is the companion's, who is here by now.
    assert_eq!(house.desk.companion_draft(second.id).unwrap().document, "");
    let other = GuestForm { document: RED.number.to_owned(), ..form() };
    let other = house.desk.check_in(&other, None).unwrap();
    assert_eq!(house.desk.check_out_party(second.id).unwrap(), 2);
    let here = house.desk.guests(&GuestFilter::default()).unwrap();
    assert_eq!(here.iter().map(|guest| guest.id).collect::<Vec<_>>(), [other.id]);
    assert_eq!(house.desk.check_out_party(first.id).unwrap(), 0, "nobody of them is here");
    let nobody = house.desk.check_out_party(uuid::Uuid::from_u128(7));
    assert!(matches!(nobody, Err(DeskError::NoSuchGuest)), "{nobody:?}");
    house.close();
}

#[tokio::test]
async fn the_form_is_filled_from_the_card_and_only_for_a_while() {
    let house = House::in_scene("hotel").await;
    assert_eq!(house.desk.guest_draft().unwrap(), None);
    house.show(code_of(&GREEN).scanned());
    assert_eq!(house.desk.guest_draft().unwrap(), None, "a code names nobody in full");
    house.show(card());
    let draft = house.desk.guest_draft().unwrap().expect("the card was just shown");
    assert_eq!((draft.document.as_str(), draft.nationality.as_str()), (GREEN.number, "CHN"));
    assert!(!draft.name.is_empty() && !draft.name.contains('*'));
    assert_eq!(house.desk.audit(None, 1).unwrap()[0].act, "see-papers");
    house.clock.turn(16 * 60);
    assert_eq!(house.desk.guest_draft().unwrap(), None);
    // Nothing of it is in the file.
    let house = house.restarted();
    assert_eq!(house.desk.guest_draft().unwrap(), None);
    house.close();
}

#[tokio::test]
async fn the_register_is_taken_out_in_two_forms_by_who_may() {
    let house = House::in_scene("hotel").await;
    let desk = &house.desk;
    let day = desk.now().to_zoned(TimeZone::system()).date();
    desk.check_in(&form(), None).unwrap();
    desk.check_in(&GuestForm { address: "=1+1".into(), ..foreigner() }, None).unwrap();
    let out = |format| {
        let mut out = Vec::new();
        desk.export_guests(day, day, format, &mut out).map(|rows| (rows, out))
    };
    let (rows, csv) = out(GuestFormat::Csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert_eq!((rows, csv.lines().count()), (2, 3));
    assert!(csv.contains("李小红,male,畲,1900-01-01,CHN,resident-id,350100190001010012,"), "{csv}");
    assert!(csv.contains(",'=1+1,"), "no formula: {csv}");
    let (_, json) = out(GuestFormat::Json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json[1]["foreigner"], true);
    assert_eq!(json[1]["nationality"], "UTO");
    assert_eq!(json[0]["number"], 1);
    let row = desk.audit(None, 1).unwrap().remove(0);
    assert_eq!((row.act.as_str(), row.detail), ("export-guests", Some(format!("{day}/{day}"))));
    desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
    assert!(matches!(desk.guests(&GuestFilter::default()), Err(DeskError::NotAllowed(_))));
    desk.sign_in("chen", "739142").unwrap();
    desk.set_operator("wang", "王小兰", Role::Operator, Some("9031")).unwrap();
    desk.sign_in("wang", "9031").unwrap();
    desk.guests(&GuestFilter::default()).unwrap();
    assert!(out(GuestFormat::Csv).is_err());
    house.close();
}

#[tokio::test]
async fn guests_go_three_years_after_they_left() {
    let house = House::in_scene("hotel").await;
    let guest = house.desk.check_in(&form(), None).unwrap();
    house.desk.check_out(guest.id).unwrap();
    let all = || house.desk.store().guests(&GuestFilter { here: false, ..Default::default() });
    house.later(3 * 365).await;
    house.desk.end_retention().await.unwrap();
    assert_eq!(all().unwrap().len(), 1);
    house.later(2).await;
    house.desk.end_retention().await.unwrap();
    assert_eq!(all().unwrap().len(), 0);
    house.close();
}

#[tokio::test]
async fn the_form_has_nothing_of_the_person_before() {
    let house = House::in_scene("hotel").await;
    let draft = || house.desk.guest_draft().unwrap();
    house.show(card());
    assert!(draft().is_some());
    house.next_person();
    house.show(code_of(&RED).scanned());
    assert_eq!(draft(), None, "another person's code");
    for both in [[code_of(&GREEN).scanned(), card()], [card(), code_of(&GREEN).scanned()]] {
        house.next_person();
        both.into_iter().for_each(|reading| drop(house.show(reading)));
        assert!(draft().is_some(), "in whatever order they are shown");
    }
    house.close();
}
