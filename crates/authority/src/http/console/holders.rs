//! Finding a holder, and seeing who it is.

use axum::Json;
use axum::extract::State;
use yanma_protocol::holders::{RevealRequest, Revealed, SearchRequest, SearchResponse};

use super::App;
use crate::clerks::Right;
use crate::holders;
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::error::Failure;

pub(super) async fn search(
    State(authority): App,
    official: Official,
    Body(request): Body<SearchRequest>,
) -> Result<Json<SearchResponse>, Failure> {
    let clerk = official.with(Right::FindHolders)?;
    let now = authority.clock.now();
    let holders = holders::search(&authority, &clerk, request, now).await?;
    Ok(Json(SearchResponse { holders }))
}

pub(super) async fn reveal(
    State(authority): App,
    official: Official,
    Body(request): Body<RevealRequest>,
) -> Result<Json<Revealed>, Failure> {
    let clerk = official.with(Right::FindHolders)?;
    let now = authority.clock.now();
    Ok(Json(holders::reveal(&authority, &clerk, request, now).await?))
}
