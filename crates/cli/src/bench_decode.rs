//! `yanma bench-decode`: how much of a folder of pictures is read, how truly, and how fast.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;
use yanma_barcode::{Budget, Formats, GreyImage, Symbology, load, read};

use crate::output;

/// Reads folders of pictures whose texts are known, and prints the rate, the false readings and
/// the time.
///
/// Beside each picture stands a `.txt` of the same name with the text it holds; several codes, one
/// a line; empty where there is no code. Pictures without one are left out. Folders in a folder
/// are further sets.
#[derive(clap::Args)]
pub(crate) struct BenchDecode {
    /// Folders of pictures (PNG, JPEG).
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// What to look for: `codes` (QR), `desk`, `all`, or names with commas, such as `qr,aztec`.
    #[arg(long, default_value = "codes", value_parser = formats)]
    formats: Formats,
    /// Milliseconds for a picture, and the first look that succeeds ends it; without, each picture
    /// is read as a file is: every look, 5 s.
    #[arg(long, value_name = "MS")]
    budget_ms: Option<u64>,
    /// How often each picture is read; the fastest counts, so that noise of the machine does not.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// One JSON object for each picture, without its text.
    #[arg(long)]
    json: bool,
}

fn formats(names: &str) -> Result<Formats, String> {
    match names {
        "codes" => Ok(Formats::CODES),
        "desk" => Ok(Formats::DESK),
        "all" => Ok(Formats::of(&Symbology::ALL)),
        names => {
            let known = |name: &str| {
                let found = Symbology::ALL.into_iter().find(|one| one.name() == name);
                found.ok_or_else(|| {
                    let all = Symbology::ALL.map(Symbology::name).join(", ");
                    format!("{name} is none of codes, desk, all, {all}")
                })
            };
            Ok(Formats::of(&names.split(',').map(known).collect::<Result<Vec<_>, _>>()?))
        }
    }
}

/// What one picture gave.
#[derive(Debug, Serialize)]
struct Outcome {
    set: String,
    picture: String,
    /// How many texts it holds.
    expected: usize,
    /// Whether all of them were read.
    read: bool,
    /// Texts that are not in it.
    false_readings: usize,
    /// Which attempts succeeded.
    attempts: Vec<&'static str>,
    ms: f64,
}

impl BenchDecode {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        if !self.json {
            output::line(HEAD)?;
        }
        let mut any = false;
        for folder in &self.folders {
            for set in sets(folder)? {
                let outcomes = self.set(&set)?;
                any |= !outcomes.is_empty();
                if self.json {
                    outcomes.iter().try_for_each(output::json)?;
                } else if !outcomes.is_empty() {
                    output::line(&row(&outcomes))?;
                }
            }
        }
        anyhow::ensure!(any, "no picture with a .txt beside it is there");
        Ok(ExitCode::SUCCESS)
    }

    fn set(&self, folder: &Path) -> anyhow::Result<Vec<Outcome>> {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        let mut outcomes = Vec::new();
        for path in pictures(folder)? {
            let Ok(text) = std::fs::read(path.with_extension("txt")) else { continue };
            let text = String::from_utf8_lossy(&text);
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let image = load(&bytes).with_context(|| path.display().to_string())?;
            let picture = path.file_name().unwrap_or_default().to_string_lossy();
            outcomes.push(self.picture(&name, &picture, &image, &text));
        }
        Ok(outcomes)
    }

    fn picture(&self, set: &str, picture: &str, image: &GreyImage, text: &str) -> Outcome {
        let budget = self.budget_ms.map_or(Budget::PATIENT, |ms| Budget {
            time: Duration::from_millis(ms),
            exhaustive: false,
        });
        let (mut ms, mut symbols) = (f64::INFINITY, Vec::new());
        for _ in 0..self.repeat {
            let begun = Instant::now();
            symbols = read(image, &self.formats, budget);
            ms = ms.min(begun.elapsed().as_secs_f64() * 1000.0);
        }
        let texts: Vec<&str> = symbols.iter().map(|symbol| symbol.text.as_str()).collect();
        let Judged { expected, read, false_readings } = judge(text, &texts);
        let attempts = symbols.iter().map(|symbol| symbol.attempt).collect();
        let (set, picture) = (set.to_owned(), picture.to_owned());
        Outcome { set, picture, expected, read, false_readings, attempts, ms }
    }
}

#[derive(Debug, PartialEq)]
struct Judged {
    expected: usize,
    read: bool,
    false_readings: usize,
}

/// Compares. A text with line breaks may be one code or several; either is right.
fn judge(text: &str, read: &[&str]) -> Judged {
    let whole = text.trim_end_matches(['\r', '\n']);
    let same = |a: &str, b: &str| a.trim_end_matches(['\r', '\n']) == b;
    let is_whole = |one: &&str| same(one, whole);
    let lines: Vec<&str> = whole.lines().collect();
    let is_line = |one: &&str| lines.iter().any(|line| same(one, line));
    let every_line = lines.iter().all(|line| read.iter().any(|one| same(one, line)));
    Judged {
        expected: lines.len(),
        read: !whole.is_empty() && (read.iter().any(is_whole) || every_line),
        false_readings: read.iter().filter(|one| !is_whole(one) && !is_line(one)).count(),
    }
}

/// The folder, when it has pictures of its own, and the folders in it.
fn sets(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut all = vec![folder.to_owned()];
    all.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()));
    all.sort();
    Ok(all)
}

fn pictures(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let is_picture = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        matches!(ending.as_str(), "png" | "jpg" | "jpeg")
    };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(is_picture).collect();
    found.sort();
    Ok(found)
}

const HEAD: &str = "set                  read         %  false | read: median   p95  mean ms | all: mean    p95 ms | no code: median   p95  max ms";

fn row(outcomes: &[Outcome]) -> String {
    let with_code: Vec<&Outcome> = outcomes.iter().filter(|one| one.expected > 0).collect();
    let read: Vec<f64> = with_code.iter().filter(|one| one.read).map(|one| one.ms).collect();
    let all: Vec<f64> = with_code.iter().map(|one| one.ms).collect();
    let none: Vec<f64> =
        outcomes.iter().filter(|one| one.expected == 0).map(|one| one.ms).collect();
    let wrong: usize = outcomes.iter().map(|one| one.false_readings).sum();
    let percent = 100.0 * read.len() as f64 / with_code.len().max(1) as f64;
    let set = outcomes.first().map_or("", |one| one.set.as_str());
    let counts = format!("{}/{}", read.len(), with_code.len());
    format!(
        "{set:18} {counts:>9} {percent:7.1} {wrong:6} |      {:7.1} {:7.1} {:7.1} |  {:7.1} {:7.1}   |        {:7.1} {:7.1} {:7.1}",
        share(&read, 0.5),
        share(&read, 0.95),
        mean(&read),
        mean(&all),
        share(&all, 0.95),
        share(&none, 0.5),
        share(&none, 0.95),
        share(&none, 1.0),
    )
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The value that this share of the others does not exceed; 0 of none.
fn share(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_whole_or_line_by_line() {
        let cases: [(&str, &[&str], usize, bool, usize); 8] = [
            ("a", &["a"], 1, true, 0),
            ("a\n", &["a"], 1, true, 0),
            ("a", &[], 1, false, 0),
            ("a", &["b"], 1, false, 1),
            ("a\nb", &["a\nb"], 2, true, 0),
            ("a\nb\n", &["b", "a"], 2, true, 0),
            ("a\nb", &["a"], 2, false, 0),
            ("", &["a"], 0, false, 1),
        ];
        for (text, read, expected, is_read, false_readings) in cases {
            let want = Judged { expected, read: is_read, false_readings };
            assert_eq!(judge(text, read), want, "{text:?} against {read:?}");
        }
    }

    #[test]
    fn shares_are_of_what_is_there() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!([0.25, 0.5, 0.95, 1.0].map(|at| share(&values, at)), [1.0, 2.0, 4.0, 4.0]);
        assert_eq!((share(&[], 0.5), mean(&[]), mean(&values)), (0.0, 0.0, 2.5));
    }

    #[test]
    fn formats_are_named_as_symbols_are() {
        assert_eq!(formats("codes"), Ok(Formats::CODES));
        assert_eq!(formats("aztec,qr"), Ok(Formats::of(&[Symbology::Qr, Symbology::Aztec])));
        assert!(formats("qr,grid-matrix").unwrap_err().starts_with("grid-matrix is none of"));
    }
}
