//! What was decided about contested colours, and setting a decision aside.

use axum::extract::State;
use uuid::Uuid;
use yanma_protocol::ErrorCode;
use yanma_protocol::appeals::{
    Appeal, DECIDED_APPEALS_PATH, DecidedAppealsPage, DecidedQuery, SET_ASIDE_PATH, SetAsideRequest,
};

use super::App;
use crate::appeals;
use crate::clerks::needed::DecideAppeals;
use crate::database::Change;
use crate::http::answers::Json;
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::describe::{Routes, Service, Tag};
use crate::http::error::Failure;
use crate::http::path::{AppealId, Named};
use crate::http::query::Asked;

pub(super) fn routes() -> Routes {
    let list = "Appeals that were decided, those first that were opened last";
    Routes::new(Tag::Appeals)
        .get(DECIDED_APPEALS_PATH, decided, list, |it| {
            it.says("Paged: `next` goes into `before`.").stands_for(Service::Correct)
        })
        .post(SET_ASIDE_PATH, set_aside, "Set aside that an appeal was granted", |it| {
            it.says(
                "What it cleared counts again. Both decisions are kept: the appeal stands a second \
                 time, as declined with the reason, which the citizen is told.",
            )
            .refuses(&[ErrorCode::Conflict])
            .stands_for(Service::Correct)
        })
}

async fn decided(
    State(authority): App,
    _: Official<DecideAppeals>,
    Asked(query): Asked<DecidedQuery>,
) -> Result<Json<DecidedAppealsPage>, Failure> {
    let limit = query.check()?;
    let before = query.before.unwrap_or(Uuid::max());
    let page =
        authority.database.read(move |session| appeals::decided(session, before, limit)).await?;
    Ok(Json(page))
}

async fn set_aside(
    State(authority): App,
    Official { clerk, .. }: Official<DecideAppeals>,
    Named(AppealId(id)): Named<AppealId>,
    Body(request): Body<SetAsideRequest>,
) -> Result<Json<Appeal>, Failure> {
    request.check()?;
    let (now, scheme) = (authority.clock.now(), authority.scheme());
    let set_aside = move |change: &Change<'_>| {
        appeals::set_aside(change, id, &request, &clerk, &scheme.within(change)?, now)
    };
    Ok(Json(authority.database.write(set_aside).await?))
}
