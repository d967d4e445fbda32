//! What a device reads that is nobody's and fills in a field: an appointment's number off a slip, a
//! thermometer's degrees.

use super::{Celsius, FieldKind, Scene};
use crate::width;

/// Fewest characters of a number on a slip: shorter ones are keys that somebody pressed.
const SHORTEST: usize = 4;

impl Scene {
    /// The field that `text` fills, and its answer. Ask only about what names nobody and is nothing
    /// else that is known.
    ///
    /// Degrees with their tenth, such as `36.8` or `36.8C`, go into the first field that takes a
    /// temperature. Into the first text that takes barcodes goes what looks like a number on a
    /// slip: 4 letters, digits and `-` or more, with a digit among them, and no longer than the
    /// field has room. The address of a page is none.
    pub fn scanned(&self, text: &str) -> Option<(&str, String)> {
        let text = text.trim();
        let has_tenth = text.contains(['.', ',', '．', '，']);
        let measured: Option<Celsius> = if has_tenth { text.parse().ok() } else { None };
        self.fields.iter().find_map(|field| {
            let answer = match (&field.takes, measured) {
                (FieldKind::Temperature { .. }, Some(measured)) => measured.to_string(),
                (FieldKind::Text { longest, scanned: true }, None) => slip(text, *longest)?,
                _ => return None,
            };
            Some((field.id.as_str(), answer))
        })
    }
}

/// The number on a slip, in half-width characters.
fn slip(text: &str, longest: u16) -> Option<String> {
    let plain: String = text.chars().map(width::half).collect();
    let of_one = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = (SHORTEST..=usize::from(longest)).contains(&plain.len())
        && plain.chars().all(of_one)
        && plain.chars().any(|c| c.is_ascii_digit());
    fits.then_some(plain)
}
