//! Other regions at the console: seen, added, changed, no longer trusted.

use serde_json::{Value, json};
use yanma_authority::clerks::Role;

use crate::authenticator::{administrator, signed_in};
use crate::console::somebody;
use crate::regions::{SOON, ZHEJIANG, world};
use crate::world::{Caller, World, until};

fn request(there: &World) -> Value {
    json!({
        "name": {"zh": "浙江省", "en": "Zhejiang"},
        "url": there.url,
        "root_key": there.authority.root_key().unwrap(),
        "reason": "agreed by telephone",
    })
}

async fn only(caller: &Caller<'_>) -> Value {
    let listed = caller.get("/v1/regions").await.expect(200);
    assert_eq!(listed["regions"].as_array().unwrap().len(), 1);
    listed["regions"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_is_added_seen_changed_and_no_longer_trusted() {
    let (mut fujian, mut zhejiang) = (world(35).await, world(ZHEJIANG).await);
    {
        let administrator = administrator(&fujian).await;
        let listed = administrator.get("/v1/regions").await.expect(200);
        assert_eq!(listed["regions"], json!([]));
        assert_eq!(listed["own"]["issuer"], 35);
        assert_eq!(listed["own"]["root_key"], json!(fujian.authority.root_key().unwrap()));
        assert_eq!(listed["live_seconds"], 900);

        let put = administrator.put("/v1/regions/33", request(&zhejiang)).await.expect(200);
        // Whether it is trusted yet, the follower may have settled before the answer was made.
        assert_eq!(put["issuer"], 33);
        // The keys are known a moment before the list.
        until(SOON, async || only(&administrator).await["list_of"].is_string()).await;
        let known = only(&administrator).await;
        assert_eq!((&known["code_keys"], &known["trouble"]), (&json!(1), &Value::Null));
        assert_eq!((&known["trusted"], &known["holders"]), (&json!(true), &json!(0)));
        assert!(known["asked_at"].is_string());

        // A name is changed, and its keys stay; an address where nobody is, is said to be one.
        let mut moved = request(&zhejiang);
        moved["url"] = json!("http://127.0.0.1:9");
        moved["name"]["en"] = json!("Zhejiang Province");
        administrator.put("/v1/regions/33", moved).await.expect(200);
        let trouble = async || only(&administrator).await["trouble"]["kind"].clone();
        until(SOON, async || trouble().await == "unreachable").await;
        let known = only(&administrator).await;
        assert_eq!(known["name"]["en"], "Zhejiang Province");
        assert_eq!(known["trusted"], true, "what was known before stays");
        assert!(known["list_of"].is_string());

        let because = json!({"reason": "the treaty ended"});
        administrator.post("/v1/regions/33/remove", because.clone()).await.expect(204);
        assert_eq!(administrator.get("/v1/regions").await.expect(200)["regions"], json!([]));
        let again = administrator.post("/v1/regions/33/remove", because).await;
        assert_eq!(again.error(404).0, "not-found");

        let token = somebody(&fujian, Role::Auditor).await;
        let auditor = fujian.with_token(&token);
        let noted = auditor.get("/v1/audit?deed=put-region").await.expect(200);
        assert_eq!(noted["records"].as_array().unwrap().len(), 2);
        assert_eq!(noted["records"][1]["subject"], "33");
        assert_eq!(noted["records"][1]["reason"], "agreed by telephone");
        assert_eq!(noted["records"][1]["detail"]["url"], zhejiang.url);
        let noted = auditor.get("/v1/audit?deed=remove-region").await.expect(200);
        assert_eq!(noted["records"][0]["reason"], "the treaty ended");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_changes_regions_and_bad_fields_are_named() {
    let mut fujian = world(35).await;
    {
        let administrator = administrator(&fujian).await;
        let good = request(&fujian);
        for (path, pointer, value, field) in [
            ("/v1/regions/35", "/reason", json!("agreed by telephone"), "issuer"),
            ("/v1/regions/256", "/reason", json!("agreed by telephone"), "issuer"),
            ("/v1/regions/x", "/reason", json!("agreed by telephone"), "issuer"),
            ("/v1/regions/33", "/url", json!("http://health.example"), "url"),
            ("/v1/regions/33", "/url", json!("somewhere"), "url"),
            ("/v1/regions/33", "/root_key", json!("00"), "root_key"),
            ("/v1/regions/33", "/name/zh", json!(" "), "name.zh"),
            ("/v1/regions/33", "/reason", json!(""), "reason"),
        ] {
            let mut body = good.clone();
            *body.pointer_mut(pointer).unwrap() = value;
            let (code, at) = administrator.put(path, body).await.error(400);
            assert_eq!((code.as_str(), at.as_deref()), ("bad-field", Some(field)), "{path}");
        }
        for role in Role::ALL {
            let token = somebody(&fujian, role).await;
            let caller = match role {
                Role::Administrator => signed_in(&fujian, &token).await.0,
                _ => fujian.with_token(&token),
            };
            let rights = caller.get("/v1/clerks/me").await.expect(200)["rights"].to_string();
            let seen = if rights.contains("see-regions") { 200 } else { 403 };
            caller.get("/v1/regions").await.expect(seen);
            let put = caller.put("/v1/regions/33", good.clone()).await;
            put.expect(if role == Role::Administrator { 200 } else { 403 });
            let because = json!({"reason": "no longer"});
            let ended = caller.post("/v1/regions/33/remove", because).await;
            ended.expect(if role == Role::Administrator { 204 } else { 403 });
        }
    }
    fujian.stop().await;
}
