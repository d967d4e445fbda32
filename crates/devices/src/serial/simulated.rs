//! A scanner or a thermometer that is not there: it says what it is told to, over a
//! pseudo-terminal or TCP.

use std::collections::VecDeque;
use std::io;
use std::net::ToSocketAddrs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::simulated::{Conversation, SimulatedPort};

/// A device that speaks by itself. Clones are the same one.
#[derive(Clone, Default)]
pub struct SimulatedSerial {
    /// What it has still to say.
    unsaid: Arc<Mutex<VecDeque<Vec<u8>>>>,
}

impl SimulatedSerial {
    /// A device that has nothing to say yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says a line, with a carriage return after it as scanners send one.
    pub fn say(&self, text: &str) {
        self.say_bytes(&[text.as_bytes(), b"\r"].concat());
    }

    /// Says these bytes, and nothing after them.
    pub fn say_bytes(&self, bytes: &[u8]) {
        self.unsaid().push_back(bytes.to_owned());
    }

    /// Plugs it in as a serial port: a pseudo-terminal with a name of its own. What it should
    /// have said while it was unplugged is not said any more.
    ///
    /// # Errors
    /// What the operating system says; `Unsupported` outside Linux.
    pub fn on_terminal(&self) -> io::Result<SimulatedPort> {
        SimulatedPort::on_terminal(self.speaking())
    }

    /// The same at `address`, `host:port`.
    ///
    /// # Errors
    /// What the operating system says, such as that the port is taken.
    pub fn on_tcp(&self, address: impl ToSocketAddrs) -> io::Result<SimulatedPort> {
        SimulatedPort::on_tcp(address, self.speaking())
    }

    fn speaking(&self) -> impl Fn() -> Conversation + Send + 'static {
        let device = self.clone();
        device.unsaid().clear();
        move || {
            let device = device.clone();
            Box::new(move |_| {
                let unsaid = std::mem::take(&mut *device.unsaid());
                unsaid.into_iter().map(|line| (Duration::ZERO, line)).collect()
            })
        }
    }

    fn unsaid(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.unsaid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
