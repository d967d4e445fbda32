//! Against the simulated printer, over real pseudo-terminals and sockets.

use std::sync::Mutex;

use super::*;
use crate::SimulatedPort;

const SOON: Duration = Duration::from_secs(5);

/// Within this time the desk must have been told of a printer that does not answer.
const TOLD: Duration = Duration::from_secs(2);

fn told(options: &str) -> (PrinterHandle, Receiver<PrinterEvent>) {
    let options = options.parse().expect("options");
    let (sender, events) = mpsc::channel();
    let sender = Mutex::new(sender);
    let sink = move |event| {
        let _ = sender.lock().expect("whole").send(event);
    };
    (run(options, Arc::new(sink)), events)
}

#[track_caller]
fn wait_for(events: &Receiver<PrinterEvent>, within: Duration, wanted: &PrinterEvent) {
    let until = Instant::now() + within;
    while events
        .recv_timeout(until.saturating_duration_since(Instant::now()))
        .unwrap_or_else(|_| panic!("{wanted:?} is told in time"))
        != *wanted
    {}
}

fn job_is(ticket: &str, printed: Printed) -> PrinterEvent {
    PrinterEvent::Job { ticket: ticket.to_owned(), printed }
}

/// A page with something on every edge, higher than one band.
fn page() -> Page {
    let mut rows = vec![0; 48 * 300];
    for (at, byte) in rows.iter_mut().enumerate() {
        *byte = u8::try_from(at % 251).expect("small");
    }
    Page::new(48, rows)
}

/// A printer behind each kind of way.
fn every_way() -> Vec<(SimulatedPrinter, SimulatedPort, String)> {
    let terminal = |prefix: &str| {
        let printer = SimulatedPrinter::new();
        let port = printer.on_terminal().expect("a pseudo-terminal");
        let options = format!("{prefix}{} width=384", port.address().place());
        (printer, port, options)
    };
    let on_tcp = {
        let printer = SimulatedPrinter::new();
        let port = printer.on_tcp("127.0.0.1:0").expect("a port");
        let options = format!("{} width=384", port.address().place());
        (printer, port, options)
    };
    vec![terminal("serial:"), terminal("file:"), on_tcp]
}

#[test]
fn a_page_comes_out_as_it_was_drawn_and_is_said_to_be_printed() {
    for (printer, _port, options) in every_way() {
        let (handle, events) = told(&options);
        wait_for(&events, SOON, &PrinterEvent::State(DeviceState::Working));
        for (number, ticket) in ["first", "second"].into_iter().enumerate() {
            assert!(handle.print(ticket.to_owned(), page()), "{options}");
            wait_for(&events, SOON, &job_is(ticket, Printed::Done));
            let slip = printer.wait_for(number, SOON).expect("it comes out");
            assert!(slip == page(), "{options}: every dot");
        }
        assert_eq!((printer.printed(), printer.garbage()), (2, 0), "{options}");
        let stopping = Instant::now();
        handle.stop();
        assert!(stopping.elapsed() < STOP * 2, "{options}");
    }
}

#[test]
fn what_is_wrong_is_said_before_anybody_prints_and_the_job_is_dropped() {
    let faults = PrinterFaults::default();
    for (faults, trouble) in [
        (PrinterFaults { paper_out: true, ..faults }, Trouble::PaperOut),
        (PrinterFaults { cover_open: true, ..faults }, Trouble::CoverOpen),
        (PrinterFaults { cutter: true, ..faults }, Trouble::Cutter),
        (PrinterFaults { offline: true, ..faults }, Trouble::Offline),
    ] {
        for (printer, _port, options) in every_way() {
            let (handle, events) = told(&options);
            wait_for(&events, SOON, &PrinterEvent::State(DeviceState::Working));
            printer.set_faults(faults);
            wait_for(&events, SOON, &PrinterEvent::Trouble(Some(trouble)));
            assert!(handle.print("1".to_owned(), page()), "{options}");
            wait_for(&events, SOON, &job_is("1", Printed::Failed(trouble)));
            printer.set_faults(PrinterFaults::default());
            wait_for(&events, SOON, &PrinterEvent::Trouble(None));
            assert!(handle.print("2".to_owned(), page()));
            wait_for(&events, SOON, &job_is("2", Printed::Done));
            assert_eq!(printer.printed(), 1, "{options}: the dropped one does not come later");
            handle.stop();
        }
    }
}

#[test]
fn a_roll_near_its_end_and_a_slow_printer_print() {
    for (printer, _port, options) in every_way() {
        printer.set_faults(PrinterFaults { paper_low: true, slow: true, ..Default::default() });
        let (handle, events) = told(&options);
        wait_for(&events, SOON, &PrinterEvent::Trouble(Some(Trouble::PaperLow)));
        assert!(handle.print("1".to_owned(), page()), "{options}");
        wait_for(&events, SOON, &job_is("1", Printed::Done));
        handle.stop();
    }
}

#[test]
fn a_printer_that_does_not_answer_is_told_within_two_seconds_and_holds_nobody() {
    for (printer, _port, options) in every_way() {
        let (handle, events) = told(&options);
        wait_for(&events, SOON, &PrinterEvent::State(DeviceState::Working));
        printer.set_faults(PrinterFaults { mute: true, ..Default::default() });
        wait_for(&events, TOLD, &PrinterEvent::Trouble(Some(Trouble::Silent)));
        // It may print all the same; nobody knows.
        let taken = (0..20).filter(|number| handle.print(number.to_string(), page())).count();
        assert!((MOST_WAITING..20).contains(&taken), "{taken} jobs wait, and no more");
        assert!(printer.wait_for(0, SOON).is_some(), "{options}");
        wait_for(&events, PRINTING + SOON, &job_is("0", Printed::Sent));
        let stopping = Instant::now();
        handle.stop();
        assert!(stopping.elapsed() < STOP * 2, "{options}: nor does the end");
    }
}

#[test]
fn an_unplugged_printer_is_lost_and_used_again() {
    let printer = SimulatedPrinter::new();
    let port = printer.on_tcp("127.0.0.1:0").expect("a port");
    let at = port.address().place().to_owned();
    let (handle, events) = told(&at);
    wait_for(&events, SOON, &PrinterEvent::State(DeviceState::Working));
    drop(port);
    wait_for(&events, TOLD, &PrinterEvent::State(DeviceState::Lost));
    assert!(handle.print("gone on".to_owned(), page()));
    wait_for(&events, SOON, &job_is("gone on", Printed::Failed(Trouble::Gone)));
    let _port = printer.on_tcp(at.as_str()).expect("the same port");
    wait_for(&events, Duration::from_secs(3), &PrinterEvent::State(DeviceState::Working));
    assert!(handle.print("next".to_owned(), page()));
    wait_for(&events, SOON, &job_is("next", Printed::Done));
    assert_eq!(printer.printed(), 1);
    handle.stop();
}

#[test]
fn a_file_that_is_no_device_is_no_printer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lp0");
    std::fs::write(&path, "").expect("written");
    let options = format!("file:{}", path.display()).parse().expect("options");
    assert!(try_printer(&options).is_err());
    assert_eq!(std::fs::read(&path).expect("there"), b"");
}
