//! What the authority answers from: colour, directory and masked names in memory.
//!
//! The lists follow the table of holders by its revisions. They are brought up to date on
//! the writing thread after each commit, before the caller is answered, and twice a second
//! for changes that another process made to the same file: one way in for all of them.

pub(crate) mod issuing;
pub mod permutation;

use std::collections::HashMap;
use std::sync::{Mutex, RwLock};

use tokio::sync::watch;
use yanma_domain::document::DocumentHash;
use yanma_domain::name::MaskedName;
use yanma_domain::status::StatusList;
use yanma_domain::{Colour, StatusIndex};

use crate::claims;
use crate::database::Session;
use crate::error::Error;

/// The lists, shared by all requests.
#[derive(Debug)]
pub struct Lists {
    state: RwLock<State>,
    /// The last revision taken in; held while following, so that two followers do not pass
    /// each other.
    followed: Mutex<i64>,
    changed: watch::Sender<i64>,
}

#[derive(Debug)]
struct State {
    status: StatusList,
    directory: HashMap<DocumentHash, StatusIndex>,
    /// Every index that was issued: an index outside is nobody, whatever its cell says.
    names: HashMap<StatusIndex, MaskedName>,
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
    /// Keyed hash → index, strictly rising by hash.
    pub directory: Vec<(u64, u32)>,
}

impl Lists {
    /// Reads the lists from the database.
    ///
    /// # Errors
    ///
    /// [`Error::Database`], also for rows that do not fit their types.
    pub fn load(session: &Session<'_>) -> Result<Self, Error> {
        let lists = Self {
            state: RwLock::new(State {
                status: StatusList::new(0),
                directory: HashMap::new(),
                names: HashMap::new(),
            }),
            followed: Mutex::new(0),
            changed: watch::Sender::new(0),
        };
        lists.follow(session)?;
        Ok(lists)
    }

    /// Takes in every change that was committed since the last time.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); the lists are as they were then.
    pub fn follow(&self, session: &Session<'_>) -> Result<(), Error> {
        let mut followed = self.followed.lock().map_err(|_| Error::Panicked)?;
        let changes = claims::changed_after(session, *followed)?;
        let Some(last) = changes.last().map(|change| change.revision) else {
            return Ok(());
        };
        let issued = issuing::issued(session)?;
        {
            let mut state = self.state.write().map_err(|_| Error::Panicked)?;
            state.status.extend_to(permutation::list_length(issued));
            for change in changes {
                state
                    .status
                    .set(change.index, change.colour)
                    .map_err(|_| Error::Damaged("status index"))?;
                state.directory.insert(change.document, change.index);
                state.names.insert(change.index, change.name);
            }
        }
        *followed = last;
        self.changed.send_replace(last);
        Ok(())
    }

    /// Tells of every change of the lists.
    pub fn changes(&self) -> watch::Receiver<i64> {
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
        Ok(state.directory.get(&hash).and_then(|index| state.at(*index)))
    }

    /// How many codes were issued, withdrawn ones included.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn holders(&self) -> Result<u32, Error> {
        let state = self.state.read().map_err(|_| Error::Panicked)?;
        Ok(u32::try_from(state.names.len()).unwrap_or(u32::MAX))
    }

    /// A copy for publishing.
    ///
    /// # Errors
    ///
    /// [`Error::Panicked`].
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        let state = self.state.read().map_err(|_| Error::Panicked)?;
        let rows = state.directory.iter();
        let mut directory: Vec<_> = rows.map(|(hash, index)| (hash.as_u64(), index.0)).collect();
        directory.sort_unstable();
        Ok(Snapshot { status: state.status.clone(), directory })
    }
}

impl State {
    fn at(&self, index: StatusIndex) -> Option<ListedHolder> {
        Some(ListedHolder {
            index,
            colour: self.status.get(index)?,
            name: self.names.get(&index)?.clone(),
        })
    }
}
