//! What the desk has for other programs, as the page shows and sets it.

use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, State};
use yanma_local::{
    HookError, HookStanding, Settings, StartError, State as Answering, Trouble, add_hook, hooks,
    make_token, remove_hook,
};
use yanma_station::DeskError;

use crate::commands::{Answer, CommandError};
use crate::shell::Shell;

/// Whether other programs are answered, and whom the desk tells.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgramsView {
    on: bool,
    port: u16,
    has_token: bool,
    state: AnsweringView,
    hooks: Vec<HookView>,
}

/// How answering goes.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum AnsweringView {
    Off,
    On,
    NoToken,
    Port,
    Desk,
}

impl From<Answering> for AnsweringView {
    fn from(state: Answering) -> Self {
        match state {
            Answering::Off => Self::Off,
            Answering::On { .. } => Self::On,
            Answering::Failed(StartError::NoToken) => Self::NoToken,
            Answering::Failed(StartError::Port { .. }) => Self::Port,
            Answering::Failed(StartError::Desk) => Self::Desk,
        }
    }
}

/// An address that is told what happens.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HookView {
    id: String,
    url: String,
    /// Entries that it has not been told of yet.
    waiting: u32,
    /// "unreachable", "status" or "ended".
    trouble: Option<String>,
    /// Of "status": which it answered.
    status: Option<u16>,
    given_up: u32,
}

impl From<HookStanding> for HookView {
    fn from(hook: HookStanding) -> Self {
        let (trouble, status) = match hook.trouble {
            None => (None, None),
            Some(Trouble::Unreachable) => (Some("unreachable"), None),
            Some(Trouble::Status(status)) => (Some("status"), Some(status)),
            Some(Trouble::Ended) => (Some("ended"), None),
        };
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            id: hook.id,
            url: hook.url,
            waiting: small(hook.waiting),
            trouble: trouble.map(str::to_owned),
            status,
            given_up: small(hook.given_up),
        }
    }
}

impl ProgramsView {
    fn of(shell: &Shell) -> Result<Self, DeskError> {
        let settings = Settings::of(&shell.desk)?;
        Ok(Self {
            on: settings.on,
            port: settings.port,
            has_token: settings.token.is_some(),
            state: shell.answering().into(),
            hooks: hooks(&shell.desk)?.into_iter().map(HookView::from).collect(),
        })
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn programs(shell: State<'_, Arc<Shell>>) -> Answer<ProgramsView> {
    shell.work(ProgramsView::of).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_programs(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    on: bool,
    port: u16,
) -> Answer<ProgramsView> {
    if !Settings::is_port(port) {
        return Err(CommandError::bad_field("port", "a port is 1024 to 65535"));
    }
    let keep =
        move |shell: &Shell| Settings { on, port, ..Settings::of(&shell.desk)? }.keep(&shell.desk);
    shell.work(keep).await?;
    shell.answer_programs(&app).await?;
    shell.work(ProgramsView::of).await
}

/// The token, which is kept nowhere.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_program_token(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
) -> Answer<String> {
    let token = shell.work(|shell| make_token(&shell.desk)).await?;
    shell.answer_programs(&app).await?;
    Ok(token)
}

/// The secret of the new hook, which is shown to nobody again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_web_hook(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    url: String,
) -> Answer<String> {
    let (_, secret) = add_hook(&shell.desk, &url).map_err(|error| match error {
        HookError::Desk(error) => error.into(),
        error => CommandError::bad_field("url", &error.to_string()),
    })?;
    shell.answer_programs(&app).await?;
    Ok(secret)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_web_hook(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    id: String,
) -> Answer<ProgramsView> {
    shell.work(move |shell| remove_hook(&shell.desk, &id)).await?;
    shell.answer_programs(&app).await?;
    shell.work(ProgramsView::of).await
}
