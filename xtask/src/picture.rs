//! Pictures for the picture camera: what a holder's phone or a slip of paper would show.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

/// Picture elements per module of the QR; a phone held to a camera has about as many.
const SCALE: usize = 8;
/// Light modules around the QR. The standard asks for four.
const MARGIN: usize = 4;

/// Draws `text` as a QR of level M and writes it as PNG.
///
/// The picture appears under its name in one step, so that a camera never reads half of it.
///
/// # Errors
/// When the text does not fit or the file cannot be written.
pub fn write_qr(text: &str, path: &Path) -> Result<()> {
    let code = QrCode::encode_segments_advanced(
        &segments(text),
        QrCodeEcc::Medium,
        Version::MIN,
        Version::MAX,
        None,
        false,
    )
    .map_err(|_| anyhow::anyhow!("the text is too long for a QR"))?;
    let size = usize::try_from(code.size())?;
    let side = (size + 2 * MARGIN) * SCALE;
    let mut pixels = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            // Outside of the code the library answers "light", which draws the margin.
            let place = |pixel: usize| i32::try_from(pixel / SCALE).unwrap_or(0) - MARGIN as i32;
            pixels.push(if code.get_module(place(x), place(y)) { 0 } else { 255 });
        }
    }
    write_grey(path, side, &pixels)
}

/// The host in alphanumeric mode, the digits after the last slash in numeric mode: what keeps a
/// health code at version 6. Any other text as the library sees fit.
fn segments(text: &str) -> Vec<QrSegment> {
    if let Some((host, digits)) = text.rsplit_once('/') {
        let host = format!("{host}/");
        let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if numeric
            && host.chars().all(|c| "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains(c))
        {
            return vec![QrSegment::make_alphanumeric(&host), QrSegment::make_numeric(digits)];
        }
    }
    QrSegment::make_segments(text)
}

fn write_grey(path: &Path, side: usize, pixels: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("part");
    let side = u32::try_from(side)?;
    let file = File::create(&unfinished).with_context(|| unfinished.display().to_string())?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    std::fs::rename(&unfinished, path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let seen: Vec<String> =
            segments(text).iter().map(|segment| format!("{:?}", segment.mode())).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn only_a_health_code_is_split() {
        check("HTTPS://JKM.EXAMPLE/0123456789", &["Alphanumeric", "Numeric"]);
        check("35010419900101123X", &["Alphanumeric"]);
        check("https://example.org/1", &["Byte"]);
        check("HTTPS://JKM.EXAMPLE/12A", &["Alphanumeric"]);
    }
}
