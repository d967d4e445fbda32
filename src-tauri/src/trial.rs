//! Symbols on the screen on which a scanner is tried, or with which it is set to another mode. They
//! are nobody's, and no desk judges them.

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::AppHandle;
use tauri_specta::Event;
use yanma_devices::scanners;
use yanma_station::{DeskError, Input, Reading, Via};

use crate::commands::Answer;
use crate::shell::tell;

/// What every symbol of a trial says, among other things; the page draws them.
const MARK: &str = "YANMA-TRIAL";

/// One was read. What a scanner typed the page has heard itself.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "tried")]
pub(crate) struct TriedEvent {
    text: String,
    via: TriedVia,
}

/// How it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
enum TriedVia {
    Camera,
    /// A scanner on a serial line or in HID POS mode.
    Cable,
}

/// Tells the page if `reading` is of such a symbol.
pub(crate) fn took(app: &AppHandle, reading: &Reading) -> bool {
    let Some(event) = seen(reading) else { return false };
    tell(event.emit(app));
    true
}

fn seen(reading: &Reading) -> Option<TriedEvent> {
    let Input::Text(text) = &reading.input else { return None };
    let via = match reading.via {
        Via::Camera => TriedVia::Camera,
        Via::Scanner | Via::Serial => TriedVia::Cable,
        Via::Keyboard | Via::CardReader => return None,
    };
    // A maker's barcode comes as text from a scanner that does not obey it.
    let nobodys = text.contains(MARK) || scanners::is_order(text);
    nobodys.then(|| TriedEvent { text: text.clone(), via })
}

/// The families of scanners that are plugged in, by their ids in `assets/scanners.json`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scanner_families() -> Answer<Vec<String>> {
    let asked = tauri::async_runtime::spawn_blocking(scanners::plugged_in).await;
    let families = asked.map_err(|_| DeskError::Interrupted)?;
    Ok(families.into_iter().map(|family| family.id.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trial_symbols_are_kept_from_the_desk() {
        let check = |text: &str, via, expected| {
            let reading = Reading { input: Input::Text(text.to_owned()), via };
            assert_eq!(seen(&reading).map(|event| event.via), expected, "{text} {via:?}");
        };
        check("]Q1YANMA-TRIAL aZ", Via::Camera, Some(TriedVia::Camera));
        check("YANMA-TRIAL aZ", Via::Scanner, Some(TriedVia::Cable));
        check("YANMA-TRIAL aZ", Via::Keyboard, None);
        check("YANMA-BADGE-1", Via::Scanner, None);
        check("S_CMD_01H1", Via::Camera, Some(TriedVia::Camera));
        check("~PAP124.", Via::Scanner, Some(TriedVia::Cable));
        check("~PAP124.", Via::Keyboard, None);
        check("350100190001010012", Via::Scanner, None);
    }
}
