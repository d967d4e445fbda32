//! What was found under a key, such as the hash of a token, for as long as it is fresh.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use crate::database::{Database, DatabaseError, Session};
use crate::error::Error;

/// How old an answer of the database may be.
const FRESH: Duration = Duration::from_secs(1);

/// How long an answer counts while the database cannot be asked.
const AWAY: Duration = Duration::from_secs(600);

/// Whoever has not called for so many rounds of asking is forgotten: a minute.
const IDLE_ROUNDS: u8 = 120;

type Find<K, T> = fn(&Session<'_>, &[K]) -> Result<Vec<(K, T)>, Error>;

/// Things by key. What is not in the database is not kept here either: guesses of tokens
/// take no room.
#[derive(Debug)]
pub(super) struct Known<K, T> {
    find: Find<K, T>,
    most: usize,
    entries: RwLock<HashMap<K, Entry<T>>>,
    /// Counts what was forgotten, so that an answer from before is not kept.
    forgotten: AtomicU64,
}

#[derive(Debug)]
struct Entry<T> {
    thing: Arc<T>,
    /// When the database was asked.
    asked: Instant,
    /// Until when the answer counts without asking again.
    until: Instant,
    /// Rounds of asking since the last use.
    idle: AtomicU8,
}

impl<K, T> Known<K, T>
where
    K: Copy + Eq + Hash + Send + 'static,
    T: Send + Sync + 'static,
{
    pub(super) fn new(most: usize, find: Find<K, T>) -> Self {
        Self { find, most, entries: RwLock::default(), forgotten: AtomicU64::new(0) }
    }

    /// What stands under a key, `None` when there is nothing.
    pub(super) async fn get(&self, database: &Database, key: &K) -> Result<Option<Arc<T>>, Error> {
        let known = self.lookup(key)?;
        if let Some((thing, _, until)) = &known
            && Instant::now() < *until
        {
            return Ok(Some(Arc::clone(thing)));
        }
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let (asked, find, key) = (Instant::now(), self.find, *key);
        match database.read(move |session| find(session, &[key])).await {
            Ok(found) => {
                let thing = found.into_iter().next().map(|(_, thing)| Arc::new(thing));
                self.keep(key, thing.clone(), asked, forgotten)?;
                Ok(thing)
            }
            Err(error) => match known {
                Some((thing, asked, _)) if is_away(&error) && asked.elapsed() < AWAY => {
                    Ok(Some(thing))
                }
                _ => Err(error),
            },
        }
    }

    /// Forgets the things that are meant.
    pub(super) fn forget(&self, is_meant: impl Fn(&K, &T) -> bool) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        if let Ok(mut entries) = self.entries.write() {
            entries.retain(|key, entry| !is_meant(key, &entry.thing));
        }
    }

    /// Asks about everything at once, and forgets what nobody has used lately.
    pub(super) async fn ask_again(&self, database: &Database) -> Result<(), Error> {
        let keys = self.in_use()?;
        if keys.is_empty() {
            return Ok(());
        }
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let (asked, find) = (Instant::now(), self.find);
        let read = database.read(move |session| Ok((find(session, &keys)?, keys))).await;
        let mut entries = self.entries.write().map_err(|_| Error::Panicked)?;
        let (found, keys) = match read {
            Ok(read) => read,
            Err(error) => {
                if is_away(&error) {
                    // So that no request waits for a server that is away.
                    for entry in entries.values_mut() {
                        entry.until = (Instant::now() + FRESH).min(entry.asked + AWAY);
                    }
                }
                return Err(error);
            }
        };
        let mut found: HashMap<_, _> = found.into_iter().collect();
        if forgotten != self.forgotten.load(Ordering::SeqCst) {
            return Ok(());
        }
        for key in keys {
            match (found.remove(&key), entries.get_mut(&key)) {
                (Some(thing), Some(entry)) => {
                    entry.thing = Arc::new(thing);
                    (entry.asked, entry.until) = (asked, asked + FRESH);
                }
                (None, _) => drop(entries.remove(&key)),
                (Some(_), None) => {}
            }
        }
        Ok(())
    }

    fn lookup(&self, key: &K) -> Result<Option<(Arc<T>, Instant, Instant)>, Error> {
        let entries = self.entries.read().map_err(|_| Error::Panicked)?;
        Ok(entries.get(key).map(|entry| {
            entry.idle.store(0, Ordering::Relaxed);
            (Arc::clone(&entry.thing), entry.asked, entry.until)
        }))
    }

    fn keep(
        &self,
        key: K,
        thing: Option<Arc<T>>,
        asked: Instant,
        forgotten: u64,
    ) -> Result<(), Error> {
        let mut entries = self.entries.write().map_err(|_| Error::Panicked)?;
        let Some(thing) = thing else {
            entries.remove(&key);
            return Ok(());
        };
        let is_room = entries.len() < self.most || entries.contains_key(&key);
        if is_room && forgotten == self.forgotten.load(Ordering::SeqCst) {
            let until = asked + FRESH;
            entries.insert(key, Entry { thing, asked, until, idle: AtomicU8::new(0) });
        }
        Ok(())
    }

    fn in_use(&self) -> Result<Vec<K>, Error> {
        let mut entries = self.entries.write().map_err(|_| Error::Panicked)?;
        entries.retain(|_, entry| entry.idle.fetch_add(1, Ordering::Relaxed) < IDLE_ROUNDS);
        Ok(entries.keys().copied().collect())
    }
}

/// Whether nobody can say anything about the database's content now.
fn is_away(error: &Error) -> bool {
    matches!(error, Error::Database(DatabaseError::Lost(_) | DatabaseError::Busy))
}
