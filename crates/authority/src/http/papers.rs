//! Codes on paper.

use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::claims::MemberId;
use yanma_protocol::papers::{
    PAPERS_PATH, PaperQuery, PaperRequest, PaperResponse, SHEET_PATH, SheetQuery,
    WITHDRAW_PAPER_PATH,
};

use super::answers::{Created, Done, Json, Pdf};
use super::body::Body;
use super::callers::Citizen;
use super::citizen::{NEW_CODES, limited};
use super::describe::{Routes, Service, Tag};
use super::error::Failure;
use super::query::Asked;
use crate::accounts::AccountRow;
use crate::authority::Authority;
use crate::database::Session;
use crate::error::Error;
use crate::limits::Rates;
use crate::papers::{self, Paper};

type App = State<Arc<Authority>>;

/// Codes on paper.
pub(super) fn routes() -> Routes {
    let rate = Rates::default().paper;
    let none = [ErrorCode::NotFound];
    Routes::new(Tag::Codes)
        .post(PAPERS_PATH, issue, "Make a code on paper", |it| {
            it.says(NEW_CODES)
                .says("The paper before it is withdrawn.")
                .refuses(&none)
                .limited(rate, "account")
                .stands_for(Service::Make)
        })
        .get(PAPERS_PATH, find, "The paper that is in force", |it| it.refuses(&none))
        .post(WITHDRAW_PAPER_PATH, withdraw, "Withdraw the paper that is in force", |it| {
            it.says("For one that was lost. The code on the phone stays as it is.").refuses(&none)
        })
        .get(SHEET_PATH, sheet, "The paper that is in force, to print", |it| {
            it.refuses(&none).limited(rate, "account").stands_for(Service::Make)
        })
}

async fn issue(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<PaperRequest>,
) -> Result<Created<PaperResponse>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.paper.take(&account.id, 1, now))?;
    let inside = Arc::clone(&authority);
    let paper = authority
        .database
        .write(move |change| {
            let signed = (&inside.press(), inside.settings.paper_lifetime);
            let terms = inside.terms(change)?;
            papers::issue(change, &account, request.member, signed, &terms, now)
        })
        .await?;
    Ok(Created(papers::response(&paper)))
}

async fn find(
    State(authority): App,
    Citizen(account): Citizen,
    Asked(query): Asked<PaperQuery>,
) -> Result<Json<PaperResponse>, Failure> {
    let paper = find_paper(&authority, account, query.member).await?;
    Ok(Json(papers::response(&paper)))
}

async fn withdraw(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<PaperRequest>,
) -> Result<Done, Failure> {
    let (now, scheme) = (authority.clock.now(), authority.scheme());
    authority
        .database
        .write(move |change| {
            let scheme = scheme.within(change)?;
            papers::withdraw(change, &account, request.member, &scheme, now)
        })
        .await?;
    Ok(Done)
}

async fn sheet(
    State(authority): App,
    Citizen(account): Citizen,
    Asked(query): Asked<SheetQuery>,
) -> Result<Pdf, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.paper.take(&account.id, 1, now))?;
    let paper = find_paper(&authority, account, query.member).await?;
    // A font of megabytes is cut to what is used: not on a thread that serves requests.
    let draw = tokio::task::spawn_blocking(move || {
        let (host, font) = (&authority.settings.code_host, &authority.paper_font);
        papers::draw(&paper, query.size, host, font, now)
    });
    let bytes = draw.await.map_err(|_| Error::Panicked)??;
    Ok(Pdf { bytes, disposition: "inline; filename=\"health-code.pdf\"" })
}

async fn find_paper(
    authority: &Arc<Authority>,
    account: AccountRow,
    member: Option<MemberId>,
) -> Result<Paper, Error> {
    let inside = Arc::clone(authority);
    let find = move |session: &Session<'_>| {
        let signed = (&inside.press(), inside.settings.paper_lifetime);
        papers::find(session, &account, member, signed)
    };
    authority.database.read(find).await
}
