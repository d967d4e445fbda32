//! Publishing for a province: 20.71 million holders, one in a hundred not green.
//!
//! `cargo bench -p yanma-authority --bench publish` prints the sizes first, then the times.
//! Beside each time is its limit in the same run: the hash of the status list's cells, which
//! no publisher can do without, and a file of the same size written and synced.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "it prints sizes, which criterion does not")]

#[path = "desks/province.rs"]
mod province;

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use yanma_authority::feeds::{CityInput, Published};
use yanma_domain::StatusIndex;
use yanma_domain::trust::Words;
use yanma_protocol::city_list::CityCode;

use province::{FLIPS, Province, mixed};

const HOLDERS: u32 = 20_710_000;

fn sizes(province: &Province, published: &Published) {
    for name in &published.written {
        let path = province.folder.join("files").join(name.to_string());
        println!("  {name}: {} bytes", std::fs::metadata(path).unwrap().len());
    }
}

/// The directories of nine cities and of everybody else, a tenth of the holders each.
fn cities(province: &mut Province) {
    let code = |n: u64| CityCode(if n == 0 { 0 } else { 3500 + n as u16 });
    let name = |n| Words { zh: format!("城市 {n}"), en: format!("City {n}") };
    let names: Vec<_> = (0..10).map(|n| (code(n), name(n))).collect();
    let city_of = |index: StatusIndex| Some(code(mixed(u64::from(index.0)) % 10));
    let input = CityInput { names: &names, city_of: &city_of };
    for what in ["the directories of ten cities", "500 claims, cities and all"] {
        let begun = Instant::now();
        let published = province.publish_with(Some(input));
        println!("{what}: {:?}", begun.elapsed());
        sizes(province, &published);
        province.claim();
    }
}

fn publish(bench: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let now = "2020-07-01T00:00:00Z".parse().unwrap();
    let mut province = Province::new(folder.path(), HOLDERS, now);
    let begun = Instant::now();
    let first = province.publish();
    println!("first publication, both snapshots: {:?}", begun.elapsed());
    sizes(&province, &first);
    province.flip();
    let step = province.publish();
    println!("{FLIPS} flips:");
    sizes(&province, &step);
    cities(&mut province);

    let mut group = bench.benchmark_group("publish");
    group.sample_size(10);
    group.bench_function("5,000 flips", |bench| {
        bench.iter_custom(|times| {
            (0..times)
                .map(|_| {
                    province.flip();
                    let begun = Instant::now();
                    black_box(province.publish());
                    begun.elapsed()
                })
                .sum::<Duration>()
        });
    });
    group.bench_function("5,000 flips and 500 claims", |bench| {
        bench.iter_custom(|times| {
            (0..times)
                .map(|_| {
                    province.flip();
                    let begun = Instant::now();
                    province.claim();
                    black_box(province.publish());
                    begun.elapsed()
                })
                .sum::<Duration>()
        });
    });
    group.bench_function("no change: a fresh head", |bench| bench.iter(|| province.publish()));
    group.bench_function("limit: the root of the status list", |bench| {
        bench.iter(|| black_box(&province.status).root());
    });
    let path = folder.path().join("bare");
    group.bench_function("limit: 10 kB written and synced", |bench| {
        bench.iter(|| {
            let mut file = File::create(&path).unwrap();
            file.write_all(&[7; 10_000]).unwrap();
            file.sync_all().unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, publish);
criterion_main!(benches);
