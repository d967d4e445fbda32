//! The way in: routes, and what applies to all of them.

mod answers;
mod appeals;
mod body;
mod callers;
mod citizen;
mod clerk;
mod console;
mod cookie;
mod csv;
mod describe;
mod desk;
mod error;
mod feeds;
mod history;
mod home;
mod identity;
mod layers;
mod lookup;
mod papers;
mod path;
mod portal;
mod query;
mod reports;
mod rules;
mod serve;
mod statistics;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::{Router, middleware};
use yanma_protocol::MAX_BODY_BYTES;
use yanma_protocol::health::{HEALTH_PATH, HealthResponse, OPENAPI_PATH};

use crate::authority::Authority;
use crate::error::Error;
use answers::Json;
use describe::{Routes, Tag};
use error::Failure;

pub use describe::text as openapi;
pub use serve::{serve, serve_app};

/// Every path that the authority answers.
pub fn router(authority: Arc<Authority>) -> Router {
    let routes = routes()
        .into_router()
        .fallback(portal::page)
        .method_not_allowed_fallback(async || Failure(Error::Method))
        .with_state(authority);
    layered(routes)
}

/// Every path of the interface, described.
fn routes() -> Routes {
    citizen::routes()
        .merge(identity::routes())
        .merge(papers::routes())
        .merge(history::routes())
        .merge(appeals::routes())
        .merge(desk::routes())
        .merge(lookup::routes())
        .merge(reports::routes())
        .merge(clerk::routes())
        .merge(rules::routes())
        .merge(statistics::routes())
        .merge(console::routes())
        .merge(home::routes())
        .merge(feeds::routes())
        .merge(Routes::new(Tag::Server).get(HEALTH_PATH, health, "How the server is", |it| it).get(
            OPENAPI_PATH,
            describe::served,
            "This document",
            |it| it,
        ))
}

/// What applies to every path, around routes.
pub fn layered(routes: Router) -> Router {
    routes
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(layers::limit_time))
        .layer(middleware::from_fn(layers::check_version))
        .layer(middleware::from_fn(layers::protect))
        .layer(middleware::from_fn(layers::trace))
}

async fn health(State(authority): State<Arc<Authority>>) -> Result<Json<HealthResponse>, Failure> {
    // An authority whose database is gone is not well.
    authority.database.read(|session| session.exists("SELECT 1", &[])).await?;
    let published = authority.published();
    Ok(Json(HealthResponse {
        status: "ok".to_owned(),
        epoch: published.epoch,
        sequence: published.sequence,
        holders: authority.lists.holders()?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}
