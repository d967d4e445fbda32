//! The way to a reader: a serial port, a TCP port of a network adapter, or USB.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use super::stream::{Answer, AnswerStream, Heard};
use super::usb::UsbReader;
use crate::wire::{Wire, is_pause};

/// Speeds of readers, in bits a second, the most usual first.
pub const BAUDS: [u32; 5] = [115_200, 57_600, 38_400, 19_200, 9_600];

/// How long an answer is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Until its first byte.
    pub(super) first: Duration,
    /// Until the next byte.
    pub(super) next: Duration,
    /// Until all of it is there.
    pub(super) whole: Duration,
}

impl Patience {
    /// For an answer of a few bytes.
    pub(super) const fn short(whole: Duration) -> Self {
        Self { first: whole, next: whole, whole }
    }
}

/// How bytes go to a reader and come back.
pub(super) enum Way {
    Line(Wire),
    Usb(Box<UsbReader>),
}

impl Way {
    /// Waits a little for bytes; `is_pause` of the error says that none came, 0 that it is gone.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Line(wire) => wire.read(buffer),
            Self::Usb(reader) => reader.read(buffer),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Line(wire) => wire.write_all(bytes),
            Self::Usb(reader) => reader.write_all(bytes),
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        match self {
            Self::Line(wire) => wire.discard_input(),
            Self::Usb(reader) => reader.discard_input(),
        }
    }
}

/// An open way to a reader.
pub(super) struct Link {
    way: Way,
    stream: AnswerStream,
}

impl Link {
    pub(super) fn new(way: Way) -> Self {
        Self { way, stream: AnswerStream::new() }
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// `TimedOut` when none came in time, `InvalidData` when it was damaged, `Interrupted` when
    /// `stopped` says so; any other error, and `UnexpectedEof`, when the reader is gone.
    pub(super) fn ask(
        &mut self,
        command: &[u8],
        patience: Patience,
        stopped: &dyn Fn() -> bool,
    ) -> io::Result<Answer> {
        self.drop_late_answers()?;
        self.way.write_all(command)?;
        let begun = Instant::now();
        let mut until = begun + patience.first;
        let mut buffer = [0; 512];
        while Instant::now() < until {
            if stopped() {
                return Err(ErrorKind::Interrupted.into());
            }
            match self.way.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    until = (Instant::now() + patience.next).min(begun + patience.whole);
                    let bytes = buffer.get(..count).unwrap_or_default();
                    match self.stream.push(bytes).into_iter().next_back() {
                        Some(Heard::Answer(answer)) => return Ok(answer),
                        Some(Heard::Damaged) => return Err(ErrorKind::InvalidData.into()),
                        None => {}
                    }
                }
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::TimedOut.into())
    }

    /// An answer that came too late must not be taken for the next one's.
    fn drop_late_answers(&mut self) -> io::Result<()> {
        self.stream.clear();
        self.way.discard_input()
    }
}
