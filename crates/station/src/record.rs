//! The entry: what is written down about a verdict, in two parts.
//!
//! The [`EntryBody`] is chained for as long as the log is kept, and has no name and no
//! number in it. The [`Receipt`] is what the verdict was judged from; it may name the
//! holder (masked), lies in a table of its own and goes earlier.

use std::collections::VecDeque;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::document::DocumentHash;
use yanma_domain::encounter::{Encounter, Presented, View};
use yanma_domain::reason::Reason;
use yanma_domain::scene::{Action, Answers};
use yanma_domain::verdict::{Basis, Decision, Finding, Verdict};
use yanma_domain::{AmberName, Colour};
use yanma_protocol::entries::{BasisUpload, EntryUpload, Subject};
use yanma_store::{NewEntry, StoreError};

use crate::check::random;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::finish::Override;
use crate::log::Shown;
use crate::reading::Method;
use crate::told::Asked;

/// The form of [`EntryBody`] that is written today.
const FORM: u32 = 1;
/// The action of an entry while only the verdict stands.
pub(crate) const NOTHING_DONE: &str = "none";

/// What happened, without a name or a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryBody {
    /// The form of this record.
    pub form: u32,
    /// UUID version 7; also the key under which the authority takes it once.
    pub id: Uuid,
    /// When the verdict was made, by the desk's clock.
    pub at: Timestamp,
    /// The station, once enrolled.
    pub station: Option<String>,
    /// The site, once enrolled.
    pub site: Option<String>,
    /// Who sat at the desk.
    pub operator: Option<String>,
    /// The scene.
    pub scene: String,
    /// How the evidence came, each once.
    pub methods: Vec<Method>,
    /// The verdict.
    pub decision: Decision,
    /// The colour that was found.
    pub colour: Option<Colour>,
    /// What its issuer calls the middle colour.
    pub amber: AmberName,
    /// Every check and its answer.
    pub findings: Vec<Finding>,
    /// Whose code it was.
    pub subject: Option<Subject>,
    /// The keyed hash of the document, when one was presented.
    pub document_hash: Option<DocumentHash>,
    /// What it was judged on.
    pub basis: Basis,
    /// What the operator did: `none` while only the verdict stands.
    pub action: String,
    /// The entry that this one puts right, and what that one said.
    pub amends: Option<Amends>,
    /// When the verdict was made, if not at `at`: an entry that says what was done keeps the
    /// verdict of the one it completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_at: Option<Timestamp>,
    /// What the verdict itself had put right, when `amends` names the entry it completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_after: Option<Amends>,
    /// What was filled in and says nothing of the person.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub answers: Answers,
    /// Who let the person in against a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Override>,
}

/// A reference to an earlier entry of the same encounter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amends {
    /// The earlier entry.
    pub entry: Uuid,
    /// Its decision.
    pub decision: Decision,
    /// Whether the later word comes from the authority (`true`) or from more evidence.
    pub by_authority: bool,
}

/// What a verdict was judged from; with the policy, enough to judge it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was presented.
    pub encounter: Encounter,
    /// What the desk knew.
    pub view: View,
    /// What was filled in.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub answers: Answers,
    /// Why a supervisor let the person in against a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
    /// What another program said when it had this person checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

impl Receipt {
    /// A receipt of a verdict alone.
    pub(crate) fn new(encounter: Encounter, view: View) -> Self {
        Self { encounter, view, answers: Answers::default(), override_reason: None, asked: None }
    }
}

/// Everything an entry is made from, beside the verdict.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    pub id: Uuid,
    pub at: Timestamp,
    /// The day at the site: what the log is cut into.
    pub day: Date,
    pub station: Option<String>,
    pub site: Option<String>,
    pub operator: Option<String>,
    pub scene: String,
    pub methods: Vec<Method>,
    pub amends: Option<Amends>,
}

impl EntryBody {
    pub(crate) fn new(about: Circumstances, verdict: &Verdict, receipt: &Receipt) -> Self {
        let holder = verdict.subject.issuer.zip(verdict.subject.index);
        Self {
            form: FORM,
            id: about.id,
            at: about.at,
            station: about.station,
            site: about.site,
            operator: about.operator,
            scene: about.scene,
            methods: about.methods,
            decision: verdict.decision,
            colour: verdict.colour,
            amber: verdict.amber,
            findings: verdict.findings.clone(),
            subject: holder.map(|(issuer, index)| Subject { issuer, index }),
            document_hash: document_hash(&receipt.encounter),
            basis: verdict.basis.clone(),
            action: NOTHING_DONE.to_owned(),
            amends: about.amends,
            judged_at: None,
            judged_after: None,
            answers: Answers::default(),
            overridden: None,
        }
    }

    /// What the authority receives; `None` before the desk was enrolled, since an entry
    /// without a station belongs to nobody there.
    pub fn upload(&self) -> Option<EntryUpload> {
        Some(EntryUpload {
            id: self.id,
            station: self.station.clone()?,
            at: self.at,
            scene: self.scene.clone(),
            decision: self.decision,
            reasons: self.reason_codes().into_iter().map(str::to_owned).collect(),
            colour: self.colour,
            subject: self.subject,
            document_hash: self.document_hash,
            method: self.methods.iter().map(|method| method.as_str().to_owned()).collect(),
            action: self.action.clone(),
            amends: self.amends.map(|amends| amends.entry),
            basis: BasisUpload {
                online: self.basis.online,
                status_epoch: self.basis.status.map(|position| position.epoch),
                status_sequence: self.basis.status.map(|position| position.sequence),
                age_seconds: self.basis.age_seconds,
                policy: self.basis.policy.to_string(),
            },
        })
    }

    /// Whether something was done with the person.
    pub(crate) fn is_done(&self) -> bool {
        self.action != NOTHING_DONE
    }

    /// What was done with the person, if anything.
    pub fn done(&self) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.as_str() == self.action)
    }

    /// Whether it replaces an earlier verdict of the same encounter with a worse one.
    pub fn overturns(&self) -> bool {
        self.amends.is_some_and(|amends| self.decision > amends.decision)
    }

    /// The codes of the reasons, the gravest first.
    pub fn reason_codes(&self) -> Vec<&'static str> {
        yanma_domain::verdict::reasons(&self.findings).iter().map(|reason| reason.code()).collect()
    }
}

/// An entry that only needs to be written.
#[derive(Clone)]
pub(crate) struct Prepared {
    body: EntryBody,
    day: Date,
    body_bytes: Vec<u8>,
    receipt_bytes: Vec<u8>,
    receipt_salt: [u8; 16],
    colour: Option<&'static str>,
    search: Vec<String>,
}

impl Prepared {
    pub(crate) fn new(
        about: Circumstances,
        verdict: &Verdict,
        receipt: &Receipt,
    ) -> Result<Self, DeskError> {
        let day = about.day;
        let subject = &verdict.subject;
        let search =
            [subject.name.as_ref().map(|name| name.as_str().to_owned()), subject.document.clone()];
        let search = search.into_iter().flatten().collect();
        Self::with_search(EntryBody::new(about, verdict, receipt), day, receipt, search)
    }

    /// A later verdict on somebody with whom something was done already: that stays done.
    pub(crate) fn after(
        about: Circumstances,
        verdict: &Verdict,
        receipt: &Receipt,
        done: &EntryBody,
    ) -> Result<Self, DeskError> {
        let day = about.day;
        let body = EntryBody {
            action: done.action.clone(),
            answers: done.answers.clone(),
            overridden: done.overridden.clone(),
            ..EntryBody::new(about, verdict, receipt)
        };
        Self::completing(body, day, receipt)
    }

    /// An entry that completes another: it is found by what was filled in, too.
    pub(crate) fn completing(
        body: EntryBody,
        day: Date,
        receipt: &Receipt,
    ) -> Result<Self, DeskError> {
        let reasons = yanma_domain::verdict::reasons(&body.findings);
        let shown = Shown::of(receipt, reasons.contains(&Reason::DifferentPersons));
        let mut search: Vec<_> = [shown.name, shown.document].into_iter().flatten().collect();
        search.extend(receipt.answers.iter().map(|(_, answer)| answer.to_owned()));
        Self::with_search(body, day, receipt, search)
    }

    fn with_search(
        body: EntryBody,
        day: Date,
        receipt: &Receipt,
        search: Vec<String>,
    ) -> Result<Self, DeskError> {
        Ok(Self {
            body_bytes: serde_json::to_vec(&body).map_err(|_| DeskError::UnknownForm)?,
            receipt_bytes: serde_json::to_vec(receipt).map_err(|_| DeskError::UnknownForm)?,
            receipt_salt: random()?,
            colour: body.colour.map(|colour| colour.called(body.amber)),
            search,
            body,
            day,
        })
    }
}

impl Desk {
    /// Writes an entry and those that could not be written before it, oldest first.
    /// Returns whether all of them are on the disk.
    pub(crate) fn write_entry(&self, entry: Prepared) -> Result<bool, DeskError> {
        let mut waiting = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        waiting.push_back(entry);
        self.write_waiting(&mut waiting)
    }

    /// Tries again to write what could not be written. Returns whether all of it is.
    ///
    /// # Errors
    /// When the store refuses an entry for another reason than its disk.
    pub fn retry_unwritten(&self) -> Result<bool, DeskError> {
        let mut waiting = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.write_waiting(&mut waiting)
    }

    /// What waits for the disk and amends this entry.
    pub(crate) fn waiting_amendment(&self, entry: Uuid) -> Option<Uuid> {
        let waiting = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let amends =
            |prepared: &&Prepared| prepared.body.amends.is_some_and(|amends| amends.entry == entry);
        waiting.iter().rev().find(amends).map(|prepared| prepared.body.id)
    }

    /// An entry that still waits for the disk.
    pub(crate) fn waiting_entry(&self, entry: Uuid) -> Option<(EntryBody, Receipt)> {
        let waiting = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let found = waiting.iter().find(|prepared| prepared.body.id == entry)?;
        let receipt = serde_json::from_slice(&found.receipt_bytes).ok()?;
        Some((found.body.clone(), receipt))
    }

    /// The newest entry that waits for the disk.
    pub(crate) fn waiting_last(&self) -> Option<(EntryBody, Receipt)> {
        let waiting = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let last = waiting.back()?;
        Some((last.body.clone(), serde_json::from_slice(&last.receipt_bytes).ok()?))
    }

    fn write_waiting(&self, waiting: &mut VecDeque<Prepared>) -> Result<bool, DeskError> {
        while let Some(entry) = waiting.front() {
            match self.append(entry) {
                Ok(()) | Err(StoreError::DuplicateEntry(_)) => {
                    waiting.pop_front();
                    self.entries_written.send_modify(|count| *count += 1);
                }
                // Trying again would change nothing about these two.
                Err(error @ (StoreError::ReadOnly | StoreError::BadEntry { .. })) => {
                    waiting.pop_front();
                    return Err(error.into());
                }
                Err(error) => {
                    tracing::error!(%error, waiting = waiting.len(), "an entry waits to be written");
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn append(&self, entry: &Prepared) -> Result<(), StoreError> {
        let body = &entry.body;
        let methods: Vec<_> = body.methods.iter().map(|method| method.as_str()).collect();
        self.store.append(&NewEntry {
            id: body.id,
            at: body.at,
            day: entry.day,
            decision: body.decision.as_str(),
            colour: entry.colour,
            reasons: &body.reason_codes(),
            methods: &methods,
            operator: body.operator.as_deref(),
            site: body.site.as_deref(),
            amends: body.amends.map(|amends| amends.entry),
            body: entry.body_bytes.clone(),
            receipt: entry.receipt_bytes.clone(),
            receipt_salt: entry.receipt_salt,
            search: entry.search.clone(),
        })?;
        Ok(())
    }
}

fn document_hash(encounter: &Encounter) -> Option<DocumentHash> {
    encounter.presented.iter().find_map(|presented| match presented {
        Presented::Document(document) => document.hash,
        _ => None,
    })
}
