//! What the console asks.

mod audit;
mod clerks;
mod holders;
mod stations;
mod traces;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post, put};
use yanma_protocol::audit::AUDIT_PATH;
use yanma_protocol::clerks::{CLERKS_PATH, ME_PATH, REVOKE_CLERK_PATH};
use yanma_protocol::holders::{REVEAL_PATH, SEARCH_PATH};
use yanma_protocol::stations::{
    POLICIES_PATH, POLICY_PATH, REVOKE_STATION_PATH, SITE_PATH, SITES_PATH, STATIONS_PATH,
};
use yanma_protocol::traces::{CONTACT_TRACE_PATH, HOLDER_TRACE_PATH, SITE_TRACE_PATH};

use crate::authority::Authority;

type App = State<Arc<Authority>>;

/// The paths of the console.
pub(super) fn routes() -> Router<Arc<Authority>> {
    Router::new()
        .route(ME_PATH, get(clerks::me))
        .route(CLERKS_PATH, get(clerks::list).post(clerks::create))
        .route(REVOKE_CLERK_PATH, post(clerks::revoke))
        .route(STATIONS_PATH, get(stations::list))
        .route(REVOKE_STATION_PATH, post(stations::revoke))
        .route(SITES_PATH, get(stations::sites))
        .route(SITE_PATH, put(stations::put_site))
        .route(POLICIES_PATH, get(stations::policies))
        .route(POLICY_PATH, put(stations::put_policy))
        .route(AUDIT_PATH, get(audit::page))
        .route(SEARCH_PATH, post(holders::search))
        .route(REVEAL_PATH, post(holders::reveal))
        .route(SITE_TRACE_PATH, post(traces::site))
        .route(HOLDER_TRACE_PATH, post(traces::holder))
        .route(CONTACT_TRACE_PATH, post(traces::contacts))
}
