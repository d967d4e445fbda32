//! The directory of a province: built and changed on the disk, never held in memory.

use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentHash;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::directory_file::{
    DirectoryDelta, DirectoryRoot, DirectoryStep, SnapshotStream,
};
use yanma_protocol::envelope::{self, FileKind, Keys};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::FileList;
use yanma_protocol::{Digest, FeedError};
use yanma_store::{DirectoryOf, DirectoryRow, FeedState, FeedWrite, PackedBase, Store, StoreError};

use super::build::no_way;
use super::fetched::Came;
use super::part::Part;
use super::{Meter, Progress, Stage, SyncError};
use crate::desk::Desk;
use crate::error::DeskError;

/// Up to so many rows the root after a change is computed anew at once, which takes some
/// milliseconds. Beyond, it holds because of how it was reached (see [`DirectoryStep`]) and
/// is computed when base and overlay are folded, in a pass that is made anyway.
const PROVEN_AT_ONCE: u64 = 1 << 18;
/// After so many rows, some milliseconds' work, it is said how far a base is.
const SAID_EVERY_ROWS: u64 = 1 << 16;

/// A directory to come: a base that was built, changes over it or over the one in force.
pub(super) struct NextDirectory {
    base: Option<(PackedBase, FeedState)>,
    change: Option<Change>,
}

/// Which directory is to be built.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) of: DirectoryOf,
    pub(super) list: &'a FileList,
    pub(super) have: Option<FeedPosition>,
    /// Who may have signed it.
    pub(super) keys: Keys<'a>,
    /// The directory key that the desk has for it.
    pub(super) generation: u32,
    /// To whom it says how far it is.
    pub(super) meter: &'a Meter,
}

/// Changes as the store takes them.
pub(super) struct Change {
    from: FeedPosition,
    added: Vec<DirectoryRow>,
    removed: Vec<DocumentHash>,
}

impl Change {
    pub(super) fn as_write(&self, of: DirectoryOf, state: FeedState) -> FeedWrite<'_> {
        let from = (self.from.epoch, self.from.sequence);
        FeedWrite::DirectoryChange { of, from, state, added: &self.added, removed: &self.removed }
    }
}

impl NextDirectory {
    /// Builds what `files` lead to, beside the directory in force.
    pub(super) fn build(
        store: &Store,
        wanted: Wanted<'_>,
        snapshot: Option<&Part>,
        deltas: &[Came],
    ) -> Result<Self, DeskError> {
        let Wanted { of, list, have, keys, .. } = wanted;
        let base = match snapshot {
            Some(part) => {
                let packed = pack(store, part, wanted);
                // Neither a full disk nor a missing key makes the file another one: it is not
                // fetched again.
                let keep = matches!(
                    packed,
                    Err(DeskError::Store(_) | DeskError::Feed(SyncError::DirectoryKey { .. }))
                );
                if !keep {
                    part.remove();
                }
                Some(packed?)
            }
            None => None,
        };
        let open = |came: &Came| {
            let file = envelope::open(&came.bytes, FileKind::DirectoryDelta, of.issuer, keys);
            let delta = file.and_then(|file| DirectoryDelta::decode(&file));
            delta.map_err(|error| SyncError::File { file: came.name, error })
        };
        let steps: Result<Vec<_>, _> = deltas.iter().map(open).collect();
        let steps = steps?;
        let last = deltas.last().map(|came| came.name).or(snapshot.map(Part::name));
        let last = last.unwrap_or(list.snapshot.name);
        let refused = |error| SyncError::File { file: last, error };
        let state = match &base {
            Some((_, state)) => *state,
            None => stored_state(store, of, have)?.ok_or(no_way(list))?,
        };
        let from = FeedPosition { epoch: state.epoch, sequence: state.sequence };
        let step = DirectoryStep::join(from, state.root, &steps).map_err(refused)?;
        if Digest(step.root()) != list.root || step.to() != list.position() {
            return Err(refused(FeedError::RootMismatch).into());
        }
        let next = Self { base, change: None };
        if deltas.is_empty() {
            return Ok(next);
        }
        let places = next.places(store, of, &step)?;
        step.check(places.into_iter().map(|place| place.map(|index| index.0))).map_err(refused)?;
        let rows = step.rows_after(next.rows(store, of)?);
        let is_it = rows == u64::from(list.size)
            && (rows > PROVEN_AT_ONCE
                || next.root_after(store, of, &step, list.size)? == list.root);
        if !is_it {
            return Err(refused(FeedError::RootMismatch).into());
        }
        Ok(Self { change: Some(change_of(from, &step)), ..next })
    }

    /// Where the documents of the changes are before them.
    fn places(
        &self,
        store: &Store,
        of: DirectoryOf,
        step: &DirectoryStep,
    ) -> Result<Vec<Option<StatusIndex>>, StoreError> {
        let hashes: Vec<_> =
            step.changes().map(|change| DocumentHash::from_u64(change.hash)).collect();
        match &self.base {
            Some((base, _)) => base.places(hashes),
            None => store.places(of, &hashes),
        }
    }

    /// How many rows there are before the changes.
    fn rows(&self, store: &Store, of: DirectoryOf) -> Result<u64, StoreError> {
        match &self.base {
            Some((base, _)) => Ok(base.rows()),
            None => store.directory_len(of),
        }
    }

    /// The root over every row after the changes.
    fn root_after(
        &self,
        store: &Store,
        of: DirectoryOf,
        step: &DirectoryStep,
        size: u32,
    ) -> Result<Digest, DeskError> {
        let mut root = DirectoryRoot::new(size);
        let mut changes = step.changes().peekable();
        let mut lay = |row: DirectoryRow| {
            let hash = row.hash.as_u64();
            while let Some(new) = changes.next_if(|change| change.hash < hash) {
                new.now.into_iter().for_each(|index| root.push(new.hash, index));
            }
            let change = changes.next_if(|change| change.hash == hash);
            let now = change.map_or(Some(row.index.0), |change| change.now);
            now.into_iter().for_each(|index| root.push(hash, index));
        };
        match &self.base {
            Some((base, _)) => base.rows_into(lay)?,
            None => store.directory_rows(of, &mut lay)?,
        }
        for new in changes {
            new.now.into_iter().for_each(|index| root.push(new.hash, index));
        }
        Ok(Digest(root.finish()))
    }

    pub(super) fn into_parts(self) -> (Option<(PackedBase, FeedState)>, Option<Change>) {
        (self.base, self.change)
    }
}

/// Writes a snapshot into a base of its own; it is proven when this returns.
fn pack(
    store: &Store,
    part: &Part,
    wanted: Wanted<'_>,
) -> Result<(PackedBase, FeedState), DeskError> {
    let Wanted { of, list, keys, .. } = wanted;
    let refused = |error| DeskError::from(SyncError::File { file: part.name(), error });
    let file = part.open(FileKind::DirectorySnapshot, of.issuer, keys).map_err(refused)?;
    let stream = SnapshotStream::in_file(file, |at| part.from(at)).map_err(refused)?;
    let position = stream.position();
    let state = FeedState {
        epoch: position.epoch,
        sequence: position.sequence,
        root: stream.root(),
        as_of: jiff::Timestamp::UNIX_EPOCH,
    };
    // Before anything is written for it.
    let named = FeedPosition { sequence: list.snapshot.to, ..list.position() };
    if position != named {
        return Err(refused(FeedError::RootMismatch));
    }
    let generation = stream.key_generation();
    if generation != wanted.generation {
        return Err(SyncError::DirectoryKey { generation }.into());
    }
    let (feed, total) = (FeedName::Directory, u64::from(stream.count()));
    let mut done = 0;
    let base = store.pack_directory(|packer| {
        stream.for_each(|hash, index| {
            if done % SAID_EVERY_ROWS == 0 {
                wanted.meter.say(Progress { feed, stage: Stage::Build, done, total });
            }
            done += 1;
            let (hash, index) = (DocumentHash::from_u64(hash), StatusIndex(index));
            packer.push(DirectoryRow { hash, index }).map_err(Packing::Store)
        })
    });
    match base {
        Ok(base) => Ok((base, state)),
        Err(Packing::Feed(error)) => Err(refused(error)),
        Err(Packing::Store(error)) => Err(error.into()),
    }
}

/// What ends the packing of a snapshot.
enum Packing {
    Feed(FeedError),
    Store(StoreError),
}

impl From<FeedError> for Packing {
    fn from(error: FeedError) -> Self {
        Self::Feed(error)
    }
}

impl From<StoreError> for Packing {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The state in force, which is where deltas have to begin; `None` when the store has another.
fn stored_state(
    store: &Store,
    of: DirectoryOf,
    have: Option<FeedPosition>,
) -> Result<Option<FeedState>, StoreError> {
    let is_had = |state: &FeedState| {
        have == Some(FeedPosition { epoch: state.epoch, sequence: state.sequence })
    };
    Ok(store.directory_state(of)?.filter(is_had))
}

fn change_of(from: FeedPosition, step: &DirectoryStep) -> Change {
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for change in step.changes() {
        let hash = DocumentHash::from_u64(change.hash);
        if change.was_there {
            removed.push(hash);
        }
        let row = |index| DirectoryRow { hash, index: StatusIndex(index) };
        added.extend(change.now.map(row));
    }
    Change { from, added, removed }
}

impl Desk {
    /// Makes a new base of base and overlay when enough was laid over, and proves the root on
    /// the way. The desk is in step either way: what goes wrong is logged, and tried again
    /// after the next sync.
    pub(super) fn fold_directory(&self, of: DirectoryOf) {
        match self.try_fold(of) {
            Ok(()) => {}
            Err(StoreError::DirectoryDamaged { of }) => self.give_up_directory(of),
            Err(error) => tracing::warn!(%error, "the directory was not folded"),
        }
    }

    fn try_fold(&self, of: DirectoryOf) -> Result<(), StoreError> {
        let store = self.store();
        if store.is_read_only() || !store.fold_is_due(of)? {
            return Ok(());
        }
        let Some(state) = store.directory_state(of)? else { return Ok(()) };
        let rows = store.directory_len(of)?;
        let mut root = DirectoryRoot::new(u32::try_from(rows).unwrap_or(u32::MAX));
        let fold = store.fold_directory(of, |row| root.push(row.hash.as_u64(), row.index.0))?;
        let Some(fold) = fold else { return Ok(()) };
        if root.finish() != state.root {
            // The deltas were not what they said, or the disk is not what was written to it.
            return Err(StoreError::DirectoryDamaged { of });
        }
        let taken = store.take_fold(fold)?;
        tracing::info!(rows, taken, "the directory was folded into a new base");
        Ok(())
    }

    /// A directory that cannot be believed or read: no document is looked up in it any more,
    /// and the next sync takes the snapshot.
    pub(crate) fn give_up_directory(&self, of: DirectoryOf) {
        let store = self.store();
        if store.is_read_only() {
            return;
        }
        tracing::error!(%of, "the directory is given up, and will be fetched anew");
        if let Err(error) = store.forget_directory(of) {
            tracing::error!(%error, "the directory that was given up is still named");
        }
        self.unlearn_directory(of);
    }
}
