//! A demo authority with synthetic holders, as a child process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::children::{Running, http};

/// How long an authority may take to read its holders: a province's, beside other work.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// The programs of the house, in the folder where cargo puts them.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The programs in `folder`, e.g. `target/debug`.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Where the program `name` lies.
    ///
    /// # Errors
    /// When it is not built.
    pub fn path(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if !path.is_file() {
            bail!("{} is not built; run `cargo build --workspace --bins`", path.display());
        }
        Ok(path)
    }

    /// A command that starts the program `name`.
    ///
    /// # Errors
    /// When it is not built.
    pub fn command(&self, name: &str) -> Result<Command> {
        Ok(Command::new(self.path(name)?))
    }
}

/// Runs a program to its end and returns what it printed on standard output.
///
/// # Errors
/// When it cannot be started or ends with another exit code than 0; the message holds what it
/// printed on standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not be started: {command:?}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{:?} ended with {}: {}", command.get_program(), output.status, errors.trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// A synthetic person of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Whom they stand for, e.g. "adult, green".
    pub label: String,
    /// e.g. `resident-id`.
    pub document_type: String,
    /// The number of the document.
    pub number: String,
    /// The name.
    pub name: String,
    /// The phone number to log in with, if there is an account.
    pub phone: Option<String>,
    /// The password, if there is an account.
    pub password: Option<String>,
}

/// An authority with synthetic holders, whose data lies in one folder.
#[derive(Debug)]
pub struct DemoAuthority {
    programs: Programs,
    folder: PathBuf,
    demo: Value,
    port: u16,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    serving: Option<Running>,
}

impl DemoAuthority {
    /// Makes keys, database and people in `folder`, or completes what is there.
    ///
    /// # Errors
    /// When the program is not built or fails.
    pub fn prepare(programs: &Programs, folder: &Path, port: u16) -> Result<Self> {
        let mut authority = Self::in_folder(programs, folder, port)?;
        authority.simulate()?;
        Ok(authority)
    }

    /// Makes keys, a gate, and as many `holders` as a province has, in an empty `folder`. Nobody
    /// of the demo is among them: they would be there twice.
    ///
    /// # Errors
    /// When the program is not built or fails.
    pub fn fill(programs: &Programs, folder: &Path, port: u16, holders: u64) -> Result<Self> {
        let mut authority = Self::in_folder(programs, folder, port)?;
        output(authority.command()?.arg("make-key"))?;
        output(authority.command()?.args(["simulate", "--holders", &holders.to_string()]))?;
        let site = ["site", "--id", "gate", "--zh", "大门", "--en", "Gate", "--scene", "general"];
        output(authority.command()?.args(site))?;
        authority.demo = json!({"sites": [{"id": "gate", "scene": "general"}]});
        Ok(authority)
    }

    fn in_folder(programs: &Programs, folder: &Path, port: u16) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self {
            programs: programs.clone(),
            folder: folder.to_owned(),
            demo: Value::Null,
            port,
            arguments: Vec::new(),
            variables: Vec::new(),
            serving: None,
        })
    }

    /// Completes the demo: used enrolment codes are replaced, facts that ended are renewed.
    fn simulate(&mut self) -> Result<()> {
        output(self.command()?.arg("simulate"))?;
        let text = std::fs::read_to_string(self.folder.join("demo.json"))?;
        self.demo = serde_json::from_str(&text)?;
        Ok(())
    }

    /// A command of this authority, on its data.
    ///
    /// # Errors
    /// When the program is not built.
    pub fn command(&self) -> Result<Command> {
        let mut command = self.programs.command("yanma-authority")?;
        command
            .arg(format!("--database=sqlite:{}", self.folder.join("authority.db").display()))
            .arg("--data")
            .arg(&self.folder)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Gives the server arguments, from its next start on, and it and every other command
    /// environment variables.
    pub fn serve_with(&mut self, arguments: &[&str], variables: &[(&str, &str)]) {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        self.variables.extend(variables.iter().map(owned));
    }

    /// Starts answering on the port, with the citizen page of `portal`; log in `authority.log`.
    ///
    /// # Errors
    /// When the program ends at once or is not ready within three minutes.
    pub fn start(&mut self, portal: Option<&Path>) -> Result<()> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("authority.log"))?;
        let mut command = self.command()?;
        command
            .arg("serve")
            .arg(format!("--listen=127.0.0.1:{}", self.port))
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        if let Some(portal) = portal {
            command.arg("--portal").arg(portal);
        }
        let mut running = Running::start("yanma-authority", &mut command)?;
        let port = self.port;
        running.wait_until(READY_WITHIN, || {
            http(port, "GET", "/v1/health", &[], None).is_ok_and(|answer| answer.status == 200)
        })?;
        self.serving = Some(running);
        Ok(())
    }

    /// Ends answering, in good order.
    pub fn stop(&mut self) {
        self.serving = None;
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port it answers on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its data and its log lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The people of the demo.
    #[must_use]
    pub fn holders(&self) -> Vec<Holder> {
        let list = self.demo["holders"].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .map(|holder| {
                let text = |key: &str| holder[key].as_str().map(str::to_owned);
                Holder {
                    label: text("label").unwrap_or_default(),
                    document_type: text("document_type").unwrap_or_default(),
                    number: text("number").unwrap_or_default(),
                    name: text("name").unwrap_or_default(),
                    phone: text("phone"),
                    password: text("password"),
                }
            })
            .collect()
    }

    /// The first person whose label starts with `label`.
    ///
    /// # Errors
    /// When there is none.
    pub fn holder(&self, label: &str) -> Result<Holder> {
        self.holders()
            .into_iter()
            .find(|holder| holder.label.starts_with(label))
            .with_context(|| format!("the demo has nobody of the kind \"{label}\""))
    }

    /// A clerk's token.
    #[must_use]
    pub fn clerk_token(&self) -> String {
        self.demo["clerk_token"].as_str().unwrap_or_default().to_owned()
    }

    /// An administrator's token. It opens the console once an app for one-time passwords is
    /// set up there.
    #[must_use]
    pub fn administrator_token(&self) -> String {
        self.demo["administrator_token"].as_str().unwrap_or_default().to_owned()
    }

    /// A department's token, to report facts.
    #[must_use]
    pub fn department_token(&self) -> String {
        self.demo["department_token"].as_str().unwrap_or_default().to_owned()
    }

    /// A new one-time code for a desk at the demo's site of `scene`.
    ///
    /// # Errors
    /// When the demo has no such site or the program fails.
    pub fn enrolment_code(&self, scene: &str) -> Result<String> {
        let sites = self.demo["sites"].as_array().map(Vec::as_slice).unwrap_or_default();
        let site = sites
            .iter()
            .find(|site| site["scene"] == scene)
            .and_then(|site| site["id"].as_str())
            .with_context(|| format!("the demo has no site of the scene {scene}"))?;
        let answer = output(self.command()?.args(["enrolment", "--site", site]))?;
        let answer: Value = serde_json::from_str(&answer)?;
        Ok(answer["enrolment_code"].as_str().context("an enrolment code")?.to_owned())
    }

    /// A fresh code of `holder`; `age` makes it older (`10m`), `picture` draws it there.
    ///
    /// # Errors
    /// When the holder has no code or the program fails.
    pub fn show(
        &self,
        holder: &Holder,
        age: Option<&str>,
        picture: Option<&Path>,
    ) -> Result<String> {
        let mut command = self.command()?;
        command.args(["show", "--document-type", &holder.document_type]);
        command.args(["--number", &holder.number]);
        if let Some(age) = age {
            command.args(["--age", age]);
        }
        // The picture camera must not see half a file: it appears under its name when whole.
        let unfinished = picture.map(|path| path.with_extension("part"));
        if let Some(path) = &unfinished {
            command.arg("--picture").arg(path);
        }
        let answer: Value = serde_json::from_str(&output(&mut command)?)?;
        if let (Some(from), Some(to)) = (&unfinished, picture) {
            std::fs::rename(from, to)?;
        }
        Ok(answer["text"].as_str().context("the text of a code")?.to_owned())
    }

    /// Reports a fact of `kind` about `holder`, by the command line.
    ///
    /// # Errors
    /// When it is not accepted.
    pub fn report(&self, holder: &Holder, kind: &str) -> Result<()> {
        let mut command = self.command()?;
        command.args(["fact", "--kind", kind, "--document-type", &holder.document_type]);
        output(command.args(["--number", &holder.number]))?;
        Ok(())
    }
}
