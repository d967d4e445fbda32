//! Replays the corpus of the fuzz targets that read feeds (`fuzz/README.md`), so that what a
//! fuzzer once found stays found in every test run; and gives their bodies other inputs, which hold
//! a file read as a stream beside the whole, and steps beside a plain map.

#[path = "../../../fuzz/bodies/feed.rs"]
mod feed;
#[path = "../../../fuzz/replay.rs"]
mod replay;
#[path = "../../../fuzz/bodies/seal.rs"]
mod seal;
#[path = "../../../fuzz/bodies/step.rs"]
mod step;
#[path = "../../../fuzz/bodies/stream.rs"]
mod stream;

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::directory_file::{DirectoryRows, DirectorySnapshot};
use yanma_protocol::envelope::FileKind;

use replay::replay;

#[test]
fn files() {
    replay("feed", 20, feed::run);
    replay("cities", 8, feed::cities);
}

#[test]
fn files_as_streams() {
    replay("sealed", 7, stream::sealed);
    replay("snapshot", 15, stream::directory);
}

#[test]
fn steps() {
    replay("directory_step", 7, step::directory);
    replay("status_step", 7, step::status);
}

/// The payload of a directory's snapshot.
fn snapshot(rows: BTreeMap<u64, u32>) -> Vec<u8> {
    let rows = DirectoryRows::new(rows.into_iter().collect()).expect("a map is sorted");
    let position = FeedPosition { epoch: 1, sequence: 1 };
    let snapshot = DirectorySnapshot { position, key_generation: 1, rows };
    let file = snapshot.encode(seal::key_of(FileKind::DirectorySnapshot));
    file.expect("a small directory").payload().to_vec()
}

proptest! {
    #[test]
    fn any_bytes_are_taken(data in vec(any::<u8>(), 0..400)) {
        feed::run(&data);
        feed::cities(&data);
        stream::sealed(&data);
        stream::directory(&data);
        step::directory(&data);
        step::status(&data);
    }

    #[test]
    fn a_file_in_any_pieces_is_the_file(
        pieces in any::<u8>(), flaw in any::<[u8; 2]>(), kind in 1..8_u8,
        payload in vec(any::<u8>(), 0..3_000),
    ) {
        stream::sealed(&[&[pieces, flaw[0], flaw[1], kind], &payload[..]].concat());
    }

    #[test]
    fn a_snapshot_in_any_pieces_is_the_snapshot(
        pieces in any::<u8>(), rows in btree_map(any::<u64>(), any::<u32>(), 0..200),
        (at, by) in (any::<usize>(), any::<u8>()), cut in 0..4_usize,
    ) {
        let mut payload = snapshot(rows);
        stream::directory(&[&[pieces], &payload[..]].concat());
        let at = at % payload.len();
        payload[at] ^= by;
        payload.truncate(payload.len() - cut);
        stream::directory(&[&[pieces], &payload[..]].concat());
    }
}
