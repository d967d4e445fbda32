//! QR in chosen segments, which is what keeps a health code at version 6.

use std::fmt::Write as _;
use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use super::DrawError;
use crate::picture::GreyImage;

/// The quiet zone that ISO/IEC 18004 asks for, in modules.
const QUIET: u32 = 4;

/// Pixels a module in [`QrPicture::to_png`]: 41 modules become about 400 pixels.
const PNG_MODULE_PX: u32 = 8;

/// The largest module and quiet zone that are drawn; version 40 stays below 100 megapixels.
const MAX_MODULE_PX: u32 = 32;
const MAX_QUIET: u32 = 16;

/// A drawn QR, without quiet zone.
#[derive(Clone, PartialEq, Eq)]
pub struct QrPicture {
    /// Modules along a side: 21 to 177.
    pub size: u32,
    /// Row by row from the top left; true is dark. `size × size` long.
    pub modules: Vec<bool>,
    /// 1 to 40.
    pub version: u8,
}

/// Draws the text of a health code, `HTTPS://HOST/` and digits, in two segments (alphanumeric,
/// numeric) at level M and in the smallest version that holds it. The level is not raised where
/// room is left: the same code looks the same everywhere.
///
/// # Errors
/// [`DrawError::NotACode`] for any other text, [`DrawError::TooLong`] beyond version 40.
pub fn qr_for_code(text: &str) -> Result<QrPicture, DrawError> {
    let (prefix, digits) = text
        .rfind('/')
        .and_then(|slash| text.split_at_checked(slash + 1))
        .ok_or(DrawError::NotACode)?;
    let host = prefix.strip_prefix("HTTPS://").ok_or(DrawError::NotACode)?;
    if host.len() < 2
        || digits.is_empty()
        || !QrSegment::is_alphanumeric(prefix)
        || !QrSegment::is_numeric(digits)
    {
        return Err(DrawError::NotACode);
    }
    let segments = [QrSegment::make_alphanumeric(prefix), QrSegment::make_numeric(digits)];
    encode(&segments)
}

/// Draws any text at level M, in whatever mode suits it.
///
/// # Errors
/// [`DrawError::TooLong`] beyond version 40.
pub fn qr(text: &str) -> Result<QrPicture, DrawError> {
    encode(&QrSegment::make_segments(text))
}

fn encode(segments: &[QrSegment]) -> Result<QrPicture, DrawError> {
    let (level, boost) = (QrCodeEcc::Medium, false);
    let code =
        QrCode::encode_segments_advanced(segments, level, Version::MIN, Version::MAX, None, boost)
            .map_err(|_| DrawError::TooLong)?;
    let side = code.size();
    let modules = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    Ok(QrPicture {
        size: side.unsigned_abs(),
        modules: modules.map(|(x, y)| code.get_module(x, y)).collect(),
        version: code.version().value(),
    })
}

impl QrPicture {
    /// Whether the module is dark; outside of the symbol none is.
    #[must_use]
    pub fn dark(&self, x: u32, y: u32) -> bool {
        let place = y as usize * self.size as usize + x as usize;
        x < self.size && self.modules.get(place).copied().unwrap_or(false)
    }

    /// Black on white, `module_px` pixels a module (1 to 32) and `quiet` white modules around (up
    /// to 16; readers want 4). Values beyond these are brought back to them.
    #[must_use]
    pub fn to_grey(&self, module_px: u32, quiet: u32) -> GreyImage {
        let module_px = module_px.clamp(1, MAX_MODULE_PX);
        let quiet = quiet.min(MAX_QUIET);
        let side = (self.size + 2 * quiet) * module_px;
        GreyImage::from_fn(side, side, |x, y| {
            let module = |pixel: u32| (pixel / module_px).wrapping_sub(quiet);
            if self.dark(module(x), module(y)) { 0 } else { u8::MAX }
        })
    }

    /// One path in a view box of modules, quiet zone included. It has no size of its own: the
    /// page gives it one.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let side = self.size + 2 * QUIET;
        let mut path = String::new();
        for y in 0..self.size {
            let mut x = 0;
            while x < self.size {
                let run = (x..self.size).take_while(|x| self.dark(*x, y)).count() as u32;
                if run > 0 {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{},{}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0,0h{side}v{side}h-{side}z\"/>\
             <path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }

    /// A grey PNG, 8 pixels a module, quiet zone included.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        self.to_grey(PNG_MODULE_PX, QUIET).to_png()
    }
}

impl std::fmt::Debug for QrPicture {
    /// Without the modules: they are a person's code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QrPicture(version {}, {}×{})", self.version, self.size, self.size)
    }
}

impl GreyImage {
    /// The picture as a grey PNG.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new(Cursor::new(&mut bytes));
        // Size and length agree by construction, and memory does not refuse to be written.
        let _ =
            encoder.write_image(self.pixels(), self.width(), self.height(), ExtendedColorType::L8);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "HTTPS://YM.TEST/";

    fn check(text: &str, expected: Result<u8, DrawError>) {
        assert_eq!(qr_for_code(text).map(|drawn| drawn.version), expected, "{text:.40}");
    }

    #[test]
    fn a_code_of_a_usual_name_is_version_6_at_level_m() {
        let digits = |count: usize| format!("{PREFIX}{}", "7".repeat(count));
        for (count, version) in [(1, 1), (223, 6), (224, 6), (225, 7), (263, 7), (264, 8)] {
            check(&digits(count), Ok(version));
        }
        let drawn = qr_for_code(&digits(224)).unwrap();
        assert_eq!((drawn.size, drawn.modules.len()), (41, 41 * 41));
    }

    #[test]
    fn only_codes_are_drawn_as_codes() {
        for text in
            ["", "/", "1234", "HTTPS://YM.TEST/", "https://ym.test/12", "HTTPS://YM.TEST/12a"]
        {
            check(text, Err(DrawError::NotACode));
        }
        for text in ["HTTPS:///12", "HTTPS://YM.TEST/１２", "HTTPS://验码/12", "HTTPS://a/12"] {
            check(text, Err(DrawError::NotACode));
        }
        check("HTTPS://YM.TEST:8443/C/12", Ok(2));
        check(&format!("{PREFIX}{}", "1".repeat(8_000)), Err(DrawError::TooLong));
    }

    #[test]
    fn the_svg_draws_every_dark_module_once() {
        let drawn = qr_for_code("HTTPS://YM.TEST/12345").unwrap();
        let svg = drawn.to_svg();
        let (_, runs) = svg.split_once("#000\" d=\"").unwrap();
        let length = |run: &str| run.split(['h', 'v']).nth(1).and_then(|n| n.parse::<usize>().ok());
        let drawn_dark: usize = runs.split('M').filter_map(length).sum();
        assert_eq!(drawn_dark, drawn.modules.iter().filter(|dark| **dark).count());
        assert!(svg.contains("viewBox=\"0 0 33 33\""), "version 2 and the quiet zone: {svg:.90}");
    }

    #[test]
    fn sizes_beyond_reason_are_brought_back() {
        let drawn = qr("x").unwrap();
        for (module_px, quiet, side) in [(0, 0, 21), (1, 4, 29), (u32::MAX, u32::MAX, 53 * 32)] {
            assert_eq!(drawn.to_grey(module_px, quiet).width(), side);
        }
    }
}
