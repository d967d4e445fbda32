//! A file that turns out to be damaged while the desk works with it.

use std::sync::atomic::Ordering;

use crate::desk::{Desk, ENROLMENT_KEY, REVOKED_KEY};
use crate::error::DeskError;
use crate::knowledge::Knowledge;
use crate::operators::Staff;

impl Desk {
    /// Sets the station's file aside when damage was met in it, and goes on with what is still
    /// readable, and with what is known in memory, which is written back; whether it was. A
    /// directory that is lost, which is not in memory, counts as missing until it is fetched anew.
    /// Nobody is judged meanwhile.
    ///
    /// # Errors
    /// When there is no room for another file. Entries wait in memory then.
    pub fn mend_file(&self) -> Result<bool, DeskError> {
        if !self.store.met_damage() {
            return Ok(false);
        }
        let _alone = self.change_key();
        if self.store.mend(self.now())?.is_none() {
            return Ok(false);
        }
        self.set_aside.store(true, Ordering::Relaxed);
        if let Some(enrolment) = self.enrolment() {
            self.store.set_setting(ENROLMENT_KEY, &*enrolment)?;
            let known = self.knowledge();
            if let Err(error) = known.put_back(&self.store, enrolment.issuer) {
                tracing::error!(%error, "the lists in memory were not written back");
            }
            let Knowledge { directory, cities, .. } =
                Knowledge::load(&self.store, enrolment.issuer)?;
            self.learn(Knowledge { directory, cities, ..Knowledge::clone(&known) });
        }
        if self.is_revoked() {
            self.store.set_setting(REVOKED_KEY, &true)?;
        }
        self.keep_duty(self.duty())?;
        self.note_staff(Staff::of(&self.store)?);
        Ok(true)
    }
}
