//! `yanma simulate-turnstile`: a relay with a turnstile behind it that is not there.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::ValueEnum;
use yanma_devices::turnstile::{Framing, RelayFaults, SimulatedRelay, Speaks};

use crate::bench::{Place, Plug, Told, named_faults, obey};

/// How often it is looked whether it was opened.
const LOOK: Duration = Duration::from_millis(50);

/// Speaks as the relay of a turnstile does, over a pseudo-terminal or TCP.
///
/// Prints where it is and each time it is opened, then takes lines from standard input: `turn`
/// (somebody goes through now), `somebody [MILLISECONDS]` (goes through so long after it opens),
/// `nobody`, `fault NAME…`, `fine`, `unplug`, `plug`, `quit`. At the end of the input it stays
/// until it is ended from outside.
#[derive(clap::Args)]
pub(crate) struct SimulateTurnstile {
    #[command(flatten)]
    place: Place,
    /// What it speaks; a web server is only there on TCP.
    #[arg(long, value_enum, default_value = "modbus")]
    speaks: Kind,
    /// What opens it, in hexadecimal, where it speaks bytes.
    #[arg(long, value_name = "HEX", default_value = "A00101A2")]
    open: String,
    /// What it answers to that.
    #[arg(long, value_name = "HEX", default_value = "4F4B")]
    answer: String,
    /// What it sends when the arm has turned.
    #[arg(long, value_name = "HEX", default_value = "5455524E")]
    turned: String,
    /// What it does wrong; several with commas.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FAULT")]
    fault: Vec<Fault>,
}

/// What a simulated relay speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Frames of an LCUS board, and nothing back.
    Lcus,
    /// Modbus with checksums.
    Modbus,
    /// Modbus as it is on TCP.
    ModbusTcp,
    /// The bytes that are given.
    Bytes,
    /// A Shelly's web server.
    Shelly,
}

/// What a simulated relay does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// Nothing is answered, and nothing opens.
    Mute,
    /// Answers come too late.
    Slow,
    /// It opens, and the arm never turns.
    Stuck,
}

fn faults(named: &[Fault]) -> RelayFaults {
    let has = |fault| named.contains(&fault);
    RelayFaults { mute: has(Fault::Mute), slow: has(Fault::Slow), stuck: has(Fault::Stuck) }
}

impl SimulateTurnstile {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let speaks = self.speaks()?;
        let served = speaks != Speaks::Shelly || self.place.tcp.is_some();
        ensure!(served, "a web server needs --tcp HOST:PORT");
        let relay = SimulatedRelay::new(speaks);
        relay.set_faults(faults(&self.fault));
        let mut bench = Bench::new(relay.clone(), &self.place);
        bench.plug.put_in()?;
        let told = Told::at(&self.place);
        std::thread::spawn(move || {
            let mut count = 0;
            loop {
                std::thread::sleep(LOOK);
                while count < relay.opened() {
                    count += 1;
                    drop(told.say("opened", count.into()));
                }
            }
        });
        obey(|words| bench.does(words))
    }

    fn speaks(&self) -> anyhow::Result<Speaks> {
        let bytes = |name: &'static str, text: &str| {
            let bytes = hex::decode(text).ok().filter(|bytes| !bytes.is_empty());
            bytes.with_context(|| format!("--{name} takes hexadecimal digits, such as A00101A2"))
        };
        Ok(match self.speaks {
            Kind::Lcus => Speaks::Lcus,
            Kind::Modbus => Speaks::Modbus(Framing::Rtu),
            Kind::ModbusTcp => Speaks::Modbus(Framing::Tcp),
            Kind::Shelly => Speaks::Shelly,
            Kind::Bytes => Speaks::Bytes {
                open: bytes("open", &self.open)?,
                answer: bytes("answer", &self.answer)?,
                turned: bytes("turned", &self.turned)?,
            },
        })
    }
}

/// A relay on the workbench, plugged in or not.
struct Bench {
    relay: SimulatedRelay,
    plug: Plug,
}

impl Bench {
    fn new(relay: SimulatedRelay, place: &Place) -> Self {
        let mine = relay.clone();
        let plug = Plug::new("turnstile", place, move |tcp| match tcp {
            Some(place) => mine.on_tcp(place),
            None => mine.on_terminal(),
        });
        Self { relay, plug }
    }

    /// Does what a line says; false when it is the last.
    fn does(&mut self, words: &[&str]) -> anyhow::Result<bool> {
        match words {
            [] => {}
            ["turn"] => self.relay.turn(),
            ["somebody"] => self.relay.set_turns_after(Some(Duration::from_millis(250))),
            ["somebody", time] => {
                let time = time.parse().context("milliseconds")?;
                self.relay.set_turns_after(Some(Duration::from_millis(time)));
            }
            ["nobody"] => self.relay.set_turns_after(None),
            ["fault", names @ ..] => self.relay.set_faults(faults(&named_faults(names)?)),
            ["fine"] => self.relay.set_faults(RelayFaults::default()),
            ["unplug"] => self.plug.pull(),
            ["plug"] => self.plug.put_in()?,
            ["quit"] => return Ok(false),
            [other, ..] => {
                bail!(
                    "`{other}` is not known: turn, somebody, nobody, fault, fine, unplug, plug, quit"
                )
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_does_what_lines_say_and_names_what_it_does_not_know() {
        let relay = SimulatedRelay::new(Speaks::Lcus);
        let mut bench = Bench::new(relay, &Place::on_tcp("127.0.0.1:0"));
        for line in [
            "",
            "plug",
            "turn",
            "nobody",
            "somebody",
            "somebody 40",
            "fault mute",
            "fine",
            "unplug",
        ] {
            let words: Vec<_> = line.split_whitespace().collect();
            assert!(bench.does(&words).is_ok_and(|goes_on| goes_on), "{line}");
        }
        for bad in ["fault sulking", "somebody soon", "dance"] {
            let words: Vec<_> = bad.split_whitespace().collect();
            assert!(bench.does(&words).is_err(), "{bad}");
        }
        assert!(!bench.does(&["quit"]).expect("known"));
    }
}
