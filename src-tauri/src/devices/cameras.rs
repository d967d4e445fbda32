//! The cameras of a desk, one for each side, and what they see to the page.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tauri::AppHandle;
use tauri_specta::Event;
use yanma_devices::camera::{
    self, Camera, CameraHandle, CameraOptions, CameraPanel, ControlSetting, NokhwaCamera,
    PageCamera, PictureFolder,
};
use yanma_devices::{DeviceEvent, DeviceId, Sink};
use yanma_station::domain::document::Zone;

use super::{Devices, controls, opening};
use crate::commands::CommandError;
use crate::preview::{AdviceEvent, FoundEvent, Side};
use crate::settings::Settings;
use crate::shell::{Shell, tell};
use crate::views::{DeviceKind as KindView, DeviceState as StateView, DeviceView};

/// A folder of pictures that stands in for the guest side's camera, for a desk without one and
/// for tests; before the one in the settings.
const PICTURES_VARIABLE: &str = "YANMA_PICTURES";

/// In the place of a camera: the side has none, whatever is plugged in.
const NO_CAMERA: &str = "none";

/// How often a desk looks whether a camera was plugged in.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A camera that nobody chose and that does not work for so long gives its side to another.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(10);

/// The camera of a side.
pub(super) struct Watched {
    source: Source,
    /// None when what is set is the id of no camera.
    handle: Option<CameraHandle>,
    /// Whether the settings name it.
    is_chosen: bool,
}

/// Where pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Camera(DeviceId),
    Folder(PathBuf),
}

impl Source {
    /// What a line of the settings names: a camera by its id, or `pictures:` and a folder.
    fn of(line: &str) -> Self {
        if let Some(folder) = line.strip_prefix("pictures:") {
            return Self::Folder(folder.into());
        }
        let id = DeviceId::from_text(line);
        // Whatever was set, a camera that is there tells of itself under its own id.
        Self::Camera(NokhwaCamera::of(&id).map_or(id, |camera| camera.id()))
    }

    /// What the settings name, if anything.
    fn set(line: Option<&str>) -> Option<Self> {
        line.filter(|line| *line != NO_CAMERA).map(Self::of)
    }

    fn id(&self) -> DeviceId {
        match self {
            Self::Camera(id) => id.clone(),
            Self::Folder(folder) => DeviceId::pictures(folder),
        }
    }

    const fn kind(&self) -> KindView {
        match self {
            Self::Camera(_) => KindView::Camera,
            Self::Folder(_) => KindView::Pictures,
        }
    }

    fn has_name_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Camera(one), Self::Camera(other)) => {
                name_of(one).is_some_and(|name| Some(name) == name_of(other))
            }
            _ => false,
        }
    }

    /// Whether both may be one: a camera that is set without its place may be any of its name.
    fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Camera(one), Self::Camera(other)) => one == other || may_be_one(one, other),
            _ => self == other,
        }
    }

    fn open(
        &self,
        side: Side,
        controls: Vec<ControlSetting>,
        preview: bool,
        sink: Sink,
    ) -> Option<CameraHandle> {
        let camera: Arc<dyn Camera> = match self {
            Self::Camera(id) => match side {
                Side::Guest => Arc::new(NokhwaCamera::of(id)?),
                Side::Document => Arc::new(PageCamera(NokhwaCamera::of(id)?)),
            },
            Self::Folder(folder) => Arc::new(PictureFolder::new(folder.clone())),
        };
        let zone = |text: &str| Zone::read(text).is_ok();
        let options =
            CameraOptions { controls, preview, zone: Some(zone), ..CameraOptions::default() };
        Some(camera::run(camera, options, sink))
    }
}

/// Whether two ids may be one camera's: of one name, and at one place where both say one.
pub(crate) fn may_be_one(one: &DeviceId, other: &DeviceId) -> bool {
    let cameras = NokhwaCamera::of(one).zip(NokhwaCamera::of(other));
    cameras.is_some_and(|(one, other)| one.may_be(&other))
}

/// The name in a camera's id.
fn name_of(id: &DeviceId) -> Option<String> {
    NokhwaCamera::of(id).map(|camera| camera.name().to_owned()).filter(|name| !name.is_empty())
}

/// Checks that the two sides do not have one camera.
///
/// # Errors
/// When they have.
pub(crate) fn check(settings: &Settings) -> Result<(), CommandError> {
    let document = Source::set(settings.document_camera.as_deref());
    let folder = settings.picture_folder.as_ref().map(|folder| Source::Folder(folder.into()));
    let guests = [Source::set(settings.camera.as_deref()), folder];
    let mut guests = guests.into_iter().flatten();
    if document.is_some_and(|document| guests.any(|guest| guest.may_be(&document))) {
        return Err(CommandError::bad_field("documentCamera", "the guest side has this camera"));
    }
    Ok(())
}

/// What is there for a side where nobody chose.
#[derive(Clone, Copy)]
struct There<'a> {
    /// What is plugged in; nothing as well when the driver did not say.
    cameras: &'a [DeviceId],
    /// What the guest side has.
    now: Option<&'a Source>,
    /// Whether that has not worked for too long.
    is_given_up: bool,
}

impl There<'_> {
    /// The camera of the guest side: the one it has, until that is given up and another is there.
    fn choose(self, document: Option<&Source>) -> Option<Source> {
        let cameras: Vec<Source> = self.cameras.iter().cloned().map(Source::Camera).collect();
        let is_free = |camera: &Source| document.is_none_or(|document| !document.may_be(camera));
        let now = self.now.filter(|now| matches!(now, Source::Camera(_)) && is_free(now));
        // The counter's own, plugged in elsewhere, is whichever has its name.
        let moved = document.filter(|document| !cameras.contains(document));
        let is_another = |camera: &&Source| {
            let has_moved = moved.is_some_and(|document| document.has_name_of(camera));
            Some(*camera) != now && is_free(camera) && !has_moved
        };
        // Each in turn: the next one may not work either.
        let after = cameras.iter().position(|camera| Some(camera) == now).map_or(0, |at| at + 1);
        let (before, after) = cameras.split_at(after);
        let another = || after.iter().chain(before).find(is_another).or(now);
        if self.is_given_up { another() } else { now.or_else(another) }.cloned()
    }
}

/// What the settings ask for. `folder` stands in for the guest side's camera.
fn wanted(
    settings: &Settings,
    folder: Option<PathBuf>,
    there: There<'_>,
) -> BTreeMap<Side, Source> {
    let document = Source::set(settings.document_camera.as_deref());
    let folder = folder.or_else(|| settings.picture_folder.as_ref().map(PathBuf::from));
    let guest = match (folder, settings.camera.as_deref()) {
        (Some(folder), _) => Some(Source::Folder(folder)),
        (None, line @ Some(_)) => Source::set(line),
        (None, None) => there.choose(document.as_ref()),
    };
    // What is set is checked; a folder that stands in is not.
    let document =
        document.filter(|document| guest.as_ref().is_none_or(|guest| !guest.may_be(document)));
    let both = [(Side::Guest, guest), (Side::Document, document)];
    both.into_iter().filter_map(|(side, source)| Some((side, source?))).collect()
}

/// Looks for a camera while the guest side lacks one: one that is plugged in at a running desk is
/// used.
pub(crate) async fn keep_looking(shell: Arc<Shell>, app: AppHandle) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let (shell, app) = (Arc::clone(&shell), app.clone());
        let look = move || shell.look_for_camera(&app);
        match tauri::async_runtime::spawn_blocking(look).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "no camera was looked for"),
            Err(error) => tracing::error!(%error, "looking for a camera broke off"),
        }
    }
}

fn folder_of_environment() -> Option<PathBuf> {
    std::env::var_os(PICTURES_VARIABLE).map(PathBuf::from)
}

/// Whether the guest side has whatever is there.
pub(crate) fn nobody_chose(settings: &Settings) -> bool {
    settings.camera.is_none()
        && settings.picture_folder.is_none()
        && folder_of_environment().is_none()
}

/// What is plugged in, as far as settings make it matter: a driver may take three seconds to say.
/// Not to be asked while devices are locked.
pub(crate) fn plugged_in_for(settings: &Settings) -> Vec<DeviceId> {
    let matters = nobody_chose(settings) || !settings.camera_controls.is_empty();
    if matters { plugged_in() } else { Vec::new() }
}

pub(super) fn plugged_in() -> Vec<DeviceId> {
    yanma_devices::list_cameras().into_iter().map(|camera| camera.id).collect()
}

impl Devices {
    /// Opens the cameras that the settings ask for, or are there where nobody chose.
    pub(crate) fn watch_cameras(
        &mut self,
        settings: &Settings,
        plugged_in: &[DeviceId],
        shell: &Arc<Shell>,
        app: &AppHandle,
    ) {
        let folder = folder_of_environment();
        let now = self.cameras.get(&Side::Guest).filter(|watched| !watched.is_chosen);
        let now = now.map(|watched| &watched.source);
        let there = There { cameras: plugged_in, now, is_given_up: self.lacks_camera() };
        let wanted = wanted(settings, folder, there);
        // Closed first: what one side gives up the other may want.
        for side in Side::ALL {
            if self.cameras.get(&side).map(|open| &open.source) != wanted.get(&side) {
                self.close_camera(side, app);
            }
        }
        for (side, source) in wanted {
            let is_chosen = side == Side::Document || !nobody_chose(settings);
            if let Some(watched) = self.cameras.get_mut(&side) {
                watched.is_chosen = is_chosen;
                continue;
            }
            let view = DeviceView { side: Some(side), ..opening(&source.id(), source.kind()) };
            self.shown().insert(source.id(), view);
            let preview = shell.preview.is_wanted(side);
            let there = || plugged_in.to_vec();
            let controls = controls::of(&settings.camera_controls, &source.id(), there);
            let handle = source.open(side, controls, preview, self.camera_sink(side, shell, app));
            if handle.is_none() {
                let mut shown = self.shown();
                shown.entry(source.id()).and_modify(|view| view.state = StateView::Lost);
            }
            self.cameras.insert(side, Watched { source, handle, is_chosen });
        }
    }

    /// Whether the guest side has no camera, or one that has not worked for too long.
    pub(crate) fn lacks_camera(&self) -> bool {
        let gives_up = |camera: &CameraHandle| camera.away_for() >= GIVEN_UP_AFTER;
        self.camera(Side::Guest).is_none_or(gives_up)
    }

    /// A page is there to see pictures of a side; what an earlier one never acknowledged is
    /// forgotten.
    pub(crate) fn show_preview(&self, side: Side) {
        if let Some(camera) = self.camera(side) {
            camera.set_preview(true);
        }
    }

    /// The page painted a picture of a side.
    pub(crate) fn acknowledge_frame(&self, side: Side) {
        if let Some(camera) = self.camera(side) {
            camera.ack_preview();
        }
    }

    /// The camera of a side, and where it is set.
    pub(crate) fn camera_panel(&self, side: Side) -> Option<(DeviceId, CameraPanel)> {
        let Watched { source, handle, .. } = self.cameras.get(&side)?;
        Some((source.id(), handle.as_ref()?.panel()))
    }

    fn camera(&self, side: Side) -> Option<&CameraHandle> {
        self.cameras.get(&side)?.handle.as_ref()
    }

    fn close_camera(&mut self, side: Side, app: &AppHandle) {
        let Some(Watched { source, handle, .. }) = self.cameras.remove(&side) else { return };
        drop(handle);
        self.forget(&source.id());
        // Nothing of what it saw last is true any longer.
        tell(FoundEvent { side, found: None }.emit(app));
        tell(AdviceEvent { side, advice: None }.emit(app));
    }

    /// What a camera sees is its side's; else it is a device like others.
    fn camera_sink(&self, side: Side, shell: &Arc<Shell>, app: &AppHandle) -> Sink {
        let any = self.sink(shell, app);
        let (shell, app) = (Arc::downgrade(shell), app.clone());
        Arc::new(move |event| match event {
            DeviceEvent::Found { found, .. } => {
                tell(FoundEvent { side, found: found.map(Into::into) }.emit(&app));
            }
            DeviceEvent::Advice { advice, .. } => {
                tell(AdviceEvent { side, advice: advice.map(Into::into) }.emit(&app));
            }
            DeviceEvent::Preview { jpeg, .. } => {
                if let Some(shell) = shell.upgrade() {
                    shell.preview.send(side, jpeg);
                }
            }
            other => any(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks which sources the settings ask for, where two cameras are plugged in and `folder`
    /// stands in for the first.
    #[track_caller]
    fn check(settings: Settings, folder: Option<&str>, expect: [Option<&str>; 2]) {
        let cameras = ["camera:A@1", "camera:B@2"].map(DeviceId::from_text);
        check_there(settings, folder, &cameras, None, expect);
    }

    /// The same with other cameras, where the guest side has one already, and whether that is
    /// given up.
    #[track_caller]
    fn check_there(
        settings: Settings,
        folder: Option<&str>,
        cameras: &[DeviceId],
        now: Option<(&str, bool)>,
        expect: [Option<&str>; 2],
    ) {
        let source = now.map(|(now, _)| Source::of(now));
        let is_given_up = now.is_some_and(|(_, is_given_up)| is_given_up);
        let there = There { cameras, now: source.as_ref(), is_given_up };
        let wanted = wanted(&settings, folder.map(PathBuf::from), there);
        let ids = Side::ALL.map(|side| wanted.get(&side).map(Source::id));
        let ids = ids.each_ref().map(|id| id.as_ref().map(DeviceId::as_str));
        assert_eq!(ids, expect, "{settings:?}, {folder:?}, {cameras:?}, {now:?}");
    }

    fn set(camera: Option<&str>, document_camera: Option<&str>) -> Settings {
        Settings {
            camera: camera.map(str::to_owned),
            document_camera: document_camera.map(str::to_owned),
            ..Settings::default()
        }
    }

    #[test]
    fn a_silent_desk_has_the_first_camera_and_no_second() {
        let (a, b) = (Some("camera:A@1"), Some("camera:B@2"));
        check(set(None, None), None, [a, None]);
        check(set(None, b), None, [a, b]);
        check(set(None, a), None, [b, a]);
        check(set(b, None), None, [b, None]);
        check(set(b, a), None, [b, a]);
        check(set(Some(NO_CAMERA), a), None, [None, a]);
        check(set(None, Some(NO_CAMERA)), None, [a, None]);
        let gone = Some("camera:C@3");
        check(set(None, gone), None, [a, gone]);
        let moved = Some("camera:A@3");
        check(set(None, moved), None, [b, moved]);
    }

    #[test]
    fn a_camera_that_nobody_chose_stays_until_it_is_given_up_and_another_is_there() {
        let [a, b] = ["camera:A@1", "camera:B@2"];
        let ids = |ids: &[&str]| ids.iter().copied().map(DeviceId::from_text).collect::<Vec<_>>();
        let check = |there: &[&str], now: (&str, bool), expect: &str| {
            let expect = [Some(expect), None];
            check_there(set(None, None), None, &ids(there), Some(now), expect);
        };
        check(&[a, b], (b, false), b);
        check(&[a], (b, false), b);
        check(&[], (b, false), b);
        check(&[], (b, true), b);
        check(&[b], (b, true), b);
        check(&[a], (b, true), a);
        check(&[a, b], (a, true), b);
        let c = "camera:C@3";
        check(&[a, b, c], (a, true), b);
        check(&[a, b, c], (b, true), c);
        check(&[a, b, c], (c, true), a);
        check(&[a, b], ("pictures:/front", false), a);
        let chosen = [Some(b), None];
        check_there(set(Some(b), None), None, &ids(&[a]), Some((b, true)), chosen);
        let down = [Some(b), Some(a)];
        check_there(set(None, Some(a)), None, &ids(&[a, b]), Some((a, false)), down);
        let twins = [Some("camera:A@3"), Some(a)];
        check_there(
            set(None, Some(a)),
            None,
            &ids(&["camera:A@3"]),
            Some(("camera:A@3", false)),
            twins,
        );
    }

    #[test]
    fn a_folder_stands_in_for_either_side() {
        let down = Some("pictures:/down");
        let set = |camera: Option<&str>, folder: Option<&str>| Settings {
            picture_folder: folder.map(str::to_owned),
            ..set(camera, down)
        };
        check(set(None, None), None, [Some("camera:A@1"), down]);
        check(set(Some("pictures:/front"), None), None, [Some("pictures:/front"), down]);
        check(set(Some("camera:A@1"), Some("/set")), None, [Some("pictures:/set"), down]);
        check(set(Some(NO_CAMERA), Some("/set")), None, [Some("pictures:/set"), down]);
        check(set(None, Some("/set")), Some("/told"), [Some("pictures:/told"), down]);
        check(set(None, None), Some("/down"), [down, None]);
    }
}
