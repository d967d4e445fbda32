//! Boards that speak Modbus: relays are coils, inputs are discrete inputs.
//!
//! MODBUS Application Protocol V1.1b3, functions 05 and 02; MODBUS over Serial Line V1.02 for the
//! checksum; MODBUS Messaging on TCP/IP V1.0b for the header. Boards of Waveshare and of LC
//! Technology count coils and inputs from 0 and print them from 1.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use super::lines::{ANSWER, BAUD, hear};
use super::{Framing, Relay};
use crate::wire::{LineAddress, Wire};

/// How often an idle board is asked whether it is there.
const ALIVE: Duration = Duration::from_millis(500);

const READ_INPUTS: u8 = 2;
const WRITE_COIL: u8 = 5;

/// A board.
pub(super) struct ModbusRelay {
    wire: Wire,
    framing: Framing,
    unit: u8,
    coil: u16,
    input: Option<u16>,
    /// Whether the input was seen off since the order: only then, on is a passage.
    was_off: bool,
    asked: Instant,
    transaction: u16,
}

impl ModbusRelay {
    pub(super) fn new(
        at: &LineAddress,
        framing: Framing,
        unit: u8,
        relay: u16,
        input: Option<u16>,
    ) -> io::Result<Self> {
        let mut board = Self {
            wire: at.open(at.baud().unwrap_or(BAUD))?,
            framing,
            unit,
            coil: relay.saturating_sub(1),
            input: input.map(|input| input.saturating_sub(1)),
            was_off: false,
            asked: Instant::now(),
            transaction: 0,
        };
        board.release()?;
        Ok(board)
    }

    fn write_coil(&mut self, on: bool) -> io::Result<()> {
        let [high, low] = self.coil.to_be_bytes();
        let request = [WRITE_COIL, high, low, if on { 0xFF } else { 0 }, 0];
        let answer = self.ask(&request)?;
        if answer == request { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
    }

    fn input_is_on(&mut self, input: u16) -> io::Result<bool> {
        let [high, low] = input.to_be_bytes();
        match self.ask(&[READ_INPUTS, high, low, 0, 1])?.as_slice() {
            [READ_INPUTS, 1, bits] => Ok(bits & 1 == 1),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    /// Asks, and once more when the answer did not come or was damaged: noise is over soon.
    fn ask(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.asked = Instant::now();
        match self.ask_once(request) {
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::InvalidData) => {
                self.ask_once(request)
            }
            other => other,
        }
    }

    fn ask_once(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.wire.discard_input()?;
        self.transaction = self.transaction.wrapping_add(1);
        let frame = framed(self.framing, self.transaction, self.unit, request);
        self.wire.write_all(&frame)?;
        let until = Instant::now() + ANSWER;
        let mut heard = Vec::new();
        while Instant::now() < until {
            hear(&mut self.wire, &mut heard)?;
            match answer(self.framing, self.transaction, self.unit, &heard) {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(())) => return Err(ErrorKind::InvalidData.into()),
                None => {}
            }
        }
        Err(ErrorKind::TimedOut.into())
    }
}

impl Relay for ModbusRelay {
    fn open(&mut self) -> io::Result<()> {
        if let Some(input) = self.input {
            self.was_off = !self.input_is_on(input)?;
        }
        self.write_coil(true)
    }

    fn tells(&self) -> bool {
        self.input.is_some()
    }

    fn look(&mut self) -> io::Result<bool> {
        let Some(input) = self.input else { return Ok(false) };
        let on = self.input_is_on(input)?;
        let turned = on && self.was_off;
        self.was_off |= !on;
        Ok(turned)
    }

    fn release(&mut self) -> io::Result<()> {
        self.write_coil(false)
    }

    fn idle(&mut self) -> io::Result<()> {
        if self.asked.elapsed() < ALIVE {
            return Ok(());
        }
        match self.input {
            Some(input) => self.input_is_on(input).map(drop),
            // A board without inputs may not know how to read them; off it is already.
            None => self.write_coil(false),
        }
    }
}

/// A request or an answer as it goes over the line.
pub(super) fn framed(framing: Framing, transaction: u16, unit: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    match framing {
        Framing::Rtu => {
            frame.push(unit);
            frame.extend_from_slice(body);
            frame.extend(checksum(&frame).to_le_bytes());
        }
        Framing::Tcp => {
            frame.extend(transaction.to_be_bytes());
            frame.extend([0, 0]);
            frame.extend(u16::try_from(body.len() + 1).unwrap_or(u16::MAX).to_be_bytes());
            frame.push(unit);
            frame.extend_from_slice(body);
        }
    }
    frame
}

/// The answer's function and data, when all of it is here; an error when it is damaged, somebody
/// else's, or says that the board does not do this.
fn answer(
    framing: Framing,
    transaction: u16,
    unit: u8,
    heard: &[u8],
) -> Option<Result<Vec<u8>, ()>> {
    let ours = |body: &[u8]| match body.first() {
        Some(function) if function & 0x80 == 0 => Ok(body.to_vec()),
        _ => Err(()),
    };
    match framing {
        Framing::Rtu => {
            let length = match *heard.get(1)? {
                READ_INPUTS => 5 + usize::from(*heard.get(2)?),
                WRITE_COIL => 8,
                _ => 5,
            };
            let frame = heard.get(..length)?;
            let (body, sum) = frame.split_at(length - 2);
            let sound = checksum(body).to_le_bytes() == sum && body.first() == Some(&unit);
            Some(body.get(1..).filter(|_| sound).ok_or(()).and_then(ours))
        }
        Framing::Tcp => {
            let (head, rest) = heard.split_at_checked(6)?;
            let &[high, low, _, _, long, short] = head else { return Some(Err(())) };
            let body = rest.get(..usize::from(u16::from_be_bytes([long, short])))?;
            let sound = [high, low] == transaction.to_be_bytes() && body.first() == Some(&unit);
            Some(body.get(1..).filter(|_| sound).ok_or(()).and_then(ours))
        }
    }
}

/// CRC-16 as Modbus has it: reflected polynomial `A001`, from `FFFF`.
pub(super) fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum: u16, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xA001 } else { sum >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_that_makers_print() {
        // LC Technology, "Read optocoupler input status": eight inputs of board 255.
        let request = framed(Framing::Rtu, 0, 0xFF, &[2, 0, 0, 0, 8]);
        assert_eq!(hex::encode_upper(request), "FF02000000086C12");
        let said = hex::decode("FF02010151A0").expect("hex");
        assert_eq!(answer(Framing::Rtu, 0, 0xFF, &said), Some(Ok(vec![2, 1, 1])));
        // Waveshare, "Control Single Relay": relay 0 of board 1 on.
        let request = framed(Framing::Rtu, 0, 1, &[5, 0, 0, 0xFF, 0]);
        assert_eq!(hex::encode_upper(&request), "01050000FF008C3A");
        assert_eq!(answer(Framing::Rtu, 0, 1, &request), Some(Ok(vec![5, 0, 0, 0xFF, 0])));
    }

    #[test]
    fn what_is_damaged_cut_off_or_another_boards_is_no_answer() {
        for framing in [Framing::Rtu, Framing::Tcp] {
            let whole = framed(framing, 7, 1, &[2, 1, 1]);
            assert_eq!(answer(framing, 7, 1, &whole), Some(Ok(vec![2, 1, 1])));
            for length in 0..whole.len() {
                assert_eq!(answer(framing, 7, 1, &whole[..length]), None, "{length} bytes");
            }
            assert_eq!(answer(framing, 7, 2, &whole), Some(Err(())), "another board");
            let refused = framed(framing, 7, 1, &[0x82, 2]);
            assert_eq!(answer(framing, 7, 1, &refused), Some(Err(())), "an exception");
        }
        let mut damaged = framed(Framing::Rtu, 7, 1, &[2, 1, 1]);
        damaged[3] ^= 1;
        assert_eq!(answer(Framing::Rtu, 7, 1, &damaged), Some(Err(())));
        let late = framed(Framing::Tcp, 6, 1, &[2, 1, 1]);
        assert_eq!(answer(Framing::Tcp, 7, 1, &late), Some(Err(())), "the one before");
    }
}
