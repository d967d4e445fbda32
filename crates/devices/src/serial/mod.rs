//! What speaks by itself on a serial port, or on USB as one (CDC): scanners, thermometers.

mod assemble;
mod options;
mod port;
mod simulated;
mod speeds;

pub use assemble::{Assembler, IDLE, MAX_READING_BYTES, SerialReading};
pub use options::{SerialDevice, SerialOptionsError};
pub use port::{ByteStream, DEFAULT_BAUD, SerialHandle, SerialSource, list_ports, run, try_serial};
pub use simulated::SimulatedSerial;
pub use speeds::{Heard, Speeds, USUAL_BAUDS};
