//! A province in the desk: what it takes on the disk, on the wire, in memory and in time,
//! each beside what the same would take without this program, in one run.
//!
//! `cargo bench -p yanma-station --bench province` fills a desk with the holders of Fujian,
//! which takes some minutes and 3 GB of disk in the target folder; `YANMA_HOLDERS=200000`
//! before it makes a small one, whose ratios mean little. Linux only: memory is read from
//! `/proc`. A limit that was missed is marked, and the run goes on; with
//! `YANMA_STRICT=1` it ends with a failure then.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "what it measured is said on the terminal")]

#[path = "../../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

mod bare;
mod desk;
mod figures;
mod publish;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use figures::{Figure, print};

/// Holders of a code in Fujian (`domain.md`).
const FUJIAN: u32 = 20_710_000;
/// Which part of it a child does, and where.
const PART: &str = "YANMA_BENCH_PART";
const FOLDER: &str = "YANMA_BENCH_FOLDER";

fn holders() -> u32 {
    let given = std::env::var("YANMA_HOLDERS").ok();
    given.map_or(FUJIAN, |given| given.parse().expect("YANMA_HOLDERS is a number"))
}

fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    if let Ok(part) = std::env::var(PART) {
        let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
        match part.as_str() {
            "publish" => publish::all(&folder, holders()),
            "decode" => bare::verify_and_decode(&folder),
            "load" => desk::load(&folder),
            other => panic!("there is no part {other}"),
        }
        return ExitCode::SUCCESS;
    }
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = place.path();
    println!("a province of {} holders", holders());
    let published = numbers(&part("publish", folder));
    let mut figures = publish::figures(&published, holders());

    // Three times each, in turn: the best of either is what the machine can do.
    let (mut bare, mut loaded) = (f64::MAX, Vec::new());
    for _ in 0..3 {
        bare = bare.min(numbers(&part("decode", folder))[0]);
        let _ = std::fs::remove_dir_all(desk::folder(folder));
        let run = numbers(&part("load", folder));
        if loaded.first().is_none_or(|best| run[0] < *best) {
            loaded = run;
        }
    }
    figures.extend(desk::load_figures(&loaded, bare, folder));
    let mut held = print(&figures);
    let rest: [fn(&Path) -> Vec<Figure>; 4] =
        [desk::look_ups, desk::entries, desk::changes, desk::colours];
    for measure in rest {
        held &= print(&measure(folder));
    }
    match held || std::env::var_os("YANMA_STRICT").is_none() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Does a part in a process of its own, whose memory is nobody else's.
fn part(part: &str, folder: &Path) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .env(PART, part)
        .env(FOLDER, folder)
        .stderr(std::process::Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "{part} failed");
    String::from_utf8(output.stdout).unwrap()
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|number| number.parse().unwrap()).collect()
}
