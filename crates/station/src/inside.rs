//! Who is inside now, where a scene counts people in and out (`counts_inside`).
//!
//! Whoever is let in is inside until they are said to have left. Midnight changes nothing: who
//! works through the night is inside in the morning. After two days somebody is forgotten: they
//! left by another door.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use yanma_domain::reason::Reason;
use yanma_domain::scene::Action;
use yanma_domain::verdict::{Finding, reasons};
use yanma_store::{InsideRow, StoreError};

use crate::check::Checked;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::lists::hashes;
use crate::log::Shown;
use crate::record::Receipt;
use crate::rights::Right;

/// After how long somebody is forgotten who was never seen to leave.
pub(crate) const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(48);

/// What does not fit with who was inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amiss {
    /// Let in while they were inside already, since then.
    InsideAlready(Timestamp),
    /// Left without having been seen to come in.
    NeverCameIn,
}

/// People in and out on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comings {
    /// How many came in.
    pub came: u32,
    /// How many left.
    pub left: u32,
    /// How many were inside at its end, or are now while it lasts.
    pub inside: u32,
}

impl Desk {
    /// How many people are inside; `None` where the scene does not count them.
    pub fn count_inside(&self) -> Option<u32> {
        if !self.scene_in_force().counts_inside {
            return None;
        }
        let count = self.store.count_inside();
        count.inspect_err(|error| tracing::error!(%error, "nobody knows who is inside")).ok()
    }

    /// Who is inside, masked, whoever came last first.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub fn inside(&self) -> Result<Vec<InsideRow>, DeskError> {
        self.reveal(Right::SearchLog, "see-inside", None)?;
        Ok(self.store.inside()?)
    }

    /// Since when the person of a verdict has been inside.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn inside_since(&self, checked: &Checked) -> Result<Option<Timestamp>, DeskError> {
        if !self.scene_in_force().counts_inside {
            return Ok(None);
        }
        Ok(self.found_inside(&checked.receipt)?.map(|one| one.came_at))
    }

    /// People in and out on a day; known for two days.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn comings(&self, day: jiff::civil::Date) -> Result<Comings, DeskError> {
        self.allow(Right::SeeCounts)?;
        let begin = |day: jiff::civil::Date| {
            day.to_zoned(TimeZone::system()).map_or(Timestamp::MAX, |begin| begin.timestamp())
        };
        let (from, to) = (begin(day), begin(day.tomorrow().unwrap_or(day)));
        let (came, left, inside) = self.store.comings(from, to)?;
        Ok(Comings { came, left, inside })
    }

    /// Counts whoever came in or left by `entry`, which takes the place of what `before` said.
    /// That it cannot be written holds nobody up.
    pub(crate) fn note_passage(
        &self,
        receipt: &Receipt,
        findings: &[Finding],
        before: Uuid,
        entry: Uuid,
        action: Action,
    ) -> Option<Amiss> {
        let noted = match action {
            Action::Admitted => self.note_coming(receipt, findings, before, entry),
            Action::Left => self.note_leaving(receipt, before, entry),
            Action::Sent | Action::TurnedAway => self.store.take_back_inside(before).map(|_| None),
        };
        noted.unwrap_or_else(|error| {
            tracing::error!(%error, "somebody could not be counted in or out");
            None
        })
    }

    fn note_coming(
        &self,
        receipt: &Receipt,
        findings: &[Finding],
        before: Uuid,
        entry: Uuid,
    ) -> Result<Option<Amiss>, StoreError> {
        if self.store.came_by(before, entry)? {
            return Ok(None);
        }
        // Whoever had been said to have left by this did not, and is inside.
        if self.store.take_back_inside(before)? {
            return Ok(None);
        }
        if let Some(one) = self.found_inside(receipt)? {
            return Ok(Some(Amiss::InsideAlready(one.came_at)));
        }
        let different = reasons(findings).contains(&Reason::DifferentPersons);
        let shown = Shown::of(receipt, different);
        self.store.come_in(&InsideRow {
            entry,
            person: hashes(receipt).first().copied(),
            name: shown.name,
            document: shown.document,
            came_at: self.now(),
        })?;
        Ok(None)
    }

    fn note_leaving(
        &self,
        receipt: &Receipt,
        before: Uuid,
        entry: Uuid,
    ) -> Result<Option<Amiss>, StoreError> {
        // The list of who is inside says it of the entry by which they came; or it is said again.
        if self.store.go_out(before, entry, self.now())? {
            return Ok(None);
        }
        let Some(one) = self.found_inside(receipt)? else { return Ok(Some(Amiss::NeverCameIn)) };
        self.store.go_out(one.entry, entry, self.now())?;
        Ok(None)
    }

    fn found_inside(&self, receipt: &Receipt) -> Result<Option<InsideRow>, StoreError> {
        for person in hashes(receipt) {
            if let Some(one) = self.store.found_inside(person)? {
                return Ok(Some(one));
            }
        }
        Ok(None)
    }
}
