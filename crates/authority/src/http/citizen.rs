//! What a citizen may ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use yanma_domain::document::DocumentNumber;
use yanma_protocol::accounts::{
    AccountLevel, AccountResponse, LoginRequest, MeResponse, RegisterRequest, SESSION_COOKIE,
};
use yanma_protocol::claims::{
    ClaimRequest, FamilyClaimRequest, FamilyMember, FamilyResponse, HolderResponse, WithdrawRequest,
};
use yanma_protocol::shows::{ShowRequest, ShowResponse};

use super::body::Body;
use super::callers::{Address, Citizen, session_token};
use super::error::Failure;
use crate::accounts::{self, AccountRow, Opened, SESSION_HOURS};
use crate::authority::Authority;
use crate::claims;
use crate::error::Error;
use crate::secret::{self, TokenHash};
use crate::shows;

type App = State<Arc<Authority>>;
type Answer<T> = Result<(StatusCode, HeaderMap, Json<T>), Failure>;

pub(super) async fn register(
    State(authority): App,
    Address(address): Address,
    Body(request): Body<RegisterRequest>,
) -> Answer<AccountResponse> {
    let now = authority.clock.now();
    limited(authority.limits.address.take(&address, 1, now))?;
    let registration = request.parse()?;
    let key = document_key(&registration.document);
    limited(authority.limits.register_document.take(&key, 1, now))?;
    let opened = accounts::register(
        &authority.database,
        &authority.identity,
        &authority.passwords,
        registration,
        now,
    )
    .await?;
    with_session(&authority, StatusCode::CREATED, opened)
}

pub(super) async fn login(
    State(authority): App,
    Address(address): Address,
    Body(request): Body<LoginRequest>,
) -> Answer<AccountResponse> {
    let now = authority.clock.now();
    limited(authority.limits.address.take(&address, 1, now))?;
    request.check()?;
    // Whoever guesses from one place is stopped there; the owner still gets in from another.
    let phone = request.phone.reveal();
    let from_there = secret::hash(&format!("{phone} {address}"));
    limited(authority.limits.login_account.take(&from_there, 1, now))?;
    limited(authority.limits.login_anywhere.take(&secret::hash(phone), 1, now))?;
    let opened = accounts::login(&authority.database, &authority.passwords, request, now).await?;
    with_session(&authority, StatusCode::OK, opened)
}

pub(super) async fn logout(
    State(authority): App,
    parts: Parts,
) -> Result<(StatusCode, HeaderMap), Failure> {
    if let Some(token) = session_token(&parts) {
        let token = secret::hash(&token);
        accounts::logout(&authority.database, token).await?;
        authority.callers.forget_session(&token);
    }
    Ok((StatusCode::NO_CONTENT, cookie(&authority, "", 0)?))
}

pub(super) async fn me(
    State(authority): App,
    Citizen(account): Citizen,
) -> Result<Json<MeResponse>, Failure> {
    let now = authority.clock.now();
    let scheme = authority.scheme();
    let masked = account.masked();
    let holder = authority
        .database
        .read(move |session| match claims::of_account(session, &account, None) {
            Ok(holder) => claims::response(session, &holder, &scheme, now).map(Some),
            Err(Error::NoCode) => Ok(None),
            Err(other) => Err(other),
        })
        .await?;
    Ok(Json(MeResponse { account: masked, holder }))
}

pub(super) async fn claim(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<ClaimRequest>,
) -> Result<(StatusCode, Json<HolderResponse>), Failure> {
    request.check()?;
    check_level(&account, authority.settings.claim_level)?;
    let (now, id, person) = (authority.clock.now(), account.id, account.person.id);
    let inside = Arc::clone(&authority);
    let (new, holder) = authority
        .database
        .write(move |change| {
            let claimed = claims::claim(change, &account, &request.from, &inside.terms(), now)?;
            let holder = claims::response(change, &claimed.holder, &inside.scheme(), now)?;
            Ok((claimed.new, holder))
        })
        .await?;
    authority.callers.forget_codes(id);
    // The family may have claimed it before.
    authority.callers.forget_person(person);
    Ok((created(new), Json(holder)))
}

pub(super) async fn claim_for_family(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<FamilyClaimRequest>,
) -> Result<(StatusCode, Json<FamilyMember>), Failure> {
    let now = authority.clock.now();
    // Names and numbers of others are guessed here as at registration.
    limited(authority.limits.family.take(&account.id, 1, now))?;
    let claim = request.parse()?;
    check_level(&account, authority.settings.family_level)?;
    let key = document_key(&claim.document);
    limited(authority.limits.register_document.take(&key, 1, now))?;
    let (database, document, name) =
        (&authority.database, claim.document.clone(), claim.name.clone());
    authority.identity.person(database, document, name, now).await?;
    let (inside, id) = (Arc::clone(&authority), account.id);
    let (new, member) = authority
        .database
        .write(move |change| {
            let terms = inside.terms();
            let claimed = claims::claim_for_family(change, &account, &claim, &terms, now)?;
            let member = claims::member(change, &claimed.holder, &inside.scheme(), now)?;
            Ok((claimed.new, member.ok_or(Error::NoCode)?))
        })
        .await?;
    authority.callers.forget_codes(id);
    Ok((created(new), Json(member)))
}

pub(super) async fn family(
    State(authority): App,
    Citizen(account): Citizen,
) -> Result<Json<FamilyResponse>, Failure> {
    let now = authority.clock.now();
    let scheme = authority.scheme();
    let members = authority
        .database
        .read(move |session| claims::family(session, &account, &scheme, now))
        .await?;
    Ok(Json(FamilyResponse { members }))
}

pub(super) async fn show(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<ShowRequest>,
) -> Result<Json<ShowResponse>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.show.take(&account.id, 1, now))?;
    Ok(Json(shows::show(&authority, &account, request.member, now).await?))
}

pub(super) async fn withdraw(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<WithdrawRequest>,
) -> Result<StatusCode, Failure> {
    let (now, id) = (authority.clock.now(), account.id);
    authority
        .database
        .write(move |change| claims::withdraw(change, &account, request.member, now))
        .await?;
    authority.callers.forget_codes(id);
    Ok(StatusCode::NO_CONTENT)
}

/// Passes an account whose person was identified well enough.
fn check_level(account: &AccountRow, needed: AccountLevel) -> Result<(), Error> {
    if account.level >= needed { Ok(()) } else { Err(Error::IdentityLevel) }
}

fn created(new: bool) -> StatusCode {
    if new { StatusCode::CREATED } else { StatusCode::OK }
}

/// The key of a document in the buckets of attempts: by what was asked for, not by whether it
/// exists; hashed, because the buckets need the number only to tell it from others.
fn document_key(document: &DocumentNumber) -> TokenHash {
    secret::hash(&format!("{} {}", document.document_type(), document.reveal()))
}

/// Turns a wait into an error.
pub(super) fn limited(taken: Result<(), u32>) -> Result<(), Error> {
    taken.map_err(|retry_after_seconds| Error::RateLimited { retry_after_seconds })
}

fn with_session(
    authority: &Authority,
    status: StatusCode,
    opened: Opened,
) -> Answer<AccountResponse> {
    let headers = cookie(authority, &opened.token, SESSION_HOURS * 3600)?;
    let account = opened.account;
    Ok((status, headers, Json(AccountResponse { account })))
}

fn cookie(authority: &Authority, token: &str, max_age_seconds: i64) -> Result<HeaderMap, Error> {
    let secure = if authority.settings.secure_cookie { "; Secure" } else { "" };
    let text = format!(
        "{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; \
         Max-Age={max_age_seconds}{secure}"
    );
    let value = HeaderValue::try_from(text).map_err(|_| Error::Panicked)?;
    Ok(HeaderMap::from_iter([(header::SET_COOKIE, value)]))
}
