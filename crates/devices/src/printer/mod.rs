//! A printer of slips that speaks ESC/POS: over a serial line, TCP (port 9100) or its device file.
//!
//! Pages are pictures: `GS v 0` is understood by every such printer and needs no font and no
//! code page of its own, so that any script comes out as it was drawn. Jobs are never waited for:
//! [`PrinterHandle::print`] returns at once, and what came of it arrives as a [`PrinterEvent`]. A
//! job that cannot be printed now is dropped and told: a slip that comes out later is somebody
//! else's.
//!
//! [`SimulatedPrinter`] stands in for a printer.

mod commands;
mod options;
mod simulated;
mod status;
mod way;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

pub use options::{PrinterAddress, PrinterOptions, PrinterOptionsError};
pub use simulated::{PrinterFaults, SimulatedPrinter};
pub use status::Trouble;

use crate::event::{DeviceEvent, DeviceState};
use crate::threads::{Crew, Line};
use commands::{CONFIRM, job, picture_end};
use status::{Health, question};
use way::Way;

/// Jobs that may wait while one is printed.
const MOST_WAITING: usize = 4;

/// How often an idle printer is asked how it is.
const ASK: Duration = Duration::from_secs(1);

/// How long to wait before a lost printer is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// How long the answer about one thing may take.
const ANSWER: Duration = Duration::from_millis(300);

/// How long the printer may take from one byte to the next.
const STALLED: Duration = Duration::from_secs(3);

/// How long it may print after it has everything.
const PRINTING: Duration = Duration::from_secs(8);

/// How long stopping waits for the thread.
const STOP: Duration = Duration::from_secs(1);

/// A page: rows from the top, each of whole bytes, the leftmost dot in the highest bit, set
/// where it is black.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    bytes_a_row: usize,
    rows: Vec<u8>,
}

impl std::fmt::Debug for Page {
    /// Without what is on it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page").field("rows", &self.height()).finish_non_exhaustive()
    }
}

impl Page {
    /// A page of these rows; what is no whole row at the end is left out.
    #[must_use]
    pub fn new(bytes_a_row: usize, mut rows: Vec<u8>) -> Self {
        let bytes_a_row = bytes_a_row.max(1);
        rows.truncate(rows.len() / bytes_a_row * bytes_a_row);
        Self { bytes_a_row, rows }
    }

    /// How many rows it has.
    #[must_use]
    pub fn height(&self) -> usize {
        self.rows.len() / self.bytes_a_row
    }

    /// How wide it is, in dots.
    #[must_use]
    pub fn width(&self) -> usize {
        self.bytes_a_row * 8
    }

    /// Its rows, from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.chunks_exact(self.bytes_a_row)
    }
}

/// What came of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// The printer says that it has printed it.
    Done,
    /// It was sent, and the printer does not tell what became of it.
    Sent,
    /// It was not printed, or not whole.
    Failed(Trouble),
}

/// What a printer's thread tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrinterEvent {
    /// What came of the job with this ticket.
    Job {
        /// The ticket that was given with the job.
        ticket: String,
        /// What came of it.
        printed: Printed,
    },
    /// What somebody has to do at the printer. Told once until it changes; `None` when it is
    /// over.
    Trouble(Option<Trouble>),
    /// The state changed.
    State(DeviceState),
}

/// Where events go, from the printer's thread.
pub type PrinterSink = Arc<dyn Fn(PrinterEvent) + Send + Sync>;

struct Job {
    ticket: String,
    page: Page,
}

/// Serves a printer until stopped; one that goes away is told as lost and used again when it is
/// back. A printer on the network is only held while it is asked or prints, since others may
/// want it too.
pub fn run(options: PrinterOptions, sink: PrinterSink) -> PrinterHandle {
    let states = Arc::clone(&sink);
    let line = Line::new(
        options.id(),
        Arc::new(move |event| {
            if let DeviceEvent::State { state, .. } = event {
                states(PrinterEvent::State(state));
            }
        }),
    );
    let (sender, jobs) = mpsc::sync_channel(MOST_WAITING);
    let crew = Crew::default();
    let mut desk = Desk { line: Arc::clone(&line), jobs, sink, options, trouble: None };
    if !crew.start("yanma-printer", move || desk.serve()) {
        line.state(DeviceState::Lost);
    }
    PrinterHandle { line, crew, jobs: Some(sender) }
}

struct Desk {
    line: Arc<Line>,
    jobs: Receiver<Job>,
    sink: PrinterSink,
    options: PrinterOptions,
    /// What was told last and is not over.
    trouble: Option<Trouble>,
}

impl Desk {
    fn serve(&mut self) {
        while !self.line.stopped() {
            let wait = match self.options.at.open() {
                Ok(mut way) => {
                    self.line.state(DeviceState::Working);
                    match self.work(&mut way) {
                        Ok(()) => ASK,
                        Err(error) => {
                            tracing::info!(device = %self.line.id, kind = ?error.kind(), "the printer is gone");
                            self.line.state(DeviceState::Lost);
                            RETRY
                        }
                    }
                }
                Err(error) => {
                    self.line.state(DeviceState::of(&error));
                    self.note(None);
                    RETRY
                }
            };
            if self.line.last_state() == DeviceState::Working {
                match self.next(wait) {
                    Some(job) => self.print_alone(job),
                    None => continue,
                }
            } else {
                // A slip that comes out later is somebody else's.
                while let Some(job) = self.next(wait) {
                    self.tell(job.ticket, Printed::Failed(Trouble::Gone));
                }
            }
        }
    }

    /// A job, if one comes in this time.
    fn next(&self, within: Duration) -> Option<Job> {
        let until = Instant::now() + within;
        while !self.line.stopped() {
            let left = until.saturating_duration_since(Instant::now());
            match self.jobs.recv_timeout(left.min(Duration::from_millis(50))) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return None,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    /// Asks and prints for as long as the way is kept: once, on the network.
    fn work(&mut self, way: &mut Way) -> io::Result<()> {
        loop {
            let health = self.ask(way)?;
            self.note(health.trouble());
            if !self.options.at.is_kept() || self.line.stopped() {
                return Ok(());
            }
            if let Some(job) = self.next(ASK) {
                self.print(way, job)?;
            }
        }
    }

    fn print_alone(&mut self, job: Job) {
        match self.options.at.open() {
            Ok(mut way) => drop(self.print(&mut way, job)),
            Err(error) => {
                self.line.state(DeviceState::of(&error));
                self.tell(job.ticket, Printed::Failed(Trouble::Gone));
            }
        }
    }

    fn print(&mut self, way: &mut Way, job: Job) -> io::Result<()> {
        let printed = self.print_page(way, &job.page);
        match printed {
            Ok(printed) => {
                self.tell(job.ticket, printed);
                Ok(())
            }
            Err(error) => {
                self.tell(job.ticket, Printed::Failed(Trouble::Gone));
                Err(error)
            }
        }
    }

    fn print_page(&mut self, way: &mut Way, page: &Page) -> io::Result<Printed> {
        let before = self.ask(way)?;
        self.note(before.trouble());
        if let Some(trouble) = before.trouble().filter(|trouble| trouble.stops()) {
            return Ok(Printed::Failed(trouble));
        }
        way.discard_input()?;
        for part in job(page).into_iter().chain([picture_end()]) {
            if !self.send(way, &part)? {
                return self.what_stops(way).map(Printed::Failed);
            }
        }
        way.discard_input()?;
        self.send(way, &CONFIRM)?;
        let confirmed = self.hear(way, PRINTING, |byte| byte & 0x90 == 0)?;
        let after = self.ask(way)?;
        self.note(after.trouble());
        Ok(match after.trouble().filter(|trouble| trouble.stops()) {
            // The last slip of a roll is printed, and confirmed, before the paper ends.
            _ if confirmed.is_some() => Printed::Done,
            Some(Trouble::Silent) | None => Printed::Sent,
            Some(trouble) => Printed::Failed(trouble),
        })
    }

    /// Why it does not take what is sent.
    fn what_stops(&mut self, way: &mut Way) -> io::Result<Trouble> {
        let trouble = self.ask(way)?.trouble().unwrap_or(Trouble::Offline);
        self.note(Some(trouble));
        Ok(trouble)
    }

    /// Sends it all; false when the printer takes no more.
    fn send(&self, way: &mut Way, bytes: &[u8]) -> io::Result<bool> {
        let mut rest = bytes;
        let mut last = Instant::now();
        while !rest.is_empty() {
            if self.line.stopped() || last.elapsed() >= STALLED {
                return Ok(false);
            }
            let sent = way.write_some(rest)?;
            if sent > 0 {
                last = Instant::now();
            }
            rest = rest.get(sent..).unwrap_or_default();
        }
        Ok(true)
    }

    /// Asks how it is.
    fn ask(&self, way: &mut Way) -> io::Result<Health> {
        let mut health = Health::default();
        way.discard_input()?;
        for about in 1..=4 {
            if !self.send(way, &question(about))? {
                break;
            }
            let Some(answer) = self.hear(way, ANSWER, status::is_answer)? else { break };
            health.note(about, answer);
        }
        Ok(health)
    }

    /// The first byte that is an answer, if one comes in this time.
    fn hear(
        &self,
        way: &mut Way,
        within: Duration,
        is_answer: impl Fn(u8) -> bool,
    ) -> io::Result<Option<u8>> {
        let until = Instant::now() + within;
        let mut buffer = [0; 64];
        while !self.line.stopped() && Instant::now() < until {
            let count = way.read_some(&mut buffer)?;
            let heard = buffer.iter().take(count).copied().find(|byte| is_answer(*byte));
            if heard.is_some() {
                return Ok(heard);
            }
        }
        Ok(None)
    }

    fn note(&mut self, trouble: Option<Trouble>) {
        if self.trouble != trouble && !self.line.stopped() {
            self.trouble = trouble;
            if let Some(trouble) = trouble {
                tracing::info!(device = %self.line.id, "{}", trouble.in_english());
            }
            (self.sink)(PrinterEvent::Trouble(trouble));
        }
    }

    fn tell(&self, ticket: String, printed: Printed) {
        tracing::info!(device = %self.line.id, ?printed, "a slip was to be printed");
        if !self.line.stopped() {
            (self.sink)(PrinterEvent::Job { ticket, printed });
        }
    }
}

/// A printer in use. Dropping it stops it; what it has, it prints.
pub struct PrinterHandle {
    line: Arc<Line>,
    crew: Crew,
    jobs: Option<SyncSender<Job>>,
}

impl PrinterHandle {
    /// Hands a page over and returns at once; the ticket comes back with what came of it. False
    /// when as many jobs wait as may wait: then nothing comes back.
    #[must_use]
    pub fn print(&self, ticket: String, page: Page) -> bool {
        let job = Job { ticket, page };
        self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok())
    }

    /// The state that was told last.
    #[must_use]
    pub fn state(&self) -> DeviceState {
        self.line.last_state()
    }

    /// Stops serving and closes the way to it; returns within a second.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for PrinterHandle {
    fn drop(&mut self) {
        self.line.stop();
        self.jobs = None;
        if self.crew.wait(STOP) > 0 {
            tracing::warn!(device = %self.line.id, "the printer did not close in time");
        }
    }
}

/// Asks a printer once how it is, without printing. It takes up to two seconds; the printer must
/// not be in use.
///
/// # Errors
/// Why it cannot be reached.
pub fn try_printer(options: &PrinterOptions) -> io::Result<Option<Trouble>> {
    let mut way = options.at.open()?;
    let (_, jobs) = mpsc::sync_channel(1);
    let line = Line::new(options.id(), Arc::new(|_| {}));
    let desk = Desk { line, jobs, sink: Arc::new(|_| {}), options: options.clone(), trouble: None };
    Ok(desk.ask(&mut way)?.trouble())
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
