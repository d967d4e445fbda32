//! Replays the corpus of the fuzz targets that need this crate alone (`fuzz/README.md`), so
//! that what a fuzzer once found stays found in every test run.

#[path = "../../../fuzz/bodies/device.rs"]
mod device;
#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn scanners() {
    replay("scanner", 5, device::scanner);
}

#[test]
fn card_readers() {
    replay("reader", 5, device::reader);
}
