//! Shows (亮码) from memory: a fresh code is signed and counted without asking the database.
//!
//! Whose codes an account may show is remembered for at most a second, and the colour comes
//! from the lists, which are brought up to date twice a second and after each commit: a colour
//! that ends by time is in a code half a second later. Counting is the business of
//! [`counts`], which also says what a show that was answered is worth when the machine stops.

mod counts;
mod table;

use std::sync::Arc;

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_protocol::claims::MemberId;
use yanma_protocol::shows::ShowResponse;

use crate::accounts::AccountRow;
use crate::authority::Authority;
use crate::claims::HolderRow;
use crate::error::Error;

pub(crate) use counts::Counts;
pub use table::by_day;
pub(crate) use table::{TABLE, TABLE_2, count_now, on_all_days};

/// Signs and counts a fresh code of the account's own, or of a family member.
///
/// # Errors
///
/// [`Error::NoCode`] when the account has claimed none for whom it means, or has withdrawn it;
/// [`Error::JournalFull`] when no more shows may wait to be counted, and
/// [`Error::CodeOutOfRange`].
pub(crate) async fn show(
    authority: &Authority,
    account: &AccountRow,
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<ShowResponse, Error> {
    let (callers, database) = (&authority.callers, &authority.database);
    let codes = callers.codes(database, account.id).await?;
    let found = match current(authority, codes, member) {
        // It may have been claimed, or withdrawn and claimed anew, a moment ago.
        Err(Error::NoCode) => {
            callers.forget_codes(account.id);
            let codes = callers.codes(database, account.id).await?;
            current(authority, codes, member)
        }
        found => found,
    };
    let holder = found?;
    let shown_count = authority.shows.count(holder.index, holder.shown_count)?;
    let lifetime = authority.settings.show_lifetime;
    let shown = authority.press().show(&holder, lifetime, now, shown_count)?;
    authority.vouched.keep(shown.text.reveal(), holder.index);
    Ok(shown)
}

/// The code that is meant, with its colour now.
fn current(
    authority: &Authority,
    codes: Option<Arc<Vec<HolderRow>>>,
    member: Option<MemberId>,
) -> Result<HolderRow, Error> {
    let codes = codes.ok_or(Error::NoCode)?;
    let is_meant = |holder: &&HolderRow| match member {
        None => holder.relation.is_none(),
        Some(id) => holder.relation.is_some() && holder.index.0 == id.0,
    };
    let holder = codes.iter().find(is_meant).ok_or(Error::NoCode)?;
    // One that another process issued a moment ago may not be listed yet.
    let listed = authority.lists.at(holder.index)?;
    match listed.map_or(holder.colour, |listed| listed.colour) {
        Colour::Withdrawn => Err(Error::NoCode),
        colour => Ok(HolderRow { colour, ..holder.clone() }),
    }
}
