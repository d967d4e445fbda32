//! The way to a reader: a serial port, or a TCP port of a network adapter.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use super::stream::{Answer, AnswerStream, Heard};
use crate::wire::{Wire, is_pause};

/// Speeds of readers, in bits a second, the most usual first.
pub const BAUDS: [u32; 5] = [115_200, 57_600, 38_400, 19_200, 9_600];

/// Where a reader is. Without a speed, [`BAUDS`] are tried until it answers.
pub use crate::wire::LineAddress as ReaderAddress;

impl ReaderAddress {
    /// The speeds to try, in turn.
    pub(super) fn bauds(&self) -> Vec<u32> {
        match (self, self.baud()) {
            (Self::Serial { .. }, None) => BAUDS.to_vec(),
            (Self::Serial { .. }, Some(baud)) => vec![baud],
            (Self::Tcp(_), _) => vec![0],
        }
    }

    pub(super) fn open_reader(&self, baud: u32) -> io::Result<Link> {
        Ok(Link { wire: self.open(baud)?, stream: AnswerStream::new() })
    }
}

/// An open way to a reader.
pub(super) struct Link {
    wire: Wire,
    stream: AnswerStream,
}

impl Link {
    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// `TimedOut` when none came in time, `InvalidData` when it was damaged, `Interrupted` when
    /// `stopped` says so; any other error, and `UnexpectedEof`, when the reader is gone.
    pub(super) fn ask(
        &mut self,
        command: &[u8],
        patience: Duration,
        stopped: &dyn Fn() -> bool,
    ) -> io::Result<Answer> {
        self.drop_late_answers()?;
        self.wire.write_all(command)?;
        let until = Instant::now() + patience;
        let mut buffer = [0; 512];
        while Instant::now() < until {
            if stopped() {
                return Err(ErrorKind::Interrupted.into());
            }
            match self.wire.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
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
        self.wire.discard_input()
    }
}
