//! `cargo xtask run` and `cargo xtask test`: the two commands of the README, and `show`.

#![expect(clippy::print_stdout, reason = "a command line talks to its user on standard output")]

mod appimage;
mod figures;
mod headless;
mod install;
mod instructions;
mod interface;
mod package;
mod run;
mod steps;
mod telling;
mod test;
mod virtual_desk;

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
    /// Run the house: a demo authority, a desk, and the window (or a table, without a display)
    Run(run::Options),
    /// Put a fresh code of one of the demo's holders before the demo's camera
    Show(run::ShowOptions),
    /// Make the package for Debian and the AppImage, and on a computer that has nothing start,
    /// update and remove them
    Package(package::Options),
    /// Measure how long a scan takes to its painted verdict in the real window, with a million entries
    /// in the log
    Figures,
    /// Count anew what three frames cost to read, and keep the counts
    CountInstructions,
}

fn main() -> ExitCode {
    match start(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            println!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        Command::Test(options) => test::run(&options),
        Command::Run(options) => run::run(&options),
        Command::Show(options) => run::show(&options),
        Command::Package(options) => package::run(&options),
        Command::Figures => figures::run(&project_root()?),
        Command::CountInstructions => {
            instructions::keep(&project_root()?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Where the workspace lies: the folder above this package.
fn project_root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .context("xtask lies in the workspace")
}

/// Where cargo puts what it builds.
fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
