//! Web hooks: what happened at the desk, sent to addresses that were set.
//!
//! Nothing is put aside for them when a verdict is made. The entry log is their outbox: each
//! hook knows how far it has told it, and that place is kept in the desk's file, so that what was
//! not delivered is sent after a restart, in its order, for as long as it is in the log.

mod deliver;
mod sign;
mod standing;
mod url;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use yanma_station::protocol::Secret;
use yanma_station::{Desk, DeskError};

use crate::settings::{Settings, random};

pub(crate) use deliver::Hooks;
use standing::Standings;
pub use url::HookUrlError;

/// Hooks of one desk: more is a message broker.
const MOST_HOOKS: usize = 8;
/// What a secret begins with (Standard Webhooks).
const SECRET_PREFIX: &str = "whsec_";

/// An address that is told what happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Its name among the hooks of this desk.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// The secret under which what is sent is signed: `whsec_` and base64.
    pub(crate) secret: Secret,
}

/// How a hook is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookStanding {
    /// Its name among the hooks of this desk.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// Entries that it has not been told of yet.
    pub waiting: u64,
    /// Why the last try failed: a status, or that it could not be reached. `None` while all is
    /// well.
    pub trouble: Option<Trouble>,
    /// Events it would not take and that are not sent again.
    pub given_up: u64,
}

/// Why something was not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// No connection, no answer in time, or no certificate that is believed.
    Unreachable,
    /// It answered with this status.
    Status(u16),
    /// It answered that it is gone (410): nothing is sent there any more.
    Ended,
}

/// Why a hook could not be added.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The address cannot be one.
    #[error(transparent)]
    Url(#[from] HookUrlError),
    /// There are as many as there may be. Remove one.
    #[error("a desk has {MOST_HOOKS} web hooks at most")]
    TooMany,
    /// Whoever is at the desk may not, or the desk's file.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Adds an address that is told of everything from now on, and answers its secret, which is
/// shown to nobody again.
///
/// # Errors
/// [`HookError`].
pub fn add_hook(desk: &Desk, address: &str) -> Result<(Hook, String), HookError> {
    let url = url::read(address)?;
    let mut settings = Settings::of(desk)?;
    if settings.hooks.len() >= MOST_HOOKS {
        return Err(HookError::TooMany);
    }
    let secret = format!("{SECRET_PREFIX}{}", STANDARD.encode(random::<32>()?));
    let hook = Hook {
        id: hex::encode(random::<4>()?),
        url: url.to_string(),
        secret: Secret::new(secret.as_str()),
    };
    settings.hooks.push(hook.clone());
    settings.keep(desk)?;
    // Not before it was allowed.
    Standings::begin(desk, &hook.id)?;
    Ok((hook, secret))
}

/// Takes an address away; nothing more is sent there. `false` when there was none of this name.
///
/// # Errors
/// [`DeskError::NotAllowed`]; or when it cannot be written.
pub fn remove_hook(desk: &Desk, id: &str) -> Result<bool, DeskError> {
    let mut settings = Settings::of(desk)?;
    let before = settings.hooks.len();
    settings.hooks.retain(|hook| hook.id != id);
    settings.keep(desk)?;
    Ok(settings.hooks.len() < before)
}

/// Every hook, and how it is.
///
/// # Errors
/// When the desk's file cannot be read.
pub fn hooks(desk: &Desk) -> Result<Vec<HookStanding>, DeskError> {
    let newest = desk.newest_number()?;
    let standings = Standings::of(desk)?;
    let hooks = Settings::of(desk)?.hooks.into_iter().map(|hook| {
        let standing = standings.get(&hook.id);
        HookStanding {
            waiting: newest.saturating_sub(standing.after),
            trouble: standing.trouble,
            given_up: standing.given_up,
            id: hook.id,
            url: hook.url,
        }
    });
    Ok(hooks.collect())
}
