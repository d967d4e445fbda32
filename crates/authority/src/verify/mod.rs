//! The online answer (验码), from memory, and the record of it.
//!
//! The answer is given at once; the record of it is written a moment later, many at a time,
//! and its receipt counts from then on. When records cannot be kept any longer, nothing is
//! answered either: see [`journal`].

mod journal;
mod page;
mod table;
mod vouched;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;
use yanma_domain::code::{CodeError, DecodedCode, VerifiedCode, VerifyError};
use yanma_domain::name::MaskedName;
use yanma_domain::trust::TrustList;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::batch::RefusedItem;
use yanma_protocol::verify::{LegalBasis, MAX_CODE_CHARS, ReceiptState, VerifyAnswer, VerifyItem};

use crate::authority::Authority;
use crate::database::Database;
use crate::database::stored::ms;
use crate::days;
use crate::error::Error;
use crate::lists::ListedHolder;
use crate::regions::Away;
use crate::stations::Station;

pub(crate) use journal::Journal;
pub use page::Recorded;
pub(crate) use table::{PAGES, TABLE, TABLE_2, TABLE_3};
pub(crate) use vouched::Vouched;

/// What this authority knows about one item now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Known {
        issuer: IssuerId,
        index: StatusIndex,
        colour: Colour,
    },
    Unknown,
    /// Another issuer's, whose list cannot be asked now.
    Unchecked,
    Refused(&'static str),
}

/// Answers the items in their order and takes the answers into the journal; returns them with
/// the receipt, if there was anything to look up. While the journal is full nothing is answered.
///
/// # Errors
///
/// [`Error::JournalFull`], [`Error::Panicked`].
pub(crate) fn verify(
    authority: &Authority,
    station: &Arc<Station>,
    items: &[Result<VerifyItem, RefusedItem>],
    now: Timestamp,
) -> Result<(Option<Uuid>, Vec<VerifyAnswer>), Error> {
    let trust = authority.trust();
    let mut answers = Vec::with_capacity(items.len());
    let mut records = Vec::with_capacity(items.len());
    for (place, item) in (0..).zip(items) {
        answers.push(match item {
            Ok(item) => {
                let (outcome, name) = look_up(item, authority, &trust, now)?;
                records.push((place, outcome, basis(item)));
                told(outcome, name)
            }
            Err(RefusedItem { error, .. }) => VerifyAnswer::Rejected {
                field: error.field.clone(),
                reason: error.problem.as_str().to_owned(),
            },
        });
    }
    if records.is_empty() {
        return Ok((None, answers));
    }
    let receipt = authority.journal.take(station, now, &records)?;
    Ok((Some(receipt), answers))
}

/// What became of the record behind a receipt that this station was given.
///
/// # Errors
///
/// [`Error::Database`] when it is not waiting here and the database cannot be asked.
pub(crate) async fn receipt(
    authority: &Authority,
    station: &Station,
    receipt: Uuid,
) -> Result<ReceiptState, Error> {
    // Asked first: what is written in between is found in the table.
    if authority.journal.is_waiting(receipt)? {
        return Ok(ReceiptState::Pending);
    }
    let station = station.id.clone();
    let kept =
        authority.database.read(move |session| table::is_kept(session, receipt, &station)).await?;
    Ok(if kept { ReceiptState::Durable } else { ReceiptState::Unknown })
}

/// Hands out every record of the answers from one instant up to another, page by page, until
/// `take` says no. What is not on the disk yet is not among them.
///
/// # Errors
///
/// What the database says.
pub(crate) async fn recorded(
    database: &Database,
    from: Timestamp,
    until: Timestamp,
    mut take: impl FnMut(Recorded) -> bool,
) -> Result<(), Error> {
    // A page begins with its earliest record, and its latest is not far from it.
    let begin = ms(from) - 2 * journal::APART_MS;
    let mut after = Uuid::from_bytes(days::first_id(begin));
    loop {
        let pages = database.read(move |session| table::pages(session, after, until)).await?;
        let Some((last, _)) = pages.last() else { return Ok(()) };
        after = *last;
        for (id, body) in &pages {
            for record in page::unpack(*id, body)? {
                if (from..until).contains(&record.at) && !take(record) {
                    return Ok(());
                }
            }
        }
    }
}

/// A code that holds is looked up by its index and not believed further: its colour is the
/// one of its issue. Age and lifetime are the desk's to judge. An index that was never
/// issued is unknown, although its cell in the published list is green.
fn look_up(
    item: &VerifyItem,
    authority: &Authority,
    trust: &TrustList,
    now: Timestamp,
) -> Result<(Outcome, Option<MaskedName>), Error> {
    let (issuer, lists) = (authority.issuer(), &authority.lists);
    let holder = match item {
        // Hashed under another key it would seem to be nobody's.
        VerifyItem::Document(document) if document.key != authority.keys.directory_generation() => {
            return Ok((Outcome::Unchecked, None));
        }
        VerifyItem::Document(document) => lists.of_document(document.hash)?,
        VerifyItem::Code(text) => match held(text.reveal(), authority, trust) {
            Ok((of, index)) if of == issuer => lists.at(index)?,
            Ok((of, index)) => {
                let colour = authority.regions.colour(of, index, now)?;
                return Ok((away(colour, of, index), None));
            }
            Err(code) => return Ok((Outcome::Refused(code), None)),
        },
    };
    Ok(match holder {
        None => (Outcome::Unknown, None),
        Some(ListedHolder { index, colour, name }) => {
            (Outcome::Known { issuer, index, colour }, Some(name))
        }
    })
}

/// What is answered about a holder of another issuer.
fn away(found: Away, issuer: IssuerId, index: StatusIndex) -> Outcome {
    match found {
        Away::Colour(colour) => Outcome::Known { issuer, index, colour },
        Away::Unknown => Outcome::Unknown,
        Away::Unchecked => Outcome::Unchecked,
    }
}

fn told(outcome: Outcome, name: Option<MaskedName>) -> VerifyAnswer {
    match outcome {
        Outcome::Known { issuer, index, colour } => VerifyAnswer::Known {
            issuer,
            index,
            colour,
            name_masked: name.map(|name| name.as_str().to_owned()),
        },
        Outcome::Unknown => VerifyAnswer::Unknown,
        Outcome::Unchecked => VerifyAnswer::Unchecked,
        Outcome::Refused(code) => VerifyAnswer::Refused { code: code.to_owned() },
    }
}

/// What allowed a look-up by document; `None` for a code, whose showing allows it.
fn basis(item: &VerifyItem) -> Option<LegalBasis> {
    match item {
        VerifyItem::Document(document) => Some(document.basis),
        VerifyItem::Code(_) => None,
    }
}

/// Whose code it is, and the index in it, if it holds.
fn held(
    text: &str,
    authority: &Authority,
    trust: &TrustList,
) -> Result<(IssuerId, StatusIndex), &'static str> {
    let own = authority.issuer();
    if let Some(index) = authority.vouched.get(text) {
        return Ok((own, index));
    }
    let code = read(text, trust)?;
    let (issuer, index) = (code.body().key.issuer, code.body().index);
    if issuer == own {
        authority.vouched.keep(text, index);
    }
    Ok((issuer, index))
}

fn read(text: &str, trust: &TrustList) -> Result<VerifiedCode, &'static str> {
    // A code is ASCII: one with more bytes than it may have characters is none.
    if text.len() > MAX_CODE_CHARS {
        return Err("F-FORM");
    }
    let decoded = DecodedCode::from_text(text).map_err(|misfit| match misfit {
        CodeError::Incomplete => "F-PART",
        CodeError::Malformed(_) => "F-FORM",
        CodeError::Version(_) | CodeError::Profile(_) => "F-VER",
    })?;
    decoded.verify(trust).map_err(|misfit| match misfit {
        VerifyError::UnknownIssuer => "S-ISS",
        VerifyError::UnknownKey => "S-KEY",
        VerifyError::Signature => "S-SIG",
        VerifyError::KeyNotInForce => "S-KDT",
    })
}
