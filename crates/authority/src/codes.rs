//! Makes codes (亮码): a body, a signature, a text; and counts them.

use jiff::{SignedDuration, Timestamp};
use yanma_domain::code::{CodeBody, CodeHost, DecodedCode, Lifetime, Profile};
use yanma_domain::{IssuerId, KeyId};
use yanma_protocol::Secret;
use yanma_protocol::shows::ShowResponse;

use crate::claims::{self, HolderRow};
use crate::colour::LastKnown;
use crate::database::Change;
use crate::error::Error;
use crate::keys::KeyRing;
use crate::register::Person;
use crate::shows;

/// Everything a show needs beside the person.
pub(crate) struct Press<'a> {
    pub(crate) issuer: IssuerId,
    pub(crate) keys: &'a KeyRing,
    pub(crate) scheme: LastKnown,
    pub(crate) host: &'a CodeHost,
}

impl Press<'_> {
    /// The code of a holder as it is at an instant.
    ///
    /// # Errors
    ///
    /// [`Error::CodeOutOfRange`] when the instant does not fit a code.
    pub(crate) fn sign(
        &self,
        holder: &HolderRow,
        lifetime: Lifetime,
        issued_at: Timestamp,
    ) -> Result<DecodedCode, Error> {
        let body = CodeBody {
            key: KeyId { issuer: self.issuer, slot: self.keys.code_slot() },
            profile: Profile::Ed25519,
            colour: holder.colour,
            document_type: holder.person.document.document_type(),
            // A code carries whole seconds; cut, not rounded, so that it is not from the
            // future.
            issued_at: Timestamp::from_second(issued_at.as_second())
                .map_err(|_| Error::CodeOutOfRange)?,
            lifetime,
            index: holder.index,
            document: self.keys.directory_for_codes(issued_at).hash(&holder.person.document),
            name: holder.person.name.mask(),
        };
        let input = body.signing_input().map_err(|_| Error::CodeOutOfRange)?;
        let signature = self.keys.sign_code(&input);
        DecodedCode::new(body, signature).map_err(|_| Error::CodeOutOfRange)
    }

    /// A fresh code of a holder as its citizen gets it.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub(crate) fn show(
        &self,
        holder: &HolderRow,
        lifetime: Lifetime,
        issued_at: Timestamp,
        shown_count: u32,
    ) -> Result<ShowResponse, Error> {
        let code = self.sign(holder, lifetime, issued_at)?;
        let body = code.body();
        Ok(ShowResponse {
            text: Secret::new(code.to_text(self.host)),
            colour: holder.colour,
            amber_name: self.scheme.amber_name,
            name_masked: body.name.as_str().to_owned(),
            document_masked: holder.person.document.masked(),
            issued_at: body.issued_at,
            expires_at: body.expires_at(),
            lifetime_seconds: u32::try_from(lifetime.duration().as_secs()).unwrap_or(u32::MAX),
            shown_count,
        })
    }
}

/// Signs a fresh code for the person and counts it. The count is in the caller's commit, so
/// a code that was answered was counted. This is the way of the command line; citizens are
/// served by [`shows`].
///
/// `age` makes the code that much older than `now`, for drills; it is zero for a show.
///
/// # Errors
///
/// [`Error::NoCode`], or [`Error::CodeOutOfRange`] when the instant does not fit a code.
pub(crate) fn show(
    change: &Change<'_>,
    person: &Person,
    press: &Press<'_>,
    lifetime: Lifetime,
    age: SignedDuration,
    now: Timestamp,
) -> Result<ShowResponse, Error> {
    let holder = claims::current(change, person, &press.scheme.within(change)?, now)?;
    let shown_count = shows::count_now(change, holder.index, now)?;
    let issued_at = now.checked_sub(age).map_err(|_| Error::CodeOutOfRange)?;
    press.show(&holder, lifetime, issued_at, shown_count)
}
