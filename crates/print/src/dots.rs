//! Text as black and white dots, for printers that print pictures.

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont as _, point};

use crate::chinese_face;

/// How much of a dot a letter must cover to make it black.
const BLACK: f32 = 0.45;

/// A line of text, which may need several lines on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What it says.
    pub text: &'a str,
    /// The height of a character in dots; a line takes half as much again.
    pub height: u16,
}

/// A picture: rows from the top, each of whole bytes, the leftmost dot in the highest bit, set
/// where it is black.
#[derive(Clone, PartialEq, Eq)]
pub struct Dots {
    /// How many bytes a row has.
    pub bytes_a_row: usize,
    /// The rows, one after the other.
    pub rows: Vec<u8>,
}

impl std::fmt::Debug for Dots {
    /// Without what is on it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dots").field("bytes_a_row", &self.bytes_a_row).finish_non_exhaustive()
    }
}

/// A font of this machine for slips.
pub struct SlipFont(FontVec);

impl SlipFont {
    /// Looks for one with simplified Chinese characters, which reads the folders of fonts.
    /// `None` when there is none, or it cannot be read.
    #[must_use]
    pub fn of_this_machine() -> Option<Self> {
        let (data, face) = chinese_face()?;
        FontVec::try_from_vec_and_index(data, face).ok().map(Self)
    }

    /// Draws lines one below the other, each in the middle, on paper of this many dots.
    #[must_use]
    pub fn draw(&self, lines: &[Line<'_>], width: u16) -> Dots {
        let bytes_a_row = usize::from(width.div_ceil(8)).max(1);
        let mut dots = Dots { bytes_a_row, rows: Vec::new() };
        for line in lines {
            for text in self.broken(line, f32::from(width)) {
                self.draw_one(&mut dots, text, line.height, f32::from(width));
            }
        }
        dots
    }

    /// The scale at which a character of this font is so high: scales count the whole line.
    fn scale(&self, height: u16) -> PxScale {
        let em = self.0.units_per_em().unwrap_or(1000.0);
        PxScale::from(f32::from(height) * self.0.height_unscaled() / em)
    }

    /// The parts of a text that fit the paper. It is broken at a space where there is one, and
    /// between any two characters where there is none, as Chinese is.
    fn broken<'a>(&self, line: &Line<'a>, width: f32) -> Vec<&'a str> {
        let font = self.0.as_scaled(self.scale(line.height));
        let mut parts = Vec::new();
        let mut rest = line.text.trim();
        while !rest.is_empty() {
            let mut across = 0.0;
            let mut space = None;
            let mut end = rest.len();
            for (at, letter) in rest.char_indices() {
                across += font.h_advance(font.glyph_id(letter));
                if letter == ' ' {
                    space = Some(at);
                }
                if across > width && at > 0 {
                    end = space.filter(|space| *space > 0).unwrap_or(at);
                    break;
                }
            }
            let (part, left) = rest.split_at(end);
            parts.push(part.trim_end());
            rest = left.trim_start();
        }
        parts
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "dots of a slip: small, and what is outside is left out"
    )]
    fn draw_one(&self, dots: &mut Dots, text: &str, height: u16, width: f32) {
        let font = self.0.as_scaled(self.scale(height));
        let across: f32 = text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum();
        let top = dots.rows.len() / dots.bytes_a_row;
        let tall = font.height().ceil() as usize;
        dots.rows.resize((top + tall) * dots.bytes_a_row, 0);
        let baseline = top as f32 + font.ascent();
        let mut x = ((width - across) / 2.0).max(0.0);
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            let glyph = id.with_scale_and_position(font.scale(), point(x, baseline));
            x += font.h_advance(id);
            let Some(outline) = self.0.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|right, down, covered| {
                let (column, row) = (bounds.min.x + right as f32, bounds.min.y + down as f32);
                if covered >= BLACK && column >= 0.0 && row >= 0.0 {
                    dots.blacken(column as usize, row as usize);
                }
            });
        }
    }
}

impl Dots {
    fn blacken(&mut self, column: usize, row: usize) {
        let byte = column / 8;
        if byte < self.bytes_a_row
            && let Some(eight) = self.rows.get_mut(row * self.bytes_a_row + byte)
        {
            *eight |= 0x80 >> (column % 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn font() -> SlipFont {
        SlipFont::of_this_machine().expect("this machine has a font with Chinese characters")
    }

    /// Whether a row has anything black.
    fn black_rows(dots: &Dots) -> Vec<bool> {
        dots.rows.chunks(dots.bytes_a_row).map(|row| row.iter().any(|byte| *byte != 0)).collect()
    }

    #[test]
    fn text_is_drawn_within_the_paper_in_the_middle_and_letters_differ() {
        let font = font();
        let draw = |text| font.draw(&[Line { text, height: 48 }], 384);
        let dots = draw("发热门诊");
        assert_eq!((dots.bytes_a_row, dots.rows.len() % 48), (48, 0));
        let black = black_rows(&dots);
        let high = black.iter().filter(|row| **row).count();
        assert!((36..=48).contains(&high), "characters of 48 dots with their margins: {high}");
        assert!((48..=96).contains(&black.len()), "one line: {} rows", black.len());
        let columns = |column: usize| {
            dots.rows.chunks(48).any(|row| row[column / 8] & (0x80 >> (column % 8)) != 0)
        };
        let first = (0..384).find(|column| columns(*column)).expect("something");
        let last = (0..384).rfind(|column| columns(*column)).expect("something");
        assert!(first.abs_diff(383 - last) <= 8, "in the middle: {first}..{last}");
        assert!(dots != draw("发热门珍"), "one character is not the other");
        assert!(draw("").rows.is_empty());
    }

    #[test]
    fn long_text_is_broken_at_spaces_or_anywhere_and_nothing_is_lost() {
        let font = font();
        let parts = |text| font.broken(&Line { text, height: 24 }, 384.0);
        let chinese = "请随工作人员前往专用通道请随工作人员前往专用通道";
        assert!(parts(chinese).len() > 1);
        assert_eq!(parts(chinese).concat(), chinese);
        let english = "Please follow our staff to the other entrance, and keep your mask on";
        assert!(parts(english).len() > 1);
        assert_eq!(parts(english).join(" "), english);
        assert_eq!(parts("短"), ["短"]);
        assert_eq!(font.broken(&Line { text: "宽字", height: 24 }, 4.0), ["宽", "字"]);
    }
}
