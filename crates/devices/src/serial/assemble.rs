//! Bytes of a scanner to readings.

use std::time::{Duration, Instant};

use crate::framing::MAX_AFFIX;

/// The longest reading that is kept, in bytes. The largest PDF417 and QR stay below half of it.
pub const MAX_READING_BYTES: usize = 8 * 1024;

/// A pause this long ends a reading: not every scanner sends an end mark.
pub const IDLE: Duration = Duration::from_millis(80);

/// AAMVA driving licences begin so and have line ends in them (AAMVA DL/ID Card Design Standard,
/// D.12.3): there only a pause ends the reading.
const LINES_INSIDE: &[u8] = b"@\n\x1e\r";

/// What a scanner may put before that, in bytes: a prefix and an AIM identifier.
const BEFORE_LINES: usize = 4 * MAX_AFFIX + 3;

/// What a run of bytes turned out to be.
#[derive(Clone, PartialEq, Eq)]
pub enum SerialReading {
    /// A reading, without its end mark. Never empty. It may be half a code: a scanner that was
    /// interrupted cannot be told from one that has finished.
    Bytes(Vec<u8>),
    /// More than [`MAX_READING_BYTES`] came without an end. They were thrown away.
    TooLong,
}

impl std::fmt::Debug for SerialReading {
    /// Without the bytes: they are a person's code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::TooLong => f.write_str("TooLong"),
        }
    }
}

/// Puts bytes together: CR, LF, CR LF or a pause of [`IDLE`] ends a reading.
#[derive(Default)]
pub struct Assembler {
    bytes: Vec<u8>,
    too_long: bool,
    last: Option<Instant>,
}

impl Assembler {
    /// With nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they came, with the time they came at.
    pub fn bytes(&mut self, bytes: &[u8], now: Instant) -> Vec<SerialReading> {
        let mut readings: Vec<SerialReading> = self.idle(now).into_iter().collect();
        for byte in bytes {
            if matches!(byte, b'\r' | b'\n') && !self.has_lines_inside(*byte) {
                readings.extend(self.end());
            } else if self.bytes.len() < MAX_READING_BYTES {
                self.bytes.push(*byte);
            } else {
                self.too_long = true;
            }
        }
        self.last = Some(now);
        readings
    }

    /// Ends a reading after which nothing came for [`IDLE`].
    pub fn idle(&mut self, now: Instant) -> Option<SerialReading> {
        let quiet = self.last.is_some_and(|last| now.saturating_duration_since(last) >= IDLE);
        if quiet { self.end() } else { None }
    }

    /// Ends whatever is there: the port is gone.
    pub fn end(&mut self) -> Option<SerialReading> {
        self.last = None;
        let mut bytes = std::mem::take(&mut self.bytes);
        if std::mem::take(&mut self.too_long) {
            return Some(SerialReading::TooLong);
        }
        while let Some(b'\r' | b'\n') = bytes.last() {
            bytes.pop();
        }
        (!bytes.is_empty()).then_some(SerialReading::Bytes(bytes))
    }

    /// Whether this line end belongs to the content, as far as the bytes before it tell.
    fn has_lines_inside(&self, line_end: u8) -> bool {
        (0..=self.bytes.len().min(BEFORE_LINES)).any(|before| {
            let inside = self.bytes.get(before..).unwrap_or_default();
            inside.starts_with(LINES_INSIDE)
                || (LINES_INSIDE.starts_with(inside)
                    && LINES_INSIDE.get(inside.len()) == Some(&line_end))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces with the pause before each, and what they make.
    fn check(pieces: &[(u64, &[u8])], expected: &[Option<&[u8]>]) {
        let mut assembler = Assembler::new();
        let mut now = Instant::now();
        let mut readings = Vec::new();
        for (pause_ms, bytes) in pieces {
            now += Duration::from_millis(*pause_ms);
            readings.extend(assembler.bytes(bytes, now));
        }
        readings.extend(assembler.idle(now + IDLE));
        let expected: Vec<_> = expected
            .iter()
            .map(|bytes| match bytes {
                Some(bytes) => SerialReading::Bytes(bytes.to_vec()),
                None => SerialReading::TooLong,
            })
            .collect();
        assert_eq!(readings, expected);
    }

    #[test]
    fn end_marks_and_pauses_end_a_reading() {
        check(
            &[(0, b"abc\r\ndef\rghi\njkl")],
            &[Some(b"abc"), Some(b"def"), Some(b"ghi"), Some(b"jkl")],
        );
        check(&[(0, b"ab"), (79, b"cd\r")], &[Some(b"abcd")]);
        check(&[(0, b"ab"), (80, b"cd\r")], &[Some(b"ab"), Some(b"cd")]);
        check(&[(0, b"abc\r"), (20, b"\n"), (20, b"def\r\n")], &[Some(b"abc"), Some(b"def")]);
        check(&[(0, b"\r\n\r\n")], &[]);
        check(&[(0, b"")], &[]);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        check(&[(0, b"\xC9\x00\xFF\x1d1\r")], &[Some(b"\xC9\x00\xFF\x1d1")]);
    }

    #[test]
    fn a_licence_keeps_its_lines() {
        let licence = b"@\n\x1e\rANSI 636000\nDAQ123\nDCSMAX\r";
        check(
            &[(0, licence), (79, b"\nDAC\r\n")],
            &[Some(b"@\n\x1e\rANSI 636000\nDAQ123\nDCSMAX\r\nDAC")],
        );
        let before: [&[u8]; 3] = [b"]L2", b"\x02", b"STX]L2"];
        for before in before {
            let with = [before, licence].concat();
            check(&[(0, &with)], &[Some(with.trim_ascii_end())]);
        }
        check(&[(0, b"@\n123\r")], &[Some(b"@\n123")]);
        check(&[(0, b"@abc\rdef\r")], &[Some(b"@abc"), Some(b"def")]);
    }

    #[test]
    fn too_long_is_told_once_and_the_next_reading_is_whole() {
        let longest = vec![b'7'; MAX_READING_BYTES];
        check(&[(0, &longest), (1, b"\r")], &[Some(&longest)]);
        check(&[(0, &longest), (1, b"8"), (1, &longest), (1, b"\rabc\r")], &[None, Some(b"abc")]);
        check(&[(0, &longest), (1, b"8"), (80, b"abc\r")], &[None, Some(b"abc")]);
    }
}
