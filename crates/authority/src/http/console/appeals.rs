//! What was decided about contested colours.

use axum::extract::State;
use uuid::Uuid;
use yanma_protocol::appeals::{DECIDED_APPEALS_PATH, DecidedAppealsPage, DecidedQuery};

use super::App;
use crate::appeals;
use crate::clerks::needed::DecideAppeals;
use crate::http::answers::Json;
use crate::http::callers::Official;
use crate::http::describe::{Routes, Service, Tag};
use crate::http::error::Failure;
use crate::http::query::Asked;

pub(super) fn routes() -> Routes {
    Routes::new(Tag::Appeals).get(
        DECIDED_APPEALS_PATH,
        decided,
        "Appeals that were decided, those first that were opened last",
        |it| it.says("Paged: `next` goes into `before`.").stands_for(Service::Correct),
    )
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
