//! Who was where.

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::traces::{
    CONTACT_TRACE_PATH, ContactTraceRequest, HOLDER_TRACE_PATH, HolderTraceRequest,
    SITE_TRACE_PATH, SiteTraceRequest, TracePage, Visit,
};

use super::App;
use crate::clerks::needed::Trace;
use crate::http::answers::JsonOrCsv;
use crate::http::body::Body;
use crate::http::callers::{Address, Official};
use crate::http::csv::{WantsCsv, csv};
use crate::http::describe::{Routes, Tag};
use crate::http::error::Failure;
use crate::limits::Rates;
use crate::traces;

pub(super) fn routes() -> Routes {
    let noted = "Noted, with the reason, before it is answered. Paged: `next` goes into `after`.";
    let rates = Rates::default();
    let (rate, whom) = (rates.clerk_lookup, "person at the console");
    let (of_address, there) = (rates.lookup_address, "network address");
    Routes::new(Tag::Entries)
        .post(SITE_TRACE_PATH, site, "Who was at a site", |it| {
            it.says(noted).refuses(&[ErrorCode::NotFound])
        })
        .post(HOLDER_TRACE_PATH, holder, "Where a holder was", |it| {
            it.says(noted)
                .refuses(&[ErrorCode::NotFound])
                .limited(rate, whom)
                .limited(of_address, there)
        })
        .post(CONTACT_TRACE_PATH, contacts, "Who was where a holder was", |it| {
            it.says(noted)
                .refuses(&[ErrorCode::NotFound])
                .limited(rate, whom)
                .limited(of_address, there)
        })
}

async fn site(
    State(authority): App,
    Official { clerk, .. }: Official<Trace>,
    WantsCsv(wants_csv): WantsCsv,
    Body(request): Body<SiteTraceRequest>,
) -> Result<JsonOrCsv<TracePage>, Failure> {
    let now = authority.clock.now();
    answer(traces::at_site(&authority, &clerk, request, now).await?, wants_csv)
}

async fn holder(
    State(authority): App,
    Official { clerk, .. }: Official<Trace>,
    Address(address): Address,
    WantsCsv(wants_csv): WantsCsv,
    Body(request): Body<HolderTraceRequest>,
) -> Result<JsonOrCsv<TracePage>, Failure> {
    let now = authority.clock.now();
    answer(traces::of_holder(&authority, (&clerk, address), request, now).await?, wants_csv)
}

async fn contacts(
    State(authority): App,
    Official { clerk, .. }: Official<Trace>,
    Address(address): Address,
    WantsCsv(wants_csv): WantsCsv,
    Body(request): Body<ContactTraceRequest>,
) -> Result<JsonOrCsv<TracePage>, Failure> {
    let now = authority.clock.now();
    answer(traces::near_holder(&authority, (&clerk, address), request, now).await?, wants_csv)
}

fn answer(page: TracePage, wants_csv: bool) -> Result<JsonOrCsv<TracePage>, Failure> {
    if !wants_csv {
        return Ok(JsonOrCsv::Json(page));
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
        "amends",
        "received_at",
    ];
    let next = page.next.map(String::from);
    Ok(JsonOrCsv::Csv(csv(head, page.visits.into_iter().map(row), next)?))
}

fn row(visit: Visit) -> [String; 14] {
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
        visit.amends.map(|amended| amended.to_string()).unwrap_or_default(),
        visit.received_at.to_string(),
    ]
}

/// The word that JSON has for it; nothing for none.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
