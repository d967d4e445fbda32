//! What a front desk lives through, told with the real window, a real browser and a real network.

mod card_reader;
mod audited;
pub(crate) mod citizen;
mod clerk;
mod keys_only;
mod main_path;
