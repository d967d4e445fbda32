//! A code of another region that a traveller shows when they claim.

use jiff::{SignedDuration, Timestamp};
use yanma_domain::code::DecodedCode;
use yanma_domain::trust::TrustList;
use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::Secret;

use crate::error::Error;
use crate::register::Person;

/// How long after its end a code still counts, as at a desk: reading and sending it takes time.
const GRACE: SignedDuration = SignedDuration::from_secs(15);

/// How far ahead of our clock a code may be dated.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Where a verified code says its holder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) issuer: IssuerId,
    pub(crate) index: StatusIndex,
}

/// Verifies a code of another region that belongs to `person`. The colour in it is the one of
/// its issue and is not looked at.
///
/// # Errors
///
/// [`Error::HomeCodeUnknown`] when it cannot be verified or is one of ours,
/// [`Error::HomeCodeOld`], [`Error::HomeCodeOther`] for another name or kind of document.
pub(crate) fn read(
    text: &Secret,
    own: IssuerId,
    trust: &TrustList,
    person: &Person,
    now: Timestamp,
) -> Result<Shown, Error> {
    let decoded =
        DecodedCode::from_text(text.reveal().trim()).map_err(|_| Error::HomeCodeUnknown)?;
    let code = decoded.verify(trust).map_err(|_| Error::HomeCodeUnknown)?;
    let body = code.body();
    if body.key.issuer == own || body.issued_at.duration_since(now) > AHEAD {
        return Err(Error::HomeCodeUnknown);
    }
    if now.duration_since(body.expires_at()) >= GRACE {
        return Err(Error::HomeCodeOld);
    }
    let same_document = body.document_type == person.document.document_type();
    if !same_document || body.name != person.name.mask() {
        return Err(Error::HomeCodeOther);
    }
    Ok(Shown { issuer: body.key.issuer, index: body.index })
}
