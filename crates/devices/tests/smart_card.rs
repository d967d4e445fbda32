//! A passport on a smart-card reader that the system's own service believes in: Debian's pcscd with
//! the virtual reader of vsmartcard-vpcd. Run as root, where no other pcscd runs:
//! `cargo test -p yanma-devices --features smart-card --test smart_card`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use yanma_devices::chip::{ChipError, ChipFiles, ChipKey, ChipReader, chip_readers, read_chip};

const TABLE: &str = include_str!("../../../tests/vectors/chip/dialogues.json");

/// Where the virtual reader waits for its card; so its configuration in Debian says.
const SLOT: &str = "127.0.0.1:35963";
const READER: &str = "Virtual PCD 00 00";

/// What the virtual reader asks in one byte: power off, on, reset, and how the chip introduces
/// itself.
const INTRODUCE: &[u8] = &[4];

/// The introduction of a chip without contacts that says nothing of itself.
const INTRODUCTION: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];

const PATIENCE: Duration = Duration::from_secs(20);

struct Service(Child);

impl Service {
    fn start() -> Self {
        let mut service = Command::new("pcscd");
        service.arg("--foreground").stdout(Stdio::null()).stderr(Stdio::null());
        let service = Self(service.spawn().expect("pcscd is installed"));
        wait(|| chip_readers().ok().filter(|readers| !readers.is_empty()));
        service
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks until there is an answer.
#[track_caller]
fn wait<T>(ask: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing came");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A chip on the reader.
struct Laid {
    slot: TcpStream,
    said: JoinHandle<usize>,
}

impl Laid {
    /// Takes it away; how many steps it answered.
    fn take(self) -> usize {
        // It may have gone by itself.
        let _ = self.slot.shutdown(Shutdown::Both);
        self.said.join().expect("it ends")
    }
}

/// Lays a chip on the reader that says what its row says, for so many steps; then it is gone.
fn lay(row: &Value, most: usize) -> Laid {
    let steps = row["steps"].as_array().expect("steps").clone();
    let bytes = |hex_text: &Value| hex::decode(hex_text.as_str().expect("text")).expect("hex");
    let steps: Vec<_> = steps.iter().map(|step| (bytes(&step[0]), bytes(&step[1]))).collect();
    let mut slot = wait(|| TcpStream::connect(SLOT).ok());
    let taken = slot.try_clone().expect("a second handle");
    let said = thread::spawn(move || {
        let mut said = 0;
        let mut hear = || {
            let mut length = [0; 2];
            slot.read_exact(&mut length).ok()?;
            let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
            slot.read_exact(&mut message).ok()?;
            let answer = match message.as_slice() {
                INTRODUCE => INTRODUCTION.to_vec(),
                [_] => return Some(()),
                command => {
                    let (asked, answer) = steps.get(said).filter(|_| said < most)?;
                    assert_eq!(command, asked, "step {said}");
                    said += 1;
                    answer.clone()
                }
            };
            slot.write_all(&u16::try_from(answer.len()).expect("short").to_be_bytes()).ok()?;
            slot.write_all(&answer).ok()
        };
        while hear().is_some() {}
        // The other handle would hold it open.
        let _ = slot.shutdown(Shutdown::Both);
        said
    });
    Laid { slot: taken, said }
}

fn read(row: &Value) -> Result<ChipFiles, ChipError> {
    let mut reader = wait(|| ChipReader::connect(READER).ok());
    let key = ChipKey::from_zone(row["key"].as_str().expect("a key"));
    let random = hex::decode(row["random"].as_str().expect("random")).expect("hex");
    let random: [u8; 24] = random.try_into().expect("24 bytes");
    read_chip(|command| reader.exchange(command), &key, &random)
}

/// Each has a service of its own: it looks for chips every 0.4 s, and does not notice when two
/// change places in less.
#[test]
fn passports_are_read_and_one_that_is_taken_away_is_told() {
    let table: Value = serde_json::from_str(TABLE).expect("a table");
    let rows = table["dialogues"].as_array().expect("rows");
    for row in rows.iter().take(3) {
        let _service = Service::start();
        assert!(ChipReader::connect(READER).is_err(), "no chip lies there yet");
        let chip = lay(row, usize::MAX);
        let begun = Instant::now();
        let files = read(row).expect("it is read");
        println!("{}: {:?}, laid down to read", row["name"], begun.elapsed());
        assert_eq!(files.zone, row["zone"].as_str().expect("a zone"));
        assert_eq!(chip.take(), row["steps"].as_array().expect("steps").len());
    }
    let _service = Service::start();
    let chip = lay(&rows[0], 5);
    let begun = Instant::now();
    let error = read(&rows[0]).expect_err("it was taken away");
    assert!(matches!(error, ChipError::Link(_)), "{error}");
    println!("taken away: told after {:?}", begun.elapsed());
    assert_eq!(chip.take(), 5);
}
