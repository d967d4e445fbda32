//! Codes on paper.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use yanma_protocol::claims::MemberId;
use yanma_protocol::papers::{PaperRequest, PaperResponse, SheetSize};
use yanma_protocol::{FieldError, FieldProblem};

use super::body::Body;
use super::callers::Citizen;
use super::citizen::limited;
use super::error::Failure;
use crate::accounts::AccountRow;
use crate::authority::Authority;
use crate::claims::HolderRow;
use crate::error::Error;
use crate::papers;

type App = State<Arc<Authority>>;
type Asked = Result<Query<HashMap<String, String>>, QueryRejection>;

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
    asked: Asked,
) -> Result<Json<PaperResponse>, Failure> {
    let (member, _) = read(asked)?;
    let paper = find_paper(&authority, account, member).await?;
    Ok(Json(papers::response(&paper, authority.settings.paper_lifetime)))
}

pub(super) async fn sheet(
    State(authority): App,
    Citizen(account): Citizen,
    asked: Asked,
) -> Result<impl IntoResponse, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.paper.take(&account.id, 1, now))?;
    let (member, size) = read(asked)?;
    let paper = find_paper(&authority, account, member).await?;
    // A font of megabytes is cut to what is used: not on a thread that serves requests.
    let draw = tokio::task::spawn_blocking(move || {
        let (font, lifetime) = (&authority.paper_font, authority.settings.paper_lifetime);
        papers::draw(&paper, size, &authority.press(), lifetime, font, now)
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

/// Reads `?member=&size=`.
fn read(asked: Asked) -> Result<(Option<MemberId>, SheetSize), FieldError> {
    let Query(asked) = asked.map_err(|_| FieldError::new("query", FieldProblem::Form))?;
    let (mut member, mut size) = (None, SheetSize::default());
    for (name, value) in asked.into_iter().filter(|(_, value)| !value.is_empty()) {
        let misfit = |name| FieldError::new(name, FieldProblem::Form);
        match name.as_str() {
            "member" => member = Some(value.try_into().map_err(|_| misfit("member"))?),
            "size" => size = SheetSize::from_name(&value).ok_or(misfit("size"))?,
            _ => return Err(FieldError::new("query", FieldProblem::Shape)),
        }
    }
    Ok((member, size))
}
