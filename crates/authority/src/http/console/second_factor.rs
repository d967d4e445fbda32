//! One-time passwords, and the sessions that they open.

use axum::extract::State;
use axum::http::HeaderValue;
use jiff::Timestamp;
use yanma_protocol::ErrorCode;
use yanma_protocol::second_factor::{
    CONFIRM_PATH, CONSOLE_COOKIE, ConfirmRequest, ConfirmResponse, Proof, SESSION_MINUTES,
    SESSION_PATH, SET_UP_PATH, SIGN_OUT_PATH, SessionResponse, SetUpRequest, SetUpResponse,
};

use super::App;
use crate::authority::Authority;
use crate::clerks::Clerk;
use crate::error::Error;
use crate::http::answers::{Created, Done, Json, WithCookie};
use crate::http::body::Body;
use crate::http::callers::{Address, ConsoleToken, Official};
use crate::http::citizen::limited;
use crate::http::cookie;
use crate::http::describe::{Routes, Tag};
use crate::http::error::Failure;
use crate::limits::Rates;
use crate::second_factor::{self, Opened};
use crate::secret;

pub(super) fn routes() -> Routes {
    let rate = Rates::default().second_factor;
    let whom = "person and network address";
    Routes::new(Tag::Clerks)
        .post(SET_UP_PATH, set_up, "Ask for the secret of an app", |it| {
            it.says("It counts once it was confirmed.")
                .refuses(&[ErrorCode::Conflict, ErrorCode::SecondFactorToShow])
                .limited(rate, whom)
        })
        .post(CONFIRM_PATH, confirm, "Confirm the app, and open a session", |it| {
            it.refuses(&[ErrorCode::SecondFactorWrong, ErrorCode::SecondFactorToShow])
                .refuses(&[ErrorCode::Conflict])
                .limited(rate, whom)
        })
        .post(SESSION_PATH, open_session, "Open a session with a one-time password", |it| {
            it.refuses(&[ErrorCode::SecondFactorWrong, ErrorCode::SecondFactorToSetUp])
                .refuses(&[ErrorCode::Conflict])
                .limited(rate, whom)
        })
        .post(SIGN_OUT_PATH, sign_out, "End the session", |it| {
            it.says("Without a session nothing happens.")
        })
}

async fn set_up(
    State(authority): App,
    Official { clerk, .. }: Official,
    address: Address,
    Body(SetUpRequest {}): Body<SetUpRequest>,
) -> Result<Json<SetUpResponse>, Failure> {
    let now = counted(&authority, &clerk, address)?;
    Ok(Json(second_factor::set_up(&authority, clerk, now).await?))
}

async fn confirm(
    State(authority): App,
    Official { clerk, .. }: Official,
    address: Address,
    Body(request): Body<ConfirmRequest>,
) -> Result<WithCookie<Json<ConfirmResponse>>, Failure> {
    let now = counted(&authority, &clerk, address)?;
    request.check()?;
    let (recovery_codes, opened) =
        second_factor::confirm(&authority, clerk, request.code, now).await?;
    Ok(WithCookie {
        cookie: Some(session_cookie(&authority, &opened)?),
        answer: Json(ConfirmResponse { recovery_codes, session: opened.response }),
    })
}

async fn open_session(
    State(authority): App,
    Official { clerk, .. }: Official,
    address: Address,
    Body(proof): Body<Proof>,
) -> Result<WithCookie<Created<SessionResponse>>, Failure> {
    let now = counted(&authority, &clerk, address)?;
    proof.check()?;
    let opened = second_factor::open_session(&authority, clerk, proof, now).await?;
    Ok(WithCookie {
        cookie: Some(session_cookie(&authority, &opened)?),
        answer: Created(opened.response),
    })
}

async fn sign_out(
    State(authority): App,
    ConsoleToken(token): ConsoleToken,
) -> Result<WithCookie<Done>, Failure> {
    let mut cookie = None;
    if let Some(token) = token {
        let now = authority.clock.now();
        second_factor::sign_out(&authority, secret::hash(&token), now).await?;
        cookie = Some(cookie::end(&authority, CONSOLE_COOKIE)?);
    }
    Ok(WithCookie { cookie, answer: Done })
}

/// Counts an attempt, by whom and from where.
fn counted(
    authority: &Authority,
    clerk: &Clerk,
    Address(address): Address,
) -> Result<Timestamp, Error> {
    let now = authority.clock.now();
    limited(authority.limits.second_factor.take(&(clerk.id, address), 1, now))?;
    Ok(now)
}

fn session_cookie(authority: &Authority, opened: &Opened) -> Result<HeaderValue, Error> {
    cookie::set(authority, CONSOLE_COOKIE, &opened.token, SESSION_MINUTES * 60)
}
