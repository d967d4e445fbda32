//! Devices that the kernel itself believes in: webcams, a scanner in the mode HID POS, a scanner on a
//! serial port and a card reader on USB, plugged in, pulled out and frozen.
//!
//! They are in a guest that `cargo xtask test --virtual-desk` boots; there this runs as root, one
//! test after the other.

mod cameras;
#[path = "../events/mod.rs"]
mod events;
mod gadget;
mod reader;
#[path = "../scanned/mod.rs"]
mod scanned;
mod webcam;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use events::{Events, events};
use gadget::Gadget;
use reader::UsbReader;
use yanma_devices::attached::{AttachedKind, attached};
use yanma_devices::barcode::Symbology;
use yanma_devices::card::{self, CardEvent, Faults, ReaderAddress, SimulatedReader};
use yanma_devices::hid::{self, HidChoice, HidScanner};
use yanma_devices::serial::{self, SerialDevice};
use yanma_devices::{DeviceEvent, DeviceKind, DeviceState, Notice, list_devices};

/// What a desk says of a device that went away, it says within this time.
const TOLD: Duration = Duration::from_secs(2);

/// A device that is plugged in again is in use within this time.
const BACK: Duration = Duration::from_secs(3);

/// What a scanner reads.
const CODE: &str = "HTTPS://YM.TEST/1234567890";

/// The state comes within a time.
#[track_caller]
fn comes(events: &Events, state: DeviceState, within: Duration, since: Instant) {
    events.state(state);
    let took = since.elapsed();
    eprintln!("    {} after {} ms", state.name(), took.as_millis());
    assert!(took <= within, "{} came after {took:?}", state.name());
}

/// A scanner is pulled out and plugged in, three times, and reads after each.
#[track_caller]
fn goes_and_comes_back(gadget: &mut Gadget, events: &Events, scan: impl Fn(&Gadget)) {
    for _ in 0..3 {
        let since = Instant::now();
        gadget.unplug();
        comes(events, DeviceState::Lost, TOLD, since);
        let since = Instant::now();
        gadget.plug();
        comes(events, DeviceState::Working, BACK, since);
        scan(gadget);
        assert_eq!(events.text(), CODE);
    }
}

/// No thread of a device is left.
#[track_caller]
fn threads_end() {
    let until = Instant::now() + TOLD;
    loop {
        // A code takes the reader a moment, on threads that all cameras of a program share.
        let is_of_a_device = |name: &str| {
            name.starts_with("yanma-")
                && !name.starts_with("yanma-simulated")
                && !name.starts_with("yanma-read")
        };
        let left: Vec<String> = std::fs::read_dir("/proc/self/task")
            .expect("threads")
            .flatten()
            .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
            .filter(|name| is_of_a_device(name))
            .collect();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "threads are left: {left:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn wait_for(path: &str) {
    let until = Instant::now() + Duration::from_secs(10);
    while !Path::new(path).exists() {
        assert!(Instant::now() < until, "{path} does not come");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_hid_pos_scanner_is_read_pulled_out_and_comes_back() {
    let mut gadget = Gadget::scanner();
    wait_for("/dev/hidraw0");
    let listed = list_devices().into_iter().find(|device| device.kind == DeviceKind::Hid);
    let listed = listed.expect("the scanner is listed");
    assert_eq!((listed.id.as_str(), listed.name.as_str()), ("hid:0c2e:0b61:S1", "Virtual Scanner"));
    assert!(attached().iter().any(|device| device.kind == AttachedKind::PointOfSale));
    let (sink, events) = events();
    let listening = hid::run(HidScanner(HidChoice::Any), sink);
    events.state(DeviceState::Working);
    let text: Vec<u8> = (0..=255).cycle().take(1000).chain([b'.']).collect();
    gadget.scan(&text, *b"]Q1");
    let seen = events.wait("a reading", |event| match event {
        DeviceEvent::Seen(seen) => Some(seen),
        _ => None,
    });
    assert_eq!((seen.bytes, seen.symbology), (text.clone(), Some(Symbology::Qr)));
    // It freezes in the middle of a reading.
    let since = Instant::now();
    gadget.begin_scan(&text, *b"]Q1");
    assert_eq!(events.notice(), Notice::ReadingBroken);
    assert!(since.elapsed() <= TOLD);
    goes_and_comes_back(&mut gadget, &events, |gadget| gadget.scan(CODE.as_bytes(), *b"]Q1"));
    listening.stop();
    let last = events.within(Duration::from_millis(200)).pop();
    let off = matches!(last, Some(DeviceEvent::State { state: DeviceState::Off, .. }));
    assert!(off, "{last:?}");
    threads_end();
    let one: HidChoice = listed.id.as_str().parse().expect("what is listed can be chosen");
    let (sink, events) = self::events::events();
    let listening = hid::run(HidScanner(one), sink);
    events.state(DeviceState::Working);
    gadget.scan(CODE.as_bytes(), *b"]Q1");
    assert_eq!(events.text(), CODE);
    listening.stop();
    threads_end();
}

#[test]
fn a_serial_scanner_is_read_pulled_out_and_comes_back() {
    let mut gadget = Gadget::serial();
    wait_for("/dev/ttyACM0");
    let scan = || {
        let mut port = File::options().write(true).open("/dev/ttyGS0").expect("the other end");
        port.write_all(CODE.as_bytes()).expect("sent");
        port.write_all(b"\r\n").expect("sent");
    };
    let (sink, events) = events();
    let scanner = SerialDevice { port: "/dev/ttyACM0".to_owned(), baud: None };
    let listening = serial::run(scanner, sink);
    events.state(DeviceState::Working);
    scan();
    assert_eq!(events.text(), CODE);
    goes_and_comes_back(&mut gadget, &events, |_| scan());
    listening.stop();
    threads_end();
}

#[test]
fn a_card_reader_on_usb_is_read_frozen_pulled_out_and_comes_back() {
    let simulated = SimulatedReader::new();
    let mut reader = UsbReader::new(&simulated);
    let told = |events: &mpsc::Receiver<CardEvent>, wanted: &CardEvent, within: Duration| {
        let since = Instant::now();
        loop {
            let left = (within + BACK).saturating_sub(since.elapsed());
            let event = events.recv_timeout(left).expect("an event");
            if event == *wanted {
                eprintln!("    {event:?} after {} ms", since.elapsed().as_millis());
                assert!(since.elapsed() <= within, "{event:?} came after {:?}", since.elapsed());
                return;
            }
            assert!(matches!(event, CardEvent::State(_)), "{event:?} was not expected");
        }
    };
    let state = CardEvent::State;
    let (sender, events) = mpsc::channel();
    let sender = Mutex::new(sender);
    let sink = move |event| drop(sender.lock().expect("whole").send(event));
    let handle = card::run(ReaderAddress::Usb, Arc::new(sink));
    told(&events, &state(DeviceState::Lost), TOLD);
    reader.plug();
    told(&events, &state(DeviceState::Working), BACK);
    assert!(attached().iter().any(|device| device.kind == AttachedKind::UsbCardReader));
    let card = |mark: u8| {
        simulated.take_away();
        simulated.put(&[mark; 256]);
        loop {
            match events.recv_timeout(BACK).expect("a card") {
                CardEvent::Card(card) => return assert_eq!(card.text(), [mark; 256]),
                event => assert!(matches!(event, CardEvent::State(_)), "{event:?} is no card"),
            }
        }
    };
    card(1);
    simulated.set_faults(Faults { mute: true, ..Faults::default() });
    told(&events, &state(DeviceState::Lost), TOLD);
    simulated.set_faults(Faults::default());
    told(&events, &state(DeviceState::Working), BACK);
    card(2);
    for mark in 3..6 {
        reader.unplug();
        told(&events, &state(DeviceState::Lost), TOLD);
        reader.plug();
        told(&events, &state(DeviceState::Working), BACK);
        card(mark);
    }
    // Every answer comes whole however the bytes are cut.
    simulated.set_faults(Faults { noise: true, ..Faults::default() });
    card(6);
    handle.stop();
    threads_end();
}
