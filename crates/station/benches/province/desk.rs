//! The desk with a province in it.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use yanma_station::domain::code::Lifetime;
use yanma_station::domain::document::DocumentHash;
use yanma_station::domain::{IssuerId, StatusIndex};
use yanma_station::{Desk, Mode, StandingClock};

use crate::bare::{Disk, Table};
use crate::figures::{Figure, quantile};
use crate::holders;
use crate::publish::{comes, goes, hash_of, head_folder, mixed};
use crate::support::house::enrolment;
use crate::support::people::{GREEN, GUEST, code_of};
use crate::support::province::{Province, begin};

const LOOK_UPS: u64 = 20_000;

pub(crate) fn folder(folder: &Path) -> PathBuf {
    folder.join("desk")
}

fn open(place: &Path) -> Desk {
    let clock = Arc::new(StandingClock::at(begin()));
    Desk::at(&folder(place), Mode::Work, clock).unwrap().desk
}

fn import(desk: &Desk, place: &Path, head: usize) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let started = Instant::now();
    let synced = runtime.block_on(desk.import(&head_folder(place, head))).unwrap();
    let elapsed = started.elapsed();
    assert_eq!(synced.head, head as u64);
    elapsed
}

/// A line of `/proc/self/status`, in MB.
fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let found = status.lines().find_map(|each| each.strip_prefix(line)).unwrap();
    let kib: f64 = found.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap();
    kib * 1024.0 / 1e6
}

/// Enrols a desk, loads the province, and says the seconds, the memory before and at most,
/// and with the province loaded after a new start.
pub(crate) fn load(place: &Path) {
    let clock = Arc::new(StandingClock::at(begin()));
    let desk = Desk::at(&folder(place), Mode::Work, clock.clone()).unwrap().desk;
    desk.enrol_with(enrolment("general"), Province::new(&clock)).unwrap();
    let idle = memory("VmRSS");
    let elapsed = import(&desk, place, 1);
    println!("{} {idle} {}", elapsed.as_secs_f64(), memory("VmHWM"));
    assert_eq!(desk.store().directory_len(IssuerId::FUJIAN).unwrap(), u64::from(holders()));
}

pub(crate) fn load_figures(loaded: &[f64], bare: f64, place: &Path) -> Vec<Figure> {
    let files = std::fs::read_dir(folder(place)).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    vec![
        Figure::up_to("the desk's files, encrypted", bytes as f64 / 1e6, 300.0, "MB"),
        Figure {
            what: "loading both snapshots, beside verifying and decoding them",
            measured: loaded[0],
            beside: bare,
            at_most: 4.0,
            unit: "s",
        },
        Figure::up_to("memory while loading, above idle", loaded[2] - loaded[1], 150.0, "MB"),
    ]
}

/// One holder out of all, at random.
fn somebody(n: u64) -> u32 {
    (mixed(n << 20) % u64::from(holders())) as u32
}

/// The hash of nobody's document.
fn nobody(n: u64) -> u64 {
    mixed(1 << 60 | n)
}

/// Times of look-ups in µs, one by one, of holders or of nobody.
fn times(mut look_up: impl FnMut(u64) -> Option<u32>, from: u64, known: bool) -> Vec<f64> {
    (from..from + LOOK_UPS)
        .map(|n| {
            let holder = known.then(|| somebody(n));
            let hash = holder.map_or_else(|| nobody(n), hash_of);
            let started = Instant::now();
            let found = look_up(black_box(hash));
            let elapsed = started.elapsed();
            assert_eq!(found, holder);
            elapsed.as_secs_f64() * 1e6
        })
        .collect()
}

pub(crate) fn look_ups(place: &Path) -> Vec<Figure> {
    let desk = open(place);
    let knowledge = desk.knowledge();
    let started = Instant::now();
    for n in 0..1_000_000 {
        let index = StatusIndex(somebody(n));
        black_box(knowledge.colour_of(IssuerId::FUJIAN, index)).unwrap();
    }
    let by_code = started.elapsed().as_secs_f64();

    let plain = Table::filled(&place.join("plain.db"), holders(), false);
    let encrypted = Table::filled(&place.join("encrypted.db"), holders(), true);
    let own = |hash| {
        let found = desk.store().find(DocumentHash::from_u64(hash)).unwrap();
        found.first().map(|(_, index)| index.0)
    };
    let mut figures = vec![Figure::up_to("look-up by code", by_code, 1.0, "µs")];
    for (known, name) in [
        (true, ["look-up by document, encrypted both", "the same, the bare table plain"]),
        (false, ["look-up of nobody's document, encrypted both", "the same, the bare table plain"]),
    ] {
        // The first round warms; then the three take turns, and each is asked the same.
        let (mut ours, mut bare_plain, mut bare_encrypted) = (vec![], vec![], vec![]);
        for round in 0..6 {
            let from = round * LOOK_UPS;
            let three = [
                times(own, from, known),
                times(|hash| plain.get(hash), from, known),
                times(|hash| encrypted.get(hash), from, known),
            ];
            if round > 0 {
                let [one, two, three] = three;
                ours.extend(one);
                bare_plain.extend(two);
                bare_encrypted.extend(three);
            }
        }
        let ours = quantile(&mut ours, 0.5);
        for (what, beside, at_most) in
            [(name[0], &mut bare_encrypted, 2.0), (name[1], &mut bare_plain, 2.5)]
        {
            let beside = quantile(beside, 0.5);
            figures.push(Figure { what, measured: ours, beside, at_most, unit: "µs" });
        }
    }
    figures
}

pub(crate) fn entries(place: &Path) -> Vec<Figure> {
    let desk = open(place);
    let mut disk = Disk::new(&place.join("bare"));
    let turns = [GREEN, GUEST].map(|person| {
        code_of(&person).with(|body| body.lifetime = Lifetime::minutes(30).unwrap()).scanned()
    });
    let (mut ours, mut whole, mut bare, mut ratios) = (vec![], vec![], vec![], vec![]);
    for n in 0..1_000 {
        let one = disk.wait() * 1e3;
        let reading = std::slice::from_ref(&turns[n % 2]);
        // To the verdict alone, and again to the entry: the difference is the entry.
        let started = Instant::now();
        black_box(desk.judge_only(reading).unwrap());
        let to_the_verdict = started.elapsed().as_secs_f64() * 1e3;
        let started = Instant::now();
        let checked = desk.present(reading).unwrap();
        let to_the_entry = started.elapsed().as_secs_f64() * 1e3;
        assert!(checked.recorded);
        if n >= 50 {
            let other = to_the_entry - to_the_verdict;
            ours.push(other);
            whole.push(to_the_entry);
            bare.push(one);
            ratios.push(other / one);
        }
    }
    let median = quantile(&mut ratios, 0.5);
    let bare_median = quantile(&mut bare, 0.5);
    vec![
        Figure {
            what: "verdict to durable entry, beside a bare fdatasync: median of pairs",
            measured: median * bare_median,
            beside: bare_median,
            at_most: 1.2,
            unit: "ms",
        },
        Figure {
            what: "the same, 99 of 100",
            measured: quantile(&mut ours, 0.99),
            beside: quantile(&mut bare, 0.99),
            at_most: 3.0,
            unit: "ms",
        },
        Figure {
            what: "reading to durable entry, with the signature of the code",
            measured: quantile(&mut whole, 0.5),
            beside: bare_median,
            at_most: f64::INFINITY,
            unit: "ms",
        },
    ]
}

/// Runs `work` while somebody looks documents up; answers what `work` does, and the times in
/// ms.
fn while_looking<T>(desk: &Desk, work: impl FnOnce() -> T) -> (T, Vec<f64>) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut times = Vec::new();
            // Nobody who goes or comes with the changes.
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let hash = DocumentHash::from_u64(hash_of(somebody(n) / 100 * 100 + 1));
                let started = Instant::now();
                black_box(desk.store().find(hash).unwrap());
                times.push(started.elapsed().as_secs_f64() * 1e3);
                std::thread::sleep(Duration::from_micros(200));
            }
            times
        });
        let worked = work();
        done.store(true, Ordering::Relaxed);
        (worked, looking.join().unwrap())
    })
}

pub(crate) fn changes(place: &Path) -> Vec<Figure> {
    let desk = open(place);
    let mut bare = Table(rusqlite::Connection::open(place.join("encrypted.db")).unwrap());
    bare.0.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "01".repeat(32))).unwrap();
    bare.0.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -4096").unwrap();
    let (elapsed, mut times) = while_looking(&desk, || import(&desk, place, 2));
    let in_place = bare.change(holders());
    let store = desk.store();
    let found = |holder| store.find(DocumentHash::from_u64(hash_of(holder))).unwrap();
    assert!(goes(holders()).step_by(97).all(|holder| found(holder).is_empty()));
    assert!(comes(holders()).step_by(97).all(|holder| found(holder)[0].1.0 == holder));
    vec![
        Figure {
            what: "200,000 changes of the directory, beside the same in place, encrypted",
            measured: elapsed.as_secs_f64(),
            beside: in_place,
            at_most: 0.2,
            unit: "s",
        },
        Figure::up_to("look-up while they come, 99 of 100", quantile(&mut times, 0.99), 1.0, "ms"),
    ]
}

pub(crate) fn colours(place: &Path) -> Vec<Figure> {
    let desk = open(place);
    let elapsed = import(&desk, place, 3).as_secs_f64() * 1e3;
    vec![Figure::up_to("5,000 colours that changed, until durable", elapsed, 50.0, "ms")]
}
