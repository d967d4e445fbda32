//! The chip of a document beside its page.

use super::Judgement;
use crate::encounter::PresentedChip;
use crate::reason::Reason;
use crate::verdict::{Check, Decision, Outcome};

impl Judgement<'_> {
    /// A chip that was altered, or that says something else than its page, is looked at by a
    /// person. One that holds decides nothing by itself, and that nobody here vouches for it is
    /// no fault of its bearer's.
    pub(super) fn take_chip(&mut self, chip: PresentedChip) {
        if !chip.agrees {
            let another = Outcome::Failed(Reason::ChipOfAnotherPage);
            self.find(Check::Chip, another, Decision::Refer);
        }
        match chip.standing {
            Outcome::NotChecked(Some(reason)) => {
                self.find(Check::Chip, Outcome::Noticed(reason), Decision::Admit);
            }
            Outcome::Failed(_) => self.find(Check::Chip, chip.standing, Decision::Refer),
            standing => self.find(Check::Chip, standing, Decision::Admit),
        }
    }
}
