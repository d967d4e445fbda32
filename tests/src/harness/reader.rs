//! A card reader and a desk without a window, as the programs they are.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::children::Running;
use xtask::demo::Holder;
use xtask::station::DemoStation;

/// A simulated reader on a pseudo-terminal with a lasting name.
pub(crate) struct Reader(Simulated);

/// A simulated device on a pseudo-terminal with a lasting name.
pub(crate) struct Simulated {
    _running: Running,
    orders: ChildStdin,
    place: PathBuf,
    said: Receiver<Value>,
}

impl Simulated {
    /// Plugs a device in under its kind's name in `folder`: `reader`, `turnstile`, `printer`.
    pub(crate) fn plugged_in(
        desk: &DemoStation,
        folder: &Path,
        kind: &str,
        options: &[&str],
    ) -> Result<Self> {
        let place = folder.join(kind);
        let mut command = desk.command()?;
        command.args([&format!("simulate-{kind}"), "--json", "--link"]).arg(&place).args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = Running::start(&format!("the simulated {kind}"), &mut command)?;
        let orders = running.child().stdin.take().context("its input")?;
        let said = lines(running.child())?;
        said.recv_timeout(Duration::from_secs(10)).context("it says where it is")?;
        Ok(Self { _running: running, orders, place, said })
    }

    /// Where the desk finds it.
    pub(crate) fn place(&self) -> String {
        self.place.display().to_string()
    }

    /// Tells it what to do: `unplug`, `plug`, `fault mute`, `fine`, …
    pub(crate) fn does(&mut self, order: &str) -> Result<()> {
        writeln!(self.orders, "{order}")?;
        Ok(self.orders.flush()?)
    }

    /// What happened to it since it was asked last: it was `opened`, it `printed`. It tells a
    /// moment after it has answered the desk, so `fewest` events are waited for.
    pub(crate) fn happened(&self, fewest: usize) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(10);
        let event = |line: Value| Some(line["event"].as_str()?.to_owned());
        let mut events = Vec::new();
        while events.len() < fewest {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else { break };
            events.extend(event(line));
        }
        events.extend(self.said.try_iter().filter_map(event));
        events
    }
}

impl Reader {
    /// Plugs a reader in under a name in `folder`.
    pub(crate) fn plugged_in(desk: &DemoStation, folder: &Path) -> Result<Self> {
        Simulated::plugged_in(desk, folder, "reader", &[]).map(Self)
    }

    /// Where the desk finds it.
    pub(crate) fn place(&self) -> String {
        self.0.place()
    }

    /// Tells it what to do.
    pub(crate) fn does(&mut self, order: &str) -> Result<()> {
        self.0.does(order)
    }

    /// Lays somebody's resident card on it.
    pub(crate) fn put(&mut self, holder: &Holder) -> Result<()> {
        ensure!(holder.document_type == "resident-id", "{} has another card", holder.label);
        self.does(&format!("put resident {} {}", holder.number, holder.name))
    }
}

/// `yanma watch`: what it prints, line by line.
pub(crate) struct Gate {
    _running: Running,
    lines: Receiver<Value>,
}

impl Gate {
    /// A desk at work with a picture folder and a card reader.
    pub(crate) fn open(desk: &DemoStation, pictures: &Path, reader: &Reader) -> Result<Self> {
        Self::open_with(desk, pictures, &["--card-reader", &reader.place()])
    }

    /// A desk at work with a picture folder and these devices.
    pub(crate) fn open_with(desk: &DemoStation, pictures: &Path, devices: &[&str]) -> Result<Self> {
        let mut command = desk.command()?;
        command.args(["watch", "--json", "--pictures"]).arg(pictures).args(devices);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut running = Running::start("the gate", &mut command)?;
        let lines = lines(running.child())?;
        Ok(Self { _running: running, lines })
    }

    /// Waits for a line that is wanted; others are passed over.
    pub(crate) fn wait(
        &self,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let until = Instant::now() + limit;
        let mut passed = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if wanted(&line) => return Ok(line),
                Ok(line) => passed.push(line.to_string()),
                Err(_) => bail!("{what}: not within {limit:?}; what came: {passed:#?}"),
            }
        }
    }

    /// Waits for the next verdict.
    pub(crate) fn verdict(&self, limit: Duration) -> Result<Value> {
        self.wait("a verdict", limit, |line| line["verdict"].is_string())
    }

    /// Waits until the reader is in a state.
    pub(crate) fn reader_is(&self, state: &str, limit: Duration) -> Result<Value> {
        self.wait(&format!("the reader {state}"), limit, |line| {
            line["device"].as_str().is_some_and(|id| id.starts_with("card:"))
                && line["state"] == state
        })
    }

    /// Verdicts that come within a time.
    pub(crate) fn verdicts_within(&self, time: Duration) -> Vec<Value> {
        let until = Instant::now() + time;
        let mut all = Vec::new();
        while let Ok(line) =
            self.lines.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            all.extend(line["verdict"].is_string().then_some(line));
        }
        all
    }
}

/// What a program prints, as JSON, from a thread that ends with it.
fn lines(child: &mut Child) -> Result<Receiver<Value>> {
    let output = BufReader::new(child.stdout.take().context("its output")?);
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
            if sender.send(value).is_err() {
                return;
            }
        }
    });
    Ok(lines)
}
