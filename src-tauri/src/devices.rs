//! Devices to the station, and their news to the page.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tauri::AppHandle;
use tauri_specta::Event;
use yanma_devices::camera::{
    self, Camera, CameraHandle, CameraOptions, NokhwaCamera, PictureFolder,
};
use yanma_devices::card::{CardHandle, ReaderAddress};
use yanma_devices::hid::{self, HidChoice, HidHandle, HidScanner};
use yanma_devices::serial::{self, SerialDevice, SerialHandle, SerialOptionsError};
use yanma_devices::{
    DeviceEvent, DeviceId, DeviceInfo, DeviceKind, DeviceState, Seen, SeenKind, Sink,
};
use yanma_station::domain::document::Zone;
use yanma_station::domain::evidence;
use yanma_station::{Input, Reading, Via};

use crate::card_reader;
use crate::commands::CommandError;
use crate::settings::Settings;
use crate::shell::{Shell, tell};
use crate::views::{
    Advice, AdviceEvent, DeviceKind as KindView, DeviceState as StateView, DeviceView, Found,
    FoundEvent,
};

/// A folder of pictures that stands in for the camera, for a desk without one and for
/// tests; before the one in the settings.
const PICTURES_VARIABLE: &str = "YANMA_PICTURES";

/// The devices that are open.
#[derive(Default)]
pub(crate) struct Devices {
    camera: Option<(Source, CameraHandle)>,
    /// Scanners and thermometers: what they send says what they are.
    serial: Vec<(SerialDevice, SerialHandle)>,
    /// Whichever scanner is there in the mode HID POS: nobody has to choose it.
    hid: Option<HidHandle>,
    reader: Option<(ReaderAddress, CardHandle)>,
    shown: Shown,
}

/// The devices as the page sees them; their threads keep it.
pub(crate) type Shown = Arc<Mutex<BTreeMap<DeviceId, DeviceView>>>;

/// Where pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Camera(DeviceId),
    Folder(PathBuf),
}

impl Source {
    /// What the settings ask for; the first camera there is when they are silent.
    fn wanted(settings: &Settings) -> Option<Self> {
        let folder = std::env::var_os(PICTURES_VARIABLE).map(PathBuf::from);
        let folder = folder.or_else(|| settings.picture_folder.as_ref().map(PathBuf::from));
        if let Some(folder) = folder {
            return Some(Self::Folder(folder));
        }
        if let Some(id) = &settings.camera {
            let id = DeviceId::from_text(id);
            // Whatever was set, a camera that is there tells of itself under its own id.
            return Some(Self::Camera(NokhwaCamera::of(&id).map_or(id, |camera| camera.id())));
        }
        let mut cameras = yanma_devices::list_devices().into_iter();
        let first = cameras.find(|device| device.kind == DeviceKind::Camera)?;
        Some(Self::Camera(first.id))
    }

    fn id(&self) -> DeviceId {
        match self {
            Self::Camera(id) => id.clone(),
            Self::Folder(folder) => DeviceId::pictures(folder),
        }
    }

    fn open(&self, preview: bool, sink: Sink) -> Option<CameraHandle> {
        let camera: Arc<dyn Camera> = match self {
            Self::Camera(id) => Arc::new(NokhwaCamera::of(id)?),
            Self::Folder(folder) => Arc::new(PictureFolder::new(folder.clone())),
        };
        let zone = |text: &str| Zone::read(text).is_ok();
        let options = CameraOptions { preview, zone: Some(zone), ..CameraOptions::default() };
        Some(camera::run(camera, options, sink))
    }
}

impl Devices {
    /// Opens what the settings ask for and closes the rest; what stays the same goes on.
    pub(crate) fn watch(&mut self, settings: &Settings, shell: &Arc<Shell>, app: &AppHandle) {
        let source = Source::wanted(settings);
        if self.camera.as_ref().map(|(open, _)| open) != source.as_ref() {
            self.close_camera(app);
            if let Some(source) = source {
                self.note(&source.id(), source_kind(&source));
                match source.open(shell.preview.is_wanted(), self.sink(shell, app)) {
                    Some(handle) => self.camera = Some((source, handle)),
                    // What is set is the id of no camera.
                    None => {
                        let mut shown = self.shown();
                        shown.entry(source.id()).and_modify(|view| view.state = StateView::Lost);
                    }
                }
            }
        }
        self.watch_serial(settings, shell, app);
        if self.hid.is_none() {
            self.hid = Some(hid::run(HidScanner(HidChoice::Any), self.sink(shell, app)));
        }
        self.watch_reader(settings, shell, app);
    }

    fn watch_serial(&mut self, settings: &Settings, shell: &Arc<Shell>, app: &AppHandle) {
        // Settings are checked when they are saved; what was saved by hand has none.
        let wanted = serial_of(settings).unwrap_or_default();
        for (device, handle) in self.serial.extract_if(.., |(open, _)| !wanted.contains(open)) {
            handle.stop();
            self.shown.lock().unwrap_or_else(PoisonError::into_inner).remove(&device.id());
        }
        for device in wanted {
            if self.serial.iter().any(|(open, _)| *open == device) {
                continue;
            }
            self.note(&device.id(), KindView::Serial);
            let handle = serial::run(device.clone(), self.sink(shell, app));
            self.serial.push((device, handle));
        }
    }

    fn watch_reader(&mut self, settings: &Settings, shell: &Arc<Shell>, app: &AppHandle) {
        // Settings are checked when they are saved; what was saved by hand has no reader.
        let reader = card_reader::wanted(settings).unwrap_or_default();
        if self.reader.as_ref().map(|(open, _)| open) == reader.as_ref() {
            return;
        }
        if let Some((open, handle)) = self.reader.take() {
            handle.stop();
            self.shown().remove(&open.id(DeviceKind::Card));
        }
        if let Some(address) = reader {
            self.note(&address.id(DeviceKind::Card), KindView::Card);
            let handle = card_reader::open(&address, &self.shown, shell, app);
            self.reader = Some((address, handle));
        }
    }

    /// A page is there to see pictures; what an earlier one never acknowledged is forgotten.
    pub(crate) fn show_preview(&self) {
        if let Some((_, camera)) = &self.camera {
            camera.set_preview(true);
        }
    }

    /// The page painted a picture.
    pub(crate) fn acknowledge_frame(&self) {
        if let Some((_, camera)) = &self.camera {
            camera.ack_preview();
        }
    }

    /// The open devices, and the keyboard, which always is.
    pub(crate) fn views(&self) -> Vec<DeviceView> {
        self.shown().values().cloned().chain([keyboard()]).collect()
    }

    /// Everything that is plugged in, and what is open.
    pub(crate) fn list(&self, settings: &Settings) -> Vec<DeviceView> {
        let open = self.views();
        let mut views: Vec<_> = yanma_devices::list_devices()
            .into_iter()
            // The scanner in the mode HID POS is open, under another id.
            .filter(|device| device.kind != DeviceKind::Hid)
            .filter(|device| !open.iter().any(|view| view.id == device.id.as_str()))
            .map(|device| match device.kind {
                // Those for chips are asked whenever a page was read.
                DeviceKind::Card => {
                    in_use(&device.id, KindView::Card, device.name, StateView::Working)
                }
                _ => unopened(device, settings),
            })
            .collect();
        views.extend(open);
        views
    }

    fn close_camera(&mut self, app: &AppHandle) {
        if let Some((source, handle)) = self.camera.take() {
            handle.stop();
            self.shown().remove(&source.id());
            // Nothing of what it saw last is true any longer.
            tell(FoundEvent(None).emit(app));
            tell(AdviceEvent(None).emit(app));
        }
    }

    pub(crate) fn note(&self, id: &DeviceId, kind: KindView) {
        let name = id.as_str().split_once(':').map_or(id.as_str(), |(_, name)| name).to_owned();
        let view = in_use(id, kind, name, StateView::Opening);
        self.shown().insert(id.clone(), view);
    }

    /// A device is closed and not shown any more.
    pub(crate) fn forget(&self, id: &DeviceId) {
        self.shown().remove(id);
    }

    /// What the threads of a device show.
    pub(crate) fn shown_by_threads(&self) -> Shown {
        Arc::clone(&self.shown)
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, BTreeMap<DeviceId, DeviceView>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called from device threads. It must not take the lock on `Devices`: whoever closes a
    /// device holds that and waits for its thread.
    fn sink(&self, shell: &Arc<Shell>, app: &AppHandle) -> Sink {
        let (shell, app, shown) = (Arc::downgrade(shell), app.clone(), Arc::clone(&self.shown));
        Arc::new(move |event| {
            let Some(shell) = shell.upgrade() else { return };
            match event {
                DeviceEvent::Seen(seen) => take(shell, &app, reading_of(seen)),
                DeviceEvent::Found { found, .. } => {
                    tell(FoundEvent(found.map(outline)).emit(&app));
                }
                DeviceEvent::Advice { advice, .. } => {
                    tell(AdviceEvent(advice.map(in_words)).emit(&app));
                }
                DeviceEvent::Preview { jpeg, .. } => {
                    shell.preview.send(jpeg);
                }
                DeviceEvent::State { id, state } => {
                    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                    match shown.get_mut(&id) {
                        Some(view) => view.state = state.into(),
                        // A desk may have none: it is shown from when it was first there.
                        None if state == DeviceState::Working && id == HidChoice::Any.id() => {
                            let name = hid::list().into_iter().next().map(|scanner| scanner.name);
                            let name = name.unwrap_or_else(|| "HID POS".to_owned());
                            shown.insert(
                                id.clone(),
                                in_use(&id, KindView::Hid, name, StateView::Working),
                            );
                        }
                        None => {}
                    }
                    drop(shown);
                    let app = app.clone();
                    tauri::async_runtime::spawn(async move { shell.show_station(&app) });
                }
                DeviceEvent::Notice { id, notice } => {
                    tracing::warn!(device = %id, notice = notice.code(), "a device has trouble");
                }
            }
        })
    }
}

fn reading_of(seen: Seen) -> Reading {
    let via = match seen.kind {
        SeenKind::Camera => Via::Camera,
        SeenKind::Serial | SeenKind::Hid | SeenKind::Wedge => Via::Scanner,
    };
    Reading { input: Input::Text(seen.text), via }
}

/// Puts a reading before the desk, from a device's thread and without waiting.
pub(crate) fn take(shell: Arc<Shell>, app: &AppHandle, reading: Reading) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if shell.take_aside(&app, &reading).await {
            return;
        }
        if let Err(error) = shell.take(&app, reading).await {
            tracing::error!(%error, "a reading could not be checked");
        }
    });
}

fn in_words(advice: camera::Advice) -> Advice {
    match advice {
        camera::Advice::Hint(hint) => Advice { hint: hint.name().to_owned(), read: 0, of: 0 },
        camera::Advice::Parts(missing) => {
            Advice { hint: "parts".to_owned(), read: missing.read, of: missing.of }
        }
    }
}

fn outline(found: yanma_devices::Found) -> Found {
    let kind = match evidence::read(&found.text).kind() {
        "code" | "broken-code" => "code",
        "document" | "zone" => "document",
        _ => "other",
    };
    Found {
        corners: found.corners.to_vec(),
        width: found.width,
        height: found.height,
        symbology: found.symbology.to_string(),
        kind: kind.to_owned(),
    }
}

/// Which serial devices the settings ask for.
///
/// # Errors
/// When a line names none that could be, or two are on one port.
pub(crate) fn serial_of(settings: &Settings) -> Result<Vec<SerialDevice>, CommandError> {
    let bad = |reason: &str| CommandError::bad_field("serial", reason);
    let mut devices: Vec<SerialDevice> = Vec::new();
    for line in &settings.serial {
        let device: SerialDevice =
            line.parse().map_err(|error: SerialOptionsError| bad(&error.to_string()))?;
        if devices.iter().any(|other| other.port == device.port) {
            return Err(bad("another serial device is set to this port"));
        }
        devices.push(device);
    }
    Ok(devices)
}

fn source_kind(source: &Source) -> KindView {
    match source {
        Source::Camera(_) => KindView::Camera,
        Source::Folder(_) => KindView::Pictures,
    }
}

fn in_use(id: &DeviceId, kind: KindView, name: String, state: StateView) -> DeviceView {
    let id = id.as_str().to_owned();
    DeviceView { id, kind, name, state, chosen: true, trouble: None }
}

fn unopened(device: DeviceInfo, settings: &Settings) -> DeviceView {
    let id = device.id.as_str().to_owned();
    let serial = serial_of(settings).unwrap_or_default();
    let is_it = |chosen: &String| *chosen == id || id.ends_with(&format!(":{chosen}"));
    let chosen = settings.camera.as_ref().is_some_and(is_it)
        || serial.iter().any(|chosen| chosen.id() == device.id);
    DeviceView {
        id,
        kind: device.kind.into(),
        name: device.name,
        state: StateView::Off,
        chosen,
        trouble: None,
    }
}

fn keyboard() -> DeviceView {
    let id = DeviceId::wedge().as_str().to_owned();
    DeviceView {
        name: id.clone(),
        id,
        kind: KindView::Wedge,
        state: StateView::Working,
        chosen: true,
        trouble: None,
    }
}

impl From<DeviceKind> for KindView {
    fn from(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::Camera => Self::Camera,
            DeviceKind::Pictures => Self::Pictures,
            DeviceKind::Serial => Self::Serial,
            DeviceKind::Hid => Self::Hid,
            DeviceKind::Wedge => Self::Wedge,
            DeviceKind::Card => Self::Card,
            DeviceKind::Turnstile => Self::Turnstile,
            DeviceKind::Printer => Self::Printer,
        }
    }
}

impl From<DeviceState> for StateView {
    fn from(state: DeviceState) -> Self {
        match state {
            DeviceState::Working => Self::Working,
            DeviceState::Opening => Self::Opening,
            DeviceState::Lost => Self::Lost,
            DeviceState::Busy => Self::Busy,
            DeviceState::Refused => Self::Refused,
            DeviceState::Off => Self::Off,
        }
    }
}
