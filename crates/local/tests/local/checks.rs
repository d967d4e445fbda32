//! Checks: what is asked, what is answered.

use serde_json::json;
use yanma_station::Desk;
use yanma_station::rights::Role;

use crate::caller::{Served, switch_off, switch_on};
use crate::support::house::House;
use crate::support::people::{GREEN, ORANGE, RED, STRANGER, code_of, scan};

#[tokio::test]
async fn each_verdict_has_its_word_and_could_not_check_is_check() {
    let served = Served::at_work().await;
    for (case, body, result, code) in [
        ("green", json!({"text": code_of(&GREEN).text()}), "OK", None),
        ("orange", json!({"text": code_of(&ORANGE).text()}), "NOK", Some("C-ORA")),
        (
            "red, by card",
            json!({"document": {"type": "resident-id", "number": RED.number}}),
            "NOK",
            Some("C-RED"),
        ),
        (
            "nobody has such a code",
            json!({"document": {"type": "resident-id", "number": STRANGER}}),
            "CHECK",
            Some("N-NONE"),
        ),
        (
            "a number that cannot be",
            json!({"document": {"type": "resident-id", "number": "11010519491231002Y"}}),
            "CHECK",
            None,
        ),
        ("a poster", json!({"text": "hello"}), "CHECK", Some("F-UNK")),
    ] {
        served.house.next_person();
        let answer = served.check(&body).await;
        assert_eq!(answer.status, 200, "{case}: {answer:?}");
        let json = answer.json();
        assert_eq!(json["result"], result, "{case}: {json}");
        match code {
            Some(code) => assert_eq!(json["code"], code, "{case}"),
            None if result == "OK" => assert!(json["code"].is_null(), "{case}"),
            None => assert!(json["code"].is_string(), "{case}: {json}"),
        }
        assert_eq!(json["recorded"], true, "{case}");
        let again = served.get(&format!("/v1/checks/{}", json["entry"].as_str().unwrap())).await;
        assert_eq!(again.json(), json, "{case}: asked for again, receipt and all");
        assert_eq!(served.get("/v1/checks/latest").await.json(), json, "{case}");
    }
    let Served { house, service, .. } = served;
    switch_off(&house, service).await;
    house.close();
}

#[tokio::test]
async fn a_code_and_a_card_of_one_person_are_one_check() {
    let served = Served::at_work().await;
    let body = json!({
        "text": code_of(&GREEN).text(),
        "document": {"type": "resident-id", "number": GREEN.number},
        "reference": "BK-2020/17",
    });
    let both = served.check(&body).await.json();
    assert_eq!((&both["result"], &both["reference"]), (&json!("OK"), &json!("BK-2020/17")));
    assert_eq!(served.house.entries(), 1);
    served.house.next_person();
    let mut body = body;
    body["document"]["number"] = json!(ORANGE.number);
    let different = served.check(&body).await.json();
    assert_eq!((&different["result"], &different["code"]), (&json!("NOK"), &json!("I-MIS")));
}

#[tokio::test]
async fn what_is_said_later_is_found_from_what_was_answered() {
    let served = Served::at_work().await;
    let body = json!({"text": code_of(&GREEN).text(), "reference": "room-12"});
    let first = served.check(&body).await.json();
    let entry = first["entry"].as_str().unwrap().parse().unwrap();
    let finished = served.house.desk.finish(entry, &Default::default()).unwrap();
    let now = served.get(&format!("/v1/checks/{entry}")).await.json();
    assert_eq!(now["amended_by"], finished.entry.to_string());
    let last = served.get("/v1/checks/latest").await.json();
    assert_eq!(last["entry"], finished.entry.to_string());
    assert_eq!((&last["done"], &last["result"]), (&json!("admitted"), &json!("OK")));
    assert_eq!((&last["amends"], &last["reference"]), (&first["entry"], &json!("room-12")));
    assert_eq!(last["at"], first["at"], "when the verdict was made");
}

#[tokio::test]
async fn bad_questions_name_the_field_and_check_nobody() {
    let served = Served::at_work().await;
    let document = |kind: &str, number: &str| json!({"type": kind, "number": number});
    for (body, field) in [
        (json!({}), "text"),
        (json!([]), "body"),
        (json!({"text": 7}), "text"),
        (json!({"text": " "}), "text"),
        (json!({"text": "x".repeat(8193)}), "text"),
        (json!({"document": {"type": "resident-id"}}), "document.number"),
        (json!({"document": document("library-card", "1")}), "document.type"),
        (json!({"document": document("resident-id", "")}), "document.number"),
        (json!({"document": document("resident-id", &"1".repeat(65))}), "document.number"),
        (json!({"text": "a", "reference": ""}), "reference"),
        (json!({"text": "a", "reference": "x".repeat(65)}), "reference"),
        (json!({"text": "a", "reference": "张三"}), "reference"),
        (json!({"text": "a", "reference": GREEN.number}), "reference"),
    ] {
        let answer = served.check(&body).await;
        assert_eq!(answer.problem(), (400, "bad-field".to_owned()), "{body}");
        assert_eq!(answer.json()["field"], field, "{body}");
        let text = String::from_utf8(answer.body).unwrap();
        assert!(!text.contains(GREEN.number), "{text}");
    }
    let unknown = served.check(&json!({"text": "a", "colour": "green"})).await;
    assert_eq!(unknown.problem(), (400, "bad-field".to_owned()));
    let ask = |body: &'static str| served.ask("POST", "/v1/checks", &[], body);
    assert_eq!(ask("{").await.problem(), (400, "bad-request".to_owned()));
    let twice = r#"{"text": "a", "text": "b"}"#;
    assert_eq!(ask(twice).await.problem(), (400, "bad-request".to_owned()));
    let form = served.ask("POST", "/v1/checks", &[("content-type", "text/plain")], "").await;
    assert_eq!(form.problem(), (415, "content-type".to_owned()));
    assert_eq!(served.get("/v1/checks/latest").await.problem(), (404, "not-found".to_owned()));
    let never = "/v1/checks/01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(served.get(never).await.problem(), (404, "not-found".to_owned()));
    assert_eq!(served.get("/v1/checks/1").await.problem(), (400, "bad-field".to_owned()));
    assert_eq!(served.get("/v1/people").await.problem(), (404, "not-found".to_owned()));
    let delete = served.ask("DELETE", "/v1/checks", &[], "").await;
    assert_eq!(delete.problem(), (405, "method".to_owned()));
    assert_eq!(served.house.entries(), 0);
}

#[tokio::test]
async fn a_question_under_a_name_is_asked_once_also_after_a_restart() {
    let served = Served::at_work().await;
    let body = json!({"text": code_of(&GREEN).text(), "reference": "A"}).to_string();
    let named = [("idempotency-key", "3f7c")];
    let first = served.ask("POST", "/v1/checks", &named, &body).await.json();
    served.house.next_person();
    served.house.show(scan("somebody else"));
    served.house.next_person();
    let again = served.ask("POST", "/v1/checks", &named, &body).await.json();
    assert_eq!(again, first);
    let other = json!({"text": code_of(&ORANGE).text(), "reference": "A"}).to_string();
    let reused = served.ask("POST", "/v1/checks", &named, &other).await;
    assert_eq!(reused.problem(), (422, "key-reused".to_owned()));
    for bad in ["", &"x".repeat(129), "密"] {
        let answer = served.ask("POST", "/v1/checks", &[("idempotency-key", bad)], &body).await;
        assert_eq!(answer.problem(), (400, "bad-field".to_owned()), "{bad}");
    }
    let Served { house, service, token, .. } = served;
    switch_off(&house, service).await;
    let house = house.restarted();
    let (service, port) = switch_on(&house.desk).await;
    let served = Served { house, service, port, token };
    let after = served.ask("POST", "/v1/checks", &named, &body).await.json();
    assert_eq!(after["entry"], first["entry"]);
    assert_eq!(served.house.entries(), 2);
    // A day later the name is forgotten.
    served.house.clock.turn(25 * 3600);
    let later = served.ask("POST", "/v1/checks", &named, &body).await.json();
    assert_ne!(later["entry"], first["entry"]);
}

#[tokio::test]
async fn the_same_question_twice_at_once_is_one_entry() {
    let served = Served::at_work().await;
    let body = json!({"text": code_of(&GREEN).text()}).to_string();
    let ask = || served.ask("POST", "/v1/checks", &[("idempotency-key", "k")], &body);
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    assert_eq!(one.json(), two.json());
    assert_eq!(one.json(), three.json());
    assert_eq!(served.house.entries(), 1);
}

#[tokio::test]
async fn a_desk_where_nobody_has_signed_in_says_so() {
    let house = House::at_work().await;
    let served = Served::of(house).await;
    let desk: &Desk = &served.house.desk;
    desk.set_operator("anna", "安娜", Role::Administrator, Some("7294")).unwrap();
    let answer = served.check(&json!({"text": code_of(&GREEN).text()})).await;
    assert_eq!(answer.problem(), (409, "sign-in-needed".to_owned()));
    desk.sign_in("anna", "7294").unwrap();
    assert_eq!(served.check(&json!({"text": code_of(&GREEN).text()})).await.json()["result"], "OK");
}

#[tokio::test]
async fn words_are_in_the_language_that_is_asked_for() {
    let served = Served::at_work().await;
    let body = json!({"text": code_of(&RED).text()}).to_string();
    let chinese = served.ask("POST", "/v1/checks", &[], &body).await.json();
    let english =
        served.ask("POST", "/v1/checks", &[("accept-language", "en")], &body).await.json();
    assert_eq!(chinese["entry"], english["entry"]);
    assert!(chinese["reason"].as_str().unwrap().contains('红'), "{chinese}");
    assert!(english["reason"].as_str().unwrap().to_lowercase().contains("red"), "{english}");
}
