//! A desk's log on its way to the authority other than by the network, so that only the
//! authority can read it, whoever carries it.
//!
//! ```text
//! "YANMALOG" (8) ‖ version (u8): 1 ‖ length of the header (u16, big-endian)
//! ‖ header: JSON, see [`Header`] ‖ encapsulated key (32) ‖ pieces
//! ```
//!
//! The pieces are HPKE messages ([`crate::hpke`]) of 65,536 bytes and a tag of 16, one after the
//! other; the last one may be shorter. The `info` is [`namespace::SEALED_LOG`] and everything
//! before the encapsulated key; a piece is bound to one byte: 1 for the last one, otherwise 0. So
//! a file that was cut off, or whose pieces were moved, does not open.
//!
//! Inside are lines of JSON, see [`LoggedEntry`], the oldest first, and at their end one
//! `{"end":{"entries":…,"mac":"…"}}`: HMAC-SHA-256 under the SHA-256 of the station's token, over
//! [`namespace::SEALED_LOG`] and the SHA-256 of the header and all lines before. Anybody can seal
//! for an authority; that line shows that it was the station.

use std::io::{self, Read, Write};

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use yanma_domain::IssuerId;
use yanma_domain::trust::PublicKey;
use zeroize::Zeroizing;

use crate::Secret;
use crate::entries::EntryUpload;
use crate::hpke::{Context, ENCAPSULATED_BYTES, NotSealed, TAG_BYTES};
use crate::{field, json, namespace};

const MAGIC: &[u8; 8] = b"YANMALOG";
const VERSION: u8 = 1;
const PIECE_BYTES: usize = 65_536;
/// Longest header that is read.
const HEADER_BYTES: usize = 4096;
/// Longest line that is read.
const LINE_BYTES: usize = 65_536;

/// What stands before the sealed part, for everybody to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Whose desk it is.
    pub issuer: IssuerId,
    /// The feed key of that issuer for which it is sealed.
    pub sealed_for: PublicKey,
    /// The desk's name for programs.
    pub station: String,
    /// When it was written, by the desk's clock.
    pub written_at: Timestamp,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedEntry {
    /// Its place in the desk's log: 1, 2, 3 … Entries that are of no interest to an export are
    /// missing from it.
    pub number: u64,
    /// Its hash, to which the next one is chained: 64 hexadecimal digits.
    pub hash: String,
    /// Who sat at the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The masked name, for as long as the desk keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Secret>,
    /// The masked number, for as long as the desk keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Secret>,
    /// As it is uploaded.
    pub entry: EntryUpload,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Logged(Box<LoggedEntry>),
    End(End),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    entries: u64,
    mac: String,
}

/// Why a sealed log is not written or not read.
#[derive(Debug, thiserror::Error)]
pub enum SealedLogError {
    /// It begins otherwise: not one of ours, or of a version that this program does not know.
    #[error("it is no sealed log that this program knows")]
    Form,
    /// The header is not of its form.
    #[error("the header is not of its form")]
    Header,
    /// Not sealed for a key that is at hand. The header names the key.
    #[error("it was sealed for another key")]
    Key,
    /// A piece was changed, or the file was cut off.
    #[error("it was changed, or cut off")]
    Changed,
    /// What was sealed is not of its form.
    #[error("line {0} of what was sealed is not of its form")]
    Line(u64),
    /// The file.
    #[error("it cannot be read or written")]
    Io(#[from] io::Error),
}

impl From<NotSealed> for SealedLogError {
    fn from(_: NotSealed) -> Self {
        Self::Changed
    }
}

/// Writes a sealed log. Without [`finish`](Self::finish) what was written does not open.
#[derive(Debug)]
pub struct SealedLogWriter<W> {
    out: W,
    context: Context,
    piece: Zeroizing<Vec<u8>>,
    seal: SenderSeal,
    entries: u64,
}

impl<W: Write> SealedLogWriter<W> {
    /// Begins one. `ephemeral` are 32 random bytes that are never used again.
    ///
    /// # Errors
    /// [`SealedLogError::Io`]; [`SealedLogError::Header`] when it is too long.
    pub fn begin(
        mut out: W,
        header: &Header,
        ephemeral: &[u8; 32],
    ) -> Result<Self, SealedLogError> {
        let text = serde_json::to_vec(header).map_err(|_| SealedLogError::Header)?;
        let length = u16::try_from(text.len()).map_err(|_| SealedLogError::Header)?;
        if text.len() > HEADER_BYTES {
            return Err(SealedLogError::Header);
        }
        let first = [&MAGIC[..], &[VERSION], &length.to_be_bytes(), &text].concat();
        let (context, encapsulated) = Context::to(&header.sealed_for, ephemeral, &info(&first))?;
        out.write_all(&first)?;
        out.write_all(&encapsulated)?;
        let piece = Zeroizing::new(Vec::with_capacity(PIECE_BYTES + LINE_BYTES));
        Ok(Self { out, context, piece, seal: SenderSeal::of(&text), entries: 0 })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// [`SealedLogError::Io`]; [`SealedLogError::Line`] when it is too long.
    pub fn add(&mut self, entry: LoggedEntry) -> Result<(), SealedLogError> {
        self.entries += 1;
        let before = self.piece.len();
        self.line(&Line::Logged(Box::new(entry)))?;
        self.seal.update(&self.piece[before..]);
        self.seal_full()
    }

    /// Ends it, and says how many entries it has.
    ///
    /// # Errors
    /// [`SealedLogError::Io`].
    pub fn finish(mut self, token: &Secret) -> Result<u64, SealedLogError> {
        let mac = self.seal.clone().mac(&Sha256::digest(token.reveal()).into());
        let end = End { entries: self.entries, mac: hex::encode(mac.finalize().into_bytes()) };
        self.line(&Line::End(end))?;
        self.seal_full()?;
        self.out.write_all(&self.context.seal(&[1], &self.piece)?)?;
        self.out.flush()?;
        Ok(self.entries)
    }

    /// Writes the pieces that are full. The last one is not known before the end, so one that is
    /// just full stays.
    fn seal_full(&mut self) -> Result<(), SealedLogError> {
        while self.piece.len() > PIECE_BYTES {
            let sealed = self.context.seal(&[0], &self.piece[..PIECE_BYTES])?;
            self.out.write_all(&sealed)?;
            self.piece.drain(..PIECE_BYTES);
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Result<(), SealedLogError> {
        let before = self.piece.len();
        let too_long = || SealedLogError::Line(self.entries);
        serde_json::to_writer(&mut *self.piece, line).map_err(|_| too_long())?;
        self.piece.push(b'\n');
        if self.piece.len() - before > LINE_BYTES { Err(too_long()) } else { Ok(()) }
    }
}

/// Reads a sealed log, one entry after the other. Each entry is as it was sealed; that it is the
/// whole log is known when there is none left and no error was met.
#[derive(Debug)]
pub struct SealedLogReader<R> {
    input: R,
    header: Header,
    context: Context,
    /// The piece after the next one, while there is one: whether a piece is the last is known
    /// from there being nothing after it.
    ahead: Vec<u8>,
    opened: Zeroizing<Vec<u8>>,
    read: usize,
    last: bool,
    lines: u64,
    seal: SenderSeal,
    end: Option<End>,
    failed: bool,
}

impl<R: Read> SealedLogReader<R> {
    /// Opens one; `agree` gives the point that the private half of a key of ours shares with the
    /// encapsulated key, or nothing when that key is none of ours.
    ///
    /// # Errors
    /// [`SealedLogError`].
    pub fn open(
        mut input: R,
        agree: impl FnOnce(&PublicKey, &[u8; 32]) -> Option<Zeroizing<[u8; 32]>>,
    ) -> Result<Self, SealedLogError> {
        let mut first = vec![0; MAGIC.len() + 3];
        whole(&mut input, &mut first, SealedLogError::Form)?;
        let (magic, rest) = first.split_at(MAGIC.len());
        if magic != MAGIC || rest[0] != VERSION {
            return Err(SealedLogError::Form);
        }
        let length = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
        if length > HEADER_BYTES {
            return Err(SealedLogError::Header);
        }
        let mut text = vec![0; length];
        whole(&mut input, &mut text, SealedLogError::Header)?;
        let header: Header = json::read_answer(&text).ok_or(SealedLogError::Header)?;
        field::word("station", &header.station).map_err(|_| SealedLogError::Header)?;
        first.extend_from_slice(&text);
        let mut encapsulated = [0; ENCAPSULATED_BYTES];
        whole(&mut input, &mut encapsulated, SealedLogError::Changed)?;
        let agreed = agree(&header.sealed_for, &encapsulated).ok_or(SealedLogError::Key)?;
        let context = Context::from(&header.sealed_for, &agreed, &encapsulated, &info(&first))?;
        let mut reader = Self {
            input,
            context,
            ahead: Vec::new(),
            opened: Zeroizing::new(Vec::new()),
            read: 0,
            last: false,
            lines: 0,
            seal: SenderSeal::of(&text),
            end: None,
            failed: false,
            header,
        };
        reader.ahead = reader.piece()?;
        Ok(reader)
    }

    /// What stands before the sealed part.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the station with the token of this SHA-256 wrote it, the header and every entry;
    /// `None` before all of it was read.
    pub fn is_of(&self, token_hash: &[u8; 32]) -> Option<bool> {
        let end = self.end.as_ref()?;
        let Ok(mac) = hex::decode(&end.mac) else { return Some(false) };
        Some(self.seal.clone().mac(token_hash).verify_slice(&mac).is_ok())
    }

    fn entry(&mut self) -> Result<Option<LoggedEntry>, SealedLogError> {
        let Some(line) = self.line()? else {
            return if self.end.is_some() { Ok(None) } else { Err(SealedLogError::Changed) };
        };
        self.lines += 1;
        let bad = SealedLogError::Line(self.lines);
        match json::read_answer(&line) {
            Some(Line::Logged(entry)) if self.end.is_none() => {
                self.seal.update(&line);
                Ok(Some(*entry))
            }
            Some(Line::End(end)) if self.end.is_none() && end.entries == self.lines - 1 => {
                self.end = Some(end);
                // Nothing may come after it.
                self.entry()
            }
            _ => Err(bad),
        }
    }

    /// The next line, with its line feed.
    fn line(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, SealedLogError> {
        loop {
            let rest = &self.opened[self.read..];
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let line = Zeroizing::new(rest[..=length].to_vec());
                self.read += line.len();
                return Ok(Some(line));
            }
            if rest.len() > LINE_BYTES {
                return Err(SealedLogError::Line(self.lines + 1));
            }
            if self.last {
                return if rest.is_empty() { Ok(None) } else { Err(SealedLogError::Changed) };
            }
            let next = self.piece()?;
            self.last = next.is_empty();
            let sealed = std::mem::replace(&mut self.ahead, next);
            let opened = self.context.open(&[u8::from(self.last)], &sealed)?;
            let joined = [&self.opened[self.read..], &opened].concat();
            self.opened = Zeroizing::new(joined);
            self.read = 0;
        }
    }

    /// The next sealed piece; empty at the end of the file.
    fn piece(&mut self) -> Result<Vec<u8>, SealedLogError> {
        let mut piece = Vec::new();
        let most = (PIECE_BYTES + TAG_BYTES) as u64;
        self.input.by_ref().take(most).read_to_end(&mut piece)?;
        Ok(piece)
    }
}

impl<R: Read> Iterator for SealedLogReader<R> {
    type Item = Result<LoggedEntry, SealedLogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let entry = self.entry();
        self.failed = entry.is_err();
        entry.transpose()
    }
}

/// What the station answers for.
#[derive(Clone)]
struct SenderSeal(Sha256);

impl SenderSeal {
    fn of(header: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(header))
    }

    fn update(&mut self, line: &[u8]) {
        self.0.update(line);
    }

    fn mac(self, token_hash: &[u8; 32]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(token_hash)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(namespace::SEALED_LOG);
        mac.update(&self.0.finalize());
        mac
    }
}

impl std::fmt::Debug for SenderSeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SenderSeal")
    }
}

fn info(first: &[u8]) -> Vec<u8> {
    [namespace::SEALED_LOG, first].concat()
}

/// Fills `bytes`; `short` when the file ends before.
fn whole(
    input: &mut impl Read,
    bytes: &mut [u8],
    short: SealedLogError,
) -> Result<(), SealedLogError> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => short,
        _ => SealedLogError::Io(error),
    })
}

#[cfg(test)]
mod tests;
