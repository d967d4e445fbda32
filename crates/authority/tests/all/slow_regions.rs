//! Other regions that are slow, and those beside them.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, Uri};
use axum::routing::any;
use serde_json::json;
use tokio::net::TcpListener;
use yanma_authority::regions::NewRegion;
use yanma_domain::IssuerId;

use crate::regions::{FUJIAN, SOON, ZHEJIANG, ask, name, recognise, show, world};
use crate::world::{World, fact, until};

const NUMBER: &str = "350100190001010004";
const OTHER: &str = "350100190001010012";
const SHANGHAI: u8 = 31;

/// Much less than one question may take.
const BEFORE_IT_ENDS: Duration = Duration::from_secs(6);

/// Stands before a region: what it publishes is passed on, or never answered; a question about
/// somebody never is.
#[derive(Clone)]
struct Slow {
    feeds_of: Option<String>,
    held: Arc<AtomicUsize>,
}

async fn hold(State(slow): State<Slow>, method: Method, uri: Uri) -> Vec<u8> {
    let Some(feeds_of) = slow.feeds_of.filter(|_| method == Method::GET) else {
        slow.held.fetch_add(1, Ordering::SeqCst);
        return pending().await;
    };
    let file = reqwest::get(format!("{feeds_of}{uri}")).await.unwrap();
    file.bytes().await.unwrap().to_vec()
}

impl Slow {
    async fn new(feeds_of: Option<String>) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let slow = Self { feeds_of, held: Arc::default() };
        let app = Router::new().fallback(any(hold)).with_state(slow.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (slow, url)
    }

    async fn holds_one(&self) {
        until(SOON, async || self.held.load(Ordering::SeqCst) > 0).await;
    }
}

async fn recognise_at(here: &World, there: &World, issuer: u8, url: String) {
    let root_key = there.authority.root_key().unwrap();
    let region = NewRegion { issuer: IssuerId(issuer), name: name(issuer), url, root_key };
    here.authority.put_region(region).await.unwrap();
}

async fn is_followed(here: &World, issuer: u8) -> bool {
    let regions = here.authority.regions().await.unwrap();
    regions.iter().any(|it| it.issuer == IssuerId(issuer) && it.list_of.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_slow_holds_up_no_other_and_may_be_changed_meanwhile() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let mut national = world(0).await;
    let code = show(&zhejiang.holder().await).await;
    {
        let (desk, _) = fujian.desk().await;
        let (slow, url) = Slow::new(None).await;
        recognise_at(&fujian, &national, 0, url).await;
        slow.holds_one().await;
        recognise(&fujian, &zhejiang, ZHEJIANG).await;
        until(BEFORE_IT_ENDS, async || ask(&desk, &code).await["colour"] == "green").await;
        let department = zhejiang.with_token(&zhejiang.department);
        let report = fact(NUMBER, "confirmed", zhejiang.now(), 1);
        department.post("/v1/facts", json!({"facts": [report]})).await.expect(200);
        until(BEFORE_IT_ENDS, async || ask(&desk, &code).await["colour"] == "amber").await;
        assert!(!is_followed(&fujian, 0).await);

        recognise(&fujian, &national, 0).await;
        until(BEFORE_IT_ENDS, async || is_followed(&fujian, 0).await).await;
    }
    fujian.stop().await;
    zhejiang.stop().await;
    national.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_is_slow_holds_up_no_question_to_another() {
    let (mut fujian, mut zhejiang) = (world(FUJIAN).await, world(ZHEJIANG).await);
    let mut shanghai = world(SHANGHAI).await;
    recognise(&shanghai, &fujian, FUJIAN).await;
    until(SOON, async || is_followed(&shanghai, FUJIAN).await).await;
    recognise(&fujian, &shanghai, SHANGHAI).await;
    let (slow, url) = Slow::new(Some(zhejiang.url.clone())).await;
    recognise_at(&fujian, &zhejiang, ZHEJIANG, url).await;
    for home in [SHANGHAI, ZHEJIANG] {
        until(SOON, async || is_followed(&fujian, home).await).await;
    }
    {
        let arrive = async |number, name, phone, home| {
            let citizen = fujian.citizen(number, name, phone).await;
            let area = format!("{home}0100");
            let from = json!({"group": "other-province", "departure": area, "household": area});
            citizen.post("/v1/claims", json!({"from": from})).await.expect(201);
            citizen
        };
        let _waits = arrive(NUMBER, "样本明", "13900000001", ZHEJIANG).await;
        slow.holds_one().await;
        let quick = arrive(OTHER, "欧阳样本", "13900000002", SHANGHAI).await;
        until(BEFORE_IT_ENDS, async || {
            let me = quick.get("/v1/me").await.expect(200);
            me["holder"]["home"][0]["state"] == "unknown"
        })
        .await;
    }
    fujian.stop().await;
    zhejiang.stop().await;
    shanghai.stop().await;
}
