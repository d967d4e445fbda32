//! The controls of a real camera.
//!
//! nokhwa names V4L2's controls after the oldest ones: its exposure is not the one that webcams
//! have, and its focus is a relative one. Those that the kernel's driver for webcams has are asked
//! for by their numbers (linux/v4l2-controls.h). Asking may panic: the crate below knows not every
//! type of control that newer kernels have, and asks for all when it is asked for one. A camera
//! where it panics has none; its frames go on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nokhwa::Camera as NokhwaDevice;
use nokhwa::utils::{
    CameraControl as NokhwaControl, ControlValueDescription, ControlValueSetter,
    KnownCameraControl, KnownCameraControlFlag,
};

use super::controls::{CameraControl, ControlError, ControlKind, ControlSetting, ControlValue};

/// `V4L2_CID_EXPOSURE_AUTO`, a menu: 0 is automatic, 1 manual, 2 a time that is set, 3 automatic
/// with an iris that is set, which is what most webcams have.
const EXPOSURE_AUTO: KnownCameraControl = KnownCameraControl::Other(0x009A_0901);
const EXPOSURE_MANUAL: i64 = 1;
const EXPOSURE_AUTOMATIC: [i64; 2] = [3, 0];

/// `V4L2_CID_EXPOSURE_ABSOLUTE`, in 100 µs.
const EXPOSURE_ABSOLUTE: KnownCameraControl = KnownCameraControl::Other(0x009A_0902);

/// `V4L2_CID_FOCUS_ABSOLUTE`.
const FOCUS_ABSOLUTE: KnownCameraControl = KnownCameraControl::Other(0x009A_090A);

/// `V4L2_CID_FOCUS_AUTO`, on or off.
const FOCUS_AUTO: KnownCameraControl = KnownCameraControl::Other(0x009A_090C);

const IS_LINUX: bool = cfg!(target_os = "linux");

/// Where the value of a control is.
fn place(kind: ControlKind) -> KnownCameraControl {
    match kind {
        ControlKind::Brightness => KnownCameraControl::Brightness,
        ControlKind::Contrast => KnownCameraControl::Contrast,
        ControlKind::Exposure if IS_LINUX => EXPOSURE_ABSOLUTE,
        ControlKind::Exposure => KnownCameraControl::Exposure,
        ControlKind::Focus if IS_LINUX => FOCUS_ABSOLUTE,
        ControlKind::Focus => KnownCameraControl::Focus,
    }
}

/// Where it is said that the camera sees to it itself. Elsewhere than on Linux nokhwa cannot
/// change that.
fn place_of_automatic(kind: ControlKind) -> Option<KnownCameraControl> {
    match kind {
        ControlKind::Exposure if IS_LINUX => Some(EXPOSURE_AUTO),
        ControlKind::Focus if IS_LINUX => Some(FOCUS_AUTO),
        _ => None,
    }
}

/// The controls that a camera has; none when its driver fails.
pub(super) fn list(device: &NokhwaDevice) -> Vec<CameraControl> {
    let list = || ControlKind::ALL.into_iter().filter_map(|kind| control(device, kind)).collect();
    catch_unwind(AssertUnwindSafe(list)).unwrap_or_default()
}

fn control(device: &NokhwaDevice, kind: ControlKind) -> Option<CameraControl> {
    let control = device.camera_control(place(kind)).ok()?;
    let automatic = place_of_automatic(kind)
        .and_then(|place| device.camera_control(place).ok())
        .and_then(|control| is_automatic(control.description()));
    described(kind, &control, automatic)
}

fn described(
    kind: ControlKind,
    control: &NokhwaControl,
    automatic: Option<bool>,
) -> Option<CameraControl> {
    use KnownCameraControlFlag::{Automatic, ReadOnly};
    // Elsewhere nokhwa sets the value and leaves automatic on.
    let is_out_of_reach = !IS_LINUX && control.flag().contains(&Automatic);
    if is_out_of_reach || control.flag().contains(&ReadOnly) {
        return None;
    }
    match *control.description() {
        ControlValueDescription::IntegerRange { min, max, value, step, default } if min < max => {
            let (least, most, step) = (min, max, step.max(1));
            Some(CameraControl { kind, value, least, most, step, default, automatic })
        }
        _ => None,
    }
}

fn is_automatic(description: &ControlValueDescription) -> Option<bool> {
    match description {
        ControlValueDescription::Boolean { value, .. } => Some(*value),
        ControlValueDescription::IntegerRange { value, .. } => {
            Some(EXPOSURE_AUTOMATIC.contains(value))
        }
        _ => None,
    }
}

/// Sets a control that the camera has.
///
/// # Errors
/// [`ControlError::Refused`].
pub(super) fn set(device: &mut NokhwaDevice, setting: ControlSetting) -> Result<(), ControlError> {
    let refused = ControlError::Refused(setting.kind);
    let set = AssertUnwindSafe(|| apply(device, setting));
    if catch_unwind(set).unwrap_or(false) { Ok(()) } else { Err(refused) }
}

/// Whether the camera took it.
fn apply(device: &mut NokhwaDevice, setting: ControlSetting) -> bool {
    use ControlValueSetter::{Boolean, Integer};
    let automatic = setting.value == ControlValue::Automatic;
    // A value is not taken while the camera sees to it itself.
    let modes: &[ControlValueSetter] = match (setting.kind, automatic) {
        (ControlKind::Exposure, true) => &EXPOSURE_AUTOMATIC.map(Integer),
        (ControlKind::Exposure, false) => &[Integer(EXPOSURE_MANUAL)],
        (_, on) => &[Boolean(on)],
    };
    let switched = match place_of_automatic(setting.kind) {
        Some(place) if device.camera_control(place).is_ok() => {
            modes.iter().any(|mode| device.set_camera_control(place, mode.clone()).is_ok())
        }
        _ => !automatic,
    };
    let ControlValue::Fixed(value) = setting.value else { return switched };
    switched && device.set_camera_control(place(setting.kind), Integer(value)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: i64, max: i64, value: i64, step: i64) -> ControlValueDescription {
        ControlValueDescription::IntegerRange { min, max, value, step, default: 0 }
    }

    fn check(description: ControlValueDescription, flags: &[KnownCameraControlFlag], is_one: bool) {
        let control = KnownCameraControl::Brightness;
        let described_as = description.clone();
        let control = NokhwaControl::new(control, String::new(), description, flags.to_vec(), true);
        let found = described(ControlKind::Brightness, &control, None);
        assert_eq!(found.is_some(), is_one, "{described_as:?} {flags:?}");
    }

    #[test]
    fn what_has_no_range_or_cannot_be_written_is_no_control() {
        check(range(-64, 64, 0, 1), &[], true);
        check(range(-64, 64, 0, 1), &[KnownCameraControlFlag::Disabled], true);
        check(range(-64, 64, 0, 1), &[KnownCameraControlFlag::ReadOnly], false);
        check(range(0, 0, 0, 1), &[], false);
        check(ControlValueDescription::Boolean { value: true, default: true }, &[], false);
        check(ControlValueDescription::None, &[], false);
    }

    #[test]
    fn exposure_is_automatic_with_and_without_an_iris_that_is_set() {
        for (mode, expected) in [(0, true), (1, false), (2, false), (3, true)] {
            assert_eq!(is_automatic(&range(0, 3, mode, 1)), Some(expected), "{mode}");
        }
        for on in [true, false] {
            let focus = ControlValueDescription::Boolean { value: on, default: true };
            assert_eq!(is_automatic(&focus), Some(on));
        }
    }
}
