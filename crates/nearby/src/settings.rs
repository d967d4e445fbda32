//! Whether a desk gives and takes lists, and whether it is one of several lanes.

use serde::{Deserialize, Serialize};
use yanma_station::{Desk, DeskError};

use crate::lanes::LaneKey;

/// Under which the settings lie in the desk's file.
const KEY: &str = "nearby";

/// What is set about other desks in the same network; nothing is done at first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether this desk gives its lists.
    pub give: bool,
    /// Whether it takes another desk's while it does not reach the authority.
    pub take: bool,
    /// The key of the site's lanes; `None` for a desk that is no lane.
    pub lane_key: Option<LaneKey>,
}

impl Settings {
    /// The settings of a desk.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of(desk: &Desk) -> Result<Self, DeskError> {
        desk.settings(KEY)
    }

    /// Keeps them. Which were changed is written into the audit.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when they cannot be written.
    pub fn keep(&self, desk: &Desk) -> Result<(), DeskError> {
        let before = Self::of(desk)?;
        desk.change_settings(KEY, self)?;
        self.part_from(&before, desk)
    }

    /// Puts them in force as [`Desk::take_settings`] does, for whoever looks after the computer.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn take(&self, desk: &Desk) -> Result<(), DeskError> {
        let before = Self::of(desk)?;
        desk.take_settings(KEY, self)?;
        self.part_from(&before, desk)
    }

    /// What the lanes under another key said is not this site's.
    fn part_from(&self, before: &Self, desk: &Desk) -> Result<(), DeskError> {
        if self.lane_key == before.lane_key { Ok(()) } else { desk.forget_lanes() }
    }
}
