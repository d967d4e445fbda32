//! What can be set at a camera: brightness, contrast, exposure, focus, as far as its driver has
//! them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// What can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlKind {
    /// How bright the picture is made.
    Brightness,
    /// How far its light and dark are apart.
    Contrast,
    /// How long light is gathered for a frame.
    Exposure,
    /// How far away it is sharp.
    Focus,
}

impl ControlKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Brightness, Self::Contrast, Self::Exposure, Self::Focus];

    /// Its name: `brightness`, `contrast`, `exposure` or `focus`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brightness => "brightness",
            Self::Contrast => "contrast",
            Self::Exposure => "exposure",
            Self::Focus => "focus",
        }
    }
}

impl fmt::Display for ControlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a control is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlValue {
    /// The camera sees to it.
    Automatic,
    /// This, in the units of the camera.
    Fixed(i64),
}

/// A control and what it is to be: `brightness=40`, `focus=auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlSetting {
    /// What is set.
    pub kind: ControlKind,
    /// To what.
    pub value: ControlValue,
}

impl fmt::Display for ControlSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            ControlValue::Automatic => write!(f, "{}=auto", self.kind),
            ControlValue::Fixed(value) => write!(f, "{}={value}", self.kind),
        }
    }
}

/// Text that is no setting of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("give brightness, contrast, exposure or focus, and a number or auto: brightness=40")]
pub struct SettingError;

impl FromStr for ControlSetting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let (name, value) = text.split_once('=').ok_or(SettingError)?;
        let mut kinds = ControlKind::ALL.into_iter();
        let kind = kinds.find(|kind| kind.name() == name).ok_or(SettingError)?;
        let value = match value {
            "auto" => ControlValue::Automatic,
            number => ControlValue::Fixed(number.parse().map_err(|_| SettingError)?),
        };
        Ok(Self { kind, value })
    }
}

/// A control of a camera, in the camera's own units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraControl {
    /// What it sets.
    pub kind: ControlKind,
    /// What it is now; while it is automatic, what the camera last said.
    pub value: i64,
    /// The least it can be.
    pub least: i64,
    /// The most it can be.
    pub most: i64,
    /// How far its values are apart, from the least on; at least 1.
    pub step: i64,
    /// What it is when nobody sets it.
    pub default: i64,
    /// Whether the camera sees to it itself; `None` where it cannot.
    pub automatic: Option<bool>,
}

/// Why a control was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ControlError {
    /// The camera has no such control, or its driver fails when it is asked.
    #[error("this camera has no {0} that can be set")]
    Missing(ControlKind),
    /// The camera does not do this by itself. Set a value.
    #[error("this camera has no automatic {0}")]
    NotAutomatic(ControlKind),
    /// Set a value between these, in these steps.
    #[error("{kind} is from {least} to {most} here, in steps of {step}")]
    OutOfRange {
        /// Which one.
        kind: ControlKind,
        /// The least it can be.
        least: i64,
        /// The most it can be.
        most: i64,
        /// How far its values are apart.
        step: i64,
    },
    /// The camera has it and did not take the value.
    #[error("the camera did not take the {0}")]
    Refused(ControlKind),
    /// The camera is not there, or does not answer. Try again when it works.
    #[error("the camera does not answer")]
    Away,
}

impl CameraControl {
    /// What it is when nobody has set it: automatic where the camera can, else its default.
    #[must_use]
    pub fn as_it_came(&self) -> ControlSetting {
        let value = match self.automatic {
            Some(_) => ControlValue::Automatic,
            None => ControlValue::Fixed(self.default),
        };
        ControlSetting { kind: self.kind, value }
    }

    /// Whether it can be set so.
    ///
    /// # Errors
    /// [`ControlError::NotAutomatic`] and [`ControlError::OutOfRange`].
    pub fn check(&self, value: ControlValue) -> Result<(), ControlError> {
        let Self { kind, least, most, step, .. } = *self;
        match value {
            ControlValue::Automatic if self.automatic.is_none() => {
                Err(ControlError::NotAutomatic(kind))
            }
            ControlValue::Fixed(value)
                if !(least..=most).contains(&value)
                    || value.abs_diff(least) % step.max(1).unsigned_abs() != 0 =>
            {
                Err(ControlError::OutOfRange { kind, least, most, step })
            }
            _ => Ok(()),
        }
    }
}

/// Whether a camera with these controls can be set so.
///
/// # Errors
/// All of [`ControlError`] but refused and away.
pub(super) fn check(
    controls: &[CameraControl],
    setting: ControlSetting,
) -> Result<(), ControlError> {
    let control = controls.iter().find(|control| control.kind == setting.kind);
    control.ok_or(ControlError::Missing(setting.kind))?.check(setting.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ControlValue::{Automatic, Fixed};

    #[test]
    fn values_are_within_limits_and_on_a_step() {
        let mut control = CameraControl {
            kind: ControlKind::Focus,
            value: 0,
            least: -10,
            most: 250,
            step: 5,
            default: 0,
            automatic: None,
        };
        let beyond =
            ControlError::OutOfRange { kind: ControlKind::Focus, least: -10, most: 250, step: 5 };
        let out = Err(beyond);
        for (value, expected) in [
            (Fixed(-10), Ok(())),
            (Fixed(-11), out),
            (Fixed(-15), out),
            (Fixed(250), Ok(())),
            (Fixed(255), out),
            (Fixed(1), out),
            (Fixed(i64::MAX), out),
            (Fixed(i64::MIN), out),
            (Automatic, Err(ControlError::NotAutomatic(ControlKind::Focus))),
        ] {
            assert_eq!(control.check(value), expected, "{value:?}");
        }
        (control.automatic, control.step) = (Some(false), 0);
        assert_eq!(control.check(Automatic), Ok(()));
        assert_eq!(control.check(Fixed(1)), Ok(()), "some drivers say a step of nothing");
        assert_eq!(
            beyond.to_string(),
            "focus is from -10 to 250 here, in steps of 5",
            "the control is named"
        );
    }

    #[test]
    fn settings_are_what_a_person_types() {
        for text in ["brightness=40", "contrast=-3", "exposure=auto", "focus=0"] {
            assert_eq!(text.parse::<ControlSetting>().unwrap().to_string(), text);
        }
        for text in ["", "brightness", "brightness=", "brightness=x", "zoom=1", "focus=1.5", "=1"] {
            assert_eq!(text.parse::<ControlSetting>(), Err(SettingError), "{text}");
        }
    }
}
