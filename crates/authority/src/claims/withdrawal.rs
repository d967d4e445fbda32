//! Giving a code back, by whoever claimed it or by a clerk at the counter.

use jiff::Timestamp;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::claims::MemberId;

use super::holders::{self, HolderRow, find_by_person, paper_of};
use super::of_account;
use crate::accounts::AccountRow;
use crate::colour::{self, Cause, ColourChange, InForce, Reasons};
use crate::database::Change;
use crate::error::Error;
use crate::lists::issuing;

/// Withdraws a code, and with it the paper that stands for the same person.
///
/// # Errors
///
/// As [`of_account`].
pub(crate) fn withdraw(
    change: &Change<'_>,
    account: &AccountRow,
    member: Option<MemberId>,
    rules: &InForce,
    now: Timestamp,
) -> Result<(), Error> {
    let holder = of_account(change, account, member)?;
    withdraw_paper(change, holder.person.id, rules, now)?;
    withdraw_code(change, &holder, rules, now)
}

/// Withdraws code and paper of whoever has one of them at a place of the status list, whoever
/// claimed it. Says what was there; `None` when there is no code in force.
pub(crate) fn withdraw_at(
    change: &Change<'_>,
    index: StatusIndex,
    rules: &InForce,
    now: Timestamp,
) -> Result<Option<HolderRow>, Error> {
    let Some(holder) = holders::at(change, index)? else {
        return Ok(None);
    };
    withdraw_paper(change, holder.person.id, rules, now)?;
    if let Some(phone) = find_by_person(change, holder.person.id)? {
        withdraw_code(change, &phone, rules, now)?;
    }
    Ok(Some(holder))
}

/// Withdraws every code that an account has claimed, each with its paper. Says how many.
pub(crate) fn withdraw_all(
    change: &Change<'_>,
    account: i64,
    rules: &InForce,
    now: Timestamp,
) -> Result<u32, Error> {
    let mut withdrawn = 0;
    for holder in holders::of_account(change, account)? {
        withdraw_paper(change, holder.person.id, rules, now)?;
        withdraw_code(change, &holder, rules, now)?;
        withdrawn += 1;
    }
    Ok(withdrawn)
}

/// Withdraws the paper of a person; `false` when there is none.
pub(crate) fn withdraw_paper(
    change: &Change<'_>,
    person: i64,
    rules: &InForce,
    now: Timestamp,
) -> Result<bool, Error> {
    let Some(paper) = paper_of(change, person)? else {
        return Ok(false);
    };
    withdraw_code(change, &paper, rules, now)?;
    Ok(true)
}

/// Withdraws one code.
fn withdraw_code(
    change: &Change<'_>,
    holder: &HolderRow,
    rules: &InForce,
    now: Timestamp,
) -> Result<(), Error> {
    let revision = issuing::next_revision(change, holder.index)?;
    holders::withdraw(change, holder, revision, now)?;
    let last = ColourChange {
        index: holder.index,
        revision,
        at: now,
        before: Some((holder.colour, holder.colour_since)),
        colour: Colour::Withdrawn,
        scheme: rules.generation,
        cause: Cause::Withdrawal,
        reasons: Reasons::default(),
    };
    colour::insert_changes(change, &[last])
}
