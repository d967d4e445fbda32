//! A province publishes: a first head with snapshots, one with 200,000 changes of the
//! directory, and one with 5,000 colours that changed.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use yanma_station::domain::status::StatusList;
use yanma_station::domain::verdict::FeedPosition;
use yanma_station::domain::{Colour, IssuerId, KeyId, KeySlot, StatusIndex};
use yanma_station::protocol::Digest;
use yanma_station::protocol::directory_file::{DirectoryDelta, DirectoryRows, DirectorySnapshot};
use yanma_station::protocol::envelope::Unsigned;
use yanma_station::protocol::file_name::FeedName;
use yanma_station::protocol::head::{FileList, FileRef, Head};
use yanma_station::protocol::status_file::{StatusDelta, StatusSnapshot};

use crate::figures::Figure;
use crate::support::people::PEOPLE;
use crate::support::province::{Signer, begin};
use crate::support::publishing::Press;

pub(crate) const CHANGES: u64 = 200_000;
const FLIPS: u32 = 5_000;

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The hash of a holder's document, and of those who come with the changes.
pub(crate) fn hash_of(holder: u32) -> u64 {
    let real = PEOPLE.iter().find(|person| person.index == holder);
    real.map_or_else(|| mixed(holder.into()), |person| person.hash())
}

/// Who goes with the changes; as many come.
pub(crate) fn goes(holders: u32) -> impl Iterator<Item = u32> {
    let count = (CHANGES / 2).min(u64::from(holders / 4)) as u32;
    (0..count).map(move |n| 100 + n * ((holders - 200) / count))
}

pub(crate) fn comes(holders: u32) -> impl Iterator<Item = u32> {
    goes(holders).zip(holders..).map(|(_, new)| new)
}

fn position(sequence: u32) -> FeedPosition {
    FeedPosition { epoch: 1, sequence }
}

fn keep(folder: &Path, feed: FeedName, from: u32, to: u32, unsigned: Unsigned) -> FileRef {
    let bytes = unsigned.sign(&|message| Signer::Feeds.sign(message));
    let file = FileRef::new(feed, from, to, &bytes);
    fs::write(folder.join("files").join(file.name.to_string()), bytes).unwrap();
    file
}

/// Writes the head with its trust and policy files, beside the files that all heads share.
fn put_head(folder: &Path, number: usize, press: &Press, head: &Head) {
    for list in [&head.feeds.trust, &head.feeds.policy] {
        let name = list.snapshot.name.to_string();
        fs::write(folder.join("files").join(&name), press.file(&name).unwrap()).unwrap();
    }
    let own = head_folder(folder, number);
    fs::create_dir_all(&own).unwrap();
    std::os::unix::fs::symlink(folder.join("files"), own.join("files")).unwrap();
    fs::write(own.join("head.yf"), press.seal(head)).unwrap();
}

/// A folder as on a stick, with the first, second or third head.
pub(crate) fn head_folder(folder: &Path, number: usize) -> std::path::PathBuf {
    folder.join(format!("head-{number}"))
}

/// Publishes everything, and says the bytes of each file.
pub(crate) fn all(folder: &Path, holders: u32) {
    const KEY: KeyId = KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::FEEDS };
    fs::create_dir_all(folder.join("files")).unwrap();
    let mut rows: Vec<_> = (0..holders).map(|holder| (hash_of(holder), holder)).collect();
    rows.sort_unstable();
    let gone: std::collections::HashSet<u32> = goes(holders).collect();
    let mut later: Vec<_> = rows.iter().filter(|row| !gone.contains(&row.1)).copied().collect();
    later.extend(comes(holders).map(|holder| (hash_of(holder), holder)));
    later.sort_unstable();
    let snapshot = |rows, sequence| DirectorySnapshot {
        position: position(sequence),
        key_generation: 1,
        rows: DirectoryRows::new(rows).unwrap(),
    };
    let (before, after) = (snapshot(rows, 1), snapshot(later, 2));
    let whole = keep(folder, FeedName::Directory, 0, 1, before.encode(KEY).unwrap());
    let change = DirectoryDelta::between(&before, &after).unwrap().encode(KEY).unwrap();
    let change = keep(folder, FeedName::Directory, 1, 2, change);
    let directory = |state: &DirectorySnapshot, deltas| FileList {
        epoch: 1,
        sequence: state.position.sequence,
        root: Digest(state.rows.root()),
        size: state.rows.len() as u32,
        snapshot: whole,
        deltas,
    };
    let directories = [directory(&before, vec![]), directory(&after, vec![change])];

    let mut list = StatusList::new(holders + CHANGES as u32);
    for n in 0..holders / 100 {
        let index = StatusIndex(50 + (mixed(u64::from(n) << 33) % u64::from(holders - 50)) as u32);
        list.set(index, Colour::Amber).unwrap();
    }
    for person in PEOPLE {
        list.set(StatusIndex(person.index), person.colour).unwrap();
    }
    let first = StatusSnapshot { position: position(1), list: list.clone() };
    let cleared: Vec<_> = list.iter_non_green().filter(|(index, _)| index.0 > 50).collect();
    for (index, _) in cleared.iter().step_by(30).take(FLIPS as usize / 2) {
        list.set(*index, Colour::Green).unwrap();
    }
    let flipped = cleared.iter().step_by(30).take(FLIPS as usize / 2).count() as u32;
    let mut more = (1_u64 << 40..).map(|n| 50 + (mixed(n) % u64::from(holders - 50)) as u32);
    for _ in flipped..FLIPS {
        let green = |index: &u32| list.get(StatusIndex(*index)) == Some(Colour::Green);
        let index = more.find(green).unwrap();
        list.set(StatusIndex(index), Colour::Amber).unwrap();
    }
    let second = StatusSnapshot { position: position(2), list };
    let all = keep(folder, FeedName::Status, 0, 1, first.encode(KEY).unwrap());
    let flips = StatusDelta::between(&first, &second).unwrap().encode(KEY).unwrap();
    let flips = keep(folder, FeedName::Status, 1, 2, flips);
    let status = |state: &StatusSnapshot, deltas| FileList {
        epoch: 1,
        sequence: state.position.sequence,
        root: Digest(state.list.root()),
        size: state.list.len(),
        snapshot: all,
        deltas,
    };
    let lists = [status(&first, vec![]), status(&second, vec![flips])];

    let mut press = Press::new(begin());
    for (number, directory, list) in [(1, 0, 0), (2, 1, 0), (3, 1, 1)] {
        let mut head = press.compose(begin() + jiff::SignedDuration::from_secs(number));
        head.number = number as u64;
        head.feeds.directory = directories[directory].clone();
        head.feeds.status = lists[list].clone();
        put_head(folder, number as usize, &press, &head);
    }
    let not_green = first.list.iter_non_green().count();
    println!("{} {} {} {} {not_green}", whole.bytes, change.bytes, all.bytes, flips.bytes);
    let _: Timestamp = begin();
}

/// Sizes beside what cannot be undercut.
pub(crate) fn figures(published: &[f64], holders: u32) -> Vec<Figure> {
    let (holders, not_green) = (f64::from(holders), published[4]);
    // A set of n hashes of 64 bits, and for each another of n indexes: 64 bits a row.
    let directory = holders * 8.0;
    let listed = holders + CHANGES as f64;
    let part = not_green / listed;
    let bits = |part: f64| -part * part.log2();
    let status = listed * (bits(part) + bits(1.0 - part)) / 8.0;
    let megabytes = 1e6;
    let beside = |what, measured, beside| Figure {
        what,
        measured: measured / megabytes,
        beside: beside / megabytes,
        at_most: 1.05,
        unit: "MB",
    };
    vec![
        beside("directory snapshot on the wire, beside its entropy", published[0], directory),
        beside("status snapshot on the wire, beside its entropy", published[2], status),
        Figure::up_to("delta of 5,000 colours on the wire", published[3] / 1e3, 10.0, "kB"),
    ]
}
