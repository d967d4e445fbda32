//! Replays what a fuzzer keeps of a target, in the tests of the crate that it needs.

use std::path::Path;

/// Runs each input of `target`'s corpus; fails when there are not `more_than` so many.
pub(crate) fn replay(target: &str, more_than: usize, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus is there") {
        let path = entry.expect("a corpus that can be listed").path();
        run(&std::fs::read(path).expect("an input that can be read"));
        inputs += 1;
    }
    assert!(inputs > more_than, "{} has only {inputs} inputs", folder.display());
}
