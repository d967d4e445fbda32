//! A keyboard-wedge scanner: real key events (XTEST), one after another at a steady pace.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::screen::Screen;

/// A scanner that types on a US keyboard, as they leave the factory.
pub(crate) struct Scanner<'a> {
    pub(crate) screen: &'a Screen,
    /// From one key to the next.
    pub(crate) pace: Duration,
}

impl Scanner<'_> {
    /// Types `text` and Enter. A line feed in it is Enter too; other control characters are typed
    /// as Ctrl and the key that makes them.
    pub(crate) fn scan(&self, text: &str) -> Result<()> {
        let pace = self.pace.as_millis().to_string();
        let mut orders: Vec<String> = Vec::new();
        let mut order = |words: &[&str]| orders.extend(words.iter().map(|&word| word.to_owned()));
        let mut plain = String::new();
        for character in text.chars().chain(['\n']) {
            let key = match character {
                '\n' => "Return",
                '\r' => "ctrl+m",
                '\u{1d}' => "ctrl+bracketright",
                '\u{1e}' => "ctrl+asciicircum",
                other => {
                    plain.push(other);
                    continue;
                }
            };
            if !plain.is_empty() {
                order(&["type", "--delay", &pace, "--args", "1", "--", &plain]);
                plain.clear();
            }
            order(&["key", "--delay", &pace, key]);
        }
        self.press(&orders)
    }

    /// Types as fingers do, key by key.
    pub(crate) fn keys(&self, keys: &[&str]) -> Result<()> {
        let pace = self.pace.as_millis().to_string();
        let words = [&["key", "--delay", &pace], keys].concat();
        self.press(&words.into_iter().map(str::to_owned).collect::<Vec<_>>())
    }

    fn press(&self, orders: &[String]) -> Result<()> {
        // Before other programs, where this user may: see `Screen::hurry`.
        let status = Command::new("nice")
            .args(["-n", "-10", "xdotool"])
            .args(orders)
            .stderr(Stdio::null())
            .env("DISPLAY", self.screen.display())
            .status()
            .context("xdotool could not be started")?;
        ensure!(status.success(), "xdotool ended with {status}");
        Ok(())
    }
}
