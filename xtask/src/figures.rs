//! `cargo xtask figures`: how long a guard waits, with a million entries in the log.
//!
//! The real window, built as it is used, on a screen of its own. It needs the pages built and six
//! gigabytes of disk; the log is filled anew each time.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

/// The whole workspace, as always: another choice of packages is another choice of features.
const BUILD: &[&str] =
    &["build", "--release", "--workspace", "--bins", "--tests", "--example", "fill_log"];
const MEASURE: &[&str] = &[
    "test",
    "--release",
    "--workspace",
    "--test",
    "house",
    "--",
    "--nocapture",
    "from_a_scan_to_the_painted_verdict",
];

pub(crate) fn run(root: &Path) -> Result<ExitCode> {
    cargo(root, BUILD)?;
    cargo(root, MEASURE)?;
    Ok(ExitCode::SUCCESS)
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    let filler = crate::target_folder(root).join("release/examples/fill_log");
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root).env("YANMA_FILL_LOG", filler);
    let status = command.status().context("cargo could not be started")?;
    if !status.success() {
        bail!("cargo {} ended with {status}", arguments.join(" "));
    }
    Ok(())
}
