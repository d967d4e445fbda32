//! From a text to the lines of one layout.

use super::{ZoneError, ZoneLayout};
use crate::width;

/// The characters of all lines of a zone, one after another.
pub(super) struct Lines {
    pub(super) layout: ZoneLayout,
    pub(super) text: Vec<u8>,
    /// Whether a name line got back fillers that were not read.
    pub(super) padded: bool,
}

/// Fewer fillers than any zone has; other codes hardly have one.
const FEWEST_FILLERS: usize = 2;

/// A text shorter than this is no line of a zone but a number with fillers.
const SHORTEST: usize = 20;

/// No layout has more characters.
const LONGEST: usize = 90;

/// The plain characters of a text, line by line, without empty lines and without spaces.
fn plain_lines(text: &str) -> Vec<Vec<u8>> {
    text.split(['\r', '\n', '\t'])
        .map(|line| line.chars().filter(|c| !matches!(c, ' ' | '\u{A0}' | '\u{3000}')))
        .map(|line| line.map(plain).collect::<Vec<u8>>())
        .filter(|line| !line.is_empty())
        .collect()
}

/// One byte for one character; what no zone has becomes `?`.
fn plain(c: char) -> u8 {
    let c = match c {
        '《' | '〈' | '«' | '‹' => '<',
        other => width::half(other),
    };
    u8::try_from(c.to_ascii_uppercase()).unwrap_or(b'?')
}

fn in_alphabet(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'<')
}

pub(super) fn looks_like_zone(text: &str) -> bool {
    // Nothing that long is a zone, and nothing of it needs to be copied.
    if text.len() > 8 * LONGEST {
        return false;
    }
    let all = plain_lines(text).concat();
    all.len() >= SHORTEST
        && all.iter().copied().all(in_alphabet)
        && all.iter().filter(|byte| **byte == b'<').count() >= FEWEST_FILLERS
        && all.first().is_some_and(u8::is_ascii_alphabetic)
}

pub(super) fn arrange(text: &str) -> Result<Lines, ZoneError> {
    if !looks_like_zone(text) {
        return Err(ZoneError::NotAZone);
    }
    let mut lines = plain_lines(text);
    let text = lines.concat();
    if let Some(layout) = layout(&text) {
        return Ok(Lines { layout, text, padded: false });
    }
    pad_the_name(&mut lines);
    let whole = lines.concat();
    let layout = layout(&whole).ok_or(ZoneError::Length { found: text.len() })?;
    Ok(Lines { layout, text: whole, padded: true })
}

/// Gives a name line back the fillers at its end, which some readers leave out: the lines
/// beside it say how long it should be.
fn pad_the_name(lines: &mut [Vec<u8>]) {
    let (name, length) = match lines {
        [name, other] if matches!(other.len(), 36 | 44) => (name, other.len()),
        [first, second, name] if first.len() == 30 && second.len() == 30 => (name, 30),
        _ => return,
    };
    if name.len() < length {
        name.resize(length, b'<');
    }
}

/// The total length and the beginning tell the layout; national ones come first, because
/// they begin like an identity card.
fn layout(text: &[u8]) -> Option<ZoneLayout> {
    let first = text.first()?;
    match (text.len(), first) {
        (30, b'C') if matches!(text.get(1), Some(b'S' | b'D')) => Some(ZoneLayout::ExitPermit),
        (90, b'C') if text.starts_with(b"C<CHN") => Some(ZoneLayout::HomeReturn1999),
        (90, b'C') if is_entry_permit(text) => Some(ZoneLayout::EntryPermit),
        (90, b'A' | b'C' | b'I') => Some(ZoneLayout::Td1),
        (88, b'V') => Some(ZoneLayout::VisaA),
        (88, _) => Some(ZoneLayout::Td3),
        (72, b'V') => Some(ZoneLayout::VisaB),
        (72, _) => Some(ZoneLayout::Td2),
        _ => None,
    }
}

/// `CR`, `CT` or `CF`, and the digits of a number where a TD1 card has the letters of its
/// state; one of them may have been misread.
fn is_entry_permit(text: &[u8]) -> bool {
    let digits = text.get(4..9).unwrap_or_default();
    matches!(text.get(1), Some(b'R' | b'T' | b'F'))
        && digits.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4
}
