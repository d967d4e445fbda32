//! Proving better who one is.

use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::ErrorCode;
use yanma_protocol::accounts::{AccountLevel, AccountResponse, plain_phone};
use yanma_protocol::identity::{
    FACE_PATH, FaceRequest, SMS_CHECK_PATH, SMS_PATH, SmsCheckRequest, SmsRequest,
};

use super::answers::{Done, Json};
use super::body::Body;
use super::callers::{Address, Citizen};
use super::citizen::limited;
use super::describe::{Routes, Tag};
use super::error::Failure;
use crate::accounts::{self, AccountRow};
use crate::authority::Authority;
use crate::error::Error;
use crate::limits::Rates;
use crate::secret;

type App = State<Arc<Authority>>;

/// Proving better who one is.
pub(super) fn routes() -> Routes {
    let rates = Rates::default();
    let service = [ErrorCode::IdentityNotOffered, ErrorCode::IdentityUnavailable];
    let proof = [ErrorCode::IdentityDiffers];
    Routes::new(Tag::Accounts)
        .post(SMS_PATH, send_sms, "Ask for a code by SMS", |it| {
            it.says("Of a telephone that is not proven yet.")
                .refuses(&service)
                .refuses(&[ErrorCode::Conflict])
                .limited(rates.sms, "account")
                .limited(rates.sms_phone, "telephone number")
                .limited(rates.sms_address, "network address")
        })
        .post(SMS_CHECK_PATH, check_sms, "Return the code that came by SMS", |it| {
            it.refuses(&service).refuses(&proof).limited(rates.proof, "account")
        })
        .post(FACE_PATH, compare_face, "Show one's face", |it| {
            it.refuses(&service).refuses(&proof).limited(rates.proof, "account")
        })
}

async fn send_sms(
    State(authority): App,
    Citizen(account): Citizen,
    Address(address): Address,
    Body(SmsRequest {}): Body<SmsRequest>,
) -> Result<Done, Failure> {
    if account.level >= AccountLevel::Sms {
        return Err(Error::LevelReached.into());
    }
    let (now, limits) = (authority.clock.now(), &authority.limits);
    // An SMS costs money, and a telephone that rings all night costs sleep.
    limited(limits.sms.take_both(&account.id, (&limits.sms_address, &address), 1, now))?;
    let phone = accounts::phone(&authority.database, account.id).await?;
    limited(limits.sms_phone.take(&secret::hash(plain_phone(phone.reveal())), 1, now))?;
    authority.identity.send_sms(phone).await?;
    Ok(Done)
}

async fn check_sms(
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

async fn compare_face(
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
