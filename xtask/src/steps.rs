//! Runs the steps of a test run one after another: says which, keeps each one's output in a file,
//! counts the tests its runners report, and closes with a table.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything in it passed.
    Passed,
    /// Something in it failed; the text says what.
    Failed(String),
    /// It could not be done on this machine; the text says why.
    Skipped(String),
    /// An earlier step failed first.
    NotReached,
}

/// Tests that a runner reported.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

struct Record {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
    count: Count,
}

/// The run so far.
pub(crate) struct Run {
    root: PathBuf,
    keep_going: bool,
    records: Vec<Record>,
    count: Count,
    log: Option<Arc<Mutex<File>>>,
}

impl Run {
    pub(crate) fn new(root: &Path, keep_going: bool) -> Self {
        Self {
            root: root.to_owned(),
            keep_going,
            records: Vec::new(),
            count: Count::default(),
            log: None,
        }
    }

    /// Does one step, unless an earlier one failed.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        does: impl FnOnce(&mut Self) -> Result<Outcome>,
    ) -> Result<()> {
        let failed_before = self.failures() > 0;
        if failed_before && !self.keep_going {
            self.records.push(Record {
                name,
                outcome: Outcome::NotReached,
                took: Duration::ZERO,
                count: Count::default(),
            });
            return Ok(());
        }
        println!("\n=== {name} ===");
        let logs = self.root.join("target/xtask-logs");
        std::fs::create_dir_all(&logs)?;
        let path = logs.join(format!("{name}.log"));
        self.log = Some(Arc::new(Mutex::new(File::create(&path)?)));
        self.count = Count::default();
        let start = Instant::now();
        let outcome = does(self).unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        match &outcome {
            Outcome::Failed(why) => println!("--- {name} FAILED: {why}\n    ({})", path.display()),
            Outcome::Skipped(why) => println!("--- {name} skipped: {why}"),
            Outcome::Passed | Outcome::NotReached => {}
        }
        self.records.push(Record { name, outcome, took: start.elapsed(), count: self.count });
        Ok(())
    }

    /// Runs a program from the project's root, shows and keeps what it prints, counts its tests.
    pub(crate) fn command(&mut self, program: &str, arguments: &[&str]) -> Result<Outcome> {
        let root = self.root.clone();
        self.command_in(&root, program, arguments)
    }

    /// The same from another folder.
    pub(crate) fn command_in(
        &mut self,
        folder: &Path,
        program: &str,
        arguments: &[&str],
    ) -> Result<Outcome> {
        self.command_until(None, folder, program, arguments)
    }

    /// The same; what has not ended at `end` is ended, and has failed.
    pub(crate) fn command_until(
        &mut self,
        end: Option<Instant>,
        folder: &Path,
        program: &str,
        arguments: &[&str],
    ) -> Result<Outcome> {
        let said = format!("{program} {}", arguments.join(" "));
        println!("$ {said}");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        // An error's own words and its causes say where; fifty frames of the runtime do not.
        command.env("RUST_LIB_BACKTRACE", "0");
        if std::io::stdout().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{program} could not be started"))?;
        let errors = child.stderr.take().context("standard error is piped")?;
        let output = child.stdout.take().context("standard output is piped")?;
        let log = self.log.clone();
        let other_log = log.clone();
        let reader =
            std::thread::spawn(move || copy(errors, std::io::stderr(), other_log.as_ref()));
        let other_reader =
            std::thread::spawn(move || copy(output, std::io::stdout(), log.as_ref()));
        let status = match end {
            None => Some(child.wait()?),
            Some(end) => wait_until(&mut child, end)?,
        };
        let on_output = other_reader.join().unwrap_or_default();
        let on_errors = reader.join().unwrap_or_default();
        self.count.passed += on_output.passed + on_errors.passed;
        self.count.failed += on_output.failed + on_errors.failed;
        Ok(match status {
            Some(status) if status.success() => Outcome::Passed,
            Some(status) => Outcome::Failed(format!("`{said}` ended with {status}")),
            None => Outcome::Failed(format!("`{said}` took too long")),
        })
    }

    fn failures(&self) -> usize {
        self.records.iter().filter(|record| matches!(record.outcome, Outcome::Failed(_))).count()
    }

    /// Prints the table and the closing line.
    pub(crate) fn close(&self) -> ExitCode {
        println!("\n{:<10} {:>8}  {:>6}  result", "step", "seconds", "tests");
        let mut total = Count::default();
        let mut whole = Duration::ZERO;
        for record in &self.records {
            whole += record.took;
            let counted = record.count.passed + record.count.failed;
            let result = match &record.outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Failed(why) => format!("FAILED: {why}"),
                Outcome::Skipped(why) => format!("skipped: {why}"),
                Outcome::NotReached => "not reached".to_owned(),
            };
            let tests = if counted > 0 { counted.to_string() } else { "-".to_owned() };
            println!(
                "{:<10} {:>8.1}  {tests:>6}  {result}",
                record.name,
                record.took.as_secs_f64()
            );
            let weight = weigh(&record.outcome, record.count);
            total.passed += weight.passed;
            total.failed += weight.failed;
        }
        println!("{:<10} {:>8.1}", "all", whole.as_secs_f64());
        println!("\n{} passed, {} failed", total.passed, total.failed);
        if self.failures() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// A step counts as its tests; as one if it has none, or if it failed outside of them.
fn weigh(outcome: &Outcome, count: Count) -> Count {
    match outcome {
        Outcome::Skipped(_) | Outcome::NotReached => Count::default(),
        Outcome::Passed if count.passed == 0 => Count { passed: 1, failed: 0 },
        Outcome::Passed => count,
        Outcome::Failed(_) => Count { passed: count.passed, failed: count.failed.max(1) },
    }
}

/// The exit status; `None` when the program had to be ended.
fn wait_until(child: &mut Child, end: Instant) -> Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn copy(from: impl Read, mut to: impl Write, log: Option<&Arc<Mutex<File>>>) -> Count {
    let mut count = Count::default();
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while let Ok(length) = reader.read_until(b'\n', &mut line) {
        if length == 0 {
            break;
        }
        // A closed terminal or a full disk must not stop the tests themselves.
        let _ = to.write_all(&line);
        if let Some(Ok(mut file)) = log.map(|log| log.lock()) {
            let _ = file.write_all(&line);
        }
        if let Some(found) = count_tests(&plain(&String::from_utf8_lossy(&line))) {
            count.passed += found.passed;
            count.failed += found.failed;
        }
        line.clear();
    }
    count
}

/// The line without terminal colours.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(character);
        }
    }
    text
}

/// Reads the closing line of cargo test, nextest or vitest. An indented line of cargo test is what
/// nextest quotes from a test that failed, and is in nextest's own line already.
fn count_tests(line: &str) -> Option<Count> {
    let whole = line;
    let line = line.trim();
    let summary = whole
        .strip_prefix("test result:")
        .or_else(|| line.strip_prefix("Tests ").filter(|_| line.ends_with(')')))
        .or_else(|| {
            line.strip_prefix("Summary ")
                .and_then(|rest| rest.split_once("run:"))
                .map(|(_, rest)| rest)
        })?;
    let words: Vec<&str> = summary.split_whitespace().collect();
    let before = |word: &str| {
        words
            .windows(2)
            .find(|pair| pair[1].trim_end_matches([',', ';']) == word)
            .and_then(|pair| pair[0].parse().ok())
            .unwrap_or(0)
    };
    Some(Count { passed: before("passed"), failed: before("failed") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(u64, u64)>) {
        let expected = expected.map(|(passed, failed)| Count { passed, failed });
        assert_eq!(count_tests(&plain(line)), expected, "{line:?}");
    }

    #[test]
    fn closing_lines_are_counted() {
        check(
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
            Some((12, 0)),
        );
        check("test result: FAILED. 3 passed; 2 failed; 0 ignored", Some((3, 2)));
        check(
            "     Summary [   0.361s] 40 tests run: 39 passed (1 slow), 1 failed, 0 skipped",
            Some((39, 1)),
        );
        check(
            "\u{1b}[32;1m     Summary\u{1b}[0m [   0.3s] 4 tests run: 4 passed, 0 skipped",
            Some((4, 0)),
        );
        check("    test result: FAILED. 0 passed; 1 failed; 0 ignored", None);
        check("      Tests  1 failed | 7 passed (8)", Some((7, 1)));
        check(" Test Files  2 passed (2)", None);
        check("3 passed, 0 failed", None);
        check("test it ... ok", None);
    }

    #[test]
    fn a_failed_step_never_closes_without_a_failure() {
        let failed = Outcome::Failed(String::new());
        let none = Count::default();
        assert_eq!(weigh(&failed, none), Count { passed: 0, failed: 1 });
        assert_eq!(weigh(&failed, Count { passed: 4, failed: 2 }), Count { passed: 4, failed: 2 });
        assert_eq!(weigh(&Outcome::Passed, none), Count { passed: 1, failed: 0 });
        assert_eq!(weigh(&Outcome::Skipped(String::new()), none), none);
    }
}
