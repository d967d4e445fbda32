//! A scanner in the mode HID POS: what it tells, and how it leaves and comes back; and its reports
//! under arbitrary splitting and noise.

mod events;
mod scanned;

use std::io::{self, ErrorKind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use events::events;
use proptest::prelude::*;
use scanned::reports;
use yanma_devices::barcode::Symbology;
use yanma_devices::hid::{
    CONTINUES_WITHIN, HidChoice, HidReading, HidSource, ReportLayout, ReportStream, Reports,
    layouts, run,
};
use yanma_devices::serial::MAX_READING_BYTES;
use yanma_devices::{DeviceEvent, DeviceId, DeviceState, Notice};

/// A desk end for each time the scanner is plugged in. Pulling the plug drops the other end.
struct Cable(Vec<Receiver<Vec<u8>>>);

struct Plugged(Receiver<Vec<u8>>);

impl HidSource for Cable {
    fn id(&self) -> DeviceId {
        HidChoice::Any.id()
    }

    fn open(&mut self) -> io::Result<Box<dyn Reports>> {
        if self.0.is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        Ok(Box::new(Plugged(self.0.remove(0))))
    }
}

impl Reports for Plugged {
    fn layouts(&self) -> Vec<ReportLayout> {
        layouts(0x0C2E, &[])
    }

    fn read_report(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.recv_timeout(Duration::from_millis(20)) {
            Ok(report) => {
                buffer[..report.len()].copy_from_slice(&report);
                Ok(report.len())
            }
            Err(RecvTimeoutError::Timeout) => Err(ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("disconnected")),
        }
    }
}

fn plugged(times: usize) -> (Vec<Sender<Vec<u8>>>, Cable) {
    let (scanners, desks) = (0..times).map(|_| channel()).unzip();
    (scanners, Cable(desks))
}

#[test]
fn readings_come_with_the_kind_of_symbol_and_their_bytes() {
    let (scanners, cable) = plugged(1);
    let (sink, events) = events();
    let listening = run(cable, sink);
    events.state(DeviceState::Working);
    let text: Vec<u8> = (0..=255).cycle().take(1000).chain([b'.']).collect();
    for report in reports(&text, *b"]Q1") {
        scanners[0].send(report).unwrap();
    }
    let seen = events.wait("a reading", |event| match event {
        DeviceEvent::Seen(seen) => Some(seen),
        _ => None,
    });
    assert_eq!((seen.bytes, seen.symbology), (text, Some(Symbology::Qr)));
    assert_eq!(seen.source.as_str(), "hid:any");
    listening.stop();
    events.state(DeviceState::Off);
    assert_eq!(events.within(Duration::from_millis(100)), [], "nothing is told after off");
}

#[test]
fn half_a_reading_is_told_and_the_next_is_read() {
    let (scanners, cable) = plugged(1);
    let (sink, events) = events();
    let _listening = run(cable, sink);
    events.state(DeviceState::Working);
    scanners[0].send(reports(&[b'7'; 60], *b"]Q1").remove(0)).unwrap();
    let begun = Instant::now();
    assert_eq!(events.notice(), Notice::ReadingBroken);
    assert!(begun.elapsed() < Duration::from_secs(2), "a scanner that freezes is told soon");
    scanners[0].send(reports(b"next one", *b"]Q1").remove(0)).unwrap();
    assert_eq!(events.text(), "next one");
}

#[test]
fn a_scanner_pulled_out_is_lost_and_read_again_when_it_is_back() {
    let (mut scanners, cable) = plugged(2);
    let (sink, events) = events();
    let listening = run(cable, sink);
    events.state(DeviceState::Working);
    // Pulled out in the middle of a reading.
    scanners[0].send(reports(&[b'7'; 60], *b"]Q1").remove(0)).unwrap();
    drop(scanners.remove(0));
    assert_eq!(events.notice(), Notice::ReadingBroken);
    events.state(DeviceState::Lost);
    events.state(DeviceState::Working);
    scanners[0].send(reports(b"after", *b"]Q1").remove(0)).unwrap();
    assert_eq!(events.text(), "after");
    drop(scanners.remove(0));
    events.state(DeviceState::Lost);
    assert_eq!(events.within(Duration::from_millis(1200)), [], "it is lost, and told so once");
    let begun = Instant::now();
    listening.stop();
    assert!(begun.elapsed() < Duration::from_secs(10));
}

/// Pushes reports, one every millisecond, and waits until nothing more can come.
fn pushed(reports: &[Vec<u8>]) -> Vec<HidReading> {
    let mut stream = ReportStream::new(layouts(0x0C2E, &[]));
    let mut now = Instant::now();
    let mut readings = Vec::new();
    for report in reports {
        now += Duration::from_millis(1);
        readings.extend(stream.report(report, now));
    }
    readings.extend(stream.idle(now + CONTINUES_WITHIN));
    readings
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    // A line end at the end is the scanner's own, and taken away.
    prop::collection::vec(any::<u8>(), 0..400).prop_map(|mut text| {
        text.push(b'.');
        text
    })
}

proptest! {
    #[test]
    fn every_text_comes_out_whole_between_reports_of_other_kinds(
        texts in prop::collection::vec(text(), 1..5),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 8),
    ) {
        let mut all = Vec::new();
        for text in &texts {
            for (report, noise) in reports(text, *b"]z0").into_iter().zip(noise.iter().cycle()) {
                // An id that no report with a reading has.
                let mut noise = noise.clone();
                noise.insert(0, 9);
                noise.truncate(62);
                all.extend([noise, report]);
            }
        }
        let whole = |bytes: &Vec<u8>| {
            HidReading::Scan { bytes: bytes.clone(), aim: Some(*b"]z0") }
        };
        prop_assert_eq!(pushed(&all), texts.iter().map(whole).collect::<Vec<_>>());
    }

    #[test]
    fn a_text_without_its_last_report_is_none(
        text in prop::collection::vec(any::<u8>(), 57..400),
        next in text(),
    ) {
        let mut all = reports(&text, *b"]Q1");
        all.pop();
        prop_assert_eq!(pushed(&all), [HidReading::Broken]);
        all.extend(reports(&next, *b"]L0"));
        let whole = HidReading::Scan { bytes: next, aim: Some(*b"]L0") };
        prop_assert_eq!(pushed(&all), [HidReading::Broken, whole]);
    }

    #[test]
    fn nothing_makes_it_fall_over(
        vendor in prop_oneof![Just(0x0C2E_u16), Just(0x1EAB)],
        descriptor in prop::collection::vec(any::<u8>(), 0..200),
        rubbish in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..70), 0..300),
    ) {
        let mut stream = ReportStream::new(layouts(vendor, &descriptor));
        let now = Instant::now();
        for report in rubbish {
            for reading in stream.report(&report, now) {
                if let HidReading::Scan { bytes, .. } = reading {
                    prop_assert!((1..=MAX_READING_BYTES).contains(&bytes.len()));
                }
            }
        }
        let _ = stream.end();
        prop_assert_eq!(stream.end(), None);
    }
}
