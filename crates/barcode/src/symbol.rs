//! What a picture was found to hold.

use std::fmt;

/// The kinds of symbol that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Symbology {
    /// QR Code, ISO/IEC 18004; mirrored ones as well.
    Qr,
    /// Code 128, ISO/IEC 15417.
    Code128,
    /// PDF417, ISO/IEC 15438: boarding passes, North American licences.
    Pdf417,
    /// Data Matrix ECC 200, ISO/IEC 16022.
    DataMatrix,
    /// Aztec, ISO/IEC 24778: boarding passes on phones.
    Aztec,
    /// Micro QR Code, ISO/IEC 18004.
    MicroQr,
    /// Code 39, ISO/IEC 16388.
    Code39,
    /// Interleaved 2 of 5, ISO/IEC 16390.
    Itf,
    /// EAN-13, ISO/IEC 15420.
    Ean13,
    /// EAN-8.
    Ean8,
    /// UPC-A.
    UpcA,
    /// UPC-E, told as the UPC-A that it stands for.
    UpcE,
    /// The lines of a machine-readable zone, OCR-B at a fixed pitch: found by
    /// [`read_zone`](crate::mrz::read_zone) alone, never by [`read`](crate::read()).
    Zone,
}

impl Symbology {
    /// Every kind of symbol, in the order they are tried: what a desk sees most comes first.
    pub const ALL: [Self; 12] = [
        Self::Qr,
        Self::Code128,
        Self::Pdf417,
        Self::DataMatrix,
        Self::Aztec,
        Self::MicroQr,
        Self::Code39,
        Self::Itf,
        Self::Ean13,
        Self::Ean8,
        Self::UpcA,
        Self::UpcE,
    ];

    /// The stable name for logs, JSON and screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qr => "qr",
            Self::Code128 => "code-128",
            Self::Pdf417 => "pdf417",
            Self::DataMatrix => "data-matrix",
            Self::Aztec => "aztec",
            Self::MicroQr => "micro-qr",
            Self::Code39 => "code-39",
            Self::Itf => "itf",
            Self::Ean13 => "ean-13",
            Self::Ean8 => "ean-8",
            Self::UpcA => "upc-a",
            Self::UpcE => "upc-e",
            Self::Zone => "ocr-b",
        }
    }

    /// Whether it is a row of bars rather than a field of modules. PDF417 is rows of bars.
    #[must_use]
    pub const fn is_bars(self) -> bool {
        !matches!(self, Self::Qr | Self::MicroQr | Self::DataMatrix | Self::Aztec | Self::Zone)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Symbology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which symbologies to look for. Every further one costs time in each frame and adds a chance of
/// a false reading, so a scene enables what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formats(u16);

impl Formats {
    /// Health codes only: QR.
    pub const CODES: Self = Self(Symbology::Qr.bit());

    /// Everything that a front desk is handed: health codes, card slips, boarding passes.
    pub const DESK: Self = Self(
        Symbology::Qr.bit()
            | Symbology::Code128.bit()
            | Symbology::Pdf417.bit()
            | Symbology::DataMatrix.bit()
            | Symbology::Aztec.bit(),
    );

    /// Exactly these.
    #[must_use]
    pub fn of(symbologies: &[Symbology]) -> Self {
        Self(symbologies.iter().fold(0, |bits, symbology| bits | symbology.bit()))
    }

    /// Whether a symbology is looked for.
    #[must_use]
    pub const fn contains(self, symbology: Symbology) -> bool {
        self.0 & symbology.bit() != 0
    }

    /// The symbologies in the order they are tried.
    pub fn iter(self) -> impl Iterator<Item = Symbology> {
        Symbology::ALL.into_iter().filter(move |symbology| self.contains(*symbology))
    }
}

/// The place of a symbol among those that hold one text together (QR's structured append, and the
/// like of it in Data Matrix, Aztec and PDF417).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Counted from 0.
    pub index: u32,
    /// How many there are; 0 when the symbol does not say.
    pub of: u32,
    /// The same for all parts of one whole. Of QR it is the parity byte in decimal: all bytes of
    /// the whole, exclusive-ored.
    pub whole: String,
}

/// One symbol, read and error-corrected.
#[derive(Clone, PartialEq)]
pub struct Symbol {
    /// Its kind.
    pub symbology: Symbology,
    /// What it says.
    pub text: String,
    /// The payload as the symbol holds it where the engine tells; otherwise the text in Latin-1,
    /// or in UTF-8 when Latin-1 cannot hold it.
    pub bytes: Vec<u8>,
    /// The outline in picture pixels, clockwise on the screen. For QR the first corner is the
    /// symbol's own top left; for the others it is the corner nearest the picture's top left. It
    /// is for drawing a frame around the symbol, not for measuring, and may lie a little outside
    /// of the picture.
    pub corners: [(f32, f32); 4],
    /// Which attempt succeeded, e.g. `"zxing"` or `"half"`.
    pub attempt: &'static str,
    /// Set when this is one part of a longer text; `text` is this part only.
    pub part: Option<Part>,
}

impl fmt::Debug for Symbol {
    /// Without text and bytes: they are a person's code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Symbol")
            .field("symbology", &self.symbology)
            .field("bytes", &self.bytes.len())
            .field("corners", &self.corners)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_hold_what_was_put_in() {
        assert_eq!(Formats::CODES.iter().collect::<Vec<_>>(), [Symbology::Qr]);
        assert_eq!(Formats::DESK.iter().collect::<Vec<_>>(), Symbology::ALL[..5]);
        assert_eq!(Formats::of(&Symbology::ALL).iter().collect::<Vec<_>>(), Symbology::ALL);
        let two = Formats::of(&[Symbology::Aztec, Symbology::Qr]);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Symbology::Qr, Symbology::Aztec]);
        assert_eq!(Formats::of(&[]).iter().count(), 0);
    }
}
