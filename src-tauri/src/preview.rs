//! What the cameras see, on its way to the page: live pictures, outlines, advice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::ipc::{Channel, InvokeResponseBody, IpcResponse};
use tauri_specta::Event;
use yanma_devices::camera;
use yanma_station::domain::evidence;

/// A side of the desk that a camera watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    /// Faces the guest, who holds a phone to it.
    Guest,
    /// Looks down on the counter: a passport page, a card, paper.
    Document,
}

impl Side {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Guest, Self::Document];
}

/// What the camera of a side sees now.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "found")]
pub(crate) struct FoundEvent {
    pub(crate) side: Side,
    pub(crate) found: Option<Found>,
}

/// What would help whoever shows a code to it that cannot be read.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "advice")]
pub(crate) struct AdviceEvent {
    pub(crate) side: Side,
    pub(crate) advice: Option<Advice>,
}

/// Where a camera sees a symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Found {
    /// Four, in frame pixels.
    corners: Vec<(f32, f32)>,
    width: u32,
    height: u32,
    symbology: String,
    /// "code", "document" or "other".
    kind: String,
}

impl From<yanma_devices::Found> for Found {
    fn from(found: yanma_devices::Found) -> Self {
        let kind = match evidence::read(&found.text).kind() {
            "code" | "broken-code" => "code",
            "document" | "zone" => "document",
            _ => "other",
        };
        Self {
            corners: found.corners.to_vec(),
            width: found.width,
            height: found.height,
            symbology: found.symbology.to_string(),
            kind: kind.to_owned(),
        }
    }
}

/// Why a code in view is not read, or which of several codes are still to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Advice {
    /// "too-far", "too-close", "cut-off", "glare", "too-dark", "blur", "unclear" or "parts".
    hint: String,
    /// Of "parts": how many were read.
    read: u32,
    /// Of "parts": how many there are, 0 while none has said so.
    of: u32,
}

impl From<camera::Advice> for Advice {
    fn from(advice: camera::Advice) -> Self {
        match advice {
            camera::Advice::Hint(hint) => Self { hint: hint.name().to_owned(), read: 0, of: 0 },
            camera::Advice::Parts(missing) => {
                Self { hint: "parts".to_owned(), read: missing.read, of: missing.of }
            }
        }
    }
}

/// A JPEG, sent as raw bytes. Must not be `Serialize`: that would make JSON of it.
pub(crate) struct JpegFrame(Arc<Vec<u8>>);

impl IpcResponse for JpegFrame {
    fn body(self) -> tauri::Result<InvokeResponseBody> {
        Ok(InvokeResponseBody::Raw(self.0.as_ref().clone()))
    }
}

impl specta::Type for JpegFrame {
    fn definition(_types: &mut specta::Types) -> specta::datatype::DataType {
        specta::datatype::DataType::Reference(specta_typescript::define("ArrayBuffer"))
    }
}

/// The page's channels for live pictures, one for each side, while there is a page.
/// Back-pressure is each camera's: it makes no picture before its last one was acknowledged.
#[derive(Default)]
pub(crate) struct Preview(Mutex<BTreeMap<Side, Channel<JpegFrame>>>);

impl Preview {
    /// From now on pictures of this side go to this channel.
    pub(crate) fn start(&self, side: Side, channel: Channel<JpegFrame>) {
        self.channels().insert(side, channel);
    }

    /// Whether there is a page that wants pictures of this side.
    pub(crate) fn is_wanted(&self, side: Side) -> bool {
        self.channels().contains_key(&side)
    }

    /// Sends a picture to the page, if there is one to see it.
    pub(crate) fn send(&self, side: Side, jpeg: Arc<Vec<u8>>) {
        let mut channels = self.channels();
        let Some(channel) = channels.get(&side) else { return };
        if channel.send(JpegFrame(jpeg)).is_err() {
            channels.remove(&side);
        }
    }

    fn channels(&self) -> MutexGuard<'_, BTreeMap<Side, Channel<JpegFrame>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
