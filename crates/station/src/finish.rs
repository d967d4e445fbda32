//! What was done with a person after the verdict: the operator's part of the entry.
//!
//! A verdict says what should happen; this is what did. It is an entry of its own that names
//! the first, since the log is never changed, and it keeps the verdict as it was judged.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::evidence::Evidence;
use yanma_domain::scene::{Action, FieldKind};
use yanma_domain::verdict::Decision;

use crate::check::new_id;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::inside::Amiss;
use crate::operators::Approval;
use crate::reading::{Input, Reading, Via};
use crate::record::{Amends, EntryBody, Prepared, Receipt};
use crate::rights::Right;

/// The longest reason of an override, in characters.
const LONGEST_REASON: usize = 200;

/// What the operator did, and what was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// What was done; `None` takes what the scene does first after this verdict.
    pub action: Option<Action>,
    /// Field → answer, as typed.
    pub answers: BTreeMap<String, String>,
    /// Who allowed it and why, when it goes against the verdict.
    pub overriding: Option<(Approval, String)>,
}

/// Who says what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Witness {
    /// The operator: what the scene offers, or an override.
    Operator,
    /// The arm of a turnstile that was opened on a verdict. That somebody went through it is so,
    /// whatever was said of them meanwhile and whoever sits at the desk by now.
    Arm,
}

/// Who let somebody in against a refusal. The reason lies with the entry's details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The supervisor; empty on a desk without operators.
    pub supervisor: String,
}

/// An entry that says what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The new entry.
    pub entry: Uuid,
    /// The one it completes: the newest word there was.
    pub completes: Uuid,
    /// Whether it is on the disk; see [`crate::Checked::recorded`].
    pub recorded: bool,
    /// The verdict that it follows.
    pub decision: Decision,
    /// What was done.
    pub action: Action,
    /// What had been said before, when it is said again.
    pub before: Option<Action>,
    /// Whether a temperature among the answers is a fever by the scene.
    pub fever: bool,
    /// What does not fit with who was inside, where people are counted in and out.
    pub amiss: Option<Amiss>,
}

impl Desk {
    /// The field of the scene that a reading fills, and its answer: the number on an appointment's
    /// slip, a thermometer's degrees, which come by a serial line and in no symbol that somebody
    /// shows. `None` for whatever is evidence, is typed, or is read where nobody has signed in:
    /// that is presented.
    pub fn fills(&self, reading: &Reading) -> Option<(String, String)> {
        let Input::Text(text) = &reading.input else { return None };
        let is_nobodys = || matches!(reading.evidence(), Evidence::Unknown(_));
        let is_read =
            matches!(reading.via, Via::Scanner | Via::Serial | Via::Camera) && is_nobodys();
        if !is_read || self.allow(Right::Check).is_err() {
            return None;
        }
        let scene = self.scene_in_force();
        let (field, answer) = scene.scanned(text)?;
        let is_measured = matches!(scene.field(field)?.takes, FieldKind::Temperature { .. });
        let counts = !is_measured || reading.via == Via::Serial;
        counts.then(|| (field.to_owned(), answer))
    }

    /// Writes down what was done with the person of an entry. It may be said again, when
    /// something was filled in wrongly: the last word counts. What the authority said
    /// meanwhile counts too: an overturned verdict is finished as the overturned one.
    ///
    /// # Errors
    /// [`DeskError::NoSuchEntry`], [`DeskError::Answer`] naming a field of the scene,
    /// [`DeskError::NotOffered`] for an action that the scene does not have after this
    /// verdict, [`DeskError::OverrideNeeded`] for letting in against a refusal.
    pub fn finish(&self, entry: Uuid, done: &Done) -> Result<Finished, DeskError> {
        self.allow(Right::Check)?;
        self.complete(entry, done, Witness::Operator)?.ok_or(DeskError::NotOffered)
    }

    /// The same by whoever saw it. `None` when an arm tells what is written already, or that
    /// somebody let out is in.
    pub(crate) fn complete(
        &self,
        entry: Uuid,
        done: &Done,
        witness: Witness,
    ) -> Result<Option<Finished>, DeskError> {
        let scene = self.scene_in_force();
        let one_word = self.one_word_at_a_time();
        let entry = self.last_word(entry)?;
        let (before, receipt) = self.written(entry)?;
        let is_told = matches!(before.done(), Some(Action::Admitted | Action::Left));
        if witness == Witness::Arm && is_told {
            return Ok(None);
        }
        let path = scene.path(before.decision);
        let action = done.action.or_else(|| path.actions.first().copied());
        let action = action.ok_or(DeskError::NotOffered)?;
        let overridden = match (action.overrides(before.decision), &done.overriding) {
            _ if witness == Witness::Arm => None,
            (false, _) if path.actions.contains(&action) => None,
            (false, _) => return Err(DeskError::NotOffered),
            (true, Some((approval, reason))) => Some((approval, the_reason(reason)?)),
            (true, None) => return Err(DeskError::OverrideNeeded),
        };
        let given = self.with_flight(&scene, &receipt, &done.answers);
        let answers = scene.fill(action, &given)?;
        let fever = scene.is_fever(&answers);
        let (decision, said) = (before.decision, before.done());
        let at = self.now();
        let id = new_id(at)?;
        let amends = Amends { entry, decision: before.decision, by_authority: false };
        let body = EntryBody {
            id,
            at,
            judged_at: Some(before.judged_at.unwrap_or(before.at)),
            judged_after: before.judged_after.or(before.amends),
            operator: self.duty().operator,
            scene: scene.id.clone(),
            action: action.as_str().to_owned(),
            answers: answers.impersonal(&scene),
            overridden: overridden
                .as_ref()
                .map(|(approval, _)| Override { supervisor: approval.supervisor.clone() }),
            amends: Some(amends),
            ..before
        };
        let receipt = Receipt {
            answers,
            override_reason: overridden.as_ref().map(|(_, reason)| reason.clone()),
            ..receipt
        };
        if let Some((approval, _)) = &overridden {
            self.write_down("override", Some(&id.to_string()), Some(&approval.supervisor))?;
        }
        let day = at.to_zoned(TimeZone::system()).date();
        let findings = body.findings.clone();
        let recorded = self.write_entry(Prepared::completing(body, day, &receipt)?)?;
        let amiss = scene
            .counts_inside
            .then(|| self.note_passage(&receipt, &findings, entry, id, action))
            .flatten();
        drop(one_word);
        if action == Action::Admitted {
            self.note_arrival(&receipt, id);
        }
        if scene.boarding_pass {
            self.note_flight(&receipt, entry, id, action);
        }
        self.wake.notify_one();
        self.end_encounter(entry);
        Ok(Some(Finished {
            entry: id,
            completes: entry,
            recorded,
            decision,
            action,
            before: said,
            fever,
            amiss,
        }))
    }
}

fn the_reason(reason: &str) -> Result<String, DeskError> {
    let reason = reason.trim();
    let fits = !reason.is_empty()
        && reason.chars().count() <= LONGEST_REASON
        && !reason.chars().any(char::is_control);
    if fits { Ok(reason.to_owned()) } else { Err(DeskError::bad_field("reason")) }
}
