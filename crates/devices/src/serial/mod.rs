//! Scanners on a serial port, or on USB as one (CDC).

mod assemble;
mod port;

pub use assemble::{Assembler, IDLE, MAX_READING_BYTES, SerialReading};
pub use port::{
    ByteStream, DEFAULT_BAUD, SerialHandle, SerialScanner, SerialSource, list_ports, run,
};
