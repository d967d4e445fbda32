//! Replays the corpus of the fuzz targets that need this crate alone (`fuzz/README.md`), so
//! that what a fuzzer once found stays found in every test run.

use std::path::Path;

#[path = "../../../fuzz/bodies/device.rs"]
mod device;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus is there") {
        let path = entry.expect("a corpus that can be listed").path();
        run(&std::fs::read(path).expect("an input that can be read"));
        inputs += 1;
    }
    assert!(inputs > 5, "{} has only {inputs} inputs", folder.display());
}

#[test]
fn scanners() {
    replay("scanner", device::scanner);
}

#[test]
fn card_readers() {
    replay("reader", device::reader);
}
