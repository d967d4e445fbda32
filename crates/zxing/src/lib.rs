//! zxing-cpp's readers (Apache-2.0, `vendor/zxing-cpp`), vendored so that a C++20 compiler is all
//! it takes to build them: grey pixels in, symbols out. Knows nothing of desks and decides
//! nothing; `yanma-barcode` says what to look for and what to believe.
//!
//! Left out of the vendored copy: everything that writes symbols, MaxiCode, and the C interface.
//! [`AVAILABLE`] is false where the build found no C++ compiler; [`read`] then finds nothing.

#[cfg(zxing)]
mod call;

/// Whether the reader was compiled in.
pub const AVAILABLE: bool = cfg!(zxing);

/// A kind of symbol, by zxing-cpp's number for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Format(u32);

impl Format {
    /// QR Code model 2, mirrored ones as well.
    pub const QR: Self = Self::new(b'Q', b'2');
    /// Micro QR Code.
    pub const MICRO_QR: Self = Self::new(b'Q', b'm');
    /// Aztec.
    pub const AZTEC: Self = Self::new(b'z', b'c');
    /// Data Matrix ECC 200.
    pub const DATA_MATRIX: Self = Self::new(b'd', b' ');
    /// PDF417.
    pub const PDF417: Self = Self::new(b'L', b' ');
    /// Code 128.
    pub const CODE_128: Self = Self::new(b'C', b' ');
    /// Code 39.
    pub const CODE_39: Self = Self::new(b'A', b's');
    /// Interleaved 2 of 5.
    pub const ITF: Self = Self::new(b'I', b' ');
    /// EAN-13.
    pub const EAN_13: Self = Self::new(b'E', b'1');
    /// EAN-8.
    pub const EAN_8: Self = Self::new(b'E', b'8');
    /// UPC-A.
    pub const UPC_A: Self = Self::new(b'E', b'a');
    /// UPC-E.
    pub const UPC_E: Self = Self::new(b'E', b'e');

    const fn new(symbology: u8, variant: u8) -> Self {
        Self(symbology as u32 | (variant as u32) << 8)
    }

    /// Whether both are variants of one symbology: ITF-14 of ITF, for example.
    #[must_use]
    pub const fn same_symbology(self, other: Self) -> bool {
        self.0 & 0xFF == other.0 & 0xFF
    }
}

/// How hard to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// More lines, more candidates.
    pub harder: bool,
    /// Linear symbols and PDF417 at right angles as well.
    pub rotate: bool,
    /// Light on dark as well.
    pub invert: bool,
    /// Smaller copies as well, a third at a time, down to 500 pixels.
    pub downscale: bool,
    /// Each copy with gaps between modules closed as well.
    pub close: bool,
    /// Report symbols whose error correction failed, without a text.
    pub errors: bool,
    /// One threshold for the whole picture instead of one for each neighbourhood.
    pub global_threshold: bool,
}

/// One symbol, or the place of one that could not be read.
#[derive(Clone, PartialEq)]
pub struct Found {
    /// Its kind.
    pub format: Format,
    /// What it says, by its own character sets; empty when `damaged`.
    pub text: String,
    /// Its payload without any conversion.
    pub bytes: Vec<u8>,
    /// Top left, top right, bottom right, bottom left, as the symbol stands.
    pub corners: [(f32, f32); 4],
    /// Its structure was seen, but error correction failed. Only with [`Effort::errors`].
    pub damaged: bool,
    /// It was light on dark.
    pub inverted: bool,
    /// Of linear symbols: in how many lines of the picture it was seen.
    pub lines: u32,
    /// Its place when it is one part of several.
    pub part: Option<Part>,
}

/// The place of a symbol in a structured append sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Counted from 0.
    pub index: u32,
    /// How many there are; 0 when it does not say.
    pub of: u32,
    /// The same for all parts of one whole. Of QR it is the parity byte in decimal: all bytes of
    /// the whole, exclusive-ored.
    pub whole: String,
}

/// Looks once. `pixels` are rows from the top left, 0 is black; fewer than `width × height` of
/// them, a side of zero or more than 65,535 gives nothing, and so does running out of memory.
/// Never more than `most` symbols, at most 255.
#[must_use]
pub fn read(
    pixels: &[u8],
    width: u32,
    height: u32,
    formats: &[Format],
    effort: Effort,
    most: u8,
) -> Vec<Found> {
    if !fits(pixels, width, height) || formats.is_empty() {
        return Vec::new();
    }
    #[cfg(zxing)]
    return call::read(pixels, width, height, formats, effort, most);
    #[cfg(not(zxing))]
    {
        let _ = (effort, most);
        Vec::new()
    }
}

/// Something that looks like a finder pattern of QR.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finder {
    /// Its middle, in pixels from the left.
    pub x: f32,
    /// Its middle, in pixels from the top.
    pub y: f32,
    /// Its width in pixels: seven modules.
    pub width: f32,
}

/// Everything that looks like a finder pattern of QR, dark on light; with fewer than two of these,
/// also light on dark. Chance makes one now and then; chance hardly makes three of one size.
/// Pixels as for [`read`].
#[must_use]
pub fn finders(pixels: &[u8], width: u32, height: u32) -> Vec<Finder> {
    if !fits(pixels, width, height) {
        return Vec::new();
    }
    #[cfg(zxing)]
    return call::finders(pixels, width, height);
    #[cfg(not(zxing))]
    Vec::new()
}

fn fits(pixels: &[u8], width: u32, height: u32) -> bool {
    let sides = 1..=u32::from(u16::MAX);
    let expected = u64::from(width) * u64::from(height);
    sides.contains(&width) && sides.contains(&height) && expected <= pixels.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_pixels_are_not_read_past_their_end() {
        for (width, height, pixels) in [(10, 10, 99), (0, 10, 100), (70_000, 1, 70_000)] {
            let found = read(&vec![0; pixels], width, height, &[Format::QR], Effort::default(), 9);
            assert!(found.is_empty(), "{width}×{height} of {pixels}");
        }
    }

    #[test]
    fn this_build_has_the_reader() {
        assert_eq!(AVAILABLE, cfg!(zxing));
        let blank = vec![255; 100 * 100];
        assert!(read(&blank, 100, 100, &[Format::QR], Effort::default(), 9).is_empty());
    }
}
