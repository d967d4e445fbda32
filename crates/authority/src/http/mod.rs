//! The way in: routes, and what applies to all of them.

mod appeals;
mod body;
mod callers;
mod citizen;
mod clerk;
mod console;
mod csv;
mod desk;
mod error;
mod feeds;
mod identity;
mod layers;
mod lookup;
mod papers;
mod portal;
mod query;
mod read;
mod reports;
mod rules;
mod serve;
mod statistics;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use yanma_protocol::health::{HEALTH_PATH, HealthResponse};
use yanma_protocol::rules::RULES_PATH;
use yanma_protocol::statistics as figures;
use yanma_protocol::{
    MAX_BODY_BYTES, accounts, appeals as appeal, claims, entries, facts, head, identity as proof,
    papers as paper, shows, stations, verify,
};

use crate::authority::Authority;
use crate::error::Error;
use error::Failure;

pub(crate) use read::read;
pub use serve::{serve, serve_app};

/// Every path that the authority answers.
pub fn router(authority: Arc<Authority>) -> Router {
    let routes = Router::new()
        .route(accounts::REGISTER_PATH, post(citizen::register))
        .route(accounts::LOGIN_PATH, post(citizen::login))
        .route(accounts::LOGOUT_PATH, post(citizen::logout))
        .route(accounts::ME_PATH, get(citizen::me))
        .route(claims::CLAIMS_PATH, post(citizen::claim))
        .route(claims::FAMILY_PATH, post(citizen::claim_for_family).get(citizen::family))
        .route(claims::WITHDRAW_PATH, post(citizen::withdraw))
        .route(appeal::APPEALS_PATH, post(appeals::open).get(appeals::own))
        .route(appeal::OPEN_APPEALS_PATH, get(appeals::waiting))
        .route(&format!("{}{{id}}", appeal::DECISIONS_PATH), post(appeals::decide))
        .route(proof::SMS_PATH, post(identity::send_sms))
        .route(proof::SMS_CHECK_PATH, post(identity::check_sms))
        .route(proof::FACE_PATH, post(identity::compare_face))
        .route(paper::PAPERS_PATH, post(papers::issue).get(papers::find))
        .route(paper::SHEET_PATH, get(papers::sheet))
        .route(shows::SHOWS_PATH, post(citizen::show))
        .route(stations::ENROL_PATH, post(desk::enrol))
        .route(verify::VERIFY_PATH, post(lookup::many).get(lookup::one))
        .route(&format!("{}{{receipt}}", verify::RECEIPTS_PATH), get(lookup::receipt))
        .route(entries::ENTRIES_PATH, post(desk::take_in).get(clerk::entries))
        .route(figures::STATISTICS_PATH, get(statistics::statistics))
        .route(figures::STATISTICS_CSV_PATH, get(statistics::statistics_csv))
        .route(figures::DAYS_PATH, get(statistics::days))
        .route(figures::DAYS_CSV_PATH, get(statistics::days_csv))
        .route(RULES_PATH, get(rules::find).post(rules::put))
        .route(facts::FACTS_PATH, post(reports::report))
        .route(stations::ENROLMENTS_PATH, post(clerk::hand_out))
        .merge(console::routes())
        .route(head::HEAD_PATH, get(feeds::head))
        .route(&format!("{}{{name}}", head::FILES_PATH), get(feeds::file))
        .route(HEALTH_PATH, get(health))
        .fallback(portal::page)
        .method_not_allowed_fallback(async || Failure(Error::Method))
        .with_state(authority);
    layered(routes)
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
