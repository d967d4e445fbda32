//! The colours of many holders at once, with few statements.

use std::collections::BTreeMap;

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_domain::document::DocumentNumber;

use super::holders::{HolderRow, Medium, due, find_by_documents};
use crate::colour::Scheme;
use crate::database::stored::ms;
use crate::database::{Change, Value, params};
use crate::error::Error;
use crate::facts;
use crate::lists::{Shard, issuing};
use crate::statistics::tallies;

/// Computes anew the colours of whoever has one of these documents and a code in force;
/// returns how many have changed.
pub(crate) fn recolour_owners(
    change: &Change<'_>,
    documents: &[DocumentNumber],
    scheme: &Scheme,
    now: Timestamp,
) -> Result<usize, Error> {
    recolour(change, find_by_documents(change, documents)?, scheme, now)
}

/// Computes anew the colours that are due at `now`, `limit` at most; returns how many rows
/// were looked at.
pub(crate) fn recolour_due(
    change: &Change<'_>,
    scheme: &Scheme,
    now: Timestamp,
    limit: u32,
) -> Result<usize, Error> {
    let holders = due(change, now, limit)?;
    let looked_at = holders.len();
    recolour(change, holders, scheme, now)?;
    Ok(looked_at)
}

fn recolour(
    change: &Change<'_>,
    holders: Vec<HolderRow>,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<usize, Error> {
    let documents: Vec<_> = holders.iter().map(|holder| holder.person.document.clone()).collect();
    let facts = facts::about_all(change, &documents)?;
    let none = Vec::new();
    let mut flipped = Vec::new();
    let mut postponed = Vec::new();
    let mut moves: BTreeMap<(Shard, u8, u8), i64> = BTreeMap::new();
    for mut holder in holders {
        let facts = facts.get(&holder.person.document).unwrap_or(&none);
        let evaluation = scheme.evaluate(facts, now);
        if evaluation.colour != holder.colour {
            if holder.medium == Medium::Phone {
                let shard = Shard::of(holder.index);
                let way = (shard, holder.colour.bits(), evaluation.colour.bits());
                *moves.entry(way).or_default() += 1;
            }
            (holder.colour, holder.colour_since) = (evaluation.colour, now);
            holder.next_change_at = evaluation.next_change;
            flipped.push(holder);
        } else if evaluation.next_change != holder.next_change_at {
            holder.next_change_at = evaluation.next_change;
            postponed.push(holder);
        }
    }
    if !flipped.is_empty() {
        set_colours(change, &flipped)?;
    }
    for ((shard, from, to), number) in moves {
        let (from, to) = (Colour::from_bits(from), Colour::from_bits(to));
        tallies::count_colours(change, shard, Some(from), Some(to), number, now)?;
    }
    let postponed: Vec<Vec<Value>> = postponed
        .iter()
        .map(|holder| {
            let next = holder.next_change_at.map(ms);
            params![Shard::of(holder.index), holder.index.0, next].to_vec()
        })
        .collect();
    change.execute_among(
        &[("shard", "BIGINT"), ("status_index", "BIGINT"), ("next_change_at", "BIGINT")],
        &postponed,
        "UPDATE holders SET next_change_at = given.next_change_at FROM given
         WHERE holders.status_index = given.status_index AND holders.shard = given.shard",
    )?;
    Ok(flipped.len())
}

fn set_colours(change: &Change<'_>, holders: &[HolderRow]) -> Result<(), Error> {
    let mut counts: BTreeMap<Shard, u32> = BTreeMap::new();
    for holder in holders {
        *counts.entry(Shard::of(holder.index)).or_default() += 1;
    }
    let mut next = issuing::next_revisions(change, &counts)?;
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(holders.len());
    for holder in holders {
        let shard = Shard::of(holder.index);
        let revision = next.get_mut(&shard).ok_or(Error::Damaged("shards"))?;
        rows.push(
            params![
                shard,
                holder.index.0,
                holder.colour.bits(),
                ms(holder.colour_since),
                holder.next_change_at.map(ms),
                *revision,
            ]
            .to_vec(),
        );
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
    Ok(())
}
