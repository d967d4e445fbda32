//! Where a simulated device is plugged in: a pseudo-terminal, or a TCP port.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::wire::{LineAddress, is_pause};

/// How long one look at the wire may last: unplugging waits for it.
const LOOK: Duration = Duration::from_millis(20);

/// What a device says: pieces, each after a pause.
pub(crate) type Pieces = Vec<(Duration, Vec<u8>)>;

/// One conversation with whoever opened the port: bytes that came in, and what is said to them.
/// It is called without any as well, every few milliseconds, for what a device says by itself.
pub(crate) type Conversation = Box<dyn FnMut(&[u8]) -> Pieces + Send>;

/// A plugged-in device that is not there. Dropping it pulls the plug.
pub struct SimulatedPort {
    address: LineAddress,
    unplugged: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl SimulatedPort {
    /// Where a desk finds the device.
    #[must_use]
    pub fn address(&self) -> &LineAddress {
        &self.address
    }

    fn start(
        address: LineAddress,
        serve: impl FnOnce(&AtomicBool) + Send + 'static,
    ) -> io::Result<Self> {
        let unplugged = Arc::new(AtomicBool::new(false));
        let mine = Arc::clone(&unplugged);
        let name = "yanma-simulated".to_owned();
        let serving = thread::Builder::new().name(name).spawn(move || serve(&mine))?;
        Ok(Self { address, unplugged, serving: Some(serving) })
    }

    /// A serial port: a pseudo-terminal with a name of its own.
    #[cfg(target_os = "linux")]
    pub(crate) fn on_terminal(
        answering: impl Fn() -> Conversation + Send + 'static,
    ) -> io::Result<Self> {
        use std::os::fd::AsRawFd;

        use serial2::SerialPort;

        let (mut ours, theirs) = SerialPort::pair()?;
        ours.set_read_timeout(LOOK)?;
        ours.set_write_timeout(Duration::from_millis(500))?;
        let name = std::fs::read_link(format!("/proc/self/fd/{}", theirs.as_raw_fd()))?;
        let port = name.to_string_lossy().into_owned();
        Self::start(LineAddress::Serial { port, baud: None }, move |unplugged| {
            // A pseudo-terminal that nobody has open is at its end: ours stays.
            let _kept_open = theirs;
            let read = |buffer: &mut [u8]| ours.read(buffer);
            converse(answering(), read, |bytes| ours.write_all(bytes), unplugged);
        })
    }

    /// A serial port.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn on_terminal(
        _answering: impl Fn() -> Conversation + Send + 'static,
    ) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A network adapter that listens at `address`. Like these adapters it serves one caller at
    /// a time.
    pub(crate) fn on_tcp(
        address: impl ToSocketAddrs,
        answering: impl Fn() -> Conversation + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let here: SocketAddr = listener.local_addr()?;
        Self::start(LineAddress::Tcp(here.to_string()), move |unplugged| {
            while !unplugged.load(Ordering::Acquire) {
                match listener.accept() {
                    Ok((stream, _)) => serve(&stream, answering(), unplugged),
                    Err(_) => thread::sleep(LOOK),
                }
            }
        })
    }
}

impl Drop for SimulatedPort {
    fn drop(&mut self) {
        self.unplugged.store(true, Ordering::Release);
        if let Some(serving) = self.serving.take() {
            let _ = serving.join();
        }
    }
}

fn serve(stream: &TcpStream, conversation: Conversation, unplugged: &AtomicBool) {
    let ready = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_read_timeout(Some(LOOK)))
        .and_then(|()| stream.set_nodelay(true));
    if ready.is_err() {
        return;
    }
    let read = |buffer: &mut [u8]| { stream }.read(buffer);
    converse(conversation, read, |bytes| { stream }.write_all(bytes), unplugged);
}

/// Answers until the plug is pulled or the other side has gone.
fn converse(
    mut conversation: Conversation,
    read: impl Fn(&mut [u8]) -> io::Result<usize>,
    write: impl Fn(&[u8]) -> io::Result<()>,
    unplugged: &AtomicBool,
) {
    let mut buffer = [0; 4096];
    while !unplugged.load(Ordering::Acquire) {
        let count = match read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => count,
            Err(error) if is_pause(&error) => 0,
            Err(_) => return,
        };
        for (pause, piece) in conversation(buffer.get(..count).unwrap_or_default()) {
            thread::sleep(pause);
            if unplugged.load(Ordering::Acquire) || write(&piece).is_err() {
                return;
            }
        }
    }
}
