//! What clerks and departments may ask.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use yanma_protocol::entries::{EntriesPage, EntriesQuery};
use yanma_protocol::stations::{EnrolmentRequest, EnrolmentResponse};
use yanma_protocol::{FieldError, FieldProblem};

use super::body::Body;
use super::callers::Official;
use super::error::Failure;
use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks::Right;
use crate::entries;
use crate::stations;

type App = State<Arc<Authority>>;

pub(super) async fn entries(
    State(authority): App,
    official: Official,
    query: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<Json<EntriesPage>, Failure> {
    official.with(Right::ReadEntries)?;
    let Query(query) = query.map_err(|_| FieldError::new("query", FieldProblem::Form))?;
    let query = read_query(&query)?;
    let limit = query.limit()?;
    let after = query.after.unwrap_or(0);
    Ok(Json(entries::page(&authority.database, after, limit).await?))
}

pub(super) async fn hand_out(
    State(authority): App,
    official: Official,
    Body(request): Body<EnrolmentRequest>,
) -> Result<(StatusCode, Json<EnrolmentResponse>), Failure> {
    let clerk = official.with(Right::EnrolStations)?;
    let now = authority.clock.now();
    request.check()?;
    clerk.may_at(&request.site)?;
    let handed_out = authority
        .database
        .write(move |change| {
            let handed_out = stations::hand_out(change, &request, now)?;
            audit::note(change, &clerk, Note::new(Deed::HandOutEnrolment, &request.site), now)?;
            Ok(handed_out)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(handed_out)))
}

/// Reads `?after=&limit=`; an empty value is one that was left out.
fn read_query(query: &HashMap<String, String>) -> Result<EntriesQuery, FieldError> {
    let mut read = EntriesQuery::default();
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        let misfit = |name| FieldError::new(name, FieldProblem::Form);
        match name.as_str() {
            "after" => read.after = Some(value.parse().map_err(|_| misfit("after"))?),
            "limit" => read.limit = Some(value.parse().map_err(|_| misfit("limit"))?),
            _ => return Err(FieldError::new("query", FieldProblem::Shape)),
        }
    }
    Ok(read)
}
