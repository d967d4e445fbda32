//! `cargo xtask test --virtual-desk`: devices that a kernel believes in, without hardware.
//!
//! The folder that it is given has two programs: `prepare` builds, once for each machine, a kernel
//! that runs as a program of this one, with USB and HID in it; `desk-run` boots it and
//! runs a test in it. What is tried is in `crates/devices/tests/virtual_desk`, and of the window in
//! `tests/src/stories/virtual_desk.rs`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::install;
use crate::steps::{Outcome, Run};

/// Where the guest's programs are when nothing else is said: beside the workspace.
pub(crate) const BESIDE: &str = "../shared/virtual-desk";

/// Where `prepare` keeps what it has built, unless this variable names another folder.
const CACHE_VARIABLE: &str = "VIRTUAL_DESK_CACHE";
const CACHE: &str = "/var/cache/virtual-desk";

/// The tests. Their features are on for the whole workspace, which leaves all others as they are.
const TESTS: &[&str] = &[
    "test",
    "--workspace",
    "--features",
    "yanma-devices/virtual-desk,yanma-tests/virtual-desk",
    "--test",
    "virtual_desk",
    "--test",
    "house",
];

/// The guest without its own camera, since the tests plug theirs in, and how long it may live, in
/// seconds; it takes a quarter of a minute.
const DEVICES: &[&str] = &["-c", "none", "-t", "120"];

/// The same with the scanner and a screen; it takes a minute, and more beside other programs.
const WINDOW: &[&str] = &["-c", "none", "-k", "-x", "-t", "300"];

pub(crate) fn run(root: &Path, folder: &Path, keep_going: bool) -> Result<ExitCode> {
    let folder = root.join(folder);
    let desk_run = folder.join("desk-run");
    if !desk_run.exists() {
        bail!("{} is not there; say where it is with --virtual-desk FOLDER", desk_run.display());
    }
    let mut run = Run::new(root, keep_going);
    run.step("guest", |run| prepare(run, &folder))?;
    run.step("build", |run| build(run, root))?;
    let mut step = |name: &'static str, boot: &[&str], test: &str, which: &[&str]| {
        run.step(name, |run| {
            let kept = root.join("target/virtual-desk").join(name);
            let programs = [desk_run.clone(), kept, executable(root, test)?];
            let [desk_run, kept, test] = &programs.map(|path| path.display().to_string());
            // One after the other: there is one of each device.
            let one_by_one = ["--test-threads=1", "--nocapture"];
            // A guest that waits for its turn makes pauses that no device makes.
            let first = ["-n", "-10", desk_run];
            let there = ["-o", kept, "--", test];
            run.command("nice", &[&first, boot, &there, which, &one_by_one].concat())
        })
    };
    step("devices", DEVICES, "virtual_desk", &[])?;
    step("window", WINDOW, "house", &["stories::virtual_desk::"])?;
    Ok(run.close())
}

fn build(run: &mut Run, root: &Path) -> Result<Outcome> {
    install::node_modules(root)?;
    let pages = run.command_in(&root.join("ui"), "npm", &["run", "--silent", "build"])?;
    if pages != Outcome::Passed {
        return Ok(pages);
    }
    let programs = run.command("cargo", &["build", "--workspace", "--bins", "--tests"])?;
    if programs != Outcome::Passed {
        return Ok(programs);
    }
    run.command("cargo", &[TESTS, &["--no-run"]].concat())
}

fn prepare(run: &mut Run, folder: &Path) -> Result<Outcome> {
    let cache = std::env::var_os(CACHE_VARIABLE).map_or_else(|| CACHE.into(), PathBuf::from);
    if cache.join("linux.uml").exists() {
        println!("the guest's kernel is there");
        return Ok(Outcome::Passed);
    }
    println!("building the guest's kernel: about eight minutes, once");
    run.command(&folder.join("prepare").display().to_string(), &[])
}

/// What cargo has built of a test.
fn executable(root: &Path, test: &str) -> Result<PathBuf> {
    let told = Command::new("cargo")
        .args(TESTS)
        .args(["--no-run", "--message-format=json"])
        .current_dir(root)
        .stderr(Stdio::null())
        .output()
        .context("cargo could not be started")?;
    let told = String::from_utf8_lossy(&told.stdout);
    let path = told.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == test;
        is_it.then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    path.with_context(|| format!("cargo does not say where {test} is"))
}
