//! Where a simulated reader is plugged in.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Commands, SimulatedReader, framed};
use crate::card::ReaderAddress;

/// How long one look at the wire may last: unplugging waits for it.
const LOOK: Duration = Duration::from_millis(20);

/// A plugged-in reader. Dropping it pulls the plug.
pub struct SimulatedPort {
    address: ReaderAddress,
    unplugged: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl SimulatedPort {
    /// Where a desk finds the reader.
    #[must_use]
    pub fn address(&self) -> &ReaderAddress {
        &self.address
    }

    fn start(
        address: ReaderAddress,
        serve: impl FnOnce(&AtomicBool) + Send + 'static,
    ) -> io::Result<Self> {
        let unplugged = Arc::new(AtomicBool::new(false));
        let mine = Arc::clone(&unplugged);
        let name = "yanma-simulated-reader".to_owned();
        let serving = thread::Builder::new().name(name).spawn(move || serve(&mine))?;
        Ok(Self { address, unplugged, serving: Some(serving) })
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

impl SimulatedReader {
    /// Plugs it in as a serial port: a pseudo-terminal with a name of its own.
    ///
    /// # Errors
    /// What the operating system says; `Unsupported` outside Linux.
    #[cfg(target_os = "linux")]
    pub fn on_terminal(&self) -> io::Result<SimulatedPort> {
        use std::os::fd::AsRawFd;

        use serial2::SerialPort;

        let (mut ours, theirs) = SerialPort::pair()?;
        ours.set_read_timeout(LOOK)?;
        ours.set_write_timeout(Duration::from_millis(500))?;
        let name = std::fs::read_link(format!("/proc/self/fd/{}", theirs.as_raw_fd()))?;
        let port = name.to_string_lossy().into_owned();
        let reader = self.clone();
        SimulatedPort::start(ReaderAddress::Serial { port, baud: None }, move |unplugged| {
            // A pseudo-terminal that nobody has open is at its end: ours stays.
            let _kept_open = theirs;
            let read = |buffer: &mut [u8]| ours.read(buffer);
            reader.serve(read, |bytes| ours.write_all(bytes), unplugged);
        })
    }

    /// Plugs it in as a serial port.
    ///
    /// # Errors
    /// `Unsupported`: this system has no pseudo-terminals that are known here.
    #[cfg(not(target_os = "linux"))]
    pub fn on_terminal(&self) -> io::Result<SimulatedPort> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Plugs it in behind a network adapter that listens at `address`, `host:port`. Like these
    /// adapters it serves one desk at a time.
    ///
    /// # Errors
    /// What the operating system says, such as that the port is taken.
    pub fn on_tcp(&self, address: impl ToSocketAddrs) -> io::Result<SimulatedPort> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let here: SocketAddr = listener.local_addr()?;
        let reader = self.clone();
        SimulatedPort::start(ReaderAddress::Tcp(here.to_string()), move |unplugged| {
            while !unplugged.load(Ordering::Acquire) {
                match listener.accept() {
                    Ok((stream, _)) => reader.serve_stream(&stream, unplugged),
                    Err(_) => thread::sleep(LOOK),
                }
            }
        })
    }

    fn serve_stream(&self, stream: &TcpStream, unplugged: &AtomicBool) {
        let ready = stream
            .set_nonblocking(false)
            .and_then(|()| stream.set_read_timeout(Some(LOOK)))
            .and_then(|()| stream.set_nodelay(true));
        if ready.is_err() {
            return;
        }
        let read = |buffer: &mut [u8]| { stream }.read(buffer);
        self.serve(read, |bytes| { stream }.write_all(bytes), unplugged);
    }

    /// Answers until the plug is pulled or the other side has gone.
    fn serve(
        &self,
        read: impl Fn(&mut [u8]) -> io::Result<usize>,
        write: impl Fn(&[u8]) -> io::Result<()>,
        unplugged: &AtomicBool,
    ) {
        let mut commands = Commands::default();
        let mut buffer = [0; 256];
        while !unplugged.load(Ordering::Acquire) {
            let count = match read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => count,
                Err(error)
                    if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) =>
                {
                    continue;
                }
                Err(_) => return,
            };
            for command in commands.push(buffer.get(..count).unwrap_or_default()) {
                let pieces = match command {
                    Some(command) => self.answer(&command),
                    None => vec![(Duration::ZERO, framed(&[0, 0, 0x10]))],
                };
                for (pause, piece) in pieces {
                    thread::sleep(pause);
                    if unplugged.load(Ordering::Acquire) || write(&piece).is_err() {
                        return;
                    }
                }
            }
        }
    }
}
