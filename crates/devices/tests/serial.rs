//! A serial scanner over a real pseudo-terminal: what it types, and how it leaves and comes back.
#![cfg(unix)]

mod events;

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use events::events;
use serial2::SerialPort;
use yanma_devices::serial::{ByteStream, MAX_READING_BYTES, SerialDevice, SerialSource, run};
#[cfg(target_os = "linux")]
use yanma_devices::serial::{SimulatedSerial, USUAL_BAUDS};
use yanma_devices::{DeviceEvent, DeviceId, DeviceState, Notice};

/// A desk end for each time the scanner is plugged in.
struct Cable(VecDeque<SerialPort>);

impl SerialSource for Cable {
    fn id(&self) -> DeviceId {
        DeviceId::serial("cable")
    }

    fn open(&mut self) -> io::Result<Box<dyn ByteStream>> {
        let mut port = self.0.pop_front().ok_or(ErrorKind::NotFound)?;
        port.set_read_timeout(Duration::from_millis(20))?;
        Ok(Box::new(port))
    }
}

fn plugged(times: usize) -> (Vec<SerialPort>, Cable) {
    let pairs = (0..times).map(|_| SerialPort::pair().expect("a pair of pseudo-terminals"));
    let (scanners, desks): (Vec<_>, VecDeque<_>) = pairs.unzip();
    for port in scanners.iter().chain(&desks) {
        // Bytes must arrive as they are sent: no echo, no line editing.
        let mut settings = port.get_configuration().expect("settings");
        settings.set_raw();
        let mut port = port.try_clone().expect("a second handle");
        port.set_configuration(&settings).expect("raw");
    }
    (scanners, Cable(desks))
}

#[test]
fn readings_end_with_a_mark_or_a_pause() {
    let (scanners, cable) = plugged(1);
    let (sink, events) = events();
    let listening = run(cable, sink);
    events.state(DeviceState::Working);
    scanners[0].write_all(b"HTTPS://YM.TEST/1\r\nHTTPS://YM.TEST/2\r").unwrap();
    assert_eq!(events.text(), "HTTPS://YM.TEST/1");
    assert_eq!(events.text(), "HTTPS://YM.TEST/2");
    let begun = Instant::now();
    scanners[0].write_all(b"HTTPS://YM.TEST/12").unwrap();
    assert_eq!(events.text(), "HTTPS://YM.TEST/12", "half a code, then nothing");
    assert!(begun.elapsed() >= Duration::from_millis(80));
    scanners[0].write_all(b"\xC9\xFF1\r").unwrap();
    let seen = events.wait("bytes", |event| match event {
        DeviceEvent::Seen(seen) => Some(seen),
        _ => None,
    });
    assert_eq!(
        (seen.bytes.as_slice(), seen.text.as_str()),
        (&b"\xC9\xFF1"[..], "\u{FFFD}\u{FFFD}1")
    );
    assert_eq!((seen.symbology, seen.corners), (None, None));
    listening.stop();
    events.state(DeviceState::Off);
    assert_eq!(events.within(Duration::from_millis(100)), [], "nothing is told after off");
}

#[test]
fn a_code_in_pieces_is_one_reading() {
    let (scanners, cable) = plugged(1);
    let (sink, events) = events();
    let _listening = run(cable, sink);
    events.state(DeviceState::Working);
    // Written faster than the pause that ends a reading, as a slow line delivers it.
    for piece in [&b"HTTPS://"[..], b"YM.TEST/", b"0123456789", b"\r"] {
        scanners[0].write_all(piece).unwrap();
    }
    assert_eq!(events.text(), "HTTPS://YM.TEST/0123456789");
}

#[test]
fn too_long_a_reading_is_told_and_the_next_is_read() {
    let (scanners, cable) = plugged(1);
    let (sink, events) = events();
    let _listening = run(cable, sink);
    events.state(DeviceState::Working);
    let writer = thread::spawn(move || {
        let long = vec![b'7'; MAX_READING_BYTES + 1];
        for piece in long.chunks(256) {
            scanners[0].write_all(piece).unwrap();
        }
        scanners[0].write_all(b"\rnext one\r").unwrap();
        scanners
    });
    assert_eq!(events.notice(), Notice::ReadingTooLong);
    assert_eq!(events.text(), "next one");
    drop(writer.join().unwrap());
}

#[test]
fn a_scanner_pulled_out_is_lost_and_read_again_when_it_is_back() {
    let (mut scanners, cable) = plugged(2);
    let (sink, events) = events();
    let listening = run(cable, sink);
    events.state(DeviceState::Working);
    scanners[0].write_all(b"before\r").unwrap();
    assert_eq!(events.text(), "before");
    drop(scanners.remove(0));
    events.state(DeviceState::Lost);
    events.state(DeviceState::Working);
    scanners[0].write_all(b"after\r").unwrap();
    assert_eq!(events.text(), "after");
    drop(scanners.remove(0));
    events.state(DeviceState::Lost);
    assert_eq!(listening.state(), DeviceState::Lost);
    let begun = Instant::now();
    listening.stop();
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_port_that_is_not_there_is_lost() {
    let (sink, events) = events();
    let scanner = SerialDevice { port: "/dev/yanma-no-such-port".into(), baud: None };
    let listening = run(scanner, sink);
    events.state(DeviceState::Lost);
    listening.stop();
    events.state(DeviceState::Off);
}

#[cfg(target_os = "linux")]
#[test]
fn two_devices_are_heard_at_once_and_one_goes_on_while_the_other_is_away() {
    let (scanner, thermometer) = (SimulatedSerial::new(), SimulatedSerial::new());
    let folder = tempfile::tempdir().unwrap();
    let plug = |name: &str, device: &SimulatedSerial| {
        let port = device.on_terminal().unwrap();
        let link = folder.path().join(name);
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(port.address().place(), &link).unwrap();
        (port, link.display().to_string())
    };
    let (sink, events) = events();
    let listen = |port: String| run(SerialDevice { port, baud: None }, sink.clone());
    let (_scanner_plug, place) = plug("scanner", &scanner);
    let at_scanner = DeviceId::serial(&place);
    let _scanner_line = listen(place);
    let (thermometer_plug, place) = plug("thermometer", &thermometer);
    let at_thermometer = DeviceId::serial(&place);
    let _thermometer_line = listen(place);
    for _ in 0..2 {
        events.state(DeviceState::Working);
    }
    let heard = || {
        events.wait("a reading", |event| match event {
            DeviceEvent::Seen(seen) => Some((seen.source, seen.text)),
            _ => None,
        })
    };
    let is = |wanted: DeviceState| {
        events.wait(wanted.name(), |event| match event {
            DeviceEvent::State { id, state } if state == wanted => Some(id),
            _ => None,
        })
    };
    scanner.say("HTTPS://YM.TEST/1");
    assert_eq!(heard(), (at_scanner.clone(), "HTTPS://YM.TEST/1".to_owned()));
    thermometer.say("36.8");
    assert_eq!(heard(), (at_thermometer.clone(), "36.8".to_owned()));
    drop(thermometer_plug);
    assert_eq!(is(DeviceState::Lost), at_thermometer);
    scanner.say("HTTPS://YM.TEST/2");
    assert_eq!(heard(), (at_scanner, "HTTPS://YM.TEST/2".to_owned()));
    let (_thermometer_plug, _) = plug("thermometer", &thermometer);
    assert_eq!(is(DeviceState::Working), at_thermometer);
    thermometer.say("37.6");
    assert_eq!(heard(), (at_thermometer, "37.6".to_owned()));
}

#[cfg(target_os = "linux")]
#[test]
fn what_makes_no_sense_moves_the_speed_on_until_something_does() {
    let scanner = SimulatedSerial::new();
    let plug = scanner.on_terminal().unwrap();
    let port = plug.address().place().to_owned();
    // Whoever has the terminal open sees how the desk has set it.
    let other = SerialPort::open(&port, serial2::KeepSettings).unwrap();
    let baud = || other.get_configuration().and_then(|settings| settings.get_baud_rate()).unwrap();
    let (sink, events) = events();
    let _listening = run(SerialDevice { port, baud: None }, sink);
    events.state(DeviceState::Working);
    assert_eq!(baud(), USUAL_BAUDS[0]);
    for speed in [USUAL_BAUDS[1], USUAL_BAUDS[2]] {
        scanner.say_bytes(b"\xF8\x80\r\x00\xE0\n\x9E\xF8");
        let begun = Instant::now();
        while baud() != speed {
            assert!(begun.elapsed() < Duration::from_secs(5), "at {}, not {speed}", baud());
            thread::sleep(Duration::from_millis(5));
        }
    }
    scanner.say("HTTPS://YM.TEST/1");
    assert_eq!(events.notice(), Notice::WrongSpeed);
    assert_eq!(events.text(), "HTTPS://YM.TEST/1", "nothing of the rest was handed on");
    scanner.say_bytes(b"\xF8\x80\r");
    events.wait("bytes", |event| match event {
        DeviceEvent::Seen(seen) if seen.bytes == b"\xF8\x80" => Some(()),
        _ => None,
    });
    assert_eq!(baud(), USUAL_BAUDS[2]);
}
