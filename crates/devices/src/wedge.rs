//! Tells a scanner that types from a person who types.
//!
//! A keyboard-wedge scanner types a code in a burst: a few milliseconds between keys, and usually
//! Enter or Tab at the end. People do not type six keys with a twentieth of a second between them.

use crate::event::{DeviceId, Seen, SeenKind};

/// Keys this close together belong to a burst, in milliseconds.
pub const FAST_GAP_MS: u64 = 50;

/// After a pause longer than this a new text begins, in milliseconds. It is also how long to wait
/// for a scanner that sends no end mark.
pub const RESET_GAP_MS: u64 = 100;

/// The shortest burst that is taken for a scan, in characters.
pub const MIN_LENGTH: usize = 6;

/// The longest text that is kept, in characters; a QR holds 7,089 digits at most.
pub const MAX_LENGTH: usize = 8 * 1024;

/// One gap in so many may be slow: a busy machine hands on keys unevenly.
const FAST_FOR_EACH_SLOW: usize = 8;

/// What a run of keys turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum WedgeReading {
    /// A scanner typed this.
    Scanned(Seen),
    /// A burst went on beyond [`MAX_LENGTH`]; it was thrown away up to its end.
    TooLong,
}

/// Puts keys together. It has no clock: every key comes with its time, and [`Self::idle`] is to be
/// called now and then while no key comes.
#[derive(Debug, Default)]
pub struct WedgeAssembler {
    text: String,
    length: usize,
    fast_gaps: usize,
    slow_gaps: usize,
    last_ms: u64,
}

impl WedgeAssembler {
    /// With nothing typed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the keys so far look like a burst, so that a window should keep them from its
    /// buttons and fields.
    #[must_use]
    pub fn in_burst(&self) -> bool {
        self.length >= MIN_LENGTH && self.mostly_fast()
    }

    /// Takes a key with its time in milliseconds, on any clock that does not run backwards. Enter
    /// (CR or LF) and Tab end a burst. Full-width characters, as an input method makes them,
    /// become ASCII.
    pub fn key(&mut self, key: char, at_ms: u64) -> Option<WedgeReading> {
        let ended = self.idle(at_ms);
        if matches!(key, '\r' | '\n' | '\t') {
            return self.end().or(ended);
        }
        if self.length > 0 {
            if at_ms.saturating_sub(self.last_ms) <= FAST_GAP_MS {
                self.fast_gaps += 1;
            } else {
                self.slow_gaps += 1;
            }
        }
        self.last_ms = at_ms;
        self.length += 1;
        if self.length <= MAX_LENGTH {
            self.text.push(half_width(key));
        } else {
            self.text.clear();
        }
        ended
    }

    /// Ends a burst after which nothing came for [`RESET_GAP_MS`], and forgets what a person typed.
    pub fn idle(&mut self, now_ms: u64) -> Option<WedgeReading> {
        let quiet = now_ms.saturating_sub(self.last_ms) > RESET_GAP_MS;
        if self.length > 0 && quiet { self.end() } else { None }
    }

    fn end(&mut self) -> Option<WedgeReading> {
        let burst = self.in_burst();
        let Self { text, length, .. } = std::mem::take(self);
        if !burst {
            return None;
        }
        if length > MAX_LENGTH {
            return Some(WedgeReading::TooLong);
        }
        Some(WedgeReading::Scanned(Seen {
            source: DeviceId::wedge(),
            kind: SeenKind::Wedge,
            symbology: None,
            bytes: text.as_bytes().to_vec(),
            text,
            corners: None,
            frame_size: None,
        }))
    }

    fn mostly_fast(&self) -> bool {
        self.fast_gaps >= self.slow_gaps * FAST_FOR_EACH_SLOW
    }
}

fn half_width(key: char) -> char {
    match key {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(u32::from(key) - 0xFEE0).unwrap_or(key),
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types a text with a gap before each key and gives the scans, with the time at the end.
    fn typed(
        assembler: &mut WedgeAssembler,
        text: &str,
        gap_ms: u64,
        from_ms: u64,
    ) -> (Vec<String>, u64) {
        let mut now = from_ms;
        let mut scans = Vec::new();
        for key in text.chars() {
            now += gap_ms;
            scans.extend(assembler.key(key, now).map(text_of));
        }
        (scans, now)
    }

    fn text_of(reading: WedgeReading) -> String {
        match reading {
            WedgeReading::Scanned(seen) => seen.text,
            WedgeReading::TooLong => "too long".into(),
        }
    }

    fn check(text: &str, gap_ms: u64, expected: &[&str]) {
        let mut assembler = WedgeAssembler::new();
        let (mut scans, end) = typed(&mut assembler, text, gap_ms, 1_000);
        scans.extend(assembler.idle(end + RESET_GAP_MS + 1).map(text_of));
        assert_eq!(scans, expected, "{text:?} with {gap_ms} ms");
    }

    #[test]
    fn speed_length_and_end_mark_decide() {
        check("123456\r", 5, &["123456"]);
        check("123456\t", 0, &["123456"]);
        check("123456\r\n", 5, &["123456"]);
        check("12345\r", 5, &[]);
        check("123456", 50, &["123456"]);
        check("123456", 51, &[]);
        check("123456\r", 101, &[]);
        check("123456\r234567\r", 5, &["123456", "234567"]);
        check("HTTPS://YM.TEST/0123456789\r", 12, &["HTTPS://YM.TEST/0123456789"]);
    }

    #[test]
    fn an_end_mark_long_after_a_burst_does_not_repeat_it() {
        let mut assembler = WedgeAssembler::new();
        let (none, end) = typed(&mut assembler, "1234567", 5, 0);
        assert!(none.is_empty());
        assert_eq!(assembler.idle(end + RESET_GAP_MS), None, "the boundary still belongs to it");
        assert_eq!(assembler.key('\r', end + 500).map(text_of), Some("1234567".into()));
        assert_eq!(assembler.key('\r', end + 501), None);
    }

    #[test]
    fn a_new_burst_after_a_pause_hands_on_the_one_before() {
        let mut assembler = WedgeAssembler::new();
        let (_, end) = typed(&mut assembler, "1234567", 5, 0);
        let (scans, _) = typed(&mut assembler, "7654321\r", 5, end + 200);
        assert_eq!(scans, ["1234567", "7654321"]);
    }

    #[test]
    fn what_a_person_typed_before_a_scan_is_not_part_of_it() {
        let mut assembler = WedgeAssembler::new();
        let (_, end) = typed(&mut assembler, "ab", 180, 0);
        let (scans, _) = typed(&mut assembler, "1234567\r", 5, end + 150);
        assert_eq!(scans, ["1234567"]);
    }

    #[test]
    fn one_slow_key_in_a_burst_is_forgiven() {
        let mut assembler = WedgeAssembler::new();
        let (_, end) = typed(&mut assembler, "12345678", 5, 0);
        let (scans, _) = typed(&mut assembler, "9", 90, end);
        assert!(scans.is_empty());
        let (scans, _) = typed(&mut assembler, "0123\r", 5, end + 90);
        assert_eq!(scans, ["1234567890123"]);
    }

    #[test]
    fn full_width_becomes_ascii_and_other_text_stays() {
        check("ＨＴＴＰＳ：／／ＹＭ　１２\r", 5, &["HTTPS://YM 12"]);
        check("张三的健康码\r", 5, &["张三的健康码"]);
    }

    #[test]
    fn too_long_is_told_once_at_its_end() {
        check(&format!("{}\r", "1".repeat(MAX_LENGTH)), 1, &[&"1".repeat(MAX_LENGTH)]);
        check(&format!("{}\r123456\r", "1".repeat(MAX_LENGTH + 1)), 1, &["too long", "123456"]);
    }

    #[test]
    fn a_clock_that_stands_still_or_jumps_back_does_not_panic() {
        let mut assembler = WedgeAssembler::new();
        for (key, at_ms) in [('1', 5_000), ('2', 10), ('3', u64::MAX), ('4', 0)] {
            let _ = assembler.key(key, at_ms);
        }
    }
}
