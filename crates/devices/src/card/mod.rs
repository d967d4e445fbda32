//! Readers of second-generation cards, with a SAM_V security module.
//!
//! [`run`] finds, selects and reads cards over a serial port, TCP or USB until it is stopped. A card
//! is handed on once for each time it is presented, as the reader's own frame without photo.
//! [`SimulatedReader`] stands in for a reader: the same frames over a real pseudo-terminal or a
//! real TCP port, with the faults of bad readers.

mod address;
mod commands;
mod link;
mod reader;
mod simulated;
mod status;
mod stream;
mod trial;
mod usb;
#[cfg(test)]
mod vectors;

pub use address::{ReaderAddress, ReaderAddressError};
pub use link::BAUDS;
pub use reader::{CardEvent, CardHandle, CardSink, run};
pub use simulated::{Faults, SimulatedReader};
pub use status::Status;
pub use stream::{Answer, AnswerStream, CardFrame, Heard};
pub use trial::{Trial, try_reader};
