//! The first engine, zxing-cpp: the fastest, and the best reader of nearly everything. It has
//! always ended and never crashed here; it runs in a lane all the same.

use yanma_zxing::{Effort, Finder, Format, Found};

use crate::geometry::{self, Place, Quad};
use crate::picture::GreyImage;
use crate::symbol::{Formats, Part, Symbol, Symbology};

/// The most symbols that are looked for in one picture.
const MOST: u8 = 16;

/// What one look saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) symbols: Vec<Symbol>,
    /// Where a symbol is that could not be read.
    pub(crate) damaged: Vec<Quad>,
}

/// Looks once for the kinds in `formats`.
pub(crate) fn look(
    image: &GreyImage,
    formats: Formats,
    effort: Effort,
    attempt: &'static str,
) -> Seen {
    let wanted: Vec<(Symbology, Format)> =
        formats.iter().filter_map(|symbology| Some((symbology, format_of(symbology)?))).collect();
    let formats: Vec<Format> = wanted.iter().map(|(_, format)| *format).collect();
    let found =
        yanma_zxing::read(image.pixels(), image.width(), image.height(), &formats, effort, MOST);
    let mut seen = Seen::default();
    for one in found {
        let Some(symbology) = symbology_of(one.format, &wanted) else { continue };
        let corners = corners(&one, symbology, image);
        if one.damaged {
            seen.damaged.push(corners);
        } else if is_believed(&one, symbology) {
            let Found { mut text, mut bytes, part, .. } = one;
            let part = part.map(|part| Part { index: part.index, of: part.of, whole: part.whole });
            // They are told as the EAN-13 that they stand for.
            let upc = matches!(symbology, Symbology::UpcA | Symbology::UpcE);
            if upc && text.len() == 13 && text.starts_with('0') {
                (text, bytes) = (text.split_off(1), bytes.split_off(1));
            }
            seen.symbols.push(Symbol { symbology, text, bytes, corners, attempt, part });
        }
    }
    seen
}

/// Finder patterns of QR in a copy of a picture, `scale` times smaller; places are the picture's.
pub(crate) fn finders(copy: &GreyImage, scale: f32) -> Vec<Finder> {
    let mut found = yanma_zxing::finders(copy.pixels(), copy.width(), copy.height());
    for finder in &mut found {
        (finder.x, finder.y) = (finder.x * scale, finder.y * scale);
        finder.width *= scale;
    }
    found
}

/// `None` for what is no symbol: the lines of a zone.
fn format_of(symbology: Symbology) -> Option<Format> {
    Some(match symbology {
        Symbology::Qr => Format::QR,
        Symbology::MicroQr => Format::MICRO_QR,
        Symbology::Code128 => Format::CODE_128,
        Symbology::Pdf417 => Format::PDF417,
        Symbology::DataMatrix => Format::DATA_MATRIX,
        Symbology::Aztec => Format::AZTEC,
        Symbology::Code39 => Format::CODE_39,
        Symbology::Itf => Format::ITF,
        Symbology::Ean13 => Format::EAN_13,
        Symbology::Ean8 => Format::EAN_8,
        Symbology::UpcA => Format::UPC_A,
        Symbology::UpcE => Format::UPC_E,
        Symbology::Zone => return None,
    })
}

/// An exact variant where there is one (EAN-8 is not EAN-13), else the symbology (ITF-14 is ITF).
fn symbology_of(format: Format, wanted: &[(Symbology, Format)]) -> Option<Symbology> {
    let exact = wanted.iter().find(|(_, other)| *other == format);
    let retail = format.same_symbology(Format::EAN_13);
    let alike = || wanted.iter().find(|(_, other)| !retail && other.same_symbology(format));
    exact.or_else(alike).map(|(symbology, _)| *symbology)
}

/// Stripes in a busy background pass weak checks by chance, so a linear symbol has to be long, or
/// seen in many lines, before it is believed. Nothing that a desk reads is shorter.
fn is_believed(found: &Found, symbology: Symbology) -> bool {
    let (characters, lines) = (found.text.chars().count(), found.lines);
    match symbology {
        // One check character modulo 103.
        Symbology::Code128 => characters >= 4,
        // No check character; each character has a parity of its own.
        Symbology::Code39 => characters >= 4 && lines >= 3,
        // No check at all beyond the pairs.
        Symbology::Itf => characters >= 8 && lines >= 6,
        Symbology::Ean13 | Symbology::UpcA => lines >= 3,
        // Few bars, and one check digit modulo 10.
        Symbology::Ean8 | Symbology::UpcE => lines >= 6,
        _ => !found.bytes.is_empty(),
    }
}

fn corners(found: &Found, symbology: Symbology, image: &GreyImage) -> Quad {
    let [a, b, c, d] = found.corners;
    match symbology {
        // From the symbol's own top left; of a mirrored one the others go the other way round.
        Symbology::Qr | Symbology::MicroQr => geometry::clockwise_from([a, b, c, d]),
        Symbology::Pdf417 | Symbology::DataMatrix | Symbology::Aztec => {
            geometry::clockwise([a, b, c, d])
        }
        _ => {
            let middle = |a: Place, b: Place| (a.0.midpoint(b.0), a.1.midpoint(b.1));
            geometry::from_line(image, middle(a, d), middle(b, c))
        }
    }
}
