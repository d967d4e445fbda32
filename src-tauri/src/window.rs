//! The window itself, and what each platform needs for it.

use tauri::{AppHandle, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

const LABEL: &str = "desk";

/// Opens the one window.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Yanma 验码")
        .inner_size(1280.0, 800.0)
        .min_inner_size(800.0, 600.0)
        .build()?;
    paint_without_gpu(&window)
}

/// Without a GPU, WebKit paints through software OpenGL at two and a half times the cost
/// of painting plainly; with one, a page this calm gains nothing.
#[cfg(target_os = "linux")]
fn paint_without_gpu(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    window.with_webview(|webview| {
        if let Some(settings) = webview.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn paint_without_gpu(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
