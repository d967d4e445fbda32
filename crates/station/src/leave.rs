//! When the authority has ended this station, and when it was not heard of for too long.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use yanma_store::StoreError;

use crate::authority::{Authority, AuthorityError};
use crate::desk::{Desk, ENROLMENT_KEY, REVOKED_KEY};
use crate::error::DeskError;
use crate::status::Connection;
use crate::sync;

/// A desk that has heard nothing of its authority for so many days locks itself: it may have
/// been carried away, and cannot be told that it was ended. Long before that, green is
/// referred because the lists are old.
pub const LOCKED_AFTER_DAYS: u32 = 30;

const DAY_SECONDS: i64 = 24 * 3600;

impl Desk {
    /// Acts on what the authority said of this station itself. What it said to a token that
    /// this desk has no longer is of another enrolment.
    pub(crate) fn heed(&self, error: &AuthorityError, said_by: &Arc<dyn Authority>) {
        let is_ours = self.authority().is_ok_and(|ours| Arc::ptr_eq(&ours, said_by));
        if *error == AuthorityError::Revoked && is_ours && !self.store().is_read_only() {
            tracing::error!("the authority has ended this station; what it gave is wiped");
            if let Err(error) = self.wipe() {
                tracing::error!(%error, "not all could be wiped; it is tried again");
            }
        }
    }

    /// Takes away what the authority gave this desk: lists, also those that other desks are
    /// given, directory, what was fetched of a new one, token and directory key, on the disk and
    /// in memory. Entries stay, also those that were not sent: they are the site's. A kill on the
    /// way leaves a desk that is told, and wiped, again.
    fn wipe(&self) -> Result<(), StoreError> {
        let _alone = self.change_key();
        let Some(enrolment) = self.enrolment() else { return Ok(()) };
        self.store().set_setting(REVOKED_KEY, &true)?;
        sync::remove_parts(self.store());
        sync::remove_given(self.store());
        self.store().wipe_feeds(enrolment.issuer, &[ENROLMENT_KEY])?;
        // A damaged file may have the token and the directory key in it.
        self.store().remove_set_aside(None);
        self.drop_enrolment();
        self.set_connection(Connection::Offline);
        Ok(())
    }

    /// Whether the authority has ended this station, and it was not enrolled since.
    pub fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Relaxed)
    }

    /// Whether the authority was not heard of for [`LOCKED_AFTER_DAYS`]: by the newest head,
    /// and by the highest time that the desk has seen. A desk that never had a head is not
    /// locked: there is nothing in it.
    pub fn is_locked(&self) -> bool {
        let Some(heard) = self.knowledge().head_issued_at else { return false };
        let latest = self.latest_second.load(Ordering::Relaxed).max(self.now().as_second());
        latest - heard.as_second() > i64::from(LOCKED_AFTER_DAYS) * DAY_SECONDS
    }

    pub(crate) fn must_be_open(&self) -> Result<(), DeskError> {
        if self.is_locked() {
            return Err(DeskError::Locked { days: LOCKED_AFTER_DAYS });
        }
        Ok(())
    }
}
