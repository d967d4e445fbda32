//! A printer that is not there: takes ESC/POS over a pseudo-terminal or TCP, and keeps what it
//! printed.

use std::io;
use std::net::ToSocketAddrs;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Page;
use crate::simulated::{Conversation, Pieces, SimulatedPort};

/// How late a slow printer says that it has printed.
const SLOW: Duration = Duration::from_millis(900);

/// What it does wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PrinterFaults {
    /// Nothing is answered. It prints.
    pub mute: bool,
    /// It takes its time to print.
    pub slow: bool,
    /// No paper.
    pub paper_out: bool,
    /// The roll is nearly at its end.
    pub paper_low: bool,
    /// The cover is open.
    pub cover_open: bool,
    /// The cutter is stuck.
    pub cutter: bool,
    /// Offline by its button.
    pub offline: bool,
}

impl PrinterFaults {
    const fn stops(self) -> bool {
        self.paper_out || self.cover_open || self.cutter || self.offline
    }

    /// The answer to `DLE EOT n`.
    fn answer(self, about: u8) -> u8 {
        let bit = |so: bool, bits: u8| if so { bits } else { 0 };
        0x12 | match about {
            1 => bit(self.stops(), 0x08),
            2 => bit(self.cover_open, 0x04) | bit(self.paper_out, 0x20) | bit(self.cutter, 0x40),
            3 => bit(self.cutter, 0x08),
            _ => bit(self.paper_low, 0x0C) | bit(self.paper_out, 0x60),
        }
    }
}

/// A printer, and what came out of it. Clones are the same one.
#[derive(Clone, Default)]
pub struct SimulatedPrinter(Arc<(Mutex<Inside>, Condvar)>);

#[derive(Default)]
struct Inside {
    faults: PrinterFaults,
    /// Pictures since the last cut.
    rows: Vec<Vec<u8>>,
    /// What was cut off, whole.
    slips: Vec<Page>,
    /// Bytes that mean nothing to it.
    garbage: usize,
}

/// A whole command at the beginning of what was heard.
enum Command<'a> {
    Status(u8),
    Picture { width: usize, rows: &'a [u8] },
    Cut,
    Confirm,
    Ignored,
}

impl SimulatedPrinter {
    /// A good printer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on it does this wrong, and nothing else.
    pub fn set_faults(&self, faults: PrinterFaults) {
        self.inside().faults = faults;
    }

    /// What it does wrong.
    #[must_use]
    pub fn faults(&self) -> PrinterFaults {
        self.inside().faults
    }

    /// How many slips came out.
    #[must_use]
    pub fn printed(&self) -> usize {
        self.inside().slips.len()
    }

    /// How many bytes came that are no part of a command it knows.
    #[must_use]
    pub fn garbage(&self) -> usize {
        self.inside().garbage
    }

    /// Slip number `at`, from 0, when it comes out in this time.
    #[must_use]
    pub fn wait_for(&self, at: usize, within: Duration) -> Option<Page> {
        let until = Instant::now() + within;
        let mut inside = self.inside();
        while inside.slips.len() <= at {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let waited = self.0.1.wait_timeout(inside, left);
            inside = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        inside.slips.get(at).cloned()
    }

    /// Plugs it in as a serial port: a pseudo-terminal with a name of its own.
    ///
    /// # Errors
    /// What the operating system says; `Unsupported` outside Linux.
    pub fn on_terminal(&self) -> io::Result<SimulatedPort> {
        SimulatedPort::on_terminal(self.answering())
    }

    /// Listens at `address`, `host:port`.
    ///
    /// # Errors
    /// What the operating system says, such as that the port is taken.
    pub fn on_tcp(&self, address: impl ToSocketAddrs) -> io::Result<SimulatedPort> {
        SimulatedPort::on_tcp(address, self.answering())
    }

    fn answering(&self) -> impl Fn() -> Conversation + Send + 'static {
        let printer = self.clone();
        move || {
            let (printer, mut heard) = (printer.clone(), Vec::new());
            Box::new(move |bytes| {
                heard.extend_from_slice(bytes);
                let said = printer.inside().say(&mut heard);
                printer.0.1.notify_all();
                said
            })
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn say(&mut self, heard: &mut Vec<u8>) -> Pieces {
        let mut pieces = Pieces::new();
        while let Some((command, length)) = command(heard) {
            let faults = self.faults;
            match command {
                Command::Status(about) => pieces.push((Duration::ZERO, vec![faults.answer(about)])),
                // Offline it keeps what it got, and prints nothing.
                _ if faults.stops() => {}
                Command::Picture { width, rows } => {
                    self.rows.extend(rows.chunks(width.max(1)).map(<[u8]>::to_vec));
                }
                Command::Cut => self.cut(),
                Command::Confirm => {
                    let pause = if faults.slow { SLOW } else { Duration::ZERO };
                    let low = if faults.paper_low { 0x03 } else { 0 };
                    pieces.push((pause, vec![low]));
                }
                Command::Ignored => self.garbage += usize::from(length == 1),
            }
            heard.drain(..length);
        }
        if self.faults.mute { Pieces::new() } else { pieces }
    }

    fn cut(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let width = rows.iter().map(Vec::len).max().unwrap_or(1);
        let whole = rows.into_iter().flat_map(|mut row| {
            row.resize(width, 0);
            row
        });
        self.slips.push(Page::new(width, whole.collect()));
    }
}

/// The first command, and how long it is; `None` while it is not whole.
fn command(heard: &[u8]) -> Option<(Command<'_>, usize)> {
    let first = *heard.first()?;
    Some(match (first, heard.get(1)) {
        (0x10 | 0x1B | 0x1D, None) => return None,
        (0x10, Some(0x04)) => (Command::Status(*heard.get(2)?), 3),
        (0x1B, Some(0x40)) => (Command::Ignored, 2),
        (0x1B, Some(0x64)) => {
            heard.get(2)?;
            (Command::Ignored, 3)
        }
        (0x1D, Some(0x72)) => {
            heard.get(2)?;
            (Command::Confirm, 3)
        }
        (0x1D, Some(0x56)) => {
            let length = if *heard.get(2)? >= 65 { 4 } else { 3 };
            heard.get(length - 1)?;
            (Command::Cut, length)
        }
        (0x1D, Some(0x76)) => {
            let head = heard.get(..8)?;
            let &[_, _, _, _, wide, wider, high, higher] = head else { return None };
            let width = usize::from(u16::from_le_bytes([wide, wider]));
            let height = usize::from(u16::from_le_bytes([high, higher]));
            let rows = heard.get(8..8 + width * height)?;
            (Command::Picture { width, rows }, 8 + width * height)
        }
        _ => (Command::Ignored, 1),
    })
}
