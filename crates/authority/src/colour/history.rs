//! The colours that a code had, in words: the rows of `colour_changes`, each explained by the
//! rules of its time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;
use yanma_domain::document::DocumentNumber;
use yanma_domain::trust::Words;
use yanma_domain::{AmberName, Colour, StatusIndex};
use yanma_protocol::claims::Because;
use yanma_protocol::facts::FactKind;
use yanma_protocol::history::{
    Beginning, ColourHistory, ColourPeriod, FactThen, MAX_PERIODS, ReportThen, SchemeThen,
};

use super::Scheme;
use super::changes::{self, Cause, ColourChange, Reason, Report};
use super::in_force::{self, Version};
use crate::database::Session;
use crate::error::Error;
use crate::facts;

/// What the table of codes says of one.
#[derive(Debug, Clone)]
pub(crate) struct Had {
    pub(crate) index: StatusIndex,
    pub(crate) document: DocumentNumber,
    /// The colour now.
    pub(crate) colour: Colour,
    /// Since when.
    pub(crate) since: Timestamp,
    pub(crate) claimed_at: Timestamp,
}

/// Who reads a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Whoever claimed the code: what happened and when.
    Citizen,
    /// Somebody at the console: with the ids of the facts.
    Console,
}

/// The colours that a code had, the newest first.
pub(crate) fn history(
    session: &Session<'_>,
    code: &Had,
    reader: Reader,
    rules: &Scheme,
    now: Timestamp,
) -> Result<ColourHistory, Error> {
    let changes = changes::of_code(session, code.index, MAX_PERIODS)?;
    let mut generations: Vec<u32> = changes.iter().map(|change| change.scheme).collect();
    generations.dedup();
    let schemes = in_force::versions(session, &generations)?;
    let teller = Teller { schemes: &schemes, reader };
    let mut periods = Vec::with_capacity(changes.len() + 1);
    let mut until = None;
    for change in &changes {
        periods.push(teller.period(change, until)?);
        until = Some(change.at);
    }
    // What was before the oldest change that is kept; or all there is.
    let before = match changes.last() {
        Some(oldest) if changes.len() < MAX_PERIODS => oldest.before,
        Some(_) => None,
        None => Some((code.colour, code.since)),
    };
    if let Some((colour, since)) = before {
        let amber_name = in_force::at(session, since)?.amber_name;
        periods.push(untold(colour, since, until, amber_name, code));
    }
    if let Some(newest) = periods.first_mut() {
        let facts = facts::about(session, &code.document)?;
        let evaluation = rules.evaluate(&facts, now);
        if newest.colour == evaluation.colour && newest.colour != Colour::Green {
            newest.because = evaluation.because;
        }
    }
    let complete = periods.last().is_some_and(|first| first.since <= code.claimed_at);
    Ok(ColourHistory { periods, complete })
}

/// A colour of which only the colour is kept.
fn untold(
    colour: Colour,
    since: Timestamp,
    until: Option<Timestamp>,
    amber_name: AmberName,
    code: &Had,
) -> ColourPeriod {
    let claimed = since <= code.claimed_at;
    ColourPeriod {
        colour,
        amber_name,
        since,
        until,
        foreseen_until: None,
        because: Vec::new(),
        began: if claimed { Beginning::Claim {} } else { Beginning::Unknown {} },
        scheme: None,
        facts: Vec::new(),
    }
}

struct Teller<'a> {
    schemes: &'a BTreeMap<u32, Version>,
    reader: Reader,
}

impl Teller<'_> {
    fn period(
        &self,
        change: &ColourChange,
        until: Option<Timestamp>,
    ) -> Result<ColourPeriod, Error> {
        let version = self.schemes.get(&change.scheme).ok_or(Error::Damaged("colour_schemes"))?;
        let scheme = &version.scheme;
        let because = &change.reasons.because;
        let ids = because.iter().flat_map(|reason| reason.facts.iter().copied());
        Ok(ColourPeriod {
            colour: change.colour,
            amber_name: scheme.amber_name,
            since: change.at,
            until,
            foreseen_until: change.reasons.ends_at(),
            because: because.iter().map(|reason| in_words(reason, scheme)).collect(),
            began: match change.cause {
                Cause::Claim => Beginning::Claim {},
                Cause::Report => {
                    Beginning::Report { reports: self.reports(&change.reasons.reports, scheme) }
                }
                Cause::Time => Beginning::Time {},
                Cause::Rules => Beginning::Rules {},
                Cause::Withdrawal => Beginning::Withdrawal {},
            },
            scheme: Some(SchemeThen {
                id: scheme.id.clone(),
                version: change.scheme,
                name: scheme.name.clone(),
                since: version.since,
                until: version.until,
            }),
            facts: if self.reader == Reader::Console { ids.collect() } else { Vec::new() },
        })
    }

    fn reports(&self, reports: &[Report], scheme: &Scheme) -> Vec<ReportThen> {
        let fact = |kind: FactKind, occurred_at, id: Uuid| FactThen {
            kind,
            occurred_at,
            words: words(kind, scheme),
            id: (self.reader == Reader::Console).then_some(id),
        };
        let told = reports.iter().map(|report| ReportThen {
            fact: fact(report.kind, report.at, report.id),
            takes_back: report.takes_back.as_ref().map(|it| fact(it.kind, it.at, it.id)),
        });
        told.collect()
    }
}

fn in_words(reason: &Reason, scheme: &Scheme) -> Because {
    let Reason { kind, since, until, .. } = *reason;
    // A reason comes from a rule of the scheme; the name of the kind is better than nothing.
    let name = || kind.as_str().to_owned();
    let reason = words(kind, scheme).unwrap_or_else(|| Words { zh: name(), en: name() });
    Because { kind, since, until, reason }
}

fn words(kind: FactKind, scheme: &Scheme) -> Option<Words> {
    scheme.rule(kind).map(|rule| rule.words.clone())
}
