//! `cargo xtask test --virtual-desk`: devices that a kernel believes in, without hardware.
//!
//! The folder that it is given has two programs: `prepare` builds, once for each machine, a kernel
//! that runs as a program of this one, with USB and HID in it; `desk-run` boots it and
//! runs a test in it. What is tried is in `crates/devices/tests/virtual_desk`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::steps::{Outcome, Run};

/// Where the guest's programs are when nothing else is said: beside the workspace.
pub(crate) const BESIDE: &str = "../shared/virtual-desk";

/// Where `prepare` keeps what it has built, unless this variable names another folder.
const CACHE_VARIABLE: &str = "VIRTUAL_DESK_CACHE";
const CACHE: &str = "/var/cache/virtual-desk";

/// The whole run of the guest may last so long, in seconds; it takes a quarter of a minute.
const SECONDS: &str = "120";

/// The test. Its feature is on for the whole workspace, which leaves all others as they are.
const TEST: &[&str] =
    &["test", "--workspace", "--features", "yanma-devices/virtual-desk", "--test", "virtual_desk"];

pub(crate) fn run(root: &Path, folder: &Path, keep_going: bool) -> Result<ExitCode> {
    let folder = root.join(folder);
    let desk_run = folder.join("desk-run");
    if !desk_run.exists() {
        bail!("{} is not there; say where it is with --virtual-desk FOLDER", desk_run.display());
    }
    let mut run = Run::new(root, keep_going);
    run.step("guest", |run| prepare(run, &folder))?;
    run.step("build", |run| run.command("cargo", &[TEST, &["--no-run"]].concat()))?;
    run.step("devices", |run| {
        let test = executable(root)?;
        let [desk_run, test] = &[&desk_run, &test].map(|path| path.display().to_string());
        // One after the other: there is one of each device.
        let one_by_one = ["--test-threads=1", "--nocapture"];
        let boot = ["-c", "none", "-t", SECONDS, "--", test];
        run.command(desk_run, &[&boot[..], &one_by_one].concat())
    })?;
    Ok(run.close())
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

/// What cargo has built of the test.
fn executable(root: &Path) -> Result<PathBuf> {
    let told = Command::new("cargo")
        .args(TEST)
        .args(["--no-run", "--message-format=json"])
        .current_dir(root)
        .stderr(Stdio::null())
        .output()
        .context("cargo could not be started")?;
    let told = String::from_utf8_lossy(&told.stdout);
    let path = told.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let test = message["target"]["name"] == "virtual_desk";
        test.then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    path.context("cargo does not say where the test is")
}
