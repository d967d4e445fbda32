//! A turnstile behind a relay: opened when it is told to, and heard when its arm turned.
//!
//! Orders are never waited for: [`TurnstileHandle::open`] returns at once, and what came of it
//! arrives as a [`TurnstileEvent`]. An order that could not be given at once is dropped: an arm
//! that opens late opens for somebody else.
//!
//! [`TurnstileOptions`] are written as one line: which kind of relay, where it is, and what
//! differs from the usual. [`SimulatedRelay`] stands in for every kind.

mod http;
mod lines;
mod modbus;
mod options;
mod simulated;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

pub use options::{Control, Framing, OptionsError, TurnstileOptions};
pub use simulated::{RelayFaults, SimulatedRelay, Speaks};

use crate::event::{DeviceEvent, DeviceState};
use crate::threads::{Crew, Line};

/// Orders that may wait while an arm turns.
const MOST_WAITING: usize = 4;

/// An order that is older than this is for somebody who has gone on.
const STALE: Duration = Duration::from_secs(2);

/// How often an idle relay is looked after.
const IDLE: Duration = Duration::from_millis(50);

/// How long to wait before a lost relay is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// How long stopping waits for the thread.
const STOP: Duration = Duration::from_secs(2);

/// What came of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It opened; nothing tells whether the arm turned.
    Opened,
    /// The arm turned: somebody has gone through.
    Turned,
    /// It opened and the arm did not turn in time.
    NotTurned,
    /// It was still open for somebody before, for too long: it did not open.
    Late,
    /// It did not open: no relay, or one that does not answer. Somebody has to open by hand.
    Failed,
}

impl Passage {
    /// The stable name for screens and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Turned => "turned",
            Self::NotTurned => "not-turned",
            Self::Late => "late",
            Self::Failed => "failed",
        }
    }
}

/// What a turnstile's thread tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnstileEvent {
    /// What came of the order with this ticket.
    Passage {
        /// The ticket that was given with the order.
        ticket: String,
        /// What came of it.
        passage: Passage,
    },
    /// The state changed.
    State(DeviceState),
}

/// Where events go, from the turnstile's thread.
pub type TurnstileSink = Arc<dyn Fn(TurnstileEvent) + Send + Sync>;

/// A relay that can be reached, whatever it speaks.
trait Relay {
    /// Opens for one person. An arm that turned before is another person's and forgotten. An
    /// error says that nobody may believe it open, and that the relay is to be reached anew.
    fn open(&mut self) -> io::Result<()>;

    /// Whether it tells of its arm.
    fn tells(&self) -> bool;

    /// Waits a little, and says whether the arm has turned since it was opened.
    fn look(&mut self) -> io::Result<bool>;

    /// Ends the pulse that opens it, where that has to be said.
    fn release(&mut self) -> io::Result<()>;

    /// Finds out whether it is still there, as far as that can be known, and not too often.
    fn idle(&mut self) -> io::Result<()>;
}

/// An order to open, given at an instant.
struct Order {
    ticket: String,
    given: Instant,
    still: Box<dyn Fn() -> bool + Send>,
}

/// What the thread works with.
struct Post {
    line: Arc<Line>,
    orders: Receiver<Order>,
    sink: TurnstileSink,
    options: TurnstileOptions,
}

/// Serves a turnstile until stopped; a relay that goes away is told as lost and used again when
/// it is back.
pub fn run(options: TurnstileOptions, sink: TurnstileSink) -> TurnstileHandle {
    let states = Arc::clone(&sink);
    let line = Line::new(
        options.id(),
        Arc::new(move |event| {
            if let DeviceEvent::State { state, .. } = event {
                states(TurnstileEvent::State(state));
            }
        }),
    );
    let (sender, orders) = mpsc::sync_channel(MOST_WAITING);
    let crew = Crew::default();
    let post = Post { line: Arc::clone(&line), orders, sink, options };
    if !crew.start("yanma-turnstile", move || post.serve()) {
        line.state(DeviceState::Lost);
    }
    TurnstileHandle { line, crew, orders: Some(sender) }
}

impl Post {
    fn serve(&self) {
        while !self.line.stopped() {
            match self.options.connect() {
                Ok(mut relay) => {
                    self.line.state(DeviceState::Working);
                    if let Err(error) = self.work(relay.as_mut()) {
                        tracing::info!(device = %self.line.id, kind = ?error.kind(), "the turnstile's relay is gone");
                    }
                    if !self.line.stopped() {
                        self.line.state(DeviceState::Lost);
                    }
                }
                Err(error) => self.line.state(DeviceState::of(&error)),
            }
            // Whoever waits now waits in vain: the arm must not open for the next one.
            let until = Instant::now() + RETRY;
            while !self.line.stopped() && Instant::now() < until {
                match self.orders.recv_timeout(IDLE) {
                    Ok(order) => self.tell(order.ticket, Passage::Failed),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        }
    }

    /// Serves orders until the relay is gone or the desk is.
    fn work(&self, relay: &mut dyn Relay) -> io::Result<()> {
        while !self.line.stopped() {
            match self.orders.recv_timeout(IDLE) {
                Ok(order) if order.given.elapsed() >= STALE || !(order.still)() => {
                    self.tell(order.ticket, Passage::Late);
                }
                Ok(order) => self.give(relay, order.ticket)?,
                Err(RecvTimeoutError::Timeout) => relay.idle()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
        Ok(())
    }

    fn give(&self, relay: &mut dyn Relay, ticket: String) -> io::Result<()> {
        if let Err(error) = relay.open() {
            self.tell(ticket, Passage::Failed);
            return Err(error);
        }
        let opened = Instant::now();
        let (release, until) = (opened + self.options.pulse, opened + self.options.turns_within);
        let mut told = false;
        if !relay.tells() {
            self.tell(ticket.clone(), Passage::Opened);
            told = true;
        }
        let mut released = false;
        while !(self.line.stopped() || told && released) {
            if !released && Instant::now() >= release {
                released = true;
                self.told_by_then(relay.release(), &ticket, told)?;
            }
            if told {
                self.line.pause(IDLE.min(release.saturating_duration_since(Instant::now())));
            } else if self.told_by_then(relay.look(), &ticket, told)? {
                self.tell(ticket.clone(), Passage::Turned);
                told = true;
            } else if Instant::now() >= until {
                self.tell(ticket.clone(), Passage::NotTurned);
                told = true;
            }
        }
        // A desk that closes leaves no arm open.
        if released { Ok(()) } else { relay.release() }
    }

    /// Hands a relay's word on; when there is none any more, it opened and nobody knows more.
    fn told_by_then<T>(&self, word: io::Result<T>, ticket: &str, told: bool) -> io::Result<T> {
        word.inspect_err(|_| {
            if !told {
                self.tell(ticket.to_owned(), Passage::Opened);
            }
        })
    }

    fn tell(&self, ticket: String, passage: Passage) {
        tracing::info!(device = %self.line.id, passage = passage.name(), "the turnstile was told to open");
        if !self.line.stopped() {
            (self.sink)(TurnstileEvent::Passage { ticket, passage });
        }
    }
}

/// A turnstile in use. Dropping it stops it, and lets the relay go.
pub struct TurnstileHandle {
    line: Arc<Line>,
    crew: Crew,
    orders: Option<SyncSender<Order>>,
}

impl TurnstileHandle {
    /// Orders it to open and returns at once; the ticket comes back with what came of it. False
    /// when as many orders wait as may wait: then nothing comes back. An order that had to wait
    /// is given only if it `still` holds: the authority may have said worse meanwhile.
    #[must_use]
    pub fn open(&self, ticket: String, still: impl Fn() -> bool + Send + 'static) -> bool {
        let order = Order { ticket, given: Instant::now(), still: Box::new(still) };
        self.orders.as_ref().is_some_and(|orders| orders.try_send(order).is_ok())
    }

    /// The state that was told last.
    #[must_use]
    pub fn state(&self) -> DeviceState {
        self.line.last_state()
    }

    /// Stops serving and closes the port; returns within two seconds.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for TurnstileHandle {
    fn drop(&mut self) {
        self.line.stop();
        self.orders = None;
        if self.crew.wait(STOP) > 0 {
            tracing::warn!(device = %self.line.id, "the turnstile did not close in time");
        }
    }
}

/// Asks a relay once whether it is there, without opening it. It takes up to two seconds; the
/// relay must not be in use.
///
/// # Errors
/// Why it cannot be reached.
pub fn try_relay(options: &TurnstileOptions) -> io::Result<()> {
    options.connect().map(drop)
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
