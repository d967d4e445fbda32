//! How long a person waits for the desk: from a decoded text to the verdict, and from there
//! to an entry that a power cut cannot take away.
//!
//! `cargo bench -p yanma-station --bench verdict`. The durable ones depend on the disk, so
//! a bare SQLite insert of the same bytes runs beside them; what counts is the ratio.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]

#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rusqlite::Connection;
use support::house::House;
use support::people::{GREEN, GUEST, card, code_of};
use yanma_station::domain::Colour;
use yanma_station::domain::code::Lifetime;
use yanma_station::domain::verdict::Decision;

/// Holders of a code in Fujian (`domain.md`).
const PROVINCE: u32 = 20_710_000;

/// A desk at work with a list of a province's size, one in a hundred not green.
fn house() -> House {
    let house = House::enrolled("general");
    house.province.change(|press| {
        press.extend_to(PROVINCE);
        (50..PROVINCE).step_by(100).for_each(|index| press.set(index, Colour::Amber));
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(house.desk.sync()).unwrap();
    assert_eq!(house.desk.standing().unwrap().holders, PROVINCE);
    house
}

fn to_the_verdict(bench: &mut Criterion) {
    let house = house();
    let mut group = bench.benchmark_group("verdict");
    for (name, reading) in [("text of a code", code_of(&GREEN).scanned()), ("chip card", card())] {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let verdict = house.desk.judge_only(black_box(std::slice::from_ref(&reading)));
                assert_eq!(verdict.unwrap().decision, Decision::Admit);
            });
        });
    }
}

fn to_the_durable_entry(bench: &mut Criterion) {
    let house = house();
    // Two persons in turn: the same one again would be no new entry.
    let turns = [GREEN, GUEST].map(|person| {
        code_of(&person).with(|body| body.lifetime = Lifetime::minutes(30).unwrap()).scanned()
    });
    let mut turn = 0;
    let mut group = bench.benchmark_group("durable");
    group.bench_function("text of a code to its entry", |bench| {
        bench.iter(|| {
            turn += 1;
            assert!(house.show(turns[turn % 2].clone()).recorded);
        });
    });

    let newest = house.desk.store().last(1).unwrap().remove(0);
    let receipt = newest.details.unwrap().receipt;
    let file = Connection::open(house.folder.path().join("bare.db")).unwrap();
    file.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bare (number INTEGER PRIMARY KEY, body BLOB, receipt BLOB);",
    )
    .unwrap();
    let mut insert = file.prepare("INSERT INTO bare (body, receipt) VALUES (?1, ?2)").unwrap();
    group.bench_function("bare SQLite insert of the same bytes", |bench| {
        bench.iter(|| insert.execute((&newest.body, &receipt)).unwrap());
    });
}

criterion_group!(benches, to_the_verdict, to_the_durable_entry);
criterion_main!(benches);
