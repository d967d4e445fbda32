//! Against simulated relays, over real pseudo-terminals and sockets.

use std::sync::Mutex;
use std::thread;

use super::*;

const SOON: Duration = Duration::from_secs(5);

/// Within this time the desk must have been told of a relay that does not answer.
const TOLD: Duration = Duration::from_secs(2);

fn told(options: &str) -> (TurnstileHandle, Receiver<TurnstileEvent>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = options.parse().expect("options");
    let (sender, events) = mpsc::channel();
    let sender = Mutex::new(sender);
    let sink = move |event| {
        let _ = sender.lock().expect("whole").send(event);
    };
    (run(options, Arc::new(sink)), events)
}

#[track_caller]
fn passage(events: &Receiver<TurnstileEvent>, ticket: &str, expect: Passage) {
    let until = Instant::now() + SOON;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match events.recv_timeout(left).expect("told in time") {
            TurnstileEvent::State(_) => {}
            event => {
                let ticket = ticket.to_owned();
                assert_eq!(event, TurnstileEvent::Passage { ticket, passage: expect });
                return;
            }
        }
    }
}

#[track_caller]
fn state(events: &Receiver<TurnstileEvent>, within: Duration, wanted: DeviceState) {
    let until = Instant::now() + within;
    while events
        .recv_timeout(until.saturating_duration_since(Instant::now()))
        .expect("told in time")
        != TurnstileEvent::State(wanted)
    {}
}

#[track_caller]
fn soon(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < until, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The line of settings for each kind of relay that tells of its arm, plugged in.
fn every_kind() -> Vec<(SimulatedRelay, crate::SimulatedPort, String)> {
    let bytes =
        Speaks::Bytes { open: b"OPEN".to_vec(), answer: b"OK".to_vec(), turned: b"TURN".to_vec() };
    let on_line = |speaks: Speaks, options: &dyn Fn(&str) -> String| {
        let relay = SimulatedRelay::new(speaks);
        let port = relay.on_terminal().expect("a pseudo-terminal");
        let options = options(port.address().place());
        (relay, port, options)
    };
    let on_tcp = |speaks: Speaks, options: &dyn Fn(&str) -> String| {
        let relay = SimulatedRelay::new(speaks);
        let port = relay.on_tcp("127.0.0.1:0").expect("a port");
        let options = options(port.address().place());
        (relay, port, options)
    };
    let open_line =
        |at: &str| format!("bytes:{at} open=4F50454E answer=4F4B turned=5455524E within=1");
    let rtu = |at: &str| format!("modbus:{at} input=1 within=1 pulse=100");
    vec![
        on_line(bytes.clone(), &open_line),
        on_tcp(bytes, &open_line),
        on_line(Speaks::Modbus(Framing::Rtu), &rtu),
        on_tcp(Speaks::Modbus(Framing::Rtu), &rtu),
        on_tcp(Speaks::Modbus(Framing::Tcp), &|at| {
            format!("modbus-tcp:{at} input=1 within=1 pulse=100")
        }),
        on_tcp(Speaks::Shelly, &|at| {
            format!("http://{at}/relay/0?turn=on&timer=1 turned=http://{at}/input/0 within=1")
        }),
        on_tcp(Speaks::Shelly, &|at| {
            format!(
                "http://{at}/rpc/Switch.Set?id=0&on=true&toggle_after=1 \
                 turned=http://{at}/rpc/Input.GetStatus?id=0 within=1"
            )
        }),
    ]
}

#[test]
fn the_arm_that_turns_is_heard_and_the_one_that_does_not_is_told() {
    for (relay, _port, options) in every_kind() {
        let (handle, events) = told(&options);
        state(&events, SOON, DeviceState::Working);
        assert!(handle.open("first".to_owned(), || true), "{options}");
        passage(&events, "first", Passage::Turned);
        relay.set_turns_after(None);
        assert!(handle.open("second".to_owned(), || true));
        passage(&events, "second", Passage::NotTurned);
        relay.set_turns_after(Some(Duration::from_millis(100)));
        assert!(handle.open("third".to_owned(), || true));
        passage(&events, "third", Passage::Turned);
        assert_eq!(relay.opened(), 3, "{options}");
        let stopping = Instant::now();
        handle.stop();
        assert!(stopping.elapsed() < STOP, "{options}");
    }
}

#[test]
fn a_passage_before_the_order_is_another_persons() {
    for (relay, _port, options) in every_kind() {
        let (handle, events) = told(&options);
        state(&events, SOON, DeviceState::Working);
        relay.set_turns_after(None);
        relay.turn();
        // The signal of that passage lasts into the order for the next person.
        thread::sleep(Duration::from_millis(100));
        assert!(handle.open("next".to_owned(), || true), "{options}");
        passage(&events, "next", Passage::NotTurned);
        handle.stop();
    }
}

#[test]
fn a_relay_that_does_not_answer_is_told_within_two_seconds_and_holds_nobody() {
    for (relay, _port, options) in every_kind() {
        let (handle, events) = told(&options);
        state(&events, SOON, DeviceState::Working);
        relay.set_faults(RelayFaults { mute: true, ..RelayFaults::default() });
        let asked = Instant::now();
        assert!(handle.open("1".to_owned(), || true), "{options}");
        let orders = (2..30).filter(|number| handle.open(number.to_string(), || true)).count();
        // Whoever gives an order goes on before anything is known of it.
        let known = events.try_iter().find(|event| !matches!(event, TurnstileEvent::State(_)));
        assert_eq!(known, None, "{options}");
        assert!((MOST_WAITING - 1..29).contains(&orders), "{orders} orders wait, and no more");
        passage(&events, "1", Passage::Failed);
        assert!(asked.elapsed() < TOLD, "{options}: told after {:?}", asked.elapsed());
        state(&events, TOLD, DeviceState::Lost);
        // What waited is dropped: once it answers again, it opens for nobody who has gone on.
        relay.set_faults(RelayFaults::default());
        state(&events, SOON, DeviceState::Working);
        assert_eq!(relay.opened(), 0, "{options}");
        handle.stop();
    }
}

#[test]
fn a_board_that_falls_silent_between_people_is_told_by_itself() {
    let relay = SimulatedRelay::new(Speaks::Modbus(Framing::Rtu));
    let port = relay.on_terminal().expect("a pseudo-terminal");
    let (handle, events) = told(&format!("modbus:{} input=1", port.address().place()));
    state(&events, SOON, DeviceState::Working);
    relay.set_faults(RelayFaults { mute: true, ..RelayFaults::default() });
    state(&events, TOLD, DeviceState::Lost);
    relay.set_faults(RelayFaults { slow: true, ..RelayFaults::default() });
    assert!(handle.open("1".to_owned(), || true));
    passage(&events, "1", Passage::Failed);
    handle.stop();
}

#[test]
fn a_board_that_says_nothing_has_opened_and_is_let_go() {
    let relay = SimulatedRelay::new(Speaks::Lcus);
    let port = relay.on_terminal().expect("a pseudo-terminal");
    let (handle, events) = told(&format!("lcus:{} pulse=200", port.address().place()));
    state(&events, SOON, DeviceState::Working);
    assert!(handle.open("1".to_owned(), || true));
    passage(&events, "1", Passage::Opened);
    // It answers nothing: the desk goes on before the board has read the order.
    soon("the first order arrived", || relay.opened() == 1);
    soon("it is let go", || !relay.is_on());
    assert!(handle.open("2".to_owned(), || true));
    passage(&events, "2", Passage::Opened);
    // Closing the desk in the middle of a pulse leaves no arm open.
    handle.stop();
    soon("the second order arrived", || relay.opened() == 2);
    soon("it is let go", || !relay.is_on());
}

#[test]
fn an_unplugged_relay_is_lost_and_used_again() {
    let relay = SimulatedRelay::new(Speaks::Modbus(Framing::Tcp));
    let port = relay.on_tcp("127.0.0.1:0").expect("a port");
    let at = port.address().place().to_owned();
    let (handle, events) = told(&format!("modbus-tcp:{at} input=1 pulse=100"));
    state(&events, SOON, DeviceState::Working);
    drop(port);
    state(&events, TOLD, DeviceState::Lost);
    assert!(handle.open("gone on".to_owned(), || true));
    passage(&events, "gone on", Passage::Failed);
    let _port = relay.on_tcp(at.as_str()).expect("the same port");
    state(&events, Duration::from_secs(3), DeviceState::Working);
    assert!(handle.open("next".to_owned(), || true));
    passage(&events, "next", Passage::Turned);
    assert_eq!(relay.opened(), 1);
    handle.stop();
}
