//! An identity service behind the authority, over real sockets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::any;
use hmac::{Hmac, Mac};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use yanma_authority::identity::ServiceSettings;
use yanma_authority::limits::Rate;
use yanma_protocol::accounts::AccountLevel;

use crate::world::{Caller, World, registration};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const STRANGER: &str = "350100190001010020";

/// A service that keeps the contract: it checks signatures, and gives the answers that the
/// test lays out.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    answers: VecDeque<(u16, &'static str)>,
    /// Path and body of each question, and its nonce.
    questions: Vec<(String, Value, String)>,
}

async fn answer(
    State(service): State<Service>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (time, nonce) = (header("yanma-time"), header("yanma-nonce"));
    let digest = hex::encode(Sha256::digest(&body));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("POST\n{}\n{time}\n{nonce}\n{digest}", uri.path()).as_bytes());
    let signature = hex::decode(header("yanma-signature")).unwrap();
    if header("yanma-key") != "fujian" || mac.verify_slice(&signature).is_err() {
        return (StatusCode::UNAUTHORIZED, String::new());
    }
    let mut seen = service.0.lock().unwrap();
    let body = serde_json::from_slice(&body).unwrap();
    seen.questions.push((uri.path().to_owned(), body, nonce));
    let (status, result) = seen.answers.pop_front().unwrap_or((500, "none"));
    (StatusCode::from_u16(status).unwrap(), json!({"result": result}).to_string())
}

impl Service {
    fn will(&self, answers: &[(u16, &'static str)]) {
        let mut seen = self.0.lock().unwrap();
        seen.answers = answers.iter().copied().collect();
        seen.questions.clear();
    }

    /// Answers at an address of its own, which is returned.
    async fn serve(self) -> reqwest::Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap()).parse().unwrap();
        let app = Router::new().fallback(any(answer)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        base
    }

    fn questions(&self) -> Vec<(String, Value, String)> {
        self.0.lock().unwrap().questions.clone()
    }
}

async fn world(secret: &'static str) -> (World, Service) {
    let service = Service::default();
    let base = service.clone().serve().await;
    let world = World::with(|settings| {
        let (key, secret) = ("fujian".to_owned(), secret.into());
        settings.identity = Some(ServiceSettings { base, key, secret });
        settings.claim_level = AccountLevel::Sms;
        settings.family_level = AccountLevel::Face;
    })
    .await;
    (world, service)
}

async fn register(world: &World) -> (Caller<'_>, crate::world::Answer) {
    let browser = world.browser();
    let asked = registration(STRANGER, "样本客", "13900000009");
    let answer = browser.post("/v1/accounts/register", asked).await;
    (browser, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_known_when_the_service_says_so_and_levels_are_proven() {
    let (mut world, service) = world(SECRET).await;
    service.will(&[(200, "differs")]);
    assert_eq!(register(&world).await.1.error(422).0, "not-registered");
    service.will(&[(200, "match")]);
    let (citizen, registered) = register(&world).await;
    assert_eq!(registered.expect(201)["account"]["level"], "register-match");
    let (path, asked, _) = service.questions().remove(0);
    assert_eq!(path, "/v1/match");
    assert_eq!(
        asked,
        json!({"document_type": "resident-id", "number": STRANGER, "name": "样本客"})
    );

    // A claim needs a code by SMS here.
    assert_eq!(citizen.post("/v1/claims", json!({})).await.error(403).0, "identity-level");
    service.will(&[(200, "match"), (200, "differs"), (200, "match")]);
    citizen.post("/v1/identity/sms", json!({})).await.expect(204);
    let code = json!({"code": "123456"});
    let wrong = citizen.post("/v1/identity/sms/check", code.clone()).await;
    assert_eq!(wrong.error(422).0, "identity-differs");
    let proven = citizen.post("/v1/identity/sms/check", code).await.expect(200);
    assert_eq!(proven["account"]["level"], "sms");
    assert_eq!(service.questions()[2].1, json!({"phone": "13900000009", "code": "123456"}));
    let again = citizen.post("/v1/identity/sms", json!({})).await;
    assert_eq!(again.error(409).0, "conflict", "what is proven costs nothing more");
    assert_eq!(service.questions().len(), 3);
    citizen.post("/v1/claims", json!({})).await.expect(201);

    // And a claim for the family a face, which a service may not offer.
    let member = json!({"relation": "relative", "document_type": "resident-id",
        "number": "350100190001010012", "name": "欧阳样本"});
    let refused = citizen.post("/v1/family", member.clone()).await;
    assert_eq!(refused.error(403).0, "identity-level");
    let face = json!({"image": "A".repeat(400)});
    service.will(&[(200, "unknown"), (200, "match")]);
    let none = citizen.post("/v1/identity/face", face.clone()).await;
    assert_eq!(none.error(409).0, "identity-not-offered");
    let proven = citizen.post("/v1/identity/face", face).await.expect(200);
    assert_eq!(proven["account"]["level"], "face");
    citizen.post("/v1/family", member).await.expect(201);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_by_sms_have_a_bound_for_the_telephone_and_for_the_address() {
    let service = Service::default();
    let base = service.clone().serve().await;
    let world = World::with(|settings| {
        let (key, secret) = ("fujian".to_owned(), SECRET.into());
        settings.identity = Some(ServiceSettings { base, key, secret });
        settings.rates.sms = Rate::one_each(1.0, 100.0);
        settings.rates.sms_phone = Rate::one_each(86_400.0, 2.0);
        settings.rates.sms_address = Rate::one_each(86_400.0, 4.0);
        settings.behind_proxy = true;
    })
    .await;
    service.will(&[(200, "match"); 10]);
    let citizen = world.holder().await;
    let other = world.citizen("350100190001010012", "欧阳样本", "13900000002").await;
    let ask = async |who: &Caller<'_>, address| {
        who.at(address).post("/v1/identity/sms", json!({})).await.status
    };
    for status in [204, 204, 429] {
        assert_eq!(ask(&citizen, "192.0.2.1").await, status);
    }
    assert_eq!(ask(&citizen, "192.0.2.2").await, 429, "from wherever");
    assert_eq!(ask(&other, "192.0.2.1").await, 204);
    assert_eq!(ask(&other, "192.0.2.1").await, 429, "and whoever asks from there");
    assert_eq!(service.questions().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_only_the_service_knows_is_no_resident_with_a_number_from_elsewhere() {
    let (mut world, service) = world(SECRET).await;
    for (number, phone, is_resident) in
        [("11010519491231002X", "13900000011", false), (STRANGER, "13900000012", true)]
    {
        service.will(&[(200, "match"), (200, "match"), (200, "match")]);
        let citizen = world.browser();
        let asked = registration(number, "样本客", phone);
        citizen.post("/v1/accounts/register", asked).await.expect(201);
        citizen.post("/v1/identity/sms", json!({})).await.expect(204);
        let code = json!({"code": "123456"});
        citizen.post("/v1/identity/sms/check", code).await.expect(200);
        let claimed = citizen.post("/v1/claims", json!({})).await;
        if is_resident {
            claimed.expect(201);
            continue;
        }
        assert_eq!(claimed.error(422).0, "claim-from-elsewhere");
        let from = json!({"group": "other-province", "departure": "110105", "household": "110105"});
        let claimed = citizen.post("/v1/claims", json!({"from": from})).await.expect(201);
        assert_eq!(claimed["group"], "other-province");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_answer_is_neither_yes_nor_no() {
    let (mut world, service) = world(SECRET).await;
    // A failure that passes is not noticed; the further try is the same question.
    service.will(&[(503, ""), (200, "match")]);
    register(&world).await.1.expect(201);
    let questions = service.questions();
    assert_eq!(questions.len(), 2);
    assert_eq!(questions[0].2, questions[1].2, "the nonce says that it is the same");

    // Three tries, then an honest answer; after five failures nobody is asked for a while.
    service.will(&[]);
    let guest = registration("350100190001010039", "样本友", "13900000010");
    let ask = async || world.browser().post("/v1/accounts/register", guest.clone()).await;
    let unknown = ask().await;
    assert_eq!(unknown.body["retry_after_seconds"], 5);
    assert_eq!(unknown.error(503).0, "identity-unavailable");
    assert_eq!(service.questions().len(), 3);
    assert_eq!(ask().await.error(503).0, "identity-unavailable");
    let asked = service.questions().len();
    assert_eq!(ask().await.error(503).0, "identity-unavailable");
    assert_eq!(service.questions().len(), asked, "it is left alone");
    service.will(&[(200, "match")]);
    world.pass(SignedDuration::from_secs(31));
    ask().await.expect(201);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_holds_up_nobody_whom_the_register_knows() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", closed.local_addr().unwrap()).parse().unwrap();
    drop(closed);
    let world = World::with(|settings| {
        let key = "fujian".to_owned();
        settings.identity = Some(ServiceSettings { base, key, secret: SECRET.into() });
    })
    .await;
    let (_, refused) = register(&world).await;
    assert_eq!(refused.headers["retry-after"], "5");
    assert_eq!(refused.error(503).0, "identity-unavailable");
    // Whoever is in the register needs no service, and none is pretended.
    let citizen = world.holder().await;
    for (path, body) in
        [("/v1/identity/sms", json!({})), ("/v1/identity/face", json!({"image": "A".repeat(400)}))]
    {
        let refused = citizen.post(path, body).await;
        assert_eq!(refused.error(503).0, "identity-unavailable", "{path}");
    }
    let me = citizen.get("/v1/me").await.expect(200);
    assert_eq!(me["account"]["level"], "register-match");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_and_a_missing_service_say_so() {
    let (mut wrong, _) = world("ffffffffffffffffffffffffffffffff").await;
    assert_eq!(register(&wrong).await.1.error(503).0, "identity-unavailable");
    wrong.stop().await;
    let mut world = World::new().await;
    assert_eq!(register(&world).await.1.error(422).0, "not-registered");
    let citizen = world.holder().await;
    for (path, body) in [
        ("/v1/identity/sms", json!({})),
        ("/v1/identity/sms/check", json!({"code": "123456"})),
        ("/v1/identity/face", json!({"image": "A".repeat(400)})),
    ] {
        assert_eq!(citizen.post(path, body).await.error(409).0, "identity-not-offered");
    }
    let bad = citizen.post("/v1/identity/sms/check", json!({"code": "12a4"})).await;
    assert_eq!(bad.error(400).1.as_deref(), Some("code"));
    world.stop().await;
}
