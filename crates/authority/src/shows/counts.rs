//! Shows that were answered and are not counted on the disk yet.
//!
//! Four times a second what has gathered is written in one commit, under an id of its own: a
//! commit of which nothing is known is tried again under the same id and counts once. A
//! process that is killed loses the shows of the last moment, a second at most while the
//! database takes what it is given, and never counts one twice. A process that is stopped in
//! order loses none.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use yanma_domain::StatusIndex;

use super::table;
use crate::by_hand::new_id;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::Error;

/// How often what has gathered is written.
const WRITE_EACH: Duration = Duration::from_millis(250);

/// Holders whose shows may wait at once.
const MOST_HOLDERS: usize = 1 << 18;

/// A count is remembered for so many rounds after its last show: longer than a row that was
/// read from the database before it was written may be in use.
const ROUNDS: u8 = 12;

/// How often each code was shown, as far as it was shown here lately.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    state: Mutex<State>,
    closed: Notify,
}

#[derive(Debug, Default)]
struct State {
    counts: HashMap<StatusIndex, Count>,
    closed: bool,
}

#[derive(Debug)]
struct Count {
    /// On the disk, as far as is known.
    written: u32,
    /// To be written.
    waiting: u32,
    /// Rounds of writing since the last show.
    idle: u8,
}

impl Counts {
    /// Counts a show of a code that was shown `before` times according to the database;
    /// returns how many there are with this one.
    ///
    /// # Errors
    ///
    /// [`Error::JournalFull`]: it was not counted.
    pub(super) fn count(&self, index: StatusIndex, before: u32) -> Result<u32, Error> {
        let mut state = self.state()?;
        let is_room = state.counts.len() < MOST_HOLDERS || state.counts.contains_key(&index);
        if state.closed || !is_room {
            return Err(Error::JournalFull);
        }
        let fresh = Count { written: before, waiting: 0, idle: 0 };
        let count = state.counts.entry(index).or_insert(fresh);
        count.waiting += 1;
        count.idle = 0;
        Ok(count.written.saturating_add(count.waiting))
    }

    /// Counts nothing more; [`write_all`](Self::write_all) ends when the rest is written.
    pub(crate) fn close(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.closed = true;
        }
        self.closed.notify_one();
    }

    /// Writes what comes, until it is closed and everything is written.
    pub(crate) async fn write_all(&self, database: &Database, clock: &Clock) {
        loop {
            drop(timeout(WRITE_EACH, self.closed.notified()).await);
            match self.take() {
                Ok((shows, _)) if !shows.is_empty() => self.write(database, clock, &shows).await,
                Ok((_, true)) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// Writes shows, however often it has to be tried.
    async fn write(&self, database: &Database, clock: &Clock, shows: &[(StatusIndex, u32)]) {
        let mut id = None;
        for tried in 0u32.. {
            let now = clock.now();
            let written = match id.map_or_else(|| new_id(now), Ok) {
                Ok(batch) => {
                    id = Some(batch);
                    let shows = shows.to_vec();
                    database.write(move |change| table::write(change, batch, now, &shows)).await
                }
                Err(error) => Err(error),
            };
            match written {
                Ok(counts) => return self.settle(shows, &counts),
                Err(error) if tried.is_multiple_of(20) => {
                    tracing::error!(%error, waiting = shows.len(), "shows wait to be counted");
                }
                Err(_) => {}
            }
            tokio::time::sleep(WRITE_EACH).await;
        }
    }

    /// What waits, and whether nothing more comes. It stays in the counts until it is settled.
    fn take(&self) -> Result<(Vec<(StatusIndex, u32)>, bool), Error> {
        let mut state = self.state()?;
        state.counts.retain(|_, count| {
            count.idle = count.idle.saturating_add(1);
            count.waiting > 0 || count.idle < ROUNDS
        });
        let waiting = state.counts.iter().filter(|(_, count)| count.waiting > 0);
        let shows = waiting.map(|(index, count)| (*index, count.waiting)).collect();
        Ok((shows, state.closed))
    }

    /// Takes shows for written, and the counts that came of it.
    fn settle(&self, shows: &[(StatusIndex, u32)], counts: &[(StatusIndex, u32)]) {
        let Ok(mut state) = self.state() else { return };
        for (index, written) in shows {
            if let Some(count) = state.counts.get_mut(index) {
                count.waiting -= (*written).min(count.waiting);
                count.written = count.written.saturating_add(*written);
            }
        }
        for (index, written) in counts {
            if let Some(count) = state.counts.get_mut(index) {
                // Shows at other processes are among them.
                count.written = *written;
            }
        }
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, Error> {
        self.state.lock().map_err(|_| Error::Panicked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_goes_on_while_it_is_written() {
        let counts = Counts::default();
        let index = StatusIndex(7);
        assert_eq!(counts.count(index, 40).unwrap(), 41);
        assert_eq!(counts.count(index, 40).unwrap(), 42);
        let (shows, _) = counts.take().unwrap();
        assert_eq!(shows, [(index, 2)]);
        assert_eq!(counts.count(index, 40).unwrap(), 43, "what is being written is not lost");
        counts.settle(&shows, &[(index, 42)]);
        assert_eq!(counts.count(index, 42).unwrap(), 44);
        assert_eq!(counts.take().unwrap().0, [(index, 2)]);
    }

    #[test]
    fn shows_elsewhere_are_seen_with_the_next_writing() {
        let counts = Counts::default();
        let index = StatusIndex(7);
        counts.count(index, 0).unwrap();
        let (shows, _) = counts.take().unwrap();
        counts.settle(&shows, &[(index, 101)]);
        assert_eq!(counts.count(index, 0).unwrap(), 102);
    }

    #[test]
    fn what_is_not_shown_any_more_is_forgotten() {
        let counts = Counts::default();
        counts.count(StatusIndex(7), 0).unwrap();
        for _ in 0..2 * ROUNDS {
            counts.take().unwrap();
        }
        assert_eq!(counts.state().unwrap().counts.len(), 1, "it waits to be written");
        let (shows, _) = counts.take().unwrap();
        counts.settle(&shows, &[(StatusIndex(7), 1)]);
        for _ in 0..2 * ROUNDS {
            counts.take().unwrap();
        }
        assert!(counts.state().unwrap().counts.is_empty());
    }
}
