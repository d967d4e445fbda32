//! From desk to desk in one network: the authority's lists, which a desk that reaches it gives and
//! one that does not takes; and, among the lanes of one site, whom each let through.
//!
//! Desks find each other by DNS-SD over multicast DNS (RFC 6762 and 6763), as `_yanma-feeds._tcp`.
//! What goes from one to the other are the authority's signed files, by plain HTTP under the paths
//! of the authority; each is verified as if it came from a stick, and nothing else is asked for:
//! no token, no directory key and no entry leaves a desk this way. What lanes tell each other is
//! under the key of their site, and names nobody. All of it is off until somebody switches it on.
//! `docs/feeds.md` says the rest.

mod find;
mod give;
mod lanes;
mod serve;
mod settings;
mod take;

use std::sync::Arc;

use tokio::sync::Mutex;
use yanma_station::Desk;

use crate::lanes::Lane;

pub use find::{FindError, Where};
pub use give::{GiveError, Giving};
pub use lanes::{LaneKey, LaneKeyError};
pub use settings::Settings;
pub use take::{TakeError, Took, take_once};

/// Gives and takes lists, and is a lane, as the settings have it. All of it ends when this is
/// dropped.
pub struct Nearby {
    desk: Arc<Desk>,
    on: Where,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    giving: Option<Giving>,
    taking: Option<take::Taking>,
    lane: Option<Lane>,
    trouble: Option<String>,
}

impl Nearby {
    /// Does nothing until settings are applied.
    pub fn new(desk: Arc<Desk>, on: Where) -> Self {
        Self { desk, on, running: Mutex::default() }
    }

    /// Makes it as these settings have it. What runs already goes on.
    ///
    /// # Errors
    /// [`GiveError`], [`FindError`]; the others run all the same.
    pub async fn apply(&self, settings: &Settings) -> Result<(), NearbyError> {
        let mut running = self.running.lock().await;
        let giving = match (settings.give, running.giving.take()) {
            (false, before) => {
                match before {
                    Some(giving) => giving.end().await,
                    None => self.desk.remove_given(),
                }
                Ok(None)
            }
            (true, Some(giving)) => Ok(Some(giving)),
            (true, None) => Giving::start(Arc::clone(&self.desk), self.on).await.map(Some),
        };
        let taking = match (settings.take, running.taking.take()) {
            (false, _) => Ok(None),
            (true, Some(taking)) => Ok(Some(taking)),
            (true, None) => take::Taking::start(Arc::clone(&self.desk), self.on).map(Some),
        };
        // One that has another key ends before its successor begins.
        let before = running.lane.take();
        let before =
            before.filter(|lane| settings.lane_key.as_ref().is_some_and(|key| lane.has(key)));
        let lane = match (&settings.lane_key, before) {
            (None, _) => Ok(None),
            (Some(_), Some(lane)) => Ok(Some(lane)),
            (Some(key), None) => {
                Lane::start(Arc::clone(&self.desk), self.on, key.clone()).await.map(Some)
            }
        };
        let failed = [
            giving.as_ref().err().map(ToString::to_string),
            taking.as_ref().err().map(ToString::to_string),
            lane.as_ref().err().map(ToString::to_string),
        ];
        let failed = failed.into_iter().flatten().next();
        *running = Running {
            giving: giving.ok().flatten(),
            taking: taking.ok().flatten(),
            lane: lane.ok().flatten(),
            trouble: failed.clone(),
        };
        failed.map_or(Ok(()), |why| Err(NearbyError(why)))
    }

    /// Why one of the three does not run, as it was when settings were last applied.
    pub async fn trouble(&self) -> Option<String> {
        self.running.lock().await.trouble.clone()
    }
}

/// Why lists are not given, or not looked for, or other lanes are not told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NearbyError(String);
