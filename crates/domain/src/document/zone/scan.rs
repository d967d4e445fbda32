//! Fields of a zone, one after another, with what was misread put right.

use super::{ZoneDate, ZoneError, ZoneField};
use crate::document::Sex;
use crate::document::check_digit::icao_731;

/// What may stand in a field, which tells what a doubtful character must be.
#[derive(Clone, Copy)]
pub(super) enum Alphabet {
    /// Digits, or the filler.
    Digits,
    /// Letters, or the filler.
    Letters,
}

/// A zone that is being read.
pub(super) struct Scan {
    text: Vec<u8>,
    mended: Vec<ZoneField>,
}

impl Scan {
    pub(super) fn new(text: &[u8]) -> Self {
        Self { text: text.to_vec(), mended: Vec::new() }
    }

    pub(super) fn at(&self, from: usize, to: usize) -> &[u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// The characters of a field without its fillers at the end, as text.
    pub(super) fn words(&self, from: usize, to: usize) -> String {
        let text: String = self.at(from, to).iter().copied().map(char::from).collect();
        text.trim_end_matches('<').to_owned()
    }

    /// Puts right what the alphabet of a field makes certain, and refuses what it does not.
    pub(super) fn expect(
        &mut self,
        (from, to): (usize, usize),
        alphabet: Alphabet,
        field: ZoneField,
    ) -> Result<(), ZoneError> {
        for byte in self.text.get_mut(from..to).unwrap_or_default() {
            let meant = match alphabet {
                Alphabet::Digits => digit(*byte),
                Alphabet::Letters => letter(*byte),
            };
            let meant = meant.ok_or(ZoneError::Alphabet(field))?;
            if meant != *byte {
                *byte = meant;
                if !self.mended.contains(&field) {
                    self.mended.push(field);
                }
            }
        }
        Ok(())
    }

    /// Compares the check digit at a place with the one of some parts.
    pub(super) fn check(
        &mut self,
        parts: &[(usize, usize)],
        at: usize,
        field: ZoneField,
    ) -> Result<(), ZoneError> {
        self.expect((at, at + 1), Alphabet::Digits, field)?;
        self.holds(parts, at).then_some(()).ok_or(ZoneError::CheckDigit(field))
    }

    /// Whether the check digit at a place is that of some parts, taken together.
    pub(super) fn holds(&self, parts: &[(usize, usize)], at: usize) -> bool {
        let over: Vec<u8> =
            parts.iter().flat_map(|(from, to)| self.at(*from, *to)).copied().collect();
        icao_731(&over).is_some_and(|digit| Some(digit) == self.byte(at))
    }

    /// Six characters of date and their check digit. A date that is wholly unknown may have
    /// a filler for its check digit.
    pub(super) fn date(&mut self, from: usize, field: ZoneField) -> Result<ZoneDate, ZoneError> {
        let to = from + 6;
        self.expect((from, to), Alphabet::Digits, field)?;
        let unknown = self.at(from, to + 1).iter().all(|byte| *byte == b'<');
        if !unknown {
            self.check(&[(from, to)], to, field)?;
        }
        ZoneDate::parse(self.at(from, to), field)
    }

    pub(super) fn sex(&self, at: usize) -> Result<Option<Sex>, ZoneError> {
        match self.byte(at) {
            Some(b'M') => Ok(Some(Sex::Male)),
            Some(b'F') => Ok(Some(Sex::Female)),
            Some(b'<' | b'X') => Ok(None),
            _ => Err(ZoneError::Alphabet(ZoneField::Sex)),
        }
    }

    /// The letters of a state or organisation, such as `CHN` or `D`.
    pub(super) fn state(&mut self, from: usize, field: ZoneField) -> Result<String, ZoneError> {
        self.expect((from, from + 3), Alphabet::Letters, field)?;
        let state = self.words(from, from + 3);
        (!state.is_empty()).then_some(state).ok_or(ZoneError::Alphabet(field))
    }

    pub(super) fn finish(self) -> Vec<ZoneField> {
        self.mended
    }
}

/// The digit, or filler, that a character must be where no letter may stand.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' | b'<' => Some(byte),
        b'O' | b'Q' | b'D' => Some(b'0'),
        b'I' | b'L' => Some(b'1'),
        b'Z' => Some(b'2'),
        b'S' => Some(b'5'),
        b'G' => Some(b'6'),
        b'B' => Some(b'8'),
        _ => None,
    }
}

/// The letter, or filler, that a character must be where no digit may stand.
fn letter(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' | b'<' => Some(byte),
        b'0' => Some(b'O'),
        b'1' => Some(b'I'),
        b'2' => Some(b'Z'),
        b'5' => Some(b'S'),
        b'6' => Some(b'G'),
        b'8' => Some(b'B'),
        _ => None,
    }
}
