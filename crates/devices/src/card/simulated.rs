//! A reader that is not there: speaks the real frames over a pseudo-terminal or TCP, and does
//! what bad readers and bad cables do.

use std::io;
use std::net::ToSocketAddrs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Status;
use crate::simulated::{Conversation, Pieces, SimulatedPort};

const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];

/// Preamble and length.
const HEAD: usize = 7;

/// The longest command that is waited for; the longest of the manual states 4.
const LONGEST_COMMAND: usize = 64;

/// What the module says its number is.
const MODULE: [u8; 16] = [5, 0, 1, 0, 0x16, 0x3B, 0x34, 1, 1, 0, 0, 0, 1, 0, 0, 0];

/// Noise as a cable picks it up, with the beginning of a frame in it.
const NOISE: &[u8] = b"\x00\xFF\xAA\xAA\xAA\x96noise\xAA\xAA";

/// What the reader does wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Every third answer has a byte changed on its way.
    pub bad_checksum: bool,
    /// Bytes arrive one by one.
    pub split: bool,
    /// Noise stands before and after every answer.
    pub noise: bool,
    /// Nothing is answered.
    pub mute: bool,
    /// Answers begin late and come at the pace of 9600 baud.
    pub slow: bool,
    /// A card that is there is found again and again, also after it was read.
    pub finds_again: bool,
    /// How long a card is read before the answer begins.
    pub read_takes: Duration,
    /// Of the answer to a read only so many bytes come, and after them nothing any more.
    pub freezes_after: Option<usize>,
    /// What selecting (0x81) or reading (any other) says in place of success.
    pub status: Option<Status>,
}

/// A reader, and the card on it. Clones are the same reader.
#[derive(Clone, Default)]
pub struct SimulatedReader(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    faults: Faults,
    /// The text of the card that lies there.
    card: Option<Box<[u8; 256]>>,
    stage: Stage,
    answers: u32,
    /// In the middle of a read.
    frozen: bool,
}

/// How far the dialogue about a card is.
#[derive(Default, PartialEq)]
enum Stage {
    #[default]
    Presented,
    Found,
    Selected,
    Read,
}

impl SimulatedReader {
    /// A good reader without a card.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lays a card on it that says this.
    pub fn put(&self, text: &[u8; 256]) {
        let mut inside = self.inside();
        inside.card = Some(Box::new(*text));
        inside.stage = Stage::Presented;
    }

    /// Takes the card away.
    pub fn take_away(&self) {
        self.inside().card = None;
    }

    /// From now on it does this wrong, and nothing else.
    pub fn set_faults(&self, faults: Faults) {
        let mut inside = self.inside();
        (inside.faults, inside.frozen) = (faults, false);
    }

    /// What it does wrong.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.inside().faults
    }

    /// Plugs it in as a serial port: a pseudo-terminal with a name of its own.
    ///
    /// # Errors
    /// What the operating system says; `Unsupported` outside Linux.
    pub fn on_terminal(&self) -> io::Result<SimulatedPort> {
        SimulatedPort::on_terminal(self.answering())
    }

    /// Plugs it in behind a network adapter that listens at `address`, `host:port`. Like these
    /// adapters it serves one desk at a time.
    ///
    /// # Errors
    /// What the operating system says, such as that the port is taken.
    pub fn on_tcp(&self, address: impl ToSocketAddrs) -> io::Result<SimulatedPort> {
        SimulatedPort::on_tcp(address, self.answering())
    }

    fn answering(&self) -> impl Fn() -> Conversation + Send + 'static {
        let reader = self.clone();
        move || {
            let (reader, mut commands) = (reader.clone(), Commands::default());
            Box::new(move |bytes| {
                let answers = commands.push(bytes).into_iter().flat_map(|command| match command {
                    Some(command) => reader.answer(&command),
                    None => vec![(Duration::ZERO, framed(&[0, 0, 0x10]))],
                });
                answers.collect()
            })
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes out for one whole command: pieces, each after a pause.
    fn answer(&self, command: &[u8]) -> Pieces {
        let mut inside = self.inside();
        let faults = inside.faults;
        if faults.mute || inside.frozen {
            return Vec::new();
        }
        let reads = command.get(HEAD) == Some(&0x30);
        inside.answers = inside.answers.wrapping_add(1);
        let mut answer = framed(&inside.say(command));
        if faults.bad_checksum && inside.answers.is_multiple_of(3) {
            let middle = answer.len() / 2;
            if let Some(byte) = answer.get_mut(middle) {
                *byte ^= 0x10;
            }
        }
        if faults.noise {
            answer = [NOISE, &answer, NOISE].concat();
        }
        if let Some(bytes) = faults.freezes_after.filter(|_| reads) {
            answer.truncate(bytes);
            inside.frozen = true;
        }
        let piece = if faults.split {
            1
        } else if faults.slow {
            48
        } else {
            answer.len()
        };
        let pause = if faults.slow { Duration::from_millis(50) } else { Duration::ZERO };
        let late = if faults.slow { Duration::from_millis(200) } else { Duration::ZERO };
        let first = if reads { late.max(faults.read_takes) } else { late };
        let pieces = answer.chunks(piece.max(1)).enumerate();
        pieces.map(|(at, bytes)| (if at == 0 { first } else { pause }, bytes.to_vec())).collect()
    }
}

impl Inside {
    /// Status bytes and data in answer to a command.
    fn say(&mut self, command: &[u8]) -> Vec<u8> {
        let status = |status: u8| vec![0, 0, status];
        let &[_, _, _, _, _, _, _, command, parameter, ..] = command else {
            return status(0x11);
        };
        let there = self.card.is_some();
        match (command, parameter) {
            (0x10 | 0x11 | 0x61, _) | (0x60, 0..=4) => status(0x90),
            (0x12, 0xFF) => [&[0, 0, 0x90][..], &MODULE].concat(),
            (0x20, 1) if there && (self.stage != Stage::Read || self.faults.finds_again) => {
                self.stage = Stage::Found;
                vec![0, 0, 0x9F, 0, 0, 0, 0]
            }
            (0x20, 1) => status(0x80),
            (0x20, 2) if there && self.stage == Stage::Found => match self.faults.status {
                Some(Status(0x81)) => status(0x81),
                _ => {
                    self.stage = Stage::Selected;
                    vec![0, 0, 0x90, 0, 0, 0, 0, 0, 0, 0, 0]
                }
            },
            (0x20, 2) => status(0x81),
            (0x30, 1 | 0x10) => self.read(parameter == 0x10),
            (0x30, 3) => status(0x91),
            _ => status(0x21),
        }
    }

    fn read(&mut self, with_fingerprints: bool) -> Vec<u8> {
        if let Some(Status(status)) = self.faults.status {
            return vec![0, 0, status];
        }
        let selected = matches!(self.stage, Stage::Selected | Stage::Read);
        let Some(card) = self.card.as_ref().filter(|_| selected) else {
            return vec![0, 0, 0x41];
        };
        self.stage = Stage::Read;
        let mut body = vec![0, 0, 0x90, 1, 0, 4, 0];
        if with_fingerprints {
            body.extend([0, 0]);
        }
        body.extend(card.iter());
        // A photo that nobody can read and nobody keeps.
        body.extend((0..1024_u16).map(|at| at.to_be_bytes()[1].wrapping_mul(31)));
        body
    }
}

/// Whole commands out of a stream: what is no preamble is passed over.
#[derive(Default)]
struct Commands(Vec<u8>);

impl Commands {
    /// The commands that these bytes make whole; `None` for one whose checksum is wrong.
    fn push(&mut self, bytes: &[u8]) -> Vec<Option<Vec<u8>>> {
        self.0.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(at) = self.0.windows(5).position(|window| window == PREAMBLE) {
            self.0.drain(..at);
            let Some(&[_, _, _, _, _, high, low]) = self.0.first_chunk::<HEAD>() else { break };
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length > LONGEST_COMMAND {
                self.0.drain(..1);
                continue;
            }
            if self.0.len() < HEAD + length {
                break;
            }
            let command: Vec<u8> = self.0.drain(..HEAD + length).collect();
            let sound = command.iter().skip(PREAMBLE.len()).fold(0, |x, byte| x ^ byte) == 0;
            whole.push(sound.then_some(command));
        }
        let kept = self.0.len().min(HEAD + LONGEST_COMMAND);
        self.0.drain(..self.0.len() - kept);
        whole
    }
}

/// A body with preamble, length and checksum around it.
fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = PREAMBLE.to_vec();
    let length = u16::try_from(body.len() + 1).unwrap_or(u16::MAX);
    frame.extend(length.to_be_bytes());
    frame.extend(body);
    frame.push(frame.iter().skip(PREAMBLE.len()).fold(0, |x, byte| x ^ byte));
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says the command and gives the body of the answer.
    fn say(reader: &SimulatedReader, command: u8, parameter: u8) -> Vec<u8> {
        let command = framed(&[command, parameter]);
        let bytes: Vec<u8> =
            reader.answer(&command).into_iter().flat_map(|(_, bytes)| bytes).collect();
        bytes[7..bytes.len() - 1].to_vec()
    }

    #[test]
    fn the_commands_of_the_manual_are_answered_as_it_prints_them() {
        for (command, answer) in [
            ("AAAAAA9669000310FFEC", "AAAAAA9669000400009094"),
            ("AAAAAA9669000311FFED", "AAAAAA9669000400009094"),
            ("AAAAAA9669000312FFEE", "AAAAAA9669001400009005000100163B3401010000000100000098"),
            ("AAAAAA96690003200122", "AAAAAA9669000400008084"),
            ("AAAAAA96690003200221", "AAAAAA9669000400008185"),
            ("AAAAAA96690003300132", "AAAAAA9669000400004145"),
        ] {
            let digit = |digit: &u8| char::from(*digit).to_digit(16).expect("hex");
            let pairs = command.as_bytes().chunks(2);
            let bytes: Vec<u8> = pairs
                .map(|pair| pair.iter().fold(0, |byte, next| byte << 4 | digit(next)))
                .map(|byte| u8::try_from(byte).expect("two digits"))
                .collect();
            let commands = Commands::default().push(&[b"noise", bytes.as_slice()].concat());
            let [Some(whole)] = commands.as_slice() else { panic!("{command} is one command") };
            let said = SimulatedReader::new().answer(whole).remove(0).1;
            let said: String = said.iter().map(|byte| format!("{byte:02X}")).collect();
            assert_eq!(said, answer, "in answer to {command}");
        }
    }

    #[test]
    fn a_card_is_found_selected_and_read_in_this_order_and_once() {
        let reader = SimulatedReader::new();
        reader.put(&[7; 256]);
        assert_eq!(say(&reader, 0x30, 1), [0, 0, 0x41], "not selected");
        assert_eq!(say(&reader, 0x20, 2), [0, 0, 0x81], "not found");
        assert_eq!(say(&reader, 0x20, 1), [0, 0, 0x9F, 0, 0, 0, 0]);
        assert_eq!(say(&reader, 0x20, 2), [0, 0, 0x90, 0, 0, 0, 0, 0, 0, 0, 0]);
        let read = say(&reader, 0x30, 1);
        assert_eq!((read.len(), &read[..8]), (1287, &[0, 0, 0x90, 1, 0, 4, 0, 7][..]));
        assert_eq!(say(&reader, 0x20, 1), [0, 0, 0x80], "it has to be presented again");
        reader.set_faults(Faults { finds_again: true, ..Faults::default() });
        assert_eq!(say(&reader, 0x20, 1), [0, 0, 0x9F, 0, 0, 0, 0]);
        assert_eq!(say(&reader, 0x99, 1), [0, 0, 0x21], "an unknown command");
    }

    #[test]
    fn damaged_commands_are_told_from_whole_ones() {
        let mut commands = Commands::default();
        let good = framed(&[0x20, 1]);
        let mut bad = good.clone();
        bad[8] ^= 1;
        let heard = commands.push(&[bad, good.clone(), good[..4].to_vec()].concat());
        assert_eq!(heard, [None, Some(good.clone())]);
        assert_eq!(commands.push(&good[4..]), [Some(good)]);
        commands.push(&[0xAA; 5000]);
        assert!(commands.0.len() <= HEAD + LONGEST_COMMAND, "what is kept stays bounded");
    }
}
