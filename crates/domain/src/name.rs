//! The names of holders, in full and masked.
//!
//! A full name is shown only where a person needs to read it, so [`HolderName`] prints
//! itself masked and gives up the full text to [`HolderName::reveal`] alone. What travels
//! in a health code and stays in the entry log is a [`MaskedName`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest full name, in characters: the Latin name field of a foreign permanent
/// resident's card holds 60.
const LONGEST_NAME_CHARS: usize = 60;

/// The longest masked name, in UTF-8 bytes: three Han characters, and the room a health
/// code leaves for it.
const LONGEST_MASK_BYTES: usize = 9;

/// The most characters a mask puts in place of the hidden ones, so that its length does not
/// tell the length of a long name.
const MOST_STARS: usize = 3;

/// Why a text is not a name. Never carries the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is left after trimming: ask for the name.
    #[error("the name is empty")]
    Empty,
    /// More than 60 characters for a full name, or 9 bytes for a masked one.
    #[error("the name is too long")]
    TooLong,
    /// A control character, a line separator or a mark that turns the direction of writing:
    /// none of them belongs to a name, and all of them can disturb a screen or a log.
    #[error("the name holds a control character")]
    Control,
    /// A masked name that begins or ends with white space; a full name is trimmed instead.
    #[error("the masked name begins or ends with white space")]
    Untrimmed,
}

/// The full name of a holder: trimmed, 1 to 60 characters, no control characters.
///
/// `Debug` and `Display` show the mask. The type can be read by serde but not written:
/// whoever sends a full name says so with [`reveal`](Self::reveal).
///
/// ```
/// use yanma_domain::name::HolderName;
///
/// let name = HolderName::parse(" 欧阳小明 ")?;
/// assert_eq!(name.reveal(), "欧阳小明");
/// assert_eq!(name.to_string(), "欧**明");
/// # Ok::<(), yanma_domain::name::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HolderName(String);

impl HolderName {
    /// Takes a name as it was typed or read from a card, and trims it.
    ///
    /// # Errors
    /// [`NameError`] when the trimmed text is empty, too long or holds a control character.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().nth(LONGEST_NAME_CHARS).is_some() {
            return Err(NameError::TooLong);
        }
        if text.chars().any(disturbs) {
            return Err(NameError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The full name. Never for a log or an error message.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The name with at most its first and last character left.
    ///
    /// One character becomes `*`, two keep the first (`张*`), three and more keep the first
    /// and the last around up to three stars, fewer where the 9 bytes would not hold them.
    /// Characters are Unicode scalar values, so a rare four-byte Han character counts as one.
    #[must_use]
    pub fn mask(&self) -> MaskedName {
        let mut chars = self.0.chars();
        let first = chars.next();
        let last = chars.next_back();
        let hidden = chars.count();
        MaskedName(match (first, last) {
            (Some(first), Some(last)) if hidden > 0 => {
                let room = LONGEST_MASK_BYTES - first.len_utf8() - last.len_utf8();
                let stars = "*".repeat(hidden.min(MOST_STARS).min(room));
                format!("{first}{stars}{last}")
            }
            (Some(first), Some(_)) => format!("{first}*"),
            _ => "*".to_owned(),
        })
    }
}

impl fmt::Debug for HolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HolderName({})", self.mask())
    }
}

impl fmt::Display for HolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mask().fmt(f)
    }
}

impl<'de> Deserialize<'de> for HolderName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A name fit for a health code and a log: 1 to 9 UTF-8 bytes, no control characters, no
/// white space at either end.
///
/// What an issuer put into a code is taken as it is; only [`HolderName::mask`] promises
/// which characters are hidden.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MaskedName(String);

impl MaskedName {
    /// The longest one, in bytes of UTF-8.
    pub const LONGEST_BYTES: usize = LONGEST_MASK_BYTES;

    /// Takes a masked name exactly as it stands; nothing is trimmed or shortened.
    ///
    /// # Errors
    /// [`NameError`] when the text is empty, over 9 bytes, not trimmed or holds a control
    /// character.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > LONGEST_MASK_BYTES {
            return Err(NameError::TooLong);
        }
        if text.chars().any(disturbs) {
            return Err(NameError::Control);
        }
        if text.trim().len() != text.len() {
            return Err(NameError::Untrimmed);
        }
        Ok(Self(text.to_owned()))
    }

    /// The masked text, such as `张*明`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MaskedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskedName({})", self.0)
    }
}

impl fmt::Display for MaskedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for MaskedName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MaskedName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Whether a character may disturb the screen or the log it is written to: controls, line
/// and paragraph separators, marks and overrides of direction, the byte order mark.
fn disturbs(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_mask(name: &str, expect: &str) {
        let name = HolderName::parse(name).unwrap();
        let mask = name.mask();
        assert_eq!(mask.as_str(), expect);
        assert_eq!(format!("{name}"), expect, "Display shows the mask");
        assert_eq!(format!("{name:?}"), format!("HolderName({expect})"), "Debug shows the mask");
        assert_eq!(MaskedName::parse(mask.as_str()), Ok(mask.clone()), "a mask is a masked name");
    }

    #[test]
    fn masks_keep_the_first_and_last_character_at_most() {
        check_mask("张", "*");
        check_mask("张三", "张*");
        check_mask("张小明", "张*明");
        check_mask("欧阳小明", "欧**明");
        check_mask("古丽娜扎尔", "古***尔");
        check_mask("阿卜杜拉·买买提", "阿***提");
        check_mask("Li", "L*");
        check_mask("Ann", "A*n");
        check_mask("Anna", "A**a");
        check_mask("ERIKSSON, ANNA MARIA", "E***A");
        // Four-byte Han characters: 4 + 1 + 4 bytes leave room for one star.
        check_mask("𠮷田野𠮷", "𠮷*𠮷");
        check_mask("𠮷田野屋𠮷", "𠮷*𠮷");
        check_mask("𠮷野屋敷田", "𠮷**田");
        check_mask("〇\u{3400}一", "〇*一");
    }

    #[track_caller]
    fn check_name(text: &str, expect: Result<&str, NameError>) {
        let found = HolderName::parse(text);
        assert_eq!(found.as_ref().map(HolderName::reveal).map_err(|e| *e), expect);
        let json = serde_json::to_string(text).unwrap();
        let read = serde_json::from_str::<HolderName>(&json).ok();
        assert_eq!(read, found.ok(), "serde keeps the same rule");
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        check_name("张三", Ok("张三"));
        check_name("\u{3000}张三 \r\n", Ok("张三"));
        check_name("", Err(NameError::Empty));
        check_name(" \u{3000}\t", Err(NameError::Empty));
        check_name(&"明".repeat(60), Ok(&"明".repeat(60)));
        check_name(&"明".repeat(61), Err(NameError::TooLong));
        check_name(&format!(" {} ", "m".repeat(60)), Ok(&"m".repeat(60)));
        check_name("张\n三", Err(NameError::Control));
        check_name("张\0三", Err(NameError::Control));
        check_name("张\u{7F}三", Err(NameError::Control));
        check_name("张\u{202E}三", Err(NameError::Control));
        check_name("张\u{061C}三", Err(NameError::Control));
        check_name("张\u{2028}三", Err(NameError::Control));
    }

    #[track_caller]
    fn check_masked(text: &str, expect: Result<(), NameError>) {
        let found = MaskedName::parse(text);
        assert_eq!(found.as_ref().map(|_| ()).map_err(|e| *e), expect);
        let json = serde_json::to_string(text).unwrap();
        let read = serde_json::from_str::<MaskedName>(&json);
        match found {
            Ok(name) => {
                assert_eq!(serde_json::to_string(&name).unwrap(), json);
                assert_eq!(read.unwrap(), name);
            }
            Err(_) => assert!(read.is_err(), "serde refuses what parse refuses"),
        }
    }

    #[test]
    fn masked_names_are_one_to_nine_bytes() {
        check_masked("", Err(NameError::Empty));
        check_masked("*", Ok(()));
        check_masked("张*明", Ok(()));
        check_masked("𠮷*𠮷", Ok(()));
        check_masked("123456789", Ok(()));
        check_masked("1234567890", Err(NameError::TooLong));
        check_masked("张小明*", Err(NameError::TooLong));
        check_masked("张\n*", Err(NameError::Control));
        check_masked("张\u{200F}*", Err(NameError::Control));
        check_masked(" 张*", Err(NameError::Untrimmed));
        check_masked("张*\u{3000}", Err(NameError::Untrimmed));
        check_masked(" ", Err(NameError::Untrimmed));
    }

    proptest! {
        /// Names without a star of their own, so that every other character is an original.
        #[test]
        fn a_mask_never_outgrows_or_reveals(text in "[^*\\p{C}\\p{Z}]([^*\\p{C}]{0,58}[^*\\p{C}\\p{Z}])?") {
            let Ok(name) = HolderName::parse(&text) else { return Ok(()) };
            let mask = name.mask();
            prop_assert!((1..=9).contains(&mask.as_str().len()));
            prop_assert!(mask.as_str().contains('*'));
            let shown: String = mask.as_str().chars().filter(|c| *c != '*').collect();
            let first = text.chars().next();
            let last = text.chars().next_back();
            match text.chars().count() {
                1 => prop_assert_eq!(shown, ""),
                2 => prop_assert_eq!(shown, String::from_iter(first)),
                _ => prop_assert_eq!(shown, String::from_iter([first, last].into_iter().flatten())),
            }
            prop_assert_eq!(MaskedName::parse(mask.as_str()), Ok(mask));
        }

        #[test]
        fn any_text_is_a_name_or_an_error(text in "\\PC*|.*") {
            if let Ok(name) = HolderName::parse(&text) {
                prop_assert_eq!(HolderName::parse(name.reveal()), Ok(name));
            }
        }
    }
}
