//! Whether somebody is more than the finder of a token: one-time passwords from an app
//! (RFC 6238), recovery codes, and the sessions that they open.
//!
//! The secret of an app is made from a seed in the database and a key in the key folder, so
//! neither alone gives it away; recovery codes are kept as hashes under the same key.

mod code;
mod failures;
mod table;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use yanma_protocol::Secret;
use yanma_protocol::clerks::SecondFactor;
use yanma_protocol::second_factor::{
    Proof, RECOVERY_CODES, SESSION_MINUTES, SessionResponse, SetUpResponse,
};

use self::failures::Failures;
use self::table::Factor;
use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks::{self, Clerk};
use crate::database::{Change, Session};
use crate::error::Error;
use crate::keys::KeyRing;
use crate::secret::{self, TokenHash, random};

pub(crate) use code::SECRET_BYTES;
pub(crate) use table::{RecoveryHash, Seed, TABLE_5};

/// A session that was just opened.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The cookie's value.
    pub(crate) token: String,
    pub(crate) response: SessionResponse,
}

/// Makes a secret for an app. It counts when it was confirmed; the app before it does until
/// then.
///
/// # Errors
///
/// [`Error::SecondFactorToShow`] when there is an app and only the token was shown;
/// [`Error::SecondFactorNotNeeded`].
pub(crate) async fn set_up(
    authority: &Arc<Authority>,
    clerk: Clerk,
    now: Timestamp,
) -> Result<SetUpResponse, Error> {
    let inside = Arc::clone(authority);
    authority
        .database
        .write(move |change| {
            may_set_up(&find(change, &clerk)?, &clerk)?;
            let seed = random()?;
            table::put_next(change, clerk.id, &seed)?;
            let note = Note::new(Deed::SetUpSecondFactor, subject(clerk.id));
            audit::note(change, &clerk, note, now)?;
            let secret = code::base32(&inside.keys.one_time_secret(clerk.id, &seed));
            let issuer = format!("Yanma {}", inside.settings.issuer_name.en);
            let uri = code::uri(&issuer, &clerk.name, &secret);
            Ok(SetUpResponse { secret: secret.into(), uri: uri.into() })
        })
        .await
}

/// Puts the app that was set up in force when its password is right. Ends every session, makes
/// new recovery codes, and opens a session.
///
/// # Errors
///
/// [`Error::SecondFactorWrong`], [`Error::RateLimited`] after too many of those;
/// [`Error::NoSetUp`]; and as [`set_up`].
pub(crate) async fn confirm(
    authority: &Arc<Authority>,
    clerk: Clerk,
    typed: Secret,
    now: Timestamp,
) -> Result<(Vec<Secret>, Opened), Error> {
    attempt(authority, clerk, now, move |change, keys, clerk, factor| {
        may_set_up(factor, clerk)?;
        let seed = factor.next_seed.ok_or(Error::NoSetUp)?;
        if !take_password(change, keys, clerk.id, &seed, factor.last_step, &typed, now)? {
            return Ok(None);
        }
        table::confirm(change, clerk.id, now)?;
        table::end_sessions(change, clerk.id)?;
        let codes = (0..RECOVERY_CODES).map(|_| secret::new_typed_code());
        let codes = codes.collect::<Result<Vec<_>, _>>()?;
        let hash = |code: &String| recovery_hash(keys, clerk.id, code);
        table::put_recovery_codes(change, clerk.id, &codes.iter().map(hash).collect::<Vec<_>>())?;
        let note = Note::new(Deed::ConfirmSecondFactor, subject(clerk.id));
        audit::note(change, clerk, note, now)?;
        let opened = open(change, clerk, "one-time-password", now)?;
        Ok(Some((codes.into_iter().map(Secret::from).collect(), opened)))
    })
    .await
}

/// Opens a session with a one-time password or a recovery code.
///
/// # Errors
///
/// [`Error::SecondFactorWrong`], [`Error::RateLimited`] after too many of those;
/// [`Error::SecondFactorToSetUp`], [`Error::SecondFactorNotNeeded`].
pub(crate) async fn open_session(
    authority: &Arc<Authority>,
    clerk: Clerk,
    proof: Proof,
    now: Timestamp,
) -> Result<Opened, Error> {
    attempt(authority, clerk, now, move |change, keys, clerk, factor| {
        if clerk.second_factor == SecondFactor::NotNeeded {
            return Err(Error::SecondFactorNotNeeded);
        }
        let seed = factor.seed.ok_or(Error::SecondFactorToSetUp)?;
        let (taken, by) = match &proof {
            Proof::Code(typed) => {
                let last = factor.last_step;
                let taken = take_password(change, keys, clerk.id, &seed, last, typed, now)?;
                (taken, "one-time-password")
            }
            Proof::RecoveryCode(typed) => {
                let hash = recovery_hash(keys, clerk.id, typed.reveal());
                (table::use_recovery_code(change, clerk.id, &hash)?, "recovery-code")
            }
        };
        if taken { open(change, clerk, by, now).map(Some) } else { Ok(None) }
    })
    .await
}

/// Ends a session; one that has ended before is no error.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`].
pub(crate) async fn sign_out(
    authority: &Authority,
    token: TokenHash,
    now: Timestamp,
) -> Result<(), Error> {
    authority
        .database
        .write(move |change| {
            let Some(clerk) = of_session(change, &token, now)? else { return Ok(()) };
            table::end_session(change, &token)?;
            audit::note(change, &clerk, Note::new(Deed::CloseSession, subject(clerk.id)), now)
        })
        .await
}

/// Takes away somebody's app and recovery codes and ends their sessions, so that they set up
/// an app anew with their token.
///
/// # Errors
///
/// [`Error::Database`].
pub(crate) fn reset(change: &Change<'_>, clerk: i64) -> Result<(), Error> {
    table::forget(change, clerk)?;
    table::end_sessions(change, clerk)
}

/// Ends every session of somebody.
///
/// # Errors
///
/// [`Error::Database`].
pub(crate) fn end_sessions(change: &Change<'_>, clerk: i64) -> Result<(), Error> {
    table::end_sessions(change, clerk)
}

/// Whose session this is.
///
/// # Errors
///
/// [`Error::Database`].
pub(crate) fn of_session(
    session: &Session<'_>,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Clerk>, Error> {
    let Some(id) = table::session_of(session, token, now)? else { return Ok(None) };
    let clerk = clerks::find_by_id(session, id)?;
    Ok(clerk.map(|clerk| Clerk { second_factor: SecondFactor::Shown, ..clerk }))
}

/// Lets somebody show what they have, unless they were wrong too often. Being wrong is
/// written down, so to the database it is no error.
async fn attempt<T: Send + 'static>(
    authority: &Arc<Authority>,
    clerk: Clerk,
    now: Timestamp,
    show: impl FnOnce(&Change<'_>, &KeyRing, &Clerk, &Factor) -> Result<Option<T>, Error>
    + Send
    + 'static,
) -> Result<T, Error> {
    let inside = Arc::clone(authority);
    let shown = authority
        .database
        .write(move |change| {
            let factor = find(change, &clerk)?;
            if let Some(retry_after_seconds) = factor.failures.wait_seconds(now) {
                return Err(Error::RateLimited { retry_after_seconds });
            }
            let shown = show(change, &inside.keys, &clerk, &factor)?;
            if shown.is_some() {
                table::put_failures(change, clerk.id, Failures::default())?;
            } else {
                let failures = factor.failures.and_one(now);
                table::put_failures(change, clerk.id, failures)?;
                let note = Note::new(Deed::RefuseSecondFactor, subject(clerk.id))
                    .with("in-a-row", failures.count)
                    .with("pause-seconds", failures.wait_seconds(now).unwrap_or(0));
                audit::note(change, &clerk, note, now)?;
            }
            Ok(shown)
        })
        .await?;
    shown.ok_or(Error::SecondFactorWrong)
}

fn find(session: &Session<'_>, clerk: &Clerk) -> Result<Factor, Error> {
    // The token may have been ended since the request began.
    table::find(session, clerk.id)?.ok_or(Error::Unauthorised)
}

/// Whoever finds a token must not replace the app of its owner.
fn may_set_up(factor: &Factor, clerk: &Clerk) -> Result<(), Error> {
    match clerk.second_factor {
        SecondFactor::NotNeeded => Err(Error::SecondFactorNotNeeded),
        SecondFactor::Shown => Ok(()),
        SecondFactor::ToSetUp | SecondFactor::ToShow => match factor.seed {
            None => Ok(()),
            Some(_) => Err(Error::SecondFactorToShow),
        },
    }
}

/// Takes a password of an app, so that it counts no longer; says whether it did.
fn take_password(
    change: &Change<'_>,
    keys: &KeyRing,
    clerk: i64,
    seed: &Seed,
    last_step: i64,
    typed: &Secret,
    now: Timestamp,
) -> Result<bool, Error> {
    let secret = keys.one_time_secret(clerk, seed);
    let step = code::step_of_password(&secret, typed.reveal(), last_step, now);
    step.map(|step| table::take_step(change, clerk, step)).transpose().map(|taken| taken.is_some())
}

fn recovery_hash(keys: &KeyRing, clerk: i64, typed: &str) -> RecoveryHash {
    keys.recovery_hash(clerk, &secret::normalise_typed_code(typed))
}

fn open(change: &Change<'_>, clerk: &Clerk, by: &str, now: Timestamp) -> Result<Opened, Error> {
    let token = secret::new_token()?;
    let expires_at = now + SignedDuration::from_mins(SESSION_MINUTES);
    table::insert_session(change, &secret::hash(&token), clerk.id, now, expires_at)?;
    let recovery_codes_left = table::recovery_codes_left(change, clerk.id)?;
    let note = Note::new(Deed::OpenSession, subject(clerk.id))
        .with("by", by)
        .with("recovery-codes-left", recovery_codes_left);
    audit::note(change, clerk, note, now)?;
    Ok(Opened { token, response: SessionResponse { expires_at, recovery_codes_left } })
}

fn subject(clerk: i64) -> String {
    format!("clerk {clerk}")
}
