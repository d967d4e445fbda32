//! What may be changed about the desk itself: by whom, and that it is written down.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::desk::{Desk, Duty};
use crate::error::DeskError;
use crate::operators::TERMINAL;
use crate::rights::Right;

/// Settings that whoever sits at the desk may change as they like: nobody else is any the
/// worse for them, and the sign-in screen has them too.
const OWN: [&str; 3] = ["language", "sound", "voice"];

impl Desk {
    /// The settings of the program around the desk, kept under `key`.
    ///
    /// # Errors
    /// When the store cannot be read, or they were kept in another shape.
    pub fn settings<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, DeskError> {
        Ok(self.store.setting(key)?.unwrap_or_default())
    }

    /// Changes them, durably. Which were changed is written into the audit, and not to what;
    /// `language`, `sound` and `voice` are free.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written.
    pub fn change_settings<T>(&self, key: &str, settings: &T) -> Result<(), DeskError>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let changed = changed(&self.settings::<T>(key)?, settings)?;
        let guarded: Vec<_> =
            changed.iter().map(String::as_str).filter(|name| !OWN.contains(name)).collect();
        if !guarded.is_empty() {
            self.allow(Right::Settings)?;
            self.write_down("settings", Some(&guarded.join(" ")), None)?;
        }
        if changed.is_empty() { Ok(()) } else { Ok(self.store.set_setting(key, settings)?) }
    }

    /// Puts settings in force that whoever looks after this computer wrote into a file. Nobody
    /// needs to have signed in; which were changed is written into the audit.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take_settings<T>(&self, key: &str, settings: &T) -> Result<(), DeskError>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let changed = changed(&self.settings::<T>(key)?, settings)?;
        if changed.is_empty() {
            return Ok(());
        }
        self.write_down("settings", Some(&changed.join(" ")), Some("file"))?;
        Ok(self.store.set_setting(key, settings)?)
    }

    /// The same for the scene.
    ///
    /// # Errors
    /// When there is no policy for the scene, or it cannot be written.
    pub fn take_scene(&self, scene: &str) -> Result<(), DeskError> {
        if scene == self.scene() {
            return Ok(());
        }
        self.policy_of(&self.scenes().get(scene).policy).ok_or(DeskError::NoPolicy)?;
        self.write_down("settings", Some("scene"), Some("file"))?;
        self.keep_duty(Duty { scene: Some(scene.to_owned()), ..self.duty() })
    }

    /// Whether whoever is at the desk may leave the screen that it fills, which is written into
    /// the audit.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written.
    pub fn leave_full_screen(&self) -> Result<(), DeskError> {
        self.allow(Right::Settings)?;
        self.write_down("leave-full-screen", None, None)
    }

    /// Whether whoever is at the desk may put another version of the program in the place of this
    /// one, and writes down that they begin with it.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub fn begin_update(&self, version: &str) -> Result<(), DeskError> {
        self.allow(Right::Settings)?;
        self.write_down("update", Some(version), None)
    }

    /// Changes the scene, or who sits at a desk on which nobody was set up, durably. Where
    /// people sign in, who sits there is not a setting and stays as it is.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; when there is no policy for the scene, or it cannot be
    /// written; [`DeskError::Field`] for an operator called as nobody may be.
    pub fn set_duty(&self, duty: Duty) -> Result<(), DeskError> {
        let before = self.duty();
        let operator = if self.has_staff() { before.operator.clone() } else { duty.operator };
        let duty = Duty { operator, ..duty };
        if duty.scene != before.scene {
            self.allow(Right::Settings)?;
            if let Some(scene) = &duty.scene {
                self.policy_of(&self.scenes().get(scene).policy).ok_or(DeskError::NoPolicy)?;
            }
            self.write_down("settings", Some("scene"), duty.scene.as_deref())?;
        }
        if duty.operator != before.operator {
            if duty.operator.as_deref().is_some_and(|name| name.starts_with(TERMINAL)) {
                return Err(DeskError::bad_field("operator"));
            }
            self.write_down("settings", Some("operator"), None)?;
        }
        if duty == before { Ok(()) } else { self.keep_duty(duty) }
    }
}

/// The names of the settings that differ.
fn changed<T: Serialize>(before: &T, now: &T) -> Result<Vec<String>, DeskError> {
    let fields = |settings: &T| match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(DeskError::UnknownForm),
    };
    let before = fields(before)?;
    let now = fields(now)?;
    Ok(now
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect())
}
