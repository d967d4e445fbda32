//! The guest's window: on a screen of its own where there is one, and never over the operator's.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use specta::Type;
use tauri::{
    AppHandle, LogicalSize, Manager, Monitor, PhysicalPosition, PhysicalSize, WebviewUrl,
    WebviewWindow, WebviewWindowBuilder,
};

use crate::commands::{Answer, CommandError};
use crate::shell::Shell;
use crate::window;

/// The guest's window, which hears what it shows and may ask nothing.
pub(crate) const LABEL: &str = "guest";
/// How large it is where it has no screen of its own.
const USUAL: LogicalSize<f64> = LogicalSize::new(1024.0, 768.0);
/// How often it is looked whether a screen was plugged in or pulled out.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A screen of this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScreenView {
    /// As the system calls it.
    name: String,
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    /// Whether the operator's window is on it.
    operators: bool,
}

/// Opens the guest's window, or brings the open one to the front.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_guest_window(app: AppHandle) -> Answer<()> {
    open(&app).map_err(|error| CommandError::Io(error.to_string()))
}

/// The screens of this computer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn screens(app: AppHandle) -> Answer<Vec<ScreenView>> {
    screens_of(&app).map_err(|error| CommandError::Io(error.to_string()))
}

fn screens_of(app: &AppHandle) -> tauri::Result<Vec<ScreenView>> {
    let Some(desk) = app.get_webview_window(window::LABEL) else { return Ok(Vec::new()) };
    let operators = desk.current_monitor()?.map(|monitor| *monitor.position());
    let view = |monitor: Monitor| ScreenView {
        name: monitor.name().cloned().unwrap_or_default(),
        x: monitor.position().x,
        y: monitor.position().y,
        width: monitor.size().width,
        height: monitor.size().height,
        // Before its window is on any, each may be the operator's.
        operators: operators.is_none_or(|at| at == *monitor.position()),
    };
    Ok(desk.available_monitors()?.into_iter().map(view).collect())
}

/// The guest's among them: the one that was chosen, else the first that is not the operator's.
fn of_guest<'a>(screens: &'a [ScreenView], chosen: Option<&str>) -> Option<&'a ScreenView> {
    let mut others = screens.iter().filter(|screen| !screen.operators);
    let named = others.clone().find(|screen| Some(screen.name.as_str()) == chosen);
    named.or_else(|| others.next())
}

/// The name of the screen that was chosen; without a desk none was.
fn chosen(app: &AppHandle) -> Option<String> {
    let settings = app.try_state::<Arc<Shell>>().and_then(|shell| shell.settings().ok());
    settings.and_then(|settings| settings.guest_screen)
}

fn wanted(app: &AppHandle) -> tauri::Result<Option<ScreenView>> {
    Ok(of_guest(&screens_of(app)?, chosen(app).as_deref()).cloned())
}

/// Opens it with the desk where a screen was chosen for it: hidden, until the operator's window is
/// on a screen and there is another.
pub(crate) fn open_where_chosen(app: &AppHandle) -> tauri::Result<()> {
    if chosen(app).is_some() {
        let guest = build(app, false)?;
        stay(&guest, None);
    }
    Ok(())
}

fn open(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(LABEL) {
        window.show()?;
        return window.set_focus();
    }
    let screen = wanted(app)?;
    let guest = build(app, screen.is_none())?;
    if let Some(screen) = &screen {
        fill(app, &guest, screen)?;
    }
    stay(&guest, screen);
    Ok(())
}

fn build(app: &AppHandle, visible: bool) -> tauri::Result<WebviewWindow> {
    let page = WebviewUrl::App("index.html?guest".into());
    let guest = WebviewWindowBuilder::new(app, LABEL, page)
        .title("Yanma 验码 · 来客")
        .inner_size(USUAL.width, USUAL.height)
        .min_inner_size(480.0, 360.0)
        .visible(visible)
        .build()?;
    window::tune(&guest)?;
    Ok(guest)
}

fn stay(guest: &WebviewWindow, on: Option<ScreenView>) {
    let app = guest.app_handle().clone();
    tauri::async_runtime::spawn(async move { follow(&app, on).await });
}

/// Keeps it on its screen for as long as it is open: where that is unplugged it goes to another, or
/// is hidden until there is one again, and where the operator's window comes it makes room.
async fn follow(app: &AppHandle, mut on: Option<ScreenView>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(guest) = app.get_webview_window(LABEL) else { return };
        match wanted(app).and_then(|screen| move_to(app, &guest, &on, screen)) {
            Ok(screen) => on = screen,
            // In the moment of a plug the system may not know its screens.
            Err(error) => tracing::warn!(%error, "the guest's window stays where it is for now"),
        }
    }
}

fn move_to(
    app: &AppHandle,
    guest: &WebviewWindow,
    on: &Option<ScreenView>,
    screen: Option<ScreenView>,
) -> tauri::Result<Option<ScreenView>> {
    match &screen {
        _ if screen == *on => {}
        Some(screen) => fill(app, guest, screen)?,
        None => {
            guest.set_fullscreen(false)?;
            guest.set_size(USUAL)?;
            guest.hide()?;
        }
    }
    Ok(screen)
}

/// Fills a screen. The keyboard stays the operator's: what a scanner types is for the desk.
fn fill(app: &AppHandle, guest: &WebviewWindow, screen: &ScreenView) -> tauri::Result<()> {
    let at = PhysicalPosition::new(screen.x, screen.y);
    // A window that is full screen already would stay on its screen.
    guest.set_fullscreen(false)?;
    guest.set_position(at)?;
    guest.set_size(PhysicalSize::new(screen.width, screen.height))?;
    guest.show()?;
    guest.set_fullscreen_on_monitor(at.cast())?;
    match app.get_webview_window(window::LABEL) {
        Some(desk) => desk.set_focus(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guest_has_the_chosen_screen_or_another_and_never_the_operators() {
        let screen = |name: &str, operators| ScreenView {
            name: name.to_owned(),
            x: 0,
            y: 0,
            width: 1920,
            height: 1080,
            operators,
        };
        let check = |screens: &[ScreenView], chosen: Option<&str>, expect: Option<&str>| {
            let found = of_guest(screens, chosen).map(|screen| screen.name.as_str());
            assert_eq!(found, expect, "{chosen:?} of {screens:?}");
        };
        let three = [screen("eDP-1", true), screen("HDMI-1", false), screen("DP-1", false)];
        check(&three, None, Some("HDMI-1"));
        check(&three, Some("DP-1"), Some("DP-1"));
        check(&three, Some("eDP-1"), Some("HDMI-1"));
        check(&three, Some("VGA-1"), Some("HDMI-1"));
        check(&three[..1], None, None);
        check(&three[..1], Some("eDP-1"), None);
        check(&[], Some("DP-1"), None);
    }
}
