//! Codes on paper.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use yanma_protocol::claims::MemberId;
use yanma_protocol::papers::{PaperQuery, PaperRequest, PaperResponse, SheetQuery};

use super::body::Body;
use super::callers::Citizen;
use super::citizen::limited;
use super::error::Failure;
use super::query::Asked;
use crate::accounts::AccountRow;
use crate::authority::Authority;
use crate::claims::HolderRow;
use crate::error::Error;
use crate::papers;

type App = State<Arc<Authority>>;

pub(super) async fn issue(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<PaperRequest>,
) -> Result<(StatusCode, Json<PaperResponse>), Failure> {
    let now = authority.clock.now();
    limited(authority.limits.paper.take(&account.id, 1, now))?;
    let (scheme, lifetime) = (authority.scheme(), authority.settings.paper_lifetime);
    let paper = authority
        .database
        .write(move |change| {
            papers::issue(change, &account, request.member, &scheme, lifetime, now)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(paper)))
}

pub(super) async fn find(
    State(authority): App,
    Citizen(account): Citizen,
    Asked(query): Asked<PaperQuery>,
) -> Result<Json<PaperResponse>, Failure> {
    let paper = find_paper(&authority, account, query.member).await?;
    Ok(Json(papers::response(&paper, authority.settings.paper_lifetime)))
}

pub(super) async fn sheet(
    State(authority): App,
    Citizen(account): Citizen,
    Asked(query): Asked<SheetQuery>,
) -> Result<impl IntoResponse, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.paper.take(&account.id, 1, now))?;
    let paper = find_paper(&authority, account, query.member).await?;
    // A font of megabytes is cut to what is used: not on a thread that serves requests.
    let draw = tokio::task::spawn_blocking(move || {
        let (font, lifetime) = (&authority.paper_font, authority.settings.paper_lifetime);
        papers::draw(&paper, query.size, &authority.press(), lifetime, font, now)
    });
    let pdf = draw.await.map_err(|_| Error::Panicked)??;
    let name = "inline; filename=\"health-code.pdf\"";
    Ok(([(header::CONTENT_TYPE, "application/pdf"), (header::CONTENT_DISPOSITION, name)], pdf))
}

async fn find_paper(
    authority: &Authority,
    account: AccountRow,
    member: Option<MemberId>,
) -> Result<HolderRow, Error> {
    authority.database.read(move |session| papers::find(session, &account, member)).await
}
