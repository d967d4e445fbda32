//! The window itself, and what each platform needs for it.

use tauri::{AppHandle, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The operator's window.
pub(crate) const LABEL: &str = "desk";

/// How long after a page fell it is loaded again.
#[cfg(target_os = "linux")]
const LOAD_AGAIN_AFTER: std::time::Duration = std::time::Duration::from_millis(500);

/// Opens the operator's window.
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
pub(crate) fn tune(window: &WebviewWindow) -> tauri::Result<()> {
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
pub(crate) fn tune(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
