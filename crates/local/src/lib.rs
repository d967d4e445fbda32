//! What the desk has for other programs on the same computer: a booking system of a hotel, a
//! hospital's, departure control.
//!
//! It answers checks with OK, NOK or CHECK and a signed receipt, over HTTP on the loopback
//! address and nowhere else. It decides nothing and knows no device: whoever starts it says how
//! a reading comes before the desk ([`Take`]), so that the window shows what was asked here.
//! `docs/desk-api.md` is for those who call it; `docs/desk-openapi.json` is made from the handlers.

mod answer;
mod body;
mod checks;
mod describe;
mod door;
mod event;
mod events;
mod health;
mod hooks;
mod once;
mod problem;
mod receipt;
mod serve;
mod service;
mod settings;
mod words;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore};
use yanma_station::{Asked, Checked, Desk, DeskError, Reading};

pub use answer::Outcome;
pub use describe::text as openapi;
pub use hooks::{
    Hook, HookError, HookStanding, HookUrlError, Trouble, add_hook, hooks, remove_hook,
};
pub use service::{Service, StartError, State};
pub use settings::{DEFAULT_PORT, Settings, make_token};

/// Brings readings before the desk, and shows what comes of it wherever that is shown.
pub type Take = Arc<dyn Fn(Vec<Reading>, Asked) -> Taking + Send + Sync>;

/// A verdict on its way.
pub type Taking = Pin<Box<dyn Future<Output = Result<Checked, DeskError>> + Send>>;

/// What every handler knows.
pub(crate) struct Local {
    pub(crate) desk: Arc<Desk>,
    pub(crate) take: Take,
    pub(crate) key: receipt::ReceiptKey,
    /// The digest of the token.
    pub(crate) token: [u8; 32],
    pub(crate) once: Mutex<once::Once>,
    pub(crate) rates: door::Rates,
    /// Who may listen to events at once.
    pub(crate) listeners: Arc<Semaphore>,
}

pub(crate) type App = Arc<Local>;
