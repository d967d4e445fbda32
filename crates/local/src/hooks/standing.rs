//! How far each hook has told the log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_station::{Desk, DeskError};

use super::Trouble;

/// Under which it lies in the desk's file, apart from what is set: it changes by itself.
const KEY: &str = "local-hooks";

/// How far one hook is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Standing {
    /// The number of the last entry that it was told of, or that was given up.
    pub(super) after: u64,
    /// Tries of the next one that failed.
    pub(super) attempts: u32,
    /// When the next try is due.
    pub(super) next_at: Option<Timestamp>,
    /// Why the last try failed.
    pub(super) trouble: Option<Trouble>,
    /// Events that were given up.
    pub(super) given_up: u64,
}

/// That of every hook, by its name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Standings(BTreeMap<String, Standing>);

impl Standings {
    pub(super) fn of(desk: &Desk) -> Result<Self, DeskError> {
        desk.settings(KEY)
    }

    pub(super) fn get(&self, id: &str) -> Standing {
        self.0.get(id).cloned().unwrap_or_default()
    }

    /// A new hook is told of what happens from now on.
    pub(super) fn begin(desk: &Desk, id: &str) -> Result<(), DeskError> {
        let after = desk.newest_number()?;
        Self::keep(desk, id, &Standing { after, ..Standing::default() })
    }

    /// Keeps how far a hook is. Only one task does this for each hook.
    pub(super) fn keep(desk: &Desk, id: &str, standing: &Standing) -> Result<(), DeskError> {
        static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let one = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut all = Self::of(desk)?;
        all.0.insert(id.to_owned(), standing.clone());
        desk.store().set_setting(KEY, &all)?;
        drop(one);
        Ok(())
    }
}
