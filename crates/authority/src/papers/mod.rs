//! Codes on paper, for people without a phone.
//!
//! A paper has a status index of its own, so that it can be withdrawn, when it is lost or
//! replaced, without touching the code on the phone. Its colour is that of its person: every
//! fact changes both.

mod font;
mod sheet;

use jiff::{SignedDuration, Timestamp};
use yanma_domain::code::Lifetime;
use yanma_protocol::claims::MemberId;
use yanma_protocol::papers::{PaperResponse, SheetSize};

use crate::accounts::AccountRow;
use crate::claims::{self, HolderRow};
use crate::codes::Press;
use crate::colour::InForce;
use crate::database::{Change, Session};
use crate::error::Error;

pub use font::PaperFont;

/// Makes a paper for the account's own person or a family member; the one before it is
/// withdrawn.
///
/// # Errors
///
/// [`Error::NoCode`] when no code was claimed for the person.
pub(crate) fn issue(
    change: &Change<'_>,
    account: &AccountRow,
    member: Option<MemberId>,
    scheme: &InForce,
    lifetime: Lifetime,
    now: Timestamp,
) -> Result<PaperResponse, Error> {
    let phone = claims::of_account(change, account, member)?;
    let phone = claims::recolour(change, phone, scheme, now)?;
    let paper = claims::issue_paper(change, &phone, scheme, now)?;
    Ok(response(&paper, lifetime))
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
/// [`Error::NoPaper`] when none was made, [`Error::NoCode`] when no code was claimed.
pub(crate) fn find(
    session: &Session<'_>,
    account: &AccountRow,
    member: Option<MemberId>,
) -> Result<HolderRow, Error> {
    let phone = claims::of_account(session, account, member)?;
    claims::paper_of(session, phone.person.id)?.ok_or(Error::NoPaper)
}

/// The paper as its owner sees it.
pub(crate) fn response(paper: &HolderRow, lifetime: Lifetime) -> PaperResponse {
    PaperResponse {
        name_masked: paper.person.name.mask().as_str().to_owned(),
        document_masked: paper.person.document.masked(),
        colour: paper.colour,
        issued_at: paper.claimed_at,
        expires_at: ends(paper, lifetime),
    }
}

/// Draws the paper for printing.
///
/// # Errors
///
/// [`Error::NoPaper`] when it has ended, [`Error::NoFont`].
pub(crate) fn draw(
    paper: &HolderRow,
    size: SheetSize,
    press: &Press<'_>,
    lifetime: Lifetime,
    font: &PaperFont,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let expires_at = ends(paper, lifetime);
    if expires_at <= now {
        return Err(Error::NoPaper);
    }
    let code = press.sign(paper, lifetime, paper.claimed_at)?;
    let text = code.to_text(press.host);
    let qr = yanma_barcode::draw::qr_for_code(&text).map_err(|_| Error::CodeOutOfRange)?;
    let sheet = sheet::Sheet {
        name: paper.person.name.mask().as_str().to_owned(),
        document: paper.person.document.masked(),
        document_type: paper.person.document.document_type(),
        from: claims::day(paper.claimed_at),
        until: claims::day(expires_at),
        qr,
    };
    sheet.draw(size, font.load()?)
}

fn ends(paper: &HolderRow, lifetime: Lifetime) -> Timestamp {
    let life = SignedDuration::try_from(lifetime.duration()).unwrap_or_default();
    // A code carries whole seconds.
    let issued_at = Timestamp::from_second(paper.claimed_at.as_second());
    issued_at.and_then(|issued_at| issued_at.saturating_add(life)).unwrap_or(Timestamp::MAX)
}
