//! How many instructions three frames cost to read, beside the counts that are kept: time is
//! noise on a shared machine, instructions are not.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::install;
use crate::steps::{Outcome, Run};

const FRAMES: [&str; 3] = ["plain", "nothing", "hard"];

/// A count may move by this many percent without anybody's having to say why.
const TOLERANCE: u64 = 5;

/// Where the counts are kept.
const KEPT: &str = "crates/barcode/tests/instructions.json";

const EXAMPLE: &[&str] = &["build", "--workspace", "--example", "fixed_frame"];

type Counts = BTreeMap<String, u64>;

/// Counts anew and compares.
pub(crate) fn check(run: &mut Run, root: &Path) -> Result<Outcome> {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        return Ok(Outcome::Skipped("the counts are of Linux on x86-64".to_owned()));
    }
    if !install::on_path("valgrind") {
        return Ok(Outcome::Skipped("valgrind is not installed".to_owned()));
    }
    let built = run.command("cargo", EXAMPLE)?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    let kept = std::fs::read_to_string(root.join(KEPT)).with_context(|| format!("no {KEPT}"))?;
    let kept: Counts = serde_json::from_str(&kept).with_context(|| KEPT.to_owned())?;
    let counted = count(root)?;
    let moved: Vec<String> =
        FRAMES.iter().filter_map(|name| moved(name, &kept, &counted)).collect();
    if moved.is_empty() {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::Failed(format!(
        "{}; if that is meant: cargo xtask count-instructions",
        moved.join("; ")
    )))
}

/// Counts anew and keeps the counts.
pub(crate) fn keep(root: &Path) -> Result<()> {
    let built = Command::new("cargo").args(EXAMPLE).current_dir(root).status()?;
    if !built.success() {
        bail!("the example was not built");
    }
    let text = serde_json::to_string_pretty(&count(root)?)?;
    std::fs::write(root.join(KEPT), text + "\n").with_context(|| KEPT.to_owned())
}

fn moved(name: &str, kept: &Counts, counted: &Counts) -> Option<String> {
    let now = counted.get(name)?;
    let Some(before) = kept.get(name) else {
        return Some(format!("{name}: no count is kept"));
    };
    let far = before.abs_diff(*now) * 100 > before * TOLERANCE;
    far.then(|| format!("{name}: {now} instructions instead of {before}"))
}

fn count(root: &Path) -> Result<Counts> {
    let mut counts = Counts::new();
    for name in FRAMES {
        let whole = instructions(root, name, "read")?;
        let without = instructions(root, name, "prepare")?;
        let cost = whole.saturating_sub(without);
        println!("{name:<8} {cost:>12} instructions");
        counts.insert(name.to_owned(), cost);
    }
    Ok(counts)
}

/// The instructions of one run of the example.
fn instructions(root: &Path, frame: &str, does: &str) -> Result<u64> {
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(crate::target_folder(root).join("debug/examples/fixed_frame"))
        .args([frame, does])
        .output()
        .context("valgrind could not be started")?;
    let said = String::from_utf8_lossy(&ran.stderr);
    if !ran.status.success() {
        bail!("{frame} {does}: {}", said.lines().last().unwrap_or("ended with a failure"));
    }
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, number) = collected.context("valgrind said no count")?;
    number.trim().parse().with_context(|| format!("valgrind's count: {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_moves_by_more_than_a_twentieth_is_told() {
        let kept = Counts::from([("plain".to_owned(), 1000)]);
        let now = |count| Counts::from([("plain".to_owned(), count)]);
        assert_eq!(moved("plain", &kept, &now(1050)), None);
        assert_eq!(moved("plain", &kept, &now(950)), None);
        assert!(moved("plain", &kept, &now(1051)).is_some());
        assert!(moved("plain", &kept, &now(949)).is_some(), "what became cheaper is kept anew");
        assert!(moved("plain", &Counts::new(), &now(1)).is_some());
    }
}
