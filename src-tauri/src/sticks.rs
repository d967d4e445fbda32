//! Sticks at this desk: lists onto one and from it, and the log onto it, sealed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, State};
use yanma_devices::stick::{Stick, sticks as plugged_in};
use yanma_station::Desk;
use yanma_station::store::Filter;

use crate::commands::{Answer, CommandError};
use crate::shell::Shell;
use crate::views::StationView;

/// Where the lists lie on a stick. `yanma feed export` may have put them anywhere; whoever did
/// takes them over with `yanma feed import`.
const LISTS: &str = "yanma-feeds";

/// Folders that count as sticks, too, as the system's `PATH` is written: where a desk is given its
/// lists by another way than a disk that is plugged in, and for trying this without one.
const VARIABLE: &str = "YANMA_STICKS";

/// A stick, and the lists on it.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StickView {
    name: String,
    folder: String,
    lists: Option<CarriedView>,
}

/// Lists on a stick.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CarriedView {
    /// Seconds since the authority issued them; nothing when the desk cannot tell yet whether they
    /// are its authority's.
    age_seconds: Option<f64>,
    /// Whether they are newer than those at hand.
    newer: bool,
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sticks(shell: State<'_, Arc<Shell>>) -> Answer<Vec<StickView>> {
    shell.work(|shell| Ok(all().into_iter().map(|stick| view(&shell.desk, stick)).collect())).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn take_from_stick(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    folder: String,
) -> Answer<StationView> {
    let taken = shell.desk.import(&there(&folder)?.join(LISTS)).await;
    shell.show_station(&app);
    taken?;
    Ok(shell.view()?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn write_onto_stick(shell: State<'_, Arc<Shell>>, folder: String) -> Answer<()> {
    shell.desk.export(&there(&folder)?.join(LISTS)).await?;
    Ok(())
}

/// The path of the file written.
#[tauri::command]
#[specta::specta]
pub(crate) async fn seal_onto_stick(
    shell: State<'_, Arc<Shell>>,
    folder: String,
) -> Answer<String> {
    let write = |desk: &Desk, out: &mut File| desk.export_sealed(&Filter::default(), out).map(drop);
    shell.export_into(there(&folder)?, "log", "yanmalog", write).await
}

fn all() -> Vec<Stick> {
    let named = std::env::var_os(VARIABLE).unwrap_or_default();
    let named = std::env::split_paths(&named).filter(|folder| !folder.as_os_str().is_empty());
    named.map(|folder| Stick::at(&folder)).chain(plugged_in()).collect()
}

/// A stick that the page names, if it is one: a page names no other folder.
fn there(folder: &str) -> Answer<PathBuf> {
    let named = all().into_iter().find(|stick| stick.folder == Path::new(folder));
    let gone = || CommandError::bad_field("folder", "no stick is there any more");
    named.map(|stick| stick.folder).ok_or_else(gone)
}

fn view(desk: &Desk, Stick { name, folder }: Stick) -> StickView {
    let lists = desk.carried_in(&folder.join(LISTS)).map(|carried| CarriedView {
        age_seconds: carried.age.map(|age| age.as_secs_f64()),
        newer: carried.newer,
    });
    StickView { name, folder: folder.display().to_string(), lists }
}
