//! What stands between two authorities brings old, broken or other files; either of them is
//! down; and the national platform is a region like any other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use jiff::SignedDuration;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use yanma_authority::regions::NewRegion;
use yanma_domain::IssuerId;
use yanma_domain::code::DecodedCode;
use yanma_protocol::regions::{RegionTrouble, TroubleKind};

use crate::feeds::Desk;
use crate::regions::{FUJIAN, SOON, ZHEJIANG, ask, name, recognise, show, world};
use crate::world::{Caller, World, fact, until};

const NUMBER: &str = "350100190001010004";
const OTHER: &str = "350100190001010012";
const NATIONAL: u8 = 0;

/// What the carrier does to answers whose path has this in it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    /// Nothing.
    Carry,
    /// Brings the first one that it ever carried under that path.
    Replay(&'static str),
    /// Leaves the last byte out.
    CutOff(&'static str),
    /// Changes a bit of a byte: of the last, or of one in the middle.
    Alter(&'static str, Place),
    /// Goes on for a megabyte.
    Stretch(&'static str),
    /// Says that there is none.
    Lose(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Middle,
    Last,
}

impl Deed {
    fn on(self) -> &'static str {
        match self {
            Self::Carry => "nowhere",
            Self::Replay(on)
            | Self::CutOff(on)
            | Self::Alter(on, _)
            | Self::Stretch(on)
            | Self::Lose(on) => on,
        }
    }

    fn done_to(self, mut bytes: Vec<u8>, first: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Carry => {}
            Self::Replay(_) => bytes = first.to_vec(),
            Self::CutOff(_) => bytes.truncate(bytes.len() - 1),
            Self::Alter(_, place) => {
                let at = match place {
                    Place::Middle => bytes.len() / 2,
                    Place::Last => bytes.len() - 1,
                };
                bytes[at] ^= 1;
            }
            Self::Stretch(_) => bytes.resize(bytes.len() + (1 << 20), 0),
            Self::Lose(_) => return None,
        }
        Some(bytes)
    }
}

#[derive(Clone)]
struct Carrier {
    to: String,
    deed: Arc<Mutex<Deed>>,
    first: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    url: String,
}

async fn carry(State(carrier): State<Carrier>, uri: Uri) -> (StatusCode, Bytes) {
    let path = uri.path().to_owned();
    let Ok(answer) = Client::new().get(format!("{}{path}", carrier.to)).send().await else {
        return (StatusCode::BAD_GATEWAY, Bytes::new());
    };
    let status = answer.status();
    let bytes = answer.bytes().await.unwrap().to_vec();
    let first = carrier.first.lock().unwrap().entry(path.clone()).or_insert(bytes.clone()).clone();
    let deed = *carrier.deed.lock().unwrap();
    if !path.contains(deed.on()) {
        return (status, bytes.into());
    }
    match deed.done_to(bytes, &first) {
        Some(bytes) => (status, bytes.into()),
        None => (StatusCode::NOT_FOUND, Bytes::new()),
    }
}

impl Carrier {
    /// Makes an authority know another one by way of a carrier.
    async fn between(here: &World, there: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let carrier = Self {
            to: there.url.clone(),
            deed: Arc::new(Mutex::new(Deed::Carry)),
            first: Arc::default(),
            url: format!("http://{}", listener.local_addr().unwrap()),
        };
        let app = Router::new().fallback(get(carry)).with_state(carrier.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let region = NewRegion {
            issuer: IssuerId(ZHEJIANG),
            name: name(ZHEJIANG),
            url: carrier.url.clone(),
            root_key: there.authority.root_key().unwrap(),
        };
        here.authority.put_region(region).await.unwrap();
        carrier
    }

    fn will(&self, deed: Deed) {
        *self.deed.lock().unwrap() = deed;
    }
}

async fn trouble(world: &World) -> Option<RegionTrouble> {
    world.authority.regions().await.unwrap()[0].trouble.clone()
}

async fn report(world: &World, kind: &str, tail: u32) {
    let department = world.with_token(&world.department);
    let report = fact(NUMBER, kind, world.now(), tail);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
}

/// Zhejiang colours its holder amber, and what tells Fujian so is spoilt in each of these
/// ways, one after another: each is refused by name, and what was known stays.
async fn check_refused(deeds: &[(Deed, TroubleKind, &str)], before: impl AsyncFnOnce(&World)) {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let code = show(&zhejiang.holder().await).await;
    let carrier = Carrier::between(&fujian, &zhejiang).await;
    {
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
        // Newer than the first head that was ever carried.
        let list_of = async || fujian.authority.regions().await.unwrap()[0].list_of.unwrap();
        let first = list_of().await;
        until(SOON, async || list_of().await > first).await;
        let before_deeds = fujian.authority.regions().await.unwrap()[0].clone();
        let known = before_deeds.list_of.unwrap();
        carrier.will(deeds[0].0);
        before(&zhejiang).await;
        report(&zhejiang, "confirmed", 1).await;
        for (deed, kind, detail) in deeds {
            carrier.will(*deed);
            let refused = async || {
                trouble(&fujian)
                    .await
                    .is_some_and(|why| why.kind == *kind && why.detail.contains(detail))
            };
            let begun = std::time::Instant::now();
            while !refused().await {
                let found = trouble(&fujian).await;
                assert!(begun.elapsed() < SOON, "{deed:?}: {found:?} is not {detail}");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert_eq!(ask(&desk, &code).await["colour"], "green", "{deed:?}");
            let now = fujian.authority.regions().await.unwrap()[0].clone();
            assert!(now.trusted, "{deed:?}: its keys still count");
            assert_eq!(now.holders, before_deeds.holders, "{deed:?}");
            assert_eq!(now.code_keys, before_deeds.code_keys, "{deed:?}");
            // What came before the first deed may have come a moment later.
            let grown = now.list_of.unwrap().duration_since(known);
            assert!(grown < SignedDuration::from_secs(3), "{deed:?}: the list is as old as it was");
        }
        carrier.will(Deed::Carry);
        until(SOON, async || ask(&desk, &code).await["colour"] == "amber").await;
        assert_eq!(trouble(&fujian).await, None);
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_old_or_broken_is_refused_by_name_and_what_is_known_stays() {
    let refused = TroubleKind::Refused;
    check_refused(
        &[
            (Deed::Replay("/head"), refused, "already, this is"),
            (Deed::CutOff("/head"), refused, "the file ends too early"),
            (Deed::Alter("/head", Place::Last), refused, "the signature does not hold"),
            (Deed::Stretch("/head"), refused, "the file has not the length it should have"),
        ],
        async |_| {},
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_head_is_refused_by_a_process_that_has_just_started() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let code = show(&zhejiang.holder().await).await;
    let carrier = Carrier::between(&fujian, &zhejiang).await;
    {
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
        report(&zhejiang, "confirmed", 1).await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "amber").await;
    }
    // All the first ones are brought again: signed, whole, and a few seconds old.
    carrier.will(Deed::Replay("/"));
    fujian.restart().await;
    {
        let (desk, _) = fujian.desk().await;
        until(SOON, async || {
            trouble(&fujian).await.is_some_and(|why| {
                why.kind == TroubleKind::Refused && why.detail.contains("already, this is")
            })
        })
        .await;
        assert_eq!(ask(&desk, &code).await, json!({"outcome": "unchecked"}));
        carrier.will(Deed::Carry);
        until(SOON, async || ask(&desk, &code).await["colour"] == "amber").await;
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_broken_is_refused_by_name_and_what_is_known_stays() {
    let refused = TroubleKind::Refused;
    check_refused(
        &[
            (Deed::CutOff("/status-"), refused, "the file has not the length it should have"),
            (
                Deed::Alter("/status-", Place::Middle),
                refused,
                "the file's hash is not the one in the head",
            ),
            (Deed::Stretch("/status-"), refused, "the file has not the length it should have"),
            (Deed::Lose("/status-"), TroubleKind::WrongAnswer, "it answers 404"),
        ],
        async |_| {},
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trust_list_that_is_broken_is_refused_by_name_and_what_is_known_stays() {
    let refused = TroubleKind::Refused;
    check_refused(
        &[
            (Deed::CutOff("/trust-"), refused, "the file has not the length it should have"),
            (
                Deed::Alter("/trust-", Place::Middle),
                refused,
                "the file's hash is not the one in the head",
            ),
            (Deed::Lose("/trust-"), TroubleKind::WrongAnswer, "it answers 404"),
        ],
        // Another trust list, because it knows another region now.
        async |zhejiang| {
            let region = NewRegion {
                issuer: IssuerId(44),
                name: name(44),
                url: "http://127.0.0.1:9".to_owned(),
                root_key: zhejiang.authority.root_key().unwrap(),
            };
            zhejiang.authority.put_region(region).await.unwrap();
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_of_two_is_down_the_other_goes_on_and_says_what_it_does_not_know() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let (code, other_code) =
        (show(&fujian.holder().await).await, show(&zhejiang.holder().await).await);
    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    recognise(&zhejiang, &fujian, FUJIAN).await;
    {
        let ((desk, _), (other_desk, _)) = (fujian.desk().await, zhejiang.desk().await);
        until(SOON, async || ask(&desk, &other_code).await["colour"] == "green").await;
        until(SOON, async || ask(&other_desk, &code).await["colour"] == "green").await;
    }
    // Each in turn: the one that stays up knows its own, the other's for a quarter of an hour.
    for fujian_is_down in [true, false] {
        let (down, up) = if fujian_is_down {
            (&mut fujian, &mut zhejiang)
        } else {
            (&mut zhejiang, &mut fujian)
        };
        down.stop().await;
        let (own, foreign) =
            if fujian_is_down { (&other_code, &code) } else { (&code, &other_code) };
        {
            let (desk, _) = up.desk().await;
            assert_eq!(ask(&desk, foreign).await["colour"], "green", "its last list is fresh");
            up.pass(SignedDuration::from_mins(16));
            assert_eq!(ask(&desk, foreign).await, json!({"outcome": "unchecked"}));
            assert_eq!(ask(&desk, own).await["outcome"], "known", "and its own codes as ever");
            until(SOON, async || {
                trouble(up).await.is_some_and(|why| why.kind == TroubleKind::Unreachable)
            })
            .await;
            let late = up.holder_of(OTHER, "欧阳样本", "13900000002").await;
            let fresh = show(&late).await;
            assert_eq!(ask(&desk, &fresh).await["colour"], "green", "people claim and show");
        }
        // It comes back, at another address, and all is as before.
        down.pass(SignedDuration::from_mins(16));
        down.restart().await;
        recognise(up, down, if fujian_is_down { FUJIAN } else { ZHEJIANG }).await;
        let (desk, _) = up.desk().await;
        until(SOON, async || ask(&desk, foreign).await["colour"] == "green").await;
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

async fn holder(citizen: &Caller<'_>) -> Value {
    citizen.get("/v1/me").await.expect(200)["holder"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_national_code_has_equal_force_and_is_asked_for_the_colour_at_home() {
    let (mut fujian, mut national) = (world(FUJIAN).await, world(NATIONAL).await);
    let (at_home, other) =
        (national.holder().await, national.holder_of(OTHER, "欧阳样本", "13900000003").await);
    let (code, other_code) = (show(&at_home).await, show(&other).await);
    recognise(&fujian, &national, NATIONAL).await;
    recognise(&national, &fujian, FUJIAN).await;
    {
        let (desk, enrolled) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
        let answer = ask(&desk, &code).await;
        assert_eq!((&answer["outcome"], &answer["issuer"]), (&json!("known"), &json!(NATIONAL)));
        // Equal force: a desk verifies it without asking, by the list that our root key signs.
        let verified = async || {
            let trust = Desk::of(&fujian.url, &enrolled).await.trust;
            DecodedCode::from_text(&code).unwrap().verify(&trust).is_ok()
        };
        until(SOON, async || verified().await).await;
        // It colours its own holders, for the better and for the worse.
        report(&national, "close-contact", 1).await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "amber").await;
        assert_eq!(ask(&desk, &other_code).await["colour"], "green");

        // Whoever travels with the national code is asked about there.
        let claim = async |number: &str, who: &str, phone: &str, code: &str| {
            let citizen = fujian.citizen(number, who, phone).await;
            let from = json!({"group": "other-province", "departure": "110100",
                "household": "110100", "home_code": code});
            citizen.post("/v1/claims", json!({"from": from})).await.expect(201);
            citizen
        };
        let traveller = claim(NUMBER, "样本明", "13900000001", &show(&at_home).await).await;
        let home = async |citizen: &Caller<'_>| {
            let homes = holder(citizen).await["home"].as_array().unwrap().clone();
            homes.into_iter().find(|home| home["issuer"] == NATIONAL).unwrap()
        };
        until(SOON, async || home(&traveller).await["colour"] == "amber").await;
        let known = home(&traveller).await;
        assert_eq!(known["name"]["en"], "National Platform");
        assert!(known["until"].is_string(), "the question told until when: {known}");
        let here = holder(&traveller).await;
        assert_eq!(
            (&here["colour"], &here["because"][0]["kind"]),
            (&json!("amber"), &json!("home-amber"))
        );
        let green = claim(OTHER, "欧阳样本", "13900000002", &show(&other).await).await;
        until(SOON, async || home(&green).await["colour"] == "green").await;
        assert_eq!(holder(&green).await["colour"], "green");
    }
    // The other way: the national platform answers for ours as for its own.
    {
        let (desk, _) = national.desk().await;
        let citizen = fujian.browser();
        let login = json!({"phone": "13900000002", "password": "correct horse"});
        citizen.post("/v1/accounts/login", login).await.expect(200);
        let ours = show(&citizen).await;
        until(SOON, async || ask(&desk, &ours).await["colour"] == "green").await;
        assert_eq!(ask(&desk, &ours).await["issuer"], FUJIAN);
    }
    fujian.stop().await;
    national.stop().await;
}
