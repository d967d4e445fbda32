//! A screen of one's own: Xvfb, and pictures of what is on it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use xtask::children::Running;

/// An X display; one that was opened here ends with the test.
pub(crate) struct Screen {
    pub(super) display: String,
    pub(super) server: Option<Running>,
}

/// The display that an X server took, which it says on its standard output.
pub(super) fn display_of(server: &mut Running) -> Result<String> {
    let output = server.child().stdout.take().context("standard output is piped")?;
    let mut number = String::new();
    BufReader::new(output).read_line(&mut number)?;
    if number.trim().is_empty() {
        bail!("the X server ended without a display");
    }
    Ok(format!(":{}", number.trim()))
}

impl Screen {
    /// Opens a screen of 1366×900 on a free display number, which the server chooses itself.
    pub(crate) fn open() -> Result<Self> {
        let mut server = Running::start(
            "Xvfb",
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1366x900x24", "-nolisten", "tcp"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let display = display_of(&mut server)?;
        Ok(Self { display, server: Some(server) })
    }

    /// Puts the screen before other programs, where this user may: it gives keys their times, and
    /// a screen that waits for its turn makes pauses that no scanner made.
    pub(crate) fn hurry(&self) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let id = server.id().to_string();
        Command::new("renice").args(["-n", "-10", "-p", &id]).output().context("renice")?;
        Ok(())
    }

    /// What programs need as `DISPLAY`.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// Saves a picture of the whole screen. Unlike the driver's own, it is never a frame late.
    pub(crate) fn picture(&self, path: &Path) -> Result<()> {
        let status = Command::new("import")
            .args(["-display", &self.display, "-window", "root"])
            .arg(path)
            .status()
            .context("import (ImageMagick) could not be started")?;
        if !status.success() {
            bail!("import ended with {status}");
        }
        Ok(())
    }

    /// Gives the keyboard to the program's window, as a window manager does; there is none here.
    /// Whether there is such a window.
    pub(crate) fn focus(&self) -> Result<bool> {
        let status = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--name", "Yanma", "windowfocus"])
            .env("DISPLAY", &self.display)
            .stderr(Stdio::null())
            .status()
            .context("xdotool could not be started")?;
        Ok(status.success())
    }

    /// Types `text` and Enter as a keyboard-wedge scanner does: real key events, no pause.
    pub(crate) fn scan(&self, text: &str) -> Result<()> {
        for arguments in [&["type", "--delay", "0", "--", text][..], &["key", "Return"]] {
            let status = Command::new("xdotool")
                .args(arguments)
                .env("DISPLAY", &self.display)
                .status()
                .context("xdotool could not be started")?;
            if !status.success() {
                bail!("xdotool ended with {status}");
            }
        }
        Ok(())
    }
}
