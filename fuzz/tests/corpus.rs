//! Replays the corpus through the bodies of the targets, without a fuzzer.

#[path = "../bodies/certificate.rs"]
mod certificate;
#[path = "../bodies/code.rs"]
mod code;
#[path = "../bodies/device.rs"]
mod device;
#[path = "../bodies/document.rs"]
mod document;
#[path = "../bodies/feed.rs"]
mod feed;
#[path = "../bodies/number.rs"]
mod number;
#[path = "../bodies/picture.rs"]
mod picture;
#[path = "../bodies/seal.rs"]
mod seal;
#[path = "../bodies/step.rs"]
mod step;
#[path = "../bodies/stream.rs"]
mod stream;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus is there") {
        let path = entry.expect("a corpus that can be listed").path();
        run(&std::fs::read(path).expect("an input that can be read"));
        inputs += 1;
    }
    assert!(inputs > 5, "{folder} has only {inputs} inputs");
}

#[test]
fn code_corpus() {
    replay("code", code::run);
}

#[test]
fn number_corpus() {
    replay("number", number::run);
}

#[test]
fn feed_corpora() {
    replay("feed", feed::run);
    replay("cities", feed::cities);
    replay("sealed", stream::sealed);
    replay("snapshot", stream::directory);
    replay("directory_step", step::directory);
    replay("status_step", step::status);
}

#[test]
fn certificate_corpora() {
    replay("dcc", certificate::dcc);
    replay("shc", certificate::shc);
    replay("nzcp", certificate::nzcp);
    replay("vds_nc", certificate::vds_nc);
}

#[test]
fn picture_corpora() {
    replay("picture", picture::loader);
    replay("grey", picture::decoder);
}

#[test]
fn document_corpora() {
    replay("zone", document::zone);
    replay("licence", document::licence);
    replay("pass", document::pass);
}

#[test]
fn device_corpora() {
    replay("scanner", device::scanner);
    replay("reader", device::reader);
}
