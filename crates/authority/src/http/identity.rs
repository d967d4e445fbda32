//! Proving better who one is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use yanma_protocol::accounts::{AccountLevel, AccountResponse};
use yanma_protocol::identity::{FaceRequest, SmsCheckRequest, SmsRequest};

use super::body::Body;
use super::callers::Citizen;
use super::citizen::limited;
use super::error::Failure;
use crate::accounts::{self, AccountRow};
use crate::authority::Authority;

type App = State<Arc<Authority>>;

pub(super) async fn send_sms(
    State(authority): App,
    Citizen(account): Citizen,
    Body(SmsRequest {}): Body<SmsRequest>,
) -> Result<StatusCode, Failure> {
    let now = authority.clock.now();
    // An SMS costs money, and a telephone that rings all night costs sleep.
    limited(authority.limits.sms.take(&account.id, 1, now))?;
    let phone = accounts::phone(&authority.database, account.id).await?;
    authority.identity.send_sms(phone).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn check_sms(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<SmsCheckRequest>,
) -> Result<Json<AccountResponse>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.proof.take(&account.id, 1, now))?;
    request.check()?;
    let database = &authority.database;
    let phone = accounts::phone(database, account.id).await?;
    authority.identity.check_sms(database, &account, phone, request.code, now).await?;
    Ok(at_least(&authority, account, AccountLevel::Sms))
}

pub(super) async fn compare_face(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<FaceRequest>,
) -> Result<Json<AccountResponse>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.proof.take(&account.id, 1, now))?;
    request.check()?;
    let database = &authority.database;
    authority.identity.compare_face(database, &account, request.image, now).await?;
    Ok(at_least(&authority, account, AccountLevel::Face))
}

/// The account with the level that it has now.
fn at_least(
    authority: &Authority,
    mut account: AccountRow,
    level: AccountLevel,
) -> Json<AccountResponse> {
    authority.callers.forget_account(account.id);
    account.level = account.level.max(level);
    Json(AccountResponse { account: account.masked() })
}
