//! A serial line, real or over TCP.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

use serial2::SerialPort;

use crate::event::{DeviceId, DeviceKind};

/// How long one look at the line may last: stopping waits for it.
const LOOK: Duration = Duration::from_millis(20);

/// How long connecting or one write may last.
const CONNECT: Duration = Duration::from_millis(500);

/// Where a device is that speaks over a serial line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineAddress {
    /// On a serial port of this machine.
    Serial {
        /// Path or name: `/dev/ttyUSB0`, `COM3`.
        port: String,
        /// Bits a second; `None` is what such devices usually have, or is found by trying.
        baud: Option<u32>,
    },
    /// Behind a network adapter: `host:port`.
    Tcp(String),
}

impl LineAddress {
    /// The port or `host:port`, as text.
    #[must_use]
    pub fn place(&self) -> &str {
        match self {
            Self::Serial { port: place, .. } | Self::Tcp(place) => place,
        }
    }

    /// The device's id, of a kind of device that is there.
    #[must_use]
    pub fn id(&self, kind: DeviceKind) -> DeviceId {
        DeviceId::from_text(&format!("{}:{}", kind.name(), self.place()))
    }

    /// The serial port it is on, if it is on one.
    #[must_use]
    pub fn serial_port(&self) -> Option<&str> {
        match self {
            Self::Serial { port, .. } => Some(port),
            Self::Tcp(_) => None,
        }
    }

    /// The speed, where one was set.
    pub(crate) fn baud(&self) -> Option<u32> {
        match self {
            Self::Serial { baud, .. } => *baud,
            Self::Tcp(_) => None,
        }
    }

    /// Opens the line. The speed is of no matter on TCP.
    pub(crate) fn open(&self, baud: u32) -> io::Result<Wire> {
        Ok(match self {
            Self::Serial { port, .. } => {
                let mut port = SerialPort::open(port, baud)?;
                port.set_read_timeout(LOOK)?;
                port.set_write_timeout(CONNECT)?;
                let _ = port.discard_input_buffer();
                Wire::Serial(port)
            }
            Self::Tcp(address) => {
                let address = address
                    .to_socket_addrs()?
                    .next()
                    .ok_or_else(|| io::Error::from(ErrorKind::AddrNotAvailable))?;
                let stream = TcpStream::connect_timeout(&address, CONNECT)?;
                stream.set_read_timeout(Some(LOOK))?;
                stream.set_write_timeout(Some(CONNECT))?;
                stream.set_nodelay(true)?;
                Wire::Tcp(stream)
            }
        })
    }
}

/// An address that names neither a serial port nor a TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a serial port such as /dev/ttyUSB0 or COM3, or host:port")]
pub struct AddressError;

impl FromStr for LineAddress {
    type Err = AddressError;

    /// Takes an address as people write it: a path (`/dev/ttyUSB0`, `\\.\COM12`), `COM3`, or
    /// `host:port`; `serial:` or `tcp:` may stand before it.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let serial = |port: &str| Self::Serial { port: port.to_owned(), baud: None };
        if let Some(port) = text.strip_prefix("serial:").filter(|port| !port.is_empty()) {
            return Ok(serial(port));
        }
        let com = text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("com"))
            && text.get(3..).is_some_and(|number| number.parse::<u16>().is_ok());
        if com || (text.starts_with(['/', '\\']) && text.len() > 1) {
            return Ok(serial(text));
        }
        let address = text.strip_prefix("tcp:").unwrap_or(text).trim_start_matches('/');
        let (host, port) = address.rsplit_once(':').ok_or(AddressError)?;
        let whole = !host.is_empty() && !host.contains(char::is_whitespace);
        match port.parse::<u16>() {
            Ok(1..) if whole => Ok(Self::Tcp(address.to_owned())),
            _ => Err(AddressError),
        }
    }
}

/// An open line.
pub(crate) enum Wire {
    Serial(SerialPort),
    Tcp(TcpStream),
}

impl Wire {
    /// Waits a little for bytes; `is_pause` of the error says that none came, 0 that it is gone.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Serial(port) => port.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }

    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Serial(port) => port.write_all(bytes),
            Self::Tcp(stream) => stream.write_all(bytes),
        }
    }

    /// Hands on as much as is taken now, waiting a little for it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Serial(port) => port.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    /// Throws away what has come and nobody has read.
    pub(crate) fn discard_input(&mut self) -> io::Result<()> {
        match self {
            Self::Serial(port) => port.discard_input_buffer(),
            Self::Tcp(stream) => {
                let mut buffer = [0; 512];
                stream.set_nonblocking(true)?;
                // A device that never stops sending must not hold us here.
                for _ in 0..16 {
                    if !matches!(stream.read(&mut buffer), Ok(count) if count > 0) {
                        break;
                    }
                }
                stream.set_nonblocking(false)
            }
        }
    }
}

/// Whether an error of reading says only that nothing came.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, AddressError>) {
        let address: Result<LineAddress, _> = text.parse();
        assert_eq!(
            address.map(|address| address.id(DeviceKind::Card).to_string()).as_deref(),
            expect.as_deref()
        );
    }

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        check(" /dev/ttyUSB0 ", Ok("card:/dev/ttyUSB0"));
        check("serial:/dev/ttyUSB0", Ok("card:/dev/ttyUSB0"));
        check("COM3", Ok("card:COM3"));
        check(r"\\.\COM12", Ok(r"card:\\.\COM12"));
        check("10.0.0.7:4001", Ok("card:10.0.0.7:4001"));
        check("tcp:reader.hall:4001", Ok("card:reader.hall:4001"));
        check("tcp://[::1]:4001", Ok("card:[::1]:4001"));
        for bad in ["", "/", "serial:", "ttyUSB0", "COMX", "host", "host:", ":1", "h:0", "h:65536"]
        {
            check(bad, Err(AddressError));
        }
        check("a host:4001", Err(AddressError));
    }
}
