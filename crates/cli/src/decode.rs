//! `yanma decode`: the symbols in pictures.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use yanma_barcode::{
    Budget, Formats, GreyImage, Hint, PictureError, Symbol, load, mrz, read_or_hint,
};
use yanma_station::domain::document::Zone;

use crate::{input, output};

/// Exit code when a file was no picture; the others were read all the same.
const NOT_ALL_PICTURES: u8 = 2;

/// Reads the symbols in pictures.
#[derive(clap::Args)]
pub(crate) struct Decode {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Pictures (PNG, JPEG); `-` reads their paths from standard input.
    #[arg(required = true)]
    paths: Vec<String>,
}

#[derive(Serialize)]
struct Decoded<'a> {
    path: &'a str,
    symbols: Vec<SymbolOut>,
    /// Why a symbol that was seen could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
    ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct SymbolOut {
    symbology: String,
    text: String,
    bytes: String,
    corners: [(f32, f32); 4],
    /// Which attempt succeeded.
    attempt: &'static str,
    /// Its place, counted from 0, and how many there are, when it is one part of a longer text.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<(u32, u32)>,
}

impl From<Symbol> for SymbolOut {
    fn from(symbol: Symbol) -> Self {
        Self {
            symbology: symbol.symbology.to_string(),
            bytes: STANDARD.encode(&symbol.bytes),
            text: symbol.text,
            corners: symbol.corners,
            attempt: symbol.attempt,
            part: symbol.part.map(|part| (part.index, part.of)),
        }
    }
}

impl Decode {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut all_pictures = true;
        input::each_of(&self.paths, |path| {
            let started = Instant::now();
            let result = look_at(Path::new(path));
            all_pictures &= result.is_ok();
            let ms = started.elapsed().as_secs_f64() * 1000.0;
            self.show(path, result, ms)
        })?;
        Ok(if all_pictures { ExitCode::SUCCESS } else { ExitCode::from(NOT_ALL_PICTURES) })
    }

    fn show(
        &self,
        path: &str,
        result: Result<(Vec<Symbol>, Option<Hint>), DecodeError>,
        ms: f64,
    ) -> anyhow::Result<()> {
        let (symbols, hint, error) = match result {
            Ok((symbols, hint)) => (symbols, hint.map(Hint::name), None),
            Err(error) => (Vec::new(), None, Some(error.to_string())),
        };
        if self.json {
            let symbols = symbols.into_iter().map(SymbolOut::from).collect();
            return output::json(&Decoded { path, symbols, hint, ms, error });
        }
        match error {
            Some(error) => output::line(&format!("{path}: {error}")),
            None if symbols.is_empty() => match hint {
                Some(hint) => output::line(&format!("{path}: a symbol is there, unread: {hint}")),
                None => output::line(&format!("{path}: no symbol found")),
            },
            None => symbols.iter().try_for_each(|symbol| {
                output::line(&format!("{path}: {}: {}", symbol.symbology, symbol.text))
            }),
        }
    }
}

/// Why a file gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DecodeError {
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// It is no picture.
    #[error("{0}")]
    Picture(#[from] PictureError),
}

/// Every symbol in a picture file; without one, the machine-readable zone.
pub(crate) fn symbols_in(path: &Path) -> Result<Vec<Symbol>, DecodeError> {
    Ok(look_at(path)?.0)
}

/// The same, and why a symbol that was seen could not be read.
fn look_at(path: &Path) -> Result<(Vec<Symbol>, Option<Hint>), DecodeError> {
    let picture = picture_in(path)?;
    let (mut symbols, mut hint) = read_or_hint(&picture, &Formats::DESK, Budget::PATIENT);
    if symbols.is_empty() {
        symbols.extend(mrz::read_zone(&picture, |text| Zone::read(text).is_ok()));
        hint = hint.filter(|_| symbols.is_empty());
    }
    Ok((symbols, hint))
}

fn picture_in(path: &Path) -> Result<GreyImage, DecodeError> {
    // One byte past the limit is enough for `load` to say that it is too large.
    let limit = yanma_barcode::MAX_FILE_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(load(&bytes)?)
}
