//! Lists from and to other desks in the same network, as the page shows and sets it.

use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::State;
use yanma_nearby::Settings;

use crate::commands::Answer;
use crate::shell::Shell;

/// Whether this desk gives lists to others, and takes theirs.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NearbyView {
    give: bool,
    take: bool,
    /// Why one of them does not go, in the system's words.
    trouble: Option<String>,
}

impl NearbyView {
    async fn of(shell: &Shell) -> Answer<Self> {
        let Settings { give, take } = Settings::of(&shell.desk)?;
        Ok(Self { give, take, trouble: shell.nearby.trouble().await })
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn nearby(shell: State<'_, Arc<Shell>>) -> Answer<NearbyView> {
    NearbyView::of(&shell).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_nearby(
    shell: State<'_, Arc<Shell>>,
    give: bool,
    take: bool,
) -> Answer<NearbyView> {
    shell.work(move |shell| Settings { give, take }.keep(&shell.desk)).await?;
    shell.share_lists().await?;
    NearbyView::of(&shell).await
}
