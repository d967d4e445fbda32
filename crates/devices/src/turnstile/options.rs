//! Which relay, where, and how it is told: one line of settings.

use std::io;
use std::str::FromStr;
use std::time::Duration;

use super::Relay;
use super::http::HttpRelay;
use super::lines::{BytesRelay, LcusRelay};
use super::modbus::ModbusRelay;
use crate::event::{DeviceId, DeviceKind};
use crate::wire::LineAddress;

/// How the relay is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// An LCUS board: a USB cable with a CH340 and a relay at its end. It never answers.
    Lcus {
        /// Where it is.
        at: LineAddress,
        /// Which relay of the board, from 1.
        relay: u8,
    },
    /// A board that speaks Modbus: write single coil, read discrete inputs.
    Modbus {
        /// Where it is.
        at: LineAddress,
        /// How a request is framed.
        framing: Framing,
        /// The board's address, 1 to 247 (boards of LC Technology have 255).
        unit: u8,
        /// Which relay, from 1.
        relay: u16,
        /// To which input the turnstile's signal of a passage is wired, from 1.
        input: Option<u16>,
    },
    /// Anything that takes bytes and sends bytes, as its own manual gives them.
    Bytes {
        /// Where it is.
        at: LineAddress,
        /// What opens it.
        open: Vec<u8>,
        /// What it answers to that, if it answers.
        answer: Option<Vec<u8>>,
        /// What it sends when the arm has turned.
        turned: Option<Vec<u8>>,
    },
    /// A relay with a web server of its own: Shelly, `ESPHome`, Tasmota.
    Http {
        /// What is asked for to open it.
        open: String,
        /// Whether by POST rather than GET.
        post: bool,
        /// What is asked again and again for the input to which the signal of a passage is
        /// wired: JSON with `state`, `value` or `input`.
        turned: Option<String>,
    },
}

/// How a request of Modbus is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// With a checksum: on serial lines, and through adapters that pass bytes on unchanged.
    Rtu,
    /// With a header, on TCP, usually port 502.
    Tcp,
}

/// A turnstile and how long a person may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnstileOptions {
    /// How it is told.
    pub control: Control,
    /// How long the relay is held, where the relay does not know by itself.
    pub pulse: Duration,
    /// Within this time the arm turns, or nobody has gone through.
    pub turns_within: Duration,
}

/// What is wrong with a line of settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// It does not begin as any does.
    #[error("begin with lcus:, modbus:, modbus-tcp:, bytes: or http://")]
    Kind,
    /// Where it is.
    #[error("after the kind {0}")]
    Place(#[from] crate::wire::AddressError),
    /// Not a web address.
    #[error("`{0}` is not an address such as http://10.0.0.9/relay/0?turn=on")]
    Url(&'static str),
    /// What is no option of this kind.
    #[error("`{0}` is not an option here")]
    Unknown(String),
    /// What an option takes.
    #[error("`{0}` takes {1}")]
    Value(&'static str, &'static str),
    /// What has to be given.
    #[error("give `{0}`")]
    Missing(&'static str),
}

const HEX: &str = "hexadecimal digits, such as A00101A2";

/// The words of a line after the first: `name=value`.
struct Words<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Words<'a> {
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|(key, _)| *key == name)?;
        Some(self.0.remove(at).1)
    }

    fn number(
        &mut self,
        name: &'static str,
        (least, most): (u32, u32),
        words: &'static str,
    ) -> Result<Option<u32>, OptionsError> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or(OptionsError::Value(name, words))
    }

    fn bytes(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, OptionsError> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let bytes = hex::decode(text).ok().filter(|bytes| (1..=64).contains(&bytes.len()));
        bytes.map(Some).ok_or(OptionsError::Value(name, HEX))
    }

    fn line(&mut self, place: &str) -> Result<LineAddress, OptionsError> {
        let at: LineAddress = place.parse()?;
        let baud = self.number("baud", (300, 921_600), "a speed such as 9600")?;
        Ok(match at {
            LineAddress::Serial { port, .. } => LineAddress::Serial { port, baud },
            tcp @ LineAddress::Tcp(_) => tcp,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "every number was checked against its limits")]
impl FromStr for TurnstileOptions {
    type Err = OptionsError;

    /// Takes `lcus:/dev/ttyUSB0 relay=1`, `modbus:/dev/ttyUSB0 unit=1 relay=1 input=1`,
    /// `modbus-tcp:10.0.0.9:502 input=1`, `bytes:/dev/ttyUSB0 open=A00101A2 turned=54`,
    /// `http://10.0.0.9/relay/0?turn=on&timer=1 turned=http://10.0.0.9/input/0`; each may have
    /// `within` in seconds, serial ones `baud`, and those that are let go again `pulse` in
    /// milliseconds.
    fn from_str(text: &str) -> Result<Self, OptionsError> {
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        let mut rest = Vec::new();
        for word in words {
            let pair = word.split_once('=');
            rest.push(pair.ok_or_else(|| OptionsError::Unknown(word.to_owned()))?);
        }
        let mut words = Words(rest);
        let control = if first.starts_with("http://") || first.starts_with("https://") {
            let post = match words.take("method") {
                None | Some("get") => false,
                Some("post") => true,
                Some(_) => return Err(OptionsError::Value("method", "get or post")),
            };
            let turned = words.take("turned").map(|turned| url(turned, "turned")).transpose()?;
            Control::Http { open: url(first, "the first")?, post, turned }
        } else {
            let (kind, place) = first.split_once(':').ok_or(OptionsError::Kind)?;
            let relay = "the number of a relay, from 1";
            match kind {
                "lcus" => Control::Lcus {
                    at: words.line(place)?,
                    relay: words.number("relay", (1, 16), relay)?.unwrap_or(1) as u8,
                },
                "modbus" | "modbus-tcp" => Control::Modbus {
                    at: words.line(place)?,
                    framing: if kind == "modbus" { Framing::Rtu } else { Framing::Tcp },
                    unit: words.number("unit", (1, 255), "1 to 255")?.unwrap_or(1) as u8,
                    relay: words.number("relay", (1, 256), relay)?.unwrap_or(1) as u16,
                    input: words
                        .number("input", (1, 256), "the number of an input, from 1")?
                        .map(|input| input as u16),
                },
                "bytes" => Control::Bytes {
                    at: words.line(place)?,
                    open: words.bytes("open")?.ok_or(OptionsError::Missing("open"))?,
                    answer: words.bytes("answer")?,
                    turned: words.bytes("turned")?,
                },
                _ => return Err(OptionsError::Kind),
            }
        };
        let held = matches!(control, Control::Lcus { .. } | Control::Modbus { .. });
        let pulse = if held { words.number("pulse", (50, 10_000), "milliseconds")? } else { None };
        let pulse = Duration::from_millis(if held { pulse.unwrap_or(1000).into() } else { 0 });
        let within = words.number("within", (1, 60), "seconds, 1 to 60")?.unwrap_or(8);
        if let Some((name, _)) = words.0.first() {
            return Err(OptionsError::Unknown((*name).to_owned()));
        }
        Ok(Self { control, pulse, turns_within: Duration::from_secs(within.into()) })
    }
}

fn url(text: &str, which: &'static str) -> Result<String, OptionsError> {
    let parsed = reqwest::Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
    });
    parsed.map(|_| text.to_owned()).ok_or(OptionsError::Url(which))
}

impl TurnstileOptions {
    /// Its id: `turnstile:` and where it is. Of a web address only the host, since the rest may
    /// hold a password.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        match &self.control {
            Control::Lcus { at, .. } | Control::Modbus { at, .. } | Control::Bytes { at, .. } => {
                at.id(DeviceKind::Turnstile)
            }
            Control::Http { open, .. } => {
                let url = reqwest::Url::parse(open).ok();
                let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
                DeviceId::from_text(&format!("turnstile:{host}"))
            }
        }
    }

    /// The serial port it is on, if it is on one.
    #[must_use]
    pub fn serial_port(&self) -> Option<&str> {
        match &self.control {
            Control::Lcus { at, .. } | Control::Modbus { at, .. } | Control::Bytes { at, .. } => {
                at.serial_port()
            }
            Control::Http { .. } => None,
        }
    }

    /// Reaches the relay, and lets it go if it was left open.
    pub(super) fn connect(&self) -> io::Result<Box<dyn Relay>> {
        Ok(match &self.control {
            Control::Lcus { at, relay } => Box::new(LcusRelay::new(at, *relay)?),
            Control::Bytes { at, open, answer, turned } => {
                Box::new(BytesRelay::new(at, open, answer.as_deref(), turned.as_deref())?)
            }
            Control::Modbus { at, framing, unit, relay, input } => {
                Box::new(ModbusRelay::new(at, *framing, *unit, *relay, *input)?)
            }
            Control::Http { open, post, turned } => {
                Box::new(HttpRelay::new(open, *post, turned.as_deref())?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<(&str, u64, u64), &str>) {
        let options: Result<TurnstileOptions, _> = text.parse();
        let seen = options.as_ref().map(|options| {
            let within = options.turns_within.as_secs();
            let pulse = u64::try_from(options.pulse.as_millis()).expect("short");
            (options.id().as_str().to_owned(), pulse, within)
        });
        let seen = seen.map_err(ToString::to_string);
        let expect = expect.map(|(id, pulse, within)| (id.to_owned(), pulse, within));
        assert_eq!(seen, expect.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn a_line_says_which_relay_and_what_is_wrong_with_it_is_named() {
        check("lcus:/dev/ttyUSB0", Ok(("turnstile:/dev/ttyUSB0", 1000, 8)));
        check(" lcus:COM3 relay=2 pulse=300 within=5 ", Ok(("turnstile:COM3", 300, 5)));
        check("modbus:/dev/ttyUSB0 input=1 baud=115200", Ok(("turnstile:/dev/ttyUSB0", 1000, 8)));
        check("modbus-tcp:10.0.0.9:502 unit=255", Ok(("turnstile:10.0.0.9:502", 1000, 8)));
        check("bytes:10.0.0.9:4001 open=54 turned=5455", Ok(("turnstile:10.0.0.9:4001", 0, 8)));
        let shelly =
            "http://me:secret@10.0.0.9/relay/0?turn=on&timer=1 turned=http://10.0.0.9/input/0";
        check(shelly, Ok(("turnstile:10.0.0.9", 0, 8)));
        let kind = "begin with lcus:, modbus:, modbus-tcp:, bytes: or http://";
        for bad in ["", "/dev/ttyUSB0", "relay:/dev/ttyUSB0", "ftp://10.0.0.9/"] {
            check(bad, Err(kind));
        }
        let place = "after the kind give a serial port such as /dev/ttyUSB0 or COM3, or host:port";
        check("lcus:", Err(place));
        check("lcus:/dev/ttyUSB0 relay=0", Err("`relay` takes the number of a relay, from 1"));
        check("lcus:/dev/ttyUSB0 input=1", Err("`input` is not an option here"));
        check("lcus:/dev/ttyUSB0 fast", Err("`fast` is not an option here"));
        check("bytes:/dev/ttyUSB0", Err("give `open`"));
        check(
            "bytes:/dev/ttyUSB0 open=A0Z",
            Err("`open` takes hexadecimal digits, such as A00101A2"),
        );
        check("modbus:/dev/ttyUSB0 within=0", Err("`within` takes seconds, 1 to 60"));
        let not = "is not an address such as http://10.0.0.9/relay/0?turn=on";
        check("http://", Err(&format!("`the first` {not}")));
        check("http://h/ turned=/input", Err(&format!("`turned` {not}")));
        check("http://h/ method=put", Err("`method` takes get or post"));
        check("http://h/ pulse=100", Err("`pulse` is not an option here"));
    }
}
