//! Chips of passports: once a page was read, the chip that lies on a smart-card reader.

use std::sync::Arc;

use tauri::AppHandle;
use yanma_devices::chip::{ChipFiles, ChipKey};
use yanma_station::domain::certificate::Chip;
use yanma_station::domain::document::Zone;
use yanma_station::{Input, Reading};

use crate::shell::Shell;
use crate::verdicts::{Before, Word};

impl Shell {
    /// Reads the chip of the document whose zone this is, once it lies on a reader, and shows what
    /// the verdict is with it. Other readings have none.
    pub(crate) fn look_for_chip(self: &Arc<Self>, app: &AppHandle, reading: &Reading) {
        let Input::Text(text) = &reading.input else { return };
        let Ok(printed) = Zone::read(text) else { return };
        let Some(key) = printed.reveal_chip_key() else { return };
        let (shell, app) = (Arc::downgrade(self), app.clone());
        // A camera and a scanner end its lines otherwise.
        let lines: String = text.split_whitespace().collect();
        self.chips.page_was_read(&lines, ChipKey::from_zone(&key), move |read| {
            let Some(shell) = shell.upgrade() else { return };
            match read {
                Ok(ChipFiles { dg1, security_object }) => {
                    let chip = Chip { printed, dg1, security_object };
                    tauri::async_runtime::spawn(async move { shell.take_chip(&app, chip).await });
                }
                Err(error) => tracing::warn!(%error, "a chip was not read"),
            }
        });
    }

    async fn take_chip(self: Arc<Self>, app: &AppHandle, chip: Chip) {
        let desk = Arc::clone(&self.desk);
        let presented = tauri::async_runtime::spawn_blocking(move || desk.present_chip(&chip));
        match presented.await {
            Ok(Ok(Some(checked))) => {
                self.show(app, &checked, Before::Desk, Word::Later);
                self.ask_about(app, &checked, Before::Desk);
            }
            Ok(Ok(None)) => tracing::info!("a chip was read before, or its page is gone"),
            Ok(Err(error)) => tracing::error!(%error, "a chip could not be checked"),
            Err(error) => tracing::error!(%error, "a chip could not be checked"),
        }
    }
}
