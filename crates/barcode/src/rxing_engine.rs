//! The second engine, rxing: a port of ZXing and of parts of zxing-cpp. It is fast, reads every
//! kind of symbol that is offered here, and may panic on odd pictures.

use std::sync::mpsc::Sender;
use std::time::Instant;

use rxing::aztec::AztecReader;
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::datamatrix::DataMatrixReader;
use rxing::multi::MultipleBarcodeReader;
use rxing::oned::Code128Reader;
use rxing::pdf417::PDF417Reader;
use rxing::qrcode::QRCodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{
    BarcodeFormat, Binarizer, BinaryBitmap, DecodeHints, FilteredImageReader, Luma8Source, Point,
    RXingResult, RXingResultMetadataType as Meta, RXingResultMetadataValue as Value, Reader,
};

use crate::geometry::{self, Place, Quad};
use crate::picture::GreyImage;
use crate::symbol::{Formats, Symbol, Symbology};

/// The most symbols of one kind that are looked for in one picture.
const MOST_OF_A_KIND: usize = 8;

/// The shortest Code 128 that is believed. Its only protection is one check character, and
/// stripes in a busy background pass it by chance; nothing that a desk reads is shorter.
const SHORTEST_CODE_128: usize = 4;

/// One way to look at a picture. Cheap ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// One threshold for the whole picture.
    Global,
    /// A threshold for each neighbourhood, and more lines looked at.
    Hybrid,
    /// The same with black and white exchanged: dark mode.
    Inverted,
    /// QR only: smaller copies, with gaps between modules closed. For photographs of screens.
    Filtered,
}

impl Look {
    fn name(self) -> &'static str {
        match self {
            Self::Global => "rxing-global",
            Self::Hybrid => "rxing-hybrid",
            Self::Inverted => "rxing-inverted",
            Self::Filtered => "rxing-filtered",
        }
    }

    fn hints(self, symbology: Symbology) -> DecodeHints {
        DecodeHints {
            TryHarder: Some(self != Self::Global),
            PossibleFormats: Some(format_of(symbology).into_iter().collect()),
            ..DecodeHints::default()
        }
    }
}

/// Looks once, for each kind of symbol in turn, and sends what it finds as it finds it. Stops
/// between two kinds when the deadline has passed.
pub(crate) fn look(
    image: &GreyImage,
    formats: Formats,
    look: Look,
    deadline: Instant,
    out: &Sender<Symbol>,
) {
    if look == Look::Filtered {
        if formats.contains(Symbology::Qr) {
            filtered(image, out);
        }
        return;
    }
    match (look, source(image)) {
        (_, None) => {}
        (Look::Global, Some(source)) => {
            let bitmap = BinaryBitmap::new(GlobalHistogramBinarizer::new(source));
            each_kind(image, bitmap, formats, look, deadline, out);
        }
        (_, Some(source)) => {
            let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
            if look == Look::Inverted {
                bitmap.invert();
            }
            each_kind(image, bitmap, formats, look, deadline, out);
        }
    }
}

fn each_kind<B: Binarizer>(
    image: &GreyImage,
    mut bitmap: BinaryBitmap<B>,
    formats: Formats,
    look: Look,
    deadline: Instant,
    out: &Sender<Symbol>,
) {
    for symbology in formats.iter().filter(|symbology| format_of(*symbology).is_some()) {
        if Instant::now() >= deadline {
            return;
        }
        let hints = look.hints(symbology);
        let several = match symbology {
            Symbology::Qr => all_qr(&mut bitmap, &hints),
            Symbology::Pdf417 => all_pdf417(&mut bitmap, &hints),
            _ => one(&mut bitmap, symbology, &hints).into_iter().collect(),
        };
        let single = !matches!(symbology, Symbology::Qr | Symbology::Pdf417);
        let mut rest = image.clone();
        for result in &several {
            let Some(symbol) = symbol(result, symbology, look, image) else { continue };
            rest = geometry::erase(&rest, &symbol.corners);
            if out.send(symbol).is_err() {
                return;
            }
        }
        if single && !several.is_empty() {
            the_others(image, rest, symbology, look, deadline, out);
        }
    }
}

/// Engines that know only one symbol a picture get the picture again with that one painted over.
fn the_others(
    image: &GreyImage,
    mut rest: GreyImage,
    symbology: Symbology,
    look: Look,
    deadline: Instant,
    out: &Sender<Symbol>,
) {
    for _ in 1..MOST_OF_A_KIND {
        let Some(source) = source(&rest).filter(|_| Instant::now() < deadline) else { return };
        let hints = look.hints(symbology);
        let result = if look == Look::Global {
            one(&mut BinaryBitmap::new(GlobalHistogramBinarizer::new(source)), symbology, &hints)
        } else {
            let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
            if look == Look::Inverted {
                bitmap.invert();
            }
            one(&mut bitmap, symbology, &hints)
        };
        let Some(symbol) = result.and_then(|result| symbol(&result, symbology, look, image)) else {
            return;
        };
        let erased = geometry::erase(&rest, &symbol.corners);
        if erased == rest || out.send(symbol).is_err() {
            return;
        }
        rest = erased;
    }
}

fn all_qr<B: Binarizer>(bitmap: &mut BinaryBitmap<B>, hints: &DecodeHints) -> Vec<RXingResult> {
    let found = QrReader.decode_multiple_with_hints(bitmap, hints).unwrap_or_default();
    if !found.is_empty() || hints.TryHarder != Some(true) {
        return found;
    }
    QRCodeReader.decode_with_hints(bitmap, hints).into_iter().collect()
}

fn all_pdf417<B: Binarizer>(bitmap: &mut BinaryBitmap<B>, hints: &DecodeHints) -> Vec<RXingResult> {
    // Asked for several, it gives up on all when one of them is damaged.
    PDF417Reader
        .decode_multiple_with_hints(bitmap, hints)
        .or_else(|_| PDF417Reader.decode_with_hints(bitmap, hints).map(|one| vec![one]))
        .unwrap_or_default()
}

fn one<B: Binarizer>(
    bitmap: &mut BinaryBitmap<B>,
    symbology: Symbology,
    hints: &DecodeHints,
) -> Option<RXingResult> {
    match symbology {
        Symbology::Code128 => Code128Reader.decode_with_hints(bitmap, hints),
        Symbology::DataMatrix => DataMatrixReader.decode_with_hints(bitmap, hints),
        Symbology::Aztec => AztecReader.decode_with_hints(bitmap, hints),
        Symbology::Qr => QrReader.decode_with_hints(bitmap, hints),
        Symbology::Pdf417 => PDF417Reader.decode_with_hints(bitmap, hints),
        _ => return None,
    }
    .ok()
}

fn filtered(image: &GreyImage, out: &Sender<Symbol>) {
    let Some(source) = source(image) else { return };
    let mut bitmap = BinaryBitmap::new(GlobalHistogramBinarizer::new(source));
    let hints = Look::Filtered.hints(Symbology::Qr);
    let Ok(result) = FilteredImageReader::new(QrReader).decode_with_hints(&mut bitmap, &hints)
    else {
        return;
    };
    let Some(mut symbol) = symbol(&result, Symbology::Qr, Look::Filtered, image) else { return };
    // Its places are those of the smaller copy.
    if let Some(Value::FilteredResolution((width, height))) =
        result.getRXingResultMetadata().get(&Meta::FILTERED_RESOLUTION)
    {
        let (x, y) = (image.width() as f32 / *width as f32, image.height() as f32 / *height as f32);
        symbol.corners = symbol.corners.map(|corner| (corner.0 * x, corner.1 * y));
    }
    // Nobody listening means the deadline has passed.
    let _ = out.send(symbol);
}

fn source(image: &GreyImage) -> Option<Luma8Source<'_>> {
    Luma8Source::new_with_slice(image.pixels(), image.width(), image.height()).ok()
}

/// None for kinds that are left to the first engine.
fn format_of(symbology: Symbology) -> Option<BarcodeFormat> {
    match symbology {
        Symbology::Qr => Some(BarcodeFormat::QR_CODE),
        Symbology::Code128 => Some(BarcodeFormat::CODE_128),
        Symbology::Pdf417 => Some(BarcodeFormat::PDF_417),
        Symbology::DataMatrix => Some(BarcodeFormat::DATA_MATRIX),
        Symbology::Aztec => Some(BarcodeFormat::AZTEC),
        _ => None,
    }
}

fn symbol(
    result: &RXingResult,
    symbology: Symbology,
    look: Look,
    image: &GreyImage,
) -> Option<Symbol> {
    let text = result.getText().to_owned();
    if symbology == Symbology::Code128 && text.chars().count() < SHORTEST_CODE_128 {
        return None;
    }
    // What is a part, and of what, only the first engine says whole: half a text is no text.
    let about = result.getRXingResultMetadata();
    let sequence = about.get(&Meta::STRUCTURED_APPEND_SEQUENCE);
    if matches!(sequence, Some(Value::StructuredAppendSequence(at)) if *at >= 0) {
        return None;
    }
    let macro_block = about.get(&Meta::PDF417_EXTRA_METADATA);
    if matches!(macro_block, Some(Value::Pdf417ExtraMetadata(it)) if !it.getFileId().is_empty()) {
        return None;
    }
    let corners = corners(result, symbology, image);
    let (bytes, attempt, part) = (payload(result, &text), look.name(), None);
    Some(Symbol { symbology, text, bytes, corners, attempt, part })
}

/// Only the reader ported from zxing-cpp gives the content; the others give code words.
fn payload(result: &RXingResult, text: &str) -> Vec<u8> {
    let about = result.getRXingResultMetadata();
    if let Some(Value::ByteSegments(segments)) = about.get(&Meta::BYTE_SEGMENTS) {
        let all = segments.concat();
        // Segments in other modes are not among them; then they are not the whole payload.
        if all.len() >= text.chars().count() {
            return all;
        }
    } else if *result.getBarcodeFormat() == BarcodeFormat::QR_CODE
        && about.contains_key(&Meta::STRUCTURED_APPEND_SEQUENCE)
    {
        return result.getRawBytes().to_vec();
    }
    let latin: Option<Vec<u8>> =
        text.chars().map(|one| u8::try_from(u32::from(one)).ok()).collect();
    latin.unwrap_or_else(|| text.as_bytes().to_vec())
}

fn corners(result: &RXingResult, symbology: Symbology, image: &GreyImage) -> Quad {
    let place = |point: &Point| (point.x, point.y);
    let points: Vec<Place> = result.getPoints().iter().map(place).collect();
    match (symbology, points.as_slice()) {
        // Four corners from the newer reader, finder centres (and the alignment) from the older.
        (Symbology::Qr, [a, b, c, d]) if is_newer(result) => {
            geometry::clockwise_from([*a, *b, *c, *d])
        }
        (Symbology::Qr, [a, b, c] | [a, b, c, _]) => geometry::from_finders(*a, *b, *c),
        (Symbology::Code128, [a, .., b]) => geometry::from_line(image, *a, *b),
        (Symbology::Pdf417, [a, b, c, d, ..]) => {
            geometry::clockwise([*a, *b, *c, *d].map(|point| turned_back(point, result, image)))
        }
        (_, [a, b, c, d]) => geometry::clockwise([*a, *b, *c, *d]),
        _ => geometry::bounds(&points, image),
    }
}

fn is_newer(result: &RXingResult) -> bool {
    result.getRXingResultMetadata().contains_key(&Meta::SYMBOLOGY_IDENTIFIER)
        && !result.getRXingResultMetadata().contains_key(&Meta::BYTE_SEGMENTS)
}

/// PDF417 is looked for in turned copies, counter-clockwise, and its points are those of the copy.
fn turned_back((x, y): Place, result: &RXingResult, image: &GreyImage) -> Place {
    let (right, bottom) = (image.width() as f32 - 1.0, image.height() as f32 - 1.0);
    match result.getRXingResultMetadata().get(&Meta::ORIENTATION) {
        Some(Value::Orientation(90)) => (right - y, x),
        Some(Value::Orientation(180)) => (right - x, bottom - y),
        Some(Value::Orientation(270)) => (y, bottom - x),
        _ => (x, y),
    }
}
