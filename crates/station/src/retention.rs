//! What goes by itself, once nobody has a reason to keep it.

use jiff::Span;
use jiff::tz::TimeZone;

use crate::desk::Desk;
use crate::error::DeskError;

/// How many days after its day a list of expected people is kept.
const LIST_KEPT_DAYS: i64 = 2;

impl Desk {
    /// Forgets lists two days after their day, and guests three years after they left. That
    /// something went, and how much, is written down. A clock that may not be believed ends
    /// nothing.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn end_retention(&self) -> Result<(), DeskError> {
        if self.store.is_read_only()
            || self.clock_state() == yanma_domain::verdict::ClockState::SetBack
        {
            return Ok(());
        }
        let today = self.now().to_zoned(TimeZone::system()).date();
        let lists = self.store.retain_lists(today - Span::new().days(LIST_KEPT_DAYS))?;
        let guests = self.retain_guests()?;
        for (what, count) in [("lists", lists), ("guests", guests)] {
            if count > 0 {
                self.write_down("end-retention", Some(what), Some(&count.to_string()))?;
            }
        }
        Ok(())
    }
}
