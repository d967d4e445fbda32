//! Scanners in the mode "HID POS": they are no keyboard and no serial port, but tell what they
//! read in reports of their own (USB usage page 0x8C), with the kind of symbol beside it.
//!
//! [`list`] says which are there, [`run`] listens to one until it is stopped. What stands where
//! in a report is taken from the scanner's own report descriptor ([`layouts`]); a [`ReportStream`]
//! puts reports together to readings.

mod descriptor;
mod layout;
mod scanner;
mod stream;

pub use layout::{ReportLayout, layouts};
pub use scanner::{
    HidChoice, HidChoiceError, HidHandle, HidInfo, HidScanner, HidSource, Reports, list, run,
};
pub use stream::{CONTINUES_WITHIN, HidReading, ReportStream};
