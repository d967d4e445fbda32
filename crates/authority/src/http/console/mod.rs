//! What the console asks.

mod audit;
mod clerks;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use yanma_protocol::audit::AUDIT_PATH;
use yanma_protocol::clerks::{CLERKS_PATH, ME_PATH, REVOKE_CLERK_PATH};

use crate::authority::Authority;

type App = State<Arc<Authority>>;

/// The paths of the console.
pub(super) fn routes() -> Router<Arc<Authority>> {
    Router::new()
        .route(ME_PATH, get(clerks::me))
        .route(CLERKS_PATH, get(clerks::list).post(clerks::create))
        .route(REVOKE_CLERK_PATH, post(clerks::revoke))
        .route(AUDIT_PATH, get(audit::page))
}
