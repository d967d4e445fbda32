//! Who may pass, and why: the words of the house as values.
//!
//! This crate parses what a device read ([`evidence`]), verifies a health code against a
//! trust list ([`code`]), and judges one person at the desk ([`judge`]). It does so from
//! values alone: no clock, no files, no network, no async, and no private key. Every
//! instant, list and key it needs is an argument.

pub mod colour;
pub mod document;
pub mod ids;
pub mod name;
pub mod status;
pub mod trust;

pub use colour::{AmberName, Colour};
pub use ids::{IssuerId, KeyId, KeySlot, StatusIndex};
