//! `yanma simulate-reader`: a card reader that is not there, for trying a desk without one.

use std::process::ExitCode;

use anyhow::bail;
use clap::ValueEnum;
use yanma_devices::card::{Faults, SimulatedReader, Status};

use crate::bench::{Place, Plug, named_faults, obey};
use crate::simulated_card::Wanted;

/// Speaks as a second-generation card reader (SAM_V) does, over a pseudo-terminal or TCP.
///
/// Prints where it is, then takes lines from standard input: `put [KIND] [NUMBER] [NAME]`,
/// `remove`, `fault NAME…`, `fine`, `unplug`, `plug`, `quit`. At the end of the input it stays
/// until it is ended from outside.
#[derive(clap::Args)]
pub(crate) struct SimulateReader {
    #[command(flatten)]
    place: Place,
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
    /// It falls silent in the middle of its answer to a read.
    Freezes,
}

fn status(text: &str) -> Result<u8, String> {
    u8::from_str_radix(text, 16).map_err(|_| "two hexadecimal digits, such as 41".to_owned())
}

impl SimulateReader {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut bench = Bench::new(&self.place);
        bench.no_card = self.fault.contains(&Fault::NoCard);
        bench.reader.set_faults(faults(&self.fault, self.status));
        if self.card.is_wanted() {
            bench.put(&self.card)?;
        }
        bench.plug.put_in()?;
        obey(|words| bench.does(words))
    }
}

/// A reader on the workbench, plugged in or not.
struct Bench {
    reader: SimulatedReader,
    plug: Plug,
    no_card: bool,
}

impl Bench {
    fn new(place: &Place) -> Self {
        let reader = SimulatedReader::new();
        let mine = reader.clone();
        let plug = Plug::new("reader", place, move |tcp| match tcp {
            Some(place) => mine.on_tcp(place),
            None => mine.on_terminal(),
        });
        Self { reader, plug, no_card: false }
    }

    /// Does what a line says; false when it is the last.
    fn does(&mut self, words: &[&str]) -> anyhow::Result<bool> {
        match words {
            [] => {}
            ["put", rest @ ..] => self.put(&Wanted::from_words(rest)?)?,
            ["remove"] => self.reader.take_away(),
            ["fault", names @ ..] => {
                let named = named_faults(names)?;
                self.no_card = named.contains(&Fault::NoCard);
                if self.no_card {
                    self.reader.take_away();
                }
                self.reader.set_faults(faults(&named, None));
            }
            ["fine"] => self.reader.set_faults(Faults::default()),
            ["unplug"] => self.plug.pull(),
            ["plug"] => self.plug.put_in()?,
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
        freezes_after: has(Fault::Freezes).then_some(600),
        status: status.map(Status),
        ..Faults::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulated_card::Kind;

    #[test]
    fn a_bench_does_what_lines_say_and_names_what_it_does_not_know() {
        let mut bench = Bench::new(&Place::on_tcp("127.0.0.1:0"));
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
