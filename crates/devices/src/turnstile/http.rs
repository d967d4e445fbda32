//! Relays with a web server of their own.

use std::io::{self, ErrorKind};
use std::net::{TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, Url};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::Relay;

/// How long connecting may last.
const CONNECT: Duration = Duration::from_millis(800);

/// How long a whole answer may take: the desk is to say within two seconds that there is none.
const ANSWER: Duration = Duration::from_millis(1500);

/// How often an arm is asked for.
const ASK: Duration = Duration::from_millis(100);

/// How often an idle relay is looked for.
const ALIVE: Duration = Duration::from_secs(1);

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// A relay, and the input that tells of the arm.
pub(super) struct HttpRelay {
    client: Client,
    runtime: Runtime,
    open: Url,
    method: Method,
    turned: Option<Url>,
    /// Whether the input was seen off since the order: only then, on is a passage.
    was_off: bool,
    asked: Instant,
}

impl HttpRelay {
    pub(super) fn new(open: &str, post: bool, turned: Option<&str>) -> io::Result<Self> {
        let wrong = |_| io::Error::from(ErrorKind::InvalidInput);
        let url =
            |text: &str| Url::parse(text).map_err(|_| io::Error::from(ErrorKind::InvalidInput));
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(wrong)?;
        let mut relay = Self {
            client,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            open: url(open)?,
            method: if post { Method::POST } else { Method::GET },
            turned: turned.map(url).transpose()?,
            was_off: false,
            asked: Instant::now(),
        };
        relay.greet()?;
        Ok(relay)
    }

    /// Finds out whether it is there: by its input, or by connecting alone.
    fn greet(&mut self) -> io::Result<()> {
        self.asked = Instant::now();
        if self.turned.is_some() {
            return self.input_is_on().map(drop);
        }
        let host = self.open.host_str().unwrap_or_default();
        let host = host.trim_matches(['[', ']']);
        let port = self.open.port_or_known_default().unwrap_or(80);
        let mut addresses = (host, port).to_socket_addrs()?;
        let address = addresses.next().ok_or(ErrorKind::AddrNotAvailable)?;
        TcpStream::connect_timeout(&address, CONNECT).map(drop)
    }

    fn input_is_on(&mut self) -> io::Result<bool> {
        self.asked = Instant::now();
        let Some(turned) = self.turned.clone() else { return Ok(false) };
        let text = self.ask(Method::GET, turned)?;
        is_on(&text).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    fn ask(&self, method: Method, url: Url) -> io::Result<String> {
        let answer = self.runtime.block_on(async {
            let mut answer = self.client.request(method, url).send().await?.error_for_status()?;
            let (is_done, mut text) = (answer.status().is_success(), Vec::new());
            while let Some(chunk) = answer.chunk().await? {
                text.extend_from_slice(&chunk);
                if text.len() as u64 > LONGEST {
                    return Ok((false, text));
                }
            }
            Ok((is_done, text))
        });
        // Another page, such as one to sign in at, or one without end: nothing was opened.
        let answer = match answer {
            Ok((false, _)) => return Err(ErrorKind::InvalidData.into()),
            Ok((true, text)) => Ok(String::from_utf8_lossy(&text).into_owned()),
            Err(error) => Err(error),
        };
        answer.map_err(|error: reqwest::Error| {
            // Without the address, which may hold a password.
            let kind = if error.is_timeout() { ErrorKind::TimedOut } else { ErrorKind::Other };
            io::Error::new(kind, error.without_url())
        })
    }
}

/// What an answer says of an input: Shelly's `{"id":0,"state":true}` and `{"input":1}`,
/// `ESPHome`'s `{"state":"ON","value":true}`.
fn is_on(text: &str) -> Option<bool> {
    let answer: Value = serde_json::from_str(text).ok()?;
    ["value", "state", "input"].iter().find_map(|name| match answer.get(name)? {
        Value::Bool(on) => Some(*on),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(word) if word.eq_ignore_ascii_case("on") => Some(true),
        Value::String(word) if word.eq_ignore_ascii_case("off") => Some(false),
        _ => None,
    })
}

impl Relay for HttpRelay {
    fn open(&mut self) -> io::Result<()> {
        if self.turned.is_some() {
            self.was_off = !self.input_is_on()?;
        }
        self.ask(self.method.clone(), self.open.clone()).map(drop)
    }

    fn tells(&self) -> bool {
        self.turned.is_some()
    }

    fn look(&mut self) -> io::Result<bool> {
        thread::sleep(ASK);
        let on = self.input_is_on()?;
        let turned = on && self.was_off;
        self.was_off |= !on;
        Ok(turned)
    }

    fn release(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn idle(&mut self) -> io::Result<()> {
        if self.asked.elapsed() < ALIVE { Ok(()) } else { self.greet() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_usual_relays_are_understood_and_others_are_not() {
        for (text, expect) in [
            (r#"{"id":0,"state":true}"#, Some(true)),
            (r#"{"id":0,"state":false}"#, Some(false)),
            (r#"{"input":1,"event":"S","event_cnt":2}"#, Some(true)),
            (r#"{"input":0}"#, Some(false)),
            (r#"{"id":"binary_sensor-arm","value":false,"state":"OFF"}"#, Some(false)),
            (r#"{"state":"ON"}"#, Some(true)),
            (r#"{"state":"half"}"#, None),
            (r#"{"id":1}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(is_on(text), expect, "{text}");
        }
    }
}
