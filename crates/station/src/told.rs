//! What other programs are told of an entry: the word on somebody, without whom it is about.
//!
//! The entry log is read for it, so that whatever was written is told in its order, and again
//! after a restart; nothing of this is waited for when a verdict is made.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;
use yanma_domain::reason::Reason;
use yanma_domain::scene::Action;
use yanma_domain::verdict::Decision;
use yanma_store::{Entry, EntryNumber};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::log::{body_of, receipt_of};
use crate::record::{EntryBody, Receipt};

/// What another program said when it had somebody checked.
///
/// Kept with what the verdict was judged from, and gone with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What that program calls it; said again in whatever is told of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// By which the same question is known again: digests under a key of this desk, as
    /// hexadecimal digits, of the name of the question and of the question itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<(String, String)>,
}

/// What kind of word an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A verdict: the desk's, or one that puts an earlier one right.
    Verdict,
    /// What was done with the person, or that it was taken back.
    Passage,
    /// Somebody was let in against a refusal.
    Override,
}

/// An entry without whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The entry.
    pub entry: Uuid,
    /// Its place in the log; `None` while it waits for the disk.
    pub number: Option<u64>,
    /// What kind of word it is.
    pub kind: Kind,
    /// When it was said.
    pub at: Timestamp,
    /// When the verdict was made.
    pub judged_at: Timestamp,
    /// The verdict.
    pub decision: Decision,
    /// Its reasons, the gravest first.
    pub reasons: Vec<Reason>,
    /// How old the status list was, in seconds, if one was looked at.
    pub list_age_seconds: Option<i64>,
    /// Whether the authority's own answer counts in it.
    pub online: bool,
    /// The scene.
    pub scene: String,
    /// What was done with the person, if anything.
    pub done: Option<Action>,
    /// The entry of the same encounter that it puts right or completes.
    pub amends: Option<Uuid>,
    /// What another program calls it.
    pub reference: Option<String>,
}

impl Told {
    /// The entry of a body; a receipt that was deleted takes the reference with it.
    fn of(body: &EntryBody, receipt: Option<&Receipt>, number: Option<u64>) -> Self {
        let kind = match (&body.judged_at, &body.overridden) {
            (None, _) => Kind::Verdict,
            (Some(_), Some(_)) => Kind::Override,
            (Some(_), None) => Kind::Passage,
        };
        let asked = receipt.and_then(|receipt| receipt.asked.as_ref());
        Self {
            entry: body.id,
            number,
            kind,
            at: body.at,
            judged_at: body.judged_at.unwrap_or(body.at),
            decision: body.decision,
            reasons: yanma_domain::verdict::reasons(&body.findings),
            list_age_seconds: body.basis.age_seconds,
            online: body.basis.online,
            scene: body.scene.clone(),
            done: body.done(),
            amends: body.amends.map(|amends| amends.entry),
            reference: asked.and_then(|asked| asked.reference.clone()),
        }
    }

    fn of_entry(entry: &Entry) -> Result<Self, DeskError> {
        let receipt = receipt_of(entry)?;
        Ok(Self::of(&body_of(entry)?, receipt.as_ref(), Some(entry.number.0)))
    }
}

impl Desk {
    /// What other programs are told of an entry.
    ///
    /// # Errors
    /// [`DeskError::NoSuchEntry`]; or when it cannot be read.
    pub fn told(&self, entry: Uuid) -> Result<Told, DeskError> {
        if let Some((body, receipt)) = self.waiting_entry(entry) {
            return Ok(Told::of(&body, Some(&receipt), None));
        }
        Told::of_entry(&self.store.entry(entry)?.ok_or(DeskError::NoSuchEntry)?)
    }

    /// The newest word on the encounter of an entry, if it is not the entry itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn told_since(&self, entry: Uuid) -> Result<Option<Uuid>, DeskError> {
        let last = self.last_word(entry)?;
        Ok((last != entry).then_some(last))
    }

    /// What the desk said last, whoever asked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn told_last(&self) -> Result<Option<Told>, DeskError> {
        if let Some((body, receipt)) = self.waiting_last() {
            return Ok(Some(Told::of(&body, Some(&receipt), None)));
        }
        self.store.last(1)?.first().map(Told::of_entry).transpose()
    }

    /// What was written after the entry of this number, oldest first, `limit` at most.
    ///
    /// # Errors
    /// When the store cannot be read, or an entry is of a form that is not known.
    pub fn told_after(&self, number: u64, limit: u32) -> Result<Vec<Told>, DeskError> {
        self.store.after(EntryNumber(number), limit)?.iter().map(Told::of_entry).collect()
    }

    /// What other programs asked in the newest `limit` entries, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn asked_lately(&self, limit: u32) -> Result<Vec<(Uuid, Timestamp, Asked)>, DeskError> {
        let mut asked = Vec::new();
        for entry in self.store.last(limit)?.iter().rev() {
            if let Some(question) = receipt_of(entry)?.and_then(|receipt| receipt.asked) {
                asked.push((entry.id, entry.at, question));
            }
        }
        Ok(asked)
    }

    /// The number of the newest entry on the disk; 0 while there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn newest_number(&self) -> Result<u64, DeskError> {
        Ok(self.store.chain_head()?.map_or(0, |head| head.number.0))
    }

    /// Changes whenever an entry was written to the disk.
    pub fn entries_written(&self) -> watch::Receiver<u64> {
        self.entries_written.subscribe()
    }
}
