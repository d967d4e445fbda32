//! What departments report about people.

mod batch;
mod cleared;
mod csv;
mod keys;
mod table;

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use yanma_domain::IssuerId;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::batch::{ItemOutcome, RefusedItem};
use yanma_protocol::facts::{FactKind, FactReport, FactResult};
use yanma_protocol::{FieldError, FieldProblem};

use self::table::Reported;
use crate::audit;
use crate::by_hand::new_id;
use crate::claims;
use crate::clerks::Clerk;
use crate::colour::{Fact, InForce, KnownFact, LastKnown, Report, TakenBack};
use crate::database::{Change, Database, Session};
use crate::error::Error;
use crate::lists::Shard;
use crate::statistics::tallies::{self, Figure};

pub(crate) use self::batch::{Form, Sender};
pub(crate) use self::csv::read_csv;
pub(crate) use cleared::{TABLE_11 as CLEARED_11, clear, count_again};
pub(crate) use keys::{TABLE_2 as KEYS_2, add_key, revoke_key, signer};
pub(crate) use table::{TABLE_1, TABLE_2, TABLE_7, about_all, documents_after, give_shards};

/// How far ahead of the authority's clock a report may be dated: clocks differ a little.
const FUTURE_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The oldest date that is taken for a report and not for a slip of the pen.
const EARLIEST: &str = "2019-12-01T00:00:00Z";

/// Facts about one person that a reporter can report: one of each day for more than ten years.
/// Whoever reports more makes every look at that person slow, for everybody; and stops only
/// themselves.
const MOST_ABOUT_ONE: u32 = 4_000;

/// A report as it was read, or what is wrong with it and the id, if that could be read.
pub(crate) type ReadReport = Result<FactReport, RefusedItem>;

/// Takes in reports; each gets an answer of its own, in order, once all that were accepted
/// are on the disk and every colour that they change is changed. The batch is noted under a
/// name of its own, which is answered too.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`]: none was taken in then.
pub(crate) async fn report(
    database: &Database,
    scheme: &LastKnown,
    sender: Sender,
    reports: Vec<ReadReport>,
    now: Timestamp,
) -> Result<(Uuid, Vec<FactResult>), Error> {
    let scheme = scheme.clone();
    let parsed: Vec<_> = reports.into_iter().map(|report| parse(report, now)).collect();
    let id = new_id(now)?;
    database
        .write(move |change| {
            let scheme = scheme.within(change)?;
            let allowed = parsed.into_iter().map(|reported| sender.allows(reported?)).collect();
            let by = sender.reporter.id;
            let (results, accepted) = take_in(change, &scheme, by, allowed, MOST_ABOUT_ONE, now)?;
            let note = batch::note(id, &sender, &results, &accepted);
            audit::note(change, &sender.reporter, note, now)?;
            Ok((id, results))
        })
        .await
}

/// A fact of this id that another region's answer made, unless it was taken back.
pub(crate) fn of_home(session: &Session<'_>, id: Uuid) -> Result<Option<Fact>, Error> {
    if table::retracted(session, &[id])?.contains(&id) {
        return Ok(None);
    }
    Ok(table::find_all(session, &[id])?.remove(&id).map(|(reported, _)| reported.fact))
}

/// Takes back the fact that an earlier answer of a region made, and puts in what the newest
/// one calls for; returns the id of that.
pub(crate) fn put_of_home(
    change: &Change<'_>,
    scheme: &InForce,
    reporter: &Clerk,
    document: &DocumentNumber,
    issuer: IssuerId,
    (before, wanted): (Option<Uuid>, Option<Fact>),
    now: Timestamp,
) -> Result<Option<Uuid>, Error> {
    let report = |fact, retracts| -> Result<Reported, Error> {
        let detail = Some(format!("region {issuer}"));
        Ok(Reported { id: new_id(now)?, document: document.clone(), fact, detail, retracts })
    };
    let retraction = Fact { kind: FactKind::Retraction, occurred_at: now, ends_at: None };
    let taken_back = before.map(|id| report(retraction, Some(id))).transpose()?;
    let put: Option<Reported> = wanted.map(|fact| report(fact, None)).transpose()?;
    let id = put.as_ref().map(|reported| reported.id);
    // A colour there that is only confirmed anew is the one that was cleared here.
    if let (Some(before), Some(renewed)) = (before, &put)
        && of_home(change, before)?.is_some_and(|fact| {
            (fact.kind, fact.occurred_at) == (renewed.fact.kind, renewed.fact.occurred_at)
        })
    {
        cleared::hand_on(change, document, before, renewed.id)?;
    }
    let batch = taken_back.into_iter().chain(put).map(Ok).collect();
    let (results, _) = take_in(change, scheme, reporter.id, batch, u32::MAX, now)?;
    if results.iter().any(|result| result.outcome != ItemOutcome::Accepted) {
        return Err(Error::Damaged("facts"));
    }
    Ok(id)
}

/// Every fact about the owner of a document that counts, in the order of happening.
pub(crate) fn about(session: &Session<'_>, document: &DocumentNumber) -> Result<Vec<Fact>, Error> {
    Ok(table::about(session, document)?.into_iter().map(|known| known.fact).collect())
}

/// The same, each with its id.
pub(crate) fn known_about(
    session: &Session<'_>,
    document: &DocumentNumber,
) -> Result<Vec<KnownFact>, Error> {
    table::about(session, document)
}

fn parse(report: ReadReport, now: Timestamp) -> Result<Reported, FactResult> {
    let report = report.map_err(|refused| rejected(refused.id, &refused.error))?;
    let misfit = |field| rejected(Some(report.id), &FieldError::new(field, FieldProblem::Form));
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
    Ok(Reported {
        id: report.id,
        document,
        fact: Fact { kind: report.kind, occurred_at, ends_at: None },
        detail: report.detail,
        retracts: report.retracts,
    })
}

/// What was reported before, as far as a batch needs to know.
struct Known {
    facts: HashMap<Uuid, (Reported, i64)>,
    retracted: HashSet<Uuid>,
    /// How many facts the reporter has reported about each person.
    counts: HashMap<DocumentNumber, u32>,
    /// How many of them are taken.
    most: u32,
}

/// Judges a batch and keeps what is accepted; returns an answer for each, and what was kept.
/// `most` is how many facts about one person are taken from the reporter.
fn take_in(
    change: &Change<'_>,
    scheme: &InForce,
    reporter: i64,
    batch: Vec<Result<Reported, FactResult>>,
    most: u32,
    now: Timestamp,
) -> Result<(Vec<FactResult>, Vec<Reported>), Error> {
    let reports = || batch.iter().flatten();
    let retracted: Vec<Uuid> = reports().filter_map(|reported| reported.retracts).collect();
    let ids: HashSet<Uuid> =
        reports().map(|reported| reported.id).chain(retracted.iter().copied()).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let about: HashSet<_> = reports().map(|reported| reported.document.clone()).collect();
    let about: Vec<_> = about.into_iter().collect();
    let mut known = Known {
        facts: table::find_all(change, &ids)?,
        retracted: table::retracted(change, &retracted)?,
        counts: table::counts(change, &about, reporter)?,
        most,
    };
    let mut accepted = Vec::new();
    let mut results = Vec::with_capacity(batch.len());
    for reported in batch {
        match reported {
            Ok(reported) => {
                let (result, is_new) = known.judge(&reported, reporter);
                results.push(result);
                if is_new {
                    known.facts.insert(reported.id, (reported.clone(), reporter));
                    known.retracted.extend(reported.retracts);
                    *known.counts.entry(reported.document.clone()).or_default() += 1;
                    accepted.push(reported);
                }
            }
            Err(result) => results.push(result),
        }
    }
    table::insert(change, &accepted, reporter, now)?;
    let reported = accepted.iter().filter(|reported| reported.retracts.is_none()).count();
    let reported = i64::try_from(reported).unwrap_or(i64::MAX);
    if let Some(first) = accepted.first() {
        let shard = Shard::of_batch(first.id);
        tallies::count(change, shard, Figure::Reported, tallies::day(now), reported)?;
    }
    // Facts about people without a code are kept: they count when a code is claimed.
    let mut reports: HashMap<DocumentNumber, Vec<Report>> = HashMap::new();
    for reported in &accepted {
        let of_owner = reports.entry(reported.document.clone()).or_default();
        of_owner.push(known.report(reported));
    }
    claims::recolour_reported(change, &reports, scheme, now)?;
    Ok((results, accepted))
}

impl Known {
    /// A report as the history of a colour keeps it.
    fn report(&self, reported: &Reported) -> Report {
        let Reported { id, fact, retracts, .. } = reported;
        let takes_back = retracts.and_then(|id| {
            let (Reported { fact, .. }, _) = self.facts.get(&id)?;
            Some(TakenBack { id, kind: fact.kind, at: fact.occurred_at })
        });
        Report { id: *id, kind: fact.kind, at: fact.occurred_at, takes_back }
    }

    /// What becomes of a report, and whether it is new.
    fn judge(&self, reported: &Reported, reporter: i64) -> (FactResult, bool) {
        let taken = |outcome| FactResult {
            id: Some(reported.id),
            outcome,
            field: None,
            reason: None,
            line: None,
        };
        let refuse = |field, reason| (refused(Some(reported.id), field, reason), false);
        match self.facts.get(&reported.id) {
            Some((known, by)) if known == reported && *by == reporter => {
                return (taken(ItemOutcome::Duplicate), false);
            }
            Some(_) => return refuse("id", "id-in-use"),
            None => {}
        }
        if let Some(id) = reported.retracts {
            let own = self.facts.get(&id).is_some_and(|(fact, by)| {
                *by == reporter && fact.document == reported.document && fact.retracts.is_none()
            });
            if !own {
                return refuse("retracts", "no-such-fact-of-yours");
            }
            if self.retracted.contains(&id) {
                return refuse("retracts", "already-retracted");
            }
        }
        // What takes something back, or ends it, is never too much.
        let ends = matches!(reported.fact.kind, FactKind::Retraction | FactKind::Cleared);
        let count = self.counts.get(&reported.document).copied().unwrap_or_default();
        if count >= self.most && !ends {
            return refuse("number", "too-many-facts");
        }
        (taken(ItemOutcome::Accepted), true)
    }
}

fn rejected(id: Option<Uuid>, misfit: &FieldError) -> FactResult {
    refused(id, &misfit.field, misfit.problem.as_str())
}

fn refused(id: Option<Uuid>, field: &str, reason: &str) -> FactResult {
    FactResult {
        id,
        outcome: ItemOutcome::Rejected,
        field: Some(field.to_owned()),
        reason: Some(reason.to_owned()),
        line: None,
    }
}
