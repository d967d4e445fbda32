//! Who sent a batch, what they may report, and what is noted of it: figures, and nothing of what
//! it says.

use uuid::Uuid;
use yanma_protocol::FieldProblem;
use yanma_protocol::batch::ItemOutcome;
use yanma_protocol::facts::{FactKind, FactResult};

use super::refused;
use super::table::Reported;
use crate::audit::{Deed, Note};
use crate::clerks::{Clerk, Role};

/// How a batch came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// One fact from the command line.
    CommandLine,
}

impl Form {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::CommandLine => "command-line",
        }
    }
}

/// Who sent a batch, and how.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) reporter: Clerk,
    pub(crate) form: Form,
    /// The public key of the signature, in hexadecimal; `None` for a token.
    pub(crate) key: Option<String>,
}

impl Sender {
    /// Passes what they may report: a department facts of its kinds; whoever works at the
    /// console clears somebody only with a note of why.
    pub(super) fn allows(&self, reported: Reported) -> Result<Reported, FactResult> {
        let kind = reported.fact.kind;
        if !self.reporter.may_report(kind) {
            return Err(refused(Some(reported.id), "kind", "not-yours-to-report"));
        }
        let is_by_a_person =
            self.reporter.role != Role::Department && !matches!(self.form, Form::CommandLine);
        let says_nothing = reported.detail.as_deref().is_none_or(|why| why.trim().is_empty());
        if kind == FactKind::Cleared && is_by_a_person && says_nothing {
            return Err(refused(Some(reported.id), "detail", FieldProblem::Shape.as_str()));
        }
        Ok(reported)
    }
}

/// What is noted of a batch once it was judged.
pub(super) fn note(
    id: Uuid,
    sender: &Sender,
    results: &[FactResult],
    accepted: &[Reported],
) -> Note {
    let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
    let note = Note::new(Deed::ReportFacts, format!("batch {id}"))
        .with("form", sender.form.as_str())
        .with("rows", results.len())
        .with("accepted", count(ItemOutcome::Accepted))
        .with("retractions", accepted.iter().filter(|fact| fact.retracts.is_some()).count())
        .with("duplicate", count(ItemOutcome::Duplicate))
        .with("refused", count(ItemOutcome::Rejected));
    match &sender.key {
        Some(key) => note.with("signed-with", key),
        None => note,
    }
}
