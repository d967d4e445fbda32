//! The window itself, and what each platform needs for it.

use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

const LABEL: &str = "desk";
/// The guest's window, which hears what it shows and may ask nothing.
pub(crate) const GUEST: &str = "guest";

/// How long after a page fell it is loaded again.
#[cfg(target_os = "linux")]
const LOAD_AGAIN_AFTER: std::time::Duration = std::time::Duration::from_millis(500);

/// Opens the guest's window, on the second screen where there is one, or brings the open one
/// to the front.
pub(crate) fn open_guest(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(GUEST) {
        return window.set_focus();
    }
    let page = WebviewUrl::App("index.html?guest".into());
    let window = WebviewWindowBuilder::new(app, GUEST, page)
        .title("Yanma 验码 · 来客")
        .inner_size(1024.0, 768.0)
        .min_inner_size(480.0, 360.0)
        .build()?;
    tune(&window)?;
    let here = window.current_monitor()?.map(|monitor| *monitor.position());
    let other = window.available_monitors()?.into_iter().map(|monitor| *monitor.position());
    if let Some(place) = other.into_iter().find(|position| Some(position) != here.as_ref()) {
        window.set_position(place)?;
        window.set_fullscreen(true)?;
    }
    Ok(())
}

/// Opens the one window.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Yanma 验码")
        .inner_size(1280.0, 800.0)
        .min_inner_size(800.0, 600.0)
        .build()?;
    tune(&window)?;
    Ok(window)
}

/// Without a GPU, WebKit paints through software OpenGL at two and a half times the cost
/// of painting plainly; with one, a page this calm gains nothing. A page whose process fell is
/// loaded again: what it shows is asked of this program, which has lost nothing.
#[cfg(target_os = "linux")]
fn tune(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    let again = window.clone();
    window.with_webview(move |webview| {
        let view = webview.inner();
        if let Some(settings) = view.settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
        view.connect_web_process_terminated(move |_, why| {
            tracing::error!(?why, "the page fell, and is loaded again");
            let window = again.clone();
            // Not from within WebKit's own word on it, which is not through with that page.
            std::thread::spawn(move || {
                std::thread::sleep(LOAD_AGAIN_AFTER);
                if let Err(error) = window.reload() {
                    tracing::error!(%error, "the page cannot be loaded again");
                }
            });
        });
    })
}

#[cfg(not(target_os = "linux"))]
fn tune(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
