//! What clerks and departments may ask.

use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::entries::{ENTRIES_PATH, EntriesPage, EntriesQuery};
use yanma_protocol::stations::{ENROLMENTS_PATH, EnrolmentRequest, EnrolmentResponse};

use super::answers::{Created, Json};
use super::body::Body;
use super::callers::Official;
use super::describe::{Routes, Service, Tag};
use super::error::Failure;
use super::query::Asked;
use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks::needed::{EnrolStations, ReadEntries};
use crate::entries;
use crate::stations;

type App = State<Arc<Authority>>;

/// What clerks may ask beside the console.
pub(super) fn routes() -> Routes {
    let entries = Routes::new(Tag::Entries).get(ENTRIES_PATH, entries, "Read entries", |it| {
        it.says(
            "In the order in which they were received, without whose they were. Paged: `next` \
             goes into `after`.",
        )
    });
    let enrolments = Routes::new(Tag::Stations).post(
        ENROLMENTS_PATH,
        hand_out,
        "Hand out a code that enrols a desk",
        |it| it.refuses(&[ErrorCode::NotFound]).stands_for(Service::Access),
    );
    entries.merge(enrolments)
}

async fn entries(
    State(authority): App,
    _: Official<ReadEntries>,
    Asked(query): Asked<EntriesQuery>,
) -> Result<Json<EntriesPage>, Failure> {
    let limit = query.limit()?;
    let after = query.after.unwrap_or(0);
    Ok(Json(entries::page(&authority.database, after, limit).await?))
}

async fn hand_out(
    State(authority): App,
    Official { clerk, .. }: Official<EnrolStations>,
    Body(request): Body<EnrolmentRequest>,
) -> Result<Created<EnrolmentResponse>, Failure> {
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
    Ok(Created(handed_out))
}
