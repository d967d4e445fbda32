//! `yanma simulate-printer`: a printer of slips that is not there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use yanma_devices::printer::{Page, PrinterFaults, SimulatedPrinter};

use crate::bench::{Place, Plug, Told, named_faults, obey};
use crate::output;

/// Speaks as a printer of slips (ESC/POS) does, over a pseudo-terminal or TCP.
///
/// Prints where it is and each slip that comes out, then takes lines from standard input:
/// `fault NAME…`, `fine`, `unplug`, `plug`, `quit`. At the end of the input it stays until it is
/// ended from outside.
#[derive(clap::Args)]
pub(crate) struct SimulatePrinter {
    #[command(flatten)]
    place: Place,
    /// A folder into which each slip is written as a picture, `slip-1.pbm` and so on.
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// What it does wrong; several with commas.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FAULT")]
    fault: Vec<Fault>,
}

/// What a simulated printer does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// Nothing is answered. It prints.
    Mute,
    /// It takes its time to print.
    Slow,
    /// No paper.
    PaperOut,
    /// The roll is nearly at its end.
    PaperLow,
    /// The cover is open.
    CoverOpen,
    /// The cutter is stuck.
    Cutter,
    /// Offline by its button.
    Offline,
}

fn faults(named: &[Fault]) -> PrinterFaults {
    let has = |fault| named.contains(&fault);
    PrinterFaults {
        mute: has(Fault::Mute),
        slow: has(Fault::Slow),
        paper_out: has(Fault::PaperOut),
        paper_low: has(Fault::PaperLow),
        cover_open: has(Fault::CoverOpen),
        cutter: has(Fault::Cutter),
        offline: has(Fault::Offline),
    }
}

impl SimulatePrinter {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let printer = SimulatedPrinter::new();
        printer.set_faults(faults(&self.fault));
        let mut bench = Bench::new(printer.clone(), &self.place);
        bench.plug.put_in()?;
        let (told, save) = (Told::at(&self.place), self.save.clone());
        std::thread::spawn(move || {
            for number in 0.. {
                let slip = loop {
                    if let Some(slip) = printer.wait_for(number, Duration::from_secs(60)) {
                        break slip;
                    }
                };
                if let Some(folder) = &save
                    && let Err(error) = write(folder, number + 1, &slip)
                {
                    output::complain(&error);
                }
                drop(told.say("printed", number as u64 + 1));
            }
        });
        obey(|words| bench.does(words))
    }
}

/// Writes a slip as a portable bitmap, in which black is 1 as well.
fn write(folder: &Path, number: usize, slip: &Page) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("slip-{number}.pbm"));
    let mut file = std::fs::File::create(&path).with_context(|| path.display().to_string())?;
    write!(file, "P4\n{} {}\n", slip.width(), slip.height())?;
    slip.rows().try_for_each(|row| Ok(file.write_all(row)?))
}

/// A printer on the workbench, plugged in or not.
struct Bench {
    printer: SimulatedPrinter,
    plug: Plug,
}

impl Bench {
    fn new(printer: SimulatedPrinter, place: &Place) -> Self {
        let mine = printer.clone();
        let plug = Plug::new("printer", place, move |tcp| match tcp {
            Some(place) => mine.on_tcp(place),
            None => mine.on_terminal(),
        });
        Self { printer, plug }
    }

    /// Does what a line says; false when it is the last.
    fn does(&mut self, words: &[&str]) -> anyhow::Result<bool> {
        match words {
            [] => {}
            ["fault", names @ ..] => self.printer.set_faults(faults(&named_faults(names)?)),
            ["fine"] => self.printer.set_faults(PrinterFaults::default()),
            ["unplug"] => self.plug.pull(),
            ["plug"] => self.plug.put_in()?,
            ["quit"] => return Ok(false),
            [other, ..] => bail!("`{other}` is not known: fault, fine, unplug, plug, quit"),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_written_as_a_picture_that_others_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let slip = Page::new(2, vec![0x80, 0x01, 0xFF, 0x00]);
        write(folder.path(), 1, &slip).expect("written");
        let file = std::fs::read(folder.path().join("slip-1.pbm")).expect("there");
        assert_eq!(file, b"P4\n16 2\n\x80\x01\xFF\x00");
    }

    #[test]
    fn a_bench_does_what_lines_say_and_names_what_it_does_not_know() {
        let place = Place::on_tcp("127.0.0.1:0");
        let mut bench = Bench::new(SimulatedPrinter::new(), &place);
        for line in ["", "plug", "fault paper-out slow", "unplug", "plug"] {
            let words: Vec<_> = line.split_whitespace().collect();
            assert!(bench.does(&words).is_ok_and(|goes_on| goes_on), "{line}");
        }
        let faults = bench.printer.faults();
        assert!(faults.paper_out && faults.slow && !faults.mute);
        assert!(bench.does(&["fine"]).is_ok());
        assert_eq!(bench.printer.faults(), PrinterFaults::default());
        assert!(bench.does(&["fault", "sulking"]).is_err());
        assert!(bench.does(&["dance"]).is_err());
        assert!(!bench.does(&["quit"]).expect("known"));
    }
}
