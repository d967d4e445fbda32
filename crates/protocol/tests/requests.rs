//! Requests and answers from outside: their JSON, their limits, and what `Debug` shows.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use yanma_protocol::accounts::{LoginRequest, MeResponse, RegisterRequest};
use yanma_protocol::batch::{ItemOutcome, read_items};
use yanma_protocol::claims::{ClaimRequest, HolderResponse};
use yanma_protocol::entries::{
    EntriesPage, EntriesQuery, EntriesRequest, EntriesResponse, EntryUpload,
};
use yanma_protocol::facts::{FactReport, FactsRequest, FactsResponse};
use yanma_protocol::health::HealthResponse;
use yanma_protocol::shows::{ShowRequest, ShowResponse};
use yanma_protocol::stations::{EnrolRequest, EnrolResponse, EnrolmentRequest, EnrolmentResponse};
use yanma_protocol::verify::{VerifyRequest, VerifyResponse};
use yanma_protocol::{ErrorCode, FieldError};

const ENTRY_ID: &str = "01735689-7e00-7000-8000-000000000001";

fn register() -> Value {
    json!({
        "document_type": "resident-id", "number": "11010519491231002X", "name": "张小明",
        "phone": "13800000000", "password": "correct horse"
    })
}

fn account() -> Value {
    json!({
        "name_masked": "张*明", "document_masked": "110***********002X",
        "document_type": "resident-id", "level": "register-match"
    })
}

fn holder() -> Value {
    json!({
        "colour": "amber", "amber_name": "orange", "since": "2020-07-01T08:00:00Z",
        "because": [{"kind": "fever-clinic", "since": "2020-06-30T00:00:00Z", "until": null}],
        "shown_count": 3, "claimed_at": "2020-03-01T00:00:00Z"
    })
}

fn entry() -> Value {
    json!({
        "id": ENTRY_ID, "station": "st-0001", "at": "2020-07-01T08:00:00Z", "scene": "hospital",
        "decision": "refuse", "reasons": ["C-ORA", "D-OLD"], "colour": "amber",
        "subject": {"issuer": 35, "index": 7}, "document_hash": "0123456789abcdef",
        "method": ["code", "card"], "action": "none",
        "basis": {"online": false, "status_epoch": 3, "status_sequence": 7,
                  "age_seconds": 420, "policy": "hospital@1"}
    })
}

fn fact() -> Value {
    json!({
        "id": ENTRY_ID, "document_type": "resident-id", "number": "11010519491231002X",
        "kind": "fever-clinic", "occurred_at": "2020-07-01T08:00:00Z"
    })
}

/// The JSON is read and comes back as it was.
#[track_caller]
fn check_same<T: Serialize + DeserializeOwned>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&read).unwrap(), value);
}

/// As [`check_same`]; and a field that nobody knows is refused, as requests do.
#[track_caller]
fn check_request<T: Serialize + DeserializeOwned>(value: &Value) {
    check_same::<T>(value);
    let mut more = value.clone();
    more["surprise"] = json!(1);
    assert!(serde_json::from_value::<T>(more).is_err(), "an unknown field was taken");
}

/// As [`check_same`]; and a field that a newer authority added is passed over.
#[track_caller]
fn check_answer<T: Serialize + DeserializeOwned>(value: &Value) {
    check_same::<T>(value);
    let mut more = value.clone();
    more["surprise"] = json!(1);
    assert!(serde_json::from_value::<T>(more).is_ok(), "a newer answer was refused");
}

#[test]
fn requests_have_this_json() {
    check_request::<RegisterRequest>(&register());
    check_request::<LoginRequest>(&json!({"phone": "13800000000", "password": "x"}));
    check_request::<ClaimRequest>(&json!({}));
    check_request::<ShowRequest>(&json!({}));
    check_request::<EnrolRequest>(
        &json!({"enrolment_code": "ABCD-EFGH-JKLM", "station_name": "东门"}),
    );
    check_request::<EnrolmentRequest>(&json!({"site": "site-1"}));
    check_request::<EnrolmentRequest>(
        &json!({"site": "site-1", "station_name": "东门", "scene": "hotel"}),
    );
    check_request::<VerifyRequest>(&json!({"items": [
        {"code": "HTTPS://YANMA.EXAMPLE/123"},
        {"document": {"document_type": "passport-cn", "hash": "0123456789abcdef"}}
    ]}));
    check_request::<EntriesRequest>(&json!({"entries": [entry()]}));
    check_request::<EntryUpload>(&entry());
    check_request::<FactsRequest>(&json!({"facts": [fact()]}));
    check_request::<FactReport>(&fact());
}

#[test]
fn answers_have_this_json() {
    check_answer::<MeResponse>(&json!({"account": account(), "holder": null}));
    check_answer::<MeResponse>(&json!({"account": account(), "holder": holder()}));
    check_answer::<HolderResponse>(&holder());
    check_answer::<ShowResponse>(&json!({
        "text": "HTTPS://YANMA.EXAMPLE/123", "colour": "green", "amber_name": "yellow",
        "name_masked": "张*明", "document_masked": "110***********002X",
        "issued_at": "2020-07-01T08:00:00Z", "expires_at": "2020-07-01T08:05:00Z",
        "lifetime_seconds": 300, "shown_count": 1
    }));
    check_answer::<EnrolResponse>(&json!({
        "station": "st-0001", "token": "secret",
        "site": {"id": "site-1", "name": {"zh": "医院", "en": "Hospital"}},
        "scene": "hospital", "issuer": 35, "code_host": "YANMA.EXAMPLE",
        "root_key": "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
        "directory_key": "00".repeat(32)
    }));
    check_answer::<EnrolmentResponse>(
        &json!({"enrolment_code": "ABCD-EFGH", "expires_at": "2020-07-01T08:00:00Z"}),
    );
    check_answer::<VerifyResponse>(&json!({
        "answers": [
            {"outcome": "known", "issuer": 35, "index": 7, "colour": "red", "name_masked": "张*明"},
            {"outcome": "known", "issuer": 35, "index": 8, "colour": "green"},
            {"outcome": "unknown"},
            {"outcome": "refused", "code": "S-SIG"}
        ],
        "epoch": 3, "sequence": 7, "at": "2020-07-01T08:00:00Z"
    }));
    check_answer::<EntriesResponse>(&json!({"results": [
        {"id": ENTRY_ID, "outcome": "accepted"},
        {"id": ENTRY_ID, "outcome": "duplicate"},
        {"id": null, "outcome": "rejected", "reason": "bad-field"}
    ]}));
    check_answer::<FactsResponse>(&json!({"results": [
        {"id": ENTRY_ID, "outcome": "rejected", "field": "number", "reason": "check-digit"}
    ]}));
    let mut record = entry();
    record["received_at"] = json!("2020-07-01T08:00:01Z");
    check_answer::<EntriesPage>(&json!({"entries": [record], "next": 12}));
    check_answer::<HealthResponse>(
        &json!({"status": "ok", "epoch": 3, "sequence": 7, "holders": 12, "version": "0.1.0"}),
    );
}

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

    let verify = json!({"items": [{"code": "1"}, {"code": "x".repeat(1024)}]});
    let check = |request: VerifyRequest| request.check();
    check_field(&verify, "/items", json!([]), check, "items");
    check_field(&verify, "/items/1/code", json!("x".repeat(1025)), check, "items[1].code");
    check_field(&verify, "/items/0/code", json!(""), check, "items[0].code");
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
    let body = json!({"entries": [entry(), odd, bad, 7]}).to_string();
    let items = read_items::<EntryUpload>(body.as_bytes()).unwrap();
    let id = Some(ENTRY_ID.parse().unwrap());
    assert!(items[0].is_ok());
    let refused: Vec<_> = items[1..]
        .iter()
        .map(|item| item.as_ref().map_err(|refused| (refused.id, refused.error.field.as_str())))
        .collect();
    assert_eq!(refused, [Err((id, "item")), Err((id, "action")), Err((None, "item"))]);
}

#[test]
fn a_body_that_is_no_list_is_refused_as_a_whole() {
    let check = |body: &str, code: ErrorCode, field: Option<&str>| {
        let error = read_items::<FactReport>(body.as_bytes()).unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (code, field), "{body}");
    };
    check("", ErrorCode::BadRequest, None);
    check("[]", ErrorCode::BadRequest, None);
    check("{}", ErrorCode::BadRequest, Some("facts"));
    check(r#"{"facts":{}}"#, ErrorCode::BadRequest, Some("facts"));
    check(r#"{"facts":[1],"more":1}"#, ErrorCode::BadRequest, None);
    check(r#"{"facts":[]}"#, ErrorCode::BadField, Some("facts"));
    let many = json!({"facts": vec![1; 1_001]}).to_string();
    check(&many, ErrorCode::BadField, Some("facts"));
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

#[test]
fn debug_gives_nothing_away() {
    let shown = |value: &dyn std::fmt::Debug| format!("{value:?} {value:#?}");
    let request: RegisterRequest = serde_json::from_value(register()).unwrap();
    let text = shown(&request) + &shown(&request.clone().parse().unwrap());
    for secret in ["19491231", "小明", "13800000000", "correct"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    let fact: FactReport = serde_json::from_value(fact()).unwrap();
    assert!(!shown(&fact).contains("19491231"));
    let verify = json!({"items": [{"code": "HTTPS://YANMA.EXAMPLE/123"}]});
    let verify: VerifyRequest = serde_json::from_value(verify).unwrap();
    assert!(!shown(&verify).contains("123"));
}

#[test]
fn outcomes_are_lower_case() {
    let outcomes = [ItemOutcome::Accepted, ItemOutcome::Duplicate, ItemOutcome::Rejected];
    assert_eq!(json!(outcomes), json!(["accepted", "duplicate", "rejected"]));
}
