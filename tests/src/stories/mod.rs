//! What a front desk lives through, told with the real window, a real browser and a real network.

mod citizen;
mod main_path;
