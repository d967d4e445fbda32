//! schemathesis in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::steps::Outcome;

/// Older ones cannot run it.
const HAS_VENV: &str = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))";

/// The program, installed under `target` if what is pinned is not there yet; otherwise how the
/// step ends. Nothing is installed whose hash is not in `tests/interface/requirements.txt`.
pub(super) fn install(root: &Path) -> Result<Result<PathBuf, Outcome>> {
    let wanted = root.join("tests/interface/requirements.txt");
    let pins = std::fs::read(&wanted).context("tests/interface/requirements.txt")?;
    let folder = crate::target_folder(root).join("schemathesis");
    let (program, stamp) = (folder.join("bin/schemathesis"), folder.join(".installed"));
    if std::fs::read(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(Ok(program));
    }
    if !done(Command::new("python3").args(["-c", HAS_VENV])) {
        return Ok(Err(Outcome::Skipped(
            "schemathesis needs python3 of 3.11 or newer with venv (Debian's python3-venv); the \
             description is checked in `unit` all the same"
                .to_owned(),
        )));
    }
    println!("installs schemathesis and what it needs from PyPI into {}", folder.display());
    if !done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)) {
        return Ok(Err(Outcome::Failed(format!("no environment in {}", folder.display()))));
    }
    let pip = |words: &[&str]| {
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=30"]);
        pip.args(words);
        pip
    };
    if !done(
        pip(&["install", "--require-hashes", "--only-binary=:all:", "--requirement"]).arg(&wanted),
    ) {
        return Ok(Err(if done(&mut pip(&["index", "versions", "schemathesis"])) {
            Outcome::Failed("what PyPI has is not what requirements.txt asks for".to_owned())
        } else {
            Outcome::Skipped(
                "PyPI cannot be reached to install schemathesis; the description is checked in \
                 `unit` all the same"
                    .to_owned(),
            )
        }));
    }
    std::fs::write(&stamp, pins)?;
    Ok(Ok(program))
}

fn done(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}
