//! What stands behind the window: the desk, its settings, its devices, its background work.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tauri::ipc::Channel;
use tauri::{AppHandle, Manager};
use tauri_specta::Event;
use yanma_devices::DeviceId;
use yanma_devices::camera::CameraPanel;
use yanma_devices::chip::ChipWatch;
use yanma_local::{Service, Settings as ProgramSettings, State as Answering};
use yanma_nearby::{Nearby, Settings as NearbySettings, Where};
use yanma_station::log::ExportError;
use yanma_station::run::{SYNC_EVERY, keep_in_step};
use yanma_station::store::StoreError;
use yanma_station::{Desk, DeskError, Mode, Opened, SystemClock, private};

use crate::commands::{Answer, CommandError};
use crate::devices::{Devices, cameras};
use crate::fleet;
use crate::out::Out;
use crate::preview::{JpegFrame, Preview, Side};
use crate::settings::Settings;
use crate::updates::{self, Updates};
use crate::views::{DeviceView, SceneFaultView, StationEvent, StationView};
use crate::voice::Voice;

/// How often the bar is told how the desk stands, beside every change: ages grow.
const SHOW_EVERY: Duration = Duration::from_secs(5);
/// How often it is told how far a sync is that takes long.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Opens the desk of a folder behind the window, and starts its devices and background work.
/// A desk that is open already stays as it is.
pub(crate) fn open(app: &AppHandle, folder: &Path) -> Result<(), DeskError> {
    if app.try_state::<Arc<Shell>>().is_some() {
        return Ok(());
    }
    let shell = Arc::new(Shell::open(folder)?);
    if app.manage(Arc::clone(&shell)) {
        shell.start(app);
    }
    Ok(())
}

/// Whether another window works with the desk, so that this one can only look.
pub(crate) fn is_open_elsewhere(app: &AppHandle) -> bool {
    app.try_state::<Arc<Shell>>().is_some_and(|shell| shell.desk.is_read_only())
}

/// Everything behind the window.
pub(crate) struct Shell {
    /// The desk.
    pub(crate) desk: Arc<Desk>,
    /// The live pictures' way to the page.
    pub(crate) preview: Arc<Preview>,
    devices: Mutex<Devices>,
    pub(crate) out: Out,
    /// What answers other programs; a desk that only looks has none.
    programs: OnceLock<Service>,
    pub(crate) nearby: Nearby,
    pub(crate) updates: Updates,
    pub(crate) voice: Voice,
    /// Waits for the chip of the page that was read last.
    pub(crate) chips: ChipWatch,
    /// Held until the word on whoever was presented is shown.
    pub(crate) turn: tokio::sync::Mutex<()>,
    folder: PathBuf,
    /// Held while settings are read, changed and kept.
    changing: Mutex<()>,
    /// Notices about how the desk was opened.
    at_start: Vec<&'static str>,
    /// Files of the site's own scenes that could not be taken.
    scene_faults: Vec<SceneFaultView>,
}

impl Shell {
    /// Opens the desk of a folder; only to look, when another window works with it.
    fn open(folder: &Path) -> Result<Self, DeskError> {
        let clock = Arc::new(SystemClock);
        let mut at_start = Vec::new();
        let opened = match Desk::at(folder, Mode::Work, clock.clone()) {
            Err(DeskError::Store(StoreError::InUse)) => {
                at_start.push("SECOND-WINDOW");
                Desk::at(folder, Mode::Look, clock)
            }
            other => other,
        };
        let Opened { desk, scene_errors, .. } = opened?;
        if !scene_errors.is_empty() {
            at_start.push("SCENE-FILE");
        }
        if !desk.is_read_only()
            && let Err(error) = fleet::take(&desk)
        {
            tracing::error!(%error, "the file of settings is not in force");
            at_start.push("SETTINGS-FILE");
        }
        let desk = Arc::new(desk);
        Ok(Self {
            nearby: Nearby::new(Arc::clone(&desk), Where::default()),
            updates: Updates::new(),
            chips: ChipWatch::default(),
            desk,
            preview: Arc::default(),
            devices: Mutex::default(),
            out: Out::default(),
            programs: OnceLock::new(),
            voice: Voice::of_the_system(),
            turn: tokio::sync::Mutex::default(),
            folder: folder.to_owned(),
            changing: Mutex::default(),
            at_start,
            scene_faults: scene_errors.into_iter().map(SceneFaultView::of).collect(),
        })
    }

    /// Starts the devices and the background work.
    fn start(self: &Arc<Self>, app: &AppHandle) {
        if self.desk.is_read_only() {
            return;
        }
        if let Err(error) = self.watch_devices(app) {
            tracing::error!(%error, "the devices could not be started");
        }
        let (shell, handle) = (Arc::clone(self), app.clone());
        tauri::async_runtime::spawn(async move {
            if let Err(error) = shell.answer_programs(&handle).await {
                tracing::error!(%error, "other programs cannot be answered");
            }
        });
        let shell = Arc::clone(self);
        tauri::async_runtime::spawn(async move {
            if let Err(error) = shell.share_lists().await {
                tracing::error!(%error, "it is not known whether lists are to be given");
            }
        });
        tauri::async_runtime::spawn(updates::keep_looking(Arc::clone(self)));
        tauri::async_runtime::spawn(cameras::keep_looking(Arc::clone(self), app.clone()));
        let (shell, handle) = (Arc::clone(self), app.clone());
        let changed = move || shell.show_station(&handle);
        tauri::async_runtime::spawn(keep_in_step(Arc::clone(&self.desk), sync_every(), changed));
        let (shell, handle) = (Arc::clone(self), app.clone());
        tauri::async_runtime::spawn(async move {
            let (mut shown, mut at) = (None, Instant::now());
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let progress = shell.desk.progress();
                if progress != shown || at.elapsed() >= SHOW_EVERY {
                    shell.show_station(&handle);
                    (shown, at) = (progress, Instant::now());
                }
            }
        });
    }

    /// Answers other programs and tells them what happens, as the settings have it now.
    pub(crate) async fn answer_programs(
        self: &Arc<Self>,
        app: &AppHandle,
    ) -> Result<(), DeskError> {
        if self.desk.is_read_only() {
            return Ok(());
        }
        let service = self.programs.get_or_init(|| {
            Service::new(Arc::clone(&self.desk), Self::taking(Arc::downgrade(self), app.clone()))
        });
        service.apply(&ProgramSettings::of(&self.desk)?).await;
        Ok(())
    }

    /// Gives lists to other desks and takes theirs, and is a lane, as the settings have it now.
    pub(crate) async fn share_lists(&self) -> Result<(), DeskError> {
        if self.desk.is_read_only() {
            return Ok(());
        }
        if let Err(error) = self.nearby.apply(&NearbySettings::of(&self.desk)?).await {
            tracing::error!(%error, "nothing goes to other desks, or comes from them");
        }
        Ok(())
    }

    /// How answering other programs goes.
    pub(crate) fn answering(&self) -> Answering {
        self.programs.get().map_or(Answering::Off, Service::state)
    }

    /// The desk as it stands.
    pub(crate) fn view(&self) -> Result<StationView, DeskError> {
        let devices = self.devices().views();
        let mut view = StationView::of(&self.desk, &self.desk.standing()?, devices, &self.at_start);
        view.scene_faults.clone_from(&self.scene_faults);
        Ok(view)
    }

    /// Tells the page how the desk stands.
    pub(crate) fn show_station(&self, app: &AppHandle) {
        match self.view() {
            Ok(view) => tell(StationEvent(view).emit(app)),
            Err(error) => tracing::error!(%error, "the desk cannot say how it stands"),
        }
    }

    /// The settings, with the desk's own among them.
    pub(crate) fn settings(&self) -> Result<Settings, DeskError> {
        let mut settings = Settings::of(&self.desk)?;
        let duty = self.desk.duty();
        settings.scene = self.desk.scene();
        settings.operator = duty.operator;
        settings.authority_url =
            self.desk.enrolment().map(|enrolment| enrolment.authority_url.clone());
        Ok(settings)
    }

    /// Keeps the settings that the page may change.
    pub(crate) fn keep_settings(&self, settings: &Settings) -> Result<(), DeskError> {
        self.change_settings(|kept| *kept = settings.clone().over(std::mem::take(kept)))
    }

    /// Changes something of the settings that are kept.
    pub(crate) fn change_settings(
        &self,
        change: impl FnOnce(&mut Settings),
    ) -> Result<(), DeskError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = Settings::of(&self.desk)?;
        change(&mut settings);
        settings.change(&self.desk)
    }

    /// Opens the devices that the settings name, and closes the others; so too the voice.
    pub(crate) fn watch_devices(self: &Arc<Self>, app: &AppHandle) -> Result<(), DeskError> {
        let plugged_in = cameras::plugged_in_for(&self.settings()?);
        let mut devices = self.devices();
        let settings = self.settings()?;
        self.voice.switch(settings.voice);
        devices.watch(&settings, &plugged_in, self, app);
        self.out.watch(&settings, &devices, self, app);
        Ok(())
    }

    /// Gives the guest side a camera that is there, if it lacks one and nobody chose.
    pub(crate) fn look_for_camera(self: &Arc<Self>, app: &AppHandle) -> Result<(), DeskError> {
        if !self.devices().lacks_camera() {
            return Ok(());
        }
        let settings = self.settings()?;
        if !cameras::nobody_chose(&settings) {
            return Ok(());
        }
        let plugged_in = cameras::plugged_in_for(&settings);
        let mut devices = self.devices();
        devices.watch_cameras(&self.settings()?, &plugged_in, self, app);
        Ok(())
    }

    /// Everything that is plugged in.
    pub(crate) fn list_devices(&self) -> Result<Vec<DeviceView>, DeskError> {
        Ok(self.devices().list(&self.settings()?))
    }

    /// From now on the live picture of a side goes to this page.
    pub(crate) fn start_preview(&self, side: Side, channel: Channel<JpegFrame>) {
        self.preview.start(side, channel);
        self.devices().show_preview(side);
    }

    /// The page has painted a picture of a side; its next one may come.
    pub(crate) fn acknowledge_frame(&self, side: Side) {
        self.devices().acknowledge_frame(side);
    }

    /// Runs what takes the disk's time, or a pin's, away from the window's own thread.
    pub(crate) async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, DeskError> + Send + 'static,
    ) -> Answer<T> {
        let shell = Arc::clone(self);
        let done = tauri::async_runtime::spawn_blocking(move || work(&shell)).await;
        Ok(done.map_err(|_| DeskError::Interrupted)??)
    }

    /// Writes something that goes out of the desk into its folder `exports`, as
    /// `yanma-WHAT-TIME.ENDING`, and gives the path. A file that could not be written whole
    /// is taken away.
    pub(crate) async fn export(
        self: &Arc<Self>,
        what: &'static str,
        ending: &'static str,
        write: impl FnOnce(&Desk, &mut File) -> Result<(), ExportError> + Send + 'static,
    ) -> Answer<String> {
        self.export_into(self.folder.join("exports"), what, ending, write).await
    }

    /// The same into another folder that is there.
    pub(crate) async fn export_into(
        self: &Arc<Self>,
        folder: PathBuf,
        what: &'static str,
        ending: &'static str,
        write: impl FnOnce(&Desk, &mut File) -> Result<(), ExportError> + Send + 'static,
    ) -> Answer<String> {
        let (shell, is_own) = (Arc::clone(self), folder.starts_with(&self.folder));
        let export = move || -> Result<String, ExportError> {
            if is_own {
                private::make_folder(&folder)?;
                // The files are closed all the same.
                if let Err(error) = private::close_folder(&folder) {
                    tracing::warn!(%error, "the folder of exports could not be closed to others");
                }
            }
            let stamp = shell.desk.now().strftime("%Y%m%d-%H%M%S");
            let path = folder.join(format!("yanma-{what}-{stamp}.{ending}"));
            // Of the same second, or a link that somebody prepared, which is not followed.
            let _ = std::fs::remove_file(&path);
            let mut file = match is_own {
                true => private::make_file(&path)?,
                // The authority reads it at another computer, where this user is none.
                false => File::create_new(&path)?,
            };
            let written = write(&shell.desk, &mut file).and_then(|()| Ok(file.sync_all()?));
            if let Err(error) = written {
                // What was refused or cut off must not look like an export.
                let _ = std::fs::remove_file(&path);
                return Err(error);
            }
            Ok(path.display().to_string())
        };
        let written = tauri::async_runtime::spawn_blocking(export).await;
        written.map_err(|_| DeskError::Interrupted)?.map_err(|error| match error {
            ExportError::Desk(error) => error.into(),
            error => CommandError::Io(error.to_string()),
        })
    }

    /// Where a new version lies until it is installed.
    pub(crate) fn folder_of_updates(&self) -> PathBuf {
        self.folder.join("updates")
    }

    /// The camera of a side, and where it is set.
    pub(crate) fn camera_panel(&self, side: Side) -> Option<(DeviceId, CameraPanel)> {
        self.devices().camera_panel(side)
    }

    fn devices(&self) -> std::sync::MutexGuard<'_, Devices> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often to sync: a minute, or what `YANMA_SYNC_SECONDS` says.
fn sync_every() -> Duration {
    let given = std::env::var("YANMA_SYNC_SECONDS").ok().and_then(|text| text.parse().ok());
    given.map_or(SYNC_EVERY, |seconds: u64| Duration::from_secs(seconds.max(1)))
}

/// A page that is not there any more needs no news.
pub(crate) fn tell(result: tauri::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(%error, "the page was not told");
    }
}
