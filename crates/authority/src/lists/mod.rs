//! What the authority answers from: colour, directory and masked names in memory.
//!
//! The lists follow the table of holders by the revisions of its shards. They are brought up
//! to date on the writing thread after each commit, before the caller is answered, and twice a second
//! for changes that another process made to the same file: one way in for all of them.

mod cities;
mod directory;
pub(crate) mod issuing;
mod names;
mod permutation;
mod shard;

use std::collections::BTreeMap;
use std::sync::{Mutex, RwLock};

use tokio::sync::watch;
use yanma_domain::document::{DirectoryKey, DocumentHash};
use yanma_domain::name::MaskedName;
use yanma_domain::status::StatusList;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::directory_file::DirectoryRows;

pub use self::cities::Cities;
use self::directory::Directory;
use self::names::Names;
pub(crate) use self::shard::Shard;
use crate::claims::{self, ListChange};
use crate::database::Session;
use crate::error::Error;

/// Changes that are taken in at a time: what a start holds beside the lists.
const BATCH: u32 = 65_536;

/// Newer rows that are put into the directory's base while the lists follow, so that a
/// start does not gather a province above it.
const NEWER_ROWS: usize = 1 << 20;

/// The lists, shared by all requests.
#[derive(Debug)]
pub struct Lists {
    /// Documents are hashed under it.
    key: DirectoryKey,
    state: RwLock<State>,
    /// The last revision of each shard that was taken in; held while following, so that two
    /// followers do not pass each other.
    followed: Mutex<BTreeMap<Shard, i64>>,
    /// Held while the directory's base is made anew, so that no maker undoes another's.
    settling: Mutex<()>,
    /// How often something was taken in.
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    status: StatusList,
    directory: Directory,
    /// Every index that was issued: an index outside is nobody, whatever its cell says.
    names: Names,
    cities: Cities,
}

/// A holder as a desk may see one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedHolder {
    /// The place in the status list.
    pub index: StatusIndex,
    /// The colour now.
    pub colour: Colour,
    /// 张*明
    pub name: MaskedName,
}

/// A copy of the lists at one moment, for publishing.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Index → colour.
    pub status: StatusList,
    /// Keyed hash → index.
    pub directory: DirectoryRows,
    /// Whether the directory has everybody who has a cell in the status list.
    pub is_whole: bool,
}

impl Lists {
    /// Reads the lists from the database; documents are hashed under `key`.
    ///
    /// # Errors
    ///
    /// [`Error::Database`], also for rows that do not fit their types.
    pub fn load(session: &Session<'_>, key: DirectoryKey) -> Result<Self, Error> {
        let lists = Self {
            key,
            state: RwLock::new(State {
                status: StatusList::new(0),
                directory: Directory::default(),
                names: Names::default(),
                cities: Cities::default(),
            }),
            // Asked before the rows: what changes while they are read is followed later.
            followed: Mutex::new(issuing::revisions(session)?),
            settling: Mutex::new(()),
            changed: watch::Sender::new(0),
        };
        let mut changes = Vec::with_capacity(BATCH as usize);
        claims::each_for_lists(session, &lists.key, |change| {
            changes.push(change);
            if changes.len() >= BATCH as usize {
                lists.take_in(changes.drain(..))?;
            }
            Ok(())
        })?;
        lists.take_in(changes.drain(..))?;
        Ok(lists)
    }

    /// Takes in every change that was committed since the last time.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); the lists are as they were then.
    pub fn follow(&self, session: &Session<'_>) -> Result<(), Error> {
        let mut followed = self.followed.lock().map_err(|_| Error::Panicked)?;
        for (shard, newest) in issuing::revisions(session)? {
            let mut last = followed.get(&shard).copied().unwrap_or(0);
            while last < newest {
                let changes = claims::changed_after(session, shard, last, BATCH, &self.key)?;
                // Rows are committed with the revision of their shard: without any, what was
                // counted has been changed again since, and was taken in.
                last = changes.last().map_or(newest, |(revision, _)| *revision);
                self.take_in(changes.into_iter().map(|(_, change)| change))?;
                followed.insert(shard, last);
            }
        }
        Ok(())
    }

    fn take_in(&self, changes: impl IntoIterator<Item = ListChange>) -> Result<(), Error> {
        let newer = {
            let mut state = self.state.write().map_err(|_| Error::Panicked)?;
            for change in changes {
                state.take_in(change)?;
            }
            state.directory.newer()
        };
        if newer > NEWER_ROWS {
            self.settle()?;
        }
        self.changed.send_modify(|times| *times += 1);
        Ok(())
    }

    /// Tells of every change of the lists.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The holder at an index; `None` when the index was never issued.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn at(&self, index: StatusIndex) -> Result<Option<ListedHolder>, Error> {
        let state = self.state.read().map_err(|_| Error::Panicked)?;
        Ok(state.at(index))
    }

    /// The holder of a document.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn of_document(&self, hash: DocumentHash) -> Result<Option<ListedHolder>, Error> {
        let state = self.state.read().map_err(|_| Error::Panicked)?;
        Ok(state.directory.get(hash).and_then(|index| state.at(index)))
    }

    /// How many codes were issued, withdrawn ones included.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn holders(&self) -> Result<u32, Error> {
        let state = self.state.read().map_err(|_| Error::Panicked)?;
        Ok(state.names.issued())
    }

    /// A copy of everybody's city. Taken after a snapshot, it has whoever is in that.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn cities(&self) -> Result<Cities, Error> {
        Ok(self.state.read().map_err(|_| Error::Panicked)?.cities.clone())
    }

    /// How often somebody's city has changed; read before [`cities`](Self::cities) it is not
    /// ahead of them.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn city_moves(&self) -> Result<u64, Error> {
        Ok(self.state.read().map_err(|_| Error::Panicked)?.cities.moves())
    }

    /// A copy for publishing, with the whole directory.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        // The status is read after the directory: a person in it has a cell.
        let directory = self.settle()?;
        let state = self.state.read().map_err(|_| Error::Panicked)?;
        Ok(Snapshot { status: state.status.clone(), directory, is_whole: true })
    }

    /// A copy for publishing, with the directory as it was when it was last made whole: a copy of
    /// that takes a pass over all of it.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn snapshot_but_directory(&self) -> Result<Snapshot, Error> {
        let state = self.state.read().map_err(|_| Error::Panicked)?;
        let (status, directory) = (state.status.clone(), state.directory.base());
        Ok(Snapshot { status, directory, is_whole: state.directory.newer() == 0 })
    }

    /// Puts what is newer into the base of the directory, away from the lock; returns it.
    fn settle(&self) -> Result<DirectoryRows, Error> {
        let _settling = self.settling.lock().map_err(|_| Error::Panicked)?;
        let (base, newer) = self.state.read().map_err(|_| Error::Panicked)?.directory.parts();
        if newer.is_empty() {
            return Ok(base);
        }
        let merged = base.with(newer).map_err(|_| Error::Damaged("directory"))?;
        drop(base);
        let mut state = self.state.write().map_err(|_| Error::Panicked)?;
        state.directory.settle(merged.clone());
        Ok(merged)
    }
}

impl State {
    fn take_in(&mut self, change: ListChange) -> Result<(), Error> {
        let ListChange { index, document, colour, name, city } = change;
        if index.0 >= self.status.len() {
            self.status.extend_to(permutation::length_with(index));
        }
        self.status.set(index, colour).map_err(|_| Error::Damaged("status index"))?;
        // A document leads to the code in force; to a withdrawn one only while there is no
        // other. Changes of different shards come in no order.
        if let Some(document) = document
            && (colour != Colour::Withdrawn || self.directory.get(document).is_none())
        {
            self.directory.insert(document, index);
        }
        self.names.set(index, &name);
        self.cities.set(index, city);
        Ok(())
    }

    fn at(&self, index: StatusIndex) -> Option<ListedHolder> {
        Some(ListedHolder { index, colour: self.status.get(index)?, name: self.names.get(index)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(n: u32, colour: Colour) -> ListChange {
        let name = MaskedName::parse("张*明").unwrap();
        let document = Some(DocumentHash::from_u64(u64::from(n) << 40));
        ListChange { index: StatusIndex(n), document, colour, name, city: None }
    }

    #[test]
    fn while_the_directory_rests_colours_go_out_and_nobody_is_forgotten() {
        let lists = Lists {
            key: DirectoryKey::from_bytes([9; 32]),
            state: RwLock::new(State {
                status: StatusList::new(0),
                directory: Directory::default(),
                names: Names::default(),
                cities: Cities::default(),
            }),
            followed: Mutex::default(),
            settling: Mutex::new(()),
            changed: watch::Sender::new(0),
        };
        lists.take_in([change(1, Colour::Green)]).unwrap();
        let whole = lists.snapshot().unwrap();
        assert_eq!((whole.directory.len(), whole.is_whole), (1, true));

        lists.take_in([change(1, Colour::Amber)]).unwrap();
        let resting = lists.snapshot_but_directory().unwrap();
        assert_eq!(resting.status.get(StatusIndex(1)), Some(Colour::Amber));
        assert!(resting.is_whole, "another colour is no other row");
        lists.take_in([change(2, Colour::Green)]).unwrap();
        let resting = lists.snapshot_but_directory().unwrap();
        assert_eq!((&resting.directory, resting.is_whole), (&whole.directory, false));
        let found = lists.of_document(DocumentHash::from_u64(2 << 40)).unwrap();
        assert_eq!(found.map(|holder| holder.index), Some(StatusIndex(2)), "here it is known");

        let whole = lists.snapshot().unwrap();
        assert_eq!((whole.directory.len(), whole.is_whole), (2, true));
        let quiet = lists.snapshot_but_directory().unwrap();
        assert_eq!((&quiet.directory, quiet.is_whole), (&whole.directory, true));
    }
}
