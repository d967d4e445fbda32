//! The live picture, on its way to the page.

use std::sync::{Arc, Mutex, PoisonError};

use tauri::ipc::{Channel, InvokeResponseBody, IpcResponse};

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

/// The page's channel for the live picture, while there is a page. Back-pressure is the
/// camera's: it makes no picture before the last one was acknowledged.
#[derive(Default)]
pub(crate) struct Preview(Mutex<Option<Channel<JpegFrame>>>);

impl Preview {
    /// From now on pictures go to this channel.
    pub(crate) fn start(&self, channel: Channel<JpegFrame>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(channel);
    }

    /// Whether there is a page that wants pictures.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Sends a picture; answers whether there is a page to see it.
    pub(crate) fn send(&self, jpeg: Arc<Vec<u8>>) -> bool {
        let mut channel = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = channel.as_ref().is_some_and(|channel| channel.send(JpegFrame(jpeg)).is_ok());
        if !sent {
            *channel = None;
        }
        sent
    }
}
