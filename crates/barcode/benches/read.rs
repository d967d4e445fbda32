//! What one 1280×720 frame costs: with a code, without one, for every desk format.

#[expect(dead_code, reason = "shared with tests")]
#[path = "../tests/frame/mod.rs"]
mod frame;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use yanma_barcode::mrz::read_zone;
use yanma_barcode::{Budget, Formats, draw, load, read};

fn frames(criterion: &mut Criterion) {
    let desk = frame::desk(1280, 720, 1);
    let text = format!("HTTPS://YM.TEST/{}", "31415926".repeat(28));
    let code = draw::qr_for_code(&text).expect("a health code").to_grey(5, 4);
    let with_code = frame::noisy(&frame::lay(&desk, &code, (700.0, 350.0), 11.0), 12, 2);
    let dark = frame::lay(&desk, &frame::inverted(&code), (700.0, 350.0), 11.0);
    let cases = [
        ("code, QR only", &with_code, Formats::CODES),
        ("code, desk formats", &with_code, Formats::DESK),
        ("dark mode, QR only", &dark, Formats::CODES),
        ("no code, QR only", &desk, Formats::CODES),
        ("no code, desk formats", &desk, Formats::DESK),
    ];
    let mut group = criterion.benchmark_group("read 1280×720");
    group.sample_size(30);
    for (name, picture, formats) in cases {
        group.bench_function(name, |bench| {
            bench.iter(|| black_box(read(picture, &formats, Budget::LIVE)));
        });
    }
    group.finish();
}

/// A page with a zone, and a desk without one: the second is what every empty frame costs.
fn zones(criterion: &mut Criterion) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/zone/pictures");
    let page = |name: &str| {
        let bytes = std::fs::read(format!("{folder}/{name}.png")).expect("the page is there");
        load(&bytes).expect("the page is a picture")
    };
    let mut group = criterion.benchmark_group("zone 1280×720");
    group.sample_size(30);
    for (name, picture) in [
        ("passport", page("td3-specimen")),
        ("passport, refused", page("td3-specimen")),
        ("entry permit", page("cr-specimen")),
        ("desk without one", frame::desk(1280, 720, 1)),
    ] {
        let accept = |text: &str| !name.ends_with("refused") && text.contains('<');
        group.bench_function(name, |bench| bench.iter(|| black_box(read_zone(&picture, accept))));
    }
    group.finish();
}

criterion_group!(benches, frames, zones);
criterion_main!(benches);
