//! The window of a desk: opens it, wires devices to the station, turns answers into views.
//!
//! Nothing is decided here. There is no `if` about people, codes or time in this crate.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod card_reader;
mod chips;
mod commands;
mod devices;
mod family;
mod fleet;
mod guest_screen;
mod guests;
mod keyboard;
mod kiosk;
mod lists;
mod logs;
mod nearby;
mod out;
mod preview;
mod programs;
mod scene;
mod settings;
mod shell;
mod staff;
mod sticks;
mod subscription;
mod trial;
mod updates;
mod verdicts;
mod views;
mod voice;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

fn main() -> anyhow::Result<ExitCode> {
    let folder = data_folder()?;
    let _log = logs::start(&folder);
    if kiosk::is_watcher() {
        return kiosk::watch();
    }
    // The first caller wins; a second provider would be an error nobody can act on.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = commands::builder();
    let commands = builder.invoke_handler();
    tauri::Builder::default()
        .invoke_handler(move |invoke| {
            if invoke.message.webview_ref().label() == guest_screen::LABEL {
                invoke.resolver.reject("the guest's screen only shows");
                return true;
            }
            commands(invoke)
        })
        .setup(move |app| {
            builder.mount_events(app);
            // A desk that does not open has a window all the same: the page says why, and
            // how to go on.
            if let Err(error) = shell::open(app.handle(), &folder) {
                tracing::error!(%error, "the desk could not be opened");
            }
            if kiosk::is_on() && shell::is_open_elsewhere(app.handle()) {
                app.handle().exit(0);
                return Ok(());
            }
            let window = window::open(app.handle())?;
            keyboard::listen(&window)?;
            if let Err(error) = guest_screen::open_where_chosen(app.handle()) {
                tracing::error!(%error, "the guest's window could not be opened");
            }
            if kiosk::is_on() {
                kiosk::lock(&window)?;
                kiosk::end_with_the_watcher(app.handle().clone());
            }
            Ok(())
        })
        .run(tauri::generate_context!())
        .context("the window could not be opened")?;
    Ok(ExitCode::SUCCESS)
}

/// Where the desk lies: `YANMA_DATA`, or the usual place of this system.
pub(crate) fn data_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("YANMA_DATA") {
        return Ok(folder.into());
    }
    let folders = directories::ProjectDirs::from("", "", "yanma")
        .context("there is no home folder; set YANMA_DATA")?;
    Ok(folders.data_dir().to_owned())
}
