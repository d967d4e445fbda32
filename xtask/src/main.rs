//! `cargo xtask run` and `cargo xtask test`: the two commands of the README, and `show`.

#![expect(clippy::print_stdout, reason = "a command line talks to its user on standard output")]

mod install;
mod steps;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Builds, tries and tests the house.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every check and every test, the real window among them
    Test(test::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            println!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        Command::Test(options) => test::run(&options),
    }
}

/// Where the workspace lies: the folder above this package.
fn project_root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .context("xtask lies in the workspace")
}
