//! Code 128 for card slips and test cards.

use rxing::oned::{Code128Writer, OneDimensionalCodeWriter};

use super::DrawError;
use crate::picture::GreyImage;

/// The quiet zone that ISO/IEC 15417 asks for, in modules.
const QUIET: u32 = 10;

/// Height of the bars, and of the white above and below them, in modules.
const BARS: u32 = 40;
const ABOVE: u32 = 6;

/// The largest module that is drawn, in pixels.
const MAX_MODULE_PX: u32 = 16;

/// Stands in a text for function 3, which is no character: it tells a reader that the symbol is an
/// order to it (ISO/IEC 15417, 4.3.4.2). The writer knows it by this one.
pub const FNC3: char = '\u{f3}';

/// Draws 1 to 80 printable ASCII characters, and [`FNC3`], black on white with a quiet zone;
/// `module_px` pixels for the narrowest bar (1 to 16; values beyond are brought back).
///
/// # Errors
/// [`DrawError::NotAscii`] for an empty text or other characters, [`DrawError::TooLong`].
pub fn code128(text: &str, module_px: u32) -> Result<GreyImage, DrawError> {
    if text.is_empty() || !text.chars().all(|c| matches!(c, ' '..='~' | FNC3)) {
        return Err(DrawError::NotAscii);
    }
    if text.chars().count() > 80 {
        return Err(DrawError::TooLong);
    }
    let bars = Code128Writer.encode_oned(text).map_err(|_| DrawError::TooLong)?;
    let module_px = module_px.clamp(1, MAX_MODULE_PX);
    let modules = u32::try_from(bars.len()).map_err(|_| DrawError::TooLong)? + 2 * QUIET;
    let dark = |x: u32, y: u32| {
        let module = (x / module_px).wrapping_sub(QUIET) as usize;
        let row = (y / module_px).wrapping_sub(ABOVE);
        row < BARS && bars.get(module).copied().unwrap_or(false)
    };
    let height = (BARS + 2 * ABOVE) * module_px;
    Ok(GreyImage::from_fn(modules * module_px, height, |x, y| if dark(x, y) { 0 } else { 255 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_alphabet_are_limits_on_both_sides() {
        let cases = [
            (String::new(), Some(DrawError::NotAscii)),
            ("1".repeat(80), None),
            ("1".repeat(81), Some(DrawError::TooLong)),
            ("35010219990101001X ~".into(), None),
            ("\r".into(), Some(DrawError::NotAscii)),
            ("码".into(), Some(DrawError::NotAscii)),
            ("é".into(), Some(DrawError::NotAscii)),
            (FNC3.to_string().repeat(80), None),
        ];
        for (text, error) in cases {
            assert_eq!(code128(&text, 2).err(), error, "{text:.20}");
        }
    }

    /// The widths of each symbol character, by the middle row of a picture.
    fn characters(text: &str) -> Vec<String> {
        let drawn = code128(text, 1).unwrap();
        let (width, middle) = (drawn.width() as usize, drawn.height() as usize / 2);
        let row = drawn.pixels().chunks(width).nth(middle).unwrap();
        let bars = &row[QUIET as usize..width - QUIET as usize];
        let runs: Vec<_> = bars.chunk_by(|a, b| a == b).map(|run| run.len().to_string()).collect();
        runs.chunks(6).map(<[String]>::concat).collect()
    }

    #[test]
    fn function_3_stands_where_the_text_has_it() {
        // Widths of the value 96, which is FNC3 in the code sets A and B (ISO/IEC 15417, table 1).
        const VALUE_96: &str = "114311";
        let first = characters(&format!("{FNC3}SXUAH20003"));
        assert_eq!(first[1], VALUE_96, "after the start: {first:?}");
        let last = characters(&format!("~PAP124.{FNC3}"));
        // Behind it are the check character, the stop, and the stop's last bar.
        assert_eq!(last[last.len() - 4], VALUE_96, "{last:?}");
        assert!(!characters("SXUAH20003").contains(&VALUE_96.to_owned()));
    }
}
