//! Against the simulated reader, over real pseudo-terminals and TCP.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::*;
use crate::card::{AnswerStream, Faults, Heard, SimulatedReader};
use crate::wire::LineAddress;

const SOON: Duration = Duration::from_secs(3);

fn listen(address: impl Into<ReaderAddress>) -> (CardHandle, Receiver<CardEvent>) {
    let (sender, events) = mpsc::channel();
    let sender = Mutex::new(sender);
    let handle = run(
        address,
        Arc::new(move |event| {
            let _ = sender.lock().expect("whole").send(event);
        }),
    );
    (handle, events)
}

/// Waits for what is wanted; anything else on the way but changes of state is a failure.
#[track_caller]
fn wait_for(events: &Receiver<CardEvent>, within: Duration, wanted: &CardEvent) {
    let until = Instant::now() + within;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let event = events.recv_timeout(left).expect("the event comes in time");
        if event == *wanted {
            return;
        }
        assert!(matches!(event, CardEvent::State(_)), "{event:?} was not expected");
    }
}

/// The event of a card whose text is `mark` all over.
fn card(mark: u8) -> CardEvent {
    let mut body = vec![0, 0, 0x90, 1, 0, 4, 0];
    body.resize(7 + 256, mark);
    body.resize(7 + 256 + 1024, 0);
    let mut frame = FIND[..5].to_vec();
    frame.extend(u16::try_from(body.len() + 1).expect("short").to_be_bytes());
    frame.extend(body);
    frame.push(frame.iter().skip(5).fold(0, |x, byte| x ^ byte));
    let heard = AnswerStream::new().push(&frame);
    let [Heard::Answer(answer)] = heard.as_slice() else { panic!("one answer") };
    CardEvent::Card(answer.card().expect("a card"))
}

fn state(state: DeviceState) -> CardEvent {
    CardEvent::State(state)
}

#[test]
fn a_card_is_told_once_however_often_it_is_found_and_the_next_one_too() {
    let reader = SimulatedReader::new();
    reader.set_faults(Faults { finds_again: true, ..Faults::default() });
    let port = reader.on_terminal().expect("a pseudo-terminal");
    let (handle, events) = listen(port.address().clone());
    wait_for(&events, SOON, &state(DeviceState::Working));
    reader.put(&[1; 256]);
    wait_for(&events, SOON, &card(1));
    // It goes on lying there, and is read again and again: only the next card is news. Changing
    // cards may disturb a read, and that is told.
    thread::sleep(POLL * 4);
    reader.put(&[2; 256]);
    let next = std::iter::from_fn(|| events.recv_timeout(SOON).ok())
        .find(|event| matches!(event, CardEvent::Card(_)));
    assert_eq!(next, Some(card(2)));
    // Taken away for long enough and presented again, it is a presentation of its own.
    reader.take_away();
    while events.recv_timeout(POLL).is_ok() {}
    thread::sleep(SAME_PRESENTATION + POLL);
    reader.put(&[2; 256]);
    wait_for(&events, SOON, &card(2));
    handle.stop();
}

#[test]
fn a_card_comes_through_every_fault_that_can_be_overcome() {
    let good = Faults::default();
    for (mark, faults) in [
        (1, Faults { bad_checksum: true, ..good }),
        (2, Faults { split: true, ..good }),
        (3, Faults { noise: true, ..good }),
        (4, Faults { slow: true, ..good }),
        (5, Faults { noise: true, split: true, bad_checksum: true, ..good }),
    ] {
        let reader = SimulatedReader::new();
        reader.set_faults(faults);
        let port = reader.on_terminal().expect("a pseudo-terminal");
        let (handle, events) = listen(port.address().clone());
        wait_for(&events, SOON, &state(DeviceState::Working));
        reader.put(&[mark; 256]);
        wait_for(&events, 3 * SOON, &card(mark));
        handle.stop();
    }
}

#[test]
fn trouble_is_told_once_and_that_it_is_over() {
    for status in [0x41, 0x81, 0x66, 0x31] {
        let reader = SimulatedReader::new();
        let failing = Faults { status: Some(Status(status)), ..Faults::default() };
        reader.set_faults(failing);
        reader.put(&[1; 256]);
        let port = reader.on_terminal().expect("a pseudo-terminal");
        let (handle, events) = listen(port.address().clone());
        wait_for(&events, SOON, &CardEvent::Trouble(Some(Status(status))));
        thread::sleep(POLL * 3);
        reader.set_faults(Faults::default());
        wait_for(&events, SOON, &CardEvent::Trouble(None));
        wait_for(&events, SOON, &card(1));
        reader.set_faults(failing);
        reader.put(&[1; 256]);
        wait_for(&events, SOON, &CardEvent::Trouble(Some(Status(status))));
        // The card is taken away: what to do stands there for a while, and then no longer.
        reader.take_away();
        wait_for(&events, TROUBLE_STAYS + SOON, &CardEvent::Trouble(None));
        handle.stop();
    }
}

#[test]
fn a_reader_that_freezes_while_it_reads_is_lost_as_soon_as_any_other() {
    for bytes in [0, 600] {
        let reader = SimulatedReader::new();
        reader.set_faults(Faults { freezes_after: Some(bytes), ..Faults::default() });
        let port = reader.on_terminal().expect("a pseudo-terminal");
        let (handle, events) = listen(port.address().clone());
        wait_for(&events, SOON, &state(DeviceState::Working));
        // It is looked for within a poll, and then it freezes.
        reader.put(&[1; 256]);
        // Two seconds, and half a one for a busy machine.
        wait_for(&events, POLL + Duration::from_millis(2500), &state(DeviceState::Lost));
        reader.set_faults(Faults::default());
        reader.put(&[2; 256]);
        wait_for(&events, SOON, &card(2));
        handle.stop();
    }
}

#[test]
fn a_reader_that_takes_its_time_with_a_card_is_waited_for() {
    let slow = Faults { slow: true, ..Faults::default() };
    for faults in [slow, Faults { read_takes: Duration::from_secs(1), ..slow }] {
        let reader = SimulatedReader::new();
        reader.set_faults(faults);
        let port = reader.on_terminal().expect("a pseudo-terminal");
        let (handle, events) = listen(port.address().clone());
        wait_for(&events, SOON, &state(DeviceState::Working));
        reader.put(&[1; 256]);
        let first = std::iter::from_fn(|| events.recv_timeout(2 * SOON).ok()).next();
        assert_eq!(first, Some(card(1)), "and nothing is told before it");
        handle.stop();
    }
}

#[test]
fn a_reader_on_tcp_is_lost_and_found_again_however_it_fails() {
    let reader = SimulatedReader::new();
    let mut port = Some(reader.on_tcp("127.0.0.1:0").expect("a port"));
    let address = port.as_ref().expect("plugged in").address().clone();
    let LineAddress::Tcp(here) = address.clone() else { panic!("TCP") };
    let (handle, events) = listen(address);
    wait_for(&events, SOON, &state(DeviceState::Working));
    reader.set_faults(Faults { mute: true, ..Faults::default() });
    wait_for(&events, Duration::from_secs(2), &state(DeviceState::Lost));
    reader.set_faults(Faults::default());
    wait_for(&events, SOON, &state(DeviceState::Working));
    drop(port.take());
    wait_for(&events, Duration::from_secs(2), &state(DeviceState::Lost));
    port = Some(reader.on_tcp(&here).expect("the same port"));
    wait_for(&events, SOON, &state(DeviceState::Working));
    let stopping = Instant::now();
    handle.stop();
    assert!(stopping.elapsed() < STOP, "the thread ends by itself");
    assert_eq!(events.recv_timeout(SOON), Ok(state(DeviceState::Off)));
    drop(port);
}

#[test]
fn a_reader_on_a_serial_port_is_lost_and_found_again_under_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().join("reader");
    let reader = SimulatedReader::new();
    // As udev does: the port's number changes, its name by identity stays.
    let plug_in = || {
        let port = reader.on_terminal().expect("a pseudo-terminal");
        let _ = std::fs::remove_file(&name);
        let target = port.address().serial_port().expect("serial").to_owned();
        std::os::unix::fs::symlink(target, &name).expect("a link");
        port
    };
    let port = plug_in();
    let address: ReaderAddress = name.display().to_string().parse().expect("an address");
    let (handle, events) = listen(address);
    wait_for(&events, SOON, &state(DeviceState::Working));
    drop(port);
    wait_for(&events, Duration::from_secs(2), &state(DeviceState::Lost));
    let port = plug_in();
    wait_for(&events, SOON, &state(DeviceState::Working));
    reader.put(&[9; 256]);
    wait_for(&events, SOON, &card(9));
    reader.set_faults(Faults { mute: true, ..Faults::default() });
    wait_for(&events, Duration::from_secs(2), &state(DeviceState::Lost));
    let stopping = Instant::now();
    handle.stop();
    assert!(stopping.elapsed() < STOP, "a mute reader does not keep the thread");
    drop(port);
}
