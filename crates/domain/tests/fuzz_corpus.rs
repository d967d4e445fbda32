//! Replays the corpus of the fuzz targets that need this crate alone (`fuzz/README.md`), so
//! that what a fuzzer once found stays found in every test run.

#[path = "../../../fuzz/bodies/certificate.rs"]
mod certificate;
#[path = "../../../fuzz/bodies/code.rs"]
mod code;
#[path = "../../../fuzz/bodies/document.rs"]
mod document;
#[path = "../../../fuzz/bodies/number.rs"]
mod number;
#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn codes_and_texts() {
    replay("code", 20, code::run);
}

#[test]
fn certificates() {
    replay("dcc", 20, certificate::dcc);
    replay("shc", 20, certificate::shc);
    replay("nzcp", 20, certificate::nzcp);
    replay("vds_nc", 20, certificate::vds_nc);
}

#[test]
fn numbers_and_cards() {
    replay("number", 20, number::run);
}

#[test]
fn zones_licences_and_passes() {
    replay("zone", 20, document::zone);
    replay("licence", 20, document::licence);
    replay("pass", 20, document::pass);
}
