//! What a clerk does at the counter: seeing what somebody declared, withdrawing a code for
//! whoever cannot, and ending an account that is not its person's.

use serde_json::{Value, json};
use yanma_authority::clerks::Role;

use crate::claims::{member, number};
use crate::console::somebody;
use crate::papers::print;
use crate::regions::ask;
use crate::world::{Caller, World, registration};

/// The place of a resident's newest code, as a clerk finds it.
async fn subject(clerk: &Caller<'_>, number: &str) -> Value {
    subject_of(clerk, "resident-id", number).await
}

async fn subject_of(clerk: &Caller<'_>, document_type: &str, number: &str) -> Value {
    let document = json!({"document_type": document_type, "number": number});
    let search = json!({"by": {"document": document}, "reason": "窗口办理"});
    clerk.post("/v1/holders/search", search).await.expect(200)["holders"][0]["subject"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_a_stranger_claimed_is_withdrawn_and_claimed_by_the_family() {
    let world = World::new().await;
    let grandmother = number("19480101", 1);
    world.import(&format!("resident-id,{grandmother},样本亲\n")).await;
    let (stranger, grandson) = (
        world.citizen("350100190001010012", "欧阳样本", "13900000001").await,
        world.holder().await,
    );
    let (desk, _) = world.desk().await;
    let claimed = stranger.post("/v1/family", member("relative", &grandmother)).await.expect(201);
    let hers = json!({"member": claimed["id"]});
    let clerk = world.with_token(&world.clerk);
    let subject = subject(&clerk, &grandmother).await;
    stranger.post("/v1/papers", hers.clone()).await.expect(201);
    let query = format!("?member={}", claimed["id"].as_str().unwrap());
    let (_, _, paper) = print(&stranger, &query).await;
    let shown = stranger.post("/v1/shows", hers.clone()).await.expect(200);
    let refused = grandson.post("/v1/family", member("parent", &grandmother)).await;
    assert_eq!(refused.error(409).0, "already-claimed");

    let body = json!({"subject": subject, "reason": "被他人代领"});
    for role in [Role::Epidemiologist, Role::SiteManager, Role::Auditor, Role::Department] {
        let other = somebody(&world, role).await;
        let refused = world.with_token(&other).post("/v1/holders/withdraw", body.clone()).await;
        assert_eq!(refused.error(403).0, "forbidden", "{role:?}");
    }
    for reason in [json!(""), json!("why"), json!(null), json!("因".repeat(201))] {
        let body = json!({"subject": subject, "reason": reason});
        let refused = clerk.post("/v1/holders/withdraw", body).await;
        assert_eq!(refused.error(400).1.as_deref(), Some("reason"));
    }
    let index = subject["index"].as_u64().unwrap();
    for nobody in
        [json!({"issuer": 36, "index": index}), json!({"issuer": 35, "index": (index + 1) % 64})]
    {
        let body = json!({"subject": nobody, "reason": "被他人代领"});
        clerk.post("/v1/holders/withdraw", body).await.error(404);
    }
    let withdrawn = clerk.post("/v1/holders/withdraw", body.clone()).await.expect(200);
    assert_eq!((&withdrawn["subject"], &withdrawn["colour"]), (&subject, &json!("withdrawn")));
    assert!(withdrawn["withdrawn_at"].is_string());

    // Neither code nor paper counts, and the stranger has neither any more.
    for text in [shown["text"].as_str().unwrap(), paper.as_str()] {
        assert_eq!(ask(&desk, text).await["colour"], "withdrawn");
    }
    stranger.post("/v1/shows", hers).await.error(404);
    assert_eq!(stranger.get("/v1/family").await.expect(200), json!({"members": []}));
    // Again it does nothing more.
    let again = clerk.post("/v1/holders/withdraw", body).await.expect(200);
    assert_eq!(again["withdrawn_at"], withdrawn["withdrawn_at"]);
    // The family claims a new one.
    let anew = grandson.post("/v1/family", member("parent", &grandmother)).await.expect(201);
    assert_ne!(anew["id"], claimed["id"]);
    assert_eq!(ask(&desk, shown["text"].as_str().unwrap()).await["colour"], "withdrawn");

    let auditor = somebody(&world, Role::Auditor).await;
    let noted = world.with_token(&auditor).get("/v1/audit?deed=withdraw-code").await.expect(200);
    let noted = noted["records"].as_array().unwrap();
    assert_eq!(noted.len(), 2, "the one that did nothing as well");
    assert_eq!((&noted[1]["reason"], &noted[1]["name"]), (&json!("被他人代领"), &json!("clerk")));
    assert_eq!(noted[1]["subject"], format!("35/{index}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_a_stranger_opened_is_ended_and_its_person_registers_anew() {
    const NUMBER: &str = "350100190001010004";
    let world = World::new().await;
    let (child, other) = (number("20100101", 1), number("19480101", 1));
    world.import(&format!("resident-id,{child},样本亲\nresident-id,{other},样本亲\n")).await;
    let (desk, _) = world.desk().await;
    // Whoever knew name and number: codes for that person and for a child, and a paper.
    let stranger = world.holder().await;
    stranger.post("/v1/family", member("child", &child)).await.expect(201);
    // As many as there are in a day: that is no matter of the person's.
    for _ in 0..9 {
        stranger.post("/v1/papers", json!({})).await.expect(201);
    }
    stranger.post("/v1/papers", json!({})).await.error(429);
    let (_, _, paper) = print(&stranger, "").await;
    let shown = stranger.post("/v1/shows", json!({})).await.expect(200);
    let anew = registration(NUMBER, "样本明", "13900000007");
    let kept_out = world.browser().post("/v1/accounts/register", anew.clone()).await;
    assert_eq!(kept_out.error(409).0, "conflict");
    let clerk = world.with_token(&world.clerk);
    let before = subject(&clerk, NUMBER).await;

    let end = |number: &str| {
        json!({"document": {"document_type": "resident-id", "number": number},
            "reason": "被他人冒名注册"})
    };
    for role in [Role::Epidemiologist, Role::SiteManager, Role::Auditor, Role::Department] {
        let somebody = somebody(&world, role).await;
        let somebody = world.with_token(&somebody);
        let refused = somebody.post("/v1/holders/end-account", end(NUMBER)).await;
        assert_eq!(refused.error(403).0, "forbidden", "{role:?}");
    }
    let mut without = end(NUMBER);
    without["reason"] = json!("why");
    let refused = clerk.post("/v1/holders/end-account", without).await;
    assert_eq!(refused.error(400).1.as_deref(), Some("reason"));
    for nobody in [other.as_str(), "350100190001010020"] {
        clerk.post("/v1/holders/end-account", end(nobody)).await.error(404);
    }
    let ended = clerk.post("/v1/holders/end-account", end(NUMBER)).await.expect(200);
    assert_eq!(ended, json!({"codes_withdrawn": 2}));
    clerk.post("/v1/holders/end-account", end(NUMBER)).await.error(404);

    // The stranger has nothing any more, and neither code nor paper counts.
    stranger.get("/v1/me").await.error(401);
    let login = json!({"phone": "13900000000", "password": "correct horse"});
    stranger.post("/v1/accounts/login", login.clone()).await.error(401);
    for text in [shown["text"].as_str().unwrap(), paper.as_str()] {
        assert_eq!(ask(&desk, text).await["colour"], "withdrawn");
    }
    let reveal = json!({"subject": before, "reason": "窗口办理"});
    let revealed = clerk.post("/v1/holders/reveal", reveal.clone()).await.expect(200);
    assert_eq!(revealed["phone"], "", "the number is nobody's any more");

    // The person registers, with nothing of what was claimed; the telephone is free as well.
    let person = world.browser();
    person.post("/v1/accounts/register", anew.clone()).await.expect(201);
    assert_eq!(person.get("/v1/me").await.expect(200)["holder"], Value::Null);
    assert_eq!(person.get("/v1/family").await.expect(200), json!({"members": []}));
    person.post("/v1/claims", json!({})).await.expect(201);
    let revealed = clerk.post("/v1/holders/reveal", reveal).await.expect(200);
    assert_eq!(revealed["phone"], "", "the stranger's code was under another number");
    let second = world.browser().post("/v1/accounts/register", anew).await;
    assert_eq!(second.error(409).0, "conflict", "there is one account again");
    stranger.get("/v1/me").await.error(401);
    let parent = world.citizen("350100190001010012", "欧阳样本", "13900000000").await;
    parent.post("/v1/family", member("child", &child)).await.expect(201);
    world.browser().post("/v1/accounts/login", login).await.expect(200);

    let auditor = somebody(&world, Role::Auditor).await;
    let noted = world.with_token(&auditor).get("/v1/audit?deed=end-account").await.expect(200);
    let noted = noted["records"].as_array().unwrap();
    assert_eq!(noted.len(), 1);
    assert_eq!(
        (&noted[0]["reason"], &noted[0]["name"]),
        (&json!("被他人冒名注册"), &json!("clerk"))
    );
    assert_eq!(noted[0]["detail"], json!({"codes_withdrawn": "2"}));
    assert!(noted[0]["subject"].as_str().unwrap().starts_with("document "));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_paper_the_code_is_withdrawn_as_well() {
    let world = World::new().await;
    let citizen = world.holder().await;
    let (desk, _) = world.desk().await;
    let clerk = world.with_token(&world.clerk);
    let phone = subject(&clerk, "350100190001010004").await;
    citizen.post("/v1/papers", json!({})).await.expect(201);
    let (_, _, text) = print(&citizen, "").await;
    let paper = subject(&clerk, "350100190001010004").await;
    assert_ne!(paper, phone);
    let body = json!({"subject": paper, "reason": "纸质码遗失"});
    clerk.post("/v1/holders/withdraw", body).await.expect(200);
    assert_eq!(ask(&desk, &text).await["colour"], "withdrawn");
    citizen.get("/v1/papers").await.error(404);
    citizen.post("/v1/shows", json!({})).await.error(404);
    assert_eq!(citizen.get("/v1/me").await.expect(200)["holder"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_declared_is_told_with_who_it_is() {
    let world = World::new().await;
    let clerk = world.with_token(&world.clerk);
    let reveal = async |subject: &Value| {
        let body = json!({"subject": subject, "reason": "通知隔离"});
        clerk.post("/v1/holders/reveal", body).await.expect(200)["declared"].clone()
    };
    let resident = world.holder().await;
    let own = subject(&clerk, "350100190001010004").await;
    assert_eq!(reveal(&own).await, json!({"group": "resident"}));
    // Declared anew it is what counts now, and on paper the same.
    let from = json!({"group": "other-province", "departure": "420100", "household": "110105"});
    resident.post("/v1/claims", json!({"from": from})).await.expect(200);
    assert_eq!(reveal(&own).await, from);
    resident.post("/v1/papers", json!({})).await.expect(201);
    let paper = subject(&clerk, "350100190001010004").await;
    assert_ne!(paper, own);
    assert_eq!(reveal(&paper).await, from);

    world.import_arrivals("passport-foreign,L898902C4,BORIS SAMPLE,2020-06-30\n").await;
    let traveller = world.browser();
    let request = json!({"document_type": "passport-foreign", "number": "L898902C4",
        "name": "BORIS SAMPLE", "phone": "+4915200000002", "password": "correct horse"});
    traveller.post("/v1/accounts/register", request).await.expect(201);
    let from = json!({"group": "abroad", "contact": "+85290000000"});
    traveller.post("/v1/claims", json!({"from": from})).await.expect(201);
    let place = subject_of(&clerk, "passport-foreign", "L898902C4").await;
    assert_eq!(reveal(&place).await, from);
    // What was declared with a code that was withdrawn stays with it.
    traveller.post("/v1/holder/withdraw", json!({})).await.expect(204);
    assert_eq!(reveal(&place).await, from);

    let auditor = somebody(&world, Role::Auditor).await;
    let noted = world.with_token(&auditor).get("/v1/audit?deed=reveal-holder").await.expect(200);
    assert_eq!(noted["records"].as_array().unwrap().len(), 5);
    for told in ["420100", "110105", "+85290000000"] {
        assert!(!noted.to_string().contains(told), "{told}");
    }
}
