//! Devices to the station, and their news to the page.

pub(crate) mod cameras;
pub(crate) mod controls;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tauri::AppHandle;
use tauri_specta::Event;
use yanma_devices::card::{CardHandle, ReaderAddress};
use yanma_devices::hid::{self, HidChoice, HidHandle, HidScanner};
use yanma_devices::serial::{self, SerialDevice, SerialHandle, SerialOptionsError};
use yanma_devices::{
    DeviceEvent, DeviceId, DeviceInfo, DeviceKind, DeviceState, Notice, Seen, SeenKind, Sink,
};
use yanma_station::{Input, Reading, Via};

use crate::card_reader;
use crate::commands::CommandError;
use crate::preview::Side;
use crate::settings::Settings;
use crate::shell::{Shell, tell};
use crate::verdicts::UncheckedEvent;
use crate::views::{DeviceKind as KindView, DeviceState as StateView, DeviceView, WordsView};
use cameras::Watched;

/// The devices that are open.
#[derive(Default)]
pub(crate) struct Devices {
    cameras: BTreeMap<Side, Watched>,
    /// Scanners and thermometers: what they send says what they are.
    serial: Vec<(SerialDevice, SerialHandle)>,
    /// Whichever scanner is there in the mode HID POS: nobody has to choose it.
    hid: Option<HidHandle>,
    reader: Option<(ReaderAddress, CardHandle)>,
    shown: Shown,
}

/// The devices as the page sees them; their threads keep it.
pub(crate) type Shown = Arc<Mutex<BTreeMap<DeviceId, DeviceView>>>;

impl Devices {
    /// Opens what the settings ask for and closes the rest; what stays the same goes on. `cameras`
    /// are plugged in.
    pub(crate) fn watch(
        &mut self,
        settings: &Settings,
        cameras: &[DeviceId],
        shell: &Arc<Shell>,
        app: &AppHandle,
    ) {
        self.watch_cameras(settings, cameras, shell, app);
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
            if self.serial.iter().any(|(open, _)| is_one_port(&open.port, &device.port)) {
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

    pub(crate) fn note(&self, id: &DeviceId, kind: KindView) {
        self.shown().insert(id.clone(), opening(id, kind));
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
                DeviceEvent::Seen(seen) => {
                    if says(&shown, &seen.source, None) {
                        show(&shell, &app);
                    }
                    take(shell, &app, reading_of(seen));
                }
                // Cameras alone tell these, and have a sink of their own.
                DeviceEvent::Found { .. }
                | DeviceEvent::Advice { .. }
                | DeviceEvent::Preview { .. } => {}
                DeviceEvent::State { id, state } => {
                    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                    match shown.get_mut(&id) {
                        Some(view) => stands(view, state),
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
                    show(&shell, &app);
                }
                DeviceEvent::Notice { id, notice } => {
                    tracing::warn!(device = %id, notice = notice.code(), "a device has trouble");
                    if notice == Notice::WrongSpeed && says(&shown, &id, Some(wrong_speed())) {
                        show(&shell, &app);
                    }
                }
            }
        })
    }
}

/// Tells the page how the desk stands, from a device's thread, which must not wait for it.
fn show(shell: &Arc<Shell>, app: &AppHandle) {
    let (shell, app) = (Arc::clone(shell), app.clone());
    tauri::async_runtime::spawn(async move { shell.show_station(&app) });
}

/// A device stands otherwise. What was wrong was so while it stood as before: what is still wrong
/// it says again.
fn stands(view: &mut DeviceView, state: DeviceState) {
    (view.state, view.trouble) = (state.into(), None);
}

/// A device says what is wrong, or nothing any more; whether that is news.
fn says(shown: &Shown, id: &DeviceId, trouble: Option<WordsView>) -> bool {
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(view) = shown.get_mut(id).filter(|view| view.trouble.is_some() != trouble.is_some())
    else {
        return false;
    };
    view.trouble = trouble;
    true
}

fn wrong_speed() -> WordsView {
    WordsView::new(
        "收到的内容无法识别，正在换速率；请再扫一次，直到读出为止",
        "What comes makes no sense; other speeds are being tried: scan again until something is read",
    )
}

fn reading_of(seen: Seen) -> Reading {
    let via = match seen.kind {
        SeenKind::Camera => Via::Camera,
        SeenKind::Serial => Via::Serial,
        SeenKind::Hid | SeenKind::Wedge => Via::Scanner,
    };
    Reading { input: Input::Text(seen.text), via }
}

/// Puts a reading before the desk, from a device's thread and without waiting.
pub(crate) fn take(shell: Arc<Shell>, app: &AppHandle, reading: Reading) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let reading = shell.bare(reading);
        if shell.take_aside(&app, &reading).await {
            return;
        }
        if let Err(error) = shell.take(&app, reading).await {
            tracing::error!(%error, "a reading could not be checked");
            tell(UncheckedEvent.emit(&app));
        }
    });
}

/// Whether two paths are of one port: on Linux a lasting name leads to another.
fn is_one_port(one: &str, other: &str) -> bool {
    let place = |port: &str| std::fs::canonicalize(port).unwrap_or_else(|_| port.into());
    place(one) == place(other)
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

fn in_use(id: &DeviceId, kind: KindView, name: String, state: StateView) -> DeviceView {
    let id = id.as_str().to_owned();
    DeviceView { id, kind, name, state, chosen: true, side: None, trouble: None }
}

/// A device that is being opened, under the name that is in its id.
fn opening(id: &DeviceId, kind: KindView) -> DeviceView {
    let name = id.as_str().split_once(':').map_or(id.as_str(), |(_, name)| name).to_owned();
    in_use(id, kind, name, StateView::Opening)
}

fn unopened(device: DeviceInfo, settings: &Settings) -> DeviceView {
    let id = device.id.as_str().to_owned();
    let serial = serial_of(settings).unwrap_or_default();
    let is_it = |chosen: &String| *chosen == id || id.ends_with(&format!(":{chosen}"));
    let cameras = [&settings.camera, &settings.document_camera];
    let chosen = cameras.into_iter().flatten().any(is_it)
        || serial.iter().any(|chosen| chosen.id() == device.id);
    DeviceView {
        id,
        kind: device.kind.into(),
        name: device.name,
        state: StateView::Off,
        chosen,
        side: None,
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
        side: None,
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrong_goes_with_the_port_and_comes_back_only_when_it_is_said_again() {
        let id = DeviceId::serial("/dev/ttyUSB0");
        let shown = Shown::default();
        let view = |shown: &Shown| shown.lock().unwrap()[&id].clone();
        shown.lock().unwrap().insert(id.clone(), opening(&id, KindView::Serial));
        stands(shown.lock().unwrap().get_mut(&id).unwrap(), DeviceState::Working);
        assert!(says(&shown, &id, Some(wrong_speed())));
        assert!(view(&shown).trouble.is_some());
        stands(shown.lock().unwrap().get_mut(&id).unwrap(), DeviceState::Lost);
        let now = view(&shown);
        assert!(now.trouble.is_none() && now.state == StateView::Lost, "{now:?}");
        assert!(says(&shown, &id, Some(wrong_speed())), "it is news again");
    }

    #[test]
    fn a_lasting_name_and_the_port_that_it_leads_to_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let [port, other, name] =
            ["port", "other", "name"].map(|name| folder.path().join(name).display().to_string());
        std::fs::write(&port, "").unwrap();
        std::os::unix::fs::symlink(&port, &name).unwrap();
        assert!(is_one_port(&port, &name));
        assert!(is_one_port(&other, &other), "plugged in or not");
        assert!(!is_one_port(&port, &other));
    }
}
