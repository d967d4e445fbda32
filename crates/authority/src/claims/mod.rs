//! Who gets a code (申领), what it looks like to its holder, and giving it back.

mod holders;

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_domain::document::DirectoryKey;
use yanma_protocol::claims::HolderResponse;

use crate::accounts::AccountRow;
use crate::colour::Scheme;
use crate::database::{Change, Session};
use crate::error::Error;
use crate::facts;
use crate::lists::issuing;
use crate::register::Person;

pub(crate) use holders::{
    HolderRow, TABLE_1 as HOLDERS_1, TABLE_2 as HOLDERS_2, changed_after, count_show, due,
    ever_claimed, find_by_person,
};

/// A claim's answer: the code, and whether it is new.
pub(crate) struct Claimed {
    pub(crate) holder: HolderRow,
    pub(crate) new: bool,
}

/// Gives the account's own person a code, or finds the one that is there.
///
/// The colour is computed at once from the facts on file. After a withdrawal a new code with
/// a new index is issued; the old index stays withdrawn for ever.
///
/// # Errors
///
/// [`Error::AlreadyClaimed`] when another account holds this person's code.
pub(crate) fn claim(
    change: &Change<'_>,
    account: &AccountRow,
    directory_key: &DirectoryKey,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<Claimed, Error> {
    if let Some(holder) = find_by_person(change, account.person.id)? {
        return if holder.account == account.id {
            let holder = recolour(change, holder, scheme, now)?;
            Ok(Claimed { holder, new: false })
        } else {
            Err(Error::AlreadyClaimed)
        };
    }
    let facts = facts::about(change, &account.person.document)?;
    let evaluation = scheme.evaluate(&facts, now);
    let (serial, index) = issuing::next_index(change)?;
    let holder = HolderRow {
        serial,
        index,
        account: account.id,
        person: account.person.clone(),
        document_hash: directory_key.hash(&account.person.document),
        colour: evaluation.colour,
        colour_since: now,
        next_change_at: evaluation.next_change,
        claimed_at: now,
        shown_count: 0,
    };
    holders::insert(change, &holder, issuing::next_revision(change)?)?;
    Ok(Claimed { holder, new: true })
}

/// Computes a holder's colour anew and keeps it when it changed.
pub(crate) fn recolour(
    change: &Change<'_>,
    mut holder: HolderRow,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<HolderRow, Error> {
    let facts = facts::about(change, &holder.person.document)?;
    let evaluation = scheme.evaluate(&facts, now);
    if evaluation.colour != holder.colour {
        holder.colour = evaluation.colour;
        holder.colour_since = now;
        holder.next_change_at = evaluation.next_change;
        holders::set_colour(change, &holder, issuing::next_revision(change)?)?;
    } else if evaluation.next_change != holder.next_change_at {
        holder.next_change_at = evaluation.next_change;
        holders::set_next_change(change, &holder)?;
    }
    Ok(holder)
}

/// The code of a person as it is at `now`; its colour is brought up to date first.
///
/// # Errors
///
/// [`Error::NoCode`].
pub(crate) fn current(
    change: &Change<'_>,
    person: &Person,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<HolderRow, Error> {
    let holder = find_by_person(change, person.id)?.ok_or(Error::NoCode)?;
    recolour(change, holder, scheme, now)
}

/// Withdraws the person's code.
///
/// # Errors
///
/// [`Error::NoCode`].
pub(crate) fn withdraw(
    change: &Change<'_>,
    account: &AccountRow,
    now: Timestamp,
) -> Result<(), Error> {
    let holder = find_by_person(change, account.person.id)?
        .filter(|holder| holder.account == account.id)
        .ok_or(Error::NoCode)?;
    holders::withdraw(change, &holder, issuing::next_revision(change)?, now)
}

/// The code as its holder sees it.
pub(crate) fn response(
    session: &Session<'_>,
    holder: &HolderRow,
    scheme: &Scheme,
    now: Timestamp,
) -> Result<HolderResponse, Error> {
    let facts = facts::about(session, &holder.person.document)?;
    let evaluation = scheme.evaluate(&facts, now);
    Ok(HolderResponse {
        colour: evaluation.colour,
        amber_name: scheme.amber_name,
        // Between two evaluations by the clock, the row may lag by a second.
        since: if evaluation.colour == holder.colour { holder.colour_since } else { now },
        because: if evaluation.colour == Colour::Green { Vec::new() } else { evaluation.because },
        shown_count: holder.shown_count,
        claimed_at: holder.claimed_at,
    })
}
