//! Who is let through a turnstile, and who went.
//!
//! The desk says when the way opens; whoever has the turnstile tells what its arm did. Nobody is
//! counted as let in for whom it only opened.

use std::sync::PoisonError;

use jiff::tz::TimeZone;
use uuid::Uuid;
use yanma_domain::encounter::Presented;
use yanma_domain::scene::Action;
use yanma_domain::verdict::{Check, Decision, Outcome};

use crate::check::{Checked, new_id};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::finish::{Done, Finished, Witness};
use crate::reading::Method;
use crate::record::{Amends, EntryBody, NOTHING_DONE, Prepared, Receipt};

/// Orders that are remembered at once; whatever is not told of its arm is forgotten then.
const MOST_OPEN: usize = 8;

/// Somebody for whom the way was opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened {
    /// The entry on which it opened.
    on: Uuid,
    /// The newest verdict on the same person.
    newest: Uuid,
}

impl Desk {
    /// Whether a turnstile opens on this verdict: where the scene lets in by itself, on what is no
    /// copy, and once for each person, however often they show themselves while it is open; on a
    /// later word only while they stand there; with `anti_passback` not for whoever is inside by
    /// what this desk and the other lanes know. What came of it is told with
    /// [`Desk::went_through`] or [`Desk::stayed_outside`], naming this entry.
    pub fn opens(&self, checked: &Checked) -> bool {
        // A later word may come when somebody else stands there.
        let is_there = checked.amends.is_none() || self.is_before(checked);
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        let amended = checked.amends.map(|amends| amends.entry);
        let of_them =
            |open: &&mut Opened| open.newest == checked.entry || Some(open.newest) == amended;
        if let Some(open) = way.iter_mut().find(of_them) {
            open.newest = checked.entry;
            return false;
        }
        let opens = checked.done.is_none()
            && self.scene_in_force().opens_by_itself(checked.verdict.decision)
            && is_there
            && is_no_copy(checked)
            && !self.is_passed_back(checked);
        if opens {
            if way.len() >= MOST_OPEN {
                way.remove(0);
            }
            way.push(Opened { on: checked.entry, newest: checked.entry });
        }
        opens
    }

    /// Whether somebody who is inside comes once more, where the scene minds. Where that cannot
    /// be looked up the way stays closed, and the operator opens it.
    fn is_passed_back(&self, checked: &Checked) -> bool {
        let minds = self.scene_in_force().anti_passback;
        minds && !matches!(self.inside_since(checked), Ok(None))
    }

    /// Whether an order that waited is still to be given: the last word on this person lets
    /// them in.
    pub fn still_opens(&self, entry: Uuid) -> bool {
        let last = self.last_word(entry).and_then(|last| self.written(last));
        last.is_ok_and(|(body, _)| match body.done() {
            None => body.decision == Decision::Admit,
            Some(done) => done == Action::Admitted,
        })
    }

    /// Whether it opens on the operator's word: when somebody was let in who was not before, and
    /// it is not open for them already.
    pub fn opens_on_word(&self, finished: &Finished) -> bool {
        let way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        let open = way.iter().any(|open| open.newest == finished.completes);
        let again = finished.before == Some(Action::Admitted);
        finished.action == Action::Admitted && !again && !open
    }

    /// The arm turned for whom it was opened on this entry: they are let in. `None` when that
    /// stands written already, or that they left.
    ///
    /// # Errors
    /// As [`Desk::finish`], without asking whether it was allowed: it happened.
    pub fn went_through(&self, entry: Uuid) -> Result<Option<Finished>, DeskError> {
        self.close_way(entry);
        let done = Done { action: Some(Action::Admitted), ..Done::default() };
        self.complete(entry, &done, Witness::Arm)
    }

    /// The way did not open: whoever it was may show themselves again, and somebody has to open
    /// by hand. What the operator said stands.
    pub fn did_not_open(&self, entry: Uuid) {
        self.close_way(entry);
    }

    /// The way opened and nobody went: whoever it was may show themselves again. Where the
    /// operator had let them in, another entry takes that back and is given; the verdict stands.
    ///
    /// # Errors
    /// When the entry cannot be read or written.
    pub fn stayed_outside(&self, entry: Uuid) -> Result<Option<Uuid>, DeskError> {
        self.close_way(entry);
        let one_word = self.one_word_at_a_time();
        let words = self.words_on(entry)?;
        let last = words.last().copied().unwrap_or(entry);
        let (before, receipt) = self.written(last)?;
        if before.done() != Some(Action::Admitted) {
            return Ok(None);
        }
        let at = self.now();
        let id = new_id(at)?;
        let body = EntryBody {
            id,
            at,
            judged_at: Some(before.judged_at.unwrap_or(before.at)),
            judged_after: before.judged_after.or(before.amends),
            action: NOTHING_DONE.to_owned(),
            amends: Some(Amends { entry: last, decision: before.decision, by_authority: false }),
            overridden: None,
            ..before
        };
        let receipt = Receipt { override_reason: None, ..receipt };
        let day = at.to_zoned(TimeZone::system()).date();
        self.write_entry(Prepared::completing(body, day, &receipt)?)?;
        drop(one_word);
        for word in words {
            if let Err(error) = self.store.take_back_inside(word) {
                tracing::error!(%error, "somebody counted as inside could not be taken back");
            }
            if let Err(error) = self.store.take_back_arrival(word) {
                tracing::error!(%error, "an arrival could not be taken back on its list");
            }
        }
        self.wake.notify_one();
        Ok(Some(id))
    }

    fn close_way(&self, entry: Uuid) {
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        way.retain(|open| open.on != entry);
    }
}

/// Whether something was shown of which no drawing and no copy lasts: a phone's code while it
/// lives, or a chip that is vouched for, by the module of a card reader or by a state. Numbers,
/// pages and codes on paper are for the operator to compare with whoever shows them.
fn is_no_copy(checked: &Checked) -> bool {
    let presented = || checked.receipt.encounter.presented.iter();
    let of_phone = |presented: &Presented| match presented {
        Presented::Code(code) => !code.body().lifetime.is_of_paper(),
        _ => false,
    };
    let holds = |presented: &Presented| match presented {
        Presented::Chip(chip) => chip.standing == Outcome::Passed,
        _ => true,
    };
    let mut findings = checked.verdict.findings.iter();
    let lives = findings
        .all(|finding| finding.check != Check::Freshness || finding.outcome == Outcome::Passed);
    let by_chip = checked.methods.contains(&Method::Card) && presented().all(holds);
    by_chip || (lives && presented().any(of_phone))
}
