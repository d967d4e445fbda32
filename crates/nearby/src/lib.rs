//! The lists from desk to desk, in one network: a desk that reaches the authority gives them, one
//! that does not takes them.
//!
//! Desks find each other by DNS-SD over multicast DNS (RFC 6762 and 6763), as `_yanma-feeds._tcp`.
//! What goes from one to the other are the authority's signed files, by plain HTTP under the paths
//! of the authority; each is verified as if it came from a stick, and nothing else is asked for:
//! no token, no directory key and no entry leaves a desk this way. Both are off until somebody
//! switches them on. `docs/feeds.md` says the rest.

mod find;
mod give;
mod serve;
mod settings;
mod take;

use std::sync::Arc;

use tokio::sync::Mutex;
use yanma_station::Desk;

pub use find::{FindError, MDNS_PORT, Where};
pub use give::{GiveError, Giving};
pub use settings::Settings;
pub use take::{TakeError, Took, take_once};

/// Gives and takes lists as the settings have it. Both end when this is dropped.
pub struct Nearby {
    desk: Arc<Desk>,
    on: Where,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    giving: Option<Giving>,
    taking: Option<take::Taking>,
    trouble: Option<String>,
}

impl Nearby {
    /// Neither gives nor takes until settings are applied.
    pub fn new(desk: Arc<Desk>, on: Where) -> Self {
        Self { desk, on, running: Mutex::default() }
    }

    /// Makes it as these settings have it. What runs already goes on.
    ///
    /// # Errors
    /// [`GiveError`], [`FindError`]; the other of the two runs all the same.
    pub async fn apply(&self, settings: Settings) -> Result<(), NearbyError> {
        let mut running = self.running.lock().await;
        let giving = match (settings.give, running.giving.take()) {
            (false, _) => Ok(None),
            (true, Some(giving)) => Ok(Some(giving)),
            (true, None) => Giving::start(Arc::clone(&self.desk), self.on).await.map(Some),
        };
        let taking = match (settings.take, running.taking.take()) {
            (false, _) => Ok(None),
            (true, Some(taking)) => Ok(Some(taking)),
            (true, None) => take::Taking::start(Arc::clone(&self.desk), self.on).map(Some),
        };
        let failed = giving.as_ref().err().map(ToString::to_string);
        let failed = failed.or_else(|| taking.as_ref().err().map(ToString::to_string));
        *running = Running {
            giving: giving.ok().flatten(),
            taking: taking.ok().flatten(),
            trouble: failed.clone(),
        };
        failed.map_or(Ok(()), |why| Err(NearbyError(why)))
    }

    /// Why one of the two does not run, as it was when settings were last applied.
    pub async fn trouble(&self) -> Option<String> {
        self.running.lock().await.trouble.clone()
    }
}

/// Why lists are not given, or not looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NearbyError(String);
