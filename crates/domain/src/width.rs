//! Full-width characters, which input methods make of plain ones.

/// The ASCII character that a full-width one (U+FF01 to U+FF5E) stands for; others as they are.
pub(crate) fn half(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    }
}
