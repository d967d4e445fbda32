//! Whether a desk gives and takes lists.

use serde::{Deserialize, Serialize};
use yanma_station::{Desk, DeskError};

/// Under which the settings lie in the desk's file.
const KEY: &str = "nearby";

/// What is set about other desks in the same network; nothing is done at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether this desk gives its lists.
    pub give: bool,
    /// Whether it takes another desk's while it does not reach the authority.
    pub take: bool,
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
        desk.change_settings(KEY, self)
    }

    /// Puts them in force as [`Desk::take_settings`] does, for whoever looks after the computer.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn take(&self, desk: &Desk) -> Result<(), DeskError> {
        desk.take_settings(KEY, self)
    }
}
