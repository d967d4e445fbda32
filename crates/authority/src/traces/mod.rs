//! Who was where (溯源): questions about entries, each with a reason, each noted before it is
//! answered.

mod contacts;
mod table;

use std::net::IpAddr;

use jiff::Timestamp;
use yanma_domain::IssuerId;
use yanma_domain::StatusIndex;
use yanma_protocol::traces::{
    ContactTraceRequest, Cursor, HolderTraceRequest, SiteTraceRequest, Span, TracePage, Visit, Who,
};

use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks::Clerk;
use crate::database::Session;
use crate::error::Error;
use crate::holders;
use crate::lists::Lists;
use crate::stations;

pub(crate) use table::TABLE_2;

/// The places in one status list that belong to one person.
#[derive(Debug, Clone)]
struct Places {
    issuer: IssuerId,
    indexes: Vec<StatusIndex>,
}

/// Who was at a site.
///
/// # Errors
///
/// [`Error::Field`], [`Error::NotFound`] for an unknown site, and what the database says.
pub(crate) async fn at_site(
    authority: &Authority,
    clerk: &Clerk,
    request: SiteTraceRequest,
    now: Timestamp,
) -> Result<TracePage, Error> {
    request.check()?;
    let span = &request.span;
    let note = in_audit(Deed::TraceSite, request.site.clone(), span);
    audit::note_first(&authority.database, clerk, note, now).await?;
    let issuer = authority.issuer();
    let page = authority
        .database
        .read(move |session| {
            stations::find_site(session, &request.site)?.ok_or(Error::NotFound("site"))?;
            table::at_site(session, &request.site, &request.span)
        })
        .await?;
    named(page, issuer, &authority.lists)
}

/// Where a holder was, for somebody at an address.
///
/// # Errors
///
/// [`Error::Field`], [`Error::NotFound`] for somebody without a code,
/// [`Error::RateLimited`], and what the database says.
pub(crate) async fn of_holder(
    authority: &Authority,
    (clerk, address): (&Clerk, IpAddr),
    request: HolderTraceRequest,
    now: Timestamp,
) -> Result<TracePage, Error> {
    request.check()?;
    authority.limits.look_up(clerk, address, now)?;
    let note = in_audit(Deed::TraceHolder, who_in_audit(authority, &request.who)?, &request.span);
    audit::note_first(&authority.database, clerk, note, now).await?;
    let issuer = authority.issuer();
    let page = authority
        .database
        .read(move |session| {
            let places = places(session, issuer, &request.who)?;
            table::of_holder(session, &places, &request.span)
        })
        .await?;
    named(page, issuer, &authority.lists)
}

/// Who was where a holder was, at about the same time.
///
/// # Errors
///
/// As [`of_holder`]; [`Error::SpanHoldsTooMuch`] when the holder passed very many desks.
pub(crate) async fn near_holder(
    authority: &Authority,
    (clerk, address): (&Clerk, IpAddr),
    request: ContactTraceRequest,
    now: Timestamp,
) -> Result<TracePage, Error> {
    request.check()?;
    authority.limits.look_up(clerk, address, now)?;
    let subject = who_in_audit(authority, &request.who)?;
    let note = in_audit(Deed::TraceContacts, subject, &request.span)
        .with("within_minutes", request.within_minutes);
    audit::note_first(&authority.database, clerk, note, now).await?;
    let issuer = authority.issuer();
    let page = authority
        .database
        .read(move |session| {
            let places = places(session, issuer, &request.who)?;
            contacts::near(session, &places, request.within_minutes, &request.span)
        })
        .await?;
    named(page, issuer, &authority.lists)
}

fn in_audit(deed: Deed, subject: String, span: &Span) -> Note {
    let after = span.after.clone().map(String::from);
    let note = Note::new(deed, subject)
        .because(&span.reason)
        .with("from", span.from)
        .with("until", span.until)
        .with("limit", span.limit());
    match after {
        Some(after) => note.with("after", after),
        None => note,
    }
}

fn who_in_audit(authority: &Authority, who: &Who) -> Result<String, Error> {
    match who {
        Who::Document(document) => holders::document_in_audit(authority, document),
        Who::Index(subject) => Ok(holders::holder_in_audit(*subject)),
    }
}

fn places(session: &Session<'_>, own: IssuerId, who: &Who) -> Result<Places, Error> {
    let (issuer, indexes) = match who {
        Who::Document(document) => (own, holders::indexes_of_document(session, document)?),
        Who::Index(subject) if subject.issuer == own => {
            (subject.issuer, holders::indexes_beside(session, subject.index)?)
        }
        // Of another region's holders this authority knows what the desks saw.
        Who::Index(subject) => (subject.issuer, vec![subject.index]),
    };
    if indexes.is_empty() { Err(Error::NotFound("holder")) } else { Ok(Places { issuer, indexes }) }
}

/// Puts masked names and colours to a page, from memory.
fn named(mut page: TracePage, issuer: IssuerId, lists: &Lists) -> Result<TracePage, Error> {
    for visit in &mut page.visits {
        let own = visit.subject.filter(|subject| subject.issuer == issuer);
        if let Some(holder) = own.map(|subject| lists.at(subject.index)).transpose()?.flatten() {
            visit.name_masked = Some(holder.name.as_str().to_owned());
            visit.colour_now = Some(holder.colour);
        }
    }
    Ok(page)
}

/// A page of at most `limit` visits from one more than that, in order.
fn page(mut visits: Vec<Visit>, limit: usize) -> TracePage {
    let more = visits.len() > limit;
    visits.truncate(limit);
    let next = visits.last().filter(|_| more).map(|last| Cursor {
        site: last.site.clone(),
        at: last.at,
        id: last.id,
    });
    TracePage { visits, next }
}
