//! Contesting a colour, and deciding about it.

use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::appeals::{
    APPEALS_PATH, Appeal, AppealRequest, AppealsResponse, DECISIONS_PATH, DecisionRequest,
    OPEN_APPEALS_PATH, OpenAppealsPage, OpenAppealsQuery,
};

use super::answers::{Created, Json};
use super::body::Body;
use super::callers::{Citizen, Official};
use super::citizen::limited;
use super::describe::{Routes, Service, Tag};
use super::error::Failure;
use super::path::{AppealId, Named};
use super::query::Asked;
use crate::appeals;
use crate::authority::Authority;
use crate::clerks::needed::DecideAppeals;
use crate::limits::Rates;

type App = State<Arc<Authority>>;

/// Contesting a colour, and deciding about it.
pub(super) fn routes() -> Routes {
    Routes::new(Tag::Appeals)
        .post(APPEALS_PATH, open, "Contest a colour", |it| {
            it.refuses(&[ErrorCode::NotFound, ErrorCode::NothingToContest, ErrorCode::AppealOpen])
                .limited(Rates::default().appeal, "account")
                .stands_for(Service::Correct)
        })
        .get(APPEALS_PATH, own, "One's own appeals, the newest first", |it| {
            it.says("Those about everybody whose code the account has now, whoever opened them.")
                .stands_for(Service::Correct)
        })
        .get(OPEN_APPEALS_PATH, waiting, "Appeals that wait, the oldest first", |it| {
            it.says("Paged: `next` goes into `after`.").stands_for(Service::Correct)
        })
        .post(&format!("{DECISIONS_PATH}{{id}}"), decide, "Decide an appeal", |it| {
            it.says(
                "What the clerk was shown counts no longer when it is granted. When other facts \
                 are in force by then, it is refused.",
            )
            .refuses(&[ErrorCode::AppealDecided, ErrorCode::AppealChanged])
            .stands_for(Service::Correct)
        })
}

async fn open(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<AppealRequest>,
) -> Result<Created<Appeal>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.appeal.take(&account.id, 1, now))?;
    request.check()?;
    let scheme = authority.scheme();
    let appeal = authority
        .database
        .write(move |change| {
            appeals::open(change, &account, &request, &scheme.within(change)?, now)
        })
        .await?;
    Ok(Created(appeal))
}

async fn own(
    State(authority): App,
    Citizen(account): Citizen,
) -> Result<Json<AppealsResponse>, Failure> {
    let appeals =
        authority.database.read(move |session| appeals::of_account(session, account.id)).await?;
    Ok(Json(AppealsResponse { appeals }))
}

async fn waiting(
    State(authority): App,
    _: Official<DecideAppeals>,
    Asked(query): Asked<OpenAppealsQuery>,
) -> Result<Json<OpenAppealsPage>, Failure> {
    let (after, limit) = (query.after.unwrap_or_default(), query.limit()?);
    let (now, scheme) = (authority.clock.now(), authority.scheme());
    let page = authority
        .database
        .read(move |session| appeals::waiting(session, after, limit, &scheme, now))
        .await?;
    Ok(Json(page))
}

async fn decide(
    State(authority): App,
    Official { clerk, .. }: Official<DecideAppeals>,
    Named(AppealId(id)): Named<AppealId>,
    Body(request): Body<DecisionRequest>,
) -> Result<Json<Appeal>, Failure> {
    request.check()?;
    let (now, scheme) = (authority.clock.now(), authority.scheme());
    let appeal = authority
        .database
        .write(move |change| {
            appeals::decide(change, id, &request, &clerk, &scheme.within(change)?, now)
        })
        .await?;
    Ok(Json(appeal))
}
