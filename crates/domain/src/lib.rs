//! Who may pass, and why: the words of the house as values.
//!
//! This crate understands what a device read ([`evidence`]), verifies a health code against
//! a trust list ([`code`]), and judges one person at the desk ([`judge`]). It does so from
//! values alone: no clock, no files, no network, no async, and no private key. Every
//! instant, list and key it needs is an argument.
//!
//! ```
//! use yanma_domain::evidence::{Evidence, read};
//!
//! // The specimen of GB 11643; a desk reads it from a card or from the keyboard.
//! let Evidence::Document(number) = read("11010519491231002X") else { panic!() };
//! assert_eq!(number.masked(), "1101**********002X");
//! ```

pub mod boarding_pass;
pub mod certificate;
pub mod code;
pub mod colour;
pub mod document;
pub mod encounter;
pub mod evidence;
pub mod ids;
pub mod judge;
pub mod licence;
pub mod name;
pub mod name_match;
pub mod policy;
pub mod reason;
pub mod scene;
mod states;
pub mod status;
pub mod trust;
pub mod verdict;
mod width;

pub use colour::{AmberName, Colour};
pub use ids::{IssuerId, KeyId, KeySlot, StatusIndex};
