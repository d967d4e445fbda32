//! The way to a reader: a serial port, or a TCP port of a network adapter.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::{Duration, Instant};

use serial2::SerialPort;

use super::stream::{Answer, AnswerStream, Heard};
use crate::event::DeviceId;

/// Speeds of readers, in bits a second, the most usual first.
pub const BAUDS: [u32; 5] = [115_200, 57_600, 38_400, 19_200, 9_600];

/// How long one look at the line may last: stopping waits for it.
const LOOK: Duration = Duration::from_millis(20);

/// How long connecting or one write may last.
const CONNECT: Duration = Duration::from_millis(500);

/// Where a reader is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderAddress {
    /// On a serial port of this machine.
    Serial {
        /// Path or name: `/dev/ttyUSB0`, `COM3`.
        port: String,
        /// Bits a second; `None` tries [`BAUDS`] until the reader answers.
        baud: Option<u32>,
    },
    /// Behind a network adapter: `host:port`.
    Tcp(String),
}

impl ReaderAddress {
    /// The device's id: `card:` and the port.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        let (Self::Serial { port, .. } | Self::Tcp(port)) = self;
        DeviceId::from_text(&format!("card:{port}"))
    }

    /// The serial port it is on, if it is on one.
    #[must_use]
    pub fn serial_port(&self) -> Option<&str> {
        match self {
            Self::Serial { port, .. } => Some(port),
            Self::Tcp(_) => None,
        }
    }

    /// The speeds to try, in turn.
    pub(super) fn bauds(&self) -> Vec<u32> {
        match self {
            Self::Serial { baud: None, .. } => BAUDS.to_vec(),
            Self::Serial { baud: Some(baud), .. } => vec![*baud],
            Self::Tcp(_) => vec![0],
        }
    }

    pub(super) fn open(&self, baud: u32) -> io::Result<Link> {
        let wire = match self {
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
        };
        Ok(Link { wire, stream: AnswerStream::new() })
    }
}

/// An address that names neither a serial port nor a TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a serial port such as /dev/ttyUSB0 or COM3, or host:port")]
pub struct AddressError;

impl FromStr for ReaderAddress {
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

enum Wire {
    Serial(SerialPort),
    Tcp(TcpStream),
}

impl Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Serial(port) => port.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Serial(port) => port.write_all(bytes),
            Self::Tcp(stream) => stream.write_all(bytes),
        }
    }
}

/// An open way to a reader.
pub(super) struct Link {
    wire: Wire,
    stream: AnswerStream,
}

impl Link {
    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// `TimedOut` when none came in time, `InvalidData` when it was damaged, `Interrupted` when
    /// `stopped` says so; any other error, and `UnexpectedEof`, when the reader is gone.
    pub(super) fn ask(
        &mut self,
        command: &[u8],
        patience: Duration,
        stopped: &dyn Fn() -> bool,
    ) -> io::Result<Answer> {
        self.drop_late_answers()?;
        self.wire.write_all(command)?;
        let until = Instant::now() + patience;
        let mut buffer = [0; 512];
        while Instant::now() < until {
            if stopped() {
                return Err(ErrorKind::Interrupted.into());
            }
            match self.wire.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    match self.stream.push(bytes).into_iter().next_back() {
                        Some(Heard::Answer(answer)) => return Ok(answer),
                        Some(Heard::Damaged) => return Err(ErrorKind::InvalidData.into()),
                        None => {}
                    }
                }
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::TimedOut.into())
    }

    /// An answer that came too late must not be taken for the next one's.
    fn drop_late_answers(&mut self) -> io::Result<()> {
        self.stream.clear();
        match &self.wire {
            Wire::Serial(port) => port.discard_input_buffer(),
            Wire::Tcp(stream) => {
                let mut buffer = [0; 512];
                stream.set_nonblocking(true)?;
                let mut reader = stream;
                // A reader that never stops sending must not hold us here.
                for _ in 0..16 {
                    if !matches!(reader.read(&mut buffer), Ok(count) if count > 0) {
                        break;
                    }
                }
                stream.set_nonblocking(false)
            }
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, AddressError>) {
        let address: Result<ReaderAddress, _> = text.parse();
        assert_eq!(address.map(|address| address.id().to_string()).as_deref(), expect.as_deref());
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
