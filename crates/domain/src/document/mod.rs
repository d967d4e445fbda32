//! Identity documents: their numbers, check digits and masks.
