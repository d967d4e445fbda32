//! Fields of a zone, one after another, with what was misread put right.

use super::{ZoneDate, ZoneError, ZoneField};
use crate::document::Sex;
use crate::document::check_digit::icao_731;
use crate::states;

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
    doubtful: Vec<ZoneField>,
}

impl Scan {
    pub(super) fn new(text: &[u8]) -> Self {
        Self { text: text.to_vec(), mended: Vec::new(), doubtful: Vec::new() }
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

    /// Puts right what the alphabet of a field makes certain, and refuses what it cannot have. A
    /// digit that stands for one of several letters becomes the likeliest, and the field is
    /// doubtful.
    pub(super) fn expect(
        &mut self,
        (from, to): (usize, usize),
        alphabet: Alphabet,
        field: ZoneField,
    ) -> Result<(), ZoneError> {
        for byte in self.text.get_mut(from..to).unwrap_or_default() {
            let others = match alphabet {
                Alphabet::Digits => digit(*byte).map(|digit| (digit, false)),
                Alphabet::Letters => letters(*byte)
                    .split_first()
                    .map(|(likeliest, rest)| (*likeliest, !rest.is_empty())),
            };
            let (meant, is_doubtful) = others.ok_or(ZoneError::Alphabet(field))?;
            if meant != *byte {
                *byte = meant;
                note(&mut self.mended, field);
            }
            if is_doubtful {
                note(&mut self.doubtful, field);
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

    /// The letters of a state or organisation, such as `CHN` or `D`. A digit that stands for one of
    /// several letters is put right only where one of them makes a code that exists.
    pub(super) fn state(&mut self, from: usize, field: ZoneField) -> Result<String, ZoneError> {
        let to = from + 3;
        let mut meant = vec![Vec::new()];
        for byte in self.at(from, to) {
            let letters = letters(*byte);
            let with = |code: &Vec<u8>| {
                let code = code.clone();
                letters.clone().into_iter().map(move |letter| [code.as_slice(), &[letter]].concat())
            };
            meant = meant.iter().flat_map(with).collect();
        }
        if meant.len() > 1 {
            meant.retain(|code| {
                std::str::from_utf8(code)
                    .is_ok_and(|code| states::is_known(code.trim_end_matches('<')))
            });
        }
        let [code] = meant.as_slice() else { return Err(ZoneError::Alphabet(field)) };
        if self.at(from, to) != code.as_slice() {
            note(&mut self.mended, field);
            if let Some(place) = self.text.get_mut(from..to) {
                place.copy_from_slice(code);
            }
        }
        let state = self.words(from, to);
        (!state.is_empty()).then_some(state).ok_or(ZoneError::Alphabet(field))
    }

    /// Notes that a digit which may stand at a place may be a misread letter.
    pub(super) fn doubt(&mut self, at: usize, field: ZoneField) {
        if self.byte(at).is_some_and(|byte| byte.is_ascii_digit() && !letters(byte).is_empty()) {
            note(&mut self.doubtful, field);
        }
    }

    /// The fields in which a character may be another.
    pub(super) fn doubtful(&self) -> Vec<ZoneField> {
        self.doubtful.clone()
    }

    pub(super) fn finish(self) -> Vec<ZoneField> {
        self.mended
    }
}

/// Each field once.
fn note(fields: &mut Vec<ZoneField>, field: ZoneField) {
    if !fields.contains(&field) {
        fields.push(field);
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

/// The letters, or the filler, that a character may be where no digit may stand, the likeliest
/// first: those that [`digit`] takes for it.
fn letters(byte: u8) -> Vec<u8> {
    match byte {
        b'A'..=b'Z' | b'<' => vec![byte],
        b'0' => b"ODQ".to_vec(),
        b'1' => b"IL".to_vec(),
        b'2' => b"Z".to_vec(),
        b'5' => b"S".to_vec(),
        b'6' => b"G".to_vec(),
        b'8' => b"B".to_vec(),
        _ => Vec::new(),
    }
}

/// The same text with letters that are mistaken for one digit written as that digit.
pub(super) fn alike(text: &str) -> String {
    text.bytes().map(|byte| char::from(digit(byte).unwrap_or(byte))).collect()
}
