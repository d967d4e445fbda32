//! A relay and a turnstile that are not there: they speak what real ones speak, over a
//! pseudo-terminal or TCP, and somebody goes through or does not.

use std::io;
use std::net::ToSocketAddrs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Framing;
use super::modbus::{checksum, framed};
use crate::simulated::{Conversation, Pieces, SimulatedPort};

/// How long the signal of a passage lasts.
const SIGNAL: Duration = Duration::from_millis(400);

/// How late a slow relay answers: later than anybody waits for.
const SLOW: Duration = Duration::from_millis(1800);

/// The longest request that is waited for, in bytes.
const LONGEST: usize = 4096;

/// What it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaks {
    /// Frames of an LCUS board, and nothing back.
    Lcus,
    /// Modbus: any relay of board 1 opens, any of its inputs is the signal of a passage.
    Modbus(Framing),
    /// Bytes.
    Bytes {
        /// What opens it.
        open: Vec<u8>,
        /// What it answers to that.
        answer: Vec<u8>,
        /// What it sends when the arm has turned.
        turned: Vec<u8>,
    },
    /// A Shelly's web server, first and second generation.
    Shelly,
}

/// What it does wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelayFaults {
    /// Nothing is answered, and nothing opens.
    pub mute: bool,
    /// Answers come too late.
    pub slow: bool,
    /// It opens, and the arm never turns.
    pub stuck: bool,
}

/// A relay with a turnstile behind it. Clones are the same one.
#[derive(Clone)]
pub struct SimulatedRelay {
    speaks: Speaks,
    inside: Arc<Mutex<Inside>>,
}

struct Inside {
    faults: RelayFaults,
    turns_after: Option<Duration>,
    on: bool,
    opened: u32,
    /// When the arm turns, or turned.
    turns_at: Option<Instant>,
    /// Whether the turn was told of, by relays that do so.
    told: bool,
}

impl SimulatedRelay {
    /// A relay behind whose turnstile a person goes through a quarter of a second after it
    /// opened.
    #[must_use]
    pub fn new(speaks: Speaks) -> Self {
        let inside = Inside {
            faults: RelayFaults::default(),
            turns_after: Some(Duration::from_millis(250)),
            on: false,
            opened: 0,
            turns_at: None,
            told: true,
        };
        Self { speaks, inside: Arc::new(Mutex::new(inside)) }
    }

    /// From now on it does this wrong, and nothing else.
    pub fn set_faults(&self, faults: RelayFaults) {
        self.inside().faults = faults;
    }

    /// How long after opening somebody goes through; `None`: nobody does until [`Self::turn`].
    pub fn set_turns_after(&self, time: Option<Duration>) {
        self.inside().turns_after = time;
    }

    /// Somebody goes through now, whether it is open or not.
    pub fn turn(&self) {
        let mut inside = self.inside();
        (inside.turns_at, inside.told) = (Some(Instant::now()), false);
    }

    /// How often it was opened.
    #[must_use]
    pub fn opened(&self) -> u32 {
        self.inside().opened
    }

    /// Whether the relay is held now.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.inside().on
    }

    /// Plugs it in as a serial port: a pseudo-terminal with a name of its own.
    ///
    /// # Errors
    /// What the operating system says; `Unsupported` outside Linux.
    pub fn on_terminal(&self) -> io::Result<SimulatedPort> {
        SimulatedPort::on_terminal(self.answering())
    }

    /// Listens at `address`, `host:port`.
    ///
    /// # Errors
    /// What the operating system says, such as that the port is taken.
    pub fn on_tcp(&self, address: impl ToSocketAddrs) -> io::Result<SimulatedPort> {
        SimulatedPort::on_tcp(address, self.answering())
    }

    fn answering(&self) -> impl Fn() -> Conversation + Send + 'static {
        let relay = self.clone();
        move || {
            let (relay, mut heard) = (relay.clone(), Vec::new());
            Box::new(move |bytes| {
                heard.extend_from_slice(bytes);
                if heard.len() > LONGEST {
                    heard.clear();
                }
                relay.inside().say(&relay.speaks, &mut heard)
            })
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn set(&mut self, on: bool) {
        if self.faults.mute {
            return;
        }
        if on && !self.on {
            self.opened += 1;
            let after = self.turns_after.filter(|_| !self.faults.stuck);
            (self.turns_at, self.told) = (after.map(|time| Instant::now() + time), after.is_none());
        }
        self.on = on;
    }

    /// Whether the signal of a passage is there.
    fn signal(&self) -> bool {
        let since = self.turns_at.and_then(|at| Instant::now().checked_duration_since(at));
        since.is_some_and(|since| since < SIGNAL)
    }

    /// What it says to what was heard, and by itself.
    fn say(&mut self, speaks: &Speaks, heard: &mut Vec<u8>) -> Pieces {
        let mut pieces = Pieces::new();
        while let Some(answer) = self.answer(speaks, heard) {
            if !answer.is_empty() && !self.faults.mute {
                let pause = if self.faults.slow { SLOW } else { Duration::ZERO };
                pieces.push((pause, answer));
            }
        }
        if let Speaks::Bytes { turned, .. } = speaks
            && !self.told
            && self.turns_at.is_some_and(|at| at <= Instant::now())
        {
            self.told = true;
            // In two parts, as it comes over a slow line.
            let (first, second) = turned.split_at(turned.len() / 2);
            pieces.push((Duration::ZERO, first.to_vec()));
            pieces.push((Duration::from_millis(30), second.to_vec()));
        }
        pieces
    }

    /// The answer to the first whole request; no bytes where there is none.
    fn answer(&mut self, speaks: &Speaks, heard: &mut Vec<u8>) -> Option<Vec<u8>> {
        match speaks {
            Speaks::Lcus => {
                let at = heard.iter().position(|byte| *byte == 0xA0)?;
                let &[_, relay, on, sum] = heard.get(at..at + 4)? else { return None };
                if sum == 0xA0_u8.wrapping_add(relay).wrapping_add(on) {
                    self.set(on == 1);
                }
                heard.drain(..at + 4);
                Some(Vec::new())
            }
            Speaks::Bytes { open, answer, .. } => {
                let at = heard.windows(open.len()).position(|window| window == open)?;
                heard.drain(..at + open.len());
                // It closes by itself.
                self.on = false;
                self.set(true);
                Some(answer.clone())
            }
            Speaks::Modbus(framing) => {
                let (transaction, body, length) = request(*framing, heard)?;
                heard.drain(..length);
                let body = body.map(|body| self.modbus(&body)).unwrap_or_default();
                let said = !body.is_empty();
                let answer = framed(*framing, transaction, 1, &body);
                Some(if said { answer } else { Vec::new() })
            }
            Speaks::Shelly => {
                let end = heard.windows(4).position(|window| window == b"\r\n\r\n")?;
                let request = String::from_utf8_lossy(heard).into_owned();
                heard.drain(..end + 4);
                let path = request.split_whitespace().nth(1).unwrap_or_default();
                let (status, body) = self.web(path);
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                Some(answer.into_bytes())
            }
        }
    }

    /// Function and data of the answer to a request of these.
    fn modbus(&mut self, body: &[u8]) -> Vec<u8> {
        match body {
            [5, _, _, value @ (0 | 0xFF), 0] => {
                self.set(*value == 0xFF);
                body.to_vec()
            }
            [2, _, _, 0, 1] => vec![2, 1, u8::from(self.signal())],
            [function, ..] => vec![function | 0x80, 1],
            [] => Vec::new(),
        }
    }

    fn web(&mut self, path: &str) -> (&'static str, String) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let asked = |word: &str| query.split('&').any(|one| one == word);
        let on = asked("turn=on") || asked("on=true");
        match path {
            "/relay/0" | "/rpc/Switch.Set" => {
                let was_on = self.on;
                // Its own timer lets it go.
                self.on = false;
                self.set(on);
                let gen1 = format!(r#"{{"ison":{on},"has_timer":true}}"#);
                let gen2 = format!(r#"{{"was_on":{was_on}}}"#);
                ("200 OK", if path == "/relay/0" { gen1 } else { gen2 })
            }
            "/input/0" => {
                let input = u8::from(self.signal());
                ("200 OK", format!(r#"{{"input":{input},"event":"","event_cnt":0}}"#))
            }
            "/rpc/Input.GetStatus" => {
                ("200 OK", format!(r#"{{"id":0,"state":{}}}"#, self.signal()))
            }
            _ => ("404 Not Found", "{}".to_owned()),
        }
    }
}

/// The first request of those heard: its transaction, its function and data unless it is damaged
/// or another board's, and how long it is.
fn request(framing: Framing, heard: &[u8]) -> Option<(u16, Option<Vec<u8>>, usize)> {
    match framing {
        Framing::Rtu => {
            // Every request that is answered here has this length.
            let frame = heard.get(..8)?;
            let (body, sum) = frame.split_at(6);
            let sound = checksum(body).to_le_bytes() == sum && body.first() == Some(&1);
            Some((0, body.get(1..).filter(|_| sound).map(<[u8]>::to_vec), 8))
        }
        Framing::Tcp => {
            let head = heard.get(..6)?;
            let &[high, low, _, _, long, short] = head else { return None };
            let length = 6 + usize::from(u16::from_be_bytes([long, short]));
            let body = heard.get(6..length)?;
            let ours = body.first() == Some(&1);
            let body = body.get(1..).filter(|_| ours).map(<[u8]>::to_vec);
            Some((u16::from_be_bytes([high, low]), body, length))
        }
    }
}
