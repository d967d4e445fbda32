//! How the desk is, and the key of its receipts: answered without a token.

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use yanma_station::DeskError;
use yanma_station::domain::verdict::Tier;

use crate::App;
use crate::answer::station_of;
use crate::body::Json;
use crate::describe::{self, about};
use crate::problem::Problem;
use crate::receipt::PublicJwk;

/// How the desk is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct HealthAnswer {
    /// Always `ok`: it answers.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
    /// What the authority calls this desk, and receipts in `iss`; `not-enrolled` before.
    station: String,
    /// How old its status list is, in seconds; `null` while it has none.
    list_age_seconds: Option<i64>,
    /// Whether that age still lets it say OK: `false` where nobody can pass any more.
    can_decide: bool,
    /// The key that its receipts are signed with.
    receipt_key: PublicJwk,
}

/// The routes.
pub(crate) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/v1/health",
            get_with(health, |operation| {
                about(operation, "health.health", "How the desk is", &[])
                    .description("Needs no token.")
            }),
        )
        .api_route(
            "/v1/openapi.json",
            get_with(describe::served, |operation| {
                about(operation, "health.openapi", "This document", &[])
                    .description("Needs no token.")
            }),
        )
}

async fn health(State(app): State<App>) -> Result<Json<HealthAnswer>, Problem> {
    let local = Arc::clone(&app);
    let standing = tokio::task::spawn_blocking(move || local.desk.standing()).await;
    let standing = standing.map_err(|_| DeskError::Interrupted)??;
    Ok(Json(HealthAnswer {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        station: station_of(&app.desk),
        list_age_seconds: standing.age_seconds,
        can_decide: !matches!(standing.tier, Tier::None | Tier::TooOld),
        receipt_key: app.key.public(),
    }))
}
