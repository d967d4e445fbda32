//! The chip of a passport on a smart-card reader that the system's own service believes in:
//! Debian's pcscd with the virtual reader of vsmartcard-vpcd.
//!
//! The chip answers as ICAO Doc 9303, part 11, describes it (Basic Access Control and secure
//! messaging); it is written apart from what reads it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use des::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use des::{Des, TdesEde2};
use sha1::{Digest, Sha1};
use xtask::children::Running;

/// Where the virtual reader waits for its chip; so its configuration in Debian says.
const SLOT: &str = "127.0.0.1:35963";
/// What the reader asks in one byte: how the chip introduces itself. Others switch it on and off.
const INTRODUCE: &[u8] = &[4];
/// The introduction of a chip without contacts that says nothing of itself (ISO/IEC 7816-3).
const INTRODUCTION: &[u8] = &[0x3B, 0x80, 0x80, 0x01, 0x01];
const DONE: [u8; 2] = [0x90, 0x00];
const WRONG: [u8; 2] = [0x69, 0x88];

/// A passport: what is printed opens it, and its files by their short names.
#[derive(Clone)]
pub(crate) struct Passport {
    /// Number, birth and expiry with their check digits.
    pub(crate) key: String,
    pub(crate) files: BTreeMap<[u8; 2], Vec<u8>>,
}

/// The system's service for smart cards, with one reader.
pub(crate) struct SmartCards(#[expect(dead_code, reason = "it ends with this")] Running);

impl SmartCards {
    /// Starts the service; `None` where one runs already.
    pub(crate) fn start() -> Result<Option<Self>> {
        if TcpStream::connect(SLOT).is_ok() {
            return Ok(None);
        }
        let mut command = Command::new("pcscd");
        command.arg("--foreground").stdout(Stdio::null()).stderr(Stdio::null());
        let mut service = Running::start("pcscd", &mut command)?;
        let there =
            service.wait_until(Duration::from_secs(20), || TcpStream::connect(SLOT).is_ok());
        Ok(there.is_ok().then_some(Self(service)))
    }
}

/// A passport that lies on the reader; dropping takes it away.
pub(crate) struct Laid {
    slot: TcpStream,
    answers: Option<JoinHandle<()>>,
}

impl Laid {
    /// Lays a passport down, which answers so many commands and is gone then.
    pub(crate) fn for_commands(passport: &Passport, most: usize) -> Result<Self> {
        let mut slot = TcpStream::connect(SLOT).context("the virtual reader")?;
        let taken = slot.try_clone()?;
        let mut chip = Chip::of(passport)?;
        let answers = thread::spawn(move || {
            let mut left = most;
            while let Ok(Some(())) = hear(&mut slot, &mut chip, &mut left) {}
            // The other handle would hold it open.
            let _ = slot.shutdown(Shutdown::Both);
        });
        Ok(Self { slot: taken, answers: Some(answers) })
    }

    pub(crate) fn down(passport: &Passport) -> Result<Self> {
        Self::for_commands(passport, usize::MAX)
    }
}

impl Drop for Laid {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.slot.shutdown(Shutdown::Both);
        if let Some(answers) = self.answers.take() {
            let _ = answers.join();
        }
        // The service looks for chips every 0.4 s, and does not notice when two change places in
        // less.
        thread::sleep(Duration::from_secs(1));
    }
}

/// Answers one message of the reader: two bytes of length, and that many.
fn hear(slot: &mut TcpStream, chip: &mut Chip, left: &mut usize) -> Result<Option<()>> {
    let mut length = [0; 2];
    slot.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    slot.read_exact(&mut message)?;
    let answer = match message.as_slice() {
        INTRODUCE => INTRODUCTION.to_vec(),
        [_] => {
            chip.session = None;
            return Ok(Some(()));
        }
        _ if *left == 0 => return Ok(None),
        command => {
            *left -= 1;
            chip.answer(command)?
        }
    };
    slot.write_all(&u16::try_from(answer.len())?.to_be_bytes())?;
    slot.write_all(&answer)?;
    Ok(Some(()))
}

/// Two keys: one that hides, one that vouches (part 11, 9.7.1).
struct Keys {
    hides: TdesEde2,
    vouches: [u8; 16],
}

impl Keys {
    fn new(seed: &[u8]) -> Self {
        let key = |last: u8| -> [u8; 16] {
            let mut digest = Sha1::new();
            digest.update(seed);
            digest.update([0, 0, 0, last]);
            std::array::from_fn({
                let digest = digest.finalize();
                move |at| digest[at]
            })
        };
        Self { hides: TdesEde2::new(&key(1).into()), vouches: key(2) }
    }

    fn hide(&self, plain: &[u8]) -> Vec<u8> {
        let mut hidden = vec![0; 8];
        for block in plain.chunks(8) {
            let before = hidden[hidden.len() - 8..].to_vec();
            let mut mixed: [u8; 8] = std::array::from_fn(|at| block[at] ^ before[at]);
            self.hides.encrypt_block((&mut mixed).into());
            hidden.extend(mixed);
        }
        hidden.split_off(8)
    }

    fn show(&self, hidden: &[u8]) -> Vec<u8> {
        let before = [&[0; 8], hidden].concat();
        let shown = hidden.chunks(8).enumerate().flat_map(|(nth, block)| {
            let mut open: [u8; 8] = std::array::from_fn(|at| block[at]);
            self.hides.decrypt_block((&mut open).into());
            let before = &before[nth * 8..];
            std::array::from_fn::<u8, 8, _>(|at| open[at] ^ before[at])
        });
        shown.collect()
    }

    /// ISO/IEC 9797-1, algorithm 3.
    fn vouch(&self, text: &[u8]) -> [u8; 8] {
        let [one, two] = [0, 8].map(|from| {
            let half: [u8; 8] = std::array::from_fn(|at| self.vouches[from + at]);
            Des::new(&half.into())
        });
        let mut last = [0_u8; 8];
        for block in filled(text).chunks(8) {
            last = std::array::from_fn(|at| last[at] ^ block[at]);
            one.encrypt_block((&mut last).into());
        }
        two.decrypt_block((&mut last).into());
        one.encrypt_block((&mut last).into());
        last
    }
}

/// Up to whole blocks, with at least one byte.
fn filled(text: &[u8]) -> Vec<u8> {
    let rest = 8 - text.len() % 8;
    [text, &[0x80], &vec![0; rest - 1]].concat()
}

fn emptied(text: &[u8]) -> Result<&[u8]> {
    let end = text.iter().rposition(|byte| *byte == 0x80).context("it was filled")?;
    Ok(&text[..end])
}

/// A field with its tag and length (part 10, 3.9); short fields only.
fn field(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len() as u8;
    let head = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
    [head, content.to_vec()].concat()
}

/// The fields of a protected command, by their tags.
fn fields(mut data: &[u8]) -> Result<BTreeMap<u8, &[u8]>> {
    let mut found = BTreeMap::new();
    while let [tag, length, rest @ ..] = data {
        let content = rest.get(..usize::from(*length)).context("a field")?;
        found.insert(*tag, content);
        data = &rest[content.len()..];
    }
    Ok(found)
}

/// A chip that was switched on.
struct Chip {
    passport: Passport,
    access: Keys,
    challenge: [u8; 8],
    session: Option<Session>,
}

/// What was agreed with whoever opened it.
struct Session {
    keys: Keys,
    counter: u64,
    file: Vec<u8>,
}

impl Chip {
    fn of(passport: &Passport) -> Result<Self> {
        let seed = Sha1::digest(&passport.key);
        let mut challenge = [0; 8];
        if getrandom::fill(&mut challenge).is_err() {
            bail!("no randomness");
        }
        let access = Keys::new(&seed[..16]);
        Ok(Self { passport: passport.clone(), access, challenge, session: None })
    }

    fn answer(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        match command {
            [0x00, 0xA4, 0x04, 0x0C, ..] => Ok(DONE.to_vec()),
            [0x00, 0x84, 0x00, 0x00, 8] => Ok([&self.challenge[..], &DONE].concat()),
            [0x00, 0x82, 0x00, 0x00, 40, proof @ .., 40] => Ok(self.open(proof)),
            [0x0C, ..] => self.protected(command),
            _ => Ok(vec![0x6D, 0x00]),
        }
    }

    /// Whoever knows what is printed has the chip opened.
    fn open(&mut self, proof: &[u8]) -> Vec<u8> {
        let (hidden, vouched) = proof.split_at(32);
        let said = self.access.show(hidden);
        let (theirs, rest) = said.split_at(8);
        let (ours, half) = rest.split_at(8);
        if self.access.vouch(hidden) != vouched || ours != self.challenge {
            return vec![0x63, 0x00];
        }
        let other: Vec<u8> = (0x40..0x50).collect();
        let seed: Vec<u8> = half.iter().zip(&other).map(|(one, other)| one ^ other).collect();
        let counter = [&self.challenge[4..], &theirs[4..]].concat();
        let counter = counter.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        self.session = Some(Session { keys: Keys::new(&seed), counter, file: Vec::new() });
        let answer = self.access.hide(&[&self.challenge[..], theirs, &other].concat());
        let vouched = self.access.vouch(&answer);
        [answer, vouched.to_vec(), DONE.to_vec()].concat()
    }

    /// A command under the protection that was agreed (part 11, 9.8).
    fn protected(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        let Some(session) = &mut self.session else { return Ok(WRONG.to_vec()) };
        let (head, rest) = command.split_at(4);
        let (length, data) = rest.split_first().context("a length")?;
        let data = data.get(..usize::from(*length)).context("data")?;
        let asked = fields(data)?;
        let vouched = asked.get(&0x8E).context("a checksum")?;
        session.counter += 1;
        let before = &data[..data.len() - 2 - vouched.len()];
        let over = [&session.counter.to_be_bytes()[..], &filled(head), before].concat();
        if session.keys.vouch(&over) != **vouched {
            return Ok(WRONG.to_vec());
        }
        let (said, status) = match (head[1], asked.get(&0x87), asked.get(&0x97)) {
            (0xA4, Some([1, hidden @ ..]), _) => {
                let name = session.keys.show(hidden);
                let name: [u8; 2] = emptied(&name)?.try_into()?;
                match self.passport.files.get(&name) {
                    Some(file) => {
                        session.file = file.clone();
                        (Vec::new(), DONE)
                    }
                    None => (Vec::new(), [0x6A, 0x82]),
                }
            }
            (0xB0, None, Some([length])) => {
                let from = usize::from(u16::from_be_bytes([head[2], head[3]]));
                let until = (from + usize::from(*length)).min(session.file.len());
                (session.file[from.min(until)..until].to_vec(), DONE)
            }
            _ => (Vec::new(), [0x6D, 0x00]),
        };
        let mut answer = Vec::new();
        if !said.is_empty() {
            let hidden = session.keys.hide(&filled(&said));
            answer.extend(field(0x87, &[&[1][..], &hidden].concat()));
        }
        answer.extend(field(0x99, &status));
        session.counter += 1;
        let over = [&session.counter.to_be_bytes()[..], &answer].concat();
        let vouched = session.keys.vouch(&over);
        answer.extend(field(0x8E, &vouched));
        answer.extend(status);
        Ok(answer)
    }
}
