//! Replays the corpus of the fuzz targets that need this crate alone (`fuzz/README.md`), so
//! that what a fuzzer once found stays found in every test run.

use std::path::Path;

#[path = "../../../fuzz/bodies/certificate.rs"]
mod certificate;
#[path = "../../../fuzz/bodies/code.rs"]
mod code;
#[path = "../../../fuzz/bodies/document.rs"]
mod document;
#[path = "../../../fuzz/bodies/number.rs"]
mod number;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus is there") {
        let path = entry.expect("a corpus that can be listed").path();
        run(&std::fs::read(path).expect("an input that can be read"));
        inputs += 1;
    }
    assert!(inputs > 20, "{} has only {inputs} inputs", folder.display());
}

#[test]
fn codes_and_texts() {
    replay("code", code::run);
}

#[test]
fn certificates() {
    replay("dcc", certificate::dcc);
    replay("shc", certificate::shc);
    replay("nzcp", certificate::nzcp);
    replay("vds_nc", certificate::vds_nc);
}

#[test]
fn numbers_and_cards() {
    replay("number", number::run);
}

#[test]
fn zones_licences_and_passes() {
    replay("zone", document::zone);
    replay("licence", document::licence);
    replay("pass", document::pass);
}
