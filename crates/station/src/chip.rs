//! The chip of a document whose page lies before the desk.

use std::sync::PoisonError;
use std::time::Instant;

use yanma_domain::certificate::Chip;
use yanma_domain::encounter::{Presented, PresentedChip};
use yanma_domain::evidence::Evidence;

use crate::check::{Checked, note};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::reading::Method;
use crate::rights::Right;

impl Desk {
    /// Holds a chip against its page and its country, judges the encounter of its page anew, and
    /// writes the entry that amends the one before. `None` when that page was not read within
    /// eight seconds, when something was done with the person already, or when it came to the same
    /// before: reading a chip takes its time, and by then somebody else may stand there.
    ///
    /// # Errors
    /// As [`Desk::present`].
    pub fn present_chip(&self, chip: &Chip) -> Result<Option<Checked>, DeskError> {
        let started = Instant::now();
        self.allow(Right::Check)?;
        self.must_be_open()?;
        let policy = self.policy()?;
        let _same_key = self.keep_key();
        let held = self.held_now();
        let (against, now) = (held.against(), held.now);
        let page = Evidence::Zone(Box::new(chip.printed.clone()));
        let page = Presented::held_against(page, against);
        let mut before = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = before.lately_with(&page, now) else { return Ok(None) };
        let _one_word = self.one_word_at_a_time();
        let Some((amends, receipt)) = self.last_word_on(&open.checked)? else { return Ok(None) };
        let mut encounter = receipt.encounter.clone();
        let chip = Presented::Chip(PresentedChip::held_against(chip, against));
        if encounter.presented.contains(&chip) {
            return Ok(None);
        }
        // A page that is read again may be read otherwise: the last word on the chip counts.
        encounter.presented.retain(|had| !matches!(had, Presented::Chip(_)));
        encounter.presented.push(chip);
        let mut judged = self.judge_now(encounter, &policy, now, Some(&receipt.view));
        judged.receipt.asked = receipt.asked;
        let mut methods = open.checked.methods.clone();
        note(&mut methods, Method::Card);
        let checked = self.record(judged, methods, Some(amends), None, started)?;
        (open.checked, open.last_reading) = (checked.clone(), now);
        Ok(Some(checked))
    }
}
