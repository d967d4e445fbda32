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

/// Draws 1 to 80 printable ASCII characters, black on white with a quiet zone; `module_px` pixels
/// for the narrowest bar (1 to 16; values beyond are brought back).
///
/// # Errors
/// [`DrawError::NotAscii`] for an empty text or other characters, [`DrawError::TooLong`].
pub fn code128(text: &str, module_px: u32) -> Result<GreyImage, DrawError> {
    if text.is_empty() || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(DrawError::NotAscii);
    }
    if text.len() > 80 {
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
        ];
        for (text, error) in cases {
            assert_eq!(code128(&text, 2).err(), error, "{text:.20}");
        }
    }
}
