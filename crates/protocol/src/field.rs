//! What is wrong with one field of a request, without its value.

use std::fmt;

/// A field that does not keep its documented limits.
///
/// The authority answers it with [`crate::ErrorCode::BadField`] and the field's name; a
/// form marks that field. The value is not in it, because it may be personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FieldError {
    /// The field's name as in the JSON, with its place in a list: `items[3].code`.
    pub field: String,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// How a field misses its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldProblem {
    /// Not of the form the field has: characters, pattern, a check digit that fails.
    Form,
    /// A text that is too short or too long.
    Length {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// A list with too few or too many items.
    Count {
        /// Fewest items.
        min: usize,
        /// Most items.
        max: usize,
    },
    /// A field that is missing, of the wrong JSON type, or not known to this version.
    Shape,
}

impl FieldProblem {
    /// In kebab-case, for the answer to an item of a batch.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "not-of-the-expected-form",
            Self::Length { .. } => "too-short-or-too-long",
            Self::Count { .. } => "too-few-or-too-many",
            Self::Shape => "missing-or-of-another-type",
        }
    }
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => write!(f, "not of the expected form"),
            Self::Length { min, max } => write!(f, "must have {min} to {max} characters"),
            Self::Count { min, max } => write!(f, "must have {min} to {max} items"),
            Self::Shape => write!(f, "missing, of another type, or unknown"),
        }
    }
}

impl FieldError {
    /// A problem with the named field.
    pub fn new(field: impl Into<String>, problem: FieldProblem) -> Self {
        Self { field: field.into(), problem }
    }

    /// The same problem, seen from the list that the item is in: `code` at 3 of `items`
    /// becomes `items[3].code`.
    #[must_use]
    pub fn inside(self, list: &str, index: usize) -> Self {
        Self { field: format!("{list}[{index}].{}", self.field), problem: self.problem }
    }
}

/// Passes a text whose number of characters is in the range.
pub(crate) fn length(field: &str, text: &str, min: usize, max: usize) -> Result<(), FieldError> {
    // Counting stops just past the limit: a text of a megabyte costs no more than a name.
    let counted = text.chars().take(max.saturating_add(1)).count();
    if (min..=max).contains(&counted) {
        Ok(())
    } else {
        Err(FieldError::new(field, FieldProblem::Length { min, max }))
    }
}

/// Passes a list whose number of items is in the range.
pub(crate) fn count(field: &str, items: usize, min: usize, max: usize) -> Result<(), FieldError> {
    if (min..=max).contains(&items) {
        Ok(())
    } else {
        Err(FieldError::new(field, FieldProblem::Count { min, max }))
    }
}

/// Passes a value of the right form.
pub(crate) fn form(field: &str, holds: bool) -> Result<(), FieldError> {
    if holds { Ok(()) } else { Err(FieldError::new(field, FieldProblem::Form)) }
}

/// Characters of a name that programs use, most.
pub(crate) const WORD_MAX_CHARS: usize = 40;
/// Characters of a name that people use, most.
pub(crate) const LABEL_MAX_CHARS: usize = 60;
/// Characters of a reason, fewest.
pub(crate) const REASON_MIN_CHARS: usize = 4;
/// Characters of a reason, most.
pub(crate) const REASON_MAX_CHARS: usize = 200;
/// Characters of a document's number as typed, most.
pub(crate) const NUMBER_MAX_CHARS: usize = 40;

/// Passes a name that programs use: lower-case letters, digits and single hyphens
/// between them, 1 to 40 characters (`hospital`, `site-0007`).
pub(crate) fn word(field: &str, text: &str) -> Result<(), FieldError> {
    length(field, text, 1, WORD_MAX_CHARS)?;
    let good_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    form(field, text.split('-').all(good_part))
}

/// Passes a text that a person gave to a thing: 1 to 60 characters, none of them a
/// control character, not blank.
pub(crate) fn label(field: &str, text: &str) -> Result<(), FieldError> {
    length(field, text, 1, LABEL_MAX_CHARS)?;
    form(field, !text.trim().is_empty() && !text.chars().any(char::is_control))
}

/// Passes what a person wrote in sentences: so many characters, among them line breaks and tabs
/// and no other control character.
pub(crate) fn prose(field: &str, text: &str, min: usize, max: usize) -> Result<(), FieldError> {
    length(field, text, min, max)?;
    form(field, !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')))
}

/// Passes the words with which somebody says why they look at or change something: 4 to 200
/// characters after the spaces at both ends are gone, none of them a control character.
pub(crate) fn reason(field: &str, text: &str) -> Result<(), FieldError> {
    length(field, text, REASON_MIN_CHARS, REASON_MAX_CHARS)?;
    length(field, text.trim(), REASON_MIN_CHARS, REASON_MAX_CHARS)?;
    form(field, !text.chars().any(char::is_control))
}

/// Passes a reason code: a group of one letter, a hyphen, 2 to 6 letters (`S-EXP`).
pub(crate) fn reason_code(field: &str, text: &str) -> Result<(), FieldError> {
    let upper = |part: &str| part.bytes().all(|b| b.is_ascii_uppercase());
    let good = text.split_once('-').is_some_and(|(group, name)| {
        group.len() == 1 && (2..=6).contains(&name.len()) && upper(group) && upper(name)
    });
    form(field, good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_lines_and_no_other_control_characters() {
        for good in ["一", "第一行\n第二行\r\n\t第三行", "a b"] {
            assert_eq!(prose("words", good, 1, 20), Ok(()), "{good}");
        }
        for bad in ["", "a\0b", "a\u{7}", "\u{85}", &"a".repeat(21)] {
            assert!(prose("words", bad, 1, 20).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn words_are_lower_case_parts_between_single_hyphens() {
        for good in ["a", "hospital", "site-0007", "7", &"a".repeat(40)] {
            assert_eq!(word("site", good), Ok(()), "{good}");
        }
        for bad in ["", "-", "a-", "-a", "a--b", "Hospital", "a b", "a_b", "医院", &"a".repeat(41)]
        {
            assert!(word("site", bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn labels_count_characters_not_bytes_and_take_no_control_characters() {
        assert_eq!(label("name", &"门".repeat(60)), Ok(()));
        assert!(label("name", &"门".repeat(61)).is_err());
        for bad in ["", "   ", "one\ntwo", "\u{7f}"] {
            assert!(label("name", bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn a_reason_says_something() {
        for good in ["流调个案", "case 7", &"因".repeat(200)] {
            assert_eq!(reason("reason", good), Ok(()), "{good}");
        }
        for bad in ["", "   ", "why", "  a  ", "one\ntwo", &"因".repeat(201)] {
            assert!(reason("reason", bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn reason_codes_have_a_group_and_a_name() {
        for good in ["S-EXP", "F-FORM", "N-CHK", "A-WORSE", "C-ORA"] {
            assert_eq!(reason_code("reasons", good), Ok(()), "{good}");
        }
        for bad in ["", "S", "S-", "SEXP", "s-exp", "SS-EXP", "S-E", "S-EXPIRED", "S-EX1", "S-E-X"]
        {
            assert!(reason_code("reasons", bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn the_place_in_a_list_is_part_of_the_name() {
        let error = FieldError::new("code", FieldProblem::Form).inside("items", 3);
        assert_eq!(error.to_string(), "items[3].code: not of the expected form");
    }
}
