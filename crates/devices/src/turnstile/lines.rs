//! Relays that take bytes, and at most send some.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use super::Relay;
use crate::wire::{LineAddress, Wire, is_pause};

/// What such boards are set to when they leave the factory.
pub(super) const BAUD: u32 = 9600;

/// How long the answer to an order may take.
pub(super) const ANSWER: Duration = Duration::from_millis(500);

/// An LCUS board: `A0`, the relay's number, 1 for on and 0 for off, and the sum of the three, at
/// 9600 baud. The maker's page is quoted at
/// <https://stackoverflow.com/questions/29221080/pyserial-2-7-and-usb-relay-module>.
pub(super) struct LcusRelay {
    wire: Wire,
    relay: u8,
}

impl LcusRelay {
    pub(super) fn new(at: &LineAddress, relay: u8) -> io::Result<Self> {
        let wire = at.open(at.baud().unwrap_or(BAUD))?;
        let mut board = Self { wire, relay };
        board.release()?;
        Ok(board)
    }
}

/// The frame that switches a relay of an LCUS board.
pub(super) fn lcus(relay: u8, on: bool) -> [u8; 4] {
    let on = u8::from(on);
    [0xA0, relay, on, 0xA0_u8.wrapping_add(relay).wrapping_add(on)]
}

impl Relay for LcusRelay {
    fn open(&mut self) -> io::Result<()> {
        self.wire.write_all(&lcus(self.relay, true))
    }

    fn tells(&self) -> bool {
        false
    }

    fn look(&mut self) -> io::Result<bool> {
        self.idle()?;
        Ok(false)
    }

    fn release(&mut self) -> io::Result<()> {
        self.wire.write_all(&lcus(self.relay, false))
    }

    fn idle(&mut self) -> io::Result<()> {
        hear(&mut self.wire, &mut Vec::new())
    }
}

/// Whatever takes and sends the bytes of its own manual.
pub(super) struct BytesRelay {
    wire: Wire,
    open: Vec<u8>,
    answer: Option<Vec<u8>>,
    turned: Option<Vec<u8>>,
    /// The end of what was heard since it was opened.
    heard: Vec<u8>,
}

impl BytesRelay {
    pub(super) fn new(
        at: &LineAddress,
        open: &[u8],
        answer: Option<&[u8]>,
        turned: Option<&[u8]>,
    ) -> io::Result<Self> {
        let wire = at.open(at.baud().unwrap_or(BAUD))?;
        let (answer, turned) = (answer.map(<[u8]>::to_vec), turned.map(<[u8]>::to_vec));
        Ok(Self { wire, open: open.to_vec(), answer, turned, heard: Vec::new() })
    }
}

/// Whether what is waited for was heard; what follows it stays.
fn hears(heard: &mut Vec<u8>, wanted: &[u8]) -> bool {
    if let Some(at) = heard.windows(wanted.len()).position(|window| window == wanted) {
        heard.drain(..at + wanted.len());
        return true;
    }
    // Only the end of what was heard can be the beginning of what is waited for.
    let kept = heard.len().min(wanted.len());
    heard.drain(..heard.len() - kept);
    false
}

impl Relay for BytesRelay {
    fn open(&mut self) -> io::Result<()> {
        self.idle()?;
        self.wire.write_all(&self.open)?;
        let Some(answer) = &self.answer else { return Ok(()) };
        let until = Instant::now() + ANSWER;
        while Instant::now() < until {
            hear(&mut self.wire, &mut self.heard)?;
            if hears(&mut self.heard, answer) {
                return Ok(());
            }
        }
        Err(ErrorKind::TimedOut.into())
    }

    fn tells(&self) -> bool {
        self.turned.is_some()
    }

    fn look(&mut self) -> io::Result<bool> {
        hear(&mut self.wire, &mut self.heard)?;
        let Some(turned) = &self.turned else { return Ok(false) };
        Ok(hears(&mut self.heard, turned))
    }

    fn release(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn idle(&mut self) -> io::Result<()> {
        // An arm that turned before is another person's.
        self.heard.clear();
        self.wire.discard_input()?;
        hear(&mut self.wire, &mut Vec::new())
    }
}

/// Takes what has come, waiting a little for it.
pub(super) fn hear(wire: &mut Wire, heard: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 256];
    match wire.read(&mut buffer) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(count) => {
            heard.extend_from_slice(buffer.get(..count).unwrap_or_default());
            Ok(())
        }
        Err(error) if is_pause(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_lcus_boards_are_those_of_the_makers_page() {
        assert_eq!(lcus(1, true), [0xA0, 0x01, 0x01, 0xA2]);
        assert_eq!(lcus(1, false), [0xA0, 0x01, 0x00, 0xA1]);
        assert_eq!(lcus(2, true), [0xA0, 0x02, 0x01, 0xA3]);
    }

    #[test]
    fn what_is_waited_for_is_heard_in_pieces_and_what_follows_stays() {
        let mut heard = b"..TU".to_vec();
        assert!(!hears(&mut heard, b"TURN"));
        heard.extend_from_slice(b"RN..");
        assert!(hears(&mut heard, b"TURN"));
        assert_eq!(heard, b"..");
        heard = vec![0; 100_000];
        assert!(!hears(&mut heard, b"TURN"));
        assert!(heard.len() <= 4, "what is kept stays bounded");
    }
}
