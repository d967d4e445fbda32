//! What another issuer publishes of its colours, carried beside our own feeds for our desks.

use reqwest::{Client, StatusCode};
use serde_json::json;
use yanma_domain::code::DecodedCode;
use yanma_domain::trust::TrustList;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::envelope::{self, FileKind, Keys};
use yanma_protocol::head::Head;
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};

use crate::feeds::Desk;
use crate::regions::{FUJIAN, SOON, ZHEJIANG, recognise, show, world};
use crate::world::{World, fact, until};

const NUMBER: &str = "350100190001010004";

async fn get(world: &World, path: &str) -> (StatusCode, Vec<u8>) {
    let url = format!("{}/v1/feeds/{path}", world.url);
    let response = Client::new().get(url).send().await.unwrap();
    (response.status(), response.bytes().await.unwrap().to_vec())
}

/// What a desk of `world` takes over of a region by `trust`, from nothing; `None` while nothing
/// is carried.
async fn carried(world: &World, issuer: u8, trust: &TrustList) -> Option<(Head, StatusSnapshot)> {
    let (status, bytes) = get(world, &format!("regions/{issuer}/head")).await;
    if status == StatusCode::NOT_FOUND {
        return None;
    }
    let (issuer, keys) = (IssuerId(issuer), Keys::Trusted(trust, world.now()));
    let file = envelope::open(&bytes, FileKind::Head, issuer, keys).unwrap();
    let head = Head::decode(&file).unwrap();
    let mut state = None;
    for file in head.feeds.status.route(None).unwrap() {
        let (status, bytes) = get(world, &format!("regions/{issuer}/files/{}", file.name)).await;
        assert_eq!(status, StatusCode::OK, "{}", file.name);
        file.check(&bytes).unwrap();
        let open = |kind| envelope::open(&bytes, kind, issuer, keys).unwrap();
        state = Some(match &state {
            None => StatusSnapshot::decode(&open(FileKind::StatusSnapshot)).unwrap(),
            Some(state) => {
                let delta = StatusDelta::decode(&open(FileKind::StatusDelta)).unwrap();
                delta.apply(state).unwrap()
            }
        });
    }
    let state = state.unwrap();
    assert_eq!(state.list.root(), head.feeds.status.root.0);
    Some((head, state))
}

async fn colour(world: &World, trust: &TrustList, index: StatusIndex) -> Option<Colour> {
    carried(world, ZHEJIANG, trust).await.and_then(|(_, state)| state.list.get(index))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_follows_a_recognised_regions_colours_through_its_own_authority() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let code = show(&zhejiang.holder().await).await;
    let index = DecodedCode::from_text(&code).unwrap().body().index;
    let missing = async |path: &str| {
        assert_eq!(get(&fujian, path).await.0, StatusCode::NOT_FOUND, "{path}");
    };
    missing("regions/33/head").await;

    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    let (_, enrolled) = fujian.desk().await;
    let trusted = async || Desk::of(&fujian.url, &enrolled).await.trust;
    until(SOON, async || trusted().await.issuer(IssuerId(ZHEJIANG)).is_some()).await;
    let trust = trusted().await;
    until(SOON, async || colour(&fujian, &trust, index).await == Some(Colour::Green)).await;
    for other in ["regions/033/head", "regions/333/head", "regions/x/head", "regions/32/head"] {
        missing(other).await;
    }
    missing("regions/33/files/head.yf").await;
    missing("regions/33/files/status-0-1-0123456789abcdef.yf").await;

    let report = fact(NUMBER, "confirmed", zhejiang.now(), 1);
    let department = zhejiang.with_token(&zhejiang.department);
    department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
    until(SOON, async || colour(&fujian, &trust, index).await == Some(Colour::Amber)).await;

    // What is carried stays when its issuer is gone, and goes when it is not recognised any more.
    zhejiang.stop().await;
    let (head, _) = carried(&fujian, ZHEJIANG, &trust).await.unwrap();
    fujian.restart().await;
    let after = carried(&fujian, ZHEJIANG, &trust).await.unwrap().0;
    assert_eq!(after.number, head.number);
    fujian.authority.remove_region(IssuerId(ZHEJIANG)).await.unwrap();
    until(SOON, async || !fujian.feeds().join("regions/33").exists()).await;
    assert_eq!(get(&fujian, "regions/33/head").await.0, StatusCode::NOT_FOUND);
    fujian.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_recognised_is_in_the_trust_list_before_the_next_head_is_due() {
    let mut fujian = World::with(|settings| {
        settings.region_seconds = 1;
        settings.publish_seconds = 3600;
    })
    .await;
    let mut zhejiang = world(ZHEJIANG).await;
    let (_, enrolled) = fujian.desk().await;
    recognise(&fujian, &zhejiang, ZHEJIANG).await;
    let trusted = async || Desk::of(&fujian.url, &enrolled).await.trust;
    until(SOON, async || trusted().await.issuer(IssuerId(ZHEJIANG)).is_some()).await;
    fujian.stop().await;
    zhejiang.stop().await;
}
