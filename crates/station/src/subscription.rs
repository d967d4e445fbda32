//! Which of the lists that the authority publishes and carries a desk has.

use serde::{Deserialize, Serialize};
use yanma_domain::IssuerId;
use yanma_protocol::city_list::CityCode;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::rights::Right;
use crate::sync;

/// Under which it lies in the desk's file.
const KEY: &str = "subscription";

/// What a desk takes beside the authority's own trust list, policies and colours: all, unless
/// told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subscription {
    /// Whether it has the directory, by which a card or a number finds its colour without a
    /// network. It is by far the largest list, 8 bytes a holder; without it a desk judges codes
    /// alone offline, and documents are "not checked" unless the authority is asked.
    pub documents: bool,
    /// Of which cities it has the directories, in the place of the whole one; `None` for the
    /// whole. A document that is in none of them is "not checked" unless the authority is asked:
    /// it may be in another.
    pub cities: Option<Vec<CityCode>>,
    /// The other issuers whose colours it has; `None` for all that the authority recognises and
    /// carries. A code of any other is "not checked" unless the authority is asked.
    pub regions: Option<Vec<IssuerId>>,
}

impl Default for Subscription {
    fn default() -> Self {
        Self { documents: true, cities: None, regions: None }
    }
}

impl Subscription {
    /// The cities whose directories it has; `None` while it has the whole one, or none at all.
    pub(crate) fn chosen_cities(&self) -> Option<Vec<CityCode>> {
        self.cities.clone().filter(|_| self.documents)
    }

    /// Whether it has another issuer's colours.
    pub(crate) fn wants(&self, issuer: IssuerId) -> bool {
        self.regions.as_ref().is_none_or(|regions| regions.contains(&issuer))
    }
}

impl Desk {
    /// Which lists this desk has.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn subscription(&self) -> Result<Subscription, DeskError> {
        self.settings(KEY)
    }

    /// Changes which lists this desk has. What it has no longer is taken from its disk at once,
    /// what is new comes with the next sync. That it was changed is written into the audit.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written.
    pub async fn subscribe(&self, subscription: &Subscription) -> Result<(), DeskError> {
        self.allow(Right::Settings)?;
        // What is under way may be about to put in force what is given up here.
        let _alone = self.one_sync.lock().await;
        self.change_settings(KEY, subscription)?;
        sync::remove_parts(self.store());
        self.give_up_what_is_not_subscribed()
    }

    /// Puts it in force as [`Desk::take_settings`] does, for whoever looks after the computer;
    /// before anything else is done with the desk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take_subscription(&self, subscription: &Subscription) -> Result<(), DeskError> {
        if self.subscription()? != *subscription {
            self.take_settings(KEY, subscription)?;
            sync::remove_parts(self.store());
        }
        self.give_up_what_is_not_subscribed()
    }

    /// Takes from the disk and from memory what is not wanted; also what a kill left of that.
    pub(crate) fn give_up_what_is_not_subscribed(&self) -> Result<(), DeskError> {
        let Some(enrolment) = self.enrolment() else { return Ok(()) };
        let subscription = self.subscription()?;
        let wants_whole = subscription.documents && subscription.cities.is_none();
        if !wants_whole && self.store().directory_state(enrolment.issuer)?.is_some() {
            let _alone = self.change_key();
            self.store().forget_directory(enrolment.issuer)?;
            self.unlearn_directory(enrolment.issuer.into());
        }
        self.drop_other_cities(enrolment.issuer)?;
        self.drop_lists_of_others();
        Ok(())
    }
}
