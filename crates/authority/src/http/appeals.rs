//! Contesting a colour, and deciding about it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use yanma_protocol::appeals::{
    Appeal, AppealRequest, AppealsResponse, DecisionRequest, OpenAppealsPage, OpenAppealsQuery,
};

use super::body::Body;
use super::callers::{Citizen, Official};
use super::citizen::limited;
use super::error::Failure;
use super::query::Asked;
use crate::appeals;
use crate::authority::Authority;
use crate::clerks::Right;
use crate::error::Error;

type App = State<Arc<Authority>>;

pub(super) async fn open(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<AppealRequest>,
) -> Result<(StatusCode, Json<Appeal>), Failure> {
    let now = authority.clock.now();
    limited(authority.limits.appeal.take(&account.id, 1, now))?;
    request.check()?;
    let scheme = authority.scheme();
    let appeal = authority
        .database
        .write(move |change| appeals::open(change, &account, &request, &scheme, now))
        .await?;
    Ok((StatusCode::CREATED, Json(appeal)))
}

pub(super) async fn own(
    State(authority): App,
    Citizen(account): Citizen,
) -> Result<Json<AppealsResponse>, Failure> {
    let appeals =
        authority.database.read(move |session| appeals::of_account(session, account.id)).await?;
    Ok(Json(AppealsResponse { appeals }))
}

pub(super) async fn waiting(
    State(authority): App,
    official: Official,
    Asked(query): Asked<OpenAppealsQuery>,
) -> Result<Json<OpenAppealsPage>, Failure> {
    official.with(Right::DecideAppeals)?;
    let (after, limit) = (query.after.unwrap_or_default(), query.limit()?);
    let (now, scheme) = (authority.clock.now(), authority.scheme());
    let page = authority
        .database
        .read(move |session| appeals::waiting(session, after, limit, &scheme, now))
        .await?;
    Ok(Json(page))
}

pub(super) async fn decide(
    State(authority): App,
    official: Official,
    Path(id): Path<String>,
    Body(request): Body<DecisionRequest>,
) -> Result<Json<Appeal>, Failure> {
    let clerk = official.with(Right::DecideAppeals)?;
    let id = id.parse().map_err(|_| Error::NotFound("appeal"))?;
    request.check()?;
    let (now, scheme) = (authority.clock.now(), authority.scheme());
    let appeal = authority
        .database
        .write(move |change| appeals::decide(change, id, &request, &clerk, &scheme, now))
        .await?;
    Ok(Json(appeal))
}
