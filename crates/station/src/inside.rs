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
use crate::lanes::Crowd;
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

/// People in and out by this desk on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comings {
    /// How many came in.
    pub came: u32,
    /// How many left.
    pub left: u32,
    /// How many were inside at its end, or are now while it lasts, then by whichever lane.
    pub inside: u32,
}

impl Desk {
    /// How many people are inside, by whichever lane they came; `None` where the scene does not
    /// count them.
    pub fn count_inside(&self) -> Option<u32> {
        if !self.scene_in_force().counts_inside {
            return None;
        }
        let count = if self.is_lane() { self.count_together() } else { self.store.count_inside() };
        count.inspect_err(|error| tracing::error!(%error, "nobody knows who is inside")).ok()
    }

    /// Who came in by this desk and is inside, masked, whoever came last first.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub fn inside(&self) -> Result<Vec<InsideRow>, DeskError> {
        self.reveal(Right::SearchLog, "see-inside", None)?;
        Ok(self.inside_here()?.1)
    }

    /// Who came in here and left by no lane, with what the others say.
    fn inside_here(&self) -> Result<(Crowd, Vec<InsideRow>), StoreError> {
        let (crowd, mut here) = (self.crowd()?, self.store.inside()?);
        here.retain(|one| !crowd.has_left(one));
        Ok((crowd, here))
    }

    fn count_together(&self) -> Result<u32, StoreError> {
        let (crowd, here) = self.inside_here()?;
        Ok(u32::try_from(crowd.count(&here)).unwrap_or(u32::MAX))
    }

    /// Since when the person of a verdict has been inside.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn inside_since(&self, checked: &Checked) -> Result<Option<Timestamp>, DeskError> {
        if !self.scene_in_force().counts_inside {
            return Ok(None);
        }
        let crowd = self.crowd()?;
        Ok(self.found_inside(&crowd, &checked.receipt)?.map(|found| found.since()))
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
        // Those who left by another lane are known of today alone.
        let lasts = (from..to).contains(&self.now());
        let inside = if self.is_lane() && lasts { self.count_together()? } else { inside };
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
        let crowd = self.crowd()?;
        if let Some(found) = self.found_inside(&crowd, receipt)? {
            return Ok(Some(Amiss::InsideAlready(found.since())));
        }
        let person = hashes(receipt).first().copied();
        let different = reasons(findings).contains(&Reason::DifferentPersons);
        let shown = Shown::of(receipt, different);
        self.store.come_in(&InsideRow {
            entry,
            person,
            name: shown.name,
            document: shown.document,
            came_at: crowd.coming(person, self.now()),
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
        let (crowd, now) = (self.crowd()?, self.now());
        let found = self.found_inside(&crowd, receipt)?;
        match (&found, hashes(receipt).first()) {
            (Some(Found::Here(one)), _) => drop(self.store.go_out(one.entry, entry, now)?),
            (Some(Found::Elsewhere(person, since)), _) => {
                self.store.leave_elsewhere(entry, *person, now.max(*since))?;
            }
            // They may have come in by a lane that has not been heard since.
            (None, Some(person)) if self.is_lane() => {
                self.store.leave_elsewhere(entry, *person, now)?;
            }
            (None, _) => {}
        }
        Ok(found.is_none().then_some(Amiss::NeverCameIn))
    }

    fn found_inside(&self, crowd: &Crowd, receipt: &Receipt) -> Result<Option<Found>, StoreError> {
        let people = hashes(receipt);
        for person in &people {
            let here = self.store.found_inside(*person)?;
            if let Some(one) = here.filter(|one| !crowd.has_left(one)) {
                return Ok(Some(Found::Here(one)));
            }
        }
        let elsewhere = |person: u64| Some(Found::Elsewhere(person, crowd.since(person)?));
        Ok(people.into_iter().find_map(elsewhere))
    }
}

/// Somebody who is inside.
enum Found {
    /// They came in by this desk.
    Here(InsideRow),
    /// They came in by another lane: under which keyed hash, and when.
    Elsewhere(u64, Timestamp),
}

impl Found {
    fn since(&self) -> Timestamp {
        match self {
            Self::Here(one) => one.came_at,
            Self::Elsewhere(_, since) => *since,
        }
    }
}
