//! The devices of the guest that `cargo xtask test --virtual-desk` boots. What plugs them in and
//! has them read are functions of the shell that started this program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::screen::Screen;

/// A picture stays before the webcam for longer than the guest lives, in milliseconds.
const STAYS: &str = "86400000";

/// What the webcam offers, as the guest's programs describe it.
const SIZES: [(&str, &str); 2] = [("640", "480"), ("1280", "720")];

impl Screen {
    /// The guest's screen, whose keyboard is the guest's scanner.
    pub(crate) fn of_guest() -> Result<Self> {
        let display = std::env::var("DISPLAY").context("the guest has a screen")?;
        Ok(Self { display, server: None })
    }
}

/// Where what is to outlive the guest is left.
pub(crate) fn kept(name: &str) -> Result<PathBuf> {
    let folder = std::env::var_os("OUT_DIR").context("the guest keeps a folder")?;
    Ok(Path::new(&folder).join(name))
}

/// The guest's webcam, and its scanner, which types and has a serial port as well.
pub(crate) struct Guest {
    frames: PathBuf,
}

impl Guest {
    /// Keeps the frames of its webcam in a folder.
    pub(crate) fn new(frames: PathBuf) -> Self {
        Self { frames }
    }

    /// Plugs the webcam in, with the one picture that lies in a folder before it.
    pub(crate) fn plug(&self, pictures: &Path) -> Result<()> {
        if self.frames.exists() {
            std::fs::remove_dir_all(&self.frames)?;
        }
        let programs = std::env::var_os("V").context("the guest's programs")?;
        for (width, height) in SIZES {
            let done = Command::new(Path::new(&programs).join("prep-frames.sh"))
                .arg(pictures)
                .arg(self.frames.join(format!("{width}x{height}")))
                .args([width, height])
                .status()?;
            ensure!(done.success(), "prep-frames.sh ended with {done}");
        }
        self.does("plug", &[])
    }

    /// Plugs another webcam in, of another make, with the same picture before it.
    pub(crate) fn plug_another(&self) -> Result<()> {
        self.does("eval", &["\"$K\"/usbcam -n Spare -p 5 -H \"$HOLD\" \"$FR\" & disown"])
    }

    /// Pulls the webcam out.
    pub(crate) fn unplug(&self) -> Result<()> {
        self.does("unplug", &[])
    }

    /// The webcam's pictures stop coming, or come again.
    pub(crate) fn freeze(&self) -> Result<()> {
        self.does("freeze", &[])
    }

    /// The scanner types a text and Enter.
    pub(crate) fn types(&self, text: &str) -> Result<()> {
        self.does("scan", &[text])
    }

    /// The scanner sends a text and a line end.
    pub(crate) fn sends(&self, text: &str) -> Result<()> {
        self.does("serial", &[text])
    }

    /// Plugs the scanner in again.
    pub(crate) fn plug_scanner(&self) -> Result<()> {
        let controller = "ls /sys/class/udc | head -1 > /sys/kernel/config/usb_gadget/scan/UDC";
        self.does("eval", &[controller])?;
        self.does("stty", &["-F", "/dev/ttyGS0", "raw", "-echo"])
    }

    /// Pulls the scanner out.
    pub(crate) fn unplug_scanner(&self) -> Result<()> {
        self.does("hidunplug", &[])
    }

    fn does(&self, function: &str, arguments: &[&str]) -> Result<()> {
        let done = Command::new("bash")
            .args(["-c", "\"$@\"", "guest", function])
            .args(arguments)
            .env("CAM", "uvc")
            .env("FR", &self.frames)
            .env("HOLD", STAYS)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()?;
        ensure!(done.success(), "{function} ended with {done}");
        Ok(())
    }
}
