//! The limits of requests, and the names of the fields that miss them.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use yanma_protocol::FieldError;
use yanma_protocol::accounts::{LoginRequest, RegisterRequest};
use yanma_protocol::batch::read_items;
use yanma_protocol::entries::{EntriesQuery, EntriesRequest, EntryUpload};
use yanma_protocol::facts::FactReport;
use yanma_protocol::stations::{EnrolRequest, EnrolmentRequest};
use yanma_protocol::verify::VerifyRequest;

use crate::samples::{ENTRY_ID, entry, register};

/// Changes a field of a request, and sees it refused under that field's name.
#[track_caller]
fn check_field<T: DeserializeOwned>(
    good: &Value,
    pointer: &str,
    bad: Value,
    check: impl Fn(T) -> Result<(), FieldError>,
    field: &str,
) {
    let read = |value: &Value| serde_json::from_value::<T>(value.clone()).unwrap();
    assert_eq!(check(read(good)), Ok(()), "the request itself is good");
    let mut changed = good.clone();
    *changed.pointer_mut(pointer).unwrap() = bad.clone();
    let refused = check(read(&changed)).map_err(|error| error.field);
    assert_eq!(refused, Err(field.to_owned()), "{pointer} = {bad}");
}

#[test]
fn a_registration_names_the_field_at_fault() {
    let parse = |request: RegisterRequest| request.parse().map(|_| ());
    for (field, bad) in [
        ("number", "110105194912310021"),
        ("number", ""),
        ("name", " "),
        ("phone", "12345"),
        ("password", "1234567"),
        ("password", &"x".repeat(129)),
    ] {
        check_field(&register(), &format!("/{field}"), json!(bad), parse, field);
    }
    for good in ["12345678", &"密".repeat(128)] {
        let mut request = register();
        request["password"] = json!(good);
        assert_eq!(parse(serde_json::from_value(request).unwrap()), Ok(()));
    }
}

#[test]
fn other_requests_name_the_field_at_fault() {
    let enrol = json!({"enrolment_code": "ABCD-EFGH", "station_name": "东门"});
    let check = |request: EnrolRequest| request.check();
    check_field(&enrol, "/enrolment_code", json!("ABCD-EF"), check, "enrolment_code");
    check_field(&enrol, "/enrolment_code", json!("ABCD EFGH"), check, "enrolment_code");
    check_field(&enrol, "/station_name", json!(""), check, "station_name");

    let enrolment = json!({"site": "site-1", "station_name": "东门", "scene": "hotel"});
    let check = |request: EnrolmentRequest| request.check();
    check_field(&enrolment, "/site", json!("Site 1"), check, "site");
    check_field(&enrolment, "/station_name", json!("a\nb"), check, "station_name");
    check_field(&enrolment, "/scene", json!(""), check, "scene");

    let login = json!({"phone": "+8613800000000", "password": "x"});
    let check = |request: LoginRequest| request.check();
    check_field(&login, "/phone", json!("x"), check, "phone");
    check_field(&login, "/password", json!(""), check, "password");

    let verify = json!({"items": [{"code": "1"}, {"code": "x".repeat(2048)}]});
    let check = |request: VerifyRequest| request.check();
    check_field(&verify, "/items", json!([]), check, "items");
    let many = |count: usize| json!(vec![json!({"code": "1"}); count]);
    check_field(&json!({"items": many(1_000)}), "/items", many(1_001), check, "items");
}

#[test]
fn an_entry_names_the_field_at_fault() {
    let entries = json!({"entries": [entry()]});
    let check = |request: EntriesRequest| request.check();
    for (pointer, bad, field) in [
        ("id", json!("936da01f-9abd-4d9d-80c7-02af85c822a8"), "id"),
        ("station", json!("ST 1"), "station"),
        ("scene", json!(""), "scene"),
        ("reasons/0", json!("too old"), "reasons"),
        ("reasons", json!(vec!["S-EXP"; 41]), "reasons"),
        ("method", json!(vec!["code"; 9]), "method"),
        ("method/0", json!("Code"), "method"),
        ("action", json!("let in"), "action"),
        ("amends", json!(ENTRY_ID), "amends"),
        ("basis/age_seconds", json!(-1), "age_seconds"),
        ("basis/policy", json!("p".repeat(81)), "policy"),
    ] {
        let mut good = entries.clone();
        good["entries"][0]["amends"] = json!(null);
        let pointer = format!("/entries/0/{pointer}");
        check_field(&good, &pointer, bad, check, &format!("entries[0].{field}"));
    }
}

#[test]
fn one_odd_item_does_not_spoil_the_others() {
    let mut odd = entry();
    odd["decision"] = json!("perhaps");
    let mut bad = entry();
    bad["action"] = json!("");
    let items = read_items::<EntryUpload>(json!({"entries": [entry(), odd, bad, 7]})).unwrap();
    let id = Some(ENTRY_ID.parse().unwrap());
    assert!(items[0].is_ok());
    let refused: Vec<_> = items[1..]
        .iter()
        .map(|item| item.as_ref().map_err(|refused| (refused.id, refused.error.field.as_str())))
        .collect();
    assert_eq!(refused, [Err((id, "decision")), Err((id, "action")), Err((None, "body"))]);
}

#[test]
fn a_body_that_is_no_list_is_refused_as_a_whole() {
    let check = |body: Value, field: &str| {
        let error = read_items::<FactReport>(body.clone()).unwrap_err();
        assert_eq!(error.field, field, "{body}");
    };
    check(json!([]), "body");
    check(json!({}), "facts");
    check(json!({"facts": {}}), "facts");
    check(json!({"facts": [1], "more": 1}), "body");
    check(json!({"facts": []}), "facts");
    check(json!({"facts": vec![1; 1_001]}), "facts");
}

#[test]
fn pages_have_limits() {
    let limit = |limit| EntriesQuery { after: None, limit }.limit().map_err(|error| error.field);
    assert_eq!(limit(None), Ok(100));
    assert_eq!(limit(Some(1)), Ok(1));
    assert_eq!(limit(Some(500)), Ok(500));
    assert_eq!(limit(Some(0)), Err("limit".to_owned()));
    assert_eq!(limit(Some(501)), Err("limit".to_owned()));
}
