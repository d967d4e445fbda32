//! A workbench: a simulated device that is plugged in, pulled out, and told what to do.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use yanma_devices::{LineAddress, SimulatedPort};

use crate::output;

/// Where it is plugged in.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Place {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Listen here, host:port, instead of opening a pseudo-terminal; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) tcp: Option<String>,
    /// A symbolic link to the pseudo-terminal, which keeps its name when the device is unplugged
    /// and plugged in again.
    #[arg(long, value_name = "PATH", conflicts_with = "tcp")]
    link: Option<PathBuf>,
}

#[cfg(test)]
impl Place {
    /// On TCP, told as JSON.
    pub(crate) fn on_tcp(address: &str) -> Self {
        Self { json: true, tcp: Some(address.to_owned()), link: None }
    }
}

/// Says what happens to a device, from any thread.
pub(crate) struct Told {
    json: bool,
}

impl Told {
    /// In the words that are asked for there.
    pub(crate) fn at(place: &Place) -> Self {
        Self { json: place.json }
    }

    /// Says that something happened for so many times by now.
    pub(crate) fn say(&self, event: &str, count: u64) -> anyhow::Result<()> {
        if self.json {
            return output::json(&json!({ "event": event, "count": count }));
        }
        output::line(&format!("{event} ({count})"))
    }
}

/// Opens a port of a device: on TCP where an address is given, else a pseudo-terminal.
type Opens = Box<dyn Fn(Option<&str>) -> std::io::Result<SimulatedPort>>;

/// A device's plug.
pub(crate) struct Plug {
    what: &'static str,
    place: Place,
    opens: Opens,
    port: Option<SimulatedPort>,
}

impl Plug {
    /// A device that is called so, not plugged in yet.
    pub(crate) fn new(
        what: &'static str,
        place: &Place,
        opens: impl Fn(Option<&str>) -> std::io::Result<SimulatedPort> + 'static,
    ) -> Self {
        Self { what, place: place.clone(), opens: Box::new(opens), port: None }
    }

    /// Pulls it out.
    pub(crate) fn pull(&mut self) {
        self.port = None;
    }

    /// Plugs it in, where it was before if it was, and says where that is.
    pub(crate) fn put_in(&mut self) -> anyhow::Result<()> {
        self.port = None;
        let tcp = self.place.tcp.as_deref();
        let port = (self.opens)(tcp).context(tcp.unwrap_or("a pseudo-terminal").to_owned())?;
        let (kind, place) = match port.address() {
            LineAddress::Serial { port, .. } => ("serial", self.named(port)?),
            LineAddress::Tcp(place) => {
                let place = place.clone();
                self.place.tcp = Some(place.clone());
                ("tcp", place)
            }
        };
        self.port = Some(port);
        if self.place.json {
            let mut line = serde_json::Map::new();
            line.insert("kind".to_owned(), kind.into());
            line.insert(self.what.to_owned(), place.into());
            return output::json(&line);
        }
        output::line(&format!("the {} is at {place}", self.what))
    }

    /// The port's lasting name, if one was asked for.
    fn named(&self, port: &str) -> anyhow::Result<String> {
        let Some(link) = &self.place.link else { return Ok(port.to_owned()) };
        point(link, port).with_context(|| link.display().to_string())?;
        Ok(link.display().to_string())
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        if let Some(link) = &self.place.link {
            let _ = std::fs::remove_file(link);
        }
    }
}

/// Points a link at a port; what is no link is left alone.
#[cfg(unix)]
fn point(link: &Path, port: &str) -> std::io::Result<()> {
    if link.is_symlink() {
        std::fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(port, link)
}

#[cfg(not(unix))]
fn point(_link: &Path, _port: &str) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Does what the lines of standard input say until one of them is the last; at the end of the
/// input it stays until it is ended from outside.
pub(crate) fn obey(
    mut does: impl FnMut(&[&str]) -> anyhow::Result<bool>,
) -> anyhow::Result<ExitCode> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        match does(&words) {
            Ok(true) => {}
            Ok(false) => return Ok(ExitCode::SUCCESS),
            Err(error) => output::complain(&error),
        }
    }
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

/// The faults that a line names.
pub(crate) fn named_faults<F: clap::ValueEnum>(names: &[&str]) -> anyhow::Result<Vec<F>> {
    let parse = |name: &&str| {
        F::from_str(name, true).map_err(|_| anyhow::anyhow!("there is no fault `{name}`"))
    };
    names.iter().map(parse).collect()
}
