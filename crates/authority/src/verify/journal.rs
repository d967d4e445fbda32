//! Verifications that were answered and are not on the disk yet.
//!
//! An answer does not wait for the disk: it takes a place in the journal, and a task writes
//! what has gathered in one commit, some dozens of times a second. A receipt counts when its
//! record is written; a process that is killed loses the last moment, and the receipts of it
//! say so. While the database is away the journal fills; when it is full nothing more is
//! answered, because what is answered must be recorded.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::sleep;
use uuid::Uuid;
use yanma_protocol::verify::LegalBasis;

use super::page::Page;
use super::{Outcome, table};
use crate::database::Database;
use crate::database::stored::ms;
use crate::error::Error;
use crate::secret;
use crate::stations::Station;

/// Records that wait at most: about 20 MB, and some seconds of a province's busiest hour.
const MOST_RECORDS: usize = 1 << 18;

/// How long the first record waits for others.
const GATHER: Duration = Duration::from_millis(20);

/// Records in one page, beside those of the receipt that is cut.
const BATCH: usize = 4_096;

/// Records of one page are no further from its first, in milliseconds, so that a page is
/// found by a receipt's instant.
pub(super) const APART_MS: i64 = 60_000;

/// How long to wait after a batch could not be written.
const PAUSE: Duration = Duration::from_millis(250);

/// One verification as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(super) receipt: Uuid,
    /// The item's place in the request.
    pub(super) item: u16,
    pub(super) station: Arc<Station>,
    pub(super) at: Timestamp,
    pub(super) basis: Option<LegalBasis>,
    pub(super) outcome: Outcome,
}

/// Records on their way to the disk.
#[derive(Debug)]
pub(crate) struct Journal {
    /// Tells this process's receipts from those of others.
    run: u64,
    state: Mutex<State>,
    /// The number of the last receipt that is on the disk.
    written: AtomicU64,
    more: Notify,
    most: usize,
}

#[derive(Debug, Default)]
struct State {
    gathered: Vec<Record>,
    /// Gathered, or being written.
    held: usize,
    /// The number of the last receipt; the first is 1.
    last: u64,
    closed: bool,
}

/// A receipt is a UUID of version 7. Of the 80 bits behind its instant the first half are of
/// the process, and the last half count.
const HALF: u32 = 40;
const HALF_BITS: u64 = (1 << HALF) - 1;

impl Journal {
    pub(crate) fn new() -> Result<Self, Error> {
        Self::of_size(MOST_RECORDS)
    }

    fn of_size(most: usize) -> Result<Self, Error> {
        // As it stands in a receipt: version and variant take some of the bits.
        let (run, _) = parts(id(0, u64::from_be_bytes(secret::random()?), 0));
        Ok(Self {
            run,
            state: Mutex::default(),
            written: AtomicU64::new(0),
            more: Notify::new(),
            most,
        })
    }

    /// Takes in what was found for the items of one request, each with its place in it; returns
    /// the receipt.
    ///
    /// # Errors
    ///
    /// [`Error::JournalFull`]: nothing was taken in.
    pub(crate) fn take(
        &self,
        station: &Arc<Station>,
        at: Timestamp,
        found: &[(u16, Outcome, Option<LegalBasis>)],
    ) -> Result<Uuid, Error> {
        let mut state = self.state()?;
        if state.closed || state.held + found.len() > self.most {
            return Err(Error::JournalFull);
        }
        state.held += found.len();
        state.last += 1;
        let receipt = id(at.as_millisecond(), self.run, state.last);
        let was_empty = state.gathered.is_empty();
        state.gathered.extend(found.iter().map(|(item, outcome, basis)| Record {
            receipt,
            item: *item,
            station: Arc::clone(station),
            at,
            basis: *basis,
            outcome: *outcome,
        }));
        drop(state);
        if was_empty {
            self.more.notify_one();
        }
        Ok(receipt)
    }

    /// Whether a receipt of this process waits for its record to be written.
    pub(crate) fn is_waiting(&self, receipt: Uuid) -> Result<bool, Error> {
        let (run, number) = parts(receipt);
        let last = self.state()?.last;
        Ok(run == self.run && number <= last && number > self.written.load(Ordering::SeqCst))
    }

    /// Takes nothing more; [`write_all`](Self::write_all) ends when the rest is written.
    pub(crate) fn close(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.closed = true;
        }
        self.more.notify_one();
    }

    /// How many records are not on the disk.
    pub(crate) fn held(&self) -> usize {
        self.state.lock().map_or(0, |state| state.held)
    }

    /// Writes what comes, until the journal is closed and empty.
    pub(crate) async fn write_all(&self, database: &Database) {
        loop {
            let (records, last, closed) = match self.state() {
                Ok(mut state) => (std::mem::take(&mut state.gathered), state.last, state.closed),
                Err(_) => return,
            };
            if records.is_empty() {
                if closed {
                    return;
                }
                self.more.notified().await;
                sleep(GATHER).await;
                continue;
            }
            for batch in batches(&records) {
                write(database, batch).await;
                if let Ok(mut state) = self.state() {
                    state.held -= batch.len();
                }
            }
            self.written.store(last, Ordering::SeqCst);
        }
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, Error> {
        self.state.lock().map_err(|_| Error::Panicked)
    }
}

/// Writes a batch, however often it has to be tried.
async fn write(database: &Database, batch: &[Record]) {
    let page = match Page::pack(batch) {
        Ok(page) => Arc::new(page),
        Err(error) => return tracing::error!(%error, lost = batch.len(), "a page was not made"),
    };
    let mut tried = 0u32;
    loop {
        let page = Arc::clone(&page);
        match database.write(move |change| table::insert(change, &page)).await {
            Ok(()) => return,
            Err(error) => {
                if tried.is_multiple_of(20) {
                    let waiting = batch.len();
                    tracing::error!(%error, waiting, "verifications wait to be recorded");
                }
            }
        }
        tried += 1;
        sleep(PAUSE).await;
    }
}

/// Parts of about [`BATCH`] records that are within [`APART_MS`]; those of one receipt stay
/// together.
fn batches(records: &[Record]) -> impl Iterator<Item = &[Record]> {
    let mut left = records;
    std::iter::from_fn(move || {
        let begin = left.first()?.at;
        let near = |record: &&Record| (ms(record.at) - ms(begin)).abs() < APART_MS;
        let length = left.iter().take(BATCH).take_while(near).count();
        let (batch, rest) = left.split_at(length);
        let before = batch.last()?.receipt;
        let cut = rest.iter().take_while(|record| record.receipt == before).count();
        let (batch, later) = left.split_at(length + cut);
        left = later;
        Some(batch)
    })
}

/// A receipt.
pub(super) fn id(ms: i64, run: u64, number: u64) -> Uuid {
    let halves = u128::from(run & HALF_BITS) << HALF | u128::from(number & HALF_BITS);
    let [_, _, _, _, _, _, tail @ ..] = halves.to_be_bytes();
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(ms).unwrap_or(0), &tail).into_uuid()
}

/// The process and the number in a receipt.
pub(super) fn parts(receipt: Uuid) -> (u64, u64) {
    let halves = receipt.as_u128();
    ((halves >> HALF) as u64 & HALF_BITS, halves as u64 & HALF_BITS)
}

/// The milliseconds since 1970 that a receipt begins with.
pub(super) fn instant_ms(receipt: Uuid) -> i64 {
    let [a, b, c, d, e, f, ..] = receipt.into_bytes();
    i64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station() -> Arc<Station> {
        Arc::new(Station { id: "desk-1".into(), site: "gate-1".into() })
    }

    fn at() -> Timestamp {
        "2020-07-01T08:00:00Z".parse().unwrap()
    }

    fn found(count: u16) -> Vec<(u16, Outcome, Option<LegalBasis>)> {
        (0..count).map(|item| (item, Outcome::Unknown, None)).collect()
    }

    #[test]
    fn receipts_count_up_and_are_told_from_those_of_others() {
        let journal = Journal::new().unwrap();
        let other = Journal::new().unwrap();
        let first = journal.take(&station(), at(), &found(1)).unwrap();
        let second = journal.take(&station(), at(), &found(2)).unwrap();
        assert!(first < second);
        assert_eq!(first.get_version_num(), 7);
        assert_eq!(parts(second), (journal.run, 2));
        assert!(journal.is_waiting(first).unwrap());
        assert!(!other.is_waiting(first).unwrap());
        assert!(!journal.is_waiting(id(0, journal.run, 3)).unwrap(), "it was never given");
    }

    #[test]
    fn a_full_journal_takes_a_request_whole_or_not_at_all() {
        let journal = Journal::of_size(10).unwrap();
        journal.take(&station(), at(), &found(8)).unwrap();
        let refused = journal.take(&station(), at(), &found(3));
        assert!(matches!(refused, Err(Error::JournalFull)));
        journal.take(&station(), at(), &found(2)).unwrap();
        assert_eq!(journal.held(), 10);
    }

    #[test]
    fn records_of_one_receipt_are_written_together() {
        let journal = Journal::new().unwrap();
        let sizes = [1_000, 1_000, 1_000, 1_000, 1_000, 1, BATCH, 3];
        for size in sizes {
            journal.take(&station(), at(), &found(u16::try_from(size).unwrap())).unwrap();
        }
        let records = std::mem::take(&mut journal.state().unwrap().gathered);
        let batches: Vec<_> = batches(&records).collect();
        let lengths: Vec<_> = batches.iter().map(|batch| batch.len()).collect();
        assert_eq!(lengths, [5_000, 1 + BATCH, 3]);
        assert_eq!(batches.concat().len(), sizes.iter().sum::<usize>());
    }
}
