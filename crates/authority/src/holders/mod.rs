//! Looking a holder up at the console: masked, and unmasked with a reason; the colours that a
//! code had; withdrawing it, and ending an account, at the counter.

mod table;

use std::net::IpAddr;

use jiff::Timestamp;
use yanma_domain::StatusIndex;
use yanma_protocol::entries::Subject;
use yanma_protocol::history::{HolderHistory, HolderHistoryRequest};
use yanma_protocol::holders::{
    EndAccountRequest, EndedAccount, HolderRecord, RevealRequest, Revealed, SearchBy,
    SearchRequest, TypedDocument, WithdrawCodeRequest,
};

use crate::accounts;
use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::claims;
use crate::clerks::Clerk;
use crate::colour::{self, Reader};
use crate::database::Session;
use crate::error::Error;
use crate::register;

/// Most codes in one answer.
const MOST_FOUND: u32 = 50;

/// Looks for holders, for somebody at an address; noted before anything is looked at.
///
/// # Errors
///
/// [`Error::Field`], [`Error::RateLimited`], and what the database says.
pub(crate) async fn search(
    authority: &Authority,
    (clerk, address): (&Clerk, IpAddr),
    request: SearchRequest,
    now: Timestamp,
) -> Result<Vec<HolderRecord>, Error> {
    request.check()?;
    authority.limits.look_up(clerk, address, now)?;
    let subject = match &request.by {
        SearchBy::Document(document) => document_in_audit(authority, document)?,
        SearchBy::Index(subject) => holder_in_audit(*subject),
        // A telephone number has no keyed hash of its own, and none in clear belongs here.
        SearchBy::Phone(_) => "telephone".to_owned(),
    };
    let note = Note::new(Deed::SearchHolders, subject).because(&request.reason);
    audit::note_first(&authority.database, clerk, note, now).await?;
    let issuer = authority.issuer();
    authority
        .database
        .read(move |session| match &request.by {
            SearchBy::Document(document) => {
                let person = register::find(session, &document.parse()?)?;
                person.map_or(Ok(Vec::new()), |person| table::of_person(session, issuer, person.id))
            }
            SearchBy::Phone(phone) => table::of_phone(session, issuer, phone.reveal()),
            SearchBy::Index(subject) if subject.issuer == issuer => {
                table::at(session, issuer, subject.index)
            }
            SearchBy::Index(_) => Ok(Vec::new()),
        })
        .await
}

/// Says who a holder is, to somebody at an address; noted before anything is looked at.
///
/// # Errors
///
/// [`Error::NotFound`] when no code was issued at this place, [`Error::Field`],
/// [`Error::RateLimited`], and what the database says.
pub(crate) async fn reveal(
    authority: &Authority,
    (clerk, address): (&Clerk, IpAddr),
    request: RevealRequest,
    now: Timestamp,
) -> Result<Revealed, Error> {
    request.check()?;
    authority.limits.look_up(clerk, address, now)?;
    let note = Note::new(Deed::RevealHolder, holder_in_audit(request.subject));
    let note = note.because(&request.reason);
    audit::note_first(&authority.database, clerk, note, now).await?;
    if request.subject.issuer != authority.issuer() {
        return Err(Error::NotFound("holder"));
    }
    authority
        .database
        .read(move |session| table::reveal(session, request.subject))
        .await?
        .ok_or(Error::NotFound("holder"))
}

/// Says which colours a code had, and why; noted before anything is looked at.
///
/// # Errors
///
/// As [`reveal`].
pub(crate) async fn history(
    authority: &Authority,
    (clerk, address): (&Clerk, IpAddr),
    request: HolderHistoryRequest,
    now: Timestamp,
) -> Result<HolderHistory, Error> {
    request.check()?;
    authority.limits.look_up(clerk, address, now)?;
    let subject = request.subject;
    let note = Note::new(Deed::ReadHistory, holder_in_audit(subject)).because(&request.reason);
    audit::note_first(&authority.database, clerk, note, now).await?;
    if subject.issuer != authority.issuer() {
        return Err(Error::NotFound("holder"));
    }
    let scheme = authority.scheme();
    let history = authority
        .database
        .read(move |session| {
            let had = table::had(session, subject)?.ok_or(Error::NotFound("holder"))?;
            colour::history(session, &had, Reader::Console, &scheme, now)
        })
        .await?;
    Ok(HolderHistory { subject, history })
}

/// Withdraws a code, for somebody at an address: of a person who does not get into the account
/// that claimed it, or whose code somebody else has claimed. Whoever is entitled may claim
/// again. A code that was withdrawn before stays as it is.
///
/// # Errors
///
/// [`Error::NotFound`] when no code was issued at this place, [`Error::Field`],
/// [`Error::RateLimited`], and what the database says.
pub(crate) async fn withdraw(
    authority: &Authority,
    (clerk, address): (&Clerk, IpAddr),
    request: WithdrawCodeRequest,
    now: Timestamp,
) -> Result<HolderRecord, Error> {
    request.check()?;
    authority.limits.look_up(clerk, address, now)?;
    let (subject, issuer) = (request.subject, authority.issuer());
    if subject.issuer != issuer {
        return Err(Error::NotFound("holder"));
    }
    let note = Note::new(Deed::WithdrawCode, holder_in_audit(subject)).because(&request.reason);
    let (clerk, scheme) = (clerk.clone(), authority.scheme());
    let (withdrawn, record) = authority
        .database
        .write(move |change| {
            let index = subject.index;
            let withdrawn = claims::withdraw_at(change, index, &scheme.within(change)?, now)?;
            let record = table::at(change, issuer, index)?.into_iter().next();
            let record = record.ok_or(Error::NotFound("holder"))?;
            audit::note(change, &clerk, note, now)?;
            Ok((withdrawn, record))
        })
        .await?;
    if let Some(holder) = withdrawn {
        authority.callers.forget_codes(holder.account);
    }
    Ok(record)
}

/// Ends the account of a person, for somebody at an address: of one who does not get into it any
/// more, or in whose name somebody else has opened it. Its codes are withdrawn; the person may
/// open another, and so may the family.
///
/// # Errors
///
/// [`Error::NotFound`] when the person has no account, [`Error::Field`],
/// [`Error::RateLimited`], and what the database says.
pub(crate) async fn end_account(
    authority: &Authority,
    (clerk, address): (&Clerk, IpAddr),
    request: EndAccountRequest,
    now: Timestamp,
) -> Result<EndedAccount, Error> {
    request.check()?;
    authority.limits.look_up(clerk, address, now)?;
    let whose = document_in_audit(authority, &request.document)?;
    let note = Note::new(Deed::EndAccount, whose).because(&request.reason);
    let (clerk, scheme, document) = (clerk.clone(), authority.scheme(), request.document.parse()?);
    let (account, codes_withdrawn) = authority
        .database
        .write(move |change| {
            let none = || Error::NotFound("account");
            let person = register::find(change, &document)?.ok_or_else(none)?;
            let account = accounts::end(change, person.id)?.ok_or_else(none)?;
            let scheme = scheme.within(change)?;
            let withdrawn = claims::withdraw_all(change, account, &scheme, now)?;
            audit::note(change, &clerk, note.with("codes_withdrawn", withdrawn), now)?;
            Ok((account, withdrawn))
        })
        .await?;
    authority.callers.forget_account(account);
    authority.callers.forget_codes(account);
    Ok(EndedAccount { codes_withdrawn })
}

/// Every place in the status list that a person has or had: entries of an old code are theirs
/// as well.
pub(crate) fn indexes_of_document(
    session: &Session<'_>,
    document: &TypedDocument,
) -> Result<Vec<StatusIndex>, Error> {
    match register::find(session, &document.parse()?)? {
        Some(person) => table::indexes(session, person.id),
        None => Ok(Vec::new()),
    }
}

/// Every place of whoever has this one.
pub(crate) fn indexes_beside(
    session: &Session<'_>,
    index: StatusIndex,
) -> Result<Vec<StatusIndex>, Error> {
    match table::person_at(session, index)? {
        Some(person) => table::indexes(session, person),
        None => Ok(Vec::new()),
    }
}

/// How a document stands in the audit: under the directory's keyed hash.
pub(crate) fn document_in_audit(
    authority: &Authority,
    document: &TypedDocument,
) -> Result<String, Error> {
    let hash = authority.keys.directory().hash(&document.parse()?);
    Ok(format!("document {:016x}", hash.as_u64()))
}

/// How a holder stands in the audit.
pub(crate) fn holder_in_audit(subject: Subject) -> String {
    format!("{}/{}", subject.issuer.0, subject.index.0)
}
