//! What a citizen may ask.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use jiff::Timestamp;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::ErrorCode;
use yanma_protocol::accounts::{
    AccountLevel, AccountResponse, LOGIN_PATH, LOGOUT_PATH, LoginRequest, ME_PATH, MeResponse,
    REGISTER_PATH, RegisterRequest, SESSION_COOKIE, plain_phone,
};
use yanma_protocol::claims::{
    CLAIMS_PATH, ClaimRequest, FAMILY_PATH, FamilyClaimRequest, FamilyMember, FamilyResponse,
    HolderResponse, WITHDRAW_PATH, WithdrawRequest,
};
use yanma_protocol::shows::{SHOWS_PATH, ShowRequest, ShowResponse};

use super::answers::{Created, CreatedOrFound, Done, Json, WithCookie};
use super::body::Body;
use super::callers::{Address, Citizen, SessionToken};
use super::cookie;
use super::describe::{Routes, Service, Tag};
use super::error::Failure;
use crate::accounts::{self, AccountRow, Opened, SESSION_HOURS};
use crate::authority::Authority;
use crate::claims;
use crate::error::Error;
use crate::limits::Rates;
use crate::secret;
use crate::shows;

type App = State<Arc<Authority>>;

/// What is said of every operation that makes a code.
pub(super) const NEW_CODES: &str =
    "An account has at most 10 new codes of one person in 24 hours, phones and paper together.";

/// What a citizen may ask.
pub(super) fn routes() -> Routes {
    let rates = Rates::default();
    let family_rules = [
        ErrorCode::ParentsFull,
        ErrorCode::ChildrenFull,
        ErrorCode::SpouseFull,
        ErrorCode::RelativesFull,
        ErrorCode::ParentTooYoung,
        ErrorCode::ChildTooOld,
        ErrorCode::AgeUnknown,
        ErrorCode::OwnPerson,
    ];
    let claim_rules = [
        ErrorCode::IdentityLevel,
        ErrorCode::AlreadyClaimed,
        ErrorCode::NoArrival,
        ErrorCode::ArrivedTooEarly,
        ErrorCode::ClaimFromAbroad,
        ErrorCode::ClaimFromElsewhere,
        ErrorCode::HouseholdHere,
        ErrorCode::HomeCodeUnknown,
        ErrorCode::HomeCodeOld,
        ErrorCode::HomeCodeOther,
    ];
    let accounts = Routes::new(Tag::Accounts)
        .post(REGISTER_PATH, register, "Open an account", |it| {
            it.says("Name and number must stand together in the population register.")
                .refuses(&[ErrorCode::NotRegistered, ErrorCode::Conflict])
                .refuses(&[ErrorCode::IdentityUnavailable])
                .limited(rates.address, "network address")
                .limited(rates.register_document, "document and network address")
                .limited(rates.register_anywhere, "document")
        })
        .post(LOGIN_PATH, login, "Log in", |it| {
            it.refuses(&[ErrorCode::Unauthorised])
                .limited(rates.address, "network address")
                .limited(rates.login_account, "telephone number and network address")
                .limited(rates.login_anywhere, "telephone number")
        })
        .post(LOGOUT_PATH, logout, "Log out", |it| it.says("Without a session nothing happens."))
        .get(ME_PATH, me, "Who am I, and what colour is my code", |it| {
            it.stands_for(Service::Query)
        });
    let codes = Routes::new(Tag::Codes)
        .post(CLAIMS_PATH, claim, "Claim one's own code", |it| {
            it.says(NEW_CODES).says(
                "Claiming again gives the code that is there: what is declared now takes the place \
                 of what was.",
            )
            .refuses(&claim_rules)
            .refuses(&[ErrorCode::RateLimited])
            .stands_for(Service::Journey)
        })
        .post(FAMILY_PATH, claim_for_family, "Claim a code for a family member", |it| {
            it.says(NEW_CODES).says(
                "Claiming again gives the code that is there: relation and declaration of now take \
                 the place of those before.",
            )
            .refuses(&claim_rules)
            .refuses(&family_rules)
            .refuses(&[ErrorCode::NotRegistered, ErrorCode::IdentityUnavailable])
            .limited(rates.family, "account")
            .limited(rates.lookup_address, "network address")
            .limited(rates.register_document, "document and network address")
            .limited(rates.register_anywhere, "document")
            .stands_for(Service::Journey)
        })
        .get(FAMILY_PATH, family, "The family's codes", |it| it.stands_for(Service::Query))
        .post(WITHDRAW_PATH, withdraw, "Give a code back", |it| it.refuses(&[ErrorCode::NotFound]))
        .post(SHOWS_PATH, show, "Show a code", |it| {
            it.says("A fresh signed text with a short life. Every show is counted.")
                .refuses(&[ErrorCode::NotFound])
                .limited(rates.show, "account")
                .stands_for(Service::Make)
        });
    accounts.merge(codes)
}

async fn register(
    State(authority): App,
    from: Address,
    Body(request): Body<RegisterRequest>,
) -> Result<WithCookie<Created<AccountResponse>>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.address.take(&from.0, 1, now))?;
    let registration = request.parse()?;
    count_attempt(&authority, &registration.document, &from, now)?;
    let opened = accounts::register(
        &authority.database,
        &authority.identity,
        &authority.passwords,
        registration,
        now,
    )
    .await?;
    Ok(WithCookie {
        cookie: Some(session(&authority, &opened)?),
        answer: Created(AccountResponse { account: opened.account }),
    })
}

async fn login(
    State(authority): App,
    from: Address,
    Body(request): Body<LoginRequest>,
) -> Result<WithCookie<Json<AccountResponse>>, Failure> {
    let now = authority.clock.now();
    let limits = &authority.limits;
    limited(limits.address.take(&from.0, 1, now))?;
    request.check()?;
    // Whoever guesses from one place is stopped there; the owner still gets in from another.
    let phone = plain_phone(request.phone.reveal());
    let (phone, from_there) =
        (secret::hash(phone), secret::hash(&format!("{phone} {}", from.line())));
    limited(limits.login_account.take(&from_there, 1, now))?;
    // And from where they usually do, however many places guess.
    if !limits.logged_in.is_known(&from_there, now) {
        limited(limits.login_anywhere.take(&phone, 1, now))?;
    }
    let opened = accounts::login(&authority.database, &authority.passwords, request, now).await?;
    limits.logged_in.note(&from_there, now);
    Ok(WithCookie {
        cookie: Some(session(&authority, &opened)?),
        answer: Json(AccountResponse { account: opened.account }),
    })
}

async fn logout(
    State(authority): App,
    SessionToken(token): SessionToken,
) -> Result<WithCookie<Done>, Failure> {
    let mut cookie = None;
    if let Some(token) = token {
        let token = secret::hash(&token);
        accounts::logout(&authority.database, token).await?;
        authority.callers.forget_session(&token);
        cookie = Some(cookie::end(&authority, SESSION_COOKIE)?);
    }
    Ok(WithCookie { cookie, answer: Done })
}

async fn me(State(authority): App, Citizen(account): Citizen) -> Result<Json<MeResponse>, Failure> {
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

async fn claim(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<ClaimRequest>,
) -> Result<CreatedOrFound<HolderResponse>, Failure> {
    request.check()?;
    check_level(&account, authority.settings.claim_level)?;
    let (now, id, person) = (authority.clock.now(), account.id, account.person.id);
    let inside = Arc::clone(&authority);
    let (new, holder) = authority
        .database
        .write(move |change| {
            let terms = inside.terms(change)?;
            let claimed = claims::claim(change, &account, &request.from, &terms, now)?;
            let holder = claims::response(change, &claimed.holder, &terms.scheme, now)?;
            Ok((claimed.new, holder))
        })
        .await?;
    authority.homes.due.notify_one();
    authority.callers.forget_codes(id);
    // The family may have claimed it before.
    authority.callers.forget_person(person);
    Ok(CreatedOrFound { new, body: holder })
}

async fn claim_for_family(
    State(authority): App,
    Citizen(account): Citizen,
    from: Address,
    Body(request): Body<FamilyClaimRequest>,
) -> Result<CreatedOrFound<FamilyMember>, Failure> {
    let now = authority.clock.now();
    // Names and numbers of others are guessed here as at registration.
    let limits = &authority.limits;
    limited(limits.family.take_both(&account.id, (&limits.lookup_address, &from.0), 1, now))?;
    let claim = request.parse(claims::day(now))?;
    check_level(&account, authority.settings.family_level)?;
    count_attempt(&authority, &claim.document, &from, now)?;
    let (database, document, name) =
        (&authority.database, claim.document.clone(), claim.name.clone());
    authority.identity.person(database, document, name, now).await?;
    let (inside, id) = (Arc::clone(&authority), account.id);
    let (new, member) = authority
        .database
        .write(move |change| {
            let terms = inside.terms(change)?;
            let claimed = claims::claim_for_family(change, &account, &claim, &terms, now)?;
            let member = claims::member(change, &claimed.holder, &terms.scheme, now)?;
            Ok((claimed.new, member.ok_or(Error::NoCode)?))
        })
        .await?;
    authority.homes.due.notify_one();
    authority.callers.forget_codes(id);
    Ok(CreatedOrFound { new, body: member })
}

async fn family(
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

async fn show(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<ShowRequest>,
) -> Result<Json<ShowResponse>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.show.take(&account.id, 1, now))?;
    Ok(Json(shows::show(&authority, &account, request.member, now).await?))
}

async fn withdraw(
    State(authority): App,
    Citizen(account): Citizen,
    Body(request): Body<WithdrawRequest>,
) -> Result<Done, Failure> {
    let (now, id, scheme) = (authority.clock.now(), account.id, authority.scheme());
    authority
        .database
        .write(move |change| {
            let scheme = scheme.within(change)?;
            claims::withdraw(change, &account, request.member, &scheme, now)
        })
        .await?;
    authority.callers.forget_codes(id);
    Ok(Done)
}

/// Passes an account whose person was identified well enough.
fn check_level(account: &AccountRow, needed: AccountLevel) -> Result<(), Error> {
    if account.level >= needed { Ok(()) } else { Err(Error::IdentityLevel) }
}

/// Counts an attempt to name whose document this is. Whoever guesses from one place is stopped
/// there; the person still registers from another.
fn count_attempt(
    authority: &Authority,
    document: &DocumentNumber,
    from: &Address,
    now: Timestamp,
) -> Result<(), Error> {
    let limits = &authority.limits;
    // By what was asked for, not by whether it exists; hashed, because the buckets need the
    // number only to tell it from others.
    let whose = format!("{} {}", document.document_type(), document.reveal());
    let from_there = secret::hash(&format!("{whose} {}", from.line()));
    let anywhere = (&limits.register_anywhere, &secret::hash(&whose));
    limited(limits.register_document.take_both(&from_there, anywhere, 1, now))
}

/// Turns a wait into an error.
pub(super) fn limited(taken: Result<(), u32>) -> Result<(), Error> {
    taken.map_err(|retry_after_seconds| Error::RateLimited { retry_after_seconds })
}

fn session(authority: &Authority, opened: &Opened) -> Result<HeaderValue, Error> {
    cookie::set(authority, SESSION_COOKIE, &opened.token, SESSION_HOURS * 3600)
}
