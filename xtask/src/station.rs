//! A desk of the demo, met through the command line `yanma`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::demo::{DemoAuthority, Programs, output};

/// A desk whose data lies in one folder.
#[derive(Debug, Clone)]
pub struct DemoStation {
    programs: Programs,
    folder: PathBuf,
}

/// What is put before the desk.
#[derive(Debug, Clone)]
pub enum Presented {
    /// A picture with a code in it.
    Picture(PathBuf),
    /// What a scanner types.
    Text(String),
    /// The answer of a card reader, in hexadecimal.
    Card(String),
}

impl DemoStation {
    /// The desk in `folder`, enrolled or not.
    #[must_use]
    pub fn new(programs: &Programs, folder: &Path) -> Self {
        Self { programs: programs.clone(), folder: folder.to_owned() }
    }

    /// Where the desk's data lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `yanma`, on this desk's data.
    ///
    /// # Errors
    /// When the program is not built.
    pub fn command(&self) -> Result<Command> {
        let mut command = self.programs.command("yanma")?;
        command.arg("--data").arg(&self.folder).stdin(Stdio::null());
        Ok(command)
    }

    /// Enrols the desk with `authority`, at its site of `scene`, reached under `url`.
    ///
    /// # Errors
    /// When the authority does not answer or refuses.
    pub fn enrol(
        &self,
        authority: &DemoAuthority,
        url: &str,
        scene: &str,
        name: &str,
    ) -> Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let code = authority.enrolment_code(scene)?;
        let mut command = self.command()?;
        output(command.args(["enrol", "--json", "--url", url, "--code", &code, "--name", name]))?;
        Ok(())
    }

    /// Fetches the newest lists and sends the entries.
    ///
    /// # Errors
    /// When the authority cannot be reached.
    pub fn sync(&self) -> Result<Value> {
        Ok(serde_json::from_str(&output(self.command()?.args(["sync", "--json"]))?)?)
    }

    /// Presents `things` as one encounter and returns the verdict.
    ///
    /// # Errors
    /// When there was no verdict; the message holds what the program said.
    pub fn verify(&self, things: &[Presented]) -> Result<Value> {
        let answer = self.try_verify(things, false)?;
        if !answer.status.success() {
            bail!("{}", String::from_utf8_lossy(&answer.stderr).trim());
        }
        serde_json::from_slice(&answer.stdout).context("the answer of `yanma verify`")
    }

    /// The same, with exit code and messages, and without asking the authority if `offline`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn try_verify(&self, things: &[Presented], offline: bool) -> Result<Output> {
        let mut command = self.command()?;
        command.args(["verify", "--json"]);
        if offline {
            command.arg("--offline");
        }
        for thing in things {
            match thing {
                Presented::Picture(path) => command.arg("--picture").arg(path),
                Presented::Text(text) => command.arg("--text").arg(text),
                Presented::Card(hex) => command.arg("--card").arg(hex),
            };
        }
        command.output().context("yanma could not be started")
    }

    /// Says what was done with the person of an entry, and answers what was written.
    ///
    /// # Errors
    /// When the scene asks for more, or does not do that after such a verdict.
    pub fn done(&self, entry: &str, action: &str, answers: &[(&str, &str)]) -> Result<Value> {
        let mut command = self.command()?;
        command.args(["done", "--json", entry, "--action", action]);
        for (field, answer) in answers {
            command.arg("--answer").arg(format!("{field}={answer}"));
        }
        Ok(serde_json::from_str(&output(&mut command)?)?)
    }

    /// Takes in a list of people expected today from a file, and checks them ahead.
    ///
    /// # Errors
    /// When the file is no list.
    pub fn take_list(&self, name: &str, file: &Path) -> Result<Value> {
        let mut command = self.command()?;
        command.args(["list", "take", "--json", "--name", name]).arg(file);
        Ok(serde_json::from_str(&output(&mut command)?)?)
    }

    /// Every list, and how far it is.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn lists(&self) -> Result<Vec<Value>> {
        lines(&output(self.command()?.args(["list", "all", "--json"]))?)
    }

    /// The people of a list, with what was found ahead.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn listed(&self, list: &str) -> Result<Vec<Value>> {
        lines(&output(self.command()?.args(["list", "show", "--json", list]))?)
    }

    /// The newest entries of the log, newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn entries(&self) -> Result<Vec<Value>> {
        lines(&output(self.command()?.args(["log", "list", "--json", "--limit", "200"]))?)
    }
}

/// One JSON object a line.
fn lines(text: &str) -> Result<Vec<Value>> {
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
