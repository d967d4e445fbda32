//! A Chinese input method in front of a window: ibus with Pinyin, which ends with the test.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;
use xtask::children::Running;

use super::screen::Screen;

/// Debian's name of the Pinyin engine.
const ENGINE: &str = "libpinyin";

/// An input method for the programs of one screen.
pub(crate) struct InputMethod {
    folder: TempDir,
    display: String,
    daemon: Running,
}

impl InputMethod {
    /// Starts the input method and turns Pinyin on.
    pub(crate) fn start(screen: &Screen) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let display = screen.display().to_owned();
        let address = format!("--address={}", address(&folder));
        let mut command = Command::new("ibus-daemon");
        // No panel: the candidates are shown nowhere, and can be chosen all the same.
        command.args(["--panel=disable", "--emoji-extension=disable", "--cache=none", &address]);
        command.envs(variables(&folder, &display)).stdin(Stdio::null()).stderr(Stdio::null());
        let daemon = Running::start("ibus-daemon", &mut command)?;
        let mut method = Self { folder, display, daemon };
        method.choose(ENGINE)?;
        Ok(method)
    }

    /// Turns an engine on; ibus has it by then. What `ibus engine NAME` ends with says nothing.
    fn choose(&mut self, engine: &str) -> Result<()> {
        let variables = self.variables();
        let ibus = |arguments: &[&str]| {
            // One that asks before the daemon listens waits for ever.
            let mut command = Command::new("timeout");
            command.args(["2", "ibus", "engine"]).args(arguments).envs(variables.iter().cloned());
            command.stderr(Stdio::null()).output()
        };
        self.daemon.wait_until(Duration::from_secs(30), || {
            let chosen = ibus(&[engine]).and_then(|_| ibus(&[]));
            chosen.is_ok_and(|said| said.stdout.trim_ascii() == engine.as_bytes())
        })
    }

    /// What a program needs in its environment to be under this input method.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        variables(&self.folder, &self.display)
    }
}

fn address(folder: &TempDir) -> String {
    format!("unix:path={}", folder.path().join("bus").display())
}

fn variables(folder: &TempDir, display: &str) -> Vec<(String, String)> {
    let inside = |name: &str| folder.path().join(name).display().to_string();
    [
        ("DISPLAY", display.to_owned()),
        ("IBUS_ADDRESS", address(folder)),
        ("GTK_IM_MODULE", "ibus".to_owned()),
        // Nothing is read or kept of the person who runs the tests.
        ("GSETTINGS_BACKEND", "memory".to_owned()),
        ("XDG_CONFIG_HOME", inside("config")),
        ("XDG_CACHE_HOME", inside("cache")),
        ("XDG_DATA_HOME", inside("data")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
