//! `cargo xtask test`: everything, the cheap and telling first.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::install::{self, Purpose};
use crate::instructions;
use crate::interface;
use crate::steps::{Outcome, Run};
use crate::virtual_desk;

const WINDOWS_TARGET: &str = "x86_64-pc-windows-gnu";

/// Always the whole workspace, even for one binary: cargo chooses the features of a dependency by
/// the packages that are asked for, and another choice would build half of the tree again.
const HOUSE_TESTS: &[&str] = &["test", "--workspace", "--test", "house"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these steps, by name, with commas
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    only: Vec<String>,
    /// Name the steps and end
    #[arg(long)]
    list: bool,
    /// Go on after a step failed
    #[arg(long)]
    keep_going: bool,
    /// Not the steps, but devices in a guest, and the window with them: webcams, scanners and a card
    /// reader that are plugged in, pulled out and frozen. The folder has the guest's programs
    #[arg(
        long,
        value_name = "FOLDER",
        num_args = 0..=1,
        default_missing_value = virtual_desk::BESIDE,
        conflicts_with_all = ["only", "list"]
    )]
    virtual_desk: Option<PathBuf>,
}

type Does = fn(&mut Run, &Path) -> Result<Outcome>;

/// Name, what it tries, how. In this order.
const STEPS: &[(&str, &str, Does)] = &[
    ("install", "packages, libraries and tools that are missing", step_install),
    ("format", "every Rust file is formatted", step_format),
    ("ui", "the pages: types, house rules, unit tests, both builds", step_ui),
    ("rules", "who may use whom, licences, size of files", step_rules),
    ("lint", "clippy on everything, warnings are errors", step_lint),
    ("deny", "licences, sources and advisories by cargo-deny, if it is here", step_deny),
    ("unit", "tests of every crate", step_unit),
    ("callgrind", "what three frames cost to read, in instructions", instructions::check),
    ("doc", "examples in the documentation", step_doc),
    ("generated", "generated files in the tree are what would be generated now", step_generated),
    ("interface", "schemathesis against the running authority and its description", interface::run),
    ("house", "the programs from outside: real window, real browser, faults", step_house),
    ("windows", "the whole workspace checked for Windows", step_windows),
];

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.list {
        for (name, what, _) in STEPS {
            println!("{name:<10} {what}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(folder) = &options.virtual_desk {
        return virtual_desk::run(&crate::project_root()?, folder, options.keep_going);
    }
    for wanted in &options.only {
        if !STEPS.iter().any(|(name, ..)| name == wanted) {
            bail!("there is no step `{wanted}`; `cargo xtask test --list` names them");
        }
    }
    let root = crate::project_root()?;
    let mut run = Run::new(&root, options.keep_going);
    for &(name, _, does) in STEPS {
        if options.only.is_empty() || options.only.iter().any(|wanted| wanted == name) {
            run.step(name, |run| does(run, &root))?;
        }
    }
    Ok(run.close())
}

fn step_install(_: &mut Run, root: &Path) -> Result<Outcome> {
    install::packages(Purpose::Test)?;
    install::node_modules(root)?;
    Ok(Outcome::Passed)
}

fn step_format(run: &mut Run, _: &Path) -> Result<Outcome> {
    run.command("cargo", &["fmt", "--all", "--check"])
}

fn step_ui(run: &mut Run, root: &Path) -> Result<Outcome> {
    install::node_modules(root)?;
    let ui = root.join("ui");
    for script in ["check", "test", "build"] {
        let outcome = run.command_in(&ui, "npm", &["run", "--silent", script])?;
        if outcome != Outcome::Passed {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Passed)
}

fn step_rules(run: &mut Run, _: &Path) -> Result<Outcome> {
    run.command("cargo", &[HOUSE_TESTS, &["--", "rules::"]].concat())
}

fn step_lint(run: &mut Run, _: &Path) -> Result<Outcome> {
    run.command("cargo", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
}

fn step_deny(run: &mut Run, _: &Path) -> Result<Outcome> {
    if !install::on_path("cargo-deny") {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed; the licences are checked in `rules` all the same"
                .to_owned(),
        ));
    }
    // Advisories come from a repository on the network, which may not be reachable.
    run.command("cargo", &["deny", "--offline", "check", "bans", "licenses", "sources"])
}

fn step_unit(run: &mut Run, _: &Path) -> Result<Outcome> {
    if install::on_path("cargo-nextest") {
        let all_but_house = ["--no-fail-fast", "-E", "not package(yanma-tests)"];
        return run
            .command("cargo", &[&["nextest", "run", "--workspace"][..], &all_but_house].concat());
    }
    let all_but_house = ["--exclude", "yanma-tests", "--lib", "--bins", "--tests"];
    run.command("cargo", &[&["test", "--workspace", "--no-fail-fast"][..], &all_but_house].concat())
}

fn step_doc(run: &mut Run, _: &Path) -> Result<Outcome> {
    run.command("cargo", &["test", "--workspace", "--doc"])
}

/// `unit` wrote the TypeScript of the shell's types anew; the tree must not have changed by it.
fn step_generated(run: &mut Run, _: &Path) -> Result<Outcome> {
    run.command("git", &["diff", "--exit-code", "--", "ui/station/src/platform/bindings.ts"])
}

fn step_house(run: &mut Run, _: &Path) -> Result<Outcome> {
    let built = run.command("cargo", &["build", "--workspace", "--bins", "--tests"])?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    // Two windows and a browser on two cores would make each other's two seconds long.
    let options = ["--", "--test-threads=1", "--show-output", "--skip", "rules::"];
    run.command("cargo", &[HOUSE_TESTS, &options].concat())
}

fn step_windows(run: &mut Run, _: &Path) -> Result<Outcome> {
    if let Some(why) = install::windows_target(WINDOWS_TARGET) {
        return Ok(Outcome::Skipped(why));
    }
    run.command("cargo", &["check", "--workspace", "--target", WINDOWS_TARGET])
}
