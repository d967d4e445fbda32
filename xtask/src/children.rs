//! Child processes that end when their owner does, and the ports they listen on.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

#[cfg(unix)]
use crate::ending;

/// How long a program may take to end after it was asked to.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// A running program, asked to end (SIGTERM) and waited for when dropped; also when this program
/// is itself told to end.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    /// Whether the program leads a process group of its own, which ends with it.
    leads_group: bool,
}

impl Running {
    /// Starts `command`; `name` is what messages call it.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("{name} could not be started ({command:?})"))?;
        #[cfg(unix)]
        ending::watch(child.id(), false)?;
        Ok(Self { name: name.to_owned(), child, leads_group: false })
    }

    /// Starts `command` at the head of a process group: what it starts ends with it. For drivers,
    /// which leave their browsers behind when they are told to end in the middle of a session.
    ///
    /// # Errors
    /// When the program cannot be started.
    #[cfg(unix)]
    pub fn start_group(name: &str, command: &mut Command) -> Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut running = Self::start(name, command.process_group(0))?;
        running.leads_group = true;
        ending::watch(running.id(), true)?;
        Ok(running)
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The exit status if the program has ended by itself.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until the program has ended by itself.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Asks the program to end and waits for it; kills it if it does not listen.
    pub fn stop(&mut self) {
        if !self.leads_group && matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        ask_to_end(&mut self.child, self.leads_group);
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Nothing better is left to do with a failure here: the process is gone or not ours.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until `ready` holds, while the program runs.
    ///
    /// # Errors
    /// When the program ends first, or `limit` passes.
    pub fn wait_until(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            if let Some(status) = self.ended()? {
                bail!("{} ended before it was ready ({status})", self.name);
            }
            if start.elapsed() > limit {
                bail!("{} was not ready after {} s", self.name, limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
        #[cfg(unix)]
        ending::forget(self.id());
    }
}

#[cfg(unix)]
fn ask_to_end(child: &mut Child, whole_group: bool) {
    ending::send(child.id(), whole_group, rustix::process::Signal::TERM);
}

#[cfg(not(unix))]
fn ask_to_end(child: &mut Child, _whole_group: bool) {
    let _ = child.kill();
}

/// A port of this machine that nobody listens on right now.
///
/// # Errors
/// When the system gives out none.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whether something accepts connections on `port`.
#[must_use]
pub fn listens(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok()
}

/// The answer of a plain HTTP exchange on loopback: status and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status, e.g. 200.
    pub status: u16,
    /// The value of every `set-cookie` header up to its first `;`.
    pub cookies: Vec<String>,
    /// The body as text.
    pub body: String,
}

/// One HTTP/1.1 exchange with a server of ours on loopback; enough for a demo and for tests, so
/// that neither needs a client library.
///
/// # Errors
/// When the server cannot be reached, closes early, or answers no HTTP.
pub fn http(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Result<Answer> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        request.push_str(&format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        ));
    }
    request.push_str("\r\n");
    request.push_str(body.unwrap_or_default());
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse_answer(&String::from_utf8_lossy(&bytes))
}

fn parse_answer(text: &str) -> Result<Answer> {
    let (head, body) =
        text.split_once("\r\n\r\n").context("the server closed before its headers ended")?;
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .context("the server did not answer in HTTP")?;
    let mut cookies = Vec::new();
    let mut chunked = false;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "set-cookie" => {
                cookies.push(value.split(';').next().unwrap_or_default().to_owned());
            }
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    let body = if chunked { join_chunks(body) } else { body.to_owned() };
    Ok(Answer { status, cookies, body })
}

fn join_chunks(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or(0);
        let (Some(chunk), Some(next)) = (after.get(..length), after.get(length + 2..)) else {
            break;
        };
        if length == 0 {
            break;
        }
        body.push_str(chunk);
        rest = next;
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u16, &[&str], &str)>) {
        let answer = parse_answer(text).ok();
        let expected = expected.map(|(status, cookies, body)| Answer {
            status,
            cookies: cookies.iter().map(|&cookie| cookie.to_owned()).collect(),
            body: body.to_owned(),
        });
        assert_eq!(answer, expected, "{text:?}");
    }

    #[test]
    fn answers_are_read() {
        check("HTTP/1.1 204 No Content\r\n\r\n", Some((204, &[], "")));
        check(
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; HttpOnly\r\ncontent-length: 2\r\n\r\nhi",
            Some((200, &["a=b"], "hi")),
        );
        check(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            Some((200, &[], "abcde")),
        );
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        check("", None);
        check("HTTP/1.1 200 OK\r\n", None);
        check("hello\r\n\r\n", None);
    }

    #[cfg(unix)]
    #[test]
    fn a_dropped_program_has_ended() {
        let running = Running::start("sleep", Command::new("sleep").arg("60")).unwrap();
        let id = running.id();
        drop(running);
        assert!(!std::path::Path::new(&format!("/proc/{id}/status")).exists());
    }

    #[test]
    fn a_program_that_ends_early_is_told_apart_from_a_slow_one() {
        let mut running = Running::start("true", &mut Command::new("true")).unwrap();
        let error = running.wait_until(Duration::from_secs(5), || false).unwrap_err();
        assert!(error.to_string().contains("ended before"), "{error}");
    }
}
