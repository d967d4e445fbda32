//! Tells the keys of a scanner from those of a person, before an input method has any of them.
//!
//! A scanner that types presses its keys a few milliseconds apart, and people do not do that three
//! times in a row. Where an input method stands before a page, what it took the page never hears
//! of, digits included; so the keys of a run are told apart where they come in, and go round it.

/// Keys of a scanner follow each other at least this fast, in milliseconds.
pub const FAST_GAP_MS: u32 = 50;

/// A run that was recognised may pause this long, in milliseconds; as the page has it.
pub const PAUSE_MS: u32 = 200;

/// The key of a run from which on it is a scanner's.
const RECOGNISED_AT: usize = 3;

/// What a driving licence's code begins with. A line end comes next, and would press a button.
const OPENS_LINES: char = '@';

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// It types this.
    Types(char),
    /// Enter, Tab, or a key together with Ctrl: a control character inside a code.
    Control,
    /// Shift and its like, which scanners press between two characters.
    Modifier,
    /// Anything else: an arrow, a function key.
    Other,
}

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose<K> {
    /// A person's, as far as can be told: it goes its usual way.
    Anybodys,
    /// A scanner's: it goes no further. These are the keys that nobody has been given yet; the
    /// first time they are those before it, too.
    Scanners(Vec<K>),
}

/// The keys that follow each other now. It has no clock: every key comes with its time.
#[derive(Debug)]
pub struct KeyRun<K> {
    waiting: Vec<K>,
    opens_lines: bool,
    recognised: bool,
    last_ms: u32,
}

impl<K> Default for KeyRun<K> {
    fn default() -> Self {
        Self { waiting: Vec::new(), opens_lines: false, recognised: false, last_ms: 0 }
    }
}

impl<K> KeyRun<K> {
    /// Whether the run is a scanner's.
    #[must_use]
    pub fn is_scanners(&self) -> bool {
        self.recognised
    }

    /// Takes a key that went down at `at_ms`, on a clock that may wrap. A key that is held and
    /// repeats itself is not pressed: [`Self::forget`] is for it.
    pub fn press(&mut self, key: K, press: Press, at_ms: u32) -> Whose<K> {
        let pause = at_ms.wrapping_sub(self.last_ms);
        let opening = self.opens_lines && matches!(press, Press::Control | Press::Modifier);
        if pause > if self.recognised || opening { PAUSE_MS } else { FAST_GAP_MS } {
            self.forget();
        }
        self.last_ms = at_ms;
        let opened = self.opens_lines && press == Press::Control;
        match press {
            // The page hears of these by itself.
            Press::Modifier => return Whose::Anybodys,
            Press::Types(character) if self.waiting.is_empty() => {
                self.opens_lines = character == OPENS_LINES;
            }
            Press::Control | Press::Other if !self.recognised && !opened => {
                self.forget();
                return Whose::Anybodys;
            }
            Press::Types(_) | Press::Control | Press::Other => {}
        }
        self.waiting.push(key);
        self.recognised |= opened || self.waiting.len() >= RECOGNISED_AT;
        if self.recognised {
            Whose::Scanners(std::mem::take(&mut self.waiting))
        } else {
            Whose::Anybodys
        }
    }

    /// The run is over.
    pub fn forget(&mut self) {
        *self = Self { last_ms: self.last_ms, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presses `keys`, each with the pause before it, and gives those that are a scanner's.
    fn scanners(keys: &[(Press, u32)]) -> Vec<Vec<usize>> {
        let mut run = KeyRun::default();
        let mut at_ms = u32::MAX - 10;
        let mut taken = Vec::new();
        for (number, &(press, pause)) in keys.iter().enumerate() {
            at_ms = at_ms.wrapping_add(pause);
            if let Whose::Scanners(keys) = run.press(number, press, at_ms) {
                taken.push(keys);
            }
        }
        taken
    }

    fn check(keys: &[(Press, u32)], expected: &[&[usize]]) {
        assert_eq!(scanners(keys), expected, "{keys:?}");
    }

    const A: Press = Press::Types('a');

    #[test]
    fn the_third_quick_key_brings_those_before_it() {
        check(&[(A, 900), (A, 0), (A, 2), (A, 2)], &[&[0, 1, 2], &[3]]);
        check(&[(A, 900), (A, FAST_GAP_MS), (A, FAST_GAP_MS)], &[&[0, 1, 2]]);
        check(&[(A, 900), (A, FAST_GAP_MS), (A, FAST_GAP_MS + 1), (A, 2)], &[]);
        check(&[(A, 900), (A, 90), (A, 140), (A, 90), (A, 200)], &[]);
    }

    #[test]
    fn a_scanner_may_pause_once_it_is_known() {
        let known = [(A, 900), (A, 2), (A, 2)];
        check(&[&known[..], &[(A, PAUSE_MS)]].concat(), &[&[0, 1, 2], &[3]]);
        check(&[&known[..], &[(A, PAUSE_MS + 1), (A, 2)]].concat(), &[&[0, 1, 2]]);
        check(&[&known[..], &[(Press::Control, PAUSE_MS)]].concat(), &[&[0, 1, 2], &[3]]);
    }

    #[test]
    fn shift_between_two_characters_is_no_pause_and_is_left_alone() {
        let shifted = [(Press::Modifier, 40), (A, 40)].repeat(3);
        check(&shifted, &[&[1, 3, 5]]);
    }

    #[test]
    fn a_persons_enter_and_arrows_are_no_scanners() {
        let quick = [(Press::Control, 900), (Press::Other, 2), (Press::Control, 2)];
        check(&quick.repeat(3), &[]);
        check(&[(A, 900), (A, 2), (Press::Other, 2), (A, 2), (A, 2)], &[]);
        check(&[(A, 900), (A, 40), (Press::Control, 40)], &[]);
    }

    #[test]
    fn a_licence_is_known_by_its_second_key() {
        let opens = Press::Types('@');
        check(&[(opens, 900), (Press::Control, 5), (A, 5)], &[&[0, 1], &[2]]);
        check(&[(opens, 900), (Press::Modifier, PAUSE_MS), (Press::Control, PAUSE_MS)], &[&[0, 2]]);
        check(&[(opens, 900), (Press::Control, PAUSE_MS + 1)], &[]);
        check(&[(A, 900), (Press::Control, 5)], &[]);
    }

    #[test]
    fn what_was_forgotten_counts_no_more() {
        let mut run = KeyRun::default();
        assert_eq!(run.press(0, A, 0), Whose::Anybodys);
        assert_eq!(run.press(1, A, 1), Whose::Anybodys);
        run.forget();
        assert_eq!(run.press(2, A, 2), Whose::Anybodys);
        assert!(!run.is_scanners(), "a held key is no scanner");
    }
}
