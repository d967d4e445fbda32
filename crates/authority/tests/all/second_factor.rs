//! One-time passwords of those who work at the console.

use jiff::SignedDuration;
use serde_json::{Value, json};
use yanma_authority::clerks::Role;
use yanma_authority::limits::Rate;

use crate::authenticator::{Authenticator, administrator, signed_in};
use crate::world::{Answer, Caller, World};

const SET_UP: &str = "/v1/clerks/me/second-factor";
const CONFIRM: &str = "/v1/clerks/me/second-factor/confirm";
const SESSION: &str = "/v1/clerks/me/session";
const SIGN_OUT: &str = "/v1/clerks/me/sign-out";

async fn token(world: &World, role: Role) -> String {
    world.authority.create_clerk(role.as_str(), role).await.unwrap().reveal().to_owned()
}

async fn factor(caller: &Caller<'_>) -> String {
    let me = caller.get("/v1/clerks/me").await.expect(200);
    assert_eq!(
        me["rights"].as_array().unwrap().is_empty(),
        me["second_factor"] != "shown" && me["second_factor"] != "not-needed",
        "nothing may be done before it was shown: {me}"
    );
    me["second_factor"].as_str().unwrap().to_owned()
}

#[track_caller]
fn refused(answer: Answer, status: u16, code: &str) {
    assert_eq!(answer.error(status).0, code);
}

/// A world in which attempts are held back by being wrong alone.
async fn patient() -> World {
    World::with(|settings| settings.rates.second_factor = Rate::one_each(0.001, 1e9)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_alone_opens_only_the_way_to_a_session() {
    let world = World::new().await;
    let token = token(&world, Role::Administrator).await;
    let browser = world.browser();
    let with_token = browser.bearing(&token);
    assert_eq!(factor(&with_token).await, "to-set-up");
    refused(with_token.get("/v1/clerks").await, 403, "second-factor-to-set-up");
    refused(with_token.get("/v1/audit").await, 403, "forbidden");
    let code = json!({"code": "000000"});
    refused(with_token.post(SESSION, code.clone()).await, 403, "second-factor-to-set-up");
    refused(with_token.post(CONFIRM, code.clone()).await, 409, "conflict");

    let first = with_token.post(SET_UP, json!({})).await.expect(200);
    let set_up = with_token.post(SET_UP, json!({})).await.expect(200);
    assert_ne!(first["secret"], set_up["secret"], "asked again it is another one");
    let uri = set_up["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Yanma%20Fujian%20Province:administrator?"), "{uri}");
    assert!(uri.contains(&format!("secret={}&", set_up["secret"].as_str().unwrap())), "{uri}");
    assert_eq!(factor(&with_token).await, "to-set-up", "it is not confirmed yet");
    let app = Authenticator::new(&set_up);
    let old = json!({"code": Authenticator::new(&first).code(world.now())});
    refused(with_token.post(CONFIRM, old).await, 422, "second-factor-wrong");
    let right = json!({"code": app.code(world.now())});
    let confirmed = with_token.post(CONFIRM, right).await;
    let cookie = confirmed.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["yanma_console=", "; HttpOnly", "; SameSite=Strict", "; Max-Age=7200", "; Path=/"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    let confirmed = confirmed.expect(200);
    assert_eq!(confirmed["session"]["recovery_codes_left"], 10);

    assert_eq!(factor(&browser).await, "shown", "the cookie stands for both");
    browser.get("/v1/clerks").await.expect(200);
    refused(browser.get("/v1/audit").await, 403, "forbidden");
    assert_eq!(factor(&with_token).await, "to-show", "the token alone does not");
    refused(with_token.get("/v1/clerks").await, 403, "second-factor-to-show");
    refused(with_token.post(SET_UP, json!({})).await, 403, "second-factor-to-show");
    refused(with_token.post(CONFIRM, code).await, 403, "second-factor-to-show");

    assert_eq!(browser.post(SIGN_OUT, json!({})).await.status, 204);
    refused(browser.get("/v1/clerks/me").await, 401, "unauthorised");
    let value = cookie.split(';').next().unwrap();
    let kept = world.nobody().client.get(browser.url("/v1/clerks")).header("cookie", value);
    assert_eq!(kept.send().await.unwrap().status(), 401, "a cookie that was kept is worth nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself() {
    let world = World::new().await;
    let token = token(&world, Role::Administrator).await;
    let (browser, app) = signed_in(&world, &token).await;
    world.pass(SignedDuration::from_mins(119));
    browser.get("/v1/clerks").await.expect(200);
    world.pass(SignedDuration::from_mins(1));
    refused(browser.get("/v1/clerks").await, 401, "unauthorised");
    let code = json!({"code": app.code(world.now())});
    browser.bearing(&token).post(SESSION, code).await.expect(201);
    browser.get("/v1/clerks").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_counts_once_and_one_step_around_its_own() {
    let world = patient().await;
    let token = token(&world, Role::Administrator).await;
    let (browser, app) = signed_in(&world, &token).await;
    let owner = browser.bearing(&token);
    let show = async |seconds: i64| {
        let at = world.now() + SignedDuration::from_secs(seconds);
        owner.post(SESSION, json!({"code": app.code(at)})).await
    };
    refused(show(0).await, 422, "second-factor-wrong"); // The one that confirmed the app.
    world.pass(SignedDuration::from_secs(120));
    refused(show(-60).await, 422, "second-factor-wrong");
    refused(show(60).await, 422, "second-factor-wrong");
    show(-30).await.expect(201);
    refused(show(-30).await, 422, "second-factor-wrong");
    show(30).await.expect(201);
    refused(show(0).await, 422, "second-factor-wrong"); // Older than the one that was taken.
    for (body, field) in [
        (json!({"code": "12345"}), "code"),
        (json!({"code": 123_456}), "code"),
        (json!({"recovery_code": "x"}), "recovery_code"),
        (json!({"password": "123456"}), "body"),
    ] {
        assert_eq!(owner.post(SESSION, body).await.error(400).1.as_deref(), Some(field));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_lock_for_a_while_from_wherever_they_come() {
    let world = World::with(|settings| {
        settings.rates.second_factor = Rate::one_each(0.001, 1e9);
        settings.behind_proxy = true;
    })
    .await;
    let (owned, other) =
        (token(&world, Role::Administrator).await, token(&world, Role::Administrator).await);
    let (_, app) = signed_in(&world, &owned).await;
    let (_, others) = signed_in(&world, &other).await;
    world.pass(SignedDuration::from_secs(60));
    let thief = world.with_token(&owned);
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"] {
        let wrong = json!({"code": app.wrong(world.now())});
        refused(thief.at(address).post(SESSION, wrong).await, 422, "second-factor-wrong");
    }
    let show = async |app: &Authenticator, token: &str| {
        let code = json!({"code": app.code(world.now())});
        world.with_token(token).at("192.0.2.9").post(SESSION, code).await
    };
    let locked = show(&app, &owned).await;
    let wait = locked.headers["retry-after"].to_str().unwrap().parse::<i64>().unwrap();
    refused(locked, 429, "rate-limited");
    assert!((50..=60).contains(&wait), "{wait}");
    show(&others, &other).await.expect(201);
    world.pass(SignedDuration::from_secs(wait));
    let wrong = json!({"code": app.wrong(world.now())});
    refused(thief.at("192.0.2.1").post(SESSION, wrong).await, 422, "second-factor-wrong");
    let locked = show(&app, &owned).await;
    assert!(locked.body["retry_after_seconds"].as_i64().unwrap() > 100, "the pause doubles");
    world.pass(SignedDuration::from_secs(120));
    show(&app, &owned).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_held_back_by_person_and_address() {
    let world = World::with(|settings| {
        settings.rates.second_factor = Rate::one_each(60.0, 2.0);
        settings.behind_proxy = true;
    })
    .await;
    let token = token(&world, Role::Administrator).await;
    let caller = world.with_token(&token);
    for _ in 0..2 {
        caller.at("192.0.2.1").post(SET_UP, json!({})).await.expect(200);
    }
    refused(caller.at("192.0.2.1").post(SET_UP, json!({})).await, 429, "rate-limited");
    caller.at("192.0.2.2").post(SET_UP, json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_count_once_and_another_app_replaces_the_first() {
    let world = patient().await;
    let owned = token(&world, Role::Administrator).await;
    let browser = world.browser();
    let owner = browser.bearing(&owned);
    let first = Authenticator::new(&owner.post(SET_UP, json!({})).await.expect(200));
    let code = json!({"code": first.code(world.now())});
    let confirmed = owner.post(CONFIRM, code).await.expect(200);
    let codes: Vec<String> = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);

    let (lost, other) = (world.browser(), world.browser());
    let typed = json!({"recovery_code": codes[3].to_lowercase().replace('-', " ")});
    let opened = lost.bearing(&owned).post(SESSION, typed.clone()).await.expect(201);
    assert_eq!(opened["recovery_codes_left"], 9);
    refused(other.bearing(&owned).post(SESSION, typed).await, 422, "second-factor-wrong");
    let somebodys = token(&world, Role::Administrator).await;
    let (_, _) = signed_in(&world, &somebodys).await;
    let typed = json!({"recovery_code": codes[4]});
    let stolen = world.with_token(&somebodys).post(SESSION, typed).await;
    refused(stolen, 422, "second-factor-wrong");

    // A new telephone: the session sets up another app, and the old one ends with the codes.
    let second = Authenticator::new(&lost.post(SET_UP, json!({})).await.expect(200));
    world.pass(SignedDuration::from_secs(60));
    let still = json!({"code": first.code(world.now())});
    other.bearing(&owned).post(SESSION, still).await.expect(201);
    world.pass(SignedDuration::from_secs(60));
    lost.post(CONFIRM, json!({"code": second.code(world.now())})).await.expect(200);
    assert_eq!(factor(&lost).await, "shown");
    refused(other.get("/v1/clerks").await, 401, "unauthorised");
    refused(browser.get("/v1/clerks").await, 401, "unauthorised");
    world.pass(SignedDuration::from_secs(60));
    let old = json!({"code": first.code(world.now())});
    refused(owner.post(SESSION, old).await, 422, "second-factor-wrong");
    let old = json!({"recovery_code": codes[0]});
    refused(owner.post(SESSION, old).await, 422, "second-factor-wrong");
    owner.post(SESSION, json!({"code": second.code(world.now())})).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_a_token_ends_its_sessions_and_a_reset_begins_anew() {
    let world = World::new().await;
    let other = administrator(&world).await;
    let owned = token(&world, Role::Administrator).await;
    let (browser, app) = signed_in(&world, &owned).await;
    let id = browser.get("/v1/clerks/me").await.expect(200)["id"].as_i64().unwrap();

    let unfounded = world.authority.reset_second_factor(id, "no").await;
    assert!(unfounded.is_err(), "a reset has a reason");
    assert!(world.authority.reset_second_factor(id + 1000, "lost it").await.is_err());
    let reset = world.authority.reset_second_factor(id, "lost the telephone").await.unwrap();
    assert!(!reset.second_factor);
    refused(browser.get("/v1/clerks").await, 401, "unauthorised");
    let owner = world.with_token(&owned);
    assert_eq!(factor(&owner).await, "to-set-up");
    world.pass(SignedDuration::from_secs(60));
    let code = json!({"code": app.code(world.now())});
    refused(owner.post(SESSION, code).await, 403, "second-factor-to-set-up");

    let (browser, app) = signed_in(&world, &owned).await;
    let listed = other.get("/v1/clerks").await.expect(200);
    let listed = listed["clerks"].as_array().unwrap();
    assert_eq!(listed.iter().find(|clerk| clerk["id"] == id).unwrap()["second_factor"], true);
    let because = json!({"reason": "left the office"});
    other.post(&format!("/v1/clerks/{id}/revoke"), because).await.expect(200);
    refused(browser.get("/v1/clerks").await, 401, "unauthorised");
    let code = json!({"code": app.code(world.now())});
    refused(owner.post(SESSION, code).await, 401, "unauthorised");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_noted_and_no_secret_is() {
    let world = patient().await;
    let owned = token(&world, Role::Administrator).await;
    let browser = world.browser();
    let owner = browser.bearing(&owned);
    let set_up = owner.post(SET_UP, json!({})).await.expect(200);
    let app = Authenticator::new(&set_up);
    let wrong = app.wrong(world.now());
    owner.post(CONFIRM, json!({"code": wrong})).await.error(422);
    let right = app.code(world.now());
    let confirmed = owner.post(CONFIRM, json!({"code": right})).await.expect(200);
    let codes: Vec<String> = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
    owner.post(SESSION, json!({"recovery_code": codes[0]})).await.expect(201);
    browser.post(SIGN_OUT, json!({})).await;
    let id = owner.get("/v1/clerks/me").await.expect(200)["id"].as_i64().unwrap();
    world.authority.reset_second_factor(id, "lost the telephone").await.unwrap();

    let auditor = token(&world, Role::Auditor).await;
    let page = world.with_token(&auditor).get("/v1/audit?limit=1000").await.expect(200);
    let about = format!("clerk {id}");
    let noted: Vec<(String, Value)> = page["records"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .filter(|record| record["subject"] == about.as_str() && record["deed"] != "create-clerk")
        .map(|record| (record["deed"].as_str().unwrap().to_owned(), record["detail"].clone()))
        .collect();
    let expected = [
        ("set-up-second-factor", json!({})),
        ("refuse-second-factor", json!({"in-a-row": "1", "pause-seconds": "0"})),
        ("confirm-second-factor", json!({})),
        ("open-session", json!({"by": "one-time-password", "recovery-codes-left": "10"})),
        ("open-session", json!({"by": "recovery-code", "recovery-codes-left": "9"})),
        ("close-session", json!({})),
        ("reset-second-factor", json!({})),
    ];
    assert_eq!(noted, expected.map(|(deed, detail)| (deed.to_owned(), detail)));
    let text = page.to_string();
    let secrets = codes.iter().map(String::as_str);
    for secret in secrets.chain([set_up["secret"].as_str().unwrap(), &owned]) {
        assert!(!text.contains(secret));
    }
    for code in [wrong, right] {
        assert!(!text.contains(&format!("\"{code}\"")));
    }
    assert_eq!(world.authority.check_audit().await.unwrap().broken_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_roles_are_asked_where_the_setting_says_so() {
    let world = World::with(|settings| settings.second_factor_for = vec![Role::Auditor]).await;
    for (role, wanted) in [
        (Role::Clerk, false),
        (Role::Department, false),
        (Role::Epidemiologist, false),
        (Role::Administrator, true),
        (Role::Auditor, true),
    ] {
        let token = token(&world, role).await;
        let caller = world.with_token(&token);
        let state = if wanted { "to-set-up" } else { "not-needed" };
        assert_eq!(factor(&caller).await, state, "{role:?}");
        if wanted {
            let (browser, _) = signed_in(&world, &token).await;
            assert_eq!(factor(&browser).await, "shown", "{role:?}");
        } else {
            refused(caller.post(SET_UP, json!({})).await, 409, "conflict");
            refused(caller.post(SESSION, json!({"code": "000000"})).await, 409, "conflict");
        }
    }
    world.nobody().post(SET_UP, json!({})).await.error(401);
    world.nobody().post(SESSION, json!({"code": "000000"})).await.error(401);
    assert_eq!(world.nobody().post(SIGN_OUT, json!({})).await.status, 204);
}
