//! What a scanner puts around a code: a prefix, a suffix and an AIM identifier.

use std::str::FromStr;

/// The longest prefix or suffix, in characters: no maker's scanner has room for more.
pub(crate) const MAX_AFFIX: usize = 32;

/// What ends a reading on one way and belongs to it on another. It is never of a suffix.
const ENDS: [char; 3] = ['\r', '\n', '\t'];

/// A prefix or a suffix, as scanners are set to add one. Empty where none is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affix(String);

/// What is wrong with a text that should be an [`Affix`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AffixError {
    /// Where a control character or a backslash should be.
    #[error("write \\x and two hexadecimal digits for a control character, \\\\ for a backslash")]
    Escape,
    /// How long it may be.
    #[error("at most 32 characters")]
    TooLong,
}

impl FromStr for Affix {
    type Err = AffixError;

    /// Takes the characters as they are, `\x02` for the control character with this number (two
    /// hexadecimal digits, below 80), and `\\` for a backslash.
    fn from_str(text: &str) -> Result<Self, AffixError> {
        let mut affix = String::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            affix.push(match character {
                '\\' => match rest.next() {
                    Some('\\') => '\\',
                    Some('x') => {
                        let mut digit = || rest.next().and_then(|digit| digit.to_digit(16));
                        let number = digit().zip(digit()).map(|(high, low)| 16 * high + low);
                        let ascii = number.filter(|number| *number < 0x80).and_then(char::from_u32);
                        ascii.ok_or(AffixError::Escape)?
                    }
                    _ => return Err(AffixError::Escape),
                },
                other => other,
            });
        }
        if affix.chars().count() > MAX_AFFIX { Err(AffixError::TooLong) } else { Ok(Self(affix)) }
    }
}

/// What the scanners of a desk put around every code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Framing {
    /// Before it.
    pub prefix: Affix,
    /// Behind it. Line ends and a Tab at its end count for nothing: most ways of a scanner take
    /// them for the end of the reading.
    pub suffix: Affix,
}

impl Framing {
    /// What a scanner read, without suffix and prefix, where they are there, and without the AIM
    /// identifier that a scanner puts before the code: nothing that a desk knows begins like one.
    #[must_use]
    pub fn bare<'a>(&self, text: &'a str) -> &'a str {
        let Self { prefix: Affix(prefix), suffix: Affix(suffix) } = self;
        let ended = (!suffix.is_empty())
            .then(|| text.trim_end_matches(ENDS).strip_suffix(suffix.trim_end_matches(ENDS)));
        let text = ended.flatten().unwrap_or(text);
        let text = text.strip_prefix(prefix.as_str()).unwrap_or(text);
        match text.as_bytes() {
            [a, b, c, _, ..] if is_aim([*a, *b, *c]) => text.get(3..).unwrap_or(text),
            _ => text,
        }
    }
}

/// Whether these three bytes are an AIM identifier, such as `]Q3` (ISO/IEC 15424).
pub(crate) fn is_aim([flag, kind, modifier]: [u8; 3]) -> bool {
    flag == b']' && kind.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prefix: &str, suffix: &str, text: &str, expect: &str) {
        let framing = Framing { prefix: prefix.parse().unwrap(), suffix: suffix.parse().unwrap() };
        assert_eq!(framing.bare(text), expect, "{prefix:?} {suffix:?} {text:?}");
    }

    #[test]
    fn an_identifier_is_always_taken_off() {
        let cases = [
            ("]C0350100190001010012", "350100190001010012"),
            ("]Q1HC1:6BF", "HC1:6BF"),
            ("]Q1P<UTOERIKSSON", "P<UTOERIKSSON"),
            ("]L2@\n\x1e\rANSI ", "@\n\x1e\rANSI "),
            ("]e0", "]e0"),
            ("]", "]"),
            ("]Q", "]Q"),
            ("]Q#HC1:", "]Q#HC1:"),
            ("]1QHC1:", "]1QHC1:"),
            ("]Qé1", "]Qé1"),
            ("M1DESMARAIS", "M1DESMARAIS"),
            ("a]Q1b", "a]Q1b"),
        ];
        for (text, expect) in cases {
            check("", "", text, expect);
        }
    }

    #[test]
    fn suffix_prefix_and_identifier_are_taken_off_where_they_are_there() {
        check("*", "#", "*]Q1HC1:6BF#", "HC1:6BF");
        check("*", "#", "HC1:6BF", "HC1:6BF");
        check("*", "#", "HC1:6BF#", "HC1:6BF");
        check("\\x02", "\\x03", "\x02abc\x03", "abc");
        check("\\\\", "", "\\abc", "abc");
        check("", "", "*abc#", "*abc#");
        // Once each: what is inside is the code's.
        check("A", "A", "AAbAA", "AbA");
        check("ab", "ba", "aba", "a");
    }

    #[test]
    fn line_ends_and_a_tab_end_a_suffix_or_are_gone_already() {
        for suffix in ["#", "#\\x0d\\x0a", "#\\x09"] {
            for text in ["abc#", "abc#\r", "abc#\t"] {
                check("", suffix, text, "abc");
            }
        }
        check("", "\\x09", "abc\t", "abc");
        check("", "#", "abc\t", "abc\t");
    }

    #[test]
    fn what_cannot_be_one_is_refused() {
        let check = |text: &str, error| assert_eq!(text.parse::<Affix>(), Err(error), "{text}");
        for bad in ["\\", "\\n", "\\x", "\\x1", "\\x1g", "\\x80", "a\\"] {
            check(bad, AffixError::Escape);
        }
        check(&"a".repeat(MAX_AFFIX + 1), AffixError::TooLong);
        assert!("é".repeat(MAX_AFFIX).parse::<Affix>().is_ok());
    }
}
