//! Logs that desks sealed for us, and that came another way than by the network
//! ([`yanma_protocol::sealed_log`]).

use std::io::{Read, Seek};

use yanma_protocol::batch::{Item, ItemOutcome, RefusedItem};
use yanma_protocol::entries::{EntryResult, EntryUpload, MAX_ENTRIES};
use yanma_protocol::sealed_log::{Header, LoggedEntry, SealedLogError, SealedLogReader};

use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks;
use crate::error::Error;
use crate::stations::{self, Station};

/// Why a sealed log is not read, or not taken in. Nothing was taken in then, unless the database
/// failed half way: the same file may be taken in again.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// The file.
    #[error(transparent)]
    Log(#[from] SealedLogError),
    /// A desk of another authority wrote it; take it there.
    #[error("it was sealed for issuer {0}")]
    AnotherIssuer(yanma_domain::IssuerId),
    /// There is no such station here, or it was revoked. What it says can be read, and is not
    /// taken in.
    #[error("no station {0:?} is in force here")]
    NoStation(String),
    /// Whoever wrote it has not the token of that station. A desk that was enrolled anew since
    /// writes the log again.
    #[error("station {0:?} has not written it, or was enrolled anew since")]
    AnotherWriter(String),
    /// The database.
    #[error(transparent)]
    Authority(#[from] Error),
}

/// What became of the entries of a sealed log.
#[derive(Debug, Default, serde::Serialize)]
pub struct TakenIn {
    /// Taken in now.
    pub accepted: u64,
    /// Known already.
    pub duplicate: u64,
    /// Not taken in: the desk says `rejected` of the same when it uploads them.
    pub rejected: Vec<EntryResult>,
}

impl Authority {
    /// Hands out the entries of a sealed log, the oldest first, until `take` says no; each with the
    /// header, which says who is said to have written it. That it was read, and why, is noted
    /// before the first entry.
    ///
    /// # Errors
    ///
    /// [`SealedError`]; what was handed out before an error is as it was sealed.
    pub async fn read_sealed_log(
        &self,
        file: impl Read,
        reason: &str,
        mut take: impl FnMut(&Header, LoggedEntry) -> bool,
    ) -> Result<(), SealedError> {
        let mut log = self.open_sealed_log(file)?;
        let header = log.header().clone();
        let note = Note::new(Deed::ReadSealedLog, &header.station).because(reason);
        self.note_by_hand(note.with("written_at", header.written_at)).await?;
        for entry in &mut log {
            if !take(&header, entry?) {
                break;
            }
        }
        Ok(())
    }

    /// Takes in the entries of a sealed log as if the station had uploaded them, once the whole
    /// file was read and is known to be that station's.
    ///
    /// # Errors
    ///
    /// [`SealedError`].
    pub async fn take_in_sealed_log(
        &self,
        mut file: impl Read + Seek,
    ) -> Result<TakenIn, SealedError> {
        let mut log = self.open_sealed_log(&mut file)?;
        let name = log.header().station.clone();
        let wanted = name.clone();
        let known = self.database.read(move |session| stations::in_force(session, &wanted)).await?;
        let (token, station) = known.ok_or_else(|| SealedError::NoStation(name.clone()))?;
        for entry in &mut log {
            entry?;
        }
        if log.is_of(&token) != Some(true) {
            return Err(SealedError::AnotherWriter(name));
        }
        let written_at = log.header().written_at;
        file.rewind().map_err(SealedLogError::from)?;
        let mut log = self.open_sealed_log(&mut file)?;
        let mut taken = TakenIn::default();
        loop {
            let entries: Vec<_> = log.by_ref().take(MAX_ENTRIES).collect::<Result<_, _>>()?;
            if entries.is_empty() {
                break;
            }
            self.take_in_logged(&station, entries, &mut taken).await?;
        }
        let note = Note::new(Deed::TakeInSealedLog, &station.id)
            .with("written_at", written_at)
            .with("accepted", taken.accepted)
            .with("duplicate", taken.duplicate)
            .with("rejected", taken.rejected.len());
        self.note_by_hand(note).await?;
        Ok(taken)
    }

    async fn take_in_logged(
        &self,
        station: &Station,
        entries: Vec<LoggedEntry>,
        taken: &mut TakenIn,
    ) -> Result<(), Error> {
        let checked = |LoggedEntry { entry, .. }: LoggedEntry| -> Result<EntryUpload, RefusedItem> {
            entry.check().map_err(|error| RefusedItem { id: Some(entry.id), error })?;
            Ok(entry)
        };
        let entries = entries.into_iter().map(checked).collect();
        let answers = super::take_in(&self.database, station, entries, self.clock.now()).await?;
        for answer in answers {
            match answer.outcome {
                ItemOutcome::Accepted => taken.accepted += 1,
                ItemOutcome::Duplicate => taken.duplicate += 1,
                ItemOutcome::Rejected => taken.rejected.push(answer),
            }
        }
        Ok(())
    }

    fn open_sealed_log<R: Read>(&self, file: R) -> Result<SealedLogReader<R>, SealedError> {
        let log = SealedLogReader::open(file, |own, theirs| self.keys.agree(own, theirs))?;
        let issuer = log.header().issuer;
        if issuer == self.issuer() { Ok(log) } else { Err(SealedError::AnotherIssuer(issuer)) }
    }

    async fn note_by_hand(&self, note: Note) -> Result<(), Error> {
        let now = self.clock.now();
        self.database
            .write(move |change| {
                let by = clerks::command_line(change, now)?;
                audit::note(change, &by, note, now)
            })
            .await
    }
}
