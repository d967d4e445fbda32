//! What departments report about people.

mod table;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::batch::ItemOutcome;
use yanma_protocol::facts::{FactReport, FactResult};
use yanma_protocol::{FieldError, FieldProblem};

use crate::claims;
use crate::clerks::Clerk;
use crate::colour::{Fact, Scheme};
use crate::database::{Change, Database, Session};
use crate::error::Error;
use crate::register;

pub(crate) use table::{TABLE_1, about_all, documents_after};

/// How far ahead of the authority's clock a report may be dated: clocks differ a little.
const FUTURE_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The oldest date that is taken for a report and not for a slip of the pen.
const EARLIEST: &str = "2019-12-01T00:00:00Z";

/// A report whose fields all hold.
struct Parsed {
    id: Uuid,
    document: DocumentNumber,
    fact: Fact,
}

/// Takes in reports; each gets an answer of its own, in order, once all that were accepted
/// are on the disk and every colour that they change is changed.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`]: none was taken in then.
pub(crate) async fn report(
    database: &Database,
    scheme: &Arc<Scheme>,
    clerk: &Clerk,
    reports: Vec<Result<FactReport, (Option<Uuid>, FieldError)>>,
    now: Timestamp,
) -> Result<Vec<FactResult>, Error> {
    let scheme = Arc::clone(scheme);
    let reporter = clerk.id;
    database
        .write(move |change| {
            reports
                .into_iter()
                .map(|report| {
                    let id = match &report {
                        Ok(report) => Some(report.id),
                        Err((id, _)) => *id,
                    };
                    let parsed =
                        report.map_err(|(_, misfit)| misfit).and_then(|report| parse(&report, now));
                    match parsed {
                        Ok(parsed) => take_in(change, &scheme, reporter, &parsed, now),
                        Err(misfit) => Ok(rejected(id, &misfit)),
                    }
                })
                .collect()
        })
        .await
}

/// Every fact about the owner of a document, in the order of happening.
pub(crate) fn about(session: &Session<'_>, document: &DocumentNumber) -> Result<Vec<Fact>, Error> {
    table::about(session, document)
}

fn parse(report: &FactReport, now: Timestamp) -> Result<Parsed, FieldError> {
    let misfit = |field| FieldError::new(field, FieldProblem::Form);
    let document = DocumentNumber::parse(report.document_type, report.number.reveal())
        .map_err(|_| misfit("number"))?;
    let earliest: Timestamp = EARLIEST.parse().map_err(|_| misfit("occurred_at"))?;
    let latest = now.saturating_add(FUTURE_TOLERANCE).unwrap_or(Timestamp::MAX);
    if !(earliest..=latest).contains(&report.occurred_at) {
        return Err(misfit("occurred_at"));
    }
    // Whole milliseconds, as the database keeps them: a repeated report must compare equal.
    let occurred_at = Timestamp::from_millisecond(report.occurred_at.as_millisecond())
        .map_err(|_| misfit("occurred_at"))?;
    Ok(Parsed { id: report.id, document, fact: Fact { kind: report.kind, occurred_at } })
}

fn take_in(
    change: &Change<'_>,
    scheme: &Scheme,
    reporter: i64,
    parsed: &Parsed,
    now: Timestamp,
) -> Result<FactResult, Error> {
    let outcome = match table::find(change, parsed.id)? {
        Some((document, fact)) if document == parsed.document && fact == parsed.fact => {
            ItemOutcome::Duplicate
        }
        Some(_) => {
            return Ok(FactResult {
                id: Some(parsed.id),
                outcome: ItemOutcome::Rejected,
                field: Some("id".to_owned()),
                reason: Some("id-in-use".to_owned()),
            });
        }
        None => {
            table::insert(change, parsed.id, &parsed.document, &parsed.fact, reporter, now)?;
            recolour_owner(change, scheme, &parsed.document, now)?;
            ItemOutcome::Accepted
        }
    };
    Ok(FactResult { id: Some(parsed.id), outcome, field: None, reason: None })
}

fn recolour_owner(
    change: &Change<'_>,
    scheme: &Scheme,
    document: &DocumentNumber,
    now: Timestamp,
) -> Result<(), Error> {
    // Facts about people without a code are kept: they count when a code is claimed.
    let Some(person) = register::find(change, document)? else {
        return Ok(());
    };
    for holder in claims::codes_of(change, person.id)? {
        claims::recolour(change, holder, scheme, now)?;
    }
    Ok(())
}

fn rejected(id: Option<Uuid>, misfit: &FieldError) -> FactResult {
    FactResult {
        id,
        outcome: ItemOutcome::Rejected,
        field: Some(misfit.field.clone()),
        reason: Some(reason(misfit.problem).to_owned()),
    }
}

/// What is wrong with a field, in kebab-case.
pub(crate) fn reason(problem: FieldProblem) -> &'static str {
    match problem {
        FieldProblem::Form => "not-of-the-expected-form",
        FieldProblem::Length { .. } => "too-short-or-too-long",
        FieldProblem::Count { .. } => "too-few-or-too-many",
        FieldProblem::Shape => "missing-or-of-another-type",
    }
}
