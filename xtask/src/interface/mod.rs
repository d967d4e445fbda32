//! Lets schemathesis loose on a running authority with the authority's own description: what it
//! allows must be answered as it says, and what it does not allow must be refused. It calls as a
//! citizen, as a desk and as everybody at the console, each with what they may do; and as a
//! department with everything at the console, of which nearly all must be refused.

mod answers;
mod callers;
mod description;
mod people;
mod program;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;
use xtask::children::free_port;
use xtask::demo::{DemoAuthority, Programs};

use self::answers::Answers;
use self::callers::Caller;
use self::description::Description;
use self::people::People;
use crate::steps::{Outcome, Run};

/// What `house` builds as well, so that nothing is built twice.
const BUILD: &[&str] = &["build", "--workspace", "--bins", "--tests"];

/// How long all of it may take, once it is built and installed. Two idle cores take half of it.
const LIMIT: Duration = Duration::from_secs(240);

/// How schemathesis goes about it.
const HOW: [&str; 9] = [
    // Requests that are made up for an operation, beside those that are worked out from its
    // description.
    "--max-examples=8",
    "--seed=7",
    "--phases=examples,coverage,fuzzing",
    // How busy the machine is says nothing about the authority.
    "--suppress-health-check=all",
    "--request-timeout=20",
    "--continue-on-failure",
    // A failure is told soon; the seed finds it again.
    "--no-shrink",
    "--warnings=off",
    "--report=ndjson",
];

/// Runs it, for a caller of every kind.
pub(crate) fn run(run: &mut Run, root: &Path) -> Result<Outcome> {
    let program = match program::install(root)? {
        Ok(program) => program,
        Err(outcome) => return Ok(outcome),
    };
    let built = run.command("cargo", BUILD)?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    let trial = Trial::begin(program, root)?;
    for caller in Caller::ALL {
        println!("--- {}", caller.words());
        let outcome = trial.of(caller, run)?;
        if outcome != Outcome::Passed {
            let log = trial.folder.join("authority.log");
            println!("    {}; the authority's log is {}", caller.words(), log.display());
            return Ok(outcome);
        }
    }
    Ok(Outcome::Passed)
}

/// An authority that is called by one after another.
struct Trial {
    program: PathBuf,
    root: PathBuf,
    /// Where everything lies that is made on the way.
    folder: PathBuf,
    demo: DemoAuthority,
    /// What schemathesis looks for.
    config: String,
    /// Requests that can succeed, by operation.
    examples: Value,
    description: Description,
    /// Until when all of it has to be done.
    end: Instant,
}

impl Trial {
    fn begin(program: PathBuf, root: &Path) -> Result<Self> {
        let end = Instant::now() + LIMIT;
        let target = crate::target_folder(root);
        let folder = target.join("interface");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let programs = Programs::in_folder(&target.join("debug"));
        let mut demo = DemoAuthority::prepare(&programs, &folder, free_port()?)?;
        // So wide that no answer is only about them.
        demo.serve_with(&["--rate-factor=100000"], &[]);
        demo.start(None)?;
        let files = root.join("tests/interface");
        let config = std::fs::read_to_string(files.join("schemathesis.toml"))?;
        let examples = std::fs::read_to_string(files.join("examples.json"))?;
        let examples = serde_json::from_str(&examples)?;
        let description = Description::served(&demo)?;
        description.knows_all(&examples)?;
        let root = root.to_owned();
        Ok(Self { program, root, folder, demo, config, examples, description, end })
    }

    fn of(&self, caller: Caller, run: &mut Run) -> Result<Outcome> {
        let people = People::prepare(&self.demo, &self.root, caller)?;
        let operations = self.description.operations_of(caller);
        let document = self.description.with(&operations, &self.examples, people.values())?;
        let file = |kind: &str| self.folder.join(format!("{}.{kind}", caller.name()));
        let (config, described, report) = (file("toml"), file("json"), file("ndjson"));
        std::fs::write(&config, format!("{}\n[auth.openapi]\n{}", self.config, people.auth()))?;
        std::fs::write(&described, document.to_string())?;

        let mut arguments = vec![
            format!("--config-file={}", config.display()),
            "--no-color".to_owned(),
            "run".to_owned(),
            described.display().to_string(),
            format!("--url={}", self.demo.url()),
            format!("--report-ndjson-path={}", report.display()),
        ];
        arguments.extend(HOW.map(str::to_owned));
        // Not cut from the description: what else a path takes is what `Allow` has to say.
        arguments.extend(operations.iter().map(|it| format!("--include-operation-id={}", it.id)));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let program = self.program.display().to_string();
        // Whatever it leaves behind lies in this folder.
        let outcome = run.command_until(Some(self.end), &self.folder, &program, &arguments)?;
        if outcome != Outcome::Passed {
            return Ok(outcome);
        }

        let answers = Answers::read(&report)?;
        let wrong = answers.unlike(caller, &operations, &self.examples);
        if !wrong.is_empty() {
            return Ok(Outcome::Failed(format!("{}: {}", caller.words(), wrong.join("; "))));
        }
        ensure!(people.are_still_in(&self.demo)?, "{} was shut out on the way", caller.words());
        let (operations, answers) = (operations.len(), answers.count());
        println!("    {operations} operations, {answers} answers, none but as described");
        Ok(Outcome::Passed)
    }
}
