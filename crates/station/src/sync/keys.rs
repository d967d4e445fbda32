//! The directory keys of a desk that has no directory.

use std::time::Duration;

use super::fetched::Fetched;
use crate::desk::{Desk, ENROLMENT_KEY};
use crate::enrolment::Enrolment;
use crate::error::DeskError;

/// How often they are asked for: codes carry a new key's hashes two days after it was made.
const ASK_EVERY: Duration = Duration::from_secs(6 * 3600);

impl Desk {
    /// Whoever has a directory meets it under another key after a rotation, and asks for that one
    /// then. A desk without one asks by itself: it compares codes with cards all the same.
    pub(super) async fn renew_keys(
        &self,
        enrolment: &Enrolment,
        fetched: &Fetched,
    ) -> Result<(), DeskError> {
        let running = self.clock.running();
        let asked = self.cities().keys_asked;
        let is_due = asked.is_none_or(|asked| running.saturating_sub(asked) >= ASK_EVERY);
        if !is_due || !fetched.from_authority {
            return Ok(());
        }
        let Some(keys) = fetched.keys_in_force().await? else { return Ok(()) };
        self.cities().keys_asked = Some(running);
        // A process that gives an earlier key was not started anew after the rotation.
        if keys.directory_key_generation <= enrolment.directory_key_generation() {
            return Ok(());
        }
        let _alone = self.change_key();
        let now = self.enrolment().filter(|now| now.token == enrolment.token);
        let now = now.ok_or(DeskError::NotEnrolled)?;
        let next = now.with_keys(now.root_key, Some(keys));
        self.store().set_setting(ENROLMENT_KEY, &next)?;
        self.change_keys_of_cities(next);
        Ok(())
    }
}
