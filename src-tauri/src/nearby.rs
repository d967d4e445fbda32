//! What goes from and to other desks in the same network, as the page shows and sets it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use yanma_nearby::{LaneKey, Settings};
use yanma_station::lanes::{Elsewhere, LaneHeard};

use crate::commands::{Answer, CommandError};
use crate::shell::Shell;

/// Whether this desk gives lists to others, takes theirs, and is a lane.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NearbyView {
    give: bool,
    take: bool,
    /// Whether it is one of several lanes; which are heard is in [`StationView`].
    ///
    /// [`StationView`]: crate::views::StationView
    lane: bool,
    /// Why one of them does not go, in the system's words.
    trouble: Option<String>,
}

impl NearbyView {
    async fn of(shell: &Shell) -> Answer<Self> {
        let Settings { give, take, lane_key } = Settings::of(&shell.desk)?;
        let lane = lane_key.is_some();
        Ok(Self { give, take, lane, trouble: shell.nearby.trouble().await })
    }
}

/// Somebody who was let through at another lane.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct ElsewhereView {
    lane: String,
    /// RFC 3339.
    at: Option<String>,
    flight: String,
}

impl From<Elsewhere> for ElsewhereView {
    fn from(found: Elsewhere) -> Self {
        let Elsewhere { lane, at, flight } = found;
        Self { lane, at: at.map(|at| at.to_string()), flight }
    }
}

/// Another lane of the same site.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LaneView {
    name: String,
    /// RFC 3339: when it was heard last.
    heard_at: String,
    is_silent: bool,
}

impl From<LaneHeard> for LaneView {
    fn from(lane: LaneHeard) -> Self {
        let LaneHeard { name, heard_at, is_silent } = lane;
        Self { name, heard_at: heard_at.to_string(), is_silent }
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
    shell
        .work(move |shell| {
            let kept = Settings::of(&shell.desk)?;
            Settings { give, take, ..kept }.keep(&shell.desk)
        })
        .await?;
    shell.share_lists().await?;
    NearbyView::of(&shell).await
}

/// Makes this desk the first of several lanes, and gives the key for the others, this once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_lane_key(shell: State<'_, Arc<Shell>>) -> Answer<String> {
    let key = LaneKey::make()?;
    let shown = key.reveal();
    keep_lane_key(&shell, Some(key)).await?;
    Ok(shown)
}

/// Makes this desk a lane under the key of another, or no lane.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_lane_key(
    shell: State<'_, Arc<Shell>>,
    key: Option<String>,
) -> Answer<NearbyView> {
    let key = key.map(|text| text.parse::<LaneKey>()).transpose();
    let key = key.map_err(|error| CommandError::bad_field("laneKey", &error.to_string()))?;
    keep_lane_key(&shell, key).await?;
    NearbyView::of(&shell).await
}

async fn keep_lane_key(shell: &Arc<Shell>, lane_key: Option<LaneKey>) -> Answer<()> {
    shell
        .work(move |shell| {
            let kept = Settings::of(&shell.desk)?;
            Settings { lane_key, ..kept }.keep(&shell.desk)
        })
        .await?;
    Ok(shell.share_lists().await?)
}
