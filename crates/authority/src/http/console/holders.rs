//! Finding a holder, and seeing who it is.

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::holders::{
    REVEAL_PATH, RevealRequest, Revealed, SEARCH_PATH, SearchRequest, SearchResponse,
};

use super::App;
use crate::clerks::needed::FindHolders;
use crate::holders;
use crate::http::answers::Json;
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::describe::{Routes, Service, Tag};
use crate::http::error::Failure;
use crate::limits::Rates;

pub(super) fn routes() -> Routes {
    let rate = Rates::default().clerk_lookup;
    Routes::new(Tag::Holders)
        .post(SEARCH_PATH, search, "Find a holder, masked", |it| {
            it.says("Noted before it is answered.")
                .limited(rate, "person at the console")
                .stands_for(Service::Query)
        })
        .post(REVEAL_PATH, reveal, "See who a holder is", |it| {
            it.says("Noted before it is answered.")
                .refuses(&[ErrorCode::NotFound])
                .limited(rate, "person at the console")
        })
}

async fn search(
    State(authority): App,
    Official { clerk, .. }: Official<FindHolders>,
    Body(request): Body<SearchRequest>,
) -> Result<Json<SearchResponse>, Failure> {
    let now = authority.clock.now();
    let holders = holders::search(&authority, &clerk, request, now).await?;
    Ok(Json(SearchResponse { holders }))
}

async fn reveal(
    State(authority): App,
    Official { clerk, .. }: Official<FindHolders>,
    Body(request): Body<RevealRequest>,
) -> Result<Json<Revealed>, Failure> {
    let now = authority.clock.now();
    Ok(Json(holders::reveal(&authority, &clerk, request, now).await?))
}
