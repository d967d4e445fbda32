//! `yanma simulate-serial`: a scanner or a thermometer on a serial port that is not there.

use std::process::ExitCode;

use anyhow::bail;
use yanma_devices::serial::SimulatedSerial;

use crate::bench::{Place, Plug, obey};

/// Speaks as a scanner or a thermometer on a serial port does, over a pseudo-terminal or TCP.
///
/// Prints where it is, then takes lines from standard input: `say TEXT`, `unplug`, `plug`, `quit`.
/// At the end of the input it stays until it is ended from outside.
#[derive(clap::Args)]
pub(crate) struct SimulateSerial {
    #[command(flatten)]
    place: Place,
}

impl SimulateSerial {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut bench = Bench::new(SimulatedSerial::new(), &self.place);
        bench.plug.put_in()?;
        obey(|words| bench.does(words))
    }
}

/// A device on the workbench, plugged in or not.
struct Bench {
    device: SimulatedSerial,
    plug: Plug,
}

impl Bench {
    fn new(device: SimulatedSerial, place: &Place) -> Self {
        let mine = device.clone();
        let plug = Plug::new("device", place, move |tcp| match tcp {
            Some(place) => mine.on_tcp(place),
            None => mine.on_terminal(),
        });
        Self { device, plug }
    }

    /// Does what a line says; false when it is the last.
    fn does(&mut self, words: &[&str]) -> anyhow::Result<bool> {
        match words {
            [] => {}
            ["say", text @ ..] => self.device.say(&text.join(" ")),
            ["unplug"] => self.plug.pull(),
            ["plug"] => self.plug.put_in()?,
            ["quit"] => return Ok(false),
            [other, ..] => bail!("`{other}` is not known: say, unplug, plug, quit"),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_does_what_lines_say_and_names_what_it_does_not_know() {
        let mut bench = Bench::new(SimulatedSerial::new(), &Place::on_tcp("127.0.0.1:0"));
        for line in ["", "plug", "say 36.8", "unplug", "plug"] {
            let words: Vec<_> = line.split_whitespace().collect();
            assert!(bench.does(&words).is_ok_and(|goes_on| goes_on), "{line}");
        }
        assert!(bench.does(&["dance"]).is_err());
        assert!(!bench.does(&["quit"]).expect("known"));
    }
}
