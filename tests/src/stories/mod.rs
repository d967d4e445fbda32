//! What a front desk lives through, told with the real window, a real browser and a real network.

mod audited;
mod card_reader;
mod chips;
mod cities;
pub(crate) mod citizen;
mod clerk;
mod family;
mod figures;
mod guest_screen;
mod keys_only;
mod main_path;
mod programs;
mod regions;
mod scenes;
mod sealed_log;
mod serial;
mod shift_by_keys;
mod shifts;
mod sticks;
mod terminal;
mod turnstile;
mod two_cameras;
mod updates;
#[cfg(feature = "virtual-desk")]
mod virtual_desk;
mod wedge;
