//! Finds, selects and reads cards, and opens the reader again when it went away.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::commands::{FIND, READ, SELECT, STATUS};
use super::link::{Link, Patience};
use super::{CardFrame, ReaderAddress, Status};
use crate::event::{DeviceEvent, DeviceKind, DeviceState};
use crate::threads::{Crew, Line};

/// How often a card is looked for.
const POLL: Duration = Duration::from_millis(300);

/// How long the answer to a short command may take.
const SHORT: Patience = Patience::short(Duration::from_millis(400));

/// How long a read may take. A card is read within about a second before the answer begins, and at
/// 9600 baud the answer alone takes 1.35 s; what has begun goes on. Longer than [`SILENT`]: a reader
/// that says nothing of a read is not asked anything more, whose answer the read's might be taken for.
const LONG: Patience = Patience {
    first: Duration::from_millis(1600),
    next: Duration::from_millis(500),
    whole: Duration::from_secs(3),
};

/// After so many commands in a row without a good answer the reader counts as gone.
const FAILURES: u32 = 3;

/// So does one of which nothing was heard for so long: a read takes the time of several questions.
const SILENT: Duration = Duration::from_millis(1500);

/// The same card within this time of when it was last there is the same presentation: some
/// readers say "no card" of one that was read, some read it again and again.
const SAME_PRESENTATION: Duration = Duration::from_secs(3);

/// How long trouble with a card is told for after the card is gone: somebody has to read it.
const TROUBLE_STAYS: Duration = Duration::from_secs(2);

/// How long to wait before a lost reader is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// How long stopping waits for the thread.
const STOP: Duration = Duration::from_secs(1);

/// What a reader's thread tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardEvent {
    /// A card was presented.
    Card(CardFrame),
    /// A card is there and cannot be read, or the reader needs help. Told once until it changes;
    /// `None` when it is over.
    Trouble(Option<Status>),
    /// The state changed.
    State(DeviceState),
}

/// Where events go, from the reader's thread.
pub type CardSink = Arc<dyn Fn(CardEvent) + Send + Sync>;

/// Reads cards until stopped. A reader that goes away or falls silent is told as lost and opened
/// again when it comes back.
pub fn run(address: impl Into<ReaderAddress>, sink: CardSink) -> CardHandle {
    let address = address.into();
    let states = Arc::clone(&sink);
    let line = Line::new(
        address.id(DeviceKind::Card),
        Arc::new(move |event| {
            if let DeviceEvent::State { state, .. } = event {
                states(CardEvent::State(state));
            }
        }),
    );
    let crew = Crew::default();
    let mine = Arc::clone(&line);
    let started = crew.start("yanma-card", move || {
        let mut desk = Desk {
            line: mine,
            sink,
            last: None,
            trouble: None,
            key: RandomState::new(),
            heard: Instant::now(),
        };
        while !desk.line.stopped() {
            desk.open_and_read(&address);
            if !desk.line.pause(RETRY) {
                return;
            }
        }
    });
    if !started {
        line.state(DeviceState::Lost);
    }
    CardHandle { line, crew }
}

/// A reader in use. Dropping it stops it.
pub struct CardHandle {
    line: Arc<Line>,
    crew: Crew,
}

impl CardHandle {
    /// The state that was told last.
    #[must_use]
    pub fn state(&self) -> DeviceState {
        self.line.last_state()
    }

    /// Stops reading and closes the port; returns within a second.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for CardHandle {
    fn drop(&mut self) {
        self.line.stop();
        if self.crew.wait(STOP) > 0 {
            tracing::warn!(device = %self.line.id, "the card reader did not close in time");
        }
    }
}

struct Desk {
    line: Arc<Line>,
    sink: CardSink,
    /// Which card was there last, by a hash under a key of this run, and when.
    last: Option<(u64, Instant)>,
    /// What was told last and is not over, and when it was last so.
    trouble: Option<(Status, Instant)>,
    key: RandomState,
    /// When something came of it last.
    heard: Instant,
}

impl Desk {
    fn open_and_read(&mut self, address: &ReaderAddress) {
        let mut why = DeviceState::Lost;
        for baud in address.bauds() {
            match address.open_reader(baud) {
                Ok(mut link) => {
                    if self.ask(&mut link, &STATUS, SHORT).is_ok() {
                        tracing::info!(device = %self.line.id, baud, "the card reader answers");
                        self.line.state(DeviceState::Working);
                        self.read_cards(&mut link);
                        self.settle();
                        self.line.state(DeviceState::Lost);
                        return;
                    }
                }
                Err(error) => {
                    why = DeviceState::of(&error);
                    break;
                }
            }
            if self.line.stopped() {
                return;
            }
        }
        self.line.state(why);
    }

    fn read_cards(&mut self, link: &mut Link) {
        let mut failures = 0;
        self.heard = Instant::now();
        loop {
            match self.read_card(link) {
                Ok(()) => failures = 0,
                Err(error)
                    if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::InvalidData) =>
                {
                    failures += 1;
                    if failures >= FAILURES || self.heard.elapsed() >= SILENT {
                        return;
                    }
                    // Noise is over soon: ask again at once.
                    continue;
                }
                Err(error) => {
                    tracing::info!(device = %self.line.id, kind = ?error.kind(), "the card reader is gone");
                    return;
                }
            }
            if !self.line.pause(POLL) {
                return;
            }
        }
    }

    fn read_card(&mut self, link: &mut Link) -> io::Result<()> {
        match self.ask(link, &FIND, SHORT)? {
            (Status::FOUND, _) => {}
            (Status::NO_CARD, _) => {
                if self.trouble.is_some_and(|(_, when)| when.elapsed() >= TROUBLE_STAYS) {
                    self.settle();
                }
                return Ok(());
            }
            (status, _) => {
                self.tell_trouble(status);
                return Ok(());
            }
        }
        let (status, _) = self.ask(link, &SELECT, SHORT)?;
        if status != Status::DONE {
            self.tell_trouble(status);
            return Ok(());
        }
        let damaged = |error: &io::Error| error.kind() == ErrorKind::InvalidData;
        let mut read = self.ask(link, &READ, LONG);
        // Some readers do not find a card again that they have read: this is the moment.
        if read.as_ref().is_err_and(damaged) {
            read = self.ask(link, &READ, LONG);
        }
        match read {
            Ok((Status::DONE, Some(card))) => self.hand_on(card),
            Ok((Status::DONE, None)) => return Err(ErrorKind::InvalidData.into()),
            Ok((status, _)) => self.tell_trouble(status),
            Err(error) => {
                if damaged(&error) {
                    self.tell_trouble(Status::DAMAGED);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn ask(
        &mut self,
        link: &mut Link,
        command: &[u8],
        patience: Patience,
    ) -> io::Result<(Status, Option<CardFrame>)> {
        let answer = link.ask(command, patience, &|| self.line.stopped());
        if !matches!(&answer, Err(error) if error.kind() == ErrorKind::TimedOut) {
            self.heard = Instant::now();
        }
        answer.map(|answer| (answer.status(), answer.card()))
    }

    fn tell_trouble(&mut self, status: Status) {
        let before = self.trouble.replace((status, Instant::now()));
        if before.map(|(status, _)| status) != Some(status) && !self.line.stopped() {
            tracing::info!(device = %self.line.id, %status, "{}", status.in_english());
            (self.sink)(CardEvent::Trouble(Some(status)));
        }
    }

    fn settle(&mut self) {
        if self.trouble.take().is_some() && !self.line.stopped() {
            (self.sink)(CardEvent::Trouble(None));
        }
    }

    fn hand_on(&mut self, card: CardFrame) {
        self.settle();
        let (who, now) = (self.key.hash_one(card.text()), Instant::now());
        let again = self.last.is_some_and(|(last, when)| {
            last == who && now.saturating_duration_since(when) < SAME_PRESENTATION
        });
        self.last = Some((who, now));
        if !again && !self.line.stopped() {
            (self.sink)(CardEvent::Card(card));
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
