//! A proxy that breaks real sockets on purpose, between a station and its authority.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;

/// What is wrong with the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing.
    None,
    /// Every answer comes this much later.
    LatencyMs(u64),
    /// Every request is answered with status 500 and no JSON.
    ServerError,
    /// Every request is answered with status 200 and a page, as a hotel's log-in portal does.
    HtmlPage,
    /// Answers end after this many bytes.
    CutAfter(usize),
    /// Answers come by 64 bytes with this pause between them.
    TrickleMs(u64),
    /// Connections are reset as soon as a request arrives.
    Reset,
    /// Connections are closed as soon as they are made.
    HangUp,
}

/// The proxy; it stops when dropped.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Mutex<u16>,
    trouble: Mutex<Trouble>,
    open: Mutex<Vec<TcpStream>>,
    stopped: AtomicBool,
}

impl Proxy {
    /// Passes connections on to `upstream`, a port of this machine.
    pub(crate) fn to(upstream: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream),
            trouble: Mutex::new(Trouble::None),
            open: Mutex::new(Vec::new()),
            stopped: AtomicBool::new(false),
        });
        let for_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if for_thread.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&for_thread);
                // A broken connection is what this is for; there is nobody to tell.
                std::thread::spawn(move || {
                    let _ = shared.handle(&stream);
                });
            }
        });
        Ok(Self { port, shared })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Changes what is wrong, for connections that are open as well.
    pub(crate) fn set(&self, trouble: Trouble) {
        *self.shared.trouble.lock().unwrap() = trouble;
        self.shared.close_all();
    }

    /// Passes connections on to another port from now on.
    pub(crate) fn lead_to(&self, upstream: u16) {
        *self.shared.upstream.lock().unwrap() = upstream;
        self.shared.close_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.shared.close_all();
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl Shared {
    fn close_all(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn handle(&self, client: &TcpStream) -> Result<()> {
        let trouble = *self.trouble.lock().unwrap();
        if trouble == Trouble::Reset {
            // Closing with unread bytes makes the system send a reset instead of an end.
            client.peek(&mut [0])?;
            return Ok(());
        }
        self.open.lock().unwrap().push(client.try_clone()?);
        match trouble {
            Trouble::HangUp => {
                client.shutdown(Shutdown::Both)?;
                return Ok(());
            }
            Trouble::ServerError => {
                return canned(client, "500 Internal Server Error", "text/plain", "broken");
            }
            Trouble::HtmlPage => {
                return canned(client, "200 OK", "text/html", "<!doctype html><p>Welcome</p>");
            }
            Trouble::None
            | Trouble::Reset
            | Trouble::LatencyMs(_)
            | Trouble::CutAfter(_)
            | Trouble::TrickleMs(_) => {}
        }
        let upstream = *self.upstream.lock().unwrap();
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, upstream))?;
        self.open.lock().unwrap().push(server.try_clone()?);
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
        let result = answer(&server, client, trouble);
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
        result
    }
}

/// Copies the server's answers, with `trouble`.
fn answer(mut server: &TcpStream, mut client: &TcpStream, trouble: Trouble) -> Result<()> {
    let mut buffer = [0; 16 * 1024];
    let mut left = match trouble {
        Trouble::CutAfter(bytes) => bytes,
        _ => usize::MAX,
    };
    loop {
        let length = server.read(&mut buffer)?.min(left);
        if length == 0 {
            return Ok(());
        }
        left -= length;
        let bytes = &buffer[..length];
        match trouble {
            Trouble::LatencyMs(pause) => {
                std::thread::sleep(Duration::from_millis(pause));
                client.write_all(bytes)?;
            }
            Trouble::TrickleMs(pause) => {
                for part in bytes.chunks(64) {
                    client.write_all(part)?;
                    std::thread::sleep(Duration::from_millis(pause));
                }
            }
            _ => client.write_all(bytes)?,
        }
        if left == 0 {
            return Ok(());
        }
    }
}

/// Reads one request's head and answers it.
fn canned(mut client: &TcpStream, status: &str, kind: &str, body: &str) -> Result<()> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let length = client.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        head.extend_from_slice(&buffer[..length]);
    }
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    client.write_all(answer.as_bytes())?;
    client.shutdown(Shutdown::Write)?;
    // What is left of the request is read, so that the answer is not cut off by a reset.
    while client.read(&mut buffer)? > 0 {}
    Ok(())
}

/// A server that answers everything with `body`, until the test ends.
pub(crate) fn serve(listener: TcpListener, kind: &'static str, body: &'static str) -> impl Drop {
    struct Served(u16, Arc<AtomicBool>);
    impl Drop for Served {
        fn drop(&mut self) {
            self.1.store(true, Ordering::SeqCst);
            let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.0));
        }
    }
    let stopped = Arc::new(AtomicBool::new(false));
    let port = listener.local_addr().map_or(0, |address| address.port());
    let for_thread = Arc::clone(&stopped);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if for_thread.load(Ordering::SeqCst) {
                break;
            }
            std::thread::spawn(move || {
                let _ = canned(&stream, "200 OK", kind, body);
            });
        }
    });
    Served(port, stopped)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use xtask::children::http;

    use super::*;

    const BODY: &str = "0123456789012345678901234567890123456789012345678901234567890123456789";

    fn proxied() -> (Proxy, impl Drop) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = serve(listener, "text/plain", BODY);
        (Proxy::to(port).unwrap(), server)
    }

    #[test]
    fn every_trouble_is_seen_by_a_client() {
        let (proxy, _server) = proxied();
        let check = |trouble: Trouble, expected: Option<(u16, usize)>| {
            proxy.set(trouble);
            let answer = http(proxy.port(), "GET", "/", &[], None).ok();
            let seen = answer.map(|answer| (answer.status, answer.body.len()));
            assert_eq!(seen, expected, "{trouble:?}");
        };
        check(Trouble::None, Some((200, BODY.len())));
        check(Trouble::ServerError, Some((500, 6)));
        check(Trouble::HtmlPage, Some((200, 29)));
        check(Trouble::CutAfter(10), None);
        check(Trouble::Reset, None);
        check(Trouble::HangUp, None);
        check(Trouble::None, Some((200, BODY.len())));
    }

    #[test]
    fn slow_lines_are_slow() {
        let (proxy, _server) = proxied();
        for trouble in [Trouble::LatencyMs(200), Trouble::TrickleMs(100)] {
            proxy.set(trouble);
            let start = Instant::now();
            let answer = http(proxy.port(), "GET", "/", &[], None).unwrap();
            assert_eq!(answer.body, BODY, "{trouble:?} loses nothing");
            assert!(start.elapsed() >= Duration::from_millis(200), "{trouble:?}");
        }
    }

    #[test]
    fn another_server_can_take_over() {
        let (proxy, server) = proxied();
        drop(server);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let _server = serve(listener, "text/plain", "second");
        proxy.lead_to(port);
        let answer = http(proxy.port(), "GET", "/", &[], None).unwrap();
        assert_eq!(answer.body, "second");
    }
}
