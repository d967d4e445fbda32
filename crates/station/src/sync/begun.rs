//! A directory that was begun, once the head names a newer snapshot of it.
//!
//! On a slow line a fresh snapshot may be published before the one that was begun is here, again
//! and again. A publisher keeps what it does not name any more for a while, and the steps of the
//! heads since then lead on from it: so what was begun is brought to its end, and to the state
//! that the newest head names. What comes out is proven by that head, whatever the way was.

use serde::{Deserialize, Serialize};
use yanma_domain::IssuerId;
use yanma_protocol::head::{FileList, FileRef};
use yanma_store::{DirectoryOf, Store, StoreError};

use super::part;

/// Setting: which directory is being fetched, and by which files.
const BEGUN_KEY: &str = "begun-directory";

/// The most bytes of steps that are taken after what was begun: a desk holds them in memory, some
/// 150 MB then. A publisher makes a fresh snapshot when there are 8 MB.
const MOST_STEPS: u64 = 12_000_000;

/// A directory that is being fetched whole.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    issuer: IssuerId,
    city: Option<u16>,
    /// Its snapshot, and the steps that lead from there to the state of the last head.
    list: FileList,
}

/// Which directory some was fetched of.
pub(super) fn which(store: &Store) -> Result<Option<DirectoryOf>, StoreError> {
    let begun = begun(store)?;
    Ok(begun.map(|Begun { issuer, city, .. }| DirectoryOf { issuer, city }))
}

/// The way to the state of a list over the snapshot that was begun, as a list; `None` where the
/// one that it names is no longer a way, or is that one.
pub(super) fn way_to(
    list: &FileList,
    of: DirectoryOf,
    store: &Store,
) -> Result<Option<FileList>, StoreError> {
    let begun = begun(store)?.filter(|begun| (begun.issuer, begun.city) == (of.issuer, of.city));
    Ok(begun.and_then(|Begun { list: begun, .. }| {
        leads_on(&begun, list, part::length_of(&part::path_of(store, &begun.snapshot)))
    }))
}

/// Keeps by which files a directory is being fetched.
pub(super) fn note(list: &FileList, of: DirectoryOf, store: &Store) -> Result<(), StoreError> {
    let DirectoryOf { issuer, city } = of;
    let steps = list.route(None).unwrap_or_default().into_iter().skip(1);
    let list = FileList { deltas: steps.copied().collect(), ..list.clone() };
    let now = Begun { issuer, city, list };
    if store.setting(BEGUN_KEY)?.as_ref() == Some(&now) {
        return Ok(());
    }
    store.set_setting(BEGUN_KEY, &now)
}

/// What is being fetched, as long as some of it is here.
fn begun(store: &Store) -> Result<Option<Begun>, StoreError> {
    let begun: Option<Begun> = store.setting(BEGUN_KEY)?;
    Ok(begun.filter(|begun| part::path_of(store, &begun.list.snapshot).exists()))
}

/// The way from a snapshot of which so much is here, and what led on from it, to the state of a
/// list; `None` when there is none, or when that of the list itself takes no more.
fn leads_on(begun: &FileList, list: &FileList, here: u64) -> Option<FileList> {
    if begun.epoch != list.epoch || begun.snapshot == list.snapshot {
        return None;
    }
    let bytes = |files: &[&FileRef]| files.iter().map(|file| file.bytes).sum::<u64>();
    let deltas = begun.deltas.iter().chain(&list.deltas).copied().collect();
    let both = FileList { snapshot: begun.snapshot, deltas, ..list.clone() };
    let route = both.route(None)?;
    let (_, steps) = route.split_first()?;
    let left = bytes(&route).saturating_sub(here);
    let is_shorter = bytes(steps) <= MOST_STEPS && left < bytes(&list.route(None)?);
    let steps: Vec<_> = steps.iter().copied().copied().collect();
    is_shorter.then_some(FileList { deltas: steps, ..both })
}

#[cfg(test)]
mod tests {
    use yanma_protocol::Digest;
    use yanma_protocol::file_name::{FeedName, FileName};

    use super::*;

    fn file(from: u32, to: u32, bytes: u64) -> FileRef {
        let sha256 = Digest([to as u8; 32]);
        let name = FileName::new(FeedName::Directory, from, to, &sha256);
        FileRef { name, from, to, bytes, sha256 }
    }

    fn list(epoch: u32, snapshot: FileRef, deltas: &[FileRef], sequence: u32) -> FileList {
        let (root, size, deltas) = (Digest([9; 32]), 1, deltas.to_vec());
        FileList { epoch, sequence, root, size, snapshot, deltas }
    }

    #[track_caller]
    fn check(begun: &FileList, now: &FileList, here: u64, expect: Option<&[(u32, u32)]>) {
        let way = leads_on(begun, now, here);
        let steps = way.as_ref().map(|way| {
            assert_eq!((way.snapshot, way.position()), (begun.snapshot, now.position()));
            assert_eq!((way.root, way.size), (now.root, now.size));
            way.deltas.iter().map(|step| (step.from, step.to)).collect::<Vec<_>>()
        });
        assert_eq!(steps.as_deref(), expect);
    }

    #[test]
    fn what_was_begun_leads_on_as_long_as_that_is_shorter() {
        let whole = 1000;
        let begun = list(1, file(0, 3, whole), &[file(3, 7, 300)], 7);
        let fresh = file(0, 8, whole);
        let next = list(1, fresh, &[file(6, 7, 50), file(7, 8, 60)], 8);
        check(&begun, &next, 361, Some(&[(3, 7), (7, 8)]));
        check(&begun, &next, 360, None);
        // By the step from the fresh snapshot on, which a later head names.
        let later = list(1, fresh, &[file(7, 8, 60), file(8, 30, 200)], 30);
        check(&begun, &later, 500, Some(&[(3, 7), (7, 8), (8, 30)]));
        let on = leads_on(&begun, &later, 500).unwrap();
        let much_later = list(1, fresh, &[file(8, 90, 280)], 90);
        check(&on, &much_later, 500, Some(&[(3, 7), (7, 8), (8, 90)]));
        check(&begun, &much_later, 999, None);
        // Another epoch, and the same snapshot.
        check(&begun, &FileList { epoch: 2, ..next.clone() }, 999, None);
        check(&begun, &FileList { snapshot: begun.snapshot, ..next }, 999, None);
    }

    #[test]
    fn steps_that_would_take_too_much_memory_are_not_taken() {
        let begun = |bytes| list(1, file(0, 1, 200_000_000), &[file(1, 2, bytes)], 2);
        let next = list(1, file(0, 3, 200_000_000), &[file(2, 3, 1000)], 3);
        check(&begun(MOST_STEPS - 1000), &next, 100_000_000, Some(&[(1, 2), (2, 3)]));
        check(&begun(MOST_STEPS - 999), &next, 100_000_000, None);
    }
}
