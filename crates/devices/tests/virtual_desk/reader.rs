//! A card reader on USB, 0400:C35A: the simulated reader behind two bulk endpoints, plugged into
//! the kernel's virtual host controller (USB/IP). Source of the frames: the kernel's
//! Documentation/usb/usbip_protocol.rst.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use yanma_devices::SimulatedPort;
use yanma_devices::card::SimulatedReader;

/// Where it is plugged in; the camera takes the first four.
const PORT: u32 = 6;

const ATTACH: &str = "/sys/devices/platform/vhci_hcd.0/attach";

const DEVICE: [u8; 18] =
    [18, 1, 0x10, 0x01, 0xFF, 0, 0, 64, 0x00, 0x04, 0x5A, 0xC3, 0, 1, 1, 2, 0, 1];

/// One interface of no class, a bulk endpoint in and one out, 64 bytes a packet.
const CONFIGURATION: [u8; 32] = [
    9, 2, 32, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 2, 0xFF, 0, 0, 0, 7, 5, 0x81, 2, 64, 0, 0, 7, 5,
    0x02, 2, 64, 0, 0,
];

/// No such thing, as USB says it.
const STALL: i32 = -32;

/// What was taken back was not yet answered.
const TAKEN_BACK: i32 = -104;

pub(crate) struct UsbReader {
    port: SimulatedPort,
    cable: Option<UnixStream>,
}

impl UsbReader {
    /// Not plugged in.
    pub(crate) fn new(reader: &SimulatedReader) -> Self {
        Self { port: reader.on_tcp("127.0.0.1:0").expect("a port"), cable: None }
    }

    pub(crate) fn plug(&mut self) {
        let (ours, kernels) = UnixStream::pair().expect("a cable");
        let inside = TcpStream::connect(self.port.address().place()).expect("the reader's inside");
        let wire = Arc::new(Mutex::new(Wire {
            to_kernel: ours.try_clone().expect("a second handle"),
            asked: VecDeque::new(),
            said: VecDeque::new(),
            come: HashSet::new(),
            taken_back: HashSet::new(),
        }));
        let (answers, its_wire) = (inside.try_clone().expect("a second handle"), wire.clone());
        thread::spawn(move || hear(answers, &its_wire));
        let from_kernel = ours.try_clone().expect("a second handle");
        thread::spawn(move || {
            // An end of the cable that is gone ends both threads.
            let _ = serve(from_kernel, &inside, &wire);
            let _ = inside.shutdown(Shutdown::Both);
        });
        // Full speed is 2. What was pulled out takes the kernel a moment.
        let line = format!("{PORT} {} {PORT} 2", kernels.as_raw_fd());
        let until = Instant::now() + Duration::from_secs(5);
        while let Err(error) = fs::write(ATTACH, &line) {
            assert!(Instant::now() < until, "it cannot be plugged in: {error}");
            thread::sleep(Duration::from_millis(20));
        }
        self.cable = Some(ours);
    }

    pub(crate) fn unplug(&mut self) {
        let cable = self.cable.take().expect("it is plugged in");
        cable.shutdown(Shutdown::Both).expect("pulled out");
    }
}

struct Wire {
    to_kernel: UnixStream,
    /// Reads that wait for bytes: their numbers and how much they take.
    asked: VecDeque<(u32, usize)>,
    /// What the reader has said and nobody has asked for.
    said: VecDeque<u8>,
    /// The numbers of all requests that came.
    come: HashSet<u32>,
    /// Requests that were taken back before they came: they must not be answered.
    taken_back: HashSet<u32>,
}

impl Wire {
    /// Answers a request. Only what goes to the kernel has bytes.
    fn answer(&mut self, number: u32, status: i32, count: usize, bytes: &[u8]) -> io::Result<()> {
        let mut frame = Vec::new();
        for word in [3, number, 0, 0, 0] {
            frame.extend(u32::to_be_bytes(word));
        }
        frame.extend(status.to_be_bytes());
        frame.extend(u32::try_from(count).expect("short").to_be_bytes());
        frame.resize(48, 0);
        frame.extend(bytes);
        self.to_kernel.write_all(&frame)
    }

    /// Gives what was said to whoever asked.
    fn give(&mut self) -> io::Result<()> {
        while !self.said.is_empty() {
            let Some((number, room)) = self.asked.pop_front() else { break };
            let count = room.min(self.said.len());
            let bytes: Vec<u8> = self.said.drain(..count).collect();
            self.answer(number, 0, count, &bytes)?;
        }
        Ok(())
    }
}

fn hear(mut inside: TcpStream, wire: &Mutex<Wire>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = inside.read(&mut buffer) {
        let mut wire = wire.lock().expect("whole");
        wire.said.extend(&buffer[..count]);
        if wire.give().is_err() {
            return;
        }
    }
}

fn serve(mut kernel: UnixStream, mut inside: &TcpStream, wire: &Mutex<Wire>) -> io::Result<()> {
    let mut head = [0; 48];
    loop {
        kernel.read_exact(&mut head)?;
        let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("four"));
        let (command, number, inwards, endpoint) = (word(0), word(4), word(12) == 1, word(16));
        if command == 2 {
            take_back(&mut wire.lock().expect("whole"), number, word(20))?;
            continue;
        }
        let count = usize::try_from(word(24)).expect("short");
        let mut bytes = vec![0; if inwards { 0 } else { count }];
        kernel.read_exact(&mut bytes)?;
        let setup: [u8; 8] = head[40..].try_into().expect("eight");
        let mut wire = wire.lock().expect("whole");
        wire.come.insert(number);
        if wire.taken_back.remove(&number) {
            continue;
        }
        match (endpoint, inwards) {
            (0, _) => match control(setup) {
                Some(answer) => {
                    let size = if inwards { count.min(answer.len()) } else { count };
                    let answer = if inwards { &answer[..size] } else { &[] };
                    wire.answer(number, 0, size, answer)?;
                }
                None => wire.answer(number, STALL, 0, &[])?,
            },
            (1, true) => {
                wire.asked.push_back((number, count));
                wire.give()?;
            }
            (2, false) => {
                inside.write_all(&bytes)?;
                wire.answer(number, 0, count, &[])?;
            }
            _ => wire.answer(number, STALL, 0, &[])?,
        }
    }
}

fn take_back(wire: &mut Wire, number: u32, which: u32) -> io::Result<()> {
    let before = wire.asked.len();
    wire.asked.retain(|(asked, _)| *asked != which);
    let early = !wire.come.contains(&which) && wire.taken_back.insert(which);
    let status = if early || wire.asked.len() < before { TAKEN_BACK } else { 0 };
    let mut frame = Vec::new();
    for word in [4, number, 0, 0, 0] {
        frame.extend(u32::to_be_bytes(word));
    }
    frame.extend(status.to_be_bytes());
    frame.resize(48, 0);
    wire.to_kernel.write_all(&frame)
}

/// What it says of itself.
fn control([kind, request, low, high, ..]: [u8; 8]) -> Option<Vec<u8>> {
    let text = |text: &str| {
        let mut bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.splice(0..0, [u8::try_from(bytes.len() + 2).expect("short"), 3]);
        bytes
    };
    match (kind, request, high, low) {
        (0x80, 6, 1, _) => Some(DEVICE.to_vec()),
        (0x80, 6, 2, _) => Some(CONFIGURATION.to_vec()),
        (0x80, 6, 3, 0) => Some(vec![4, 3, 9, 4]),
        (0x80, 6, 3, 1) => Some(text("Virtual Desk")),
        (0x80, 6, 3, _) => Some(text("ID card reader")),
        (0x80..=0x82, 0, ..) => Some(vec![0, 0]),
        (0x80, 8, ..) => Some(vec![1]),
        (0x00..=0x02, 1 | 3 | 9 | 11, ..) => Some(Vec::new()),
        _ => None,
    }
}
