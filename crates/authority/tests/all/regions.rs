//! Two authorities side by side: Fujian, and Zhejiang (33), each with a desk.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use yanma_authority::keys::KeyRing;
use yanma_authority::regions::NewRegion;
use yanma_domain::IssuerId;
use yanma_domain::trust::Words;
use yanma_protocol::regions::{RegionRecord, TroubleKind};

use crate::world::{Caller, World, fact, until};

pub(crate) const ZHEJIANG: u8 = 33;
pub(crate) const FUJIAN: u8 = 35;
const NUMBER: &str = "350100190001010004";
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) async fn world(issuer: u8) -> World {
    World::with(|settings| {
        settings.issuer = IssuerId(issuer);
        settings.issuer_name = name(issuer);
        settings.region_seconds = 1;
        settings.publish_seconds = 1;
    })
    .await
}

pub(crate) fn name(issuer: u8) -> Words {
    match issuer {
        0 => Words { zh: "国家平台".to_owned(), en: "National Platform".to_owned() },
        ZHEJIANG => Words { zh: "浙江省".to_owned(), en: "Zhejiang Province".to_owned() },
        _ => Words { zh: "福建省".to_owned(), en: "Fujian Province".to_owned() },
    }
}

/// Makes one authority recognise another one's codes.
pub(crate) async fn recognise(here: &World, there: &World, issuer: u8) {
    let region = NewRegion {
        issuer: IssuerId(issuer),
        name: name(issuer),
        url: there.url.clone(),
        root_key: there.authority.root_key().unwrap(),
    };
    here.authority.put_region(region).await.unwrap();
}

pub(crate) async fn show(holder: &Caller<'_>) -> String {
    let shown = holder.post("/v1/shows", json!({})).await.expect(200);
    shown["text"].as_str().unwrap().to_owned()
}

pub(crate) async fn ask(desk: &Caller<'_>, code: &str) -> Value {
    let asked = desk.post("/v1/verify", json!({"items": [{"code": code}]})).await.expect(200);
    asked["answers"][0].clone()
}

async fn report(world: &World, kind: &str, tail: u32) {
    let department = world.with_token(&world.department);
    let report = fact(NUMBER, kind, world.now(), tail);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recognises_the_others_codes_and_learns_their_colours() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let (at_home, away) = (fujian.holder().await, zhejiang.holder().await);
    let ((desk, _), (other_desk, _)) = (fujian.desk().await, zhejiang.desk().await);
    let (code, other_code) = (show(&at_home).await, show(&away).await);
    let stranger = ask(&desk, &other_code).await;
    assert_eq!(stranger, json!({"outcome": "refused", "code": "S-ISS"}), "nobody has said who");

    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    recognise(&zhejiang, &fujian, FUJIAN).await;
    until(SOON, async || ask(&desk, &other_code).await["colour"] == "green").await;
    until(SOON, async || ask(&other_desk, &code).await["colour"] == "green").await;
    let known = ask(&desk, &other_code).await;
    assert_eq!(known["issuer"], ZHEJIANG);
    assert_eq!(known.get("name_masked"), None, "names stay at home");

    // Our own trust list has its keys now, so that desks verify its codes without us.
    let trusted = || {
        let files = std::fs::read_dir(fujian.feeds().join("files")).unwrap();
        files.flatten().any(|file| {
            file.file_name().to_string_lossy().starts_with("trust")
                && String::from_utf8_lossy(&std::fs::read(file.path()).unwrap())
                    .contains("Zhejiang Province")
        })
    };
    until(SOON, async || trusted()).await;

    // What is reported there is known here a moment later, and the other way round.
    report(&zhejiang, "confirmed", 1).await;
    until(SOON, async || ask(&desk, &other_code).await["colour"] == "amber").await;
    assert_eq!(ask(&other_desk, &code).await["colour"], "green");
    report(&zhejiang, "cleared", 2).await;
    until(SOON, async || ask(&desk, &other_code).await["colour"] == "green").await;
    drop((desk, other_desk, at_home, away));
    fujian.stop().await;
    zhejiang.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_rotated_there_is_learnt_here() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let code = show(&zhejiang.holder().await).await;
    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    {
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
    }
    zhejiang.stop().await;
    KeyRing::rotate(&zhejiang.keys(), zhejiang.now()).unwrap();
    zhejiang.restart().await;
    // It listens elsewhere now; whatever else was known stays.
    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    {
        let (desk, _) = fujian.desk().await;
        let citizen = zhejiang.browser();
        let login = json!({"phone": "13900000000", "password": "correct horse"});
        citizen.post("/v1/accounts/login", login).await.expect(200);
        let renewed = show(&citizen).await;
        until(SOON, async || ask(&desk, &renewed).await["colour"] == "green").await;
        assert_eq!(ask(&desk, &code).await["colour"], "green", "what the old key signed counts");
        // And its own desks learn it in the same way.
        let (own, _) = zhejiang.desk().await;
        assert_eq!(ask(&own, &renewed).await["colour"], "green");
        assert_eq!(ask(&own, &code).await["colour"], "green");
    }
    fujian.stop().await;
    zhejiang.stop().await;
}

/// What is known of the only other region.
async fn known(world: &World) -> RegionRecord {
    world.authority.regions().await.unwrap()[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_key_that_introduced_another_is_followed_also_over_two() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let code = show(&zhejiang.holder().await).await;
    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    {
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
    }
    let before = zhejiang.authority.root_key().unwrap();
    zhejiang.stop().await;
    for _ in 0..2 {
        KeyRing::rotate_root(&zhejiang.keys(), IssuerId(ZHEJIANG), zhejiang.now()).unwrap();
    }
    zhejiang.restart().await;
    let after = zhejiang.authority.root_key().unwrap();
    assert_ne!(before, after);
    // It listens elsewhere now. The operator here knows the root key of before, and no other.
    let region = NewRegion {
        issuer: IssuerId(ZHEJIANG),
        name: name(ZHEJIANG),
        url: zhejiang.url.clone(),
        root_key: before,
    };
    fujian.authority.put_region(region).await.unwrap();
    until(SOON, async || known(&fujian).await.root_key == after).await;
    {
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
        assert_eq!(known(&fujian).await.trouble, None);
    }
    // What is kept is the new one, also after a restart.
    fujian.restart().await;
    assert_eq!(known(&fujian).await.root_key, after);

    // Whoever has stolen the first root key makes a list of their own: it is refused by name.
    let mut thief = world(ZHEJIANG).await;
    thief.stop().await;
    KeyRing::rotate_root(&thief.keys(), IssuerId(ZHEJIANG), thief.now()).unwrap();
    thief.restart().await;
    let region = NewRegion {
        issuer: IssuerId(ZHEJIANG),
        name: name(ZHEJIANG),
        url: thief.url.clone(),
        root_key: after,
    };
    // Newer than what is known, or nobody would look at it.
    for _ in 0..3 {
        KeyRing::rotate(&thief.keys(), thief.now()).unwrap();
    }
    thief.restart().await;
    fujian.authority.put_region(NewRegion { url: thief.url.clone(), ..region }).await.unwrap();
    until(SOON, async || known(&fujian).await.trouble.is_some()).await;
    let trouble = known(&fujian).await.trouble.unwrap();
    assert_eq!(trouble.kind, TroubleKind::Refused);
    assert!(trouble.detail.contains("root key"), "{}", trouble.detail);
    assert_eq!(known(&fujian).await.root_key, after);
    fujian.stop().await;
    zhejiang.stop().await;
    thief.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_down_or_another_one_is_neither_yes_nor_no() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let code = show(&zhejiang.holder().await).await;
    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    {
        let (desk, _) = fujian.desk().await;
        until(SOON, async || ask(&desk, &code).await["colour"] == "green").await;
        // Down: its last list answers for a quarter of an hour, and then nothing does.
        zhejiang.stop().await;
        assert_eq!(ask(&desk, &code).await["colour"], "green");
        fujian.pass(SignedDuration::from_mins(16));
        assert_eq!(ask(&desk, &code).await, json!({"outcome": "unchecked"}));
    }
    let trouble = async || fujian.authority.regions().await.unwrap()[0].trouble.clone();
    until(SOON, async || trouble().await.is_some_and(|why| why.kind == TroubleKind::Unreachable))
        .await;

    // Another one with keys of its own in its place: nothing of it is taken.
    let mut impostor = world(ZHEJIANG).await;
    impostor.pass(SignedDuration::from_mins(16));
    let false_code = show(&impostor.holder().await).await;
    let region = NewRegion {
        issuer: IssuerId(ZHEJIANG),
        name: name(ZHEJIANG),
        url: impostor.url.clone(),
        root_key: zhejiang.authority.root_key().unwrap(),
    };
    fujian.authority.put_region(region).await.unwrap();
    until(SOON, async || trouble().await.is_some_and(|why| why.kind == TroubleKind::Refused)).await;
    {
        let (desk, _) = fujian.desk().await;
        assert_eq!(ask(&desk, &code).await, json!({"outcome": "unchecked"}));
        let refused = ask(&desk, &false_code).await;
        assert_eq!(refused, json!({"outcome": "refused", "code": "S-SIG"}));

        // Its operator says that the root key was replaced: then it is the right one.
        recognise(&fujian, &impostor, ZHEJIANG).await;
        until(SOON, async || ask(&desk, &false_code).await["colour"] == "green").await;
        assert_eq!(ask(&desk, &code).await["code"], "S-SIG", "the old keys count no longer");

        // And when recognition ends, its codes are nobody's.
        fujian.authority.remove_region(IssuerId(ZHEJIANG)).await.unwrap();
        until(SOON, async || ask(&desk, &false_code).await["code"] == "S-ISS").await;
    }
    fujian.stop().await;
    impostor.stop().await;
}
