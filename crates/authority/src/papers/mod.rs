//! Codes on paper, for people without a phone.
//!
//! A paper has a status index of its own, so that it can be withdrawn, when it is lost or
//! replaced, without touching the code on the phone. Its colour is that of its person: every
//! fact changes both. Its code is signed once: what is printed again is the same paper.

mod font;
mod sheet;
mod table;

use jiff::Timestamp;
use yanma_domain::code::{CodeHost, DecodedCode, Lifetime};
use yanma_protocol::claims::MemberId;
use yanma_protocol::papers::{PaperResponse, SheetSize};

use crate::accounts::{self, AccountRow};
use crate::claims::{self, HolderRow, Terms};
use crate::codes::Press;
use crate::colour::InForce;
use crate::database::{Change, Session};
use crate::error::Error;

pub use font::PaperFont;
pub(crate) use table::TABLE_11;

/// A paper in force.
pub(crate) struct Paper {
    holder: HolderRow,
    code: DecodedCode,
}

/// Makes a paper for the account's own person or a family member; the one before it is
/// withdrawn.
///
/// # Errors
///
/// [`Error::NoCode`] when no code was claimed for the person, [`Error::RateLimited`] when the person
/// had too many new ones.
pub(crate) fn issue(
    change: &Change<'_>,
    account: &AccountRow,
    member: Option<MemberId>,
    (press, lifetime): (&Press<'_>, Lifetime),
    terms: &Terms,
    now: Timestamp,
) -> Result<Paper, Error> {
    accounts::check_open(change, account)?;
    let phone = claims::of_account(change, account, member)?;
    let phone = claims::recolour(change, phone, &terms.scheme, now)?;
    let holder = claims::issue_paper(change, &phone, terms, now)?;
    let code = press.sign(&holder, lifetime, now)?;
    table::insert(change, holder.index, &code)?;
    Ok(Paper { holder, code })
}

/// Withdraws the paper in force, and leaves the code on the phone alone.
///
/// # Errors
///
/// As [`find`].
pub(crate) fn withdraw(
    change: &Change<'_>,
    account: &AccountRow,
    member: Option<MemberId>,
    scheme: &InForce,
    now: Timestamp,
) -> Result<(), Error> {
    let phone = claims::of_account(change, account, member)?;
    let withdrawn = claims::withdraw_paper(change, phone.person.id, scheme, now)?;
    if withdrawn { Ok(()) } else { Err(Error::NoPaper) }
}

/// The paper in force.
///
/// # Errors
///
/// [`Error::NoPaper`] when none was made, or when it is from before its code was kept and the
/// key of then is gone; [`Error::NoCode`] when no code was claimed.
pub(crate) fn find(
    session: &Session<'_>,
    account: &AccountRow,
    member: Option<MemberId>,
    (press, lifetime): (&Press<'_>, Lifetime),
) -> Result<Paper, Error> {
    let phone = claims::of_account(session, account, member)?;
    let holder = claims::paper_of(session, phone.person.id)?.ok_or(Error::NoPaper)?;
    let code = match table::find(session, holder.index)? {
        Some(code) => code,
        None if press.keys.codes_from() <= holder.claimed_at => {
            press.sign(&holder, lifetime, holder.claimed_at)?
        }
        None => return Err(Error::NoPaper),
    };
    Ok(Paper { holder, code })
}

/// The paper as its owner sees it.
pub(crate) fn response(Paper { holder, code }: &Paper) -> PaperResponse {
    PaperResponse {
        name_masked: holder.person.name.mask().as_str().to_owned(),
        document_masked: holder.person.document.masked(),
        colour: holder.colour,
        issued_at: holder.claimed_at,
        expires_at: code.body().expires_at(),
    }
}

/// Draws the paper for printing.
///
/// # Errors
///
/// [`Error::NoPaper`] when it has ended, [`Error::NoFont`].
pub(crate) fn draw(
    Paper { holder, code }: &Paper,
    size: SheetSize,
    host: &CodeHost,
    font: &PaperFont,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let expires_at = code.body().expires_at();
    if expires_at <= now {
        return Err(Error::NoPaper);
    }
    let text = code.to_text(host);
    let qr = yanma_barcode::draw::qr_for_code(&text).map_err(|_| Error::CodeOutOfRange)?;
    let sheet = sheet::Sheet {
        name: holder.person.name.mask().as_str().to_owned(),
        document: holder.person.document.masked(),
        document_type: holder.person.document.document_type(),
        from: claims::day(holder.claimed_at),
        until: claims::day(expires_at),
        qr,
    };
    sheet.draw(size, font.load()?)
}
