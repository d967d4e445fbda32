//! Contesting a colour, and deciding about it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use uuid::Uuid;
use yanma_protocol::appeals::{
    Appeal, AppealRequest, AppealsResponse, DecisionRequest, OpenAppealsPage,
};
use yanma_protocol::{FieldError, FieldProblem};

use super::body::Body;
use super::callers::{Citizen, Official};
use super::citizen::limited;
use super::error::Failure;
use crate::appeals;
use crate::authority::Authority;
use crate::clerks::Right;
use crate::error::Error;

type App = State<Arc<Authority>>;

/// Appeals on a page, when the clerk names no number.
const USUAL_PAGE: u32 = 50;
/// Appeals on a page, most.
const LARGEST_PAGE: u32 = 200;

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
    asked: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<Json<OpenAppealsPage>, Failure> {
    official.with(Right::DecideAppeals)?;
    let (after, limit) = read(asked)?;
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

/// Reads `?after=&limit=`.
fn read(
    asked: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<(Uuid, u32), FieldError> {
    let Query(asked) = asked.map_err(|_| FieldError::new("query", FieldProblem::Form))?;
    let (mut after, mut limit) = (Uuid::nil(), USUAL_PAGE);
    for (name, value) in asked.iter().filter(|(_, value)| !value.is_empty()) {
        let misfit = |name| FieldError::new(name, FieldProblem::Form);
        match name.as_str() {
            "after" => after = value.parse().map_err(|_| misfit("after"))?,
            "limit" => {
                limit = value.parse().map_err(|_| misfit("limit"))?;
                if !(1..=LARGEST_PAGE).contains(&limit) {
                    return Err(misfit("limit"));
                }
            }
            _ => return Err(FieldError::new("query", FieldProblem::Shape)),
        }
    }
    Ok((after, limit))
}
