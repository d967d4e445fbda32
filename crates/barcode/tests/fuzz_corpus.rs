//! Replays the corpus of the fuzz targets for pictures (`fuzz/README.md`), so that what a fuzzer
//! once found stays found in every test run.

#[path = "../../../fuzz/bodies/picture.rs"]
mod picture;
#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn picture_files() {
    replay("picture", 5, picture::loader);
}

#[test]
fn grey_pictures() {
    replay("grey", 5, picture::decoder);
}
