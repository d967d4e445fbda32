//! The log: looking back, exporting, and judging again.

use std::collections::HashSet;

use jiff::civil::Date;
use uuid::Uuid;
use yanma_domain::judge::judge;
use yanma_domain::policy::Policy;
use yanma_domain::reason::Reason;
use yanma_domain::verdict::Verdict;
use yanma_protocol::spreadsheet::harmless;
use yanma_store::{AuditRow, Entry, Filter};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::policies;
use crate::record::{EntryBody, Receipt};
use crate::rights::Right;

/// The most that [`Desk::just_seen`] gives.
pub const JUST_SEEN: u32 = 20;

/// A verdict judged again from its entry.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What the entry says.
    pub recorded: EntryBody,
    /// What comes out today.
    pub verdict: Verdict,
    /// Whether they agree, in decision and in every finding.
    pub same: bool,
}

impl Desk {
    /// Judges an entry again, from its receipt, by the policy and at the instant of then.
    ///
    /// # Errors
    /// [`DeskError::NoSuchEntry`] when there is no such entry or its receipt is gone;
    /// [`DeskError::NoPolicy`] when the policy of then is not kept.
    pub fn replay(&self, entry: Uuid) -> Result<Replayed, DeskError> {
        let entry = self.store().entry(entry)?.ok_or(DeskError::NoSuchEntry)?;
        let recorded = body_of(&entry)?;
        let receipt = receipt_of(&entry)?.ok_or(DeskError::NoSuchEntry)?;
        let policy = self.policy_of_then(&recorded)?;
        let judged_at = recorded.judged_at.unwrap_or(recorded.at);
        let verdict = judge(&receipt.encounter, &receipt.view, &policy, judged_at);
        let amends = recorded.judged_after.or(recorded.amends);
        let verdict = match amends.filter(|amends| amends.by_authority) {
            Some(amends) => verdict.after(amends.decision),
            None => verdict,
        };
        let same = verdict.decision == recorded.decision && verdict.findings == recorded.findings;
        Ok(Replayed { recorded, verdict, same })
    }

    fn policy_of_then(&self, recorded: &EntryBody) -> Result<Policy, DeskError> {
        let reference = &recorded.basis.policy;
        if let Some(bytes) = self.store().policy(&reference.id, reference.version)? {
            return serde_json::from_slice(&bytes).map_err(|_| DeskError::UnknownForm);
        }
        policies::built_in(&reference.id)
            .filter(|policy| policy.version == reference.version)
            .ok_or(DeskError::NoPolicy)
    }

    /// The entries that match, newest first. That somebody looked is written down, and over
    /// which days; for whom, is not.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn search(&self, filter: &Filter) -> Result<Vec<Entry>, DeskError> {
        let all = Filter { limit: filter.limit, before: filter.before, ..Filter::default() };
        let act = if *filter == all { "read-log" } else { "search-log" };
        self.reveal(Right::SearchLog, act, days(filter).as_deref())?;
        Ok(self.store().search(filter)?)
    }

    /// The last few people at this desk, newest first, each by the newest entry about them: whom
    /// whoever works here has just seen. Nothing is written down for them, so there are never
    /// more than [`JUST_SEEN`].
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn just_seen(&self, limit: u32) -> Result<Vec<Entry>, DeskError> {
        self.allow(Right::Check)?;
        // A verdict, and what was done after it; more of one person only make the list shorter.
        let entries = self.store().last(2 * JUST_SEEN)?;
        let amended: HashSet<Uuid> = entries.iter().filter_map(|entry| entry.amends).collect();
        let newest = entries.into_iter().filter(|entry| !amended.contains(&entry.id));
        Ok(newest.take(limit.min(JUST_SEEN) as usize).collect())
    }

    /// What was done with this desk, newest first, before line `before`.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRow>, DeskError> {
        self.allow(Right::SeeAudit)?;
        Ok(self.store().audit_rows(before, limit)?)
    }

    /// Writes entries as CSV (RFC 4180), oldest first, with a header line. What a
    /// spreadsheet would take for a formula is made text. It is written down who did it.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; when the store cannot be read or `out` not be written.
    pub fn export_csv(
        &self,
        filter: &Filter,
        out: &mut dyn std::io::Write,
    ) -> Result<u64, ExportError> {
        self.reveal(Right::ExportLog, "export-log", days(filter).as_deref())?;
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(COLUMNS)?;
        let mut rows = 0;
        for entry in self.store().export(filter) {
            let entry = entry.map_err(DeskError::from)?;
            let row = row_of(&entry)?;
            csv.write_record(row.map(harmless))?;
            rows += 1;
        }
        csv.flush()?;
        Ok(rows)
    }
}

/// The days of a filter, as the audit names them.
pub(crate) fn days(filter: &Filter) -> Option<String> {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let limited = filter.from.is_some() || filter.to.is_some();
    limited.then(|| format!("{}/{}", day(filter.from), day(filter.to)))
}

/// Why an export could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The place it goes to.
    #[error("the export cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// A row.
    #[error("the export cannot be written: {0}")]
    Csv(#[from] csv::Error),
    /// What is sealed.
    #[error("the export cannot be written: {0}")]
    Sealed(#[from] yanma_protocol::sealed_log::SealedLogError),
}

const COLUMNS: [&str; 15] = [
    "number", "id", "at", "decision", "reasons", "colour", "name", "document", "methods", "scene",
    "site", "operator", "policy", "amends", "upload",
];

fn row_of(entry: &Entry) -> Result<[String; 15], DeskError> {
    let body = body_of(entry)?;
    let Shown { name, document, .. } = Shown::of_entry(entry)?;
    Ok([
        entry.number.0.to_string(),
        entry.id.to_string(),
        entry.at.to_string(),
        entry.decision.clone(),
        entry.reasons.join(" "),
        entry.colour.clone().unwrap_or_default(),
        name.unwrap_or_default(),
        document.unwrap_or_default(),
        entry.methods.join(" "),
        body.scene,
        entry.site.clone().unwrap_or_default(),
        entry.operator.clone().unwrap_or_default(),
        body.basis.policy.to_string(),
        entry.amends.map(|id| id.to_string()).unwrap_or_default(),
        upload_word(entry).to_owned(),
    ])
}

/// `pending`, `sent` or `rejected`.
pub fn upload_word(entry: &Entry) -> &'static str {
    match entry.upload {
        yanma_store::Upload::Pending { .. } => "pending",
        yanma_store::Upload::Sent => "sent",
        yanma_store::Upload::Rejected { .. } => "rejected",
    }
}

/// The entry without a name or a number.
///
/// # Errors
/// When it was written in a form this program does not know.
pub fn body_of(entry: &Entry) -> Result<EntryBody, DeskError> {
    serde_json::from_slice(&entry.body).map_err(|_| DeskError::UnknownForm)
}

pub(crate) fn receipt_of(entry: &Entry) -> Result<Option<Receipt>, DeskError> {
    let Some(details) = &entry.details else { return Ok(None) };
    let receipt = serde_json::from_slice(&details.receipt);
    receipt.map(Some).map_err(|_| DeskError::UnknownForm)
}

/// What a receipt shows of the person, masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The masked name.
    pub name: Option<String>,
    /// The masked number.
    pub document: Option<String>,
    /// The kind of document.
    pub document_type: Option<yanma_domain::document::DocumentType>,
}

impl Shown {
    /// What an entry shows of the person, as long as its details are kept.
    ///
    /// # Errors
    /// When it was written in a form this program does not know.
    pub fn of_entry(entry: &Entry) -> Result<Self, DeskError> {
        let different = entry.reasons.iter().any(|code| code == Reason::DifferentPersons.code());
        Ok(receipt_of(entry)?.map(|receipt| Self::of(&receipt, different)).unwrap_or_default())
    }

    /// `different`: code and document are different persons', and the entry is the code's.
    pub(crate) fn of(receipt: &Receipt, different: bool) -> Self {
        use yanma_domain::encounter::Presented;
        let mut shown = Self::default();
        for presented in &receipt.encounter.presented {
            match presented {
                // What nobody has signed names nobody.
                Presented::Code(code) if receipt.view.vouches_for(code) => {
                    shown.name.get_or_insert_with(|| code.body().name.as_str().to_owned());
                    shown.document_type.get_or_insert(code.body().document_type);
                }
                Presented::Document(document) if !different => {
                    shown.document = Some(document.masked.clone());
                    shown.document_type = Some(document.document_type);
                    if let Some(name) = &document.name {
                        shown.name.get_or_insert_with(|| name.as_str().to_owned());
                    }
                }
                _ => {}
            }
        }
        shown
    }
}
