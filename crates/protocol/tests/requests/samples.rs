//! Good requests and answers, as JSON. All persons are synthetic.

use serde_json::{Value, json};

pub(crate) const ENTRY_ID: &str = "01735689-7e00-7000-8000-000000000001";

pub(crate) fn register() -> Value {
    json!({
        "document_type": "resident-id", "number": "11010519491231002X", "name": "张小明",
        "phone": "13800000000", "password": "correct horse"
    })
}

pub(crate) fn account() -> Value {
    json!({
        "name_masked": "张*明", "document_masked": "110***********002X",
        "document_type": "resident-id", "level": "register-match"
    })
}

pub(crate) fn holder() -> Value {
    json!({
        "colour": "amber", "amber_name": "orange", "since": "2020-07-01T08:00:00Z",
        "because": [{"kind": "fever-clinic", "since": "2020-06-30T00:00:00Z", "until": null, "reason": {"zh": "曾到发热门诊就诊", "en": "Seen at a fever clinic"}}],
        "shown_count": 3, "claimed_at": "2020-03-01T00:00:00Z", "group": "resident"
    })
}

pub(crate) fn entry() -> Value {
    json!({
        "id": ENTRY_ID, "station": "st-0001", "at": "2020-07-01T08:00:00Z", "scene": "hospital",
        "decision": "refuse", "reasons": ["C-ORA", "D-OLD"], "colour": "amber",
        "subject": {"issuer": 35, "index": 7}, "document_hash": "0123456789abcdef",
        "method": ["code", "card"], "action": "none",
        "basis": {"online": false, "status_epoch": 3, "status_sequence": 7,
                  "age_seconds": 420, "policy": "hospital@1"}
    })
}

pub(crate) fn fact() -> Value {
    json!({
        "id": ENTRY_ID, "document_type": "resident-id", "number": "11010519491231002X",
        "kind": "fever-clinic", "occurred_at": "2020-07-01T08:00:00Z"
    })
}
