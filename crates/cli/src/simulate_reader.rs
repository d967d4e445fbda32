//! `yanma simulate-reader`: a card reader that is not there, for trying a desk without one.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use serde_json::json;
use yanma_devices::card::{Faults, ReaderAddress, SimulatedPort, SimulatedReader, Status};

use crate::output;
use crate::simulated_card::Wanted;

/// Speaks as a second-generation card reader (SAM_V) does, over a pseudo-terminal or TCP.
///
/// Prints where it is, then takes lines from standard input: `put [KIND] [NUMBER] [NAME]`,
/// `remove`, `fault NAME…`, `fine`, `unplug`, `plug`, `quit`. At the end of the input it stays
/// until it is ended from outside.
#[derive(clap::Args)]
pub(crate) struct SimulateReader {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Listen here, host:port, instead of opening a pseudo-terminal; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    tcp: Option<String>,
    /// A symbolic link to the pseudo-terminal, which keeps its name when the reader is unplugged
    /// and plugged in again.
    #[arg(long, value_name = "PATH", conflicts_with = "tcp")]
    link: Option<PathBuf>,
    /// What it does wrong; several with commas.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FAULT")]
    fault: Vec<Fault>,
    /// The status, two hexadecimal digits, with which it refuses every card: 81 when one is
    /// selected, any other when it is read.
    #[arg(long, value_name = "HEX", value_parser = status)]
    status: Option<u8>,
    #[command(flatten)]
    card: Wanted,
}

/// What a simulated reader does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// Every third answer is damaged on its way.
    Checksum,
    /// Bytes arrive one by one.
    Split,
    /// Noise stands before and after every answer.
    Noise,
    /// There is no card, whatever is put on it.
    NoCard,
    /// Nothing is answered.
    Mute,
    /// Answers begin late and come at the pace of 9600 baud.
    Slow,
    /// A card is found again after it was read, as some readers do.
    FindsAgain,
}

fn status(text: &str) -> Result<u8, String> {
    u8::from_str_radix(text, 16).map_err(|_| "two hexadecimal digits, such as 41".to_owned())
}

impl SimulateReader {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut bench = Bench {
            reader: SimulatedReader::new(),
            place: self.tcp.clone(),
            link: self.link.clone(),
            port: None,
            no_card: self.fault.contains(&Fault::NoCard),
            json: self.json,
        };
        bench.reader.set_faults(faults(&self.fault, self.status));
        if self.card.is_wanted() {
            bench.put(&self.card)?;
        }
        bench.plug()?;
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            let words: Vec<&str> = line.split_whitespace().collect();
            match bench.does(&words) {
                Ok(true) => {}
                Ok(false) => return Ok(ExitCode::SUCCESS),
                Err(error) => output::complain(&error),
            }
        }
        loop {
            std::thread::sleep(Duration::from_secs(3600));
        }
    }
}

/// A reader on the workbench, plugged in or not.
struct Bench {
    reader: SimulatedReader,
    /// Where it listens; a pseudo-terminal without.
    place: Option<String>,
    link: Option<PathBuf>,
    port: Option<SimulatedPort>,
    no_card: bool,
    json: bool,
}

impl Bench {
    /// Does what a line says; false when it is the last.
    fn does(&mut self, words: &[&str]) -> anyhow::Result<bool> {
        match words {
            [] => {}
            ["put", rest @ ..] => self.put(&Wanted::from_words(rest)?)?,
            ["remove"] => self.reader.take_away(),
            ["fault", names @ ..] => {
                let parse = |name: &&str| {
                    Fault::from_str(name, true)
                        .map_err(|_| anyhow::anyhow!("there is no fault `{name}`"))
                };
                let named: Vec<_> = names.iter().map(parse).collect::<Result<_, _>>()?;
                self.no_card = named.contains(&Fault::NoCard);
                if self.no_card {
                    self.reader.take_away();
                }
                self.reader.set_faults(faults(&named, None));
            }
            ["fine"] => self.reader.set_faults(Faults::default()),
            ["unplug"] => self.port = None,
            ["plug"] => self.plug()?,
            ["quit"] => return Ok(false),
            [other, ..] => {
                bail!("`{other}` is not known: put, remove, fault, fine, unplug, plug, quit")
            }
        }
        Ok(true)
    }

    fn put(&self, card: &Wanted) -> anyhow::Result<()> {
        let text = card.text()?;
        if !self.no_card {
            self.reader.put(&text);
        }
        Ok(())
    }

    /// Plugs it in, where it was before if it was, and says where that is.
    fn plug(&mut self) -> anyhow::Result<()> {
        self.port = None;
        let port = match &self.place {
            Some(place) => self.reader.on_tcp(place.as_str()).with_context(|| place.clone())?,
            None => self.reader.on_terminal().context("a pseudo-terminal")?,
        };
        let (kind, place) = match port.address() {
            ReaderAddress::Serial { port, .. } => ("serial", self.named(port)?),
            ReaderAddress::Tcp(place) => {
                self.place = Some(place.clone());
                ("tcp", place.clone())
            }
        };
        self.port = Some(port);
        if self.json {
            return output::json(&json!({ "kind": kind, "reader": place }));
        }
        output::line(&format!("the reader is at {place}"))
    }

    /// The port's lasting name, if one was asked for.
    fn named(&self, port: &str) -> anyhow::Result<String> {
        let Some(link) = &self.link else { return Ok(port.to_owned()) };
        point(link, port).with_context(|| link.display().to_string())?;
        Ok(link.display().to_string())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
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

fn faults(named: &[Fault], status: Option<u8>) -> Faults {
    let has = |fault| named.contains(&fault);
    Faults {
        bad_checksum: has(Fault::Checksum),
        split: has(Fault::Split),
        noise: has(Fault::Noise),
        mute: has(Fault::Mute),
        slow: has(Fault::Slow),
        finds_again: has(Fault::FindsAgain),
        status: status.map(Status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulated_card::Kind;

    #[test]
    fn a_bench_does_what_lines_say_and_names_what_it_does_not_know() {
        let mut bench = Bench {
            reader: SimulatedReader::new(),
            place: Some("127.0.0.1:0".to_owned()),
            link: None,
            port: None,
            no_card: false,
            json: true,
        };
        for line in
            ["", "put", "put permanent-2023", "remove", "fault split noise", "plug", "unplug"]
        {
            let words: Vec<_> = line.split_whitespace().collect();
            assert!(bench.does(&words).is_ok_and(|goes_on| goes_on), "{line}");
        }
        let faults = bench.reader.faults();
        assert!(faults.split && faults.noise && !faults.mute);
        assert!(bench.does(&["fault", "sulking"]).is_err());
        assert!(bench.does(&["put", "library-card"]).is_err());
        assert!(bench.does(&["put", "resident", "11010519491231002Y"]).is_err());
        assert!(bench.does(&["dance"]).is_err());
        assert!(!bench.does(&["quit"]).expect("known"));
    }

    #[test]
    fn every_kind_of_card_can_be_put_on_it() {
        for kind in Kind::value_variants() {
            let name = kind.to_possible_value().expect("named").get_name().to_owned();
            let card = Wanted::from_words(&[name.as_str()]).and_then(|wanted| wanted.text());
            assert!(card.is_ok(), "{name}: {card:?}");
        }
    }
}
