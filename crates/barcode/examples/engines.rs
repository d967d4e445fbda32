//! What Yanma reads, and what the engines in it read by themselves, without any of our
//! preparations: the yardstick of `benches/engines.py`. One line for each picture and engine:
//! engine, picture, milliseconds, which looks read it (Yanma only), and the texts as Rust prints
//! them, with tabs between. The fastest of three readings counts.
//!
//! rqrr never ends on some pictures, so it gets ten seconds a picture and is then left behind.
//!
//! `cargo run --release -p yanma-barcode --example engines -- KIND FOLDER`, KIND being `qr`,
//! `aztec`, `pdf417`, `data-matrix` or `code-128`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::multi::MultipleBarcodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, FilteredImageReader, Luma8Source,
    MultiUseMultiFormatReader, Reader,
};
use yanma_barcode::{Budget, Formats, GreyImage, Symbology, read};

type Engine = fn(&GreyImage, Symbology) -> Vec<String>;

const ENGINES: [(&str, Engine); 3] = [
    ("rxing default", rxing_default),
    ("rxing filtered, harder, inverted", rxing_most),
    ("rqrr", rqrr),
];

const YANMA: [(&str, Budget); 2] =
    [("Yanma, 100 ms", Budget::LIVE), ("Yanma, no limit", Budget::PATIENT)];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::panic::set_hook(Box::new(|_| {}));
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("say what to look for, then a folder")?;
    let kind = Symbology::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or("no such kind of symbol")?;
    for folder in arguments {
        // An engine that never ends takes a core from those that come later: ours is first.
        for (name, budget) in YANMA {
            each(&folder, |path, image| {
                let (symbols, ms) = fastest(|| read(image, &Formats::of(&[kind]), budget));
                let looks: Vec<_> = symbols.iter().map(|symbol| symbol.attempt).collect();
                let texts: Vec<_> = symbols.into_iter().map(|symbol| symbol.text).collect();
                print(name, path, ms, &looks.join(" "), &texts);
            })?;
        }
        for (name, engine) in ENGINES {
            each(&folder, |path, image| {
                let (texts, ms) = bounded(engine, image, kind);
                print(name, path, ms, "", &texts);
            })?;
        }
    }
    Ok(())
}

/// Every picture of a folder that has a text beside it.
fn each(folder: &str, look: impl Fn(&Path, &GreyImage)) -> std::io::Result<()> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.with_extension("txt").exists()) {
        let Ok(bytes) = std::fs::read(path) else { continue };
        let Ok(image) = yanma_barcode::load(&bytes) else { continue };
        look(path, &image);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn print(name: &str, path: &Path, ms: f64, looks: &str, texts: &[String]) {
    let quoted: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    println!("{name}\t{}\t{ms}\t{looks}\t{}", path.display(), quoted.join("\t"));
}

/// The answer, and the milliseconds of the fastest of three.
fn fastest<T>(look: impl Fn() -> T) -> (T, f64) {
    let once = || {
        let begun = Instant::now();
        let answer = look();
        (answer, begun.elapsed().as_secs_f64() * 1000.0)
    };
    let (answer, first) = once();
    (answer, (0..2).map(|_| once().1).fold(first, f64::min))
}

fn bounded(engine: Engine, image: &GreyImage, kind: Symbology) -> (Vec<String>, f64) {
    let (sender, receiver) = mpsc::channel();
    let image = image.clone();
    std::thread::spawn(move || {
        let look = || catch_unwind(AssertUnwindSafe(|| engine(&image, kind))).unwrap_or_default();
        let _ = sender.send(fastest(look));
    });
    receiver.recv_timeout(Duration::from_secs(10)).unwrap_or((Vec::new(), 10_000.0))
}

fn rqrr(image: &GreyImage, kind: Symbology) -> Vec<String> {
    if kind != Symbology::Qr {
        return Vec::new();
    }
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        image.pixels()[y * width + x]
    });
    let grids = prepared.detect_grids();
    grids.iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect()
}

fn source(image: &GreyImage) -> Luma8Source<'_> {
    Luma8Source::new_with_slice(image.pixels(), image.width(), image.height()).expect("a picture")
}

fn rxing_default(image: &GreyImage, kind: Symbology) -> Vec<String> {
    rxing(image, kind, &DecodeHints::default())
}

fn rxing(image: &GreyImage, kind: Symbology, hints: &DecodeHints) -> Vec<String> {
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source(image)));
    if kind == Symbology::Qr {
        let found = QrReader.decode_multiple_with_hints(&mut bitmap, hints);
        return found.unwrap_or_default().iter().map(|one| one.getText().to_owned()).collect();
    }
    let found =
        MultiUseMultiFormatReader::default().decode_with_hints(&mut bitmap, &only(kind, hints));
    found.iter().map(|one| one.getText().to_owned()).collect()
}

fn only(kind: Symbology, hints: &DecodeHints) -> DecodeHints {
    let format = match kind {
        Symbology::Aztec => BarcodeFormat::AZTEC,
        Symbology::Pdf417 => BarcodeFormat::PDF_417,
        Symbology::DataMatrix => BarcodeFormat::DATA_MATRIX,
        Symbology::Code128 => BarcodeFormat::CODE_128,
        _ => BarcodeFormat::QR_CODE,
    };
    DecodeHints { PossibleFormats: Some([format].into()), ..hints.clone() }
}

fn rxing_most(image: &GreyImage, kind: Symbology) -> Vec<String> {
    let hints =
        DecodeHints { TryHarder: Some(true), AlsoInverted: Some(true), ..DecodeHints::default() };
    let found = rxing(image, kind, &hints);
    if !found.is_empty() {
        return found;
    }
    let mut bitmap = BinaryBitmap::new(GlobalHistogramBinarizer::new(source(image)));
    let found = if kind == Symbology::Qr {
        FilteredImageReader::new(QrReader).decode_with_hints(&mut bitmap, &hints)
    } else {
        let reader = MultiUseMultiFormatReader::default();
        FilteredImageReader::new(reader).decode_with_hints(&mut bitmap, &only(kind, &hints))
    };
    found.iter().map(|one| one.getText().to_owned()).collect()
}
