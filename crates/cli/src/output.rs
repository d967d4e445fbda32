//! The only place that writes to standard output, and for people to standard error.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write};

use serde::{Deserialize, Serialize};

/// A language of words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

/// The words of one reason in one language.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ReasonWords {
    /// A few words.
    pub(crate) title: String,
    /// What to do next.
    pub(crate) next: String,
}

#[derive(Deserialize)]
struct BothLanguages {
    zh: ReasonWords,
    en: ReasonWords,
}

/// The words of a reason code.
pub(crate) fn words_of(code: &str, language: Language) -> Option<ReasonWords> {
    const WORDS: &str = include_str!("../../../assets/words/reasons.json");
    let mut all: BTreeMap<String, BothLanguages> = serde_json::from_str(WORDS).ok()?;
    let both = all.remove(code)?;
    Some(match language {
        Language::Zh => both.zh,
        Language::En => both.en,
    })
}

/// One JSON object on a line of its own.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?)
}

/// One line of words. A reader that went away, such as `head`, ends the program quietly.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// An error, with what lies behind it, on standard error.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(err, "yanma: {error:#}");
}

/// Whether somebody looks at standard error while it is written.
pub(crate) fn terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// A line on standard error that the next one takes the place of.
pub(crate) fn passing(text: &str) {
    let mut err = std::io::stderr().lock();
    // Back to the beginning, and the rest of what stood there away (ECMA-48: EL).
    let _ = write!(err, "\r{text}\x1b[K").and_then(|()| err.flush());
}
