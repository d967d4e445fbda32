//! A computer with two monitors, the second of which is plugged in and pulled out: Xorg with its
//! dummy driver. (Xvfb has one output.)

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use xtask::children::Running;

use super::eventually;
use super::screen::{Screen, display_of};

const CONFIGURATION: &str = r#"
Section "ServerFlags"
    Option "AutoAddDevices" "false"
    Option "AutoAddGPU" "false"
    Option "DontVTSwitch" "true"
EndSection
Section "Device"
    Identifier "dummy"
    Driver "dummy"
    VideoRam 64000
EndSection
Section "Screen"
    Identifier "screen"
    Device "dummy"
    DefaultDepth 24
    SubSection "Display"
        Depth 24
        Virtual 2560 1024
    EndSubSection
EndSection
"#;

/// The monitor of the operator, and what a second one is called.
const FIRST: &str = "DUMMY0";
pub(crate) const SECOND: &str = "DUMMY1";

/// What the first one shows, which has room for the operator's window: its clock, and where lines
/// and pictures begin and end.
const MODE: &[&str] =
    &["1280x800", "83.5", "1280", "1352", "1480", "1680", "800", "803", "809", "831"];

/// Where something is on the screen, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rectangle {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) width: i64,
    pub(crate) height: i64,
}

impl Rectangle {
    /// Whether the two have a pixel in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

impl Screen {
    /// Opens a screen with two monitors: one of 1280×800, and one of 1024×768 at its right.
    pub(crate) fn with_two_monitors(folder: &Path) -> Result<Self> {
        let configuration = folder.join("two-monitors.conf");
        std::fs::write(&configuration, CONFIGURATION)?;
        let mut server = Running::start(
            "Xorg",
            Command::new("Xorg")
                .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-config"])
                .arg(&configuration)
                .arg("-logfile")
                .arg(folder.join("two-monitors.log"))
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let display = display_of(&mut server)?;
        let screen = Self { display, server: Some(server) };
        screen.xrandr(&[&["--newmode"][..], MODE].concat())?;
        screen.xrandr(&["--addmode", FIRST, MODE[0]])?;
        screen.xrandr(&["--output", FIRST, "--mode", MODE[0], "--primary"])?;
        screen.xrandr(&["--addmode", SECOND, "1024x768"])?;
        screen.plug_in()?;
        Ok(screen)
    }

    /// Plugs the second monitor in.
    pub(crate) fn plug_in(&self) -> Result<()> {
        self.xrandr(&["--output", SECOND, "--mode", "1024x768", "--right-of", FIRST])?;
        self.look()
    }

    /// Pulls the second monitor out.
    pub(crate) fn pull_out(&self) -> Result<()> {
        self.xrandr(&["--output", SECOND, "--off"])?;
        self.look()
    }

    /// Makes the server look what is connected, as a cable does that is plugged in: without it the
    /// dummy driver says of an output what it was before, and windows are told so.
    fn look(&self) -> Result<()> {
        self.xrandr(&["--query"])
    }

    /// Where the window is whose title has this in it; none while it is hidden.
    pub(crate) fn window_at(&self, title: &str) -> Result<Option<Rectangle>> {
        let output = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--name", title, "getwindowgeometry", "--shell"])
            .env("DISPLAY", self.display())
            .stderr(Stdio::null())
            .output()
            .context("xdotool could not be started")?;
        let text = String::from_utf8(output.stdout)?;
        let number =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.parse().ok());
        let at = || {
            let (x, y) = (number("X=")?, number("Y=")?);
            Some(Rectangle { x, y, width: number("WIDTH=")?, height: number("HEIGHT=")? })
        };
        Ok(at())
    }

    /// Waits until that window is at a place, or hidden.
    pub(crate) async fn window_is(&self, title: &str, wanted: Option<Rectangle>) -> Result<()> {
        let mut last = None;
        let limit = Duration::from_secs(10);
        let there = eventually(title, limit, async || {
            last = self.window_at(title)?;
            Ok((last == wanted).then_some(()))
        });
        let there = there.await;
        there.with_context(|| format!("it is at {last:?} and not at {wanted:?}"))
    }

    fn xrandr(&self, arguments: &[&str]) -> Result<()> {
        let status = Command::new("xrandr")
            .args(arguments)
            .env("DISPLAY", self.display())
            .stdout(Stdio::null())
            .status()
            .context("xrandr could not be started")?;
        ensure!(status.success(), "xrandr {arguments:?} ended with {status}");
        Ok(())
    }
}
