//! One word after another: whatever is said of an encounter later amends the newest word on it.
//!
//! The operator finishes while the authority is still being asked, a card follows a code in
//! the same instant. If two words amended the same entry, nobody could say which counts, and
//! the person would count twice.

use std::sync::{MutexGuard, PoisonError};

use uuid::Uuid;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::record::{EntryBody, Receipt};

impl Desk {
    /// Held from finding the newest word until the next one is written. Taken after the lock
    /// of what is at the desk, if both are.
    pub(crate) fn one_word_at_a_time(&self) -> MutexGuard<'_, ()> {
        self.one_word.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest word on the encounter of an entry: the entry itself, or what amends it in
    /// the end.
    pub(crate) fn last_word(&self, entry: Uuid) -> Result<Uuid, DeskError> {
        Ok(self.words_on(entry)?.last().copied().unwrap_or(entry))
    }

    /// An entry and everything that amended it, in order.
    pub(crate) fn words_on(&self, entry: Uuid) -> Result<Vec<Uuid>, DeskError> {
        let mut words = vec![entry];
        let mut last = entry;
        loop {
            let later = match self.waiting_amendment(last) {
                Some(waiting) => Some(waiting),
                None => self.store.amendment(last)?,
            };
            match later {
                Some(later) => {
                    words.push(later);
                    last = later;
                }
                None => return Ok(words),
            }
        }
    }

    /// What was said since an entry was written; `None` while it is the newest word.
    pub(crate) fn said_since(
        &self,
        entry: Uuid,
    ) -> Result<Option<(EntryBody, Receipt)>, DeskError> {
        let last = self.last_word(entry)?;
        if last == entry { Ok(None) } else { self.written(last).map(Some) }
    }

    /// An entry, whether it is on the disk or still waits for it.
    pub(crate) fn written(&self, entry: Uuid) -> Result<(EntryBody, Receipt), DeskError> {
        if let Some(waiting) = self.waiting_entry(entry) {
            return Ok(waiting);
        }
        let entry = self.store.entry(entry)?.ok_or(DeskError::NoSuchEntry)?;
        let receipt = crate::log::receipt_of(&entry)?.ok_or(DeskError::NoSuchEntry)?;
        Ok((crate::log::body_of(&entry)?, receipt))
    }
}
