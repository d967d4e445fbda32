//! Who was where.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use yanma_protocol::traces::{
    ContactTraceRequest, HolderTraceRequest, SiteTraceRequest, TracePage, Visit,
};

use super::App;
use crate::clerks::Right;
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::csv::{WantsCsv, csv};
use crate::http::error::Failure;
use crate::traces;

pub(super) async fn site(
    State(authority): App,
    official: Official,
    WantsCsv(wants_csv): WantsCsv,
    Body(request): Body<SiteTraceRequest>,
) -> Result<Response, Failure> {
    let clerk = official.with(Right::Trace)?;
    let now = authority.clock.now();
    answer(traces::at_site(&authority, &clerk, request, now).await?, wants_csv)
}

pub(super) async fn holder(
    State(authority): App,
    official: Official,
    WantsCsv(wants_csv): WantsCsv,
    Body(request): Body<HolderTraceRequest>,
) -> Result<Response, Failure> {
    let clerk = official.with(Right::Trace)?;
    let now = authority.clock.now();
    answer(traces::of_holder(&authority, &clerk, request, now).await?, wants_csv)
}

pub(super) async fn contacts(
    State(authority): App,
    official: Official,
    WantsCsv(wants_csv): WantsCsv,
    Body(request): Body<ContactTraceRequest>,
) -> Result<Response, Failure> {
    let clerk = official.with(Right::Trace)?;
    let now = authority.clock.now();
    answer(traces::near_holder(&authority, &clerk, request, now).await?, wants_csv)
}

fn answer(page: TracePage, wants_csv: bool) -> Result<Response, Failure> {
    if !wants_csv {
        return Ok(Json(page).into_response());
    }
    let head = [
        "at",
        "site",
        "station",
        "station_name",
        "holder",
        "name",
        "colour_then",
        "colour_now",
        "decision",
        "action",
        "minutes_apart",
        "entry",
    ];
    let next = page.next.map(String::from);
    Ok(csv(head, page.visits.into_iter().map(row), next)?)
}

fn row(visit: Visit) -> [String; 12] {
    let holder = visit.subject.map(|subject| format!("{}/{}", subject.issuer.0, subject.index.0));
    [
        visit.at.to_string(),
        visit.site,
        visit.station,
        visit.station_name,
        holder.unwrap_or_default(),
        visit.name_masked.unwrap_or_default(),
        word(&visit.colour_then),
        word(&visit.colour_now),
        word(&visit.decision),
        visit.action,
        visit.minutes_apart.map(|minutes| minutes.to_string()).unwrap_or_default(),
        visit.id.to_string(),
    ]
}

/// The word that JSON has for it; nothing for none.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
