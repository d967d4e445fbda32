//! What clerks and departments may ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use yanma_protocol::entries::{EntriesPage, EntriesQuery};
use yanma_protocol::stations::{EnrolmentRequest, EnrolmentResponse};

use super::body::Body;
use super::callers::Official;
use super::error::Failure;
use super::query::Asked;
use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks::Right;
use crate::entries;
use crate::stations;

type App = State<Arc<Authority>>;

pub(super) async fn entries(
    State(authority): App,
    official: Official,
    Asked(query): Asked<EntriesQuery>,
) -> Result<Json<EntriesPage>, Failure> {
    official.with(Right::ReadEntries)?;
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
