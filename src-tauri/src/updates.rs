//! New versions of this program, as the page shows them and somebody starts them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};
use tauri_specta::Event;
use yanma_updates::{
    Bundle, Found, InstallError, Release, Settings, SettingsError, SignatureError, Source,
    UpdateError, this_version,
};

use crate::commands::{Answer, CommandError};
use crate::kiosk;
use crate::shell::{Shell, tell};

/// How long after its start a desk looks first: it has other things to do.
const FIRST_LOOK: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// How often the page is told how much has come.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// What is known about new versions, and the one that is being installed.
pub(crate) struct Updates {
    bundle: Bundle,
    /// What is to be started once it was replaced; its path is only told while it is there.
    program: Option<PathBuf>,
    looked: Mutex<Option<Looked>>,
    at_work: tokio::sync::Mutex<()>,
}

struct Looked {
    at: Timestamp,
    found: Result<Found, Trouble>,
}

impl Updates {
    pub(crate) fn new() -> Self {
        Self {
            bundle: Bundle::of_this_program(),
            program: kiosk::program().ok(),
            looked: Mutex::default(),
            at_work: tokio::sync::Mutex::default(),
        }
    }

    fn looked(&self) -> std::sync::MutexGuard<'_, Option<Looked>> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The release of this version, if it was found.
    fn found(&self, version: &str) -> Option<Release> {
        match &self.looked().as_ref()?.found {
            Ok(Found::Newer(release)) if release.version.to_string() == version => {
                Some(release.clone())
            }
            _ => None,
        }
    }
}

/// Why there is no new version, or not here. The page has the words; `detail` goes into them.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct Trouble {
    why: Why,
    detail: String,
}

/// Why there is no new version.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Why {
    Unreachable,
    Silent,
    Status,
    Description,
    NoFile,
    TooLarge,
    CutShort,
    Forged,
    OtherVersion,
    NotKept,
    NotByItself,
    NoRight,
    Refused,
    /// It is being installed, or is not what was found last.
    Busy,
}

impl From<UpdateError> for Trouble {
    fn from(error: UpdateError) -> Self {
        let detail = match &error {
            UpdateError::Status(status) => status.to_string(),
            UpdateError::Description(what) => what.clone(),
            UpdateError::NoFile(target) => target.clone(),
            error => error.to_string(),
        };
        let why = match error {
            UpdateError::Unreachable | UpdateError::Client => Why::Unreachable,
            UpdateError::Silent => Why::Silent,
            UpdateError::Status(_) => Why::Status,
            UpdateError::Description(_) => Why::Description,
            UpdateError::NoFile(_) => Why::NoFile,
            UpdateError::TooLarge(_) => Why::TooLarge,
            UpdateError::CutShort => Why::CutShort,
            UpdateError::Signature(SignatureError::Wrong | SignatureError::Form) => Why::Forged,
            UpdateError::Signature(_) => Why::OtherVersion,
            UpdateError::Io(_) => Why::NotKept,
        };
        Self { why, detail }
    }
}

impl From<InstallError> for Trouble {
    fn from(error: InstallError) -> Self {
        let (why, detail) = match error {
            InstallError::NotByItself => (Why::NotByItself, String::new()),
            InstallError::NoRight(file) => (Why::NoRight, file.display().to_string()),
            InstallError::Refused(said) => (Why::Refused, said),
            error => (Why::Refused, error.to_string()),
        };
        Self { why, detail }
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        let field = match error {
            SettingsError::Address => "address",
            SettingsError::Key => "key",
        };
        Self::bad_field(field, &error.to_string())
    }
}

/// What is set about new versions, and what was found last.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdatesView {
    address: Option<String>,
    key: Option<String>,
    /// The version that runs.
    version: String,
    /// Whether this program can be replaced from here, as it was installed.
    replaces_itself: bool,
    /// RFC 3339: when it was looked last.
    looked_at: Option<String>,
    found: Option<FoundView>,
    trouble: Option<Trouble>,
}

/// What the server announced.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "state", rename_all = "camelCase")]
pub(crate) enum FoundView {
    Same,
    Older {
        version: String,
    },
    Newer {
        version: String,
        /// RFC 3339.
        date: Option<String>,
        notes: String,
    },
}

impl From<&Found> for FoundView {
    fn from(found: &Found) -> Self {
        match found {
            Found::Same => Self::Same,
            Found::Older(version) => Self::Older { version: version.to_string() },
            Found::Newer(release) => Self::Newer {
                version: release.version.to_string(),
                date: release.date.map(|date| date.to_string()),
                notes: release.notes.clone(),
            },
        }
    }
}

/// How much of a new version has come.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "update-progress")]
pub(crate) struct UpdateProgressEvent {
    /// In bytes.
    done: f64,
    /// None where the server does not say it.
    total: Option<f64>,
}

impl UpdatesView {
    fn of(shell: &Shell) -> Answer<Self> {
        let Settings { address, key } = Settings::of(&shell.desk)?;
        let looked = shell.updates.looked();
        let looked = looked.as_ref();
        let found = looked.map(|looked| looked.found.as_ref());
        Ok(Self {
            address,
            key,
            version: this_version().to_string(),
            replaces_itself: shell.updates.bundle.replaces_itself(),
            looked_at: looked.map(|looked| looked.at.to_string()),
            found: found.and_then(Result::ok).map(FoundView::from),
            trouble: found.and_then(Result::err).cloned(),
        })
    }
}

/// Looks once a day, as long as address and key are set.
pub(crate) async fn keep_looking(shell: Arc<Shell>) {
    if let Err(error) = yanma_updates::tidy(&shell.folder_of_updates()) {
        tracing::warn!(%error, "what was fetched of an update before is left");
    }
    tokio::time::sleep(FIRST_LOOK).await;
    loop {
        if let Err(error) = look(&shell).await {
            tracing::error!(?error, "it was not looked for a new version");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(shell: &Shell) -> Answer<()> {
    let found = match source(shell)? {
        Some(source) => Some(source.look(&this_version()).await.map_err(Trouble::from)),
        None => None,
    };
    *shell.updates.looked() = found.map(|found| Looked { at: shell.desk.now(), found });
    Ok(())
}

fn source(shell: &Shell) -> Answer<Option<Source>> {
    Ok(Settings::of(&shell.desk)?.source()?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn updates(shell: State<'_, Arc<Shell>>) -> Answer<UpdatesView> {
    UpdatesView::of(&shell)
}

/// Looks at once, where both are given.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_updates(
    shell: State<'_, Arc<Shell>>,
    address: Option<String>,
    key: Option<String>,
) -> Answer<UpdatesView> {
    let said = |text: Option<String>| {
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let settings = Settings { address: said(address), key: said(key) };
    settings.check()?;
    shell.work(move |shell| settings.keep(&shell.desk)).await?;
    look(&shell).await?;
    UpdatesView::of(&shell)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn look_for_update(shell: State<'_, Arc<Shell>>) -> Answer<UpdatesView> {
    look(&shell).await?;
    UpdatesView::of(&shell)
}

/// Fetches and installs the version that was found, for whoever may change settings, and starts
/// the desk again: it answers only when that did not come to be.
#[tauri::command]
#[specta::specta]
pub(crate) async fn install_update(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    version: String,
) -> Answer<()> {
    let updates = &shell.updates;
    let busy = || CommandError::Update(Trouble { why: Why::Busy, detail: String::new() });
    let _at_work = updates.at_work.try_lock().map_err(|_| busy())?;
    let release = updates.found(&version).ok_or_else(busy)?;
    let source = source(&shell)?.ok_or_else(busy)?;
    shell.work(move |shell| shell.desk.begin_update(&version)).await?;
    let mut told = Instant::now();
    let progress = |done, total: Option<u64>| {
        if told.elapsed() >= TELL_EVERY || Some(done) == total {
            told = Instant::now();
            tell(UpdateProgressEvent { done: bytes(done), total: total.map(bytes) }.emit(&app));
        }
    };
    let folder = shell.folder_of_updates();
    let fetched = source.fetch(&release, &updates.bundle, &folder, progress);
    let file = fetched.await.map_err(|error| CommandError::Update(error.into()))?;
    tracing::warn!(version = %release.version, "a new version is being installed");
    let bundle = updates.bundle.clone();
    let install = move || {
        let installed = bundle.install(&file, kiosk::arguments());
        // Whoever has the right may still install it; an installer that was started reads it.
        if !matches!(installed, Err(InstallError::NoRight(_))) && bundle != Bundle::Nsis {
            let _ = std::fs::remove_file(&file);
        }
        installed
    };
    let installed = tauri::async_runtime::spawn_blocking(install).await;
    let installed = installed.map_err(|error| CommandError::Io(error.to_string()))?;
    installed.map_err(|error| CommandError::Update(error.into()))?;
    kiosk::start_again(&app, updates.program.as_deref()).map_err(CommandError::Io)
}

#[expect(clippy::cast_precision_loss, reason = "a file is far below 2^53 bytes")]
fn bytes(count: u64) -> f64 {
    count as f64
}
