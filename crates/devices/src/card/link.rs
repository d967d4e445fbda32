//! The way to a reader: a serial port, or a TCP port of a network adapter.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
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
