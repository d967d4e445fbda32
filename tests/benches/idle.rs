//! What a desk costs while nobody is there, with a province in it: the window's start, its
//! memory, its share of a core.
//!
//! `cargo build --release --workspace --bins && cargo bench --workspace --bench idle` fills an
//! authority with the holders of Fujian, publishes them, brings a desk in step, and opens its
//! window on a screen of its own; that takes some ten minutes and 10 GB in the target folder.
//! `YANMA_HOLDERS=200000` before it makes a small one. Linux only: memory and time are read from
//! `/proc`. The web view's own cost is that of WebKit's own MiniBrowser with an empty page,
//! on the same screen.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::print_stdout, reason = "what it measured is said on the terminal")]

#[path = "../src/harness/processes.rs"]
mod processes;
#[path = "../src/harness/screen.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod screen;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use processes::{family, name_of, stat};
use screen::Screen;
use xtask::children::{Running, free_port};
use xtask::demo::{DemoAuthority, Programs, output};
use xtask::station::DemoStation;

/// Holders of a code in Fujian (`domain.md`).
const FUJIAN: u64 = 20_710_000;
/// How long nobody is there.
const IDLE: Duration = Duration::from_secs(120);
/// How long a program has to come to rest before that.
const REST: Duration = Duration::from_secs(20);
const MINI_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

fn main() {
    let here = std::env::current_exe().unwrap();
    let programs = Programs::in_folder(here.ancestors().nth(2).unwrap());
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let holders = std::env::var("YANMA_HOLDERS").map_or(FUJIAN, |told| told.parse().unwrap());

    println!("filling an authority with {holders} holders");
    let (folder, port) = (place.path().join("authority"), free_port().unwrap());
    let mut authority = DemoAuthority::fill(&programs, &folder, port, holders).unwrap();
    authority.start(None).unwrap();
    let desk = DemoStation::new(&programs, &place.path().join("desk"));
    desk.enrol(&authority, &authority.url(), "general", "Idle desk").unwrap();
    let synced = wait_for_all(&desk, holders);
    println!("in step with head {}", synced["head"]);

    let screen = Screen::open().unwrap();
    let alone = weigh(&mut bare_web_view(&screen), Duration::from_secs(30));
    println!("web view alone           {:7.0} MB  {:5.2} % of a core", alone.mb, alone.percent);

    let (window, ready) = open_window(&programs, &desk, &screen);
    println!("ready to scan            {:7.2} s after start; limit 2 s", ready.as_secs_f64());
    let idle = weigh(&mut { window }, IDLE);
    println!(
        "window, nobody there     {:7.0} MB  {:5.2} % of a core; limit 1 %",
        idle.mb, idle.percent
    );
    println!("beyond the web view      {:7.0} MB; limit 250 MB", idle.mb - alone.mb);
    for (name, mb) in idle.each {
        println!("    {name:<24} {mb:7.0} MB");
    }
}

/// The directory is published after the colours.
fn wait_for_all(desk: &DemoStation, holders: u64) -> serde_json::Value {
    let started = Instant::now();
    loop {
        let synced = desk.sync().unwrap();
        if synced["holders"].as_u64().unwrap() >= holders {
            return synced;
        }
        assert!(started.elapsed() < Duration::from_secs(300), "{synced}");
        std::thread::sleep(Duration::from_secs(5));
    }
}

fn bare_web_view(screen: &Screen) -> Running {
    let mut command = Command::new(MINI_BROWSER);
    command.arg("about:blank").env("DISPLAY", screen.display());
    Running::start("MiniBrowser", command.stdout(Stdio::null()).stderr(Stdio::null())).unwrap()
}

/// Opens the window and types a number as a scanner does, again and again, until there is an
/// entry: the desk was ready then at the latest.
fn open_window(programs: &Programs, desk: &DemoStation, screen: &Screen) -> (Running, Duration) {
    let before = desk.entries().unwrap().len();
    let mut command = programs.command("yanma-desk").unwrap();
    command.env("YANMA_DATA", desk.folder()).env("DISPLAY", screen.display());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let window = Running::start("yanma-desk", &mut command).unwrap();
    loop {
        screen.scan("11010519491231002X").unwrap();
        let taken = started.elapsed();
        std::thread::sleep(Duration::from_millis(100));
        if desk.entries().unwrap().len() > before {
            return (window, taken);
        }
        assert!(taken < Duration::from_secs(60), "the window takes no scan");
    }
}

/// What a program and its children take.
struct Weight {
    mb: f64,
    percent: f64,
    each: BTreeMap<String, f64>,
}

/// Lets it come to rest, and then watches it.
fn weigh(program: &mut Running, watched: Duration) -> Weight {
    std::thread::sleep(REST);
    let ticks = |ids: &[u32]| ids.iter().filter_map(|id| ticks_of(*id)).sum::<u64>();
    let ids = family(program.id());
    let before = ticks(&ids);
    std::thread::sleep(watched);
    let spent = (ticks(&ids) - before) as f64 / ticks_a_second();
    assert!(program.ended().unwrap().is_none(), "it ended");
    let mut each = BTreeMap::new();
    for id in family(program.id()) {
        *each.entry(name_of(id)).or_insert(0.0) += pss(id);
    }
    Weight { mb: each.values().sum(), percent: spent / watched.as_secs_f64() * 100.0, each }
}

/// User and system time, in clock ticks: fields 14 and 15 of proc(5).
fn ticks_of(id: u32) -> Option<u64> {
    let stat = stat(id)?;
    Some(stat.get(11)?.parse::<u64>().ok()? + stat.get(12)?.parse::<u64>().ok()?)
}

fn ticks_a_second() -> f64 {
    let printed = output(Command::new("getconf").arg("CLK_TCK")).unwrap();
    printed.trim().parse().unwrap()
}

/// Its own memory and its share of what it shares, in MB.
fn pss(id: u32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or_default() * 1024.0 / 1e6
}
