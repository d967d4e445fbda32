//! How long a tour group of a thousand takes: taken in, checked ahead, and each of them let
//! in with an entry that a power cut cannot take away. No network is asked.
//!
//! `cargo bench -p yanma-station --bench lists`.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]

#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use std::fmt::Write;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use support::house::House;
use uuid::Uuid;
use yanma_station::Done;

/// People of the group.
const GROUP: u32 = 1000;

/// A resident number of the made-up area 350100 with its check character (GB 11643).
fn number(n: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = format!("350100{}{:03}", 19_700_101 + n / 1000 % 28, n % 1000);
    let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap();
    format!("{digits}{check}")
}

fn file() -> Vec<u8> {
    let mut text = "姓名,身份证号,房号,入住晚数\n".to_owned();
    for n in 0..GROUP {
        writeln!(text, "游客{n},{},{},1", number(n), 1000 + n / 2).unwrap();
    }
    text.into_bytes()
}

/// A hotel's desk that is in step, and then alone.
fn house() -> (House, Date) {
    let house = House::enrolled("general");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(house.desk.sync()).unwrap();
    let today = house.desk.now().to_zoned(TimeZone::system()).date();
    (house, today)
}

fn take(house: &House, today: Date) -> Uuid {
    let taken = house.desk.take_list("旅行团", today, &file()).unwrap();
    assert_eq!((taken.people, taken.problems), (GROUP as usize, 0));
    taken.list
}

fn a_thousand(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("a thousand");
    group.sample_size(10);
    group.bench_function("taken in and checked ahead", |bench| {
        bench.iter_batched(
            house,
            |(house, today)| {
                let list = take(&house, today);
                house.desk.check_list(list, |_, _| {}).unwrap();
                assert_eq!(house.desk.lists().unwrap()[0].checked, GROUP);
                house
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("judged at the desk, with their entries", |bench| {
        bench.iter_batched(
            || {
                let (house, today) = house();
                let list = take(&house, today);
                (house, list)
            },
            |(house, list)| {
                for line in 2..GROUP + 2 {
                    assert!(house.desk.present_listed(list, line).unwrap().recorded);
                }
                house
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("judged and let in, two entries each", |bench| {
        bench.iter_batched(
            || {
                let (house, today) = house();
                let list = take(&house, today);
                (house, list)
            },
            |(house, list)| {
                for line in 2..GROUP + 2 {
                    let checked = house.desk.present_listed(list, line).unwrap();
                    house.desk.finish(checked.entry, &Done::default()).unwrap();
                }
                assert_eq!(house.desk.lists().unwrap()[0].arrived, GROUP);
                house
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, a_thousand);
criterion_main!(benches);
