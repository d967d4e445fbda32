//! Where a desk looks for new versions, and by whose key.

use serde::{Deserialize, Serialize};
use yanma_station::{Desk, DeskError};

use crate::source::Source;

/// Under which the settings lie in the desk's file.
const KEY: &str = "updates";

/// What is set about updates; nothing at first, and then nothing is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where the description of the newest version lies: https, or http on this computer.
    pub address: Option<String>,
    /// The publisher's public key, in a form of minisign or of Tauri.
    pub key: Option<String>,
}

/// Why settings cannot be in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No address of a web server, or one that anybody on the way can read.
    #[error("the address must begin with https:// (or http:// on this computer)")]
    Address,
    /// No public key.
    #[error("this is no public key of minisign: 56 characters that begin with RW")]
    Key,
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

    /// Whether each that is given can be one.
    ///
    /// # Errors
    /// [`SettingsError`]: which cannot.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.address.as_deref().map(Source::address).transpose()?;
        self.key.as_deref().map(Source::key).transpose()?;
        Ok(())
    }

    /// Where to look; `None` while address or key is missing.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn source(&self) -> Result<Option<Source>, SettingsError> {
        let both = self.address.as_deref().zip(self.key.as_deref());
        both.map(|(address, key)| Source::new(address, key)).transpose()
    }
}
