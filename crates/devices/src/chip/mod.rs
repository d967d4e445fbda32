//! Chips of passports and identity cards, as ICAO Doc 9303 describes them.
//!
//! [`read_chip`] opens a chip with what is printed in its machine-readable zone (Basic Access
//! Control, part 11) and reads two files under that protection: the zone that the chip holds
//! (DG1) and the security object, by which the issuing country vouches for it. Whether it does
//! is not asked here: a chip that opens may still have been written by anybody.
//!
//! Commands go through a function that the caller gives, whatever stands behind it. Not done:
//! PACE, which some chips of today want in place of Basic Access Control, the photo, and proof
//! that the chip is no copy.

mod ciphers;
mod messaging;
mod reader;
#[cfg(test)]
mod vectors;
mod watch;

use std::{fmt, io};

use ciphers::Keys;
use messaging::Messaging;
pub use reader::{ChipReader, chip_readers};
use sha1::{Digest, Sha1};
pub use watch::ChipWatch;

/// The application of travel documents (part 10).
const SELECT_APPLICATION: [u8; 12] =
    [0x00, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];
const GET_CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];

/// Bytes of one piece of a file: with its protection around it, it fits a short answer.
const PIECE: usize = 0xDF;

/// The longest file that is read: offsets have 15 bits.
const LONGEST_FILE: usize = 0x7FFF;

/// What every answer ends with that went well.
const DONE: u16 = 0x9000;

/// A file of a chip: its short name, the tag it begins with, and the word for errors.
#[derive(Clone, Copy)]
struct File {
    id: [u8; 2],
    tag: u8,
    name: &'static str,
}

const DG1: File = File { id: [0x01, 0x01], tag: 0x61, name: "DG1" };
const SECURITY_OBJECT: File = File { id: [0x01, 0x1D], tag: 0x77, name: "security object" };

/// What opens a chip.
#[derive(Clone, PartialEq, Eq)]
pub struct ChipKey([u8; 16]);

impl ChipKey {
    /// From number, date of birth and date of expiry with their check digits, as they stand in
    /// the zone one after the other: `L898902C3674081221204159`.
    #[must_use]
    pub fn from_zone(text: &str) -> Self {
        let digest: [u8; 20] = Sha1::digest(text).into();
        Self(digest.first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Debug for ChipKey {
    /// Without the key: it is made of a person's document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChipKey")
    }
}

/// What was read of a chip.
#[derive(Clone, PartialEq, Eq)]
pub struct ChipFiles {
    /// DG1, whole.
    pub dg1: Vec<u8>,
    /// The security object, whole.
    pub security_object: Vec<u8>,
}

impl fmt::Debug for ChipFiles {
    /// Without what is in them: it is a person's document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChipFiles({} and {} bytes)", self.dg1.len(), self.security_object.len())
    }
}

/// Why a chip was not read. Never carries anything of it.
#[derive(Debug, thiserror::Error)]
pub enum ChipError {
    /// The reader failed, or the document was taken away: present it again.
    #[error("the reader: {0}")]
    Link(#[from] io::Error),
    /// The chip is no travel document's.
    #[error("this chip is no passport's")]
    NoApplication,
    /// The zone is another document's, or was misread.
    #[error("the chip does not open with this zone")]
    Key,
    /// The chip refused a step, by its status (ISO/IEC 7816-4); one that refuses a challenge
    /// wants PACE, which is not spoken here.
    #[error("the chip refused {step} with status {status:04X}")]
    Refused {
        /// What was asked.
        step: &'static str,
        /// What it said.
        status: u16,
    },
    /// An answer that the chip did not protect as agreed: bytes changed on the way, or something
    /// stands between.
    #[error("an answer was not the chip's own; present the document again")]
    Messaging,
    /// A file or an answer is not what the standard describes.
    #[error("the chip's {0} is not as Doc 9303 describes it")]
    Form(&'static str),
}

/// Opens a chip and reads its zone and its security object. `exchange` carries a command to the
/// chip and brings the answer back; `random` is fresh for every call.
///
/// # Errors
/// [`ChipError`].
pub fn read_chip(
    mut exchange: impl FnMut(&[u8]) -> io::Result<Vec<u8>>,
    key: &ChipKey,
    random: &[u8; 24],
) -> Result<ChipFiles, ChipError> {
    let mut chip = Chip { messaging: open(&mut exchange, key, random)?, exchange };
    let dg1 = chip.read(DG1)?;
    let security_object = chip.read(SECURITY_OBJECT)?;
    Ok(ChipFiles { dg1, security_object })
}

/// An answer without its status, and the status.
fn parts(answer: &[u8]) -> Result<(&[u8], u16), ChipError> {
    let (data, status) = answer.split_last_chunk::<2>().ok_or(ChipError::Form("answer"))?;
    Ok((data, u16::from_be_bytes(*status)))
}

/// Basic Access Control: both sides prove that they know the key, and agree on others.
fn open(
    exchange: &mut impl FnMut(&[u8]) -> io::Result<Vec<u8>>,
    key: &ChipKey,
    random: &[u8; 24],
) -> Result<Messaging, ChipError> {
    let answer = exchange(&SELECT_APPLICATION)?;
    if parts(&answer)?.1 != DONE {
        return Err(ChipError::NoApplication);
    }
    let answer = exchange(&GET_CHALLENGE)?;
    let (challenge, status) = parts(&answer)?;
    if status != DONE {
        return Err(ChipError::Refused { step: "a challenge", status });
    }
    let challenge: &[u8; 8] = challenge.try_into().map_err(|_| ChipError::Form("challenge"))?;

    let keys = Keys::derive(&key.0);
    let (nonce, half) = random.split_at(8);
    let sent = keys.encrypt(&[nonce, challenge, half].concat());
    let mut command = vec![0x00, 0x82, 0x00, 0x00, 0x28];
    command.extend(&sent);
    command.extend(keys.mac(&sent));
    command.push(0x28);
    let answer = exchange(&command)?;
    let (proof, status) = parts(&answer)?;
    if status != DONE {
        return Err(ChipError::Key);
    }
    let proof: &[u8; 40] = proof.try_into().map_err(|_| ChipError::Form("proof"))?;
    let (said, mac) = proof.split_at(32);
    if keys.mac(said) != mac {
        return Err(ChipError::Messaging);
    }
    let said = keys.decrypt(said);
    let (nonces, other_half) = said.split_at(16);
    if nonces != [&challenge[..], nonce].concat() {
        return Err(ChipError::Messaging);
    }
    let mut seed = [0; 16];
    for (byte, (ours, theirs)) in seed.iter_mut().zip(half.iter().zip(other_half)) {
        *byte = ours ^ theirs;
    }
    let tail = |nonce: &[u8]| nonce.iter().skip(4).fold(0, |n, byte| n << 8 | u64::from(*byte));
    let counter = tail(challenge) << 32 | tail(nonce);
    Ok(Messaging::new(Keys::derive(&seed), counter))
}

/// A chip that was opened.
struct Chip<E> {
    messaging: Messaging,
    exchange: E,
}

impl<E: FnMut(&[u8]) -> io::Result<Vec<u8>>> Chip<E> {
    fn ask(
        &mut self,
        step: &'static str,
        header: [u8; 4],
        data: Option<&[u8]>,
        length: Option<u8>,
    ) -> Result<Vec<u8>, ChipError> {
        let command = self.messaging.command(header, data, length);
        let answer = (self.exchange)(&command)?;
        let (data, status) = parts(&answer)?;
        if data.is_empty() && status != DONE {
            return Err(ChipError::Refused { step, status });
        }
        let (data, status) = self.messaging.answer(data).ok_or(ChipError::Messaging)?;
        if status == DONE { Ok(data) } else { Err(ChipError::Refused { step, status }) }
    }

    fn select(&mut self, file: File) -> Result<(), ChipError> {
        self.ask(file.name, [0x00, 0xA4, 0x02, 0x0C], Some(&file.id), None).map(drop)
    }

    fn piece(&mut self, file: File, at: usize, length: usize) -> Result<Vec<u8>, ChipError> {
        let form = |_| ChipError::Form(file.name);
        let [high, low] = u16::try_from(at).map_err(form)?.to_be_bytes();
        let length = u8::try_from(length).map_err(form)?;
        let piece = self.ask(file.name, [0x00, 0xB0, high, low], None, Some(length))?;
        if piece.is_empty() || piece.len() > usize::from(length) {
            return Err(ChipError::Form(file.name));
        }
        Ok(piece)
    }

    /// A whole file: its first four bytes say how long it is.
    fn read(&mut self, file: File) -> Result<Vec<u8>, ChipError> {
        self.select(file)?;
        let mut content = self.piece(file, 0, 4)?;
        let length = match content.as_slice() {
            [tag, length @ 0..=0x7F, ..] if *tag == file.tag => 2 + usize::from(*length),
            [tag, 0x81, length, ..] if *tag == file.tag => 3 + usize::from(*length),
            [tag, 0x82, high, low] if *tag == file.tag => {
                4 + usize::from(u16::from_be_bytes([*high, *low]))
            }
            _ => return Err(ChipError::Form(file.name)),
        };
        if !(content.len()..=LONGEST_FILE).contains(&length) {
            return Err(ChipError::Form(file.name));
        }
        while content.len() < length {
            let piece = self.piece(file, content.len(), PIECE.min(length - content.len()))?;
            content.extend(piece);
        }
        Ok(content)
    }
}
