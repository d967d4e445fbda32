//! What the engines read by themselves, without any of our preparations: the yardstick of
//! `benches/engines.py`. One line for each picture and engine: engine, picture, milliseconds and
//! the texts as JSON strings, with tabs between.
//!
//! rqrr never ends on some pictures, so it gets ten seconds a picture and is then left behind.
//!
//! `cargo run --release -p yanma-barcode --example engines -- FOLDER`

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::multi::MultipleBarcodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BinaryBitmap, DecodeHints, FilteredImageReader, Luma8Source, Reader};
use yanma_barcode::GreyImage;

type Engine = fn(&GreyImage) -> Vec<String>;

const ENGINES: [(&str, Engine); 3] = [
    ("rqrr", rqrr),
    ("rxing default", rxing_default),
    ("rxing filtered, harder, inverted", rxing_most),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::panic::set_hook(Box::new(|_| {}));
    for folder in std::env::args().skip(1) {
        let mut paths: Vec<_> =
            std::fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.with_extension("txt").exists()) {
            let Ok(bytes) = std::fs::read(path) else { continue };
            let Ok(image) = yanma_barcode::load(&bytes) else { continue };
            for (name, engine) in ENGINES {
                let (texts, ms) = bounded(engine, &image);
                print(name, path, ms, &texts);
            }
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn print(name: &str, path: &Path, ms: f64, texts: &[String]) {
    let quoted: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    println!("{name}\t{}\t{ms}\t{}", path.display(), quoted.join("\t"));
}

fn bounded(engine: Engine, image: &GreyImage) -> (Vec<String>, f64) {
    let (sender, receiver) = mpsc::channel();
    let image = image.clone();
    std::thread::spawn(move || {
        let begun = Instant::now();
        let texts = catch_unwind(AssertUnwindSafe(|| engine(&image))).unwrap_or_default();
        let _ = sender.send((texts, begun.elapsed().as_secs_f64() * 1000.0));
    });
    receiver.recv_timeout(Duration::from_secs(10)).unwrap_or((Vec::new(), 10_000.0))
}

fn rqrr(image: &GreyImage) -> Vec<String> {
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

fn rxing_default(image: &GreyImage) -> Vec<String> {
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source(image)));
    let found = QrReader.decode_multiple_with_hints(&mut bitmap, &DecodeHints::default());
    found.unwrap_or_default().iter().map(|one| one.getText().to_owned()).collect()
}

fn rxing_most(image: &GreyImage) -> Vec<String> {
    let hints =
        DecodeHints { TryHarder: Some(true), AlsoInverted: Some(true), ..DecodeHints::default() };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source(image)));
    let found = QrReader.decode_multiple_with_hints(&mut bitmap, &hints).unwrap_or_default();
    if !found.is_empty() {
        return found.iter().map(|one| one.getText().to_owned()).collect();
    }
    let mut bitmap = BinaryBitmap::new(GlobalHistogramBinarizer::new(source(image)));
    let found = FilteredImageReader::new(QrReader).decode_with_hints(&mut bitmap, &hints);
    found.iter().map(|one| one.getText().to_owned()).collect()
}
