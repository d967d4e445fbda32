//! Requests as they should be.

use serde_json::{Value, json};

/// Requests as they should be, with every field that there is: path, where it goes, body.
pub(super) fn samples(policy: &Value, scheme: &Value) -> Vec<(&'static str, &'static str, Value)> {
    let reason = "流调个案";
    let number = json!({"document_type": "resident-id", "number": "350100190001010004"});
    let no_account = json!({"document_type": "resident-id", "number": "350100190001010012"});
    let index = json!({"issuer": 35, "index": 7});
    let id = "01730000-0000-7000-8000-000000000001";
    let other = "01730000-0000-7000-8000-000000000002";
    let at = "2020-07-01T08:00:01Z";
    let member = json!({"member": "0000002a"});
    let because = json!({"reason": reason});
    let origins = [
        json!({"group": "resident"}),
        json!({"group": "other-province", "departure": "420100", "household": "420100",
            "home_code": "HTTPS://A/1"}),
        json!({"group": "abroad", "contact": "13900000000"}),
    ];
    let span = json!({"from": "2020-06-30T00:00:00Z", "until": at, "reason": reason, "limit": 10,
        "after": format!("gate-1~1593590401000~{id}")});
    let family = |from: &Value| {
        json!({"relation": "parent", "document_type": "resident-id", "born": "1900-01-01",
            "number": "350100190001010012", "name": "欧阳样本", "from": from})
    };
    let name = json!({"zh": "一号门", "en": "Gate 1"});
    let mut all = vec![
        ("/v1/accounts/login", "", json!({"phone": "13900000000", "password": "correct horse"})),
        (
            "/v1/accounts/register",
            "",
            json!({"document_type": "resident-id", "number": "350100190001010012",
                "name": "样本", "phone": "13900000009", "password": "correct horse"}),
        ),
        ("/v1/appeals", "", json!({"member": "0000002a", "words": "我没有去过那个地方。"})),
        ("/v1/holders/history", "", json!({"subject": index, "reason": reason})),
        ("/v1/clerks", "", json!({"name": "gate", "role": "site-manager", "sites": ["gate-1"]})),
        ("/v1/clerks", "", json!({"name": "hall", "role": "department", "kinds": ["antipyretic"]})),
        ("/v1/clerks/me/second-factor", "", json!({})),
        ("/v1/clerks/me/second-factor/confirm", "", json!({"code": "000000"})),
        ("/v1/clerks/me/session", "", json!({"code": "000000"})),
        ("/v1/clerks/me/session", "", json!({"recovery_code": "ABCD-EFGH-JKMN"})),
        ("/v1/clerks/{id}/revoke", "999", because.clone()),
        (
            "/v1/console/appeals/{id}",
            id,
            json!({"decision": "declined", "answer": "不变", "facts_tag": "0123456789abcdef"}),
        ),
        ("/v1/console/decided-appeals/{id}/set-aside", id, because.clone()),
        ("/v1/enrolments", "", json!({"site": "gate-1", "station_name": "desk", "scene": "hotel"})),
        (
            "/v1/entries",
            "",
            json!({"entries": [{"id": id, "station": "desk-1", "at": at, "scene": "hospital",
                "decision": "admit", "reasons": ["S-EXP"], "colour": "green", "subject": index,
                "document_hash": "0123456789abcdef", "method": ["code"], "action": "none",
                "amends": other, "basis": {"online": true, "status_epoch": 1,
                "status_sequence": 1, "age_seconds": 3, "policy": "hospital/1"}}]}),
        ),
        (
            "/v1/facts",
            "",
            json!({"facts": [{"id": id, "document_type": "resident-id",
                "number": "350100190001010004", "kind": "retraction", "retracts": other,
                "occurred_at": at, "detail": "window 3"}]}),
        ),
        ("/v1/holder/withdraw", "", member.clone()),
        // Of nobody who calls here.
        ("/v1/holders/end-account", "", json!({"document": no_account, "reason": reason})),
        ("/v1/holders/reveal", "", json!({"subject": index, "reason": reason})),
        ("/v1/holders/search", "", json!({"by": {"document": number}, "reason": reason})),
        ("/v1/holders/search", "", json!({"by": {"phone": "13900000000"}, "reason": reason})),
        ("/v1/holders/search", "", json!({"by": {"index": index}, "reason": reason})),
        ("/v1/holders/withdraw", "", json!({"subject": index, "reason": reason})),
        (
            "/v1/home-colour",
            "",
            json!({"from": 33, "to": 35, "asked_at": at, "key": 1, "sealed": "00",
                "nonce": "00000000000000000000000000000000"}),
        ),
        ("/v1/identity/face", "", json!({"image": "A".repeat(100)})),
        ("/v1/identity/sms", "", json!({})),
        ("/v1/identity/sms/check", "", json!({"code": "123456"})),
        ("/v1/papers", "", member.clone()),
        ("/v1/papers/withdraw", "", member.clone()),
        ("/v1/policies/{id}", "hospital", json!({"policy": policy, "reason": reason})),
        (
            "/v1/regions/{number}",
            "33",
            json!({"name": name, "url": "http://127.0.0.1:9", "reason": reason,
                "root_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}),
        ),
        ("/v1/regions/{number}/remove", "34", because.clone()),
        ("/v1/rules", "", json!({"scheme": scheme, "reason": reason})),
        ("/v1/shows", "", member),
        ("/v1/sites/{id}", "gate-1", json!({"name": name, "scene": "hospital"})),
        (
            "/v1/stations/enrol",
            "",
            json!({"enrolment_code": "0000-0000-0000", "station_name": "desk"}),
        ),
        ("/v1/stations/{id}/revoke", "desk-none", because),
        (
            "/v1/traces/contacts",
            "",
            json!({"who": {"document": number}, "span": span, "within_minutes": 60}),
        ),
        ("/v1/traces/holder", "", json!({"who": {"index": index}, "span": span})),
        ("/v1/traces/site", "", json!({"site": "gate-1", "span": span})),
        ("/v1/verify", "", json!({"items": [{"code": "1"}]})),
        (
            "/v1/verify",
            "",
            json!({"items": [{"document": {"document_type": "resident-id",
                "hash": "0123456789abcdef", "basis": "consent", "key": 1}}]}),
        ),
    ];
    for from in &origins {
        all.push(("/v1/claims", "", json!({"from": from})));
        all.push(("/v1/family", "", family(from)));
    }
    all
}
