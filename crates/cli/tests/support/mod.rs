//! The program, as it is called and as it answers.

use std::path::Path;
use std::process::{Command, Output};

pub(crate) fn yanma(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yanma"));
    command.arg("--data").arg(data).args(arguments);
    command
}

/// What it said when it succeeded.
pub(crate) fn said(output: Output) -> String {
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}
