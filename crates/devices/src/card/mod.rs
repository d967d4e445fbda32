//! Readers of second-generation cards, with a SAM_V security module.
//!
//! [`run`] finds, selects and reads cards over a serial port or TCP until it is stopped. A card
//! is handed on once for each time it is presented, as the reader's own frame without photo.

mod link;
mod reader;
mod status;
mod stream;

pub use link::{BAUDS, ReaderAddress};
pub use reader::{CardEvent, CardHandle, CardSink, run};
pub use status::Status;
pub use stream::{Answer, AnswerStream, CardFrame, Heard};
