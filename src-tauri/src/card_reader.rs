//! The card reader: its cards to the station, its news to the page.

use std::sync::{Arc, PoisonError};

use tauri::AppHandle;
use tauri_specta::Event as _;
use yanma_devices::DeviceKind;
use yanma_devices::card::{self, CardEvent, CardHandle, ReaderAddress, ReaderAddressError, Status};
use yanma_station::Reading;

use crate::commands::CommandError;
use crate::devices::{self, Shown, take};
use crate::settings::Settings;
use crate::shell::{Shell, tell};
use crate::verdicts::UncheckedEvent;
use crate::views::WordsView;

/// Which reader the settings ask for.
///
/// # Errors
/// When they name none that could be, or the port of a serial device.
pub(crate) fn wanted(settings: &Settings) -> Result<Option<ReaderAddress>, CommandError> {
    let bad = |reason: &str| CommandError::bad_field("cardReader", reason);
    let Some(text) = settings.card_reader.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let address: ReaderAddress =
        text.parse().map_err(|error: ReaderAddressError| bad(&error.to_string()))?;
    let taken = devices::serial_of(settings)?;
    if taken.iter().any(|device| Some(device.port.as_str()) == address.serial_port()) {
        return Err(bad("a serial device is set to this port"));
    }
    Ok(Some(address))
}

/// Reads cards until the handle is dropped.
pub(crate) fn open(
    address: &ReaderAddress,
    shown: &Shown,
    shell: &Arc<Shell>,
    app: &AppHandle,
) -> CardHandle {
    let (id, shown) = (address.id(DeviceKind::Card), Arc::clone(shown));
    let (shell, app) = (Arc::downgrade(shell), app.clone());
    // Called from the reader's thread; for its locks see `Devices::sink`.
    let sink = move |event| {
        let Some(shell) = shell.upgrade() else { return };
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(view) = shown.get_mut(&id) else { return };
        match event {
            CardEvent::Card(frame) => match Reading::of_card(&frame.into_bytes()) {
                Ok(reading) => {
                    view.trouble = None;
                    take(Arc::clone(&shell), &app, reading);
                }
                Err(error) => {
                    tracing::warn!(device = %id, %error, "a card was read and not understood");
                    // Whoever is on the screen is not who laid it down.
                    tell(UncheckedEvent.emit(&app));
                    view.trouble = Some(not_understood());
                }
            },
            CardEvent::Trouble(status) => view.trouble = status.map(words),
            CardEvent::State(state) => view.state = state.into(),
        }
        drop(shown);
        let app = app.clone();
        tauri::async_runtime::spawn(async move { shell.show_station(&app) });
    };
    card::run(address.clone(), Arc::new(sink))
}

fn words(status: Status) -> WordsView {
    WordsView::new(status.in_chinese(), status.in_english())
}

fn not_understood() -> WordsView {
    WordsView::new(
        "读到了证件，但内容无法识别，请人工核对原件",
        "The card was read, and what it says makes no sense; look at the card itself",
    )
}
