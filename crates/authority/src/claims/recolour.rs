//! The colours of many holders at once, with few statements.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use yanma_domain::Colour;
use yanma_domain::document::DocumentNumber;

use super::holders::{HolderRow, Medium, due, find_by_documents};
use crate::colour::{self, Cause, ColourChange, Fact, InForce, KnownFact, Reasons, Report};
use crate::database::stored::ms;
use crate::database::{Change, Value, params};
use crate::error::Error;
use crate::facts;
use crate::lists::{Shard, issuing};
use crate::statistics::tallies;

/// What was reported at once about the owner of each document.
pub(crate) type Reports = HashMap<DocumentNumber, Vec<Report>>;

/// Computes anew the colours of whoever has one of these documents and a code in force;
/// returns how many have changed.
pub(crate) fn recolour_owners(
    change: &Change<'_>,
    documents: &[DocumentNumber],
    rules: &InForce,
    now: Timestamp,
) -> Result<usize, Error> {
    recolour(change, find_by_documents(change, documents)?, &Reports::new(), rules, now)
}

/// The same for those about whom something was just reported.
pub(crate) fn recolour_reported(
    change: &Change<'_>,
    reports: &Reports,
    rules: &InForce,
    now: Timestamp,
) -> Result<usize, Error> {
    let documents: Vec<_> = reports.keys().cloned().collect();
    recolour(change, find_by_documents(change, &documents)?, reports, rules, now)
}

/// Computes anew the colours that are due at `now`, `limit` at most; returns how many rows
/// were looked at.
pub(crate) fn recolour_due(
    change: &Change<'_>,
    rules: &InForce,
    now: Timestamp,
    limit: u32,
) -> Result<usize, Error> {
    let holders = due(change, now, limit)?;
    let looked_at = holders.len();
    recolour(change, holders, &Reports::new(), rules, now)?;
    Ok(looked_at)
}

/// A code whose colour was computed anew.
pub(super) struct Recoloured {
    /// With the colour, since when, and when it may change next.
    pub(super) holder: HolderRow,
    /// The colour before, since when, and why it changed, when it did.
    pub(super) flipped: Option<(Colour, Timestamp, Cause, Reasons)>,
    /// Whether the instant of the next change is another one.
    pub(super) postponed: bool,
}

/// The colour of a code by the facts at `now`.
pub(super) fn look(
    mut holder: HolderRow,
    known: &[KnownFact],
    reports: &[Report],
    rules: &InForce,
    now: Timestamp,
) -> Recoloured {
    let facts: Vec<Fact> = known.iter().map(|known| known.fact).collect();
    let evaluation = rules.evaluate(&facts, now);
    let (before, due) = (holder.colour, holder.next_change_at);
    let mut flipped = None;
    if evaluation.colour != before {
        let cause = cause(&holder, &facts, reports, rules, now);
        let reasons = Reasons::of(&evaluation, known, reports);
        flipped = Some((before, holder.colour_since, cause, reasons));
        (holder.colour, holder.colour_since) = (evaluation.colour, now);
    }
    holder.next_change_at = evaluation.next_change;
    Recoloured { postponed: evaluation.next_change != due, holder, flipped }
}

/// Why a colour is another one now: something was reported, or its time has come, or else the
/// rules have changed since it was computed.
fn cause(
    holder: &HolderRow,
    facts: &[Fact],
    reports: &[Report],
    rules: &InForce,
    now: Timestamp,
) -> Cause {
    if !reports.is_empty() {
        return Cause::Report;
    }
    match holder.next_change_at.filter(|due| *due <= now) {
        None => Cause::Rules,
        // Under rules that came meanwhile it may have changed before its time.
        Some(due) if holder.colour_since < rules.since => {
            let shortly_before = due.saturating_sub(SignedDuration::from_millis(1));
            let then = rules.evaluate(facts, shortly_before.unwrap_or(Timestamp::MIN));
            if then.colour == holder.colour { Cause::Time } else { Cause::Rules }
        }
        Some(_) => Cause::Time,
    }
}

fn recolour(
    change: &Change<'_>,
    holders: Vec<HolderRow>,
    reports: &Reports,
    rules: &InForce,
    now: Timestamp,
) -> Result<usize, Error> {
    let documents: Vec<_> = holders.iter().map(|holder| holder.person.document.clone()).collect();
    let facts = facts::about_all(change, &documents)?;
    let mut flipped = Vec::new();
    let mut postponed: Vec<Vec<Value>> = Vec::new();
    for holder in holders {
        let document = &holder.person.document;
        let known = facts.get(document).map_or(&[][..], Vec::as_slice);
        let reports = reports.get(document).map_or(&[][..], Vec::as_slice);
        let looked = look(holder, known, reports, rules, now);
        if looked.flipped.is_some() {
            flipped.push(looked);
        } else if looked.postponed {
            let holder = &looked.holder;
            let next = holder.next_change_at.map(ms);
            postponed.push(params![Shard::of(holder.index), holder.index.0, next].to_vec());
        }
    }
    let changed = flipped.len();
    set_colours(change, flipped, rules)?;
    change.execute_among(
        &[("shard", "BIGINT"), ("status_index", "BIGINT"), ("next_change_at", "BIGINT")],
        &postponed,
        "UPDATE holders SET next_change_at = given.next_change_at FROM given
         WHERE holders.status_index = given.status_index AND holders.shard = given.shard",
    )?;
    Ok(changed)
}

/// Keeps colours that have changed, counts them, and writes the history.
pub(super) fn set_colours(
    change: &Change<'_>,
    flipped: Vec<Recoloured>,
    rules: &InForce,
) -> Result<(), Error> {
    if flipped.is_empty() {
        return Ok(());
    }
    let mut counts: BTreeMap<Shard, u32> = BTreeMap::new();
    for Recoloured { holder, .. } in &flipped {
        *counts.entry(Shard::of(holder.index)).or_default() += 1;
    }
    let mut next = issuing::next_revisions(change, &counts)?;
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(flipped.len());
    let mut changes = Vec::with_capacity(flipped.len());
    let mut moves: BTreeMap<(Shard, u8, u8, Timestamp), i64> = BTreeMap::new();
    for Recoloured { holder, flipped, .. } in flipped {
        let Some((before, before_since, cause, reasons)) = flipped else {
            continue;
        };
        let (shard, now) = (Shard::of(holder.index), holder.colour_since);
        if holder.medium == Medium::Phone {
            let way = (shard, before.bits(), holder.colour.bits(), now);
            *moves.entry(way).or_default() += 1;
        }
        let revision = next.get_mut(&shard).ok_or(Error::Damaged("shards"))?;
        rows.push(
            params![
                shard,
                holder.index.0,
                holder.colour.bits(),
                ms(now),
                holder.next_change_at.map(ms),
                *revision,
            ]
            .to_vec(),
        );
        changes.push(ColourChange {
            index: holder.index,
            revision: *revision,
            at: now,
            before: Some((before, before_since)),
            colour: holder.colour,
            scheme: rules.generation,
            cause,
            reasons,
        });
        *revision += 1;
    }
    change.execute_among(
        &[
            ("shard", "BIGINT"),
            ("status_index", "BIGINT"),
            ("colour", "BIGINT"),
            ("colour_since", "BIGINT"),
            ("next_change_at", "BIGINT"),
            ("revision", "BIGINT"),
        ],
        &rows,
        "UPDATE holders SET colour = given.colour, colour_since = given.colour_since,
             next_change_at = given.next_change_at, revision = given.revision
         FROM given
         WHERE holders.status_index = given.status_index AND holders.shard = given.shard",
    )?;
    colour::insert_changes(change, &changes)?;
    for ((shard, from, to, at), number) in moves {
        let (from, to) = (Colour::from_bits(from), Colour::from_bits(to));
        tallies::count_colours(change, shard, Some(from), Some(to), number, at)?;
    }
    Ok(())
}
