//! What the cameras are set to: what of it is kept, and how the page sets it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use yanma_devices::DeviceId;
use yanma_devices::camera::{
    CameraControl, ControlError, ControlKind, ControlSetting, ControlValue, NokhwaCamera,
    SettingError,
};
use yanma_station::DeskError;
use yanma_station::rights::Right;

use super::cameras::plugged_in;
use crate::commands::{Answer, CommandError};
use crate::preview::Side;
use crate::settings::Settings;
use crate::shell::Shell;

/// For each camera, by its id, what it is set to: `brightness=40`, `focus=auto`.
pub(crate) type Kept = BTreeMap<String, Vec<String>>;

/// Checks what is to be kept.
///
/// # Errors
/// When a text is no setting, one control is set twice, or what is set is no camera.
pub(crate) fn check(kept: &Kept) -> Result<(), CommandError> {
    let bad = |why: String| CommandError::bad_field("cameraControls", &why);
    for (camera, texts) in kept {
        if camera.starts_with("pictures:") {
            return Err(bad("a folder of pictures has nothing that can be set".to_owned()));
        }
        let mut kinds = Vec::new();
        for text in texts {
            let setting: ControlSetting =
                text.parse().map_err(|error: SettingError| bad(error.to_string()))?;
            if kinds.contains(&setting.kind) {
                return Err(bad(format!("{} is set twice", setting.kind)));
            }
            kinds.push(setting.kind);
        }
    }
    Ok(())
}

/// What a camera is to be set to when it is opened. Texts that are no settings, which somebody
/// kept by hand, are left out.
pub(super) fn of(
    kept: &Kept,
    camera: &DeviceId,
    plugged_in: impl FnOnce() -> Vec<DeviceId>,
) -> Vec<ControlSetting> {
    let texts = kept_as(kept, camera, plugged_in).and_then(|id| kept.get(&id));
    texts.into_iter().flatten().filter_map(|text| text.parse().ok()).collect()
}

/// Under which id something of a camera is kept: its own, or that of one of its name which is not
/// there, since it may have been plugged in elsewhere. One that is set without its place may be any
/// of its name.
fn kept_as(
    kept: &Kept,
    camera: &DeviceId,
    plugged_in: impl FnOnce() -> Vec<DeviceId>,
) -> Option<String> {
    if kept.contains_key(camera.as_str()) {
        return Some(camera.as_str().to_owned());
    }
    let own = NokhwaCamera::of(camera).filter(|own| !own.name().is_empty())?;
    let named = |id: &&String| {
        let other = NokhwaCamera::of(&DeviceId::from_text(id));
        other.is_some_and(|other| other.name() == own.name())
    };
    let mut same = kept.keys().filter(named);
    let first = same.next()?;
    if own.place().is_empty() {
        return Some(first.clone());
    }
    let there = plugged_in();
    let is_away = |id: &&String| !there.iter().any(|there| there.as_str() == id.as_str());
    std::iter::once(first).chain(same).find(is_away).cloned()
}

/// Keeps a setting of a camera in the place of what it was, under the id that it has now.
fn keep(
    kept: &mut Kept,
    camera: &DeviceId,
    setting: ControlSetting,
    plugged_in: impl FnOnce() -> Vec<DeviceId>,
) {
    let before = kept_as(kept, camera, plugged_in);
    // Without a place it is kept for all of its name.
    let is_alone = |id: &str| {
        NokhwaCamera::of(&DeviceId::from_text(id)).is_some_and(|camera| !camera.place().is_empty())
    };
    let before =
        before.and_then(|id| if is_alone(&id) { kept.remove(&id) } else { kept.get(&id).cloned() });
    let mut texts = before.unwrap_or_default();
    texts.retain(|text| text.parse().is_ok_and(|it: ControlSetting| it.kind != setting.kind));
    texts.push(setting.to_string());
    texts.sort();
    kept.insert(camera.as_str().to_owned(), texts);
}

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ControlKindView {
    Brightness,
    Contrast,
    Exposure,
    Focus,
}

impl From<ControlKind> for ControlKindView {
    fn from(kind: ControlKind) -> Self {
        match kind {
            ControlKind::Brightness => Self::Brightness,
            ControlKind::Contrast => Self::Contrast,
            ControlKind::Exposure => Self::Exposure,
            ControlKind::Focus => Self::Focus,
        }
    }
}

impl From<ControlKindView> for ControlKind {
    fn from(kind: ControlKindView) -> Self {
        match kind {
            ControlKindView::Brightness => Self::Brightness,
            ControlKindView::Contrast => Self::Contrast,
            ControlKindView::Exposure => Self::Exposure,
            ControlKindView::Focus => Self::Focus,
        }
    }
}

/// A control of a camera, in the camera's own units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct ControlView {
    kind: ControlKindView,
    /// While it is automatic, what the camera last said.
    value: i32,
    least: i32,
    most: i32,
    step: i32,
    /// Whether the camera sees to it itself; none where it cannot.
    automatic: Option<bool>,
}

impl ControlView {
    /// None of a control with numbers beyond 32 bits: drivers have none.
    fn of(control: &CameraControl) -> Option<Self> {
        let CameraControl { kind, value, least, most, step, default: _, automatic } = *control;
        Some(Self {
            kind: kind.into(),
            value: value.try_into().ok()?,
            least: least.try_into().ok()?,
            most: most.try_into().ok()?,
            step: step.try_into().ok()?,
            automatic,
        })
    }
}

/// Why a camera was not set, or not asked. The page has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CameraTrouble {
    Missing,
    NotAutomatic,
    OutOfRange,
    Refused,
    Away,
}

impl From<ControlError> for CommandError {
    fn from(error: ControlError) -> Self {
        let why = match error {
            ControlError::Missing(_) => CameraTrouble::Missing,
            ControlError::NotAutomatic(_) => CameraTrouble::NotAutomatic,
            ControlError::OutOfRange { .. } => CameraTrouble::OutOfRange,
            ControlError::Refused(_) => CameraTrouble::Refused,
            ControlError::Away => CameraTrouble::Away,
        };
        Self::Camera { why }
    }
}

type Controls = Vec<CameraControl>;

impl Shell {
    /// Sets the camera of a side, and keeps it for when it is opened again.
    fn set_camera(&self, side: Side, setting: ControlSetting, kept: bool) -> Answer<Controls> {
        self.desk.allow(Right::Settings)?;
        let (camera, panel) = self.camera_panel(side).ok_or(ControlError::Away)?;
        let controls = panel.set(setting)?;
        if kept {
            self.change_settings(|settings| {
                keep(&mut settings.camera_controls, &camera, setting, plugged_in);
            })?;
        }
        Ok(controls)
    }

    /// Sets the camera of a side as it came, and forgets what was kept of it.
    fn reset_camera(&self, side: Side) -> Answer<Controls> {
        self.desk.allow(Right::Settings)?;
        let (camera, panel) = self.camera_panel(side).ok_or(ControlError::Away)?;
        let controls = panel.reset()?;
        self.change_settings(|Settings { camera_controls: kept, .. }| {
            if let Some(id) = kept_as(kept, &camera, plugged_in) {
                kept.remove(&id);
            }
        })?;
        Ok(controls)
    }
}

/// Asks a camera away from the window's own thread: it may take two seconds.
async fn ask(
    shell: &Arc<Shell>,
    question: impl FnOnce(&Shell) -> Answer<Controls> + Send + 'static,
) -> Answer<Vec<ControlView>> {
    let shell = Arc::clone(shell);
    let asked = tauri::async_runtime::spawn_blocking(move || question(&shell)).await;
    let controls = asked.map_err(|_| DeskError::Interrupted)??;
    Ok(controls.iter().filter_map(ControlView::of).collect())
}

/// What can be set at the camera of a side.
#[tauri::command]
#[specta::specta]
pub(crate) async fn camera_controls(
    shell: State<'_, Arc<Shell>>,
    side: Side,
) -> Answer<Vec<ControlView>> {
    let controls = move |shell: &Shell| {
        let (_, panel) = shell.camera_panel(side).ok_or(ControlError::Away)?;
        Ok(panel.controls()?)
    };
    ask(&shell, controls).await
}

/// Sets a control of it, to automatic without a value; `keep` is false while a slider moves.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_camera_control(
    shell: State<'_, Arc<Shell>>,
    side: Side,
    kind: ControlKindView,
    value: Option<i32>,
    keep: bool,
) -> Answer<Vec<ControlView>> {
    let value = value.map_or(ControlValue::Automatic, |value| ControlValue::Fixed(value.into()));
    let setting = ControlSetting { kind: kind.into(), value };
    ask(&shell, move |shell| shell.set_camera(side, setting, keep)).await
}

/// Sets all of it as the camera came.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reset_camera(
    shell: State<'_, Arc<Shell>>,
    side: Side,
) -> Answer<Vec<ControlView>> {
    ask(&shell, move |shell| shell.reset_camera(side)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(cameras: &[(&str, &[&str])]) -> Kept {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        cameras.iter().map(|&(id, all)| (id.to_owned(), texts(all))).collect()
    }

    fn ids(ids: &[&str]) -> Vec<DeviceId> {
        ids.iter().copied().map(DeviceId::from_text).collect()
    }

    #[test]
    fn a_camera_is_set_to_what_is_kept_of_it_wherever_it_is_plugged_in() {
        let check = |cameras: &[(&str, &[&str])], camera: &str, there: &[&str], expect: &[&str]| {
            let camera = DeviceId::from_text(camera);
            let settings = of(&kept(cameras), &camera, || ids(there));
            let settings: Vec<_> = settings.iter().map(ToString::to_string).collect();
            assert_eq!(settings, expect, "{cameras:?}, {camera}, {there:?}");
        };
        let (a1, a2, b2) = ("camera:A@1", "camera:A@2", "camera:B@2");
        let dark: &[(&str, &[&str])] = &[(a1, &["brightness=60", "focus=auto"])];
        let set: &[&str] = &["brightness=60", "focus=auto"];
        check(&[], a1, &[a1], &[]);
        check(dark, a1, &[a1], set);
        check(dark, a1, &[], set);
        check(dark, a2, &[a2], set);
        check(dark, a2, &[a1, a2], &[]);
        check(dark, b2, &[b2], &[]);
        check(dark, "camera:A", &[a1], set);
        check(&[("camera:A", set)], a1, &[a1], set);
        check(dark, "pictures:/front", &[], &[]);
        check(&[("pictures:/front", set)], "pictures:/front", &[], set);
        check(&[(a1, &["focus=5"]), (a2, &["focus=10"])], a2, &[a2], &["focus=10"]);
        check(&[(a1, &["focus=5"]), (a2, &["focus=10"])], "camera:A@3", &[a1], &["focus=10"]);
        check(&[(a1, &["zoom=1", "focus=5", "contrast"])], a1, &[a1], &["focus=5"]);
    }

    #[test]
    fn a_setting_takes_the_place_of_the_one_before_under_the_id_of_now() {
        let check = |before: &[(&str, &[&str])], setting: &str, expect: &[(&str, &[&str])]| {
            let (mut kept_now, camera) = (kept(before), DeviceId::from_text("camera:A@2"));
            let setting = setting.parse().unwrap();
            keep(&mut kept_now, &camera, setting, || ids(&["camera:A@2", "camera:A@9"]));
            assert_eq!(kept_now, kept(expect), "{before:?}, {setting}");
        };
        let (here, moved, other) = ("camera:A@2", "camera:A@1", "camera:A@9");
        check(&[], "focus=auto", &[(here, &["focus=auto"])]);
        check(&[(here, &["focus=5"])], "focus=10", &[(here, &["focus=10"])]);
        check(&[(here, &["focus=5"])], "contrast=1", &[(here, &["contrast=1", "focus=5"])]);
        check(&[(moved, &["focus=5"])], "contrast=1", &[(here, &["contrast=1", "focus=5"])]);
        check(&[(other, &["focus=5"])], "focus=9", &[(here, &["focus=9"]), (other, &["focus=5"])]);
    }

    #[test]
    fn what_is_no_setting_of_a_camera_is_refused_by_the_name_of_the_field() {
        let check = |cameras: &[(&str, &[&str])], expect: bool| match super::check(&kept(cameras)) {
            Ok(()) => assert!(expect, "{cameras:?}"),
            Err(CommandError::BadField { field, .. }) => {
                assert_eq!((field.as_str(), expect), ("cameraControls", false), "{cameras:?}");
            }
            Err(other) => panic!("{other:?}"),
        };
        check(&[], true);
        check(&[("camera:A@1", &["brightness=-4", "exposure=auto"]), ("camera:B", &[])], true);
        check(&[("camera:A@1", &["zoom=1"])], false);
        check(&[("camera:A@1", &["focus=5"]), ("camera:B@2", &["focus=near"])], false);
        check(&[("camera:A@1", &["focus=5", "focus=auto"])], false);
        check(&[("pictures:/front", &["focus=5"])], false);
    }
}
