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
    Budget, Formats, GreyImage, Hint, Joined, Parts, PictureError, Symbol, join, load, mrz,
    read_or_hint,
};
use yanma_station::domain::document::Zone;

use crate::{input, output};

/// Exit code when a file was no picture; the others were read all the same.
const NOT_ALL_PICTURES: u8 = 2;

/// Reads the symbols in pictures. A text that several symbols hold together is put together from
/// all pictures given.
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
    /// Of the longer texts that symbols here are parts of: what the pictures so far hold of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    joined: Vec<JoinedOut>,
    ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A text that several symbols hold together.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum JoinedOut {
    /// All of it.
    Whole { symbology: String, text: String, bytes: String },
    /// Some of it: which parts are missing, counted from 0; `of` is 0 while no part has said so.
    Missing { read: u32, of: u32, parts: Vec<u32> },
    /// The parts do not belong together.
    Contradiction,
}

impl From<Joined> for JoinedOut {
    fn from(joined: Joined) -> Self {
        match joined {
            Joined::Whole(symbol) => Self::Whole {
                symbology: symbol.symbology.to_string(),
                bytes: STANDARD.encode(&symbol.bytes),
                text: symbol.text,
            },
            Joined::Some(some) => Self::Missing { read: some.read, of: some.of, parts: some.parts },
            Joined::Contradiction => Self::Contradiction,
        }
    }
}

impl JoinedOut {
    fn words(&self) -> String {
        match self {
            Self::Whole { symbology, text, .. } => format!("{symbology}, put together: {text}"),
            Self::Missing { read, of, parts } => {
                let of = if *of == 0 { "?".to_owned() } else { of.to_string() };
                let missing: Vec<String> =
                    parts.iter().map(|part| (part + 1).to_string()).collect();
                format!("{read} of {of} parts read, missing: {}", missing.join(", "))
            }
            Self::Contradiction => "these parts do not belong together".to_owned(),
        }
    }
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
        let (mut all_pictures, mut parts) = (true, Parts::default());
        input::each_of(&self.paths, |path| {
            let started = Instant::now();
            let result = look_at(Path::new(path));
            all_pictures &= result.is_ok();
            let ms = started.elapsed().as_secs_f64() * 1000.0;
            let mut joined = Vec::new();
            if let Ok((symbols, _)) = &result {
                joined.extend(symbols.iter().filter_map(|symbol| parts.add(symbol)));
            }
            self.show(path, result, latest(joined), ms)
        })?;
        Ok(if all_pictures { ExitCode::SUCCESS } else { ExitCode::from(NOT_ALL_PICTURES) })
    }

    fn show(
        &self,
        path: &str,
        result: Result<(Vec<Symbol>, Option<Hint>), DecodeError>,
        joined: Vec<JoinedOut>,
        ms: f64,
    ) -> anyhow::Result<()> {
        let (symbols, hint, error) = match result {
            Ok((symbols, hint)) => (symbols, hint.map(Hint::name), None),
            Err(error) => (Vec::new(), None, Some(error.to_string())),
        };
        if self.json {
            let symbols = symbols.into_iter().map(SymbolOut::from).collect();
            return output::json(&Decoded { path, symbols, hint, joined, ms, error });
        }
        match error {
            Some(error) => output::line(&format!("{path}: {error}")),
            None if symbols.is_empty() => match hint {
                Some(hint) => output::line(&format!("{path}: a symbol is there, unread: {hint}")),
                None => output::line(&format!("{path}: no symbol found")),
            },
            None => {
                for symbol in &symbols {
                    let part = symbol.part.as_ref().map_or(String::new(), |part| {
                        format!(", part {} of {}", part.index + 1, part.of)
                    });
                    output::line(&format!("{path}: {}{part}: {}", symbol.symbology, symbol.text))?;
                }
                joined.iter().try_for_each(|one| output::line(&format!("{path}: {}", one.words())))
            }
        }
    }
}

/// What was said last of each text: after the parts before it, the last one in a picture knows
/// most.
fn latest(joined: Vec<Joined>) -> Vec<JoinedOut> {
    let whole = joined.iter().any(|one| matches!(one, Joined::Whole(_)));
    let mut told: Vec<Joined> = Vec::new();
    for one in joined.into_iter().rev() {
        let again = match &one {
            Joined::Some(_) => whole || told.iter().any(|other| matches!(other, Joined::Some(_))),
            other => told.contains(other),
        };
        if !again {
            told.insert(0, one);
        }
    }
    told.into_iter().map(JoinedOut::from).collect()
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

/// Every symbol in a picture file, parts of one text put together; without one, the machine-readable zone.
pub(crate) fn symbols_in(path: &Path) -> Result<Vec<Symbol>, DecodeError> {
    Ok(join(look_at(path)?.0))
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
