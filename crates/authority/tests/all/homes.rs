//! Arrivals and their colour at home: two authorities side by side, and what stands between.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::routing::any;
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use yanma_authority::keys::KeyRing;
use yanma_authority::limits::Rate;
use yanma_authority::regions::NewRegion;
use yanma_domain::IssuerId;

use crate::regions::{FUJIAN, SOON, ZHEJIANG, ask, name, recognise, show, world};
use crate::world::{Caller, World, fact, until};

/// Lives in Zhejiang here, whatever the number says.
const NUMBER: &str = "350100190001010004";
const OTHER: &str = "350100190001010012";

/// What goes between two authorities: passed on, and kept.
#[derive(Clone)]
struct Between {
    to: Arc<Mutex<String>>,
    questions: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    /// Answers this instead of passing a question on.
    instead: Arc<Mutex<Option<(StatusCode, String)>>>,
    url: String,
}

async fn pass_on(
    State(between): State<Between>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, Bytes) {
    if uri.path() == "/v1/home-colour" {
        between.questions.lock().unwrap().push((headers.clone(), body.clone()));
        if let Some((status, text)) = between.instead.lock().unwrap().clone() {
            return (status, HeaderMap::new(), Bytes::from(text));
        }
    }
    let url = format!("{}{uri}", between.to.lock().unwrap());
    let sent = Client::new().request(method, url).headers(headers).body(body).send().await;
    let Ok(response) = sent else {
        return (StatusCode::BAD_GATEWAY, HeaderMap::new(), Bytes::new());
    };
    let status = response.status();
    let signature = response.headers().get("yanma-signature").cloned();
    let name = HeaderName::from_static("yanma-signature");
    let kept = signature.map(|value| (name, value)).into_iter().collect();
    (status, kept, response.bytes().await.unwrap())
}

impl Between {
    async fn new(there: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let between = Self {
            to: Arc::new(Mutex::new(there.url.clone())),
            questions: Arc::default(),
            instead: Arc::default(),
            url: format!("http://{}", listener.local_addr().unwrap()),
        };
        let app = Router::new().fallback(any(pass_on)).with_state(between.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        between
    }

    /// Makes an authority reach another one by this way.
    async fn recognise(&self, here: &World, there: &World, issuer: u8) {
        let region = NewRegion {
            issuer: IssuerId(issuer),
            name: name(issuer),
            url: self.url.clone(),
            root_key: there.authority.root_key().unwrap(),
        };
        here.authority.put_region(region).await.unwrap();
        trusted(here).await;
    }

    fn asked(&self) -> usize {
        self.questions.lock().unwrap().len()
    }
}

async fn trusted(here: &World) {
    until(SOON, async || here.authority.regions().await.unwrap()[0].list_of.is_some()).await;
}

async fn both() -> (World, World) {
    let (fujian, zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    recognise(&zhejiang, &fujian, FUJIAN).await;
    trusted(&zhejiang).await;
    (fujian, zhejiang)
}

/// Each recognises the other.
async fn both_ways() -> (World, World) {
    let (fujian, zhejiang) = both().await;
    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    trusted(&fujian).await;
    (fujian, zhejiang)
}

fn from(province: u8) -> Value {
    let area = format!("{province}0100");
    json!({"from": {"group": "other-province", "departure": area, "household": area}})
}

async fn arrive<'w>(world: &'w World, number: &str, who: &str, home: u8) -> Caller<'w> {
    let citizen = world.citizen(number, who, "13900000001").await;
    citizen.post("/v1/claims", from(home)).await.expect(201);
    citizen
}

/// Somebody who is amber in Zhejiang comes to Fujian, which has heard of it.
async fn arrive_amber<'w>(fujian: &'w World, zhejiang: &World) -> Caller<'w> {
    zhejiang.holder().await;
    report(zhejiang, NUMBER, "confirmed", 1).await;
    let citizen = arrive(fujian, NUMBER, "样本明", ZHEJIANG).await;
    home_is(&citizen, "known", json!("amber")).await;
    citizen
}

async fn holder(citizen: &Caller<'_>) -> Value {
    let mut me = citizen.get("/v1/me").await;
    if me.status == 401 {
        // Days have passed.
        log_in(citizen, "13900000001").await;
        me = citizen.get("/v1/me").await;
    }
    me.expect(200)["holder"].clone()
}

async fn log_in(citizen: &Caller<'_>, phone: &str) {
    let login = json!({"phone": phone, "password": "correct horse"});
    citizen.post("/v1/accounts/login", login).await.expect(200);
}

async fn report(world: &World, number: &str, kind: &str, tail: u32) {
    let department = world.with_token(&world.department);
    let report = fact(number, kind, world.now(), tail);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
}

async fn home_is(citizen: &Caller<'_>, state: &str, colour: Value) {
    until(SOON, async || {
        let home = holder(citizen).await["home"][0].clone();
        home["state"] == state && home["colour"] == colour
    })
    .await;
}

fn pass(worlds: [&World; 2], time: SignedDuration) {
    for world in worlds {
        world.pass(time);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_colour_at_home_counts_here_until_it_is_green_there() {
    let (mut fujian, mut zhejiang) = both_ways().await;
    {
        let citizen = arrive_amber(&fujian, &zhejiang).await;
        let here = holder(&citizen).await;
        assert_eq!(
            (&here["colour"], &here["because"][0]["kind"]),
            (&json!("amber"), &json!("home-amber"))
        );
        let home = &here["home"][0];
        assert_eq!(
            (&home["issuer"], &home["name"]["en"]),
            (&json!(33), &json!("Zhejiang Province"))
        );
        assert_eq!((&home["until"], &home["amber_name"]), (&Value::Null, &json!("orange")));
        assert!(
            here["because"][0]["until"].is_string(),
            "a fact without an end there has one here"
        );

        // Green at home: the fact ends with the next question, an hour later.
        report(&zhejiang, NUMBER, "cleared", 2).await;
        pass([&fujian, &zhejiang], SignedDuration::from_mins(61));
        home_is(&citizen, "known", json!("green")).await;
        assert_eq!(holder(&citizen).await["colour"], "green");
        // And amber again, because of something else: a green colour is asked about once a day.
        report(&zhejiang, NUMBER, "fever-clinic", 3).await;
        pass([&fujian, &zhejiang], SignedDuration::from_hours(23));
        assert_eq!(holder(&citizen).await["colour"], "green");
        pass([&fujian, &zhejiang], SignedDuration::from_mins(61));
        home_is(&citizen, "known", json!("amber")).await;
        let here = holder(&citizen).await;
        assert_eq!(here["because"][0]["until"], here["home"][0]["until"], "the end is theirs");
        // Both are down when the end comes: it ends by itself, as they had said.
        zhejiang.stop().await;
        fujian.pass(SignedDuration::from_hours(24 * 14));
        until(SOON, async || holder(&citizen).await["colour"] == "green").await;
    }
    fujian.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_at_home_that_a_clerk_has_cleared_stays_so_while_it_is_only_confirmed_anew() {
    let (mut fujian, mut zhejiang) = both_ways().await;
    {
        let citizen = arrive_amber(&fujian, &zhejiang).await;
        let words = json!({"words": "那里弄错了人，这是证明。"});
        citizen.post("/v1/appeals", words).await.expect(201);
        let clerk = fujian.with_token(&fujian.clerk);
        let waiting = clerk.get("/v1/console/appeals").await.expect(200);
        let (id, tag) = (&waiting["appeals"][0]["id"], &waiting["appeals"][0]["facts_tag"]);
        let granted = json!({"decision": "granted", "facts_tag": tag, "answer": "好。"});
        let path = format!("/v1/console/appeals/{}", id.as_str().unwrap());
        clerk.post(&path, granted).await.expect(200);
        assert_eq!(holder(&citizen).await["colour"], "green");

        pass([&fujian, &zhejiang], SignedDuration::from_hours(24 * 8));
        let facts = "SELECT count(*) FROM facts WHERE kind = 'home-amber'";
        let renewed = async || crate::place::ask(fujian.folder(), facts) == "2";
        until(SOON, renewed).await;
        assert_eq!(holder(&citizen).await["colour"], "green");

        // Something else there is another matter.
        report(&zhejiang, NUMBER, "cleared", 2).await;
        pass([&fujian, &zhejiang], SignedDuration::from_mins(61));
        home_is(&citizen, "known", json!("green")).await;
        report(&zhejiang, NUMBER, "fever-clinic", 3).await;
        pass([&fujian, &zhejiang], SignedDuration::from_hours(25));
        home_is(&citizen, "known", json!("amber")).await;
        assert_eq!(holder(&citizen).await["colour"], "amber");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_the_other_way_and_no_colour_is_made_better() {
    let (mut fujian, mut zhejiang) = both_ways().await;
    {
        let at_home = fujian.citizen(OTHER, "欧阳样本", "13900000002").await;
        at_home.post("/v1/claims", json!({})).await.expect(201);
        report(&fujian, OTHER, "close-contact", 1).await;
        let away = arrive(&zhejiang, OTHER, "欧阳样本", FUJIAN).await;
        home_is(&away, "known", json!("amber")).await;
        assert_eq!(holder(&away).await["colour"], "amber");
        // Each asks the other about the same person: what one says because of the other is
        // not said back, or it would never end.
        zhejiang.holder().await;
        let here = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&here, "known", json!("green")).await;
        // Green at home does not help against what is known here.
        report(&fujian, NUMBER, "suspected", 2).await;
        until(SOON, async || holder(&here).await["colour"] == "amber").await;
        pass([&fujian, &zhejiang], SignedDuration::from_hours(25));
        home_is(&here, "known", json!("green")).await;
        assert_eq!(holder(&here).await["colour"], "amber");

        // Whoever gives the code at home back is not better for it.
        log_in(&at_home, "13900000002").await;
        at_home.post("/v1/holder/withdraw", json!({})).await.expect(204);
        pass([&fujian, &zhejiang], SignedDuration::from_hours(2));
        home_is(&away, "unknown", Value::Null).await;
        assert_eq!(holder(&away).await["colour"], "amber");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_asked_is_neither_and_is_asked_again() {
    let (mut fujian, mut zhejiang) = both().await;
    zhejiang.holder().await;
    report(&zhejiang, NUMBER, "confirmed", 1).await;
    {
        // Nobody has said who Zhejiang is.
        let citizen = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&citizen, "could-not-ask", Value::Null).await;
        let here = holder(&citizen).await;
        assert_eq!((&here["colour"], &here["home"][0]["name"]), (&json!("green"), &Value::Null));
        assert_eq!(here["home"][0]["again_at"], Value::Null, "until somebody says so");

        // It is recognised, and does not answer questions: asked again, ever more seldom.
        let between = Between::new(&zhejiang).await;
        *between.instead.lock().unwrap() = Some((StatusCode::SERVICE_UNAVAILABLE, String::new()));
        between.recognise(&fujian, &zhejiang, ZHEJIANG).await;
        until(SOON, async || between.asked() == 1).await;
        home_is(&citizen, "could-not-ask", Value::Null).await;
        for times in 2..=4 {
            pass([&fujian, &zhejiang], SignedDuration::from_mins(5));
            until(SOON, async || between.asked() == times).await;
        }
        // Another body, or none of its signature, is not believed.
        let said = json!({"from": 33, "to": 35, "nonce": "0".repeat(32),
            "answered_at": fujian.now(), "found": {"outcome": "unknown"}});
        *between.instead.lock().unwrap() = Some((StatusCode::OK, said.to_string()));
        pass([&fujian, &zhejiang], SignedDuration::from_mins(10));
        until(SOON, async || between.asked() == 5).await;
        home_is(&citizen, "could-not-ask", Value::Null).await;
        // And when it answers at last, it counts.
        *between.instead.lock().unwrap() = None;
        pass([&fujian, &zhejiang], SignedDuration::from_mins(20));
        home_is(&citizen, "known", json!("amber")).await;
        assert_eq!(holder(&citizen).await["colour"], "amber");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_key_that_was_rotated_there_is_learnt_and_questions_go_on() {
    let (mut fujian, mut zhejiang) = both().await;
    let between = Between::new(&zhejiang).await;
    between.recognise(&fujian, &zhejiang, ZHEJIANG).await;
    let at_home = zhejiang.holder().await;
    let code = show(&at_home).await;
    drop(at_home);
    let before = zhejiang.authority.root_key().unwrap();
    zhejiang.stop().await;
    assert_eq!(KeyRing::rotate_feeds(&zhejiang.keys(), zhejiang.now()).unwrap().get(), 2);
    pass([&fujian, &zhejiang], SignedDuration::from_mins(2));
    zhejiang.restart().await;
    assert_eq!(zhejiang.authority.root_key().unwrap(), before);
    *between.to.lock().unwrap() = zhejiang.url.clone();
    let list = async || {
        let regions = fujian.authority.regions().await.unwrap();
        (regions[0].list_of, regions[0].trouble.clone())
    };
    until(SOON, async || {
        let (of, trouble) = list().await;
        of.is_some_and(|of| fujian.now().duration_since(of).as_secs() < 30) && trouble.is_none()
    })
    .await;
    {
        // What is followed goes on under the new key, and so do questions, both ways.
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
        report(&zhejiang, NUMBER, "confirmed", 1).await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "amber").await;
        let citizen = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&citizen, "known", json!("amber")).await;
        let at_home = fujian.holder_of(OTHER, "欧阳样本", "13900000002").await;
        let away = arrive(&zhejiang, OTHER, "欧阳样本", FUJIAN).await;
        home_is(&away, "known", json!("green")).await;
        drop(at_home);
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_and_an_impostor_are_neither() {
    let (mut fujian, mut zhejiang) = both_ways().await;
    let root_key = zhejiang.authority.root_key().unwrap();
    let move_to = async |url: String| {
        let (issuer, name) = (IssuerId(ZHEJIANG), name(ZHEJIANG));
        fujian.authority.put_region(NewRegion { issuer, name, url, root_key }).await.unwrap();
    };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    move_to(format!("http://{}", silent.local_addr().unwrap())).await;
    {
        let citizen = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&citizen, "asking", Value::Null).await;
        home_is(&citizen, "could-not-ask", Value::Null).await;
        // Another one in its place knows neither its keys nor ours.
        let mut impostor = world(ZHEJIANG).await;
        recognise(&impostor, &fujian, FUJIAN).await;
        trusted(&impostor).await;
        impostor.holder().await;
        move_to(impostor.url.clone()).await;
        let seen = async || holder(&citizen).await["home"][0]["again_at"].clone();
        until(SOON, async || seen().await != Value::Null).await;
        home_is(&citizen, "could-not-ask", Value::Null).await;
        impostor.stop().await;
        // Its own address again: no code there, which says nothing about a colour.
        move_to(zhejiang.url.clone()).await;
        home_is(&citizen, "unknown", Value::Null).await;
        assert_eq!(holder(&citizen).await["colour"], "green");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_counts_once_and_only_from_who_is_recognised() {
    let (mut fujian, mut zhejiang) = both().await;
    let between = Between::new(&zhejiang).await;
    between.recognise(&fujian, &zhejiang, ZHEJIANG).await;
    zhejiang.holder().await;
    {
        let citizen = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&citizen, "known", json!("green")).await;
        let (headers, body) = between.questions.lock().unwrap()[0].clone();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains(NUMBER) && !text.contains("resident-id"), "sealed");
        let question: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&question["from"], &question["to"]), (&json!(35), &json!(33)));

        let send = async |body: String, signed: bool| {
            let mut request = Client::new().post(format!("{}/v1/home-colour", zhejiang.url));
            request = request.header("content-type", "application/json").body(body);
            if signed {
                request = request.header("yanma-signature", &headers["yanma-signature"]);
            }
            crate::world::read(request.send().await.unwrap()).await
        };
        let replayed = send(text.clone(), true).await.error(409);
        assert_eq!(replayed, ("conflict".to_owned(), Some("nonce".to_owned())));
        for (field, value) in [
            ("nonce", json!("0".repeat(32))),
            ("asked_at", json!("2020-07-01T08:00:30Z")),
            ("sealed", json!("00")),
            ("from", json!(36)),
        ] {
            let mut changed = question.clone();
            changed[field] = value;
            let refused = send(changed.to_string(), true).await.error(401);
            assert_eq!(refused.0, "bad-signature", "{field}");
        }
        let mut elsewhere = question.clone();
        elsewhere["to"] = json!(44);
        assert_eq!(send(elsewhere.to_string(), true).await.error(400).1.as_deref(), Some("to"));
        let unsigned = send(text.clone(), false).await.error(400);
        assert_eq!(unsigned.1.as_deref(), Some("yanma-signature"));
        assert_eq!(send("{}".to_owned(), true).await.status, 400);
        zhejiang.pass(SignedDuration::from_mins(6));
        let late = send(text.clone(), true).await.error(400);
        assert_eq!(late.1.as_deref(), Some("asked_at"), "long after, its nonce matters no more");
        zhejiang.authority.remove_region(IssuerId(FUJIAN)).await.unwrap();
        assert_eq!(send(text, true).await.error(401).0, "bad-signature");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_question_takes_nothing_from_what_its_region_may_ask() {
    let mut fujian = world(FUJIAN).await;
    let mut zhejiang = World::with(|settings| {
        settings.issuer = IssuerId(ZHEJIANG);
        settings.issuer_name = name(ZHEJIANG);
        settings.rates.home_question = Rate::one_each(3_600.0, 2.0);
        settings.region_seconds = 1;
    })
    .await;
    recognise(&zhejiang, &fujian, FUJIAN).await;
    trusted(&zhejiang).await;
    let between = Between::new(&zhejiang).await;
    between.recognise(&fujian, &zhejiang, ZHEJIANG).await;
    {
        let citizen = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&citizen, "unknown", Value::Null).await;
        let (headers, body) = between.questions.lock().unwrap()[0].clone();
        zhejiang.pass(SignedDuration::from_mins(6));
        for _ in 0..3 {
            let request = Client::new().post(format!("{}/v1/home-colour", zhejiang.url));
            let request = request.headers(headers.clone()).body(body.clone());
            let answer = crate::world::read(request.send().await.unwrap()).await;
            assert_eq!(answer.error(400).1.as_deref(), Some("asked_at"));
        }
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_declares_a_home_again_and_again_has_it_asked_no_more_often() {
    let (mut fujian, mut zhejiang) = both().await;
    let between = Between::new(&zhejiang).await;
    between.recognise(&fujian, &zhejiang, ZHEJIANG).await;
    {
        let citizen = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&citizen, "unknown", Value::Null).await;
        let again_at = async || holder(&citizen).await["home"][0]["again_at"].clone();
        let day = again_at().await;
        for county in 1..=4 {
            let mut body = from(ZHEJIANG);
            body["from"]["departure"] = json!(format!("33010{county}"));
            citizen.post("/v1/claims", body).await.expect(200);
            let again = again_at().await.as_str().unwrap().parse::<Timestamp>().unwrap();
            let wait = again.duration_since(fujian.now()).as_secs();
            assert!((200..=300).contains(&wait), "{wait} s, and not {day}");
        }
        assert_eq!(between.asked(), 1);
        pass([&fujian, &zhejiang], SignedDuration::from_mins(6));
        until(SOON, async || between.asked() > 1).await;
        until(SOON, async || again_at().await.as_str() > day.as_str()).await;
        assert_eq!(between.asked(), 2);
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_from_home_is_looked_up_and_nobody_is_asked() {
    let (mut fujian, mut zhejiang) = both().await;
    let between = Between::new(&zhejiang).await;
    between.recognise(&fujian, &zhejiang, ZHEJIANG).await;
    let at_home = zhejiang.holder().await;
    {
        // The list that shows the code's holder has to be here first.
        let listed = async || fujian.authority.regions().await.unwrap()[0].holders > Some(0);
        until(SOON, listed).await;
        let citizen = fujian.citizen(NUMBER, "样本明", "13900000001").await;
        let claim = async |code: &str| {
            let mut body = from(ZHEJIANG);
            body["from"]["home_code"] = json!(code);
            citizen.post("/v1/claims", body).await
        };
        let code = show(&at_home).await;
        let own = show(&fujian.holder_of(OTHER, "欧阳样本", "13900000002").await).await;
        let other = zhejiang.holder_of(OTHER, "欧阳样本", "13900000002").await;
        let other = show(&other).await;
        for (code, error) in [
            ("12345", "home-code-unknown"),
            (own.as_str(), "home-code-unknown"),
            (other.as_str(), "home-code-other"),
        ] {
            let refused = claim(code).await.error(422);
            assert_eq!(refused, (error.to_owned(), Some("from.home_code".to_owned())));
        }
        assert_eq!(claim("").await.error(400).1.as_deref(), Some("from.home_code"));
        claim(&code).await.expect(201);
        home_is(&citizen, "known", json!("green")).await;
        assert_eq!(between.asked(), 0, "nothing about a person has left");
        assert_eq!(holder(&citizen).await["home"].as_array().unwrap().len(), 1);

        // Not green by the list: then the region is asked since when and until when.
        report(&zhejiang, NUMBER, "antipyretic", 1).await;
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "amber").await;
        pass([&fujian, &zhejiang], SignedDuration::from_mins(11));
        home_is(&citizen, "known", json!("amber")).await;
        assert_eq!(between.asked(), 1);
        assert!(holder(&citizen).await["home"][0]["until"].is_string());
        let old = claim(&code).await.error(422);
        assert_eq!(old.0, "home-code-old");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_was_declared_by_mistake_is_not_asked_once_the_person_claims_as_a_resident() {
    let (mut fujian, mut zhejiang) = both().await;
    let between = Between::new(&zhejiang).await;
    between.recognise(&fujian, &zhejiang, ZHEJIANG).await;
    {
        let citizen = arrive(&fujian, NUMBER, "样本明", ZHEJIANG).await;
        home_is(&citizen, "unknown", Value::Null).await;
        assert_eq!(between.asked(), 1);
        citizen.post("/v1/claims", json!({})).await.expect(200);
        pass([&fujian, &zhejiang], SignedDuration::from_hours(25));
        let due = "SELECT count(*) FROM home_colours WHERE next_ask_at IS NOT NULL";
        until(SOON, async || crate::place::ask(fujian.folder(), due) == "0").await;
        assert_eq!(between.asked(), 1, "it was due, and nobody was asked");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_region_says_what_the_colour_at_home_is() {
    let mut fujian = world(FUJIAN).await;
    let department = fujian.with_token(&fujian.department);
    for kind in ["home-amber", "home-red"] {
        let report = fact(NUMBER, kind, fujian.now(), 1);
        let results = department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
        assert_eq!(results["results"][0]["outcome"], "rejected");
        assert_eq!(results["results"][0]["field"], "kind");
    }
    fujian.stop().await;
}
