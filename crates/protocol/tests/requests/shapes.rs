//! The JSON of every request and answer, and what `Debug` makes of them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use yanma_protocol::accounts::{LoginRequest, MeResponse, RegisterRequest};
use yanma_protocol::batch::ItemOutcome;
use yanma_protocol::claims::{ClaimRequest, HolderResponse};
use yanma_protocol::entries::{EntriesPage, EntriesRequest, EntriesResponse, EntryUpload};
use yanma_protocol::facts::{FactReport, FactsRequest, FactsResponse};
use yanma_protocol::health::HealthResponse;
use yanma_protocol::shows::{ShowRequest, ShowResponse};
use yanma_protocol::stations::{EnrolRequest, EnrolResponse, EnrolmentRequest, EnrolmentResponse};
use yanma_protocol::verify::{ReceiptResponse, VerifyRequest, VerifyResponse};

use crate::samples::{ENTRY_ID, account, entry, fact, holder, register};

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
    check_request::<ClaimRequest>(&json!({"from": {"group": "resident"}}));
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
        {"document": {"document_type": "passport-cn", "hash": "0123456789abcdef",
            "basis": "epidemic-control"}}
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
        "directory_key": "00".repeat(32), "directory_key_generation": 2,
        "earlier_directory_keys": [
            {"generation": 1, "key": "01".repeat(32), "until": "2020-07-01T08:00:00Z"}
        ]
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
        "epoch": 3, "sequence": 7, "at": "2020-07-01T08:00:00Z", "receipt": ENTRY_ID
    }));
    check_answer::<ReceiptResponse>(&json!({"receipt": ENTRY_ID, "state": "pending"}));
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
