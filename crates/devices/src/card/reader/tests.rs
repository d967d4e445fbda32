//! Against a reader that speaks the real frames over pseudo-terminals and TCP.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, atomic::AtomicBool, atomic::Ordering};
use std::thread;

use serial2::SerialPort;

use super::*;

/// What the simulated reader does just now.
#[derive(Default)]
struct Reader {
    card: Mutex<Option<Vec<u8>>>,
    /// The status of a read, in place of the card.
    refuses: Mutex<Option<u8>>,
    mute: AtomicBool,
    noisy: AtomicBool,
    damages_next: AtomicBool,
    ended: AtomicBool,
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = FIND[..5].to_vec();
    frame.extend(u16::try_from(body.len() + 1).expect("short").to_be_bytes());
    frame.extend(body);
    frame.push(frame.iter().skip(5).fold(0, |x, byte| x ^ byte));
    frame
}

/// A read of a card that says nothing but `mark`, with a photo.
fn card(mark: u8) -> Vec<u8> {
    let mut body = vec![0, 0, 0x90, 1, 0, 4, 0];
    body.resize(7 + 256, mark);
    body.resize(7 + 256 + 1024, 0x77);
    frame(&body)
}

impl Reader {
    fn answer(&self, command: &[u8]) -> Vec<u8> {
        let card = self.card.lock().expect("whole");
        let mut answer = if command == FIND {
            if card.is_some() { frame(&[0, 0, 0x9F, 0, 0, 0, 0]) } else { frame(&[0, 0, 0x80]) }
        } else if command == SELECT {
            frame(&[0, 0, 0x90, 0, 0, 0, 0, 0, 0, 0, 0])
        } else if command == READ {
            match *self.refuses.lock().expect("whole") {
                Some(status) => frame(&[0, 0, status]),
                None => card.clone().unwrap_or_else(|| frame(&[0, 0, 0x41])),
            }
        } else {
            frame(&[0, 0, 0x90])
        };
        if command == READ && self.damages_next.swap(false, Ordering::AcqRel) {
            answer[100] ^= 0x10;
        }
        if self.noisy.load(Ordering::Acquire) {
            answer.splice(0..0, *b"\xAA\xAAnoise\xAA\x96");
        }
        answer
    }

    /// Serves one wire; commands are always ten bytes. Answers leave in two pieces.
    fn serve(&self, read: impl Fn(&mut [u8]) -> std::io::Result<usize>, write: impl Fn(&[u8])) {
        let mut waiting = Vec::new();
        while !self.ended.load(Ordering::Acquire) {
            let mut buffer = [0; 64];
            match read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => waiting.extend_from_slice(&buffer[..count]),
                Err(error)
                    if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {}
                Err(_) => return,
            }
            while waiting.len() >= 10 {
                let command: Vec<u8> = waiting.drain(..10).collect();
                if !self.mute.load(Ordering::Acquire) {
                    let answer = self.answer(&command);
                    let (first, second) = answer.split_at(answer.len() / 2);
                    write(first);
                    write(second);
                }
            }
        }
    }
}

fn listen(address: ReaderAddress) -> (CardHandle, Receiver<CardEvent>) {
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

fn without_photo(frame: &[u8]) -> CardEvent {
    let heard = super::super::AnswerStream::new().push(frame);
    let [super::super::Heard::Answer(answer)] = heard.as_slice() else { panic!("one answer") };
    CardEvent::Card(answer.card().expect("a card"))
}

const SOON: Duration = Duration::from_secs(3);

/// A pseudo-terminal with the reader at its other end.
fn on_terminal(reader: &Arc<Reader>) -> (String, thread::JoinHandle<()>) {
    let (mut theirs, ours) = SerialPort::pair().expect("a pair of pseudo-terminals");
    theirs.set_read_timeout(Duration::from_millis(20)).expect("a time limit");
    let path = path_of(&ours);
    let reader = Arc::clone(reader);
    let served = thread::spawn(move || {
        let _kept_open = ours;
        reader.serve(|buffer| theirs.read(buffer), |bytes| theirs.write_all(bytes).expect("sent"));
    });
    (path, served)
}

fn path_of(port: &SerialPort) -> String {
    use std::os::fd::AsRawFd;
    let link = format!("/proc/self/fd/{}", port.as_raw_fd());
    std::fs::read_link(link).expect("a name").display().to_string()
}

#[test]
fn a_card_is_told_once_through_noise_and_damage_and_the_next_one_too() {
    let reader = Arc::new(Reader::default());
    reader.noisy.store(true, Ordering::Release);
    let (port, served) = on_terminal(&reader);
    let (handle, events) = listen(ReaderAddress::Serial { port, baud: None });
    wait_for(&events, SOON, &CardEvent::State(DeviceState::Working));
    reader.damages_next.store(true, Ordering::Release);
    *reader.card.lock().expect("whole") = Some(card(1));
    wait_for(&events, SOON, &without_photo(&card(1)));
    // It goes on lying there, and is read again and again: only the next card is news.
    thread::sleep(POLL * 4);
    *reader.card.lock().expect("whole") = Some(card(2));
    wait_for(&events, SOON, &without_photo(&card(2)));
    // Taken away for long enough and presented again, it is a presentation of its own.
    *reader.card.lock().expect("whole") = None;
    thread::sleep(SAME_PRESENTATION + POLL);
    *reader.card.lock().expect("whole") = Some(card(2));
    wait_for(&events, SOON, &without_photo(&card(2)));
    handle.stop();
    reader.ended.store(true, Ordering::Release);
    served.join().expect("the simulated reader ends");
}

#[test]
fn trouble_is_told_once_and_the_card_when_it_is_over() {
    let reader = Arc::new(Reader::default());
    *reader.refuses.lock().expect("whole") = Some(0x41);
    *reader.card.lock().expect("whole") = Some(card(1));
    let (port, served) = on_terminal(&reader);
    let (handle, events) = listen(ReaderAddress::Serial { port, baud: Some(115_200) });
    wait_for(&events, SOON, &CardEvent::Trouble(Status(0x41)));
    thread::sleep(POLL * 3);
    *reader.refuses.lock().expect("whole") = None;
    wait_for(&events, SOON, &without_photo(&card(1)));
    handle.stop();
    reader.ended.store(true, Ordering::Release);
    served.join().expect("the simulated reader ends");
}

#[test]
fn a_reader_that_falls_silent_or_goes_is_told_within_two_seconds_and_comes_back_within_three() {
    let reader = Arc::new(Reader::default());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    let (mine, hang_up) = (Arc::clone(&reader), Arc::new(AtomicBool::new(false)));
    let hung_up = Arc::clone(&hang_up);
    let served = thread::spawn(move || {
        listener.set_nonblocking(true).expect("does not wait");
        while !mine.ended.load(Ordering::Acquire) {
            let Ok((stream, _)) = listener.accept() else {
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            stream.set_nonblocking(false).expect("waits");
            stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a time limit");
            let read = |buffer: &mut [u8]| {
                if hung_up.load(Ordering::Acquire) { Ok(0) } else { (&stream).read(buffer) }
            };
            mine.serve(read, |bytes| {
                let _ = (&stream).write_all(bytes);
            });
        }
    });
    let (handle, events) = listen(ReaderAddress::Tcp(address));
    let (lost, works) =
        (CardEvent::State(DeviceState::Lost), CardEvent::State(DeviceState::Working));
    wait_for(&events, SOON, &works);
    for fault in [&reader.mute, hang_up.as_ref()] {
        fault.store(true, Ordering::Release);
        wait_for(&events, Duration::from_secs(2), &lost);
        fault.store(false, Ordering::Release);
        wait_for(&events, SOON, &works);
    }
    let stopping = Instant::now();
    handle.stop();
    assert!(stopping.elapsed() < STOP, "the thread ends by itself");
    assert!(
        events.recv_timeout(SOON).is_ok_and(|event| event == CardEvent::State(DeviceState::Off))
    );
    reader.ended.store(true, Ordering::Release);
    served.join().expect("the simulated reader ends");
}
