//! The log, sealed for the authority: for a desk without a network, and for whoever carries it.

use std::io::Write;

use yanma_domain::trust::Purpose;
use yanma_protocol::sealed_log::{Header, LoggedEntry, SealedLogWriter};
use yanma_store::{Entry, Filter};
use zeroize::Zeroizing;

use crate::check::random;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::log::{ExportError, Shown, days};
use crate::rights::Right;

impl Desk {
    /// Writes entries, oldest first, so that only the authority can read them
    /// ([`yanma_protocol::sealed_log`]), and says how many. It is written down who did it.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; [`DeskError::NotEnrolled`]; [`DeskError::NoFeedKey`] before
    /// the authority's list of keys has arrived; when the store cannot be read or `out` not be
    /// written. What was written by then opens nowhere.
    pub fn export_sealed(&self, filter: &Filter, out: impl Write) -> Result<u64, ExportError> {
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        let now = self.now();
        let knowledge = self.knowledge();
        let issuer = knowledge.trust.as_ref().and_then(|trust| trust.issuer(enrolment.issuer));
        let key = issuer.and_then(|issuer| issuer.newest_key(Purpose::Feeds, now));
        let header = Header {
            issuer: enrolment.issuer,
            sealed_for: key.ok_or(DeskError::NoFeedKey)?.public,
            station: enrolment.station.clone(),
            written_at: now,
        };
        self.reveal(Right::ExportLog, "export-sealed-log", days(filter).as_deref())?;
        let ephemeral = Zeroizing::new(random()?);
        let mut log = SealedLogWriter::begin(out, &header, &ephemeral)?;
        for entry in self.store().export(filter) {
            log.add(self.logged(&entry.map_err(DeskError::from)?)?)?;
        }
        Ok(log.finish(&enrolment.token)?)
    }

    fn logged(&self, entry: &Entry) -> Result<LoggedEntry, DeskError> {
        let Shown { name, document, .. } = Shown::of_entry(entry)?;
        Ok(LoggedEntry {
            number: entry.number.0,
            hash: hex::encode(entry.hash),
            operator: entry.operator.clone(),
            name: name.map(Into::into),
            document: document.map(Into::into),
            entry: self.upload_of(&entry.body).ok_or(DeskError::UnknownForm)?,
        })
    }
}
