//! A window that fills the screen, cannot be closed by whoever stands before it, and comes back
//! when it falls: `yanma-desk --kiosk`.
//!
//! The program that is started watches over a second one, which has the window, and starts it again
//! whenever it ends, but for the ends that were wanted: somebody who may change settings left the
//! full screen, or the desk is open in another window already. When the program was replaced by a
//! newer one, both start again as that.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tauri::{AppHandle, State, WebviewWindow, WindowEvent};
use yanma_updates::Bundle;

use crate::commands::Answer;
use crate::shell::Shell;

/// The argument that asks for it.
const ARGUMENT: &str = "--kiosk";
/// Set for the program that has the window.
const WATCHED: &str = "YANMA_KIOSK_WATCHED";
/// What the window ends with when the program was replaced by a newer one.
const REPLACED: i32 = 86;
/// The first wait before the window is started again, which doubles while it keeps falling.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A window that stood so long has not fallen at its start.
const STOOD: Duration = Duration::from_secs(60);

/// Whether this program has the window of a kiosk.
pub(crate) fn is_on() -> bool {
    std::env::var_os(WATCHED).is_some()
}

/// Whether this program watches over one.
pub(crate) fn is_watcher() -> bool {
    !is_on() && std::env::args_os().any(|argument| argument == ARGUMENT)
}

/// Keeps a window there until it ends in order.
pub(crate) fn watch() -> anyhow::Result<ExitCode> {
    let window = std::env::current_exe().context("this program does not know where it lies")?;
    let program = program().context("this program does not know where it lies")?;
    let mut wait = FIRST_WAIT;
    loop {
        let started = Instant::now();
        // The pipe breaks when this program ends, however it ends, and the window ends with it.
        let status = Command::new(&window)
            .env(WATCHED, "1")
            .stdin(Stdio::piped())
            .spawn()
            .and_then(|mut window| {
                let _held = window.stdin.take();
                window.wait()
            })
            .context("the window could not be started")?;
        if status.success() {
            return Ok(ExitCode::SUCCESS);
        }
        if status.code() == Some(REPLACED) {
            return Err(become_anew(&program).into());
        }
        if started.elapsed() > STOOD {
            wait = FIRST_WAIT;
        }
        tracing::error!(%status, "the window fell, and is started again");
        std::thread::sleep(wait);
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// What is to be started to start this program: of an AppImage the image, and not what is in it.
pub(crate) fn program() -> io::Result<PathBuf> {
    match Bundle::of_this_program() {
        Bundle::AppImage(image) => Ok(image),
        _ => std::env::current_exe(),
    }
}

/// The arguments that make a new version what this program is.
pub(crate) fn arguments() -> &'static [&'static str] {
    if is_on() { &[ARGUMENT] } else { &[] }
}

/// Starts the program again, which was replaced: by whoever watches over it, or by itself. On
/// Windows the installer does it, and this only ends.
pub(crate) fn start_again(app: &AppHandle, program: Option<&Path>) -> Result<(), String> {
    match program {
        _ if cfg!(windows) => app.exit(0),
        _ if is_on() => app.exit(REPLACED),
        Some(program) => return Err(become_anew(program).to_string()),
        None => app.exit(0),
    }
    Ok(())
}

/// Makes this process the program at that path, with the same arguments: what it has open is
/// closed, and the desk's file is free for the next. Answers only when that failed.
#[cfg(unix)]
fn become_anew(program: &Path) -> io::Error {
    use std::os::unix::process::CommandExt as _;
    Command::new(program).args(std::env::args_os().skip(1)).exec()
}

#[cfg(not(unix))]
fn become_anew(program: &Path) -> io::Error {
    match Command::new(program).args(std::env::args_os().skip(1)).spawn() {
        Ok(_) => std::process::exit(0),
        Err(error) => error,
    }
}

/// Ends the window when whoever watches over it has ended.
pub(crate) fn end_with_the_watcher(app: AppHandle) {
    std::thread::spawn(move || {
        let mut nothing = [0; 1];
        while std::io::stdin().read(&mut nothing).is_ok_and(|length| length > 0) {}
        app.exit(0);
    });
}

/// Ends the kiosk, for whoever may change settings.
#[tauri::command]
#[specta::specta]
pub(crate) async fn leave_full_screen(app: AppHandle, shell: State<'_, Arc<Shell>>) -> Answer<()> {
    shell.work(|shell| shell.desk.leave_full_screen()).await?;
    app.exit(0);
    Ok(())
}

/// Fills the screen, above everything, and does not close.
pub(crate) fn lock(window: &WebviewWindow) -> tauri::Result<()> {
    window.set_decorations(false)?;
    window.set_fullscreen(true)?;
    window.set_always_on_top(true)?;
    window.on_window_event(|event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
        }
    });
    Ok(())
}
