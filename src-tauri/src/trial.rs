//! Symbols on the screen on which a scanner is tried. They are nobody's, and no desk judges them.

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::AppHandle;
use tauri_specta::Event;
use yanma_station::{Input, Reading, Via};

use crate::shell::tell;

/// What every such symbol says, among other things; the page draws them.
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
        Via::Scanner => TriedVia::Cable,
        Via::Keyboard | Via::CardReader => return None,
    };
    text.contains(MARK).then(|| TriedEvent { text: text.clone(), via })
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
    }
}
