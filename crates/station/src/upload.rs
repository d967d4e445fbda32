//! Entries on their way to the authority: sent until it answers for each.

use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use yanma_protocol::batch::ItemOutcome;
use yanma_protocol::entries::EntriesRequest;

use yanma_store::OutboxRow;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::record::EntryBody;
use crate::status::Connection;

/// Entries in one request.
const PIECE: u32 = 200;
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// What became of one round of uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// Entries that the authority has now, or had already.
    pub sent: usize,
    /// Entries it will not take. They are kept, and shown.
    pub rejected: usize,
}

impl Desk {
    /// Sends every entry that is due. An entry is sent again until the authority has
    /// answered for it, and the authority takes each id once.
    ///
    /// # Errors
    /// When the authority could not be reached or the store not be written; what was not
    /// answered for stays due, later and later up to a minute.
    pub async fn upload(&self) -> Result<Uploaded, DeskError> {
        let authority = self.authority()?;
        let mut total = Uploaded::default();
        loop {
            let now = self.now();
            let due = self.store.due(now, PIECE)?;
            let mut entries = Vec::with_capacity(due.len());
            for row in &due {
                match self.upload_of(&row.body) {
                    Some(upload) => entries.push(upload),
                    None => {
                        self.store.mark_rejected(row.id, "unknown-form")?;
                        total.rejected += 1;
                    }
                }
            }
            if entries.is_empty() {
                return Ok(total);
            }
            let request = EntriesRequest { entries };
            let response = authority.upload(&request).await;
            let response = match response {
                Ok(response) => response,
                Err(error) => {
                    self.set_connection(Connection::Offline);
                    self.upload_trouble.store(error.is_trouble(), Ordering::Relaxed);
                    self.postpone(&due, now)?;
                    self.heed(&error, &authority);
                    return Err(error.into());
                }
            };
            self.set_connection(Connection::Online);
            self.upload_trouble.store(false, Ordering::Relaxed);
            let mut answered = 0;
            let mut sent = Vec::new();
            for result in &response.results {
                let Some(id) = result.id else { continue };
                if !request.entries.iter().any(|entry| entry.id == id) {
                    continue;
                }
                answered += 1;
                match result.outcome {
                    ItemOutcome::Accepted | ItemOutcome::Duplicate => {
                        sent.push(id);
                    }
                    ItemOutcome::Rejected => {
                        let reason = result.reason.as_deref().unwrap_or("rejected");
                        self.store.mark_rejected(id, reason)?;
                        total.rejected += 1;
                    }
                }
            }
            self.store.mark_sent(&sent)?;
            total.sent += sent.len();
            // An answer that speaks of none of them would have us ask for ever.
            if answered == 0 {
                self.postpone(&due, now)?;
                return Ok(total);
            }
        }
    }

    /// What is sent of a kept entry. One from before the enrolment goes out under the
    /// station's name of today.
    pub(crate) fn upload_of(&self, body: &[u8]) -> Option<yanma_protocol::entries::EntryUpload> {
        let mut body: EntryBody = serde_json::from_slice(body).ok()?;
        if body.station.is_none() {
            body.station = Some(self.enrolment()?.station.clone());
        }
        body.upload()
    }

    /// Tries these again later, the later the more often they failed.
    fn postpone(&self, due: &[OutboxRow], now: Timestamp) -> Result<(), DeskError> {
        let attempts = due.iter().map(|row| row.attempts).max().unwrap_or_default();
        let ids: Vec<_> = due.iter().map(|row| row.id).collect();
        self.store.postpone(&ids, now + wait_after(attempts))?;
        Ok(())
    }
}

fn wait_after(attempts: u32) -> SignedDuration {
    let doubled = FIRST_WAIT.saturating_mul(1 << attempts.min(5));
    doubled.min(LONGEST_WAIT)
}
