//! The open file: one connection that writes, a few that read beside it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::directory::BaseReader;
use crate::lock::WriterLock;
use crate::open::{self, Access};
use crate::outbox::Settled;
use crate::{FileKey, StoreError};

/// Readers kept open between calls. A desk has a handful of threads that read.
const IDLE_READERS: usize = 4;

/// The station's open file. May be shared between threads: writes queue for one connection,
/// reads run beside them and see the last committed state.
///
/// Dropping it closes the file and lets the next program write.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    key: FileKey,
    // The readers are dropped before the writer: whoever closes last writes the log ahead
    // back into the file, and only the writer may.
    readers: Mutex<Vec<Connection>>,
    /// How often the file was closed and opened again under these readers.
    generation: AtomicU64,
    writer: Option<Mutex<Connection>>,
    /// Open bases of the directory.
    bases: Mutex<Vec<BaseReader>>,
    settled: Settled,
    /// Whether damage was met, and not looked at since.
    damaged: AtomicBool,
    // Dropped last: the connections must be closed before anyone else may write.
    _lock: Option<WriterLock>,
}

impl Store {
    pub(crate) fn writing(
        path: &Path,
        key: &FileKey,
        writer: Connection,
        lock: WriterLock,
    ) -> Self {
        Self {
            path: path.to_owned(),
            key: key.clone(),
            writer: Some(Mutex::new(writer)),
            readers: Mutex::default(),
            generation: AtomicU64::default(),
            bases: Mutex::default(),
            settled: Settled::default(),
            damaged: AtomicBool::default(),
            _lock: Some(lock),
        }
    }

    pub(crate) fn reading(path: &Path, key: &FileKey, reader: Connection) -> Self {
        Self {
            path: path.to_owned(),
            key: key.clone(),
            writer: None,
            readers: Mutex::new(vec![reader]),
            generation: AtomicU64::default(),
            bases: Mutex::default(),
            settled: Settled::default(),
            damaged: AtomicBool::default(),
            _lock: None,
        }
    }

    /// Where the file lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this store can only read.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// Whether a read or a write answered [`StoreError::Damaged`], so that it is time for
    /// [`Store::mend`].
    #[must_use]
    pub fn met_damage(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    pub(crate) fn key(&self) -> &FileKey {
        &self.key
    }

    pub(crate) fn bases(&self) -> &Mutex<Vec<BaseReader>> {
        &self.bases
    }

    pub(crate) fn settled(&self) -> &Settled {
        &self.settled
    }

    /// Keeps an open base for the next look-up.
    pub(crate) fn keep_base(&self, base: BaseReader) {
        let mut bases = locked(&self.bases);
        if bases.len() == IDLE_READERS {
            // The oldest: a base that was replaced is never asked for again.
            bases.remove(0);
        }
        bases.push(base);
    }

    /// Runs `work` in one transaction. It is on the disk when this returns `Ok`, and never
    /// happened when it returns an error.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let writer = self.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let mut writer = locked(writer);
        self.noting_damage(|| write_in(&mut writer, work))
    }

    /// The same also where this program only reads, beside another that works with the file:
    /// SQLite lets one write at a time. For what must be kept whoever works with it, and what no
    /// program remembers from one write to the next.
    pub(crate) fn write_beside<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.is_read_only() {
            return self.write(work);
        }
        write_in(&mut open::connect(&self.path, &self.key, Access::Beside)?, work)
    }

    /// Runs `work` on one unchanging state of the file.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.noting_damage(|| {
            let generation = self.generation.load(Ordering::Acquire);
            let mut reader = self.reader()?;
            let transaction = reader.transaction()?;
            let done = work(&transaction);
            // Nothing was written; a failing end of a read says no more than the read did.
            let ended = transaction.rollback();
            // After a failed read the connection is closed: a damaged page can leave it unfit.
            if done.is_ok() && ended.is_ok() {
                self.keep_reader(reader, generation);
            }
            done
        })
    }

    /// The same for a single statement, which needs no transaction to see one state: half of a
    /// short read is to begin and end one.
    pub(crate) fn read_one<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.noting_damage(|| {
            let generation = self.generation.load(Ordering::Acquire);
            let reader = self.reader()?;
            let done = work(&reader)?;
            self.keep_reader(reader, generation);
            Ok(done)
        })
    }

    fn noting_damage<T>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = work();
        if matches!(done, Err(StoreError::Damaged)) {
            self.damaged.store(true, Ordering::Relaxed);
        }
        done
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        // The lock is not held while one is opened.
        let idle = locked(&self.readers).pop();
        idle.map_or_else(|| open::connect(&self.path, &self.key, Access::Read), Ok)
    }

    fn keep_reader(&self, reader: Connection, generation: u64) {
        let mut readers = locked(&self.readers);
        let is_of_this_file = self.generation.load(Ordering::Acquire) == generation;
        if is_of_this_file && readers.len() < IDLE_READERS {
            readers.push(reader);
        }
    }

    /// Closes the file, has `work` look at it or put another in its place, and goes on with the
    /// connection that it answers. When it fails, nothing can be written until another try.
    pub(crate) fn replace<T>(
        &self,
        work: impl FnOnce(&Path, &FileKey) -> Result<(Connection, T), StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = locked(self.writer.as_ref().ok_or(StoreError::ReadOnly)?);
        self.close_readers();
        *writer = Connection::open_in_memory()?;
        let (connection, done) = work(&self.path, &self.key)?;
        *writer = connection;
        // Those that were opened meanwhile are another file's.
        self.close_readers();
        self.settled.forget();
        self.damaged.store(false, Ordering::Relaxed);
        Ok(done)
    }

    /// Closes those that rest; those at work are closed when they are done.
    fn close_readers(&self) {
        let mut readers = locked(&self.readers);
        self.generation.fetch_add(1, Ordering::AcqRel);
        readers.clear();
        locked(&self.bases).clear();
    }

    /// Brings the write-ahead log into the file and empties it. Readers that are at work may
    /// keep it from ending; what it holds is then overwritten by what follows.
    pub(crate) fn write_ahead_is_done(&self) -> Result<(), StoreError> {
        let writer = locked(self.writer.as_ref().ok_or(StoreError::ReadOnly)?);
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn raw(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<()>) {
        work(&locked(self.writer.as_ref().unwrap())).unwrap();
    }
}

fn write_in<T>(
    db: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

/// A panic while the lock was held rolled its transaction back, so the connection is fit.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, day, entry, fresh, reopen};
    use crate::{FeedName, FeedState, FeedWrite, Filter};

    /// SQLite answers a limit on the file's pages as it answers a disk without room.
    fn limit_pages(store: &Store, more: i64) {
        store.raw(|db| {
            let pages: i64 = db.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            db.execute_batch(&format!("PRAGMA max_page_count = {}", pages + more))
        });
    }

    #[test]
    fn a_full_disk_loses_nothing_and_is_left_again() {
        let (folder, store) = fresh();
        limit_pages(&store, 12);
        let mut kept = 0;
        let refused = loop {
            match store.append(&entry(kept + 1, day(0))) {
                Ok(number) => {
                    kept += 1;
                    assert_eq!(number.0, kept);
                }
                Err(error) => break error,
            }
            assert!(kept < 10_000, "the limit holds");
        };
        assert!(matches!(refused, StoreError::DiskFull), "{refused:?}");
        assert!(kept > 0);
        let blob = vec![1; 100_000];
        let state = FeedState { epoch: 1, sequence: 1, root: [0; 32], as_of: at(0) };
        let feed = || FeedWrite::Whole {
            issuer: yanma_domain::IssuerId::FUJIAN,
            feed: FeedName::Status,
            state,
            blob: &blob,
        };
        assert!(matches!(store.apply_feeds([feed()]), Err(StoreError::DiskFull)));
        assert_eq!(store.check().unwrap().entries, kept, "all that was acknowledged, no more");
        assert_eq!(store.due(at(0), 10_000).unwrap().len() as u64, kept);
        assert_eq!(store.feed_states().unwrap(), [], "no half a feed");

        limit_pages(&store, 1000);
        assert_eq!(store.append(&entry(kept + 1, day(0))).unwrap().0, kept + 1);
        store.apply_feeds([feed()]).unwrap();
        drop(store);
        assert_eq!(reopen(&folder).check().unwrap().entries, kept + 1);
    }

    #[test]
    fn a_failed_or_panicking_write_is_undone() {
        let (_folder, store) = fresh();
        let insert = "INSERT INTO settings VALUES ('half', '1')";
        let failed: Result<(), _> = store.write(|db| {
            db.execute(insert, [])?;
            Err(StoreError::Busy)
        });
        assert!(failed.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), _> = store.write(|db| {
                db.execute(insert, [])?;
                panic!("on purpose")
            });
        }));
        assert!(panicked.is_err());
        assert_eq!(store.setting::<u32>("half").unwrap(), None);
        store.append(&entry(1, day(0))).expect("the store goes on after a panic");
    }

    #[test]
    fn reads_run_beside_a_write() {
        let (_folder, store) = fresh();
        store.append(&entry(1, day(0))).unwrap();
        store
            .write(|db| {
                db.execute("INSERT INTO settings VALUES ('new', '1')", [])?;
                assert_eq!(store.setting::<u32>("new")?, None, "not before it is committed");
                assert_eq!(store.search(&Filter::default())?.len(), 1);
                Ok(())
            })
            .unwrap();
        assert_eq!(store.setting::<u32>("new").unwrap(), Some(1));
    }

    #[test]
    fn a_store_is_shared_between_threads() {
        let (_folder, store) = fresh();
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let store = &store;
                scope.spawn(move || {
                    for n in 1..=10 {
                        store.append(&entry(thread * 100 + n, day(0))).unwrap();
                        assert!(!store.last(5).unwrap().is_empty());
                    }
                });
            }
        });
        assert_eq!(store.check().unwrap().entries, 40);
    }
}
