//! Which colours a code had, and why.

use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::history::{
    ColourHistory, HISTORY_PATH, HOLDER_HISTORY_PATH, HistoryQuery, HolderHistory,
    HolderHistoryRequest,
};

use super::answers::Json;
use super::body::Body;
use super::callers::{Address, Citizen, Official};
use super::describe::{Routes, Service, Tag};
use super::error::Failure;
use super::query::Asked;
use crate::authority::Authority;
use crate::claims;
use crate::clerks::needed::FindHolders;
use crate::holders;
use crate::limits::Rates;

type App = State<Arc<Authority>>;

/// Which colours a code had, and why.
pub(super) fn routes() -> Routes {
    let own = Routes::new(Tag::Codes).get(HISTORY_PATH, own, "Which colours my code had", |it| {
        it.refuses(&[ErrorCode::NotFound]).stands_for(Service::Query)
    });
    let (path, rates) = (HOLDER_HISTORY_PATH, Rates::default());
    own.merge(Routes::new(Tag::Holders).post(path, of_holder, "Which colours a code had", |it| {
        it.says("Noted before it is answered.")
            .refuses(&[ErrorCode::NotFound])
            .limited(rates.clerk_lookup, "person at the console")
            .limited(rates.lookup_address, "network address")
            .stands_for(Service::Query)
    }))
}

async fn own(
    State(authority): App,
    Citizen(account): Citizen,
    Asked(query): Asked<HistoryQuery>,
) -> Result<Json<ColourHistory>, Failure> {
    let (now, scheme) = (authority.clock.now(), authority.scheme());
    let history = authority
        .database
        .read(move |session| {
            let holder = claims::of_account(session, &account, query.member)?;
            claims::history(session, holder, &scheme, now)
        })
        .await?;
    Ok(Json(history))
}

async fn of_holder(
    State(authority): App,
    Official { clerk, .. }: Official<FindHolders>,
    Address(address): Address,
    Body(request): Body<HolderHistoryRequest>,
) -> Result<Json<HolderHistory>, Failure> {
    let now = authority.clock.now();
    Ok(Json(holders::history(&authority, (&clerk, address), request, now).await?))
}
